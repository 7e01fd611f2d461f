package rowhouse

import (
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
)

// queryTotal completes the order with the primary key, so that no two rows are equal in it.
func queryTotal[T any](q Query[T]) []ordering {
	order := slices.Clip(q.order)
	for _, o := range queryByKey(q) {
		if !slices.ContainsFunc(q.order, func(p ordering) bool { return p.column() == o.column() }) {
			order = append(order, o)
		}
	}
	return order
}

// queryAfterRow is true for the rows after q.after.
func queryAfterRow[T any](q Query[T]) (dialect.Expr, error) {
	after, _, err := queryBeyondRow(q, q.order, unsafe.Pointer(q.after))
	return after, err
}

// queryBeyondRow is true for the rows that come after a row in an order: those that are greater in the first
// term, or equal in it and greater in the second, and so on. Each term has its own direction and place
// for NULL, which is why it is spelt out instead of a comparison of row values. The rows that are
// equal in all terms are those for which equal is true.
func queryBeyondRow[T any](q Query[T], order []ordering, row unsafe.Pointer) (after dialect.Or, equal dialect.And, err error) {
	for _, o := range order {
		f := o.field(q.model.s)
		if f == nil {
			return nil, nil, invalid("After: the order is by what is no column of model %q, so its value is not in the row", q.model.Name())
		}
		value, err := f.Arg(row)
		if err != nil {
			return nil, nil, invalid("After: %v", err)
		}
		term := o.term()
		arg := dialect.Arg{Value: value, Kind: f.Codec.Type.Kind}
		if beyond := beyond(term, arg); beyond != nil {
			after = append(after, append(slices.Clip(equal), beyond))
		}
		equal = append(equal, same(term, arg))
	}
	return after, equal, nil
}

func same(o dialect.Order, v dialect.Arg) dialect.Expr {
	if v.Value == nil {
		return dialect.Null{Operand: o.By}
	}
	return dialect.Compare{Left: o.By, Op: "=", Right: v}
}

// beyond is true for rows that come after the value in this term; nil if none can.
func beyond(o dialect.Order, v dialect.Arg) dialect.Expr {
	if v.Value == nil {
		if o.First() {
			return dialect.Null{Operand: o.By, Not: true}
		}
		return nil
	}
	op := ">"
	if o.Desc {
		op = "<"
	}
	after := dialect.Compare{Left: o.By, Op: op, Right: v}
	if o.Nullable && !o.First() {
		return dialect.Or{after, dialect.Null{Operand: o.By}}
	}
	return after
}
