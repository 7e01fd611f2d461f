package rowhouse

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/rowhouse/rowhouse/dialect"
)

// Count is the number of rows.
func Count[T any]() Expr[T, int64] {
	o := operand{expr: dialect.CountAll{}, name: "count", computed: true, aggregate: true}
	return Expr[T, int64]{o.typed(reflect.TypeFor[int64]())}
}

// CountOf is the number of rows for which v is not NULL.
func CountOf[T any](v AnyValue[T]) Expr[T, int64] {
	return Expr[T, int64]{counted(dialect.CountOf, nil, anyValueOf(v).operand)}
}

// CountDistinct is the number of different values that are not NULL. Two texts differ as the column's
// collation has it: byte by byte, unless the table was made otherwise.
func CountDistinct[T any](v AnyValue[T]) Expr[T, int64] {
	return Expr[T, int64]{counted(dialect.CountDistinct, equatable, anyValueOf(v).operand)}
}

func counted(name dialect.FuncName, wrong func(dialect.Kind) string, of operand) operand {
	o := aggregated(name, wrong, of).typed(reflect.TypeFor[int64]())
	o.nullable = false
	return o
}

// Sum is the sum of a number: of integers an integer, of decimals a decimal. Of no values at all it is
// zero, as sums are. A sum of integers beyond 64 bits is an error, of the statement or of reading it.
// The sum is of the type V; [Select] reads it into a field of a wider one.
func Sum[T, V any](v Value[T, V]) Expr[T, V] {
	e := Expr[T, V]{aggregated(dialect.SumOf, numeric, valueOf(v).operand)}
	e.nullable = false
	return e
}

// Avg is the mean of a number, as a float: the sum, which is exact for integers and decimals, divided by
// the count. Of no values it is NULL; see [OrNull].
func Avg[T, V any](v Value[T, V]) Expr[T, float64] {
	o := aggregated(dialect.AvgOf, numeric, valueOf(v).operand).typed(reflect.TypeFor[float64]())
	o.nullable = true
	return Expr[T, float64]{o}
}

// Min is the smallest of numbers, texts or times, as an ascending order has it. Of no values it is NULL;
// see [OrNull].
func Min[T, V any](v Value[T, V]) Expr[T, V] {
	e := Expr[T, V]{aggregated(dialect.MinOf, orderable, valueOf(v).operand)}
	e.nullable = true
	return e
}

// Max is the greatest, as [Min] is the smallest.
func Max[T, V any](v Value[T, V]) Expr[T, V] {
	e := Expr[T, V]{aggregated(dialect.MaxOf, orderable, valueOf(v).operand)}
	e.nullable = true
	return e
}

func aggregated(name dialect.FuncName, wrong func(dialect.Kind) string, of operand) operand {
	o := combined(name, wrong, []operand{of})
	if of.aggregate {
		o.err = errors.Join(o.err, fmt.Errorf("%s of %s: an aggregate has no aggregate", name, of.name))
	}
	o.aggregate = true
	return o
}

// OrNull is v as a pointer, which is nil for NULL.
func OrNull[T, V any](v Value[T, V]) Expr[T, *V] {
	e := valueOf(v)
	switch {
	case e.pointed:
		e.pointed = false
	case e.codec == nil:
	case e.codec.Pointer() == nil:
		e.err = errors.Join(e.err, fmt.Errorf("OrNull: %s has a value for NULL already, being a %s", e.name, reflect.TypeFor[V]()))
	default:
		e.codec = e.codec.Pointer()
	}
	return Expr[T, *V](e)
}

// Compute returns one aggregate over the rows of a query:
//
//	total, err := rowhouse.Compute(ctx, Cases.In(acme).Where(CaseStatus.Eq("open")), rowhouse.Sum(CasePriority))
//
// An aggregate that is NULL, as [Avg], [Min] and [Max] of no values are, is [ErrNull] unless V has a
// value for it; [OrNull] gives it one. The order of the query means nothing, and a Limit or an Offset
// is refused. Of an [Across] it is one aggregate over the rows of all tenants, with a value beside the
// error where some of them failed and it kept going; see [Select].
func Compute[T, V any](ctx context.Context, from Selectable[T], v Value[T, V]) (V, error) {
	return compute(ctx, from.query(), v, "compute")
}

func compute[T, V any](ctx context.Context, q Query[T], v Value[T, V], op string) (V, error) {
	var zero V
	e := valueOf(v)
	switch {
	case q.limit >= 0 || q.offset > 0 || q.after != nil:
		return zero, q.fail(op, invalid("an aggregate with Limit, Offset or After: leave them out"))
	case e.err == nil && !e.aggregate:
		return zero, q.fail(op, invalid("%s is no aggregate, and so has a value for each row; read it with Select", e.name))
	}
	q.order = nil
	s := Select[V](q, e)
	s.op = op
	value, err := s.One(ctx)
	if errors.Is(err, ErrNull) && !partly(err) {
		err = q.fail(op, &StatementError{
			Reason: ErrNull, Err: err, message: e.name + " is NULL, as there is no value; ask for OrNull of it",
		})
	}
	return value, err
}
