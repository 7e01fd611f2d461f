package model

import (
	"fmt"
	"reflect"
)

// KeyArg returns the argument for a key given as any: a value of the field's type, or one of the
// same kind that converts to it and back, such as an int for an int64.
func (f *Field) KeyArg(key any) (any, error) {
	switch k := key.(type) {
	case int64:
		if f.Codec.plain() && f.Type.Kind() == reflect.Int64 {
			return k, nil
		}
	case int:
		if f.Codec.plain() && f.Type.Kind() == reflect.Int64 {
			return int64(k), nil
		}
	case string:
		if f.Codec.plain() && f.Type.Kind() == reflect.String {
			return k, nil
		}
	}
	v := reflect.ValueOf(key)
	if !v.IsValid() || !v.CanConvert(f.Type) || !sameKind(v, f.Type) {
		return nil, fmt.Errorf("key %s is a %s; a %T was given", f.Column, f.Type, key)
	}
	c := v.Convert(f.Type)
	if c.CanInt() || c.CanUint() {
		if back := c.Convert(v.Type()); !back.Equal(v) || (v.CanInt() && v.Int() < 0) != (c.CanInt() && c.Int() < 0) {
			return nil, fmt.Errorf("key %s is a %s; the number given does not fit into it", f.Column, f.Type)
		}
	}
	p := reflect.New(f.Type)
	p.Elem().Set(c)
	return f.Codec.Arg(p.UnsafePointer())
}

func sameKind(v reflect.Value, t reflect.Type) bool {
	z := reflect.Zero(t)
	number := func(v reflect.Value) bool { return v.CanInt() || v.CanUint() }
	return v.Kind() == t.Kind() || number(v) && number(z)
}
