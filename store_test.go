package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/mysql"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/fleet"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

const storeFreshness = 400 * time.Millisecond

// onStore runs a test on a stored catalog on every engine, with a second process beside it.
func onStore(t *testing.T, fn func(t *testing.T, here, there *rowhouse.DB)) {
	t.Helper()
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			drv, _ := e.open(t)
			here := openStore(t, drv)
			ok(t, fleet.New(here, fleet.Options{}).Init(t.Context()))
			fn(t, here, openStore(t, drv))
		})
	}
}

func openStore(t *testing.T, drv driver.Driver) *rowhouse.DB {
	t.Helper()
	db, err := rowhouse.Open(t.Context(), drv, rowhouse.Options{Models: people, Freshness: storeFreshness})
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	return db
}

func stored(t *testing.T, db *rowhouse.DB) *rowhouse.StoredCatalog {
	t.Helper()
	c, isStored := db.Catalog().(*rowhouse.StoredCatalog)
	if !isStored {
		t.Fatalf("the catalog is a %T", db.Catalog())
	}
	return c
}

func TestStoredCatalogKeepsEntries(t *testing.T) {
	onStore(t, func(t *testing.T, here, there *rowhouse.DB) {
		ctx := t.Context()
		e := rowhouse.Entry{
			ID: "Acme_1", Placement: rowhouse.Schema("t_{tenant}"), State: rowhouse.Provisioning,
			Labels: map[string]string{"plan": "gold"}, LeaseUntil: time.Now().Add(time.Minute).UTC().Truncate(time.Microsecond),
		}
		ok(t, stored(t, here).Add(ctx, e))
		got, err := stored(t, there).Tenant(ctx, e.ID)
		ok(t, err)
		if got.Placement != rowhouse.Schema("t_$41cme__1") || got.State != e.State || got.Labels["plan"] != "gold" ||
			!got.LeaseUntil.Equal(e.LeaseUntil) || got.CreatedAt.IsZero() {
			t.Errorf("got %+v", got)
		}
		is(t, stored(t, there).Add(ctx, e), rowhouse.ErrConflict)
		_, err = stored(t, there).Tenant(ctx, "acme_1")
		is(t, err, rowhouse.ErrUnknownTenant)

		boom := errors.New("boom")
		_, err = stored(t, here).Change(ctx, e.ID, func(e *rowhouse.Entry) error { e.State = rowhouse.Active; return boom })
		is(t, err, boom)
		changed, err := stored(t, here).Change(ctx, e.ID, func(e *rowhouse.Entry) error {
			e.State, e.Revision, e.Placement, e.LeaseUntil = rowhouse.Active, 7, rowhouse.Prefix(), time.Time{}
			return nil
		})
		ok(t, err)
		if changed.State != rowhouse.Active || changed.Revision != 7 || changed.Placement != got.Placement || !changed.LeaseUntil.IsZero() {
			t.Errorf("changed to %+v", changed)
		}
		_, err = stored(t, here).Change(ctx, "nobody", func(*rowhouse.Entry) error { return nil })
		is(t, err, rowhouse.ErrUnknownTenant)
	})
}

func TestStoredCatalogRefusesASecondTenantInAPlace(t *testing.T) {
	onStore(t, func(t *testing.T, here, there *rowhouse.DB) {
		ctx := t.Context()
		c := stored(t, here)
		add := func(id string, p rowhouse.Placement) error {
			return c.Add(ctx, rowhouse.Entry{ID: id, Placement: p, State: rowhouse.Active})
		}
		ok(t, add("one", rowhouse.Schema("House")))
		is(t, add("two", rowhouse.Schema("house")), rowhouse.ErrPlacement)
		is(t, add("two", rowhouse.Database("house")), rowhouse.ErrPlacement)
		is(t, add("two", rowhouse.Schema(here.Driver().Schema(""))), rowhouse.ErrPlacement)
		ok(t, add("two", rowhouse.Prefix()))
		ok(t, add("Two", rowhouse.Prefix()))

		ok(t, c.Remove(ctx, "one"))
		ok(t, c.Remove(ctx, "one"))
		_, err := c.Tenant(ctx, "one")
		is(t, err, rowhouse.ErrUnknownTenant)
		// Another process may have a handle that names this place, for a while.
		is(t, add("three", rowhouse.Schema("house")), rowhouse.ErrPlacement)
		ok(t, add("one", rowhouse.Schema("house")))
		ok(t, c.Remove(ctx, "one"))
		time.Sleep(storeFreshness + 50*time.Millisecond)
		ok(t, stored(t, there).Add(ctx, rowhouse.Entry{ID: "three", Placement: rowhouse.Schema("house"), State: rowhouse.Active}))
	})
}

func TestStoredCatalogTellsOtherProcesses(t *testing.T) {
	onStore(t, func(t *testing.T, here, there *rowhouse.DB) {
		ctx := t.Context()
		for i := range 5 {
			ok(t, stored(t, here).Add(ctx, rowhouse.Entry{ID: fmt.Sprint("t", i), Placement: rowhouse.Prefix(), State: rowhouse.Active}))
		}
		since, _, err := stored(t, there).Changes(ctx, 0)
		ok(t, err)
		_, err = stored(t, here).Change(ctx, "t3", func(e *rowhouse.Entry) error { e.State = rowhouse.Suspended; return nil })
		ok(t, err)
		ok(t, stored(t, here).Remove(ctx, "t1"))
		_, changed, err := stored(t, there).Changes(ctx, since)
		ok(t, err)
		if slices.Sort(changed); !slices.Equal(changed, []string{"t1", "t3"}) {
			t.Errorf("changed are %v", changed)
		}
		var ids []string
		for e, err := range stored(t, there).Tenants(ctx) {
			ok(t, err)
			ids = append(ids, e.ID)
		}
		if !slices.Equal(ids, []string{"t0", "t2", "t3", "t4"}) {
			t.Errorf("the tenants are %v", ids)
		}
	})
}

