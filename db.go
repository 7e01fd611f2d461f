package rowhouse

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Options are what [Open] needs to know. The zero value of every field but Models is a choice.
type Options struct {
	// Models are all models that the tenants have. A model that is not among them cannot be used.
	Models []AnyModel

	// Placement is the pattern for new tenants; see [Schema] and [Database]. The default is
	// [Prefix]. Tenants placed otherwise work beside them.
	Placement Placement

	// Catalog is the list of tenants. The default is the [*StoredCatalog] in the home database.
	Catalog Catalog

	// Discriminator is the column that walls shared tables. The default is tenant_id.
	Discriminator string

	// RowSecurity has PostgreSQL itself hold tenants apart in shared tables, as a second wall:
	// statements run in a transaction that says whose they are. It needs a role that is neither
	// superuser nor BYPASSRLS. Other engines refuse it.
	RowSecurity bool

	// Freshness is the time within which a change of the catalog by any process is known to
	// this one: a suspended tenant's statements are refused after it. When the catalog cannot be
	// read for that long, every tenant's are. The default is 2 s.
	Freshness time.Duration

	// RegistryBytes bounds the memory of the registry. The default is 64 MiB, about 150,000
	// tenants.
	RegistryBytes uint64

	// MaxDatabases bounds the databases other than the home that are open at once; the least
	// recently used of those that nobody uses is closed. The default is 64.
	MaxDatabases int

	// Limits are every tenant's fair share. A tenant's own, in its [Entry], go before them. The default
	// is none.
	Limits Limits

	// Behaviors add hooks and filters to models; each is a [Behavior].
	Behaviors []AnyBehavior

	// Log gets a record of every statement that the DB sends: at level Debug, at Warn if it took
	// as long as SlowQuery, at Error if it failed. The default is none. What is in a record is
	// said at [Event]; no values, unless LogValues is set.
	Log *slog.Logger

	// SlowQuery is how long a statement may take before the log warns of it. 0 is for ever.
	SlowQuery time.Duration

	// Observe is called after every statement that the DB sends, by the goroutine that sent it
	// and with its context, so by many at once. It must not use the DB.
	Observe func(ctx context.Context, e Event)

	// LogValues puts the arguments of statements into the log and into what Observe gets. These
	// are the rows of tenants: think of who reads the log.
	LogValues bool
}

const (
	defaultFreshness     = 2 * time.Second
	defaultRegistryBytes = 64 << 20
	defaultMaxDatabases  = 64
	defaultDiscriminator = "tenant_id"
)

// ownPrefix begins the names of the catalog's tables.
const ownPrefix = "rowhouse_"

// DB is a fleet of tenants: their models, their catalog, and the databases that they are in. It
// is used by many goroutines at once; [DB.Close] ends it.
type DB struct {
	drv      driver.Driver
	d        dialect.Dialect
	o        Options
	pools    *pools
	catalog  Catalog
	registry *registry
	watch    *watcher
	gates    *gates
	limits   *Limits // of tenants that have none of their own; nil if there are none
	mappings map[*model.Struct]*mappings
	observer *observer // nil if nobody watches
	texts    *rawTexts
	shapes   *shapes
	objects  map[string]bool   // names of tables, indexes and constraints of the models, in lower case
	reserved map[string]string // slugs that cannot be placed by Prefix → the object in the way
	homeName string            // quoted home schema with its dot, or ""

	// generation is the catalog's as last seen. It is set after the registry has forgotten
	// what changed, so a handle that has seen it has seen the change.
	generation atomic.Int64
	closed     atomic.Bool
}

// Open checks the models against each other and against the engine, reads the catalog's
// generation, and starts to follow it. It creates nothing: the catalog's tables and those of
// tenants are fleet's to make, and an empty database is one without tenants.
//
// Mistakes in the models are reported all at once. The driver's home connections remain the
// caller's to close if the caller brought them.
func Open(ctx context.Context, drv driver.Driver, o Options) (*DB, error) {
	o.setDefaults()
	db := &DB{
		drv: drv, d: drv.Dialect(), o: o, observer: newObserver(drv, &o), shapes: newShapes(), gates: newGates(),
		limits: Limits{}.over(o.Limits).orNil(), objects: map[string]bool{},
	}
	db.homeName = dialect.Qualify(db.d, drv.Schema(""))
	if err := db.compile(); err != nil {
		return nil, err
	}
	home, err := drv.Open(ctx, "")
	if err != nil {
		return nil, failed(drv, "open", "", "", err)
	}
	db.pools = newPools(drv, home, o.MaxDatabases)
	if static, ok := o.Catalog.(StaticCatalog); ok {
		if err := static.check(db.d); err != nil {
			return nil, errors.Join(err, db.pools.close())
		}
	}
	if db.catalog = o.Catalog; db.catalog == nil {
		if db.catalog, err = newStoredCatalog(ctx, db); err != nil {
			return nil, errors.Join(failed(drv, "open", "", "", err), db.pools.close())
		}
	}
	db.registry = newRegistry(o.RegistryBytes, o.Freshness, db.load)
	db.watch = newWatcher(db)
	if err := db.watch.poll(ctx); err != nil {
		db.watch.expiry.Stop()
		db.registry.close()
		db.shapes.close()
		return nil, errors.Join(err, db.pools.close())
	}
	go db.watch.run() //nolint:gosec // it outlives the call that opens the DB, and Close ends it
	return db, nil
}

