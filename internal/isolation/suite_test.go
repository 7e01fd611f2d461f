package isolation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/drivertest"
	"github.com/rowhouse/rowhouse/fleet"
)

// ground is an engine with an empty home on it.
type ground struct {
	engine *engine
	work   driver.Driver // what the operations go through
	maker  driver.Driver // makes the tenants, as another process would
	behind driver.Driver // sees every row, past all walls
	secure bool          // row-level security is on

	freshness time.Duration // a minute if it is not said
	databases int           // open at once; two if it is not said

	// pristine compares every pooled connection of work with one that has just been opened.
	pristine func(ctx context.Context) error
}

// options are narrow on purpose: a registry of four tenants or so, two databases open at once.
func (g *ground) options() rowhouse.Options {
	return rowhouse.Options{
		Models: models(), Placement: rowhouse.Shared(), RowSecurity: g.secure,
		RegistryBytes: 1500, MaxDatabases: cmp.Or(g.databases, 2), Freshness: cmp.Or(g.freshness, time.Minute),
	}
}

// settle makes the tenants and returns where they must be.
func (g *ground) settle(t *testing.T) []*place {
	t.Helper()
	db, err := rowhouse.Open(t.Context(), g.maker, g.options())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f := fleet.New(db, fleet.Options{})
	if err := f.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	var places []*place
	for _, r := range g.engine.residents() {
		if err := f.Provision(t.Context(), fleet.NewTenant{ID: r.id, Placement: r.placement}); err != nil {
			t.Fatal(err)
		}
		places = append(places, g.engine.place(r.id, r.placement))
	}
	if err := collisions(places); err != nil {
		t.Fatal(err)
	}
	return places
}

// suite is the proof's body on one ground.
type suite struct {
	engine *engine
	db     *rowhouse.DB
	places []*place
	oracle *oracle
	behind driver.Driver

	// patient is set where the catalog may be out of reach for a while: then being refused is
	// being asked to come again.
	patient bool

	mu   sync.Mutex
	open map[string]driver.DB // of behind
	met  map[error]int        // how often an error came as it was expected
}

// faults are what is wrong on purpose: above, where the oracle sees it, or below, where only the
// rows tell.
type faults struct {
	above, below func(driver.Driver) driver.Driver
	catalog      func(rowhouse.Catalog) rowhouse.Catalog
}

// newSuite opens the fleet with the oracle between the library and the engine.
func newSuite(t *testing.T, g *ground, places []*place, f faults) *suite {
	t.Helper()
	s := &suite{
		engine: g.engine, places: places, oracle: newOracle(g.engine, places, g.secure),
		behind: g.behind, open: map[string]driver.DB{}, met: map[error]int{},
	}
	wrap := func(d driver.Driver, fn func(driver.Driver) driver.Driver) driver.Driver {
		if fn == nil {
			return d
		}
		return fn(d)
	}
	d := tap(wrap(g.work, f.below), hooks{sent: s.oracle.sent})
	d = wrap(drivertest.Record(d, s.oracle.see), f.above)
	o := g.options()
	if f.catalog != nil {
		healthy, err := rowhouse.Open(t.Context(), g.work, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = healthy.Close() })
		o.Catalog = f.catalog(healthy.Catalog())
	}
	db, err := rowhouse.Open(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	s.db = db
	t.Cleanup(func() { s.close(t) })
	return s
}

func (s *suite) close(t *testing.T) {
	if err := s.db.Close(); err != nil {
		t.Error(err)
	}
	for name, db := range s.open {
		if err := db.Close(); name != "" && err != nil {
			t.Error(err)
		}
	}
}

// patience is how long one run may take; a deadlock in the library or in this suite ends then.
const patience = 2 * time.Minute

// run wipes all rows, runs a plan, and returns everything that was wrong.
func (s *suite) run(ctx context.Context, p plan) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.wipe(ctx); err != nil {
		return err
	}
	models := map[string]*store{}
	for _, at := range s.places {
		models[at.id] = newStore()
	}
	errs := make([]error, len(p.workers))
	var all sync.WaitGroup
	for i, steps := range p.workers {
		w := worker{s: s, models: models, exact: !p.shared, handles: map[string]*rowhouse.Tenant{}}
		for j, at := range s.places {
			if p.shared || j%len(p.workers) == i {
				w.places = append(w.places, at)
			}
		}
		if p.shared {
			w.places = crowded(w.places)
		}
		all.Go(func() { errs[i] = w.run(ctx, steps) })
	}
	all.Wait()
	found := append([]error{s.oracle.take()}, errs...)
	if p.shared {
		models = nil
	}
	return errors.Join(append(found, s.compare(ctx, models))...)
}

// crowded are a few tenants, one of each placement and two that share tables.
func crowded(places []*place) (few []*place) {
	seen := map[rowhouse.PlacementKind]int{}
	for _, at := range places {
		if seen[at.kind]++; seen[at.kind] == 1 || at.walled && seen[at.kind] == 2 {
			few = append(few, at)
		}
	}
	return few
}

// worker is one of the goroutines.
type worker struct {
	s       *suite
	places  []*place
	models  map[string]*store
	handles map[string]*rowhouse.Tenant
	exact   bool
}

