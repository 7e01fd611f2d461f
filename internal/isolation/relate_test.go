package isolation

import (
	"errors"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// tie is a relation that is written, in the words of the library and in those of the model.
type tie[T, R any] struct {
	name   string
	from   *kind[T]
	to     *kind[R]
	rel    rowhouse.Relation[T, R]
	absent func(*T) // has a row be one that is not there
	linked func(*store, *T, *R) bool
	link   func(s *store, from *T, to *R)
	unlink func(s *store, from *T, to R)
}

// relateAct links rows to a row, or unlinks them.
type relateAct[T, R any] struct {
	tie[T, R]
	how   string
	pick  int
	other T
	picks []int // of rows that are there
	fresh []draft[R]
}

func drawRelate[T, R any](x tie[T, R], fresh int) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		a := relateAct[T, R]{
			tie: x, pick: pick().Draw(t, "pick"), other: x.from.draw(t),
			how: rapid.SampledFrom([]string{"add", "add", "replace", "remove", "clear"}).Draw(t, "how"),
		}
		if a.how != "clear" {
			a.picks = rapid.SliceOfN(pick(), 0, 2).Draw(t, "picks")
		}
		if a.how == "add" || a.how == "replace" {
			a.fresh = rapid.SliceOfN(drawDraft(x.to), 0, fresh).Draw(t, "new")
		}
		return a
	})
}

func (a relateAct[T, R]) String() string {
	rows := make([]R, len(a.fresh))
	for i, w := range a.fresh {
		rows[i] = w.row
	}
	return fmt.Sprintf("%s %s of %s %d: %v and %s", a.how, a.name, a.from.model.Name(), a.pick, a.picks, show(rows))
}

func (a relateAct[T, R]) run(d *desk) (failed, wrong error) {
	row, there := pickOf(a.from.rows(d.model), a.pick)
	if !there {
		row = a.other
		*a.from.canary(&row) = canary(d.at.id)
		a.absent(&row)
	}
	rows := a.rows(d)
	given := slices.Clone(rows)
	next, why := d.attempt(func(s *store) { a.become(s, &row, slices.Clone(rows)) })
	if a.how == "remove" && slices.ContainsFunc(rows, func(r R) bool { return !a.linked(d.model, &row, &r) }) {
		why = append(why, rowhouse.ErrNotFound)
	}
	for i := range rows {
		_, is := ifThere(a.to, d.model, rows[i])
		if a.how != "remove" && !is && a.to.made && a.to.key(&rows[i]) != unmadeKey(a.to) {
			why = append(why, rowhouse.ErrNotFound) // its key says that it is there
		}
	}
	before := row
	pointers := make([]*R, len(rows))
	for i := range rows {
		pointers[i] = &rows[i]
	}
	err := a.call(d, &row, pointers)
	ok, failed, wrong := d.judge(err, why...)
	if wrong == nil && err != nil && (difference(&before, &row) != "" || difference(&given, &rows) != "") {
		return mismatch("what failed changed %s and %s into %s and %s", show(before), show(given), show(row), show(rows))
	}
	if !ok || wrong != nil {
		return failed, wrong
	}
	return nil, adopt(d, next)
}

// rows are those to be related: some that are there, each once, and new ones.
func (a relateAct[T, R]) rows(d *desk) (rows []R) {
	var keys []string
	add := func(row R, ok bool) {
		if key := a.to.key(&row); ok && !slices.Contains(keys, key) {
			keys, rows = append(keys, key), append(rows, row)
		}
	}
	for _, n := range a.picks {
		row, ok := pickOf(a.to.rows(d.model), n)
		add(row, ok)
	}
	for _, w := range a.fresh {
		row := w.settle(d, a.to)
		if there, is := ifThere(a.to, d.model, row); is {
			row = there
		}
		add(row, true)
	}
	return rows
}

// become is what the relation's rows are then. Rows that have no key yet are kept apart under keys that no
// row has.
func (a relateAct[T, R]) become(s *store, row *T, rows []R) {
	if a.how == "replace" || a.how == "clear" {
		keep := map[string]bool{}
		for i := range rows {
			keep[a.to.key(&rows[i])] = true
		}
		all := a.to.rows(s)
		for _, key := range sortedKeys(all) {
			if to := all[key]; !keep[key] && a.linked(s, row, &to) {
				a.unlink(s, row, to)
			}
		}
	}
	for i := range rows {
		if a.how == "remove" {
			a.unlink(s, row, rows[i])
			continue
		}
		a.link(s, row, &rows[i])
	}
}

func (a relateAct[T, R]) call(d *desk, row *T, rows []*R) error {
	of := a.rel.Of(d.scope, row)
	switch a.how {
	case "add":
		return of.Add(d.ctx, rows...)
	case "replace":
		return of.Replace(d.ctx, rows...)
	case "remove":
		return of.Remove(d.ctx, rows...)
	}
	return of.Clear(d.ctx)
}

