package postgres

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

const (
	textFormat   = pgtype.TextFormatCode
	binaryFormat = pgtype.BinaryFormatCode
)

// kinds says what each kind is to PostgreSQL. The format is that of results: a numeric is text,
// because its destinations are; what has no kind is text, which every type has; and a text is the same bytes in
// both formats, which the server makes with less work as text, for arguments too.
var kinds = [...]struct {
	oid, array uint32
	format     int16
}{
	dialect.Other:   {0, 0, textFormat},
	dialect.Bool:    {pgtype.BoolOID, pgtype.BoolArrayOID, binaryFormat},
	dialect.Int16:   {pgtype.Int2OID, pgtype.Int2ArrayOID, binaryFormat},
	dialect.Int32:   {pgtype.Int4OID, pgtype.Int4ArrayOID, binaryFormat},
	dialect.Int64:   {pgtype.Int8OID, pgtype.Int8ArrayOID, binaryFormat},
	dialect.Float32: {pgtype.Float4OID, pgtype.Float4ArrayOID, binaryFormat},
	dialect.Float64: {pgtype.Float8OID, pgtype.Float8ArrayOID, binaryFormat},
	dialect.Decimal: {pgtype.NumericOID, pgtype.NumericArrayOID, textFormat},
	dialect.Text:    {pgtype.TextOID, pgtype.TextArrayOID, textFormat},
	dialect.Bytes:   {pgtype.ByteaOID, pgtype.ByteaArrayOID, binaryFormat},
	dialect.Time:    {pgtype.TimestamptzOID, pgtype.TimestamptzArrayOID, binaryFormat},
	dialect.UUID:    {pgtype.UUIDOID, pgtype.UUIDArrayOID, binaryFormat},
	dialect.JSON:    {pgtype.JSONBOID, pgtype.JSONBArrayOID, binaryFormat},
}

// binding is what a Bind message says. It is used for one statement at a time and then again:
// pgconn has copied everything when ExecParams returns.
type binding struct {
	buf     []byte // never nil: a nil value is a NULL
	values  [][]byte
	oids    []uint32
	formats []int16
	results []int16
}

var bindings = sync.Pool{New: func() any { return &binding{buf: make([]byte, 0, 512)} }}

func takeBinding() *binding { return bindings.Get().(*binding) }

// keepBytes is the largest buffer that waits for another statement.
const keepBytes = 64 << 10

func (b *binding) giveBack() {
	if cap(b.buf) > keepBytes || cap(b.values) > keepBytes/16 {
		return
	}
	b.reset()
	bindings.Put(b)
}

func (b *binding) reset() {
	clear(b.values)
	b.buf, b.values, b.oids, b.formats, b.results = b.buf[:0], b.values[:0], b.oids[:0], b.formats[:0], b.results[:0]
}

func (b *binding) bind(s *driver.Statement) error {
	for i := range s.Args {
		if err := b.add(&s.Args[i]); err != nil {
			return fmt.Errorf("postgres: argument %d: %w", i+1, err)
		}
	}
	for _, k := range s.Columns {
		b.results = append(b.results, kinds[k].format)
	}
	return nil
}

func (b *binding) add(a *dialect.Arg) (err error) {
	start := len(b.buf)
	oid, format := kinds[a.Kind].oid, int16(textFormat)
	switch v := a.Value.(type) {
	case nil:
		if a.Array {
			oid = kinds[a.Kind].array
		}
		b.push(nil, oid, format)
		return nil
	case []any:
		b.buf, oid, format, err = appendArray(b.buf, a.Kind, v)
	default:
		b.buf, oid, format, err = appendValue(b.buf, a.Kind, v)
	}
	b.push(b.buf[start:len(b.buf):len(b.buf)], oid, format)
	return err
}

func (b *binding) push(value []byte, oid uint32, format int16) {
	b.values = append(b.values, value)
	b.oids = append(b.oids, oid)
	b.formats = append(b.formats, format)
}

