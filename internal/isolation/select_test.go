package isolation

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// computation is something computed of a column over some rows, in both words. Its results are texts, in
// an order of their own, with the canaries of those whose rows they are of.
type computation[T any] struct {
	text   string
	asked  func(ctx context.Context, k *kind[T], from rowhouse.Selectable[T], apart bool) ([]result, error)
	expect func(k *kind[T], rows []T, apart bool) []result
}

// result is one of them.
type result struct{ text, least, most string }

// group is what groups are read into.
type group[V any] struct {
	Tenant string
	Key    *V
	N      int64
	Least  string
	Most   string
}

// tally is what is computed without groups.
type tally[V any] struct {
	Value *V
	N     int64
	Least *string
	Most  *string
}

// compute draws one for the column.
func (v values[T, V]) compute(t *rapid.T) computation[T] {
	hows := []string{"group", "distinct", "count"}
	if v.add {
		hows = append(hows, "sum", "sum")
	}
	if !v.unsized && sizable[V]() {
		hows = append(hows, "min", "max")
	}
	how := rapid.SampledFrom(hows).Draw(t, "how")
	least := rapid.Int64Range(0, 2).Draw(t, "least")
	switch how {
	case "group":
		return v.grouping(least)
	case "distinct":
		return v.distinction()
	}
	return v.aggregation(how)
}

// sizable reports whether every engine has a smallest of the values.
func sizable[V any]() bool {
	switch any(*new(V)).(type) {
	case bool, [16]byte:
		return false
	}
	return true
}

// spelt is the value as a text.
func spelt[V any](v *V) string {
	if v == nil {
		return "NULL"
	}
	if at, is := any(*v).(time.Time); is {
		return at.UTC().String()
	}
	return fmt.Sprint(*v)
}

func (v values[T, V]) at(row *T) *V {
	if value, ok := v.get(row); ok {
		return &value
	}
	return nil
}

// grouping counts the rows for each value, where there are more than some, and each tenant's by
// themselves where they are kept apart.
func (v values[T, V]) grouping(least int64) computation[T] {
	c := computation[T]{text: fmt.Sprintf("groups of %s, with more than %d", v.column.Name(), least)}
	c.asked = func(ctx context.Context, k *kind[T], from rowhouse.Selectable[T], apart bool) (list []result, err error) {
		own := rowhouse.Col(k.model, k.canary)
		count, tenant := rowhouse.Count[T](), rowhouse.TenantOf[T]()
		var whose rowhouse.AnyValue[T] = rowhouse.Literal[T]("").As("tenant")
		by := []rowhouse.AnyValue[T]{v.column}
		if apart {
			whose, by = tenant, append(by, tenant)
		}
		groups := rowhouse.Select[group[V]](from, whose, v.column.As("key"), count.As("n"),
			rowhouse.Min(own).As("least"), rowhouse.Max(own).As("most")).GroupBy(by...).Having(count.Gt(least))
		for g, e := range groups.Each(ctx) {
			if err = e; err != nil {
				break
			}
			list = append(list, result{fmt.Sprintf("%q %s: %d", g.Tenant, spelt(g.Key), g.N), g.Least, g.Most})
		}
		return list, err
	}
	c.expect = func(k *kind[T], rows []T, apart bool) (list []result) {
		groups := map[string][]T{}
		for _, row := range rows {
			whose := ""
			if apart {
				whose = strings.TrimPrefix(*k.canary(&row), canaryMark)
			}
			name := fmt.Sprintf("%q %s", whose, spelt(v.at(&row)))
			groups[name] = append(groups[name], row)
		}
		for name, of := range groups {
			if n := int64(len(of)); n > least {
				list = append(list, result{fmt.Sprintf("%s: %d", name, n), smallest(k, of), greatest(k, of)})
			}
		}
		return list
	}
	return c
}

func smallest[T any](k *kind[T], rows []T) string { return slices.Min(canaries(k, rows)) }
func greatest[T any](k *kind[T], rows []T) string { return slices.Max(canaries(k, rows)) }

func canaries[T any](k *kind[T], rows []T) []string {
	list := make([]string, len(rows))
	for i := range rows {
		list[i] = *k.canary(&rows[i])
	}
	return list
}

