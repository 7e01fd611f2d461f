package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
)

// Drop removes a tenant with all its rows, for good: of tables that are not in a schema or a
// database of the tenant's own, those of the models that this program knows.
//
// From its beginning on, the tenant's
// statements are refused, by this process at once, by others within
// [rowhouse.Options.Freshness]; then its tables go, or its schema or database as a whole with
// all that is in them, or, under Shared, its rows; and at last its entry.
//
// Rows in shared tables are deleted only after Freshness has passed, when no process writes more
// of them. A transaction that began before and lasts longer than that can leave rows behind; a
// new tenant of that id is then refused ([*OccupiedError]).
//
// Before its tables go, the tenant is taken out of the views that [Fleet.View] made; if its part of one
// cannot be changed, that is a [*ViewError], and the tables stay. A view of somebody else's that is made
// of its tables is an error on PostgreSQL; on other engines it breaks.
//
// An error leaves the tenant in the state dropping, and the next Drop goes on. A tenant that is
// not known wraps [rowhouse.ErrUnknownTenant], one that another worker has is a [*StateError].
// A database on a server that the driver does not know (its WithConnect) has to be dropped there
// first.
func (f *Fleet) Drop(ctx context.Context, id string) error {
	_, err := f.DropAll(ctx, id)
	return err
}

// DropAll is [Fleet.Drop] of many, [Options.Workers] at a time; those that are placed Shared
// wait for Freshness together. A failure of one does not keep the others. It returns which were
// dropped and which were not; a tenant that is neither was not begun, because ctx had ended. The
// error is nil only if all were dropped; otherwise it wraps that of the first that failed.
func (f *Fleet) DropAll(ctx context.Context, ids ...string) (Result, error) {
	b := f.newBatch("drop", ids)
	for from := 0; from < len(ids) && ctx.Err() == nil; from += dropStep {
		f.dropSome(ctx, b, from, min(from+dropStep, len(ids)))
	}
	return b.result(ctx, f)
}

// dropStep is how many tenants are in the state dropping, and their leases renewed, at once.
const dropStep = 200

func (f *Fleet) dropSome(ctx context.Context, b *batch, from, to int) {
	drops := make([]*dropping, len(b.items))
	b.last = false
	b.each(ctx, from, to, func(i int) (err error) {
		drops[i], err = f.condemn(ctx, b.items[i].id)
		return err
	})
	begun := func(i int) bool { return drops[i] != nil }
	if slices.ContainsFunc(drops, func(d *dropping) bool { return d != nil }) {
		if err := f.refresh(ctx); err != nil {
			b.failRest(err, begun)
		} else if err := f.settle(ctx, drops); err != nil {
			b.failRest(err, begun)
		} else if held, err := f.leaveViews(ctx, drops); err != nil {
			b.failRest(err, func(i int) bool { d := drops[i]; return d.viewed() && !d.house.Shared && held(d.entry.ID) })
		}
	}
	b.last = true
	b.each(ctx, from, to, func(i int) error { return drops[i].finish(ctx) })
	if err := context.Cause(ctx); err != nil {
		b.failRest(err, begun)
	}
	for _, d := range drops {
		d.abandon(ctx)
	}
}

// settle waits until no process writes rows of the tenants that are placed Shared.
func (f *Fleet) settle(ctx context.Context, drops []*dropping) error {
	var last time.Time
	for _, d := range drops {
		if d != nil && d.house.Shared && d.since.After(last) {
			last = d.since
		}
	}
	if last.IsZero() {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(last.Add(f.db.Options().Freshness))):
		return nil
	}
}

// dropping is a tenant that is being removed.
type dropping struct {
	f     *Fleet
	entry rowhouse.Entry
	house rowhouse.House
	since time.Time       // when its state was recorded
	work  context.Context //nolint:containedctx // it ends with the lease, which several calls work under
	lease *lease          // nil with a catalog that records nothing
}

// condemn records that the tenant is being removed.
func (f *Fleet) condemn(ctx context.Context, id string) (*dropping, error) {
	if err := rowhouse.CheckTenant(id); err != nil {
		return nil, err
	}
	w, ok := f.db.Catalog().(rowhouse.WritableCatalog)
	if !ok {
		e, err := f.db.Catalog().Tenant(ctx, id)
		if err != nil {
			return nil, err
		}
		house, err := f.db.House(e)
		return &dropping{f: f, entry: e, house: house, since: time.Now(), work: ctx}, err
	}
	if err := f.checkHalfMade(ctx, w, id); err != nil {
		return nil, err
	}
	e, err := f.take(ctx, w, id, func(e *rowhouse.Entry) error {
		if leased(e) {
			return &StateError{Tenant: id, State: e.State, Until: e.LeaseUntil}
		}
		e.State = rowhouse.Dropping
		return nil
	})
	if err != nil {
		return nil, err
	}
	d := &dropping{f: f, entry: e, since: time.Now()}
	d.work, d.lease = f.hold(ctx, w, e)
	if d.house, err = f.db.House(e); err != nil {
		d.abandon(ctx)
		return nil, err
	}
	return d, nil
}

