package isolation

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// plantAct inserts a case with notes, which have links, and with peers.
type plantAct struct {
	to    draft[Case]
	notes []draft[Note]
	links []draft[Link] // of the notes in turn
	peers []int
	many  bool
}

func drawPlant(cases *kind[Case], notes *kind[Note], links *kind[Link]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return plantAct{
			to: drawDraft(cases).Draw(t, "case"), notes: rapid.SliceOfN(drawDraft(notes), 0, 2).Draw(t, "notes"),
			links: rapid.SliceOfN(drawDraft(links), 0, 2).Draw(t, "links"),
			peers: rapid.SliceOfN(pick(), 0, 2).Draw(t, "peers"), many: rapid.Bool().Draw(t, "many"),
		}
	})
}

func (a plantAct) String() string {
	c := a.to.row
	for _, w := range a.notes {
		c.Notes = append(c.Notes, w.row)
	}
	for _, w := range a.links {
		c.Links = append(c.Links, w.row)
	}
	return fmt.Sprintf("insert of a case with its notes, their links and peers %v (many %v): %s", a.peers, a.many, show(c))
}

func (a plantAct) run(d *desk) (failed, wrong error) {
	c := a.tree(d)
	asked := a.tree(d)
	why := insertAct[Case]{k: cases}.forbidden(d, []Case{lone(c)})
	_, broken := d.attempt(func(s *store) { plant(s, withKeys(a.tree(d), len(s.cases))) })
	why = append(why, broken...)
	for _, n := range c.Notes {
		if _, there := d.model.notes[noteKey(n.ID)]; !there && n.ID != [16]byte{} {
			why = append(why, rowhouse.ErrNotFound)
		}
	}
	table := Cases.In(d.scope).With(caseNotes.With(noteLinks), casePeers)
	var err error
	if a.many {
		rows := []Case{c}
		err = table.InsertMany(d.ctx, rows)
		c = rows[0]
	} else {
		err = table.Insert(d.ctx, &c)
	}
	ok, failed, wrong := d.judge(err, why...)
	if wrong == nil && err != nil && difference(&asked, &c) != "" {
		return mismatch("what failed changed the %s", difference(&asked, &c))
	}
	if !ok || wrong != nil {
		return failed, wrong
	}
	row, given := lone(c), lone(asked)
	if text := cases.filled(d, &row, &given); text != "" {
		return mismatch("%s", text)
	}
	next := d.model.clone()
	plant(next, c)
	return nil, adopt(d, next)
}

// tree is the case with all that hangs on it; rows that are there already are as they are.
func (a plantAct) tree(d *desk) Case {
	c := a.to.settle(d, cases)
	var known []string
	for _, w := range a.notes {
		n := w.settle(d, notes)
		n, _ = ifThere(notes, d.model, n)
		if key := noteKey(n.ID); n.ID == [16]byte{} || !slices.Contains(known, key) {
			known, c.Notes = append(known, key), append(c.Notes, n)
		}
	}
	for i, w := range a.links {
		l := w.settle(d, links)
		l, _ = ifThere(links, d.model, l)
		if key := links.key(&l); len(c.Notes) > 0 && !slices.Contains(known, key) {
			known = append(known, key)
			// What is below a row that is there already is not written.
			if n := &c.Notes[i%len(c.Notes)]; n.ID == [16]byte{} {
				n.Links = append(n.Links, l)
			}
		}
	}
	for _, n := range a.peers {
		if row, ok := pickOf(d.model.cases, n); ok {
			c.Peers = append(c.Peers, row)
		}
	}
	return c
}

// lone is the case without what hangs on it.
func lone(c Case) Case {
	c.Notes, c.Peers = nil, nil
	return c
}

// withKeys gives what has no key yet one that no row has.
func withKeys(c Case, n int) Case {
	if c.ID == 0 {
		c.ID = -1 - int64(n)
	}
	for i := range c.Notes {
		if c.Notes[i].ID == [16]byte{} {
			c.Notes[i].ID = [16]byte{0: 0xee, 15: byte(i)}
		}
	}
	return c
}

// plant puts the case and what hangs on it where the model has them.
func plant(s *store, c Case) {
	s.cases[caseKey(c.ID)] = lone(c)
	for _, n := range c.Notes {
		for _, l := range n.Links {
			l.NoteID = new(n.ID)
			s.links[linkKey(l.Left, l.Right)] = l
		}
		n.CaseID, n.Links = c.ID, nil
		s.notes[noteKey(n.ID)] = n
	}
	for _, o := range c.Peers {
		p := peer{c.ID, o.ID}
		s.peers[p.key()] = p
	}
}
