package rowhouse_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/fleet"
	"github.com/rowhouse/rowhouse/internal/contest"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

const (
	acrossTenants = 1000
	acrossConns   = 4
)

// BenchmarkAcrossCount counts the open cases of 1,000 tenants on PostgreSQL over four connections: through
// Rowhouse, which lists the tenants first, and with pgx by hand, which is given the list.
func BenchmarkAcrossCount(b *testing.B) {
	ctx := b.Context()
	tickets := rowhouse.MustDefine[benchTicket]("ticket")
	status := rowhouse.Col(tickets, func(t *benchTicket) *string { return &t.Status })
	config, err := pgxpool.ParseConfig(testdb.Postgres(b))
	must(b, err)
	config.MaxConns = acrossConns + 1 // one is the catalog's
	pool, err := pgxpool.NewWithConfig(ctx, config)
	must(b, err)
	b.Cleanup(pool.Close)
	exec := config.Copy()
	exec.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	plain, err := pgxpool.NewWithConfig(ctx, exec)
	must(b, err)
	b.Cleanup(plain.Close)
	db, err := rowhouse.Open(ctx, postgres.New(pool), rowhouse.Options{Models: rowhouse.Models(tickets)})
	must(b, err)
	b.Cleanup(func() { _ = db.Close() })
	tenants := make([]fleet.NewTenant, acrossTenants)
	texts := make([]string, acrossTenants)
	for i := range tenants {
		tenants[i].ID = fmt.Sprintf("tenant%04d", i)
	}
	_, err = fleet.New(db, fleet.Options{}).ProvisionAll(ctx, tenants)
	must(b, err)
	for i := range tenants {
		tenant, err := db.Tenant(ctx, tenants[i].ID)
		must(b, err)
		must(b, tickets.In(tenant).InsertMany(ctx, []benchTicket{{Status: "open"}, {Status: "closed"}, {Status: "open"}}))
		texts[i] = "SELECT count(*) FROM " + tenant.TableName(tickets) + " AS t WHERE t.status = $1"
	}
	ids := make([]string, acrossTenants)
	for i := range ids {
		ids[i] = tenants[i].ID
	}
	count := func(s rowhouse.Selection) func() error {
		return func() error {
			n, err := tickets.Across(s).Connections(acrossConns).Where(status.Eq("open")).Count(ctx)
			return checkCount(n, err)
		}
	}
	contest.Hold(
		b,
		contest.Entrant{Name: "batch", Run: func() error { return countByHand(ctx, plain, texts) }},
		contest.Entrant{Name: "cached-batch", Run: func() error { return countByHand(ctx, pool, texts) }},
		contest.Entrant{Name: "rowhouse", Run: count(db.All())},
		contest.Entrant{Name: "rowhouse-listed", Run: count(db.Only(ids...))},
	)
}

func checkCount(n int64, err error) error {
	if err == nil && n != 2*acrossTenants {
		err = fmt.Errorf("counted %d", n)
	}
	return err
}

// countByHand sends the statements in batches, one on each connection.
func countByHand(ctx context.Context, pool *pgxpool.Pool, texts []string) error {
	var total atomic.Int64
	errs := make(chan error, acrossConns)
	for part := range acrossConns {
		go func() {
			batch := &pgx.Batch{}
			for i := part; i < len(texts); i += acrossConns {
				batch.Queue(texts[i], "open").QueryRow(func(row pgx.Row) error {
					var n int64
					err := row.Scan(&n)
					total.Add(n)
					return err
				})
			}
			errs <- pool.SendBatch(ctx, batch).Close()
		}()
	}
	for range acrossConns {
		if err := <-errs; err != nil {
			return err
		}
	}
	return checkCount(total.Load(), nil)
}
