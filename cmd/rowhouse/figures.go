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
	s := d.db.Stats()
	d.page.prosef("The registry holds %s tenants in %s by its own count, %s bytes each. One compiled model "+
		"serves them all.", thousands(s.Entries), size(s.Bytes), thousands(s.Bytes/uint64(max(s.Entries, 1))))
	d.page.linef("%s hits, %s misses, %s reads of the catalog, %s evictions.",
		thousands(s.Hits), thousands(s.Misses), thousands(s.Loads), thousands(s.Evictions))
	lookups, took, err := d.lookUp(ctx)
	if err != nil {
		return err
	}
	d.page.linef("db.Tenant(ctx, id) takes %d ns, as measured just now over %s calls.",
		took.Nanoseconds()/int64(lookups), thousands(lookups))
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
