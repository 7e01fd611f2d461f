package rowhouse

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// Isolation is a transaction's isolation level. An engine without a level takes the next stronger
// one that it has; SQLite is always serializable.
type Isolation = driver.Isolation

// The isolation levels.
const (
	DefaultIsolation = driver.DefaultIsolation
	ReadCommitted    = driver.ReadCommitted
	RepeatableRead   = driver.RepeatableRead
	Serializable     = driver.Serializable
)

// TxOptions are how a transaction runs. The zero value is the engine's default, without retries.
type TxOptions struct {
	Isolation Isolation
	ReadOnly  bool

	// Retries is how many times the function is run again after a serialization failure or a
	// deadlock, each time in a new transaction and after a short random pause. What it does
	// besides the database, it then does again.
	Retries int
}

// Tx is a transaction of one tenant. It is used by one goroutine, and only until the function
// that got it returns. While the rows of a stream ([Query.Each]) are open, it runs nothing else.
type Tx struct {
	db       *DB
	id       string
	house    *house
	pool     *pool
	tx       driver.Tx
	depth    int
	outer    *Tx      // of which this is a savepoint
	inner    *Tx      // in a savepoint of this one, while that is open: what is done by either is done there
	seen     int64    // generation at which house was known to be right
	undo     []func() // takes back what writes have put into rows
	readOnly bool
	ended    bool

	isolation driver.Isolation // as it was asked for
	streaming bool             // its rows are open, so that it can do nothing
	late      *LimitError      // with which a statement of it has ended
}

// Tx runs fn in a transaction of the tenant and commits it. If fn returns an error or panics, or
// the commit fails, all is undone, and that first error is returned, or the panic goes on. What
// the library has put into rows meanwhile (keys, times, versions) is taken back as well, so that
// the same rows can be written again.
func (t *Tenant) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	return t.TxWith(ctx, TxOptions{}, fn)
}

// TxWith is [Tenant.Tx] with options.
func (t *Tenant) TxWith(ctx context.Context, o TxOptions, fn func(tx *Tx) error) error {
	return transact(ctx, t, o, fn)
}

// transact runs fn in a transaction of the scope, again if asked.
func transact(ctx context.Context, scope Scope, o TxOptions, fn func(tx *Tx) error) error {
	for attempt := 0; ; attempt++ {
		err := once(ctx, scope, o, fn)
		if attempt >= o.Retries || !IsRetryable(err) {
			return err
		}
		pause := time.Duration(rand.Int64N(int64(5*time.Millisecond) << min(attempt, 6)))
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(pause):
		}
	}
}

func once(ctx context.Context, scope Scope, o TxOptions, fn func(tx *Tx) error) error {
	s := session{op: "begin"}
	if err := scope.begin(ctx, &s); err != nil {
		return err
	}
	defer s.leave()
	seen := s.seen
	sent := s.db.sending("begin", s.id, "", s.house, nil)
	native, err := s.beginning(ctx, driver.TxOptions{Isolation: o.Isolation, ReadOnly: o.ReadOnly, Tenant: s.id})
	sent.done(ctx, 0, err)
	if err != nil {
		return s.fail(err)
	}
	tx := &Tx{db: s.db, id: s.id, house: s.house, pool: s.pool, tx: native, seen: seen, readOnly: o.ReadOnly, isolation: o.Isolation}
	return tx.run(ctx, fn, tx.commit, tx.rollback)
}

// run runs fn, then ends the transaction the one way or the other.
func (tx *Tx) run(ctx context.Context, fn func(*Tx) error, commit, rollback func(context.Context) error) (err error) {
	committed := false
	defer func() {
		tx.ended = true
		if committed {
			return
		}
		takeBack(tx.undo)
		undone := rollback(context.WithoutCancel(ctx))
		if err != nil && undone != nil {
			err = errors.Join(err, tx.fail("rollback", undone))
		}
	}()
	if err := tx.db.secure(ctx, tx.tx, tx.id, tx.house); err != nil {
		return tx.fail("begin", err)
	}
	if err := fn(tx); err != nil {
		return err
	}
	if err := commit(ctx); err != nil {
		return tx.fail("commit", err)
	}
	committed = true
	return nil
}

// Tx runs fn in a savepoint: if it returns an error or panics, what it did is undone, and the
// transaction can go on. What is done meanwhile by the outer Tx, or by a [Unit] of it, is in the savepoint
// too, as the database has it.
func (tx *Tx) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	if err := tx.alive(); err != nil {
		return err
	}
	if tx.inner != nil {
		return tx.inner.Tx(ctx, fn)
	}
	name := strconv.Itoa(tx.depth + 1)
	if err := tx.control(ctx, "savepoint", dialect.Savepoint+name); err != nil {
		return tx.fail("savepoint", err)
	}
	inner := *tx
	inner.outer = tx
	inner.depth++
	inner.undo = nil
	tx.inner = &inner
	defer func() { tx.inner = nil }()
	err := inner.run(ctx, fn,
		func(ctx context.Context) error { return tx.control(ctx, "release", dialect.ReleaseSavepoint+name) },
		func(ctx context.Context) error {
			return errors.Join(tx.control(ctx, "rollback", dialect.RollbackSavepoint+name),
				tx.control(ctx, "release", dialect.ReleaseSavepoint+name))
		})
	if err == nil {
		tx.undo = append(tx.undo, inner.undo...)
	}
	return err
}

