package fleet_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/drivertest"
	"github.com/rowhouse/rowhouse/fleet"
)

var ids = []string{
	"42", "a_b", "a", "Acme", "acme", "ünï", "0192f0c1-2d3e-7a4b-8c5d-6e7f80910a1b",
	strings.Repeat("x", 63), strings.Repeat("x", 62) + "y", `q"u'o` + "`te",
}

// TestLife makes, uses and drops tenants of every kind of placement.
func TestLife(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := initialized(t, h.drv, rowhouse.Options{Placement: rowhouse.Shared()})
		before := h.inventory(t)
		var all []string
		for name, p := range h.placements() {
			for _, id := range ids {
				id = name[:2] + "-" + id
				if len(id) > 63 {
					id = id[:31] + id[len(id)-32:]
				}
				all = append(all, id)
				must(t, f.Provision(t.Context(), fleet.NewTenant{ID: id, Placement: p}))
				works(t, db, id)
				must(t, f.Provision(t.Context(), fleet.NewTenant{ID: id}))
				must(t, f.Provision(t.Context(), fleet.NewTenant{ID: id, Placement: p}))
			}
		}
		var listed int
		for e, err := range f.Tenants(t.Context()) {
			must(t, err)
			if e.State != rowhouse.Active || !e.LeaseUntil.IsZero() {
				t.Errorf("entry %+v", e)
			}
			listed++
		}
		if listed != len(all) {
			t.Errorf("%d tenants are listed, %d were made", listed, len(all))
		}
		must(t, f.Drop(t.Context(), all[0]))
		if _, err := db.Tenant(t.Context(), all[0]); !errors.Is(err, rowhouse.ErrUnknownTenant) {
			t.Errorf("a dropped tenant: %v", err)
		}
		if err := f.Drop(t.Context(), all[0]); !errors.Is(err, rowhouse.ErrUnknownTenant) {
			t.Errorf("dropping again: %v", err)
		}
		result, err := f.DropAll(t.Context(), all[1:]...)
		must(t, err)
		if len(result.Done) != len(all)-1 {
			t.Errorf("dropped %d of %d", len(result.Done), len(all)-1)
		}
		sameInventory(t, before, h.inventory(t))
		for _, table := range []string{"case", "comment"} {
			if rows := h.query(t, "", "SELECT tenant_id FROM "+db.HomeNames().Table(h.drv.Dialect(), table)); len(rows) > 0 {
				t.Errorf("rows of %q are left in %s", rows, table)
			}
		}
		// The names are free again.
		must(t, f.Provision(t.Context(), fleet.NewTenant{ID: all[0]}))
		works(t, db, all[0])
	})
}

// TestLongNames shortens the names of two tenants that begin alike, at one time.
func TestLongNames(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := initialized(t, h.drv, rowhouse.Options{Models: rowhouse.Models(Longs)})
		before := h.inventory(t)
		var tenants []fleet.NewTenant
		var names []string
		for i := range 20 {
			id := strings.Repeat("same-beginning-", 4) + string(rune('a'+i))
			tenants, names = append(tenants, fleet.NewTenant{ID: id}), append(names, id)
		}
		_, err := f.ProvisionAll(t.Context(), tenants)
		must(t, err)
		for _, id := range names {
			tenant, err := db.Tenant(t.Context(), id)
			must(t, err)
			must(t, Longs.In(tenant).Insert(t.Context(), &Long{One: id[len(id)-1:]}))
			n, err := Longs.In(tenant).Count(t.Context())
			must(t, err)
			if n != 1 {
				t.Errorf("tenant %q has %d rows", id, n)
			}
		}
		_, err = f.DropAll(t.Context(), names...)
		must(t, err)
		sameInventory(t, before, h.inventory(t))
	})
}

