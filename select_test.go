package rowhouse_test

import (
	"cmp"
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
)

// figures are what is computed of a group of sales.
type figures struct {
	Shop     string
	Rows     int64
	Notes    int64
	Kinds    int64
	Units    int64
	Returned int64
	Mean     *float64
	Least    *int64
	Most     *int64
	First    time.Time
	Last     time.Time
	FirstBy  string
}

func figuresOf(shop string, rows []Sale) figures {
	f := figures{Shop: shop, Rows: int64(len(rows))}
	notes, returned := map[string]bool{}, 0
	for i, s := range rows {
		f.Units += int64(s.Units)
		if s.Note != nil {
			f.Notes++
			notes[*s.Note] = true
		}
		if s.Returned != nil {
			returned++
			f.Returned += *s.Returned
			f.Least, f.Most = least(f.Least, *s.Returned), most(f.Most, *s.Returned)
		}
		if i == 0 || s.SoldAt.Before(f.First) {
			f.First = s.SoldAt
		}
		if s.SoldAt.After(f.Last) {
			f.Last = s.SoldAt
		}
		if low := strings.ToLower(s.Shop); i == 0 || low < f.FirstBy {
			f.FirstBy = low
		}
	}
	if returned > 0 {
		mean := float64(f.Returned) / float64(returned)
		f.Mean = &mean
	}
	f.Kinds = int64(len(notes))
	return f
}

func least(a *int64, b int64) *int64 {
	if a == nil || b < *a {
		return &b
	}
	return a
}

func most(a *int64, b int64) *int64 {
	if a == nil || b > *a {
		return &b
	}
	return a
}

var figureValues = []rowhouse.AnyValue[Sale]{
	rowhouse.Count[Sale]().As("rows"), rowhouse.CountOf(saleNote).As("notes"), rowhouse.CountDistinct(saleNote).As("kinds"),
	rowhouse.Sum(saleUnits).As("units"), rowhouse.Sum(saleReturned).As("returned"), rowhouse.Avg(saleReturned).As("mean"),
	rowhouse.Min(saleReturned).As("least"), rowhouse.Max(saleReturned).As("most"), rowhouse.Min(saleSoldAt).As("first"),
	rowhouse.Max(saleSoldAt).As("last"), rowhouse.Min(rowhouse.Lower(saleShop)).As("first_by"),
}

// grouped are rows by a key, in the order of the keys.
func grouped[K cmp.Ordered](rows []Sale, key func(s *Sale) K) (keys []K, groups map[K][]Sale) {
	groups = map[K][]Sale{}
	for i := range rows {
		k := key(&rows[i])
		if groups[k] == nil {
			keys = append(keys, k)
		}
		groups[k] = append(groups[k], rows[i])
	}
	slices.Sort(keys)
	return keys, groups
}

// TestAggregates compares what is computed of groups with the same in Go, over random rows, while
// another tenant has rows of its own.
func TestAggregates(t *testing.T) {
	everywhere(t, trade, func(t *testing.T, s site) {
		ctx := t.Context()
		rows := randomSales(t, s.tenant, 120)
		randomSales(t, s.other, 15)
		keys, groups := grouped(rows, func(s *Sale) string { return s.Shop })
		want := make([]figures, len(keys))
		for i, k := range keys {
			want[i] = figuresOf(k, groups[k])
		}
		values := append([]rowhouse.AnyValue[Sale]{saleShop}, figureValues...)
		byShop := rowhouse.Select[figures](sales.In(s.tenant).OrderBy(saleShop.Asc()), values...).GroupBy(saleShop)
		got, err := byShop.All(ctx)
		if ok(t, err); !reflect.DeepEqual(got, want) {
			t.Errorf("by shop:\n%+v\nwant\n%+v", got, want)
		}
		if n, err := byShop.Count(ctx); err != nil || n != int64(len(keys)) {
			t.Errorf("%d groups, %v", n, err)
		}
		total, err := rowhouse.Select[figures](sales.In(s.tenant), append(figureValues, lit("").As("shop"))...).One(ctx)
		if ok(t, err); !reflect.DeepEqual(total, figuresOf("", rows)) {
			t.Errorf("in all %+v, want %+v", total, figuresOf("", rows))
		}
		testHaving(t, s, keys, groups)
		testOrderByAggregate(t, s, keys, groups)
		testMonths(t, s, rows)
	})
}

