package isolation

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// unitAct is a unit of work: it loads what the tenant has of a model, changes, removes and adds rows,
// and flushes.
type unitAct[T any] struct {
	k       *kind[T]
	changes []unitChange[T]
	adds    []draft[T]
	removed int
	removes bool
	stale   bool // the first change is of a row that somebody else has changed
	deleted bool
}

// unitChange has some fields of a row become another's.
type unitChange[T any] struct {
	pick  int
	to    draft[T]
	named []int
}

func drawUnit[T any](k *kind[T]) *rapid.Generator[act] {
	change := rapid.Custom(func(t *rapid.T) unitChange[T] {
		return unitChange[T]{
			pick: pick().Draw(t, "pick"), to: drawDraft(k).Draw(t, "to"),
			named: rapid.SliceOfNDistinct(rapid.IntRange(0, len(k.fields)-1), 1, 2, rapid.ID).Draw(t, "named"),
		}
	})
	return rapid.Custom(func(t *rapid.T) act {
		return unitAct[T]{
			k: k, changes: rapid.SliceOfN(change, 0, 4).Draw(t, "changes"),
			adds:    rapid.SliceOfN(drawDraft(k), 0, 2).Draw(t, "adds"),
			removed: pick().Draw(t, "removed"), removes: rapid.IntRange(0, 2).Draw(t, "removes") == 0,
			stale: rapid.IntRange(0, 6).Draw(t, "stale") == 0, deleted: rapid.IntRange(0, 3).Draw(t, "deleted") == 0,
		}
	})
}

func (a unitAct[T]) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "unit of %s, deleted %v, stale %v", a.k.model.Name(), a.deleted, a.stale)
	for _, c := range a.changes {
		fmt.Fprintf(&text, "; fields %v of %d to %s", c.named, c.pick, show(c.to.row))
	}
	for _, w := range a.adds {
		text.WriteString("; add " + show(w.row))
	}
	if a.removes {
		fmt.Fprintf(&text, "; remove %d", a.removed)
	}
	return text.String()
}

// unitRun is a unitAct under way.
type unitRun[T any] struct {
	unitAct[T]
	d       *desk
	u       *rowhouse.Unit
	w       rowhouse.UnitTable[T]
	read    []*T
	before  []T // as they were read
	added   []*T
	gone    *T
	why     []error
	touched int
}

func (a unitAct[T]) run(d *desk) (failed, wrong error) {
	r := &unitRun[T]{unitAct: a, d: d, u: rowhouse.NewUnit(d.scope)}
	r.w = a.k.model.Unit(r.u)
	if failed, wrong := r.load(); failed != nil || wrong != nil {
		return failed, wrong
	}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	next, broken := d.attempt(r.expect)
	r.why = append(r.why, broken...)
	given, fresh := deref(r.read), deref(r.added)
	err := r.u.Flush(d.ctx)
	if errors.Is(err, rowhouse.ErrConflict) && r.touched > 1 {
		r.why = append(r.why, rowhouse.ErrConflict) // one row may have had what another gives up later
	}
	ok, failed, wrong := d.judge(err, r.why...)
	if wrong != nil || !ok {
		if err != nil && wrong == nil {
			wrong = errors.Join(untouched(given, r.read), untouched(fresh, r.added))
		}
		return failed, wrong
	}
	d.model.become(next)
	return r.flushed(given, fresh)
}

func deref[T any](rows []*T) (list []T) {
	for _, row := range rows {
		list = append(list, *row)
	}
	return list
}

func untouched[T any](want []T, rows []*T) error {
	for i := range rows {
		if text := difference(&want[i], rows[i]); text != "" {
			return fmt.Errorf("after a failed flush the %s", text)
		}
	}
	return nil
}

// load reads what there is, twice: the second time, no row may be another.
func (r *unitRun[T]) load() (failed, wrong error) {
	table := r.k.model.In(r.d.scope)
	if r.deleted {
		table = table.WithDeleted()
	}
	var err error
	if r.read, err = r.w.Load(r.d.ctx, table.OrderBy(r.k.byKey...)); err != nil {
		_, failed, wrong = r.d.judge(err)
		return failed, wrong
	}
	for _, row := range r.read {
		again, err := r.w.Get(r.d.ctx, r.k.values(row)...)
		if err != nil || again != row {
			return mismatch("a unit has %s twice: %w", show(*row), err)
		}
	}
	r.before = deref(r.read)
	if err := own(r.d, r.k, r.before); err != nil || !r.d.exact {
		return nil, err
	}
	n := 0
	for key, row := range r.k.rows(r.d.model) {
		if !r.k.matches(nil, &row, nil, r.deleted) {
			continue
		}
		n++
		if !slices.ContainsFunc(r.before, func(got T) bool { return r.k.key(&got) == key && difference(&row, &got) == "" }) {
			return mismatch("a unit has not loaded %s", show(row))
		}
	}
	if n != len(r.before) {
		return mismatch("a unit has loaded %d rows, not %d", len(r.before), n)
	}
	return nil, nil
}

