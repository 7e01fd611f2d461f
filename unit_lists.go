package rowhouse

import (
	"context"
	"slices"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// listsAtOnce bounds the rows of one UPDATE by lists, and so its memory.
const listsAtOnce = 2000

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
	for _, e := range rows {
		f.remember(e)
		s.stamp(s.m.s.Updated, e.row)
	}
	t, err := s.updateByLists(at, rows)
	if err != nil {
		return s.fail(err)
	}
	if err := f.batch.add(ctx, s, t, source{}, nil, f.all(rows)); err != nil {
		return err
	}
	for _, e := range rows {
		s.countUp(e.row)
		e.snapshot()
	}
	f.undoable(s)
	return nil
}

// updateByLists is the text of an UPDATE of many rows, with their values.
func (s *session) updateByLists(at []int, rows []*entry) (*dialect.Template, error) {
	listed := s.m.listedIn(at)
	up := &dialect.Update{Table: s.m.ref, Lists: make([]dialect.Arg, len(listed))}
	var found dialect.And
	for n, p := range listed {
		values := make([]any, len(rows))
		for i, e := range rows {
			value, err := s.m.s.Fields[p].Arg(e.row)
			if err != nil {
				return nil, invalid("%v", err)
			}
			values[i] = value
		}
		up.Lists[n] = dialect.Arg{Value: values, Kind: s.m.kinds[p], Array: true}
		if p == s.m.s.Lock || slices.Contains(s.m.s.Key, p) {
			found = append(found, dialect.Compare{Left: s.m.column(p), Op: "=", Right: dialect.Listed(n)})
			continue
		}
		up.Set = append(up.Set, dialect.Assign{Column: s.m.s.Fields[p].Column, Value: dialect.Listed(n)})
	}
	up.Set = append(up.Set, s.m.nextVersion()...)
	up.Where = rows[0].lift.alive(s.m, found)
	return s.m.text(up)
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
