package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/rowhouse/rowhouse/bench/report"
)

// bench is one run.
type bench struct {
	scale   scale
	results *report.Results
	started time.Time
}

// sayf tells whoever waits how far it has come.
func (b *bench) sayf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%4.0fs  %s\n", time.Since(b.started).Seconds(), fmt.Sprintf(format, args...))
}

// serviceHeap is what the process holds in memory, as a service would: with the one or two MB that it needs itself,
// the garbage collector would run forty times a second, and be a third of what is measured.
const serviceHeap = 64 << 20

// everything runs all there is.
func (b *bench) everything(ctx context.Context) error {
	held := make([]byte, serviceHeap)
	defer runtime.KeepAlive(held)
	if err := b.mappings(ctx); err != nil {
		return err
	}
	s, all := b.scale, operations(b.scale)
	small := only(all, "get", "list 50 with children", "insert", "update", "upsert")
	remote := only(all, "get", "list 50 with children", "insert")
	err := b.on(ctx, postgres(), s.skewed, []group{
		{name: "all", spread: one(), connections: tenantWay, operations: []operation{counting(s.many)}},
		{name: "one", spread: one(), connections: 1, operations: all, apart: true},
		{name: "many", spread: many(s.many), connections: 1, operations: small, apart: true},
		{
			name: "zipf", spread: zipf(s.skewed), connections: 1, apart: true,
			operations: only(all, "get", "list 50 with children", "update"),
		},
		{name: "one, 1 ms away", spread: one(), latency: latency, connections: 1, operations: remote},
		{name: "many, 1 ms away", spread: many(s.many), latency: latency, connections: 1, operations: remote},
	}, b.lanes)
	if err != nil {
		return err
	}
	return b.on(ctx, mariadb(), s.many, []group{
		{name: "all", spread: one(), connections: tenantWay, operations: []operation{counting(s.many)}},
		{name: "one", spread: one(), connections: 1, operations: all, apart: true},
		{name: "many", spread: many(s.many), connections: 1, operations: small, apart: true},
		{name: "one, 1 ms away", spread: one(), latency: latency, connections: 1, operations: remote},
	})
}

// on runs groups on an engine's server, and then what there is besides.
func (b *bench) on(
	ctx context.Context, e engine, tenants int, groups []group, besides ...func(context.Context, *ground) error,
) (err error) {
	dsn := os.Getenv(e.variable)
	if dsn == "" {
		return fmt.Errorf("%s is not set: run `make bench`, which starts the servers", e.variable)
	}
	b.sayf("%s: making %d tenants", e.name, tenants)
	g, err := newGround(ctx, e, dsn, tenants)
	if err != nil {
		return fmt.Errorf("%s: %w", e.name, err)
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	if b.results.Versions[e.name], err = g.Version(ctx); err != nil {
		return err
	}
	for _, s := range e.subjects {
		b.results.Subjects = append(b.results.Subjects, report.Subject{Engine: e.name, Name: s.Name, How: s.How})
	}
	for _, gr := range groups {
		b.results.Tenants[e.name+"/"+gr.name] = gr.spread.tenants
		if err := b.run(ctx, g, gr); err != nil {
			return err
		}
	}
	for _, fn := range besides {
		if err := fn(ctx, g); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return nil
}

// only picks operations by name, in their order.
func only(all []operation, names ...string) (picked []operation) {
	for _, name := range names {
		for _, o := range all {
			if o.name == name {
				picked = append(picked, o)
			}
		}
	}
	return picked
}