// TestCircle makes and drops tables that refer to each other, with rows that do so.
func TestCircle(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := initialized(t, h.drv, rowhouse.Options{
			Models: rowhouse.Models(Teams, Persons), Placement: rowhouse.Shared(),
		})
		before := h.inventory(t)
		ctx := t.Context()
		for name, p := range h.placements() {
			must(t, f.Provision(ctx, fleet.NewTenant{ID: name, Placement: p}))
			tenant, err := db.Tenant(ctx, name)
			must(t, err)
			team := Team{Name: name}
			must(t, Teams.In(tenant).Insert(ctx, &team))
			person := Person{Name: name, TeamID: team.ID}
			must(t, Persons.In(tenant).Insert(ctx, &person))
			team.LeadID = &person.ID
			must(t, Teams.In(tenant).Update(ctx, &team))
			missing := person.ID + 1000
			team.LeadID = &missing
			if err := Teams.In(tenant).Update(ctx, &team); !errors.Is(err, rowhouse.ErrReference) {
				t.Errorf("%s: a lead that does not exist: %v", name, err)
			}
		}
		for name := range h.placements() {
			must(t, f.Drop(ctx, name))
		}
		sameInventory(t, before, h.inventory(t))
	})
}

// TestOccupied has something in the place of a new tenant already.
func TestOccupied(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := initialized(t, h.drv, rowhouse.Options{Placement: rowhouse.Shared()})
		ctx := t.Context()
		d := h.drv.Dialect()
		names := db.HomeNames()
		stranger := func(names dialect.Names, object string) string {
			return "CREATE TABLE " + names.Table(d, object) + " (mine integer)"
		}
		names.Prefix = "pre_"
		h.exec(t, "", stranger(names, "comment"))
		if d.Has(dialect.Schemas) {
			h.exec(t, "", "CREATE SCHEMA "+dialect.Quote(d, h.own+"_s_sch"))
			h.exec(t, "", stranger(dialect.Names{Qualifier: dialect.Qualify(d, h.own+"_s_sch")}, "other"))
		} else {
			_, err := h.drv.Create(ctx, h.own+"_s_sch")
			must(t, err)
			h.exec(t, h.own+"_s_sch", stranger(dialect.Names{}, "other"))
		}
		_, err := h.drv.Create(ctx, h.own+"_d_dat")
		must(t, err)
		h.exec(t, h.own+"_d_dat", stranger(dialect.Names{}, "comment"))
		h.exec(t, "", "INSERT INTO "+db.HomeNames().Table(d, "case")+
			" (tenant_id, id, title, priority, created_at) VALUES ('sha', 1, '', 0, '2024-01-01 00:00:00')")
		before := h.inventory(t)
		for name, p := range h.placements() {
			id := name[:3]
			err := f.Provision(ctx, fleet.NewTenant{ID: id, Placement: p})
			var occupied *fleet.OccupiedError
			if !errors.As(err, &occupied) || !errors.Is(err, rowhouse.ErrPlacement) || occupied.Tenant != id {
				t.Errorf("%s: %v", name, err)
			}
			t.Log(err)
			if _, err := db.Catalog().Tenant(ctx, id); !errors.Is(err, rowhouse.ErrUnknownTenant) {
				t.Errorf("%s: the entry: %v", name, err)
			}
		}
		sameInventory(t, before, h.inventory(t))
	})
}

// TestVacant uses schemas and databases that were made beforehand and are empty.
func TestVacant(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := initialized(t, h.drv, rowhouse.Options{})
		before := h.inventory(t)
		d := h.drv.Dialect()
		_, err := h.drv.Create(t.Context(), h.own+"_d_database")
		must(t, err)
		if d.Has(dialect.Schemas) {
			h.exec(t, "", "CREATE SCHEMA "+dialect.Quote(d, h.own+"_s_schema"))
		}
		for _, name := range []string{"schema", "database"} {
			must(t, f.Provision(t.Context(), fleet.NewTenant{ID: name, Placement: h.placements()[name]}))
			works(t, db, name)
			must(t, f.Drop(t.Context(), name))
		}
		sameInventory(t, before, h.inventory(t))
	})
}

