package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/fleet"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

const (
	hogGuests  = 4    // tenants beside the hog, each with one client
	hogGets    = 40   // of each, in a turn
	hogClients = 64   // of the hog, in a tight loop
	hogRows    = 2000 // of each tenant
	hogConns   = 8
)

// hogParty is a small pool that several tenants share, and a tenant that wants all of it.
type hogParty struct {
	db     *rowhouse.DB
	guests []*rowhouse.Tenant
	hog    *rowhouse.Tenant
	name   rowhouse.Column[Shelf, string]
}

func newHogParty(b *testing.B) *hogParty {
	b.Helper()
	ctx := b.Context()
	config, err := pgxpool.ParseConfig(testdb.Postgres(b))
	must(b, err)
	config.MaxConns = hogConns
	pool, err := pgxpool.NewWithConfig(ctx, config)
	must(b, err)
	b.Cleanup(pool.Close)
	db, err := rowhouse.Open(ctx, postgres.New(pool), rowhouse.Options{Models: library, Freshness: time.Minute})
	must(b, err)
	b.Cleanup(func() { _ = db.Close() })
	p := &hogParty{db: db, name: rowhouse.Col(shelves, func(s *Shelf) *string { return &s.Name })}
	for i := range hogGuests + 1 {
		id := fmt.Sprint("t", i)
		must(b, fleet.New(db, fleet.Options{}).Provision(ctx, fleet.NewTenant{ID: id}))
		tenant, err := db.Tenant(ctx, id)
		must(b, err)
		must(b, shelves.In(tenant).InsertMany(ctx, shelvesOf(hogRows)))
		p.guests = append(p.guests, tenant)
	}
	p.hog, p.guests = p.guests[0], p.guests[1:]
	_, err = pool.Exec(ctx, "ANALYZE")
	must(b, err)
	return p
}

// feed has the hog at full tilt until it is stopped.
func (p *hogParty) feed(b *testing.B, ask func(context.Context) error) (stop func()) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	var all, begun sync.WaitGroup
	begun.Add(hogClients)
	for range hogClients {
		all.Go(func() {
			for first := true; ctx.Err() == nil; first = false {
				if first {
					begun.Done()
				}
				err := ask(ctx)
				if over, is := errors.AsType[*rowhouse.LimitError](err); is {
					select {
					case <-ctx.Done():
					case <-time.After(over.RetryAfter): // as its client would
					}
				} else if err != nil && ctx.Err() == nil {
					b.Error(err)
					return
				}
			}
		})
	}
	begun.Wait()
	return func() {
		cancel()
		all.Wait()
	}
}

// turn has every guest read, and adds how long each read took.
func (p *hogParty) turn(b *testing.B, times *[]time.Duration) {
	b.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, guest := range p.guests {
		all.Go(func() {
			own := make([]time.Duration, hogGets)
			for i := range own {
				began := time.Now()
				if _, err := shelves.In(guest).Get(b.Context(), int64(i)); err != nil {
					b.Error(err)
					return
				}
				own[i] = time.Since(began)
				time.Sleep(time.Millisecond) // what a client does between two requests
			}
			mu.Lock()
			defer mu.Unlock()
			*times = append(*times, own...)
		})
	}
	all.Wait()
}

// BenchmarkHog has several tenants read by key while one keeps 64 clients busy, on PostgreSQL, over a pool of 8: with
// the same reads, and with selects that sort all its rows and are a hundred times as heavy. The others are alone, beside
// the hog without limits, and beside the hog within limits. They take turns; the ratios are to the tenants alone.
func BenchmarkHog(b *testing.B) {
	p := newHogParty(b)
	for name, ask := range map[string]func(context.Context) error{
		"gets": func(ctx context.Context) error {
			_, err := shelves.In(p.hog).Get(ctx, 1)
			return err
		},
		"sorts": func(ctx context.Context) error {
			_, err := shelves.In(p.hog).OrderBy(p.name.Desc()).All(ctx)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) { p.bench(b, ask) })
	}
}

func (p *hogParty) bench(b *testing.B, ask func(context.Context) error) {
	modes := []struct {
		name   string
		hog    bool
		limits rowhouse.Limits
	}{
		{"alone", false, rowhouse.Limits{}},
		{"unlimited", true, rowhouse.Limits{}},
		{"four", true, rowhouse.Limits{Statements: 4}},
		{"two", true, rowhouse.Limits{Statements: 2}},
		{"one", true, rowhouse.Limits{Statements: 1}},
		{"one-queue", true, rowhouse.Limits{Statements: 1, Queue: 4}},
	}
	times := make([][]time.Duration, len(modes))
	for b.Loop() {
		for i, m := range modes {
			_, err := fleet.New(p.db, fleet.Options{}).SetLimits(b.Context(), p.db.All(), m.limits)
			must(b, err)
			stop := func() {}
			if m.hog {
				stop = p.feed(b, ask)
			}
			p.turn(b, &times[i])
			stop()
		}
	}
	var base float64
	for i, m := range modes {
		slices.Sort(times[i])
		p99 := percentile(times[i], 99)
		if i == 0 {
			base = p99
		}
		b.ReportMetric(percentile(times[i], 50), m.name+"-p50-µs")
		b.ReportMetric(p99, m.name+"-p99-µs")
		b.ReportMetric(p99/base, m.name+"-p99-ratio")
	}
}

func percentile(sorted []time.Duration, p int) float64 {
	return float64(sorted[min(len(sorted)*p/100, len(sorted)-1)]) / 1000
}
