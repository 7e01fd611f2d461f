package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/rowhouse/rowhouse/bench/meter"
	"github.com/rowhouse/rowhouse/bench/subject"
	"github.com/rowhouse/rowhouse/bench/wire"
)

// group is operations that subjects do in turn, on connections that are fresh in the beginning.
type group struct {
	name        string
	spread      spread
	latency     time.Duration
	connections int
	operations  []operation
	apart       bool // client and server have processors of their own; see [meter.Apart]
}

// entrant is a subject in a group.
type entrant struct {
	subject.Subject
	*meter.Meter
	name string
}

// run holds the group on a ground, and hands each operation's figures over.
func (b *bench) run(ctx context.Context, g *ground, gr group) (err error) {
	b.sayf("%s, %s", g.name, gr.name)
	if gr.apart {
		together, err := meter.Apart()
		if err != nil {
			return err
		}
		defer together()
	}
	proxy, err := wire.NewProxy(g.Address())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, proxy.Close()) }()
	entrants, err := enter(ctx, g, gr, proxy)
	defer func() { err = errors.Join(err, leave(entrants)) }()
	if err != nil {
		return err
	}
	for _, o := range gr.operations {
		if err := b.hold(ctx, g, gr, o, entrants, proxy); err != nil {
			return fmt.Errorf("%s/%s/%s: %w", g.name, gr.name, o.name, err)
		}
	}
	return b.memory(ctx, g, gr, entrants)
}

// enter opens the subjects, through the proxy if the group is one with a network.
func enter(ctx context.Context, g *ground, gr group, proxy *wire.Proxy) (entrants []entrant, err error) {
	for _, e := range g.subjects {
		via := ""
		if gr.latency > 0 {
			via = proxy.Addr()
		}
		line := wire.NewLine(via)
		s, err := e.Open(ctx, subject.Target{DSN: g.DSN(), Name: e.Name, Connections: gr.connections, Dial: line.Dial})
		if err != nil {
			return entrants, fmt.Errorf("%s: %w", e.Name, err)
		}
		entrants = append(entrants, entrant{s, &meter.Meter{Trips: line.Trips}, e.Name})
	}
	return entrants, nil
}

func leave(entrants []entrant) (err error) {
	for _, e := range entrants {
		err = errors.Join(err, e.Close())
	}
	return err
}

