package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/postgres"
)

// contender is one way to do the work of a benchmark.
type contender struct {
	name string
	run  func() error
}

// race runs all in turn, so that a busy machine is busy for each of them, and reports the median
// time of each as a ratio to the first one's, and what it allocates.
func race(b *testing.B, contenders ...contender) {
	b.Helper()
	times := make([][]time.Duration, len(contenders))
	allocs := make([]float64, len(contenders))
	do := func(c contender) time.Duration {
		start := time.Now()
		if err := c.run(); err != nil {
			b.Fatalf("%s: %v", c.name, err)
		}
		return time.Since(start)
	}
	for b.Loop() {
		for i, c := range contenders {
			times[i] = append(times[i], do(c))
		}
	}
	for i, c := range contenders {
		allocs[i] = testing.AllocsPerRun(5, func() { do(c) })
	}
	var first float64
	for i, c := range contenders {
		slices.Sort(times[i])
		median := float64(times[i][len(times[i])/2])
		if i == 0 {
			first = median
		}
		b.ReportMetric(median/1000, c.name+"-µs")
		b.ReportMetric(median/first, c.name+"-ratio")
		b.ReportMetric(allocs[i], c.name+"-allocs")
	}
}

// benchDB returns a pool for pgx in its own mode, which prepares, one that does not, and a
// driver's.
func benchDB(b *testing.B, tables int, connections int32) (cache, plain *pgxpool.Pool, db driver.DB) {
	b.Helper()
	config := benchPool(b, tables).Config()
	config.MaxConns = connections
	open := func(mode pgx.QueryExecMode) *pgxpool.Pool {
		c := config.Copy()
		c.ConnConfig.DefaultQueryExecMode = mode
		pool, err := pgxpool.NewWithConfig(b.Context(), c)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(pool.Close)
		return pool
	}
	cache, plain = open(pgx.QueryExecModeCacheStatement), open(pgx.QueryExecModeExec)
	db, err := postgres.New(plain).Open(b.Context(), "")
	if err != nil {
		b.Fatal(err)
	}
	return cache, plain, db
}

var errCount = errors.New("the count is wrong")

func checkCount(n int64) error {
	if n != 49 {
		return errCount
	}
	return nil
}

// BenchmarkPipelineCounts counts in a thousand tables over four connections.
func BenchmarkPipelineCounts(b *testing.B) {
	const connections = 4
	cache, pool, db := benchDB(b, benchTables, connections)
	texts := make([]string, benchTables)
	for i := range texts {
		texts[i] = fmt.Sprintf(`SELECT count(*) FROM "public"."%d_case" AS "case" WHERE "case"."id" > $1`, i)
	}
	spread := func(run func(ctx context.Context, texts []string) error) func() error {
		return func() error {
			group, ctx := errgroup.WithContext(b.Context())
			for part := range slices.Chunk(texts, len(texts)/connections) {
				group.Go(func() error { return run(ctx, part) })
			}
			return group.Wait()
		}
	}
	pgconnOf := func(ctx context.Context, run func(*pgconn.Pipeline) error) error {
		return pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
			p := c.Conn().PgConn().StartPipeline(ctx)
			return errors.Join(run(p), p.Close())
		})
	}
	race(b,
		contender{"pgconn", spread(func(ctx context.Context, texts []string) error {
			return pgconnOf(ctx, func(p *pgconn.Pipeline) error { return countPgconn(p, texts) })
		})},
		contender{"driver", spread(func(ctx context.Context, texts []string) error { return countDriver(ctx, db, texts) })},
		contender{"batch", spread(func(ctx context.Context, texts []string) error { return countBatch(ctx, pool, texts) })},
		contender{"cached-batch", spread(func(ctx context.Context, texts []string) error { return countBatch(ctx, cache, texts) })},
		contender{"single", spread(func(ctx context.Context, texts []string) error { return countSingle(ctx, pool, texts) })},
	)
}

// countPgconn is what a careful hand writes: each statement independent, all of them ahead.
func countPgconn(p *pgconn.Pipeline, texts []string) error {
	for _, text := range texts {
		p.SendQueryParams(text, [][]byte{make([]byte, 8)}, []uint32{20}, []int16{1}, []int16{1})
		p.SendPipelineSync()
	}
	if err := p.Flush(); err != nil {
		return err
	}
	for range texts {
		results, err := p.GetResults()
		if err != nil {
			return err
		}
		reader := results.(*pgconn.ResultReader)
		var n byte
		for reader.NextRow() {
			n = reader.Values()[0][7]
		}
		if _, err := reader.Close(); err != nil {
			return err
		}
		if n != 50 {
			return errCount
		}
		if _, err := p.GetResults(); err != nil {
			return err
		}
	}
	return nil
}

func countDriver(ctx context.Context, db driver.DB, texts []string) error {
	columns := []dialect.Kind{dialect.Int64}
	list := func(yield func(*driver.Statement) bool) {
		for _, text := range texts {
			s := &driver.Statement{Text: text, Args: []dialect.Arg{{Value: int64(0), Kind: dialect.Int64}}, Columns: columns}
			if !yield(s) {
				return
			}
		}
	}
	var n int64
	dest := []any{&n}
	return driver.Pipeline(ctx, db, list, driver.PipelineOptions{Each: 1}, func(_ int, r driver.Reply) error {
		if r.Err != nil {
			return r.Err
		}
		for r.Rows.Next() {
			if err := r.Rows.Scan(dest); err != nil {
				return err
			}
		}
		return errors.Join(r.Rows.Err(), checkCount(n-1))
	})
}

