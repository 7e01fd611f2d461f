package rowhouse

import (
	"errors"
	"slices"

	"github.com/rowhouse/rowhouse/dialect"
)

// Subquery is a [Projection] of one value of the type V, as an operand of [Expr.InQuery].
type Subquery[V any] interface {
	among(V) (rows *dialect.Select, of origin, null bool, err error)
}

// AnyQuery is a [Query], a [Table] or a [Projection], of whatever model.
type AnyQuery interface {
	subquery() (rows *dialect.Select, of origin, err error)
}

// origin is where a sub-query's rows are from.
type origin struct {
	db     *DB
	tenant string // "" for the common house
}

func originOf(scope Scope) origin {
	switch s := scope.(type) {
	case *Tenant:
		if s != nil {
			return origin{s.db, s.id}
		}
	case *Tx:
		if s != nil {
			return origin{s.db, s.id}
		}
	case *Common:
		if s != nil {
			return origin{s.db, ""}
		}
	case *union:
		return origin{s.sel.db, ""}
	}
	return origin{}
}

// within refuses sub-queries of another tenant than the scope's. Were they not refused, their rows would
// be the scope's own all the same, since the whole statement is filled with one tenant's names.
func (o operand) within(scope Scope) error { return o.from(originOf(scope)) }

func (o operand) from(own origin) error {
	for _, of := range o.origins {
		switch {
		case of.db != own.db:
			return invalid("a sub-query is of another DB than the query that it is in")
		case of.tenant != "" && own.tenant == "":
			return invalid("a sub-query of tenant %q is used where there is no such tenant", of.tenant)
		case of.tenant != "" && of.tenant != own.tenant:
			return invalid("a sub-query of tenant %q is used for tenant %q", of.tenant, own.tenant)
		}
	}
	return nil
}

// InQuery is true for a value that is among those that a sub-query of the same tenant selects, or one of
// the common house:
//
//	CaseID.InQuery(rowhouse.Select[int64](Comments.In(acme).Where(CommentSpam.Eq(true)), CommentCaseID))
//
// NULL among those matches nothing and hinders nothing, so Not of it is true for the other values. V is
// the type of both; a sub-query of another tenant is [ErrInvalid].
func (e Expr[T, V]) InQuery(sub Subquery[V]) Predicate[T] {
	if sub == nil {
		return e.condition(nil, errNoQuery)
	}
	var v V
	rows, of, null, err := sub.among(v)
	p := e.condition(dialect.Within{Operands: []dialect.Expr{e.expr}, Rows: rows, Null: null}, err)
	p.origins = append(slices.Clip(p.origins), of)
	return p
}

// errNoQuery is of a nil where a sub-query is wanted.
var errNoQuery = errors.New("a sub-query is nil")

// ExistsIn is true for every row if a query of the same tenant, or of the common house, has any row. What
// a row's own related rows must be is asked with relations instead.
func ExistsIn[T any](sub AnyQuery) Predicate[T] {
	if sub == nil {
		return Predicate[T]{operand{err: errNoQuery}}
	}
	rows, of, err := sub.subquery()
	p := Predicate[T]{operand{expr: dialect.Some{Rows: rows}, origins: []origin{of}, err: err}}
	if err != nil {
		p.expr = nil
	}
	return p
}

func (s Projection[T, R]) among(R) (rows *dialect.Select, of origin, null bool, err error) {
	if s.err == nil && len(s.values) != 1 {
		s.err = invalid("a sub-query selects one value; this one has %d", len(s.values))
	}
	if rows, of, err = s.subquery(); err != nil {
		return nil, of, false, err
	}
	return rows, of, s.values[0].nullable, nil
}

func (s Projection[T, R]) subquery() (*dialect.Select, origin, error) {
	if s.err != nil {
		return nil, originOf(s.q.scope), s.err
	}
	return nested(s.q, s.selection)
}

func (q Query[T]) subquery() (*dialect.Select, origin, error) {
	rows, of, err := nested(q, q.selection)
	if err == nil {
		rows.Columns, rows.Order = []dialect.Expr{dialect.One{}}, nil
	}
	return rows, of, err
}

// nested is a query as part of another statement.
func nested[T any](q Query[T], selection func(*session) (*dialect.Select, error)) (*dialect.Select, origin, error) {
	of := originOf(q.scope)
	_, many := q.scope.(*union)
	switch {
	case q.err != nil:
		return nil, of, q.err
	case many:
		return nil, of, errors.New("a sub-query is of one tenant, and Across is of many")
	case of.db == nil:
		return nil, of, errors.New("a sub-query has no scope")
	case q.lock != dialect.NoLock:
		return nil, of, errors.New("a sub-query locks nothing: leave ForUpdate out")
	}
	maps, ok := of.db.mappings[q.model.s]
	if !ok {
		return nil, of, invalid("model %q is not among Options.Models", q.model.Name())
	}
	s := session{db: of.db, id: of.tenant, m: maps.open}
	if err := s.checkHouse(&q.model.s.Table); err != nil {
		return nil, of, err
	}
	if err := s.m.checkLifted(q.lifted); err != nil {
		return nil, of, err
	}
	rows, err := selection(&s)
	return rows, of, err
}
