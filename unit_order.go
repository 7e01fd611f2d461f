package rowhouse

import (
	"slices"
	"strings"
	"unsafe"

	"github.com/rowhouse/rowhouse/internal/model"
)

// components parts nodes into groups that need one another in a circle, most of them single nodes, and
// puts every group behind those that it needs (Tarjan, Depth-first search and linear graph algorithms,
// 1972).
func components[N comparable](nodes []N, needs func(N) []N) [][]N {
	t := tarjan[N]{needs: needs, index: make(map[N]int, len(nodes)), low: make(map[N]int, len(nodes))}
	for _, n := range nodes {
		if t.index[n] == 0 {
			t.visit(n)
		}
	}
	return t.groups
}

type tarjan[N comparable] struct {
	needs  func(N) []N
	index  map[N]int // order of the visit, from 1 on; settled once the group is known
	low    map[N]int
	stack  []N
	next   int
	groups [][]N
}

const visited = -1

func (t *tarjan[N]) visit(n N) {
	t.next++
	t.index[n], t.low[n] = t.next, t.next
	at := len(t.stack)
	t.stack = append(t.stack, n)
	for _, m := range t.needs(n) {
		switch t.index[m] {
		case visited:
		case 0:
			t.visit(m)
			t.low[n] = min(t.low[n], t.low[m])
		default:
			t.low[n] = min(t.low[n], t.index[m])
		}
	}
	if t.low[n] != t.index[n] {
		return
	}
	group := slices.Clone(t.stack[at:])
	t.stack = t.stack[:at]
	for _, m := range group {
		t.index[m] = visited
	}
	t.groups = append(t.groups, group)
}

// ordered are the unit's models by what they refer to, those that refer to one another together.
func (u *Unit) ordered() [][]*unitSet {
	return components(u.sets, func(set *unitSet) (needs []*unitSet) {
		for _, k := range set.s.Table.ForeignKeys {
			if target := u.named(k.Table); target != nil {
				needs = append(needs, target)
			}
		}
		for _, l := range u.links {
			if l.of.set == set {
				needs = append(needs, l.to.set)
			}
		}
		return needs
	})
}

// named returns the rows of the model of that name, or nil.
func (u *Unit) named(table string) *unitSet {
	at := slices.IndexFunc(u.sets, func(set *unitSet) bool { return set.of.Table.Name == table })
	if at < 0 {
		return nil
	}
	return u.sets[at]
}

// graph are rows of models that refer to themselves, or to one another in a circle, so that it is the
// rows that have an order.
type graph struct {
	u     *Unit
	sets  []*unitSet
	rows  []*entry
	at    func(e *entry) unsafe.Pointer // the row as it counts
	index map[string]map[any]*entry     // the rows by the values of columns that are referred to

	// erases has a row that refers to itself need itself, if that can be undone: every engine inserts
	// such a row, and InnoDB does not delete it.
	erases bool
}

// need is a row that another one refers to.
type need struct {
	to     *entry
	at     []int // positions of the columns that refer
	link   *link // by which the row refers, or nil
	values []any // of the columns, while they are withheld
}

func (u *Unit) graph(sets []*unitSet, rows []*entry, at func(*entry) unsafe.Pointer) *graph {
	return &graph{u: u, sets: sets, rows: rows, at: at, index: map[string]map[any]*entry{}}
}

// needs are the rows of the graph that a row refers to by its foreign keys.
func (g *graph) needs(e *entry) (needs []need) {
	for _, k := range e.set.s.Table.ForeignKeys {
		target := g.u.named(k.Table)
		if target == nil {
			continue
		}
		value, at := e.set.values(k.Columns, g.at(e))
		to := g.by(target, k.References)[value]
		if n := (need{to: to, at: at}); value != nil && to != nil && (to != e || g.erases && n.soft(e)) {
			needs = append(needs, n)
		}
	}
	return needs
}

