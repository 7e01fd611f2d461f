package rowhouse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
)

// tenantRow is a row of the stored catalog. House is the key that no two tenants share, and
// Generation that of the last change.
type tenantRow struct {
	ID         string            `db:"id,pk,size:63"`
	Kind       string            `db:"kind,size:16"`
	Name       string            `db:"name,size:255"`
	House      string            `db:"house,size:300,unique"`
	State      string            `db:"state,size:16,index:rowhouse_tenant_state_idx"`
	Revision   int64             `db:"revision"`
	Labels     map[string]string `db:"labels,json"`
	Extensions []Extension       `db:"extensions,json,null"`
	Limits     *Limits           `db:"limits,json,null"`
	Generation int64             `db:"generation,index"`
	LeaseUntil *time.Time        `db:"lease_until"`
	CreatedAt  time.Time         `db:"created_at,created"`
	UpdatedAt  time.Time         `db:"updated_at,updated,index:rowhouse_tenant_state_idx"`
}

// generationRow counts the changes of the catalog. Its one row is locked by every change until
// that commits, so generations become visible in their order and none is missed by a poll.
type generationRow struct {
	ID  int64 `db:"id,pk"`
	Now int64 `db:"now"`
}

var (
	tenantRows       = MustDefineCommon[tenantRow]("rowhouse_tenant")
	tenantID         = Col(tenantRows, func(r *tenantRow) *string { return &r.ID })
	tenantName       = Col(tenantRows, func(r *tenantRow) *string { return &r.Name })
	tenantHouse      = Col(tenantRows, func(r *tenantRow) *string { return &r.House })
	tenantState      = Col(tenantRows, func(r *tenantRow) *string { return &r.State })
	tenantUpdated    = Col(tenantRows, func(r *tenantRow) *time.Time { return &r.UpdatedAt })
	tenantGeneration = Col(tenantRows, func(r *tenantRow) *int64 { return &r.Generation })

	generationRows = MustDefineCommon[generationRow]("rowhouse_generation")
	generationID   = Col(generationRows, func(r *generationRow) *int64 { return &r.ID })
	generationNow  = Col(generationRows, func(r *generationRow) *int64 { return &r.Now })
)

func catalogModels() []AnyModel { return Models(tenantRows, generationRows) }

// StoredCatalog is the catalog in the home database: the tables rowhouse_tenant and
// rowhouse_generation, which fleet makes. It is used by many goroutines and processes at once.
type StoredCatalog struct {
	home  *Common
	reads *Common // what everybody waits for, over connections that nobody else takes
}

func newStoredCatalog(ctx context.Context, db *DB) (*StoredCatalog, error) {
	reserved, err := db.pools.reserve(ctx)
	home := Common{db: db, catalog: true}
	reads := home
	reads.pool = reserved
	return &StoredCatalog{home: &home, reads: &reads}, err
}

// Tables describes the catalog's own tables, for those who make them.
func (c *StoredCatalog) Tables() []dialect.Table {
	return []dialect.Table{tenantRows.Table(), generationRows.Table()}
}

// change runs fn in a transaction that has the next generation to itself.
func (c *StoredCatalog) change(ctx context.Context, fn func(tx *Tx, generation int64) error) error {
	return transact(ctx, c.home, TxOptions{Retries: changeAttempts}, func(tx *Tx) error {
		generation, err := nextGeneration(ctx, tx)
		if err != nil {
			return err
		}
		return fn(tx, generation)
	})
}

// changeAttempts bounds how often a change of the catalog is run again after a deadlock.
const changeAttempts = 5

func nextGeneration(ctx context.Context, tx *Tx) (int64, error) {
	n, err := generationRows.In(tx).UpdateWhere(ctx, generationID.Eq(1), generationNow.Add(1))
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, fmt.Errorf("rowhouse: the catalog's table rowhouse_generation has no row; run fleet's Init again: %w", ErrCatalog)
	}
	row, err := generationRows.In(tx).Get(ctx, int64(1))
	return row.Now, err
}

