package rowhouse

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Expr is an expression on a row of the model T whose values are V: a [Column], or what is made of
// columns. It makes predicates and orderings, and is what a query can select. It is immutable and used
// by many goroutines at once.
type Expr[T, V any] struct{ operand }

// Value is what has a value of the type V for a row of the model T: a [Column] or an [Expr].
type Value[T, V any] interface{ value() Expr[T, V] }

// AnyValue is a [Value] of any type for a row of the model T.
type AnyValue[T any] interface{ anyValue() Expr[T, any] }

// errNoValue is of a nil where a value is wanted.
var errNoValue = errors.New("a value is nil; is a column used before it is declared?")

// valueOf is v, and for nil a value that is refused wherever it is used.
func valueOf[T, V any](v Value[T, V]) Expr[T, V] {
	if v == nil {
		return Expr[T, V]{operand{err: errNoValue}}
	}
	return v.value()
}

// anyValueOf is valueOf for values of any type.
func anyValueOf[T any](v AnyValue[T]) Expr[T, any] {
	if v == nil {
		return Expr[T, any]{operand{err: errNoValue}}
	}
	return v.anyValue()
}

func (e Expr[T, V]) value() Expr[T, V] { return e }

func (e Expr[T, V]) anyValue() Expr[T, any] { return Expr[T, any](e) }

// As gives the value a name of its own in a result: that of a field of what [Select] reads into.
func (e Expr[T, V]) As(name string) Expr[T, V] {
	e.name, e.computed = name, false
	return e
}

// operand is an expression without its types.
type operand struct {
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

// arg is a value of V as an argument.
func (e Expr[T, V]) arg(v V) (dialect.Arg, error) {
	if e.codec == nil {
		return dialect.Arg{}, nil
	}
	value, err := model.ArgOf(e.codec, v, e.pointed)
	if err != nil {
		return dialect.Arg{}, fmt.Errorf("column %s: %w", e.name, err)
	}
	return dialect.Arg{Value: value, Kind: e.kind()}, nil
}
