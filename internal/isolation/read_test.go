package isolation

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

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
