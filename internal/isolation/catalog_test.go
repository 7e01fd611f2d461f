package isolation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/fleet"
)

const (
	freshness = 500 * time.Millisecond
	// grace is for a statement that was let through in time and went out late, because the
	// machine was busy.
	grace = freshness + 2*time.Second
	// deadline is when a poll for what freshness promises gives up.
	deadline = 30 * time.Second
)

// TestMovingCatalog has another process suspend, resume, drop and remake tenants, somewhere else
// each time, while handles that were got once go on writing, and while the plans of the proof
// run on the tenants that stay.
func TestMovingCatalog(t *testing.T) {
	t.Parallel()
	for _, on := range grounds {
		if on.name == "mysql" || on.name == "pgbouncer" {
			continue // what differs from their neighbours is not the catalog
		}
		t.Run(on.name, func(t *testing.T) {
			t.Parallel()
			g := on.make(t)
			// Databases stay open, so that a tenant's is still so when it has been dropped.
			g.freshness, g.databases = freshness, 64
			places := g.settle(t)
			s := newSuite(t, g, places, faults{})
			s.patient = true
			other, err := rowhouse.Open(t.Context(), g.maker, g.options())
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			f := fleet.New(other, fleet.Options{})
			stay := stayers(t, s)
			var moving sync.WaitGroup
			for _, j := range journeys(g.engine) {
				moving.Go(func() {
					if err := (&vagrant{journey: j, s: s, g: g, f: f, deadline: deadline}).travel(t.Context()); err != nil {
						t.Errorf("tenant %q: %v", j.id, err)
					}
				})
			}
			moving.Wait()
			if err := stay(); err != nil {
				t.Errorf("of those who stayed: %v", err)
			}
			if err := errors.Join(s.oracle.take(), g.pristine(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestDeafCatalog breaks what the proof above rests on: a process that hears of no change must be
// found out.
func TestDeafCatalog(t *testing.T) {
	t.Parallel()
	g := sqliteGround(t)
	g.freshness = freshness
	s := newSuite(t, g, g.settle(t), faults{catalog: func(c rowhouse.Catalog) rowhouse.Catalog { return deafCatalog{c} }})
	other, err := rowhouse.Open(t.Context(), g.maker, g.options())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	v := &vagrant{journey: journeys(g.engine)[0], s: s, g: g, f: fleet.New(other, fleet.Options{}), deadline: 4 * freshness}
	if err := v.travel(t.Context()); err == nil || !strings.Contains(err.Error(), "not refused within") {
		t.Errorf("a suspended tenant is to be found served, and what is found is: %v", err)
	}
}

type deafCatalog struct{ rowhouse.Catalog }

func (deafCatalog) Changes(context.Context, int64) (int64, []string, error) { return 1, nil, nil }

// stayers runs plans until it is told to stop, and then says what was wrong.
func stayers(t *testing.T, s *suite) (stop func() error) {
	t.Helper()
	plans := drawPlan(2, steps, false)
	var stopped atomic.Bool
	var err error
	runs := 0
	done := make(chan struct{})
	go func() {
		defer close(done)
		for seed := 1; !stopped.Load() && err == nil; seed++ {
			err = s.run(t.Context(), plans.Example(seed))
			runs = seed
		}
	}()
	return func() error {
		stopped.Store(true)
		<-done
		t.Logf("%d plans ran meanwhile", runs)
		return err
	}
}

// journey is where a tenant lives in turn.
type journey struct {
	id    string
	stops []rowhouse.Placement
}

func journeys(e *engine) []journey {
	schema, database := rowhouse.Schema(e.prefix+"s_{tenant}"), rowhouse.Database(e.prefix+"d_{tenant}")
	return []journey{
		{"Nomad", []rowhouse.Placement{rowhouse.Shared(), rowhouse.Prefix(), rowhouse.Shared()}},
		{"nomad", []rowhouse.Placement{rowhouse.Prefix(), schema, database}},
		{"nomad_", []rowhouse.Placement{schema, schema, rowhouse.Shared(), rowhouse.Prefix()}},
	}
}

// vagrant is a tenant on its journey.
type vagrant struct {
	journey
	s *suite
	g *ground
	f *fleet.Fleet

	deadline time.Duration

	handle *rowhouse.Tenant // got once, at the first stop
	calm   atomic.Bool      // it is active, and everybody must know
	wrong  atomic.Pointer[error]
}

func (v *vagrant) travel(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var writing sync.WaitGroup
	var before *place
	for i, p := range v.stops {
		at := v.g.engine.place(v.id, p)
		v.s.oracle.move(at, grace)
		if err := v.f.Provision(ctx, fleet.NewTenant{ID: v.id, Placement: p}); err != nil {
			return err
		}
		if i == 0 {
			err := v.eventually("known", func() (err error) { v.handle, err = v.s.db.Tenant(ctx, v.id); return err }, nil)
			if err != nil {
				return err
			}
			writing.Go(func() { v.write(ctx) })
		}
		if err := v.stay(ctx, at, before); err != nil {
			return fmt.Errorf("stop %d, %s: %w", i, p, err)
		}
		if i < len(v.stops)-1 {
			if err := v.leave(ctx); err != nil {
				return fmt.Errorf("leaving stop %d, %s: %w", i, p, err)
			}
		}
		before = at
	}
	cancel()
	writing.Wait()
	if err := v.wrong.Load(); err != nil {
		return *err
	}
	return nil
}

// write inserts rows by the handle that was got once, wherever the tenant is.
func (v *vagrant) write(ctx context.Context) {
	for n := int64(1); ctx.Err() == nil; n++ {
		calm := v.calm.Load()
		err := Links.In(v.handle).Insert(ctx, &Link{Left: n, Right: "x", Canary: canary(v.id)})
		if err != nil && calm && v.calm.Load() && ctx.Err() == nil && !v.s.again(err) {
			err = fmt.Errorf("writing while nothing moved: %w", err)
			v.wrong.CompareAndSwap(nil, &err)
		}
		time.Sleep(time.Millisecond)
	}
}

// count uses the old handle.
func (v *vagrant) count(ctx context.Context) error {
	_, err := Links.In(v.handle).Count(ctx)
	return err
}

// stay suspends and resumes the tenant, and looks for its rows where it is and where it was.
func (v *vagrant) stay(ctx context.Context, at, before *place) error {
	if err := v.eventually("served in its new place", func() error { return v.count(ctx) }, nil); err != nil {
		return err
	}
	v.calm.Store(true)
	if err := v.eventually("found to write", func() error { return v.written(ctx, at) }, nil); err != nil {
		return err
	}
	v.calm.Store(false)
	if before != nil && before.tables["link"] != at.tables["link"] {
		if err := v.abandoned(ctx, before); err != nil {
			return err
		}
	}
	if err := v.f.Suspend(ctx, v.id); err != nil {
		return err
	}
	if err := v.refused(ctx, rowhouse.ErrNotActive); err != nil {
		return err
	}
	if err := v.f.Resume(ctx, v.id); err != nil {
		return err
	}
	return v.eventually("served after it was resumed", func() error { return v.count(ctx) }, nil)
}

// refused waits until the old handle is refused, and checks that it then stays so, for the
// handle and for those who ask for a new one.
func (v *vagrant) refused(ctx context.Context, reason error) error {
	if err := v.eventually("refused", func() error { return v.count(ctx) }, reason); err != nil {
		return err
	}
	for range 10 {
		if err := v.count(ctx); !errors.Is(err, reason) && !errors.Is(err, rowhouse.ErrCatalog) {
			return fmt.Errorf("refused once (%w), and then: %w", reason, err)
		}
		if _, err := v.s.db.Tenant(ctx, v.id); !errors.Is(err, reason) && !errors.Is(err, rowhouse.ErrCatalog) {
			return fmt.Errorf("the handle is refused (%w), and a new one: %w", reason, err)
		}
		time.Sleep(freshness / 20)
	}
	return nil
}

func (v *vagrant) leave(ctx context.Context) error {
	if err := v.f.Drop(ctx, v.id); err != nil {
		return err
	}
	return v.refused(ctx, rowhouse.ErrUnknownTenant)
}

// written looks for the tenant's rows in a place, past all walls.
func (v *vagrant) written(ctx context.Context, at *place) error {
	canaries, err := v.look(ctx, at)
	if err == nil && len(canaries) == 0 {
		err = errors.New("there is no row")
	}
	for _, c := range canaries {
		if c != canary(v.id) {
			return fmt.Errorf("breach: a row has %q", c)
		}
	}
	return err
}

// abandoned looks where the tenant was: there is no table, or no row of it in a shared one.
func (v *vagrant) abandoned(ctx context.Context, before *place) error {
	canaries, err := v.look(ctx, before)
	if before.walled && (err != nil || len(canaries) > 0) {
		return fmt.Errorf("%d rows came after it into the place that it had left: %w", len(canaries), err)
	}
	if !before.walled && err == nil {
		return fmt.Errorf("%s is there although it has moved", before.tables["link"])
	}
	return nil
}

// look reads the canaries of the tenant's rows. It leaves no database open: it may be dropped.
func (v *vagrant) look(ctx context.Context, at *place) (canaries []string, err error) {
	db, err := v.g.behind.Open(ctx, at.database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	st := &driver.Statement{
		Text:    "SELECT " + v.g.engine.quoted("canary") + " FROM " + at.tables["link"],
		Columns: []dialect.Kind{dialect.Text},
	}
	v.g.engine.narrow(st, at)
	rows, err := db.Query(ctx, st)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var c string
		if err := rows.Scan([]any{&c}); err != nil {
			return nil, err
		}
		canaries = append(canaries, c)
	}
	return canaries, rows.Err()
}

// eventually tries until fn's error is what is wanted.
func (v *vagrant) eventually(what string, fn func() error, want error) error {
	var err error
	for end := time.Now().Add(v.deadline); time.Now().Before(end); time.Sleep(freshness / 50) {
		if err = fn(); want == nil && err == nil || want != nil && errors.Is(err, want) {
			return nil
		}
	}
	return fmt.Errorf("not %s within %v; the last time: %w", what, v.deadline, err)
}
