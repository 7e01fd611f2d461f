package rowhouse

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"
)

// registry keeps the tenants that were used lately, within a budget of bytes. A miss reads the
// catalog once, however many ask, outside any lock and on behalf of all of them. Who is unknown or
// not active is remembered too, for a short time and in a cache of its own: a flood of unknown
// ids evicts nobody, and a hit is always somebody active.
type registry struct {
	load func(ctx context.Context, id string) (*Tenant, error)

	tenants *otter.Cache[string, *Tenant]
	refused *otter.Cache[string, *TenantError]
	counter *stats.Counter
	loads   atomic.Uint64

	// mu is held for moments only, never during a load. What is published under it was read
	// after everything that was forgotten under it.
	mu      sync.Mutex
	flights map[string]*flight
	epoch   uint64 // grows before a tenant is forgotten
}

// flight is a load that is under way; those who want the same tenant wait for it.
type flight struct {
	done   chan struct{} // closed when the load has ended
	tenant *Tenant
	err    error
}

// RegistryStats are the figures of a [DB]'s registry since it was opened.
type RegistryStats struct {
	Hits      uint64 // lookups answered from memory
	Misses    uint64 // lookups that were not
	Loads     uint64 // reads of the catalog; fewer than misses when several wait for one
	Evictions uint64 // tenants that gave way to others
	Entries   int    // tenants held
	Bytes     uint64 // what they hold, as counted against the budget
	Refused   int    // ids remembered as unknown or not active
}

const (
	// cacheNode is what the cache itself needs for an entry: its node, its share of the hash
	// table, and the policy's queues. Measured with 100,000 entries.
	cacheNode = 120

	maxRefused = 10_000
)

func newRegistry(bytes uint64, negative time.Duration, load func(context.Context, string) (*Tenant, error)) *registry {
	r := &registry{load: load, counter: stats.NewCounter(), flights: map[string]*flight{}}
	r.tenants = otter.Must(&otter.Options[string, *Tenant]{
		MaximumWeight: bytes,
		Weigher:       func(_ string, t *Tenant) uint32 { return t.weight() },
		StatsRecorder: r.counter,
	})
	r.refused = otter.Must(&otter.Options[string, *TenantError]{
		MaximumSize:      maxRefused,
		ExpiryCalculator: otter.ExpiryWriting[string, *TenantError](negative),
	})
	return r
}

// weight is what the registry spends on the tenant, in bytes.
func (t *Tenant) weight() uint32 {
	h := t.house.Load()
	size := cacheNode + int(unsafe.Sizeof(*t)+unsafe.Sizeof(*h)) + len(t.id) + len(h.names.Prefix) + len(h.database)
	if h.ownQualifier {
		size += len(h.names.Qualifier)
	}
	if h.limits != nil && h.limits != t.db.limits {
		size += int(unsafe.Sizeof(*h.limits))
	}
	for k, v := range h.labels {
		size += 64 + len(k) + len(v)
	}
	return uint32(size)
}

// tenant returns the tenant of that id, from memory or from the catalog.
func (r *registry) tenant(ctx context.Context, id string) (*Tenant, error) {
	if t, ok := r.tenants.GetIfPresent(id); ok {
		return t, nil
	}
	if e, ok := r.refused.GetIfPresent(id); ok {
		return nil, e
	}
	for {
		f, first := r.join(id)
		if first {
			f.tenant, f.err = r.fetch(ctx, id)
			r.leave(id, f)
			return f.tenant, f.err
		}
		select {
		case <-ctx.Done():
			return nil, &TenantError{Tenant: id, Reason: ErrCatalog, Err: ctx.Err()}
		case <-f.done:
		}
		// The load ran with the context of whoever came first; that it ended is not ours to bear.
		if ended := errors.Is(f.err, context.Canceled) || errors.Is(f.err, context.DeadlineExceeded); !ended {
			return f.tenant, f.err
		}
	}
}

// join returns the load of a tenant that is under way, or begins one.
func (r *registry) join(id string) (f *flight, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f, under := r.flights[id]; under {
		return f, false
	}
	f = &flight{done: make(chan struct{})}
	if e, ok := r.tenants.GetEntryQuietly(id); ok { // it has ended since we looked
		f.tenant = e.Value
		close(f.done)
		return f, false
	}
	r.flights[id] = f
	return f, true
}

func (r *registry) leave(id string, f *flight) {
	r.mu.Lock()
	if r.flights[id] == f {
		delete(r.flights, id)
	}
	r.mu.Unlock()
	close(f.done)
}

// fetch reads the catalog and keeps what it says, unless somebody was forgotten meanwhile: then
// it may be old, and is read again. Under a stream of changes it gives up keeping, not answering.
func (r *registry) fetch(ctx context.Context, id string) (t *Tenant, err error) {
	for range 3 {
		epoch := r.now()
		r.loads.Add(1)
		t, err = r.load(ctx, id)
		if r.publish(epoch, id, t, err) {
			break
		}
	}
	return t, err
}

func (r *registry) now() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.epoch
}

// publish keeps what was read in an epoch, and reports false if that is over.
func (r *registry) publish(epoch uint64, id string, t *Tenant, err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.epoch != epoch {
		return false
	}
	if err == nil {
		r.tenants.Set(id, t)
		return true
	}
	refused, is := errors.AsType[*TenantError](err)
	if is && (refused.Reason == ErrUnknownTenant || refused.Reason == ErrNotActive) { //nolint:errorlint // the reason itself
		_, _ = r.refused.Set(id, refused) // the one before it, if any
	}
	return true
}

// forget makes the next lookup of these tenants read the catalog. A load that is under way keeps
// those who wait for it already; whoever comes later does not join it.
func (r *registry) forget(ids []string) {
	if len(ids) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
	for _, id := range ids {
		delete(r.flights, id)
		r.tenants.Invalidate(id)
		_, _ = r.refused.Invalidate(id) // the one forgotten, if any
	}
}

// forgetAll is forget of every tenant.
func (r *registry) forgetAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
	clear(r.flights)
	r.tenants.InvalidateAll()
	r.refused.InvalidateAll()
}

func (r *registry) stats() RegistryStats {
	r.tenants.CleanUp()
	s := r.counter.Snapshot()
	return RegistryStats{
		Hits: s.Hits, Misses: s.Misses, Loads: r.loads.Load(), Evictions: s.Evictions,
		Entries: r.tenants.EstimatedSize(), Bytes: r.tenants.WeightedSize(),
		Refused: r.refused.EstimatedSize(),
	}
}

func (r *registry) close() {
	r.tenants.StopAllGoroutines()
	r.refused.StopAllGoroutines()
}
