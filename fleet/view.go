package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
)

// ViewReport is what the views over all tenants' tables are now.
type ViewReport struct {
	Parts []ViewPart // by model, and by number

	// Uncovered are tenants whose rows no view has, each with the reason: their database is one of
	// their own ([rowhouse.ErrUnsupported]), or their table does not exist
	// ([rowhouse.ErrMissingTable]), or lacks a column.
	Uncovered []Failure
}

// ViewPart is one of the views that a model's view is split into.
type ViewPart struct {
	Model   string
	Number  uint64
	Name    string   // in full and quoted: "public"."rowhouse_all_case_1"
	Tenants []string // in order
	Made    bool     // or replaced, by this call
}

// ViewError is a view that could not be brought up to date. [Fleet.Provision] and
// [Fleet.ProvisionAll] return it, wrapped, for tenants that are made and active all the same; the
// next call of any kind that keeps the view tries again.
type ViewError struct {
	Model string // "" if it goes for all views
	View  string // the part's full name
	Err   error
}

// Error names the view.
func (e *ViewError) Error() string {
	if e.View == "" {
		return fmt.Sprintf("the views over all tenants are not up to date: %v", e.Err)
	}
	return fmt.Sprintf("the view %s is not up to date: %v", e.View, e.Err)
}

// Unwrap returns what went wrong.
func (e *ViewError) Unwrap() error { return e.Err }

// View makes, or brings up to date, a database view over all tenants' tables of each model; without
// models, of those in [Options.Views]. The view's first column is the tenant's id, called as
// [rowhouse.Options.Discriminator] says; the others are the model's, in their order. It is meant for
// tools that read, and that nobody else has to be kept from: whoever may read the view reads every
// tenant's rows.
//
// A view has the rows of tenants that are active or suspended, and of shared tables every row that is
// in them, also those that are softly deleted. It is split into parts of at most
// [Options.ViewSize] tenants, views in the home schema called rowhouse_all_{model}_{number}; a part
// stays, with its number, for as long as it has tenants, and a tenant is in one only. Numbers are not
// without gaps. Parts that are as they should be are not touched; those that have broken are made anew.
//
// Tenants with a database of their own, on SQLite those with a schema of their own too, are in no
// view; nor is one whose table is missing, or lacks a column. The report lists them. With
// [rowhouse.Options.RowSecurity], shared tables are in a part of their own, number 0, which is read
// with the rights of its reader: it needs PostgreSQL 15, and a reader for whom row-level security
// does not hold, and who may read the table itself. Otherwise those tenants are not covered.
//
// What of it has failed is a [*ViewError] each, joined; the report has what was done. It may be
// called by several processes at once, and again after any failure. It needs a
// [rowhouse.WritableCatalog], and two connections of the home's pool.
func (f *Fleet) View(ctx context.Context, models ...rowhouse.AnyModel) (ViewReport, error) {
	r := &refreshing{}
	list, err := f.views.models, f.views.err
	if len(models) > 0 {
		list, err = f.viewedAll(models)
	} else if err == nil && len(list) == 0 {
		err = fmt.Errorf("name a model, or set Options.Views: %w", rowhouse.ErrInvalid)
	}
	if err == nil {
		err = f.views.alone(ctx, func() error {
			r, err = f.refreshViews(ctx, list, true)
			return err
		})
	}
	if err != nil {
		return r.report, fmt.Errorf("fleet: view: %w", err)
	}
	return r.report, nil
}

// DropViews removes the views that [Fleet.View] made for models, or, without models, for all that
// this program knows. That there are none is no error. On PostgreSQL a view that others are made of
// is not removed, and is a [*ViewError].
//
// Fleets with [Options.Views] make them again.
func (f *Fleet) DropViews(ctx context.Context, models ...rowhouse.AnyModel) error {
	list, err := f.viewedAll(models)
	if len(models) == 0 {
		list = f.viewable()
	}
	if err == nil {
		err = f.views.alone(ctx, func() error { return f.removeViews(ctx, list) })
	}
	if err != nil {
		return fmt.Errorf("fleet: drop views: %w", err)
	}
	return nil
}

// views is what a fleet knows of the views that it keeps.
type views struct {
	models []viewed // Options.Views
	size   int
	err    error // of Options.Views

	turn  chan struct{} // taken by the one goroutine that changes views
	asked atomic.Int64  // how many times views were to be kept up to date
	kept  int64         // up to which of these they are; guarded by turn
}

// alone runs fn while no other goroutine changes views.
func (v *views) alone(ctx context.Context, fn func() error) error {
	select {
	case v.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-v.turn }()
	return fn()
}

// defaultViewSize keeps far from the number of tables at which PostgreSQL has no room for another
// lock; it is also as many as SQLite takes.
const (
	defaultViewSize = 500
	sqliteViewSize  = 500
)

