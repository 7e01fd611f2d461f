package rowhouse_test

import (
	"errors"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/fleet"
)

// Claim has room for tenants' own columns.
type Claim struct {
	ID      int64          `db:"id,pk,auto"            json:"id"`
	Title   string         `db:"title,size:100,unique" json:"title"`
	Points  int            `db:"points"                json:"points"`
	Version int64          `db:"version,lock"          json:"version"`
	Custom  rowhouse.Extra `db:",extra"                json:"custom"`
}

var (
	claims      = rowhouse.MustDefine[Claim]("claim")
	claimID     = rowhouse.Col(claims, func(t *Claim) *int64 { return &t.ID })
	claimTitle  = rowhouse.Col(claims, func(t *Claim) *string { return &t.Title })
	claimPoints = rowhouse.Col(claims, func(t *Claim) *int { return &t.Points })
	claimModels = rowhouse.Models(claims)

	// One of each kind, some with a default and so without NULL.
	ownFlag  = rowhouse.ExtraCol[bool](claims, "flag")
	ownTiny  = rowhouse.ExtraCol[int8](claims, "tiny")
	ownRank  = rowhouse.ExtraCol[int](claims, "rank")
	ownBig   = rowhouse.ExtraCol[int64](claims, "big")
	ownReal  = rowhouse.ExtraCol[float32](claims, "ratio32")
	ownRatio = rowhouse.ExtraCol[float64](claims, "ratio")
	ownPrice = rowhouse.ExtraCol[string](claims, "price").Of(dialect.Decimal)
	ownLevel = rowhouse.ExtraCol[string](claims, "level")
	ownNote  = rowhouse.ExtraCol[string](claims, "note")
	ownBlob  = rowhouse.ExtraCol[[]byte](claims, "blob")
	ownDue   = rowhouse.ExtraCol[time.Time](claims, "due")
	ownKey   = rowhouse.ExtraCol[uuid.UUID](claims, "token")
	ownInfo  = rowhouse.ExtraCol[map[string]int](claims, "info")

	ownColumns = []rowhouse.Extension{
		{Name: "flag", Type: dialect.Type{Kind: dialect.Bool}, Default: true},
		{Name: "tiny", Type: dialect.Type{Kind: dialect.Int16}},
		{Name: "rank", Type: dialect.Type{Kind: dialect.Int32}},
		{Name: "big", Type: dialect.Type{Kind: dialect.Int64}, Default: 7},
		{Name: "ratio32", Type: dialect.Type{Kind: dialect.Float32}},
		{Name: "ratio", Type: dialect.Type{Kind: dialect.Float64}, Default: 0.5},
		{Name: "price", Type: dialect.Type{Kind: dialect.Decimal, Precision: 12, Scale: 2}},
		{Name: "level", Type: dialect.Type{Kind: dialect.Text, Size: 10}, Default: `it's "\ok`},
		{Name: "note", Type: dialect.Type{Kind: dialect.Text}},
		{Name: "blob", Type: dialect.Type{Kind: dialect.Bytes}},
		{Name: "due", Type: dialect.Type{Kind: dialect.Time}},
		{Name: "token", Type: dialect.Type{Kind: dialect.UUID}},
		{Name: "info", Type: dialect.Type{Kind: dialect.JSON}},
	}
)

// extend gives tenants columns of their own.
func extend(t *testing.T, db *rowhouse.DB, columns []rowhouse.Extension, ids ...string) {
	t.Helper()
	houses := fleet.New(db, fleet.Options{})
	for _, x := range columns {
		_, err := houses.Extend(t.Context(), db.Only(ids...), claims, x)
		ok(t, err)
	}
}

func equal[V any](t *testing.T, what string, got, want V) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %#v, want %#v", what, got, want)
	}
}

