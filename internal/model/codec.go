package model

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse/dialect"
)

// Codec is how values of one Go type go to the database and come back.
type Codec struct {
	Type     dialect.Type
	Nullable bool // the Go type has a value for NULL

	// Arg returns the canonical argument for the value at p.
	Arg func(p unsafe.Pointer) (any, error)

	// Dest returns the destination for the value at p, one of those that drivers take.
	Dest func(p unsafe.Pointer) any

	// NewTarget, if set, makes a destination for the value at p that converts what it is given.
	// It is used instead of Dest.
	NewTarget func(p unsafe.Pointer) sql.Scanner

	setTime     func(p unsafe.Pointer, t time.Time)
	pointer     func() *Codec // the codec of a pointer to this type, or of this type with NULL
	scansItself bool
	readsNull   bool // as the zero value
}

func (c *Codec) plainTime() bool { return c.setTime != nil && !c.Nullable }

// plain reports whether arguments are the Go values as they are.
func (c *Codec) plain() bool { return c.Dest != nil && !c.scansItself }

// forColumn returns the codec for a column that may hold NULL although the Go type has no value
// for it: NULL is read as the zero value. A type that scans itself says what NULL is to it.
func (c *Codec) forColumn(null bool) *Codec {
	if !null || c.Nullable || c.scansItself || c.readsNull {
		return c
	}
	n := *c
	n.readsNull = true
	if c.NewTarget != nil {
		n = *c.pointer()
		n.Type = c.Type
		return &n
	}
	n.NewTarget = func(p unsafe.Pointer) sql.Scanner { return &zeroTarget{codec: c, p: p} }
	return &n
}

// ArgOf returns the argument for a value of the codec's type, or, when pointed is set, for a
// value of the type that the codec's points to.
func ArgOf[V any](c *Codec, v V, pointed bool) (any, error) {
	if pointed {
		p := &v
		return c.Arg(unsafe.Pointer(&p))
	}
	return c.Arg(unsafe.Pointer(&v))
}

// basics are the codecs of types by their kind; named types share them, as their memory is the
// same.
var basics = map[reflect.Kind]*Codec{
	reflect.Bool:    basic(dialect.Bool, func(p *bool) (any, error) { return *p, nil }),
	reflect.Int:     basic(dialect.Int64, func(p *int) (any, error) { return int64(*p), nil }),
	reflect.Int8:    basic(dialect.Int16, func(p *int8) (any, error) { return int64(*p), nil }),
	reflect.Int16:   basic(dialect.Int16, func(p *int16) (any, error) { return int64(*p), nil }),
	reflect.Int32:   basic(dialect.Int32, func(p *int32) (any, error) { return int64(*p), nil }),
	reflect.Int64:   basic(dialect.Int64, func(p *int64) (any, error) { return *p, nil }),
	reflect.Uint:    basic(dialect.Int64, func(p *uint) (any, error) { return signed(uint64(*p)) }),
	reflect.Uint8:   basic(dialect.Int16, func(p *uint8) (any, error) { return int64(*p), nil }),
	reflect.Uint16:  basic(dialect.Int32, func(p *uint16) (any, error) { return int64(*p), nil }),
	reflect.Uint32:  basic(dialect.Int64, func(p *uint32) (any, error) { return int64(*p), nil }),
	reflect.Uint64:  basic(dialect.Int64, func(p *uint64) (any, error) { return signed(*p) }),
	reflect.Float32: basic(dialect.Float32, func(p *float32) (any, error) { return float64(*p), nil }),
	reflect.Float64: basic(dialect.Float64, func(p *float64) (any, error) { return *p, nil }),
	reflect.String:  basic(dialect.Text, func(p *string) (any, error) { return *p, nil }),
}

var (
	timeCodec  = withTime(basic(dialect.Time, func(p *time.Time) (any, error) { return utc(*p), nil }))
	uuidCodec  = basic(dialect.UUID, func(p *[16]byte) (any, error) { return *p, nil })
	bytesCodec = basic(dialect.Bytes, func(p *[]byte) (any, error) {
		if *p == nil {
			return []byte{}, nil
		}
		return *p, nil
	})
	nullBytesCodec = &Codec{
		Type: dialect.Type{Kind: dialect.Bytes}, Nullable: true,
		Arg: func(p unsafe.Pointer) (any, error) {
			if b := *(*[]byte)(p); b != nil {
				return b, nil
			}
			return nil, nil
		},
		NewTarget: func(p unsafe.Pointer) sql.Scanner { return &zeroTarget{codec: bytesCodec, p: p} },
	}
)

var errUnsigned = errors.New("an unsigned integer above 9,223,372,036,854,775,807 has no place in a bigint")

func signed(n uint64) (any, error) {
	if n > math.MaxInt64 {
		return nil, errUnsigned
	}
	return int64(n), nil
}

