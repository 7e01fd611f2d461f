package subject

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/mysql"
	"github.com/rowhouse/rowhouse/driver/postgres"
)

// The models, which are also those that the tables are made from.
var (
	cases    = rowhouse.MustDefine[Case]("case")
	comments = rowhouse.MustDefine[Comment]("comment")

	caseID       = rowhouse.Col(cases, func(c *Case) *int64 { return &c.ID })
	caseStatus   = rowhouse.Col(cases, func(c *Case) *string { return &c.Status })
	caseComments = rowhouse.HasMany(caseID, rowhouse.Col(comments, func(c *Comment) *int64 { return &c.CaseID }),
		func(c *Case) *[]Comment { return &c.Comments })
)

// House is Rowhouse as a subject, and the way to its tenants for whoever makes them.
type House struct {
	*rowhouse.DB
	connections int
	stats       func() postgres.Stats
	close       func() error
}

// OpenPostgres opens Rowhouse on PostgreSQL.
func OpenPostgres(ctx context.Context, t Target, opts ...postgres.Option) (*House, error) {
	config, err := poolConfig(t)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	drv := postgres.New(pool, opts...)
	h, err := openHouse(ctx, t, drv, func() error { pool.Close(); return nil })
	if err == nil {
		h.stats = drv.Stats
	}
	return h, err
}

// OpenMariaDB opens Rowhouse on MariaDB.
func OpenMariaDB(ctx context.Context, t Target, opts ...mysql.Option) (*House, error) {
	dsn, err := dialing(t)
	if err != nil {
		return nil, err
	}
	drv, err := mysql.New(ctx, dsn, append(opts, mysql.WithConnections(t.Connections, 1))...)
	if err != nil {
		return nil, err
	}
	return openHouse(ctx, t, drv, drv.Close)
}

func openHouse(ctx context.Context, t Target, drv driver.Driver, closing func() error) (*House, error) {
	db, err := rowhouse.Open(ctx, drv, rowhouse.Options{
		Models:    rowhouse.Models(cases, comments),
		Freshness: time.Hour, // or polls of the catalog would be counted among the round trips
	})
	if err != nil {
		return nil, errors.Join(err, closing())
	}
	return &House{DB: db, connections: t.Connections, close: closing}, nil
}

// openRowhouse opens Rowhouse with one of the two above, and these options.
func openRowhouse[O any](open func(ctx context.Context, t Target, opts ...O) (*House, error), opts ...O,
) func(ctx context.Context, t Target) (Subject, error) {
	return func(ctx context.Context, t Target) (Subject, error) { return open(ctx, t, opts...) }
}

// Stats are the numbers of a driver for PostgreSQL.
func (h *House) Stats() postgres.Stats { return h.stats() }

// Get does as [Subject] says.
func (h *House) Get(ctx context.Context, tenant string, id int64) (Case, error) {
	t, err := h.Tenant(ctx, tenant)
	if err != nil {
		return Case{}, err
	}
	return cases.In(t).Get(ctx, id)
}

// Select does as [Subject] says.
func (h *House) Select(ctx context.Context, tenant string, n int) ([]Case, error) {
	t, err := h.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return cases.In(t).Where(caseStatus.Eq("open")).OrderBy(caseID.Asc()).Limit(n).All(ctx)
}

// Insert does as [Subject] says.
func (h *House) Insert(ctx context.Context, tenant string, c *Case) error {
	t, err := h.Tenant(ctx, tenant)
	if err != nil {
		return err
	}
	return cases.In(t).Insert(ctx, c)
}

// Update does as [Subject] says.
func (h *House) Update(ctx context.Context, tenant string, c *Case) error {
	t, err := h.Tenant(ctx, tenant)
	if err != nil {
		return err
	}
	return cases.In(t).Update(ctx, c)
}

// Upsert does as [Subject] says.
func (h *House) Upsert(ctx context.Context, tenant string, c *Case) error {
	t, err := h.Tenant(ctx, tenant)
	if err != nil {
		return err
	}
	return cases.In(t).Upsert(ctx, c)
}

// List does as [Subject] says.
func (h *House) List(ctx context.Context, tenant string, n int) ([]Case, error) {
	t, err := h.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return cases.In(t).With(caseComments).OrderBy(caseID.Asc()).Limit(n).All(ctx)
}

// InsertMany does as [Subject] says.
func (h *House) InsertMany(ctx context.Context, tenant string, rows []Case) error {
	t, err := h.Tenant(ctx, tenant)
	if err != nil {
		return err
	}
	return cases.In(t).InsertMany(ctx, rows)
}

// Load does as [Subject] says.
func (h *House) Load(ctx context.Context, tenant string, rows []Case) error {
	return h.InsertMany(ctx, tenant, rows)
}

// Count does as [Subject] says.
func (h *House) Count(ctx context.Context, tenants []string) (int64, error) {
	return cases.Across(h.Only(tenants...)).Connections(h.connections).Where(caseStatus.Eq("open")).Count(ctx)
}

// Close does as [Subject] says.
func (h *House) Close() error { return errors.Join(h.DB.Close(), h.close()) }
