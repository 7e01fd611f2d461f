package rowhouse

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"slices"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Selectable is a [Query], a [Table] or an [Across], whose rows [Select] and [Compute] read values of.
type Selectable[T any] interface{ query() Query[T] }

func (q Query[T]) query() Query[T] { return q }

// Projection reads values of a query's rows, or of groups of them, into an R. It is made by [Select] and
// carries its tenant. Like a [Query] it is a value: each method returns a new one.
type Projection[T, R any] struct {
	q        Query[T]
	values   []operand
	group    []operand
	having   []Predicate[T]
	distinct bool
	err      error
	op       string
}

// Select reads these values of a query's rows into an R:
//
//	type Load struct {
//		Status string
//		Cases  int64
//		Oldest time.Time
//	}
//	loads, err := rowhouse.Select[Load](Cases.In(acme),
//		CaseStatus, rowhouse.Count[Case]().As("cases"), rowhouse.Min(CaseCreatedAt).As("oldest"),
//	).GroupBy(CaseStatus).All(ctx)
//
// R is a struct, whose fields are named as a model's are and need no key, and every field has a value of
// its name; or the model's own struct, of which the fields without a value stay zero; or, for one value
// alone, its type. A column has its own name, everything else the one that [Expr.As] gives it. Without
// values, those columns of the model are read that R has fields for.
//
// A query that was ordered, limited and paged by keys is read so, and an order can be by an aggregate.
// Relations to many have a row of the result for each related row.
//
// Of an [Across] the groups of all tenants are put together, as if their rows were in one table, or kept
// apart by [TenantOf]. Only groups, aggregates and distinct values are read so, and not rows. The results
// are exact: integers and decimals are added without end, and only a result beyond 64 bits is an error;
// an average is one sum divided by one count; texts are equal, ordered, least and greatest by their bytes.
// What cannot be put together, as CountDistinct, is [ErrInvalid]. All groups, and nothing else, are in
// memory; Having, the order and the limit apply when they are complete. A tenant that fails is left out
// as in [Across.KeepGoing].
//
// What does not fit together is [ErrInvalid] when the selection runs, before any SQL; NULL for a field
// that has no value for it is [ErrNull].
func Select[R, T any](from Selectable[T], values ...AnyValue[T]) Projection[T, R] {
	s := Projection[T, R]{q: from.query(), op: "select"}
	for _, v := range values {
		s.values = append(s.values, anyValueOf(v).operand)
	}
	if len(values) == 0 {
		s.values, s.err = columnsFor[R](s.q.model.s)
	}
	for _, v := range s.values {
		s.err = errors.Join(s.err, v.usable(s.q.model.s, s.q.scope))
	}
	return s
}

// columnsFor are the columns of a model that R has fields for.
func columnsFor[R any](m *model.Struct) (columns []operand, err error) {
	of, err := resultOf[R]()
	if err != nil {
		return nil, invalid("%v", err)
	}
	for i := range of.Fields {
		at := m.Position(of.Fields[i].Column)
		if at < 0 {
			return nil, invalid("Select: %s is no column of model %q; name the values", of.Fields[i].String(), m.Table.Name)
		}
		columns = append(columns, columnAt[any, any](m, at).operand)
	}
	return columns, nil
}

// usable returns what is wrong with using a value on a model's rows in a scope.
func (o operand) usable(s *model.Struct, scope Scope) error {
	switch {
	case o.err != nil:
		return invalid("%v", o.err)
	case o.expr == nil:
		return invalid("a value was not made by Col")
	case o.s != nil && o.s != s:
		return invalid("%s of model %q is used on model %q", o.name, o.s.Table.Name, s.Table.Name)
	}
	return o.within(scope)
}

// GroupBy has one result for all rows that are equal in these values. Every other value selected is then
// an aggregate, or made of aggregates and what is grouped by. Texts are equal as for [CountDistinct].
func (s Projection[T, R]) GroupBy(values ...AnyValue[T]) Projection[T, R] {
	s.group = slices.Clip(s.group)
	for _, v := range values {
		o := anyValueOf(v).operand
		s.err = errors.Join(s.err, o.usable(s.q.model.s, s.q.scope), s.checkGroup(o))
		s.group = append(s.group, o)
	}
	return s
}

