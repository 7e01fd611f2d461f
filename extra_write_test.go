package rowhouse_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
)

// TestExtraUpdateWhere has assignments of every kind write what a row would, computed ones too.
func TestExtraUpdateWhere(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 1000, time.UTC)
	everywhere(t, claimModels, func(t *testing.T, s site) {
		extend(t, s.db, ownColumns, s.tenant.Tenant())
		other := rowhouse.ExtraCol[string](claims, "note_2")
		extend(t, s.db, []rowhouse.Extension{
			{Name: "note_2", Type: dialect.Type{Kind: dialect.Text}},
			{Name: "due_2", Type: dialect.Type{Kind: dialect.Time}},
			{Name: "token_2", Type: dialect.Type{Kind: dialect.UUID}},
			{Name: "blob_2", Type: dialect.Type{Kind: dialect.Bytes}},
			{Name: "price_2", Type: dialect.Type{Kind: dialect.Decimal, Precision: 12, Scale: 2}},
			{Name: "info_2", Type: dialect.Type{Kind: dialect.JSON}},
			{Name: "flag_2", Type: dialect.Type{Kind: dialect.Bool}},
			{Name: "real_2", Type: dialect.Type{Kind: dialect.Float32}},
			{Name: "big_2", Type: dialect.Type{Kind: dialect.Int64}},
		}, s.tenant.Tenant())
		own := claims.In(s.tenant)
		ok(t, own.InsertMany(t.Context(), []Claim{{Title: "a"}, {Title: "b"}}))
		set := func(assigns ...rowhouse.Assignment[Claim]) Claim {
			t.Helper()
			n, err := own.UpdateWhere(t.Context(), claimTitle.Eq("a"), assigns...)
			ok(t, err)
			equal(t, "rows", n, int64(1))
			row, err := own.Where(claimTitle.Eq("a")).One(t.Context())
			ok(t, err)
			return row
		}
		token := uuid.UUID{1, 2, 15: 3}
		set(ownFlag.Set(false), ownRank.Set(5), claimPoints.Set(2), ownBig.Set(1<<62+1), ownReal.Set(0.1), ownPrice.Set("1.005"),
			ownNote.Set(`q"\'é`), ownBlob.Set([]byte{0, 200}), ownDue.Set(at), ownKey.Set(token), ownInfo.Set(map[string]int{"a": 2}))
		row := set(ownRank.Add(2), ownBig.Add(-1), other.SetTo(ownNote),
			rowhouse.ExtraCol[time.Time](claims, "due_2").SetTo(rowhouse.Truncate(ownDue, rowhouse.Day)),
			rowhouse.ExtraCol[uuid.UUID](claims, "token_2").SetTo(ownKey), rowhouse.ExtraCol[[]byte](claims, "blob_2").SetTo(ownBlob),
			rowhouse.ExtraCol[string](claims, "price_2").Of(dialect.Decimal).SetTo(rowhouse.Add(ownPrice, ownPrice)),
			rowhouse.ExtraCol[map[string]int](claims, "info_2").SetTo(ownInfo),
			rowhouse.ExtraCol[bool](claims, "flag_2").SetTo(ownFlag), rowhouse.ExtraCol[float32](claims, "real_2").SetTo(ownReal),
			rowhouse.ExtraCol[int64](claims, "big_2").SetTo(rowhouse.Literal[Claim](int64(1)<<53+1)))
		want := map[string]any{
			"flag": false, "tiny": nil, "rank": int64(7), "big": int64(1 << 62), "ratio32": float64(float32(0.1)), "ratio": 0.5,
			"price": "1.01", "level": `it's "\ok`, "note": `q"\'é`, "note_2": `q"\'é`, "blob": []byte{0, 200}, "blob_2": []byte{0, 200},
			"due": at, "due_2": time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), "token": [16]byte(token), "token_2": [16]byte(token),
			"price_2": "2.02", "flag_2": false, "real_2": float64(float32(0.1)), "big_2": int64(1)<<53 + 1,
		}
		got := map[string]any{}
		for name, v := range row.Custom.All() {
			if name != "info" && name != "info_2" {
				got[name] = v
			}
		}
		equal(t, "row", got, want)
		info, _ := rowhouse.ExtraCol[map[string]int](claims, "info_2").From(&row)
		equal(t, "info_2", info, map[string]int{"a": 2})
		equal(t, "points", row.Points, 2)
		if n, err := own.Where(rowhouse.ExtraCol[bool](claims, "flag_2").Eq(false)).Count(t.Context()); err != nil || n != 1 {
			t.Errorf("%d rows, %v", n, err)
		}

		row = set(ownRank.SetNull(), ownPrice.SetNull())
		_, ranked := ownRank.From(&row)
		if big, _ := ownBig.From(&row); ranked || big != 1<<62 || row.Version != 4 {
			t.Errorf("after NULL: %v, %d, version %d", ranked, big, row.Version)
		}
		_, err := own.UpdateWhere(t.Context(), rowhouse.Every[Claim](), ownFlag.SetNull())
		is(t, err, rowhouse.ErrNull)
		_, err = own.UpdateWhere(t.Context(), rowhouse.Every[Claim](), ownRank.Set(1<<31))
		is(t, err, rowhouse.ErrTooLong)
		_, err = own.UpdateWhere(t.Context(), rowhouse.Every[Claim](), ownLevel.Set("12345678901"))
		is(t, err, rowhouse.ErrTooLong)
		_, err = own.UpdateWhere(t.Context(), rowhouse.Every[Claim](), ownRank.Set(1), ownRank.Add(1))
		is(t, err, rowhouse.ErrInvalid)
		_, err = own.UpdateWhere(t.Context(), rowhouse.Every[Claim](), ownNote.Set("x"), other.SetTo(ownNote))
		is(t, err, rowhouse.ErrInvalid)
		// What is computed is held to the bounds of its column, but for integers in the documents of MySQL.
		if s.tenant.Placement() != rowhouse.InShared || s.engine == "postgres" || s.engine == "sqlite" {
			_, err = own.UpdateWhere(t.Context(), rowhouse.Every[Claim](), ownRank.Set(math.MaxInt32))
			ok(t, err)
			_, err = own.UpdateWhere(t.Context(), rowhouse.Every[Claim](), ownRank.Add(1))
			is(t, err, rowhouse.ErrTooLong)
			_, err = own.UpdateWhere(t.Context(), rowhouse.Every[Claim](), ownTiny.SetTo(rowhouse.Literal[Claim](int8(127))), ownRank.SetNull())
			ok(t, err)
		}
		// The other row is what it was, but for that.
		b, err := own.Where(claimTitle.Eq("b")).One(t.Context())
		ok(t, err)
		if v, _ := b.Custom.Get("note_2"); v != nil {
			t.Errorf("b is %+v", b)
		}
		if n, err := own.DeleteWhere(t.Context(), ownBig.Eq(7)); err != nil || n != 1 {
			t.Errorf("%d rows were deleted, %v", n, err)
		}
	})
}