// checkHalfMade refuses to remove the tables of a tenant that was never active if they are not
// what was to be made: then they may not be the tenant's.
func (f *Fleet) checkHalfMade(ctx context.Context, w rowhouse.WritableCatalog, id string) error {
	e, err := w.Tenant(ctx, id)
	if err != nil || e.State != rowhouse.Provisioning || leased(&e) {
		return err
	}
	house, err := f.db.House(e)
	if err != nil || house.Shared || house.Database != "" {
		return err
	}
	p, err := f.planOf(house)
	if err != nil {
		return err
	}
	s, err := f.enter(ctx, id, house, p)
	if err != nil {
		return err
	}
	_, err = s.standing(ctx, s.db, true)
	return errors.Join(err, s.leave())
}

// removals is how often a removal is tried: other processes may be in the middle of statements on
// the tenant's tables, and the database may choose to break a deadlock with them here.
const removals = 5

// finish removes what there is of the tenant, and then its entry.
func (d *dropping) finish(ctx context.Context) error {
	err := d.remove(d.work)
	for again := 1; again < removals && d.f.fault(err).Retryable(); again++ {
		err = d.remove(d.work)
	}
	if d.lease == nil {
		return err
	}
	if err == nil {
		err = d.lease.forget(ctx)
	}
	if err == nil {
		d.lease = nil
		return nil
	}
	if lost := context.Cause(d.work); errors.Is(lost, errLost) {
		return errors.Join(err, lost)
	}
	return fmt.Errorf("%w (it stays dropping: the next Drop goes on with it)", err)
}

// abandon lets others have what was not finished.
func (d *dropping) abandon(ctx context.Context) {
	if d == nil || d.lease == nil {
		return
	}
	ctx, cancel := regardless(ctx)
	defer cancel()
	_ = d.lease.release(ctx) // otherwise the lease ends by itself
}

func (d *dropping) remove(ctx context.Context) error {
	if d.house.Database != "" {
		return d.removeDatabase(ctx)
	}
	p, err := d.f.planOf(d.house)
	if err != nil {
		return err
	}
	s, err := d.f.enter(ctx, d.entry.ID, d.house, p)
	if err != nil {
		return err
	}
	err = s.checkViewed(ctx, d.house)
	switch {
	case err != nil:
	case d.house.Shared:
		err = s.deleteShared(ctx)
	case d.house.Schema != "":
		err = s.exec(ctx, s.db, dropSchema(p.d, d.house.Schema))
	default:
		err = s.removeTables(ctx)
	}
	return errors.Join(err, s.leave())
}

// How long a database is waited for that this process still uses, and how often it is tried.
const (
	closingTime = 3 * time.Second
	closingStep = 20 * time.Millisecond
)

// removeDatabase removes the tenant's database once this process has let go of it: a file that
// is open cannot be removed without losing what is being written to it.
func (d *dropping) removeDatabase(ctx context.Context) error {
	d.f.db.CloseDatabase(d.house.Database)
	for until := time.Now().Add(closingTime); ; {
		err := d.f.db.Driver().Drop(ctx, d.house.Database)
		if err == nil || d.f.fault(err) != driver.NoFault || time.Now().After(until) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(closingStep):
		}
	}
}

// removeTables removes a tenant's own tables from a schema that others are in too.
func (s *site) removeTables(ctx context.Context) error {
	standing, err := s.standing(ctx, s.db, false)
	if err != nil {
		return err
	}
	if len(standing) == 0 {
		return nil
	}
	if isMySQL(s.p.d) {
		return s.removeMySQL(ctx)
	}
	_, err = s.atomically(ctx, func(tx driver.Runner) error {
		if s.p.d.Name() == "sqlite" { // it deletes the rows one by one, minding references
			for _, r := range loosened(s.p.tables, s.p.against) {
				if text, ok := loosen(s.p, s.names, r); ok && standing[r.table] {
					if err := s.exec(ctx, tx, text); err != nil {
						return err
					}
				}
			}
		}
		return s.execAll(ctx, tx, dropTables(s.p, s.names))
	})
	return err
}

// removeMySQL first removes the references that no order of the tables does justice to.
func (s *site) removeMySQL(ctx context.Context) error {
	list, err := s.list(ctx, s.db, referencesOf(s.schema))
	if err != nil {
		return err
	}
	var drops []string
	for _, r := range s.p.against {
		for _, row := range list {
			if row[0] == s.physical(r.key.Name) {
				drops = append(drops, dropReference(s.p.d, s.names, r.table, r.key.Name))
			}
		}
	}
	return s.execAll(ctx, s.db, append(drops, dropTables(s.p, s.names)...))
}

func (s *site) execAll(ctx context.Context, r driver.Runner, statements []string) error {
	for _, text := range statements {
		if err := s.exec(ctx, r, text); err != nil {
			return err
		}
	}
	return nil
}
