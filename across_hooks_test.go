package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/rowhouse/rowhouse"
)

// TestAcrossHooksAndFilters has what holds for one tenant's rows hold for all tenants' at once.
func TestAcrossHooksAndFilters(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			drv, prefix := e.open(t)
			db := openFleetWith(t, drv, prefix, rowhouse.Options{Models: sampleModels, Behaviors: []rowhouse.AnyBehavior{rowhouse.Behavior[Sample]{
				Model:   samples,
				Filters: []rowhouse.Filter[Sample]{{Name: "open", Where: sampleOpen.Eq(true)}},
				AfterLoad: func(ctx context.Context, s rowhouse.Scope, row *Sample) error {
					if row.Name == "bad" {
						return errTooHot
					}
					n, err := samples.In(s).Count(ctx)
					row.Name = s.Tenant()
					row.At = row.At.AddDate(int(n), 0, 0)
					return err
				},
			}}})
			for name := range placements(prefix) {
				rows := []Sample{{Open: true}, {Open: true}, {Open: false}}
				ok(t, samples.In(tenantOf(t, db, name)).InsertMany(ctx, rows))
			}
			openSamples(t, samples.Across(db.All()))
			openSamples(t, samples.Across(db.All()).OrderBy(sampleID.Asc()))
			bad := Sample{Name: "bad", Open: true}
			ok(t, samples.In(tenantOf(t, db, "shared")).Insert(ctx, &bad))
			_, err := samples.Across(db.All()).All(ctx)
			is(t, err, errTooHot)
			rows, err := samples.Across(db.All()).KeepGoing().All(ctx)
			if is(t, err, errTooHot); len(rows) != 8 {
				t.Errorf("%d rows came", len(rows))
			}
			tenantsFailOnce(t, db)
			pagesByWhatHooksChange(t, db)
		})
	}
}

// openSamples reads two rows of each of four tenants, of three that it has, which hooks have changed.
func openSamples(t *testing.T, a rowhouse.Across[Sample]) {
	t.Helper()
	rows, err := a.All(t.Context())
	if ok(t, err); len(rows) != 8 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		if row.Value.Name != row.Tenant || row.Value.At.Year() != 3 {
			t.Errorf("the hook made %+v", row)
		}
	}
	n, err := a.Without("open").Count(t.Context())
	if ok(t, err); n != 12 {
		t.Errorf("%d rows without the filter", n)
	}
	_, err = a.Without("closed").All(t.Context())
	is(t, err, rowhouse.ErrInvalid)
}

// tenantsFailOnce has a hook fail for several rows of two tenants: each is left out from there on, fails
// once, and takes no room of a limit.
func tenantsFailOnce(t *testing.T, db *rowhouse.DB) {
	t.Helper()
	for _, name := range []string{"schema_2", "shared_2"} {
		tenant := tenantOf(t, db, name)
		ok(t, samples.In(tenant).InsertMany(t.Context(), []Sample{{Name: "bad", Open: true}, {Name: "bad", Open: true}, {Open: true}}))
		defer func() {
			_, err := samples.In(tenant).DeleteWhere(t.Context(), rowhouse.Every[Sample]())
			ok(t, err)
		}()
	}
	a := samples.Across(db.Only("prefix", "schema_2", "shared_2", "database")).KeepGoing()
	for name, a := range map[string]rowhouse.Across[Sample]{
		"as they come": a, "in order": a.OrderBy(sampleName.Desc()), "limited": a.OrderBy(sampleName.Desc(), sampleID.Asc()).Limit(4),
	} {
		rows, err := a.All(t.Context())
		var failed *rowhouse.AcrossError
		if !errors.As(err, &failed) || len(failed.Failures) != 2 || len(rows) != 4 {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
	}
}

// pagesByWhatHooksChange reads more rows than come at once, in an order that hooks spoil in what the
// caller gets.
func pagesByWhatHooksChange(t *testing.T, db *rowhouse.DB) {
	t.Helper()
	more := make([]Sample, 3*64)
	for i := range more {
		more[i] = Sample{Name: fmt.Sprintf("a%03d", i), Open: true}
	}
	ok(t, samples.In(tenantOf(t, db, "prefix")).InsertMany(t.Context(), more))
	across := samples.Across(db.Only("prefix"))
	for _, a := range []rowhouse.Across[Sample]{across, across.OrderBy(sampleName.Asc())} {
		rows, err := a.All(t.Context())
		ok(t, err)
		seen := map[int64]bool{}
		for _, row := range rows {
			seen[row.Value.ID] = true
		}
		if want := len(more) + 2; len(rows) != want || len(seen) != want {
			t.Errorf("%d rows, %d of them different, want %d", len(rows), len(seen), want)
		}
	}
}

var errTooHot = errors.New("too hot")
