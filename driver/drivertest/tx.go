package drivertest

import (
	"context"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

var txCases = []testCase{
	{"commit", testCommit},
	{"rollback", testRollback},
	{"rollback after commit", testRollbackAfterCommit},
	{"commit after rollback", testCommitAfterRollback},
	{"statement after the end", testStatementAfterEnd},
	{"rollback with an ended context", testRollbackEnded},
	{"cancelling the context of Begin", testCancelBegin},
	{"statement while rows are open", testRowsOpen},
	{"rollback while rows are open", testRollbackRowsOpen},
	{"close early", testCloseEarlyInTx},
	{"commit tells the truth", testCommitTruth},
	{"read only", testReadOnly},
	{"savepoint", testSavepoint},
	{"repeatable read", testRepeatableRead},
	{"serializable", testSerializable},
	{"deadlock", testDeadlock},
}

func testCommit(t *testing.T, f *fixture) {
	f.notes(t)
	tx := f.begin(t, driver.TxOptions{})
	f.must(t, tx, f.note(t, 1, "kept"))
	f.bodies(t, tx, "kept")
	if !f.OneWriter {
		f.bodies(t, f.db)
	}
	commit(t, tx)
	f.bodies(t, f.db, "kept")
	f.usable(t)
}

func testRollback(t *testing.T, f *fixture) {
	f.notes(t)
	for range f.PoolSize + 1 {
		tx := f.begin(t, driver.TxOptions{})
		f.must(t, tx, f.note(t, 1, "undone"))
		rollback(t, tx)
	}
	f.bodies(t, f.db)
}

func testRollbackAfterCommit(t *testing.T, f *fixture) {
	f.notes(t)
	tx := f.begin(t, driver.TxOptions{})
	f.must(t, tx, f.note(t, 1, "kept"))
	commit(t, tx)
	rollback(t, tx)
	rollback(t, tx)
	f.bodies(t, f.db, "kept")
	f.usable(t)
}

// testCommitAfterRollback asserts that a commit is not reported that did not take place.
func testCommitAfterRollback(t *testing.T, f *fixture) {
	tx := f.begin(t, driver.TxOptions{})
	rollback(t, tx)
	if err := tx.Commit(t.Context()); err == nil {
		t.Error("Commit after Rollback: no error")
	}
	f.usable(t)
}

// testStatementAfterEnd asserts that an ended transaction does not run on a connection that
// belongs to somebody else by now.
func testStatementAfterEnd(t *testing.T, f *fixture) {
	f.notes(t)
	for name, end := range map[string]func(*testing.T, driver.Tx){"commit": commit, "rollback": rollback} {
		tx := f.begin(t, driver.TxOptions{})
		end(t, tx)
		if _, err := tx.Exec(t.Context(), f.note(t, 1, "late")); err == nil {
			t.Errorf("Exec after %s: no error", name)
		}
		if got, err := scanAll[string](t.Context(), tx, f.allNotes(t)); err == nil {
			t.Errorf("Query after %s: %v and no error", name, got)
		}
	}
	f.bodies(t, f.db)
	f.usable(t)
}

func testRollbackEnded(t *testing.T, f *fixture) {
	f.notes(t)
	soon(t, "Rollback with an ended context", func() {
		for range f.PoolSize + 1 {
			f.rollbackEnded(t)
		}
	})
	f.bodies(t, f.db)
	f.usable(t)
}

func (f *fixture) rollbackEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tx, err := f.db.Begin(ctx, driver.TxOptions{})
	if err != nil {
		t.Errorf("Begin: %v", err)
		return
	}
	if _, err := tx.Exec(ctx, f.note(t, 1, "undone")); err != nil {
		t.Error(err)
	}
	cancel()
	if err := tx.Rollback(ctx); err != nil {
		t.Errorf("Rollback: %v", err)
	}
}

