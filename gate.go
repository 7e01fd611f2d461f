package rowhouse

import (
	"container/list"
	"context"
	"errors"
	"hash/maphash"
	"sync"
	"time"
)

// gates let so many statements of each tenant run at once as its limits say. There is a gate for a
// tenant only while something of it runs or waits, so a thousand idle tenants take no memory, and all
// handles to one tenant, old and new, meet at the same gate.
type gates struct {
	seed   maphash.Seed
	shards [gateShards]gateShard
}

// gateShards are so many that a tenant which is refused in a tight loop gets in the way of few others.
const gateShards = 64

type gateShard struct {
	mu   sync.Mutex // guards the gates too, and is held for moments only
	open map[string]*gate
	idle *gate // to be used again
}

// gate is where the statements of one tenant take their places, and stand in line when there is none.
type gate struct {
	shard  *gateShard
	tenant string
	places int   // as many as the limits had it
	seen   int64 // at which generation of the catalog
	taken  int
	line   list.List // of *waiter

	moved time.Time     // when the line last moved; zero if there was none
	pace  time.Duration // mean time in which it moves by one
	next  *gate         // that is idle
}

// waiter is a statement that stands in line.
type waiter struct {
	g    *gate
	elem *list.Element // nil when it has a place
	news chan struct{} // it has a place, or the catalog has changed
}

func newGates() *gates {
	gs := &gates{seed: maphash.MakeSeed()}
	for i := range gs.shards {
		gs.shards[i].open = map[string]*gate{}
	}
	return gs
}

func (gs *gates) shard(tenant string) *gateShard {
	return &gs.shards[maphash.String(gs.seed, tenant)%gateShards]
}

// arrive takes a place at the tenant's gate, or stands in line for one, or is refused. The limits are
// those of a generation.
func (gs *gates) arrive(tenant string, l *Limits, seen int64) (*gate, *waiter, error) {
	sh := gs.shard(tenant)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	g := sh.gate(tenant)
	g.adopt(l, seen)
	waiting := g.line.Len()
	switch {
	case waiting == 0 && g.taken < g.places:
		g.taken++
		return g, nil, nil
	case l.Queue > 0 && waiting >= l.Queue:
		return nil, nil, &LimitError{Tenant: tenant, Limit: LimitQueue, Limits: *l, RetryAfter: g.soon(l)}
	}
	w := &waiter{g: g, news: make(chan struct{}, 1)}
	w.elem = g.line.PushBack(w)
	return g, w, nil
}

// gate is the tenant's, which is made if nothing of the tenant runs.
func (sh *gateShard) gate(tenant string) *gate {
	g := sh.open[tenant]
	if g != nil {
		return g
	}
	if g = sh.idle; g != nil {
		sh.idle = g.next
	} else {
		g = &gate{shard: sh}
	}
	g.tenant, g.next = tenant, nil
	sh.open[tenant] = g
	return g
}

// adopt has the gate go by these limits, unless it knows newer ones.
func (g *gate) adopt(l *Limits, seen int64) {
	if seen >= g.seen {
		g.places, g.seen = l.Statements, seen
		g.admit()
	}
}

// admit gives what places there are to the first in line.
func (g *gate) admit() {
	for g.taken < g.places && g.line.Len() > 0 {
		w := g.line.Remove(g.line.Front()).(*waiter)
		w.elem = nil
		w.tell()
		g.taken++
		g.step()
	}
}

// step measures how fast the line moves.
func (g *gate) step() {
	now := time.Now()
	if d := now.Sub(g.moved); g.pace == 0 && !g.moved.IsZero() {
		g.pace = d
	} else if !g.moved.IsZero() {
		g.pace += (d - g.pace) / 8
	}
	if g.moved = now; g.line.Len() == 0 {
		g.moved = time.Time{} // it stands still until somebody comes
	}
}

// soon is when there should be a place for one more.
func (g *gate) soon(l *Limits) time.Duration {
	if g.pace == 0 {
		return l.Wait
	}
	return g.pace * time.Duration(g.line.Len()+1)
}

// leave gives a place back.
func (g *gate) leave() {
	g.shard.mu.Lock()
	defer g.shard.mu.Unlock()
	g.taken--
	g.admit()
	g.retire()
}

