package isolation

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/fleet"
)

// ground is an engine with an empty home on it.
type ground struct {
	engine *engine
	work   driver.Driver // what the operations go through
	maker  driver.Driver // makes the tenants, as another process would
	behind driver.Driver // sees every row, past all walls
	secure bool          // row-level security is on

	records bool // the models have no structs

	freshness time.Duration // a minute if it is not said
	databases int           // open at once; two if it is not said

	// pristine compares every pooled connection of work with one that has just been opened.
	pristine func(ctx context.Context) error
}

// options are narrow on purpose: a registry of four tenants or so, two databases open at once, two
// statements of a tenant at once.
func (g *ground) options() rowhouse.Options {
	of, behaviors := models(), watchful()
	if g.records {
		of, behaviors = recordModels(), nil
	}
	return rowhouse.Options{
		Models: of, Placement: rowhouse.Shared(), RowSecurity: g.secure,
		Behaviors:     behaviors,
		Limits:        rowhouse.Limits{Statements: 2, Queue: 100, Wait: time.Minute, Timeout: time.Minute, Rows: 10_000},
		RegistryBytes: 1500, MaxDatabases: cmp.Or(g.databases, 2), Freshness: cmp.Or(g.freshness, time.Minute),
	}
}

// settle makes the tenants and returns where they must be.
func (g *ground) settle(t *testing.T) []*place {
	t.Helper()
	db, err := rowhouse.Open(t.Context(), g.maker, g.options())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f := fleet.New(db, fleet.Options{})
	if err := f.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := States.In(db.Common()).InsertMany(t.Context(), slices.Clone(states)); err != nil {
		t.Fatal(err)
	}
	var places []*place
	for _, r := range g.engine.residents() {
		if err := f.Provision(t.Context(), fleet.NewTenant{ID: r.id, Placement: r.placement}); err != nil {
			t.Fatal(err)
		}
		places = append(places, g.engine.place(r.id, r.placement))
	}
	if err := collisions(places); err != nil {
		t.Fatal(err)
	}
	extendAll(t, db, f, g.engine)
	return places
}
