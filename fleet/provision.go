package fleet

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/rowhouse/rowhouse"
)

// NewTenant is a tenant to be made.
type NewTenant struct {
	ID string

	// Placement is where it is to be, {tenant} standing for its id. The zero value is
	// [rowhouse.Options.Placement], or, for a tenant that exists, wherever that is.
	Placement rowhouse.Placement

	// Labels are recorded in the catalog with a tenant that is new or half-made. Those of one
	// that is active stay as they are.
	Labels map[string]string
}

// Provision makes a tenant: its entry in the catalog, its tables, and, once these are there,
// the entry's state active. This process sees the tenant when Provision returns, others within
// [rowhouse.Options.Freshness].
//
// With [Options.Views], the tenant is then in these views; if that fails, the error is a
// [*ViewError], and the tenant is active all the same.
//
// For a tenant that is active already, in the same place, it does no more. One that a failure
// left half-made, it completes: tables that are there are kept if their columns are the right
// ones. A first attempt never takes over what was there before it: it fails with an
// [*OccupiedError], and leaves no entry. If the attempt fails otherwise, what it made is removed,
// and the entry too; see the package documentation for when that is not possible.
//
// A tenant that is suspended, being removed, or in the hands of another worker is a
// [*StateError]; a place that cannot be wraps [rowhouse.ErrPlacement].
func (f *Fleet) Provision(ctx context.Context, n NewTenant) error {
	err := f.views.err
	if err == nil {
		err = f.provision(ctx, n)
	}
	if err == nil {
		err = f.refresh(ctx)
	}
	if err == nil {
		err = f.keepViews(ctx)
	}
	if err != nil {
		return fmt.Errorf("fleet: provision tenant %q: %w", n.ID, err)
	}
	return nil
}

// provision is Provision without the last look at the catalog.
func (f *Fleet) provision(ctx context.Context, n NewTenant) error {
	if err := rowhouse.CheckTenant(n.ID); err != nil {
		return err
	}
	e, err := f.db.Catalog().Tenant(ctx, n.ID)
	w, writable := f.db.Catalog().(rowhouse.WritableCatalog)
	switch {
	case err == nil && writable:
		return f.provisionAgain(ctx, w, e, n)
	case err == nil:
		return f.provisionListed(ctx, e, n)
	case errors.Is(err, rowhouse.ErrUnknownTenant) && writable:
		return f.provisionNew(ctx, w, n)
	}
	return err
}

// provisionNew makes a tenant that the catalog does not know.
func (f *Fleet) provisionNew(ctx context.Context, w rowhouse.WritableCatalog, n NewTenant) error {
	p := n.Placement
	if p == (rowhouse.Placement{}) {
		p = f.db.Options().Placement
	}
	p, err := p.For(f.d, n.ID)
	if err != nil {
		return err
	}
	e := rowhouse.Entry{ID: n.ID, Placement: p, State: rowhouse.Provisioning, Labels: maps.Clone(n.Labels)}
	house, err := f.db.House(e)
	if err != nil {
		return err
	}
	if house.Shared {
		return f.provisionShared(ctx, w, e, house, n)
	}
	e.LeaseUntil = f.leaseEnd()
	if again, err := f.add(ctx, w, e); again != nil || err != nil {
		if err == nil {
			err = f.provisionAgain(ctx, w, *again, n)
		}
		return err
	}
	return f.complete(ctx, w, e, house, false)
}

// provisionShared makes a tenant whose tables exist already: there is nothing to be half-made.
func (f *Fleet) provisionShared(ctx context.Context, w rowhouse.WritableCatalog, e rowhouse.Entry, h rowhouse.House, n NewTenant) error {
	if err := f.ensureShared(ctx); err != nil {
		return err
	}
	if err := f.strangers(ctx, e.ID, h); err != nil {
		return err
	}
	e.State = rowhouse.Active
	again, err := f.add(ctx, w, e)
	if again != nil && err == nil {
		return f.provisionAgain(ctx, w, *again, n)
	}
	return err
}

