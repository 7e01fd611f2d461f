package rowhouse_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/mysql"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// BenchmarkInsertManyValues writes 10,000 rows with given keys on the engines that know no lists, and by hand
// with database/sql in statements of a thousand rows, in turns.
//
//	go run ./internal/testservers -- go test -run '^$' -bench InsertManyValues -benchtime 10x .
func BenchmarkInsertManyValues(b *testing.B) {
	b.Run("mariadb", func(b *testing.B) {
		drv, err := mysql.New(b.Context(), testdb.MySQL(b))
		must(b, err)
		b.Cleanup(func() { _ = drv.Close() })
		insertManyValues(b, drv, drv.Pool(), "`%s`")
	})
	b.Run("sqlite", func(b *testing.B) {
		drv, err := sqlite.New(filepath.Join(b.TempDir(), "bench.db"))
		must(b, err)
		b.Cleanup(func() { _ = drv.Close() })
		insertManyValues(b, drv, drv.Pool(), `"%s"`)
	})
}

func insertManyValues(b *testing.B, drv driver.Driver, pool *sql.DB, quoted string) {
	b.Helper()
	db, err := rowhouse.Open(b.Context(), drv, rowhouse.Options{Models: rowhouse.Models(benchEvents)})
	must(b, err)
	b.Cleanup(func() { must(b, db.Close()) })
	must(b, fleet.New(db, fleet.Options{}).Provision(b.Context(), fleet.NewTenant{ID: "bench", Placement: rowhouse.Prefix()}))
	tenant, err := db.Tenant(b.Context(), "bench")
	must(b, err)
	rows := make([]benchEvent, 10_000)
	table := fmt.Sprintf(quoted, "bench_bench_event")
	benchVersus(b, func(ctx context.Context) error { return benchEvents.In(tenant).InsertMany(ctx, numbered(rows)) },
		func(ctx context.Context) error { return valuesByHand(ctx, pool, table, numbered(rows)) })
}

// valuesByHand inserts a thousand rows at once, in a transaction.
func valuesByHand(ctx context.Context, pool *sql.DB, table string, rows []benchEvent) error {
	const at = 1000
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // it does nothing after the commit
	text := "INSERT INTO " + table + " (id, title, status, priority, assignee, at) VALUES " +
		strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?), ", at), ", ")
	for len(rows) > 0 {
		args := make([]any, 0, at*6)
		for i := range rows[:at] {
			r := &rows[i]
			args = append(args, r.ID, r.Title, r.Status, r.Priority, r.Assignee, r.At)
		}
		if _, err := tx.ExecContext(ctx, text, args...); err != nil {
			return err
		}
		rows = rows[at:]
	}
	return tx.Commit()
}
