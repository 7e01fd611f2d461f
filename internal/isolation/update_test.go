package isolation

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// updateAct writes the row that it picks: all columns or some.
type updateAct[T any] struct {
	k       *kind[T]
	pick    int
	to      draft[T]
	named   []int // among the kind's fields
	stale   bool
	deleted bool
}

func drawUpdate[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return updateAct[T]{
			k: k, pick: pick().Draw(t, "pick"), to: drawDraft(k).Draw(t, "to"),
			named:   rapid.SliceOfNDistinct(rapid.IntRange(0, len(k.fields)-1), 0, 2, rapid.ID).Draw(t, "named"),
			stale:   rapid.IntRange(0, 6).Draw(t, "stale") == 0,
			deleted: rapid.IntRange(0, 3).Draw(t, "deleted") == 0,
		}
	})
}

func (a updateAct[T]) String() string {
	return fmt.Sprintf("update of %s %d to %s, columns %v, stale %v, deleted %v",
		a.k.model.Name(), a.pick, show(a.to.row), a.named, a.stale, a.deleted)
}

// old returns the row as the application has it: with a version that it no longer has, if that
// is asked for. why is the error that there must be if it is to be changed.
func old[T any](d *desk, k *kind[T], other T, n int, stale, deleted bool) (row T, why []error) {
	row, ok := pickOf(k.rows(d.model), n)
	if !ok {
		row = other
		*k.canary(&row) = canary(d.at.id)
		row, ok = ifThere(k, d.model, row)
	}
	alive := ok && k.matches(nil, &row, nil, deleted)
	if stale {
		k.bump(&row)
	}
	switch {
	case !alive:
		why = []error{rowhouse.ErrNotFound}
	case stale && k.version(&row) != 0:
		why = []error{rowhouse.ErrStale}
	}
	return row, why
}

func ifThere[T any](k *kind[T], s *store, row T) (T, bool) {
	if there, ok := k.rows(s)[k.key(&row)]; ok {
		return there, true
	}
	return row, false
}

func (a updateAct[T]) run(d *desk) (failed, wrong error) {
	row, why := old(d, a.k, a.to.row, a.pick, a.stale, a.deleted)
	to := a.to.settle(d, a.k)
	var columns []rowhouse.AnyColumn[T]
	for i, f := range a.k.fields {
		if len(a.named) == 0 && f.column.Name() == "deleted_at" {
			continue // only by its name
		}
		if len(a.named) == 0 || slices.Contains(a.named, i) {
			f.copy(&row, &to)
		}
	}
	for _, i := range a.named {
		columns = append(columns, a.k.fields[i].column)
	}
	_, broken := d.attempt(func(s *store) { a.k.rows(s)[a.k.key(&row)] = row })
	if len(why) == 0 {
		why = broken
	} else if isAny(rowhouse.ErrTooLong, broken) {
		why = append(why, rowhouse.ErrTooLong) // PostgreSQL says so before it looks for the row
	}
	table := a.k.model.In(d.scope)
	if a.deleted {
		table = table.WithDeleted()
	}
	given := row
	err := table.Update(d.ctx, &row, columns...)
	ok, failed, wrong := d.judge(err, why...)
	if wrong != nil || !ok {
		if text := difference(&given, &row); err != nil && text != "" && wrong == nil {
			return mismatch("after a failed update the %s", text)
		}
		return failed, wrong
	}
	return a.k.written(d, &given, &row)
}

// written checks what an update has made of the row that it was given, and has the model take it.
func (k *kind[T]) written(d *desk, given, row *T) (failed, wrong error) {
	want := *given
	k.bump(&want)
	if at := k.touched(row); !at.IsZero() {
		if !d.recent(at) {
			return mismatch("updated at %v", at)
		}
		k.touch(&want, at)
	}
	if text := difference(&want, row); text != "" {
		return mismatch("%s", text)
	}
	k.rows(d.model)[k.key(row)] = *row
	return nil, nil
}
