package rowhouse

import (
	"context"

	"github.com/rowhouse/rowhouse/dialect"
)

// Common is the one scope without a tenant: the tables that all tenants share, of models made by
// [DefineCommon]. Tenants' models are refused in it, and its models everywhere else, so that neither
// is ever taken for the other. It is used by many goroutines at once, for as long as the DB is open.
type Common struct {
	db      *DB
	catalog bool  // it is the catalog's own
	pool    *pool // of its own, or nil
}

// Common returns the scope of the models that all tenants share. Their tables are in the home schema
// of the home database; fleet's Init makes them.
func (db *DB) Common() *Common { return &Common{db: db} }

// Tenant returns "": the scope belongs to no tenant.
func (*Common) Tenant() string { return "" }

// Tx runs fn in a transaction on the common tables, as [Tenant.Tx] does on a tenant's.
func (c *Common) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	return c.TxWith(ctx, TxOptions{}, fn)
}

// TxWith is [Common.Tx] with options.
func (c *Common) TxWith(ctx context.Context, o TxOptions, fn func(tx *Tx) error) error {
	return transact(ctx, c, o, fn)
}

func (c *Common) begin(ctx context.Context, s *session) error {
	if c == nil {
		return invalid("the scope is a nil Common")
	}
	if c.db.closed.Load() {
		return &StatementError{Reason: ErrClosed, message: "the DB was closed"}
	}
	s.db, s.house = c.db, &house{names: dialect.Names{Qualifier: c.db.homeName}, catalog: c.catalog}
	if c.pool != nil {
		s.pool, s.runner = c.pool, c.pool
		return nil
	}
	return s.enter(ctx)
}

// checkHouse refuses a tenant's model in the common house, and the other way round.
func (s *session) checkHouse(t *dialect.Table) error {
	switch {
	case t.Common && s.id != "":
		return invalid("model %q belongs to no tenant; use it in the scope that DB.Common returns", t.Name)
	case !t.Common && s.id == "":
		return invalid("model %q belongs to tenants; use it in the scope of a Tenant, or of its Tx", t.Name)
	}
	return nil
}