func testHaving(t *testing.T, s site, keys []string, groups map[string][]Sale) {
	t.Helper()
	var want []string
	for _, k := range keys {
		if len(groups[k]) > 12 && k != "north" && figuresOf(k, groups[k]).Units > -1e9 {
			want = append(want, k)
		}
	}
	got, err := rowhouse.Select[string](sales.In(s.tenant).OrderBy(saleShop.Asc()), saleShop).GroupBy(saleShop).
		Having(rowhouse.Count[Sale]().Gt(12), saleShop.Ne("north"), rowhouse.Sum(saleUnits).Gt(-1e9)).All(t.Context())
	if ok(t, err); !slices.Equal(got, want) {
		t.Errorf("having: %q, want %q", got, want)
	}
}

func testOrderByAggregate(t *testing.T, s site, keys []string, groups map[string][]Sale) {
	t.Helper()
	slices.SortStableFunc(keys, func(a, b string) int { return len(groups[b]) - len(groups[a]) })
	got, err := rowhouse.Select[string](sales.In(s.tenant).OrderBy(rowhouse.Count[Sale]().Desc()).Limit(3).Offset(1), saleShop).
		GroupBy(saleShop).All(t.Context())
	if ok(t, err); !slices.Equal(got, keys[1:4]) {
		t.Errorf("by number: %q, want %q", got, keys[1:4])
	}
	slices.SortStableFunc(keys, func(a, b string) int {
		return cmp.Compare(figuresOf("", groups[b]).Returned, figuresOf("", groups[a]).Returned)
	})
	first, err := rowhouse.Select[string](sales.In(s.tenant).OrderBy(rowhouse.Sum(saleReturned).Desc(), saleShop.Asc()), saleShop).
		GroupBy(saleShop).First(t.Context())
	if ok(t, err); figuresOf("", groups[first]).Returned != figuresOf("", groups[keys[0]]).Returned {
		t.Errorf("the greatest sum is of %q, want %q", first, keys[0])
	}
}

// testMonths groups by an expression that has arguments, which is said again in Having and in the order.
func testMonths(t *testing.T, s site, rows []Sale) {
	t.Helper()
	type month struct {
		Label string
		Seen  *time.Time
		N     int
	}
	label := rowhouse.Concat(rowhouse.Coalesce(saleNote, lit("-")), lit("!"))
	seen := rowhouse.Truncate(saleSeenAt, rowhouse.Month)
	got, err := rowhouse.Select[month](
		sales.In(s.tenant).OrderBy(seen.Desc().NullsLast(), label.Asc()), label.As("label"), seen.As("seen"), rowhouse.Count[Sale]().As("n"),
	).GroupBy(label, seen).Having(label.Ne("fragile!"), rowhouse.Count[Sale]().Ge(1)).All(t.Context())
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
		if k.label != "fragile!" {
			want[k]++
		}
	}
	before := key{"", math.MaxInt64}
	for _, m := range got {
		k := key{m.Label, math.MinInt64}
		if m.Seen != nil {
			k.seen = m.Seen.UnixMicro()
		}
		if want[k] != m.N {
			t.Errorf("%+v: %d, want %d", k, m.N, want[k])
		}
		if k.seen > before.seen || k.seen == before.seen && k.label < before.label {
			t.Errorf("%+v comes after %+v", k, before)
		}
		before = k
		delete(want, k)
	}
	if len(want) > 0 {
		t.Errorf("without %+v", want)
	}
}

