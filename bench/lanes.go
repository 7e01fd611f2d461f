package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rowhouse/rowhouse/bench/meter"
	"github.com/rowhouse/rowhouse/bench/report"
	"github.com/rowhouse/rowhouse/bench/subject"
	"github.com/rowhouse/rowhouse/bench/wire"
	driver "github.com/rowhouse/rowhouse/driver/postgres"
)

// What lanes are shown with.
const (
	laneConnections = 8
	laneCount       = 4
	laneWorkers     = 8
	hogs            = 16
)

// lanes shows what lanes do for the memory of the server, for what connections have prepared, and for how
// long others wait: with some tenants asked more than others, and with one that asks all the time.
func (b *bench) lanes(ctx context.Context, g *ground) (err error) {
	b.sayf("%s, lanes", g.name)
	const group = "postgres/lanes/"
	b.results.Tenants["postgres/lanes"] = len(g.tenants)
	var all []*subject.House
	defer func() {
		for _, h := range all {
			err = errors.Join(err, h.Close())
		}
	}()
	lanes := fmt.Sprintf("%s, %d lanes", report.Ours, laneCount)
	most := len(g.tenants) / 5 // fewer than a lane has, so that a connection retires before it knows all of them
	names := []string{report.Ours + ", one pool", lanes, fmt.Sprintf("%s of %d tenants at most", lanes, most)}
	options := [][]driver.Option{
		nil, {driver.WithLanes(laneCount)}, {driver.WithLanes(laneCount), driver.WithTenants(most)},
	}
	for i, name := range names {
		target := subject.Target{DSN: g.DSN(), Name: name, Connections: laneConnections, Dial: wire.NewLine("").Dial}
		h, err := subject.OpenPostgres(ctx, target, options[i]...)
		if err != nil {
			return err
		}
		all = append(all, h)
		if err := b.fillConnections(ctx, g, h, group, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	waits := make([]map[string][]float64, len(all))
	for i := range waits {
		waits[i] = map[string][]float64{}
	}
	for round := range b.scale.rounds {
		for i, h := range all {
			if err := b.waits(ctx, g, h, round, waits[i]); err != nil {
				return fmt.Errorf("%s: %w", names[i], err)
			}
		}
	}
	for i, name := range names {
		for what, list := range waits[i] {
			b.results.Add(group+what, name, "wait_us", median(list, func(v float64) float64 { return v }))
		}
	}
	return nil
}

// fillConnections has every tenant asked so often that each connection comes to know all that it will.
func (b *bench) fillConnections(ctx context.Context, g *ground, h *subject.House, group, name string) error {
	var turn atomic.Int64
	n := int64(b.scale.laneOps)
	before := h.Stats()
	err := inParallel(laneWorkers, func(worker int) error {
		random := rand.New(rand.NewPCG(2, uint64(worker)))
		for i := turn.Add(1); i <= n; i = turn.Add(1) {
			if i == n/2 {
				before = h.Stats()
			}
			if _, err := h.List(ctx, g.tenants[random.IntN(len(g.tenants))], 1); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	after := h.Stats()
	const scenario = "all tenants alike"
	b.results.Add(group+scenario, name, "named_part", float64(after.Named-before.Named)/float64(after.Statements-before.Statements))
	processes, err := g.Processes(ctx, name)
	if err != nil {
		return err
	}
	var total int64
	for _, pid := range processes {
		bytes, err := meter.Memory(pid)
		if err != nil {
			return err
		}
		total += bytes
	}
	b.results.Add(group+scenario, name, "lanes_mib", float64(total)/(1<<20))
	return nil
}

// waits measures how long gets take, by Zipf's law, alone and beside a tenant that asks all the time.
func (b *bench) waits(ctx context.Context, g *ground, h *subject.House, round int, into map[string][]float64) error {
	for what, beside := range map[string]int{"Zipf": 0, "Zipf beside a hog": hogs} {
		done, stop := context.WithCancel(ctx)
		var hogging sync.WaitGroup
		for range beside {
			hogging.Go(func() {
				for done.Err() == nil {
					_, _ = h.Select(done, g.tenants[0], selected) // it ends in the middle of one
				}
			})
		}
		took, err := b.timed(ctx, g, h, round)
		stop()
		hogging.Wait()
		if err != nil {
			return err
		}
		slices.Sort(took)
		for name, part := range map[string]int{"median": 50, "p99": 99} {
			key := what + ", " + name
			into[key] = append(into[key], micros(took[len(took)*part/100]))
		}
	}
	return nil
}

// timed gets rows of tenants other than the first.
func (b *bench) timed(ctx context.Context, g *ground, h *subject.House, round int) ([]time.Duration, error) {
	each := make([][]time.Duration, laneWorkers/2)
	err := inParallel(len(each), func(worker int) error {
		next := ranks(rand.New(rand.NewPCG(uint64(round), uint64(worker))), len(g.tenants)-1)
		for range b.scale.ops * 2 {
			start := time.Now()
			if _, err := h.Get(ctx, g.tenants[1+next()], 1); err != nil {
				return err
			}
			each[worker] = append(each[worker], time.Since(start))
		}
		return nil
	})
	return slices.Concat(each...), err
}

func inParallel(n int, fn func(worker int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = fn(i) })
	}
	all.Wait()
	return errors.Join(errs...)
}