// TestExtraUpdate has an update write what the row knows, and nothing else.
func TestExtraUpdate(t *testing.T) {
	everywhere(t, claimModels, func(t *testing.T, s site) {
		extend(t, s.db, ownColumns, s.tenant.Tenant())
		own := claims.In(s.tenant)
		row := Claim{Title: "a"}
		ownRank.Put(&row, 1)
		ownNote.Put(&row, "n")
		ok(t, own.Insert(t.Context(), &row))
		now := func() Claim {
			t.Helper()
			got, err := own.Get(t.Context(), row.ID)
			ok(t, err)
			return got
		}
		values := func(c Claim) []any {
			rank, _ := c.Custom.Get("rank")
			note, _ := c.Custom.Get("note")
			return []any{rank, note, c.Title}
		}
		// What a row was never told of stays.
		blind := Claim{ID: row.ID, Title: "b", Version: 1}
		ownRank.Put(&blind, 2)
		ok(t, own.Update(t.Context(), &blind))
		equal(t, "blind", values(now()), []any{int64(2), "n", "b"})
		// Named columns alone.
		full := now()
		ownRank.Put(&full, 3)
		ownNote.Put(&full, "m")
		full.Title = "c"
		ok(t, own.Update(t.Context(), &full, ownRank))
		equal(t, "named", values(now()), []any{int64(3), "n", "b"})
		ok(t, own.Update(t.Context(), &full, ownNote, claimTitle, ownRank))
		equal(t, "named, several", values(now()), []any{int64(3), "m", "c"})
		ownNote.PutNull(&full)
		ok(t, own.Update(t.Context(), &full))
		equal(t, "null", values(now()), []any{int64(3), nil, "c"})

		// Upsert, by another key than the primary one.
		up := Claim{Title: "c"}
		ownNote.Put(&up, "up")
		ok(t, own.Upsert(t.Context(), &up, claimTitle))
		equal(t, "upserted", values(up), values(now()))
		equal(t, "what an upsert says nothing of", values(up), []any{int64(3), "up", "c"})
		is(t, own.Upsert(t.Context(), &up, ownNote), rowhouse.ErrInvalid)

		// What cannot be written is refused by name, and the row is as it was.
		for name, bad := range map[string]func(*Claim) error{
			"tiny":  func(c *Claim) error { c.Custom.Put("tiny", 40000); return rowhouse.ErrTooLong },
			"level": func(c *Claim) error { ownLevel.Put(c, "12345678901"); return rowhouse.ErrTooLong },
			"price": func(c *Claim) error { ownPrice.Put(c, "99999999999"); return rowhouse.ErrTooLong },
			"note":  func(c *Claim) error { ownNote.Put(c, "a\x00b"); return rowhouse.ErrInvalid },
			"due":   func(c *Claim) error { c.Custom.Put("due", 3); return rowhouse.ErrInvalid },
			"rank":  func(c *Claim) error { c.Custom.Put("rank", struct{}{}); return rowhouse.ErrInvalid },
			"flag":  func(c *Claim) error { c.Custom.Put("flag", "yes"); return rowhouse.ErrInvalid },
		} {
			wrong := Claim{Title: name}
			want := bad(&wrong)
			for op, err := range map[string]error{"insert": own.Insert(t.Context(), &wrong), "update": own.Update(t.Context(), &wrong)} {
				e, typed := errors.AsType[*rowhouse.StatementError](err)
				if !errors.Is(err, want) || !typed || e.Column != name || strings.Contains(err.Error(), "12345678901") {
					t.Errorf("%s %s: %v", op, name, err)
				}
			}
			if wrong.ID != 0 || wrong.Version != 0 {
				t.Errorf("%s: the row is %+v", name, wrong)
			}
		}

		// An insert that fails takes back the defaults that it has filled in.
		twice := Claim{Title: "c"}
		is(t, own.Insert(t.Context(), &twice), rowhouse.ErrConflict)
		if _, has := twice.Custom.Get("flag"); has {
			t.Error("the defaults stay in a row that was not inserted")
		}
	})
}

