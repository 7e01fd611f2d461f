package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/drivertest"
	"github.com/rowhouse/rowhouse/driver/sqlite"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	const connections = 4
	drivertest.Run(t, drivertest.Harness{
		Open: func(t *testing.T) drivertest.Home {
			d := open(t, sqlite.WithConnections(connections, connections))
			return drivertest.Home{Driver: d, Begin: begin(d)}
		},
		PoolSize: connections - 1, // the last one is the writer's
		Identity: "integer PRIMARY KEY",
		Slow: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) " +
			"SELECT count(*) FROM n",
		NoNaN:     true,
		NoBounds:  true,
		OneWriter: true,
		Unnamed:   []driver.FaultKind{driver.Unique, driver.ForeignKey},
	})
}

// open returns a driver on a home of its own, closed after the test.
func open(t *testing.T, opts ...sqlite.Option) *sqlite.Driver {
	t.Helper()
	d, err := sqlite.New(filepath.Join(t.TempDir(), "home.sqlite"), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// begin begins a transaction as an application does on the driver's pool.
func begin(d *sqlite.Driver) func(*testing.T) (any, func() error, func() error) {
	return func(t *testing.T) (any, func() error, func() error) {
		tx, err := d.Pool().BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return tx, tx.Commit, tx.Rollback
	}
}
