package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/driver"
)

// db is a pool of connections to one database.
type db struct {
	pool    *pgxpool.Pool
	own     bool   // the pool was made here and is closed here
	lanes   *lanes // which have connections of their own, or nil
	tenants int    // after so many a connection retires; 0 is never
	// beforeClose is the pool's hook for a connection that retires, or nil.
	beforeClose func(*pgx.Conn)
	tracer      pgx.QueryTracer
	home        address
	naming      *naming
	counts      *counts
}

// address is what tells databases apart.
type address struct {
	host     string
	port     uint16
	database string
}

func addressOf(c *pgconn.Config) address { return address{c.Host, c.Port, c.Database} }

func (d *Driver) newDB(pool *pgxpool.Pool, own bool, naming *naming) *db {
	config := pool.Config()
	return &db{
		pool: pool, own: own, tenants: d.tenants, beforeClose: config.BeforeClose,
		tracer: config.ConnConfig.Tracer, home: addressOf(&config.ConnConfig.Config),
		naming: naming, counts: &d.counts,
	}
}

// Query takes a connection, which the rows give back.
func (d *db) Query(ctx context.Context, s *driver.Statement) (driver.Rows, error) {
	conn, err := d.acquire(ctx, s.Tenant)
	if err != nil {
		return nil, err
	}
	r, err := d.query(ctx, conn.Conn.Conn(), s)
	if err != nil {
		conn.Release()
		return nil, err
	}
	if r.done {
		conn.Release()
	} else {
		r.pooled = conn
	}
	return r, nil
}

// Exec takes a connection for as long as the statement runs.
func (d *db) Exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	conn, err := d.acquire(ctx, s.Tenant)
	if err != nil {
		return driver.Result{}, err
	}
	defer conn.Release()
	return d.exec(ctx, conn.Conn.Conn(), s)
}

// query sends a statement and waits for the beginning of its result; see [sent.again].
func (d *db) query(ctx context.Context, conn *pgx.Conn, s *driver.Statement) (*rows, error) {
	w := d.send(ctx, conn, s, "")
	r, err := w.rows(s)
	if err != nil && w.again(err) {
		w = d.send(ctx, conn, s, "")
		return w.rows(s)
	}
	return r, err
}

// exec sends a statement and waits for its end; see [sent.again].
func (d *db) exec(ctx context.Context, conn *pgx.Conn, s *driver.Statement) (driver.Result, error) {
	w := d.send(ctx, conn, s, "")
	r, err := w.result()
	if err != nil && w.again(err) {
		w = d.send(ctx, conn, s, "")
		return w.result()
	}
	return r, err
}

// Begin takes a connection. The transaction begins on it together with its first statement.
func (d *db) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	conn, err := d.acquire(ctx, o.Tenant)
	if err != nil {
		return nil, err
	}
	return &tx{db: d, pooled: conn, conn: conn.Conn.Conn(), options: o}, nil
}

// Close closes what was opened here; the home's pool belongs to the application. What pgxpool waits for,
// it waits for alone.
func (d *db) Close() error {
	var pools []*pgxpool.Pool
	switch {
	case d.lanes != nil:
		pools = d.lanes.pools
	case d.own:
		pools = []*pgxpool.Pool{d.pool}
	}
	for _, p := range pools {
		closePool(p)
	}
	return nil
}

// closePool gives the goodbyes to the server their time where nobody uses a connection.
func closePool(p *pgxpool.Pool) {
	closed := make(chan struct{})
	idle := p.Stat().AcquiredConns() == 0
	go func() {
		p.Close()
		close(closed)
	}()
	if idle {
		select {
		case <-closed:
		case <-time.After(closeTime):
		}
	}
}

// trace tells the tracer what pgx would.
func (d *db) trace(
	ctx context.Context, conn *pgx.Conn, s *driver.Statement,
) (context.Context, func(pgconn.CommandTag, error)) {
	ctx = d.tracer.TraceQueryStart(ctx, conn, pgx.TraceQueryStartData{SQL: s.Text, Args: values(s)})
	return ctx, func(tag pgconn.CommandTag, err error) {
		d.tracer.TraceQueryEnd(ctx, conn, pgx.TraceQueryEndData{CommandTag: tag, Err: err})
	}
}

func values(s *driver.Statement) []any {
	list := make([]any, len(s.Args))
	for i := range s.Args {
		list[i] = s.Args[i].Value
	}
	return list
}

var errRowsOpen = errors.New("driver: rows of this transaction are still open")