// add records a new tenant. It makes the catalog's tables if there are none. If somebody else
// was faster, it returns what that one recorded.
func (f *Fleet) add(ctx context.Context, w rowhouse.WritableCatalog, e rowhouse.Entry) (*rowhouse.Entry, error) {
	err := record(ctx, func(ctx context.Context) error { return w.Add(ctx, e) })
	if errors.Is(err, rowhouse.ErrMissingTable) || errors.Is(err, rowhouse.ErrCatalog) { // no tables, or no first row
		if err := f.init(ctx); err != nil {
			return nil, err
		}
		err = record(ctx, func(ctx context.Context) error { return w.Add(ctx, e) })
	}
	if !errors.Is(err, rowhouse.ErrConflict) || errors.Is(err, rowhouse.ErrPlacement) {
		return nil, err
	}
	other, err := w.Tenant(ctx, e.ID)
	return &other, err
}

// provisionAgain goes on with a tenant that the catalog knows.
func (f *Fleet) provisionAgain(ctx context.Context, w rowhouse.WritableCatalog, e rowhouse.Entry, n NewTenant) error {
	if err := f.samePlace(e, n); err != nil {
		return err
	}
	if e.State == rowhouse.Active {
		return nil
	}
	house, err := f.db.House(e)
	if err != nil {
		return err
	}
	if house.Shared {
		if err := f.ensureShared(ctx); err != nil {
			return err
		}
	}
	e, err = f.take(ctx, w, e.ID, func(e *rowhouse.Entry) error {
		if n.Labels != nil {
			e.Labels = maps.Clone(n.Labels)
		}
		return provisionable(e)
	})
	if err != nil {
		var state *StateError
		if errors.As(err, &state) && state.State == rowhouse.Active {
			return nil // another worker has completed it just now
		}
		return err
	}
	return f.complete(ctx, w, e, house, true)
}

// samePlace refuses to make a tenant in another place than where it is.
func (f *Fleet) samePlace(e rowhouse.Entry, n NewTenant) error {
	if n.Placement == (rowhouse.Placement{}) {
		return nil
	}
	p, err := n.Placement.For(f.d, n.ID)
	if err != nil {
		return err
	}
	if p != e.Placement {
		return &StateError{Tenant: e.ID, State: e.State, advice: fmt.Sprintf("its placement is %s and not %s", e.Placement, p)}
	}
	return nil
}

// provisionable reports why a tenant that the catalog knows cannot be made now.
func provisionable(e *rowhouse.Entry) error {
	state := &StateError{Tenant: e.ID, State: e.State}
	switch {
	case e.State == rowhouse.Provisioning && !leased(e):
		return nil
	case e.State == rowhouse.Provisioning:
		state.Until = e.LeaseUntil
	case e.State == rowhouse.Suspended:
		state.advice = "Resume it"
	case e.State == rowhouse.Dropping:
		state.advice = "finish the Drop, then make it anew"
	}
	return state
}

// complete makes the tables of a tenant whose lease was just recorded, and records the outcome.
func (f *Fleet) complete(ctx context.Context, w rowhouse.WritableCatalog, e rowhouse.Entry, h rowhouse.House, keep bool) error {
	work, l := f.hold(ctx, w, e)
	a := &attempt{f: f, tenant: e.ID, house: h, keep: keep}
	err := f.attempt(work, a)
	if lost := context.Cause(work); err != nil && errors.Is(lost, errLost) {
		err = errors.Join(err, lost)
	}
	ctx, cancel := regardless(ctx)
	defer cancel()
	if err == nil {
		return l.finish(ctx, rowhouse.Active)
	}
	if keep || a.left {
		if errors.Is(l.release(ctx), errLost) {
			return err
		}
		return fmt.Errorf("%w (it stays provisioning: the next Provision goes on with it)", err)
	}
	return errors.Join(err, l.forget(ctx))
}

// attempt makes a tenant's tables; shared ones exist already.
func (f *Fleet) attempt(ctx context.Context, a *attempt) (err error) {
	if a.house.Shared {
		return nil
	}
	if err := f.ensureCommon(ctx); err != nil {
		return err
	}
	if a.p, err = f.planOf(a.house); err != nil {
		return err
	}
	return a.run(ctx)
}

// provisionListed makes the tables of a tenant in a catalog that records nothing.
func (f *Fleet) provisionListed(ctx context.Context, e rowhouse.Entry, n NewTenant) error {
	if err := f.samePlace(e, n); err != nil {
		return err
	}
	house, err := f.db.House(e)
	if err != nil {
		return err
	}
	if house.Shared {
		return f.ensureShared(ctx)
	}
	return f.attempt(ctx, &attempt{f: f, tenant: e.ID, house: house, keep: true})
}
