package main

import (
	"context"
	"time"

	"github.com/rowhouse/rowhouse/fleet"
)

// provision makes the catalog and all tenants.
func (d *demo) provision(ctx context.Context) error {
	d.page.section("Provision " + thousands(len(d.tenants)) + " tenants")
	bar := newProgress(d.stderr, "provisioning", len(d.tenants))
	began := time.Now()
	f := d.newFleet(bar)
	if err := f.Init(ctx); err != nil {
		return err
	}
	list := make([]fleet.NewTenant, len(d.tenants))
	for i, t := range d.tenants {
		list[i] = fleet.NewTenant{ID: t.id, Placement: t.placement}
	}
	_, err := f.ProvisionAll(ctx, list)
	bar.end()
	if err != nil {
		return err
	}
	took := time.Since(began)
	d.page.line("%s, in %s: %s a tenant.", mix(d.tenants), short(took), short(took/time.Duration(len(d.tenants))))
	if d.site.bounded(d.tenants) {
		d.page.hang("", "Not a quarter each: "+d.site.why+".")
	}
	return nil
}

// drop removes all tenants again.
func (d *demo) drop(ctx context.Context) error {
	bar := newProgress(d.stderr, "dropping", len(d.tenants))
	began := time.Now()
	_, err := d.newFleet(bar).DropAll(ctx)
	bar.end()
	if err != nil {
		return err
	}
	d.page.line("%s tenants dropped in %s.", thousands(len(d.tenants)), short(time.Since(began)))
	return nil
}

func (d *demo) newFleet(bar *progress) *fleet.Fleet {
	return fleet.New(d.db, fleet.Options{
		Workers:  d.site.workers,
		Progress: func(p fleet.Progress) { bar.set(p.Done) },
	})
}
