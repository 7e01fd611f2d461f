package rowhouse

import (
	"errors"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Predicate is a condition on rows of the model T. The zero Predicate is no condition at all,
// which writes refuse; [Every] says that all rows are meant. It is immutable.
type Predicate[T any] struct{ o *operand }

// conditionOf is a condition on rows of the model T.
func conditionOf[T any](o operand) Predicate[T] { return Predicate[T]{&o} }

// Eq is e = v. A v that is NULL (nil, an invalid sql.Null) asks for IS NULL.
func (e Expr[T, V]) Eq(v V) Predicate[T] { return Predicate[T]{e.o.compare("=", unsafe.Pointer(&v))} }

// Ne is e <> v; rows whose column is NULL do not match. A v that is NULL asks for IS NOT NULL.
func (e Expr[T, V]) Ne(v V) Predicate[T] { return Predicate[T]{e.o.compare("<>", unsafe.Pointer(&v))} }

// Lt is e < v.
func (e Expr[T, V]) Lt(v V) Predicate[T] { return Predicate[T]{e.o.compare("<", unsafe.Pointer(&v))} }

// Le is e <= v.
func (e Expr[T, V]) Le(v V) Predicate[T] { return Predicate[T]{e.o.compare("<=", unsafe.Pointer(&v))} }

// Gt is e > v.
func (e Expr[T, V]) Gt(v V) Predicate[T] { return Predicate[T]{e.o.compare(">", unsafe.Pointer(&v))} }

// Ge is e >= v.
func (e Expr[T, V]) Ge(v V) Predicate[T] { return Predicate[T]{e.o.compare(">=", unsafe.Pointer(&v))} }

// In is true for a column equal to one of the values, and false for none at all. NULL among the
// values matches nothing.
func (e Expr[T, V]) In(vs ...V) Predicate[T] {
	var v V
	return Predicate[T]{e.o.in(unsafe.Pointer(unsafe.SliceData(vs)), len(vs), unsafe.Sizeof(v))}
}

// Between is low <= column and column <= high.
func (e Expr[T, V]) Between(low, high V) Predicate[T] {
	return Predicate[T]{e.o.between(unsafe.Pointer(&low), unsafe.Pointer(&high))}
}

// Like matches text with % for any text and _ for any character; a backslash takes the meaning
// from either, and from itself. It is case-sensitive on every engine.
func (e Expr[T, V]) Like(pattern string) Predicate[T] { return Predicate[T]{e.o.like(pattern)} }

// HasPrefix matches text that begins with s, whatever s contains.
func (e Expr[T, V]) HasPrefix(s string) Predicate[T] {
	return Predicate[T]{e.o.like(escapeLike(s) + "%")}
}

// HasSuffix matches text that ends with s, whatever s contains.
func (e Expr[T, V]) HasSuffix(s string) Predicate[T] {
	return Predicate[T]{e.o.like("%" + escapeLike(s))}
}

// Contains matches text that has s in it, whatever s contains.
func (e Expr[T, V]) Contains(s string) Predicate[T] {
	return Predicate[T]{e.o.like("%" + escapeLike(s) + "%")}
}

// IsNull is true for NULL.
func (e Expr[T, V]) IsNull() Predicate[T] { return Predicate[T]{e.o.null(false)} }

// IsNotNull is true for anything but NULL.
func (e Expr[T, V]) IsNotNull() Predicate[T] { return Predicate[T]{e.o.null(true)} }

// And is true when all are; none at all is true, which writes refuse as they do the zero
// Predicate.
func And[T any](ps ...Predicate[T]) Predicate[T] {
	return together(ps, func(list []dialect.Expr) dialect.Expr {
		return dialect.And(slices.DeleteFunc(list, isEmptyAnd))
	})
}

// Or is true when any is; none at all is false.
func Or[T any](ps ...Predicate[T]) Predicate[T] {
	return together(ps, func(list []dialect.Expr) dialect.Expr { return dialect.Or(list) })
}

// Not is true when p is false. Where p is neither, because a column is NULL, so is Not.
func Not[T any](p Predicate[T]) Predicate[T] {
	o := p.o.get()
	if o.expr != nil {
		o.expr = dialect.Not{Operand: o.expr}
	}
	return conditionOf[T](o)
}

// Every is true for every row. Writes that mean all rows of the tenant say so with it.
func Every[T any]() Predicate[T] { return conditionOf[T](operand{expr: dialect.Truth(true)}) }

func together[T any](ps []Predicate[T], join func([]dialect.Expr) dialect.Expr) Predicate[T] {
	var all operand
	list := make([]dialect.Expr, 0, len(ps))
	for i := range ps {
		p := ps[i].o.get()
		all = all.with(p)
		if p.expr == nil {
			if p.err == nil {
				all.err = errors.Join(all.err, errEmpty)
			}
			continue
		}
		list = append(list, p.expr)
	}
	all.expr = join(list)
	return conditionOf[T](all)
}

var errMixed = errors.New("columns of two models of the same type are mixed")

var errEmpty = errors.New("a predicate is empty; Every() means all rows")

func isEmptyAnd(e dialect.Expr) bool {
	and, ok := e.(dialect.And)
	return ok && len(and) == 0
}

// checkWrite is checkRow for writes, which do not take no condition for all rows.
func (o operand) checkWrite(s *model.Struct) error {
	if isEmptyAnd(o.expr) {
		o.expr = nil
	}
	if len(o.joins) > 0 {
		return invalid("a write cannot join: ask with Has for what a related row must be")
	}
	return o.checkRow(s)
}

// checkRow returns what is wrong with using a predicate on a model.
func (o operand) checkRow(s *model.Struct) error {
	switch {
	case o.err != nil:
		return invalid("%v", o.err)
	case o.expr == nil:
		return invalid("%v", errEmpty)
	case o.s != nil && o.s != s:
		return invalid("a predicate on model %q is used on model %q", o.s.Table.Name, s.Table.Name)
	case o.aggregate:
		return invalid("an aggregate is one value of many rows, and no condition on a row; use Having")
	case o.many:
		return invalid("a relation to many rows has many values for one row; ask with Has")
	}
	return nil
}

// Order is one term of an ordering of rows of the model T. It is immutable.
type Order[T any] struct{ by *ordering }

// ordering is an order without its type.
type ordering struct {
	operand

	desc  bool
	nulls dialect.Nulls
}

// Asc orders by the expression, smallest first. NULL counts as greater than every value, on every
// engine; [Order.NullsFirst] and [Order.NullsLast] say otherwise.
func (e Expr[T, V]) Asc() Order[T] { return Order[T]{e.o.ordered(false)} }

// Desc orders by the expression, greatest first, and so NULL before all.
func (e Expr[T, V]) Desc() Order[T] { return Order[T]{e.o.ordered(true)} }

// NullsFirst puts NULL before every value.
func (o Order[T]) NullsFirst() Order[T] { return Order[T]{o.by.place(dialect.NullsFirst)} }

// NullsLast puts NULL after every value.
func (o Order[T]) NullsLast() Order[T] { return Order[T]{o.by.place(dialect.NullsLast)} }

func (o *operand) ordered(desc bool) *ordering { return &ordering{operand: o.get(), desc: desc} }

// get is the order, or that which nobody has made.
func (o *ordering) get() ordering {
	if o == nil {
		return ordering{}
	}
	return *o
}

// place is the order with NULL there.
func (o *ordering) place(nulls dialect.Nulls) *ordering {
	other := o.get()
	other.nulls = nulls
	return &other
}

func (o *ordering) term() dialect.Order {
	return dialect.Order{By: o.expr, Desc: o.desc, Nulls: o.nulls, Nullable: o.nullable}
}

// check returns what is wrong with ordering rows of a model by it.
func (o *ordering) check(s *model.Struct) error {
	switch {
	case o.err != nil:
		return invalid("%v", o.err)
	case o.expr == nil:
		return invalid("an Order was made of a Column that was not made by Col")
	case o.s != nil && o.s != s:
		return invalid("an Order of another model is used on model %q", s.Table.Name)
	case o.many:
		return invalid("a relation to many rows has many values for one row; there is no order by them")
	}
	return nil
}

// column returns the position of the column that the order is by, or -1 if it is by something else.
func (o *ordering) column() int {
	expr := o.expr
	if text, ok := expr.(dialect.Bytewise); ok {
		expr = text.Operand
	}
	if ref, ok := expr.(dialect.Ref); ok && o.s != nil {
		return o.s.Position(ref.Column)
	}
	return -1
}

// field is where rows have the value that the order is by; nil if it is by what is in no row.
func (o *ordering) field(s *model.Struct) *model.Field {
	if at := o.column(); at >= 0 {
		return &s.Fields[at]
	}
	expr := o.expr
	if text, ok := expr.(dialect.Bytewise); ok {
		expr = text.Operand
	}
	if _, own := expr.(dialect.Extra); own {
		return o.own
	}
	return nil
}

// Assignment gives a column a new value in [Table.UpdateWhere]. It is immutable.
type Assignment[T any] struct{ a *assignment }

// assignment is an Assignment without its type.
type assignment struct {
	s     *model.Struct
	at    int    // ownPosition for a column that some tenants have of their own
	own   string // its name then
	value dialect.Expr
	err   error
}

// name returns the column's name.
func (a *assignment) name() string {
	if a.own != "" {
		return a.own
	}
	return a.s.Fields[a.at].Column
}

// Set gives the column the value v.
func (c Column[T, V]) Set(v V) Assignment[T] { return Assignment[T]{c.o.set(c.at, unsafe.Pointer(&v))} }

// SetNull gives the column NULL.
func (c Column[T, V]) SetNull() Assignment[T] { return Assignment[T]{c.o.setNull(c.at)} }

// Add adds v to the column, in the database.
func (c Column[T, V]) Add(v V) Assignment[T] { return Assignment[T]{c.o.add(c.at, unsafe.Pointer(&v))} }