// Tenant returns a tenant's entry. Without the catalog's tables, there is no tenant.
func (c *StoredCatalog) Tenant(ctx context.Context, id string) (Entry, error) {
	row, err := tenantRows.In(c.reads).Get(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return Entry{}, &TenantError{Tenant: id, Reason: ErrUnknownTenant}
	case errors.Is(err, ErrMissingTable):
		return Entry{}, &TenantError{
			Tenant: id, Reason: ErrUnknownTenant, Err: err,
			advice: "the catalog has no tables yet; provision a tenant, or call fleet's Init",
		}
	case err != nil:
		return Entry{}, err
	}
	if row.State == string(removed) {
		return Entry{}, &TenantError{Tenant: id, Reason: ErrUnknownTenant}
	}
	return row.entry()
}

// Changes returns the generation and who changed after since. Without the catalog's tables the
// generation is 0.
func (c *StoredCatalog) Changes(ctx context.Context, since int64) (int64, []string, error) {
	row, err := generationRows.In(c.reads).Get(ctx, int64(1))
	if errors.Is(err, ErrMissingTable) || errors.Is(err, ErrNotFound) {
		return 0, nil, nil
	}
	if err != nil || since == 0 || row.Now <= since {
		return row.Now, nil, err
	}
	var changed []string
	for r, err := range tenantRows.In(c.reads).Where(tenantGeneration.Gt(since)).Each(ctx) {
		if err != nil {
			return 0, nil, err
		}
		changed = append(changed, r.ID)
	}
	return row.Now, changed, nil
}

// removed is the state of what is left of a tenant that was removed, so that other processes
// learn of it. It goes away when it is old.
const removed State = "removed"

// tombstoneAge is when what is left of a removed tenant goes away: long after every process that
// still follows the catalog has seen it.
const tombstoneAge = 24 * time.Hour

