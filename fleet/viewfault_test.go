package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/fleet"
)

func (h *home) read(text string) error {
	db, err := h.drv.Open(context.Background(), "")
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.Query(context.Background(), &driver.Statement{Text: text, Columns: []dialect.Kind{dialect.Text}})
	if err != nil {
		return err
	}
	for rows.Next() {
		continue
	}
	return errors.Join(rows.Err(), rows.Close())
}

// TestViewFailure lets each step fail of making views, changing them and removing them, in every way,
// and looks at what readers find then.
func TestViewFailure(t *testing.T) {
	t.Parallel()
	for engine, start := range engines {
		for way, w := range failures {
			t.Run(engine+"/"+way, func(t *testing.T) {
				t.Parallel()
				h := start(t)
				db, f := open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(notes)}, fleet.Options{})
				d := &faulty{Driver: h.drv, happens: w.happens}
				_, broken := noted(t, d, 2)
				var all []string
				for n := int64(1); n < 12; n++ {
					for range 2 { // so that parts are made, changed and split
						id := fmt.Sprintf("t%d", len(all))
						must(t, f.Provision(t.Context(), fleet.NewTenant{ID: id}))
						all = append(all, id)
						write(t, db, id)
					}
					fired := h.breaks(t, d, n, w.cancels, func(ctx context.Context) error {
						_, err := broken.View(ctx)
						return err
					})
					_, err := broken.View(t.Context())
					must(t, err)
					h.wantViewed(t, all...)
					if !fired {
						break
					}
				}
				for n := int64(1); h.breaks(t, d, n, w.cancels, func(ctx context.Context) error { return broken.DropViews(ctx) }); n++ {
					_, err := broken.View(t.Context())
					must(t, err)
				}
				if names := h.parts(t, ""); len(names) > 0 {
					t.Errorf("left: %q", names)
				}
			})
		}
	}
}

// breaks lets the n-th step of fn fail, and reports whether there was one. What views there are then
// can be read.
func (h *home) breaks(t *testing.T, d *faulty, n int64, cancels bool, fn func(ctx context.Context) error) bool {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if d.stop = nil; cancels {
		d.stop = cancel
	}
	d.arm(n)
	err := fn(ctx)
	fired := d.fired.Load()
	d.arm(0)
	var lag *fleet.ViewError
	switch {
	case err == nil && fired && !cancels:
		t.Errorf("step %d failed without an error", n)
	case err != nil && !errors.As(err, &lag) && !errors.Is(err, context.Canceled) && !errors.Is(err, errInjected):
		t.Errorf("step %d: %v", n, err)
	}
	h.viewed(t)
	return fired
}

// TestViewMissing has tables that do not fit the view.
func TestViewMissing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(notes)}, fleet.Options{})
		for _, id := range []string{"gone", "lacks", "more", "right"} {
			must(t, f.Provision(t.Context(), fleet.NewTenant{ID: id}))
		}
		write(t, db, "lacks", "more", "right")
		d := h.drv.Dialect()
		table := func(id string) string {
			names := db.HomeNames()
			names.Prefix = id + "_"
			return names.Table(d, "note")
		}
		h.exec(t, "", "DROP TABLE "+table("gone"))
		h.exec(t, "", "ALTER TABLE "+table("lacks")+" DROP COLUMN more")
		h.exec(t, "", "ALTER TABLE "+table("more")+" ADD COLUMN own integer")
		report, err := f.View(t.Context(), notes)
		must(t, err)
		h.wantViewed(t, "more", "right")
		if len(report.Uncovered) != 2 || report.Uncovered[0].Tenant != "gone" || !errors.Is(report.Uncovered[0].Err, rowhouse.ErrMissingTable) ||
			report.Uncovered[1].Tenant != "lacks" || !strings.Contains(report.Uncovered[1].Err.Error(), `lacks the column "more"`) {
			t.Errorf("uncovered: %+v", report.Uncovered)
		}
		if len(report.Parts) != 1 || len(report.Parts[0].Tenants) != 2 {
			t.Errorf("parts: %+v", report.Parts)
		}
		again, err := f.View(t.Context(), notes)
		must(t, err)
		if len(again.Uncovered) != 2 || len(again.Parts) != 1 || again.Parts[0].Made {
			t.Errorf("again: %+v", again)
		}
		h.exec(t, "", "ALTER TABLE "+table("lacks")+" ADD COLUMN more text")
		report, err = f.View(t.Context(), notes)
		must(t, err)
		h.wantViewed(t, "lacks", "more", "right")
		if len(report.Uncovered) != 1 {
			t.Errorf("uncovered: %+v", report.Uncovered)
		}
		must(t, f.Drop(t.Context(), "gone"))
		remove := "DROP TABLE " + table("right")
		if d.Name() == "postgres" {
			remove += " CASCADE" // with the view
		}
		h.exec(t, "", remove)
		_, keeping := noted(t, h.drv, 0)
		must(t, keeping.Drop(t.Context(), "right"))
		h.wantViewed(t, "lacks", "more")
	})
}