func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// basic is the codec of a type that drivers take as it is.
func basic[V any](kind dialect.Kind, arg func(*V) (any, error)) *Codec {
	c := &Codec{
		Type: dialect.Type{Kind: kind},
		Arg:  func(p unsafe.Pointer) (any, error) { return arg((*V)(p)) },
		Dest: func(p unsafe.Pointer) any { return (*V)(p) },
	}
	c.pointer = func() *Codec {
		return &Codec{
			Type: c.Type, Nullable: true,
			Arg: func(p unsafe.Pointer) (any, error) {
				if v := *(**V)(p); v != nil {
					return arg(v)
				}
				return nil, nil
			},
			Dest: func(p unsafe.Pointer) any { return (**V)(p) },
		}
	}
	return c
}

func withTime(c *Codec) *Codec {
	c.setTime = func(p unsafe.Pointer, t time.Time) { *(*time.Time)(p) = t }
	pointer := c.pointer
	c.pointer = func() *Codec {
		n := pointer()
		n.setTime = func(p unsafe.Pointer, t time.Time) { *(**time.Time)(p) = &t }
		return n
	}
	return c
}

// codecOf returns the codec of a field, or says why there is none.
func codecOf(t reflect.Type, tag tag) (*Codec, string) {
	c, problem := goCodec(t, tag)
	if problem != "" {
		return nil, problem
	}
	if tag.null && t.Kind() == reflect.Slice && c == bytesCodec {
		c = nullBytesCodec
	}
	typed := *c
	if tag.kind != "" {
		kind, known := dialect.ParseKind(tag.kind)
		if known && !c.scansItself && !slices.Contains(kindsFor[c.Type.Kind], kind) {
			return nil, fmt.Sprintf("type:%s does not hold a %s", kind, t)
		}
		typed.Type.Kind = kind
	}
	if typed.Type.Kind == dialect.Decimal && tag.sqlType == "" {
		typed.Arg = decimalArg(c.Arg)
	}
	if tag.sqlType != "" {
		typed.Type = dialect.Type{Kind: dialect.Other, Raw: tag.sqlType}
	}
	if problem := bounds(&typed.Type, tag); problem != "" {
		return nil, problem
	}
	if tag.result {
		return typed.canonical(), ""
	}
	return &typed, ""
}

// kindsFor are the column types that a Go type's own kind can be kept in. A type that brings its
// own Value and Scan can be kept in any.
var kindsFor = map[dialect.Kind][]dialect.Kind{
	dialect.Bool:    {dialect.Bool},
	dialect.Int16:   {dialect.Int16, dialect.Int32, dialect.Int64},
	dialect.Int32:   {dialect.Int16, dialect.Int32, dialect.Int64},
	dialect.Int64:   {dialect.Int16, dialect.Int32, dialect.Int64},
	dialect.Float32: {dialect.Float32, dialect.Float64, dialect.Decimal},
	dialect.Float64: {dialect.Float32, dialect.Float64, dialect.Decimal},
	dialect.Text:    {dialect.Text, dialect.Decimal, dialect.JSON},
	dialect.Bytes:   {dialect.Bytes},
	dialect.Time:    {dialect.Time},
	dialect.UUID:    {dialect.UUID},
	dialect.JSON:    {dialect.JSON, dialect.Text},
}

var errDecimal = errors.New("the text is no decimal number")

// decimalArg refuses texts that are no numbers. MySQL and MariaDB compare with what such a text begins
// with, or with 0, and SQLite keeps it, as greater than every number.
func decimalArg(arg func(unsafe.Pointer) (any, error)) func(unsafe.Pointer) (any, error) {
	return func(p unsafe.Pointer) (any, error) {
		v, err := arg(p)
		if text, is := v.(string); is && err == nil && !isDecimal(text) {
			return nil, errDecimal
		}
		return v, err
	}
}

// isDecimal reports a number as SQL has it, or one of the three that are PostgreSQL's alone.
func isDecimal(text string) bool {
	switch text {
	case "NaN", "Infinity", "-Infinity":
		return true
	}
	text = strings.Trim(text, " ")
	if text != "" && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	whole := digits(text)
	after := 0
	if text = text[whole:]; strings.HasPrefix(text, ".") {
		after = digits(text[1:])
		text = text[1+after:]
	}
	if text == "" || whole+after == 0 {
		return whole+after > 0
	}
	if text[0] != 'e' && text[0] != 'E' {
		return false
	}
	if text = text[1:]; text != "" && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	return text != "" && digits(text) == len(text)
}

// digits is how many digits a text begins with.
func digits(text string) int { return len(text) - len(strings.TrimLeft(text, "0123456789")) }

