package rowhouse

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
)

// State is where a tenant is in its life. Only an active tenant can be read and written.
type State string

// The states.
const (
	Provisioning State = "provisioning" // its tables are being made
	Active       State = "active"
	Suspended    State = "suspended"
	Dropping     State = "dropping" // its tables are being removed
)

// Entry is what a catalog holds of one tenant.
type Entry struct {
	ID        string
	Placement Placement // the tenant's own: no pattern in it
	State     State
	Revision  int64 // of its tables; set by migrations
	Labels    map[string]string

	// Extensions are the columns that the tenant has of its own, beside the models'. They go to JSON
	// and back, for a catalog of the application's own to keep; when they change, the tenant has changed.
	Extensions []Extension

	// Limits are those of the tenant that are not everybody's ([Options.Limits]); fleet's SetLimits sets
	// them. They go to JSON and back as Extensions do.
	Limits Limits

	CreatedAt time.Time
	UpdatedAt time.Time

	// LeaseUntil is until when a worker has the tenant to itself, for provisioning and dropping.
	// The zero time is no lease.
	LeaseUntil time.Time
}

// Catalog is the list of tenants. An application that keeps its own table of tenants implements
// it; without one, [Open] uses the [*StoredCatalog] in the home database. It is used by many
// goroutines at once.
//
// No two tenants may have the same place: put a unique key on [Placement.Key], and leave a place
// that was vacated empty for as long as [Options.Freshness], since another process may still
// have a handle that names it.
type Catalog interface {
	// Tenant returns a tenant's entry, or an error that wraps [ErrUnknownTenant]. Ids are compared
	// byte by byte: mind a table whose collation ignores case.
	Tenant(ctx context.Context, id string) (Entry, error)

	// Changes returns the present generation, a number that grows with every change of any
	// tenant, and the tenants that changed after generation since. It is polled, by every
	// process that has the catalog open, a few times within [Options.Freshness]: it must be
	// cheap. Where since is 0, only the generation is wanted. A catalog that never changes
	// returns the same generation always.
	Changes(ctx context.Context, since int64) (generation int64, changed []string, err error)
}

// WritableCatalog is a Catalog that fleet can record tenants in.
type WritableCatalog interface {
	Catalog

	// Add records a new tenant. It returns an error that wraps [ErrConflict] if the tenant
	// exists, and one that wraps [ErrPlacement] if another tenant has the same place, or had
	// it so lately that some process may not know yet that it is gone.
	Add(ctx context.Context, e Entry) error

	// Change reads an entry, lets fn change it, and writes it, all in one transaction; fn may
	// run more than once. It returns the entry as written. ID and Placement stay as they are.
	// An error of fn is returned as it is and nothing is changed.
	Change(ctx context.Context, id string, fn func(*Entry) error) (Entry, error)

	// Remove forgets a tenant; that it is unknown is no error.
	Remove(ctx context.Context, id string) error

	// Tenants yields all entries in the order of their ids.
	Tenants(ctx context.Context) iter.Seq2[Entry, error]
}

// StaticCatalog is a list of tenants that never changes, for tests and simple programs. Build it
// before [Open] and leave it alone afterwards; the key is the tenant's id.
type StaticCatalog map[string]Placement

// check refuses two tenants in one place, which would be one tenant's rows for both.
func (c StaticCatalog) check(d dialect.Dialect) error {
	places := make(map[string]string, len(c))
	for _, id := range slices.Sorted(maps.Keys(c)) {
		p, err := c[id].For(d, id)
		if err != nil {
			return err
		}
		if other, taken := places[p.Key(id)]; taken {
			return &TenantError{Tenant: id, Reason: ErrPlacement, advice: fmt.Sprintf("%s is that of tenant %q", p, other)}
		}
		places[p.Key(id)] = id
	}
	return nil
}

// Tenant returns the tenant, which is active.
func (c StaticCatalog) Tenant(_ context.Context, id string) (Entry, error) {
	p, ok := c[id]
	if !ok {
		return Entry{}, &TenantError{Tenant: id, Reason: ErrUnknownTenant}
	}
	return Entry{ID: id, Placement: p, State: Active}, nil
}

// Changes returns the same generation always.
func (StaticCatalog) Changes(context.Context, int64) (int64, []string, error) { return 1, nil, nil }
