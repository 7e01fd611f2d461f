package isolation

import (
	"fmt"
	"reflect"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// getAct reads rows by their keys, those of rows that exist and others.
type getAct[T any] struct {
	k       *kind[T]
	picks   []int
	other   T // not there, most likely
	many    bool
	deleted bool
}

func drawGet[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return getAct[T]{
			k: k, picks: rapid.SliceOfN(pick(), 1, 5).Draw(t, "picks"), other: k.draw(t),
			many: rapid.Bool().Draw(t, "many"), deleted: rapid.IntRange(0, 3).Draw(t, "deleted") == 0,
		}
	})
}

// pick chooses one of the rows there are when the act runs, and sometimes none of them.
func pick() *rapid.Generator[int] { return rapid.IntRange(0, 63) }

// pickOf returns the row that a pick means; false means none.
func pickOf[T any](rows map[string]T, n int) (row T, ok bool) {
	keys := sortedKeys(rows)
	if len(keys) == 0 || n%16 == 15 {
		return row, false
	}
	return rows[keys[n%len(keys)]], true
}

func (a getAct[T]) String() string {
	return fmt.Sprintf("get of %s %v, many %v, deleted %v", a.k.model.Name(), a.picks, a.many, a.deleted)
}

func (a getAct[T]) run(d *desk) (failed, wrong error) {
	table := a.k.model.In(d.scope)
	if a.deleted {
		table = table.WithDeleted()
	}
	var keys []any
	var want []T
	for _, n := range a.picks {
		row, ok := pickOf(a.k.rows(d.model), n)
		if !ok {
			row = a.other
		}
		keys = append(keys, a.k.values(&row))
		if row, ok = a.k.rows(d.model)[a.k.key(&row)]; ok && a.k.matches(nil, &row, nil, a.deleted) {
			want = append(want, row)
		} else if !a.many {
			want = nil
		}
		if !a.many {
			break
		}
	}
	if a.many {
		return a.getMany(d, table, keys, want)
	}
	row, err := table.Get(d.ctx, keys[0].(rowhouse.Key)...)
	var may []error
	if len(want) == 0 {
		may = []error{rowhouse.ErrNotFound}
	}
	ok, failed, wrong := d.judge(err, may...)
	switch {
	case wrong != nil:
	case ok:
		if text := difference(&want[0], &row); text != "" {
			return mismatch("%s", text)
		}
	case err == nil:
		wrong = own(d, a.k, []T{row})
	}
	return failed, wrong
}

func (a getAct[T]) getMany(d *desk, table rowhouse.Table[T], keys []any, want []T) (failed, wrong error) {
	rows, err := table.GetMany(d.ctx, keys...)
	ok, failed, wrong := d.judge(err)
	if wrong == nil {
		wrong = own(d, a.k, rows)
	}
	if ok && wrong == nil && len(want)+len(rows) > 0 && !reflect.DeepEqual(rows, want) {
		return mismatch("rows by key are %s, not %s", show(rows), show(want))
	}
	return failed, wrong
}