// retire puts a gate away that nobody uses.
func (g *gate) retire() {
	if g.taken > 0 || g.line.Len() > 0 {
		return
	}
	sh := g.shard
	delete(sh.open, g.tenant)
	*g = gate{shard: sh, next: sh.idle}
	sh.idle = g
}

func (w *waiter) tell() {
	select {
	case w.news <- struct{}{}:
	default: // it has not looked yet
	}
}

func (w *waiter) admitted() bool {
	w.g.shard.mu.Lock()
	defer w.g.shard.mu.Unlock()
	return w.elem == nil
}

// quit leaves the line, or the place that it has led to.
func (w *waiter) quit() {
	if w.admitted() { // which it stays
		w.g.leave()
		return
	}
	w.g.shard.mu.Lock()
	defer w.g.shard.mu.Unlock()
	if w.elem == nil { // just now
		w.g.taken--
	} else {
		w.g.line.Remove(w.elem)
	}
	w.g.admit()
	w.g.retire()
}

// adopt has the gate go by what the catalog says now.
func (w *waiter) adopt(l *Limits, seen int64) {
	w.g.shard.mu.Lock()
	defer w.g.shard.mu.Unlock()
	w.g.adopt(l, seen)
}

// soon is when there should be a place for one more.
func (w *waiter) soon(l *Limits) time.Duration {
	w.g.shard.mu.Lock()
	defer w.g.shard.mu.Unlock()
	return w.g.soon(l)
}

// errWaited is the end of Limits.Wait.
var errWaited = errors.New("waited too long")

// wait waits for a place, or for news of the catalog, for so long; zero is for ever.
func (w *waiter) wait(ctx context.Context, most time.Duration) (admitted bool, err error) {
	var expired <-chan time.Time
	if most != 0 {
		timer := time.NewTimer(most)
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-w.news:
	case <-expired:
		err = errWaited
	}
	if w.admitted() {
		return true, nil
	}
	return false, err
}

// tell has those in line of these tenants look at the catalog again.
func (gs *gates) tell(tenants []string) {
	for _, id := range tenants {
		sh := gs.shard(id)
		sh.mu.Lock()
		if g := sh.open[id]; g != nil {
			g.tell()
		}
		sh.mu.Unlock()
	}
}

// tellAll is tell of every tenant.
func (gs *gates) tellAll() {
	for i := range gs.shards {
		sh := &gs.shards[i]
		sh.mu.Lock()
		for _, g := range sh.open {
			g.tell()
		}
		sh.mu.Unlock()
	}
}

func (g *gate) tell() {
	for e := g.line.Front(); e != nil; e = e.Next() {
		e.Value.(*waiter).tell()
	}
}

// admit takes a place for an operation at its tenant's gate. Where it has stood in line, the session has
// where the tenant lives by then.
func (t *Tenant) admit(ctx context.Context, s *session) error {
	g, w, err := t.db.gates.arrive(t.id, s.house.limits, s.seen)
	if err != nil {
		return err
	}
	if w == nil {
		s.place = g
		return nil
	}
	if t.db.generation.Load() != s.seen {
		w.tell() // nobody else does: it was not in line yet
	}
	return t.queue(ctx, s, w)
}

// queue stands in line until there is a place, or the tenant has no limit or no rights any more.
func (t *Tenant) queue(ctx context.Context, s *session, w *waiter) error {
	began := time.Now()
	for {
		l := s.house.limits
		var left time.Duration
		if l.Wait > 0 {
			left = max(l.Wait-time.Since(began), 1)
		}
		admitted, err := w.wait(ctx, left)
		switch {
		case errors.Is(err, errWaited):
			err = &LimitError{Tenant: t.id, Limit: LimitWait, Limits: *l, RetryAfter: w.soon(l)}
		case err != nil:
			err = s.fail(err)
		default:
			err = t.settle(ctx, s)
		}
		if err != nil || !s.house.limits.places() {
			w.quit()
			return err
		}
		if admitted {
			s.place = w.g
			return nil
		}
		w.adopt(s.house.limits, s.seen)
	}
}

// places reports whether there is a limit of statements at once.
func (l *Limits) places() bool { return l != nil && l.Statements > 0 }
