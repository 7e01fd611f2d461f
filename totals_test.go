package rowhouse_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/fleet"
)

// tradeEverywhere runs a test on each engine, over two tenants in each placement.
func tradeEverywhere(t *testing.T, fn func(t *testing.T, db *rowhouse.DB, ids []string)) {
	t.Helper()
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			drv, prefix := e.open(t)
			db := openFleet(t, drv, prefix, trade)
			var ids []string
			for name := range placements(prefix) {
				ids = append(ids, name, name+"_2")
			}
			slices.Sort(ids)
			fn(t, db, ids)
		})
	}
}

// combinable are the figures without the one that tenants' parts do not add up to.
var combinable = slices.Concat(figureValues[:2], figureValues[3:], []rowhouse.AnyValue[Sale]{lit[int64](0).As("kinds")})

// withoutKinds are figures as they are combined.
func withoutKinds(f figures) figures {
	f.Kinds = 0
	return f
}

// TestAcrossAggregates compares what is put together of all tenants with the same in Go, over the rows
// of all of them.
func TestAcrossAggregates(t *testing.T) {
	tradeEverywhere(t, func(t *testing.T, db *rowhouse.DB, ids []string) {
		ctx := t.Context()
		rows := map[string][]Sale{}
		for i, id := range ids {
			rows[id] = randomSales(t, tenantOf(t, db, id), 7*i) // the first has none
		}
		all := slices.Concat(slices.Collect(maps.Values(rows))...)
		keys, groups := grouped(all, func(s *Sale) string { return s.Shop })
		want := make([]figures, len(keys))
		for i, k := range keys {
			want[i] = withoutKinds(figuresOf(k, groups[k]))
		}
		a := sales.Across(db.All())
		byShop := rowhouse.Select[figures](a, append(combinable, saleShop)...).GroupBy(saleShop)
		got, err := byShop.All(ctx)
		if ok(t, err); !reflect.DeepEqual(got, want) {
			t.Errorf("by shop:\n%+v\nwant\n%+v", got, want)
		}
		if n, err := byShop.Count(ctx); err != nil || n != int64(len(keys)) {
			t.Errorf("%d groups, %v", n, err)
		}
		total, err := rowhouse.Select[figures](a, append(combinable, lit("").As("shop"))...).One(ctx)
		if ok(t, err); !reflect.DeepEqual(total, withoutKinds(figuresOf("", all))) {
			t.Errorf("in all %+v, want %+v", total, figuresOf("", all))
		}
		few, err := rowhouse.Compute(ctx, a.Where(saleShop.Eq(keys[0])), rowhouse.Sum(saleBig))
		if ok(t, err); few != sumOf(groups[keys[0]]) {
			t.Errorf("the sum is %d, want %d", few, sumOf(groups[keys[0]]))
		}
		testAcrossTenants(t, a, ids, rows)
		testAcrossHaving(t, a, keys, groups)
		testAcrossMonths(t, a, all)
		testAcrossDistinct(t, a, all)
	})
}

func sumOf(rows []Sale) (sum int64) {
	for i := range rows {
		sum += rows[i].Big
	}
	return sum
}

