package rowhouse

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// Across selects rows of one model over many tenants: the polymorphic union, each row with its tenant.
// It is made by [Model.Across], and is a value as a [Query] is.
//
// Each tenant is asked by a statement of its own, sent ahead of the replies over a few connections,
// so tenants in different placements, databases and shapes work together, and none sees another's
// rows. There is no snapshot of them all: what one tenant writes meanwhile may be seen when what
// another wrote before is not.
//
// [Select] and [Compute] take it as they take a Query: what tenants have computed of their rows, group by
// group, is put together as if all rows were in one table.
type Across[T any] struct {
	q     Query[T] // in the scope of a union
	after *TenantRow[T]
}

// TenantRow is a row and the tenant that it is of.
type TenantRow[T any] struct {
	Tenant string
	Value  T
}

const acrossConnections = 4

// Across binds the model to a selection of tenants.
func (m *Model[T]) Across(s Selection) Across[T] {
	a := Across[T]{q: m.In(&union{sel: s, conns: acrossConnections}).Query}
	if m.s.Table.Common {
		a.q.err = invalid("model %q belongs to no tenant; use it in the scope that DB.Common returns", m.Name())
	}
	return a
}

// query is what [Select] reads values of.
func (a Across[T]) query() Query[T] {
	if a.after != nil {
		a.q.err = errors.Join(a.q.err, invalid("After begins after a row; what is distinct or computed of many is none"))
	}
	return a.q
}

func acrossUnion[T any](a Across[T]) *union { return a.q.scope.(*union) }

// acrossWithin has the tenants be asked otherwise.
func acrossWithin[T any](a Across[T], change func(u *union)) Across[T] {
	u := *acrossUnion(a)
	change(&u)
	a.q.scope = &u
	return a
}

// Where is [Query.Where] for every tenant.
func (a Across[T]) Where(ps ...Predicate[T]) Across[T] { a.q = a.q.Where(ps...); return a }

// OrderBy orders the rows of all tenants together, by columns of the model; rows that are equal in them
// come in the order of tenants, and of a tenant's primary key. Texts are ordered by their bytes, whatever
// the order of letters in the databases. Without OrderBy, Limit and After they come in any order, only
// those of one tenant in that of its primary key.
//
// What [Select] reads is ordered by what its groups have, aggregates among it.
func (a Across[T]) OrderBy(os ...Order[T]) Across[T] { a.q = a.q.OrderBy(os...); return a }

// queryCheckMerge refuses an order by which rows of different tenants cannot be merged.
func queryCheckMerge[T any](q Query[T]) error {
	for _, o := range q.order {
		switch {
		case o.field(q.model.s) == nil:
			return invalid("rows across tenants are ordered by columns of the model, whose values are in the rows to be merged; "+
				"the order by %s is for Select", o.name)
		case o.kind() == dialect.JSON || o.kind() == dialect.Other:
			return invalid("column %s is %s, which engines order in ways of their own", o.name, o.kind())
		}
	}
	return nil
}

// Limit returns at most n rows of all tenants together. Without OrderBy they are the first in the order
// of tenants' ids, and of each one's primary key.
func (a Across[T]) Limit(n int) Across[T] { a.q = a.q.Limit(n); return a }

// After begins after a row, in the order of OrderBy: the last row of one page gives the next.
func (a Across[T]) After(row TenantRow[T]) Across[T] { a.after = &row; return a }

// WithDeleted includes rows that are softly deleted.
func (a Across[T]) WithDeleted() Across[T] { a.q.deleted = true; return a }

// Without is [Table.Without] for every tenant.
func (a Across[T]) Without(filters ...string) Across[T] {
	a.q.lifted = slices.Concat(a.q.lifted, filters)
	return a
}

// Connections sets over how many connections the tenants are asked at once; the default is 4. More help
// with network between, up to what the servers have cores.
func (a Across[T]) Connections(n int) Across[T] {
	if n < 1 {
		a.q.err = errors.Join(a.q.err, invalid("Connections(%d): at least one is needed", n))
	}
	return acrossWithin(a, func(u *union) { u.conns = n })
}

