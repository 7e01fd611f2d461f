package isolation

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// upsertAct writes a row over the one that has its key, or as a new one.
type upsertAct[T any] struct {
	k      *kind[T]
	to     draft[T]
	over   int // the row whose key it has, if there is one
	unique bool
	keyed  bool // it has the key of that row
}

func drawUpsert[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return upsertAct[T]{
			k: k, to: drawDraft(k).Draw(t, "to"), over: pick().Draw(t, "over"),
			unique: k.unique != nil && rapid.Bool().Draw(t, "unique"), keyed: rapid.Bool().Draw(t, "keyed"),
		}
	})
}

func (a upsertAct[T]) String() string {
	return fmt.Sprintf("upsert of %s %s, by unique key %v, over %d: %v",
		a.k.model.Name(), show(a.to.row), a.unique, a.over, a.keyed)
}

func (a upsertAct[T]) run(d *desk) (failed, wrong error) {
	row := a.to.settle(d, a.k)
	if over, ok := pickOf(a.k.rows(d.model), a.over); ok && a.keyed {
		for _, f := range a.k.keyed {
			f.copy(&row, &over)
		}
	}
	asked := row
	there, exists, clash := a.target(d, &row)
	why := insertAct[T]{k: a.k}.forbidden(d, []T{row})
	var want T
	if exists {
		want = a.becomes(there, row)
		_, why = d.attempt(func(s *store) { a.k.rows(s)[a.k.key(&want)] = want })
	}
	var by []rowhouse.AnyColumn[T]
	if a.unique {
		by = a.k.unique
	}
	err := a.k.model.In(d.scope).Upsert(d.ctx, &row, by...)
	if clash && err != nil {
		why = append(why, rowhouse.ErrConflict) // an engine may see either key first
	}
	ok, failed, wrong := d.judge(err, why...)
	if wrong == nil && err == nil {
		wrong = own(d, a.k, []T{row})
	}
	if !ok || wrong != nil {
		return failed, wrong
	}
	if exists {
		return a.k.written(d, &want, &row)
	}
	if text := a.k.filled(d, &row, &asked); text != "" {
		return mismatch("%s", text)
	}
	a.k.rows(d.model)[a.k.key(&row)] = row
	return nil, nil
}

// target is the row that is there already. clash says that another one has the row's primary
// key, while it goes by the unique one.
func (a upsertAct[T]) target(d *desk, row *T) (there T, exists, clash bool) {
	byKey, has := a.k.rows(d.model)[a.k.key(row)]
	if !a.unique {
		return byKey, has, false
	}
	for _, r := range a.k.rows(d.model) {
		if a.k.same(&r, row) {
			return r, true, has && a.k.key(&byKey) != a.k.key(&r)
		}
	}
	return there, false, false
}

// becomes is the row that becomes of one that was there: its keys and its created time stay.
func (a upsertAct[T]) becomes(there, row T) T {
	want := a.k.defaults(row)
	for _, f := range a.k.keyed {
		f.copy(&want, &there)
	}
	a.k.keep(&want, &there)
	return want
}
