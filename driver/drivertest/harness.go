// Package drivertest holds what every driver passes: the contract of package driver as a suite
// of tests ([Run]) on real databases. A driver's own test is a [Harness] and a call.
package drivertest

import (
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/driver"
)

// Harness is how a driver is tested, and what its engine cannot do. Open, PoolSize, Identity and
// Slow are required; the zero value of each other field is an engine that can do all.
type Harness struct {
	// Open returns a driver whose home is an empty database that no other test uses, and which
	// can create further databases. It closes and removes what it made when t ends. It is called
	// by parallel tests.
	Open func(t *testing.T) Home

	// PoolSize is how many connections a home has at most. At least 2 are needed.
	PoolSize int

	// Identity is the type, in a CREATE TABLE, of a key that numbers its rows by itself, with
	// the words that make it the primary key.
	Identity string

	// Slow is a query of one row and one column that takes ten seconds or more.
	Slow string

	// Earliest and Latest bound the engine's times; zero is the years 1 and 9999.
	Earliest, Latest time.Time

	// NoNaN is set for an engine that does not store a float that is no number.
	NoNaN bool

	// NoBounds is set for an engine that stores a text longer than its column's size.
	NoBounds bool

	// OneWriter is set for an engine on which a transaction that writes waits for any other:
	// then there are no deadlocks and no conflicts to test.
	OneWriter bool

	// DropUnseen is set where a pooler stands between, which does not see at once that a database
	// was dropped.
	DropUnseen bool

	// Unnamed lists the faults of constraints that the engine does not name.
	Unnamed []driver.FaultKind
}

// Home is a driver on a database of its own.
type Home struct {
	Driver driver.Driver

	// Database returns the name of a further database for the test to create and drop,
	// where the clean-up goes by names. Nil takes names as they are.
	Database func(name string) string

	// Begin starts a transaction on the home as an application would, with the engine's own
	// library, and returns it with its commit and its rollback. Nil if no transaction can be
	// joined.
	Begin func(t *testing.T) (native any, commit, rollback func() error)
}

// Run tests a driver. Its subtests run in parallel, each on a home of its own.
func Run(t *testing.T, h Harness) {
	groups := []struct {
		name  string
		cases []testCase
	}{
		{"value", valueCases},
		{"row", rowCases},
		{"statement", statementCases},
		{"tx", txCases},
		{"cancel", cancelCases},
		{"join", joinCases},
		{"database", databaseCases},
		{"fault", faultCases},
		{"copy", copyCases},
		{"pipeline", pipelineCases},
		{"one by one", oneByOneCases()},
		{"record", recordCases},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range g.cases {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.run(t, newFixture(t, &h))
				})
			}
		})
	}
}

type testCase struct {
	name string
	run  func(t *testing.T, f *fixture)
}