// takeBack undoes in reverse what was put into rows.
func takeBack(undo []func()) {
	for _, fn := range slices.Backward(undo) {
		fn()
	}
}

func (tx *Tx) control(ctx context.Context, op, text string) error {
	st := &driver.Statement{Text: text, Tenant: tx.id}
	sent := tx.db.sending(op, tx.id, "", tx.house, st)
	_, err := tx.tx.Exec(ctx, st)
	err = tx.overtime(err)
	sent.done(ctx, 0, err)
	return err
}

func (tx *Tx) commit(ctx context.Context) error {
	sent := tx.db.sending("commit", tx.id, "", tx.house, nil)
	err := tx.overtime(tx.tx.Commit(ctx))
	sent.done(ctx, 0, err)
	return err
}

func (tx *Tx) rollback(ctx context.Context) error {
	sent := tx.db.sending("rollback", tx.id, "", tx.house, nil)
	err := tx.tx.Rollback(ctx)
	sent.done(ctx, 0, err)
	return err
}

// Join makes a scope of a transaction that the application began itself, on the database that
// the tenant lives in: a pgx.Tx, or a *sql.Tx of the driver's pool. The application ends it; the
// Tx must not be used afterwards. One of another database is refused. It takes none of the tenant's
// [Limits].Statements, since nobody is told when it ends.
func (t *Tenant) Join(ctx context.Context, native any) (*Tx, error) {
	s := session{op: "join"}
	if err := t.settle(ctx, &s); err != nil {
		return nil, err
	}
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	joined, err := s.pool.Join(ctx, native)
	if errors.Is(err, driver.ErrForeignTx) {
		return nil, &StatementError{Op: "join", Tenant: t.id, Reason: ErrInvalid, Err: err, message: err.Error()}
	}
	if err != nil {
		return nil, s.fail(err)
	}
	tx := &Tx{db: s.db, id: s.id, house: s.house, pool: s.pool, tx: joined, seen: s.seen}
	if err := s.db.secure(ctx, joined, s.id, s.house); err != nil {
		return nil, s.fail(err)
	}
	return tx, nil
}

// Tenant returns the id of the transaction's tenant.
func (tx *Tx) Tenant() string {
	if tx == nil {
		return ""
	}
	return tx.id
}

func (tx *Tx) alive() error {
	switch {
	case tx == nil:
		return &TenantError{Reason: ErrUnknownTenant, advice: "the transaction is nil"}
	case tx.ended:
		return &StatementError{
			Tenant: tx.id, Reason: ErrClosed,
			message: "the transaction has ended; a Tx is used only inside the function that got it",
		}
	case tx.streaming:
		return invalid("the rows of Each are open, and a transaction does one thing at a time; read them with All")
	}
	return nil
}

func (tx *Tx) begin(ctx context.Context, s *session) error {
	if err := tx.alive(); err != nil {
		return err
	}
	if tx.inner != nil {
		return tx.inner.begin(ctx, s)
	}
	if err := tx.settled(ctx); err != nil {
		return err
	}
	s.db, s.id, s.house, s.runner, s.tx = tx.db, tx.id, tx.house, tx.tx, tx
	return nil
}

// settled makes sure that the tenant still lives where the transaction is, which may outlive the
// tenant's place. The catalog's own transactions have no tenant.
func (tx *Tx) settled(ctx context.Context) error {
	if tx.id == "" {
		return nil
	}
	if err := tx.db.usable(tx.id); err != nil {
		return err
	}
	generation := tx.db.generation.Load()
	if generation == tx.seen {
		return nil
	}
	// This may need a connection while the transaction has one: it must not wait for itself.
	ctx, cancel := context.WithTimeout(ctx, tx.db.o.Freshness)
	defer cancel()
	now, err := tx.db.registry.tenant(ctx, tx.id)
	if err != nil {
		return err
	}
	h := now.house.Load()
	if h.names != tx.house.names || h.database != tx.house.database || h.walled != tx.house.walled {
		return &TenantError{Tenant: tx.id, Reason: ErrPlacement, advice: "it was moved while the transaction was open; begin a new one"}
	}
	// What columns the tenant has of its own may have changed: a statement that names one which is about
	// to be removed would fail, and with it the transaction.
	tx.house, tx.seen = h, generation
	return nil
}

func (tx *Tx) fail(op string, err error) error { return failed(tx.db.drv, op, tx.id, "", err) }

// String describes the transaction, for logs.
func (tx *Tx) String() string { return fmt.Sprintf("transaction of tenant %q", tx.id) }
