package rowhouse

import (
	"context"
	"errors"
	"slices"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// totals are a [Projection] across tenants under way: each is asked for its groups, and what they come
// to together is computed, chosen, ordered and cut off here.
type totals[T, R any] struct {
	s      Projection[T, R]
	f      *fold
	values []computed
	having []computed
	order  []sorting
}

// sorting is a term of the order of totals.
type sorting struct {
	mergeTerm

	by computed
}

// projectionAcross calls fn with each result until it returns false. What some tenants' failures have left is an
// [*AcrossError] after the others' results.
func projectionAcross[T, R any](ctx context.Context, s Projection[T, R], u *union, fn func(*R) bool) error {
	into, err := projectionDestination(s, s.q.model.s)
	if err != nil {
		return queryFail(s.q, s.op, err)
	}
	results, partly, err := projectionTotals(ctx, s, u)
	if err == nil {
		err = drain(&madeRows{list: results}, into, fn)
	}
	if err != nil {
		return queryFail(s.q, s.op, err)
	}
	return partly
}

// projectionTotals are the results, in their order and within the limit.
func projectionTotals[T, R any](ctx context.Context, s Projection[T, R], u *union) (results [][]any, partly, err error) {
	if err := errors.Join(s.err, s.q.err); err != nil {
		return nil, nil, err
	}
	t, err := projectionTotalling(s)
	if err != nil {
		return nil, nil, err
	}
	w, failures := u.sweep(s.q.model.s, s.op)
	w.kinds = func(*mapping) []dialect.Kind { return t.f.kinds }
	w.text = u.texts(s.q.lifted, func(string) int { return 0 }, t.text)
	w.read = func(_ member, rows driver.Rows) (func(context.Context) error, error) {
		groups, err := takeRows(rows, t.f.kinds)
		return func(ctx context.Context) error { return t.f.add(ctx, groups) }, err
	}
	if err := w.run(ctx, u.sel.members(ctx)); err != nil {
		goOn(err)
		return nil, nil, err
	}
	results, err = t.results()
	return results, acrossOutcome(s.q, s.op, nil, failures), err
}

// projectionTotalling compiles the projection.
func projectionTotalling[T, R any](s Projection[T, R]) (*totals[T, R], error) {
	by := s.group
	switch {
	case projectionAggregates(s):
	case s.distinct:
		by = s.values
	default:
		return nil, invalid("Select across tenants is of groups, of aggregates or of Distinct values; " +
			"rows are read with All or Each of the Across")
	}
	if err := projectionCheckGathered(s); err != nil {
		return nil, err
	}
	t := &totals[T, R]{s: s, f: newFold(by)}
	if err := t.f.keyed(by); err != nil {
		return nil, err
	}
	for _, v := range s.values {
		c, err := t.f.value(v)
		if err != nil {
			return nil, err
		}
		t.values = append(t.values, c)
	}
	for _, p := range s.having {
		if t.f.apart {
			break // the tenant does it
		}
		c, err := t.f.computed(p.expr)
		if err != nil {
			return nil, err
		}
		t.having = append(t.having, c)
	}
	if err := t.sorted(completed(s.q.order, by)); err != nil {
		return nil, err
	}
	if projectionAggregates(s) && len(by) == 0 {
		t.f.begin()
	}
	return t, nil
}

func (t *totals[T, R]) sorted(order []ordering) error {
	for _, o := range order {
		c, err := t.f.value(o.operand)
		switch {
		case err != nil:
			return err
		case c.kind == dialect.JSON:
			return invalid("%s is %s, which engines order in ways of their own", o.name, c.kind)
		}
		t.order = append(t.order, sorting{mergeTerm{desc: o.desc, first: o.term().First(), between: compareKind(c.kind)}, c})
	}
	return nil
}

// text is what the tenants of a mapping are asked.
func (t *totals[T, R]) text(session *session, _ int) (*dialect.Template, error) {
	s := t.s
	s.q.order, s.q.limit = nil, -1
	sel, err := queryRows(s.q, session)
	if err != nil {
		return nil, err
	}
	for _, v := range s.values {
		sel.Joins = joined(sel.Joins, v.joins)
	}
	for _, o := range t.s.q.order {
		sel.Joins = joined(sel.Joins, o.joins)
	}
	projectionGather(s, sel)
	sel.Columns, sel.Distinct = t.f.columns, s.distinct && !projectionAggregates(s)
	if !t.f.apart {
		sel.Having = nil
	}
	return session.m.text(sel)
}

// total is a result, and what it is ordered by.
type total struct{ values, key []any }

// results computes what the groups come to.
func (t *totals[T, R]) results() ([][]any, error) {
	var list []total
	seen := map[string]bool{}
	for _, g := range t.f.ordered {
		r, keep, err := t.result(g)
		if err != nil {
			return nil, err
		}
		if keep && t.s.distinct {
			text := t.keyOf(r.values)
			keep = !seen[text]
			seen[text] = true
		}
		if keep {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, t.compare)
	if n := t.s.q.limit; n >= 0 && int64(len(list)) > n {
		list = list[:n]
	}
	rows := make([][]any, len(list))
	for i, r := range list {
		rows[i] = r.values
	}
	return rows, nil
}

// result computes a group's result; keep is false if Having does not hold.
func (t *totals[T, R]) result(g *folded) (r total, keep bool, err error) {
	for _, c := range t.having {
		if is, err := c.of(g); err != nil || is != true {
			return r, false, err
		}
	}
	r.values, r.key = make([]any, len(t.values)), make([]any, len(t.order))
	for i, c := range t.values {
		if r.values[i], err = c.of(g); err != nil {
			return r, false, err
		}
	}
	for i, o := range t.order {
		if r.key[i], err = o.by.of(g); err != nil {
			return r, false, err
		}
	}
	return r, true, nil
}

func (t *totals[T, R]) compare(a, b total) int {
	for i, o := range t.order {
		if c := o.compare(a.key[i], b.key[i]); c != 0 {
			return c
		}
	}
	return 0
}

// keyOf is the same text for results that are equal.
func (t *totals[T, R]) keyOf(values []any) string {
	kinds := make([]dialect.Kind, len(values))
	for i, c := range t.values {
		kinds[i] = c.kind
	}
	return keyOfValues(values, kinds)
}
