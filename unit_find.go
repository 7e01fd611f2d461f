package rowhouse

import (
	"context"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
)

// finder reads rows of one model by their keys and calls fn with each, which is fn's only until it
// returns.
type finder func(ctx context.Context, s Scope, keys [][]dialect.Arg, lift *lifting, fn func(row unsafe.Pointer)) error

// find is the finder of the model. It reads as many rows at once as the tenant may: the program has them
// already.
func (m *Model[T]) find(ctx context.Context, s Scope, keys [][]dialect.Arg, lift *lifting, fn func(row unsafe.Pointer)) error {
	q := m.In(s).Query
	if lift != nil {
		q.deleted, q.lifted = lift.deleted, lift.filters
	}
	at, err := queryOpen(ctx, q, "get")
	if err != nil {
		return err
	}
	most := len(keys)
	if may := at.mayRead(); may >= 0 {
		most = min(most, may)
	}
	rows := make([]T, 0, len(keys))
	err = at.within(ctx, func() error {
		return queryKeys(ctx, q, &at, portions(keys, most), func(row *T) bool {
			rows = append(rows, *row)
			return true
		})
	})
	if err == nil {
		err = queryFinish(ctx, q, &at, nil, rows)
	}
	if err != nil {
		return err
	}
	for i := range rows {
		fn(unsafe.Pointer(&rows[i]))
	}
	return nil
}

// reread reads what the database has now of these rows, and calls fn with each and what was found,
// or nil.
func (set *unitSet) reread(ctx context.Context, s Scope, entries []*entry, fn func(e *entry, now unsafe.Pointer)) error {
	for len(entries) > 0 {
		lift, n := entries[0].lift, 1
		for n < min(len(entries), keysAtOnce) && entries[n].lift == lift {
			n++
		}
		some := entries[:n]
		entries = entries[n:]
		keys := make([][]dialect.Arg, n)
		for i, e := range some {
			key, err := set.key(e.before)
			if err != nil {
				return err
			}
			keys[i] = key
		}
		found := make(map[any]unsafe.Pointer, n)
		err := set.find(ctx, s, keys, lift, func(row unsafe.Pointer) {
			if key, err := set.identity(row); err == nil {
				found[key] = row
			}
		})
		if err != nil {
			return err
		}
		for i, e := range some {
			fn(e, found[asKey(keys[i])])
		}
	}
	return nil
}

// compare says why rows are not as they were read, of those that are not.
func (set *unitSet) compare(ctx context.Context, s Scope, rows []*entry, why map[*entry]error) error {
	return set.reread(ctx, s, rows, func(e *entry, now unsafe.Pointer) {
		lock, soft := set.s.Lock, set.s.SoftDelete
		switch {
		case now == nil:
			why[e] = ErrNotFound
		case e.state == doomed && soft >= 0 && !set.s.Fields[soft].Zero(now):
			why[e] = ErrNotFound // what is marked already is not there to be marked
		case lock >= 0 && set.s.Fields[lock].Int(now) != set.s.Fields[lock].Int(e.row):
			why[e] = ErrStale
		}
	})
}
