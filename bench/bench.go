package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/rowhouse/rowhouse/bench/report"
)

// bench is one run.
type bench struct {
	scale   scale
	results *report.Results
	started time.Time
}

// say tells whoever waits how far it has come.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%4.0fs  %s\n", time.Since(b.started).Seconds(), fmt.Sprintf(format, args...))
}

// on runs groups on an engine's server.
func (b *bench) on(ctx context.Context, e engine, tenants int, groups []group) (err error) {
	dsn := os.Getenv(e.variable)
	if dsn == "" {
		return fmt.Errorf("%s is not set: run `make bench`, which starts the servers", e.variable)
	}
	b.say("%s: making %d tenants", e.name, tenants)
	g, err := newGround(ctx, e, dsn, tenants)
	if err != nil {
		return fmt.Errorf("%s: %w", e.name, err)
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	if b.results.Versions[e.name], err = g.Version(ctx); err != nil {
		return err
	}
	for _, gr := range groups {
		if err := b.run(ctx, g, gr); err != nil {
			return err
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