// TestStates goes through the states that refuse.
func TestStates(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := open(t, h.drv, rowhouse.Options{}, fleet.Options{})
		ctx := t.Context()
		if err := f.Suspend(ctx, "acme"); !errors.Is(err, rowhouse.ErrUnknownTenant) && !errors.Is(err, rowhouse.ErrMissingTable) {
			t.Errorf("suspending nobody: %v", err)
		}
		// Without Init: the first tenant makes the catalog.
		must(t, f.Provision(ctx, fleet.NewTenant{ID: "acme", Labels: map[string]string{"plan": "gold"}}))
		must(t, f.Init(ctx))
		tenant, err := db.Tenant(ctx, "acme")
		must(t, err)
		if tenant.Labels()["plan"] != "gold" {
			t.Errorf("labels %v", tenant.Labels())
		}
		works(t, db, "acme")
		for range 2 {
			must(t, f.Suspend(ctx, "acme"))
		}
		if _, err := db.Tenant(ctx, "acme"); !errors.Is(err, rowhouse.ErrNotActive) {
			t.Errorf("a suspended tenant: %v", err)
		}
		if _, err := Cases.In(tenant).Count(ctx); !errors.Is(err, rowhouse.ErrNotActive) {
			t.Errorf("a suspended tenant's handle: %v", err)
		}
		stateIs(t, f.Provision(ctx, fleet.NewTenant{ID: "acme"}), rowhouse.Suspended)
		for range 2 {
			must(t, f.Resume(ctx, "acme"))
		}
		if n, err := Comments.In(tenant).Count(ctx); err != nil || n != 2 {
			t.Errorf("after Resume: %d, %v", n, err)
		}
		stateIs(t, f.Provision(ctx, fleet.NewTenant{ID: "acme", Placement: rowhouse.Shared()}), rowhouse.Active)

		w := db.Catalog().(rowhouse.WritableCatalog)
		half := rowhouse.Entry{
			ID: "half", Placement: rowhouse.Prefix(), State: rowhouse.Provisioning,
			LeaseUntil: time.Now().Add(time.Minute),
		}
		must(t, w.Add(ctx, half))
		for _, err := range []error{
			f.Provision(ctx, fleet.NewTenant{ID: "half"}), f.Drop(ctx, "half"), f.Suspend(ctx, "half"), f.Resume(ctx, "half"),
		} {
			stateIs(t, err, rowhouse.Provisioning)
		}
		_, err = w.Change(ctx, "half", func(e *rowhouse.Entry) error {
			e.State, e.LeaseUntil = rowhouse.Dropping, time.Now().Add(-time.Second)
			return nil
		})
		must(t, err)
		stateIs(t, f.Provision(ctx, fleet.NewTenant{ID: "half"}), rowhouse.Dropping)
		must(t, f.Drop(ctx, "half"))
	})
}

func stateIs(t *testing.T, err error, state rowhouse.State) {
	t.Helper()
	var e *fleet.StateError
	if !errors.As(err, &e) || e.State != state {
		t.Errorf("%v, want a state error of %s", err, state)
		return
	}
	t.Log(err)
}

// TestTakeover completes a tenant whose maker has died.
func TestTakeover(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := initialized(t, h.drv, rowhouse.Options{Placement: rowhouse.Shared()})
		w := db.Catalog().(rowhouse.WritableCatalog)
		before := h.inventory(t)
		for name, p := range h.placements() {
			p, err := p.For(h.drv.Dialect(), name)
			must(t, err)
			must(t, w.Add(t.Context(), rowhouse.Entry{
				ID: name, Placement: p, State: rowhouse.Provisioning, LeaseUntil: time.Now().Add(-time.Second),
			}))
			must(t, f.Provision(t.Context(), fleet.NewTenant{ID: name}))
			works(t, db, name)
			// All was made, and then the last record was lost.
			_, err = w.Change(t.Context(), name, func(e *rowhouse.Entry) error {
				e.State = rowhouse.Provisioning
				return nil
			})
			must(t, err)
			must(t, f.Provision(t.Context(), fleet.NewTenant{ID: name}))
			tenant, err := db.Tenant(t.Context(), name)
			must(t, err)
			if n, err := Comments.In(tenant).Count(t.Context()); err != nil || n != 2 {
				t.Errorf("%s: %d comments, %v", name, n, err)
			}
			must(t, f.Drop(t.Context(), name))
		}
		sameInventory(t, before, h.inventory(t))
	})
}

