package isolation

import (
	"errors"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// withinAct reads the rows of which a value is among those of a sub-query, or is not; or, if that has any
// row, all.
type withinAct[T, S, V any] struct {
	outer       query[T]
	inner       query[S]
	column      values[T, V]
	of          values[S, V]
	not, exists bool
}

func drawWithin(cases *kind[Case], notes *kind[Note], links *kind[Link]) *rapid.Generator[act] {
	ofNote := values[Note, int64]{column: noteCaseID}
	ofNote.get, _ = value(func(n *Note) *int64 { return &n.CaseID })
	ofCase := values[Case, int64]{column: caseID}
	ofCase.get, _ = value(func(c *Case) *int64 { return &c.ID })
	ofLink := values[Link, [16]byte]{column: linkNote}
	ofLink.get, _ = nullable(func(l *Link) **[16]byte { return &l.NoteID })
	noteKey := values[Note, [16]byte]{column: noteID}
	noteKey.get, _ = value(func(n *Note) *[16]byte { return &n.ID })
	return rapid.OneOf(
		drawAmong(cases, notes, ofCase, ofNote), drawAmong(notes, cases, ofNote, ofCase),
		drawAmong(notes, links, noteKey, ofLink), drawAmong(links, notes, ofLink, noteKey), drawAmong(cases, cases, ofCase, ofCase))
}

func drawAmong[T, S, V any](k *kind[T], inner *kind[S], column values[T, V], of values[S, V]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		a := withinAct[T, S, V]{
			outer: drawQuery(t, k), inner: drawQuery(t, inner), column: column, of: of,
			not: rapid.Bool().Draw(t, "not"), exists: rapid.IntRange(0, 3).Draw(t, "exists") == 0,
		}
		a.outer.lock, a.inner.lock = "", ""
		a.inner.orders, a.inner.limit, a.inner.offset = nil, -1, 0
		return a
	})
}

func (a withinAct[T, S, V]) String() string {
	return fmt.Sprintf("%s, with %s within (not %v, exists %v) %s of %s",
		a.outer, a.column.column.Name(), a.not, a.exists, a.of.column.Name(), a.inner)
}

func (a withinAct[T, S, V]) run(d *desk) (failed, wrong error) {
	q := a.inner.build(d.scope)
	p := a.column.column.InQuery(rowhouse.Select[V](q, a.of.column))
	if a.exists {
		p = rowhouse.ExistsIn[T](q)
	}
	if a.not {
		p = rowhouse.Not(p)
	}
	asked := a.outer
	asked.conds = append(slices.Clip(asked.conds), cond[T]{pred: p, holds: a.holds(d.model), text: "within"})
	rows, err := asked.build(d.scope).All(d.ctx)
	ok, failed, wrong := d.judge(err)
	if wrong == nil && (ok || err == nil) {
		wrong = asked.compare(d, rows, asked.offset, asked.limit)
	}
	return failed, wrong
}

// holds is the condition in the model's words. A NULL among the values of the sub-query is as if it were
// not there.
func (a withinAct[T, S, V]) holds(s *store) func(*store, *T) truth {
	rows := a.inner.matching(s)
	among := map[string]bool{}
	for i := range rows {
		if v, ok := a.of.get(&rows[i]); ok {
			among[spelt(&v)] = true
		}
	}
	return func(_ *store, row *T) truth {
		is := truthOf(len(rows) > 0)
		if !a.exists {
			v, ok := a.column.get(row)
			if is = truthOf(among[spelt(&v)]); !ok {
				is = unknown
				if len(rows) == 0 {
					is = no
				}
			}
		}
		if a.not {
			return is.not()
		}
		return is
	}
}

// strangerAct asks within what another tenant has, which is refused before anything is sent.
type strangerAct struct {
	query[Case]
	other int
}

func drawStranger(k *kind[Case]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return strangerAct{drawQuery(t, k), rapid.IntRange(0, 63).Draw(t, "other")}
	})
}

func (a strangerAct) String() string {
	return fmt.Sprintf("cases within those of stranger %d: %s", a.other, a.query)
}

func (a strangerAct) run(d *desk) (failed, wrong error) {
	other := d.s.places[a.other%len(d.s.places)]
	if other.id == d.at.id {
		return nil, nil
	}
	handle, err := d.s.tenant(d.ctx, other.id)
	if err != nil {
		return nil, err
	}
	a.lock = ""
	stranger := rowhouse.Select[int64](a.build(handle), caseID)
	_, err = Cases.In(d.scope).Where(caseID.InQuery(stranger)).All(d.ctx)
	_, failed, wrong = d.judge(err, rowhouse.ErrInvalid)
	exists := Cases.In(d.scope).Where(rowhouse.ExistsIn[Case](Cases.In(handle)))
	if _, e := rowhouse.Compute(d.ctx, exists, rowhouse.Count[Case]()); !errors.Is(e, rowhouse.ErrInvalid) {
		return mismatch("a stranger's rows were looked at: %w", e)
	}
	return failed, wrong
}
