package drivertest

import (
	"errors"
	"testing"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

var copyCases = []testCase{
	{"rows", testCopy},
	{"all or none", testCopyFails},
	{"in a transaction", testCopyInTx},
	{"other types", testCopyMistyped},
}

// copied are notes to be copied; where it cannot be, the test is over.
func (f *fixture) copied(t *testing.T, from, n int) *driver.Many {
	t.Helper()
	if _, ok := f.d.(dialect.Copier); !ok {
		t.Skip("the dialect has no words to copy rows")
	}
	st := f.render(t, &dialect.Copy{Into: dialect.TableRef{Name: "note"}, Columns: []string{"id", "body"}})
	return &driver.Many{
		Statement: *st, Insert: f.note(t, 1, "").Text, Rows: n,
		Row: func(i int) ([]dialect.Arg, error) {
			args := f.note(t, int64(from+i), "copied").Args
			if i == 1 {
				args[1].Value = nil
			}
			return args, nil
		},
	}
}

func testCopy(t *testing.T, f *fixture) {
	f.notes(t)
	for _, n := range []int{0, 1, 1000} {
		r, err := driver.Copy(t.Context(), f.db, f.copied(t, 10*n, n))
		if err != nil || r.Rows != int64(n) {
			t.Errorf("%d rows, error %v, want %d", r.Rows, err, n)
		}
	}
	null := f.selectFrom(t, "note", dialect.Null{Operand: dialect.Ref{Table: "note", Column: "body"}}, "id", dialect.Int64)
	if got := mustScan[int64](t, f.db, null); len(got) != 1 || got[0] != 10_001 {
		t.Errorf("NULL in %v, want 10001", got)
	}
	f.usable(t)
}

func testCopyFails(t *testing.T, f *fixture) {
	f.notes(t)
	m := f.copied(t, 1, 300)
	f.must(t, f.db, f.note(t, 200, "there"))
	if _, err := driver.Copy(t.Context(), f.db, m); f.Driver.Fault(err).Kind != driver.Unique {
		t.Errorf("a key that is taken: %v", err)
	}
	row, wrong := m.Row, errors.New("wrong")
	m.Row = func(i int) ([]dialect.Arg, error) {
		if i == 150 {
			return nil, wrong
		}
		return row(i)
	}
	if _, err := driver.Copy(t.Context(), f.db, m); !errors.Is(err, wrong) {
		t.Errorf("a row that cannot be had: %v", err)
	}
	f.bodies(t, f.db, "there")
	f.usable(t)
}

func testCopyInTx(t *testing.T, f *fixture) {
	f.notes(t)
	m := f.copied(t, 1, 1)
	for _, end := range []func(*testing.T, driver.Tx){rollback, commit} {
		tx := f.begin(t, driver.TxOptions{})
		if _, err := driver.Copy(t.Context(), tx, m); err != nil {
			t.Error(err)
		}
		f.bodies(t, tx, "copied")
		end(t, tx)
	}
	f.bodies(t, f.db, "copied")
	tx := f.begin(t, driver.TxOptions{ReadOnly: true})
	if _, err := driver.Copy(t.Context(), tx, m); err == nil {
		t.Error("copied in a transaction that only reads")
	}
	rollback(t, tx)
	f.bodies(t, f.db, "copied")
	if _, err := driver.Copy(t.Context(), tx, m); err == nil {
		t.Error("copied after the transaction's end")
	}
	f.usable(t)
}

// testCopyMistyped has a column of another type than the values, of the same length.
func testCopyMistyped(t *testing.T, f *fixture) {
	f.create(t, "note", f.column("id", kindOf(dialect.Float64), false), f.column("body", kindOf(dialect.Text), true))
	m := f.copied(t, 1, 2)
	tx := f.begin(t, driver.TxOptions{})
	_, err := driver.Copy(t.Context(), tx, m)
	if errors.Is(err, driver.ErrNotCopied) {
		f.must(t, tx, f.note(t, 1, "copied"))
	} else if err != nil {
		t.Errorf("Copy: %v", err)
	}
	commit(t, tx)
	one := f.selectFrom(t, "note", equal("note", "id", dialect.Arg{Value: 1.0, Kind: dialect.Float64}), "body", dialect.Text)
	if got := mustScan[string](t, f.db, one); len(got) != 1 || got[0] != "copied" {
		t.Errorf("found %q", got)
	}
}
