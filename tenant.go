package rowhouse

import (
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/rowhouse/rowhouse/dialect"
)

// Scope is what a model can be bound to: a [*Tenant], or a [*Tx] of one. It always belongs to
// exactly one tenant.
type Scope interface {
	// Tenant is the id of the tenant that the scope belongs to.
	Tenant() string

	begin(ctx context.Context, s *session) error
}

// Tenant is a handle to one tenant: who owns the rows. It is got from [DB.Tenant], may be kept
// for as long as the DB is open, and is used by many goroutines at once.
type Tenant struct {
	db    *DB
	id    string
	mu    sync.Mutex // held to write house and seen together
	house atomic.Pointer[house]
	seen  atomic.Int64 // the last generation at which house was known to be right

	seated atomic.Bool // what it does is part of an operation that has a place, of those that the limits give
}

// within is the tenant as the scope of hooks of an operation that has a place already: they would wait for what it
// holds. The operation unseats it when it gives the place back.
func (t *Tenant) within() *Tenant {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := &Tenant{db: t.db, id: t.id}
	own.seated.Store(true)
	own.house.Store(t.house.Load())
	own.seen.Store(t.seen.Load())
	return own
}

// house is where a tenant's rows are: the names that fill a mapping's slots, worked out once
// when the tenant is loaded. It is immutable and small, because there is one for every tenant
// that is used.
type house struct {
	names        dialect.Names
	database     string // "" is the home
	labels       map[string]string
	shape        *shape  // nil for a tenant that has no columns of its own
	limits       *Limits // nil for a tenant that has none
	revision     int64
	kind         PlacementKind
	walled       bool
	ownQualifier bool // names.Qualifier is this tenant's alone
	catalog      bool // the catalog's own tables, which are no tenant's
}

// settle works out where a tenant lives. It refuses what would not be its own.
func (db *DB) settle(e Entry) (*house, error) {
	p, err := e.Placement.For(db.d, e.ID)
	if err != nil {
		return nil, err
	}
	own, err := db.shapeOf(e.Extensions)
	if err != nil {
		return nil, &TenantError{
			Tenant: e.ID, Reason: reasonOf(err, ErrCollision, ErrInvalid), Err: err,
			advice: "the tenant has columns of its own that do not go with the models; rename or drop them by fleet, " +
				"or rename the model's",
		}
	}
	h := &house{
		shape: own, limits: db.limitsOf(e.Limits), kind: p.Kind, labels: e.Labels, revision: e.Revision,
		names: dialect.Names{Qualifier: db.homeName}, walled: p.Kind == InShared,
	}
	switch p.Kind {
	case InPrefix:
		return h, db.settlePrefix(h, e.ID)
	case InSchema:
		if p.Name == db.drv.Schema("") {
			return nil, &TenantError{Tenant: e.ID, Reason: ErrPlacement, advice: "schema " + p.Name + " is the home schema"}
		}
		if db.d.Has(dialect.Schemas) {
			h.names.Qualifier, h.ownQualifier = dialect.Qualify(db.d, p.Name), true
			return h, nil
		}
		fallthrough // a schema of its own is a database of its own
	case InDatabase:
		h.database = p.Name
		if schema := db.drv.Schema(p.Name); schema != db.drv.Schema("") {
			h.names.Qualifier, h.ownQualifier = dialect.Qualify(db.d, schema), true
		}
	}
	return h, nil
}

// reasonOf is the first of these that err is, or the last of them.
func reasonOf(err error, reasons ...error) error {
	for _, r := range reasons {
		if errors.Is(err, r) {
			return r
		}
	}
	return reasons[len(reasons)-1]
}

func (db *DB) settlePrefix(h *house, id string) error {
	slug := dialect.AppendSlug(make([]byte, 0, 2*maxTenant), id)
	if object, taken := db.reserved[string(slug)]; taken {
		return &TenantError{
			Tenant: id, Reason: ErrPlacement,
			advice: "with the prefix " + string(slug) + "_ a table of this tenant would be " + object +
				", which belongs to another model or to the catalog; place the tenant otherwise",
		}
	}
	h.names.Prefix = string(append(slug, '_'))
	if db.d.Reserved(dialect.TableObject, h.names.Prefix) {
		return &TenantError{
			Tenant: id, Reason: ErrPlacement,
			advice: "tables that begin with " + h.names.Prefix + " belong to the engine; place the tenant otherwise",
		}
	}
	return nil
}

// Tenant returns the tenant's id.
func (t *Tenant) Tenant() string {
	if t == nil {
		return ""
	}
	return t.id
}

// Labels returns the tenant's labels, as far as this process knows.
func (t *Tenant) Labels() map[string]string { return maps.Clone(t.house.Load().labels) }

// Placement returns the kind of the tenant's placement, as far as this process knows.
func (t *Tenant) Placement() PlacementKind { return t.house.Load().kind }

// TableName returns the full, quoted name of the tenant's table of a model, as it stands in
// statements: "public"."42_case". It is for tools and logs; a shared table has other tenants'
// rows too.
func (t *Tenant) TableName(m AnyModel) string {
	return t.house.Load().names.Table(t.db.d, m.Name())
}

// settled returns where the tenant lives, after making sure that this is still so.
func (t *Tenant) settled(ctx context.Context) (*house, error) {
	if err := t.db.usable(t.id); err != nil {
		return nil, err
	}
	seen, h := t.seen.Load(), t.house.Load()
	generation := t.db.generation.Load()
	if seen == generation {
		return h, nil
	}
	now, err := t.db.registry.tenant(ctx, t.id)
	if err != nil {
		return nil, err
	}
	h = now.house.Load()
	t.update(h, generation)
	return h, nil
}

// update keeps what was found right at a generation, unless somebody found it at a later one.
func (t *Tenant) update(h *house, generation int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seen.Load() < generation {
		t.house.Store(h) // before seen: who sees the generation sees the house
		t.seen.Store(generation)
	}
}

func (t *Tenant) begin(ctx context.Context, s *session) error {
	err := t.settle(ctx, s)
	if err == nil && s.house.limits.places() && !t.seated.Load() {
		asked := t.db.sending(s.op, t.id, s.model, s.house, nil)
		if err = t.admit(ctx, s); errors.Is(err, ErrLimited) {
			asked.done(ctx, 0, err)
		}
	}
	if err != nil {
		return err
	}
	return s.enter(ctx)
}

// settle begins an operation where the tenant lives, or has it go on where it lives by now.
func (t *Tenant) settle(ctx context.Context, s *session) (err error) {
	if t == nil {
		return &TenantError{Reason: ErrUnknownTenant, advice: "the handle is nil"}
	}
	s.db, s.id, s.seen = t.db, t.id, t.db.generation.Load()
	s.house, err = t.settled(ctx)
	return err
}