func (f *Fleet) initViews() {
	f.views.turn = make(chan struct{}, 1)
	if f.views.size = f.o.ViewSize; f.views.size <= 0 {
		f.views.size = defaultViewSize
	}
	f.views.models, f.views.err = f.viewedAll(f.o.Views)
}

// viewedAll checks the models that are to have views.
func (f *Fleet) viewedAll(models []rowhouse.AnyModel) ([]viewed, error) {
	if len(models) == 0 {
		return nil, nil
	}
	if _, err := f.writable(); err != nil {
		return nil, fmt.Errorf("views: %w", err)
	}
	if f.d.Name() == "sqlite" && f.views.size > sqliteViewSize {
		return nil, fmt.Errorf("Options.ViewSize is %d; SQLite puts at most %d tables together: %w",
			f.views.size, sqliteViewSize, rowhouse.ErrInvalid)
	}
	var list []viewed
	var errs []error
	for _, m := range models {
		v, err := f.viewedOf(m)
		if err != nil {
			errs = append(errs, err)
		} else if !includes(list, v) {
			list = append(list, v)
		}
	}
	return list, errors.Join(errs...)
}

func includes(list []viewed, v viewed) bool {
	return slices.ContainsFunc(list, func(o viewed) bool { return o.model == v.model })
}

func (f *Fleet) viewedOf(m rowhouse.AnyModel) (viewed, error) {
	tables, at := f.db.Tables(false), -1
	if slices.Contains(f.db.Options().Models, m) {
		at = slices.IndexFunc(tables, func(t dialect.Table) bool { return t.Name == m.Name() })
	}
	if at < 0 {
		return viewed{}, fmt.Errorf("a view of a %T that is not among the tenants' models (rowhouse.Options.Models): %w", m, rowhouse.ErrInvalid)
	}
	v := viewed{model: m.Name()}
	for _, c := range tables[at].Columns {
		v.columns = append(v.columns, c.Name)
	}
	// With the prefix rowhouse_, the table of a tenant that is called so must not be a view.
	for _, t := range tables {
		for _, object := range t.Objects() {
			if _, ok := numberOf(viewBase(f.d, m.Name()), ownPrefix+object); ok {
				return viewed{}, fmt.Errorf("a view of model %q: the name %q of model %q is kept for it; rename that: %w",
					m.Name(), strings.ToLower(object), t.Name, rowhouse.ErrInvalid)
			}
		}
	}
	return v, nil
}

// viewable are all models that can have views.
func (f *Fleet) viewable() (list []viewed) {
	for _, m := range f.db.Options().Models {
		if v, err := f.viewedOf(m); err == nil {
			list = append(list, v)
		}
	}
	return list
}

// ownPrefix begins the names of what belongs to no tenant.
const ownPrefix = "rowhouse_"

// keepViews brings the views of Options.Views up to date. Callers who wait meanwhile have their
// changes in the next refresh together.
func (f *Fleet) keepViews(ctx context.Context) error {
	if len(f.views.models) == 0 {
		return nil
	}
	mine := f.views.asked.Add(1)
	return f.views.alone(ctx, func() error {
		if f.views.kept >= mine {
			return nil
		}
		all := f.views.asked.Load()
		_, err := f.refreshViews(ctx, f.views.models, false)
		if err == nil {
			f.views.kept = all
		}
		return err
	})
}

// leaveViews takes tenants that are being removed out of the views that there are, whoever made them.
// After an error, held tells who may still be in one.
func (f *Fleet) leaveViews(ctx context.Context, drops []*dropping) (held func(tenant string) bool, err error) {
	held = func(string) bool { return true }
	if !slices.ContainsFunc(drops, (*dropping).viewed) {
		return held, nil
	}
	err = f.views.alone(ctx, func() error {
		models, err := f.standingModels(ctx)
		if err != nil || len(models) == 0 {
			return err
		}
		r, err := f.refreshViews(ctx, models, false)
		held = r.holds
		return err
	})
	return held, err
}

// viewed reports a tenant whose tables can be in a view. What goes from shared tables goes from their
// view by itself.
func (d *dropping) viewed() bool {
	return d != nil && d.lease != nil && d.house.Database == ""
}

// standingModels are the models that have views now, or are to have some.
func (f *Fleet) standingModels(ctx context.Context) (models []viewed, err error) {
	s, err := f.enter(ctx, "", rowhouse.House{Names: f.db.HomeNames()}, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.leave()) }()
	standing, err := s.standingViews(ctx, s.db)
	if err != nil {
		return nil, err
	}
	models = slices.Clone(f.views.models)
	for _, v := range f.viewable() {
		if !includes(models, v) && len(f.partsOf(v, standing)) > 0 {
			models = append(models, v)
		}
	}
	return models, nil
}
