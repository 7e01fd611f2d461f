package isolation

import (
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
)

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
	rows int                  // how many there were at the end of all plans
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
	for _, m := range models {
		s.rows += len(m.cases) + len(m.notes) + len(m.links)
	}
	if p.shared {
		models = nil
	}
	return errors.Join(append(found, s.compare(ctx, models))...)
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

// blocked adds to the error of a lock that InnoDB gave up waiting for what transactions there are.
func (s *suite) blocked(ctx context.Context, err error) error {
	const lockTimeout = "1205"
	failed, is := errors.AsType[*rowhouse.StatementError](err)
	if !is || failed.Code != lockTimeout {
		return err
	}
	db, failure := s.look(ctx, "")
	if failure != nil {
		return errors.Join(err, failure)
	}
	rows, failure := db.Query(ctx, &driver.Statement{
		Text: "SELECT CONCAT_WS(' ', trx_mysql_thread_id, trx_state, trx_started, trx_tables_locked, trx_query) " +
			"FROM information_schema.innodb_trx",
		Columns: []dialect.Kind{dialect.Text},
	})
	if failure != nil {
		return errors.Join(err, failure)
	}
	for rows.Next() {
		var text string
		if failure = rows.Scan([]any{&text}); failure == nil {
			err = fmt.Errorf("%w\ntransaction: %s", err, text)
		}
	}
	return errors.Join(err, failure, rows.Err(), rows.Close())
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
