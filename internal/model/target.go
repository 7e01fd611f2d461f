package model

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"time"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// zeroTarget reads NULL as the zero value.
type zeroTarget struct {
	codec *Codec
	p     unsafe.Pointer
}

func (z *zeroTarget) Scan(src any) error {
	dest := z.codec.Dest(z.p)
	if src == nil {
		reflect.ValueOf(dest).Elem().SetZero()
		return nil
	}
	return driver.Convert(dest, src)
}

// pointerTarget reads into a pointer to a type that scans itself.
type pointerTarget struct {
	elem reflect.Type
	p    unsafe.Pointer
}

func (t *pointerTarget) Scan(src any) error {
	if src == nil {
		*(*unsafe.Pointer)(t.p) = nil
		return nil
	}
	v := reflect.New(t.elem)
	if err := v.Interface().(sql.Scanner).Scan(src); err != nil {
		return err
	}
	*(*unsafe.Pointer)(t.p) = v.UnsafePointer()
	return nil
}

// nullCodec is the codec of a sql.Null[T] and its older kin: a value and whether it is one.
func nullCodec(t reflect.Type, tag tag) (*Codec, string) {
	value := t.Field(0)
	valid, _ := t.FieldByName("Valid")
	inner, problem := goCodec(value.Type, tag)
	if problem != "" {
		return nil, problem
	}
	if inner.Nullable || inner.Dest == nil {
		return nil, fmt.Sprintf("a %s has two values for NULL", t)
	}
	c := &Codec{
		Type: inner.Type, Nullable: true, scansItself: inner.scansItself,
		Arg: func(p unsafe.Pointer) (any, error) {
			if *(*bool)(unsafe.Add(p, valid.Offset)) {
				return inner.Arg(unsafe.Add(p, value.Offset))
			}
			return nil, nil
		},
		NewTarget: func(p unsafe.Pointer) sql.Scanner {
			return &nullTarget{inner: inner, value: value.Offset, valid: valid.Offset, p: p}
		},
	}
	if inner.setTime != nil {
		c.setTime = func(p unsafe.Pointer, at time.Time) {
			inner.setTime(unsafe.Add(p, value.Offset), at)
			*(*bool)(unsafe.Add(p, valid.Offset)) = true
		}
	}
	return c, ""
}

type nullTarget struct {
	inner        *Codec
	value, valid uintptr
	p            unsafe.Pointer
}

func (t *nullTarget) Scan(src any) error {
	*(*bool)(unsafe.Add(t.p, t.valid)) = src != nil
	dest := t.inner.Dest(unsafe.Add(t.p, t.value))
	if src == nil {
		reflect.ValueOf(dest).Elem().SetZero()
		return nil
	}
	return driver.Convert(dest, src)
}

// jsonCodec keeps any type as JSON. Nil maps, slices and pointers are NULL where the column has
// NULL, else the JSON null.
func jsonCodec(t reflect.Type, tag tag) *Codec {
	c := &Codec{
		Type: dialect.Type{Kind: dialect.JSON},
		Arg: func(p unsafe.Pointer) (any, error) {
			text, err := json.Marshal(reflect.NewAt(t, p).Interface())
			return string(text), err
		},
		NewTarget: func(p unsafe.Pointer) sql.Scanner { return &jsonTarget{t: t, p: p} },
	}
	nullable := *c
	nullable.Nullable = true
	nullable.Arg = func(p unsafe.Pointer) (any, error) {
		v, err := c.Arg(p)
		if v == "null" {
			return nil, err
		}
		return v, err
	}
	if t.Kind() == reflect.Pointer && !tag.notNull {
		return &nullable
	}
	c.pointer = func() *Codec { return &nullable } // for a column with NULL
	return c
}

type jsonTarget struct {
	t reflect.Type
	p unsafe.Pointer
}

func (t *jsonTarget) Scan(src any) error {
	v := reflect.NewAt(t.t, t.p)
	v.Elem().SetZero()
	switch s := src.(type) {
	case nil:
		return nil
	case []byte:
		return json.Unmarshal(s, v.Interface())
	case string:
		return json.Unmarshal([]byte(s), v.Interface())
	}
	return fmt.Errorf("a %T is not JSON", src)
}
