package isolation

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/rowhouse/rowhouse/internal/testdb"
)

// TestPgBouncer is the control of the runs through PgBouncer: it does share the server's
// connections among its clients, and a setting of one client does reach another. A library that
// routed by search_path would have failed there.
func TestPgBouncer(t *testing.T) {
	t.Parallel()
	dsn := testdb.PgBouncer(t)
	one, other := client(t, dsn), client(t, dsn)
	if !soon(func() bool {
		return ask(t, one, "SELECT pg_backend_pid()::text") == ask(t, other, "SELECT pg_backend_pid()::text")
	}) {
		t.Fatal("two clients never had the same server connection: nothing is shared here, so nothing is proven here")
	}
	ask(t, one, "SET search_path TO leaked")
	if !soon(func() bool { return ask(t, other, "SHOW search_path") == "leaked" }) {
		t.Fatal("a client's search_path never reached the other client: the runs through PgBouncer could not have failed by it")
	}
}

func client(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// ask returns the one value that a statement answers with, if any.
func ask(t *testing.T, conn *pgx.Conn, text string) (answer string) {
	t.Helper()
	rows, err := conn.Query(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.ForEachRow(rows, []any{&answer}, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	return answer
}

// soon tries a few times.
func soon(fn func() bool) bool {
	for range 100 {
		if fn() {
			return true
		}
	}
	return false
}
