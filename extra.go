package rowhouse

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Extra is the field of a struct that has the values of columns which some tenants have of their own,
// beside the struct's:
//
//	type Case struct {
//		ID     int64          `db:"id,pk,auto"`
//		Title  string         `db:"title,size:200"`
//		Custom rowhouse.Extra `db:",extra"`
//	}
//
// fleet's Extend gives a tenant such a column, and [ExtraCol] is the typed handle on it. A row that was
// read has the values of all columns that its tenant has; of one that was not, those that were put
// into it. An insert fills in the defaults of the others, and an update leaves them as they are. A
// value of a column that the tenant does not have is [ErrNoColumn] when the row is written; but a value
// that was read, of a column that was dropped since, is no hindrance to an update.
//
// The zero Extra has no values. A copy has values of its own, as a copy of the struct has; like the
// struct's other fields, one Extra is written by one goroutine at a time. As JSON it is an object:
// times as RFC 3339, UUIDs as text, bytes in base64, decimals as texts. An object that was read from
// JSON gets its types from the columns, when the row is written.
type Extra struct{ values model.Extra } //nolint:recvcheck // Put changes one, the others are asked of values

// Get returns a value by the column's name: nil for NULL, a bool, int64, float64, string, []byte,
// time.Time or [16]byte; a decimal and JSON are strings. What came by JSON, and has not been written
// yet, is a json.RawMessage. [ExtraColumn.From] is typed.
func (e Extra) Get(name string) (v any, ok bool) {
	v, _, ok = e.values.Value(name)
	return model.Plain(v), ok
}

// Put gives a column a value by its name, of any type that a column can have; nil is NULL. One that is
// none, or not the column's, is the error of whatever writes the row. [ExtraColumn.Put] is typed.
func (e *Extra) Put(name string, v any) {
	arg, err := model.ArgOfAny(v)
	switch {
	case err == nil && arg.Array:
		err = fmt.Errorf("a %T is no value of a column", v)
		fallthrough
	case err != nil:
		e.values.PutBad(name, dialect.Other, err)
		return
	}
	kind := arg.Kind
	if _, text := arg.Value.(string); text && kind == dialect.Other {
		kind = dialect.Text
	}
	e.values.Put(name, kind, model.Plain(arg.Value))
}

// Remove has the row know nothing of a column, as if it had not been read.
func (e *Extra) Remove(name string) { e.values.Remove(name) }

// All yields the columns' names, sorted, and their values as [Extra.Get] returns them.
func (e Extra) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for name, v := range e.values.All() {
			if !yield(name, model.Plain(v)) {
				return
			}
		}
	}
}

// MarshalJSON writes an object of the values.
func (e Extra) MarshalJSON() ([]byte, error) { return e.values.MarshalJSON() }

// UnmarshalJSON reads an object of values.
func (e *Extra) UnmarshalJSON(text []byte) error { return e.values.UnmarshalJSON(text) }

// ExtraColumn is a typed handle on a column that some tenants have of their own, in the [Extra] of the
// model T. It is an [Expr], and makes assignments beside predicates and orderings, as a [Column] does.
// Used for a tenant that does not have the column it is [ErrNoColumn], and for one that has it of
// another type [ErrInvalid]: a [*StatementError] that names tenant and column, before any SQL. It is
// immutable and used by many goroutines at once.
type ExtraColumn[T, V any] struct {
	Expr[T, V]

	slot *model.Slot
}

// ExtraCol names a column that some tenants have of their own by its name and its type:
//
//	CaseSeverity = rowhouse.ExtraCol[int](Cases, "severity")
//
// Integers are of any width, as are floats; everything else is of the column's own kind, which
// [ExtraColumn.Of] says where the Go type does not. A type that no column can have is JSON. That tenants
// have such a column is not known before it is used. Without an Extra in the struct, or with a name
// that no column can have, it panics, as [Col] does.
func ExtraCol[V, T any](m *Model[T], name string) ExtraColumn[T, V] {
	codec := codecOf(reflect.TypeFor[V]())
	if codec == nil {
		codec = model.CodecAs(reflect.TypeFor[V](), dialect.JSON)
	}
	switch {
	case m.s.Slot == nil:
		panic(fmt.Sprintf("rowhouse: ExtraCol: %s has no field for tenants' own columns; add one: "+
			"Custom rowhouse.Extra `db:\",extra\"`", m.s.Type))
	case model.BadColumn(name) != "":
		panic("rowhouse: ExtraCol: the name " + model.BadColumn(name))
	}
	return extraColumn[T, V](m.s, name, codec)
}

func extraColumn[T, V any](s *model.Struct, name string, codec *model.Codec) ExtraColumn[T, V] {
	return ExtraColumn[T, V]{slot: s.Slot, Expr: exprOf[T, V](operand{
		s: s, codec: codec, name: name, nullable: true, own: s.ByName(name, codec),
		expr: dialect.Extra{Table: s.Table.Name, Name: name, Kind: codec.Type.Kind},
	})}
}

