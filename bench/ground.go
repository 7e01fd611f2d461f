package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rowhouse/rowhouse/bench/subject"
	"github.com/rowhouse/rowhouse/bench/wire"
	"github.com/rowhouse/rowhouse/fleet"
)

// engine is a kind of server. A server is the admin's part of one: what is done there is
// measured nowhere.
type engine struct {
	name     string
	variable string // has the server's address
	subjects []subject.Entry
	connect  func(ctx context.Context, dsn, database string) (server, error)
	open     func(ctx context.Context, t subject.Target) (*subject.House, error)
}

// server is a database of the bench's own on a server, and the way to make and look at it.
type server interface {
	// DSN is where subjects connect to.
	DSN() string

	// Address is host:port.
	Address() string

	// Version is the server's.
	Version(ctx context.Context) (string, error)

	// Fill puts rows into a tenant's tables.
	Fill(ctx context.Context, tenant string, rows int) error

	// Settle has statistics and everything else that comes by itself come now.
	Settle(ctx context.Context) error

	// Empty removes a tenant's cases, all of which have no comments.
	Empty(ctx context.Context, tenant string) error

	// Processes are those that work for connections of this name, and perhaps for others.
	Processes(ctx context.Context, name string) ([]int, error)

	// Exclusive says whether Processes work for that name alone, so that their memory is its.
	Exclusive() bool

	// Close removes the database.
	Close() error
}

// ground is where the bench takes place: an engine's database with all tenants.
type ground struct {
	engine
	server
	tenants []string
	bulk    string // a tenant that has no rows
}

// newGround makes the database and its tenants: n, and one for bulk inserts.
func newGround(ctx context.Context, e engine, dsn string, n int) (*ground, error) {
	s, err := e.connect(ctx, dsn, "bench_"+strings.ToLower(rand.Text()[:10]))
	if err != nil {
		return nil, err
	}
	g := &ground{engine: e, server: s, tenants: tenantIDs(n), bulk: "bulk"}
	if err := g.provision(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return g, nil
}

func tenantIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("t%05d", i)
	}
	return ids
}

func (g *ground) provision(ctx context.Context) error {
	house, err := g.open(ctx, subject.Target{DSN: g.DSN(), Name: "fleet", Connections: 4, Dial: wire.NewLine("").Dial})
	if err != nil {
		return err
	}
	news := make([]fleet.NewTenant, 0, len(g.tenants)+1)
	for _, id := range append(slices.Clone(g.tenants), g.bulk) {
		news = append(news, fleet.NewTenant{ID: id})
	}
	_, err = fleet.New(house.DB, fleet.Options{}).ProvisionAll(ctx, news)
	if err := errors.Join(err, house.Close()); err != nil {
		return err
	}
	for i, id := range g.tenants {
		rows := otherRows
		if i == 0 {
			rows = firstRows
		}
		if err := g.Fill(ctx, id, rows); err != nil {
			return err
		}
	}
	return g.Settle(ctx)
}
