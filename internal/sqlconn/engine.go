// Package sqlconn is the contract of package driver on database/sql, for the engines whose
// libraries speak it.
package sqlconn

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/rowhouse/rowhouse/driver"
)

// Engine is what differs between the databases behind database/sql. It is read by many
// goroutines at once and must not change while a [DB] uses it.
type Engine struct {
	// Identity names the database, and Identify asks a transaction for the same name; Join
	// refuses a transaction whose answer differs.
	Identity string
	Identify func(ctx context.Context, tx *sql.Tx) (string, error)

	// Ends reports whether the database itself rolls a transaction back when a statement of it
	// fails so. Without the answer, later statements would run outside any transaction.
	Ends func(error) bool

	// Lost reports a lost connection; nil is for an engine that cannot lose one.
	Lost func(error) bool

	// Full reports that the server has no room for another prepared statement; nil is for an engine without such a
	// bound.
	Full func(error) bool

	// Prepared is how many prepared statements are kept, on each connection; 0 is none.
	Prepared int

	// Levels are the isolation levels to ask for; the zero value asks for none.
	Levels [driver.Serializable + 1]sql.IsolationLevel

	// Gate is where statements queue, or nil.
	Gate Gate

	// ReadOnly is the error for a write in a read-only transaction, where the database does not
	// refuse it itself; else nil.
	ReadOnly error

	// LastKey reports generated keys in results. An engine that returns them with the rows
	// leaves it off, because some keep the key of an earlier statement for one that made none.
	LastKey bool
}

func (e *Engine) lost(err error) bool { return err != nil && e.Lost != nil && e.Lost(err) }

func (e *Engine) full(err error) bool { return err != nil && e.Full != nil && e.Full(err) }

// ended is the error of a statement whose context may have ended: a library that closes the connection then
// tells now and then of that instead.
func (e *Engine) ended(ctx context.Context, err error) error {
	if !e.lost(err) {
		return err
	}
	if over := over(ctx); over != nil {
		return fmt.Errorf("driver: %w: %w", over, err)
	}
	return err
}

// over is the context's error, also in the moment in which its time is up and it does not know yet: the network's
// own timers may have rung before.
func over(ctx context.Context) error {
	if end, ends := ctx.Deadline(); ends && !time.Now().Before(end) && ctx.Err() == nil {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// written is the error of a write outside of transactions: if the context or the connection ended before there was
// an answer, it may have been carried out.
func (e *Engine) written(ctx context.Context, err error) error {
	err = e.ended(ctx, err)
	if _, unsent := errors.AsType[*connectError](err); unsent || errors.Is(err, sqldriver.ErrBadConn) {
		return err // which says that nothing was sent
	}
	if e.lost(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return ambiguous(err)
	}
	return err
}

// Connecting has the errors of connecting be told from those of statements, which may have been sent.
func Connecting(c sqldriver.Connector) sqldriver.Connector { return connecting{c} }

type connecting struct{ sqldriver.Connector }

func (c connecting) Connect(ctx context.Context) (sqldriver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, &connectError{err}
	}
	return conn, nil
}

type connectError struct{ err error }

func (e *connectError) Error() string { return e.err.Error() }

func (e *connectError) Unwrap() error { return e.err }

func ambiguous(err error) error { return fmt.Errorf("driver: %w: %w", driver.ErrAmbiguous, err) }

// faults is ended for what is read later.
func (e *Engine) faults(ctx context.Context) func(error) error {
	if e.Lost == nil {
		return itself
	}
	return func(err error) error { return e.ended(ctx, err) }
}

func itself(err error) error { return err }

// Gate lets statements in, on engines with one writer.
type Gate interface {
	// Enter waits for a turn to read or to write, and returns how to give it back, which is
	// called once.
	Enter(ctx context.Context, write bool) (leave func(), err error)
}

// open lets all in at once.
type open struct{}

func (open) Enter(context.Context, bool) (func(), error) { return func() {}, nil }
