package rowhouse_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/fleet"
)

// Claim has room for tenants' own columns.
type Claim struct {
	ID      int64          `db:"id,pk,auto"`
	Title   string         `db:"title,size:100,unique"`
	Points  int            `db:"points"`
	Version int64          `db:"version,lock"`
	Custom  rowhouse.Extra `db:",extra"`
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
			got := map[string]any{}
			for name, v := range rows[i].Custom.All() {
				got[name] = v
			}
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

var _ = json.Marshal
var _ = slices.Sort[[]int]
