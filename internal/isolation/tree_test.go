package isolation

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// edge is a relation of a model that can be drawn, narrowed and with what is below it.
type edge[T any] struct {
	with func(t *rapid.T, depth int) branch[T]
	has  func(t *rapid.T) cond[T] // nil where a statement does not reach everywhere
}

// branch is a relation that is read, in the words of the library and in those of the model.
type branch[T any] struct {
	rel   rowhouse.AnyRelation[T]
	text  string
	check func(d *desk, row *T) error // what is in the row's field
	clear func(row *T)
}

// slot is the field that a relation fills in; filled tells it from one that nobody asked for.
type slot[T, R any] struct {
	read  func(*T) (rows []R, filled bool)
	clear func(*T)
	one   bool
}

func many[T, R any](at func(*T) *[]R) slot[T, R] {
	return slot[T, R]{
		read:  func(row *T) ([]R, bool) { return *at(row), *at(row) != nil },
		clear: func(row *T) { *at(row) = nil },
	}
}

func one[T, R any](at func(*T) **R) slot[T, R] {
	return slot[T, R]{one: true, clear: func(row *T) { *at(row) = nil }, read: func(row *T) ([]R, bool) {
		if p := *at(row); p != nil {
			return []R{*p}, true
		}
		return nil, true
	}}
}

func newEdge[T, R any](
	name string, rel rowhouse.Relation[T, R], k *kind[R], related func(*store, *T) []R, at slot[T, R], below func() []edge[R],
) edge[T] {
	e := edge[T]{
		with: func(t *rapid.T, depth int) branch[T] {
			q := drawNarrow(t, k, at.one)
			return newBranch(name, rel, q, related, at, drawTree(t, below(), depth-1))
		},
		has: func(t *rapid.T) cond[T] { return has(name, rel, k, related, t) },
	}
	if k.canary == nil {
		e.has = nil
	}
	return e
}

// drawNarrow is what is asked of related rows: like a query, but for what is asked of a whole.
func drawNarrow[R any](t *rapid.T, k *kind[R], one bool) query[R] {
	q := drawQuery(t, k)
	q.offset, q.lock = 0, ""
	if one {
		q.limit, q.orders = -1, nil
	}
	return q
}

// drawTree draws relations, each once.
func drawTree[T any](t *rapid.T, edges []edge[T], depth int) (list []branch[T]) {
	if depth == 0 || len(edges) == 0 {
		return nil
	}
	which := rapid.SliceOfNDistinct(rapid.IntRange(0, len(edges)-1), 0, 2, rapid.ID).Draw(t, "relations")
	for _, i := range which {
		list = append(list, edges[i].with(t, depth))
	}
	return list
}

func newBranch[T, R any](
	name string, rel rowhouse.Relation[T, R], q query[R], related func(*store, *T) []R, at slot[T, R], below []branch[R],
) branch[T] {
	rel = rel.With(relations(below)...)
	for _, c := range q.conds {
		rel = rel.Where(c.pred)
	}
	for _, o := range q.orders {
		rel = rel.OrderBy(o.by)
	}
	if q.limit >= 0 {
		rel = rel.Limit(q.limit)
	}
	if q.deleted {
		rel = rel.WithDeleted()
	}
	check := func(d *desk, row *T) error {
		got, filled := at.read(row)
		if !filled {
			return fmt.Errorf("%s is not filled in", name)
		}
		got, err := bare(d, below, got)
		if err == nil {
			err = q.compareRelated(d, related(d.model, row), got)
		}
		if err != nil {
			return fmt.Errorf("%s of %s: %w", name, show(*row), err)
		}
		return nil
	}
	return branch[T]{rel: rel, text: fmt.Sprintf("%s [%s%s]", name, q, texted(below)), check: check, clear: at.clear}
}

// compareRelated checks the related rows of one row against those that there are.
func (q query[R]) compareRelated(d *desk, there, got []R) error {
	if err := own(d, q.k, got); err != nil || !d.exact {
		return err
	}
	there = slices.DeleteFunc(there, func(r R) bool { return !q.k.matches(d.model, &r, q.conds, q.deleted) })
	slices.SortStableFunc(there, func(a, b R) int { return compareBy(q.orders, &a, &b) })
	return compareRows(q.k, q.orders, there, got, 0, q.limit)
}

func relations[T any](list []branch[T]) []rowhouse.AnyRelation[T] {
	rels := make([]rowhouse.AnyRelation[T], len(list))
	for i, b := range list {
		rels[i] = b.rel
	}
	return rels
}

