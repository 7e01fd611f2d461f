package testdb

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestPostgresIsFresh(t *testing.T) {
	t.Parallel()
	first, second := Postgres(t), Postgres(t)
	if first == second {
		t.Fatalf("two calls, one database: %s", first)
	}
	one := connect(t, first)
	exec(t, one, "CREATE TABLE here (id int)")
	two := connect(t, second)
	exec(t, two, "CREATE TABLE here (id int)") // fails if it were the same database
}

func TestPostgresDropsWhatIsTheTests(t *testing.T) {
	t.Parallel()
	neighbour := Postgres(t)
	var name string
	failures := (&recorder{TB: t}).run(func(rt testing.TB) {
		dsn := Postgres(rt)
		conn := connect(rt, dsn)
		name = conn.Config().Database
		exec(rt, conn, "CREATE DATABASE "+quote(name+"_Two"))
		exec(rt, conn, "CREATE DATABASE "+quote(name+"x"))
	})
	if failures != "" {
		t.Fatal(failures)
	}
	conn := connect(t, neighbour)
	left := strings.Join(columnOf(t, conn, "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", name), " ")
	if left != name+"x" {
		t.Errorf("databases left: %q, want only %q, which does not belong to the test", left, name+"x")
	}
	exec(t, conn, "DROP DATABASE "+quote(name+"x"))
}

func TestPostgresReportsLeak(t *testing.T) {
	t.Parallel()
	var leaked *pgx.Conn
	failures := (&recorder{TB: t}).run(func(rt testing.TB) {
		leaked = open(rt, Postgres(rt))
	})
	defer func() { _ = leaked.Close(context.Background()) }()
	if !strings.Contains(failures, "left 1 connection(s)") {
		t.Errorf("an open connection went unnoticed: %q", failures)
	}
	if err := leaked.Ping(t.Context()); err == nil {
		t.Error("the database was not dropped")
	}
}

func TestPgBouncerSharesConnections(t *testing.T) {
	t.Parallel()
	dsn := PgBouncer(t)
	backends := map[string]bool{}
	for range 20 {
		for _, pid := range columnOf(t, connect(t, dsn), "SELECT pg_backend_pid()::text") {
			backends[pid] = true
		}
	}
	if len(backends) > 4 {
		t.Errorf("20 clients were on %d backends, want at most the pool's 4", len(backends))
	}
}

func TestPooledReachesTheSameDatabase(t *testing.T) {
	t.Parallel()
	direct := Postgres(t)
	exec(t, connect(t, direct), "CREATE TABLE here (id int)")
	exec(t, connect(t, Pooled(t, direct)), "INSERT INTO here VALUES (1)")
}

func TestPgBouncerTakesTestsOwnRoles(t *testing.T) {
	t.Parallel()
	direct := Postgres(t)
	admin := connect(t, direct)
	role := "role_" + newName()
	exec(t, admin, "CREATE ROLE "+role+" LOGIN")
	t.Cleanup(func() {
		execPostgres(t, context.Background(), "DROP ROLE "+role)
	})
	dsn := strings.Replace(Pooled(t, direct), "postgres@", role+"@", 1)
	if user := columnOf(t, connect(t, dsn), "SELECT current_user::text"); user[0] != role {
		t.Errorf("logged in as %v, want %s", user, role)
	}
}

func TestPgBouncerReportsLeak(t *testing.T) {
	t.Parallel()
	var leaked *pgx.Conn
	failures := (&recorder{TB: t}).run(func(rt testing.TB) {
		leaked = open(rt, PgBouncer(rt))
	})
	defer func() { _ = leaked.Close(context.Background()) }()
	if !strings.Contains(failures, "left 1 connection(s)") {
		t.Errorf("an open client went unnoticed: %q", failures)
	}
}

// connect opens a connection that is closed with the test.
func connect(t testing.TB, dsn string) *pgx.Conn {
	t.Helper()
	conn := open(t, dsn)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func open(t testing.TB, dsn string) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatalf("%s: %v", dsn, err)
	}
	// Works on both ways to the server.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatalf("%s: %v", dsn, err)
	}
	return conn
}

func exec(t testing.TB, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func columnOf(t testing.TB, conn *pgx.Conn, sql string, args ...any) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return list
}