// distinction reads each value once.
func (v values[T, V]) distinction() computation[T] {
	c := computation[T]{text: "distinct " + v.column.Name()}
	type seen struct {
		Key    *V
		Canary string
	}
	c.asked = func(ctx context.Context, k *kind[T], from rowhouse.Selectable[T], _ bool) (list []result, err error) {
		d := rowhouse.Select[seen](from, v.column.As("key"), rowhouse.Col(k.model, k.canary).As("canary")).Distinct()
		all, err := d.All(ctx)
		for _, s := range all {
			list = append(list, result{spelt(s.Key), s.Canary, s.Canary})
		}
		return list, err
	}
	c.expect = func(k *kind[T], rows []T, _ bool) []result {
		seen := map[result]bool{}
		for _, row := range rows {
			seen[result{spelt(v.at(&row)), *k.canary(&row), *k.canary(&row)}] = true
		}
		return slices.Collect(maps.Keys(seen))
	}
	return c
}

// aggregation is one aggregate of all rows, beside their number.
func (v values[T, V]) aggregation(how string) computation[T] {
	c := computation[T]{text: how + " of " + v.column.Name()}
	c.asked = func(ctx context.Context, k *kind[T], from rowhouse.Selectable[T], _ bool) ([]result, error) {
		own := rowhouse.Col(k.model, k.canary)
		of, n := rowhouse.Expr[T, V]{}, rowhouse.CountOf(v.column)
		switch how {
		case "sum":
			of = rowhouse.Sum(v.column)
		case "min":
			of = rowhouse.Min(v.column)
		case "max":
			of = rowhouse.Max(v.column)
		case "count":
			n, err := rowhouse.Compute(ctx, from, n)
			return []result{{strconv.FormatInt(n, 10), "", ""}}, err
		}
		t, err := rowhouse.Select[tally[V]](from, of.As("value"), n.As("n"), rowhouse.Min(own).As("least"), rowhouse.Max(own).As("most")).One(ctx)
		r := result{text: fmt.Sprintf("%s of %d", spelt(t.Value), t.N)}
		if t.Least != nil && t.Most != nil {
			r.least, r.most = *t.Least, *t.Most
		}
		return []result{r}, err
	}
	c.expect = func(k *kind[T], rows []T, _ bool) []result {
		var value *V
		n := 0
		for _, row := range rows {
			if x := v.at(&row); x != nil {
				n++
				value = v.with(how, value, *x)
			}
		}
		if how == "count" {
			return []result{{strconv.Itoa(n), "", ""}}
		}
		if value == nil && how == "sum" {
			value = new(V)
		}
		r := result{text: fmt.Sprintf("%s of %d", spelt(value), n)}
		if len(rows) > 0 {
			r.least, r.most = smallest(k, rows), greatest(k, rows)
		}
		return []result{r}
	}
	return c
}

func (v values[T, V]) with(how string, so *V, x V) *V {
	switch {
	case so == nil || how == "min" && v.compare(x, *so) < 0 || how == "max" && v.compare(x, *so) > 0:
		return &x
	case how == "sum":
		x = sum(*so, x)
		return &x
	}
	return so
}

// checkComputed compares results with those of the rows there should be. The canaries must be of these
// tenants in any case.
func checkComputed(got, want []result, exact bool, tenants ...string) error {
	own := make([]string, len(tenants))
	for i, id := range tenants {
		own[i] = canary(id)
	}
	for _, r := range got {
		for _, c := range []string{r.least, r.most} {
			if c != "" && !slices.Contains(own, c) {
				return fmt.Errorf("breach: a row of tenants %q was computed with, of %q", tenants, c)
			}
		}
	}
	byText := func(a, b result) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
	slices.SortFunc(got, byText)
	slices.SortFunc(want, byText)
	if exact && len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		return fmt.Errorf("computed %v, not %v", got, want)
	}
	return nil
}

// selectAct computes something of the rows that match.
type selectAct[T any] struct {
	query[T]
	what  computation[T]
	apart bool
}

func drawSelect[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		q := drawQuery(t, k)
		q.orders, q.limit, q.offset, q.lock = nil, -1, 0, ""
		return selectAct[T]{query: q, what: drawComputation(t, k), apart: rapid.Bool().Draw(t, "apart")}
	})
}

func drawComputation[T any](t *rapid.T, k *kind[T]) computation[T] {
	return rapid.SampledFrom(slices.Concat(k.fields, k.keyed)).Draw(t, "of").compute.Draw(t, "compute")
}

func (a selectAct[T]) String() string {
	return fmt.Sprintf("%s (apart %v) of %s", a.what.text, a.apart, a.query)
}

func (a selectAct[T]) run(d *desk) (failed, wrong error) {
	got, err := a.what.asked(d.ctx, a.k, a.build(d.scope), a.apart)
	ok, failed, wrong := d.judge(err)
	if wrong == nil && (ok || err == nil) {
		wrong = checkComputed(got, a.what.expect(a.k, a.matching(d.model), a.apart), d.exact, d.at.id)
	}
	return failed, wrong
}
