package fleet

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// Options are how a [Fleet] works. The zero value of every field is a choice.
type Options struct {
	// Workers is how many tenants a batch works on at once. The default is 4: on a server
	// nearby, more gain nothing, because each change of the catalog waits for the one before;
	// with a network between, more do. On SQLite, tenants in one file are made one by one
	// whatever the number is.
	Workers int

	// Progress, if set, is called after each tenant of a batch. Calls do not overlap.
	Progress func(Progress)

	// Lease is for how long a tenant that is being made or removed is kept from other
	// processes after this one has died; while it lives, it renews the lease. The default is a
	// minute.
	Lease time.Duration

	// Views are models over whose tables, of all tenants, a database view is kept up to date as
	// tenants come and go; see [Fleet.View]. All processes that make or remove tenants should have
	// the same. It needs a [rowhouse.WritableCatalog].
	Views []rowhouse.AnyModel

	// ViewSize is how many tables one part of a view puts together at most. The default is 500:
	// reading a part takes a lock for each table and each of its indexes, for which PostgreSQL has
	// limited room. SQLite takes no more than 500. With a size that was larger before, parts are
	// split when they are refreshed.
	ViewSize int
}

const (
	defaultWorkers = 4
	defaultLease   = time.Minute
)

// Progress is how far a batch has come.
type Progress struct {
	Done, Failed, Total int
	Tenant              string        // the last one that was done or failed
	Elapsed             time.Duration // since the batch began
	Remaining           time.Duration // at the pace so far
}

// Fleet makes, suspends and removes the tenants of a [rowhouse.DB]. It is used by many goroutines
// at once, and by many processes, and needs no closing.
type Fleet struct {
	db *rowhouse.DB
	d  dialect.Dialect
	o  Options

	own, away, walled func() (*plan, error) // made once

	mu     sync.Mutex // held while common and shared tables are made
	common bool       // they are known to exist
	shared bool

	views views
}

// New returns a fleet. It reads and makes nothing.
func New(db *rowhouse.DB, o Options) *Fleet {
	if o.Workers <= 0 {
		o.Workers = defaultWorkers
	}
	if o.Lease <= 0 {
		o.Lease = defaultLease
	}
	d := db.Driver().Dialect()
	common := commons{tables: db.CommonTables(), names: db.HomeNames()}
	planner := func(tables []dialect.Table, wall string) func() (*plan, error) {
		return sync.OnceValues(func() (*plan, error) { return newPlan(d, tables, wall, common) })
	}
	f := &Fleet{
		db: db, d: d, o: o,
		own: planner(db.Tables(false), ""), away: planner(alone(db.Tables(false)), ""),
		walled: planner(db.Tables(true), db.Options().Discriminator),
	}
	f.initViews()
	return f
}

// Init makes the catalog's tables and those of the common house where they do not exist, and the shared
// tables if new tenants are placed in them ([rowhouse.Options.Placement]). It may be called again, and by several
// processes at once. [Fleet.Provision] calls it when the catalog has no tables yet.
func (f *Fleet) Init(ctx context.Context) error {
	if err := f.init(ctx); err != nil {
		return fmt.Errorf("fleet: init: %w", err)
	}
	return nil
}

func (f *Fleet) init(ctx context.Context) error {
	shared := f.db.Options().Placement.Kind == rowhouse.InShared
	if shared {
		if err := f.checkRole(ctx); err != nil {
			return err
		}
	}
	if c, ok := f.db.Catalog().(*rowhouse.StoredCatalog); ok {
		p, err := newPlan(f.d, c.Tables(), "", commons{})
		if err != nil {
			return err
		}
		if err := f.ensure(ctx, p); err != nil {
			return err
		}
		if err := c.Start(ctx); err != nil {
			return err
		}
	}
	if shared {
		return f.ensureShared(ctx)
	}
	return f.ensureCommon(ctx)
}

// Tenants yields the catalog's entries, whatever their state, in the order of their ids. It
// needs a [rowhouse.WritableCatalog]; without one, it yields an error that wraps
// [rowhouse.ErrUnsupported].
func (f *Fleet) Tenants(ctx context.Context) iter.Seq2[rowhouse.Entry, error] {
	if w, ok := f.db.Catalog().(rowhouse.WritableCatalog); ok {
		return w.Tenants(ctx)
	}
	return func(yield func(rowhouse.Entry, error) bool) {
		yield(rowhouse.Entry{}, fmt.Errorf("fleet: the catalog does not list its tenants: %w", rowhouse.ErrUnsupported))
	}
}

// writable is the catalog, if states can be recorded in it.
func (f *Fleet) writable() (rowhouse.WritableCatalog, error) {
	if w, ok := f.db.Catalog().(rowhouse.WritableCatalog); ok {
		return w, nil
	}
	return nil, fmt.Errorf("the catalog records no states, it is no rowhouse.WritableCatalog: %w", rowhouse.ErrUnsupported)
}

// planOf is how the tables of a house are made.
func (f *Fleet) planOf(h rowhouse.House) (*plan, error) {
	switch {
	case h.Shared:
		return f.walled()
	case h.Database != "":
		return f.away()
	}
	return f.own()
}

// schemaOf is the schema, unquoted, that a house's tables are in.
func (f *Fleet) schemaOf(h rowhouse.House) string {
	if h.Schema != "" {
		return h.Schema
	}
	return f.db.Driver().Schema(h.Database)
}

// fault is what an error means to the driver.
func (f *Fleet) fault(err error) driver.FaultKind { return f.db.Driver().Fault(err).Kind }

// refresh has this process know of a change that it has made.
func (f *Fleet) refresh(ctx context.Context) error {
	ctx, cancel := regardless(ctx)
	defer cancel()
	return f.db.Refresh(ctx)
}

// uncertain reports an error that is no answer of the database: what failed so may have happened
// all the same.
func (f *Fleet) uncertain(err error) bool {
	kind := f.fault(err)
	return err != nil && (kind == driver.NoFault || kind == driver.Unreachable)
}

// patience bounds what goes on although the caller's context has ended: cleaning up, and steps
// whose outcome has to be known.
const patience = 30 * time.Second

// regardless is a context for such a step.
func regardless(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), patience)
}
