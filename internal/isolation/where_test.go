package isolation

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// whereAct changes or deletes the rows that match.
type whereAct[T any] struct {
	k       *kind[T]
	cond    cond[T]
	sets    []set[T] // none deletes
	deleted bool
}

func drawWhere[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		fields := slices.Concat(k.fields, k.keyed, k.asked)
		a := whereAct[T]{
			k: k, cond: condition(fields, 2).Draw(t, "where"),
			deleted: rapid.IntRange(0, 3).Draw(t, "deleted") == 0,
		}
		if rapid.IntRange(0, 2).Draw(t, "delete") > 0 {
			which := rapid.SliceOfNDistinct(rapid.IntRange(0, len(k.fields)-1), 1, 2, rapid.ID).Draw(t, "columns")
			for _, i := range which {
				a.sets = append(a.sets, k.fields[i].sets.Draw(t, "set"))
			}
		}
		return a
	})
}

func (a whereAct[T]) String() string {
	what := "delete of " + a.k.model.Name()
	if len(a.sets) > 0 {
		texts := make([]string, len(a.sets))
		for i, s := range a.sets {
			texts[i] = s.text
		}
		what = "update of " + a.k.model.Name() + ": " + strings.Join(texts, ", ")
	}
	return fmt.Sprintf("%s where %s, deleted %v", what, a.cond.text, a.deleted)
}

func (a whereAct[T]) run(d *desk) (failed, wrong error) {
	var matched []string
	for key, row := range a.k.rows(d.model) {
		if a.k.matches(d.model, &row, []cond[T]{a.cond}, a.deleted) {
			matched = append(matched, key)
		}
	}
	next, why := d.attempt(func(s *store) {
		for _, key := range matched {
			a.change(s, key)
		}
		if len(a.sets) == 0 {
			s.cascade()
		}
	})
	if a.cond.empty {
		why = []error{rowhouse.ErrInvalid}
	}
	n, err := a.call(d)
	ok, failed, wrong := d.judge(err, why...)
	if !ok {
		return failed, wrong
	}
	if n != int64(len(matched)) {
		return mismatch("%d rows changed, not %d", n, len(matched))
	}
	if err := a.adopt(d, next, matched); err != nil {
		return nil, err
	}
	d.model.become(next)
	return nil, nil
}

func (a whereAct[T]) call(d *desk) (int64, error) {
	table := a.k.model.In(d.scope)
	if a.deleted {
		table = table.WithDeleted()
	}
	if len(a.sets) == 0 {
		return table.DeleteWhere(d.ctx, a.cond.pred)
	}
	assigns := make([]rowhouse.Assignment[T], len(a.sets))
	for i, s := range a.sets {
		assigns[i] = s.assign
	}
	return table.UpdateWhere(d.ctx, a.cond.pred, assigns...)
}

// change does to a row what the act does; a deletion time and an updated time are adopted later.
func (a whereAct[T]) change(s *store, key string) {
	row := a.k.rows(s)[key]
	switch {
	case len(a.sets) > 0:
		for _, set := range a.sets {
			set.apply(&row)
		}
	case a.k.deleted == nil:
		delete(a.k.rows(s), key)
		return
	default:
		*a.k.deleted(&row) = nil
	}
	a.k.bump(&row)
	a.k.rows(s)[key] = row
}

// adopt reads the table and takes over the times that only the database knows, if they are of
// this moment. Then nothing else may differ.
func (a whereAct[T]) adopt(d *desk, next *store, matched []string) error {
	rows, err := a.k.model.In(d.scope).WithDeleted().All(d.ctx)
	if err != nil {
		return fmt.Errorf("reading back: %w", err)
	}
	want := a.k.rows(next)
	for i := range rows {
		key := a.k.key(&rows[i])
		row, ok := want[key]
		if !ok {
			return fmt.Errorf("a row is left, or a stranger's: %s", show(rows[i]))
		}
		if slices.Contains(matched, key) {
			if err := a.times(d, &row, &rows[i]); err != nil {
				return err
			}
		}
		if text := difference(&row, &rows[i]); text != "" {
			return errors.New(text)
		}
		want[key] = row
	}
	if len(rows) != len(want) {
		return fmt.Errorf("%d rows are left, not %d", len(rows), len(want))
	}
	return nil
}

func (a whereAct[T]) times(d *desk, want, row *T) error {
	if at := a.k.touched(row); !at.IsZero() {
		if !d.recent(at) {
			return fmt.Errorf("updated at %v", at)
		}
		a.k.touch(want, at)
	}
	if a.k.deleted == nil || len(a.sets) > 0 {
		return nil
	}
	at := *a.k.deleted(row)
	if at == nil || !d.recent(*at) {
		return fmt.Errorf("deleted at %v", at)
	}
	*a.k.deleted(want) = at
	return nil
}