func (w *worker) run(ctx context.Context, steps []step) error {
	for i, x := range steps {
		if err := w.step(ctx, x); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	return nil
}

func (w *worker) step(ctx context.Context, x step) error {
	at := w.places[x.tenant%len(w.places)]
	ctx = context.WithValue(ctx, who{}, at.id)
	handle := w.handles[at.id]
	if handle == nil || !x.keep {
		var err error
		if handle, err = w.s.tenant(ctx, at.id); err != nil {
			return fmt.Errorf("tenant %q is refused: %w", at.id, err)
		}
		w.handles[at.id] = handle
	}
	d := &desk{ctx: ctx, s: w.s, at: at, handle: handle, scope: handle, model: w.models[at.id], exact: w.exact}
	if _, err := d.do(x.act); err != nil {
		return err
	}
	if !x.audit || !w.exact {
		return nil
	}
	other := w.places[(x.tenant+1)%len(w.places)]
	if err := w.s.compareOne(ctx, other, w.models[other.id]); err != nil {
		return fmt.Errorf("after %s of tenant %q: %w", x.act, at.id, err)
	}
	return nil
}

// tenant returns a handle.
func (s *suite) tenant(ctx context.Context, id string) (handle *rowhouse.Tenant, err error) {
	for range retries {
		if handle, err = s.db.Tenant(ctx, id); err == nil || !s.again(err) {
			break
		}
	}
	return handle, err
}

// again reports whether an error asks to try once more, after a pause if there must be one.
func (s *suite) again(err error) bool {
	if s.patient && errors.Is(err, rowhouse.ErrCatalog) {
		time.Sleep(100 * time.Millisecond)
		return true
	}
	return rowhouse.IsRetryable(err)
}

// meet counts the errors that one is.
func (s *suite) meet(err error, expected []error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, reason := range expected {
		if errors.Is(err, reason) {
			s.met[reason]++
		}
	}
}

// look opens a database behind the library's back.
func (s *suite) look(ctx context.Context, database string) (driver.DB, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if db := s.open[database]; db != nil {
		return db, nil
	}
	db, err := s.behind.Open(ctx, database)
	if err == nil {
		s.open[database] = db
	}
	return db, err
}

// wipe deletes all rows of all tenants.
func (s *suite) wipe(ctx context.Context) error {
	for _, at := range s.places {
		db, err := s.look(ctx, at.database)
		if err != nil {
			return err
		}
		for _, table := range tables {
			st := &driver.Statement{Text: "DELETE FROM " + at.tables[table], Write: true}
			s.engine.narrow(st, at)
			if _, err := db.Exec(ctx, st); err != nil {
				return fmt.Errorf("wiping %s of tenant %q: %w", table, at.id, err)
			}
		}
	}
	return nil
}

// narrow restricts a statement on a shared table to a tenant's rows.
func (e *engine) narrow(s *driver.Statement, at *place) {
	if at.walled {
		s.Text += " WHERE " + e.quoted(wall) + " = " + e.mark
		s.Args = []dialect.Arg{{Value: at.id, Kind: dialect.Text}}
	}
}

// compare checks all rows of all tenants against the models. Without models, it checks that each
// row is where its canary says.
func (s *suite) compare(ctx context.Context, models map[string]*store) error {
	for _, at := range s.places {
		if err := s.compareOne(ctx, at, models[at.id]); err != nil {
			return err
		}
	}
	return nil
}

func (s *suite) compareOne(ctx context.Context, at *place, want *store) error {
	return errors.Join(
		compareTable(ctx, s, at, cases, want), compareTable(ctx, s, at, notes, want), compareTable(ctx, s, at, links, want))
}

func compareTable[T any](ctx context.Context, s *suite, at *place, k *kind[T], want *store) error {
	rows, err := readTable(ctx, s, at, k)
	if err != nil {
		return fmt.Errorf("looking behind tenant %q: %w", at.id, err)
	}
	if err := own(&desk{at: at}, k, rows); err != nil || want == nil {
		return err
	}
	model := k.rows(want)
	for i := range rows {
		row, ok := model[k.key(&rows[i])]
		if !ok {
			return fmt.Errorf("tenant %q has a row that it should not: %s", at.id, show(rows[i]))
		}
		if text := difference(&row, &rows[i]); text != "" {
			return fmt.Errorf("in the tables of tenant %q, the %s", at.id, text)
		}
	}
	if len(rows) != len(model) {
		return fmt.Errorf("tenant %q has %d rows of %s, not %d: %s, not %s",
			at.id, len(rows), k.model.Name(), len(model), show(rows), show(model))
	}
	return nil
}

// readTable reads a tenant's rows without the library, of a shared table those that bear its
// discriminator, compared here and not by the engine.
func readTable[T any](ctx context.Context, s *suite, at *place, k *kind[T]) (list []T, err error) {
	db, err := s.look(ctx, at.database)
	if err != nil {
		return nil, err
	}
	columns, kinds := k.columns, k.kinds
	if at.walled {
		columns, kinds = append([]string{wall}, columns...), append([]dialect.Kind{dialect.Text}, kinds...)
	}
	text := "SELECT "
	for i, c := range columns {
		if i > 0 {
			text += ", "
		}
		text += s.engine.quoted(c)
	}
	rows, err := db.Query(ctx, &driver.Statement{Text: text + " FROM " + at.tables[k.model.Name()], Columns: kinds})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	whose := at.id
	if at.walled {
		rows = &labelled{rows, &whose}
	}
	for rows.Next() {
		row, err := k.scan(rows)
		if err != nil {
			return nil, err
		}
		if !s.oracle.knows(whose) {
			return nil, fmt.Errorf("breach: a row of %q, who is no tenant: %s", whose, show(row))
		}
		if whose == at.id {
			list = append(list, row)
		}
	}
	return list, rows.Err()
}

// labelled are rows with the discriminator before the other columns.
type labelled struct {
	driver.Rows
	whose *string
}

func (r *labelled) Scan(dest []any) error { return r.Rows.Scan(append([]any{r.whose}, dest...)) }
