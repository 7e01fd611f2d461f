package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// Extend gives tenants a column of their own in a model, whose struct has a [rowhouse.Extra] for it.
// The column is added to a tenant's table before any program sees it, and rows that are there get its
// default. In shared tables the model's document has it, and there is nothing to add. This process sees
// the column when Extend returns, others within [rowhouse.Options.Freshness].
//
// A tenant that has the column already is done. One that has it with another type, default or index
// wraps [rowhouse.ErrConflict]; a name that is a column of the model, or another's of the tenant, wraps
// [rowhouse.ErrCollision]; a column of that name in the table that is not known to be the tenant's own
// is an [*OccupiedError]. An index in shared tables wraps [rowhouse.ErrUnsupported].
//
// Each tenant is extended by itself, [Options.Workers] at a time; a failure of one does not keep the
// others. It returns which were extended and which were not; a tenant that is neither was not begun.
// A rerun goes on where one was left. While a column is made, the tenant is used as ever; on PostgreSQL
// the table is locked for a moment, which is tried in short turns, so that nobody waits behind it.
func (f *Fleet) Extend(ctx context.Context, sel rowhouse.Selection, m rowhouse.AnyModel, x rowhouse.Extension) (Result, error) {
	if m == nil {
		return Result{}, fmt.Errorf("fleet: extend: %w: the model is nil", rowhouse.ErrInvalid)
	}
	x.Model, x.Column, x.State = m.Name(), "", ""
	if _, err := x.SQL(); err != nil {
		return Result{}, fmt.Errorf("fleet: extend: %w: %w", rowhouse.ErrInvalid, err)
	}
	return f.overSelected(ctx, "extend", sel, func(id string) error { return f.extend(ctx, id, x) })
}

// RenameExtra gives a column that tenants have of their own in a model another name for programs. In
// the tables nothing changes: there, and for raw SQL, the column keeps the name that it was made with,
// so no statement that is under way is disturbed, and nobody waits. To give it another name there too,
// Extend by a new column, fill it, and drop the old one.
//
// A tenant that has no such column is done if it has one of the new name, and else wraps
// [rowhouse.ErrNoColumn]. Errors and results are as those of [Fleet.Extend].
func (f *Fleet) RenameExtra(ctx context.Context, sel rowhouse.Selection, m rowhouse.AnyModel, from, to string) (Result, error) {
	return f.overSelected(ctx, "rename a column of", sel, func(id string) error { return f.rename(ctx, id, m.Name(), from, to) })
}

// DropExtra removes a column that tenants have of their own in a model, with its values, for good. From
// its beginning on programs do not see the column: this process at once, others within
// [rowhouse.Options.Freshness]; when that has passed, and no statement can name it, it is removed.
//
// A tenant that has no such column is done. An error leaves the column where programs do not see it,
// and the next DropExtra goes on. Errors and results are as those of [Fleet.Extend].
func (f *Fleet) DropExtra(ctx context.Context, sel rowhouse.Selection, m rowhouse.AnyModel, name string) (Result, error) {
	b, err := f.selected(ctx, "drop a column of", sel)
	if err != nil {
		return Result{}, err
	}
	for from := 0; from < len(b.items) && ctx.Err() == nil; from += dropStep {
		f.dropColumns(ctx, b, from, min(from+dropStep, len(b.items)), m.Name(), name)
	}
	return b.result(ctx, f)
}

// CheckExtras looks for tenants whose own columns do not go with the models of this program: a column
// of a new version of a struct may have the name of one. Such a tenant is refused by [rowhouse.DB.Tenant];
// a check before the new version goes out tells of it in time. Failed are those tenants, each with an
// error that wraps [rowhouse.ErrCollision] and names the column. It changes nothing.
func (f *Fleet) CheckExtras(ctx context.Context, sel rowhouse.Selection) (Result, error) {
	return f.overSelected(ctx, "check", sel, func(id string) error {
		e, err := f.db.Catalog().Tenant(ctx, id)
		if err == nil {
			_, err = f.db.House(e)
		}
		return err
	})
}

// selected is a batch of the tenants that a selection is of.
func (f *Fleet) selected(ctx context.Context, verb string, sel rowhouse.Selection) (*batch, error) {
	var ids []string
	failed := map[int]error{}
	for id, err := range sel.Tenants(ctx) {
		if err != nil && id == "" {
			return nil, fmt.Errorf("fleet: %s tenants: %w", verb, err)
		}
		if err != nil {
			failed[len(ids)] = err
		}
		ids = append(ids, id)
	}
	b := f.newBatch(verb, ids)
	for i, err := range failed {
		b.settle(i, err)
	}
	return b, nil
}

