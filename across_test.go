package rowhouse_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/fleet"
)

// Sample is what the tests across tenants read.
type Sample struct {
	ID      int64  `db:"id,pk,auto"`
	Name    string `db:"name,size:40"`
	Rank    *int   `db:"rank"`
	Open    bool   `db:"open"`
	Tenant  string `db:"owner,size:63"` // a canary: whose row it is
	At      time.Time
	Deleted *time.Time `db:"deleted_at,softdelete"`
}

var (
	samples      = rowhouse.MustDefine[Sample]("sample")
	sampleID     = rowhouse.Col(samples, func(s *Sample) *int64 { return &s.ID })
	sampleName   = rowhouse.Col(samples, func(s *Sample) *string { return &s.Name })
	sampleRank   = rowhouse.Nullable(samples, func(s *Sample) **int { return &s.Rank })
	sampleOpen   = rowhouse.Col(samples, func(s *Sample) *bool { return &s.Open })
	sampleAt     = rowhouse.Col(samples, func(s *Sample) *time.Time { return &s.At })
	sampleModels = rowhouse.Models(samples)
)

type sampleRow = rowhouse.TenantRow[Sample]

// acrossEverywhere runs a test on each engine, over two tenants in each placement, which have random
// rows, some of them deleted. want has those that are not.
func acrossEverywhere(t *testing.T, fn func(t *testing.T, db *rowhouse.DB, want []sampleRow)) {
	t.Helper()
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			drv, prefix := e.open(t)
			db := openFleet(t, drv, prefix, sampleModels)
			var want []sampleRow
			for name := range placements(prefix) {
				for _, id := range []string{name, name + "_2"} {
					want = append(want, fillSamples(t, db, id)...)
				}
			}
			fn(t, db, want)
		})
	}
}

func fillSamples(t *testing.T, db *rowhouse.DB, id string) (want []sampleRow) {
	t.Helper()
	names := []string{"", "a", "A", "b", "é", "z", "日", "a b", "_", "𝄞"}
	tenant := tenantOf(t, db, id)
	rows := make([]Sample, rand.IntN(30))
	for i := range rows {
		rows[i] = Sample{
			Name: names[rand.IntN(len(names))], Open: rand.IntN(2) == 0, Tenant: id,
			At: time.Date(2026, 1, rand.IntN(4)+1, 0, 0, 0, 0, time.UTC),
		}
		if n := rand.IntN(4); n > 0 {
			rows[i].Rank = &n
		}
	}
	ok(t, samples.In(tenant).InsertMany(t.Context(), rows))
	for i := range rows {
		if i%7 == 3 {
			ok(t, samples.In(tenant).Delete(t.Context(), &rows[i]))
			continue
		}
		want = append(want, sampleRow{Tenant: id, Value: rows[i]})
	}
	return want
}

// byTenant is the order of rows that are equal in all that was asked for.
func byTenant(a, b sampleRow) int {
	return cmp.Or(strings.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Value.ID, b.Value.ID))
}

// byRank has NULL be the greatest.
func byRank(a, b sampleRow) int {
	x, y := 99, 99
	if a.Value.Rank != nil {
		x = *a.Value.Rank
	}
	if b.Value.Rank != nil {
		y = *b.Value.Rank
	}
	return cmp.Compare(x, y)
}

func byName(a, b sampleRow) int { return strings.Compare(a.Value.Name, b.Value.Name) }

func sorted(rows []sampleRow, by ...func(a, b sampleRow) int) []sampleRow {
	list := slices.Clone(rows)
	slices.SortFunc(list, func(a, b sampleRow) int {
		for _, fn := range by {
			if c := fn(a, b); c != 0 {
				return c
			}
		}
		return byTenant(a, b)
	})
	return list
}

func sameRows(t *testing.T, what string, got, want []sampleRow) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("%s: row %d is %+v, want %+v", what, i, got[i], want[i])
		}
	}
}