type shortNote struct {
	ID   int64  `db:"id,pk,auto"`
	Text string `db:"text,size:100"`
}

// TestViewColumns has models of other columns, over the same tables.
func TestViewColumns(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(notes)}, fleet.Options{})
		must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "acme"}))
		write(t, db, "acme")
		short := rowhouse.MustDefine[shortNote]("note")
		_, less := open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(short)}, fleet.Options{})
		view := "SELECT %s FROM " + db.HomeNames().Table(h.drv.Dialect(), "rowhouse_all_note_1")
		for range 2 {
			report, err := less.View(t.Context(), short)
			must(t, err)
			if len(report.Parts) != 1 || !report.Parts[0].Made {
				t.Errorf("%+v", report)
			}
			h.wantViewed(t, "acme")
			if err := h.read(fmt.Sprintf(view, "more")); err == nil {
				t.Error("the view has a column that the model has not")
			}
			_, err = f.View(t.Context(), notes)
			must(t, err)
			h.wantViewed(t, "acme")
			if err := h.read(fmt.Sprintf(view, "more")); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestViewBroken takes a table away under a view, where the engine lets it go.
func TestViewBroken(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "mariadb"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			h := engines[engine](t)
			db, f := noted(t, h.drv, 0)
			for _, id := range []string{"gone", "here"} {
				must(t, f.Provision(t.Context(), fleet.NewTenant{ID: id}))
			}
			write(t, db, "here")
			names := db.HomeNames()
			names.Prefix = "gone_"
			h.exec(t, "", "DROP TABLE "+names.Table(h.drv.Dialect(), "note"))
			report, err := f.View(t.Context())
			must(t, err)
			h.wantViewed(t, "here")
			if len(report.Uncovered) != 1 || !errors.Is(report.Uncovered[0].Err, rowhouse.ErrMissingTable) || !report.Parts[0].Made {
				t.Errorf("%+v", report)
			}
		})
	}
}

// TestViewStuck drops tenants while one part cannot be changed: only those in it stay.
func TestViewStuck(t *testing.T) {
	t.Parallel()
	h := onPostgres(t)
	db, f := noted(t, h.drv, 1)
	ids := []string{"one", "two", "three", "four"}
	for _, id := range ids {
		must(t, f.Provision(t.Context(), fleet.NewTenant{ID: id}))
	}
	write(t, db, ids...)
	report, err := f.View(t.Context())
	must(t, err)
	kept := report.Parts[0].Tenants[0]
	h.exec(t, "", "CREATE VIEW sum AS SELECT count(more) FROM "+report.Parts[0].Name)
	short := rowhouse.MustDefine[shortNote]("note")
	_, less := open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(short), Freshness: freshness}, fleet.Options{ViewSize: 1})
	other := report.Parts[1].Tenants[0]
	must(t, less.Drop(t.Context(), other)) // for want of a column, the part would have to be made anew
	h.wantViewed(t, slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == other })...)
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == other })
	var lag *fleet.ViewError
	result, err := less.DropAll(t.Context(), ids...)
	if !errors.As(err, &lag) || lag.View != report.Parts[0].Name {
		t.Errorf("dropping all: %v", err)
	}
	if len(result.Done) != 2 || len(result.Failed) != 1 || result.Failed[0].Tenant != kept {
		t.Errorf("dropping all but %s: %+v", kept, result)
	}
	h.wantViewed(t, kept)
	h.exec(t, "", "DROP VIEW sum")
	must(t, less.Drop(t.Context(), kept))
	if names := h.parts(t, ""); len(names) > 0 {
		t.Errorf("left: %q", names)
	}
}
