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
	pool   *pgxpool.Pool
	own    bool // the pool was made here and is closed here
	tracer pgx.QueryTracer
	home   address
}

// address is what tells databases apart.
type address struct {
	host     string
	port     uint16
	database string
}

func addressOf(c *pgconn.Config) address { return address{c.Host, c.Port, c.Database} }

func newDB(pool *pgxpool.Pool, own bool) *db {
	config := pool.Config().ConnConfig
	return &db{pool: pool, own: own, tracer: config.Tracer, home: addressOf(&config.Config)}
}

// Query takes a connection, which the rows give back.
func (d *db) Query(ctx context.Context, s *driver.Statement) (driver.Rows, error) {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	r, err := d.send(ctx, conn.Conn(), s).rows(s)
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
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return driver.Result{}, err
	}
	defer conn.Release()
	return d.send(ctx, conn.Conn(), s).result()
}

// Begin starts a transaction, in one round trip.
func (d *db) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	native, err := conn.BeginTx(ctx, txOptions(o))
	if err != nil {
		conn.Release()
		return nil, err
	}
	return &tx{db: d, pooled: conn, native: native, conn: conn.Conn()}, nil
}

// closeTime is how long Close gives the goodbyes to the server, where nobody uses a connection.
const closeTime = time.Second

// Close closes a pool that was opened by name; the home's belongs to the application. What
// pgxpool waits for, it waits for alone.
func (d *db) Close() error {
	if !d.own {
		return nil
	}
	closed := make(chan struct{})
	idle := d.pool.Stat().AcquiredConns() == 0
	go func() {
		d.pool.Close()
		close(closed)
	}()
	if idle {
		select {
		case <-closed:
		case <-time.After(closeTime):
		}
	}
	return nil
}

// sent is a statement on its way.
type sent struct {
	conn   *pgx.Conn
	reader *pgconn.ResultReader
	err    error                          // of the arguments; then nothing was sent
	traced func(pgconn.CommandTag, error) // the tracer's end, or nil
}

// send writes a statement to a connection: Parse of an unnamed statement, Bind, Describe of the
// portal, Execute and Sync in one packet.
func (d *db) send(ctx context.Context, conn *pgx.Conn, s *driver.Statement) sent {
	w := sent{conn: conn}
	if d.tracer != nil {
		ctx, w.traced = d.trace(ctx, conn, s)
	}
	b := takeBinding()
	defer b.giveBack()
	if w.err = b.bind(s); w.err == nil {
		w.reader = conn.PgConn().ExecParams(ctx, s.Text, b.values, b.oids, b.formats, b.results)
	}
	return w
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

// result waits for the end of a statement, passing over its rows.
func (w sent) result() (driver.Result, error) {
	tag, err := w.close()
	return driver.Result{Rows: tag.RowsAffected()}, err
}

// rows returns the result, which is done already if the statement failed or has none.
func (w sent) rows(s *driver.Statement) (*rows, error) {
	if w.err != nil || w.reader.FieldDescriptions() == nil {
		if _, err := w.close(); err != nil {
			return nil, err
		}
		return &rows{done: true}, nil
	}
	return &rows{sent: w, fields: w.reader.FieldDescriptions(), write: s.Write}, nil
}

// close reads what is left of the result. The connection is then ready for the next statement,
// or closed.
func (w sent) close() (tag pgconn.CommandTag, err error) {
	err = w.err
	if w.reader != nil {
		tag, err = w.reader.Close()
	}
	w.tell(tag, err)
	return tag, err
}

func (w sent) tell(tag pgconn.CommandTag, err error) {
	if w.traced != nil {
		w.traced(tag, err)
	}
}

var errRowsOpen = errors.New("driver: rows of this transaction are still open")
