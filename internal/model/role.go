package model

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// roles takes what the tag makes of a column beyond holding a value.
func (c *compiler) roles(at int, tag tag, text string) {
	s, f := c.s, &c.s.Fields[at]
	kind := f.Codec.Type.Kind
	if tag.pk {
		s.Key = append(s.Key, at)
		c.place("primary key", tag.keyAt)
		if f.Codec.Nullable {
			c.mistake(f.Name, text, "a primary key cannot be of a type that has NULL")
		}
	}
	if tag.auto {
		c.auto(at, kind, text)
	}
	if tag.created || tag.updated {
		switch {
		case !f.Codec.plainTime():
			c.mistake(f.Name, text, "created and updated are for a time.Time")
		case tag.created:
			s.Created = append(s.Created, at)
			c.role(at, dialect.RoleCreated)
		default:
			s.Updated = append(s.Updated, at)
			c.role(at, dialect.RoleUpdated)
		}
	}
	if tag.lock {
		if f.Type.Kind() != reflect.Int64 || !f.Codec.plain() || s.Lock >= 0 {
			c.mistake(f.Name, text, "lock is for one field of type int64")
		} else {
			s.Lock = at
			c.role(at, dialect.RoleLock)
		}
	}
	if tag.softDelete {
		if !f.Codec.Nullable || f.Codec.setTime == nil || s.SoftDelete >= 0 {
			c.mistake(f.Name, text, "softdelete is for one field of type *time.Time or sql.Null[time.Time]")
		} else {
			s.SoftDelete = at
			c.role(at, dialect.RoleSoftDelete)
		}
	}
	if tag.fallback != nil {
		c.fallback(at, *tag.fallback, text)
	}
}

func (c *compiler) role(at int, r dialect.Role) { c.s.Table.Columns[at].Role = r }

// auto takes a generated key: integers are made by the database, UUIDs and texts here.
func (c *compiler) auto(at int, kind dialect.Kind, text string) {
	f := &c.s.Fields[at]
	v := reflect.New(f.Type).Elem()
	switch {
	case !f.Codec.plain():
		kind = dialect.Other // the field's memory is not what the column's type says
	case kind == dialect.Other && (v.CanInt() || v.CanUint()):
		kind = dialect.Int64 // an integer of one engine, such as MySQL's bigint unsigned
	}
	switch kind {
	case dialect.Int16, dialect.Int32, dialect.Int64:
		if c.s.Auto >= 0 {
			c.mistake(f.Name, text, "only one key can be made by the database")
		}
		c.s.Auto = at
		c.s.Table.Columns[at].Auto = true
	case dialect.UUID, dialect.Text:
		c.s.Made = append(c.s.Made, at)
		c.role(at, dialect.RoleMade)
	default:
		c.mistake(f.Name, text, "auto is for an integer (made by the database), a UUID or a string (a UUIDv7)")
	}
}

// fallback takes a default, both as the value that an insert fills in and as the column's own.
func (c *compiler) fallback(at int, value, text string) {
	f, column := &c.s.Fields[at], &c.s.Table.Columns[at]
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	p := reflect.New(t)
	literal, err := "", parseDefault(p.Elem(), value)
	f.fallback = p.Elem()
	if f.Type.Kind() == reflect.Pointer {
		f.fallback = p
	}
	if err == nil {
		literal, err = f.literal()
	}
	if err != nil {
		c.mistake(f.Name, text, fmt.Sprintf("default %q: %v", value, err))
		return
	}
	column.Default = literal
	c.s.Defaulted = append(c.s.Defaulted, at)
}

// literal is the default as SQL text. It goes the way of a row's value, so that the column's
// default is what an insert would write.
func (f *Field) literal() (string, error) {
	p := reflect.New(f.Type)
	p.Elem().Set(f.fallback)
	arg, err := f.Codec.Arg(p.UnsafePointer())
	if err != nil {
		return "", err
	}
	return literalOf(arg, f.Codec.Type.Kind)
}

// Literal is a canonical value as SQL text: a bool, a number or a text.
func Literal(v any) string {
	text, _ := literalOf(v, dialect.Float64)
	return text
}