// testAcrossTenants keeps the groups of tenants apart, so that everything can be computed of them.
func testAcrossTenants(t *testing.T, a rowhouse.Across[Sale], ids []string, rows map[string][]Sale) {
	t.Helper()
	tenant := rowhouse.TenantOf[Sale]()
	type load struct {
		Tenant  string
		Figures int64
		Kinds   int64
		Twice   int64
	}
	var want []load
	for _, id := range ids {
		if n := int64(len(rows[id])); n > 7 {
			want = append(want, load{id, n, figuresOf("", rows[id]).Kinds, 2 * n})
		}
	}
	slices.SortStableFunc(want, func(a, b load) int { return cmp.Compare(b.Figures, a.Figures) })
	count := rowhouse.Count[Sale]()
	loads := rowhouse.Select[load](a.OrderBy(count.Desc()), tenant, count.As("figures"), rowhouse.CountDistinct(saleNote).As("kinds"),
		rowhouse.Add(count, count).As("twice")).GroupBy(tenant).Having(count.Gt(7))
	got, err := loads.All(t.Context())
	if ok(t, err); !slices.Equal(got, want) {
		t.Errorf("by tenant: %+v, want %+v", got, want)
	}
	first, err := rowhouse.Select[load](a.OrderBy(tenant.Desc()).Limit(1), tenant, count.As("figures"), lit[int64](0).As("kinds"),
		lit[int64](7).As("twice")).GroupBy(tenant).All(t.Context())
	if ok(t, err); !slices.Equal(first, []load{{ids[len(ids)-1], int64(len(rows[ids[len(ids)-1]])), 0, 7}}) {
		t.Errorf("the last tenant is %+v", first)
	}
	names, err := rowhouse.Select[string](a, tenant).Distinct().All(t.Context())
	if ok(t, err); !slices.Equal(names, ids[1:]) {
		t.Errorf("tenants with sales are %q", names)
	}
	lone, err := rowhouse.Select[string](a.Where(tenant.In(ids[2], "nobody")), tenant).Distinct().One(t.Context())
	if ok(t, err); lone != ids[2] {
		t.Errorf("the one tenant is %q", lone)
	}
}

func testAcrossHaving(t *testing.T, a rowhouse.Across[Sale], keys []string, groups map[string][]Sale) {
	t.Helper()
	count, sum := rowhouse.Count[Sale](), rowhouse.Sum(saleUnits)
	middle := int64(len(groups[keys[len(keys)/2]]))
	for name, c := range map[string]struct {
		p     rowhouse.Predicate[Sale]
		holds func(rows []Sale) bool
	}{
		"count": {count.Gt(middle), func(rows []Sale) bool { return int64(len(rows)) > middle }},
		"between": {count.Between(middle, middle+3), func(rows []Sale) bool {
			return int64(len(rows)) >= middle && int64(len(rows)) <= middle+3
		}},
		"in": {count.In(middle, -1), func(rows []Sale) bool { return int64(len(rows)) == middle }},
		"or": {
			rowhouse.Or(sum.Lt(0), saleShop.Eq(keys[0])),
			func(rows []Sale) bool { return figuresOf("", rows).Units < 0 || rows[0].Shop == keys[0] },
		},
		"not": {
			rowhouse.Not(rowhouse.And(sum.Lt(0), count.Ne(0))), func(rows []Sale) bool { return figuresOf("", rows).Units >= 0 },
		},
		"null": {
			rowhouse.Max(saleReturned).IsNull(), func(rows []Sale) bool { return figuresOf("", rows).Most == nil },
		},
		"unknown": {
			rowhouse.Not(rowhouse.Max(saleReturned).Gt(3)),
			func(rows []Sale) bool { most := figuresOf("", rows).Most; return most != nil && *most <= 3 },
		},
		"unknown, and false": {
			rowhouse.Not(rowhouse.And(rowhouse.Max(saleReturned).Gt(math.MaxInt64), count.Lt(0))), func([]Sale) bool { return true },
		},
		"like": {saleShop.Like("%o%"), func(rows []Sale) bool { return strings.Contains(rows[0].Shop, "o") }},
		"compared": {rowhouse.Compare(rowhouse.CountOf(saleNote), "<", count), func(rows []Sale) bool {
			return figuresOf("", rows).Notes < int64(len(rows))
		}},
		"chosen": {
			rowhouse.When(count.Gt(middle), rowhouse.Coalesce(rowhouse.Max(saleReturned), lit[int64](-1))).Else(lit[int64](5)).Gt(3),
			func(rows []Sale) bool {
				most := figuresOf("", rows).Most
				return int64(len(rows)) <= middle || most != nil && *most > 3
			},
		},
		"price": {rowhouse.Max(salePrice).Ge("10.5"), func(rows []Sale) bool {
			return slices.ContainsFunc(rows, func(s Sale) bool { return decimalOf(t, s.Price).Cmp(decimalOf(t, "10.5")) >= 0 })
		}},
	} {
		var want []string
		for _, k := range keys {
			if c.holds(groups[k]) {
				want = append(want, k)
			}
		}
		slices.SortStableFunc(want, func(a, b string) int { return len(groups[b]) - len(groups[a]) })
		want = want[:min(len(want), 3)]
		got, err := rowhouse.Select[string](a.OrderBy(count.Desc()).Limit(3), saleShop).GroupBy(saleShop).Having(c.p).All(t.Context())
		if ok(t, err); !slices.Equal(got, want) {
			t.Errorf("having %s: %q, want %q", name, got, want)
		}
	}
}

