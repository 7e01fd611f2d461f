package fleet_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/fleet"
)

// faulty is a driver that fails the n-th time something is done for one tenant: a statement that
// writes, a commit, the making or the dropping of a database.
type faulty struct {
	driver.Driver
	tenant   string
	database string
	left     atomic.Int64 // until the failure
	happens  bool         // what fails has happened all the same: the answer was lost
	stop     func()       // called at the failure, if set
	fired    atomic.Bool
}

var errInjected = errors.New("injected")

func (d *faulty) arm(n int64) {
	d.fired.Store(false)
	d.left.Store(n)
}

// strike runs fn, or fails.
func (d *faulty) strike(tenant string, fn func() error) error {
	if tenant != d.tenant || d.left.Add(-1) != 0 {
		return fn()
	}
	d.fired.Store(true)
	if d.stop != nil {
		d.stop()
		return fn()
	}
	if d.happens {
		if err := fn(); err != nil {
			return err
		}
	}
	return errInjected
}

func (d *faulty) Fault(err error) driver.Fault {
	if errors.Is(err, errInjected) && !d.happens {
		return driver.Fault{Kind: driver.OtherFault}
	}
	return d.Driver.Fault(err)
}

func (d *faulty) Create(ctx context.Context, database string) (made bool, err error) {
	tenant := ""
	if database == d.database {
		tenant = d.tenant
	}
	err = d.strike(tenant, func() (err error) {
		made, err = d.Driver.Create(ctx, database)
		return err
	})
	return made && err == nil, err
}

func (d *faulty) Drop(ctx context.Context, database string) error {
	tenant := ""
	if database == d.database {
		tenant = d.tenant
	}
	return d.strike(tenant, func() error { return d.Driver.Drop(ctx, database) })
}

func (d *faulty) Open(ctx context.Context, database string) (driver.DB, error) {
	db, err := d.Driver.Open(ctx, database)
	if err != nil {
		return nil, err
	}
	return &faultyDB{db, d}, nil
}

type faultyDB struct {
	driver.DB
	d *faulty
}

func (db *faultyDB) Exec(ctx context.Context, s *driver.Statement) (r driver.Result, err error) {
	err = db.d.strike(s.Tenant, func() error { r, err = db.DB.Exec(ctx, s); return err })
	return r, err
}

func (db *faultyDB) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := db.DB.Begin(ctx, o)
	if err != nil {
		return nil, err
	}
	return &faultyTx{tx, db.d, o.Tenant}, nil
}

type faultyTx struct {
	driver.Tx
	d      *faulty
	tenant string
}

func (tx *faultyTx) Exec(ctx context.Context, s *driver.Statement) (r driver.Result, err error) {
	err = tx.d.strike(s.Tenant, func() error { r, err = tx.Tx.Exec(ctx, s); return err })
	return r, err
}

func (tx *faultyTx) Commit(ctx context.Context) error {
	return tx.d.strike(tx.tenant, func() error { return tx.Tx.Commit(ctx) })
}

// failures are the ways in which a statement can fail.
var failures = map[string]struct{ happens, cancels bool }{
	"refused":   {},
	"lost":      {happens: true},
	"cancelled": {cancels: true},
}

// TestFailure lets each step of making a tenant fail, in every way, and then that of dropping it.
func TestFailure(t *testing.T) {
	t.Parallel()
	for engine, start := range engines {
		for way, w := range failures {
			for _, place := range []string{"prefix", "schema", "database", "shared"} {
				t.Run(engine+"/"+way+"/"+place, func(t *testing.T) {
					t.Parallel()
					h := start(t)
					p := h.placements()[place]
					own, err := p.For(h.drv.Dialect(), "acme")
					must(t, err)
					d := &faulty{Driver: h.drv, tenant: "acme", database: own.Name, happens: w.happens}
					o := rowhouse.Options{Placement: rowhouse.Shared()}
					if place != "database" { // to make and remove one takes its time
						o.Models = rowhouse.Models(Comments, Cases, Teams, Persons)
					}
					db, f := initialized(t, d, o)
					before := h.inventory(t)
					for n := int64(1); failsOnce(t, h, d, db, f, p, n, w.cancels, before); n++ {
						if n > 100 {
							t.Fatal("no end of steps")
						}
					}
				})
			}
		}
	}
}

// failsOnce lets the n-th step fail and reports whether there was one.
func failsOnce(
	t *testing.T, h *home, d *faulty, db *rowhouse.DB, f *fleet.Fleet, p rowhouse.Placement, n int64, cancels bool, before []string,
) bool {
	t.Helper()
	armed := func() context.Context {
		ctx, cancel := context.WithCancel(t.Context())
		t.Cleanup(cancel)
		if d.stop = nil; cancels {
			d.stop = cancel
		}
		d.arm(n)
		return ctx
	}
	ctx := armed()
	err := f.Provision(ctx, fleet.NewTenant{ID: "acme", Placement: p})
	fired := d.fired.Load()
	d.arm(0)
	if err == nil != !fired && !cancels {
		t.Errorf("step %d: fired %v, but Provision: %v", n, fired, err)
	}
	if err != nil {
		e, gone := db.Catalog().Tenant(t.Context(), "acme")
		must(t, db.Refresh(t.Context()))
		if _, err := db.Tenant(t.Context(), "acme"); err == nil {
			t.Errorf("step %d: a tenant is active that was not made", n)
		}
		switch {
		case errors.Is(gone, rowhouse.ErrUnknownTenant):
			sameInventory(t, before, h.inventory(t))
		case !d.happens && !cancels:
			t.Errorf("step %d: a refused statement leaves the entry %+v, %v", n, e, gone)
		}
		must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "acme", Placement: p}))
	}
	works(t, db, "acme")

	ctx = armed()
	err = f.Drop(ctx, "acme")
	dropFired := d.fired.Load()
	d.arm(0)
	if err != nil {
		must(t, db.Refresh(t.Context()))
		if _, err := db.Tenant(t.Context(), "acme"); err == nil {
			t.Errorf("step %d: a tenant is active that is half dropped", n)
		}
		must(t, f.Drop(t.Context(), "acme"))
	}
	sameInventory(t, before, h.inventory(t))
	return fired || dropFired
}
