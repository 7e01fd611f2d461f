package postgres_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/postgres"
)

// BenchmarkVersus runs the same statements through the driver and through pgx by hand with its own
// settings, in turns in one process, each on a connection of its own, and reports the driver's
// share of what pgx takes: of time, of processor time of client and server together, and of
// allocations. "many" goes round a thousand tables of the same shape.
//
//	go run ./internal/testservers -- go test -run '^$' -bench Versus -benchtime 30x ./driver/postgres
func BenchmarkVersus(b *testing.B) {
	for _, tables := range []int{1, benchTables} {
		pool := benchPool(b, tables)
		for _, c := range versusCases {
			b.Run(fmt.Sprintf("tables=%d/%s", tables, c.name), func(b *testing.B) {
				ours, theirs := newSubject(b, pool, tables, c.driver), newSubject(b, pool, tables, c.pgx)
				b.ResetTimer()
				for b.Loop() {
					ours.turn(b)
					theirs.turn(b)
				}
				b.StopTimer()
				b.ReportMetric(median(ours.wall)/median(theirs.wall), "x-wall")
				b.ReportMetric(median(ours.cpu)/median(theirs.cpu), "x-cpu")
				b.ReportMetric(float64(ours.allocs)/float64(ours.ops), "our-allocs/op")
				b.ReportMetric(float64(theirs.allocs)/float64(theirs.ops), "pgx-allocs/op")
				b.ReportMetric(median(ours.wall)*1e6/float64(ours.round()), "µs/op")
			})
		}
	}
}

// subject is one of two ways to do the same.
type subject struct {
	run       func(ctx context.Context, n int) error
	pid       int
	n, ops    int
	tables    int
	wall, cpu []time.Duration
	allocs    uint64
}

type versusCase struct {
	name   string
	driver func(pool *pgxpool.Pool, db driver.DB, tables int) func(context.Context, int) error
	pgx    func(pool *pgxpool.Pool, db driver.DB, tables int) func(context.Context, int) error
}

func newSubject(
	b *testing.B, home *pgxpool.Pool, tables int, way func(*pgxpool.Pool, driver.DB, int) func(context.Context, int) error,
) *subject {
	b.Helper()
	pool, err := pgxpool.NewWithConfig(b.Context(), home.Config())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	db, err := postgres.New(pool).Open(b.Context(), "")
	if err != nil {
		b.Fatal(err)
	}
	s := &subject{run: way(pool, db, tables), tables: tables}
	if err := pool.QueryRow(b.Context(), "SELECT pg_backend_pid()").Scan(&s.pid); err != nil {
		b.Fatal(err)
	}
	for range 8*tables + 20 { // the caches are as they will stay
		if err := s.run(b.Context(), s.n); err != nil {
			b.Fatal(err)
		}
		s.n++
	}
	return s
}

// turn runs a round of statements: all tables once, or one of them as often as makes sense.
func (s *subject) turn(b *testing.B) {
	ctx, round := b.Context(), s.round()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, wall := s.processor(b), time.Now()
	for range round {
		if err := s.run(ctx, s.n); err != nil {
			b.Fatal(err)
		}
		s.n++
	}
	s.wall = append(s.wall, time.Since(wall))
	s.cpu = append(s.cpu, s.processor(b)-cpu)
	runtime.ReadMemStats(&after)
	s.allocs += after.Mallocs - before.Mallocs
	s.ops += round
}

// round is how many statements a turn has.
func (s *subject) round() int { return max(s.tables, 100) }

// median of a turn, in seconds: whatever else the machine does spoils some turns.
func median(turns []time.Duration) float64 {
	sorted := slices.Sorted(slices.Values(turns))
	return sorted[len(sorted)/2].Seconds()
}

// processor is what client and server have used so far.
func (s *subject) processor(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano()+usage.Stime.Nano()) + serverTime(b, s.pid)
}

// serverTime is what Linux has scheduled a process for.
func serverTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	if err != nil {
		b.Skip(err) // another system's, or a server elsewhere
	}
	first, _, _ := strings.Cut(string(text), " ")
	n, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(n)
}

func int64Arg(n int) dialect.Arg { return dialect.Arg{Value: int64(n), Kind: dialect.Int64} }