func (f *Fleet) overSelected(ctx context.Context, verb string, sel rowhouse.Selection, fn func(id string) error) (Result, error) {
	b, err := f.selected(ctx, verb, sel)
	if err != nil {
		return Result{}, err
	}
	b.last = true
	b.each(ctx, 0, len(b.items), func(i int) error { return fn(b.items[i].id) })
	return b.result(ctx, f)
}

// at returns the position of the tenant's column of that name, or -1.
func at(e *rowhouse.Entry, model, name string) int {
	return slices.IndexFunc(e.Extensions, func(x rowhouse.Extension) bool { return x.Model == model && x.Name == name })
}

// extendable refuses tenants that have no tables to rely on, or that another worker has.
func extendable(e *rowhouse.Entry) error {
	switch {
	case leased(e):
		return &StateError{Tenant: e.ID, State: e.State, Until: e.LeaseUntil}
	case e.State != rowhouse.Active && e.State != rowhouse.Suspended:
		return &StateError{Tenant: e.ID, State: e.State, advice: "only a tenant that is active or suspended has columns of its own"}
	}
	return nil
}

// check says what is wrong with the tenant as it is to be.
func (f *Fleet) check(e *rowhouse.Entry) error {
	_, err := f.db.House(*e)
	if bad, is := errors.AsType[*rowhouse.TenantError](err); is && bad.Err != nil {
		return bad.Err // its advice is for a tenant that is so
	}
	return err
}

// columnError is a [rowhouse.ErrConflict] about a column, in words of its own.
type columnError string

func refused(format string, args ...any) error { return columnError(fmt.Sprintf(format, args...)) }

func (e columnError) Error() string { return string(e) }

// Unwrap returns the reason.
func (e columnError) Unwrap() error { return rowhouse.ErrConflict }

// extend gives a tenant the column.
func (f *Fleet) extend(ctx context.Context, id string, x rowhouse.Extension) error {
	w, err := f.writable()
	if err != nil {
		return err
	}
	if err := f.hasSlot(x.Model); err != nil {
		return err
	}
	begun := false
	e, err := f.take(ctx, w, id, func(e *rowhouse.Entry) error {
		begun = at(e, x.Model, x.Name) >= 0
		return f.plan(e, x)
	})
	if errors.Is(err, errAlready) {
		return nil
	}
	if err != nil {
		return err
	}
	work, l := f.hold(ctx, w, e)
	err = f.addColumn(work, &e, e.Extensions[at(&e, x.Model, x.Name)], begun)
	ctx, cancel := regardless(ctx)
	defer cancel()
	if _, occupied := errors.AsType[*OccupiedError](err); occupied {
		return errors.Join(err, l.conclude(ctx, func(e *rowhouse.Entry) { forget(e, x) }))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%w (no program sees the column yet: the next Extend goes on with it)", err), l.release(ctx))
	}
	return l.conclude(ctx, func(e *rowhouse.Entry) { e.Extensions[at(e, x.Model, x.Name)].State = rowhouse.Active })
}

// plan records that the column is being made.
func (f *Fleet) plan(e *rowhouse.Entry, x rowhouse.Extension) error {
	if err := extendable(e); err != nil {
		return err
	}
	if i := at(e, x.Model, x.Name); i >= 0 {
		switch has := e.Extensions[i]; {
		case has.State == rowhouse.Dropping:
			return refused("its column %q is being dropped; finish the DropExtra first", x.Name)
		case !has.Equal(x):
			return refused("it has a column %q of another type, default or index already; use that, or another name", x.Name)
		case has.State == rowhouse.Active:
			return errAlready
		}
		return f.check(e)
	}
	if e.Placement.Kind == rowhouse.InShared && x.Index {
		return fmt.Errorf("the column is in a shared table, where its index would be every tenant's: %w", rowhouse.ErrUnsupported)
	}
	x.Column, x.State = freeColumn(e, x), rowhouse.Provisioning
	e.Extensions = append(slices.Clone(e.Extensions), x)
	return f.check(e)
}

// freeColumn is the column's name, unless a column that was renamed has it in the table.
func freeColumn(e *rowhouse.Entry, x rowhouse.Extension) string {
	for n, name := 1, x.Name; ; name = x.Name + "_" + strconv.Itoa(n) {
		if !slices.ContainsFunc(e.Extensions, func(o rowhouse.Extension) bool { return o.Model == x.Model && o.Column == name }) {
			return name
		}
		n++
	}
}

// forget takes a column's description out of the entry.
func forget(e *rowhouse.Entry, x rowhouse.Extension) {
	if i := at(e, x.Model, x.Name); i >= 0 {
		e.Extensions = slices.Delete(slices.Clone(e.Extensions), i, i+1)
	}
}

