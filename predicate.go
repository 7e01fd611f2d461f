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
type Predicate[T any] struct {
	s    *model.Struct // nil for constants
	expr dialect.Expr
	err  error
}

// Eq is column = v. A v that is NULL (nil, an invalid sql.Null) asks for IS NULL.
func (c Column[T, V]) Eq(v V) Predicate[T] { return c.compare("=", v) }

// Ne is column <> v; rows whose column is NULL do not match. A v that is NULL asks for IS NOT NULL.
func (c Column[T, V]) Ne(v V) Predicate[T] { return c.compare("<>", v) }

// Lt is column < v.
func (c Column[T, V]) Lt(v V) Predicate[T] { return c.compare("<", v) }

// Le is column <= v.
func (c Column[T, V]) Le(v V) Predicate[T] { return c.compare("<=", v) }

// Gt is column > v.
func (c Column[T, V]) Gt(v V) Predicate[T] { return c.compare(">", v) }

// Ge is column >= v.
func (c Column[T, V]) Ge(v V) Predicate[T] { return c.compare(">=", v) }

// In is true for a column equal to one of the values, and false for none at all. NULL among the
// values matches nothing.
func (c Column[T, V]) In(vs ...V) Predicate[T] {
	in := dialect.In{Operand: c.ref(), Values: make([]any, 0, len(vs)), Kind: c.kind()}
	for _, v := range vs {
		a, err := c.arg(v)
		if err != nil {
			return c.predicate(nil, err)
		}
		if a.Value != nil {
			in.Values = append(in.Values, a.Value)
		}
	}
	return c.predicate(in, nil)
}

// Between is low <= column and column <= high.
func (c Column[T, V]) Between(low, high V) Predicate[T] {
	l, err := c.arg(low)
	h, err2 := c.arg(high)
	return c.predicate(dialect.Between{Operand: c.ref(), Low: l, High: h}, errors.Join(err, err2))
}