// TestComputeOfNothing tells sums and counts, which are zero, from what is NULL.
func TestComputeOfNothing(t *testing.T) {
	everywhere(t, trade, func(t *testing.T, s site) {
		ctx := t.Context()
		q := sales.In(s.tenant)
		for name, v := range map[string]rowhouse.Value[Sale, int64]{
			"count": rowhouse.Count[Sale](), "count of": rowhouse.CountOf(saleNote), "distinct": rowhouse.CountDistinct(saleNote),
			"sum": rowhouse.Sum(saleBig), "sum of null": rowhouse.Sum(saleReturned),
		} {
			if n, err := rowhouse.Compute(ctx, q, v); err != nil || n != 0 {
				t.Errorf("%s: %d, %v", name, n, err)
			}
		}
		if sum, err := rowhouse.Compute(ctx, q, rowhouse.Sum(salePrice)); err != nil || decimalOf(t, sum).Sign() != 0 {
			t.Errorf("the sum of no decimals is %q, %v", sum, err)
		}
		if sum, err := rowhouse.Compute(ctx, q, rowhouse.Sum(saleWeight)); err != nil || sum != 0 {
			t.Errorf("the sum of no floats is %v, %v", sum, err)
		}
		_, err := rowhouse.Compute(ctx, q, rowhouse.Max(saleBig))
		is(t, err, rowhouse.ErrNull)
		if !strings.Contains(err.Error(), "max(big)") || !strings.Contains(err.Error(), "OrNull") {
			t.Errorf("the error is %v", err)
		}
		for name, v := range map[string]rowhouse.Value[Sale, *int64]{
			"max": rowhouse.OrNull(rowhouse.Max(saleBig)), "min": rowhouse.OrNull(rowhouse.Min(saleReturned)),
		} {
			if n, err := rowhouse.Compute(ctx, q, v); err != nil || n != nil {
				t.Errorf("%s: %v, %v", name, n, err)
			}
		}
		ok(t, q.Insert(ctx, &Sale{Big: 7, Price: "0"}))
		if n, err := rowhouse.Compute(ctx, q, rowhouse.OrNull(rowhouse.Max(saleBig))); err != nil || *n != 7 {
			t.Errorf("max: %v, %v", n, err)
		}
		if avg, err := rowhouse.Compute(ctx, q, rowhouse.Avg(saleBig)); err != nil || avg != 7 {
			t.Errorf("avg: %v, %v", avg, err)
		}
		_, err = rowhouse.Compute(ctx, q, saleBig)
		is(t, err, rowhouse.ErrInvalid)
		_, err = rowhouse.Compute(ctx, q.Limit(1), rowhouse.Max(saleBig))
		is(t, err, rowhouse.ErrInvalid)
	})
}

// TestSelect reads columns into structs of all sorts.
func TestSelect(t *testing.T) {
	everywhere(t, trade, func(t *testing.T, s site) {
		ctx := t.Context()
		note := "fragile"
		rows := []Sale{{Shop: "north", Units: 3, Price: "1.00"}, {
			Shop: "south", Units: 2, Note: &note,
			Price: "2.00",
		}, {Shop: "north", Units: 1, Price: "3.00"}}
		ok(t, sales.In(s.tenant).InsertMany(ctx, rows))
		q := sales.In(s.tenant).OrderBy(saleUnits.Asc())

		type brief struct {
			Shop  string
			Units int
			Note  *string
		}
		briefs, err := rowhouse.Select[brief](q).All(ctx)
		if ok(t, err); !reflect.DeepEqual(briefs, []brief{{"north", 1, nil}, {"south", 2, &note}, {"north", 3, nil}}) {
			t.Errorf("briefs: %+v", briefs)
		}
		part, err := rowhouse.Select[Sale](q, saleShop, saleUnits).First(ctx)
		if ok(t, err); !reflect.DeepEqual(part, Sale{Shop: "north", Units: 1}) {
			t.Errorf("some columns in the model: %+v", part)
		}
		names, err := rowhouse.Select[string](sales.In(s.tenant).OrderBy(saleShop.Desc()), saleShop).Distinct().All(ctx)
		if ok(t, err); !slices.Equal(names, []string{"south", "north"}) {
			t.Errorf("distinct: %q", names)
		}
		upper := rowhouse.Concat(saleShop, lit("!"))
		names, err = rowhouse.Select[string](sales.In(s.tenant).OrderBy(upper.Desc()).Limit(1), upper).Distinct().All(ctx)
		if ok(t, err); !slices.Equal(names, []string{"south!"}) {
			t.Errorf("distinct values: %q", names)
		}
		for want, d := range map[int64]rowhouse.Projection[Sale, brief]{
			2: rowhouse.Select[brief](q, saleShop, lit(1).As("units"), lit[*string](nil).As("note")).Distinct(), 3: rowhouse.Select[brief](q),
		} {
			if n, err := d.Count(ctx); err != nil || n != want {
				t.Errorf("%d results, %v; want %d", n, err, want)
			}
		}
		var streamed []string
		for shop, err := range rowhouse.Select[string](q, saleShop).Each(ctx) {
			ok(t, err)
			if streamed = append(streamed, shop); len(streamed) == 2 {
				break
			}
		}
		if !slices.Equal(streamed, []string{"north", "south"}) {
			t.Errorf("streamed %q", streamed)
		}
		page, err := rowhouse.Select[int](q.After(Sale{ID: rows[2].ID, Units: 1}).Limit(1), saleUnits).All(ctx)
		if ok(t, err); !slices.Equal(page, []int{2}) {
			t.Errorf("after the first: %v", page)
		}
		_, err = rowhouse.Select[string](q.Where(saleShop.Eq("none")), saleShop).One(ctx)
		is(t, err, rowhouse.ErrNotFound)
		_, err = rowhouse.Select[string](q, saleShop).One(ctx)
		is(t, err, rowhouse.ErrMultiple)
		_, err = rowhouse.Select[string](q, saleNote).All(ctx)
		is(t, err, rowhouse.ErrNull)
		if n, err := sales.In(s.tenant).Where(rowhouse.Compare(saleID, ">",
			rowhouse.Add(saleID, lit[int64](-1)))).Count(ctx); err != nil || n != 3 {
			t.Errorf("compared with itself: %d, %v", n, err)
		}
		if n, err := sales.In(s.other).Count(ctx); err != nil || n != 0 {
			t.Errorf("the other tenant has %d, %v", n, err)
		}
	})
}

