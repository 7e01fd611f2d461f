package sqlconn

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/rowhouse/rowhouse/driver"
)

// DB is a [driver.DB] on a database/sql pool. It is used by many goroutines at once.
type DB struct {
	pool   *sql.DB
	engine Engine
	run    runner
	closer func() error
}

// NewDB makes a DB of a pool; closer is what Close does.
func NewDB(pool *sql.DB, e Engine, closer func() error) *DB {
	if e.Gate == nil {
		e.Gate = open{}
	}
	d := &DB{pool: pool, engine: e, closer: closer}
	d.run = runner{engine: &d.engine, pool: pool}
	if e.Prepared > 0 {
		d.run.cache = newCache(pool, e.Prepared)
	}
	return d
}

// Query runs a statement that returns rows, which hold a connection until they are closed.
func (d *DB) Query(ctx context.Context, s *driver.Statement) (driver.Rows, error) {
	leave, err := d.enter(ctx, s.Write)
	if err != nil {
		return nil, err
	}
	fault := d.engine.faults(ctx)
	if s.Write {
		fault = func(err error) error { return d.engine.written(ctx, err) }
	}
	rows, p, err := d.run.query(ctx, s)
	if err != nil {
		leave()
		return nil, fault(err)
	}
	return &Rows{rows: rows, leave: leave, fault: fault, kinds: s.Columns, prepared: p, cache: d.run.cache}, nil
}

// Exec runs a statement that returns no rows.
func (d *DB) Exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	leave, err := d.enter(ctx, s.Write)
	if err != nil {
		return driver.Result{}, err
	}
	defer leave()
	r, err := d.run.exec(ctx, s)
	if s.Write {
		err = d.engine.written(ctx, err)
	}
	return r, err
}

// enter waits for a turn. For a context that has ended nothing is sent.
func (d *DB) enter(ctx context.Context, write bool) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return d.engine.Gate.Enter(ctx, write)
}

// Begin starts a transaction; ctx bounds the wait for it and nothing after that.
func (d *DB) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if int(o.Isolation) >= len(d.engine.Levels) {
		return nil, fmt.Errorf("driver: there is no isolation level %d", o.Isolation)
	}
	leave, err := d.enter(ctx, !o.ReadOnly)
	if err != nil {
		return nil, err
	}
	tx, cancel, err := d.begin(ctx, o)
	if err != nil {
		leave()
		return nil, err
	}
	return &Tx{
		tx: tx, engine: &d.engine, run: d.inside(tx), readOnly: o.ReadOnly,
		release: func() { cancel(); leave() },
	}, nil
}

// begin gives the transaction a context of its own, because database/sql rolls back when the
// context of BeginTx ends; until it has begun, the caller's context ends it.
func (d *DB) begin(ctx context.Context, o driver.TxOptions) (*sql.Tx, context.CancelFunc, error) {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	tx, err := d.pool.BeginTx(own, &sql.TxOptions{
		Isolation: d.engine.Levels[o.Isolation],
		ReadOnly:  o.ReadOnly,
	})
	if stop() {
		if err != nil {
			cancel()
			return nil, nil, err
		}
		return tx, cancel, nil
	}
	cancel()
	if err == nil {
		// The result is of no interest: what ctx's end says comes first.
		_ = tx.Rollback()
	} else if !errors.Is(err, context.Canceled) {
		return nil, nil, d.engine.ended(ctx, err)
	}
	return nil, nil, ctx.Err()
}

// Join takes a *sql.Tx that the application began on the same database. The caller keeps it:
// Commit and Rollback of what is returned do nothing. It does not queue with other writers,
// because the application holds the engine's own lock already. It fails with
// [driver.ErrForeignTx] for anything else, and for a transaction that has ended with the error
// of database/sql.
func (d *DB) Join(ctx context.Context, native any) (driver.Tx, error) {
	tx, ok := native.(*sql.Tx)
	if !ok {
		return nil, fmt.Errorf("driver: %w: a %T is no *sql.Tx", driver.ErrForeignTx, native)
	}
	if tx == nil {
		return nil, fmt.Errorf("driver: %w: the *sql.Tx is nil", driver.ErrForeignTx)
	}
	identity, err := d.engine.Identify(ctx, tx)
	if err != nil {
		return nil, err
	}
	if identity != d.engine.Identity {
		return nil, fmt.Errorf("driver: %w: it is on %s, this is %s",
			driver.ErrForeignTx, identity, d.engine.Identity)
	}
	// It may be of another pool on the same database, whose statements are not ours to run.
	return &Tx{tx: tx, engine: &d.engine, run: runner{engine: &d.engine, tx: tx}, joined: true}, nil
}

func (d *DB) inside(tx *sql.Tx) runner {
	return runner{engine: &d.engine, cache: d.run.cache, tx: tx}
}

// Close closes the pool, unless it is the application's.
func (d *DB) Close() error { return d.closer() }
