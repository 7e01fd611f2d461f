package rowhouse

import (
	"context"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// save inserts and updates the rows of models, several if they refer to one another in a circle.
func (f *flush) save(ctx context.Context, sets []*unitSet) error {
	steps, late, err := f.steps(sets)
	if err != nil {
		return err
	}
	for _, step := range steps {
		for _, set := range sets {
			rows := step
			if len(sets) > 1 {
				rows = slices.DeleteFunc(slices.Clone(step), func(e *entry) bool { return e.set != set })
			}
			if err := f.insert(ctx, set, rows, late); err != nil {
				return err
			}
		}
	}
	if err := f.complete(ctx, late); err != nil {
		return err
	}
	for _, set := range sets {
		if err := f.update(ctx, set); err != nil {
			return err
		}
	}
	return nil
}

// steps are the rows to insert, each step after the one before, and what has to be written into them
// when all of them are there.
func (f *flush) steps(sets []*unitSet) ([][]*entry, map[*entry][]need, error) {
	var rows []*entry
	for _, set := range sets {
		rows = append(rows, f.work.fresh[set]...)
	}
	if len(sets) == 1 && (!sets[0].refersTo(sets[0]) && !f.linked(rows, sets[0])) {
		return [][]*entry{rows}, nil, nil
	}
	g := f.u.graph(sets, rows, func(e *entry) unsafe.Pointer { return e.row })
	return g.sort(func(e *entry) []need { return f.needs(g, e) })
}

// needs are those of a row by its foreign keys, and by links.
func (f *flush) needs(g *graph, e *entry) []need {
	links := f.work.links[e]
	needs := slices.DeleteFunc(g.needs(e), func(n need) bool {
		return slices.ContainsFunc(links, func(l *link) bool { return slices.Contains(n.at, l.at) })
	})
	for _, l := range links {
		if l.to.state == fresh && slices.Contains(g.sets, l.to.set) {
			needs = append(needs, need{to: l.to, at: []int{l.at}, link: l})
		}
	}
	return needs
}

// refersTo reports whether a foreign key of the model refers to the other.
func (set *unitSet) refersTo(other *unitSet) bool {
	return slices.ContainsFunc(set.s.Table.ForeignKeys, func(k dialect.ForeignKey) bool { return k.Table == other.of.Table.Name })
}

// linked reports whether rows are linked to others of the same model.
func (f *flush) linked(rows []*entry, set *unitSet) bool {
	return slices.ContainsFunc(rows, func(e *entry) bool {
		return slices.ContainsFunc(f.work.links[e], func(l *link) bool { return l.to.set == set })
	})
}

// follow gives a row what it is linked to, but for the links that have to wait.
func (f *flush) follow(ctx context.Context, e *entry, late []need) error {
	for _, l := range f.work.links[e] {
		if slices.ContainsFunc(late, func(n need) bool { return n.link == l }) {
			continue
		}
		if f.waiting[l.to] {
			if err := f.send(ctx); err != nil {
				return err
			}
		}
		l.apply(&f.tx.undo)
	}
	return nil
}

// insert queues new rows of a model.
func (f *flush) insert(ctx context.Context, set *unitSet, rows []*entry, late map[*entry][]need) error {
	if len(rows) == 0 {
		return nil
	}
	s, err := f.session(ctx, set, "insert")
	if err != nil {
		return err
	}
	for _, e := range rows {
		if err := f.follow(ctx, e, late[e]); err != nil {
			return err
		}
	}
	if err := f.before(ctx, s, inserting, rows); err != nil {
		return err
	}
	bases := make([]unsafe.Pointer, len(rows))
	for i, e := range rows {
		bases[i] = e.row
		f.remember(e)
		f.withhold(e, late[e])
		if err := s.prepare(e.row, f.at); err != nil {
			return s.fail(err)
		}
		f.undoable(s)
		e.snapshot()
		f.waiting[e] = s.makesKey(e.row)
	}
	parts, _ := s.alike(bases)
	for _, part := range parts {
		if err := f.insertPart(ctx, s, part); err != nil {
			return err
		}
	}
	return f.after(ctx, s, inserting, rows)
}

// insertPart queues one INSERT of rows that are alike, or one for each where their keys could not be
// told apart.
func (f *flush) insertPart(ctx context.Context, s *session, bases []unsafe.Pointer) error {
	auto := s.makesKey(bases[0])
	if len(bases) == 1 || auto && !s.db.d.Has(dialect.Returning) {
		t := s.m.insert
		if auto {
			t = s.m.insertAuto
		}
		for _, base := range bases {
			if err := f.queueInsert(ctx, s, t, source{row: base}, []unsafe.Pointer{base}, auto); err != nil {
				return err
			}
		}
		return nil
	}
	if t := s.m.insertMany; t != nil {
		if auto {
			t = s.m.insertManyAuto
		}
		return f.queueInsert(ctx, s, t, source{rows: bases}, bases, auto)
	}
	t, err := s.insertion(bases, auto)
	if err != nil {
		return s.fail(err)
	}
	return f.queueInsert(ctx, s, t, source{}, bases, auto)
}

func (f *flush) queueInsert(
	ctx context.Context, s *session, t *dialect.Template, src source, bases []unsafe.Pointer, auto bool,
) error {
	switch {
	case !auto:
		return f.batch.add(ctx, s, t, src, nil, nil)
	case s.db.d.Has(dialect.Returning):
		return f.batch.add(ctx, s, t, src, []dialect.Kind{s.m.kinds[s.m.s.Auto]}, func(r driver.Reply) error {
			return s.takeKeys(r.Rows, bases)
		})
	}
	return f.batch.add(ctx, s, t, src, nil, func(r driver.Reply) error { return s.setKey(bases[0], r.Result.LastKey) })
}

// withhold takes out of a new row what can only be written when other rows are there.
func (f *flush) withhold(e *entry, late []need) {
	for i, n := range late {
		if n.link != nil {
			continue
		}
		late[i].at = e.set.nullable(n.at)
		for _, at := range late[i].at {
			field := &e.set.s.Fields[at]
			value := field.Value(e.row)
			late[i].values = append(late[i].values, value)
			f.tx.undo = append(f.tx.undo, func() { field.SetValue(e.row, value) })
			field.SetZero(e.row)
		}
	}
}

// complete writes what was withheld.
func (f *flush) complete(ctx context.Context, late map[*entry][]need) error {
	if len(late) == 0 {
		return nil
	}
	if err := f.send(ctx); err != nil {
		return err
	}
	for _, e := range f.u.all() {
		if len(late[e]) == 0 {
			continue
		}
		var written []int
		for _, n := range late[e] {
			if n.link != nil {
				n.link.apply(&f.tx.undo)
			}
			for i, value := range n.values {
				e.set.s.Fields[n.at[i]].SetValue(e.row, value)
			}
			written = append(written, n.at...)
		}
		s, err := f.session(ctx, e.set, "update")
		if err != nil {
			return err
		}
		slices.Sort(written) // foreign keys may share a column
		if err := f.queueUpdate(ctx, s, slices.Compact(written), e); err != nil {
			return err
		}
	}
	return nil
}

// all are the rows of the unit.
func (u *Unit) all() (list []*entry) {
	for _, set := range u.sets {
		list = append(list, set.entries...)
	}
	return list
}