// TestExtraJSON has values go to JSON and come back.
func TestExtraJSON(t *testing.T) {
	everywhere(t, claimModels, func(t *testing.T, s site) {
		extend(t, s.db, ownColumns, s.tenant.Tenant())
		own := claims.In(s.tenant)
		rows := sampled()
		ok(t, own.InsertMany(t.Context(), rows))
		for i := range rows {
			text, err := json.Marshal(rows[i])
			ok(t, err)
			var back Claim
			ok(t, json.Unmarshal(text, &back))
			if rank, is := ownRank.From(&back); i == 1 && (!is || rank != 10) {
				t.Errorf("rank is %d, %v", rank, is)
			}
			back.ID, back.Version, back.Title = 0, 0, back.Title+"2"
			ok(t, own.Insert(t.Context(), &back))
			got, err := own.Get(t.Context(), back.ID)
			ok(t, err)
			for name, v := range rows[i].Custom.All() {
				again, _ := got.Custom.Get(name)
				if name != "info" {
					equal(t, rows[i].Title+"."+name, again, v)
				}
			}
		}
		var bad Claim
		ok(t, json.Unmarshal([]byte(`{"title":"z","custom":{"rank":"high"}}`), &bad))
		is(t, own.Insert(t.Context(), &bad), rowhouse.ErrInvalid)
	})
}

// TestExtraRaw has raw SQL read a tenant's own columns alike in every placement.
func TestExtraRaw(t *testing.T) {
	everywhere(t, claimModels, func(t *testing.T, s site) {
		extend(t, s.db, ownColumns, s.tenant.Tenant())
		ok(t, claims.In(s.tenant).InsertMany(t.Context(), sampled()))
		type result struct {
			Title string
			Level string
			Due   *time.Time
		}
		got, err := rowhouse.Raw[result](s.tenant, `SELECT c.title, c.level, c.due FROM {claim} c
			WHERE c.rank = $1 AND c.big > 7 AND c.due IS NOT NULL`, 10).All(t.Context())
		ok(t, err)
		if len(got) != 1 || got[0].Level != "a " || got[0].Due == nil || got[0].Due.Nanosecond() != 1000 {
			t.Errorf("got %+v", got)
		}
	})
}