func (s Projection[T, R]) checkGroup(o operand) error {
	_, column := o.expr.(dialect.Ref)
	switch problem := equatable(o.kind()); {
	case o.aggregate:
		return invalid("GroupBy: %s is an aggregate", o.name)
	case problem != "":
		return invalid("GroupBy: %s is %s, which is %s", o.name, o.kind(), problem)
	case !column && !slices.ContainsFunc(s.values, func(v operand) bool { return reflect.DeepEqual(v.expr, o.expr) }):
		return invalid("GroupBy: %s is not selected; what groups are computed by is read with them", o.name)
	}
	return nil
}

// Having keeps the groups for which all predicates are true: those on aggregates, or on what is grouped
// by.
func (s Projection[T, R]) Having(ps ...Predicate[T]) Projection[T, R] {
	s.having = slices.Concat(s.having, ps)
	for _, p := range ps {
		if p.expr == nil && p.err == nil {
			p.err = errEmpty
		}
		s.err = errors.Join(s.err, p.usable(s.q.model.s, s.q.scope))
	}
	return s
}

// Distinct leaves out results that equal another. It can be ordered only by what is selected.
func (s Projection[T, R]) Distinct() Projection[T, R] {
	s.distinct = true
	return s
}

// All returns the results.
func (s Projection[T, R]) All(ctx context.Context) (all []R, err error) {
	err = s.stream(ctx, func(r *R) bool {
		all = append(all, *r)
		return true
	})
	if err != nil && !partly(err) {
		return nil, err
	}
	return all, err
}

// First returns the first result, or [ErrNotFound].
func (s Projection[T, R]) First(ctx context.Context) (R, error) {
	if s.q.limit != 0 {
		s.q.limit = 1
	}
	return s.one(ctx)
}

// One returns the one result that there is. None is [ErrNotFound], more than one is [ErrMultiple].
func (s Projection[T, R]) One(ctx context.Context) (R, error) {
	if s.aggregates() && len(s.group) == 0 {
		return s.one(ctx)
	}
	if s.q.limit < 0 || s.q.limit > 2 {
		s.q.limit = 2
	}
	return s.one(ctx)
}

func (s Projection[T, R]) one(ctx context.Context) (one R, err error) {
	n := 0
	err = s.stream(ctx, func(r *R) bool {
		if n++; n == 1 {
			one = *r
		}
		return n < 2
	})
	switch {
	case err != nil && !partly(err):
	case n == 0:
		err = errors.Join(s.q.fail(s.op, ErrNotFound), err)
	case n > 1:
		err = errors.Join(s.q.fail(s.op, ErrMultiple), err)
	default:
		return one, err
	}
	var zero R
	return zero, err
}

// Each streams the results, as [Query.Each] does rows.
func (s Projection[T, R]) Each(ctx context.Context) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		stopped := false
		err := s.stream(ctx, func(r *R) bool {
			stopped = !yield(*r, nil)
			return !stopped
		})
		if err != nil && !stopped {
			var zero R
			yield(zero, err)
		}
	}
}

// Count returns the number of results: of groups, and of results that differ when they are Distinct. It
// refuses Limit and Offset, as [Query.Count] does.
func (s Projection[T, R]) Count(ctx context.Context) (n int64, err error) {
	if s.q.limit >= 0 || s.q.offset > 0 {
		s.err = errors.Join(s.err, invalid("Count with Limit or Offset: leave them out"))
	}
	s.q.order = nil
	if u, many := s.q.scope.(*union); many {
		s.op = "count"
		results, partly, err := s.totals(ctx, u)
		if err != nil {
			return 0, s.q.fail(s.op, err)
		}
		return int64(len(results)), partly
	}
	session, err := s.open(ctx, "count")
	if err != nil {
		return 0, err
	}
	err = session.within(ctx, func() error {
		sel, err := s.selection(&session)
		if err != nil {
			return err
		}
		rows, err := session.selected(ctx, &dialect.RowsOf{Select: sel}, []dialect.Kind{dialect.Int64})
		if err != nil {
			return err
		}
		return firstRow(rows, []any{&n})
	})
	return n, err
}

func (s Projection[T, R]) open(ctx context.Context, op string) (session, error) {
	if s.err != nil {
		return session{}, s.q.fail(op, s.err)
	}
	return s.q.open(ctx, op)
}

