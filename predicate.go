package rowhouse

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Predicate is a condition on rows of the model T. The zero Predicate is no condition at all,
// which writes refuse; [Every] says that all rows are meant. It is immutable.
type Predicate[T any] struct{ operand }

// Eq is e = v. A v that is NULL (nil, an invalid sql.Null) asks for IS NULL.
func (e Expr[T, V]) Eq(v V) Predicate[T] { return e.compare("=", v) }

// Ne is e <> v; rows whose column is NULL do not match. A v that is NULL asks for IS NOT NULL.
func (e Expr[T, V]) Ne(v V) Predicate[T] { return e.compare("<>", v) }

// Lt is e < v.
func (e Expr[T, V]) Lt(v V) Predicate[T] { return e.compare("<", v) }

// Le is e <= v.
func (e Expr[T, V]) Le(v V) Predicate[T] { return e.compare("<=", v) }

// Gt is e > v.
func (e Expr[T, V]) Gt(v V) Predicate[T] { return e.compare(">", v) }

// Ge is e >= v.
func (e Expr[T, V]) Ge(v V) Predicate[T] { return e.compare(">=", v) }

// In is true for a column equal to one of the values, and false for none at all. NULL among the
// values matches nothing.
func (e Expr[T, V]) In(vs ...V) Predicate[T] {
	in := dialect.In{Operand: e.expr, Values: make([]any, 0, len(vs)), Kind: e.kind()}
	for _, v := range vs {
		a, err := e.arg(v)
		if err != nil {
			return e.condition(nil, err)
		}
		if a.Value != nil {
			in.Values = append(in.Values, a.Value)
		}
	}
	return e.condition(in, nil)
}

// Between is low <= column and column <= high.
func (e Expr[T, V]) Between(low, high V) Predicate[T] {
	l, err := e.arg(low)
	h, err2 := e.arg(high)
	return e.condition(dialect.Between{Operand: e.expr, Low: l, High: h}, errors.Join(err, err2))
}

