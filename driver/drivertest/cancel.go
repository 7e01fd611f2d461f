package drivertest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

var cancelCases = []testCase{
	{"before", testCancelledBefore},
	{"during a query", testCancelQuery},
	{"deadline", testDeadline},
	{"in a transaction", testCancelInTx},
	{"between rows", testCancelBetweenRows},
	{"waiting for a connection", testCancelWaiting},
}

// promptly is how soon a cancelled statement has to return; [Harness.Slow] takes longer.
const promptly = 8 * time.Second

func (f *fixture) slow() *driver.Statement {
	return &driver.Statement{Text: f.Slow, Columns: []dialect.Kind{dialect.Text}}
}

// isEnded asserts that an error is the context's, and no fault of the database.
func (f *fixture) isEnded(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
	if fault := f.Driver.Fault(err); fault.Kind != driver.NoFault {
		t.Errorf("%s: fault %+v of %v", what, fault, err)
	}
}

func testCancelledBefore(t *testing.T, f *fixture) {
	f.notes(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.db.Exec(ctx, f.note(t, 1, "never"))
	f.isEnded(t, "Exec", err, context.Canceled)
	_, err = scanAll[string](ctx, f.db, f.allNotes(t))
	f.isEnded(t, "Query", err, context.Canceled)
	_, err = f.db.Begin(ctx, driver.TxOptions{})
	f.isEnded(t, "Begin", err, context.Canceled)
	tx := f.begin(t, driver.TxOptions{})
	_, err = tx.Exec(ctx, f.note(t, 1, "never"))
	f.isEnded(t, "Exec in a transaction", err, context.Canceled)
	_, err = scanAll[string](ctx, tx, f.allNotes(t))
	f.isEnded(t, "Query in a transaction", err, context.Canceled)
	rollback(t, tx)
	f.bodies(t, f.db)
	f.usable(t)
}

// cancelSlow cancels a slow query in the middle and asserts that it returns.
func (f *fixture) cancelSlow(t *testing.T, r driver.Runner) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	timer := time.AfterFunc(50*time.Millisecond, cancel)
	defer timer.Stop()
	start := time.Now()
	_, err := scanAll[string](ctx, r, f.slow())
	f.isEnded(t, "query", err, context.Canceled)
	if took := time.Since(start); took > promptly {
		t.Errorf("cancelling took %v", took)
	}
}

func testCancelQuery(t *testing.T, f *fixture) {
	for range f.PoolSize + 1 {
		f.cancelSlow(t, f.db)
	}
	f.usable(t)
}

func testDeadline(t *testing.T, f *fixture) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := f.db.Exec(ctx, f.slow())
	f.isEnded(t, "Exec", err, context.DeadlineExceeded)
	f.usable(t)
}

func testCancelInTx(t *testing.T, f *fixture) {
	f.notes(t)
	for range f.PoolSize + 1 {
		tx := f.begin(t, driver.TxOptions{})
		f.must(t, tx, f.note(t, 1, "undone"))
		f.cancelSlow(t, tx)
		rollback(t, tx)
	}
	f.bodies(t, f.db)
	f.usable(t)
}

func testCancelBetweenRows(t *testing.T, f *fixture) {
	f.many(t, 1000, strings.Repeat("long ", 10))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rows, err := f.db.Query(ctx, f.long())
	if err != nil {
		t.Fatal(err)
	}
	if !rows.Next() {
		t.Fatalf("no row, error %v", rows.Err())
	}
	cancel()
	soon(t, "Next with an ended context", func() {
		n := 0
		for rows.Next() {
			n++
		}
		if n >= 999_999 {
			t.Error("the result came to its end")
		}
	})
	f.isEnded(t, "Err", rows.Err(), context.Canceled)
	_ = rows.Close()
	f.usable(t)
}

// testCancelWaiting has every connection in use, so that one more has to wait for its turn.
func testCancelWaiting(t *testing.T, f *fixture) {
	f.notes(t)
	var open []driver.Tx
	for range f.PoolSize {
		open = append(open, f.begin(t, driver.TxOptions{ReadOnly: true}))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := f.db.Exec(ctx, &driver.Statement{Text: "SELECT 1"})
	f.isEnded(t, "Exec", err, context.DeadlineExceeded)
	if took := time.Since(start); took > promptly {
		t.Errorf("waiting took %v", took)
	}
	for _, tx := range open {
		rollback(t, tx)
	}
	f.usable(t)
}
