package rowhouse

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// watcher follows the catalog's generation, so that this process knows of a change within
// Options.Freshness. It polls four times within that time. Freshness after the beginning of the
// last poll that succeeded, what is known could be too old: then everything is refused until
// one succeeds. A timer sees to that, so that a poll which never returns cannot keep it open.
type watcher struct {
	db     *DB
	fresh  atomic.Bool
	expiry *time.Timer
	done   chan struct{}
	ended  chan struct{}

	mu   sync.Mutex // held during a poll
	last int64      // generation of the last poll that succeeded
	at   time.Time  // when that poll began
	err  atomic.Pointer[error]
}

func newWatcher(db *DB) *watcher {
	w := &watcher{db: db, done: make(chan struct{}), ended: make(chan struct{})}
	w.expiry = time.AfterFunc(db.o.Freshness, func() { w.fresh.Store(false) })
	return w
}

func (w *watcher) run() {
	defer close(w.ended)
	tick := time.NewTicker(w.db.o.Freshness / 4)
	defer tick.Stop()
	for {
		select {
		case <-w.done:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), w.db.o.Freshness)
		_ = w.poll(ctx) // kept for lastError
		cancel()
	}
}

// poll asks for what changed, forgets it, and publishes the generation.
func (w *watcher) poll(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	began := time.Now()
	generation, changed, err := w.db.catalog.Changes(ctx, w.last)
	if err != nil {
		w.err.Store(&err)
		return err
	}
	// After a gap, the catalog need not remember everybody who is gone; and one that was restored
	// or made anew counts from elsewhere.
	all := began.Sub(w.at) > w.db.o.Freshness || generation < w.last || w.last == 0
	if all || generation != w.last {
		if all {
			w.db.registry.forgetAll()
			w.db.pools.discardAll()
		} else {
			w.db.registry.forget(changed)
			w.db.pools.discardOf(changed)
		}
		w.db.generation.Add(1)
		if all {
			w.db.gates.tellAll()
		} else {
			w.db.gates.tell(changed)
		}
	}
	w.last, w.at = generation, began
	w.expiry.Reset(w.db.o.Freshness - time.Since(began))
	w.fresh.Store(!w.db.closed.Load())
	return nil
}

func (w *watcher) lastError() error {
	if err := w.err.Load(); err != nil {
		return *err
	}
	return errors.New("no poll has succeeded in time")
}

func (w *watcher) stop() {
	w.fresh.Store(false)
	close(w.done)
	<-w.ended
	w.expiry.Stop()
}
