package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// inTx begins a transaction.
func inTx(t *testing.T, db driver.DB) driver.Tx {
	t.Helper()
	tx, err := db.Begin(t.Context(), driver.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

// TestCommitFailed asserts that a transaction that the server rolled back is not reported as
// committed, by the error that pgx has for it.
func TestCommitFailed(t *testing.T) {
	t.Parallel()
	_, d, db := opened(t, asItIs)
	tx := inTx(t, db)
	_, _ = tx.Exec(t.Context(), &driver.Statement{Text: "nonsense"})
	err := tx.Commit(t.Context())
	if !errors.Is(err, pgx.ErrTxCommitRollback) || d.Fault(err).Kind != driver.OtherFault {
		t.Errorf("Commit: %v", err)
	}
}

// TestDeferredConstraint asserts that what fails at the very end fails Commit.
func TestDeferredConstraint(t *testing.T) {
	t.Parallel()
	_, d, db := opened(t, asItIs)
	exec(t, db, "CREATE TABLE kept (id int CONSTRAINT kept_key UNIQUE DEFERRABLE INITIALLY DEFERRED)")
	tx := inTx(t, db)
	exec(t, tx, "INSERT INTO kept VALUES (1), (1)")
	if fault := d.Fault(tx.Commit(t.Context())); fault.Kind != driver.Unique || fault.Constraint != "kept_key" {
		t.Errorf("%+v", fault)
	}
	// Outside of a transaction it fails after the rows.
	_, err := db.Exec(t.Context(), &driver.Statement{Text: "INSERT INTO kept VALUES (1), (1)", Write: true})
	if d.Fault(err).Kind != driver.Unique {
		t.Error(err)
	}
}

// slowly makes a table whose rows take so many seconds to be committed.
func slowly(t *testing.T, db driver.DB, seconds string) {
	t.Helper()
	exec(t, db, "CREATE TABLE slow (id int)")
	exec(t, db, "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS "+
		"$$ BEGIN PERFORM pg_sleep("+seconds+"); RETURN NULL; END $$")
	exec(t, db, "CREATE CONSTRAINT TRIGGER lingers AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED "+
		"FOR EACH ROW EXECUTE FUNCTION linger()")
}

// TestCommitOutlives has a context end while the server commits, which is seen through, or given up after a
// time, and then nobody says that nothing was committed.
func TestCommitOutlives(t *testing.T) {
	t.Parallel()
	for _, native := range []bool{false, true} {
		t.Run(fmt.Sprintf("native %t", native), func(t *testing.T) {
			t.Parallel()
			db, _, err := commitInVain(t, "0.5", native)
			n, count := 0, &driver.Statement{Text: "SELECT count(*) FROM slow", Columns: []dialect.Kind{dialect.Int64}}
			if got := one(t, db, count, &n); err != nil || got != nil || n != 1 {
				t.Errorf("%d rows, %v, %v", n, err, got)
			}
		})
		t.Run(fmt.Sprintf("native %t, given up", native), func(t *testing.T) {
			t.Parallel()
			_, d, err := commitInVain(t, "8", native)
			if !errors.Is(err, driver.ErrAmbiguous) || !errors.Is(err, context.DeadlineExceeded) || d.Fault(err).Kind.Retryable() {
				t.Errorf("a commit that was given up: %v", err)
			}
		})
	}
}

// commitInVain commits a row that takes so many seconds, with a context that has ended by then.
func commitInVain(t *testing.T, seconds string, native bool) (driver.DB, driver.Driver, error) {
	t.Helper()
	_, d, db := opened(t, asItIs)
	slowly(t, db, seconds)
	tx := inTx(t, db)
	exec(t, tx, "INSERT INTO slow VALUES (1)")
	if native {
		if _, err := tx.(driver.Native).Native(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err := tx.Commit(ctx)
	if ctx.Err() == nil {
		t.Fatal("the commit was over before the context")
	}
	return db, d, err
}

// TestPipelineAmbiguous has a context end while the transaction of a pipeline is committed.
func TestPipelineAmbiguous(t *testing.T) {
	t.Parallel()
	_, _, db := opened(t, asItIs)
	slowly(t, db, "8")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	insert := &driver.Statement{Text: "INSERT INTO slow VALUES (1)", Write: true}
	err := driver.Pipeline(ctx, db, slices.Values([]*driver.Statement{insert}), driver.PipelineOptions{},
		func(_ int, r driver.Reply) error { return r.Err })
	if !errors.Is(err, driver.ErrAmbiguous) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

// TestCommitKilled has the server go away while it commits, a transaction or a write that is none.
func TestCommitKilled(t *testing.T) {
	t.Parallel()
	insert := &driver.Statement{Text: "INSERT INTO slow VALUES (1)", Write: true}
	for query, write := range map[string]func(db driver.DB) error{
		"commit": func(db driver.DB) error {
			tx, err := db.Begin(t.Context(), driver.TxOptions{})
			if err == nil {
				_, err = tx.Exec(t.Context(), insert)
			}
			return errors.Join(err, tx.Commit(t.Context()))
		},
		insert.Text: func(db driver.DB) error { _, err := db.Exec(t.Context(), insert); return err },
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			_, _, db := opened(t, asItIs)
			slowly(t, db, "60")
			done := make(chan error, 1)
			go func() { done <- write(db) }()
			for {
				exec(t, db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "+
					"AND query = '"+query+"' AND state = 'active' AND wait_event = 'PgSleep'")
				select {
				case err := <-done:
					if !errors.Is(err, driver.ErrAmbiguous) {
						t.Errorf("%v", err)
					}
					return
				case <-time.After(10 * time.Millisecond):
				}
			}
		})
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
		tx := inTx(t, db)
		if err := shown(t, tx).Commit(t.Context()); err != nil {
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

func shown(t *testing.T, tx driver.Tx) pgx.Tx {
	t.Helper()
	native, err := tx.(driver.Native).Native()
	if err != nil {
		t.Fatal(err)
	}
	return native.(pgx.Tx)
}

// TestNativeBegun shows a transaction before its first statement, in its middle and after a
// failure, when it is the same one each time.
func TestNativeBegun(t *testing.T) {
	t.Parallel()
	_, _, db := opened(t, asItIs)
	exec(t, db, "CREATE TABLE kept (id int)")
	id := func(r pgx.Tx) (id string) {
		if err := r.QueryRow(t.Context(), "SELECT pg_current_xact_id()::text").Scan(&id); err != nil {
			t.Fatal(err)
		}
		return id
	}
	for _, statements := range []int{0, 2} {
		tx, err := db.Begin(t.Context(), driver.TxOptions{Isolation: driver.Serializable})
		if err != nil {
			t.Fatal(err)
		}
		for range statements {
			exec(t, tx, "INSERT INTO kept VALUES (1)")
		}
		native := shown(t, tx)
		var own, level string
		ask := &driver.Statement{
			Text:    "SELECT pg_current_xact_id()::text, current_setting('transaction_isolation')",
			Columns: []dialect.Kind{dialect.Text, dialect.Text},
		}
		if err := one(t, tx, ask, &own, &level); err != nil || own != id(native) || level != "serializable" {
			t.Errorf("after %d statements: %s is another transaction than %s, or %s; error %v", statements, own, id(native), level, err)
		}
		if again := shown(t, tx); again != native {
			t.Error("shown twice, it is another")
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := native.Exec(t.Context(), "SELECT 1"); !errors.Is(err, pgx.ErrTxClosed) {
			t.Errorf("after the commit: %v", err)
		}
	}
	tx := inTx(t, db)
	_, _ = tx.Exec(t.Context(), &driver.Statement{Text: "nonsense"})
	if _, err := shown(t, tx).Exec(t.Context(), "SELECT 1"); err == nil {
		t.Error("a transaction that has failed runs a statement")
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestOutdatedTx asserts that a transaction begins anew if its first statement has not run for its
// name's sake, and keeps its options.
func TestOutdatedTx(t *testing.T) {
	t.Parallel()
	pool, _, db := opened(t, single)
	for range 3 {
		runNth(t, db, 1)
	}
	exec(t, db, "DEALLOCATE ALL")
	tx, err := db.Begin(t.Context(), driver.TxOptions{Isolation: driver.RepeatableRead, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	runNth(t, tx, 1)
	runNth(t, tx, 2)
	var level, readOnly string
	s := &driver.Statement{
		Text:    "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')",
		Columns: []dialect.Kind{dialect.Text, dialect.Text},
	}
	if err := one(t, tx, s, &level, &readOnly); err != nil || level != "repeatable read" || readOnly != "on" {
		t.Errorf("%q, read only %q, error %v", level, readOnly, err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Error(err)
	}
	if made := pool.Stat().NewConnsCount(); made != 1 {
		t.Errorf("%d connections were made, want 1", made)
	}
}