func (s Projection[T, R]) stream(ctx context.Context, fn func(*R) bool) error {
	if u, many := s.q.scope.(*union); many {
		return s.across(ctx, u, fn)
	}
	session, err := s.open(ctx, s.op)
	if err != nil {
		return err
	}
	return session.within(ctx, func() error {
		into, err := s.destination(session.m.s)
		if err != nil {
			return err
		}
		sel, err := s.selection(&session)
		if err != nil {
			return err
		}
		kinds := make([]dialect.Kind, len(s.values))
		for i, v := range s.values {
			kinds[i] = v.kind()
		}
		rows, err := session.selected(ctx, sel, kinds)
		if err != nil {
			return err
		}
		return drain(rows, into, fn)
	})
}

// destination is R, aimed at the values by their names.
func (s Projection[T, R]) destination(rows *model.Struct) (*model.Struct, error) {
	names := make([]string, len(s.values))
	for i, v := range s.values {
		names[i] = v.name
	}
	of, own := rows, reflect.TypeFor[R]() == reflect.TypeFor[T]()
	if !own {
		var err error
		if of, err = resultOf[R](); err != nil {
			return nil, invalid("%v", err)
		}
	}
	single := len(of.Fields) == 1 && of.Fields[0].Column == ""
	for i, v := range s.values {
		if v.computed && !single {
			return nil, invalid("value %d, %s, has no name; give it that of a field of %s with As", i+1, v.name, of.Type)
		}
	}
	aimed, err := of.For(names, own)
	if err != nil {
		return nil, invalid("%v", err)
	}
	for i, v := range s.values {
		if f := &aimed.Fields[i]; !f.Codec.Reads(v.kind()) {
			return nil, invalid("%s is %s, which %s cannot hold", v.name, v.kind(), f.String())
		}
	}
	return aimed, nil
}

// aggregates reports whether a result is of many rows.
func (s Projection[T, R]) aggregates() bool {
	return len(s.group) > 0 || len(s.having) > 0 || slices.ContainsFunc(s.values, func(o operand) bool { return o.aggregate })
}

// selection is the SELECT in the session's mapping.
func (s Projection[T, R]) selection(session *session) (*dialect.Select, error) {
	q := s.q
	whole := !s.distinct && !s.aggregates()
	if !whole {
		switch {
		case q.lock != dialect.NoLock:
			return nil, invalid("a locking read locks rows; what is distinct or computed of many is none")
		case q.after != nil:
			return nil, invalid("After begins after a row; what is distinct or computed of many is none")
		}
		q.order, q.limit, q.offset = nil, -1, 0
	}
	sel, err := q.rows(session)
	if err != nil {
		return nil, err
	}
	sel.Distinct, sel.Columns = s.distinct, make([]dialect.Expr, len(s.values))
	for i, v := range s.values {
		sel.Columns[i] = v.expr
		sel.Joins = joined(sel.Joins, v.joins)
	}
	if whole {
		q.many = false
		return sel, q.checkRows()
	}
	if err := s.checkGathered(); err != nil {
		return nil, err
	}
	s.gather(sel)
	s.arrange(sel)
	return sel, nil
}

// gather completes a SELECT whose results are distinct or computed of many rows.
func (s Projection[T, R]) gather(sel *dialect.Select) {
	for _, g := range s.group {
		sel.Group = append(sel.Group, g.expr)
		sel.Joins = joined(sel.Joins, g.joins)
	}
	var having dialect.And
	for _, p := range s.having {
		having = append(having, p.expr)
		sel.Joins = joined(sel.Joins, p.joins)
	}
	if len(having) > 0 {
		sel.Having = having
	}
}

// arrange orders the results and cuts them off.
func (s Projection[T, R]) arrange(sel *dialect.Select) {
	order, by := s.q.order, s.group
	if s.distinct {
		by = s.values
	}
	if s.q.limit >= 0 || s.q.offset > 0 {
		order = completed(order, by)
	}
	for _, o := range order {
		sel.Order = append(sel.Order, o.term())
	}
	sel.Limit, sel.Offset = s.q.limit, s.q.offset
}

// checkGathered refuses what cannot be distinct, or computed of many rows.
func (s Projection[T, R]) checkGathered() error {
	if s.aggregates() {
		if err := s.checkGrouped(expressions(s.group)); err != nil {
			return err
		}
	}
	if s.distinct {
		return s.checkDistinct(expressions(s.values))
	}
	return nil
}

