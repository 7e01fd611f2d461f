package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// CodecFor returns the codec of values of a type for the field's column, or says why they do not fit:
// the type is one that a struct's field for the column could have.
func (f *Field) CodecFor(t reflect.Type) (*Codec, error) {
	kind := f.Codec.Type.Kind
	tag := tag{null: f.Codec.Nullable, json: kind == dialect.JSON && !isText(t)}
	if kind == dialect.Other {
		tag.sqlType = f.Codec.Type.Raw
	} else {
		tag.kind = kind.String()
	}
	c, problem := codecOf(t, tag)
	if problem != "" {
		return nil, fmt.Errorf("column %s is %s; a %s does not fit: %s", f.Column, kind, t, problem)
	}
	return c, nil
}

func isText(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.String
}

// Read copies the field's value in the row to one of the codec's type, at v. NULL is the zero value
// where that has none for it.
func (f *Field) Read(row unsafe.Pointer, c *Codec, v unsafe.Pointer) error {
	arg, err := f.Arg(row)
	if err != nil {
		return err
	}
	return f.convert(c.forColumn(true).target(v), arg)
}

// Write gives the field of the row the value of the codec's type at v. A value that does not fit
// changes nothing.
func (f *Field) Write(row unsafe.Pointer, c *Codec, v unsafe.Pointer) error {
	arg, err := c.Arg(v)
	if err != nil {
		return &ValueError{Field: f.Name, Err: err}
	}
	p := reflect.New(f.Type)
	if err := f.convert(f.Codec.target(p.UnsafePointer()), arg); err != nil {
		return err
	}
	return f.put(row, p.Elem())
}

func (f *Field) convert(dest, arg any) error {
	if u, is := arg.([16]byte); is {
		arg = u[:] // which what scans itself takes
	}
	err := driver.Convert(dest, arg)
	if err != nil && arg == nil {
		return fmt.Errorf("column %s has no NULL", f.Column)
	}
	if err != nil {
		return fmt.Errorf("column %s: the value does not fit: %w", f.Column, err)
	}
	return nil
}

// put sets the field to a value of its own type.
func (f *Field) put(row unsafe.Pointer, v reflect.Value) error {
	if f.record != nil {
		if err := f.record.check(row); err != nil {
			return err
		}
	}
	f.of(f.own(row)).Set(v)
	return nil
}

// Get returns the field's value in the row: nil for NULL, and never a pointer.
func (f *Field) Get(row unsafe.Pointer) any {
	v := f.of(f.At(row))
	switch {
	case f.Codec.Nullable && v.IsNil():
		return nil
	case v.Kind() == reflect.Pointer:
		v = v.Elem()
	}
	return v.Interface()
}

// Set gives the field of the row a value of any type that fits the column; nil is NULL.
func (f *Field) Set(row unsafe.Pointer, value any) error {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid() && f.Codec.Nullable:
		return f.put(row, reflect.Zero(f.Type))
	case !v.IsValid():
		return fmt.Errorf("column %s has no NULL", f.Column)
	case v.Type() == f.Type:
		return f.put(row, v)
	}
	c, err := f.CodecFor(v.Type())
	if err != nil {
		return err
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return f.Write(row, c, p.UnsafePointer())
}

// SetJSON gives the field of the row the value that a JSON text has for it.
func (f *Field) SetJSON(row unsafe.Pointer, text []byte) error {
	p := reflect.New(f.Type)
	null := bytes.Equal(text, []byte("null"))
	switch {
	case null && !f.Codec.Nullable && f.Codec.Type.Kind != dialect.JSON:
		return fmt.Errorf("column %s has no NULL", f.Column)
	case null && f.Codec.Nullable:
	case f.Codec.Type.Kind == dialect.Decimal && isNumber(text):
		return f.Set(row, string(text))
	default:
		if err := json.Unmarshal(text, p.Interface()); err != nil {
			return fmt.Errorf("column %s is %s; the JSON value is none", f.Column, f.Codec.Type.Kind)
		}
	}
	return f.put(row, p.Elem())
}

// isNumber tells a number from JSON's other values, by how it begins.
func isNumber(text []byte) bool { return text[0] == '-' || text[0] >= '0' && text[0] <= '9' }

// errNoModel is what asking a zero Record for a column by its name is.
var errNoModel = errors.New("the Record is of no model yet: make it with NewRecord, or read it")

// Field returns the field of a column of the Record.
func (r *Record) Field(column string) (*Field, error) {
	if r.of == nil {
		return nil, errNoModel
	}
	if at := r.of.Position(column); at >= 0 {
		return &r.of.Fields[at], nil
	}
	return nil, fmt.Errorf("model %q has no column %q; it has %v", r.of.Table.Name, column, r.of.Columns())
}

// KeyFields returns the fields of the primary key.
func (s *Struct) KeyFields() []*Field {
	fields := make([]*Field, len(s.Key))
	for i, at := range s.Key {
		fields[i] = &s.Fields[at]
	}
	return fields
}

// Columns returns the names of the columns.
func (s *Struct) Columns() []string {
	names := make([]string, len(s.Fields))
	for i := range s.Fields {
		names[i] = s.Fields[i].Column
	}
	return names
}
