package rowhouse

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"errors"
	"math/big"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/model"
)

// merging is an ordered union under way: the next few rows of each tenant, and a heap of tenants by the
// first of them (a k-way merge; Knuth, The Art of Computer Programming 3, section 5.4.1).
type merging[T any] struct {
	a     Across[T]
	w     *sweep
	terms []mergeTerm
	most  int // rows of one tenant at once
	heads []*head[T]
	lost  map[string]bool // tenants of which a hook has failed
}

// head are the next rows of one tenant.
type head[T any] struct {
	m    member
	rows []T
	key  []any // values of the terms in the first row
	size int   // rows that were asked for last
	more bool  // there may be more than these
}

// What is kept in memory is bounded by a number of rows for all tenants together, but two of each. A
// tenant whose rows come first gets more at a time, up to a page.
const (
	mergeRows  = 1 << 16
	mergePage  = 512
	mergeFirst = 4
	streamPage = 128
	mergeLeast = 2
)

// acrossMerging asks every tenant for its first rows.
func acrossMerging[T any](a Across[T], size int) (*merging[T], *AcrossError) {
	w, failures := acrossUnion(a).sweep(a.q.model.s, "select")
	w.kinds = func(m *mapping) []dialect.Kind { return m.kinds }
	side := func(tenant string) int { return acrossSide(a, tenant) }
	w.text = acrossUnion(a).texts(a.q.lifted, side, func(s *session, side int) (*dialect.Template, error) {
		return acrossPage(a, s, side, size, nil)
	})
	return &merging[T]{a: a, w: w, terms: termsOf(acrossTotal(a)[:len(a.q.order)], a.q.model.s)}, failures
}

// acrossMerge calls fn with the rows of all tenants in their order.
func acrossMerge[T any](ctx context.Context, a Across[T], fn func(TenantRow[T]) bool) error {
	size := mergeFirst
	if a.q.limit > 0 {
		size = int(min(a.q.limit, mergeFirst))
	}
	g, failures := acrossMerging(a, size)
	var mu sync.Mutex
	g.w.read = func(m member, rows driver.Rows) (func(context.Context) error, error) {
		h := &head[T]{m: m, size: size}
		err := g.fill(h, rows)
		return func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			if len(h.rows) > 0 {
				g.heads = append(g.heads, h)
			}
			return nil
		}, err
	}
	err := g.w.run(ctx, acrossUnion(a).sel.members(ctx))
	goOn(err)
	if err == nil {
		g.most = min(max(mergeRows/max(len(g.heads), 1), mergeLeast), mergePage)
		err = g.yield(ctx, fn)
	}
	return acrossOutcome(a.q, "select", err, failures)
}

// fill takes a tenant's next rows.
func (g *merging[T]) fill(h *head[T], rows driver.Rows) error {
	h.rows = make([]T, 0, h.size)
	of, err := g.w.db.mappingOf(g.a.q.model.s, h.m.house)
	if err != nil {
		return errors.Join(err, rows.Close())
	}
	err = drain(rows, of.s, func(row *T) bool {
		h.rows = append(h.rows, *row)
		return true
	})
	h.more = len(h.rows) == h.size
	if err != nil || len(h.rows) == 0 {
		return err
	}
	return g.aim(h)
}

// aim has the key be that of the first row.
func (g *merging[T]) aim(h *head[T]) error {
	if h.key == nil {
		h.key = make([]any, len(g.terms))
	}
	for i, t := range g.terms {
		value, err := t.field.Arg(unsafe.Pointer(&h.rows[0]))
		if err != nil {
			return invalid("%v", err)
		}
		h.key[i] = value
	}
	return nil
}