// texts are made for each statement by the library and by hand alike; here they are ready.
func texts(tables int, text func(int) string) []string {
	list := make([]string, tables)
	for i := range list {
		list[i] = text(i)
	}
	return list
}

const (
	benchUpdate = `UPDATE "public"."%d_case" AS "case" SET "status" = $1, "priority" = $2 WHERE "case"."id" = $3`
	benchInsert = `INSERT INTO "public"."%d_case" AS "case" ("id", "title", "status", "priority", "assignee", "created_at")
		VALUES ($1, $2, $3, $4, $5, $6)`
)

var versusCases = []versusCase{
	{"get", versusReading(`"case"."id" = $1`, 50, 1), pgxReading(`"case"."id" = $1`, 50, 1)},
	{"select", versusReading(`"case"."id" > $1`, 1, 0), pgxReading(`"case"."id" > $1`, 1, 0)},
	{"update", versusUpdate, pgxUpdate},
	{"insert", versusInsert, pgxInsert},
}

func versusReading(where string, ids, first int) func(*pgxpool.Pool, driver.DB, int) func(context.Context, int) error {
	return func(_ *pgxpool.Pool, db driver.DB, tables int) func(context.Context, int) error {
		list := texts(tables, func(i int) string { return benchText(i, where) })
		var c benchCase
		dest := c.dest()
		return func(ctx context.Context, n int) error {
			s := driver.Statement{
				Text: list[n%tables], Columns: benchColumns, Args: []dialect.Arg{int64Arg(n%ids + first)},
			}
			return getDriver(ctx, db, &s, dest)
		}
	}
}

func pgxReading(where string, ids, first int) func(*pgxpool.Pool, driver.DB, int) func(context.Context, int) error {
	return func(pool *pgxpool.Pool, _ driver.DB, tables int) func(context.Context, int) error {
		list := texts(tables, func(i int) string { return benchText(i, where) })
		var c benchCase
		dest := c.dest()
		return func(ctx context.Context, n int) error {
			rows, err := pool.Query(ctx, list[n%tables], int64(n%ids+first))
			if err != nil {
				return err
			}
			for rows.Next() {
				if err := rows.Scan(dest...); err != nil {
					return err
				}
			}
			return rows.Err()
		}
	}
}

func versusUpdate(_ *pgxpool.Pool, db driver.DB, tables int) func(context.Context, int) error {
	list := texts(tables, func(i int) string { return fmt.Sprintf(benchUpdate, i) })
	return func(ctx context.Context, n int) error {
		_, err := db.Exec(ctx, &driver.Statement{Text: list[n%tables], Write: true, Args: []dialect.Arg{
			{Value: "done", Kind: dialect.Text}, {Value: int64(n % 7), Kind: dialect.Int32}, int64Arg(n%50 + 1),
		}})
		return err
	}
}

func pgxUpdate(pool *pgxpool.Pool, _ driver.DB, tables int) func(context.Context, int) error {
	list := texts(tables, func(i int) string { return fmt.Sprintf(benchUpdate, i) })
	return func(ctx context.Context, n int) error {
		_, err := pool.Exec(ctx, list[n%tables], "done", n%7, int64(n%50+1))
		return err
	}
}

var benchTime = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func versusInsert(_ *pgxpool.Pool, db driver.DB, tables int) func(context.Context, int) error {
	list, first := texts(tables, func(i int) string { return fmt.Sprintf(benchInsert, i) }), int(time.Now().UnixNano())
	return func(ctx context.Context, n int) error {
		_, err := db.Exec(ctx, &driver.Statement{Text: list[n%tables], Write: true, Args: []dialect.Arg{
			int64Arg(first + n),
			{Value: "a title", Kind: dialect.Text},
			{Value: "open", Kind: dialect.Text},
			{Value: int64(3), Kind: dialect.Int32},
			{Kind: dialect.Text},
			{Value: benchTime, Kind: dialect.Time},
		}})
		return err
	}
}

func pgxInsert(pool *pgxpool.Pool, _ driver.DB, tables int) func(context.Context, int) error {
	list, first := texts(tables, func(i int) string { return fmt.Sprintf(benchInsert, i) }), int(time.Now().UnixNano())
	return func(ctx context.Context, n int) error {
		_, err := pool.Exec(ctx, list[n%tables], int64(first+n), "a title", "open", 3, (*string)(nil), benchTime)
		return err
	}
}