// prepare changes the rows in memory, and tells the unit of those to remove and to add.
func (r *unitRun[T]) prepare() error {
	for i, c := range r.changes {
		if len(r.read) == 0 {
			break
		}
		row := r.read[c.pick%len(r.read)]
		to := c.to.settle(r.d, r.k)
		for _, f := range c.named {
			r.k.fields[f].copy(row, &to)
		}
		if i == 0 && r.stale {
			r.k.bump(row)
		}
	}
	if r.removes && len(r.read) > 0 {
		r.gone = r.read[r.removed%len(r.read)]
		if err := r.w.Remove(r.gone); err != nil {
			return err
		}
	}
	var zero T
	for _, w := range r.adds {
		row := w.settle(r.d, r.k)
		made := r.k.key(&row) == r.k.key(&zero) && r.k.made
		loaded := slices.ContainsFunc(r.read, func(other *T) bool { return r.k.key(other) == r.k.key(&row) })
		err := r.w.Add(&row)
		switch {
		case !made && loaded && !errors.Is(err, rowhouse.ErrInvalid):
			return fmt.Errorf("a second row of one key: %w", err)
		case !made && loaded:
		case err != nil:
			return err
		default:
			r.added = append(r.added, &row)
		}
	}
	return nil
}

// expect is what the tables become, but for what the flush fills in.
func (r *unitRun[T]) expect(s *store) {
	rows := r.k.rows(s)
	for i, row := range r.read {
		changed := r.isChanged(i)
		if changed || row == r.gone {
			r.touched++
			if r.k.version(row) != r.k.version(&r.before[i]) {
				r.why = append(r.why, rowhouse.ErrStale)
			}
		}
		switch {
		case row == r.gone && r.k.deleted == nil:
			delete(rows, r.k.key(row))
		case row != r.gone && changed:
			rows[r.k.key(row)] = *row
		case row == r.gone && *r.k.deleted(&r.before[i]) != nil:
			r.why = append(r.why, rowhouse.ErrNotFound)
		}
	}
	var zero T
	for i, row := range r.added {
		r.touched++
		key := r.k.key(row)
		if key == r.k.key(&zero) && r.k.made {
			key = fmt.Sprintf("new %d", i)
		}
		if _, taken := rows[key]; taken {
			r.why = append(r.why, rowhouse.ErrConflict)
			key = fmt.Sprintf("again %d", i)
		}
		rows[key] = *row
	}
}

// isChanged reports whether the row has other values than it was read with.
func (r *unitRun[T]) isChanged(i int) bool {
	was := r.before[i]
	for _, f := range r.k.fields {
		f.copy(&was, r.read[i])
	}
	return difference(&was, &r.before[i]) != ""
}

// flushed compares the rows with what they should have become.
func (r *unitRun[T]) flushed(given, fresh []T) (failed, wrong error) {
	if r.u.Changed() {
		return mismatch("after a flush there is something to flush")
	}
	for i := range fresh {
		delete(r.k.rows(r.d.model), fmt.Sprintf("new %d", i))
		delete(r.k.rows(r.d.model), r.k.key(r.added[i])) // it is not taken by another, or it would not be there
	}
	for i, row := range r.added {
		if text := r.k.filled(r.d, row, &fresh[i]); text != "" {
			return mismatch("%s", text)
		}
		r.k.rows(r.d.model)[r.k.key(row)] = *row
	}
	for i, row := range r.read {
		was := r.before[i]
		for _, f := range r.k.fields {
			f.copy(&was, &given[i])
		}
		switch {
		case row == r.gone && r.k.deleted == nil:
			continue
		case row == r.gone:
			// What else was changed in it is not written.
			at := *r.k.deleted(row)
			if at == nil || !r.d.recent(*at) {
				return mismatch("deleted at %v", at)
			}
			was = r.before[i]
			*r.k.deleted(&was) = at
			*r.k.deleted(&given[i]) = at
			r.k.bump(&was)
			r.k.touch(&was, r.k.touched(row))
			r.k.rows(r.d.model)[r.k.key(row)] = was
		case difference(&was, &r.before[i]) == "":
			if text := difference(&given[i], row); text != "" {
				return mismatch("a row that was not changed: %s", text)
			}
		default:
			if failed, wrong := r.k.written(r.d, &given[i], row); failed != nil || wrong != nil {
				return failed, wrong
			}
		}
	}
	return nil, nil
}