// Like matches text with % for any text and _ for any character; a backslash takes the meaning
// from either, and from itself. It is case-sensitive on every engine.
func (e Expr[T, V]) Like(pattern string) Predicate[T] {
	switch {
	case e.kind() != dialect.Text:
		return e.condition(nil, fmt.Errorf("column %s is %s; Like is for text", e.name, e.kind()))
	case strings.ContainsRune(pattern, 0):
		return e.condition(nil, errors.New("a Like pattern has a NUL in it, at which some engines stop"))
	case (len(pattern)-len(strings.TrimRight(pattern, `\`)))%2 == 1:
		return e.condition(nil, errors.New(`a Like pattern ends with a backslash that escapes nothing; write \\ for one`))
	}
	return e.condition(dialect.Like{Operand: e.expr, Pattern: pattern}, nil)
}

// HasPrefix matches text that begins with s, whatever s contains.
func (e Expr[T, V]) HasPrefix(s string) Predicate[T] { return e.Like(escapeLike(s) + "%") }

// HasSuffix matches text that ends with s, whatever s contains.
func (e Expr[T, V]) HasSuffix(s string) Predicate[T] { return e.Like("%" + escapeLike(s)) }

// Contains matches text that has s in it, whatever s contains.
func (e Expr[T, V]) Contains(s string) Predicate[T] { return e.Like("%" + escapeLike(s) + "%") }

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func escapeLike(s string) string { return likeEscapes.Replace(s) }

// IsNull is true for NULL.
func (e Expr[T, V]) IsNull() Predicate[T] {
	return e.condition(dialect.Null{Operand: e.expr}, nil)
}

// IsNotNull is true for anything but NULL.
func (e Expr[T, V]) IsNotNull() Predicate[T] {
	return e.condition(dialect.Null{Operand: e.expr, Not: true}, nil)
}

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
	if p.expr != nil {
		p.expr = dialect.Not{Operand: p.expr}
	}
	return p
}

// Every is true for every row. Writes that mean all rows of the tenant say so with it.
func Every[T any]() Predicate[T] { return Predicate[T]{operand{expr: dialect.Truth(true)}} }

func together[T any](ps []Predicate[T], join func([]dialect.Expr) dialect.Expr) Predicate[T] {
	var all Predicate[T]
	list := make([]dialect.Expr, 0, len(ps))
	for _, p := range ps {
		all.operand = all.with(p.operand)
		if p.expr == nil {
			if p.err == nil {
				all.err = errors.Join(all.err, errEmpty)
			}
			continue
		}
		list = append(list, p.expr)
	}
	all.expr = join(list)
	return all
}

var errMixed = errors.New("columns of two models of the same type are mixed")

var errEmpty = errors.New("a predicate is empty; Every() means all rows")

func isEmptyAnd(e dialect.Expr) bool {
	and, ok := e.(dialect.And)
	return ok && len(and) == 0
}

// checkWrite is check for writes, which do not take no condition for all rows.
func (p Predicate[T]) checkWrite(s *model.Struct) error {
	if isEmptyAnd(p.expr) {
		p.expr = nil
	}
	if len(p.joins) > 0 {
		return invalid("a write cannot join: ask with Has for what a related row must be")
	}
	return p.check(s)
}

// check returns what is wrong with using the predicate on a model.
func (p Predicate[T]) check(s *model.Struct) error {
	switch {
	case p.err != nil:
		return invalid("%v", p.err)
	case p.expr == nil:
		return invalid("%v", errEmpty)
	case p.s != nil && p.s != s:
		return invalid("a predicate on model %q is used on model %q", p.s.Table.Name, s.Table.Name)
	case p.aggregate:
		return invalid("an aggregate is one value of many rows, and no condition on a row; use Having")
	case p.many:
		return invalid("a relation to many rows has many values for one row; ask with Has")
	}
	return nil
}

func (e Expr[T, V]) compare(op string, v V) Predicate[T] {
	a, err := e.arg(v)
	if err != nil {
		return e.condition(nil, err)
	}
	if a.Value == nil && (op == "=" || op == "<>") {
		return e.condition(dialect.Null{Operand: e.expr, Not: op == "<>"}, nil)
	}
	return e.condition(dialect.Compare{Left: e.expr, Op: op, Right: a}, nil)
}

// condition is a predicate on the expression.
func (e Expr[T, V]) condition(of dialect.Expr, err error) Predicate[T] {
	o := e.operand
	if o.expr == nil && o.err == nil {
		err = errors.New("a Column was not made by Col")
	}
	o.expr, o.err = of, errors.Join(o.err, err)
	if o.err != nil {
		o.expr = nil
	}
	return Predicate[T]{o}
}

// Order is one term of an ordering of rows of the model T. It is immutable.
type Order[T any] struct {
	operand

	desc  bool
	nulls dialect.Nulls
}

// Asc orders by the expression, smallest first. NULL counts as greater than every value, on every
// engine; [Order.NullsFirst] and [Order.NullsLast] say otherwise.
func (e Expr[T, V]) Asc() Order[T] { return Order[T]{operand: e.operand} }

// Desc orders by the expression, greatest first, and so NULL before all.
func (e Expr[T, V]) Desc() Order[T] { return Order[T]{operand: e.operand, desc: true} }

// NullsFirst puts NULL before every value.
func (o Order[T]) NullsFirst() Order[T] { o.nulls = dialect.NullsFirst; return o }

// NullsLast puts NULL after every value.
func (o Order[T]) NullsLast() Order[T] { o.nulls = dialect.NullsLast; return o }

func (o Order[T]) term() dialect.Order {
	return dialect.Order{By: o.expr, Desc: o.desc, Nulls: o.nulls, Nullable: o.nullable}
}

// check returns what is wrong with ordering rows of a model by it.
func (o Order[T]) check(s *model.Struct) error {
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
func (o Order[T]) column() int {
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
func (o Order[T]) field(s *model.Struct) *model.Field {
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
type Assignment[T any] struct {
	s     *model.Struct
	at    int    // ownPosition for a column that some tenants have of their own
	own   string // its name then
	value dialect.Expr
	err   error
}

// name returns the column's name.
func (a Assignment[T]) name() string {
	if a.own != "" {
		return a.own
	}
	return a.s.Fields[a.at].Column
}

// Set gives the column the value v.
func (c Column[T, V]) Set(v V) Assignment[T] {
	a, err := c.arg(v)
	return Assignment[T]{s: c.s, at: c.at, value: a, err: err}
}

// SetNull gives the column NULL.
func (c Column[T, V]) SetNull() Assignment[T] {
	return Assignment[T]{s: c.s, at: c.at, value: dialect.Arg{Kind: c.kind()}}
}

// Add adds v to the column, in the database.
func (c Column[T, V]) Add(v V) Assignment[T] {
	a, err := c.arg(v)
	switch c.kind() {
	case dialect.Int16, dialect.Int32, dialect.Int64, dialect.Float32, dialect.Float64, dialect.Decimal:
	default:
		err = fmt.Errorf("column %s is %s; Add is for numbers", c.Name(), c.kind())
	}
	return Assignment[T]{s: c.s, at: c.at, err: err, value: dialect.Compare{Left: c.expr, Op: "+", Right: a}}
}