// testAcrossMonths groups by expressions, one with arguments and one with NULL.
func testAcrossMonths(t *testing.T, a rowhouse.Across[Sale], rows []Sale) {
	t.Helper()
	type month struct {
		Label string
		Seen  *time.Time
		N     int
		Loud  string
	}
	label, seen := rowhouse.Concat(rowhouse.Coalesce(saleNote, lit("-")), lit("!")), rowhouse.Truncate(saleSeenAt, rowhouse.Month)
	got, err := rowhouse.Select[month](a.OrderBy(seen.Desc().NullsLast(), label.Asc()), label.As("label"), seen.As("seen"),
		rowhouse.Count[Sale]().As("n"), lit("x").As("loud")).GroupBy(label, seen).Having(rowhouse.Count[Sale]().Ge(1)).All(t.Context())
	ok(t, err)
	type key struct {
		label string
		seen  int64
	}
	want := map[key]int{}
	for _, r := range rows {
		k := key{"-!", math.MinInt64}
		if r.Note != nil {
			k.label = *r.Note + "!"
		}
		if r.SeenAt != nil {
			k.seen = beginning(*r.SeenAt, rowhouse.Month).UnixMicro()
		}
		want[k]++
	}
	before := key{"", math.MaxInt64}
	for _, m := range got {
		k := key{m.Label, math.MinInt64}
		if m.Seen != nil {
			k.seen = m.Seen.UnixMicro()
		}
		if want[k] != m.N || m.Loud != "x" {
			t.Errorf("%+v: %d, want %d", k, m.N, want[k])
		}
		if k.seen > before.seen || k.seen == before.seen && k.label <= before.label {
			t.Errorf("%+v comes after %+v", k, before)
		}
		before = k
		delete(want, k)
	}
	if len(want) > 0 {
		t.Errorf("without %+v", want)
	}
}

func testAcrossDistinct(t *testing.T, a rowhouse.Across[Sale], rows []Sale) {
	t.Helper()
	kinds := map[string]bool{}
	for _, r := range rows {
		kinds[fmt.Sprint(r.Shop, r.Paid)] = true
	}
	type kind struct {
		Shop string
		Paid bool
	}
	distinct := rowhouse.Select[kind](a.OrderBy(salePaid.Desc(), saleShop.Desc()), saleShop, salePaid).Distinct()
	n, err := distinct.Count(t.Context())
	if ok(t, err); n != int64(len(kinds)) {
		t.Errorf("%d are distinct, want %d", n, len(kinds))
	}
	var got []kind
	for k, err := range distinct.Each(t.Context()) {
		ok(t, err)
		got = append(got, k)
	}
	if len(got) != len(kinds) || !slices.IsSortedFunc(got, func(a, b kind) int {
		return cmp.Or(cmp.Compare(strconv.FormatBool(b.Paid), strconv.FormatBool(a.Paid)), strings.Compare(b.Shop, a.Shop))
	}) {
		t.Errorf("distinct: %+v", got)
	}
	ones, err := rowhouse.Select[int](a, rowhouse.When(rowhouse.Count[Sale]().Ge(0), lit(1)).Else(lit(2))).GroupBy(saleShop).
		Having(saleShop.Ne(rows[0].Shop)).Distinct().All(t.Context())
	if ok(t, err); !slices.Equal(ones, []int{1}) {
		t.Errorf("distinct results of groups: %v", ones)
	}
}

