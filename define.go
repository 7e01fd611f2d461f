package rowhouse

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Model is a Go struct compiled once for a table of a logical name: columns, keys, indexes,
// constraints. T is the struct, or [Record] where there is none. It knows no tenant; [Model.In] binds it
// to one. It is immutable, meant to live as long as the program, and used by many goroutines at once.
type Model[T any] struct {
	s     *model.Struct
	spare sync.Pool // of *[]T, for gather
}

// AnyModel is a [Model] of any type.
type AnyModel interface {
	// Name is the table's logical name.
	Name() string
	// Table describes the table by logical names.
	Table() dialect.Table

	compiled() *model.Struct
	hooks() [points]hook
}

// Define compiles the struct T for tables of that logical name: a tenant placed by Prefix has
// its rows in {tenant}_{name}. The tags are described in the package documentation. Every mistake
// is reported at once, each as a [*DefinitionError].
func Define[T any](name string) (*Model[T], error) {
	s, mistakes := model.Compile(reflect.TypeFor[T](), name)
	mistakes = append(mistakes, wrongHooks(reflect.TypeFor[T]())...)
	if reflect.TypeFor[T]() == reflect.TypeFor[Record]() {
		mistakes = []model.Mistake{{Type: reflect.TypeFor[T](), Problem: "a Record has no fields; DefineRecord makes its model of a table"}}
	}
	if len(mistakes) > 0 {
		return nil, definitionErrors(mistakes)
	}
	return &Model[T]{s: s}, nil
}

// MustDefine is [Define] for package variables; it panics where Define returns an error.
func MustDefine[T any](name string) *Model[T] {
	m, err := Define[T](name)
	if err != nil {
		panic(err)
	}
	return m
}

// DefineCommon is [Define] for a model of the common house: one table in the home schema that all
// tenants share, such as plans or countries. It is used in [DB.Common]. Tenants' models may refer to
// it; it may not refer to theirs.
func DefineCommon[T any](name string) (*Model[T], error) {
	m, err := Define[T](name)
	if err != nil {
		return nil, err
	}
	if m.s.Slot != nil {
		return nil, definitionErrors([]model.Mistake{{
			Type: m.s.Type, Field: m.s.Slot.Field, Problem: "a common table is no tenant's, so no tenant has columns of its own there",
		}})
	}
	m.s.Table.Common = true
	return m, nil
}

// MustDefineCommon is [DefineCommon] for package variables; it panics where DefineCommon returns an
// error.
func MustDefineCommon[T any](name string) *Model[T] {
	m, err := DefineCommon[T](name)
	if err != nil {
		panic(err)
	}
	return m
}

// Models is the list for [Options.Models].
func Models(models ...AnyModel) []AnyModel { return models }

// Name returns the table's logical name.
func (m *Model[T]) Name() string { return m.s.Table.Name }

// Table describes the table by logical names. The caller must not change what it points to.
func (m *Model[T]) Table() dialect.Table { return m.s.Table }

// In binds the model to a tenant, or to a transaction of one. It costs nothing and fails never:
// what is wrong with the scope is the first operation's error.
func (m *Model[T]) In(s Scope) Table[T] {
	return Table[T]{Query[T]{model: m, scope: s, limit: -1}}
}

func (m *Model[T]) compiled() *model.Struct { return m.s }

func (*Model[T]) hooks() [points]hook { return ownHooks[T]() }

// AnyColumn is a [Column] of the model T with values of any type.
type AnyColumn[T any] interface {
	// Name is the column's name.
	Name() string

	position() (*model.Struct, int)
}

// columnOf is an AnyColumn of the field at a position.
type columnOf struct {
	s  *model.Struct
	at int
}

func (c columnOf) Name() string { return c.s.Fields[c.at].Column }

func (c columnOf) position() (*model.Struct, int) { return c.s, c.at }

// Column is a typed handle on a column of the model T whose values are V. It is an [Expr], and makes
// assignments beside predicates and orderings. It is immutable and used by many goroutines at once.
type Column[T, V any] struct {
	Expr[T, V]

	at int
}

