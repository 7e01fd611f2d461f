package rowhouse

import (
	"context"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
)

// erase deletes the removed rows of models, several if they refer to one another in a circle.
func (f *flush) erase(ctx context.Context, sets []*unitSet) error {
	var rows []*entry
	for _, set := range sets {
		rows = append(rows, f.work.removed[set]...)
	}
	if len(rows) == 0 {
		return nil
	}
	steps := [][]*entry{rows}
	if len(sets) > 1 || sets[0].refersTo(sets[0]) {
		var err error
		if steps, err = f.unlink(ctx, sets, rows); err != nil {
			return err
		}
	}
	for _, step := range slices.Backward(steps) {
		for _, set := range sets {
			mine := slices.DeleteFunc(slices.Clone(step), func(e *entry) bool { return e.set != set })
			if err := f.delete(ctx, set, mine); err != nil {
				return err
			}
		}
	}
	return nil
}

// unlink puts rows that are to be deleted into steps, after having those in a circle refer to nothing.
func (f *flush) unlink(ctx context.Context, sets []*unitSet, rows []*entry) ([][]*entry, error) {
	g := f.u.graph(sets, rows, func(e *entry) unsafe.Pointer { return e.before })
	g.erases = true
	steps, cut, err := g.sort(func(e *entry) []need {
		if e.set.s.SoftDelete >= 0 {
			return nil // it stays, and may refer
		}
		return g.needs(e)
	})
	if err != nil {
		return nil, err
	}
	for _, e := range rows {
		if len(cut[e]) == 0 {
			continue
		}
		s, err := f.session(ctx, e.set, "delete")
		if err != nil {
			return nil, err
		}
		for _, n := range cut[e] {
			if err := f.detach(ctx, s, e, e.set.nullable(n.at)); err != nil {
				return nil, err
			}
		}
	}
	return steps, nil
}

// detach queues that columns of a row become NULL, and leaves them as they are in memory.
func (f *flush) detach(ctx context.Context, s *session, e *entry, at []int) error {
	values := make([]any, len(at))
	for i, p := range at {
		field := &e.set.s.Fields[p]
		values[i] = field.Value(e.row)
		field.SetZero(e.row)
	}
	err := f.queueUpdate(ctx, s, at, e)
	for i, p := range at {
		e.set.s.Fields[p].SetValue(e.row, values[i])
	}
	return err
}

// delete queues the removal of rows of a model.
func (f *flush) delete(ctx context.Context, set *unitSet, rows []*entry) error {
	if len(rows) == 0 {
		return nil
	}
	s, err := f.session(ctx, set, "delete")
	if err != nil {
		return err
	}
	if err := f.before(ctx, s, deleting, rows); err != nil {
		return err
	}
	for _, e := range rows {
		soft := s.m.s.SoftDelete >= 0
		t, err := f.text(textKey{set: set, lift: e.lift, removes: true}, func() dialect.Statement {
			if soft {
				return s.m.softDeleting(e.lift.names())
			}
			return s.m.deleting(e.lift.names())
		}, s)
		if err != nil {
			return err
		}
		f.remember(e)
		if soft {
			s.stamp([]int{s.m.s.SoftDelete}, e.row)
			s.stamp(s.m.s.Updated, e.row)
		}
		if err := f.queueChange(ctx, s, t, source{row: e.row}, e, soft); err != nil {
			return err
		}
	}
	return f.after(ctx, s, deleting, rows)
}