// TestExtraRow has rows with values of every kind be written and read back.
func TestExtraRow(t *testing.T) {
	everywhere(t, claimModels, func(t *testing.T, s site) {
		old := Claim{Title: "old"}
		ok(t, claims.In(s.tenant).Insert(t.Context(), &old))
		extend(t, s.db, ownColumns, s.tenant.Tenant())

		full := Claim{Title: "full"}
		at := time.Date(2026, 2, 3, 4, 5, 6, 7000, time.FixedZone("", 3600))
		token := uuid.MustParse("0198c7f0-0000-7000-8000-0000000000ff")
		ownFlag.Put(&full, false)
		ownTiny.Put(&full, -3)
		ownRank.Put(&full, 1<<31-1)
		ownBig.Put(&full, -1<<63)
		ownReal.Put(&full, 0.1)
		ownRatio.Put(&full, -1e-9)
		ownPrice.Put(&full, "-12345.675")
		ownLevel.Put(&full, "日本 ")
		ownNote.Put(&full, "")
		ownBlob.Put(&full, []byte{0, 255, 39})
		ownDue.Put(&full, at)
		ownKey.Put(&full, token)
		ownInfo.Put(&full, map[string]int{"a": 1})
		bare := Claim{Title: "bare"}
		ok(t, claims.In(s.tenant).Insert(t.Context(), &full))
		ok(t, claims.In(s.tenant).InsertMany(t.Context(), []Claim{bare, {Title: "bare too"}}))

		rows, err := claims.In(s.tenant).OrderBy(claimID.Asc()).All(t.Context())
		ok(t, err)
		if len(rows) != 4 {
			t.Fatalf("%d rows", len(rows))
		}
		for _, i := range []int{0, 2, 3} {
			got := maps.Collect(rows[i].Custom.All())
			want := map[string]any{
				"flag": true, "tiny": nil, "rank": nil, "big": int64(7), "ratio32": nil, "ratio": 0.5, "price": nil,
				"level": `it's "\ok`, "note": nil, "blob": nil, "due": nil, "token": nil, "info": nil,
			}
			equal(t, rows[i].Title, got, want)
		}
		for _, row := range []Claim{full, rows[1]} {
			check := func(name string, got any, has bool, want any) {
				t.Helper()
				if !has || !reflect.DeepEqual(got, want) {
					t.Errorf("%s: got %#v, %v, want %#v", name, got, has, want)
				}
			}
			v1, is := ownFlag.From(&row)
			check("flag", v1, is, false)
			v2, is := ownTiny.From(&row)
			check("tiny", v2, is, int8(-3))
			v3, is := ownRank.From(&row)
			check("rank", v3, is, 1<<31-1)
			v4, is := ownBig.From(&row)
			check("big", v4, is, int64(-1<<63))
			v5, is := ownReal.From(&row)
			check("ratio32", v5, is, float32(0.1))
			v6, is := ownRatio.From(&row)
			check("ratio", v6, is, -1e-9)
			v7, is := ownPrice.From(&row)
			check("price", v7, is, "-12345.68")
			v8, is := ownLevel.From(&row)
			check("level", v8, is, "日本 ")
			v9, is := ownNote.From(&row)
			check("note", v9, is, "")
			v10, is := ownBlob.From(&row)
			check("blob", v10, is, []byte{0, 255, 39})
			v11, is := ownDue.From(&row)
			check("due", v11, is, at.UTC())
			v12, is := ownKey.From(&row)
			check("token", v12, is, token)
			v13, is := ownInfo.From(&row)
			check("info", v13, is, map[string]int{"a": 1})
		}

		if text, is := rowhouse.ExtraCol[string](claims, "rank").From(&rows[1]); is {
			t.Errorf("an integer is read as the text %q", text)
		}

		// A copy has values of its own.
		before := rows[1]
		ownNote.Put(&rows[1], "changed")
		ownRank.PutNull(&rows[1])
		ok(t, claims.In(s.tenant).Update(t.Context(), &rows[1]))
		if v, _ := ownNote.From(&before); v != "" {
			t.Errorf("the copy has %q", v)
		}
		got, err := claims.In(s.tenant).Get(t.Context(), full.ID)
		ok(t, err)
		v, _ := ownNote.From(&got)
		_, ranked := ownRank.From(&got)
		if p, _ := ownPrice.From(&got); v != "changed" || ranked || p != "-12345.68" {
			t.Errorf("after the update: %q, %v, %q", v, ranked, p)
		}
	})
}