// appendValue appends a value in binary, if it is one of its kind, or as text, which PostgreSQL
// then reads as that kind.
func appendValue(dst []byte, kind dialect.Kind, v any) (_ []byte, oid uint32, format int16, err error) {
	dst, oid = appendBinary(dst, kind, v)
	switch {
	case oid == pgtype.TextOID:
		return dst, oid, textFormat, nil
	case oid != 0:
		return dst, oid, binaryFormat, nil
	}
	dst, err = appendText(dst, v)
	return dst, kinds[kind].oid, textFormat, err
}

// appendBinary appends nothing and returns no OID for a value that it has no binary form of.
// A number too large for its kind goes as the widest of its sort, for PostgreSQL to compare it,
// or to refuse it in its own words.
func appendBinary(dst []byte, kind dialect.Kind, v any) ([]byte, uint32) {
	switch v := v.(type) {
	case int64:
		return appendInt(dst, kind, v)
	case string:
		if kind == dialect.Text || kind == dialect.Bytes {
			return append(dst, v...), kinds[kind].oid
		}
	case []byte:
		if kind == dialect.Text || kind == dialect.Bytes {
			return append(dst, v...), kinds[kind].oid
		}
	case bool:
		if kind == dialect.Bool {
			return append(dst, bit(v)), pgtype.BoolOID
		}
	case time.Time:
		if kind == dialect.Time {
			return binary.BigEndian.AppendUint64(dst, uint64(microseconds(v))), pgtype.TimestamptzOID
		}
	case float64:
		return appendFloat(dst, kind, v)
	case [16]byte:
		if kind == dialect.UUID {
			return append(dst, v[:]...), pgtype.UUIDOID
		}
	}
	return dst, 0
}

func bit(v bool) byte {
	if v {
		return 1
	}
	return 0
}

func appendInt(dst []byte, kind dialect.Kind, v int64) ([]byte, uint32) {
	switch {
	case kind == dialect.Int16 && int64(int16(v)) == v:
		return binary.BigEndian.AppendUint16(dst, uint16(v)), pgtype.Int2OID
	case kind == dialect.Int32 && int64(int32(v)) == v:
		return binary.BigEndian.AppendUint32(dst, uint32(v)), pgtype.Int4OID
	case kind == dialect.Int16, kind == dialect.Int32, kind == dialect.Int64:
		return binary.BigEndian.AppendUint64(dst, uint64(v)), pgtype.Int8OID
	}
	return dst, 0
}

func appendFloat(dst []byte, kind dialect.Kind, v float64) ([]byte, uint32) {
	switch {
	case kind == dialect.Float32 && !(math.Abs(v) > math.MaxFloat32 && !math.IsInf(v, 0)):
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(v))), pgtype.Float4OID
	case kind == dialect.Float32, kind == dialect.Float64:
		return binary.BigEndian.AppendUint64(dst, math.Float64bits(v)), pgtype.Float8OID
	}
	return dst, 0
}

// epoch is where PostgreSQL's time begins: 2000-01-01, in seconds of Unix's.
const epoch = 946_684_800

// microseconds are those since the epoch. A time beyond what 64 bits hold becomes one that
// PostgreSQL refuses; its largest and smallest would be the infinities.
func microseconds(t time.Time) int64 {
	const most = math.MaxInt64/1_000_000 - 1
	seconds := min(max(t.Unix()-epoch, -most), most)
	return seconds*1_000_000 + int64(t.Nanosecond())/1000
}

// appendText appends a value as PostgreSQL reads it, whatever its settings.
func appendText(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		return append(dst, v...), nil
	case []byte:
		return append(dst, v...), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case float64:
		return strconv.AppendFloat(dst, v, 'g', -1, 64), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case time.Time:
		return v.UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999Z"), nil
	case [16]byte:
		return hex.AppendEncode(dst, v[:]), nil
	}
	return dst, fmt.Errorf("a %T is not a value of the driver's contract", v)
}