func (o *Options) setDefaults() {
	if o.Discriminator == "" {
		o.Discriminator = defaultDiscriminator
	}
	if o.Freshness <= 0 {
		o.Freshness = defaultFreshness
	}
	if o.RegistryBytes == 0 {
		o.RegistryBytes = defaultRegistryBytes
	}
	if o.Limits.Wait == 0 {
		o.Limits.Wait = defaultWait
	}
	if o.MaxDatabases <= 0 {
		o.MaxDatabases = defaultMaxDatabases
	}
}

// compile makes the mappings of the models, and of the catalog's own tables.
func (db *DB) compile() (err error) {
	behaviors, err := compileBehaviors(db.o.Models, db.o.Behaviors)
	if err != nil {
		return err
	}
	walled := dialect.Setting{Wall: db.o.Discriminator, Home: db.HomeNames()}
	if db.mappings, err = compileModels(db.o.Models, db.d, walled, behaviors); err != nil {
		return err
	}
	for _, m := range db.o.Models {
		if strings.HasPrefix(strings.ToLower(m.Name()), ownPrefix) {
			return fmt.Errorf("rowhouse: model %q: names that begin with %s are the catalog's", m.Name(), ownPrefix)
		}
	}
	db.texts = newRawTexts(db.o.Models, db.d)
	own, err := compileModels(catalogModels(), db.d, dialect.Setting{Wall: "wall", Home: db.HomeNames()}, nil)
	if err != nil {
		return err
	}
	if db.o.RowSecurity && !db.d.Has(dialect.RowSecurity) {
		return fmt.Errorf("rowhouse: Options.RowSecurity: %w: %s has no row-level security", ErrUnsupported, db.d.Name())
	}
	var prefixed, beside []string
	for _, m := range db.o.Models {
		t := m.Table()
		beside = append(beside, t.Objects()...)
		for _, name := range t.Objects() {
			db.objects[strings.ToLower(name)] = true
		}
		if !t.Common {
			prefixed = append(prefixed, t.Objects()...)
		}
	}
	for _, m := range catalogModels() {
		t := m.Table()
		beside = append(beside, t.Objects()...)
	}
	db.reserved = dialect.Reserved(prefixed, beside)
	maps.Copy(db.mappings, own)
	return nil
}

// Tenant returns a handle to an active tenant. A tenant used before costs a lookup in memory and
// no allocation. The error is a [*TenantError]: unknown, not active, placed impossibly, or the
// catalog could not be read.
//
// The handle stays good while the tenant is: once the tenant is suspended, moved or dropped, by
// whatever process, its statements are refused, or follow it, within [Options.Freshness].
func (db *DB) Tenant(ctx context.Context, id string) (*Tenant, error) {
	if err := db.usable(id); err != nil {
		return nil, err
	}
	return db.registry.tenant(ctx, id)
}

// usable reports whether anything may be done for a tenant at all.
func (db *DB) usable(id string) error {
	if db.watch.fresh.Load() {
		return nil
	}
	if db.closed.Load() {
		return &TenantError{Tenant: id, Reason: ErrClosed, advice: "the DB was closed"}
	}
	return &TenantError{
		Tenant: id, Reason: ErrCatalog, Err: db.watch.lastError(),
		advice: fmt.Sprintf("it could not be read for %v, so a suspension could be missed", db.o.Freshness),
	}
}

// load reads a tenant from the catalog and works out where it lives. One that is not active is an
// error, so that whoever has a tenant from the registry need not look.
func (db *DB) load(ctx context.Context, id string) (*Tenant, error) {
	if err := CheckTenant(id); err != nil {
		return nil, err
	}
	e, err := db.catalog.Tenant(ctx, id)
	if err != nil {
		if known, ok := errors.AsType[*TenantError](err); ok {
			return nil, known
		}
		if errors.Is(err, ErrUnknownTenant) {
			return nil, &TenantError{Tenant: id, Reason: ErrUnknownTenant, Err: err}
		}
		return nil, &TenantError{Tenant: id, Reason: ErrCatalog, Err: err}
	}
	if e.ID != id {
		return nil, &TenantError{
			Tenant: id, Reason: ErrUnknownTenant,
			advice: fmt.Sprintf("the catalog answered with %q; it must compare ids byte by byte", e.ID),
		}
	}
	if e.State != Active {
		return nil, &TenantError{Tenant: id, Reason: ErrNotActive, State: e.State}
	}
	h, err := db.settle(e)
	if err != nil {
		return nil, err
	}
	t := &Tenant{db: db, id: id}
	t.house.Store(h)
	return t, nil
}

// Stats returns the registry's figures.
func (db *DB) Stats() RegistryStats { return db.registry.stats() }

// Refresh reads the catalog's changes now, instead of within [Options.Freshness].
func (db *DB) Refresh(ctx context.Context) error {
	if db.closed.Load() {
		return fmt.Errorf("rowhouse: refresh: %w", ErrClosed)
	}
	return db.watch.poll(ctx)
}

// Catalog returns the catalog in use.
func (db *DB) Catalog() Catalog { return db.catalog }

// Driver returns the driver that the DB was opened with.
func (db *DB) Driver() driver.Driver { return db.drv }

// Options returns the options in use, defaults filled in.
func (db *DB) Options() Options { return db.o }

// Close stops following the catalog and closes the databases that the DB opened; handles and
// transactions are refused afterwards. It may be called twice.
func (db *DB) Close() error {
	if db.closed.Swap(true) {
		return nil
	}
	db.watch.stop()
	db.gates.tellAll()
	db.registry.close()
	db.shapes.close()
	return db.pools.close()
}