// TestExtraMissing has everything that names a column which the tenant does not have, or not so, be
// refused before any SQL.
func TestExtraMissing(t *testing.T) {
	everywhere(t, claimModels, func(t *testing.T, s site) {
		extend(t, s.db, ownColumns[:4], s.other.Tenant())
		own := claims.In(s.tenant)
		row := Claim{Title: "a"}
		ok(t, own.Insert(t.Context(), &row))
		stray := row
		ownRank.Put(&stray, 1)
		fresh := Claim{Title: "b"}
		ownRank.Put(&fresh, 1)
		_, where := own.Where(ownRank.Eq(1)).All(t.Context())
		_, order := own.OrderBy(ownRank.Asc()).All(t.Context())
		_, selected := rowhouse.Select[int](own, ownRank).All(t.Context())
		_, sum := rowhouse.Compute(t.Context(), own, rowhouse.Sum(ownRank))
		_, set := own.UpdateWhere(t.Context(), rowhouse.Every[Claim](), ownRank.Set(1))
		_, by := own.UpdateWhere(t.Context(), ownRank.Eq(1), claimPoints.Set(1))
		_, deleted := own.DeleteWhere(t.Context(), ownRank.Eq(1))
		for name, err := range map[string]error{
			"where": where, "order": order, "select": selected, "sum": sum, "set": set, "update by": by, "delete": deleted,
			"update": own.Update(t.Context(), &stray), "named": own.Update(t.Context(), &row, ownRank),
			"insert": own.Insert(t.Context(), &fresh), "upsert": own.Upsert(t.Context(), &fresh),
			"many": own.InsertMany(t.Context(), []Claim{fresh}),
		} {
			e, typed := errors.AsType[*rowhouse.StatementError](err)
			if !errors.Is(err, rowhouse.ErrNoColumn) || !typed || e.Tenant != s.tenant.Tenant() || e.Model != "claim" ||
				e.Column != "rank" || e.Err != nil {
				t.Errorf("%s: got %v", name, err)
			}
		}
		// NULL is what a row has that does not have the column.
		ownRank.PutNull(&fresh)
		ok(t, own.Insert(t.Context(), &fresh))
		// Another type is another column.
		text := rowhouse.ExtraCol[string](claims, "rank")
		_, err := claims.In(s.other).Where(text.Eq("1")).All(t.Context())
		is(t, err, rowhouse.ErrInvalid)
		_, err = claims.In(s.other).UpdateWhere(t.Context(), rowhouse.Every[Claim](), text.Set("1"))
		is(t, err, rowhouse.ErrInvalid)
	})
}

// sampled are rows with values in the corners of each kind, and without any.
func sampled() (rows []Claim) {
	token := func(b byte) uuid.UUID { return uuid.UUID{15: b} }
	at := time.Date(2026, 3, 1, 12, 0, 0, 1000, time.UTC)
	for i, fill := range []func(*Claim){
		func(*Claim) {},
		func(r *Claim) {
			ownFlag.Put(r, false)
			ownTiny.Put(r, 0)
			ownRank.Put(r, 10)
			ownBig.Put(r, 1<<62+1)
			ownReal.Put(r, 0.1)
			ownRatio.Put(r, 0.1)
			ownPrice.Put(r, "9.5")
			ownLevel.Put(r, "a ")
			ownNote.Put(r, "Z")
			ownBlob.Put(r, []byte{})
			ownDue.Put(r, at)
			ownKey.Put(r, token(1))
			ownInfo.Put(r, map[string]int{"n": 3})
		},
		func(r *Claim) {
			ownRank.Put(r, 9)
			ownBig.Put(r, 1<<62)
			ownReal.Put(r, -2.5)
			ownRatio.Put(r, 1e18)
			ownPrice.Put(r, "10")
			ownLevel.Put(r, "a")
			ownNote.Put(r, "a")
			ownBlob.Put(r, []byte{0xff, 0})
			ownDue.Put(r, at.Add(-time.Microsecond))
			ownKey.Put(r, token(2))
			ownInfo.Put(r, map[string]int{"n": 4})
		},
		func(r *Claim) {
			ownTiny.Put(r, -128)
			ownBig.Put(r, math.MinInt64)
			ownRank.Put(r, -1)
			ownPrice.Put(r, "-0.01")
			ownLevel.Put(r, "")
			ownNote.Put(r, "é%_\\'\"日")
			ownDue.Put(r, at.AddDate(0, 0, 40))
			ownBlob.Put(r, []byte{0x7f})
		},
		func(r *Claim) {
			ownRank.Put(r, 10)
			ownPrice.Put(r, "9.50")
			ownBig.Put(r, math.MaxInt64)
			ownNote.Put(r, "null")
			ownLevel.Put(r, "true")
		},
	} {
		rows = append(rows, Claim{Title: string(rune('a' + i)), Points: i})
		fill(&rows[i])
	}
	return rows
}

