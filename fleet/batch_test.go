package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/fleet"
)

// TestBatch makes many tenants, some of which cannot be.
func TestBatch(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		var calls []fleet.Progress
		db, f := open(t, h.drv, rowhouse.Options{}, fleet.Options{
			Workers: 3, Progress: func(p fleet.Progress) { calls = append(calls, p) },
		})
		must(t, f.Init(t.Context()))
		names := db.HomeNames()
		names.Prefix = "t7_"
		h.exec(t, "", "CREATE TABLE "+names.Table(h.drv.Dialect(), "case")+" (mine integer)")
		tenants := []fleet.NewTenant{{ID: ""}, {ID: "t3"}, {ID: "nowhere", Placement: rowhouse.Placement{Kind: rowhouse.InSchema}}}
		var want []string
		for i := range 10 {
			id := fmt.Sprintf("t%d", i)
			tenants = append(tenants, fleet.NewTenant{ID: id})
			if i != 7 && i != 3 {
				want = append(want, id)
			}
		}
		want = append([]string{"t3"}, want...)
		result, err := f.ProvisionAll(t.Context(), tenants)
		if err == nil || !slices.Equal(result.Done, want) {
			t.Errorf("done %q, want %q; %v", result.Done, want, err)
		}
		t.Log(err)
		var failed []string
		for _, e := range result.Failed {
			t.Log(e.Err)
			failed = append(failed, e.Tenant)
		}
		if !slices.Equal(failed, []string{"", "nowhere", "t3", "t7"}) {
			t.Errorf("failed %q", failed)
		}
		last := calls[len(calls)-1]
		if len(calls) != len(tenants) || last.Done != 9 || last.Failed != 4 || last.Total != len(tenants) || last.Remaining != 0 {
			t.Errorf("%d calls, the last %+v", len(calls), last)
		}
		for _, id := range want {
			works(t, db, id)
		}
		// A rerun goes on.
		h.exec(t, "", "DROP TABLE "+names.Table(h.drv.Dialect(), "case"))
		result, err = f.ProvisionAll(t.Context(), tenants[4:])
		must(t, err)
		if len(result.Done) != 9 || len(result.Failed) != 0 {
			t.Errorf("rerun: %+v", result)
		}
		result, err = f.DropAll(t.Context(), append([]string{"nobody"}, want...)...)
		if !errors.Is(err, rowhouse.ErrUnknownTenant) || len(result.Done) != len(want) || len(result.Failed) != 1 {
			t.Errorf("drop: %+v, %v", result, err)
		}
	})
}

// TestBatchCancelled ends a batch in the middle, and runs it again.
func TestBatchCancelled(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		db, f := open(t, h.drv, rowhouse.Options{}, fleet.Options{Progress: func(p fleet.Progress) {
			if p.Done == 5 {
				cancel()
			}
		}})
		must(t, f.Init(t.Context()))
		var tenants []fleet.NewTenant
		for i := range 30 {
			tenants = append(tenants, fleet.NewTenant{ID: fmt.Sprintf("t%d", i)})
		}
		result, err := f.ProvisionAll(ctx, tenants)
		if !errors.Is(err, context.Canceled) || len(result.Done) < 5 || len(result.Done) > 20 {
			t.Errorf("%d done, %v", len(result.Done), err)
		}
		for _, id := range result.Done {
			if _, err := db.Tenant(t.Context(), id); err != nil {
				t.Error(err)
			}
		}
		result, err = f.ProvisionAll(t.Context(), tenants)
		must(t, err)
		if len(result.Done) != len(tenants) {
			t.Errorf("%d done", len(result.Done))
		}
		for _, n := range tenants {
			works(t, db, n.ID)
		}
	})
}