func TestAcross(t *testing.T) {
	acrossEverywhere(t, func(t *testing.T, db *rowhouse.DB, want []sampleRow) {
		ctx := t.Context()
		all := samples.Across(db.All())
		got, err := all.All(ctx)
		ok(t, err)
		for _, row := range got {
			if row.Tenant != row.Value.Tenant {
				t.Fatalf("a row of %s came as one of %s", row.Value.Tenant, row.Tenant)
			}
		}
		sameRows(t, "all", sorted(got), sorted(want))

		open := slices.DeleteFunc(slices.Clone(want), func(r sampleRow) bool { return !r.Value.Open })
		n, err := all.Where(sampleOpen.Eq(true)).Count(ctx)
		if ok(t, err); n != int64(len(open)) {
			t.Errorf("%d are open, want %d", n, len(open))
		}
		opposite := func(fn func(a, b sampleRow) int) func(a, b sampleRow) int {
			return func(a, b sampleRow) int { return fn(b, a) }
		}
		for name, c := range map[string]struct {
			a    rowhouse.Across[Sample]
			want []sampleRow
		}{
			"by tenant": {all, sorted(want)},
			"by name":   {all.OrderBy(sampleName.Asc()), sorted(want, byName)},
			"by rank":   {all.OrderBy(sampleRank.Asc()), sorted(want, byRank)},
			"by rank, down, then name": {
				all.OrderBy(sampleRank.Desc(), sampleName.Desc()), sorted(want, opposite(byRank), opposite(byName)),
			},
			"open ones by time": {
				all.Where(sampleOpen.Eq(true)).OrderBy(sampleAt.Asc()),
				sorted(open, func(a, b sampleRow) int { return a.Value.At.Compare(b.Value.At) }),
			},
		} {
			if name != "by tenant" {
				got, err := c.a.All(ctx)
				ok(t, err)
				sameRows(t, name, got, c.want)
			}
			for _, size := range []int{1, 3, 1000} {
				sameRows(t, fmt.Sprintf("%s, in pages of %d", name, size), pages(t, c.a.Limit(size), size), c.want)
			}
		}
	})
}

// pages reads page by page.
func pages(t *testing.T, page rowhouse.Across[Sample], size int) (all []sampleRow) {
	t.Helper()
	for {
		some, err := page.All(t.Context())
		ok(t, err)
		all = append(all, some...)
		if len(some) < size {
			return all
		}
		page = page.After(some[len(some)-1])
	}
}

func TestAcrossSelections(t *testing.T) {
	acrossEverywhere(t, func(t *testing.T, db *rowhouse.DB, want []sampleRow) {
		ctx := t.Context()
		houses := fleet.New(db, fleet.Options{})
		ok(t, houses.Provision(ctx, fleet.NewTenant{ID: "labeled", Labels: map[string]string{"tier": "gold"}}))
		labeled := sampleRow{Tenant: "labeled", Value: Sample{Name: "x", Tenant: "labeled", At: time.Now().UTC().Truncate(time.Microsecond)}}
		ok(t, samples.In(tenantOf(t, db, "labeled")).Insert(ctx, &labeled.Value))
		ok(t, houses.Suspend(ctx, "prefix"))
		active := slices.DeleteFunc(slices.Clone(want), func(r sampleRow) bool { return r.Tenant == "prefix" })
		of := func(ids ...string) []sampleRow {
			return slices.DeleteFunc(slices.Clone(want), func(r sampleRow) bool { return !slices.Contains(ids, r.Tenant) })
		}
		for name, c := range map[string]struct {
			sel  rowhouse.Selection
			want []sampleRow
		}{
			"all":       {db.All(), append(active, labeled)},
			"by id":     {db.Only("shared", "schema_2", "shared"), of("shared", "schema_2")},
			"by label":  {db.All().Labeled("tier", "gold"), []sampleRow{labeled}},
			"by labels": {db.Only("labeled", "shared").Labeled("tier", "gold"), []sampleRow{labeled}},
			"no label":  {db.All().Labeled("tier", ""), nil},
			"placed":    {db.All().Placed(rowhouse.InShared, rowhouse.InDatabase), of("shared", "shared_2", "database", "database_2")},
			"suspended": {db.All().States(rowhouse.Suspended), of("prefix")},
			"none":      {db.Only(), nil},
		} {
			got, err := samples.Across(c.sel).All(ctx)
			ok(t, err)
			sameRows(t, name, sorted(got), sorted(c.want))
		}
		_, err := samples.Across(db.All().States(rowhouse.Dropping)).All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		_, err = samples.Across(rowhouse.Selection{}).Count(ctx)
		is(t, err, rowhouse.ErrInvalid)
	})
}

