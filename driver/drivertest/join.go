package drivertest

import (
	"errors"
	"testing"

	"github.com/rowhouse/rowhouse/driver"
)

var joinCases = []testCase{
	{"commit", testJoinCommit},
	{"rollback", testJoinRollback},
	{"ended", testJoinEnded},
	{"native", testJoinNative},
	{"foreign", testJoinForeign},
	{"not a transaction", testJoinNonsense},
}

// joined begins a transaction as an application would, and joins it.
func (f *fixture) joined(t *testing.T) (tx driver.Tx, commit, rollback func() error) {
	t.Helper()
	if f.Begin == nil {
		t.Skip("the harness begins no transaction of the application's")
	}
	native, commit, rollback := f.Begin(t)
	t.Cleanup(func() { _ = rollback() })
	tx, err := f.db.Join(t.Context(), native)
	if err != nil {
		t.Fatalf("Join: %v", err)
	}
	return tx, commit, rollback
}

// testJoinCommit asserts that the end of a joined transaction is the application's alone.
func testJoinCommit(t *testing.T, f *fixture) {
	f.notes(t)
	tx, end, _ := f.joined(t)
	f.must(t, tx, f.note(t, 1, "joined"))
	commit(t, tx)
	rollback(t, tx)
	f.must(t, tx, f.note(t, 2, "still"))
	f.bodies(t, tx, "joined", "still")
	if !f.OneWriter {
		f.bodies(t, f.db)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	f.bodies(t, f.db, "joined", "still")
	f.usable(t)
}

func testJoinRollback(t *testing.T, f *fixture) {
	f.notes(t)
	tx, _, undo := f.joined(t)
	f.must(t, tx, f.note(t, 1, "undone"))
	commit(t, tx)
	if err := undo(); err != nil {
		t.Fatal(err)
	}
	f.bodies(t, f.db)
	f.usable(t)
}

// testJoinEnded asserts that a joined transaction runs nothing once the application has ended
// it: its connection may be another transaction's by then.
func testJoinEnded(t *testing.T, f *fixture) {
	f.notes(t)
	tx, end, _ := f.joined(t)
	if err := end(); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), f.note(t, 1, "late")); err == nil {
		t.Error("Exec: no error")
	}
	if got, err := scanAll[string](t.Context(), tx, f.allNotes(t)); err == nil {
		t.Errorf("Query: %v and no error", got)
	}
	f.bodies(t, f.db)
}

// native returns a transaction of the driver as the engine's own.
func native(t *testing.T, tx driver.Tx) any {
	t.Helper()
	shown, ok := tx.(driver.Native)
	if !ok {
		t.Skip("the driver shows no native transaction")
	}
	own, err := shown.Native()
	if err != nil {
		t.Fatal(err)
	}
	return own
}

// testJoinNative joins what the driver itself began, as two libraries would that meet.
func testJoinNative(t *testing.T, f *fixture) {
	f.notes(t)
	own := f.begin(t, driver.TxOptions{})
	tx, err := f.db.Join(t.Context(), native(t, own))
	if err != nil {
		t.Fatalf("Join: %v", err)
	}
	f.must(t, tx, f.note(t, 1, "joined"))
	f.bodies(t, own, "joined")
	commit(t, own)
	f.bodies(t, f.db, "joined")
}

func testJoinForeign(t *testing.T, f *fixture) {
	other := f.made(t, "foreign")
	begun, err := other.Begin(t.Context(), driver.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { rollback(t, begun) }()
	if _, err := f.db.Join(t.Context(), native(t, begun)); !errors.Is(err, driver.ErrForeignTx) {
		t.Errorf("Join of another database's transaction: %v, want ErrForeignTx", err)
	}
	// The other way round too: home is foreign to a tenant's database.
	home := f.begin(t, driver.TxOptions{})
	if _, err := other.Join(t.Context(), native(t, home)); !errors.Is(err, driver.ErrForeignTx) {
		t.Errorf("Join of the home's transaction elsewhere: %v, want ErrForeignTx", err)
	}
}

func testJoinNonsense(t *testing.T, f *fixture) {
	for _, v := range []any{nil, "a transaction", 42, f.db, struct{}{}} {
		if tx, err := f.db.Join(t.Context(), v); !errors.Is(err, driver.ErrForeignTx) {
			t.Errorf("Join(%T): %v, %v, want ErrForeignTx", v, tx, err)
		}
	}
}