// Of is the handle for a column of another kind that V can be of: a string for a decimal or for JSON, a
// type with methods of its own for any. It panics where V cannot.
func (c ExtraColumn[T, V]) Of(kind dialect.Kind) ExtraColumn[T, V] {
	codec := model.CodecAs(reflect.TypeFor[V](), kind)
	if codec == nil {
		panic(fmt.Sprintf("rowhouse: ExtraCol: a %s is no %s", reflect.TypeFor[V](), kind))
	}
	return extraColumn[T, V](c.o.get().s, c.Name(), codec)
}

// Name returns the column's name.
func (c ExtraColumn[T, V]) Name() string { return c.o.get().name }

func (c ExtraColumn[T, V]) position() (*model.Struct, int) { return c.o.get().s, ownPosition }

// ownPosition is the position of what is no field of the struct: a column that some tenants have of
// their own, by its name.
const ownPosition = -1

// From returns the row's value of the column. ok is false if the row has none, if it is NULL, or if it
// is no V.
func (c ExtraColumn[T, V]) From(row *T) (v V, ok bool) {
	if ok = c.o.take(c.slot, unsafe.Pointer(row), unsafe.Pointer(&v)); !ok {
		var zero V
		return zero, false
	}
	return v, true
}

// Put gives the row a value of the column. One that cannot be is the error of whatever writes the row.
func (c ExtraColumn[T, V]) Put(row *T, v V) {
	c.o.put(c.slot, unsafe.Pointer(row), unsafe.Pointer(&v))
}

// PutNull gives the row NULL in the column; a column that has a default gets that.
func (c ExtraColumn[T, V]) PutNull(row *T) {
	extraIn(c.slot, unsafe.Pointer(row)).values.Put(c.o.name, c.o.kind(), nil)
}

// take reads the row's value of a column of the tenant's own into v, if there is one.
func (o *operand) take(slot *model.Slot, row, v unsafe.Pointer) bool {
	value, kind, found := extraIn(slot, row).values.Value(o.name)
	if kind != dialect.Other && !model.SameValues(kind, o.kind()) {
		return false
	}
	value, err := model.Typed(o.kind(), value)
	return found && value != nil && err == nil && o.codec.Take(v, value) == nil
}

// put gives the row the value that v points to.
func (o *operand) put(slot *model.Slot, row, v unsafe.Pointer) {
	values := &extraIn(slot, row).values
	value, err := o.codec.ArgAt(v, false)
	if err != nil {
		values.PutBad(o.name, o.kind(), err)
		return
	}
	values.Put(o.name, o.kind(), model.Plain(value))
}

func extraIn(slot *model.Slot, row unsafe.Pointer) *Extra {
	return (*Extra)(unsafe.Add(row, slot.Offset))
}

// Set gives the column the value v.
func (c ExtraColumn[T, V]) Set(v V) Assignment[T] {
	return Assignment[T]{c.o.set(ownPosition, unsafe.Pointer(&v)).named(c.Name())}
}

// SetNull gives the column NULL. A column with a default has no NULL, and refuses it with [ErrNull].
func (c ExtraColumn[T, V]) SetNull() Assignment[T] {
	return Assignment[T]{c.o.setNull(ownPosition).named(c.Name())}
}

// Add adds v to the column, in the database.
func (c ExtraColumn[T, V]) Add(v V) Assignment[T] {
	return Assignment[T]{c.o.add(ownPosition, unsafe.Pointer(&v)).named(c.Name())}
}

// SetTo gives the column the value of an expression on the row as it was. In shared tables what is
// computed so is not held to the column's bounds.
func (c ExtraColumn[T, V]) SetTo(v Value[T, V]) Assignment[T] {
	return Assignment[T]{c.o.setTo(ownPosition, operandOf(v)).named(c.Name())}
}

// named is an assignment to the column of that name that some tenants have of their own.
func (a *assignment) named(name string) *assignment {
	a.own = name
	return a
}

// ofExtra says what is wrong with a statement for a tenant that does not have a column, or has it as
// something else.
func ofExtra(err error) error {
	e, is := errors.AsType[*dialect.ExtraError](err)
	switch {
	case !is:
		return err
	case e.Has == dialect.Other:
		return &StatementError{
			Reason: ErrNoColumn, Column: e.Name,
			message: fmt.Sprintf("the tenant has no column %q of its own in model %q", e.Name, e.Table),
		}
	}
	return &StatementError{
		Reason: ErrInvalid, Column: e.Name,
		message: fmt.Sprintf("the tenant's own column in model %q is %s, and is taken for %s", e.Table, e.Has, e.Kind),
	}
}

// unfit says what is wrong with a value that cannot be written.
func unfit(err error) error {
	e, is := errors.AsType[*model.FitError](err)
	if !is {
		return invalid("%v", err)
	}
	bad := &StatementError{Reason: ErrInvalid, Column: e.Column, message: e.Problem, Err: e.Err}
	if e.TooLong {
		bad.Reason = ErrTooLong
	}
	return bad
}
