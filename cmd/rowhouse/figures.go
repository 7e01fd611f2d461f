package main

import (
	"context"
	"time"
)

// Lookups are measured for this long, and the clock is read between batches only: it takes as
// long as a lookup.
const (
	lookupTime  = 200 * time.Millisecond
	lookupBatch = 1000
)

// figures prints what the registry holds and what a lookup in it takes.
func (d *demo) figures(ctx context.Context) error {
	d.page.section("Registry")
	before := d.db.Stats()
	d.page.line("One compiled model for all tenants, and a few words for each: the registry holds")
	d.page.line("%s tenants, as it counts in %s bytes each, %s KiB in all.", thousands(before.Entries),
		thousands(before.Bytes/uint64(max(before.Entries, 1))), thousands(before.Bytes>>10))
	d.page.line("%s lookups so far: %s hits, %s misses, %s reads of the catalog, %s evictions.",
		thousands(before.Hits+before.Misses), thousands(before.Hits), thousands(before.Misses),
		thousands(before.Loads), thousands(before.Evictions))
	lookups, took, err := d.lookUp(ctx)
	if err != nil {
		return err
	}
	d.page.line("Measured just now: db.Tenant(ctx, id) takes %d ns (%s calls in %s,",
		took.Nanoseconds()/int64(lookups), thousands(lookups), short(took))
	d.page.line("over all tenants in turn, in one goroutine).")
	return nil
}

// lookUp asks for all tenants in turn, for a while.
func (d *demo) lookUp(ctx context.Context) (n int, took time.Duration, err error) {
	for began := time.Now(); took < lookupTime; took = time.Since(began) {
		for range lookupBatch {
			if _, err := d.db.Tenant(ctx, d.tenants[n%len(d.tenants)].id); err != nil {
				return 0, 0, err
			}
			n++
		}
	}
	return n, took, nil
}