// TestSelectRefuses has what does not fit together be refused before any SQL, saying what.
func TestSelectRefuses(t *testing.T) {
	everywhere(t, trade, func(t *testing.T, s site) {
		type pair struct {
			Shop string
			N    int64
		}
		q, n := sales.In(s.tenant), rowhouse.Count[Sale]().As("n")
		for says, got := range map[string]error{
			"count, has no name":           all(rowhouse.Select[pair](q, saleShop, rowhouse.Count[Sale]()).GroupBy(saleShop)),
			`a column "units", for which`:  all(rowhouse.Select[pair](q, saleShop, saleUnits)),
			"field N of":                   all(rowhouse.Select[pair](q, saleShop)),
			"two columns":                  all(rowhouse.Select[pair](q, saleShop, n, saleShop).GroupBy(saleShop)),
			"n is float64, which field N":  all(rowhouse.Select[pair](q, saleShop, saleWeight.As("n"))),
			"is read from one column":      all(rowhouse.Select[string](q, saleShop, saleNote)),
			"is no column of model":        all(rowhouse.Select[pair](q)),
			"shop is selected and neither": all(rowhouse.Select[pair](q, saleShop, n)),
			"n is selected and neither gr": all(rowhouse.Select[pair](q, saleShop, saleUnits.As("n")).GroupBy(saleShop)),
			"mixed":                        all(rowhouse.Select[int64](q, rowhouse.Add(rowhouse.Sum(saleBig), saleBig).As("mixed"))),
			"the order is by units":        all(rowhouse.Select[pair](q.OrderBy(saleUnits.Asc()), saleShop, n).GroupBy(saleShop)),
			"Having is on something":       all(rowhouse.Select[pair](q, saleShop, n).GroupBy(saleShop).Having(saleUnits.Gt(1))),
			"a predicate is empty":         all(rowhouse.Select[pair](q, saleShop, n).GroupBy(saleShop).Having(rowhouse.Predicate[Sale]{})),
			"count is an aggregate":        all(rowhouse.Select[int64](q, n).GroupBy(rowhouse.Count[Sale]())),
			"lower(shop) is not selected":  all(rowhouse.Select[int64](q, n).GroupBy(rowhouse.Lower(saleShop))),
			"info is json":                 all(rowhouse.Select[string](q, saleInfo).Distinct()),
			"which is not selected":        all(rowhouse.Select[string](q.OrderBy(saleUnits.Asc()), saleShop).Distinct()),
			"a locking read":               all(rowhouse.Select[string](q.ForUpdate(), saleShop).Distinct()),
			"After begins after a row":     all(rowhouse.Select[string](q.After(Sale{}), saleShop).GroupBy(saleShop)),
			"an aggregate, which no row":   all(q.OrderBy(rowhouse.Sum(saleBig).Desc())),
			"use Having":                   all(q.Where(rowhouse.Sum(saleBig).Gt(1))),
			"Count with Limit":             second2(rowhouse.Select[string](q.Limit(1), saleShop).Count(t.Context())),
			"none of = <>":                 all(q.Where(rowhouse.Compare(saleBig, "like", saleID))),
			"info is json, which is":       all(q.Where(rowhouse.Compare(saleInfo, "=", saleInfo))),
		} {
			is(t, got, rowhouse.ErrInvalid)
			if !strings.Contains(got.Error(), says) {
				t.Errorf("%q is not in %v", says, got)
			}
		}
	})
}

func all[R any](q interface {
	All(ctx context.Context) ([]R, error)
},
) error {
	_, err := q.All(context.Background())
	return err
}

