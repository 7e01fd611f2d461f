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
	lookups, took, err := d.lookUp(ctx)
	if err != nil {
		return err
	}
	after := d.db.Stats()
	if after.Entries > 0 {
		d.page.line("%s tenants are held, in %s bytes each, %s KiB in all, by one compiled model.",
			thousands(after.Entries), thousands(after.Bytes/uint64(after.Entries)), thousands(after.Bytes>>10))
	}
	d.page.line("Until now: %s hits, %s misses, %s reads of the catalog, %s evictions.",
		thousands(before.Hits), thousands(before.Misses), thousands(before.Loads), thousands(before.Evictions))
	d.page.line("db.Tenant(ctx, id) takes %d ns: %s calls in %s, over all tenants in turn, in one",
		took.Nanoseconds()/int64(lookups), thousands(lookups), short(took))
	d.page.line("goroutine; %s of them hits, %s misses.",
		thousands(after.Hits-before.Hits), thousands(after.Misses-before.Misses))
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
