package rowhouse_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rowhouse/rowhouse"
)

// Sale has columns of every kind that is calculated with.
type Sale struct {
	ID       int64          `db:"id,pk,auto"`
	Shop     string         `db:"shop,size:40"`
	Note     *string        `db:"note,size:40"`
	Units    int32          `db:"units"`
	Small    int16          `db:"small"`
	Big      int64          `db:"big"`
	Returned *int64         `db:"returned"`
	Weight   float64        `db:"weight"`
	Price    string         `db:"price,type:decimal,precision:12,scale:2"`
	Paid     bool           `db:"paid"`
	SoldAt   time.Time      `db:"sold_at"`
	SeenAt   *time.Time     `db:"seen_at"`
	Info     map[string]any `db:"info,json"`
}

// Shop is a model that sub-queries are on.
type Shop struct {
	Name   string  `db:"name,pk,size:40"`
	City   *string `db:"city,size:40"`
	Opened int     `db:"opened"`
}

var (
	sales        = rowhouse.MustDefine[Sale]("sale")
	saleID       = rowhouse.Col(sales, func(s *Sale) *int64 { return &s.ID })
	saleShop     = rowhouse.Col(sales, func(s *Sale) *string { return &s.Shop })
	saleNote     = rowhouse.Nullable(sales, func(s *Sale) **string { return &s.Note })
	saleUnits    = rowhouse.Col(sales, func(s *Sale) *int32 { return &s.Units })
	saleSmall    = rowhouse.Col(sales, func(s *Sale) *int16 { return &s.Small })
	saleBig      = rowhouse.Col(sales, func(s *Sale) *int64 { return &s.Big })
	saleReturned = rowhouse.Nullable(sales, func(s *Sale) **int64 { return &s.Returned })
	saleWeight   = rowhouse.Col(sales, func(s *Sale) *float64 { return &s.Weight })
	salePrice    = rowhouse.Col(sales, func(s *Sale) *string { return &s.Price })
	salePaid     = rowhouse.Col(sales, func(s *Sale) *bool { return &s.Paid })
	saleSoldAt   = rowhouse.Col(sales, func(s *Sale) *time.Time { return &s.SoldAt })
	saleSeenAt   = rowhouse.Nullable(sales, func(s *Sale) **time.Time { return &s.SeenAt })
	saleInfo     = rowhouse.Col(sales, func(s *Sale) *map[string]any { return &s.Info })

	shops      = rowhouse.MustDefine[Shop]("shop")
	shopName   = rowhouse.Col(shops, func(s *Shop) *string { return &s.Name })
	shopCity   = rowhouse.Nullable(shops, func(s *Shop) **string { return &s.City })
	shopOpened = rowhouse.Col(shops, func(s *Shop) *int { return &s.Opened })
	trade      = rowhouse.Models(sales, shops)
)

// moments are where calendars are easily got wrong: ISO weeks across years, leap days, the last
// microsecond of anything, hours that daylight saving has twice or not at all.
var moments = []time.Time{
	time.Date(2020, 12, 31, 23, 59, 59, 999_999_000, time.UTC), time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC),
	time.Date(2021, 1, 3, 23, 59, 59, 999_999_000, time.UTC), time.Date(2021, 1, 4, 0, 0, 0, 1_000, time.UTC),
	time.Date(2024, 2, 29, 12, 30, 30, 500_000_000, time.UTC), time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC),
	time.Date(2024, 3, 31, 1, 59, 59, 999_999_000, time.UTC), time.Date(2024, 3, 31, 2, 30, 0, 0, time.UTC),
	time.Date(2024, 10, 27, 1, 30, 0, 123_456_000, time.UTC), time.Date(2024, 6, 30, 23, 59, 59, 999_999_000, time.UTC),
	time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC), time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC),
	time.Date(1900, 2, 28, 23, 0, 0, 0, time.UTC), time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC),
}