func testCancelBegin(t *testing.T, f *fixture) {
	f.notes(t)
	ctx, cancel := context.WithCancel(t.Context())
	tx, err := f.db.Begin(ctx, driver.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { rollback(t, tx) }()
	f.must(t, tx, f.note(t, 1, "before"))
	cancel()
	// What watches the context, if anything does, gets its chance.
	f.usableElsewhere(t)
	f.must(t, tx, f.note(t, 2, "after"))
	commit(t, tx)
	f.bodies(t, f.db, "before", "after")
}

// usableElsewhere reads on the pool's other connections, which takes a moment.
func (f *fixture) usableElsewhere(t *testing.T) {
	t.Helper()
	for range 20 {
		mustScan[int64](t, f.db, &driver.Statement{Text: "SELECT 1", Columns: []dialect.Kind{dialect.Int64}})
	}
}

// testRowsOpen asserts that the second statement is refused, and that closing the rows is
// enough to go on.
func testRowsOpen(t *testing.T, f *fixture) {
	f.many(t, 3, "row ")
	tx := f.begin(t, driver.TxOptions{})
	rows, err := tx.Query(t.Context(), f.allNotes(t))
	if err != nil {
		t.Fatal(err)
	}
	rows.Next()
	const want = "driver: rows of this transaction are still open"
	soon(t, "a statement while rows are open", func() {
		if _, err := tx.Exec(t.Context(), f.note(t, 10, "refused")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Exec: %v, want %s", err, want)
		}
		if _, err := scanAll[string](t.Context(), tx, f.allNotes(t)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Query: %v, want %s", err, want)
		}
	})
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	f.must(t, tx, f.note(t, 11, "taken"))
	f.bodies(t, tx, "row 0", "row 1", "row 2", "taken")
	commit(t, tx)
	f.bodies(t, f.db, "row 0", "row 1", "row 2", "taken")
}

func testRollbackRowsOpen(t *testing.T, f *fixture) {
	f.many(t, 1000, "row ")
	soon(t, "Rollback while rows are open", func() {
		for range f.PoolSize + 1 {
			f.rollbackRowsOpen(t)
		}
	})
	f.usable(t)
	where := equal("note", "id", dialect.Arg{Value: int64(5000), Kind: dialect.Int64})
	if got := mustScan[string](t, f.db, f.selectFrom(t, "note", where, "body", dialect.Text)); len(got) != 0 {
		t.Errorf("left %q", got)
	}
}

func (f *fixture) rollbackRowsOpen(t *testing.T) {
	tx, err := f.db.Begin(t.Context(), driver.TxOptions{})
	if err != nil {
		t.Error(err)
		return
	}
	if _, err := tx.Exec(t.Context(), f.note(t, 5000, "undone")); err != nil {
		t.Error(err)
	}
	rows, err := tx.Query(t.Context(), f.long())
	if err != nil {
		t.Error(err)
		return
	}
	if !rows.Next() {
		t.Errorf("no row, error %v", rows.Err())
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Errorf("Rollback: %v", err)
	}
	if rows.Next() {
		t.Error("Next after Rollback")
	}
	_ = rows.Close()
}

// testCloseEarlyInTx asserts that leaving a result does not end the transaction.
func testCloseEarlyInTx(t *testing.T, f *fixture) {
	f.many(t, 300, "row ")
	tx := f.begin(t, driver.TxOptions{})
	f.must(t, tx, f.note(t, -1, "kept"))
	for range 3 {
		rows, err := tx.Query(t.Context(), f.long())
		if err != nil {
			t.Fatal(err)
		}
		rows.Next()
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, tx)
	where := equal("note", "id", dialect.Arg{Value: int64(-1), Kind: dialect.Int64})
	if got := mustScan[string](t, f.db, f.selectFrom(t, "note", where, "body", dialect.Text)); len(got) != 1 {
		t.Error("the transaction was lost")
	}
}

// testCommitTruth commits after a statement has failed. Engines differ in what becomes of the
// transaction, but Commit must say it.
func testCommitTruth(t *testing.T, f *fixture) {
	f.notes(t)
	tx := f.begin(t, driver.TxOptions{})
	f.must(t, tx, f.note(t, 1, "first"))
	if fault := f.fails(t, tx, f.note(t, 1, "again")); fault.Kind != driver.Unique {
		t.Errorf("fault %+v", fault)
	}
	if err := tx.Commit(t.Context()); err != nil {
		f.bodies(t, f.db)
	} else {
		f.bodies(t, f.db, "first")
	}
	rollback(t, tx)
	f.usable(t)
}

func testReadOnly(t *testing.T, f *fixture) {
	f.many(t, 1, "row ")
	for range f.PoolSize + 1 {
		tx := f.begin(t, driver.TxOptions{ReadOnly: true})
		f.bodies(t, tx, "row 0")
		f.fails(t, tx, f.note(t, 2, "refused"))
		rollback(t, tx)
	}
	// The connection is as it was: what comes next may write.
	for i := range f.PoolSize + 1 {
		f.must(t, f.db, f.update(t, 0, strings.Repeat("x", i)))
	}
}

func testSavepoint(t *testing.T, f *fixture) {
	f.notes(t)
	tx := f.begin(t, driver.TxOptions{})
	f.must(t, tx, f.note(t, 1, "before"))
	f.must(t, tx, &driver.Statement{Text: "SAVEPOINT s1"})
	f.must(t, tx, f.note(t, 2, "undone"))
	f.fails(t, tx, f.note(t, 1, "taken"))
	f.must(t, tx, &driver.Statement{Text: "ROLLBACK TO SAVEPOINT s1"})
	f.must(t, tx, &driver.Statement{Text: "RELEASE SAVEPOINT s1"})
	f.must(t, tx, f.note(t, 3, "after"))
	commit(t, tx)
	f.bodies(t, f.db, "before", "after")
}

// testRepeatableRead asserts that a reader keeps seeing what it saw first.
func testRepeatableRead(t *testing.T, f *fixture) {
	f.many(t, 1, "row ")
	for _, level := range []driver.Isolation{driver.RepeatableRead, driver.Serializable} {
		tx := f.begin(t, driver.TxOptions{Isolation: level, ReadOnly: true})
		before := mustScan[string](t, tx, f.allNotes(t))
		// Under locks the writer waits for the reader, so it is given up after a moment.
		ctx, cancel := context.WithTimeout(t.Context(), patience/30)
		_, err := f.db.Exec(ctx, f.update(t, 0, before[0]+" changed"))
		cancel()
		f.bodies(t, tx, before...)
		rollback(t, tx)
		if err == nil {
			f.bodies(t, f.db, before[0]+" changed")
		}
	}
	tx := f.begin(t, driver.TxOptions{Isolation: driver.ReadCommitted, ReadOnly: true})
	mustScan[string](t, tx, f.allNotes(t))
	rollback(t, tx)
}

// testSerializable has two transactions read what the other then writes: in no order one after
// the other could both have read that, so one has to fail, and running it again succeeds.
func testSerializable(t *testing.T, f *fixture) {
	if f.OneWriter {
		t.Skip("the engine has one writer at a time")
	}
	f.many(t, 2, "row ")
	one := f.begin(t, driver.TxOptions{Isolation: driver.Serializable})
	two := f.begin(t, driver.TxOptions{Isolation: driver.Serializable})
	f.bodies(t, one, "row 0", "row 1")
	f.bodies(t, two, "row 0", "row 1")
	f.oneFails(t,
		func() error { return f.updateAndCommit(t, one, f.update(t, 0, "one")) },
		func() error { return f.updateAndCommit(t, two, f.update(t, 1, "two")) })
}

// testDeadlock has two transactions lock two rows in opposite order.
func testDeadlock(t *testing.T, f *fixture) {
	if f.OneWriter {
		t.Skip("the engine has one writer at a time")
	}
	f.many(t, 2, "row ")
	one, two := f.begin(t, driver.TxOptions{}), f.begin(t, driver.TxOptions{})
	f.must(t, one, f.update(t, 0, "one"))
	f.must(t, two, f.update(t, 1, "two"))
	f.oneFails(t,
		func() error { return f.updateAndCommit(t, one, f.update(t, 1, "one")) },
		func() error { return f.updateAndCommit(t, two, f.update(t, 0, "two")) })
}

func (f *fixture) updateAndCommit(t *testing.T, tx driver.Tx, s *driver.Statement) error {
	_, err := tx.Exec(t.Context(), s)
	if err == nil {
		err = tx.Commit(t.Context())
	}
	if err != nil {
		_ = tx.Rollback(t.Context())
	}
	return err
}

// oneFails runs two at a time and asserts that one fails with a fault that invites another try.
func (f *fixture) oneFails(t *testing.T, one, two func() error) {
	t.Helper()
	errs := make(chan error, 2)
	for _, fn := range []func() error{one, two} {
		go func() { errs <- fn() }()
	}
	var failed int
	for range 2 {
		err := <-errs
		if err == nil {
			continue
		}
		failed++
		if fault := f.Driver.Fault(err); !fault.Kind.Retryable() {
			t.Errorf("fault %+v of %v is not retryable", fault, err)
		}
	}
	if failed != 1 {
		t.Errorf("%d of two transactions failed, want 1", failed)
	}
	f.usable(t)
}
