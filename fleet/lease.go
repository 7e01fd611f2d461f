package fleet

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rowhouse/rowhouse"
)

// lease is a tenant that this worker has to itself. The end of the lease, which stands in the
// tenant's entry, is also its token: nobody else writes that very time.
type lease struct {
	f      *Fleet
	w      rowhouse.WritableCatalog
	id     string
	cancel context.CancelCauseFunc
	ended  chan struct{}

	mu    sync.Mutex
	until time.Time
}

// leaseEnd is when a lease that begins now ends, as exactly as a catalog keeps times.
func (f *Fleet) leaseEnd() time.Time {
	return time.Now().UTC().Add(f.o.Lease).Truncate(time.Microsecond)
}

// leased reports whether somebody has the tenant now.
func leased(e *rowhouse.Entry) bool { return e.LeaseUntil.After(time.Now()) }

// record runs a change of the catalog to its end once it has begun, because a lease that was
// recorded without this worker knowing would keep everybody waiting.
func record(ctx context.Context, fn func(context.Context) error) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	ctx, cancel := regardless(ctx)
	defer cancel()
	return fn(ctx)
}

// take records a lease in the entry of a tenant that the catalog knows, and what else fn changes,
// unless fn refuses.
func (f *Fleet) take(
	ctx context.Context, w rowhouse.WritableCatalog, id string, fn func(*rowhouse.Entry) error,
) (e rowhouse.Entry, err error) {
	err = record(ctx, func(ctx context.Context) error {
		e, err = w.Change(ctx, id, func(e *rowhouse.Entry) error {
			if err := fn(e); err != nil {
				return err
			}
			e.LeaseUntil = f.leaseEnd()
			return nil
		})
		return err
	})
	return e, err
}

// hold renews a lease that was just recorded, until it is let go. The context that it returns
// ends when the lease is lost.
func (f *Fleet) hold(ctx context.Context, w rowhouse.WritableCatalog, e rowhouse.Entry) (context.Context, *lease) {
	ctx, cancel := context.WithCancelCause(ctx)
	l := &lease{f: f, w: w, id: e.ID, cancel: cancel, ended: make(chan struct{}), until: e.LeaseUntil}
	go l.renew(ctx)
	return ctx, l
}

func (l *lease) renew(ctx context.Context) {
	defer close(l.ended)
	tick := time.NewTicker(l.f.o.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		once, cancel := context.WithTimeout(ctx, l.f.o.Lease/3)
		err := l.change(once, func(e *rowhouse.Entry) { e.LeaseUntil = l.f.leaseEnd() })
		cancel()
		if errors.Is(err, errLost) || !l.current() {
			l.cancel(errLost)
			return
		}
	}
}

// current reports whether the lease has time left, by this process's clock.
func (l *lease) current() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.until.After(time.Now())
}

// change changes the entry if the lease is still this worker's.
func (l *lease) change(ctx context.Context, fn func(*rowhouse.Entry)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, err := l.w.Change(ctx, l.id, func(e *rowhouse.Entry) error {
		if !e.LeaseUntil.Equal(l.until) {
			return errLost
		}
		fn(e)
		return nil
	})
	if errors.Is(err, rowhouse.ErrUnknownTenant) {
		return errLost
	}
	if err == nil {
		l.until = e.LeaseUntil
	}
	return err
}

// stop ends the renewing.
func (l *lease) stop() {
	l.cancel(nil)
	<-l.ended
}

// finish stops, and records what the tenant is now.
func (l *lease) finish(ctx context.Context, state rowhouse.State) error {
	return l.conclude(ctx, func(e *rowhouse.Entry) { e.State = state })
}

// release stops, and lets others have the tenant as it is.
func (l *lease) release(ctx context.Context) error {
	return l.conclude(ctx, func(*rowhouse.Entry) {})
}

// forget stops, and removes the entry.
func (l *lease) forget(ctx context.Context) error {
	l.stop()
	if !l.current() {
		return errLost
	}
	return l.w.Remove(ctx, l.id)
}

// conclude stops, and records the outcome in the entry.
func (l *lease) conclude(ctx context.Context, fn func(*rowhouse.Entry)) error {
	l.stop()
	return l.change(ctx, func(e *rowhouse.Entry) {
		fn(e)
		e.LeaseUntil = time.Time{}
	})
}