// documents are values at info.deep.v, and beside it.
var documents = []any{
	"text", "", "12", "true", "Ünïcode 十二", 0.0, 1.0, -7.0, 1.5, 1e15, 1e300, -0.25, true, false, nil,
	[]any{1.0},
	map[string]any{"v": 1.0},
}

func randomSale(r *rand.Rand) Sale {
	pick := func(n int) int { return r.IntN(n) }
	s := Sale{
		Shop:  []string{"north", "south", "ÄRGER", "Été", "ЖУК", "a_b%", "naïve 十二"}[pick(7)],
		Units: int32([]int{0, 1, -1, 7, -7, math.MaxInt32, math.MinInt32, 100}[pick(8)]),
		Small: int16([]int{0, 3, -3, math.MaxInt16, math.MinInt16}[pick(5)]),
		Big:   []int64{0, 2, -2, 1 << 40, -(1 << 40), 999_999_999_999}[pick(6)], Weight: []float64{0, 0.5, -0.25, 1e-9, 1e12, 3}[pick(6)],
		Price: fmt.Sprintf("%d.%02d", pick(2000)-1000, pick(100)), Paid: pick(2) == 0,
		SoldAt: moments[pick(len(moments))].Add(time.Duration(pick(3)) * 36 * time.Hour),
		Info:   map[string]any{"deep": map[string]any{"v": documents[pick(len(documents))], "a b.c": "x"}, "n": float64(pick(9))},
	}
	if s.Price = strings.Replace(s.Price, "-0.", "0.", 1); pick(3) > 0 {
		n, seen := int64(pick(11)-5), moments[pick(len(moments))]
		s.Returned, s.SeenAt = &n, &seen
	}
	if pick(2) == 0 {
		s.Note = &[]string{"", "fragile", "Größe XL", "🏠 home"}[pick(4)]
	}
	return s
}

func randomSales(t *testing.T, s rowhouse.Scope, n int) []Sale {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	rows := make([]Sale, n)
	for i := range rows {
		rows[i] = randomSale(r)
	}
	ok(t, sales.In(s).InsertMany(t.Context(), rows))
	return rows
}

// identity is an expression, and what Go says that it is.
type identity struct {
	name  string
	value rowhouse.AnyValue[Sale]
	want  func(s *Sale) any // nil for NULL
}

func lit[V any](v V) rowhouse.Expr[Sale, V] { return rowhouse.Literal[Sale](v) }

