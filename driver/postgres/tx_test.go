package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/driver"
)

// TestCommitFailed asserts that a transaction that the server rolled back is not reported as
// committed, by the error that pgx has for it.
func TestCommitFailed(t *testing.T) {
	t.Parallel()
	_, d, db := opened(t, asItIs)
	tx, err := db.Begin(t.Context(), driver.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = tx.Exec(t.Context(), &driver.Statement{Text: "nonsense"})
	err = tx.Commit(t.Context())
	if !errors.Is(err, pgx.ErrTxCommitRollback) || d.Fault(err).Kind != driver.OtherFault {
		t.Errorf("Commit: %v", err)
	}
}

// TestDeferredConstraint asserts that what fails at the very end fails Commit.
func TestDeferredConstraint(t *testing.T) {
	t.Parallel()
	_, d, db := opened(t, asItIs)
	exec(t, db, "CREATE TABLE kept (id int CONSTRAINT kept_key UNIQUE DEFERRABLE INITIALLY DEFERRED)")
	tx, err := db.Begin(t.Context(), driver.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	exec(t, tx, "INSERT INTO kept VALUES (1), (1)")
	if fault := d.Fault(tx.Commit(t.Context())); fault.Kind != driver.Unique || fault.Constraint != "kept_key" {
		t.Errorf("%+v", fault)
	}
	// Outside of a transaction it fails after the rows.
	_, err = db.Exec(t.Context(), &driver.Statement{Text: "INSERT INTO kept VALUES (1), (1)", Write: true})
	if d.Fault(err).Kind != driver.Unique {
		t.Error(err)
	}
}

// TestJoinSavepoint joins a savepoint, whose end leaves its transaction open.
func TestJoinSavepoint(t *testing.T) {
	t.Parallel()
	pool, _, db := opened(t, asItIs)
	exec(t, db, "CREATE TABLE kept (id int)")
	outer, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = outer.Rollback(t.Context()) }()
	inner, err := outer.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Join(t.Context(), inner)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, tx, "INSERT INTO kept VALUES (1)")
	if err := inner.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), &driver.Statement{Text: "INSERT INTO kept VALUES (2)"}); !errors.Is(err, pgx.ErrTxClosed) {
		t.Errorf("a statement after the savepoint's end: %v", err)
	}
	if tx, err := db.Join(t.Context(), inner); !errors.Is(err, pgx.ErrTxClosed) {
		t.Errorf("joining an ended savepoint: %v, %v", tx, err)
	}
	if err := outer.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	var n int64
	if err := one(t, db, &driver.Statement{Text: "SELECT count(*) FROM kept"}, &n); err != nil || n != 0 {
		t.Errorf("%d rows, error %v", n, err)
	}
}

func TestJoinNil(t *testing.T) {
	t.Parallel()
	_, _, db := opened(t, asItIs)
	for _, v := range []any{nil, (*pgxpool.Tx)(nil), pgx.Tx(nil)} {
		if _, err := db.Join(t.Context(), v); !errors.Is(err, driver.ErrForeignTx) {
			t.Errorf("%T: %v", v, err)
		}
	}
}

// TestNativeEnded has the application end what is not its own.
func TestNativeEnded(t *testing.T) {
	t.Parallel()
	_, _, db := opened(t, asItIs)
	for range 2 * poolSize {
		tx, err := db.Begin(t.Context(), driver.TxOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.(driver.Native).Native().(pgx.Tx).Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), &driver.Statement{Text: "SELECT 1"}); !errors.Is(err, pgx.ErrTxClosed) {
			t.Errorf("Exec: %v", err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Errorf("Rollback: %v", err)
		}
	}
}

// TestRollbackKeepsConnection asserts that an ended context costs no connection: the server is
// told all the same.
func TestRollbackKeepsConnection(t *testing.T) {
	t.Parallel()
	pool, _, db := opened(t, asItIs)
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		tx, err := db.Begin(ctx, driver.TxOptions{})
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.Rollback(ctx); err != nil {
			t.Error(err)
		}
	}
	if made := pool.Stat().NewConnsCount(); made != 1 {
		t.Errorf("%d connections were made, want 1", made)
	}
}
