package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
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
	// Row may be called for longer than it takes to find out, and has no statement to be
	// cancelled by.
	stream, err := encodeRows(ctx, conn, c)
	if err != nil {
		return r, err
	}
	var tag pgconn.CommandTag
	if d.tracer != nil {
		var told func(pgconn.CommandTag, error)
		ctx, told = d.trace(ctx, conn, &c.Statement)
		defer func() { told(tag, err) }()
	}
	tag, err = conn.PgConn().CopyFrom(ctx, bytes.NewReader(stream), c.Text)
	return driver.Result{Rows: tag.RowsAffected()}, err
}

// encodeRows writes rows in the binary format of COPY.
func encodeRows(ctx context.Context, conn *pgx.Conn, c *driver.Many) (stream []byte, err error) {
	stream = append(make([]byte, 0, 128*c.Rows+64), "PGCOPY\n\xff\r\n\x00"...)
	stream = append(stream, 0, 0, 0, 0, 0, 0, 0, 0) // flags, and the length of what extends the header
	var types []uint32
	for i := range c.Rows {
		row, err := c.Row(i)
		if err != nil {
			return nil, err
		}
		if types == nil {
			if types, err = columnTypes(ctx, conn, c.Insert, row); err != nil {
				return nil, err
			}
		}
		if stream, err = appendRow(stream, row, types); err != nil {
			return nil, err
		}
	}
	return append(stream, 0xff, 0xff), nil
}

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
