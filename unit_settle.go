package rowhouse

import (
	"context"
	"errors"
	"slices"
)

// remember has what the unit knows of a row be as it is now, if the transaction is undone.
func (f *flush) remember(e *entry) {
	old := *e
	f.tx.undo = append(f.tx.undo, func() { e.restore(old) })
}

// restore puts an entry back, also into the unit's maps.
func (e *entry) restore(old entry) {
	set, out := e.set, e.forgotten
	set.unknow(e)
	*e = old
	if out {
		set.add(e)
	} else {
		set.know(e)
	}
}

// settle has the unit know that all is done. The transaction takes it back if it is undone.
func (f *flush) settle() {
	u, links := f.u, f.u.links
	f.tx.undo = append(f.tx.undo, func() { u.links = links })
	u.links = nil
	for set, rows := range f.work.fresh {
		for _, e := range rows {
			if at := set.s.Auto; at >= 0 {
				set.s.Fields[at].Assign(e.before, &set.s.Fields[at], e.row)
			}
			e.state = kept
			set.know(e)
		}
	}
	for set, rows := range f.work.removed {
		for _, e := range rows {
			set.forget(e)
		}
		set.tidy()
	}
}

// diagnose reads the rows that were to be found as they were, after all is undone, and returns the
// error of those that are not: all of them, not the first alone.
func (f *flush) diagnose(ctx context.Context, err error) error {
	if errors.Is(err, errGone) {
		err = nil
	}
	why := map[*entry]error{}
	var list []*entry
	for _, set := range f.u.sets {
		rows := slices.Concat(f.work.changed[set], f.work.removed[set])
		err = errors.Join(err, set.compare(ctx, f.u.scope, rows, why))
		for _, e := range rows {
			if why[e] != nil {
				list = append(list, e)
			}
		}
	}
	if len(list) == 0 { // they are as they were again, or cannot be read
		list = f.gone
	}
	for _, e := range list {
		switch {
		case why[e] != nil:
		case e.set.s.Lock >= 0:
			why[e] = ErrStale
		default:
			why[e] = ErrNotFound
		}
	}
	return f.u.lost(list, func(e *entry) error { return why[e] }, err)
}
