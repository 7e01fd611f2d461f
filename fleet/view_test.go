package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// note is a small model: tests of views make many tables.
type note struct {
	ID   int64   `db:"id,pk,auto"`
	Text string  `db:"text,size:100"`
	More *string `db:"more"`
}

var notes = rowhouse.MustDefine[note]("note")

// noted opens a fleet that keeps a view over the notes of all tenants.
func noted(t testing.TB, drv driver.Driver, size int) (*rowhouse.DB, *fleet.Fleet) {
	t.Helper()
	return open(t, drv, rowhouse.Options{Models: rowhouse.Models(notes), Freshness: freshness},
		fleet.Options{Views: rowhouse.Models(notes), ViewSize: size})
}

// write adds a note to each tenant, with the tenant's id as its text.
func write(t testing.TB, db *rowhouse.DB, ids ...string) {
	t.Helper()
	must(t, db.Refresh(t.Context()))
	for _, id := range ids {
		tenant, err := db.Tenant(t.Context(), id)
		must(t, err)
		must(t, notes.In(tenant).Insert(t.Context(), &note{Text: id}))
	}
}

// parts lists the parts of the notes' view that a database has.
func (h *home) parts(t testing.TB, database string) (names []string) {
	t.Helper()
	text := map[string]string{
		"sqlite":   "SELECT name FROM sqlite_schema WHERE type = 'view'",
		"postgres": "SELECT viewname::text FROM pg_views WHERE schemaname = 'public'",
		"mariadb":  "SELECT table_name FROM information_schema.views WHERE table_schema = DATABASE()",
	}[h.drv.Dialect().Name()]
	for _, name := range h.query(t, database, text) {
		if strings.HasPrefix(name, "rowhouse_all_note_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// viewed reads the tenants of all rows from all parts; each row's text must be its tenant.
func (h *home) viewed(t testing.TB) (tenants []string) {
	t.Helper()
	d := h.drv.Dialect()
	q := func(name string) string { return dialect.Quote(d, name) }
	for _, name := range h.parts(t, "") {
		from := " FROM " + dialect.Qualify(d, h.drv.Schema("")) + q(name)
		got := h.query(t, "", "SELECT "+q("tenant_id")+from)
		tenants = append(tenants, got...)
		if wrong := h.query(t, "", "SELECT "+q("tenant_id")+from+" WHERE "+q("tenant_id")+" <> "+q("text")); len(wrong) > 0 {
			t.Errorf("%s has rows of %q under another tenant", name, wrong)
		}
	}
	slices.Sort(tenants)
	return tenants
}

func (h *home) wantViewed(t testing.TB, want ...string) {
	t.Helper()
	want = slices.Sorted(slices.Values(want))
	if got := h.viewed(t); !slices.Equal(got, want) {
		t.Errorf("the view has rows of\n%q, want\n%q", got, want)
	}
}

// TestView has tenants with strange names in every placement.
func TestView(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(notes)}, fleet.Options{})
		var covered, uncovered []string
		for kind, p := range h.placements() {
			for _, id := range []string{
				"42", "a_b", "Acme", `q"u'o` + "`te", `back\slash\'`, "100%?", "$1", "ünï-日本", "🏠", "E''", "a''b", `\`, "'", "--", "/*", "rowhouse:x",
			} {
				id = kind[:2] + id
				must(t, f.Provision(t.Context(), fleet.NewTenant{ID: id, Placement: p}))
				write(t, db, id)
				if kind == "database" || kind == "schema" && !h.drv.Dialect().Has(dialect.Schemas) {
					uncovered = append(uncovered, id)
				} else {
					covered = append(covered, id)
				}
			}
		}
		must(t, f.Suspend(t.Context(), "prAcme"))
		report, err := f.View(t.Context(), notes)
		must(t, err)
		h.wantViewed(t, covered...)
		own, err := h.placements()["database"].For(h.drv.Dialect(), "da42")
		must(t, err)
		if names := h.parts(t, own.Name); len(names) > 0 {
			t.Errorf("a tenant's own database has the views %q", names)
		}
		if len(report.Parts) != 1 || !report.Parts[0].Made || report.Parts[0].Model != "note" ||
			!slices.Equal(report.Parts[0].Tenants, slices.Sorted(slices.Values(covered))) {
			t.Errorf("parts: %+v", report.Parts)
		}
		var left []string
		for _, u := range report.Uncovered {
			left = append(left, u.Tenant)
			if !errors.Is(u.Err, rowhouse.ErrUnsupported) || !strings.Contains(u.Err.Error(), "database of its own") {
				t.Errorf("uncovered: %v", u.Err)
			}
		}
		if !slices.Equal(slices.Sorted(slices.Values(left)), slices.Sorted(slices.Values(uncovered))) {
			t.Errorf("uncovered are %q, want %q", left, uncovered)
		}
		again, err := f.View(t.Context(), notes)
		must(t, err)
		if len(again.Parts) != 1 || again.Parts[0].Made || again.Parts[0].Name != report.Parts[0].Name {
			t.Errorf("again: %+v", again.Parts)
		}
		must(t, f.DropViews(t.Context()))
		must(t, f.DropViews(t.Context(), notes))
		if names := h.parts(t, ""); len(names) > 0 {
			t.Errorf("left: %q", names)
		}
	})
}

// counting counts what is done to views.
type counting struct {
	driver.Driver
	mu    sync.Mutex
	texts []string
}

func (d *counting) Open(ctx context.Context, database string) (driver.DB, error) {
	db, err := d.Driver.Open(ctx, database)
	return &countingDB{db, d}, err
}

func (d *counting) note(text string) {
	if strings.HasPrefix(text, "CREATE") && strings.Contains(text, "VIEW") {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.texts = append(d.texts, text)
	}
}

func (d *counting) taken() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := len(d.texts)
	d.texts = nil
	return n
}

type countingDB struct {
	driver.DB
	d *counting
}

func (db *countingDB) Exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	db.d.note(s.Text)
	return db.DB.Exec(ctx, s)
}

func (db *countingDB) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := db.DB.Begin(ctx, o)
	return &countingTx{tx, db.d}, err
}

type countingTx struct {
	driver.Tx
	d *counting
}

func (tx *countingTx) Exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	tx.d.note(s.Text)
	return tx.Tx.Exec(ctx, s)
}

// following is a fleet with a view, and a count of what is written for it.
type following struct {
	*home
	d   *counting
	db  *rowhouse.DB
	f   *fleet.Fleet
	all []string
}

// wrote fails if more views were written than that since it was asked last.
func (h *following) wrote(t *testing.T, most int, why string) {
	t.Helper()
	if made := h.d.taken(); made > most {
		t.Errorf("%s: %d views were written, want at most %d", why, made, most)
	}
}

// provision makes a tenant, whose part may be split.
func (h *following) provision(t *testing.T, id string, p rowhouse.Placement) {
	t.Helper()
	was := len(h.parts(t, ""))
	must(t, h.f.Provision(t.Context(), fleet.NewTenant{ID: id, Placement: p}))
	h.wrote(t, 1+len(h.parts(t, ""))-was, "a tenant that came")
	h.all = append(h.all, id)
	write(t, h.db, id)
	h.wantViewed(t, h.all...)
	must(t, h.f.Provision(t.Context(), fleet.NewTenant{ID: id}))
	h.wrote(t, 0, "a tenant that was there")
}

// drop drops the first n tenants.
func (h *following) drop(t *testing.T, n int) {
	t.Helper()
	_, err := h.f.DropAll(t.Context(), h.all[:n]...)
	must(t, err)
	h.all = h.all[n:]
	h.wantViewed(t, h.all...)
}

// TestViewFollows has tenants come and go, and counts what is done for that.
func TestViewFollows(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, bare *home) {
		const size = 3
		h := &following{home: bare, d: &counting{Driver: bare.drv}}
		h.db, h.f = noted(t, h.d, size)
		for i := range 8 {
			h.provision(t, fmt.Sprintf("t%d", i), h.placements()[[]string{"prefix", "shared"}[i%2]])
		}
		var list []fleet.NewTenant
		for i := range 12 {
			list = append(list, fleet.NewTenant{ID: fmt.Sprintf("b%d", i)})
			h.all = append(h.all, list[i].ID)
		}
		_, err := h.f.ProvisionAll(t.Context(), list)
		must(t, err)
		parts := h.parts(t, "")
		h.wrote(t, len(parts), "a batch")
		write(t, h.db, h.all[8:]...)
		h.wantViewed(t, h.all...)
		report, err := h.f.View(t.Context())
		must(t, err)
		for _, p := range report.Parts {
			if p.Made || len(p.Tenants) > size+4 { // the shared tables are one
				t.Errorf("part %+v", p)
			}
		}
		h.drop(t, 1)
		h.wrote(t, 1, "a tenant that went")
		h.drop(t, 1)
		h.wrote(t, 0, "a tenant that went from shared tables")
		h.drop(t, 7)
		h.wrote(t, len(parts), "tenants that went")
		for _, name := range h.parts(t, "") {
			if !slices.Contains(parts, name) {
				t.Errorf("a new part %s", name)
			}
		}
		h.drop(t, len(h.all))
		if names := h.parts(t, ""); len(names) > 0 {
			t.Errorf("left: %q", names)
		}
	})
}

// TestViewUnconfigured drops with a fleet that was not told of the views.
func TestViewUnconfigured(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := noted(t, h.drv, 0)
		placements := h.placements()
		delete(placements, "database")
		if !h.drv.Dialect().Has(dialect.Schemas) {
			delete(placements, "schema")
		}
		var all []string
		for kind, p := range placements {
			all = append(all, kind, kind+"2")
			must(t, f.Provision(t.Context(), fleet.NewTenant{ID: kind, Placement: p}))
			must(t, f.Provision(t.Context(), fleet.NewTenant{ID: kind + "2", Placement: p}))
		}
		write(t, db, all...)
		_, plain := open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(notes), Freshness: freshness}, fleet.Options{})
		for i := 0; i < len(all); i += 2 {
			must(t, plain.Drop(t.Context(), all[i]))
			all[i] = ""
			h.wantViewed(t, slices.DeleteFunc(slices.Clone(all), func(id string) bool { return id == "" })...)
		}
	})
}

// many adds tenants by the shortest way: entries, tables, and a row each.
func (h *home) many(t testing.TB, db *rowhouse.DB, n int) (ids []string) {
	t.Helper()
	catalog := db.Catalog().(rowhouse.WritableCatalog)
	home, err := h.drv.Open(t.Context(), "")
	must(t, err)
	defer home.Close()
	var tx driver.Tx
	for i := range n {
		id := fmt.Sprintf("tenant-%d", i)
		ids = append(ids, id)
		must(t, catalog.Add(t.Context(), rowhouse.Entry{ID: id, Placement: rowhouse.Prefix(), State: rowhouse.Active}))
	}
	names := db.HomeNames()
	for i, id := range ids {
		if i%200 == 0 {
			tx, err = home.Begin(t.Context(), driver.TxOptions{})
			must(t, err)
		}
		names.Prefix = id + "_"
		_, err := tx.Exec(t.Context(), &driver.Statement{Write: true, Text: "CREATE TABLE " + names.Table(h.drv.Dialect(), "note") +
			" AS SELECT 1 AS id, '" + id + "' AS text, CAST(NULL AS text) AS more"})
		must(t, err)
		if i%200 == 199 || i == n-1 {
			must(t, tx.Commit(t.Context()))
		}
	}
	return ids
}

// TestViewLarge has more tenants than one view can have.
func TestViewLarge(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			h := engines[engine](t)
			if engine == "sqlite" { // each connection reads the schema again after each change
				drv, err := sqlite.New(testdb.SQLite(t), sqlite.WithConnections(2, 2))
				must(t, err)
				t.Cleanup(func() { must(t, drv.Close()) })
				h = &home{drv: drv}
			}
			db, f := open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(notes), Freshness: time.Hour},
				fleet.Options{Views: rowhouse.Models(notes)})
			must(t, f.Init(t.Context()))
			all := h.many(t, db, 1200)
			report, err := f.View(t.Context())
			must(t, err)
			h.wantViewed(t, all...)
			if len(report.Parts) < 3 || len(report.Parts) > 5 {
				t.Errorf("%d parts", len(report.Parts))
			}
			var viewed []string
			for _, p := range report.Parts {
				viewed = append(viewed, p.Tenants...)
				if len(p.Tenants) > 500 || !p.Made {
					t.Errorf("part %d of %d tenants, made %v", p.Number, len(p.Tenants), p.Made)
				}
			}
			slices.Sort(viewed)
			if !slices.Equal(viewed, slices.Sorted(slices.Values(all))) {
				t.Errorf("the parts have %d tenants", len(viewed))
			}
			must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "one more"}))
			write(t, db, "one more")
			_, err = f.DropAll(t.Context(), all[:3]...)
			must(t, err)
			h.wantViewed(t, append([]string{"one more"}, all[3:]...)...)
			report, err = f.View(t.Context())
			must(t, err)
			for _, p := range report.Parts {
				if p.Made {
					t.Errorf("part %d was not up to date", p.Number)
				}
			}
		})
	}
}

// readOn reads all parts until it is stopped. A part may go, when its tenants have gone.
func (h *home) readOn(t *testing.T) (stop func()) {
	var done atomic.Bool
	var reader sync.WaitGroup
	reader.Go(func() {
		reads := 0
		for ; !done.Load(); reads++ {
			for _, name := range h.parts(t, "") {
				err := h.read("SELECT tenant_id FROM " + dialect.Qualify(h.drv.Dialect(), h.drv.Schema("")) + dialect.Quote(h.drv.Dialect(), name))
				if err != nil && slices.Contains(h.parts(t, ""), name) && !h.drv.Fault(err).Kind.Retryable() {
					t.Errorf("reading %s: %v", name, err)
				}
			}
		}
		t.Logf("it was read %d times", reads)
	})
	return func() {
		done.Store(true)
		reader.Wait()
	}
}

// churn makes tenants and drops every other of them; it returns the others.
func churn(t *testing.T, f *fleet.Fleet, prefix string) (kept []string) {
	for i := range 6 {
		id := fmt.Sprintf("%s-%d", prefix, i)
		if err := f.Provision(t.Context(), fleet.NewTenant{ID: id}); err != nil {
			t.Error(err)
		}
		if i%2 == 0 {
			kept = append(kept, id)
		} else if err := f.Drop(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	return kept
}

// TestViewConcurrent has two fleets make and drop tenants while somebody reads.
func TestViewConcurrent(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, first := noted(t, h.drv, 4)
		_, second := noted(t, h.drv, 4)
		var all []string
		for i := range 6 {
			all = append(all, fmt.Sprintf("stay-%d", i))
			must(t, first.Provision(t.Context(), fleet.NewTenant{ID: all[i]}))
		}
		stop := h.readOn(t)
		var kept [4][]string
		var writers sync.WaitGroup
		for n, f := range []*fleet.Fleet{first, second, first, second} {
			writers.Go(func() { kept[n] = churn(t, f, fmt.Sprintf("w%d", n)) })
		}
		writers.Wait()
		stop()
		all = append(all, slices.Concat(kept[:]...)...)
		write(t, db, all...)
		h.wantViewed(t, all...)
		report, err := first.View(t.Context())
		must(t, err)
		for _, p := range report.Parts {
			if p.Made {
				t.Errorf("part %d was not up to date", p.Number)
			}
		}
	})
}

// TestViewModels has views of two models that refer to each other.
func TestViewModels(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := open(t, h.drv, rowhouse.Options{}, fleet.Options{Views: rowhouse.Models(Comments, Cases, Comments), ViewSize: 2})
		ids := []string{"one", "two", "three", "shared"}
		for _, id := range ids[:3] {
			must(t, f.Provision(t.Context(), fleet.NewTenant{ID: id}))
			works(t, db, id)
		}
		must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "shared", Placement: rowhouse.Shared()}))
		works(t, db, "shared")
		report, err := f.View(t.Context())
		must(t, err)
		rows := map[string]int{}
		for _, p := range report.Parts {
			rows[p.Model] += len(h.query(t, "", "SELECT tenant_id FROM "+p.Name))
		}
		if rows["case"] != 8 || rows["comment"] != 8 || len(rows) != 2 {
			t.Errorf("rows %v in %+v", rows, report.Parts)
		}
		must(t, f.DropViews(t.Context(), Cases))
		report, err = f.View(t.Context())
		must(t, err)
		for _, p := range report.Parts {
			if p.Made != (p.Model == "case") {
				t.Errorf("part %+v", p)
			}
		}
		for i, id := range ids {
			must(t, f.Drop(t.Context(), id))
			report, err := f.View(t.Context())
			must(t, err)
			for _, p := range report.Parts {
				if p.Made || slices.Contains(p.Tenants, id) {
					t.Errorf("after the drop of %d tenants, part %+v", i+1, p)
				}
			}
		}
	})
}

// TestViewInvalid asks for views that cannot be.
func TestViewInvalid(t *testing.T) {
	t.Parallel()
	h := onSQLite(t)
	ctx := t.Context()
	_, f := open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(notes)}, fleet.Options{})
	if _, err := f.View(ctx); !errors.Is(err, rowhouse.ErrInvalid) {
		t.Errorf("of nothing: %v", err)
	}
	if _, err := f.View(ctx, Cases); !errors.Is(err, rowhouse.ErrInvalid) {
		t.Errorf("of a model that is not among them: %v", err)
	}
	if _, err := f.View(ctx, nil); !errors.Is(err, rowhouse.ErrInvalid) {
		t.Errorf("of nil: %v", err)
	}
	if _, err := f.View(ctx, (*rowhouse.Model[note])(nil)); !errors.Is(err, rowhouse.ErrInvalid) {
		t.Errorf("of a nil model: %v", err)
	}
	must(t, f.Provision(ctx, fleet.NewTenant{ID: "acme"}))
	_, f = open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(notes)}, fleet.Options{Views: rowhouse.Models(Cases)})
	if err := f.Provision(ctx, fleet.NewTenant{ID: "other"}); !errors.Is(err, rowhouse.ErrInvalid) {
		t.Errorf("with views that cannot be: %v", err)
	}
	must(t, f.Drop(ctx, "acme"))
	if names := h.parts(t, ""); len(names) > 0 {
		t.Errorf("there are views: %q", names)
	}
	if err := f.DropViews(ctx, Cases); !errors.Is(err, rowhouse.ErrInvalid) {
		t.Errorf("dropping that of a model that is not among them: %v", err)
	}
	_, f = noted(t, h.drv, 501)
	if err := f.Provision(ctx, fleet.NewTenant{ID: "acme"}); !errors.Is(err, rowhouse.ErrInvalid) {
		t.Errorf("too large on SQLite: %v", err)
	}
	if _, err := f.ProvisionAll(ctx, []fleet.NewTenant{{ID: "acme"}}); !errors.Is(err, rowhouse.ErrInvalid) {
		t.Errorf("too large on SQLite, in a batch: %v", err)
	}
	common, err := rowhouse.DefineCommon[shortNote]("plan")
	must(t, err)
	_, f = open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(notes, common)}, fleet.Options{})
	if _, err := f.View(ctx, common); !errors.Is(err, rowhouse.ErrInvalid) {
		t.Errorf("of the common house: %v", err)
	}
	must(t, f.DropViews(ctx))
	taken := rowhouse.MustDefine[shortNote]("all_note_12")
	_, f = open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(notes, taken)}, fleet.Options{})
	if _, err := f.View(ctx, notes); !errors.Is(err, rowhouse.ErrInvalid) || !strings.Contains(err.Error(), "all_note_12") {
		t.Errorf("beside a model of its name: %v", err)
	}
	_, err = f.View(ctx, taken)
	must(t, err)
	_, f = open(t, h.drv, rowhouse.Options{
		Models: rowhouse.Models(notes), Catalog: rowhouse.StaticCatalog{"acme": rowhouse.Prefix()},
	}, fleet.Options{})
	if _, err := f.View(ctx, notes); !errors.Is(err, rowhouse.ErrUnsupported) {
		t.Errorf("with a catalog that does not list: %v", err)
	}
}

// TestViewOfAnother has somebody make views of a tenant's tables, and of ours.
func TestViewOfAnother(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"prefix", "schema"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := onPostgres(t)
			db, f := noted(t, h.drv, 0)
			must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "acme", Placement: h.placements()[kind]}))
			must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "other", Placement: h.placements()[kind]}))
			write(t, db, "acme", "other")
			acme, err := db.Tenant(t.Context(), "acme")
			must(t, err)
			h.exec(t, "", `CREATE VIEW "Report" AS SELECT id FROM `+acme.TableName(notes))
			err = f.Drop(t.Context(), "acme")
			if err == nil || !strings.Contains(err.Error(), `public."Report" is made of its tables`) {
				t.Errorf("with a view of somebody else's: %v", err)
			}
			h.wantViewed(t, "other")
			if n := len(h.query(t, "", `SELECT id::text FROM "Report"`)); n != 1 {
				t.Errorf("somebody's view has %d rows", n)
			}
			h.exec(t, "", `DROP VIEW "Report"`)
			must(t, f.Drop(t.Context(), "acme"))

			h.exec(t, "", `CREATE VIEW sum AS SELECT count(*) FROM rowhouse_all_note_1`)
			var lag *fleet.ViewError
			err = f.Drop(t.Context(), "other")
			if !errors.As(err, &lag) || lag.Model != "note" || lag.View != `"public"."rowhouse_all_note_1"` ||
				!strings.Contains(err.Error(), "the view public.sum is made of it") {
				t.Errorf("the last tenant, with a view of ours in use: %v", err)
			}
			if err := f.DropViews(t.Context()); !errors.As(err, &lag) {
				t.Errorf("%v", err)
			}
			h.exec(t, "", `DROP VIEW sum`)
			must(t, f.Drop(t.Context(), "other"))
		})
	}
}

// TestViewInUse has a reader that does not end.
func TestViewInUse(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"postgres", "mariadb"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			inUse(t, engines[engine](t))
		})
	}
}

func inUse(t *testing.T, h *home) {
	t.Helper()
	db, f := noted(t, h.drv, 0)
	must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "one"}))
	home, err := h.drv.Open(t.Context(), "")
	must(t, err)
	defer home.Close()
	tx, err := home.Begin(t.Context(), driver.TxOptions{})
	must(t, err)
	_, err = tx.Exec(t.Context(), &driver.Statement{Text: "SELECT * FROM rowhouse_all_note_1"})
	must(t, err)
	var lag *fleet.ViewError
	if err := f.Provision(t.Context(), fleet.NewTenant{ID: "two"}); !errors.As(err, &lag) || h.drv.Fault(err).Kind != driver.LockTimeout {
		t.Errorf("while the view is read: %v", err)
	}
	must(t, tx.Rollback(t.Context()))
	write(t, db, "one", "two")
	h.wantViewed(t, "one")
	must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "two"}))
	h.wantViewed(t, "one", "two")
}

// TestViewRowSecurity has a second wall around shared tables, which the view does not open.
func TestViewRowSecurity(t *testing.T) {
	t.Parallel()
	owner, plain := secured(t)
	ctx := t.Context()
	h := &home{drv: postgres.New(plain)}
	db, f := open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(notes), RowSecurity: true}, fleet.Options{})
	must(t, f.Init(ctx))
	must(t, f.Provision(ctx, fleet.NewTenant{ID: "own"}))
	must(t, f.Provision(ctx, fleet.NewTenant{ID: "shared", Placement: rowhouse.Shared()}))
	must(t, f.Provision(ctx, fleet.NewTenant{ID: "shared2", Placement: rowhouse.Shared()}))
	write(t, db, "own", "shared", "shared2")
	report, err := f.View(ctx, notes)
	must(t, err)
	var version int
	must(t, owner.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version))
	if version < 150000 {
		if len(report.Uncovered) != 2 || !errors.Is(report.Uncovered[0].Err, rowhouse.ErrUnsupported) || len(report.Parts) != 1 {
			t.Errorf("%+v", report)
		}
		return
	}
	if len(report.Parts) != 2 || report.Parts[0].Number != 0 || len(report.Parts[0].Tenants) != 2 || len(report.Uncovered) > 0 {
		t.Errorf("%+v", report)
	}
	h.wantViewed(t, "own")
	reader := &home{drv: postgres.New(owner)} // a superuser
	reader.wantViewed(t, "own", "shared", "shared2")
	tx, err := plain.Begin(ctx)
	must(t, err)
	_, err = tx.Exec(ctx, dialect.SetTenant, "shared")
	must(t, err)
	var seen string
	must(t, tx.QueryRow(ctx, "SELECT string_agg(tenant_id, ',') FROM rowhouse_all_note_0").Scan(&seen))
	if seen != "shared" {
		t.Errorf("as one tenant, the rows of %s are seen", seen)
	}
	must(t, tx.Rollback(ctx))
	must(t, f.Drop(ctx, "shared"))
	reader.wantViewed(t, "own", "shared2")
	must(t, f.Drop(ctx, "shared2"))
	if names := reader.parts(t, ""); !slices.Equal(names, []string{"rowhouse_all_note_1"}) {
		t.Errorf("views %q", names)
	}
}

// TestViewAttached reads the view of a SQLite file under another name.
func TestViewAttached(t *testing.T) {
	t.Parallel()
	h := onSQLite(t)
	db, f := noted(t, h.drv, 0)
	must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "acme"}))
	must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "shared", Placement: rowhouse.Shared()}))
	write(t, db, "acme", "shared")
	_, err := h.drv.Create(t.Context(), "other")
	must(t, err)
	other, err := h.drv.Open(t.Context(), "other")
	must(t, err)
	defer other.Close()
	path := h.query(t, "", "SELECT file FROM pragma_database_list WHERE name = 'main'")[0]
	_, err = other.Exec(t.Context(), &driver.Statement{Text: "ATTACH '" + path + "' AS houses", Write: true})
	must(t, err)
	rows, err := other.Query(t.Context(), &driver.Statement{
		Text: "SELECT tenant_id FROM houses.rowhouse_all_note_1 ORDER BY 1", Columns: []dialect.Kind{dialect.Text},
	})
	must(t, err)
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
	}
	must(t, rows.Err())
	if n != 2 {
		t.Errorf("%d rows", n)
	}
}