// TestAcrossSums has sums be exact where tenants' parts are not small.
func TestAcrossSums(t *testing.T) {
	tradeEverywhere(t, func(t *testing.T, db *rowhouse.DB, ids []string) {
		ctx := t.Context()
		a := sales.Across(db.All())
		for i, c := range []struct {
			big   int64
			price string
		}{{math.MaxInt64, "0.10"}, {5, "0.20"}, {-9, "1234567890.07"}} {
			ok(t, sales.In(tenantOf(t, db, ids[i])).Insert(ctx, &Sale{Shop: "north", Big: c.big, Price: c.price, Weight: 0.5, Small: 3}))
		}
		if sum, err := rowhouse.Compute(ctx, a, rowhouse.Sum(saleBig)); err != nil || sum != math.MaxInt64-4 {
			t.Errorf("the sum is %d, %v", sum, err)
		}
		sum, err := rowhouse.Compute(ctx, a, rowhouse.Sum(salePrice))
		if ok(t, err); decimalOf(t, sum).Cmp(decimalOf(t, "1234567890.37")) != 0 {
			t.Errorf("the sum of decimals is %s, %v", sum, err)
		}
		total := 1234567890.37
		if avg, err := rowhouse.Compute(ctx, a, rowhouse.Avg(salePrice)); err != nil || avg != total/3 {
			t.Errorf("the mean of decimals is %v, %v", avg, err)
		}
		if avg, err := rowhouse.Compute(ctx, a, rowhouse.Avg(saleBig)); err != nil || avg != float64(math.MaxInt64-4)/3 {
			t.Errorf("the mean is %v, %v", avg, err)
		}
		if sum, err := rowhouse.Compute(ctx, a, rowhouse.Sum(saleWeight)); err != nil || sum != 1.5 {
			t.Errorf("the sum of floats is %v, %v", sum, err)
		}
		if sum, err := rowhouse.Compute(ctx, a, rowhouse.Sum(saleSmall)); err != nil || sum != 9 {
			t.Errorf("the sum of small ones is %v, %v", sum, err)
		}
		price, err := rowhouse.Compute(ctx, a, rowhouse.Max(salePrice))
		if ok(t, err); decimalOf(t, price).Cmp(decimalOf(t, "1234567890.07")) != 0 {
			t.Errorf("the greatest decimal is %s, %v", price, err)
		}
		ok(t, sales.In(tenantOf(t, db, ids[3])).Insert(ctx, &Sale{Big: 7, Price: "0"}))
		_, err = rowhouse.Compute(ctx, a, rowhouse.Sum(saleBig))
		is(t, err, rowhouse.ErrInvalid)
	})
}

// TestAcrossNothing asks where there are no rows, and no tenants.
func TestAcrossNothing(t *testing.T) {
	tradeEverywhere(t, func(t *testing.T, db *rowhouse.DB, _ []string) {
		ctx := t.Context()
		for name, s := range map[string]rowhouse.Selection{"no rows": db.All(), "no tenants": db.Only()} {
			a := sales.Across(s)
			if sum, err := rowhouse.Compute(ctx, a, rowhouse.Sum(saleBig)); err != nil || sum != 0 {
				t.Errorf("%s: the sum is %d, %v", name, sum, err)
			}
			if sum, err := rowhouse.Compute(ctx, a, rowhouse.Sum(salePrice)); err != nil || decimalOf(t, sum).Sign() != 0 {
				t.Errorf("%s: the sum of decimals is %q, %v", name, sum, err)
			}
			if n, err := rowhouse.Compute(ctx, a, rowhouse.CountOf(saleNote)); err != nil || n != 0 {
				t.Errorf("%s: the number is %d, %v", name, n, err)
			}
			_, err := rowhouse.Compute(ctx, a, rowhouse.Avg(saleBig))
			is(t, err, rowhouse.ErrNull)
			if most, err := rowhouse.Compute(ctx, a, rowhouse.OrNull(rowhouse.Max(saleSoldAt))); err != nil || most != nil {
				t.Errorf("%s: the last is %v, %v", name, most, err)
			}
			groups, err := rowhouse.Select[string](a, saleShop).GroupBy(saleShop).All(ctx)
			if ok(t, err); len(groups) > 0 {
				t.Errorf("%s: %q", name, groups)
			}
			_, err = rowhouse.Select[string](a, saleShop).GroupBy(saleShop).One(ctx)
			is(t, err, rowhouse.ErrNotFound)
		}
	})
}