// hold has every entrant do the operation in every round, in an order that is drawn for each: whom one comes after
// makes a difference.
func (b *bench) hold(ctx context.Context, g *ground, gr group, o operation, entrants []entrant, proxy *wire.Proxy) error {
	n, rounds := b.size(gr, o)
	proxy.Delay(0)
	for _, e := range entrants {
		if err := g.warm(ctx, e, gr, o, b.warming(gr, o, n)); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	proxy.Delay(gr.latency)
	samples := make([][]meter.Sample, len(entrants))
	for round := 1; round <= rounds; round++ { // that for warming up was number 0
		for _, at := range rand.New(rand.NewPCG(2, uint64(round))).Perm(len(entrants)) {
			sample, err := g.measure(ctx, entrants[at], gr, o, round, n)
			if err != nil {
				return fmt.Errorf("%s: %w", entrants[at].name, err)
			}
			samples[at] = append(samples[at], sample)
		}
	}
	b.record(g.name+"/"+gr.name+"/"+o.name, gr.latency > 0, n, entrants, samples)
	return nil
}

// size is how often an operation is done in a round, and how many rounds there are. Where a network
// is most of the time, few say the same.
func (b *bench) size(gr group, o operation) (n, rounds int) {
	n, rounds = o.ops(b.scale), b.scale.rounds
	if gr.latency > 0 {
		n, rounds = min(n, b.scale.slowOps), max(rounds/3, 1)
	}
	return n, rounds
}

// warming is how often an operation is done before it is measured: for a round, and with many tenants until
// every subject's cache has come to know that this is what is done now. Rowhouse's gives a statement up after
// 8,192 uses of others.
func (b *bench) warming(gr group, o operation, n int) int {
	if gr.spread.tenants == 1 || gr.latency > 0 || n == 1 {
		return n
	}
	return max(n, b.scale.settle*o.ops(b.scale)/b.scale.ops)
}

// warm has the entrant do it for every tenant once, so that it knows them all, and then so often that its
// caches have what they have in the long run; and finds its processes: connections are open then.
func (g *ground) warm(ctx context.Context, e entrant, gr group, o operation, n int) error {
	if err := g.ready(ctx, e, o); err != nil {
		return err
	}
	if !o.empty {
		if err := g.do(ctx, e, o, func(i int) string { return g.tenants[i] }, 0, gr.spread.tenants); err != nil {
			return err
		}
	}
	if err := g.do(ctx, e, o, gr.spread.turn(g, 0), 0, n); err != nil {
		return err
	}
	processes, err := g.Processes(ctx, e.name)
	switch {
	case err != nil:
		return err
	case len(processes) == 0:
		return errors.New("the server shows none of its connections")
	case gr.apart:
		err = meter.MoveAway(processes)
	}
	e.Processes = processes
	return err
}

func (g *ground) measure(ctx context.Context, e entrant, gr group, o operation, round, n int) (meter.Sample, error) {
	if err := g.ready(ctx, e, o); err != nil {
		return meter.Sample{}, err
	}
	turn := gr.spread.turn(g, round)
	return e.Measure(func() error { return g.do(ctx, e, o, turn, round*n, n) })
}

// ready has the entrant find out that its connection is alive, which pools do after a second of
// waiting for their turn, and empties the table that is to be filled.
func (g *ground) ready(ctx context.Context, e entrant, o operation) error {
	if _, err := e.Get(ctx, g.tenants[0], 1); err != nil {
		return err
	}
	if o.empty {
		return g.Empty(ctx, g.bulk)
	}
	return nil
}

// do does the operation n times, from where the last round has ended.
func (g *ground) do(ctx context.Context, s subject.Subject, o operation, turn func(i int) string, from, n int) error {
	if o.empty {
		return o.run(ctx, s, g.bulk, 0)
	}
	for i := from; i < from+n; i++ {
		if err := o.run(ctx, s, turn(i), i); err != nil {
			return err
		}
	}
	return nil
}

// memory records what the server keeps for each entrant in the end.
func (b *bench) memory(ctx context.Context, g *ground, gr group, entrants []entrant) error {
	if !g.Exclusive() {
		return nil
	}
	for _, e := range entrants {
		processes, err := g.Processes(ctx, e.name)
		if err != nil {
			return err
		}
		var total int64
		for _, pid := range processes {
			n, err := meter.Memory(pid)
			if err != nil {
				return err
			}
			total += n
		}
		b.results.Add(g.name+"/"+gr.name+"/afterwards", e.name, "server_mib", float64(total)/(1<<20))
	}
	return nil
}

// record adds the medians of the rounds, for one operation, and the medians of the ratios to the
// baseline in the same round.
func (b *bench) record(scenario string, network bool, n int, entrants []entrant, samples [][]meter.Sample) {
	for i, e := range entrants {
		for _, m := range metrics {
			if network && !m.network {
				continue
			}
			value := func(s meter.Sample) float64 { return m.of(s) / float64(n) }
			b.results.Add(scenario, e.name, m.name, median(samples[i], value))
			if m.ratio == "" {
				continue
			}
			ratios := make([]float64, len(samples[i]))
			for round := range ratios {
				ratios[round] = m.of(samples[i][round]) / m.of(samples[baseline][round])
			}
			b.results.Add(scenario, e.name, m.ratio, median(ratios, func(v float64) float64 { return v }))
		}
	}
}

// baseline is the place of the subject that ratios are to.
const baseline = 1

// metric is a figure of a sample.
type metric struct {
	name    string
	ratio   string // the name of its ratio to the baseline's
	network bool   // means something with a network between, where the proxy is part of the process
	of      func(s meter.Sample) float64
}

var metrics = []metric{
	{"wall_us", "wall_x", true, func(s meter.Sample) float64 { return micros(s.Wall) }},
	{"client_cpu_us", "", false, func(s meter.Sample) float64 { return micros(s.Client) }},
	{"server_cpu_us", "", false, func(s meter.Sample) float64 { return micros(s.Server) }},
	{"cpu_us", "cpu_x", false, func(s meter.Sample) float64 { return micros(s.Client + s.Server) }},
	{"allocs", "", false, func(s meter.Sample) float64 { return float64(s.Allocs) }},
	{"alloc_bytes", "", false, func(s meter.Sample) float64 { return float64(s.Bytes) }},
	{"trips", "", true, func(s meter.Sample) float64 { return float64(s.Trips) }},
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func median[T any](list []T, of func(T) float64) float64 {
	values := make([]float64, len(list))
	for i := range list {
		values[i] = of(list[i])
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 0 {
		return (values[middle-1] + values[middle]) / 2
	}
	return values[middle]
}
