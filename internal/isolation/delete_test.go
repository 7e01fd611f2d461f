package isolation

import (
	"fmt"

	"pgregory.net/rapid"
)

// deleteAct deletes the row that it picks: softly where the model does so, or for good.
type deleteAct[T any] struct {
	k     *kind[T]
	pick  int
	other T
	stale bool
	purge bool
	all   bool // asked of what is softly deleted too, which makes no difference here
}

func drawDelete[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return deleteAct[T]{
			k: k, pick: pick().Draw(t, "pick"), other: k.draw(t),
			stale: rapid.IntRange(0, 6).Draw(t, "stale") == 0, purge: rapid.Bool().Draw(t, "purge"),
			all: rapid.IntRange(0, 3).Draw(t, "deleted") == 0,
		}
	})
}

func (a deleteAct[T]) String() string {
	return fmt.Sprintf("delete of %s %d, stale %v, purge %v", a.k.model.Name(), a.pick, a.stale, a.purge)
}

func (a deleteAct[T]) run(d *desk) (failed, wrong error) {
	soft := a.k.deleted != nil && !a.purge
	row, why := old(d, a.k, a.other, a.pick, a.stale, !soft)
	given := row
	next := d.model
	if !soft && len(why) == 0 {
		next, why = d.attempt(func(s *store) {
			delete(a.k.rows(s), a.k.key(&row))
			s.cascade()
		})
	}
	table := a.k.model.In(d.scope)
	if a.all {
		table = table.WithDeleted()
	}
	var err error
	if a.purge {
		err = table.Purge(d.ctx, &row)
	} else {
		err = table.Delete(d.ctx, &row)
	}
	ok, failed, wrong := d.judge(err, why...)
	if !ok {
		if text := difference(&given, &row); err != nil && text != "" && wrong == nil {
			return mismatch("after a failed delete the %s", text)
		}
		return failed, wrong
	}
	if !soft {
		d.model.become(next)
		return nil, nil
	}
	at := *a.k.deleted(&row)
	if at == nil || !d.recent(*at) {
		return mismatch("deleted at %v", at)
	}
	*a.k.deleted(&given) = at
	return a.k.written(d, &given, &row)
}