func literalOf(arg any, kind dialect.Kind) (string, error) {
	switch v := arg.(type) {
	case bool:
		return strconv.FormatBool(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", errors.New("not every engine has that number")
		}
		bits := 64
		if kind == dialect.Float32 {
			bits = 32
		}
		return strconv.FormatFloat(v, 'g', -1, bits), nil
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'", nil
	}
	return "", fmt.Errorf("a %T cannot be one", arg)
}

// parseDefault sets v to the value that the text says.
func parseDefault(v reflect.Value, value string) error {
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(value)
		v.SetInt(int64(d))
		return err
	}
	switch v.Kind() {
	case reflect.Bool:
		b, err := strconv.ParseBool(value)
		v.SetBool(b)
		return err
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(value, 10, v.Type().Bits())
		v.SetInt(n)
		return err
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(value, 10, v.Type().Bits())
		v.SetUint(n)
		return err
	case reflect.Float32, reflect.Float64:
		x, err := strconv.ParseFloat(value, v.Type().Bits())
		v.SetFloat(x)
		return err
	case reflect.String:
		v.SetString(value)
		return nil
	}
	return fmt.Errorf("only bools, numbers, texts and durations can have one, not a %s", v.Type())
}

// Zero reports whether the field of the row has its type's zero value. A row is a struct of the
// model, or a [Record] of it; all that takes one finds the field in either.
func (f *Field) Zero(row unsafe.Pointer) bool { return f.of(f.At(row)).IsZero() }

// FillDefault gives the field of the row its default if it has its zero value.
func (f *Field) FillDefault(row unsafe.Pointer) {
	if !f.Zero(row) {
		return
	}
	v := f.of(f.own(row))
	if f.fallback.Kind() != reflect.Pointer {
		v.Set(f.fallback)
		return
	}
	p := reflect.New(f.Type.Elem())
	p.Elem().Set(f.fallback.Elem())
	v.Set(p)
}

func (f *Field) of(at unsafe.Pointer) reflect.Value { return reflect.NewAt(f.Type, at).Elem() }

// At returns the address of the field of the row, to be read.
func (f *Field) At(row unsafe.Pointer) unsafe.Pointer {
	switch {
	case f.record != nil:
		row = f.record.reading(row)
	case f.place != nil:
		return f.place.reading(row)
	}
	return unsafe.Add(row, f.Offset)
}

// own returns the address of the field of the row, to be written.
func (f *Field) own(row unsafe.Pointer) unsafe.Pointer {
	switch {
	case f.record != nil:
		row = f.record.writing(row)
	case f.place != nil:
		return f.place.writing(row, f.Codec.Type.Kind)
	}
	return unsafe.Add(row, f.Offset)
}

// Dest returns a destination for the field of the row. It stays good for any number of rows that
// are read into the same struct; a Record has to be [Struct.Fresh] for each.
func (f *Field) Dest(row unsafe.Pointer) any {
	if f.Codec.NewTarget == nil {
		return f.Codec.Dest(f.At(row))
	}
	return f.Codec.NewTarget(f.At(row))
}

// ValueError is a field whose value cannot be an argument. Err may quote the value; the message
// does not.
type ValueError struct {
	Field string
	Err   error
}

// Error names the field.
func (e *ValueError) Error() string {
	return "the value of field " + e.Field + " cannot be written (why is behind errors.Unwrap)"
}

// Unwrap returns why.
func (e *ValueError) Unwrap() error { return e.Err }

// Arg returns the field's value in the row as an argument.
func (f *Field) Arg(row unsafe.Pointer) (any, error) {
	if f.record != nil {
		if err := f.record.check(row); err != nil {
			return nil, err
		}
	}
	v, err := f.Codec.Arg(f.At(row))
	if _, told := errors.AsType[*FitError](err); told {
		return nil, err
	}
	if err != nil {
		return nil, &ValueError{Field: f.Name, Err: err}
	}
	return v, nil
}

// bounded reports whether values of the field are short, whatever they are.
func (f *Field) bounded() bool {
	switch f.Codec.Type.Kind {
	case dialect.Text, dialect.Bytes, dialect.JSON, dialect.Other:
		return false
	}
	return true
}