// by returns the rows of a model by the values of columns.
func (g *graph) by(set *unitSet, columns []string) map[any]*entry {
	name := set.of.Table.Name + " " + strings.Join(columns, " ")
	if known := g.index[name]; known != nil {
		return known
	}
	rows := map[any]*entry{}
	for _, e := range g.rows {
		if e.set != set {
			continue
		}
		if value, _ := set.values(columns, g.at(e)); value != nil {
			rows[value] = e
		}
	}
	g.index[name] = rows
	return rows
}

// soft reports whether a need can wait until both rows are written: a column that refers has NULL.
func (n need) soft(e *entry) bool { return len(e.set.nullable(n.at)) > 0 }

// sort returns the rows in steps, each behind the steps that it needs, and the needs that have to
// wait, by the rows whose they are. The rows of a circle in which nothing can wait are an error.
func (g *graph) sort(needs func(e *entry) []need) (steps [][]*entry, cut map[*entry][]need, err error) {
	left := make(map[*entry][]need, len(g.rows))
	for _, e := range g.rows {
		left[e] = needs(e)
	}
	targets := func(e *entry) (to []*entry) {
		for _, n := range left[e] {
			to = append(to, n.to)
		}
		return to
	}
	cut = map[*entry][]need{}
	groups := components(g.rows, targets)
	for _, group := range circles(groups, targets) {
		in := make(map[*entry]bool, len(group))
		for _, e := range group {
			in[e] = true
		}
		for _, e := range group {
			left[e] = slices.DeleteFunc(left[e], func(n need) bool {
				waits := in[n.to] && n.soft(e)
				if waits {
					cut[e] = append(cut[e], n)
				}
				return waits
			})
		}
	}
	if len(cut) > 0 {
		groups = components(g.rows, targets)
	}
	if closed := circles(groups, targets); len(closed) > 0 {
		return nil, nil, inCircle(closed[0])
	}
	return layers(groups, targets), cut, nil
}

// circles are the groups whose rows need one another.
func circles(groups [][]*entry, needs func(*entry) []*entry) [][]*entry {
	return slices.DeleteFunc(slices.Clone(groups), func(g []*entry) bool {
		return len(g) == 1 && !slices.Contains(needs(g[0]), g[0])
	})
}

func inCircle(group []*entry) error {
	var names []string
	for _, e := range group {
		names = append(names, e.set.of.Table.Name)
	}
	slices.Sort(names)
	return invalid("rows of [%s] refer to one another in a circle, in which no column has NULL to be written first; "+
		"make one that refers nullable", strings.Join(slices.Compact(names), " "))
}

// layers puts single rows, each behind those that it needs, into as few steps as there can be.
func layers(groups [][]*entry, needs func(*entry) []*entry) (steps [][]*entry) {
	depth := make(map[*entry]int, len(groups))
	for _, g := range groups {
		e := g[0]
		for _, n := range needs(e) {
			depth[e] = max(depth[e], depth[n]+1)
		}
		if depth[e] == len(steps) {
			steps = append(steps, nil)
		}
		steps[depth[e]] = append(steps[depth[e]], e)
	}
	return steps
}

// values are those of columns in a row, as a map takes them, and the columns' positions. They are nil
// if one is NULL, or a key that the database has yet to make.
func (set *unitSet) values(columns []string, row unsafe.Pointer) (value any, at []int) {
	fields := make([]*model.Field, len(columns))
	for i, name := range columns {
		p := set.s.Position(name)
		at = append(at, p)
		fields[i] = &set.s.Fields[p]
		if p == set.s.Auto && fields[i].Zero(row) {
			return nil, at
		}
	}
	value, _ = keyIn(fields, row) // writing it says what is wrong with a value
	return value, at
}

// nullable are those of the columns in which a row of Go can have NULL.
func (set *unitSet) nullable(at []int) []int {
	return slices.DeleteFunc(slices.Clone(at), func(p int) bool {
		return !set.s.Table.Columns[p].Null || !set.s.Fields[p].Codec.Nullable || slices.Contains(set.s.Key, p)
	})
}
