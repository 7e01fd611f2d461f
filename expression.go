package rowhouse

import (
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Expr is an expression on a row of the model T whose values are V: a [Column], or what is made of
// columns. It makes predicates and orderings, and is what a query can select. It is immutable and used
// by many goroutines at once.
type Expr[T, V any] struct{ o *operand }

// Value is what has a value of the type V for a row of the model T: a [Column] or an [Expr].
type Value[T, V any] interface{ value() typedOperand[T, V] }

// AnyValue is a [Value] of any type for a row of the model T.
type AnyValue[T any] interface{ anyValue() typedOperand[T, any] }

// typedOperand is an operand with its types, for the compiler to tell them by.
type typedOperand[T, V any] struct{ o operand }

func (e Expr[T, V]) value() typedOperand[T, V] { return typedOperand[T, V]{e.o.get()} }

func (e Expr[T, V]) anyValue() typedOperand[T, any] { return typedOperand[T, any]{e.o.get()} }

// errNoValue is of a nil where a value is wanted.
var errNoValue = errors.New("a value is nil; is a column used before it is declared?")

// operandOf is v without its types; of nil one that is refused wherever it is used.
func operandOf[T, V any](v Value[T, V]) operand {
	if v == nil {
		return operand{err: errNoValue}
	}
	return v.value().o
}

// anyOperand is operandOf for values of any type.
func anyOperand[T any](v AnyValue[T]) operand {
	if v == nil {
		return operand{err: errNoValue}
	}
	return v.anyValue().o
}

// exprOf is an operand whose values are V.
func exprOf[T, V any](o operand) Expr[T, V] { return Expr[T, V]{&o} }

// As gives the value a name of its own in a result: that of a field of what [Select] reads into.
func (e Expr[T, V]) As(name string) Expr[T, V] { return Expr[T, V]{e.o.as(name)} }

// operand is an expression without its types.
type operand struct { //nolint:recvcheck // what an Expr that nobody has made points to is nil
	s     *model.Struct // of the model; nil for a constant
	expr  dialect.Expr
	codec *model.Codec // of the values
	name  string       // of the column that it is in a result
	joins []dialect.Join
	err   error        // of whoever made it; reported by what uses it
	own   *model.Field // of a column that some tenants have of their own, if expr is one

	pointed   bool     // the codec's type is a pointer to the values'
	nullable  bool     // can be NULL
	many      bool     // has several values for one row: it goes by a relation to many
	aggregate bool     // has one value for many rows
	computed  bool     // has a name for errors alone: a result calls it by what As says
	origins   []origin // of the sub-queries in it
}

// get is the operand, or that of an expression which nobody has made.
func (o *operand) get() operand {
	if o == nil {
		return operand{}
	}
	return *o
}

func (o *operand) as(name string) *operand {
	named := o.get()
	named.name, named.computed = name, false
	return &named
}

// kind is what the values are to the database.
func (o operand) kind() dialect.Kind {
	if o.codec == nil {
		return dialect.Other
	}
	return o.codec.Type.Kind
}

// with is the operand with what another needs, to be used in one expression with it.
func (o operand) with(other operand) operand {
	o.err = errors.Join(o.err, other.err)
	if o.s != nil && other.s != nil && o.s != other.s {
		o.err = errors.Join(o.err, errMixed)
	}
	if o.s == nil {
		o.s = other.s
	}
	o.joins = joined(o.joins, other.joins)
	o.many = o.many || other.many
	o.aggregate = o.aggregate || other.aggregate
	o.origins = append(slices.Clip(o.origins), other.origins...)
	return o
}

// joined are the joins of both, each once.
func joined(a, b []dialect.Join) []dialect.Join {
	all := slices.Clip(a)
	for _, j := range b {
		if !slices.ContainsFunc(a, func(k dialect.Join) bool { return k.Path == j.Path }) {
			all = append(all, j)
		}
	}
	return all
}

// arg is a value as an argument. v points to one of the expression's values.
func (o operand) arg(v unsafe.Pointer) (dialect.Arg, error) {
	if o.codec == nil {
		return dialect.Arg{}, nil
	}
	value, err := o.codec.ArgAt(v, o.pointed)
	if err != nil {
		return dialect.Arg{}, fmt.Errorf("column %s: %w", o.name, err)
	}
	return dialect.Arg{Value: value, Kind: o.kind()}, nil
}
