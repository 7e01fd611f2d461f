package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/driver"
)

// tx is a transaction: its own, on a connection of the pool, or one that it has joined.
type tx struct {
	db      *db
	pooled  held // none if joined
	conn    *pgx.Conn
	options driver.TxOptions
	native  pgx.Tx // nil if nobody has asked for it
	begun   bool   // the server knows of it
	refused error  // why it will not begin
	open    *rows
	piped   bool // a pipeline has the connection, and undoes what was ended meanwhile
	ended   bool
	probe   pgx.Batch
}

var isolation = [...]pgx.TxIsoLevel{
	driver.ReadCommitted:  pgx.ReadCommitted,
	driver.RepeatableRead: pgx.RepeatableRead,
	driver.Serializable:   pgx.Serializable,
}

func txOptions(o driver.TxOptions) (p pgx.TxOptions) {
	if int(o.Isolation) < len(isolation) {
		p.IsoLevel = isolation[o.Isolation]
	}
	if o.ReadOnly {
		p.AccessMode = pgx.ReadOnly
	}
	return p
}

// Join takes a pgx.Tx of a connection to the same host, port and database, as they were
// configured: a pool's transaction, or a savepoint in one.
func (d *db) Join(ctx context.Context, native any) (driver.Tx, error) {
	given, ok := native.(pgx.Tx)
	if pooled, is := native.(*pgxpool.Tx); !ok || is && pooled == nil {
		return nil, fmt.Errorf("postgres: %w: a %T is no pgx.Tx", driver.ErrForeignTx, native)
	}
	t := &tx{db: d, native: given, conn: given.Conn(), begun: true}
	if there := addressOf(&t.conn.Config().Config); there != d.home {
		return nil, fmt.Errorf("postgres: %w: database %q at %s:%d instead of %q at %s:%d", driver.ErrForeignTx,
			there.database, there.host, there.port, d.home.database, d.home.host, d.home.port)
	}
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	return t, nil
}

// Query runs on the transaction's connection, which the rows keep until their end.
func (t *tx) Query(ctx context.Context, s *driver.Statement) (driver.Rows, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	w := t.send(ctx, s)
	r, err := w.rows(s)
	if err != nil && t.again(ctx, &w, err) {
		w = t.send(ctx, s)
		r, err = w.rows(s)
	}
	if err != nil {
		return nil, err
	}
	if !r.done {
		r.tx, t.open = t, r
	}
	return r, nil
}

// Exec runs on the transaction's connection.
func (t *tx) Exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	if err := t.ready(ctx); err != nil {
		return driver.Result{}, err
	}
	w := t.send(ctx, s)
	r, err := w.result()
	if err != nil && t.again(ctx, &w, err) {
		w = t.send(ctx, s)
		return w.result()
	}
	return r, err
}

func (t *tx) send(ctx context.Context, s *driver.Statement) sent {
	begin := ""
	if !t.begun {
		begin = beginText(t.options)
	}
	w := t.db.send(ctx, t.conn, s, begin)
	t.begun = t.begun || w.begins
	if w.refused {
		t.refused = w.err
	}
	return w
}

// again reports whether a statement is to be sent again, as [sent.again] does: if it has begun the
// transaction nothing is lost by beginning anew.
func (t *tx) again(ctx context.Context, w *sent, err error) bool {
	if !w.again(err) || !w.begins {
		return false
	}
	if _, err := t.db.say(ctx, t.conn, rollbackText); err != nil {
		return false
	}
	t.begun = false
	return true
}

// say runs a word of the driver's own.
func (d *db) say(ctx context.Context, conn *pgx.Conn, text string) (pgconn.CommandTag, error) {
	w := d.send(ctx, conn, &driver.Statement{Text: text}, "")
	return w.close()
}

// ready refuses a statement that would not be part of the transaction. The connection of a
// joined one may be somebody else's after the application has ended it; pgx knows, and says so
// to an empty batch, for which it sends nothing.
func (t *tx) ready(ctx context.Context) error {
	switch {
	case t.ended:
		return errEnded
	case t.refused != nil:
		return t.refused
	case t.native != nil:
		if err := t.native.SendBatch(ctx, &t.probe).Close(); err != nil {
			return fmt.Errorf("postgres: %w", err)
		}
	}
	if t.conn.PgConn().IsBusy() {
		return errRowsOpen
	}
	return nil
}

var errEnded = fmt.Errorf("postgres: %w", pgx.ErrTxClosed)

