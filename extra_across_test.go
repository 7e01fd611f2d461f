package rowhouse_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/fleet"
)

// claimFleet opens a fleet of two tenants in each placement. The first of two has all columns of its
// own, the second another "rank", which is a text.
func claimFleet(t *testing.T, e engine) (db *rowhouse.DB, extended, others []string) {
	t.Helper()
	drv, prefix := e.open(t)
	db = openFleet(t, drv, prefix, claimModels)
	for name := range placements(prefix) {
		extended, others = append(extended, name), append(others, name+"_2")
	}
	slices.Sort(extended)
	slices.Sort(others)
	extend(t, db, ownColumns, extended...)
	extend(t, db, []rowhouse.Extension{{Name: "rank", Type: dialect.Type{Kind: dialect.Text}}}, others...)
	for i, id := range slices.Concat(extended, others) {
		for n := range 3 {
			row := Claim{Title: fmt.Sprintf("%s %d", id, n)}
			if i < len(extended) {
				ownRank.Put(&row, 10*n+i)
			} else {
				row.Custom.Put("rank", strconv.Itoa(n))
			}
			ok(t, claims.In(tenantOf(t, db, id)).Insert(t.Context(), &row))
		}
	}
	return db, extended, others
}

// TestExtraAcross reads tenants of different shapes at once: each row comes with its own columns, and a
// tenant that lacks one which is asked for fails by itself.
func TestExtraAcross(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			db, extended, others := claimFleet(t, e)
			rows, err := claims.Across(db.All()).All(t.Context())
			ok(t, err)
			equal(t, "rows", len(rows), 24)
			for _, r := range rows {
				rank, has := r.Value.Custom.Get("rank")
				_, isText := rank.(string)
				_, priced := r.Value.Custom.Get("price")
				if text := slices.Contains(others, r.Tenant); !has || isText != text || priced == text {
					t.Errorf("tenant %s: rank %#v, price %v", r.Tenant, rank, priced)
				}
			}

			testExtraMerge(t, db, extended, others)

			// Tenants that do not have the column at all.
			_, err = claims.Across(db.Only(slices.Concat(extended[:1], others)...)).Where(ownPrice.IsNull()).KeepGoing().Count(t.Context())
			failed, partly := errors.AsType[*rowhouse.AcrossError](err)
			if !partly || len(failed.Failures) != len(others) {
				t.Fatalf("got %v", err)
			}
			for i, f := range failed.Failures {
				s, typed := errors.AsType[*rowhouse.StatementError](f)
				if !errors.Is(f, rowhouse.ErrNoColumn) || !typed || !slices.Contains(others, s.Tenant) || s.Column != "price" {
					t.Errorf("failure %d: %v", i, f)
				}
			}
		})
	}
}

// testExtraMerge reads in order, by a column that half of the tenants have as another type.
func testExtraMerge(t *testing.T, db *rowhouse.DB, extended, others []string) {
	t.Helper()
	ordered := claims.Across(db.All()).Where(ownRank.Ge(1)).OrderBy(ownRank.Desc()).KeepGoing()
	rows, err := ordered.All(t.Context())
	var failed *rowhouse.AcrossError
	if !errors.As(err, &failed) || len(failed.Failures) != len(others) || len(rows) != 11 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, r := range rows {
		if i > 0 {
			before, _ := ownRank.From(&rows[i-1].Value)
			if rank, _ := ownRank.From(&r.Value); rank >= before {
				t.Errorf("%d comes after %d", rank, before)
			}
		}
	}
	var paged []rowhouse.TenantRow[Claim]
	page := claims.Across(db.Only(extended...)).Where(ownRank.Ge(1)).OrderBy(ownRank.Desc()).Limit(4)
	for q := page; ; q = page.After(paged[len(paged)-1]) {
		part, err := q.All(t.Context())
		ok(t, err)
		paged = append(paged, part...)
		if len(part) < 4 {
			break
		}
	}
	for i := range rows {
		equal(t, "page", paged[i].Value.Title, rows[i].Value.Title)
	}
}

// Branch is another model with room for tenants' own columns.
type Branch struct {
	ID     int64          `db:"id,pk,auto"`
	Name   string         `db:"name"`
	Custom rowhouse.Extra `db:"extras,extra"`
}

var branches = rowhouse.MustDefine[Branch]("branch")

// TestExtraModels has tenants' own columns of one model leave the others as they are, and sub-queries
// ask for them.
func TestExtraModels(t *testing.T) {
	everywhere(t, rowhouse.Models(claims, branches, persons), func(t *testing.T, s site) {
		extend(t, s.db, ownColumns, s.tenant.Tenant())
		branchRank := rowhouse.ExtraCol[int](branches, "rank")
		_, err := fleet.New(s.db, fleet.Options{}).Extend(t.Context(), s.db.Only(s.tenant.Tenant()), branches,
			rowhouse.Extension{Name: "rank", Type: dialect.Type{Kind: dialect.Int64}, Default: 3})
		ok(t, err)
		person(t, s.tenant, "ann")
		branch := Branch{Name: "b"}
		ok(t, branches.In(s.tenant).Insert(t.Context(), &branch))
		rows := sampled()
		ownRank.Put(&rows[0], 3)
		ok(t, claims.In(s.tenant).InsertMany(t.Context(), rows))
		got := claimTitles(t, claims.In(s.tenant).Where(ownRank.InQuery(
			rowhouse.Select[int](branches.In(s.tenant).Where(branchRank.Eq(3)), branchRank))))
		equal(t, "in a sub-query", got, "a")
		list := s.tenant.Extensions(branches)
		if len(list) != 1 || list[0].Name != "rank" || len(s.tenant.Extensions(claims)) != len(ownColumns) || s.other.Extensions(claims) != nil {
			t.Errorf("the extensions are %+v", list)
		}
	})
}

// TestExtraTx has a transaction see columns that come while it runs.
func TestExtraTx(t *testing.T) {
	everywhere(t, claimModels, func(t *testing.T, s site) {
		if s.engine == "sqlite" {
			t.Skip("a write transaction is alone there, and so is the change of a table")
		}
		ok(t, s.tenant.Tx(t.Context(), func(tx *rowhouse.Tx) error {
			_, err := claims.In(tx).Where(ownRank.Eq(1)).All(t.Context())
			is(t, err, rowhouse.ErrNoColumn)
			extend(t, s.db, ownColumns[:3], s.tenant.Tenant())
			row := Claim{Title: "a"}
			ownRank.Put(&row, 1)
			if err := claims.In(tx).Insert(t.Context(), &row); err != nil {
				return err
			}
			_, err = claims.In(tx).Where(ownRank.Eq(1)).One(t.Context())
			return err
		}))
	})
}