// TestAcrossAggregateFailures has the results of tenants that did not fail come beside the failures, one
// for each tenant that did.
func TestAcrossAggregateFailures(t *testing.T) {
	tradeEverywhere(t, func(t *testing.T, db *rowhouse.DB, ids []string) {
		ctx := t.Context()
		for _, id := range ids {
			rows := []Sale{{Shop: "north", Big: 1, Price: "1"}, {Shop: "south", Big: 2, Price: "1"}}
			ok(t, sales.In(tenantOf(t, db, id)).InsertMany(ctx, rows))
		}
		ok(t, sales.In(tenantOf(t, db, ids[1])).Insert(ctx, &Sale{Shop: "south", Big: math.MaxInt64, Price: "1"})) // fails when it is added to
		ok(t, fleet.New(db, fleet.Options{}).Suspend(ctx, "schema"))
		home, err := db.Driver().Open(ctx, "")
		ok(t, err)
		_, err = home.Exec(ctx, &driver.Statement{Text: "DROP TABLE " + tenantOf(t, db, "prefix").TableName(sales), Write: true})
		ok(t, err)
		a := sales.Across(db.Only(ids...))
		plus := rowhouse.Max(rowhouse.Add(saleBig, lit[int64](1)))
		_, err = rowhouse.Compute(ctx, a, plus)
		if err == nil || errors.As(err, new(*rowhouse.AcrossError)) {
			t.Errorf("it did not stop: %v", err)
		}
		a = a.KeepGoing()
		most, err := rowhouse.Compute(ctx, a, plus)
		checkPartial(t, err)
		if most != 3 {
			t.Errorf("the greatest is %d", most)
		}
		type sum struct {
			Shop string
			N    int64
		}
		want := []sum{{"north", int64(len(ids)) - 3}, {"south", int64(len(ids)) - 3}}
		sums := rowhouse.Select[sum](a, saleShop, rowhouse.Count[Sale]().As("n")).GroupBy(saleShop).Having(plus.Gt(0))
		got, err := sums.All(ctx)
		if checkPartial(t, err); !slices.Equal(got, want) {
			t.Errorf("the groups are %+v, want %+v", got, want)
		}
		first, err := sums.First(ctx)
		if checkPartial(t, err); first != want[0] {
			t.Errorf("the first is %+v", first)
		}
		n, err := sums.Count(ctx)
		if checkPartial(t, err); n != 2 {
			t.Errorf("%d groups", n)
		}
		var last error
		for _, err := range sums.Each(ctx) {
			last = err
		}
		checkPartial(t, last)
		_, err = sums.One(ctx)
		is(t, err, rowhouse.ErrMultiple)
		is(t, err, rowhouse.ErrNotActive)
	})
}

// checkPartial wants each of the three tenants that fail to be told once.
func checkPartial(t *testing.T, err error) {
	t.Helper()
	partly, is := errors.AsType[*rowhouse.AcrossError](err)
	if !is || len(partly.Failures) != 3 {
		t.Fatalf("the failures are %v", err)
	}
}

