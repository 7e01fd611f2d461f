package isolation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// acrossAct reads many tenants at once: those that the goroutine alone works on, whose rows are known, or
// all that there are.
type acrossAct[T any] struct {
	query[T]
	how   string
	wide  bool // also of those whose rows are not known
	going bool
	conns int
	page  int
	what  computation[T]
	apart bool
}

func drawAcross[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		q := drawQuery(t, k)
		q.offset, q.lock = 0, ""
		return acrossAct[T]{
			query: q, wide: rapid.IntRange(0, 2).Draw(t, "wide") == 0, going: rapid.Bool().Draw(t, "going"),
			how:   rapid.SampledFrom([]string{"all", "each", "pages", "count", "compute", "compute"}).Draw(t, "how"),
			conns: rapid.IntRange(1, 3).Draw(t, "connections"), page: rapid.IntRange(1, 5).Draw(t, "page"),
			what: drawComputation(t, k), apart: rapid.Bool().Draw(t, "apart"),
		}
	})
}

func (a acrossAct[T]) String() string {
	return fmt.Sprintf("across (wide %v, going %v, %d connections): %s in pages of %d, or %s (apart %v), of %s",
		a.wide, a.going, a.conns, a.how, a.page, a.what.text, a.apart, a.query)
}

// run leaves transactions out: an Across is in none, and would wait for a connection that they have.
func (a acrossAct[T]) run(d *desk) (failed, wrong error) {
	if d.inTx {
		return nil, nil
	}
	var ids []string
	for _, at := range d.s.places {
		if _, own := d.own[at.id]; own || a.wide {
			ids = append(ids, at.id)
		}
	}
	a.wide = a.wide || !d.exact
	slices.Sort(ids)
	ctx := context.WithValue(d.ctx, who{}, ids)
	switch a.how {
	case "count":
		return a.count(ctx, d, ids)
	case "compute":
		return a.compute(ctx, d, ids)
	}
	rows, err := a.read(ctx, d, ids)
	if failed, wrong := a.judged(d, ids, err); err != nil || wrong != nil {
		return failed, wrong
	}
	return nil, a.checkRows(d, ids, rows)
}

func (a acrossAct[T]) on(d *desk, ids []string) rowhouse.Across[T] {
	on := a.k.model.Across(d.s.db.Only(ids...)).Connections(a.conns)
	if a.going {
		on = on.KeepGoing()
	}
	if a.deleted {
		on = on.WithDeleted()
	}
	for _, c := range a.conds {
		on = on.Where(c.pred)
	}
	return on
}

func (a acrossAct[T]) read(ctx context.Context, d *desk, ids []string) (rows []rowhouse.TenantRow[T], err error) {
	on := a.on(d, ids)
	for _, o := range a.orders {
		on = on.OrderBy(o.by)
	}
	if a.how == "pages" {
		return a.pages(ctx, on.Limit(a.page))
	}
	if a.limit >= 0 {
		on = on.Limit(a.limit)
	}
	if a.how == "all" {
		return on.All(ctx)
	}
	for row, err := range on.Each(ctx) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (a acrossAct[T]) pages(ctx context.Context, page rowhouse.Across[T]) (rows []rowhouse.TenantRow[T], err error) {
	for {
		some, err := page.All(ctx)
		if err != nil {
			return nil, err
		}
		if rows = append(rows, some...); len(some) < a.page || len(rows) > 1000 {
			return rows, nil
		}
		page = page.After(some[len(some)-1])
	}
}

// judged looks at errors: of tenants that others work on, what concurrency explains.
func (a acrossAct[T]) judged(d *desk, ids []string, err error) (failed, wrong error) {
	var e *rowhouse.StatementError
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &e) && e.Tenant != "" && !slices.Contains(ids, e.Tenant):
		return mismatch("the error names tenant %q: %w", e.Tenant, err)
	case strings.Contains(err.Error(), canaryMark):
		return mismatch("the error quotes a row: %w", err)
	case rowhouse.IsRetryable(err), d.s.patient && errors.Is(err, rowhouse.ErrCatalog):
		return err, nil
	}
	return mismatch("unexpected error: %w", err)
}

// checkRows compares the rows with those of the models, in their order. Of tenants that others work on
// it can be told only whose they are.
func (a acrossAct[T]) checkRows(d *desk, ids []string, got []rowhouse.TenantRow[T]) error {
	for _, row := range got {
		if c := *a.k.canary(&row.Value); c != canary(row.Tenant) || !slices.Contains(ids, row.Tenant) {
			return fmt.Errorf("breach: a row of tenant %q has %q: %s", row.Tenant, c, show(row.Value))
		}
	}
	limited := a.how != "pages" && a.limit >= 0
	if limited && len(got) > a.limit {
		return fmt.Errorf("%d rows came, not %d at most", len(got), a.limit)
	}
	if len(a.orders) == 0 && !limited && a.how != "pages" {
		got = slices.SortedFunc(slices.Values(got), a.between)
	}
	if !slices.IsSortedFunc(got, a.between) {
		return fmt.Errorf("the rows are in another order than %s", a.query)
	}
	if a.wide {
		return nil
	}
	want := a.known(d, ids)
	if limited {
		want = want[:min(a.limit, len(want))]
	}
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		return fmt.Errorf("the rows across tenants are %s, not %s", show(got), show(want))
	}
	return nil
}

// between is the order of rows of many tenants.
func (a acrossAct[T]) between(x, y rowhouse.TenantRow[T]) int {
	return cmp.Or(compareBy(a.orders, &x.Value, &y.Value), strings.Compare(x.Tenant, y.Tenant),
		strings.Compare(a.k.key(&x.Value), a.k.key(&y.Value)))
}

// known are the rows of the models, in their order.
func (a acrossAct[T]) known(d *desk, ids []string) (rows []rowhouse.TenantRow[T]) {
	for _, id := range ids {
		for _, row := range a.matching(d.own[id]) {
			rows = append(rows, rowhouse.TenantRow[T]{Tenant: id, Value: row})
		}
	}
	slices.SortStableFunc(rows, a.between)
	return rows
}

func (a acrossAct[T]) count(ctx context.Context, d *desk, ids []string) (failed, wrong error) {
	n, err := a.on(d, ids).Count(ctx)
	failed, wrong = a.judged(d, ids, err)
	if err != nil || wrong != nil || a.wide {
		return failed, wrong
	}
	if want := len(a.known(d, ids)); n != int64(want) {
		return mismatch("counted %d rows across tenants, not %d", n, want)
	}
	return nil, nil
}

func (a acrossAct[T]) compute(ctx context.Context, d *desk, ids []string) (failed, wrong error) {
	got, err := a.what.asked(ctx, a.k, a.on(d, ids), a.apart)
	if failed, wrong := a.judged(d, ids, err); err != nil || wrong != nil {
		return failed, wrong
	}
	var rows []T
	if !a.wide {
		for _, row := range a.known(d, ids) {
			rows = append(rows, row.Value)
		}
	}
	return nil, checkComputed(got, a.what.expect(a.k, rows, a.apart), !a.wide, ids...)
}
