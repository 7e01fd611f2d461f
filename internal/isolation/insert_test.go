package isolation

import (
	"errors"
	"fmt"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// draft is a row to be written; which row it refers to is found when that happens.
type draft[T any] struct {
	row   T
	refer int
}

func drawDraft[T any](k *kind[T]) *rapid.Generator[draft[T]] {
	return rapid.Custom(func(t *rapid.T) draft[T] { return draft[T]{k.draw(t), pick().Draw(t, "refer")} })
}

func (w draft[T]) settle(d *desk, k *kind[T]) T {
	row := w.row
	k.refer(d.model, &row, w.refer)
	*k.canary(&row) = canary(d.at.id)
	return row
}

// attempt is what the model becomes if the rows are written so, and the errors that forbid it.
func (d *desk) attempt(change func(*store)) (next *store, why []error) {
	next = d.model.clone()
	change(next)
	return next, next.broken(d.s.engine.limits)
}

// insertAct inserts rows, each by itself or many at once.
type insertAct[T any] struct {
	k      *kind[T]
	drafts []draft[T]
	many   bool
}

func drawInsert[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		many := rapid.IntRange(0, 3).Draw(t, "many") == 0
		least, most := 1, 1
		if many {
			least, most = 0, 5
		}
		return insertAct[T]{k, rapid.SliceOfN(drawDraft(k), least, most).Draw(t, "rows"), many}
	})
}

func (a insertAct[T]) String() string {
	return fmt.Sprintf("insert of %d %s (many %v): %s", len(a.drafts), a.k.model.Name(), a.many, show(a.rows()))
}

func (a insertAct[T]) rows() (rows []T) {
	for _, w := range a.drafts {
		rows = append(rows, w.row)
	}
	return rows
}

func (a insertAct[T]) run(d *desk) (failed, wrong error) {
	asked, rows := make([]T, len(a.drafts)), make([]T, len(a.drafts))
	for i, w := range a.drafts {
		asked[i] = w.settle(d, a.k)
		rows[i] = asked[i]
	}
	why := a.forbidden(d, asked)
	var err error
	if a.many {
		err = a.k.model.In(d.scope).InsertMany(d.ctx, rows)
	} else {
		err = a.k.model.In(d.scope).Insert(d.ctx, &rows[0])
	}
	if errors.Is(err, rowhouse.ErrConflict) && a.guessed(asked) {
		why = append(why, rowhouse.ErrConflict)
	}
	ok, failed, wrong := d.judge(err, why...)
	if !ok {
		return failed, wrong
	}
	for i := range rows {
		if text := a.k.filled(d, &rows[i], &asked[i]); text != "" {
			return mismatch("%s", text)
		}
		a.k.rows(d.model)[a.k.key(&rows[i])] = rows[i]
	}
	return nil, nil
}

// guessed reports whether a row has a key that the database may have made a moment before, for
// one that came earlier in the same call.
func (a insertAct[T]) guessed(rows []T) bool {
	var zero T
	made := false
	for i := range rows {
		open := a.k.key(&rows[i]) == a.k.key(&zero)
		if made && !open {
			return true
		}
		made = made || open && a.k.made
	}
	return false
}

// forbidden are the errors that the rows may end in. A key that is yet to be made is not taken,
// so rows without one are kept apart under keys that no row has.
func (a insertAct[T]) forbidden(d *desk, rows []T) []error {
	var taken []error
	var zero T
	_, why := d.attempt(func(s *store) {
		for i := range rows {
			key := a.k.key(&rows[i])
			if key == a.k.key(&zero) && a.k.made {
				key = fmt.Sprintf("new %d", i)
			}
			if _, is := a.k.rows(s)[key]; is {
				taken = append(taken, rowhouse.ErrConflict)
				key = fmt.Sprintf("again %d", i) // what else is wrong with it may be said first
			}
			a.k.rows(s)[key] = rows[i]
		}
	})
	return append(why, taken...)
}