// TestTakeoverOfOthers does not take tables that are not the model's.
func TestTakeoverOfOthers(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := initialized(t, h.drv, rowhouse.Options{})
		w := db.Catalog().(rowhouse.WritableCatalog)
		must(t, w.Add(t.Context(), rowhouse.Entry{ID: "acme", Placement: rowhouse.Prefix(), State: rowhouse.Provisioning}))
		names := db.HomeNames()
		names.Prefix = "acme_"
		h.exec(t, "", "CREATE TABLE "+names.Table(h.drv.Dialect(), "case")+" (id integer, title integer)")
		before := h.inventory(t)
		err := f.Provision(t.Context(), fleet.NewTenant{ID: "acme"})
		var occupied *fleet.OccupiedError
		if !errors.As(err, &occupied) {
			t.Errorf("a table of other columns: %v", err)
		}
		sameInventory(t, before, h.inventory(t))
		if _, err := db.Tenant(t.Context(), "acme"); !errors.Is(err, rowhouse.ErrNotActive) {
			t.Errorf("half-made: %v", err)
		}
		if err := f.Drop(t.Context(), "acme"); !errors.As(err, &occupied) {
			t.Errorf("dropping tables of other columns: %v", err)
		}
		sameInventory(t, before, h.inventory(t))
	})
}

// TestConcurrent has several fleets make the same tenants, and the catalog and the shared tables
// too, at one time.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		const fleets = 4
		var all sync.WaitGroup
		for i := range fleets {
			_, f := open(t, h.drv, rowhouse.Options{Placement: rowhouse.Shared()}, fleet.Options{})
			all.Go(func() {
				if err := f.Init(t.Context()); err != nil {
					t.Errorf("Init %d: %v", i, err)
				}
				for name, p := range h.placements() {
					err := f.Provision(t.Context(), fleet.NewTenant{ID: name, Placement: p})
					var state *fleet.StateError
					if errors.As(err, &state) && state.State == rowhouse.Provisioning && !state.Until.IsZero() {
						continue
					}
					if err != nil {
						t.Errorf("%s by %d: %v", name, i, err)
					}
				}
			})
		}
		all.Wait()
		db, f := open(t, h.drv, rowhouse.Options{}, fleet.Options{})
		for name := range h.placements() {
			works(t, db, name)
			must(t, f.Drop(t.Context(), name))
		}
	})
}

// TestLeaseRenewed has a maker live longer than its lease.
func TestLeaseRenewed(t *testing.T) {
	t.Parallel()
	h := onSQLite(t)
	const lease = 300 * time.Millisecond
	slow := drivertest.Record(h.drv, func(_ string, s *driver.Statement) {
		if strings.HasPrefix(s.Text, "CREATE TABLE") && s.Tenant != "" {
			time.Sleep(lease)
		}
	})
	db, f := open(t, slow, rowhouse.Options{Placement: rowhouse.Database("t_{tenant}")}, fleet.Options{Lease: lease})
	must(t, f.Init(t.Context()))
	done := make(chan error)
	go func() { done <- f.Provision(t.Context(), fleet.NewTenant{ID: "acme"}) }()
	time.Sleep(lease * 3 / 2)
	stateIs(t, f.Provision(t.Context(), fleet.NewTenant{ID: "acme"}), rowhouse.Provisioning)
	must(t, <-done)
	works(t, db, "acme")
}

// TestLeaseLost has another worker take a tenant over while its first maker is at work.
func TestLeaseLost(t *testing.T) {
	t.Parallel()
	h := onSQLite(t)
	var db *rowhouse.DB
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	slow := drivertest.Record(h.drv, func(_ string, s *driver.Statement) {
		if strings.HasPrefix(s.Text, "CREATE TABLE") && s.Tenant != "" {
			_, err := db.Catalog().(rowhouse.WritableCatalog).Change(t.Context(), "acme", func(e *rowhouse.Entry) error {
				e.LeaseUntil = until
				return nil
			})
			must(t, err)
		}
	})
	var f *fleet.Fleet
	db, f = open(t, slow, rowhouse.Options{Placement: rowhouse.Database("t_{tenant}")}, fleet.Options{})
	must(t, f.Init(t.Context()))
	if err := f.Provision(t.Context(), fleet.NewTenant{ID: "acme"}); err == nil || !strings.Contains(err.Error(), "taken over") {
		t.Errorf("the first maker: %v", err)
	}
	e, err := db.Catalog().Tenant(t.Context(), "acme")
	must(t, err)
	if e.State != rowhouse.Provisioning || !e.LeaseUntil.Equal(until) {
		t.Errorf("the entry is %+v", e)
	}
}