func titlesOf(rows []Claim) string {
	var s strings.Builder
	for i := range rows {
		s.WriteString(rows[i].Title)
	}
	return s.String()
}

// claimTitles are those of the rows that a query finds, as one text.
func claimTitles(t *testing.T, q rowhouse.Query[Claim]) string {
	t.Helper()
	rows, err := q.All(t.Context())
	ok(t, err)
	return titlesOf(rows)
}

// TestExtraMeaning has every kind of value mean the same in documents as in columns, on every engine.
func TestExtraMeaning(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 1000, time.UTC)
	everywhere(t, claimModels, func(t *testing.T, s site) {
		extend(t, s.db, ownColumns, s.tenant.Tenant())
		own := claims.In(s.tenant)
		ok(t, own.InsertMany(t.Context(), sampled()))
		byTitle := own.OrderBy(claimTitle.Asc())
		for _, c := range []struct {
			name string
			p    rowhouse.Predicate[Claim]
			want string
		}{
			{"a default", ownFlag.Eq(true), "acde"},
			{"not", rowhouse.Not(ownFlag.Eq(true)), "b"},
			{"ne", ownFlag.Ne(true), "b"},
			{"null", ownTiny.IsNull(), "ace"},
			{"not null", ownTiny.IsNotNull(), "bd"},
			{"negative", ownTiny.Lt(0), "d"},
			{"in", ownRank.In(10, -1), "bde"},
			{"between", ownRank.Between(9, 10), "bce"},
			{"never null", ownBig.IsNull(), ""},
			{"beyond a float", ownBig.Gt(1 << 62), "be"},
			{"smallest", ownBig.Eq(math.MinInt64), "d"},
			{"greatest", ownBig.Eq(math.MaxInt64), "e"},
			{"default in", ownBig.In(7), "a"},
			{"float32", ownReal.Eq(0.1), "b"},
			{"float32 less", ownReal.Lt(0), "c"},
			{"float", ownRatio.Eq(0.1), "b"},
			{"large float", ownRatio.Ge(1e18), "c"},
			{"decimal", ownPrice.Eq("9.5"), "be"},
			{"decimal order", ownPrice.Gt("9.50"), "c"},
			{"decimals", ownPrice.In("-0.01", "10.00"), "cd"},
			{"trailing space", ownLevel.Eq("a"), "c"},
			{"empty", ownLevel.Eq(""), "d"},
			{"text default", ownLevel.Eq(`it's "\ok`), "a"},
			{"a word of JSON", ownNote.Eq("null"), "e"},
			{"bool in text", ownLevel.Eq("true"), "e"},
			{"bytewise", ownNote.Gt("Z"), "cde"},
			{"like", ownNote.Contains(`%_\'"`), "d"},
			{"prefix", ownNote.HasPrefix("é"), "d"},
			{"case", ownNote.Eq("z"), ""},
			{"bytes", ownBlob.Eq([]byte{0xff, 0}), "c"},
			{"no bytes", ownBlob.Eq([]byte{}), "b"},
			{"greater bytes", ownBlob.Gt([]byte{0x7f}), "c"},
			{"time", ownDue.Eq(at), "b"},
			{"before", ownDue.Lt(at), "c"},
			{"time zone", ownDue.Ge(at.In(time.FixedZone("", -7200))), "bd"},
			{"uuid", ownKey.Eq(uuid.UUID{15: 2}), "c"},
			{"uuids", ownKey.In(uuid.UUID{15: 1}, uuid.UUID{}), "b"},
			{"or", rowhouse.Or(ownRank.Eq(9), ownKey.IsNotNull()), "bc"},
			{"path", rowhouse.JSONPath[int](ownInfo, "n").Gt(3), "c"},
			{"beside a column", rowhouse.And(ownRank.Eq(10), claimPoints.Gt(1)), "e"},
			{"two columns", rowhouse.Compare(ownLevel, "<", ownNote), "d"},
			{"computed", rowhouse.Add(ownRank, rowhouse.Literal[Claim](1)).Eq(11), "be"},
			{"lower", rowhouse.Lower(ownNote).Eq("z"), "b"},
			{"month", rowhouse.Truncate(ownDue, rowhouse.Month).Eq(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)), "d"},
		} {
			equal(t, c.name, claimTitles(t, byTitle.Where(c.p)), c.want)
			n, err := own.Where(c.p).Count(t.Context())
			ok(t, err)
			equal(t, c.name+", counted", n, int64(len(c.want)))
		}
		for _, c := range []struct {
			name string
			by   []rowhouse.Order[Claim]
			want string
		}{
			{"integers", []rowhouse.Order[Claim]{ownRank.Asc(), claimTitle.Asc()}, "dcbea"},
			{"nulls", []rowhouse.Order[Claim]{ownRank.Desc().NullsLast(), claimTitle.Desc()}, "ebcda"},
			{"decimals", []rowhouse.Order[Claim]{ownPrice.Asc(), claimTitle.Asc()}, "dbeca"},
			{"times", []rowhouse.Order[Claim]{ownDue.Desc(), claimTitle.Asc()}, "aedbc"},
			{"defaults", []rowhouse.Order[Claim]{ownRatio.Asc(), claimTitle.Asc()}, "badec"},
			{"bytes", []rowhouse.Order[Claim]{ownBlob.Asc(), claimTitle.Asc()}, "bdcae"},
		} {
			equal(t, c.name, claimTitles(t, own.OrderBy(c.by...)), c.want)
			// Page by page it is the same.
			var paged []Claim
			page := own.OrderBy(c.by...).Limit(2)
			for q := page; ; {
				rows, err := q.All(t.Context())
				ok(t, err)
				paged = append(paged, rows...)
				if len(rows) < 2 {
					break
				}
				q = page.After(rows[1])
			}
			equal(t, c.name+", in pages", titlesOf(paged), c.want)
		}
		testExtraResults(t, own)
	})
}