func expressions(list []operand) []dialect.Expr {
	exprs := make([]dialect.Expr, len(list))
	for i, o := range list {
		exprs[i] = o.expr
	}
	return exprs
}

// completed is an order with the values added by which no two results are equal.
func completed[T any](order []Order[T], by []operand) []Order[T] {
	order = slices.Clip(order)
	for _, o := range by {
		if !slices.ContainsFunc(order, func(p Order[T]) bool { return reflect.DeepEqual(p.expr, o.expr) }) {
			order = append(order, Order[T]{operand: o})
		}
	}
	return order
}

// checkGrouped refuses what has more than one value in a group.
func (s Projection[T, R]) checkGrouped(group []dialect.Expr) error {
	const advice = "group by it, or compute it of the group with Min, Max or another aggregate"
	for _, v := range s.values {
		if !settled(v.expr, group) {
			return invalid("%s is selected and neither grouped by nor an aggregate; %s", v.name, advice)
		}
	}
	for _, p := range s.having {
		if !settled(p.expr, group) {
			return invalid("Having is on something that is neither grouped by nor an aggregate; %s", "conditions on rows go into Where")
		}
	}
	for _, o := range s.q.order {
		if !settled(o.expr, group) {
			return invalid("the order is by %s, which is neither grouped by nor an aggregate; %s", o.name, advice)
		}
	}
	return nil
}

// checkDistinct refuses what engines compare differently, and an order by what is not in the result.
func (s Projection[T, R]) checkDistinct(columns []dialect.Expr) error {
	for _, v := range s.values {
		if problem := equatable(v.kind()); problem != "" {
			return invalid("Distinct: %s is %s, which is %s", v.name, v.kind(), problem)
		}
	}
	for _, o := range s.q.order {
		if !slices.ContainsFunc(columns, func(c dialect.Expr) bool { return reflect.DeepEqual(c, o.expr) }) {
			return invalid("Distinct: the order is by %s, which is not selected", o.name)
		}
	}
	return nil
}

// isAggregate reports an aggregate: one value for many rows.
func isAggregate(e dialect.Expr) bool {
	switch e := e.(type) {
	case dialect.CountAll:
		return true
	case dialect.Func:
		return e.Name.Aggregates()
	case dialect.Fragment:
		return e.Aggregate
	}
	return false
}

// settled reports whether an expression has one value for a group: it is what is grouped by, an
// aggregate, or made of such.
func settled(e dialect.Expr, group []dialect.Expr) bool {
	for _, g := range group {
		if reflect.DeepEqual(e, g) {
			return true
		}
	}
	switch e := e.(type) {
	case dialect.Arg, dialect.Truth, dialect.Some:
		return true
	case dialect.Via:
		return settled(e.Operand, behind(e.Relation, group))
	}
	if isAggregate(e) {
		return true
	}
	parts, known := dialect.Operands(e)
	for _, part := range parts {
		if !settled(part, group) {
			return false
		}
	}
	return known
}

// behind is what is grouped by, as seen from the row that a relation leads to.
func behind(relation string, group []dialect.Expr) (seen []dialect.Expr) {
	for _, g := range group {
		if via, ok := g.(dialect.Via); ok && via.Relation == relation {
			seen = append(seen, via.Operand)
		}
	}
	return seen
}

// refers reports whether an expression on a row has a column of the row in it: of the struct, or of a
// tenant's own.
func refers(e dialect.Expr, column string, own bool) bool {
	switch e := e.(type) {
	case dialect.Ref:
		return !own && e.Column == column
	case dialect.Extra:
		return own && e.Name == column
	}
	parts, known := dialect.Operands(e)
	for _, part := range parts {
		if refers(part, column, own) {
			return true
		}
	}
	return !known
}

// checkRows refuses what a row of the model has not one value of.
func (q Query[T]) checkRows() error {
	for _, o := range q.order {
		if o.aggregate {
			return invalid("the order is by %s, an aggregate, which no row has; it is for Select", o.name)
		}
	}
	if q.many {
		return invalid("a relation to many rows has many values for one row: ask with Has, or read it with Select")
	}
	return nil
}