var functionChecks = []identity{
	{"add", rowhouse.Add(saleUnits, lit[int32](5)), func(s *Sale) any { return int64(s.Units) + 5 }},
	{"add of small", rowhouse.Add(saleSmall, saleSmall), func(s *Sale) any { return int64(s.Small) * 2 }},
	{"sub", rowhouse.Sub(saleUnits, lit[int32](math.MaxInt32)), func(s *Sale) any { return int64(s.Units) - math.MaxInt32 }},
	{"mul", rowhouse.Mul(saleUnits, saleUnits), func(s *Sale) any { return int64(s.Units) * int64(s.Units) }},
	{"div", rowhouse.Div(saleUnits, lit[int32](2)), func(s *Sale) any { return int64(s.Units) / 2 }},
	{"div by a column", rowhouse.Div(saleBig, saleReturned), func(s *Sale) any {
		if s.Returned == nil || *s.Returned == 0 {
			return nil
		}
		return s.Big / *s.Returned
	}},
	{"abs", rowhouse.Abs(saleUnits), func(s *Sale) any { return max(int64(s.Units), -int64(s.Units)) }},
	{"nested", rowhouse.Mul(rowhouse.Add(saleBig, lit[int64](1)), lit[int64](3)), func(s *Sale) any { return (s.Big + 1) * 3 }},
	{"float", rowhouse.Mul(rowhouse.Add(saleWeight, lit(0.5)), lit(-2.0)), func(s *Sale) any { return (s.Weight + 0.5) * -2 }},
	{"float div", rowhouse.Div(lit(1.0), saleWeight), func(s *Sale) any {
		if s.Weight == 0 {
			return nil
		}
		return 1 / s.Weight
	}},
	{"concat", rowhouse.Concat(saleShop, lit("/"), saleNote), func(s *Sale) any {
		if s.Note == nil {
			return nil
		}
		return s.Shop + "/" + *s.Note
	}},
	{"coalesce", rowhouse.Coalesce(saleNote, saleShop), func(s *Sale) any {
		if s.Note == nil {
			return s.Shop
		}
		return *s.Note
	}},
	{"coalesce time", rowhouse.Coalesce(saleSeenAt, lit(moments[0])), func(s *Sale) any {
		if s.SeenAt == nil {
			return moments[0]
		}
		return *s.SeenAt
	}},
	{"coalesce int", rowhouse.Coalesce(saleReturned, lit[int64](-1)), func(s *Sale) any {
		if s.Returned == nil {
			return int64(-1)
		}
		return *s.Returned
	}},
	{"lower", rowhouse.Lower(saleShop), func(s *Sale) any { return strings.ToLower(s.Shop) }},
	{"upper", rowhouse.Upper(saleNote), func(s *Sale) any {
		if s.Note == nil {
			return nil
		}
		return strings.ReplaceAll(strings.ToUpper(strings.ReplaceAll(*s.Note, "ß", "\x01")), "\x01", "ß")
	}},
	{"length", rowhouse.Length(saleShop), func(s *Sale) any { return int64(utf8.RuneCountInString(s.Shop)) }},
	{
		"case", rowhouse.When(saleUnits.Gt(50), lit("many")).When(saleUnits.Lt(0), lit("none")).Else(saleShop),
		func(s *Sale) any {
			switch {
			case s.Units > 50:
				return "many"
			case s.Units < 0:
				return "none"
			}
			return s.Shop
		},
	},
	{"case without else", rowhouse.When(salePaid.Eq(true), saleBig), func(s *Sale) any {
		if s.Paid {
			return s.Big
		}
		return nil
	}},
	{"string", rowhouse.JSONPath[string](saleInfo, "deep", "v"), ofDocument[string]},
	{"bool", rowhouse.JSONPath[bool](saleInfo, "deep", "v"), ofDocument[bool]},
	{"number", rowhouse.JSONPath[float64](saleInfo, "deep", "v"), ofDocument[float64]},
	{"integer", rowhouse.JSONPath[int](saleInfo, "deep", "v"), func(s *Sale) any {
		f, number := ofDocument[float64](s).(float64)
		if !number || f != math.Trunc(f) || math.Abs(f) > 1e18 {
			return nil
		}
		return int64(f)
	}},
	{"odd key", rowhouse.JSONPath[string](saleInfo, "deep", "a b.c"), func(*Sale) any { return "x" }},
	{"missing key", rowhouse.JSONPath[string](saleInfo, "deep", "v", "w", "x"), func(*Sale) any { return nil }},
	{"key of no object", rowhouse.JSONPath[string](saleInfo, "n", "v"), func(*Sale) any { return nil }},
	{"literal", lit("it's"), func(*Sale) any { return "it's" }},
}

func ofDocument[V any](s *Sale) any {
	if v, is := s.Info["deep"].(map[string]any)["v"].(V); is {
		return v
	}
	return nil
}

func init() { //nolint:gochecknoinits // the units' checks are alike
	for _, u := range []rowhouse.DatePart{
		rowhouse.Year, rowhouse.Quarter, rowhouse.Month, rowhouse.Week, rowhouse.Day, rowhouse.Hour, rowhouse.Minute, rowhouse.Second,
	} {
		functionChecks = append(functionChecks, identity{
			"truncate to " + u.String(), rowhouse.Truncate(saleSoldAt, u),
			func(s *Sale) any { return beginning(s.SoldAt, u) },
		})
	}
}