// hasSlot refuses a model that has no place for a tenant's own columns.
func (f *Fleet) hasSlot(model string) error {
	if f.db.Document(model) == "" {
		return fmt.Errorf("model %q has no field for tenants' own columns; add one: Custom rowhouse.Extra `db:\",extra\"`: %w",
			model, rowhouse.ErrInvalid)
	}
	return nil
}

// rename gives the tenant's column another name.
func (f *Fleet) rename(ctx context.Context, id, model, from, to string) error {
	err := f.change(ctx, id, func(e *rowhouse.Entry) error {
		if err := extendable(e); err != nil {
			return err
		}
		i := at(e, model, from)
		switch {
		case i < 0 && at(e, model, to) >= 0:
			return errAlready
		case i < 0:
			return fmt.Errorf("it has no column %q of its own in model %q: %w", from, model, rowhouse.ErrNoColumn)
		case e.Extensions[i].State != rowhouse.Active:
			return refused("its column %q is %s", from, e.Extensions[i].State)
		}
		e.Extensions = slices.Clone(e.Extensions)
		e.Extensions[i].Name = to
		return f.check(e)
	})
	if errors.Is(err, errAlready) {
		return nil
	}
	return err
}

// columnDrop is a column that is being removed.
type columnDrop struct {
	entry rowhouse.Entry
	work  context.Context //nolint:containedctx // it ends with the lease, which several calls work under
	lease *lease
}

// dropColumns removes the column of a part of the batch, once no process uses it.
func (f *Fleet) dropColumns(ctx context.Context, b *batch, from, to int, model, name string) {
	drops := make([]*columnDrop, len(b.items))
	b.last = false
	b.each(ctx, from, to, func(i int) (err error) {
		drops[i], err = f.condemnColumn(ctx, b.items[i].id, model, name)
		return err
	})
	begun := func(i int) bool { return drops[i] != nil }
	if slices.ContainsFunc(drops, func(d *columnDrop) bool { return d != nil }) {
		if err := errors.Join(f.refresh(ctx), f.unseen(ctx)); err != nil {
			b.failRest(err, begun)
		}
	}
	b.last = true
	b.each(ctx, from, to, func(i int) error {
		if drops[i] == nil {
			return nil // it had none
		}
		return f.finishColumn(ctx, drops[i], model, name)
	})
	if err := context.Cause(ctx); err != nil {
		b.failRest(err, begun)
	}
	for _, d := range drops {
		if d != nil && d.lease != nil {
			ctx, cancel := regardless(ctx)
			_ = d.lease.release(ctx) // otherwise the lease ends by itself
			cancel()
		}
	}
}

// unseen waits until every process knows what was recorded before.
func (f *Fleet) unseen(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(f.db.Options().Freshness):
		return nil
	}
}

// condemnColumn has programs not see the column any more. It returns nil if there is none.
func (f *Fleet) condemnColumn(ctx context.Context, id, model, name string) (*columnDrop, error) {
	w, err := f.writable()
	if err != nil {
		return nil, err
	}
	e, err := f.take(ctx, w, id, func(e *rowhouse.Entry) error {
		if err := extendable(e); err != nil {
			return err
		}
		i := at(e, model, name)
		if i < 0 {
			return errAlready
		}
		e.Extensions = slices.Clone(e.Extensions)
		e.Extensions[i].State = rowhouse.Dropping
		return nil
	})
	if errors.Is(err, errAlready) {
		return nil, nil //nolint:nilnil // there is nothing to drop
	}
	if err != nil {
		return nil, err
	}
	d := &columnDrop{entry: e}
	d.work, d.lease = f.hold(ctx, w, e)
	return d, nil
}

// finishColumn removes the column, and then its description.
func (f *Fleet) finishColumn(ctx context.Context, d *columnDrop, model, name string) error {
	err := f.removeColumn(d.work, &d.entry, d.entry.Extensions[at(&d.entry, model, name)])
	if err != nil {
		return fmt.Errorf("%w (no program sees the column any more: the next DropExtra goes on with it)", err)
	}
	l := d.lease
	d.lease = nil
	ctx, cancel := regardless(ctx)
	defer cancel()
	return l.conclude(ctx, func(e *rowhouse.Entry) { forget(e, rowhouse.Extension{Model: model, Name: name}) })
}

// ownHouse is where the tenant's tables are, whatever columns it has of its own.
func (f *Fleet) ownHouse(e *rowhouse.Entry) (rowhouse.House, error) {
	bare := *e
	bare.Extensions = nil
	return f.db.House(bare)
}

