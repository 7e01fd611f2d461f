package isolation

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// query is a selection of rows, in the library's words and in the model's.
type query[T any] struct {
	k             *kind[T]
	conds         []cond[T]
	orders        []order[T]
	limit, offset int // limit -1 is none
	deleted       bool
	lock          string
}

func drawQuery[T any](t *rapid.T, k *kind[T]) query[T] {
	fields := slices.Concat(k.fields, k.keyed, k.asked)
	sorted := slices.DeleteFunc(slices.Clone(fields), func(f field[T]) bool { return f.orders == nil })
	q := query[T]{
		k: k, limit: -1, deleted: rapid.IntRange(0, 3).Draw(t, "deleted") == 0,
		conds: rapid.SliceOfN(condition(fields, 2), 0, 2).Draw(t, "where"),
	}
	for range rapid.IntRange(0, 2).Draw(t, "orders") {
		q.orders = append(q.orders, rapid.SampledFrom(sorted).Draw(t, "by").orders.Draw(t, "order"))
	}
	if rapid.IntRange(0, 2).Draw(t, "limited") == 0 {
		q.limit = rapid.IntRange(0, 4).Draw(t, "limit")
	}
	if rapid.IntRange(0, 3).Draw(t, "passing") == 0 {
		q.offset = rapid.IntRange(0, 3).Draw(t, "offset")
	}
	if rapid.IntRange(0, 5).Draw(t, "locking") == 0 {
		q.lock = rapid.SampledFrom([]string{"for update", "skip locked", "no wait"}).Draw(t, "lock")
	}
	return q
}

func (q query[T]) String() string {
	var s strings.Builder
	s.WriteString(q.k.model.Name())
	for _, c := range q.conds {
		s.WriteString(" where " + c.text)
	}
	for _, o := range q.orders {
		s.WriteString(" order by " + o.text)
	}
	fmt.Fprintf(&s, " limit %d offset %d deleted %v %s", q.limit, q.offset, q.deleted, q.lock)
	return s.String()
}

func (q query[T]) build(scope rowhouse.Scope) rowhouse.Query[T] {
	table := q.k.model.In(scope)
	if q.deleted {
		table = table.WithDeleted()
	}
	b := table.Where()
	for _, c := range q.conds {
		b = b.Where(c.pred)
	}
	for _, o := range q.orders {
		b = b.OrderBy(o.by)
	}
	if q.limit >= 0 {
		b = b.Limit(q.limit)
	}
	if q.offset > 0 {
		b = b.Offset(q.offset)
	}
	switch q.lock {
	case "for update":
		b = b.ForUpdate()
	case "skip locked":
		b = b.SkipLocked()
	case "no wait":
		b = b.NoWait()
	}
	return b
}

// refused is the error for a lock where there can be none.
func (q query[T]) refused(d *desk) []error {
	switch {
	case q.lock != "" && !d.inTx:
		return []error{rowhouse.ErrInvalid}
	case q.lock != "" && q.lock != "for update" && !d.s.engine.rowLocks:
		return []error{rowhouse.ErrUnsupported}
	}
	return nil
}

// matching are the model's rows, sorted, without regard to limit and offset.
func (q query[T]) matching(s *store) []T {
	var rows []T
	all := q.k.rows(s)
	for _, key := range sortedKeys(all) {
		row := all[key]
		if q.k.matches(s, &row, q.conds, q.deleted) {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b T) int { return compareBy(q.orders, &a, &b) })
	return rows
}

func (k *kind[T]) matches(s *store, row *T, conds []cond[T], deleted bool) bool {
	if k.deleted != nil && !deleted && *k.deleted(row) != nil {
		return false
	}
	return !slices.ContainsFunc(conds, func(c cond[T]) bool { return c.holds(s, row) != yes })
}

func compareBy[T any](orders []order[T], a, b *T) int {
	for _, o := range orders {
		if c := o.compare(a, b); c != 0 {
			return c
		}
	}
	return 0
}

// compare checks rows that came against those that match.
func (q query[T]) compare(d *desk, got []T, skip, limit int) error {
	if err := own(d, q.k, got); err != nil || !d.exact {
		return err
	}
	return compareRows(q.k, q.orders, q.matching(d.model), got, skip, limit)
}

// compareRows checks rows that came against those that are there, passing over skip and no more than
// limit. Where the order leaves open which of several equal rows comes first, any may.
func compareRows[T any](k *kind[T], orders []order[T], rows, got []T, skip, limit int) error {
	want := rows[min(skip, len(rows)):]
	if limit >= 0 {
		want = want[:min(limit, len(want))]
	}
	if len(got) != len(want) {
		return fmt.Errorf("%d rows came, not %d: %s, not %s", len(got), len(want), show(got), show(want))
	}
	left := map[string][]T{} // a row comes as often as it is there
	for _, row := range rows {
		left[k.key(&row)] = append(left[k.key(&row)], row)
	}
	for i := range got {
		key := k.key(&got[i])
		if len(left[key]) == 0 || !reflect.DeepEqual(left[key][0], got[i]) {
			return fmt.Errorf("row %d is %s; of what matches that is left, %s", i, show(got[i]), show(left[key]))
		}
		left[key] = left[key][1:]
		if compareBy(orders, &got[i], &want[i]) != 0 {
			return fmt.Errorf("row %d is %s, not %s: the order is wrong", i, show(got[i]), show(want[i]))
		}
	}
	return nil
}
