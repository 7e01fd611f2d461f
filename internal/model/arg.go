package model

import (
	sqldriver "database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
)

// ArgOfAny returns the argument for a value that belongs to no column, by its Go type: as a column of
// that type would write it. A text has no kind, so that an engine with types may take it for what
// stands beside it: a date, a UUID, an enumeration. A slice, other than of bytes, is a list.
func ArgOfAny(v any) (dialect.Arg, error) {
	if rv := reflect.ValueOf(v); isList(rv) {
		return listArg(rv)
	}
	value, kind, err := scalar(v)
	return dialect.Arg{Value: value, Kind: kind}, err
}

func isList(v reflect.Value) bool {
	if !v.IsValid() || v.Kind() != reflect.Slice || v.Type().Elem().Kind() == reflect.Uint8 {
		return false
	}
	_, values := reflect.TypeAssert[sqldriver.Valuer](v)
	return !values
}

func listArg(list reflect.Value) (dialect.Arg, error) {
	a := dialect.Arg{Value: make([]any, list.Len()), Array: true}
	// What an empty list would hold says what it is a list of.
	if list.Type().Elem().Kind() != reflect.Interface {
		if _, kind, err := scalar(reflect.Zero(list.Type().Elem()).Interface()); err == nil {
			a.Kind = kind
		}
	}
	values := a.Value.([]any)
	for i := range values {
		v, kind, err := scalar(list.Index(i).Interface())
		switch {
		case err != nil:
			return a, err
		case v == nil:
		case a.Kind == dialect.Other && !slices.ContainsFunc(values[:i], func(v any) bool { return v != nil }):
			a.Kind = kind
		case kind != a.Kind:
			return a, fmt.Errorf("a list of values of one type is wanted; it has %s beside %s", kind, a.Kind)
		}
		values[i] = v
	}
	return a, nil
}

// scalar returns the canonical value and its kind.
func scalar(v any) (any, dialect.Kind, error) {
	switch v := v.(type) {
	case nil:
		return nil, dialect.Other, nil
	case string:
		return v, dialect.Other, nil
	case int64:
		return v, dialect.Int64, nil
	case time.Time:
		return utc(v), dialect.Time, nil
	case json.RawMessage:
		return string(v), dialect.JSON, nil
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer {
		if rv.IsNil() {
			return nil, dialect.Other, nil
		}
		if _, values := v.(sqldriver.Valuer); !values || isUUID(rv.Type().Elem()) {
			return scalar(rv.Elem().Interface())
		}
	}
	if isUUID(rv.Type()) {
		return rv.Convert(reflect.TypeFor[[16]byte]()).Interface(), dialect.UUID, nil
	}
	if valuer, ok := valuerOf(rv); ok {
		return valued(valuer)
	}
	return plain(rv)
}

func isUUID(t reflect.Type) bool {
	return t.Kind() == reflect.Array && t.Len() == 16 && t.Elem().Kind() == reflect.Uint8
}

// valuerOf returns the value as one that says itself what it is, also where only its pointer does.
func valuerOf(v reflect.Value) (sqldriver.Valuer, bool) {
	if valuer, ok := reflect.TypeAssert[sqldriver.Valuer](v); ok {
		return valuer, true
	}
	if !reflect.PointerTo(v.Type()).Implements(reflect.TypeFor[sqldriver.Valuer]()) {
		return nil, false
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p.Interface().(sqldriver.Valuer), true
}

// valued takes what Value returns, whose type need not be a canonical one: sql.Null[int] returns an
// int.
func valued(valuer sqldriver.Valuer) (any, dialect.Kind, error) {
	v, err := valuer.Value()
	if err != nil {
		return nil, 0, &ValueError{Field: fmt.Sprintf("a %T", valuer), Err: err}
	}
	if _, again := v.(sqldriver.Valuer); again {
		return nil, 0, fmt.Errorf("the Value of a %T is no value of a database", valuer)
	}
	return scalar(v)
}

func plain(v reflect.Value) (any, dialect.Kind, error) {
	c, ok := basics[v.Kind()]
	if !ok && v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		c, ok = bytesCodec, true
	}
	if !ok {
		return nil, 0, fmt.Errorf("a %s is no argument: make it JSON, or give it a Value method (driver.Valuer)", v.Type())
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	value, err := c.Arg(p.UnsafePointer())
	switch kind := c.Type.Kind; kind {
	case dialect.Text:
		return value, dialect.Other, err
	case dialect.Int16, dialect.Int32:
		return value, dialect.Int64, err // which compares with columns of every width
	default:
		return value, kind, err
	}
}
