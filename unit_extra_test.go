package rowhouse_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
)

var (
	rankColumn = rowhouse.Extension{Name: "rank", Type: dialect.Type{Kind: dialect.Int64}}
	noteColumn = rowhouse.Extension{Name: "note", Type: dialect.Type{Kind: dialect.Text}, Default: "none"}
)

// holdsClaims compares what the tenant has, own columns too, with these rows.
func holdsClaims(t *testing.T, s rowhouse.Scope, want ...*Claim) {
	t.Helper()
	found, err := claims.In(s).OrderBy(claimID.Asc()).All(t.Context())
	ok(t, err)
	got, err := json.Marshal(found)
	ok(t, err)
	expected, err := json.Marshal(want)
	ok(t, err)
	equal(t, "rows", string(got), string(expected))
}

// TestUnitExtra has a unit write what has changed of a tenant's own columns, and nothing else of them.
func TestUnitExtra(t *testing.T) {
	everywhere(t, claimModels, func(t *testing.T, s site) {
		ctx := t.Context()
		extend(t, s.db, []rowhouse.Extension{rankColumn, noteColumn}, s.tenant.Tenant())
		own := claims.In(s.tenant)
		list := []Claim{{Title: "a"}, {Title: "b"}, {Title: "c"}}
		for i := range list {
			ownRank.Put(&list[i], i)
		}
		ok(t, own.InsertMany(ctx, list))

		u := rowhouse.NewUnit(s.tenant)
		w := claims.Unit(u)
		rows := loadAll(t, w, own.OrderBy(claimID.Asc()))
		ownRank.Put(rows[0], 0)
		if u.Changed() {
			t.Error("the value that was there is a change")
		}
		ownRank.Put(rows[0], 10)
		ownRank.PutNull(rows[1])
		ownNote.Put(rows[2], "mine")
		rows[2].Points = 3
		if got := w.Changed(rows[2]); !slices.Equal(got, []string{"points", "note"}) {
			t.Errorf("changed columns are %v", got)
		}
		fresh := Claim{Title: "d"}
		ownRank.Put(&fresh, 4)
		ok(t, w.Add(&fresh))
		if got := w.Changed(&fresh); !slices.Equal(got, []string{"id", "title", "points", "version", "rank"}) {
			t.Errorf("changed columns of a new row are %v", got)
		}
		ok(t, u.Flush(ctx))
		if u.Changed() {
			t.Error("after a flush there is something to flush")
		}
		holdsClaims(t, s.tenant, rows[0], rows[1], rows[2], &fresh)
		note, _ := ownNote.From(&fresh)
		rank, ranked := ownRank.From(rows[1])
		equal(t, "default", note, "none")
		equal(t, "NULL", ranked, false)
		equal(t, "NULL", rank, 0)

		ownRank.Put(rows[0], 11)
		ok(t, w.Refresh(ctx, rows[0]))
		if rank, _ = ownRank.From(rows[0]); rank != 10 || u.Changed() {
			t.Errorf("refreshed rank is %d", rank)
		}
	})
}

// TestUnitExtraUnread has rows of a tenant with columns of its own get into a unit that has read none.
func TestUnitExtraUnread(t *testing.T) {
	everywhere(t, claimModels, func(t *testing.T, s site) {
		ctx := t.Context()
		extend(t, s.db, []rowhouse.Extension{rankColumn, noteColumn}, s.tenant.Tenant())
		list := []Claim{{Title: "a"}, {Title: "b"}, {Title: "c"}}
		for i := range list {
			ownRank.Put(&list[i], i)
		}
		ok(t, claims.In(s.tenant).InsertMany(ctx, list))

		u := rowhouse.NewUnit(s.tenant)
		w := claims.Unit(u)
		ok(t, w.Attach(&list[0]))
		ok(t, w.Remove(&list[1]))
		blind := &Claim{ID: list[2].ID, Title: "c", Version: 1} // it knows nothing of the own columns
		ok(t, w.Attach(blind))
		ownRank.Put(&list[0], 5)
		ownNote.Put(blind, "none")
		if got := w.Changed(&list[0]); !slices.Equal(got, []string{"rank"}) || !u.Changed() {
			t.Errorf("changed columns are %v", got)
		}
		ok(t, u.Flush(ctx))
		found, err := claims.In(s.tenant).OrderBy(claimID.Asc()).All(ctx)
		ok(t, err)
		if len(found) != 2 || found[0].Version != 2 || found[1].Version != 2 {
			t.Fatalf("rows are %+v", found)
		}
		first, _ := ownRank.From(&found[0])
		last, _ := ownRank.From(&found[1])
		equal(t, "rank", []int{first, last}, []int{5, 2})
	})
}

