package isolation

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// Relations of every kind between the models: by a foreign key and against it, one that can be NULL and one
// that cannot, by a join table without a model, by one with a model (a link, whose left side is a case's
// number), over two tables, of a table to itself, and to the common house.
var (
	caseNotes = rowhouse.HasMany(caseID, noteCaseID, func(c *Case) *[]Note { return &c.Notes })
	caseLinks = rowhouse.Through(caseNotes, noteLinks, func(c *Case) *[]Link { return &c.Links })
	casePeers = rowhouse.ManyToMany(caseID, caseID, "case_peer", func(c *Case) *[]Case { return &c.Peers })
	caseOf    = casePeers.Inverse(func(c *Case) *[]Case { return &c.Of })
	caseState = rowhouse.BelongsTo(caseStatus, stateCode, func(c *Case) **State { return &c.State })

	noteCase  = rowhouse.BelongsTo(noteCaseID, caseID, func(n *Note) **Case { return &n.Case })
	noteLinks = rowhouse.HasMany(noteID, linkNote, func(n *Note) *[]Link { return &n.Links })
	noteCases = rowhouse.Through(noteLinks, linkCase, func(n *Note) *[]Case { return &n.Cases })

	linkOf   = rowhouse.BelongsTo(linkNote, noteID, func(l *Link) **Note { return &l.Note })
	linkCase = rowhouse.BelongsTo(linkLeft, caseID, func(l *Link) **Case { return &l.Case })

	stateCode = rowhouse.Col(States, func(s *State) *string { return &s.Code })
)

// states are in the common house; one status has none.
var states = []State{{"open", "to be done"}, {"shut", "done"}}

// peer is a row of the join table that has no model.
type peer struct{ from, to int64 }

func (p peer) key() string { return caseKey(p.from) + "/" + caseKey(p.to) }

// peers is for comparing that table.
var peers = &kind[peer]{
	rows: func(s *store) map[string]peer { return s.peers }, key: func(p *peer) string { return p.key() },
	columns: []string{"case_id", "related_case_id"}, kinds: []dialect.Kind{dialect.Int64, dialect.Int64},
	scan: func(rows driver.Rows) (p peer, err error) { return p, rows.Scan([]any{&p.from, &p.to}) },
}

// stateKind is of rows that are nobody's.
func stateKind() *kind[State] {
	code := plain(stateCode, func(s *State) *string { return &s.Code }, statuses...)
	return &kind[State]{
		model: States, key: func(s *State) string { return s.Code }, keyed: []field[State]{code.field()},
		byKey: []rowhouse.Order[State]{stateCode.Asc()},
	}
}

// those are rows of the model, in the order of their keys; what is softly deleted is among them.
func those[T any](rows map[string]T, fn func(*T) bool) (list []T) {
	for _, key := range sortedKeys(rows) {
		if row := rows[key]; fn(&row) {
			list = append(list, row)
		}
	}
	return list
}

func notesOf(s *store, c *Case) []Note {
	return those(s.notes, func(n *Note) bool { return n.CaseID == c.ID })
}

func linksOf(s *store, n *Note) []Link {
	return those(s.links, func(l *Link) bool { return l.NoteID != nil && *l.NoteID == n.ID })
}

func caseLinksOf(s *store, c *Case) []Link {
	return those(s.links, func(l *Link) bool {
		return slices.ContainsFunc(notesOf(s, c), func(n Note) bool { return l.NoteID != nil && *l.NoteID == n.ID })
	})
}

func peersOf(s *store, c *Case) []Case {
	return those(s.cases, func(o *Case) bool { _, is := s.peers[peer{c.ID, o.ID}.key()]; return is })
}

func peersTo(s *store, c *Case) []Case {
	return those(s.cases, func(o *Case) bool { _, is := s.peers[peer{o.ID, c.ID}.key()]; return is })
}

func stateOf(_ *store, c *Case) []State {
	return slices.DeleteFunc(slices.Clone(states), func(s State) bool { return s.Code != c.Status })
}

func caseAt(s *store, id int64) []Case {
	return those(s.cases, func(c *Case) bool { return c.ID == id })
}

// casesOf are as many as there are links: one case can be there twice.
func casesOf(s *store, n *Note) (list []Case) {
	for _, l := range linksOf(s, n) {
		list = append(list, caseAt(s, l.Left)...)
	}
	slices.SortStableFunc(list, func(a, b Case) int { return compareText(caseKey(a.ID), caseKey(b.ID)) })
	return list
}

