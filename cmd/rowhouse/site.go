package main

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
)

// site is a home that the demo made for itself, so that it can neither meet nor remove what is
// anybody else's.
type site struct {
	engine  string // for people, with its version
	place   string // for people: in a temporary directory
	kept    string // for people, after the demo: where it all is
	driver  driver.Driver
	workers int // how many tenants to work for at once

	// Patterns for the placements that need a name.
	schema   rowhouse.Placement
	database rowhouse.Placement

	// most bounds the tenants of a placement that is slow to make in numbers; why says why.
	most map[rowhouse.PlacementKind]int
	why  string

	// locate names the place that a house is in: a file, a database.
	locate func(rowhouse.House) string

	// disconnect ends the driver's connections.
	disconnect func() error

	// remove removes all that was made at this site, whether or not its tenants were dropped,
	// and makes sure that nothing is left. It comes after disconnect.
	remove func(ctx context.Context) error
}

// serverWorkers keep a server busy over a network, and stay within everybody's connection limits.
const serverWorkers = 8

// demoName is a name for a database that nobody has.
func demoName() string { return "rowhouse_demo_" + strings.ToLower(rand.Text()[:6]) }
