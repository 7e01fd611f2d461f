package rowhouse

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fakeCatalog is a catalog in memory whose every change is seen by polls.
type fakeCatalog struct {
	mu         sync.Mutex
	entries    map[string]Entry
	changed    map[string]int64
	generation int64
	broken     error

	reads atomic.Int64
	hold  chan struct{} // when set, reads wait for it
}

func newFakeCatalog(ids ...string) *fakeCatalog {
	c := &fakeCatalog{entries: map[string]Entry{}, changed: map[string]int64{}, generation: 1}
	for _, id := range ids {
		c.entries[id] = Entry{ID: id, Placement: Prefix(), State: Active}
	}
	return c
}

func (c *fakeCatalog) Tenant(ctx context.Context, id string) (Entry, error) {
	c.reads.Add(1)
	c.mu.Lock()
	e, ok := c.entries[id]
	broken, hold := c.broken, c.hold
	c.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return Entry{}, ctx.Err()
		}
	}
	switch {
	case broken != nil:
		return Entry{}, broken
	case !ok:
		return Entry{}, &TenantError{Tenant: id, Reason: ErrUnknownTenant}
	}
	return e, nil
}

func (c *fakeCatalog) Changes(_ context.Context, since int64) (int64, []string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return 0, nil, c.broken
	}
	var ids []string
	for id, at := range c.changed {
		if at > since {
			ids = append(ids, id)
		}
	}
	return c.generation, ids, nil
}

func (c *fakeCatalog) put(e Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	c.entries[e.ID] = e
	c.changed[e.ID] = c.generation
}

func (c *fakeCatalog) remove(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	delete(c.entries, id)
	c.changed[id] = c.generation
}

func (c *fakeCatalog) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = err
}

func openFake(t *testing.T, c Catalog, o Options) *DB {
	t.Helper()
	o.Models, o.Catalog = benchModels, c
	db, err := Open(t.Context(), noDriver{}, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestRegistryLoadsOnceForAll(t *testing.T) {
	t.Parallel()
	c := newFakeCatalog("acme")
	db := openFake(t, c, Options{})
	c.hold = make(chan struct{})
	const callers = 50
	got := make(chan *Tenant, callers)
	for range callers {
		go func() {
			tenant, err := db.Tenant(context.Background(), "acme")
			if err != nil {
				t.Error(err)
			}
			got <- tenant
		}()
	}
	for db.registry.tenants.EstimatedSize() == 0 && c.reads.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	close(c.hold)
	first := <-got
	for range callers - 1 {
		if other := <-got; other != first {
			t.Fatal("two callers have two handles to one tenant")
		}
	}
	if n := c.reads.Load(); n != 1 {
		t.Errorf("the catalog was read %d times, want once", n)
	}
}

// A load runs in the context of whoever came first. When that ends, the others go on.
func TestRegistryOutlivesAnImpatientCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newFakeCatalog("acme")
		db := openFake(t, c, Options{})
		defer db.Close()
		c.hold = make(chan struct{})
		impatient, cancel := context.WithCancel(context.Background())
		errs := make(chan error, 2)
		go func() { _, err := db.Tenant(impatient, "acme"); errs <- err }()
		synctest.Wait()
		patient := make(chan error, 1)
		go func() { _, err := db.Tenant(context.Background(), "acme"); patient <- err }()
		waiting, stop := context.WithCancel(context.Background())
		go func() { _, err := db.Tenant(waiting, "acme"); errs <- err }()
		synctest.Wait()
		stop()
		if err := <-errs; !errors.Is(err, context.Canceled) || !errors.Is(err, ErrCatalog) {
			t.Errorf("a waiter that gave up: %v", err)
		}
		cancel()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("the caller that gave up: %v", err)
		}
		synctest.Wait()
		close(c.hold)
		if err := <-patient; err != nil {
			t.Errorf("the patient caller: %v", err)
		}
	})
}

func TestRegistryRemembersUnknownForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newFakeCatalog()
		db := openFake(t, c, Options{Freshness: time.Second})
		defer db.Close()
		for range 10 {
			if _, err := db.Tenant(t.Context(), "nobody"); !errors.Is(err, ErrUnknownTenant) {
				t.Fatal(err)
			}
		}
		if n := c.reads.Load(); n != 1 {
			t.Errorf("the catalog was read %d times, want once", n)
		}
		c.put(Entry{ID: "nobody", Placement: Prefix(), State: Active})
		time.Sleep(time.Second + time.Millisecond)
		if _, err := db.Tenant(t.Context(), "nobody"); err != nil {
			t.Errorf("after it was made: %v", err)
		}
	})
}

func TestHandleFollowsTheCatalog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newFakeCatalog("acme", "other")
		db := openFake(t, c, Options{Freshness: time.Second})
		defer db.Close()
		acme, err := db.Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		c.put(Entry{ID: "acme", Placement: Prefix(), State: Suspended})
		time.Sleep(time.Second + time.Millisecond)
		var refused *TenantError
		if _, err := acme.settled(t.Context()); !errors.As(err, &refused) || refused.State != Suspended {
			t.Errorf("a suspended tenant's old handle: %v", err)
		}
		if _, err := db.Tenant(t.Context(), "acme"); !errors.Is(err, ErrNotActive) {
			t.Errorf("a suspended tenant: %v", err)
		}
		if _, err := db.Tenant(t.Context(), "other"); err != nil {
			t.Errorf("another tenant: %v", err)
		}
		c.put(Entry{ID: "acme", Placement: Schema("moved"), State: Active})
		time.Sleep(time.Second + time.Millisecond)
		h, err := acme.settled(t.Context())
		if err != nil || h.names.Qualifier != `"moved".` {
			t.Errorf("after the move the handle has %+v, %v", h, err)
		}
	})
}