// TestStaticCatalog makes tables for tenants that are listed in the program.
func TestStaticCatalog(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		list := rowhouse.StaticCatalog{}
		for name, p := range h.placements() {
			p, err := p.For(h.drv.Dialect(), name)
			must(t, err)
			list[name] = p
		}
		db, f := open(t, h.drv, rowhouse.Options{Catalog: list}, fleet.Options{})
		before := h.inventory(t)
		must(t, f.Init(t.Context()))
		sameInventory(t, before, h.inventory(t))
		for name := range list {
			for range 2 {
				must(t, f.Provision(t.Context(), fleet.NewTenant{ID: name}))
			}
			works(t, db, name)
			must(t, f.Drop(t.Context(), name))
		}
		if err := f.Provision(t.Context(), fleet.NewTenant{ID: "nobody"}); !errors.Is(err, rowhouse.ErrUnknownTenant) {
			t.Errorf("a tenant that is not listed: %v", err)
		}
		if err := f.Suspend(t.Context(), "prefix"); !errors.Is(err, rowhouse.ErrUnsupported) {
			t.Errorf("Suspend: %v", err)
		}
		for _, err := range f.Tenants(t.Context()) {
			if !errors.Is(err, rowhouse.ErrUnsupported) {
				t.Errorf("Tenants: %v", err)
			}
		}
	})
}

// TestGoldensRun runs the golden files, which make and remove everything.
func TestGoldensRun(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"prefix", "schema", "long", "shared"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, h *home) {
				engine := h.drv.Dialect().Name()
				if engine == "sqlite" && name == "schema" {
					t.Skip("a schema of SQLite is a file, which is called main in itself")
				}
				text, err := os.ReadFile(filepath.Join("testdata", engine, name+".sql"))
				must(t, err)
				before := h.inventory(t)
				script := strings.NewReplacer("`app`", "`"+h.own+"`", "`we\"ird`", "`"+h.own+"_w`",
					"= $1", "= 'a'", "= ?", "= 'a'").Replace(string(text))
				for statement := range strings.SplitSeq(strings.TrimSuffix(script, ";\n"), ";\n") {
					h.exec(t, "", statement)
				}
				if name == "shared" {
					for _, table := range []string{"node", "every_kind", "edge", "label", "partial", "raw"} {
						_ = h.try("", "DROP TABLE "+table+map[bool]string{true: " CASCADE"}[engine == "postgres"])
					}
					return
				}
				sameInventory(t, before, h.inventory(t))
			})
		})
	}
}

// TestObjects looks at what is made under which name.
func TestObjects(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		_, f := initialized(t, h.drv, rowhouse.Options{Models: rowhouse.Models(Comments, Cases, Teams, Persons)})
		before := h.inventory(t)
		must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "42"}))
		var got []string
		for _, name := range h.inventory(t) {
			if !slices.Contains(before, name) && !strings.HasPrefix(name, "type ") && !strings.Contains(name, "not_null") {
				got = append(got, strings.ReplaceAll(name, h.own+".", "app."))
			}
		}
		golden(t, filepath.Join("testdata", h.drv.Dialect().Name(), "objects.txt"), strings.Join(got, "\n")+"\n")
	})
}

// golden compares a text with a file, or writes it with -update.
func golden(t *testing.T, path, text string) {
	t.Helper()
	if update := flag.Lookup("update"); update.Value.String() == "true" {
		must(t, os.WriteFile(path, []byte(text), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if text != string(want) {
		t.Errorf("%s is otherwise:\n%s", path, text)
	}
}
