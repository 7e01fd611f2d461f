package main

import (
	"context"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/fleet"
)

// provision makes the catalog and all tenants.
func (d *demo) provision(ctx context.Context) error {
	d.page.section("Provision")
	list := make([]fleet.NewTenant, len(d.tenants))
	for i, t := range d.tenants {
		list[i] = fleet.NewTenant{ID: t.id, Placement: t.placement}
	}
	began := time.Now()
	err := d.batch(d.db, "provisioning", len(list), func(f *fleet.Fleet) error {
		if err := f.Init(ctx); err != nil {
			return err
		}
		_, err := f.ProvisionAll(ctx, list)
		return err
	})
	if err != nil {
		return err
	}
	took := time.Since(began)
	d.page.linef("%s, in %s: %s a tenant.", mix(d.tenants), short(took), short(took/time.Duration(len(d.tenants))))
	if d.site.bounded(d.tenants) {
		d.page.prosef("Not a quarter each: %s.", d.site.why)
	}
	return nil
}

// dropMost is how many tenants are dropped one by one. The site's remove takes the others along.
const dropMost = 1000

// dropFreshness is how long a drop waits for other users of shared tables to know of it.
const dropFreshness = 100 * time.Millisecond

// drop removes tenants again, as an operator would. The site's remove would do without it.
func (d *demo) drop(ctx context.Context) (err error) {
	d.page.section("Drop")
	// Nobody else has these tenants, and once this is done the demo has not either: so a drop
	// need not wait as long as it otherwise should.
	if err := d.forget(); err != nil {
		return err
	}
	o := d.options()
	o.Freshness = dropFreshness
	db, err := rowhouse.Open(ctx, d.site.driver, o)
	if err != nil {
		return err
	}
	ids := make([]string, min(len(d.tenants), dropMost))
	for i := range ids {
		ids[i] = d.tenants[i].id
	}
	began := time.Now()
	err = d.batch(db, "dropping", len(ids), func(f *fleet.Fleet) error {
		_, err := f.DropAll(ctx, ids...)
		return err
	})
	if closed := db.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	d.page.linef("%s tenants dropped in %s.", thousands(len(ids)), short(time.Since(began)))
	if rest := len(d.tenants) - len(ids); rest > 0 {
		d.page.linef("The other %s go with what they are in.", thousands(rest))
	}
	return nil
}

// batch runs fn with a fleet and shows how far it is with n tenants.
func (d *demo) batch(db *rowhouse.DB, what string, n int, fn func(*fleet.Fleet) error) error {
	bar := newProgress(d.stderr, what, n)
	defer bar.end()
	return fn(fleet.New(db, fleet.Options{
		Workers:  d.site.workers,
		Progress: func(p fleet.Progress) { bar.set(p.Done + p.Failed) },
	}))
}