// addColumn adds the column to the tenant's table, if it has one. That it is there already is right only
// where somebody has begun to make it before.
func (f *Fleet) addColumn(ctx context.Context, e *rowhouse.Entry, x rowhouse.Extension, begun bool) error {
	h, err := f.ownHouse(e)
	if err != nil || h.Shared {
		return err
	}
	column, err := x.SQL()
	if err != nil {
		return err
	}
	return f.alter(ctx, e, h, func(s *site, r driver.Runner) error {
		has, err := s.hasColumn(ctx, r, x.Model, x.Column)
		if err != nil {
			return err
		}
		if has && !begun {
			return &OccupiedError{Tenant: e.ID, What: fmt.Sprintf("a column %q in table %s", x.Column, s.names.Table(f.d, x.Model))}
		}
		begun = true // of what is tried again, some may have been made
		if !has {
			if err := s.exec(ctx, r, addColumn(f.d, s.names, x.Model, column)); err != nil {
				return err
			}
		}
		if !x.Index {
			return nil
		}
		if has, err = s.hasIndex(ctx, r, x); err != nil || has {
			return err
		}
		return s.exec(ctx, r, addIndex(f.d, s.names, x))
	})
}

// removeColumn removes the column from the tenant's table, or its values from the shared one.
func (f *Fleet) removeColumn(ctx context.Context, e *rowhouse.Entry, x rowhouse.Extension) error {
	h, err := f.ownHouse(e)
	if err != nil {
		return err
	}
	if h.Shared {
		return f.removeKey(ctx, e, h, x)
	}
	return f.alter(ctx, e, h, func(s *site, r driver.Runner) error {
		has, err := s.hasColumn(ctx, r, x.Model, x.Column)
		if err != nil || !has {
			return err
		}
		if x.Index {
			if indexed, err := s.hasIndex(ctx, r, x); err != nil {
				return err
			} else if indexed {
				if err := s.exec(ctx, r, dropIndex(f.d, s.names, x)); err != nil {
					return err
				}
			}
		}
		return s.exec(ctx, r, dropColumn(f.d, s.names, x))
	})
}

// removeKey takes the column's values out of the tenant's documents.
func (f *Fleet) removeKey(ctx context.Context, e *rowhouse.Entry, h rowhouse.House, x rowhouse.Extension) error {
	p, err := f.planOf(h)
	if err != nil {
		return err
	}
	document := f.db.Document(x.Model)
	if document == "" {
		return fmt.Errorf("model %q, whose documents have the column, is not among the models, or has no field for tenants' own columns: %w",
			x.Model, rowhouse.ErrInvalid)
	}
	s, err := f.enter(ctx, e.ID, h, p)
	if err != nil {
		return err
	}
	_, err = s.atomically(ctx, func(tx driver.Runner) error {
		if err := s.setTenant(ctx, tx); err != nil {
			return err
		}
		text, key := removeKey(p, s.names, x, document)
		return s.exec(ctx, tx, text, texts(key, e.ID)...)
	})
	return errors.Join(err, s.leave())
}

// alter changes a tenant's table, in one transaction where the engine has them for this. Where somebody
// holds the table it is tried again, after a pause in which those go on who came after.
func (f *Fleet) alter(ctx context.Context, e *rowhouse.Entry, h rowhouse.House, fn func(s *site, r driver.Runner) error) error {
	p, err := f.planOf(h)
	if err != nil {
		return err
	}
	s, err := f.enter(ctx, e.ID, h, p)
	if err != nil {
		return err
	}
	for again := 1; ; again++ {
		err = f.alterOnce(ctx, s, fn)
		kind := f.fault(err)
		if again == alterations || kind != driver.LockTimeout && !kind.Retryable() {
			break
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, s.leave())
		case <-time.After(time.Duration(again) * alterPause):
		}
	}
	return errors.Join(err, s.leave())
}

// How often a table is tried to be changed, for how long a lock is waited for, and what is between.
const (
	alterations = 20
	alterWait   = "SET LOCAL lock_timeout = '500ms'"
	alterPause  = 50 * time.Millisecond
)

func (f *Fleet) alterOnce(ctx context.Context, s *site, fn func(s *site, r driver.Runner) error) error {
	if !f.d.Has(dialect.TransactionalDDL) {
		return fn(s, s.db)
	}
	_, err := s.atomically(ctx, func(tx driver.Runner) error {
		if f.d.Name() == "postgres" {
			if err := s.exec(ctx, tx, alterWait); err != nil {
				return err
			}
		}
		return fn(s, tx)
	})
	return err
}