// TestUnitExtraUnknown has a value under a name that the tenant does not have be refused, and be there to
// be flushed once the tenant has it.
func TestUnitExtraUnknown(t *testing.T) {
	everywhere(t, claimModels, func(t *testing.T, s site) {
		ctx := t.Context()
		list := []Claim{{Title: "a"}, {Title: "b"}}
		ok(t, claims.In(s.tenant).InsertMany(ctx, list))
		u := rowhouse.NewUnit(s.tenant)
		w := claims.Unit(u)
		rows := loadAll(t, w, claims.In(s.tenant).OrderBy(claimID.Asc()))
		rows[1].Points = 1
		ownRank.Put(rows[0], 5)
		if got := w.Changed(rows[0]); !slices.Equal(got, []string{"rank"}) {
			t.Errorf("changed columns are %v", got)
		}
		err := u.Flush(ctx)
		is(t, err, rowhouse.ErrNoColumn)
		if e, typed := errors.AsType[*rowhouse.StatementError](err); !typed || e.Column != "rank" || e.Tenant != s.tenant.Tenant() {
			t.Errorf("got %v", err)
		}
		holdsClaims(t, s.tenant, &list[0], &list[1])
		extend(t, s.db, []rowhouse.Extension{rankColumn}, s.tenant.Tenant())
		ok(t, u.Flush(ctx))
		found, err := claims.In(s.tenant).OrderBy(claimID.Asc()).All(ctx)
		ok(t, err)
		rank, _ := ownRank.From(&found[0])
		equal(t, "rank and points", []int{rank, found[1].Points}, []int{5, 1})

		ownNote.PutNull(rows[0]) // which every row has of a column that there is not
		ok(t, u.Flush(ctx))
		if u.Changed() || rows[0].Version != 2 {
			t.Errorf("NULL of no column is written: version %d", rows[0].Version)
		}
	})
}

// TestUnitExtraKeeps has a unit leave alone what others write into own columns, such as those that this
// process has not heard of.
func TestUnitExtraKeeps(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			drv, prefix := e.open(t)
			db := openFleet(t, drv, prefix, claimModels)
			for name := range placements(prefix) {
				extend(t, db, []rowhouse.Extension{rankColumn, noteColumn}, name)
			}
			late, err := rowhouse.Open(ctx, drv, rowhouse.Options{Models: claimModels, Freshness: time.Hour})
			ok(t, err)
			defer func() { ok(t, late.Close()) }()
			points := rowhouse.ExtraCol[int](claims, "later")
			for name := range placements(prefix) {
				tenant := tenantOf(t, db, name)
				list := []Claim{{Title: "a"}, {Title: "b"}}
				ok(t, claims.In(tenant).InsertMany(ctx, list))

				u := rowhouse.NewUnit(tenantOf(t, late, name))
				rows := loadAll(t, claims.Unit(u), claims.In(tenantOf(t, late, name)).OrderBy(claimID.Asc()))
				extend(t, db, []rowhouse.Extension{{Name: "later", Type: dialect.Type{Kind: dialect.Int64}}}, name)
				tenant = tenantOf(t, db, name)
				_, err := claims.In(tenant).UpdateWhere(ctx, rowhouse.Every[Claim](), points.Set(7), ownNote.Set("theirs"))
				ok(t, err)
				for i, row := range rows {
					row.Version++ // as if it had been read since
					ok(t, claims.Unit(u).Forget(row))
					ok(t, claims.Unit(u).Attach(row))
					ownRank.Put(row, i+1)
				}
				ok(t, u.Flush(ctx))
				found, err := claims.In(tenant).OrderBy(claimID.Asc()).All(ctx)
				ok(t, err)
				for i := range found {
					rank, _ := ownRank.From(&found[i])
					note, _ := ownNote.From(&found[i])
					later, _ := points.From(&found[i])
					if rank != i+1 || note != "theirs" || later != 7 {
						t.Errorf("%s: rank %d, note %q, later %d", name, rank, note, later)
					}
				}
			}
		})
	}
}
