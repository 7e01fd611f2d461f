package model

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// CompileResult compiles a type that rows are read into by the names of their columns: a struct,
// whose fields are columns by the same rules as a model's, or a single value, such as a string or a
// *time.Time. It needs no key, and what tags say of the table beyond its columns' names and types
// means nothing. The result has [Struct.For] to be aimed at the columns that there are.
//
// A struct that has a Scan method itself is a single value, unless one of its fields has a db tag:
// methods of an embedded field are its own too.
func CompileResult(t reflect.Type) (*Struct, []Mistake) {
	c := compiler{
		s:      &Struct{Type: t, Auto: -1, Lock: -1, SoftDelete: -1},
		keys:   map[string]int{},
		result: true,
	}
	codec, problem := codecOf(t, tag{result: true})
	if problem == "" && !tagged(t) {
		c.s.Fields = []Field{{Type: t, Codec: codec}}
		return c.s, nil
	}
	if t.Kind() != reflect.Struct {
		c.mistake("", "", problem)
		return nil, c.mistakes
	}
	c.walk(t, 0, "", "")
	if len(c.s.Fields) == 0 && len(c.mistakes) == 0 {
		c.mistake("", "", "the struct has no column")
	}
	if len(c.mistakes) > 0 {
		return nil, c.mistakes
	}
	return c.s, nil
}

func tagged(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for f := range t.Fields() {
		if _, is := f.Tag.Lookup("db"); is {
			return true
		}
	}
	return false
}

// single reports a result that is one value and not a struct of them.
func (s *Struct) single() bool { return len(s.Fields) == 1 && s.Fields[0].Column == "" }

// For aims a result at columns: it returns a copy whose fields are those of the columns, in their
// order. Case does not count in a column's name, since some engines fold it. A column that has no
// field is an error that names it, and so is a field that has no column unless partial is set: then
// the field keeps its zero value.
func (s *Struct) For(columns []string, partial bool) (*Struct, error) {
	if s.single() {
		if len(columns) != 1 {
			return nil, fmt.Errorf("a %s is read from one column; the result has %d (%s)",
				s.Type, len(columns), strings.Join(columns, ", "))
		}
		return s, nil
	}
	aimed := *s
	aimed.Fields = make([]Field, len(columns))
	filled := make([]bool, len(s.Fields))
	own := map[int]int{}
	for i, name := range columns {
		if at := s.ownFold(name); at >= 0 {
			if _, twice := own[at]; twice {
				return nil, fmt.Errorf("the result has two columns %q; give one another name with AS", name)
			}
			own[at] = i
			continue
		}
		at := s.positionFold(name)
		switch {
		case at < 0:
			return nil, fmt.Errorf("the result has a column %q, for which %s has no field; add one with db:%q, or leave the column out",
				name, s.Type, strings.ToLower(name))
		case filled[at]:
			return nil, fmt.Errorf("the result has two columns %q; give one another name with AS", name)
		}
		filled[at] = true
		aimed.Fields[i] = s.Fields[at]
	}
	for at := range filled {
		if !filled[at] && !partial {
			return nil, fmt.Errorf("field %s of %s has no column %q in the result; select it, or read into a struct without the field",
				s.Fields[at].Name, s.Type, s.Fields[at].Column)
		}
	}
	aimed.aimOwn(own)
	return &aimed, nil
}

func (s *Struct) positionFold(column string) int {
	for i := range s.Fields {
		if s.Fields[i].place == nil && strings.EqualFold(s.Fields[i].Column, column) {
			return i
		}
	}
	return -1
}

// scannerCodec is the codec of a type that is only read. The engines that have no type for it give
// times and decimals as text or as numbers; where the tag tells, its Scan gets what the others give.
func scannerCodec(t reflect.Type, kind dialect.Kind) *Codec {
	c := &Codec{
		Type: dialect.Type{Kind: kind}, scansItself: true,
		Arg:  func(unsafe.Pointer) (any, error) { return nil, errors.New("it has no Value method (driver.Valuer)") },
		Dest: func(p unsafe.Pointer) any { return reflect.NewAt(t, p).Interface() },
	}
	c.pointer = func() *Codec { return customPointer(t, c) }
	return c
}

// canonicalTarget gives a type that scans itself what it gets from an engine that has the column's
// type.
type canonicalTarget struct {
	kind   dialect.Kind
	target sql.Scanner
}

func (t *canonicalTarget) Scan(src any) error {
	v, err := driver.Canonical(t.kind, src)
	if err != nil {
		return err
	}
	return t.target.Scan(v)
}

// canonical has the columns of a result that scan themselves be given what their tags say that they
// are: its kinds are not told to the driver, as a model's are.
func (c *Codec) canonical() *Codec {
	kind := c.Type.Kind
	if !c.scansItself || kind != dialect.Time && kind != dialect.Decimal {
		return c
	}
	n := *c
	n.NewTarget = func(p unsafe.Pointer) sql.Scanner {
		target, ok := c.target(p).(sql.Scanner)
		if !ok {
			panic(fmt.Sprintf("model: a %T scans itself and is no sql.Scanner", c.target(p)))
		}
		return &canonicalTarget{kind: kind, target: target}
	}
	return &n
}

func (c *Codec) target(p unsafe.Pointer) any {
	if c.NewTarget != nil {
		return c.NewTarget(p)
	}
	return c.Dest(p)
}