// What an evicted tenant's handle knows is asked for again, too.
func TestHandleOfAnEvictedTenantFollows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newFakeCatalog("acme")
		db := openFake(t, c, Options{Freshness: time.Second})
		defer db.Close()
		acme, err := db.Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		db.registry.tenants.InvalidateAll()
		c.put(Entry{ID: "acme", Placement: Prefix(), State: Dropping})
		time.Sleep(time.Second + time.Millisecond)
		if _, err := acme.settled(t.Context()); !errors.Is(err, ErrNotActive) {
			t.Errorf("got %v", err)
		}
	})
}

func TestUnreadableCatalogRefusesAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newFakeCatalog("acme")
		db := openFake(t, c, Options{Freshness: time.Second})
		defer db.Close()
		acme, err := db.Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		down := errors.New("the database is down")
		c.fail(down)
		if _, err := acme.settled(t.Context()); err != nil {
			t.Errorf("at once: %v", err)
		}
		time.Sleep(time.Second + time.Millisecond)
		if _, err := acme.settled(t.Context()); !errors.Is(err, ErrCatalog) || !errors.Is(err, down) {
			t.Errorf("after the time that a change may take: %v", err)
		}
		if _, err := db.Tenant(t.Context(), "acme"); !errors.Is(err, ErrCatalog) {
			t.Errorf("a lookup: %v", err)
		}
		c.fail(nil)
		time.Sleep(time.Second + time.Millisecond)
		if _, err := acme.settled(t.Context()); err != nil {
			t.Errorf("after it came back: %v", err)
		}
	})
}

// A catalog that does not answer, and does not heed its context either, cannot keep things open.
func TestStuckCatalogRefusesAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &stuckCatalog{fakeCatalog: newFakeCatalog("acme"), stuck: make(chan struct{})}
		db := openFake(t, c, Options{Freshness: time.Second})
		defer db.Close()
		acme, err := db.Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		c.on.Store(true)
		time.Sleep(1100 * time.Millisecond)
		if _, err := acme.settled(t.Context()); !errors.Is(err, ErrCatalog) {
			t.Errorf("got %v", err)
		}
		close(c.stuck)
	})
}

type stuckCatalog struct {
	*fakeCatalog
	on    atomic.Bool
	stuck chan struct{}
}

func (c *stuckCatalog) Changes(ctx context.Context, since int64) (int64, []string, error) {
	if c.on.Load() {
		<-c.stuck
	}
	return c.fakeCatalog.Changes(ctx, since)
}

func TestClosedDBRefuses(t *testing.T) {
	t.Parallel()
	db := openFake(t, newFakeCatalog("acme"), Options{})
	acme, err := db.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := acme.settled(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestRegistryKeepsItsBudget(t *testing.T) {
	t.Parallel()
	c := newFakeCatalog(ids(5000)...)
	const budget = 100_000
	db := openFake(t, c, Options{RegistryBytes: budget})
	for _, id := range ids(5000) {
		if _, err := db.Tenant(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	s := db.Stats()
	if s.Bytes > budget || s.Entries == 0 || s.Evictions == 0 || s.Entries+int(s.Evictions) != 5000 {
		t.Errorf("%+v for a budget of %d", s, budget)
	}
	if s.Loads != 5000 || s.Misses != 5000 || s.Hits != 0 {
		t.Errorf("%+v after 5,000 first lookups", s)
	}
}

// A change may come while a tenant is being loaded: what was read then must not be kept.
func TestRegistryForgetsWhatChangedDuringItsLoad(t *testing.T) {
	t.Parallel()
	c := newFakeCatalog("acme")
	db := openFake(t, c, Options{Freshness: time.Hour})
	load := db.registry.load
	var once sync.Once
	db.registry.load = func(ctx context.Context, id string) (*Tenant, error) {
		tenant, err := load(ctx, id)
		once.Do(func() {
			c.put(Entry{ID: "acme", Placement: Schema("moved"), State: Active})
			if err := db.Refresh(ctx); err != nil {
				t.Error(err)
			}
		})
		return tenant, err
	}
	acme, err := db.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	if kind := acme.Placement(); kind != InSchema {
		t.Errorf("the handle has the old placement, %v", kind)
	}
}

func TestRegistryUnderConcurrentChanges(t *testing.T) {
	t.Parallel()
	const tenants, rounds = 20, 200
	c := newFakeCatalog(ids(tenants)...)
	db := openFake(t, c, Options{RegistryBytes: 3000, Freshness: time.Hour})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range rounds {
				id := ids(tenants)[(i*7+g)%tenants]
				tenant, err := db.Tenant(context.Background(), id)
				if err == nil && tenant.Tenant() != id {
					t.Errorf("asked for %s, got %s", id, tenant.Tenant())
				}
			}
		})
	}
	for i := range rounds {
		id := ids(tenants)[i%tenants]
		c.put(Entry{ID: id, Placement: Schema(fmt.Sprint("s", i)), State: Active})
		if err := db.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		tenant, err := db.Tenant(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if h, err := tenant.settled(t.Context()); err != nil || h.names.Qualifier != fmt.Sprintf(`"s%d".`, i) {
			t.Fatalf("after a refresh, %s has %+v, %v", id, h, err)
		}
	}
	wg.Wait()
}
