package isolation

import (
	"cmp"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

var caseCanary = rowhouse.Col(Cases, func(c *Case) *string { return &c.Canary })

// viaAct reads values of the cases that notes belong to, in a result, a condition and an order.
type viaAct struct {
	least   int  // priority of the case; -1 asks for notes without one
	deep    bool // of the links' notes' cases
	deleted bool
}

func drawVia() *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return viaAct{
			least: rapid.IntRange(-1, 3).Draw(t, "least"), deep: rapid.Bool().Draw(t, "deep"),
			deleted: rapid.IntRange(0, 3).Draw(t, "deleted") == 0,
		}
	})
}

func (a viaAct) String() string {
	return fmt.Sprintf("values via a case: least %d, deep %v, deleted %v", a.least, a.deep, a.deleted)
}

// seen is what is read of a note or a link: the values of its case.
type seen struct {
	Code   *string
	Canary *string
}

func (a viaAct) run(d *desk) (failed, wrong error) {
	to := noteCase
	if a.deleted {
		to = to.WithDeleted()
	}
	var got []seen
	var err error
	if a.deep {
		got, err = viaRows(d, Links, a.least, func(c rowhouse.Expr[Note, string]) rowhouse.Expr[Link, string] { return rowhouse.Via(linkOf, c) },
			rowhouse.Via(linkOf, rowhouse.Via(to, casePriority)), to)
	} else {
		got, err = viaRows(d, Notes, a.least, func(c rowhouse.Expr[Note, string]) rowhouse.Expr[Note, string] { return c },
			rowhouse.Via(to, casePriority), to)
	}
	ok, failed, wrong := d.judge(err)
	for _, row := range got {
		if row.Canary != nil && *row.Canary != canary(d.at.id) {
			return mismatch("breach: a value via a case is of a row with %q", *row.Canary)
		}
	}
	if want := a.expected(d); ok && !slices.EqualFunc(got, want, func(a, b seen) bool { return compareMaybe(a.Code, b.Code) == 0 }) {
		return mismatch("rows came, not as expected: %s, not %s", show(got), show(want))
	}
	return failed, wrong
}

func viaRows[T any](
	d *desk, m *rowhouse.Model[T], least int, of func(rowhouse.Expr[Note, string]) rowhouse.Expr[T, string],
	priority rowhouse.Expr[T, int], to rowhouse.Relation[Note, Case],
) ([]seen, error) {
	code, mark := of(rowhouse.Via(to, caseCode)), of(rowhouse.Via(to, caseCanary))
	where := priority.Ge(least)
	if least < 0 {
		where = priority.IsNull()
	}
	return rowhouse.Select[seen](m.In(d.scope).Where(where).OrderBy(code.Desc()), code.As("code"), mark.As("canary")).All(d.ctx)
}

func (a viaAct) expected(d *desk) (want []seen) {
	add := func(at []Case) {
		at = slices.DeleteFunc(at, func(c Case) bool { return c.DeletedAt != nil && !a.deleted })
		switch {
		case len(at) == 0 && a.least < 0:
			want = append(want, seen{})
		case len(at) > 0 && a.least >= 0 && at[0].Priority >= a.least:
			want = append(want, seen{Code: &at[0].Code})
		}
	}
	for _, n := range d.model.notes {
		if !a.deep {
			add(caseAt(d.model, n.CaseID))
		}
	}
	for _, l := range d.model.links {
		if !a.deep {
			break
		}
		at := noteOfLink(d.model, &l)
		if len(at) == 0 {
			add(nil)
			continue
		}
		add(caseAt(d.model, at[0].CaseID))
	}
	slices.SortFunc(want, func(x, y seen) int { return compareMaybe(y.Code, x.Code) })
	return want
}

// compareMaybe has NULL be greater than every value.
func compareMaybe(a, b *string) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return cmp.Compare(*a, *b)
}