// Commit returns an error for which errors.Is(err, [pgx.ErrTxCommitRollback]) holds if a
// statement had failed, so that there was nothing to commit. A joined transaction it leaves be.
// Of one that only reads nothing can fail any more, so nobody waits for the server's word.
func (t *tx) Commit(ctx context.Context) error {
	if t.pooled.Conn == nil && !t.ended {
		return nil
	}
	if t.ended {
		return errEnded
	}
	if t.open != nil || t.piped {
		return errRowsOpen
	}
	t.ended = true
	if err := ctx.Err(); err != nil {
		t.undo(ctx)
		return err
	}
	if t.harmless() {
		go t.leave(context.WithoutCancel(ctx))
		return nil
	}
	defer t.pooled.Release() // which closes a connection that is still in a transaction
	switch {
	case t.refused != nil:
		return pgx.ErrTxCommitRollback
	case !t.begun:
		return nil
	}
	patient, stop := outliving(ctx, commitTime)
	defer stop()
	return committed(ctx, t.commit(patient))
}

func (t *tx) commit(ctx context.Context) error {
	if t.native != nil {
		return t.native.Commit(ctx)
	}
	tag, err := t.db.say(ctx, t.conn, commitText)
	if err == nil && tag.String() == "ROLLBACK" {
		return pgx.ErrTxCommitRollback
	}
	return err
}

// commitTime is how long a server has to confirm a commit after the context has ended: to give up at once
// is not to know what became of it.
const commitTime = 5 * time.Second

// outliving is a context that ends some time after another.
func outliving(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	if ctx.Done() == nil {
		return ctx, func() {}
	}
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-own.Done():
		case <-time.After(by):
			cancel()
		}
	})
	return own, func() {
		stop()
		cancel()
	}
}

// committed is the error of a commit, which a context that ended has outlived.
func committed(ctx context.Context, err error) error {
	err = ambiguous(err)
	if ended := ctx.Err(); ended != nil && errors.Is(err, driver.ErrAmbiguous) {
		err = fmt.Errorf("%w: %w", ended, err)
	}
	return err
}

// ambiguous is the error of what the server commits. Unless it has said no, or was not told, nobody knows what became
// of it; nor if its last word was that it goes down, which may be after the commit.
func ambiguous(err error) error {
	if err == nil || pgconn.SafeToRetry(err) || errors.Is(err, pgx.ErrTxCommitRollback) || errors.Is(err, pgx.ErrTxClosed) {
		return err
	}
	if no, answered := errors.AsType[*pgconn.PgError](err); answered && !fatal(no) && !unknown[no.Code] {
		return err
	}
	return fmt.Errorf("postgres: %w: %w", driver.ErrAmbiguous, err)
}

// fatal reports an answer that is the server's last. Servers and poolers that do not say so in English are few.
func fatal(e *pgconn.PgError) bool {
	severity := cmp.Or(e.SeverityUnlocalized, e.Severity)
	return severity == "FATAL" || severity == "PANIC"
}

// unknown are the answers that say that it is not known either by who answers
// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
var unknown = map[string]bool{"08007": true, "40003": true}

// harmless reports whether the end of the transaction is the same whatever becomes of it. What a
// serializable one has read is good only if it commits.
func (t *tx) harmless() bool {
	return t.options.ReadOnly && t.options.Isolation != driver.Serializable &&
		t.native == nil && t.begun && t.conn.PgConn().TxStatus() == inTransaction && !t.conn.IsClosed()
}

func (t *tx) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, rollbackTime)
	defer cancel()
	_, _ = t.db.say(ctx, t.conn, commitText) // the pool closes the connection on an error
	t.pooled.Release()
}

// rollbackTime is how long a server has to confirm a rollback. Then the connection is closed,
// which undoes the transaction as well.
const rollbackTime = 5 * time.Second

// Rollback returns nil: what it cannot tell the server it tells by closing the connection.
func (t *tx) Rollback(ctx context.Context) error {
	if t.ended || t.pooled.Conn == nil {
		return nil
	}
	t.ended = true
	if !t.piped {
		t.undo(ctx)
	}
	return nil
}

func (t *tx) undo(ctx context.Context) {
	if t.open != nil {
		t.open.abandon()
	}
	if pg := t.conn.PgConn(); !pg.IsClosed() && !pg.IsBusy() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
		defer cancel()
		t.rollback(ctx)
	}
	t.pooled.Release()
}

// rollback leaves what it cannot undo to the end of the connection.
func (t *tx) rollback(ctx context.Context) {
	switch {
	case t.native != nil:
		_ = t.native.Rollback(ctx) // pgx closes the connection on an error
	case t.begun && t.refused == nil:
		_, _ = t.db.say(ctx, t.conn, rollbackText) // the pool closes it on an error
	}
}

// Native returns the pgx.Tx, for which it takes a round trip. The application may run statements
// and savepoints on it, but not end it unless it is its own.
func (t *tx) Native() (any, error) {
	if t.native != nil {
		return t.native, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), rollbackTime)
	defer cancel()
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	options := txOptions(t.options)
	if t.begun {
		options = pgx.TxOptions{BeginQuery: nothing}
	}
	native, err := t.conn.BeginTx(ctx, options)
	if err != nil {
		return nil, err
	}
	t.native, t.begun = native, true
	return native, nil
}

// nothing is what pgx may say where a transaction has begun already.
const nothing = ";"
