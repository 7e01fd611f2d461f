package rowhouse_test

import (
	"context"
	"errors"
	"testing"
	"time"

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
			for _, a := range []rowhouse.Across[Sample]{samples.Across(db.All()), samples.Across(db.All()).OrderBy(sampleID.Asc())} {
				rows, err := a.All(ctx)
				if ok(t, err); len(rows) != 8 {
					t.Fatalf("%d rows", len(rows))
				}
				for _, row := range rows {
					if row.Value.Name != row.Tenant || row.Value.At.Year() != 3 {
						t.Errorf("the hook made %+v", row)
					}
				}
				n, err := a.Without("open").Count(ctx)
				if ok(t, err); n != 12 {
					t.Errorf("%d rows without the filter", n)
				}
				_, err = a.Without("closed").All(ctx)
				is(t, err, rowhouse.ErrInvalid)
			}
			bad := Sample{Name: "bad", Open: true}
			ok(t, samples.In(tenantOf(t, db, "shared")).Insert(ctx, &bad))
			_, err := samples.Across(db.All()).All(ctx)
			is(t, err, errTooHot)
			rows, err := samples.Across(db.All()).KeepGoing().All(ctx)
			if is(t, err, errTooHot); len(rows) != 8 {
				t.Errorf("%d rows came", len(rows))
			}
		})
	}
}

// TestAcrossHookChangesKey has a hook change what the next page begins after.
func TestAcrossHookChangesKey(t *testing.T) {
	t.Parallel()
	drv, prefix := engines[0].open(t)
	db := openFleetWith(t, drv, prefix, rowhouse.Options{Models: sampleModels, Behaviors: []rowhouse.AnyBehavior{rowhouse.Behavior[Sample]{
		Model: samples,
		AfterLoad: func(_ context.Context, _ rowhouse.Scope, row *Sample) error {
			row.ID = 0
			return nil
		},
	}}})
	const many = 300 // of which a page has fewer
	for name := range placements(prefix) {
		rows := make([]Sample, many)
		for i := range rows {
			rows[i].At = time.Unix(int64(i), 0)
		}
		ok(t, samples.In(tenantOf(t, db, name)).InsertMany(t.Context(), rows))
	}
	for _, a := range []rowhouse.Across[Sample]{samples.Across(db.All()), samples.Across(db.All()).OrderBy(sampleID.Asc())} {
		n, seen := 0, map[string]map[int64]bool{}
		for row, err := range a.Each(t.Context()) {
			ok(t, err)
			if row.Value.ID != 0 {
				t.Fatalf("no hook was called for %+v", row)
			}
			if seen[row.Tenant] == nil {
				seen[row.Tenant] = map[int64]bool{}
			}
			seen[row.Tenant][row.Value.At.Unix()] = true
			if n++; n > 10*many {
				break // it goes round in circles
			}
		}
		if n != many*len(seen) {
			t.Errorf("%d rows came, not %d", n, many*len(seen))
		}
		for name := range placements(prefix) {
			if len(seen[name]) != many {
				t.Errorf("%d rows of %s came, not %d", len(seen[name]), name, many)
			}
		}
	}
}

var errTooHot = errors.New("too hot")