func second2(_ int64, err error) error { return err }

// TestSubqueries asks for rows by what other rows are, of the same tenant.
func TestSubqueries(t *testing.T) {
	everywhere(t, trade, func(t *testing.T, s site) {
		ctx := t.Context()
		rome, oslo := "Rome", "Oslo"
		ok(t, shops.In(s.tenant).InsertMany(ctx, []Shop{
			{Name: "north", City: &oslo, Opened: 2000},
			{Name: "south", City: &rome},
			{Name: "west"},
		}))
		ok(t, shops.In(s.other).InsertMany(ctx, []Shop{{Name: "east", City: &rome}, {Name: "north", City: &rome}}))
		ok(t, sales.In(s.tenant).InsertMany(ctx, []Sale{{Shop: "north", Price: "0"}, {
			Shop:  "south",
			Price: "0",
		}, {Shop: "east", Price: "0"}, {Shop: "Rome", Price: "0"}}))
		find := func(p ...rowhouse.Predicate[Sale]) []string {
			got, err := rowhouse.Select[string](sales.In(s.tenant).Where(p...).OrderBy(saleShop.Asc()), saleShop).All(ctx)
			ok(t, err)
			return got
		}
		in := func(q rowhouse.Query[Shop], v rowhouse.Value[Shop, string]) rowhouse.Predicate[Sale] {
			return saleShop.InQuery(rowhouse.Select[string](q, v.(rowhouse.AnyValue[Shop])))
		}
		own := shops.In(s.tenant)
		romans := own.Where(shopCity.Eq("Rome"))
		for name, c := range map[string]struct {
			p    rowhouse.Predicate[Sale]
			want []string
		}{
			"in":               {in(romans, shopName), []string{"south"}},
			"not in":           {rowhouse.Not(in(romans, shopName)), []string{"Rome", "east", "north"}},
			"in with null":     {in(own.Query, shopCity), []string{"Rome"}},
			"not in with null": {rowhouse.Not(in(own.Query, shopCity)), []string{"east", "north", "south"}},
			"in a page":        {in(own.OrderBy(shopName.Asc()).Limit(1), shopName), []string{"north"}},
			"in groups": {saleShop.InQuery(rowhouse.Select[string](own, rowhouse.Lower(shopName)).
				GroupBy(rowhouse.Lower(shopName)).Having(rowhouse.Sum(shopOpened).Gt(1))), []string{"north"}},
			"nested": {in(own.Where(shopName.InQuery(rowhouse.Select[string](sales.In(s.tenant), saleShop))),
				shopCity), []string{"Rome"}},
			"exists":     {rowhouse.ExistsIn[Sale](romans), []string{"Rome", "east", "north", "south"}},
			"exists not": {rowhouse.ExistsIn[Sale](own.Where(shopCity.Eq("Bern"))), nil},
			"exists a selection": {
				rowhouse.ExistsIn[Sale](rowhouse.Select[string](romans, shopName).Distinct()),
				[]string{"Rome", "east", "north", "south"},
			},
		} {
			if got := find(c.p); !slices.Equal(got, c.want) {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
		other := rowhouse.Select[string](shops.In(s.other), shopName)
		_, err := sales.In(s.tenant).Where(saleShop.InQuery(other)).All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		_, err = sales.In(s.tenant).DeleteWhere(ctx, rowhouse.And(saleShop.InQuery(other)))
		is(t, err, rowhouse.ErrInvalid)
		_, err = rowhouse.Compute(ctx, sales.In(s.tenant), rowhouse.Sum(rowhouse.When(saleShop.InQuery(other), saleBig)))
		is(t, err, rowhouse.ErrInvalid)
		_, err = sales.In(s.tenant).Where(saleShop.InQuery(rowhouse.Select[string](own, shopName, shopCity))).All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		_, err = sales.In(s.tenant).Where(saleShop.InQuery(rowhouse.Select[string](own.ForUpdate(), shopName))).All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		ok(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			n, err := sales.In(tx).DeleteWhere(ctx, saleShop.InQuery(rowhouse.Select[string](sales.In(tx).Where(saleShop.Eq("east")), saleShop)))
			if ok(t, err); n != 1 {
				t.Errorf("%d rows deleted by a sub-query on the table itself", n)
			}
			n, err = sales.In(tx).UpdateWhere(ctx, in(romans, shopName), saleUnits.Set(5))
			if ok(t, err); n != 1 {
				t.Errorf("%d rows updated by a sub-query", n)
			}
			return nil
		}))
		if got := find(saleUnits.Eq(5)); !slices.Equal(got, []string{"south"}) {
			t.Errorf("updated %q", got)
		}
	})
}