func noteOfLink(s *store, l *Link) []Note {
	return those(s.notes, func(n *Note) bool { return l.NoteID != nil && n.ID == *l.NoteID })
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// web are the relations, by the model that they lead from.
type web struct {
	cases []edge[Case]
	notes []edge[Note]
	links []edge[Link]
	state []edge[State]
}

// newWeb has the kinds be asked for by their relations as well.
func newWeb(cases *kind[Case], notes *kind[Note], links *kind[Link]) *web {
	w, state := &web{}, stateKind()
	ofCase, ofNote := func() []edge[Case] { return w.cases }, func() []edge[Note] { return w.notes }
	ofLink, ofState := func() []edge[Link] { return w.links }, func() []edge[State] { return w.state }
	w.cases = []edge[Case]{
		newEdge("notes", caseNotes, notes, notesOf, many(func(c *Case) *[]Note { return &c.Notes }), ofNote),
		newEdge("links", caseLinks, links, caseLinksOf, many(func(c *Case) *[]Link { return &c.Links }), ofLink),
		newEdge("peers", casePeers, cases, peersOf, many(func(c *Case) *[]Case { return &c.Peers }), ofCase),
		newEdge("of", caseOf, cases, peersTo, many(func(c *Case) *[]Case { return &c.Of }), ofCase),
		newEdge("state", caseState, state, stateOf, one(func(c *Case) **State { return &c.State }), ofState),
	}
	w.notes = []edge[Note]{
		newEdge("case", noteCase, cases, func(s *store, n *Note) []Case { return caseAt(s, n.CaseID) },
			one(func(n *Note) **Case { return &n.Case }), ofCase),
		newEdge("links", noteLinks, links, linksOf, many(func(n *Note) *[]Link { return &n.Links }), ofLink),
		newEdge("cases", noteCases, cases, casesOf, many(func(n *Note) *[]Case { return &n.Cases }), ofCase),
	}
	w.links = []edge[Link]{
		newEdge("note", linkOf, notes, noteOfLink, one(func(l *Link) **Note { return &l.Note }), ofNote),
		newEdge("case", linkCase, cases, func(s *store, l *Link) []Case { return caseAt(s, l.Left) },
			one(func(l *Link) **Case { return &l.Case }), ofCase),
	}
	cases.asked, notes.asked, links.asked = asked(w.cases), asked(w.notes), asked(w.links)
	return w
}

// asked are the conditions by relations, as one field among the others. Of the common house nothing is asked
// where no join reaches it.
func asked[T any](edges []edge[T]) []field[T] {
	return []field[T]{{conds: rapid.Custom(func(t *rapid.T) cond[T] {
		tenants := slices.DeleteFunc(slices.Clone(edges), func(e edge[T]) bool { return e.has == nil })
		return rapid.SampledFrom(tenants).Draw(t, "relation").has(t)
	})}}
}

// has draws whether there is a related row like that.
func has[T, R any](name string, rel rowhouse.Relation[T, R], k *kind[R], related func(*store, *T) []R, t *rapid.T) cond[T] {
	var inner []cond[R]
	if rapid.Bool().Draw(t, "like that") {
		fields := slices.Concat(k.fields, k.keyed)
		if rapid.IntRange(0, 2).Draw(t, "nested") == 0 {
			fields = slices.Concat(fields, k.asked)
		}
		inner = append(inner, rapid.SampledFrom(fields).Draw(t, "field").conds.Draw(t, "is"))
	}
	deleted := rapid.IntRange(0, 3).Draw(t, "deleted") == 0
	if deleted {
		rel = rel.WithDeleted()
	}
	preds, text := make([]rowhouse.Predicate[R], len(inner)), fmt.Sprintf("has %s (deleted %v)", name, deleted)
	for i, c := range inner {
		preds[i], text = c.pred, text+" with "+c.text
	}
	c := cond[T]{pred: rel.Has(preds...), text: text, holds: func(s *store, row *T) truth {
		return truthOf(slices.ContainsFunc(related(s, row), func(r R) bool { return k.matches(s, &r, inner, deleted) }))
	}}
	if rapid.Bool().Draw(t, "none") {
		there := c.holds
		c.pred, c.text = rel.HasNo(preds...), "not "+text
		c.holds = func(s *store, row *T) truth { return there(s, row).not() }
	}
	return c
}