// yield calls fn with row after row, until it returns false or the limit is reached.
func (g *merging[T]) yield(ctx context.Context, fn func(TenantRow[T]) bool) error {
	heap.Init(g)
	for n := int64(0); len(g.heads) > 0; {
		h := g.heads[0]
		row, last := h.rows[0], h.rows[0] // hooks may change the one, and the next rows are after the other
		more, given, err := g.hand(ctx, h.m, &row, fn)
		if given {
			n++
		}
		if err != nil || !more || n == g.a.q.limit {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if g.lost[h.m.id] {
			h.rows = nil
		} else if err := g.advance(ctx, h, &last); err != nil {
			return err
		}
		if len(h.rows) == 0 {
			heap.Pop(g)
		} else {
			heap.Fix(g, 0)
		}
	}
	return nil
}

// advance goes to the tenant's next row, of which last was the one before.
func (g *merging[T]) advance(ctx context.Context, h *head[T], last *T) error {
	if h.rows = h.rows[1:]; len(h.rows) > 0 {
		return g.aim(h)
	}
	return g.refill(ctx, h, last)
}

// refill gets the tenant's next rows, if there may be any.
func (g *merging[T]) refill(ctx context.Context, h *head[T], last *T) error {
	if !h.more {
		return nil
	}
	h.size = min(2*h.size, g.most)
	h.more = false
	w := &sweep{db: g.w.db, model: g.w.model, op: g.w.op, kinds: g.w.kinds, failed: g.w.failed}
	w.text = func(m *mapping, _ string) (*dialect.Template, error) {
		return acrossPage(g.a, &session{db: w.db, m: m}, 0, h.size, last)
	}
	w.read = func(_ member, rows driver.Rows) (func(context.Context) error, error) {
		err := g.fill(h, rows)
		if err != nil {
			h.rows = nil
		}
		return nil, err
	}
	return w.ask(ctx, chunk{w.placeOf(h.m), []member{h.m}})
}

// Len, Less, Swap, Push and Pop are the heap's.
func (g *merging[T]) Len() int      { return len(g.heads) }
func (g *merging[T]) Swap(i, j int) { g.heads[i], g.heads[j] = g.heads[j], g.heads[i] }
func (g *merging[T]) Push(any)      { panic("rowhouse: nothing is pushed onto a merge") }

// Pop removes the last head.
func (g *merging[T]) Pop() any {
	last := len(g.heads) - 1
	h := g.heads[last]
	g.heads[last] = nil
	g.heads = g.heads[:last]
	return h
}

// Less compares the first rows: by the terms of OrderBy, then by tenant. Within a tenant the database
// has ordered them.
func (g *merging[T]) Less(i, j int) bool {
	a, b := g.heads[i], g.heads[j]
	for at, t := range g.terms {
		if c := t.compare(a.key[at], b.key[at]); c != 0 {
			return c < 0
		}
	}
	return a.m.id < b.m.id
}

// mergeTerm compares rows of different tenants as their databases compare rows of one.
type mergeTerm struct {
	field   *model.Field
	desc    bool
	first   bool // NULLs come first
	between func(a, b any) int
}

// termsOf are the terms by which tenants are merged: those of OrderBy, not the primary key behind them.
func termsOf(order []ordering, s *model.Struct) []mergeTerm {
	terms := make([]mergeTerm, len(order))
	for i, o := range order {
		f := o.field(s)
		terms[i] = mergeTerm{field: f, desc: o.desc, first: o.term().First(), between: compareKind(f.Codec.Type.Kind)}
	}
	return terms
}

func (t mergeTerm) compare(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil, b == nil:
		if (a == nil) == t.first {
			return -1
		}
		return 1
	case t.desc:
		return t.between(b, a)
	}
	return t.between(a, b)
}

// compareKind compares canonical values of a kind.
func compareKind(k dialect.Kind) func(a, b any) int {
	switch k {
	case dialect.Bool:
		return func(a, b any) int { return boolRank(a) - boolRank(b) }
	case dialect.Float32, dialect.Float64:
		return func(a, b any) int { return compareFloats(a.(float64), b.(float64)) }
	case dialect.Decimal:
		return compareDecimals
	case dialect.Bytes:
		return func(a, b any) int { return bytes.Compare(a.([]byte), b.([]byte)) }
	case dialect.Time:
		return func(a, b any) int { return a.(time.Time).Compare(b.(time.Time)) }
	case dialect.UUID:
		return func(a, b any) int {
			x, y := a.([16]byte), b.([16]byte)
			return bytes.Compare(x[:], y[:])
		}
	case dialect.Text:
		return func(a, b any) int { return strings.Compare(a.(string), b.(string)) }
	}
	return func(a, b any) int { return cmp.Compare(a.(int64), b.(int64)) }
}

func boolRank(v any) int {
	if v.(bool) {
		return 1
	}
	return 0
}

// compareFloats has NaN be greater than all, as PostgreSQL does; the others have none.
func compareFloats(a, b float64) int {
	return cmp.Or(boolRank(a != a)-boolRank(b != b), cmp.Compare(a, b))
}

// compareDecimals compares by value, whatever the digits behind the point.
func compareDecimals(a, b any) int {
	x, y := new(big.Rat), new(big.Rat)
	_, okX := x.SetString(decimalText(a))
	_, okY := y.SetString(decimalText(b))
	if !okX || !okY {
		return strings.Compare(decimalText(a), decimalText(b))
	}
	return x.Cmp(y)
}

func decimalText(v any) string {
	s, _ := v.(string)
	return s
}

var _ heap.Interface = (*merging[struct{}])(nil)
