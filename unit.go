package rowhouse

import (
	"context"
	"errors"
	"slices"

	"github.com/rowhouse/rowhouse/internal/model"
)

// Unit is a unit of work in one scope. What it loads it loads once: the same key is the same
// pointer. It knows what has changed in those rows, and [Unit.Flush] writes that, and no more, in
// one transaction. Rows get into it by a [UnitTable], which [Model.Unit] returns.
//
// A Unit is meant to live as long as a request. It is used by one goroutine at a time. It never
// reads a row anew by itself: what others write meanwhile, it finds out when it flushes, by the lock
// version of the row if the model has one.
//
// It keeps, for every row, the row, a second copy of the struct as it was read, and a canonical copy
// of what the struct points to: pointers, slices, JSON. Clear lets go of all.
type Unit struct {
	scope Scope
	sets  []*unitSet
	links []*link
	busy  bool // it is being flushed
}

// NewUnit returns an empty unit of work. In the scope of a [*Tx] it ends with that, and Flush is a
// savepoint; in that of a tenant, or of the common house, Flush is a transaction of its own.
func NewUnit(s Scope) *Unit { return &Unit{scope: s} }

// Tenant returns the id of the tenant whose rows are in the unit.
func (u *Unit) Tenant() string {
	if u == nil || u.scope == nil {
		return ""
	}
	return u.scope.Tenant()
}

// Changed reports whether there is anything to flush.
func (u *Unit) Changed() bool {
	if u == nil || len(u.links) > 0 {
		return u != nil
	}
	return slices.ContainsFunc(u.sets, func(set *unitSet) bool {
		return slices.ContainsFunc(set.entries, func(e *entry) bool {
			some, _ := e.touched()
			return some || e.state != kept
		})
	})
}

// Clear forgets every row, and what was to be flushed. The rows themselves stay as they are.
func (u *Unit) Clear() { u.sets, u.links = nil, nil }

// Flush writes what is to be written, all or nothing: rows that were added are inserted, of those
// that have changed the changed columns are updated, and those that were removed are deleted. Rows
// that others refer to are inserted before them and deleted after them, as the foreign keys of the
// models and [Link] tell; where rows refer to one another in a circle, a column that has NULL is
// written last, and a circle without one is [ErrInvalid].
//
// Updates set updated times and count lock versions up, and hooks are called, as by [Table.Insert],
// [Table.Update] and [Table.Delete]. Rows that are not as they were read are reported together, by
// their keys, in a [*UnitError], which is [ErrStale] or [ErrNotFound] or both.
//
// After an error the database is as it was before; so are keys, versions and times in the rows, and
// what was changed in them is still to be flushed.
func (u *Unit) Flush(ctx context.Context) error {
	if err := u.idle(); err != nil {
		return u.fail("flush", err)
	}
	work, err := u.work()
	if err != nil {
		return u.fail("flush", err)
	}
	if work.empty() {
		return nil
	}
	u.busy = true
	defer func() { u.busy = false }()
	f := &flush{u: u, work: work}
	err = u.within(ctx, func(tx *Tx) error { return f.run(ctx, tx) })
	if f.gone != nil {
		u.busy = false // it is over, and rows are read again
		err = f.diagnose(ctx, err)
	}
	return err
}

// within runs fn in a transaction that is the flush alone.
func (u *Unit) within(ctx context.Context, fn func(tx *Tx) error) error {
	if tx, ok := u.scope.(*Tx); ok {
		return tx.Tx(ctx, fn)
	}
	return transact(ctx, u.scope, TxOptions{}, fn)
}

// idle returns what keeps the unit from being used.
func (u *Unit) idle() error {
	switch {
	case u == nil:
		return invalid("the Unit is nil")
	case u.scope == nil:
		return &TenantError{Reason: ErrUnknownTenant, advice: "the unit's scope is nil"}
	case u.busy:
		return invalid("the unit is being flushed; a hook uses the scope that it is given")
	}
	return nil
}

func (u *Unit) fail(op string, err error) error {
	if known, ok := errors.AsType[*StatementError](err); ok && known.Op == "" && u != nil {
		return named(err, op, u.Tenant(), known.Model)
	}
	return err
}

// set returns the rows of a model, or nil.
func (u *Unit) set(of *model.Struct) *unitSet {
	for _, set := range u.sets {
		if set.of == of {
			return set
		}
	}
	return nil
}

// sameScope reports whether what is read in one scope can be written in the other.
func sameScope(a, b Scope) bool {
	switch a := a.(type) {
	case *Tenant:
		b, is := b.(*Tenant)
		return is && a != nil && b != nil && a.db == b.db && a.id == b.id
	case *Common:
		b, is := b.(*Common)
		return is && a != nil && b != nil && a.db == b.db
	}
	return a == b
}
