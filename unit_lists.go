package rowhouse

import (
	"context"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// listedIn are the columns of which an update of some columns needs the rows' values: the key, the
// version that the row was read with, what is changed, and the time.
func (m *mapping) listedIn(at []int) []int {
	list := slices.Clone(m.s.Key)
	if m.s.Lock >= 0 {
		list = append(list, m.s.Lock)
	}
	return append(append(list, at...), m.s.Updated...)
}

// listable reports whether values of the columns can be lists: an engine that takes lists has to know
// what of.
func (m *mapping) listable(at []int) bool {
	return !slices.ContainsFunc(at, func(p int) bool { return m.kinds[p] == dialect.Other })
}

// queueLists queues one UPDATE of many rows, each by its own values.
func (f *flush) queueLists(ctx context.Context, s *session, at []int, rows []*entry) error {
	bases := make([]unsafe.Pointer, len(rows))
	for i, e := range rows {
		bases[i] = e.row
		f.remember(e)
		s.stamp(s.m.s.Updated, e.row)
	}
	lift := rows[0].lift
	t, err := f.text(textKey{set: rows[0].set, columns: positions(at), lift: lift, lists: true}, func() dialect.Statement {
		return s.m.updatingByLists(at, lift)
	}, s)
	if err != nil {
		return err
	}
	if err := f.batch.add(ctx, s, t, source{rows: bases}, nil, f.all(rows)); err != nil {
		return err
	}
	for _, e := range rows {
		s.countUp(e.row)
		e.snapshot()
	}
	f.undoable(s)
	return nil
}

// updatingByLists is an UPDATE of some columns of many rows, each by its own values.
func (m *mapping) updatingByLists(at []int, lift *lifting) *dialect.Update {
	listed := m.listedIn(at)
	up := &dialect.Update{Table: m.ref, Lists: m.fields(listed)}
	var found dialect.And
	for n, p := range listed {
		up.Lists[n].Array = true
		if p == m.s.Lock || slices.Contains(m.s.Key, p) {
			found = append(found, dialect.Compare{Left: m.column(p), Op: "=", Right: dialect.Listed(n)})
			continue
		}
		up.Set = append(up.Set, dialect.Assign{Column: m.s.Fields[p].Column, Value: dialect.Listed(n)})
	}
	up.Set = append(up.Set, m.nextVersion()...)
	up.Where = lift.alive(m, found)
	return up
}

// all takes the reply to a statement that has to find all these rows as they were read.
func (f *flush) all(rows []*entry) func(driver.Reply) error {
	return func(r driver.Reply) error {
		if r.Result.Rows == int64(len(rows)) {
			return nil
		}
		f.gone = append(f.gone, rows...)
		return errGone
	}
}
