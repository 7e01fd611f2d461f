package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// The benchmarks run the same statement through the driver and through pgx by hand, in the mode
// that prepares nothing (exec) and in pgx's own (cache), which has named the statement on every
// connection after the first rounds. "tenants" goes round many tables of the same shape.

const benchTables = 1000

func benchPool(b *testing.B, tables int) *pgxpool.Pool {
	b.Helper()
	config, err := pgxpool.ParseConfig(testdb.Postgres(b))
	if err != nil {
		b.Fatal(err)
	}
	config.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	for i := range tables {
		_, err := pool.Exec(b.Context(), fmt.Sprintf(`CREATE TABLE "%d_case" (id bigint PRIMARY KEY,
			title text NOT NULL, status varchar(20) NOT NULL, priority int NOT NULL, assignee text,
			created_at timestamptz NOT NULL)`, i))
		if err == nil {
			_, err = pool.Exec(b.Context(), fmt.Sprintf(`INSERT INTO "%d_case"
				SELECT n, 'title ' || n, 'open', n, NULL, now() FROM generate_series(1, 50) n`, i))
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	// Otherwise autovacuum changes the plans in the middle.
	if _, err := pool.Exec(b.Context(), "VACUUM ANALYZE"); err != nil {
		b.Fatal(err)
	}
	return pool
}

type benchCase struct {
	id       int64
	title    string
	status   string
	priority int
	assignee *string
	created  time.Time
}

func (c *benchCase) dest() []any {
	return []any{&c.id, &c.title, &c.status, &c.priority, &c.assignee, &c.created}
}

func benchText(table int, where string) string {
	return fmt.Sprintf(`SELECT "case"."id", "case"."title", "case"."status", "case"."priority", "case"."assignee",
		"case"."created_at" FROM "public"."%d_case" AS "case" WHERE %s`, table, where)
}

var benchColumns = []dialect.Kind{dialect.Int64, dialect.Text, dialect.Text, dialect.Int32, dialect.Text, dialect.Time}

func BenchmarkGet(b *testing.B) {
	for _, tables := range []int{1, benchTables} {
		pool := benchPool(b, tables)
		texts := make([]string, tables)
		for i := range texts {
			texts[i] = benchText(i, `"case"."id" = $1`)
		}
		benchGetDriver(b, pool, texts)
		benchGetPgx(b, pool, texts, "exec", pgx.QueryExecModeExec)
		benchGetPgx(b, pool, texts, "cache", pgx.QueryExecModeCacheStatement)
	}
}

func benchGetDriver(b *testing.B, pool *pgxpool.Pool, texts []string) {
	db, err := postgres.New(pool).Open(b.Context(), "")
	if err != nil {
		b.Fatal(err)
	}
	b.Run(fmt.Sprintf("tables=%d/driver", len(texts)), func(b *testing.B) {
		b.ReportAllocs()
		var c benchCase
		dest := c.dest()
		ctx, n := b.Context(), 0
		for b.Loop() {
			s := driver.Statement{
				Text: texts[n%len(texts)], Columns: benchColumns,
				Args: []dialect.Arg{{Value: int64(n%50 + 1), Kind: dialect.Int64}},
			}
			n++
			if err := getDriver(ctx, db, &s, dest); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func getDriver(ctx context.Context, db driver.DB, s *driver.Statement, dest []any) error {
	rows, err := db.Query(ctx, s)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := rows.Scan(dest); err != nil {
			return err
		}
	}
	return rows.Err()
}

func benchGetPgx(b *testing.B, pool *pgxpool.Pool, texts []string, name string, mode pgx.QueryExecMode) {
	b.Run(fmt.Sprintf("tables=%d/pgx-%s", len(texts), name), func(b *testing.B) {
		b.ReportAllocs()
		var c benchCase
		ctx, n := b.Context(), 0
		for b.Loop() {
			err := pool.QueryRow(ctx, texts[n%len(texts)], mode, int64(n%50+1)).
				Scan(&c.id, &c.title, &c.status, &c.priority, &c.assignee, &c.created)
			if n++; err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkList(b *testing.B) {
	pool := benchPool(b, 1)
	text := benchText(0, `"case"."id" > $1`)
	db, err := postgres.New(pool).Open(b.Context(), "")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("driver", func(b *testing.B) {
		b.ReportAllocs()
		var c benchCase
		dest := c.dest()
		for b.Loop() {
			s := driver.Statement{Text: text, Columns: benchColumns, Args: []dialect.Arg{{Value: int64(0), Kind: dialect.Int64}}}
			if err := getDriver(b.Context(), db, &s, dest); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, mode := range map[string]pgx.QueryExecMode{"exec": pgx.QueryExecModeExec, "cache": pgx.QueryExecModeCacheStatement} {
		b.Run("pgx-"+name, func(b *testing.B) {
			b.ReportAllocs()
			var c benchCase
			dest := c.dest()
			for b.Loop() {
				rows, err := pool.Query(b.Context(), text, mode, int64(0))
				if err != nil {
					b.Fatal(err)
				}
				for rows.Next() {
					if err := rows.Scan(dest...); err != nil {
						b.Fatal(err)
					}
				}
				if rows.Err() != nil {
					b.Fatal(rows.Err())
				}
			}
		})
	}
}

func BenchmarkExec(b *testing.B) {
	pool := benchPool(b, 1)
	const text = `UPDATE "0_case" AS "case" SET status = $1 WHERE id = $2`
	db, err := postgres.New(pool).Open(b.Context(), "")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("driver", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s := driver.Statement{Text: text, Args: []dialect.Arg{
				{Value: "done", Kind: dialect.Text}, {Value: int64(7), Kind: dialect.Int64},
			}, Write: true}
			if _, err := db.Exec(b.Context(), &s); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, mode := range map[string]pgx.QueryExecMode{"exec": pgx.QueryExecModeExec, "cache": pgx.QueryExecModeCacheStatement} {
		b.Run("pgx-"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := pool.Exec(b.Context(), text, mode, "done", int64(7)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
