package rawsql

import (
	"database/sql"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/rowhouse/rowhouse/internal/testdb"
)

// columns are those of the one table that there is on a server.
const columns = "(a integer, b integer, c integer, d integer, x integer)"

// TestRandomTextsPostgres and its kin run random texts where there is no other table than the
// tenant's: an answer that some table does not exist is one about a table that was named past the slots.
func TestRandomTextsPostgres(t *testing.T) {
	t.Parallel()
	config, err := pgx.ParseConfig(testdb.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	run := func(text string) error { _, err := conn.Exec(t.Context(), text); return err }
	randomTexts(t, PostgreSQL, run, func(err error) bool {
		e, ok := errors.AsType[*pgconn.PgError](err)
		return ok && e.Code == "42P01" && strings.HasPrefix(e.Message, "relation ") && strings.HasSuffix(e.Message, "does not exist")
	})
}

// TestRandomTextsMariaDB does so on MariaDB.
func TestRandomTextsMariaDB(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("mysql", testdb.MySQL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	run := func(text string) error { _, err := db.ExecContext(t.Context(), text); return err }
	randomTexts(t, MariaDB, run, func(err error) bool {
		const noSuchTable = 1146
		e, ok := errors.AsType[*mysql.MySQLError](err)
		return ok && e.Number == noSuchTable
	})
}

func randomTexts(t *testing.T, s Syntax, run func(string) error, missing func(error) bool) {
	t.Helper()
	mark := map[bool]string{true: "`", false: `"`}[s.mysqlish()]
	if err := run("CREATE TABLE " + mark + "42_case" + mark + " " + columns); err != nil {
		t.Fatal(err)
	}
	if err := run("EXPLAIN SELECT * FROM comment"); !missing(err) {
		t.Fatalf("the oracle sees nothing: %v", err)
	}
	var corpus []string
	for _, sql := range sources(t) {
		plain := strings.NewReplacer("{case}", mark+"42_case"+mark, "{comment}", mark+"42_case"+mark, "$1", "1", "@a", "1").Replace(sql)
		if err := run("EXPLAIN " + plain); err == nil || missing(err) {
			corpus = append(corpus, sql)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	var accepted, ran int
	for accepted < 3000 {
		source := randomText(r, corpus)
		text, err := Parse(s, source, known)
		if err != nil {
			continue
		}
		accepted++
		filled := fill(text, mark+"42_case"+mark, mark)
		err = run("EXPLAIN " + filled)
		if missing(err) {
			t.Fatalf("%s\nnames a table: %v, as\n%s", source, err, filled)
		}
		if err == nil {
			ran++
		}
	}
	if ran < 100 {
		t.Errorf("of %d texts %d were SQL: too few to prove anything", accepted, ran)
	}
	t.Logf("of %d texts that were accepted, %d were SQL; made from %d", accepted, ran, len(corpus))
}
