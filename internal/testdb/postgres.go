package testdb

import (
	"context"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Postgres returns the URL of a fresh, empty PostgreSQL database for this test.
func Postgres(t testing.TB) string {
	t.Helper()
	name := createPostgres(t)
	t.Cleanup(func() { dropPostgres(t, name) })
	// Registered later, so done before the drop.
	t.Cleanup(func() { checkPostgres(t, name) })
	return withDatabase(t, server(t, EnvPostgres), name)
}

// PgBouncer returns the URL of a fresh database, reached through PgBouncer in transaction
// mode. That PgBouncer knows no prepared statements, so pgx needs another
// default_query_exec_mode than its own (cache_statement).
func PgBouncer(t testing.TB) string {
	t.Helper()
	return Pooled(t, Postgres(t))
}

// Pooled returns the way through PgBouncer to the database that dsn, made by [Postgres],
// reaches directly: for tests that need both ways to the same rows.
func Pooled(t testing.TB, dsn string) string {
	t.Helper()
	bouncer := server(t, EnvPgBouncer)
	direct, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	name := direct.Path[1:]
	// PgBouncer keeps connections to the server open for its clients to come, which
	// must go before anybody looks for a test's own.
	t.Cleanup(func() { closePooled(t, bouncer, name) })
	return withDatabase(t, bouncer, name)
}

func createPostgres(t testing.TB) (name string) {
	t.Helper()
	name = newName()
	// template1 cannot be copied while anybody is connected to it; template0 is never in use.
	execPostgres(t, t.Context(), "CREATE DATABASE "+quote(name)+" TEMPLATE template0")
	return name
}

func dropPostgres(t testing.TB, name string) {
	t.Helper()
	ctx, cancel := forCleanup()
	defer cancel()
	for _, database := range queryPostgres(t, ctx,
		"SELECT datname FROM pg_database WHERE datname = $1 OR starts_with(datname, $1 || '_')", name) {
		execPostgres(t, ctx, "DROP DATABASE IF EXISTS "+quote(database)+" WITH (FORCE)")
	}
}

func checkPostgres(t testing.TB, name string) {
	t.Helper()
	ctx, cancel := forCleanup()
	defer cancel()
	awaitClosed(t, name, func() ([]string, error) {
		return selectPostgres(ctx, server(t, EnvPostgres), `
			SELECT format('%s: pid %s, application %L, %s since %s, last query: %s',
				datname, pid, application_name, state, state_change, query)
			FROM pg_stat_activity
			WHERE (datname = $1 OR starts_with(datname, $1 || '_'))
				AND backend_type = 'client backend'
			ORDER BY pid`, name)
	})
}

func execPostgres(t testing.TB, ctx context.Context, sql string) {
	t.Helper()
	err := onPostgres(ctx, server(t, EnvPostgres), func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, sql)
		return err
	})
	if err != nil {
		t.Fatalf("testdb: %s: %v", sql, err)
	}
}

func queryPostgres(t testing.TB, ctx context.Context, sql string, args ...any) []string {
	t.Helper()
	list, err := selectPostgres(ctx, server(t, EnvPostgres), sql, args...)
	if err != nil {
		t.Fatalf("testdb: %s: %v", sql, err)
	}
	return list
}

// selectPostgres returns the first column of a query's rows.
func selectPostgres(ctx context.Context, dsn, sql string, args ...any) (list []string, err error) {
	err = onPostgres(ctx, dsn, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return list, err
}

// onPostgres connects, rather than keeping a pool, because a package's state would outlive
// the tests that need it.
func onPostgres(ctx context.Context, dsn string, fn func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	err = fn(conn)
	// Closing tells the server; that it could not be told changes nothing.
	_ = conn.Close(ctx)
	return err
}

// withDatabase replaces the database in a URL.
func withDatabase(t testing.TB, dsn, name string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	u.Path = "/" + name
	return u.String()
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
