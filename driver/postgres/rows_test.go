package postgres_test

import (
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

func leave(t *testing.T, r driver.Runner, s *driver.Statement) (took time.Duration) {
	t.Helper()
	rows, err := r.Query(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	start := time.Now()
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	return time.Since(start)
}

func series(n string) *driver.Statement {
	return &driver.Statement{
		Text:    "SELECT repeat('x', 100) || generate_series(1, $1)", // as it goes; in FROM it is all made first
		Args:    []dialect.Arg{{Value: n, Kind: dialect.Int64}},
		Columns: []dialect.Kind{dialect.Text},
	}
}

// TestCloseEarly asserts that a short remainder keeps the connection and a long or slow one
// does not keep the caller.
func TestCloseEarly(t *testing.T) {
	t.Parallel()
	pool, _, db := opened(t, asItIs)
	for range 20 {
		leave(t, db, series("100"))
	}
	if made := pool.Stat().NewConnsCount(); made != 1 {
		t.Errorf("short remainders took %d connections, want 1", made)
	}
	for range 2 * poolSize {
		// A hundred gigabytes would take minutes.
		if took := leave(t, db, series("1000000000")); took > 5*time.Second {
			t.Errorf("leaving a long result took %v", took)
		}
	}
	if made := pool.Stat().NewConnsCount(); made < poolSize {
		t.Errorf("long remainders took %d connections; they were read to the end", made)
	}
	slow := &driver.Statement{
		Text: `SELECT repeat('x', 10000) || n || CASE WHEN n > 10 THEN pg_sleep(1)::text ELSE '' END
			FROM generate_series(1, 30) n`,
		Columns: []dialect.Kind{dialect.Text},
	}
	if took := leave(t, db, slow); took > 5*time.Second {
		t.Errorf("leaving a slow result took %v", took)
	}
	running := &driver.Statement{
		Text: `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT repeat%'
			AND state = 'active'`,
		Columns: []dialect.Kind{dialect.Int64},
	}
	left := int64(-1)
	for end := time.Now().Add(5 * time.Second); left != 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if err := one(t, db, running, &left); err != nil {
			t.Fatal(err)
		}
	}
	if left != 0 {
		t.Errorf("%d results that nobody reads are still made", left)
	}
}

// TestCloseWrite asserts that a write is not broken off with its result.
func TestCloseWrite(t *testing.T) {
	t.Parallel()
	_, _, db := opened(t, asItIs)
	exec(t, db, "CREATE TABLE kept (v text)")
	const n = 20_000
	leave(t, db, &driver.Statement{
		Text:    "INSERT INTO kept SELECT repeat('x', 100) FROM generate_series(1, $1) RETURNING v",
		Args:    []dialect.Arg{arg(dialect.Int32, int64(n))},
		Columns: []dialect.Kind{dialect.Text}, Write: true,
	})
	var got int64
	count := &driver.Statement{Text: "SELECT count(*) FROM kept", Columns: []dialect.Kind{dialect.Int64}}
	if err := one(t, db, count, &got); err != nil || got != n {
		t.Errorf("%d rows, want %d, error %v", got, n, err)
	}
}

// TestTerminated asserts that a lost connection is Unreachable, and that the pool gets over it.
func TestTerminated(t *testing.T) {
	t.Parallel()
	_, d, db := opened(t, asItIs)
	tx, err := db.Begin(t.Context(), driver.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var pid int32
	if err := one(t, tx, &driver.Statement{Text: "SELECT pg_backend_pid()", Columns: []dialect.Kind{dialect.Int32}}, &pid); err != nil {
		t.Fatal(err)
	}
	exec(t, db, "SELECT pg_terminate_backend($1)", arg(dialect.Int32, int64(pid)))
	for range 2 {
		if _, err = tx.Exec(t.Context(), &driver.Statement{Text: "SELECT 1"}); d.Fault(err).Kind != driver.Unreachable {
			t.Errorf("fault %+v of %v", d.Fault(err), err)
		}
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	for range 2 * poolSize {
		exec(t, db, "SELECT 1")
	}
}
