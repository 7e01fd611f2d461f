package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/rowhouse/rowhouse/driver"
)

// sent is a statement on its way.
type sent struct {
	db     *db
	conn   *pgx.Conn
	reader *pgconn.ResultReader
	wire   *pgconn.Pipeline               // if the statement has company
	err    error                          // before there was a reader
	traced func(pgconn.CommandTag, error) // the tracer's end, or nil

	commits  bool        // it is a write outside of transactions, and on its way
	names    *statements // of the connection, or nil
	named    *statement  // the statement, or nil
	unproven bool        // the probe ahead of it has failed

	begins  bool                           // the transaction, which has begun unless it was refused
	refused bool                           // the transaction has not begun
	begun   func(pgconn.CommandTag, error) // the tracer's end of that, or nil
}

// send writes a statement to a connection, in one packet: Bind, Execute and Sync for one that
// has a name, ahead of that Parse and Describe for one that has not. A text that begins a
// transaction goes ahead of it all, if it is not "".
func (d *db) send(ctx context.Context, conn *pgx.Conn, s *driver.Statement, begin string) sent {
	w := sent{db: d, conn: conn}
	if d.tracer != nil {
		ctx, w.traced = d.trace(ctx, conn, s)
	}
	b := takeBinding()
	defer b.giveBack()
	if w.err = b.bind(s); w.err != nil {
		return w
	}
	w.commits = s.Write && begin == "" && conn.PgConn().TxStatus() == idle
	var use use
	if w.names = d.naming.of(conn, s); w.names != nil {
		use = w.names.use(s.Text, b.oids)
		w.named = use.named
		use.ask = use.ask && d.naming.asks(conn, conn.PgConn().TxStatus() == idle)
	}
	d.counts.note(use)
	switch pg := conn.PgConn(); {
	case use.fresh, use.ask, begin != "":
		w.write(ctx, s, b, use, begin)
	case w.named == nil:
		w.reader = pg.ExecParams(ctx, s.Text, b.values, b.oids, b.formats, b.results)
	case len(w.named.desc.Fields) == 0:
		w.reader = pg.ExecPrepared(ctx, w.named.name, b.values, b.formats, b.results)
	default:
		w.reader = pg.ExecStatement(ctx, w.named.desc, b.values, b.formats, b.results)
	}
	return w
}

// The status of a connection: outside of transactions, in one, and in one that has failed.
const (
	idle              = 'I'
	inTransaction     = 'T'
	failedTransaction = 'E'
)

// write sends a statement behind what it needs: the beginning of its transaction, the question
// whether names last, its own name.
func (w *sent) write(ctx context.Context, s *driver.Statement, b *binding, use use, begin string) {
	w.wire = w.conn.PgConn().StartPipeline(ctx)
	if begin != "" {
		w.sendBegin(ctx, begin)
	}
	if use.ask {
		w.names.ask(w.wire)
	}
	closes := 0
	if use.fresh {
		closes = w.names.tell(w.wire, w.named)
	}
	if w.named != nil {
		w.wire.SendQueryPrepared(w.named.name, b.values, b.formats, b.results)
	} else {
		w.wire.SendQueryParams(s.Text, b.values, b.oids, b.formats, b.results)
	}
	if w.err = w.wire.Sync(); w.err == nil {
		w.err = w.read(use, closes)
	} else if pgconn.SafeToRetry(w.err) {
		w.begins = false
	}
	if use.fresh && w.named.desc == nil {
		w.names.untold(w.named)
	}
	if use.ask && w.names.probe == asked {
		w.names.probe = unasked // what was ahead of the question has failed
	}
}

func (w *sent) sendBegin(ctx context.Context, begin string) {
	w.begins = true
	if w.db.tracer != nil {
		_, w.begun = w.db.trace(ctx, w.conn, &driver.Statement{Text: begin})
	}
	w.wire.SendQueryParams(begin, nil, nil, nil, nil)
}

func (w *sent) readBegin() error {
	reader, err := reply[*pgconn.ResultReader](w.wire)
	var tag pgconn.CommandTag
	if err == nil {
		tag, err = reader.Close()
	}
	if w.begun != nil {
		w.begun(tag, err)
	}
	w.refused = err != nil
	return err
}

// read passes over the replies ahead of the statement's own.
func (w *sent) read(use use, closes int) (err error) {
	if w.begins {
		if err := w.readBegin(); err != nil {
			return err
		}
	}
	if use.ask {
		if err := w.db.naming.hear(w.names, w.wire, w.conn.PgConn().PID()); err != nil {
			w.unproven = true
			return err
		}
	}
	if use.fresh {
		if err := w.names.told(w.wire, w.named, closes); err != nil {
			return err
		}
	}
	w.reader, err = reply[*pgconn.ResultReader](w.wire)
	return err
}

// result waits for the end of a statement, passing over its rows.
func (w *sent) result() (driver.Result, error) {
	tag, err := w.close()
	return driver.Result{Rows: tag.RowsAffected()}, err
}

// rows returns the result, which is done already if the statement failed or has none.
func (w *sent) rows(s *driver.Statement) (*rows, error) {
	if w.err != nil || w.reader.FieldDescriptions() == nil {
		if _, err := w.close(); err != nil {
			return nil, err
		}
		return &rows{done: true}, nil
	}
	return &rows{sent: *w, fields: w.reader.FieldDescriptions(), write: s.Write}, nil
}

// close reads what is left of the result. The connection is then ready for the next statement,
// or closed.
func (w *sent) close() (tag pgconn.CommandTag, err error) {
	err = w.err
	if w.reader != nil {
		tag, err = w.reader.Close()
	}
	if w.wire != nil {
		if end := w.wire.Close(); err == nil {
			err = end
		}
	}
	if w.commits {
		err = ambiguous(err)
	}
	w.tell(tag, err)
	return tag, err
}

func (w *sent) tell(tag pgconn.CommandTag, err error) {
	if w.traced != nil {
		w.traced(tag, err)
	}
}

// again reports whether a statement has not run because of what the server has, or has not, under
// its name, or did not understand ahead of it. Outside of a transaction it is then sent again; a
// transaction is lost by that, and what is out of date forgotten, so that the next one is not.
func (w *sent) again(err error) bool {
	if w.conn.IsClosed() {
		return false
	}
	return w.unproven || w.db.naming.outdated(w.names, w.named, err)
}