// Like matches text with % for any text and _ for any character; a backslash takes the meaning
// from either, and from itself. It is case-sensitive on every engine.
func (c Column[T, V]) Like(pattern string) Predicate[T] {
	switch {
	case c.kind() != dialect.Text:
		return c.predicate(nil, fmt.Errorf("column %s is %s; Like is for text", c.Name(), c.kind()))
	case strings.ContainsRune(pattern, 0):
		return c.predicate(nil, errors.New("a Like pattern has a NUL in it, at which some engines stop"))
	case (len(pattern)-len(strings.TrimRight(pattern, `\`)))%2 == 1:
		return c.predicate(nil, errors.New(`a Like pattern ends with a backslash that escapes nothing; write \\ for one`))
	}
	return c.predicate(dialect.Like{Operand: c.ref(), Pattern: pattern}, nil)
}

// HasPrefix matches text that begins with s, whatever s contains.
func (c Column[T, V]) HasPrefix(s string) Predicate[T] { return c.Like(escapeLike(s) + "%") }

// HasSuffix matches text that ends with s, whatever s contains.
func (c Column[T, V]) HasSuffix(s string) Predicate[T] { return c.Like("%" + escapeLike(s)) }

// Contains matches text that has s in it, whatever s contains.
func (c Column[T, V]) Contains(s string) Predicate[T] { return c.Like("%" + escapeLike(s) + "%") }

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func escapeLike(s string) string { return likeEscapes.Replace(s) }

// IsNull is true for NULL.
func (c Column[T, V]) IsNull() Predicate[T] {
	return c.predicate(dialect.Null{Operand: c.ref()}, nil)
}

// IsNotNull is true for anything but NULL.
func (c Column[T, V]) IsNotNull() Predicate[T] {
	return c.predicate(dialect.Null{Operand: c.ref(), Not: true}, nil)
}

// And is true when all are; none at all is true, which writes refuse as they do the zero
// Predicate.
func And[T any](ps ...Predicate[T]) Predicate[T] {
	return joined(ps, func(list []dialect.Expr) dialect.Expr {
		return dialect.And(slices.DeleteFunc(list, isEmptyAnd))
	})
}

// Or is true when any is; none at all is false.
func Or[T any](ps ...Predicate[T]) Predicate[T] {
	return joined(ps, func(list []dialect.Expr) dialect.Expr { return dialect.Or(list) })
}

// Not is true when p is false. Where p is neither, because a column is NULL, so is Not.
func Not[T any](p Predicate[T]) Predicate[T] {
	if p.expr != nil {
		p.expr = dialect.Not{Operand: p.expr}
	}
	return p
}

// Every is true for every row. Writes that mean all rows of the tenant say so with it.
func Every[T any]() Predicate[T] { return Predicate[T]{expr: dialect.Truth(true)} }

func joined[T any](ps []Predicate[T], join func([]dialect.Expr) dialect.Expr) Predicate[T] {
	var all Predicate[T]
	list := make([]dialect.Expr, 0, len(ps))
	for _, p := range ps {
		all.err = errors.Join(all.err, p.err)
		if p.expr == nil {
			if p.err == nil {
				all.err = errors.Join(all.err, errEmpty)
			}
			continue
		}
		if all.s != nil && p.s != nil && all.s != p.s {
			all.err = errors.Join(all.err, errMixed)
		}
		if p.s != nil {
			all.s = p.s
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
	}
	return nil
}

func (c Column[T, V]) compare(op string, v V) Predicate[T] {
	a, err := c.arg(v)
	if err != nil {
		return c.predicate(nil, err)
	}
	if a.Value == nil && (op == "=" || op == "<>") {
		return c.predicate(dialect.Null{Operand: c.ref(), Not: op == "<>"}, nil)
	}
	return c.predicate(dialect.Compare{Left: c.ref(), Op: op, Right: a}, nil)
}

func (c Column[T, V]) predicate(e dialect.Expr, err error) Predicate[T] {
	if c.s == nil {
		err = errors.New("a Column was not made by Col")
	}
	if err != nil {
		return Predicate[T]{s: c.s, err: err}
	}
	return Predicate[T]{s: c.s, expr: e}
}

func (c Column[T, V]) ref() dialect.Expr {
	if c.s == nil {
		return nil
	}
	return dialect.Ref{Table: c.s.Table.Name, Column: c.s.Fields[c.at].Column}
}

func (c Column[T, V]) kind() dialect.Kind {
	if c.s == nil {
		return dialect.Other
	}
	return c.s.Fields[c.at].Codec.Type.Kind
}

func (c Column[T, V]) arg(v V) (dialect.Arg, error) {
	if c.s == nil {
		return dialect.Arg{}, nil
	}
	value, err := model.ArgOf(c.s.Fields[c.at].Codec, v, c.pointed)
	if err != nil {
		return dialect.Arg{}, fmt.Errorf("column %s: %w", c.Name(), err)
	}
	return dialect.Arg{Value: value, Kind: c.kind()}, nil
}

// Order is one term of an ordering of rows of the model T. It is immutable.
type Order[T any] struct {
	s     *model.Struct
	at    int
	desc  bool
	nulls dialect.Nulls
}

// Asc orders by the column, smallest first. NULL counts as greater than every value, on every
// engine; [Order.NullsFirst] and [Order.NullsLast] say otherwise.
func (c Column[T, V]) Asc() Order[T] { return Order[T]{s: c.s, at: c.at} }

// Desc orders by the column, greatest first, and so NULL before all.
func (c Column[T, V]) Desc() Order[T] { return Order[T]{s: c.s, at: c.at, desc: true} }

// NullsFirst puts NULL before every value.
func (o Order[T]) NullsFirst() Order[T] { o.nulls = dialect.NullsFirst; return o }

// NullsLast puts NULL after every value.
func (o Order[T]) NullsLast() Order[T] { o.nulls = dialect.NullsLast; return o }

func (o Order[T]) term() dialect.Order {
	return dialect.Order{
		By:   dialect.Ref{Table: o.s.Table.Name, Column: o.s.Fields[o.at].Column},
		Desc: o.desc, Nulls: o.nulls, Nullable: o.s.Table.Columns[o.at].Null,
	}
}

// Assignment gives a column a new value in [Table.UpdateWhere]. It is immutable.
type Assignment[T any] struct {
	s     *model.Struct
	at    int
	value dialect.Expr
	err   error
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
	return Assignment[T]{s: c.s, at: c.at, err: err, value: dialect.Compare{Left: c.ref(), Op: "+", Right: a}}
}