func bounds(t *dialect.Type, tag tag) string {
	t.Size, t.Precision, t.Scale = tag.size, tag.precision, tag.scale
	switch {
	case t.Size > 0 && t.Kind != dialect.Text && t.Kind != dialect.Bytes:
		return fmt.Sprintf("size is for text and bytes, not %s", t.Kind)
	case t.Precision > 0 && t.Kind != dialect.Decimal:
		return fmt.Sprintf("precision is for type:decimal, not %s", t.Kind)
	}
	return ""
}

func goCodec(t reflect.Type, tag tag) (*Codec, string) {
	if tag.json {
		return jsonCodec(t, tag), ""
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return timeCodec, ""
	case isNull(t):
		return nullCodec(t, tag)
	case t.Kind() == reflect.Array && t.Len() == 16 && t.Elem().Kind() == reflect.Uint8:
		return uuidCodec, ""
	}
	if c, problem, is := customCodec(t, tag); is {
		return c, problem
	}
	if c, ok := basics[t.Kind()]; ok {
		return c, ""
	}
	switch {
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return bytesCodec, ""
	case t.Kind() == reflect.Pointer:
		return pointerCodec(t, tag)
	}
	return nil, fmt.Sprintf("a %s is no column: tag it json, give it Value and Scan methods, or leave it out with db:\"-\"", t)
}

func pointerCodec(t reflect.Type, tag tag) (*Codec, string) {
	if t.Elem().Kind() == reflect.Pointer {
		return nil, "a pointer to a pointer is no column"
	}
	inner, problem := goCodec(t.Elem(), tag)
	if problem != "" {
		return nil, problem
	}
	if inner.pointer == nil {
		return nil, fmt.Sprintf("a %s already has a value for NULL; leave out the pointer", t.Elem())
	}
	return inner.pointer(), ""
}

// isNull reports a sql.Null[T], or one of the older types of that shape.
func isNull(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || t.PkgPath() != "database/sql" || !strings.HasPrefix(t.Name(), "Null") {
		return false
	}
	_, ok := t.FieldByName("Valid")
	return ok && t.NumField() == 2
}

// customCodec is the codec of a type that brings its own Value and Scan.
func customCodec(t reflect.Type, tag tag) (c *Codec, problem string, is bool) {
	if t.Kind() == reflect.Pointer {
		return nil, "", false
	}
	values := reflect.PointerTo(t).Implements(reflect.TypeFor[sqldriver.Valuer]())
	scans := reflect.PointerTo(t).Implements(reflect.TypeFor[sql.Scanner]())
	switch {
	case !values && !scans, tag.result && !scans:
		return nil, "", false
	case !values && !tag.result:
		return nil, fmt.Sprintf("a %s has a Scan method but no Value method (driver.Valuer)", t), true
	case !scans:
		return nil, fmt.Sprintf("a %s has a Value method but no Scan method (sql.Scanner)", t), true
	}
	kind := dialect.Other
	if b, ok := basics[t.Kind()]; ok {
		kind = b.Type.Kind
	} else if tag.kind == "" && tag.sqlType == "" && !tag.result {
		return nil, fmt.Sprintf("a %s does not tell its column's type: add type:… or sqltype:…", t), true
	}
	if tag.result {
		return scannerCodec(t, kind), "", true
	}
	c = &Codec{
		Type: dialect.Type{Kind: kind}, Arg: customArg(t, tag.kind), scansItself: true,
		Dest: func(p unsafe.Pointer) any { return reflect.NewAt(t, p).Interface() },
	}
	c.pointer = func() *Codec { return customPointer(t, c) }
	return c, "", true
}

// customArg takes what Value returns. A UUID may come as text or as bytes there, as its package
// likes; engines without a type for it are given the sixteen bytes.
func customArg(t reflect.Type, kind string) func(p unsafe.Pointer) (any, error) {
	return func(p unsafe.Pointer) (any, error) {
		v, err := reflect.NewAt(t, p).Interface().(sqldriver.Valuer).Value()
		if err != nil {
			return nil, err
		}
		switch v := v.(type) {
		case time.Time:
			return utc(v), nil
		case string:
			if kind == dialect.UUID.String() {
				return uuidOf(uuid.Parse(v))
			}
		case []byte:
			if kind == dialect.UUID.String() {
				return uuidOf(uuid.FromBytes(v))
			}
		}
		return v, nil
	}
}

func uuidOf(u uuid.UUID, err error) (any, error) {
	if err != nil {
		return nil, errors.New("its Value is no UUID") // uuid's own error quotes the value
	}
	return [16]byte(u), nil
}

func customPointer(t reflect.Type, inner *Codec) *Codec {
	return &Codec{
		Type: inner.Type, Nullable: true, scansItself: true,
		Arg: func(p unsafe.Pointer) (any, error) {
			if v := *(*unsafe.Pointer)(p); v != nil {
				return inner.Arg(v)
			}
			return nil, nil
		},
		NewTarget: func(p unsafe.Pointer) sql.Scanner { return &pointerTarget{elem: t, p: p} },
	}
}
