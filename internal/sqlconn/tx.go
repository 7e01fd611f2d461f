package sqlconn

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"

	"github.com/rowhouse/rowhouse/driver"
)

var errRowsOpen = errors.New("driver: rows of this transaction are still open; close them first")

// Tx is a transaction, used by one goroutine at a time.
type Tx struct {
	tx       *sql.Tx
	engine   *Engine
	run      runner
	release  func() // gives back what Begin took; nil when joined
	rows     *Rows  // open, or nil
	failed   error  // why the database has ended the transaction
	readOnly bool
	joined   bool
	done     bool
}

// Native returns the *sql.Tx. Committing or rolling it back is the library's part, unless it
// was joined.
func (t *Tx) Native() (any, error) { return t.tx, nil }

// Query runs a statement that returns rows. No other statement runs until they are closed.
func (t *Tx) Query(ctx context.Context, s *driver.Statement) (driver.Rows, error) {
	if err := t.ready(s); err != nil {
		return nil, err
	}
	rows, p, err := t.run.query(ctx, s)
	if err != nil {
		t.note(err)
		return nil, err
	}
	t.rows = &Rows{rows: rows, tx: t, fault: t.engine.faults(ctx), kinds: s.Columns, prepared: p, cache: t.run.cache}
	return t.rows, nil
}

// Exec runs a statement that returns no rows.
func (t *Tx) Exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	if err := t.ready(s); err != nil {
		return driver.Result{}, err
	}
	result, err := t.run.exec(ctx, s)
	t.note(err)
	return result, err
}

// ready reports what keeps a statement from running.
func (t *Tx) ready(s *driver.Statement) error {
	switch {
	case t.failed != nil:
		return t.failure()
	case t.rows != nil:
		return errRowsOpen
	case t.readOnly && s.Write:
		return t.engine.ReadOnly
	}
	return nil
}

// note remembers an error after which the database may have rolled back. Then the connection
// commits each statement by itself, so nothing more may run on it. That goes for a context that
// ended too: an interrupted write takes the transaction with it, or the connection is gone.
func (t *Tx) note(err error) {
	if err == nil || t.failed != nil {
		return
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || t.engine.Ends(err) {
		t.failed = err
	}
}

func (t *Tx) failure() error {
	return fmt.Errorf("driver: this transaction was rolled back when a statement failed: %w", t.failed)
}

// Commit commits. Afterwards the transaction has ended, whatever Commit returns, unless rows
// are open; with a context that has ended, it is rolled back.
func (t *Tx) Commit(ctx context.Context) error {
	switch {
	case t.joined && t.failed != nil:
		return t.failure()
	case t.joined:
		return nil
	case t.done:
		return sql.ErrTxDone
	case t.rows != nil:
		return errRowsOpen
	case t.failed != nil:
		return errors.Join(t.failure(), t.Rollback(ctx))
	case ctx.Err() != nil:
		return errors.Join(ctx.Err(), t.Rollback(ctx))
	}
	defer t.end()
	err := t.tx.Commit()
	if t.engine.lost(err) && !errors.Is(err, sqldriver.ErrBadConn) { // which says that nothing was sent
		return ambiguous(err)
	}
	return err
}

// Rollback undoes all and closes open rows. It does not look at ctx.
func (t *Tx) Rollback(context.Context) error {
	if t.joined || t.done {
		return nil
	}
	defer t.end()
	if t.rows != nil {
		// What was read is being undone; an error in reading it changes nothing.
		_ = t.rows.Close()
	}
	err := t.tx.Rollback()
	if t.failed != nil || errors.Is(err, sql.ErrTxDone) {
		return nil // rolled back already, or undone with its connection
	}
	return err
}

func (t *Tx) end() {
	t.done = true
	t.release()
}