// Weight is how a field's value is told to be long or short.
type Weight uint8

// The weights.
const (
	WeightBounded Weight = iota // none is long
	WeightPlain                 // [Field.TextLen] tells
	WeightEncoded               // [Field.EncodedLen] tells, which encodes it
)

// Weight returns how long the field's values can be.
func (f *Field) Weight() Weight {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case f.bounded():
		return WeightBounded
	case f.Codec.plain() && t.Kind() == reflect.String:
		return WeightPlain
	}
	return WeightEncoded
}

// TextLen returns how long a text is, of a field whose weight is [WeightPlain].
func (f *Field) TextLen(row unsafe.Pointer) int {
	text := f.At(row)
	if f.Type.Kind() == reflect.Pointer {
		text = *(*unsafe.Pointer)(text)
	}
	if text == nil {
		return 0
	}
	return len(*(*string)(text))
}

// EncodedLen returns how long the text or the bytes are that the field's value is written as.
func (f *Field) EncodedLen(row unsafe.Pointer) int {
	value, _ := f.Arg(row) // what is wrong with it is told when it is written
	switch v := value.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	}
	return 0
}

// SetTime sets a time field.
func (f *Field) SetTime(row unsafe.Pointer, t time.Time) { f.Codec.setTime(f.own(row), t) }

// SetString sets a text key, SetUUID one of sixteen bytes, SetInt an integer of any width.
func (f *Field) SetString(row unsafe.Pointer, s string) { *(*string)(f.own(row)) = s }

// SetUUID sets a key of sixteen bytes.
func (f *Field) SetUUID(row unsafe.Pointer, u [16]byte) { *(*[16]byte)(f.own(row)) = u }

// SetInt sets an integer of any width and reports whether it fitted.
func (f *Field) SetInt(row unsafe.Pointer, n int64) bool {
	v := f.of(f.own(row))
	if v.CanInt() {
		v.SetInt(n)
		return v.Int() == n
	}
	v.SetUint(uint64(n))
	return n >= 0 && v.Uint() == uint64(n)
}

// IsInt reports whether the field is an int or an int64 that is written as it is, so that Int has it.
func (f *Field) IsInt() bool {
	return f.Codec.plain() && (f.Type.Kind() == reflect.Int64 || f.Type.Kind() == reflect.Int && math.MaxInt == math.MaxInt64)
}

// Int returns an integer field's value.
func (f *Field) Int(row unsafe.Pointer) int64 { return *(*int64)(f.At(row)) }

// Value returns a copy of the field's value, and SetValue puts one back.
func (f *Field) Value(row unsafe.Pointer) any { return f.of(f.At(row)).Interface() }

// SetZero gives the field its type's zero value.
func (f *Field) SetZero(row unsafe.Pointer) { f.of(f.own(row)).SetZero() }

// SetValue puts back what Value returned.
func (f *Field) SetValue(row unsafe.Pointer, v any) { f.of(f.own(row)).Set(reflect.ValueOf(v)) }

// Assign gives the field of the row the value of another field of another row. Their types are the
// same, but that either may be a pointer to it.
func (f *Field) Assign(row unsafe.Pointer, from *Field, other unsafe.Pointer) {
	to, v := f.of(f.own(row)), from.of(from.At(other))
	switch {
	case v.Type() == to.Type() && to.Kind() != reflect.Pointer:
		to.Set(v)
		return
	case v.Kind() == reflect.Pointer && v.IsNil():
		to.SetZero()
		return
	case v.Kind() == reflect.Pointer:
		v = v.Elem()
	}
	if to.Kind() == reflect.Pointer {
		p := reflect.New(to.Type().Elem()) // of its own, so that neither row changes with the other
		p.Elem().Set(v)
		v = p
	}
	to.Set(v)
}

// Put gives the field a canonical value, as Arg returns it for a column of the same kind. The error does
// not quote it.
func (f *Field) Put(row unsafe.Pointer, value any) error {
	at := f.own(row)
	if f.Codec.NewTarget == nil {
		return driver.Convert(f.Codec.Dest(at), value)
	}
	return driver.Convert(f.Codec.NewTarget(at), value)
}
