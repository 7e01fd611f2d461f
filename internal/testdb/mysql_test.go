package testdb

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

func TestMySQLDropsWhatIsTheTests(t *testing.T) {
	t.Parallel()
	neighbour := openMySQL(t, MySQL(t))
	var name string
	failures := (&recorder{TB: t}).run(func(rt testing.TB) {
		dsn := MySQL(rt)
		config, err := mysql.ParseDSN(dsn)
		if err != nil {
			rt.Fatalf("%v", err)
		}
		name = config.DBName
		db := openMySQL(rt, dsn)
		for _, statement := range []string{
			"CREATE TABLE here (id int)",
			"CREATE DATABASE `" + name + "_Two`",
			"CREATE DATABASE " + name + "x",
		} {
			if _, err := db.ExecContext(rt.Context(), statement); err != nil {
				rt.Fatalf("%s: %v", statement, err)
			}
		}
	})
	if failures != "" {
		t.Fatal(failures)
	}
	var left string
	if err := neighbour.QueryRowContext(t.Context(),
		"SELECT GROUP_CONCAT(schema_name) FROM information_schema.schemata WHERE schema_name LIKE CONCAT(?, '%')",
		name).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if left != name+"x" {
		t.Errorf("databases left: %q, want only %q, which does not belong to the test", left, name+"x")
	}
	if _, err := neighbour.ExecContext(t.Context(), "DROP DATABASE "+name+"x"); err != nil {
		t.Error(err)
	}
}

func TestMySQLIsUTF8(t *testing.T) {
	t.Parallel()
	db := openMySQL(t, MySQL(t))
	var charset string
	err := db.QueryRowContext(t.Context(), "SELECT @@character_set_database").Scan(&charset)
	if err != nil || charset != "utf8mb4" {
		t.Errorf("character set %q, error %v", charset, err)
	}
}

func TestMySQLReportsLeak(t *testing.T) {
	t.Parallel()
	var leaked *sql.DB
	failures := (&recorder{TB: t}).run(func(rt testing.TB) {
		var err error
		if leaked, err = sql.Open("mysql", MySQL(rt)); err != nil {
			rt.Fatalf("%v", err)
		}
		if err := leaked.PingContext(rt.Context()); err != nil {
			rt.Fatalf("%v", err)
		}
	})
	defer leaked.Close()
	if !strings.Contains(failures, "left 1 connection(s)") {
		t.Errorf("an open connection went unnoticed: %q", failures)
	}
}

func openMySQL(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatalf("%s: %v", dsn, err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