// KeepGoing leaves a tenant that fails out and goes on with the others. What failed is told in the end
// by an [*AcrossError], beside the rows of those that did not. Without KeepGoing, the first failure
// ends it.
func (a Across[T]) KeepGoing() Across[T] { return acrossWithin(a, func(u *union) { u.going = true }) }

// AcrossError is what has become of the tenants that failed, where an [Across] kept going. errors.Is
// and errors.As reach each failure.
type AcrossError struct {
	Failures []error // each a [*TenantError] or a [*StatementError], which name the tenant
}

// Error tells how many failed, and the first few of them.
func (e *AcrossError) Error() string {
	const told = 3
	text := make([]string, 0, told+1)
	for _, f := range e.Failures[:min(told, len(e.Failures))] {
		text = append(text, f.Error())
	}
	if more := len(e.Failures) - told; more > 0 {
		text = append(text, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("rowhouse: %d of the selected tenants failed: %s", len(e.Failures), strings.Join(text, "; "))
}

// Unwrap returns the failures.
func (e *AcrossError) Unwrap() []error { return e.Failures }

// partly reports whether an error is of some tenants alone, so that there are results beside it.
func partly(err error) bool {
	_, is := errors.AsType[*AcrossError](err)
	return is
}

// All returns the rows. With KeepGoing they come beside the error, if there is one.
func (a Across[T]) All(ctx context.Context) ([]TenantRow[T], error) {
	var all []TenantRow[T]
	err := acrossEach(ctx, a, func(row TenantRow[T]) bool {
		all = append(all, row)
		return true
	})
	if err != nil && !partly(err) {
		return nil, err
	}
	return all, err
}

// Each yields the rows one by one. However many there are, the memory that it takes is bounded: ordered,
// by a few rows of each tenant; unordered, by a page of each tenant that is on its way. Breaking out of
// the loop ends the statements. An error is yielded last, with a zero row.
//
// While the loop's body runs, no connection waits for it.
func (a Across[T]) Each(ctx context.Context) iter.Seq2[TenantRow[T], error] {
	return func(yield func(TenantRow[T], error) bool) {
		stopped := false
		err := acrossEach(ctx, a, func(row TenantRow[T]) bool {
			stopped = !yield(row, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(TenantRow[T]{}, err)
		}
	}
}

// Count returns the number of rows of all tenants together. It refuses Limit and After. With KeepGoing
// the number comes beside the error, if there is one.
func (a Across[T]) Count(ctx context.Context) (int64, error) {
	return compute(ctx, a.query(), Count[T](), "count")
}

// acrossEach calls fn with every row until it returns false. Calls do not overlap.
func acrossEach[T any](ctx context.Context, a Across[T], fn func(TenantRow[T]) bool) error {
	if err := errors.Join(queryMade(a.q), a.q.err, queryCheckMerge(a.q)); err != nil || a.q.limit == 0 {
		return acrossOutcome(a.q, "select", err, nil)
	}
	if len(a.q.order) == 0 && a.q.limit < 0 && a.after == nil {
		return acrossStream(ctx, a, fn)
	}
	return acrossMerge(ctx, a, fn)
}

// acrossSide is on which side of the tenant that After named a tenant is.
func acrossSide[T any](a Across[T], tenant string) int {
	if a.after == nil {
		return 0
	}
	return strings.Compare(tenant, a.after.Tenant)
}

// acrossStream calls fn with the rows as they come. Each tenant's come in pages, and go to the caller when no
// connection is held any more, which the caller may want for itself.
func acrossStream[T any](ctx context.Context, a Across[T], fn func(TenantRow[T]) bool) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	g, failures := acrossMerging(a, streamPage)
	g.most = mergePage
	batches := make(chan *head[T])
	g.w.read = func(m member, rows driver.Rows) (func(context.Context) error, error) {
		h := &head[T]{m: m, size: streamPage}
		err := g.fill(h, rows)
		return func(ctx context.Context) error { return g.send(ctx, h, batches) }, err
	}
	var err error
	go func() {
		defer close(batches)
		err = g.w.run(ctx, acrossUnion(a).sel.members(ctx))
	}()
	stopped, failed := false, error(nil)
	for h := range batches {
		for i := range h.rows {
			if stopped {
				break
			}
			var more bool
			more, _, failed = g.hand(ctx, h.m, &h.rows[i], fn)
			if stopped = !more || failed != nil; stopped {
				stop()
			}
		}
	}
	goOn(err)
	if stopped {
		return acrossOutcome(a.q, "select", failed, nil)
	}
	return acrossOutcome(a.q, "select", err, failures)
}

// send gives a tenant's rows to whoever takes them, page by page.
func (g *merging[T]) send(ctx context.Context, h *head[T], to chan<- *head[T]) error {
	for len(h.rows) > 0 {
		last := h.rows[len(h.rows)-1] // before a hook changes it
		select {
		case to <- &head[T]{m: h.m, rows: h.rows}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		h.rows = h.rows[len(h.rows):]
		if err := g.refill(ctx, h, &last); err != nil {
			return err
		}
	}
	return nil
}

// hand gives the caller a row, after its AfterLoad hooks. A tenant of which one has failed is left out from
// there on, and has failed once. It reports whether more are wanted, and whether the row was given; an error
// ends all.
func (g *merging[T]) hand(ctx context.Context, m member, row *T, fn func(TenantRow[T]) bool) (more, given bool, err error) {
	if g.lost[m.id] {
		return true, false, nil
	}
	w := g.w
	if own := w.db.mappings[w.model].open.hooks; own != nil && len(own[afterLoad]) > 0 {
		scope := &Tenant{db: w.db, id: m.id}
		scope.house.Store(m.house)
		scope.seen.Store(m.seen)
		s, err := w.session(m)
		if err == nil {
			err = loaded(ctx, s, scope, unsafe.Slice(row, 1))
		}
		if err != nil {
			if g.lost == nil {
				g.lost = map[string]bool{}
			}
			g.lost[m.id] = true
			return true, false, w.fail(m, err)
		}
	}
	return fn(TenantRow[T]{m.id, *row}), true, nil
}

// acrossTotal are the terms of the order, texts by their bytes, completed by the primary key.
func acrossTotal[T any](a Across[T]) []ordering {
	order := slices.Clone(a.q.order)
	for i := range order {
		order[i] = bytewise(order[i])
	}
	q := a.q
	q.order = order
	for _, o := range queryTotal(q)[len(order):] {
		order = append(order, bytewise(o))
	}
	return order
}

func bytewise(o ordering) ordering {
	if o.kind() == dialect.Text {
		o.expr = dialect.Bytewise{Operand: o.expr}
	}
	return o
}

// acrossPage is the statement for at most n rows of one tenant, on one side of the tenant that After named, or,
// with a row of its own, after that. It is nil if there can be none.
func acrossPage[T any](a Across[T], s *session, side, n int, own *T) (*dialect.Template, error) {
	q, total := a.q, acrossTotal(a)
	q.limit, q.after = -1, nil
	sel, err := querySelection(q, s)
	if err != nil {
		return nil, err
	}
	sel.Limit, sel.Order = int64(n), nil
	for _, o := range total {
		sel.Order = append(sel.Order, o.term())
	}
	row, terms := own, total
	if own == nil && a.after != nil {
		row = &a.after.Value
		if side != 0 {
			terms = total[:len(a.q.order)]
		}
	}
	if row == nil {
		return s.m.text(sel)
	}
	after, equal, err := queryBeyondRow(q, terms, unsafe.Pointer(row))
	if err != nil {
		return nil, err
	}
	from := dialect.Expr(after)
	if side > 0 && own == nil {
		from = dialect.Or{after, equal}
	} else if len(terms) == 0 {
		return nil, nil //nolint:nilnil // nothing is to be asked
	}
	if sel.Where == nil {
		sel.Where = from
	} else {
		sel.Where = dialect.And{sel.Where, from}
	}
	return s.m.text(sel)
}
