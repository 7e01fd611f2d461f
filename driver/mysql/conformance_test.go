package mysql_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/driver/drivertest"
	"github.com/rowhouse/rowhouse/driver/mysql"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("MariaDB", func(t *testing.T) {
		t.Parallel()
		conform(t)
	})
	t.Run("MySQL", func(t *testing.T) {
		t.Parallel()
		conform(t, mysql.WithoutReturning())
	})
}

func conform(t *testing.T, opts ...mysql.Option) {
	const connections = 2 // the least: each cancelled statement holds its locks for seconds
	opts = append(opts, mysql.WithConnections(connections, connections))
	drivertest.Run(t, drivertest.Harness{
		Open: func(t *testing.T) drivertest.Home {
			d := open(t, opts...)
			t.Cleanup(func() { killOthers(t, d) })
			return drivertest.Home{
				Driver:   d,
				Begin:    begin(d),
				Database: func(name string) string { return d.Schema("") + "_" + name },
			}
		},
		PoolSize: connections,
		Identity: "bigint AUTO_INCREMENT PRIMARY KEY",
		Slow:     "SELECT SLEEP(10)",
		Latest:   time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		NoNaN:    true,
	})
}

// open returns a driver on a home of its own, closed after the test.
func open(t *testing.T, opts ...mysql.Option) *mysql.Driver {
	t.Helper()
	d, err := mysql.New(t.Context(), testdb.MySQL(t), opts...)
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

// killOthers ends what cancelled statements left on the server: go-sql-driver closes its end of
// the connection, and the server notices seconds later.
func killOthers(t *testing.T, d *mysql.Driver) {
	ctx := context.Background()
	rows, err := d.Pool().QueryContext(ctx, "SELECT id FROM information_schema.processlist "+
		"WHERE db = ? AND command IN ('Query', 'Execute') AND id <> CONNECTION_ID()", d.Schema(""))
	if err != nil {
		t.Error(err)
		return
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Error(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
	for _, id := range ids {
		// It may have ended by itself meanwhile.
		_, _ = d.Pool().ExecContext(ctx, fmt.Sprintf("KILL %d", id))
	}
}

// begin begins a transaction as an application does on the driver's pool.
func begin(d *mysql.Driver) func(*testing.T) (any, func() error, func() error) {
	return func(t *testing.T) (any, func() error, func() error) {
		tx, err := d.Pool().BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return tx, tx.Commit, tx.Rollback
	}
}