// TestCatalogBesideAFullPool has transactions hold all connections to the home while the catalog changes. Who is a
// tenant is found out all the same: also in those transactions, which would else wait for one another.
func TestCatalogBesideAFullPool(t *testing.T) {
	t.Parallel()
	const connections = 3
	for name, home := range map[string]func(t *testing.T) (connect func() driver.Driver){
		"postgres": func(t *testing.T) func() driver.Driver {
			t.Helper()
			dsn := testdb.Postgres(t)
			return func() driver.Driver {
				config, err := pgxpool.ParseConfig(dsn)
				ok(t, err)
				config.MaxConns = connections
				pool, err := pgxpool.NewWithConfig(t.Context(), config)
				ok(t, err)
				t.Cleanup(pool.Close)
				return postgres.New(pool)
			}
		},
		"mariadb": func(t *testing.T) func() driver.Driver {
			t.Helper()
			dsn := testdb.MySQL(t)
			return func() driver.Driver {
				drv, err := mysql.New(t.Context(), dsn, mysql.WithConnections(connections, 1))
				ok(t, err)
				t.Cleanup(func() { ok(t, drv.Close()) })
				return drv
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			connect := home(t)
			here, there := openStore(t, connect()), openStore(t, connect())
			for _, id := range []string{"a", "b"} {
				ok(t, fleet.New(there, fleet.Options{}).Provision(ctx, fleet.NewTenant{ID: id}))
			}
			ok(t, here.Refresh(ctx))
			a := tenantOf(t, here, "a")
			hold, begun := make(chan struct{}), make(chan struct{}, 2*connections)
			var ended sync.WaitGroup
			release := sync.OnceFunc(func() {
				close(hold)
				ended.Wait()
			})
			defer release()
			for range connections {
				ended.Go(func() {
					err := a.Tx(ctx, func(tx *rowhouse.Tx) error {
						_, err := persons.In(tx).Count(ctx)
						begun <- struct{}{}
						<-hold
						return errors.Join(err, persons.In(tx).Insert(ctx, &Person{Email: uuid.NewString()}))
					})
					if err != nil {
						t.Errorf("a transaction beside others: %v", err)
						begun <- struct{}{} // or nobody would
					}
				})
			}
			for range connections {
				<-begun
			}
			_, err := fleet.New(there, fleet.Options{}).SetLimits(ctx, there.Only("a"), rowhouse.Limits{Rows: 1000})
			ok(t, err)
			if err := here.Refresh(ctx); err != nil {
				t.Errorf("the catalog's changes: %v", err)
			}
			if _, err := here.Tenant(ctx, "b"); err != nil {
				t.Errorf("a tenant that nobody has asked for yet: %v", err)
			}
			release()
		})
	}
}

// Every change has a generation of its own, and a poll between any two misses none.
func TestStoredCatalogUnderConcurrentChanges(t *testing.T) {
	onStore(t, func(t *testing.T, here, there *rowhouse.DB) {
		ctx := t.Context()
		since, _, err := stored(t, there).Changes(ctx, 0)
		ok(t, err)
		const workers, each = 4, 5
		seen := map[string]bool{}
		poll := func() {
			now, changed, err := stored(t, there).Changes(ctx, since)
			ok(t, err)
			since = now
			for _, id := range changed {
				seen[id] = true
			}
		}
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for i := range each {
					id := fmt.Sprintf("w%d-%d", w, i)
					if err := stored(t, here).Add(ctx, rowhouse.Entry{ID: id, Placement: rowhouse.Prefix(), State: rowhouse.Active}); err != nil {
						t.Error(id, err)
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		for running := true; running; {
			select {
			case <-done:
				running = false
			default:
			}
			poll()
		}
		if len(seen) != workers*each {
			t.Errorf("the polls saw %d of %d tenants", len(seen), workers*each)
		}
	})
}

func TestWithoutCatalogTablesThereIsNoTenant(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			drv, _ := e.open(t)
			db := openStore(t, drv)
			_, err := db.Tenant(t.Context(), "acme")
			is(t, err, rowhouse.ErrUnknownTenant)
			is(t, err, rowhouse.ErrMissingTable)
			ok(t, fleet.New(db, fleet.Options{}).Provision(t.Context(), fleet.NewTenant{ID: "acme"}))
			tenantOf(t, db, "acme")
		})
	}
}

// severed is a catalog that can be cut off.
type severed struct {
	rowhouse.Catalog
	on atomic.Bool
}

func (s *severed) around(db *rowhouse.DB) rowhouse.Catalog {
	s.Catalog = db.Catalog()
	return s
}

func (s *severed) Changes(ctx context.Context, since int64) (int64, []string, error) {
	if s.on.Load() {
		return 0, nil, errors.New("cut off")
	}
	return s.Catalog.Changes(ctx, since)
}
