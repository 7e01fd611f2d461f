package rowhouse_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/fleet"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// BenchmarkInsertMany writes 10,000 rows as InsertMany does and as pgx by hand does, in turns, and
// reports the library's share of the time: by COPY, and by arrays where keys come back.
//
//	go run ./internal/testservers -- go test -run '^$' -bench InsertMany -benchtime 20x .
func BenchmarkInsertMany(b *testing.B) {
	pool, err := pgxpool.New(b.Context(), testdb.Postgres(b))
	must(b, err)
	b.Cleanup(pool.Close)
	db, err := rowhouse.Open(b.Context(), postgres.New(pool), rowhouse.Options{Models: rowhouse.Models(benchEvents, benchCounted)})
	must(b, err)
	b.Cleanup(func() { must(b, db.Close()) })
	must(b, fleet.New(db, fleet.Options{}).Provision(b.Context(), fleet.NewTenant{ID: "bench", Placement: rowhouse.Prefix()}))
	tenant, err := db.Tenant(b.Context(), "bench")
	must(b, err)
	const n = 10_000
	b.Run("copy", func(b *testing.B) {
		rows := make([]benchEvent, n)
		benchVersus(b, func(ctx context.Context) error { return benchEvents.In(tenant).InsertMany(ctx, numbered(rows)) },
			func(ctx context.Context) error { return copyByHand(ctx, pool, numbered(rows)) })
	})
	b.Run("keys", func(b *testing.B) {
		rows := make([]benchCount, n)
		benchVersus(b, func(ctx context.Context) error { return benchCounted.In(tenant).InsertMany(ctx, blank(rows)) },
			func(ctx context.Context) error {
				return unnestByHand(ctx, pool, tenant.TableName(benchCounted), blank(rows))
			})
	})
}

type benchEvent struct {
	ID       int64     `db:"id,pk"`
	Title    string    `db:"title"`
	Status   string    `db:"status,size:20"`
	Priority int       `db:"priority"`
	Assignee *string   `db:"assignee"`
	At       time.Time `db:"at"`
}

type benchCount struct {
	ID       int64     `db:"id,pk,auto"`
	Title    string    `db:"title"`
	Status   string    `db:"status,size:20"`
	Priority int       `db:"priority"`
	Assignee *string   `db:"assignee"`
	At       time.Time `db:"at"`
}

var (
	benchEvents  = rowhouse.MustDefine[benchEvent]("bench_event")
	benchCounted = rowhouse.MustDefine[benchCount]("bench_count")
	benchNumber  int64
)

// numbered are the rows with keys that no table has.
func numbered(rows []benchEvent) []benchEvent {
	at := time.Now().UTC().Truncate(time.Microsecond)
	for i := range rows {
		benchNumber++
		rows[i] = benchEvent{ID: benchNumber, Title: "a title of some length", Status: "open", Priority: i % 7, At: at}
	}
	return rows
}

func blank(rows []benchCount) []benchCount {
	at := time.Now().UTC().Truncate(time.Microsecond)
	for i := range rows {
		rows[i] = benchCount{Title: "a title of some length", Status: "open", Priority: i % 7, At: at}
	}
	return rows
}

// benchVersus runs two functions in turns.
func benchVersus(b *testing.B, ours, theirs func(context.Context) error) {
	b.Helper()
	var took [2]time.Duration
	for b.Loop() {
		for i, fn := range []func(context.Context) error{ours, theirs} {
			start := time.Now()
			must(b, fn(b.Context()))
			took[i] += time.Since(start)
		}
	}
	b.ReportMetric(took[0].Seconds()/took[1].Seconds(), "x-wall")
	b.ReportMetric(took[0].Seconds()*1e3/float64(b.N), "ms/op")
}

func copyByHand(ctx context.Context, pool *pgxpool.Pool, rows []benchEvent) error {
	columns := []string{"id", "title", "status", "priority", "assignee", "at"}
	_, err := pool.CopyFrom(ctx, pgx.Identifier{"public", "bench_bench_event"}, columns,
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			r := &rows[i]
			return []any{r.ID, r.Title, r.Status, r.Priority, r.Assignee, r.At}, nil
		}))
	return err
}

func unnestByHand(ctx context.Context, pool *pgxpool.Pool, table string, rows []benchCount) error {
	var (
		titles, statuses = make([]string, len(rows)), make([]string, len(rows))
		priorities       = make([]int, len(rows))
		assignees        = make([]*string, len(rows))
		times            = make([]time.Time, len(rows))
	)
	for i := range rows {
		r := &rows[i]
		titles[i], statuses[i], priorities[i], assignees[i], times[i] = r.Title, r.Status, r.Priority, r.Assignee, r.At
	}
	found, err := pool.Query(ctx, `INSERT INTO `+table+` (title, status, priority, assignee, at)
		SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[]) RETURNING id`,
		titles, statuses, priorities, assignees, times)
	if err != nil {
		return err
	}
	defer found.Close()
	for i := 0; found.Next(); i++ {
		if err := found.Scan(&rows[i].ID); err != nil {
			return err
		}
	}
	return found.Err()
}
