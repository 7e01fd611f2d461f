package postgres

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// column is a value as it came, with the type that the server gives it, which need not be the
// one that the model expects. Its bytes are pgconn's, until the next row.
type column struct {
	field *pgconn.FieldDescription
	src   []byte
}

func (c column) is(oid uint32) bool {
	return c.field.DataTypeOID == oid && c.field.Format == binaryFormat
}

func (c column) int() (int64, bool) {
	switch {
	case c.is(pgtype.Int8OID) && len(c.src) == 8:
		return int64(binary.BigEndian.Uint64(c.src)), true
	case c.is(pgtype.Int4OID) && len(c.src) == 4:
		return int64(int32(binary.BigEndian.Uint32(c.src))), true
	case c.is(pgtype.Int2OID) && len(c.src) == 2:
		return int64(int16(binary.BigEndian.Uint16(c.src))), true
	}
	return 0, false
}

func (c column) float() (float64, bool) {
	switch {
	case c.is(pgtype.Float8OID) && len(c.src) == 8:
		return math.Float64frombits(binary.BigEndian.Uint64(c.src)), true
	case c.is(pgtype.Float4OID) && len(c.src) == 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(c.src))), true
	}
	return 0, false
}

func (c column) bool() (v, ok bool) {
	if c.is(pgtype.BoolOID) && len(c.src) == 1 {
		return c.src[0] != 0, true
	}
	return false, false
}

func (c column) string(t *texts) (string, bool) {
	if c.is(pgtype.UUIDOID) && len(c.src) == 16 {
		return formatUUID(c.src), true
	}
	text, ok := c.text()
	if !ok {
		return "", false
	}
	return t.of(text), true
}

// text is the value of a type whose binary form is its text, or any in text format.
func (c column) text() ([]byte, bool) {
	if c.field.Format == textFormat {
		return c.src, c.field.DataTypeOID != pgtype.ByteaOID // whose text is hexadecimal
	}
	switch c.field.DataTypeOID {
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.NameOID, pgtype.UnknownOID,
		pgtype.JSONOID, pgtype.XMLOID:
		return c.src, true
	case pgtype.JSONBOID:
		if len(c.src) > 0 && c.src[0] == 1 { // the version of the format
			return c.src[1:], true
		}
	}
	return nil, false
}

func (c column) bytes() ([]byte, bool) {
	src, ok := c.src, c.is(pgtype.ByteaOID)
	if !ok && c.field.DataTypeOID != pgtype.ByteaOID {
		src, ok = c.text()
	}
	if !ok {
		return nil, false
	}
	return append(make([]byte, 0, len(src)), src...), true
}

// time passes over the infinities, which are no instants.
func (c column) time() (time.Time, bool) {
	if !c.is(pgtype.TimestamptzOID) && !c.is(pgtype.TimestampOID) || len(c.src) != 8 {
		return time.Time{}, false
	}
	n := int64(binary.BigEndian.Uint64(c.src))
	if n == math.MaxInt64 || n == math.MinInt64 {
		return time.Time{}, false
	}
	// In seconds first: microseconds since 1970 overflow before those since 2000 do.
	seconds, rest := n/1_000_000, n%1_000_000
	return time.Unix(seconds+epoch, rest*1000).UTC(), true
}

func (c column) uuid() (u [16]byte, ok bool) {
	switch {
	case c.is(pgtype.UUIDOID), c.is(pgtype.ByteaOID):
		if len(c.src) == len(u) {
			return [16]byte(c.src), true
		}
	case c.field.Format == textFormat:
		digits := bytes.ReplaceAll(c.src, []byte("-"), nil)
		if len(digits) == 2*len(u) {
			_, err := hex.Decode(u[:], digits)
			return u, err == nil
		}
	}
	return u, false
}

func formatUUID(src []byte) string {
	var b [36]byte
	hex.Encode(b[:8], src[:4])
	hex.Encode(b[9:13], src[4:6])
	hex.Encode(b[14:18], src[6:8])
	hex.Encode(b[19:23], src[8:10])
	hex.Encode(b[24:], src[10:])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// value is what database/sql would get from pgx, with times in UTC.
func (c column) value(types *pgtype.Map) (any, error) {
	if c.src == nil {
		return nil, nil
	}
	t, ok := types.TypeForOID(c.field.DataTypeOID)
	switch {
	case ok:
		v, err := t.Codec.DecodeDatabaseSQLValue(types, c.field.DataTypeOID, c.field.Format, c.src)
		if at, is := v.(time.Time); is {
			v = at.UTC()
		}
		return v, err
	case c.field.Format == textFormat:
		return string(c.src), nil
	}
	return bytes.Clone(c.src), nil
}