// Col names the column of the field that fn points to:
//
//	CaseStatus = rowhouse.Col(Cases, func(c *Case) *string { return &c.Status })
//
// It panics when the field is no column of the model, as [MustDefine] does: columns are declared
// beside the model, in package variables.
func Col[T, V any](m *Model[T], fn func(*T) *V) Column[T, V] {
	row := new(T)
	return columnAt[T, V](m.s, mustFind(m.s, reflect.ValueOf(row), reflect.ValueOf(fn(row))))
}

func columnAt[T, V any](s *model.Struct, at int) Column[T, V] {
	return Column[T, V]{at: at, Expr: Expr[T, V]{columnOperand(s, at)}}
}

func columnOperand(s *model.Struct, at int) *operand {
	f := &s.Fields[at]
	return &operand{
		s: s, expr: dialect.Ref{Table: s.Table.Name, Column: f.Column},
		codec: f.Codec, name: f.Column, nullable: s.Table.Columns[at].Null,
	}
}

// Nullable names the column of a pointer field by the type it points to, so that it compares
// with values and not with pointers:
//
//	CaseAssignee = rowhouse.Nullable(Cases, func(c *Case) **string { return &c.Assignee })
//
// It panics as [Col] does.
func Nullable[T, V any](m *Model[T], fn func(*T) **V) Column[T, V] {
	c := columnAt[T, V](m.s, Col(m, fn).at)
	c.o.pointed = true
	return c
}

func mustFind(s *model.Struct, row, field reflect.Value) int {
	if s.Boxed() {
		panic("rowhouse: Col: a Record has no fields to point to; name the column by RecordCol")
	}
	at := -1
	if !field.IsNil() && field.Pointer() >= row.Pointer() {
		at = s.FieldAt(field.Pointer()-row.Pointer(), field.Type().Elem())
	}
	if at < 0 {
		panic(fmt.Sprintf("rowhouse: Col: the function does not point to a column of %s; "+
			"it must return the address of a mapped field of its argument", s.Type))
	}
	return at
}

// Name returns the column's name.
func (c Column[T, V]) Name() string { return c.o.get().name }

// Of returns the column's value in the row; NULL is the zero value of a V that has none for it. It is
// an error that the row is a [Record] of another model, or has a value that does not fit V.
func (c Column[T, V]) Of(row T) (v V, err error) {
	p, err := c.o.read(c.at, unsafe.Pointer(&row), unsafe.Pointer(&v))
	if p != nil {
		v = *(*V)(p)
	}
	return v, err
}

// Put gives the column a value in the row. It changes nothing in the database, and nothing at all when
// it returns an error: the row is a [Record] of another model, or the value does not fit the column.
func (c Column[T, V]) Put(row *T, v V) error {
	return c.o.write(c.at, unsafe.Pointer(row), unsafe.Pointer(&v))
}

// read reads the column of the row into v, or, where the field is a pointer to the values, returns what
// that points to.
func (o *operand) read(at int, row, v unsafe.Pointer) (pointed unsafe.Pointer, err error) {
	if o == nil || o.s == nil {
		return nil, errNoColumn
	}
	f := &o.s.Fields[at]
	if !o.pointed {
		return nil, ofRow(f.Read(row, o.codec, v))
	}
	err = f.Read(row, o.codec, unsafe.Pointer(&pointed))
	return pointed, ofRow(err)
}

// write gives the column of the row the value that v points to.
func (o *operand) write(at int, row, v unsafe.Pointer) error {
	if o == nil || o.s == nil {
		return errNoColumn
	}
	if o.pointed {
		return ofRow(o.s.Fields[at].Write(row, o.codec, unsafe.Pointer(&v)))
	}
	return ofRow(o.s.Fields[at].Write(row, o.codec, v))
}

var errNoColumn = errors.New("rowhouse: the Column was not made by Col")

func ofRow(err error) error {
	if err != nil {
		err = fmt.Errorf("rowhouse: %w", err)
	}
	return err
}

func (c Column[T, V]) position() (*model.Struct, int) { return c.o.get().s, c.at }