// beginning is Truncate in Go.
func beginning(t time.Time, u rowhouse.DatePart) time.Time {
	y, m, d := t.Date()
	switch u {
	case rowhouse.Year:
		return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
	case rowhouse.Quarter:
		return time.Date(y, (m-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	case rowhouse.Month:
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	case rowhouse.Week:
		return time.Date(y, m, d-(int(t.Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
	case rowhouse.Day:
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	case rowhouse.Hour:
		return time.Date(y, m, d, t.Hour(), 0, 0, 0, time.UTC)
	case rowhouse.Minute:
		return time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, time.UTC)
	}
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// TestFunctions compares every function with the same in Go, over random rows.
func TestFunctions(t *testing.T) {
	everywhere(t, trade, func(t *testing.T, s site) {
		rows := randomSales(t, s.tenant, 80)
		for _, c := range functionChecks {
			compareFunction(t, s, rows, c)
		}
	})
}

func compareFunction(t *testing.T, s site, rows []Sale, c identity) {
	t.Helper()
	want := c.want(&rows[0])
	for i := range rows {
		if want != nil {
			break
		}
		want = c.want(&rows[i])
	}
	q := sales.In(s.tenant).OrderBy(saleID.Asc())
	switch want.(type) {
	case int64:
		compareAll[int64](t, s, q, rows, c)
	case float64:
		compareAll[float64](t, s, q, rows, c)
	case bool:
		compareAll[bool](t, s, q, rows, c)
	case time.Time:
		compareAll[time.Time](t, s, q, rows, c)
	default:
		compareAll[string](t, s, q, rows, c)
	}
}

func compareAll[V any](t *testing.T, s site, q rowhouse.Query[Sale], rows []Sale, c identity) {
	t.Helper()
	got, err := rowhouse.Select[*V](q, c.value).All(t.Context())
	if err != nil {
		t.Errorf("%s: %v", c.name, err)
		return
	}
	if len(got) != len(rows) {
		t.Errorf("%s: %d values of %d rows", c.name, len(got), len(rows))
		return
	}
	for i := range rows {
		var value any
		if got[i] != nil {
			value = *got[i]
		}
		if want := c.want(&rows[i]); !reflect.DeepEqual(value, want) {
			t.Errorf("%s on %s: %v (%T), want %v, for %+v", c.name, s.engine, value, value, want, rows[i])
			return
		}
	}
}

// decimalOf reads a decimal, whatever zeros it ends in.
func decimalOf(t *testing.T, text string) *big.Rat {
	t.Helper()
	r, valid := new(big.Rat).SetString(text)
	if !valid {
		t.Fatalf("%q is no decimal", text)
	}
	return r
}

// TestNil has a nil where a column or a query is wanted be refused.
func TestNil(t *testing.T) {
	everywhere(t, trade, func(t *testing.T, s site) {
		ctx, table := t.Context(), sales.In(s.tenant)
		_, err := rowhouse.Select[int64](table, rowhouse.Count[Sale]()).GroupBy(nil).All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		_, err = rowhouse.Compute[Sale, int64](ctx, table, nil)
		is(t, err, rowhouse.ErrInvalid)
		_, err = table.Where(saleID.InQuery(nil)).All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		_, err = table.Where(rowhouse.Not(rowhouse.ExistsIn[Sale](nil))).All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		_, err = table.UpdateWhere(ctx, rowhouse.Every[Sale](), saleBig.SetTo(nil))
		is(t, err, rowhouse.ErrInvalid)
		_, err = table.UpdateWhere(ctx, rowhouse.Every[Sale](), rowhouse.ExtraColumn[Sale, int]{}.Set(1))
		is(t, err, rowhouse.ErrInvalid)
		is(t, table.Update(ctx, &Sale{ID: 1, Price: "1"}, nil), rowhouse.ErrInvalid)
		is(t, table.Upsert(ctx, &Sale{ID: 1, Price: "1"}, nil), rowhouse.ErrInvalid)
		_, err = rowhouse.Explain(ctx, nil, rowhouse.ExplainOptions{})
		is(t, err, rowhouse.ErrInvalid)
		_, err = rowhouse.Table[Sale]{}.All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		is(t, rowhouse.Table[Sale]{}.Insert(ctx, &Sale{}), rowhouse.ErrInvalid)
		_, err = rowhouse.Across[Sale]{}.All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		if !strings.Contains(fmt.Sprint(err), "Model.In") {
			t.Errorf("%v does not say what to do", err)
		}
		if many := make([]int64, 70_000); s.engine != "postgres" {
			_, err = table.Where(saleID.In(many...)).All(ctx)
			is(t, err, rowhouse.ErrInvalid)
		}
	})
}

// TestNoDecimals has texts that are no numbers be refused by every engine, in rows and in conditions: SQLite
// would keep them, and MySQL compare with 0.
func TestNoDecimals(t *testing.T) {
	everywhere(t, trade, func(t *testing.T, s site) {
		ctx, table := t.Context(), sales.In(s.tenant)
		ok(t, table.Insert(ctx, &Sale{Price: "0"}))
		for _, text := range []string{"", " ", "ten", "5.5x", "0x10", "1_0", "1e", "e1", ".", "-", "1 2", "1/2"} {
			is(t, table.Insert(ctx, &Sale{Price: text}), rowhouse.ErrInvalid)
			for _, p := range []rowhouse.Predicate[Sale]{salePrice.Eq(text), salePrice.Lt(text), salePrice.In("1", text)} {
				_, err := table.Where(p).Count(ctx)
				is(t, err, rowhouse.ErrInvalid)
				_, err = table.DeleteWhere(ctx, p)
				is(t, err, rowhouse.ErrInvalid)
			}
			_, err := table.UpdateWhere(ctx, rowhouse.Every[Sale](), salePrice.Set(text))
			is(t, err, rowhouse.ErrInvalid)
		}
		for _, text := range []string{"1", "-1.50", "+2.", ".5", "1e2", "1.5E-1", " 7 "} {
			row := Sale{Price: text}
			ok(t, table.Insert(ctx, &row))
			if n, err := table.Where(salePrice.Eq(text)).Count(ctx); err != nil || n != 1 {
				t.Errorf("%d rows of %q, %v", n, text, err)
			}
		}
	})
}

// TestDecimals: decimals stay decimals, in values and where they are compared.
func TestDecimals(t *testing.T) {
	everywhere(t, trade, func(t *testing.T, s site) {
		ctx := t.Context()
		rows := []Sale{{Price: "0.10"}, {Price: "0.20"}, {Price: "-10.05"}, {Price: "9.50"}, {Price: "100.00"}}
		ok(t, sales.In(s.tenant).InsertMany(ctx, rows))
		sum, err := rowhouse.Compute(ctx, sales.In(s.tenant), rowhouse.Sum(salePrice))
		if ok(t, err); decimalOf(t, sum).Cmp(decimalOf(t, "99.75")) != 0 {
			t.Errorf("the sum is %s", sum)
		}
		avg, err := rowhouse.Compute(ctx, sales.In(s.tenant), rowhouse.Avg(salePrice))
		if ok(t, err); avg != 19.95 {
			t.Errorf("the mean is %v", avg)
		}
		for name, c := range map[string]struct {
			p    rowhouse.Predicate[Sale]
			want int64
		}{
			"10.5 is more than 9.5":  {rowhouse.Add(salePrice, lit("1.00")).Gt("9.6"), 2},
			"as a literal":           {rowhouse.Compare(rowhouse.Add(salePrice, lit("1.00")), ">", lit("9.60")), 2},
			"exactly":                {rowhouse.Add(salePrice, lit("0.20")).Eq("0.30"), 1},
			"coalesced":              {rowhouse.Coalesce(salePrice, lit("0")).Gt("9.6"), 1},
			"chosen":                 {rowhouse.When(salePaid.Eq(false), salePrice).Else(lit("0.0")).Gt("9.6"), 1},
			"product":                {rowhouse.Mul(salePrice, lit("0.1")).Eq("0.01"), 1},
			"without sign":           {rowhouse.Abs(salePrice).Ge("10.05"), 2},
			"difference and a range": {rowhouse.Sub(salePrice, lit("0.05")).Between("0.05", "0.15"), 2},
		} {
			if n, err := sales.In(s.tenant).Where(c.p).Count(ctx); err != nil || n != c.want {
				t.Errorf("%s: %d rows, %v; want %d", name, n, err, c.want)
			}
		}
	})
}

// TestOverflow: what does not fit is an error and no other number.
func TestOverflow(t *testing.T) {
	everywhere(t, trade, func(t *testing.T, s site) {
		ctx := t.Context()
		row := Sale{Big: math.MaxInt64, Units: math.MaxInt32, Weight: 1e308, Price: "0"}
		ok(t, sales.In(s.tenant).InsertMany(ctx, []Sale{row, row}))
		for name, v := range map[string]rowhouse.AnyValue[Sale]{
			"add": rowhouse.Add(saleBig, lit[int64](1)), "sub": rowhouse.Sub(lit[int64](-2), saleBig),
			"mul": rowhouse.Mul(saleBig, saleBig), "inside": rowhouse.Div(rowhouse.Mul(saleBig, lit[int64](2)), lit[int64](4)),
			"sum": rowhouse.Sum(saleBig), "negated": rowhouse.Div(rowhouse.Sub(lit[int64](-1), saleBig), lit[int64](-1)),
		} {
			if got, err := rowhouse.Select[int64](sales.In(s.tenant), v).All(ctx); err == nil {
				t.Errorf("%s: %v", name, got)
			}
		}
		if got, err := rowhouse.Select[float64](sales.In(s.tenant), rowhouse.Mul(saleWeight, lit(10.0))).All(ctx); err == nil {
			t.Errorf("floats: %v", got)
		}
		if n, err := sales.In(s.tenant).Where(rowhouse.Add(saleBig, lit[int64](1)).Gt(0)).Count(ctx); err == nil {
			t.Errorf("a condition: %d rows", n)
		}
		if _, err := rowhouse.Compute(ctx, sales.In(s.tenant), rowhouse.Sum(saleUnits)); err == nil {
			t.Error("a sum that its type does not hold is none")
		}
		wide, err := rowhouse.Select[int64](sales.In(s.tenant), rowhouse.Sum(saleUnits)).One(ctx)
		if ok(t, err); wide != 2*math.MaxInt32 {
			t.Errorf("the sum in a wider type is %d", wide)
		}
	})
}

// TestFunctionsRefuse has what makes no sense, or not the same everywhere, be refused before any SQL.
func TestFunctionsRefuse(t *testing.T) {
	everywhere(t, trade, func(t *testing.T, s site) {
		for name, v := range map[string]rowhouse.AnyValue[Sale]{
			"add of text": rowhouse.Add(saleShop, saleShop), "add of bool": rowhouse.Add(salePaid, salePaid),
			"division of decimals": rowhouse.Div(salePrice, salePrice), "text and decimal": rowhouse.Coalesce(salePrice, saleShop),
			"lower of decimal": rowhouse.Lower(salePrice), "truncate of int": rowhouse.Truncate(saleBig, rowhouse.Day),
			"no unit": rowhouse.Truncate(saleSoldAt, 0), "no such unit": rowhouse.Truncate(saleSoldAt, 99),
			"path of text": rowhouse.JSONPath[string](saleShop, "a"), "no path": rowhouse.JSONPath[string](saleInfo),
			"odd path": rowhouse.JSONPath[string](saleInfo, `a"b`), "odd path 2": rowhouse.JSONPath[string](saleInfo, `a\b`),
			"path to time": rowhouse.JSONPath[time.Time](saleInfo, "a"), "smallest bool": rowhouse.Min(salePaid),
			"smallest json": rowhouse.Max(saleInfo), "sum of text": rowhouse.Sum(saleShop), "mean of time": rowhouse.Avg(saleSoldAt),
			"sum of sum": rowhouse.Sum(rowhouse.Sum(saleBig)), "different json": rowhouse.CountDistinct(saleInfo),
			"no column": rowhouse.Add(rowhouse.Column[Sale, int]{}, rowhouse.Column[Sale, int]{}), "zero column": rowhouse.Column[Sale, int]{},
			"zero own column": rowhouse.ExtraColumn[Sale, int]{},
			"no such literal": lit(make(chan int)), "nothing": rowhouse.Concat[Sale, string](),
			"empty condition": rowhouse.When(rowhouse.Predicate[Sale]{}, saleBig), "other fragment": rowhouse.Fragment[Sale, int]("{}"),
			"nil": nil, "count of nil": rowhouse.CountOf[Sale](nil), "sum of nil": rowhouse.Sum[Sale, int](nil),
			"first of nil": rowhouse.Coalesce[Sale, int64](nil, saleBig), "fragment of nil": rowhouse.Fragment[Sale, int]("{}", nil),
			"path of nil": rowhouse.JSONPath[string, Sale](nil, "a"), "nil or nothing": rowhouse.OrNull[Sale, int](nil),
		} {
			if got, err := rowhouse.Select[*int64](sales.In(s.tenant), v).All(t.Context()); err == nil {
				t.Errorf("%s: %v", name, got)
			} else if is(t, err, rowhouse.ErrInvalid); strings.Contains(err.Error(), "cannot hold") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestSetTo sets columns to values of their row, as it was, on every engine.
func TestSetTo(t *testing.T) {
	everywhere(t, trade, func(t *testing.T, s site) {
		ctx := t.Context()
		table := sales.In(s.tenant)
		row := Sale{Shop: "Nord", Units: 3, Big: 40, Price: "1.50"}
		ok(t, table.Insert(ctx, &row))
		n, err := table.UpdateWhere(ctx, saleID.Eq(row.ID),
			saleBig.SetTo(rowhouse.Mul(saleBig, lit[int64](2))), saleShop.SetTo(rowhouse.Upper(saleShop)),
			saleNote.SetTo(rowhouse.Concat(lit("was "), lit("here"))), salePrice.SetTo(rowhouse.Add(salePrice, lit("0.25"))),
			saleReturned.SetTo(rowhouse.Coalesce(saleReturned, lit[int64](9))))
		if ok(t, err); n != 1 {
			t.Errorf("%d rows", n)
		}
		got, err := table.Get(ctx, row.ID)
		ok(t, err)
		if got.Big != 80 || got.Shop != "NORD" || *got.Note != "was here" || *got.Returned != 9 ||
			decimalOf(t, got.Price).Cmp(decimalOf(t, "1.75")) != 0 {
			t.Errorf("the row is %+v", got)
		}
		for name, set := range map[string][]rowhouse.Assignment[Sale]{
			"set before": {saleShop.Set("x"), saleNote.SetTo(saleShop)}, "an aggregate": {saleBig.SetTo(rowhouse.Sum(saleBig))},
			"another kind": {saleShop.SetTo(salePrice)}, "an error": {saleBig.SetTo(rowhouse.Column[Sale, int64]{})},
		} {
			if _, err := table.UpdateWhere(ctx, rowhouse.Every[Sale](), set...); err == nil {
				t.Errorf("%s was set", name)
			} else {
				is(t, err, rowhouse.ErrInvalid)
			}
		}
		ok(t, func() error {
			_, err := table.UpdateWhere(ctx, rowhouse.Every[Sale](), saleNote.SetTo(saleShop), saleShop.Set("x"))
			return err
		}())
		if got, err := table.Get(ctx, row.ID); err != nil || *got.Note != "NORD" || got.Shop != "x" {
			t.Errorf("the row is %+v, %v", got, err)
		}
	})
}
