package fleet_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/fleet"
)

// TestDropInUse drops a tenant that another process writes for all the time.
func TestDropInUse(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		o := rowhouse.Options{Placement: rowhouse.Shared(), Freshness: 400 * time.Millisecond}
		_, f := initialized(t, h.drv, o)
		other, _ := open(t, h.drv, o, fleet.Options{})
		must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "acme"}))
		var tenant *rowhouse.Tenant
		for tenant == nil { // until the other knows of it
			tenant, _ = other.Tenant(t.Context(), "acme")
		}
		var inserted atomic.Int64
		refused := make(chan error)
		go func() {
			for i := int64(1); ; i++ {
				if err := Comments.In(tenant).Insert(t.Context(), &Comment{CaseID: -1}); !errors.Is(err, rowhouse.ErrReference) {
					refused <- err
					return
				}
				c := Case{ID: i, Title: time.Now().String()}
				if err := Cases.In(tenant).Insert(t.Context(), &c); err != nil {
					refused <- err
					return
				}
				inserted.Store(i)
			}
		}()
		for inserted.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		must(t, f.Drop(t.Context(), "acme"))
		if err := <-refused; !errors.Is(err, rowhouse.ErrNotActive) && !errors.Is(err, rowhouse.ErrUnknownTenant) {
			t.Errorf("the other process: %v", err)
		}
		if rows := h.query(t, "", "SELECT tenant_id FROM "+other.HomeNames().Table(h.drv.Dialect(), "case")); len(rows) > 0 {
			t.Errorf("%d of %d rows are left", len(rows), inserted.Load())
		}
	})
}

// TestDropWithoutModels drops with a program that has none: the entry goes, and tables that it does not
// know stay.
func TestDropWithoutModels(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		_, f := open(t, h.drv, rowhouse.Options{}, fleet.Options{})
		must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "acme"}))
		db, bare := open(t, h.drv, rowhouse.Options{Models: []rowhouse.AnyModel{}}, fleet.Options{})
		must(t, bare.Drop(t.Context(), "acme"))
		if _, err := db.Catalog().Tenant(t.Context(), "acme"); !errors.Is(err, rowhouse.ErrUnknownTenant) {
			t.Errorf("its entry: %v", err)
		}
	})
}
