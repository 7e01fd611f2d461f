package rowhouse

import (
	"context"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
)

// update queues the changed rows of a model, those with the same columns one after the other, so that
// an engine reads their text once.
func (f *flush) update(ctx context.Context, set *unitSet) error {
	rows := f.work.changed[set]
	if len(rows) == 0 {
		return nil
	}
	s, err := f.session(ctx, set, "update")
	if err != nil {
		return err
	}
	for _, e := range rows {
		if err := f.follow(ctx, e, nil); err != nil {
			return err
		}
	}
	if err := f.before(ctx, s, updating, rows); err != nil {
		return err
	}
	groups, written, err := f.alikeChanges(s, rows)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if err := f.queueUpdates(ctx, s, g); err != nil {
			return err
		}
	}
	return f.after(ctx, s, updating, written)
}

// changes are rows of which the same columns are to be written.
type changes struct {
	at   []int
	rows []*entry
}

// alikeChanges parts rows by the columns that have changed, and leaves those out in which none has.
func (f *flush) alikeChanges(s *session, rows []*entry) (groups []*changes, written []*entry, err error) {
	type likeness struct {
		columns string
		lift    *lifting
	}
	known := map[likeness]*changes{}
	var last *changes
	for _, e := range rows {
		at, moved := e.changed()
		if moved {
			return nil, nil, s.fail(e.movedError())
		}
		if err := s.checkOwn(e.row, true); err != nil {
			return nil, nil, s.fail(err)
		}
		if len(at) == 0 {
			if len(s.m.s.ChangedOwn(e.row, e.before)) > 0 { // by a NULL for a column that there is not
				f.remember(e)
				e.snapshot()
			}
			continue
		}
		if last == nil || last.rows[0].lift != e.lift || !slices.Equal(last.at, at) {
			like := likeness{positions(at), e.lift}
			if last = known[like]; last == nil {
				last = &changes{at: at}
				known[like], groups = last, append(groups, last)
			}
		}
		last.rows = append(last.rows, e)
		written = append(written, e)
	}
	return groups, written, nil
}

func positions(at []int) string {
	text := make([]rune, len(at))
	for i, p := range at {
		text[i] = rune(p)
	}
	return string(text)
}

// queueUpdates queues the updates of rows: one for all where the engine takes lists, and one for each
// elsewhere, whose text is the same. What has changed of a document is merged into what is there, row by row.
func (f *flush) queueUpdates(ctx context.Context, s *session, c *changes) error {
	listed := s.m.listedIn(c.at)
	lists := s.db.d.Has(dialect.Arrays) && s.m.listable(listed) && !slices.Contains(c.at, s.m.s.Document())
	if len(c.rows) > 1 && lists {
		for rows := c.rows; len(rows) > 0; {
			n := s.m.fitting(listed, len(rows), func(i int) unsafe.Pointer { return rows[i].row })
			if err := f.queueLists(ctx, s, c.at, rows[:n]); err != nil {
				return err
			}
			rows = rows[n:]
		}
		return nil
	}
	return f.queueUpdate(ctx, s, c.at, c.rows...)
}

// queueUpdate queues an UPDATE of some columns of each row; the rows are alike.
func (f *flush) queueUpdate(ctx context.Context, s *session, at []int, rows ...*entry) error {
	lift := rows[0].lift
	t, err := f.text(textKey{set: rows[0].set, columns: positions(at), lift: lift}, func() dialect.Statement {
		set := make([]dialect.Assign, len(at))
		for i, p := range at {
			set[i] = s.m.assign(p)
		}
		return &dialect.Update{Table: s.m.ref, Set: s.m.bump(set), Where: lift.alive(s.m, s.m.byVersion(s.m.byKey()))}
	}, s)
	if err != nil {
		return err
	}
	for _, e := range rows {
		src := source{row: e.row}
		if slices.Contains(at, s.m.s.Document()) {
			if src.patch, err = s.m.s.Patch(e.row, s.m.s.ChangedOwn(e.row, e.before)...); err != nil {
				return s.fail(unfit(err))
			}
		}
		f.remember(e)
		s.stamp(s.m.s.Updated, e.row)
		if err := f.queueChange(ctx, s, t, src, e, true); err != nil {
			return err
		}
	}
	return nil
}

// queueChange queues a statement that must find the row as it was read.
func (f *flush) queueChange(ctx context.Context, s *session, t *dialect.Template, src source, e *entry, counts bool) error {
	err := f.batch.add(ctx, s, t, src, nil, f.all([]*entry{e}))
	if err == nil && counts {
		s.countUp(e.row)
	}
	f.undoable(s)
	if e.state != doomed {
		e.snapshot()
	}
	return err
}