func texted[T any](list []branch[T]) string {
	texts := make([]string, len(list))
	for i, b := range list {
		texts[i] = " with " + b.text
	}
	return strings.Join(texts, "")
}

// bare checks what relations have brought, and returns the rows without it. What was not asked for must not be
// there, and shows in what they are compared with.
func bare[T any](d *desk, tree []branch[T], rows []T) ([]T, error) {
	rows = slices.Clone(rows)
	for i := range rows {
		for _, b := range tree {
			if err := b.check(d, &rows[i]); err != nil {
				return nil, err
			}
		}
		for _, b := range tree {
			b.clear(&rows[i])
		}
	}
	return rows, nil
}

// treeAct reads rows with what relations lead to.
type treeAct[T any] struct {
	query[T]
	tree  []branch[T]
	how   string
	stop  int
	picks []int
	other T
}

func drawTrees[T any](k *kind[T], edges func() []edge[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return treeAct[T]{
			query: drawQuery(t, k), tree: drawTree(t, edges(), 3), stop: rapid.IntRange(1, 6).Draw(t, "stop"), other: k.draw(t),
			how: rapid.SampledFrom([]string{"all", "all", "each", "first", "get", "get many"}).Draw(t, "how"),
			// Few of them, so that a key comes twice.
			picks: rapid.SliceOfN(rapid.IntRange(0, 3), 1, 4).Draw(t, "picks"),
		}
	})
}

func (a treeAct[T]) String() string {
	return fmt.Sprintf("%s %v (stop at %d) of %s%s", a.how, a.picks, a.stop, a.query, texted(a.tree))
}

func (a treeAct[T]) run(d *desk) (failed, wrong error) {
	a.lock = d.locking(a.lock)
	if a.how == "get" || a.how == "get many" {
		return a.get(d)
	}
	q := a.build(d.scope).With(relations(a.tree)...)
	var rows []T
	var err error
	limit := a.limit
	switch a.how {
	case "each":
		if rows, err = a.each(d, q); limit < 0 || a.stop < limit {
			limit = a.stop
		}
	case "first":
		if len(a.orders) == 0 {
			a.orders = []order[T]{{compare: func(x, y *T) int { return compareText(a.k.key(x), a.k.key(y)) }}}
		}
		limit = min(1, max(limit, -limit)) // none is none
		var row T
		if row, err = q.First(d.ctx); err == nil {
			rows = append(rows, row)
		}
	default:
		rows, err = q.All(d.ctx)
	}
	may := a.refused(d)
	if a.how == "first" && len(may) == 0 && (limit == 0 || len(a.matching(d.model)) <= a.offset) {
		may = []error{rowhouse.ErrNotFound}
	}
	ok, failed, wrong := d.judge(err, may...)
	if wrong == nil {
		rows, wrong = bare(d, a.tree, rows)
	}
	if wrong == nil && ok {
		wrong = a.compare(d, rows, a.offset, limit)
	}
	return failed, wrong
}

func (a treeAct[T]) each(d *desk, q rowhouse.Query[T]) (rows []T, err error) {
	for row, e := range q.Each(d.ctx) {
		if err = e; err != nil {
			break
		}
		if rows = append(rows, row); len(rows) == a.stop {
			break
		}
	}
	return rows, err
}

// get reads by keys, some of them of no row, and some twice.
func (a treeAct[T]) get(d *desk) (failed, wrong error) {
	var keys []any
	var want []T
	for _, n := range a.picks {
		row, ok := pickOf(a.k.rows(d.model), n)
		if !ok {
			row, ok = ifThere(a.k, d.model, a.other)
		}
		keys = append(keys, a.k.values(&row))
		if ok && a.k.matches(d.model, &row, nil, a.deleted) {
			want = append(want, row)
		}
		if a.how == "get" {
			break
		}
	}
	table := a.k.model.In(d.scope).With(relations(a.tree)...)
	if a.deleted {
		table = table.WithDeleted()
	}
	var rows []T
	var err error
	var may []error
	if a.how == "get" {
		var row T
		if row, err = table.Get(d.ctx, keys[0].(rowhouse.Key)...); err == nil {
			rows = append(rows, row)
		}
		if len(want) == 0 {
			may = []error{rowhouse.ErrNotFound}
		}
	} else {
		rows, err = table.GetMany(d.ctx, keys...)
	}
	ok, failed, wrong := d.judge(err, may...)
	if wrong == nil {
		rows, wrong = bare(d, a.tree, rows)
	}
	if wrong == nil {
		wrong = own(d, a.k, rows)
	}
	if ok && wrong == nil {
		wrong = compareRows(a.k, nil, want, rows, 0, -1)
	}
	return failed, wrong
}
