package testdb

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// MySQL returns the DSN, for go-sql-driver, of a fresh, empty utf8mb4 database for this test
// on MariaDB. Its user may create more databases; see the package for their names.
func MySQL(t testing.TB) string {
	t.Helper()
	config, err := mysql.ParseDSN(server(t, EnvMySQL))
	if err != nil {
		t.Fatalf("testdb: %s: %v", EnvMySQL, err)
	}
	admin := config.FormatDSN()
	config.DBName = newName()
	ctx, cancel := context.WithTimeout(t.Context(), setupTimeout)
	defer cancel()
	if err := onMySQL(ctx, admin, func(db *sql.Conn) error {
		_, err := db.ExecContext(ctx, "CREATE DATABASE "+config.DBName+" CHARACTER SET utf8mb4")
		return err
	}); err != nil {
		t.Fatalf("testdb: creating a MariaDB database: %v", err)
	}
	t.Cleanup(func() { dropMySQL(t, admin, config.DBName) })
	return config.FormatDSN()
}

func dropMySQL(t testing.TB, admin, name string) {
	t.Helper()
	ctx, cancel := forCleanup()
	defer cancel()
	err := onMySQL(ctx, admin, func(db *sql.Conn) error {
		awaitClosed(t, name, func() ([]string, error) {
			return selectMySQL(ctx, db, `
				SELECT CONCAT(db, ': connection ', id, ', ', command, ' for ', time, ' s')
				FROM information_schema.processlist WHERE `+mine("db"), name, name, name)
		})
		databases, err := selectMySQL(ctx, db,
			"SELECT schema_name FROM information_schema.schemata WHERE "+mine("schema_name")+
				" ORDER BY CHAR_LENGTH(schema_name) DESC", name, name, name) // those that refer to the first one before it
		for _, database := range databases {
			quoted := "`" + strings.ReplaceAll(database, "`", "``") + "`"
			if _, dropErr := db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+quoted); dropErr != nil && err == nil {
				err = dropErr
			}
		}
		return err
	})
	if err != nil {
		t.Errorf("testdb: dropping %s: %v", name, err)
	}
}

// mine is the condition for a database to be the test's, with three parameters for its name:
// LIKE would take the name's own underscore for a wildcard.
func mine(column string) string {
	return column + " = ? OR LEFT(" + column + ", CHAR_LENGTH(?) + 1) = CONCAT(?, '_')"
}

// selectMySQL returns the only column of a query's rows.
func selectMySQL(ctx context.Context, db *sql.Conn, query string, args ...any) (list []string, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, rows.Err()
}

func onMySQL(ctx context.Context, dsn string, fn func(*sql.Conn) error) error {
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return fn(conn)
}