// countBatch has all succeed or fail together, and prepares nothing.
func countBatch(ctx context.Context, pool *pgxpool.Pool, texts []string) error {
	return pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		var batch pgx.Batch
		for _, text := range texts {
			batch.Queue(text, int64(0))
		}
		results := c.SendBatch(ctx, &batch)
		for range texts {
			var n int64
			if err := results.QueryRow().Scan(&n); err != nil {
				return errors.Join(err, results.Close())
			}
			if err := checkCount(n - 1); err != nil {
				return errors.Join(err, results.Close())
			}
		}
		return results.Close()
	})
}

func countSingle(ctx context.Context, pool *pgxpool.Pool, texts []string) error {
	return pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		for _, text := range texts {
			var n int64
			if err := c.QueryRow(ctx, text, int64(0)).Scan(&n); err != nil {
				return err
			}
		}
		return nil
	})
}

// BenchmarkPipelineChildren reads a row of one table and fifty of another.
func BenchmarkPipelineChildren(b *testing.B) {
	cache, plain, db := benchDB(b, 2, 1)
	parent, children := benchText(0, `"case"."id" = $1`), benchText(1, `"case"."priority" <= $1`)
	sequential := func(pool *pgxpool.Pool, some int64) func() error {
		return func() error {
			for text, arg := range map[string]int64{parent: 7, children: some} {
				rows, err := pool.Query(b.Context(), text, arg)
				if err != nil {
					return err
				}
				if err := drain(rows); err != nil {
					return err
				}
			}
			return nil
		}
	}
	batched := func(pool *pgxpool.Pool, some int64) func() error {
		return func() error {
			var batch pgx.Batch
			batch.Queue(parent, int64(7))
			batch.Queue(children, some)
			results := pool.SendBatch(b.Context(), &batch)
			for range 2 {
				rows, err := results.Query()
				if err != nil {
					return errors.Join(err, results.Close())
				}
				if err := drain(rows); err != nil {
					return errors.Join(err, results.Close())
				}
			}
			return results.Close()
		}
	}
	driven := func(o driver.PipelineOptions, some int64) func() error {
		list := slices.Values([]*driver.Statement{
			{Text: parent, Args: []dialect.Arg{arg(dialect.Int64, int64(7))}, Columns: benchColumns},
			{Text: children, Args: []dialect.Arg{arg(dialect.Int32, some)}, Columns: benchColumns},
		})
		return func() error { return driver.Pipeline(b.Context(), db, list, o, drainReply) }
	}
	for _, some := range []int64{1, 10, 50} {
		b.Run(fmt.Sprint("children=", some), func(b *testing.B) {
			race(b,
				contender{"sequential", sequential(plain, some)},
				contender{"cached-sequential", sequential(cache, some)},
				contender{"batch", batched(plain, some)},
				contender{"cached-batch", batched(cache, some)},
				contender{"driver", driven(driver.PipelineOptions{Each: 2}, some)},
				contender{"snapshot", driven(driver.PipelineOptions{Snapshot: true}, some)},
			)
		})
	}
}

func drain(rows pgx.Rows) error {
	var c benchCase
	dest := c.dest()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			rows.Close()
			return err
		}
	}
	return rows.Err()
}

func drainReply(_ int, r driver.Reply) error {
	if r.Err != nil {
		return r.Err
	}
	var c benchCase
	dest := c.dest()
	for r.Rows.Next() {
		if err := r.Rows.Scan(dest); err != nil {
			return err
		}
	}
	return r.Rows.Err()
}

// BenchmarkPipelineWrites updates a hundred rows in a transaction.
func BenchmarkPipelineWrites(b *testing.B) {
	const n = 100
	cache, plain, db := benchDB(b, 1, 1)
	const text = `UPDATE "0_case" AS "case" SET status = $1 WHERE id = $2`
	update := &driver.Statement{
		Text: text, Args: []dialect.Arg{arg(dialect.Text, "done"), arg(dialect.Int64, int64(7))}, Write: true,
	}
	batched := func(pool *pgxpool.Pool) func() error {
		return func() error {
			return pgx.BeginFunc(b.Context(), pool, func(tx pgx.Tx) error {
				var batch pgx.Batch
				for range n {
					batch.Queue(text, "done", int64(7))
				}
				return tx.SendBatch(b.Context(), &batch).Close()
			})
		}
	}
	race(b,
		contender{"batch", batched(plain)},
		contender{"cached-batch", batched(cache)},
		contender{"driver", func() error {
			return driver.Pipeline(b.Context(), db, repeated(update, n), driver.PipelineOptions{}, firstError)
		}},
		contender{"single", func() error {
			return pgx.BeginFunc(b.Context(), plain, func(tx pgx.Tx) error {
				for range n {
					if _, err := tx.Exec(b.Context(), text, "done", int64(7)); err != nil {
						return err
					}
				}
				return nil
			})
		}},
	)
}
