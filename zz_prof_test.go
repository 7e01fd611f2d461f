package rowhouse_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

func cpuOf() int64 {
	var r syscall.Rusage
	_ = syscall.Getrusage(0, &r)
	return r.Utime.Nano() + r.Stime.Nano()
}

func cpuBench(b *testing.B, name string, fn func() error) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		start := cpuOf()
		for b.Loop() {
			must(b, fn())
		}
		b.ReportMetric(float64(cpuOf()-start)/float64(b.N)/1000, "cpuµs")
	})
}

func BenchmarkZZUnit(b *testing.B) {
	drv, err := sqlite.New(filepath.Join(b.TempDir(), "bench.db"))
	must(b, err)
	b.Cleanup(func() { _ = drv.Close() })
	tickets, tenant := unitBench(b, drv, ticketTable)
	cpuBench(b, "unit", func() error { return unitOfWork(b.Context(), tickets, tenant) })
	cpuBench(b, "load", func() error {
		_, err := tickets.Unit(rowhouse.NewUnit(tenant)).Load(b.Context(), tickets.In(tenant).Query)
		return err
	})
	cpuBench(b, "all", func() error { _, err := tickets.In(tenant).All(b.Context()); return err })
	cpuBench(b, "hand", func() error { return unitBySQL(b.Context(), drv.Pool()) })
}

func BenchmarkZZUnitPG(b *testing.B) {
	pool, err := pgxpool.New(b.Context(), testdb.Postgres(b))
	must(b, err)
	b.Cleanup(pool.Close)
	tickets, tenant := unitBench(b, postgres.New(pool), ticketTablePG)
	cpuBench(b, "unit", func() error { return unitOfWork(b.Context(), tickets, tenant) })
	cpuBench(b, "load", func() error {
		_, err := tickets.Unit(rowhouse.NewUnit(tenant)).Load(b.Context(), tickets.In(tenant).Query)
		return err
	})
	cpuBench(b, "all", func() error { _, err := tickets.In(tenant).All(b.Context()); return err })
	cpuBench(b, "hand", func() error { return unitByPgx(b.Context(), pool, true) })
	cpuBench(b, "handalone", func() error { return unitByPgx(b.Context(), pool, false) })
}