// TestFragments runs what there is no function for, and refuses what could leave the row.
func TestFragments(t *testing.T) {
	everywhere(t, trade, func(t *testing.T, s site) {
		ctx := t.Context()
		ok(t, sales.In(s.tenant).InsertMany(ctx, []Sale{{Shop: "a", Big: 1, Price: "0"}, {
			Shop: "a",
			Big:  5, Price: "0",
		}, {Shop: "b", Big: 3, Price: "0"}}))
		rank := rowhouse.Fragment[Sale, int64]("row_number() over (partition by {} order by {} desc)", saleShop, saleBig)
		got, err := rowhouse.Select[int64](sales.In(s.tenant).OrderBy(saleID.Asc()), rank).All(ctx)
		if ok(t, err); !slices.Equal(got, []int64{2, 1, 1}) {
			t.Errorf("ranks %v", got)
		}
		n, err := sales.In(s.tenant).Where(rowhouse.Fragment[Sale, int64]("{} % {}", saleBig, lit[int64](3)).Eq(2)).Count(ctx)
		if ok(t, err); n != 1 {
			t.Errorf("%d rows of a fragment", n)
		}
		sums, err := rowhouse.Select[int64](sales.In(s.tenant).OrderBy(saleShop.Asc()),
			rowhouse.AggregateFragment[Sale, int64]("max({}) - min({})", saleBig, saleBig)).GroupBy(saleShop).All(ctx)
		if ok(t, err); !slices.Equal(sums, []int64{4, 0}) {
			t.Errorf("spans %v", sums)
		}
		for _, text := range []string{
			"(select 1)", "(SELECT 1)", "1) FROM other WHERE (1 = 1", "1 -- x", "1 /* x */", "1; drop", `"other"."id"`, "`x`", "?", "$1", ":a ? b",
			"(table other)", "'a\\' || 'b'", "query_to_xml('x')", "set_config('a', 'b', true)", "", " ", "(1",
			"1)", "'open", "nextval('x')", "{}", "with",
		} {
			_, err := rowhouse.Select[int64](sales.In(s.tenant), rowhouse.Fragment[Sale, int64](text)).All(ctx)
			if !errors.Is(err, rowhouse.ErrInvalid) {
				t.Errorf("%q: %v", text, err)
			}
		}
		_, err = rowhouse.Select[int64](sales.In(s.tenant), rowhouse.Fragment[Sale, int64]("{} # {}", saleBig, saleBig)).All(ctx)
		if s.engine == "postgres" {
			ok(t, err)
		} else {
			is(t, err, rowhouse.ErrUnsupported)
		}
	})
}

// TestExplain asks for the plan of the very statement, wall and all.
func TestExplain(t *testing.T) {
	everywhere(t, trade, func(t *testing.T, s site) {
		ctx := t.Context()
		q := sales.In(s.tenant).Where(saleShop.Eq("x"), saleBig.In(1, 2)).OrderBy(saleUnits.Desc()).Limit(5)
		for _, of := range []rowhouse.Explainable{q, sales.In(s.tenant), rowhouse.Select[string](sales.In(s.tenant),
			saleShop).GroupBy(saleShop)} {
			plan, err := rowhouse.Explain(ctx, of, rowhouse.ExplainOptions{})
			if ok(t, err); !strings.Contains(plan, "sale") {
				t.Errorf("the plan is %q", plan)
			}
			plan, err = rowhouse.Explain(ctx, of, rowhouse.ExplainOptions{Analyze: true})
			if s.engine == "sqlite" {
				is(t, err, rowhouse.ErrUnsupported)
			} else if ok(t, err); !strings.Contains(plan, "actual") && !strings.Contains(plan, "r_rows") {
				t.Errorf("the figures are %q", plan)
			}
		}
		_, err := rowhouse.Explain(ctx, q.Where(rowhouse.Predicate[Sale]{}), rowhouse.ExplainOptions{})
		is(t, err, rowhouse.ErrInvalid)
		if s.engine == "postgres" && s.tenant.Placement() == rowhouse.InShared {
			plan, err := rowhouse.Explain(ctx, q, rowhouse.ExplainOptions{Analyze: true})
			if ok(t, err); !strings.Contains(plan, "tenant_id") {
				t.Errorf("the wall is not in %q", plan)
			}
		}
	})
}