func testExtraResults(t *testing.T, own rowhouse.Table[Claim]) {
	t.Helper()
	type group struct {
		Rank  *int
		N     int64
		Price *string
		Last  *time.Time
	}
	groups, err := rowhouse.Select[group](own.OrderBy(ownRank.Asc()), ownRank, rowhouse.Count[Claim]().As("n"),
		rowhouse.Max(ownPrice).As("price"), rowhouse.Min(ownDue).As("last")).GroupBy(ownRank).
		Having(rowhouse.Count[Claim]().Ge(1)).All(t.Context())
	ok(t, err)
	var got []any
	for _, g := range groups {
		rank := any(nil)
		if g.Rank != nil {
			rank = *g.Rank
		}
		got = append(got, rank, g.N, g.Price != nil, g.Last != nil)
	}
	equal(t, "groups", got, []any{-1, int64(1), true, true, 9, int64(1), true, true, 10, int64(2), true, true, nil, int64(1), false, false})
	levels, err := rowhouse.Select[string](own.OrderBy(ownLevel.Desc()), ownLevel).Distinct().All(t.Context())
	ok(t, err)
	slices.Sort(levels)
	equal(t, "distinct", levels, []string{"", "a", "a ", `it's "\ok`, "true"})
	sum, err := rowhouse.Compute(t.Context(), own, rowhouse.Sum(ownRank))
	ok(t, err)
	equal(t, "sum", sum, 28)
	avg, err := rowhouse.Compute(t.Context(), own, rowhouse.Avg(ownRank))
	ok(t, err)
	equal(t, "avg", avg, 7.0)
	n, err := rowhouse.Compute(t.Context(), own, rowhouse.CountDistinct(ownNote))
	ok(t, err)
	equal(t, "count", n, int64(4))
	top, err := rowhouse.Compute(t.Context(), own, rowhouse.Max(ownNote))
	ok(t, err)
	equal(t, "max", top, `é%_\'"日`)

	// The model's own struct is read into as well, with what was selected and no more.
	rows, err := rowhouse.Select[Claim](own.Where(ownRank.Eq(9)), claimTitle, ownBig).All(t.Context())
	ok(t, err)
	big, _ := ownBig.From(&rows[0])
	_, priced := rows[0].Custom.Get("price")
	if rows[0].Title != "c" || big != 1<<62 || priced || rows[0].ID != 0 {
		t.Errorf("read %+v, %d", rows[0], big)
	}
}