// TestAcrossAggregateMisuse asks for what cannot be put together, before any SQL.
func TestAcrossAggregateMisuse(t *testing.T) {
	tradeEverywhere(t, func(t *testing.T, db *rowhouse.DB, ids []string) {
		ctx := t.Context()
		a := sales.Across(db.All())
		one := func(v rowhouse.AnyValue[Sale]) rowhouse.Projection[Sale, int64] { return rowhouse.Select[int64](a, v) }
		acme := sales.In(tenantOf(t, db, ids[0]))
		among := saleID.InQuery(rowhouse.Select[int64](acme, saleID))
		all := saleID.InQuery(rowhouse.Select[int64](a, saleID))
		for name, c := range map[string]struct {
			p    rowhouse.Projection[Sale, int64]
			says string
		}{
			"rows":           {one(saleBig), "All or Each"},
			"distinct":       {one(rowhouse.CountDistinct(saleNote)), "Distinct"},
			"fragment":       {one(rowhouse.AggregateFragment[Sale, int64]("max({})", saleBig)), "compute the rest in Go"},
			"arithmetic":     {one(rowhouse.Add(rowhouse.Sum(saleBig), rowhouse.Count[Sale]())), "compute the rest in Go"},
			"ungrouped":      {one(saleBig).GroupBy(saleShop), "neither grouped by nor an aggregate"},
			"tenant":         {rowhouse.Select[int64](a, rowhouse.Count[Sale]()).Having(rowhouse.TenantOf[Sale]().Eq("x")), "group by it"},
			"after":          {rowhouse.Select[int64](a.After(rowhouse.TenantRow[Sale]{}), rowhouse.Count[Sale]()), "After"},
			"another tenant": {rowhouse.Select[int64](a.Where(among), rowhouse.Count[Sale]()), "no such tenant"},
			"a union":        {rowhouse.Select[int64](acme.Where(all), rowhouse.Count[Sale]()), "Across is of many"},
		} {
			_, err := c.p.All(ctx)
			if is(t, err, rowhouse.ErrInvalid); !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := rowhouse.Explain(ctx, one(rowhouse.Count[Sale]()), rowhouse.ExplainOptions{})
		is(t, err, rowhouse.ErrInvalid)
		_, err = rowhouse.Compute(ctx, a.Limit(3), rowhouse.Count[Sale]())
		is(t, err, rowhouse.ErrInvalid)
		_, err = a.OrderBy(rowhouse.Count[Sale]().Asc()).All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		ended, cancel := context.WithCancel(ctx)
		cancel()
		_, err = rowhouse.Compute(ended, a, rowhouse.Count[Sale]())
		is(t, err, context.Canceled)
	})
}

// ExampleTenantOf shows what operators ask: how much of what there is where.
func ExampleTenantOf() {
	ctx := context.Background()
	db, done := exampleDB(ctx)
	defer done()
	for i, id := range []string{"acme", "bigco", "trial"} {
		tenant, err := db.Tenant(ctx, id)
		check(err)
		check(Tickets.In(tenant).InsertMany(ctx, []Ticket{
			{Title: "Leaking roof", Slug: "roof", Priority: 2 + i},
			{Title: "Broken lamp", Slug: "lamp", Priority: 1},
		}))
	}

	type load struct {
		Tenant  string
		Tickets int64
		Worst   int
	}
	tenant, worst := rowhouse.TenantOf[Ticket](), rowhouse.Max(TicketPriority)
	loads, err := rowhouse.Select[load](Tickets.Across(db.All()).OrderBy(worst.Desc()),
		tenant, rowhouse.Count[Ticket]().As("tickets"), worst.As("worst")).GroupBy(tenant).Having(worst.Gt(2)).All(ctx)
	fmt.Println(loads, err)

	mean, err := rowhouse.Compute(ctx, Tickets.Across(db.All()), rowhouse.Avg(TicketPriority))
	fmt.Println(mean, err)
	// Output:
	// [{trial 2 4} {bigco 2 3}] <nil>
	// 2 <nil>
}
