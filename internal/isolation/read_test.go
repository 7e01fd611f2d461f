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
	fields := slices.Concat(k.fields, k.keyed)
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
		if q.k.matches(&row, q.conds, q.deleted) {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b T) int { return compareBy(q.orders, &a, &b) })
	return rows
}

func (k *kind[T]) matches(row *T, conds []cond[T], deleted bool) bool {
	if k.deleted != nil && !deleted && *k.deleted(row) != nil {
		return false
	}
	return !slices.ContainsFunc(conds, func(c cond[T]) bool { return c.holds(row) != yes })
}

func compareBy[T any](orders []order[T], a, b *T) int {
	for _, o := range orders {
		if c := o.compare(a, b); c != 0 {
			return c
		}
	}
	return 0
}

// compare checks rows that came against those that match, passing over skip and no more than
// limit. Where the order leaves open which of several equal rows comes first, any may.
func (q query[T]) compare(d *desk, got []T, skip, limit int) error {
	if err := own(d, q.k, got); err != nil || !d.exact {
		return err
	}
	rows := q.matching(d.model)
	want := rows[min(skip, len(rows)):]
	if limit >= 0 {
		want = want[:min(limit, len(want))]
	}
	if len(got) != len(want) {
		return fmt.Errorf("%d rows came, not %d: %s, not %s", len(got), len(want), show(got), show(want))
	}
	left := map[string]T{}
	for _, row := range rows {
		left[q.k.key(&row)] = row
	}
	for i := range got {
		row, ok := left[q.k.key(&got[i])]
		if !ok || !reflect.DeepEqual(row, got[i]) {
			return fmt.Errorf("row %d is %s; of what matches that is left, %s", i, show(got[i]), show(row))
		}
		delete(left, q.k.key(&got[i]))
		if compareBy(q.orders, &got[i], &want[i]) != 0 {
			return fmt.Errorf("row %d is %s, not %s: the order is wrong", i, show(got[i]), show(want[i]))
		}
	}
	return nil
}

// readAct runs a query in one of the ways there are.
type readAct[T any] struct {
	query[T]
	how  string
	stop int // after how many rows the loop is left
}

func drawRead[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return readAct[T]{
			query: drawQuery(t, k), stop: rapid.IntRange(1, 6).Draw(t, "stop"),
			how: rapid.SampledFrom([]string{"all", "each", "first", "one", "count", "exists", "pages"}).Draw(t, "how"),
		}
	})
}

func (a readAct[T]) String() string {
	return fmt.Sprintf("%s (stop at %d) of %s", a.how, a.stop, a.query)
}

func (a readAct[T]) run(d *desk) (failed, wrong error) {
	a.lock = d.locking(a.lock)
	switch a.how {
	case "all":
		rows, err := a.build(d.scope).All(d.ctx)
		return a.judged(d, rows, err, a.limit)
	case "each":
		return a.each(d)
	case "first", "one":
		return a.single(d)
	case "count":
		return a.count(d)
	case "exists":
		return a.exists(d)
	}
	return a.pages(d)
}

func (a readAct[T]) judged(d *desk, rows []T, err error, limit int) (failed, wrong error) {
	ok, failed, wrong := d.judge(err, a.refused(d)...)
	if wrong == nil && (ok || !d.exact) {
		wrong = a.compare(d, rows, a.offset, limit)
	}
	return failed, wrong
}

// each leaves the loop early, or after an error of its body as an application would.
func (a readAct[T]) each(d *desk) (failed, wrong error) {
	var rows []T
	var err error
	for row, e := range a.build(d.scope).Each(d.ctx) {
		if err = e; err != nil {
			break
		}
		if rows = append(rows, row); len(rows) == a.stop {
			break
		}
	}
	limit := a.stop
	if a.limit >= 0 {
		limit = min(limit, a.limit)
	}
	return a.judged(d, rows, err, limit)
}

func (a readAct[T]) single(d *desk) (failed, wrong error) {
	q := a.query
	if len(q.orders) == 0 {
		for _, o := range q.k.byKey {
			q.orders = append(q.orders, order[T]{by: o, compare: func(x, y *T) int { return strings.Compare(q.k.key(x), q.k.key(y)) }})
		}
	}
	left := max(0, len(q.matching(d.model))-q.offset)
	if a.limit >= 0 {
		left = min(left, a.limit)
	}
	var row T
	var err error
	if a.how == "first" {
		left = min(left, 1)
		row, err = a.build(d.scope).First(d.ctx)
	} else {
		row, err = a.build(d.scope).One(d.ctx)
	}
	may := a.refused(d)
	switch {
	case len(may) > 0:
	case left == 0:
		may = []error{rowhouse.ErrNotFound}
	case left > 1:
		may = []error{rowhouse.ErrMultiple}
	}
	ok, failed, wrong := d.judge(err, may...)
	if wrong == nil && (ok || !d.exact && err == nil) {
		wrong = q.compare(d, []T{row}, q.offset, 1)
	}
	return failed, wrong
}

func (a readAct[T]) count(d *desk) (failed, wrong error) {
	q := a.query
	q.lock = "" // engines do not lock what they aggregate
	n, err := q.build(d.scope).Count(d.ctx)
	var may []error
	if q.limit >= 0 || q.offset > 0 {
		may = []error{rowhouse.ErrInvalid}
	}
	ok, failed, wrong := d.judge(err, may...)
	if want := len(q.matching(d.model)); ok && n != int64(want) {
		return mismatch("counted %d rows, not %d", n, want)
	}
	return failed, wrong
}

func (a readAct[T]) exists(d *desk) (failed, wrong error) {
	is, err := a.build(d.scope).Exists(d.ctx)
	may := a.refused(d)
	if a.limit == 0 {
		may = nil // nothing is asked
	}
	ok, failed, wrong := d.judge(err, may...)
	if want := a.limit != 0 && len(a.matching(d.model)) > a.offset; ok && is != want {
		return mismatch("exists is %v, not %v", is, want)
	}
	return failed, wrong
}

// pages reads all that matches, page by page, and counts it with the same query.
func (a readAct[T]) pages(d *desk) (failed, wrong error) {
	q := a.query
	q.limit, q.offset, q.lock = -1, 0, ""
	whole := q.build(d.scope)
	page := whole.Limit(a.stop)
	var rows []T
	for {
		some, err := page.All(d.ctx)
		if ok, failed, wrong := d.judge(err); !ok && (d.exact || err != nil) {
			return failed, wrong
		}
		rows = append(rows, some...)
		if len(some) < a.stop || len(rows) > 1000 {
			break
		}
		page = page.After(some[len(some)-1])
	}
	if wrong := q.compare(d, rows, 0, -1); wrong != nil {
		return mismatch("page by page, %w", wrong)
	}
	n, err := whole.Count(d.ctx)
	ok, failed, wrong := d.judge(err)
	if ok && n != int64(len(rows)) {
		return mismatch("counted %d rows, and %d came page by page", n, len(rows))
	}
	return failed, wrong
}

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
		if row, ok = a.k.rows(d.model)[a.k.key(&row)]; ok && a.k.matches(&row, nil, a.deleted) {
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