// Start makes the tables' first row, once they exist. It may be called again.
func (c *StoredCatalog) Start(ctx context.Context) error {
	err := generationRows.In(c.home).Insert(ctx, &generationRow{ID: 1, Now: 1})
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// Add records a new tenant; see [WritableCatalog].
func (c *StoredCatalog) Add(ctx context.Context, e Entry) error {
	if err := CheckTenant(e.ID); err != nil {
		return err
	}
	p, err := e.Placement.For(c.home.db.d, e.ID)
	if err != nil {
		return err
	}
	e.Placement = p
	if _, err := c.home.db.settle(e); err != nil {
		return err
	}
	return c.change(ctx, func(tx *Tx, generation int64) error {
		tenants := tenantRows.In(tx)
		old, err := tenants.Get(ctx, e.ID)
		switch {
		case err == nil && old.State != string(removed):
			return &TenantError{Tenant: e.ID, Reason: ErrConflict, State: State(old.State), advice: "the tenant exists"}
		case err == nil:
			if err := c.bury(ctx, tenants, old, e); err != nil {
				return err
			}
		case !errors.Is(err, ErrNotFound):
			return err
		}
		return c.insert(ctx, tenants, rowOf(e, generation))
	})
}

// buried begins the ids of rows that keep a place for a while; a tenant's begins with no space.
const buried = " "

// bury makes room for a tenant that comes back. If it comes back elsewhere, the place that it had
// stays taken for others as any that was vacated; its row goes under an id that no tenant can have,
// with the tenant for its name.
func (c *StoredCatalog) bury(ctx context.Context, tenants Table[tenantRow], old tenantRow, e Entry) error {
	if err := tenants.Delete(ctx, &old); err != nil || old.House == e.Placement.Key(e.ID) {
		return err
	}
	sum := sha256.Sum256([]byte(old.House))
	old.ID, old.Name = buried+hex.EncodeToString(sum[:16]), e.ID
	return tenants.Insert(ctx, &old)
}

// insert adds a row whose place is free. The place of a tenant that was removed is not, until
// every process knows that it is gone: a handle to it still names the tables.
func (c *StoredCatalog) insert(ctx context.Context, tenants Table[tenantRow], row tenantRow) error {
	known := now().Add(-c.home.db.o.Freshness)
	vacated := And(tenantHouse.Eq(row.House), tenantState.Eq(string(removed)),
		Or(tenantUpdated.Lt(known), And(tenantID.HasPrefix(buried), tenantName.Eq(row.ID))))
	if _, err := tenants.DeleteWhere(ctx, vacated); err != nil {
		return err
	}
	err := tenants.Insert(ctx, &row)
	if !errors.Is(err, ErrConflict) {
		return err
	}
	return &TenantError{
		Tenant: row.ID, Reason: ErrPlacement, Err: err,
		advice: fmt.Sprintf("%s %s is another tenant's, or was less than %v ago", row.Kind, row.Name, c.home.db.o.Freshness),
	}
}

// Change changes a tenant's entry; see [WritableCatalog].
func (c *StoredCatalog) Change(ctx context.Context, id string, fn func(*Entry) error) (e Entry, err error) {
	err = c.change(ctx, func(tx *Tx, generation int64) error {
		old, err := tenantRows.In(tx).Where(tenantID.Eq(id)).ForUpdate().One(ctx)
		if errors.Is(err, ErrNotFound) || err == nil && old.State == string(removed) {
			return &TenantError{Tenant: id, Reason: ErrUnknownTenant}
		}
		if err != nil {
			return err
		}
		if e, err = old.entry(); err != nil {
			return err
		}
		placement := e.Placement
		if err := fn(&e); err != nil {
			return err
		}
		e.ID, e.Placement = id, placement
		row := rowOf(e, generation)
		return tenantRows.In(tx).Update(ctx, &row)
	})
	return e, err
}

// Remove forgets a tenant; see [WritableCatalog].
func (c *StoredCatalog) Remove(ctx context.Context, id string) error {
	return c.change(ctx, func(tx *Tx, generation int64) error {
		tenants := tenantRows.In(tx)
		old := now().Add(-tombstoneAge)
		if _, err := tenants.DeleteWhere(ctx, And(tenantState.Eq(string(removed)), tenantUpdated.Lt(old))); err != nil {
			return err
		}
		_, err := tenants.UpdateWhere(ctx, tenantID.Eq(id),
			tenantState.Set(string(removed)), tenantGeneration.Set(generation))
		return err
	})
}

// Tenants yields all entries in the order of their ids, reading them in pages, so that no
// connection is held while the caller works.
func (c *StoredCatalog) Tenants(ctx context.Context) iter.Seq2[Entry, error] {
	const page = 1000
	return func(yield func(Entry, error) bool) {
		q := tenantRows.In(c.home).Where(tenantState.Ne(string(removed))).OrderBy(tenantID.Asc()).Limit(page)
		for {
			rows, err := q.All(ctx)
			if errors.Is(err, ErrMissingTable) {
				return
			}
			if err != nil {
				yield(Entry{}, err)
				return
			}
			for i := range rows {
				if !yield(rows[i].entry()) {
					return
				}
			}
			if len(rows) < page {
				return
			}
			q = q.After(rows[len(rows)-1])
		}
	}
}

func (r *tenantRow) entry() (Entry, error) {
	kind, ok := dialect.ParsePlaceKind(r.Kind)
	if !ok {
		return Entry{}, &TenantError{
			Tenant: r.ID, Reason: ErrPlacement,
			advice: fmt.Sprintf("the catalog has a placement %q, which is none", r.Kind),
		}
	}
	e := Entry{
		ID: r.ID, Placement: Placement{Kind: kind, Name: r.Name}, State: State(r.State),
		Revision: r.Revision, Labels: r.Labels, Extensions: r.Extensions, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	if r.LeaseUntil != nil {
		e.LeaseUntil = *r.LeaseUntil
	}
	if r.Limits != nil {
		e.Limits = *r.Limits
	}
	return e, nil
}

func rowOf(e Entry, generation int64) tenantRow {
	r := tenantRow{
		ID: e.ID, Kind: e.Placement.Kind.String(), Name: e.Placement.Name,
		House: e.Placement.Key(e.ID), State: string(e.State), Revision: e.Revision,
		Labels: e.Labels, Extensions: e.Extensions, Generation: generation, CreatedAt: e.CreatedAt,
	}
	if !e.LeaseUntil.IsZero() {
		r.LeaseUntil = &e.LeaseUntil
	}
	if e.Limits != (Limits{}) {
		r.Limits = &e.Limits
	}
	return r
}
