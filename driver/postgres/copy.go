package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// Copy takes a connection for as long as it takes: two round trips, one of them to learn the
// columns' types, because what is copied is taken as it is.
func (d *db) Copy(ctx context.Context, c *driver.Many) (driver.Result, error) {
	conn, err := d.acquire(ctx, c.Tenant)
	if err != nil {
		return driver.Result{}, err
	}
	defer conn.Release()
	return d.copy(ctx, conn.Conn.Conn(), c)
}

// Copy runs on the transaction's connection.
func (t *tx) Copy(ctx context.Context, c *driver.Many) (driver.Result, error) {
	if err := t.ready(ctx); err != nil {
		return driver.Result{}, err
	}
	if !t.begun {
		if _, t.refused = t.db.say(ctx, t.conn, beginText(t.options)); t.refused != nil {
			return driver.Result{}, t.refused
		}
		t.begun = true
	}
	return t.db.copy(ctx, t.conn, c)
}

func (d *db) copy(ctx context.Context, conn *pgx.Conn, c *driver.Many) (r driver.Result, err error) {
	rows, err := newCopyRows(ctx, conn, c)
	if err != nil {
		return r, err
	}
	var tag pgconn.CommandTag
	traced := ctx
	if d.tracer != nil {
		var told func(pgconn.CommandTag, error)
		traced, told = d.trace(ctx, conn, &c.Statement)
		defer func() { told(tag, err) }()
	}
	if conn.PgConn().TxStatus() == idle {
		tag, err = rows.copyAhead(traced, conn.PgConn())
		return driver.Result{Rows: tag.RowsAffected()}, err
	}
	// What turns out not to be copied must not be the end of the transaction.
	all := bytes.NewBuffer(make([]byte, 0, 128*c.Rows))
	if err := rows.encode(all); err != nil {
		return r, err
	}
	tag, err = conn.PgConn().CopyFrom(traced, all, c.Text)
	err = copyEnded(ctx, err)
	return driver.Result{Rows: tag.RowsAffected()}, err
}

// copyHeader begins the binary format of COPY: the signature, the flags, and the length of what extends
// the header (https://www.postgresql.org/docs/current/sql-copy.html).
const copyHeader = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// copyChunk is what is encoded at once: somewhat less than pgconn sends at once.
const copyChunk = 60 << 10

// copyRows are rows in the binary format of COPY.
type copyRows struct {
	many  *driver.Many
	types []uint32
	buf   []byte // what was encoded last
	next  int    // row
}

// newCopyRows encodes the first row, whose values it compares with the types of the columns.
func newCopyRows(ctx context.Context, conn *pgx.Conn, c *driver.Many) (r *copyRows, err error) {
	r = &copyRows{many: c, buf: append(make([]byte, 0, copyChunk+copyChunk/8), copyHeader...)}
	if c.Rows == 0 {
		return r, nil
	}
	r.next = 1
	row, err := c.Row(0)
	if err == nil {
		r.types, err = columnTypes(ctx, conn, c.Insert, row)
	}
	if err == nil {
		r.buf, err = appendRow(r.buf, row, r.types)
	}
	return r, err
}

// encode writes all rows.
func (r *copyRows) encode(w io.Writer) error {
	for ; r.next < r.many.Rows; r.next++ {
		if len(r.buf) >= copyChunk {
			if _, err := w.Write(r.buf); err != nil {
				return err
			}
			r.buf = r.buf[:0]
		}
		row, err := r.many.Row(r.next)
		if err == nil {
			r.buf, err = appendRow(r.buf, row, r.types)
		}
		if err != nil {
			return err
		}
	}
	_, err := w.Write(append(r.buf, 0xff, 0xff))
	return err
}

// copyAhead has the server work on rows while the next are encoded: here, and not where pgconn reads, because
// the application's own types may panic.
func (r *copyRows) copyAhead(ctx context.Context, pg *pgconn.PgConn) (tag pgconn.CommandTag, err error) {
	from, to := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		tag, err = pg.CopyFrom(ctx, from, r.many.Text)
		_ = from.CloseWithError(errCopied) // it returns nil
	}()
	defer func() { <-done }()
	defer to.CloseWithError(errGivenUp) // unless it was closed before
	wrong := r.encode(to)
	_ = to.CloseWithError(wrong) // nil is the end; it returns nil
	if <-done; wrong != nil && !errors.Is(wrong, errCopied) {
		return tag, wrong // of which the server was only told that there is something
	}
	return tag, ambiguous(copyEnded(ctx, err))
}

// copyEnded is the error of a copy whose context may have ended: pgconn then closes the connection, and tells of
// that.
func copyEnded(ctx context.Context, err error) error {
	no, answered := errors.AsType[*pgconn.PgError](err)
	if err == nil || ctx.Err() == nil || errors.Is(err, ctx.Err()) || answered && no.Code != cancelled {
		return err
	}
	return fmt.Errorf("postgres: %w: %w", ctx.Err(), err)
}

// cancelled is query_canceled.
const cancelled = "57014"

var (
	errCopied  = errors.New("postgres: the copy has ended")
	errGivenUp = errors.New("postgres: the copy was given up")
)

// columnTypes asks the server for the types of the columns, and compares them with those of the
// values.
func columnTypes(ctx context.Context, conn *pgx.Conn, insert string, row []dialect.Arg) ([]uint32, error) {
	desc, err := conn.PgConn().Prepare(ctx, unnamed, insert, nil)
	if err != nil {
		return nil, err
	}
	if len(desc.ParamOIDs) != len(row) || len(row) > math.MaxInt16 {
		return nil, driver.ErrNotCopied
	}
	for i, a := range row {
		if !takes(desc.ParamOIDs[i], a.Kind) {
			return nil, driver.ErrNotCopied
		}
	}
	return desc.ParamOIDs, nil
}

// takes reports whether a column's type has the binary form of a kind.
func takes(oid uint32, kind dialect.Kind) bool {
	switch oid {
	case 0:
		return false
	case pgtype.VarcharOID, pgtype.BPCharOID:
		return kind == dialect.Text
	}
	return oid == kinds[kind].oid && kind != dialect.Decimal
}

// appendRow appends a row. A value that only a text has, or that is too large for its column, is
// not copied: PostgreSQL reads or refuses it in a statement.
func appendRow(dst []byte, row []dialect.Arg, types []uint32) ([]byte, error) {
	if len(row) != len(types) {
		return dst, fmt.Errorf("postgres: a row of %d values for %d columns", len(row), len(types))
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(row)))
	for i := range row {
		at := len(dst)
		dst = append(dst, 0xff, 0xff, 0xff, 0xff) // the length of a NULL
		a := &row[i]
		if a.Value == nil {
			continue
		}
		var oid uint32
		if a.Kind == dialect.JSON {
			dst, oid = appendJSON(dst, a.Value)
		} else {
			dst, oid = appendBinary(dst, a.Kind, a.Value)
		}
		if oid != kinds[a.Kind].oid {
			return dst, driver.ErrNotCopied
		}
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst, nil
}

// appendJSON appends the binary form of jsonb: its version and the text.
func appendJSON(dst []byte, v any) ([]byte, uint32) {
	const version = 1
	switch v := v.(type) {
	case string:
		return append(append(dst, version), v...), pgtype.JSONBOID
	case []byte:
		return append(append(dst, version), v...), pgtype.JSONBOID
	}
	return dst, 0
}