// adopt reads all tables, checks them against what they should be, and takes over the keys and the times that
// were made.
func adopt(d *desk, next *store) error {
	seen := newStore()
	for _, read := range []func(*desk, *store) error{readAll(cases), readAll(notes), readAll(links)} {
		if err := read(d, seen); err != nil {
			return fmt.Errorf("reading back: %w", err)
		}
	}
	err := errors.Join(alikeRows(cases, next, seen, d), alikeRows(notes, next, seen, d), alikeRows(links, next, seen, d))
	if err != nil {
		return err
	}
	seen.peers, seen.gadgets = next.peers, next.gadgets // compared at the end of the plan
	d.model.become(seen)
	return nil
}

// alikeRows compares rows but for keys and times that were made just now.
func alikeRows[T any](k *kind[T], want, got *store, d *desk) error {
	var left []T
	for _, row := range k.rows(want) {
		left = append(left, row)
	}
	for _, key := range sortedKeys(k.rows(got)) {
		row := k.rows(got)[key]
		i := slices.IndexFunc(left, func(w T) bool {
			if at := k.touched(&row); d.recent(at) {
				k.touch(&w, at)
			}
			if k.key(&w) == unmadeKey(k) {
				for _, f := range k.keyed {
					f.copy(&w, &row)
				}
			}
			return difference(&w, &row) == ""
		})
		if i < 0 {
			return fmt.Errorf("tenant %q has a row that it should not: %s; of %s", d.at.id, show(row), show(left))
		}
		left = slices.Delete(left, i, i+1)
	}
	if len(left) > 0 {
		return fmt.Errorf("rows of %s are not there: %s", k.name(), show(left))
	}
	return nil
}

// unmadeKey is the key of a row that was not given one, if the model makes keys.
func unmadeKey[T any](k *kind[T]) string {
	if !k.made {
		return "no key"
	}
	var zero T
	return k.key(&zero)
}

// noteTie is a foreign key that cannot be NULL: what is unlinked is deleted.
func noteTie(from *kind[Case], to *kind[Note]) tie[Case, Note] {
	return tie[Case, Note]{
		name: "notes", from: from, to: to, rel: caseNotes, absent: func(c *Case) { c.ID = missingID },
		linked: func(s *store, c *Case, n *Note) bool {
			there, ok := s.notes[noteKey(n.ID)]
			return ok && there.CaseID == c.ID
		},
		link: func(s *store, c *Case, n *Note) {
			n.CaseID = c.ID
			s.notes[slotFor(s.notes, noteKey(n.ID), noteKey([16]byte{}))] = *n
		},
		unlink: func(s *store, _ *Case, n Note) { delete(s.notes, noteKey(n.ID)) },
	}
}

// slotFor is where a row is kept: those without a key side by side.
func slotFor[T any](rows map[string]T, key, none string) string {
	if key == none {
		return fmt.Sprintf("%s %d", none, len(rows))
	}
	return key
}

// linkTie is a foreign key that can be NULL, of rows with keys of their own.
func linkTie(from *kind[Note], to *kind[Link]) tie[Note, Link] {
	return tie[Note, Link]{
		name: "links", from: from, to: to, rel: noteLinks, absent: func(n *Note) { n.ID = [16]byte{1} },
		linked: func(s *store, n *Note, l *Link) bool {
			there, ok := s.links[linkKey(l.Left, l.Right)]
			return ok && there.NoteID != nil && *there.NoteID == n.ID
		},
		link: func(s *store, n *Note, l *Link) {
			l.NoteID = new(n.ID)
			s.links[linkKey(l.Left, l.Right)] = *l
		},
		unlink: func(s *store, _ *Note, l Link) {
			if there, ok := s.links[linkKey(l.Left, l.Right)]; ok {
				there.NoteID = nil
				s.links[linkKey(l.Left, l.Right)] = there
			}
		},
	}
}

// peerTie is a join table, of a table to itself.
func peerTie(k *kind[Case], inverse bool) tie[Case, Case] {
	rel, pair := casePeers, func(c, o *Case) peer { return peer{c.ID, o.ID} }
	if inverse {
		rel, pair = caseOf, func(c, o *Case) peer { return peer{o.ID, c.ID} }
	}
	return tie[Case, Case]{
		name: "peers", from: k, to: k, rel: rel, absent: func(c *Case) { c.ID = missingID },
		linked: func(s *store, c, o *Case) bool { _, is := s.peers[pair(c, o).key()]; return is },
		link:   func(s *store, c, o *Case) { s.peers[pair(c, o).key()] = pair(c, o) },
		unlink: func(s *store, c *Case, o Case) { delete(s.peers, pair(c, &o).key()) },
	}
}
