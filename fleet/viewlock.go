package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// How long another process is waited for that changes views, and how often it is looked after.
const (
	viewWait     = 2 * time.Minute
	viewStep     = 10 * time.Millisecond
	viewLongStep = 200 * time.Millisecond
)

// exclusively runs fn while no other process changes views at this home. Who lists the tenants in
// there sees every change of the catalog that was recorded before its own turn came, and whoever
// records one later has a later turn: so no view is overwritten by what was true before.
//
// On SQLite the writer's turn is the lock, and inside is the transaction that has it; the tenants
// are listed on another connection. Elsewhere a transaction of its own has the lock and nothing
// else, since what is changed takes transactions of their own; inside is nil. Between the nodes
// of a Galera cluster MySQL's lock does not hold: there the next refresh repairs what two at a time
// have done.
func (f *Fleet) exclusively(ctx context.Context, fn func(s *site, inside driver.Runner) error) (err error) {
	s, err := f.enter(ctx, "", rowhouse.House{Names: f.db.HomeNames()}, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.leave()) }()
	if !f.d.Has(dialect.Schemas) {
		_, err := s.atomically(ctx, func(tx driver.Runner) error { return fn(s, tx) })
		return err
	}
	began := time.Now()
	for step := viewStep; ; step = min(2*step, viewLongStep) {
		taken, err := s.locked(ctx, func() error { return fn(s, nil) })
		if taken || err != nil {
			return err
		}
		if time.Since(began) > viewWait {
			return fmt.Errorf("another process has been changing views for more than %v", viewWait)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(step):
		}
	}
}

// locked runs fn if the lock is to be had now. Nobody waits for it with a connection in hand: those
// who wait could leave none to whoever has it.
func (s *site) locked(ctx context.Context, fn func() error) (taken bool, err error) {
	tx, err := s.db.Begin(ctx, driver.TxOptions{})
	if err != nil {
		return false, err
	}
	defer func() {
		// There is nothing in it, and with it the lock goes.
		_ = tx.Rollback(context.WithoutCancel(ctx))
	}()
	got, err := s.first(ctx, tx, lockViews(s.f.d, s.schema))
	if err != nil || got != "1" {
		return false, err
	}
	if isMySQL(s.f.d) { // the lock is the session's, which others use after this
		defer func() {
			ctx, cancel := regardless(ctx)
			defer cancel()
			_, released := s.first(ctx, tx, unlockViews(s.schema))
			err = errors.Join(err, released)
		}()
	}
	return true, fn()
}
