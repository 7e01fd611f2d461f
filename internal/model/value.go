package model

import (
	sqldriver "database/sql/driver"
	"reflect"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// CodecOf returns the codec of a value's type, or nil if it has none. The codec of a type that brings
// its own Value, and does not tell its column's type, is of the kind Other.
func CodecOf(t reflect.Type) *Codec {
	c, problem := codecOf(t, tag{})
	if problem != "" {
		c = nil
		if t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(reflect.TypeFor[sqldriver.Valuer]()) {
			c = &Codec{Type: dialect.Type{Kind: dialect.Other}, Arg: customArg(t, ""), scansItself: true}
		}
	}
	return c
}

// Pointer returns the codec of a pointer to the codec's type; nil if that has NULL already.
func (c *Codec) Pointer() *Codec {
	if c.Nullable || c.pointer == nil {
		return nil
	}
	return c.pointer()
}

// readable are the kinds of values that a kind's destination takes on every engine, beside its own.
var readable = map[dialect.Kind][]dialect.Kind{
	dialect.Int16:   {dialect.Int32, dialect.Int64},
	dialect.Int32:   {dialect.Int16, dialect.Int64},
	dialect.Int64:   {dialect.Int16, dialect.Int32},
	dialect.Float32: {dialect.Float64, dialect.Decimal, dialect.Int16, dialect.Int32, dialect.Int64},
	dialect.Float64: {dialect.Float32, dialect.Decimal, dialect.Int16, dialect.Int32, dialect.Int64},
	dialect.Decimal: {dialect.Int16, dialect.Int32, dialect.Int64},
	dialect.Text:    {dialect.Decimal, dialect.JSON},
	dialect.Bytes:   {dialect.Text, dialect.JSON},
	dialect.JSON:    {dialect.Text},
}

// Reads reports whether values of a kind can be read by the codec, as far as kinds tell.
func (c *Codec) Reads(kind dialect.Kind) bool {
	own := c.Type.Kind
	return c.scansItself || own == dialect.Other || kind == dialect.Other || own == kind || slices.Contains(readable[own], kind)
}

// CodecAs returns the codec of a value's type for a column of a kind, or nil if it has none. Any type
// can be JSON.
func CodecAs(t reflect.Type, kind dialect.Kind) *Codec {
	c, problem := codecOf(t, tag{kind: kind.String()})
	if problem != "" && kind == dialect.JSON {
		c, problem = codecOf(t, tag{json: true})
	}
	if problem != "" {
		return nil
	}
	return c
}

// Take reads a canonical value into the codec's type.
func (c *Codec) Take(p unsafe.Pointer, v any) error { return driver.Convert(c.target(p), v) }