// TestAcrossFailures has some tenants fail: the caller stops, or goes on and gets the list.
func TestAcrossFailures(t *testing.T) {
	acrossEverywhere(t, func(t *testing.T, db *rowhouse.DB, want []sampleRow) {
		ctx := t.Context()
		houses := fleet.New(db, fleet.Options{})
		ok(t, houses.Suspend(ctx, "schema"))
		broken := tenantOf(t, db, "prefix_2")
		home, err := db.Driver().Open(ctx, "")
		ok(t, err)
		_, err = home.Exec(ctx, &driver.Statement{Text: "DROP TABLE " + broken.TableName(samples), Write: true})
		ok(t, err)
		a := samples.Across(db.Only("nobody", "prefix", "prefix_2", "schema", "shared", "database"))
		_, err = a.All(ctx)
		if err == nil || errors.As(err, new(*rowhouse.AcrossError)) {
			t.Fatalf("it did not stop: %v", err)
		}
		got, err := a.KeepGoing().All(ctx)
		partly, is := errors.AsType[*rowhouse.AcrossError](err)
		if !is || len(partly.Failures) != 3 {
			t.Fatalf("the failures are %v", err)
		}
		for _, reason := range []error{rowhouse.ErrUnknownTenant, rowhouse.ErrNotActive, rowhouse.ErrMissingTable} {
			if !errors.Is(err, reason) {
				t.Errorf("%v is not among %v", reason, err)
			}
		}
		left := slices.DeleteFunc(slices.Clone(want), func(r sampleRow) bool {
			return r.Tenant != "prefix" && r.Tenant != "shared" && r.Tenant != "database"
		})
		sameRows(t, "those that are left", sorted(got), sorted(left))
		ordered, err := a.KeepGoing().OrderBy(sampleName.Desc()).All(ctx)
		if partly, is := errors.AsType[*rowhouse.AcrossError](err); !is || len(partly.Failures) != 3 {
			t.Errorf("ordered, the failures are %v", err)
		}
		sameRows(t, "ordered", sorted(ordered), sorted(left))
		n, err := a.KeepGoing().Count(ctx)
		if err == nil || n != int64(len(left)) {
			t.Errorf("counted %d, %v", n, err)
		}
	})
}

func TestAcrossStops(t *testing.T) {
	acrossEverywhere(t, func(t *testing.T, db *rowhouse.DB, want []sampleRow) {
		if len(want) < 3 {
			t.Skip("too few rows were drawn")
		}
		for _, a := range []rowhouse.Across[Sample]{samples.Across(db.All()), samples.Across(db.All()).OrderBy(sampleID.Desc())} {
			n := 0
			for _, err := range a.Each(t.Context()) {
				ok(t, err)
				if n++; n == 2 {
					break
				}
			}
			ctx, cancel := context.WithCancel(t.Context())
			var last error
			for _, err := range a.Each(ctx) {
				cancel()
				last = err
			}
			cancel()
			_, err := a.All(ctx)
			is(t, err, context.Canceled)
			if last != nil {
				is(t, last, context.Canceled)
			}
			if got, err := a.All(t.Context()); err != nil || len(got) != len(want) {
				t.Errorf("afterwards, %d rows of %d, %v", len(got), len(want), err)
			}
		}
	})
}

func TestAcrossMisuse(t *testing.T) {
	acrossEverywhere(t, func(t *testing.T, db *rowhouse.DB, _ []sampleRow) {
		all := samples.Across(db.All())
		for name, a := range map[string]rowhouse.Across[Sample]{
			"limit":       all.Limit(-1),
			"connections": all.Connections(0),
			"order":       all.OrderBy(rowhouse.Order[Sample]{}),
			"predicate":   all.Where(rowhouse.Predicate[Sample]{}),
		} {
			if _, err := a.All(t.Context()); !errors.Is(err, rowhouse.ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := all.Limit(3).Count(t.Context())
		is(t, err, rowhouse.ErrInvalid)
	})
}

// ExampleModel_Across asks all tenants at once.
func ExampleModel_Across() {
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

	urgent := Tickets.Across(db.All()).Where(TicketPriority.Gt(1)).OrderBy(TicketPriority.Desc())
	for row, err := range urgent.Each(ctx) {
		check(err)
		fmt.Println(row.Tenant, row.Value.Title, row.Value.Priority)
	}
	n, err := Tickets.Across(db.All().Placed(rowhouse.InShared)).Count(ctx)
	fmt.Println(n, err)
	// Output:
	// trial Leaking roof 4
	// bigco Leaking roof 3
	// acme Leaking roof 2
	// 2 <nil>
}
