package postgres

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// lanes share the connections to a database out among its tenants. A server process remembers every table
// that it has touched, 14 to 40 KiB for a tenant and more with its named statements, until it ends: if each
// tenant's statements go by the connections of one lane, a process comes to know one lane's tenants, and not
// all of them.
//
// A lane is a pool of its own, with its part of the connections. Who finds it busy waits for it for a moment,
// then borrows from a second one, which is always the same too, and then from any, so that nobody waits for
// longer while a connection idles. Who still waits gets the first connection that is free, but for those who
// wait for their own.
type lanes struct {
	pools []*pgxpool.Pool

	mu      sync.Mutex
	free    []int // connections that nobody has, by lane
	waiting []*waiter

	counts *counts
}

type waiter struct {
	lane  int
	any   bool     // takes a connection of any lane
	grant chan int // the lane of the connection that it may take
}

// patience is how long a tenant waits for its own lane before it borrows. What it is for is worth about as
// much: a process that does not know two tables looks them up for 0.5 to 1 ms, and keeps them. Eight workers on
// eight connections and two processors borrowed in 18 of 100 turns with 0.5 ms, in one of 100 with 2 ms.
const patience = 2 * time.Millisecond

// newLanes makes n pools of a configuration, which connect when they are used.
func newLanes(ctx context.Context, config *pgxpool.Config, n int, c *counts) (*lanes, error) {
	n = min(n, int(config.MaxConns))
	l := &lanes{pools: make([]*pgxpool.Pool, n), free: make([]int, n), counts: c}
	for i := range l.pools {
		part := config.Copy()
		part.MaxConns = share(config.MaxConns, i, n)
		part.MinConns, part.MinIdleConns = share(config.MinConns, i, n), share(config.MinIdleConns, i, n)
		pool, err := pgxpool.NewWithConfig(ctx, part)
		if err != nil {
			l.close()
			return nil, err
		}
		l.pools[i], l.free[i] = pool, int(part.MaxConns)
	}
	return l, nil
}

// share is the part of lane i of n in a number of connections.
func share(connections int32, i, n int) int32 {
	part := connections / int32(n)
	if int32(i) < connections%int32(n) {
		part++
	}
	return part
}

// of is the lane of a tenant, and the one that it borrows from: always the same, and with another number of
// lanes the same for as many tenants as can be.
func (l *lanes) of(tenant string) (own, second int) {
	if len(l.pools) == 1 {
		return 0, 0 // the pool has no more connections
	}
	key := uint64(14695981039346656037) // FNV-1a
	for i := range len(tenant) {
		key = (key ^ uint64(tenant[i])) * 1099511628211
	}
	own = jump(key, len(l.pools))
	if second = jump(^key, len(l.pools)-1); second >= own {
		second++
	}
	return own, second
}

// jump is the consistent hash of Lamping and Veach (arXiv:1406.2294): a number below n, which for n+1 is
// either the same or n.
func jump(key uint64, n int) int {
	at, next := int64(-1), int64(0)
	for next < int64(n) {
		at = next
		key = key*2862933555777941757 + 1
		next = int64(float64(at+1) * (float64(1<<31) / float64(key>>33+1)))
	}
	return int(at)
}

// acquire returns a connection, and the lane to leave when it has been given back.
func (l *lanes) acquire(ctx context.Context, tenant string) (conn *pgxpool.Conn, lane int, err error) {
	own, second := l.of(tenant)
	if lane, err = l.enter(ctx, own, second); err != nil {
		return nil, 0, err
	}
	conn, err = l.pools[lane].Acquire(ctx) // there is one, or room for one
	if err != nil {
		l.leave(lane)
	}
	return conn, lane, err
}

// enter returns the lane that a connection may be taken from, for a tenant of those that are named.
func (l *lanes) enter(ctx context.Context, own, second int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	l.mu.Lock()
	if l.take(own) {
		l.mu.Unlock()
		return own, nil
	}
	w := &waiter{lane: own, grant: make(chan int, 1)}
	l.waiting = append(l.waiting, w)
	l.mu.Unlock()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case at := <-w.grant:
			return l.note(own, at), nil
		case <-timer.C:
			if at, ok := l.borrow(w, second); ok {
				return l.note(own, at), nil
			}
		case <-ctx.Done():
			l.giveUp(w)
			return 0, ctx.Err()
		}
	}
}

// take takes a connection of the lane, if there is one. The lanes are locked.
func (l *lanes) take(lane int) bool {
	if l.free[lane] == 0 {
		return false
	}
	l.free[lane]--
	return true
}

// borrow is for who has waited long enough for its own lane.
func (l *lanes) borrow(w *waiter, second int) (lane int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w.any = true
	if !slices.Contains(l.waiting, w) {
		return 0, false // it has been given one just now
	}
	most := slices.Index(l.free, slices.Max(l.free))
	for _, lane := range []int{second, most} {
		if l.take(lane) {
			l.forget(w)
			return lane, true
		}
	}
	return 0, false
}

func (l *lanes) note(own, at int) int {
	if own != at {
		l.counts.borrowed.Add(1)
	}
	return at
}

// forget takes the waiter from the queue.
func (l *lanes) forget(w *waiter) {
	if i := slices.Index(l.waiting, w); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	}
}

// giveUp is for who waits no longer, and may have been given a connection just now.
func (l *lanes) giveUp(w *waiter) {
	l.mu.Lock()
	l.forget(w)
	l.mu.Unlock()
	select {
	case at := <-w.grant:
		l.leave(at)
	default:
	}
}

// leave gives a connection of the lane to who waits, those of the lane first.
func (l *lanes) leave(lane int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.waiting, func(w *waiter) bool { return w.lane == lane })
	if i < 0 {
		i = slices.IndexFunc(l.waiting, func(w *waiter) bool { return w.any })
	}
	if i < 0 {
		l.free[lane]++
		return
	}
	l.waiting[i].grant <- lane
	l.waiting = slices.Delete(l.waiting, i, i+1)
}

func (l *lanes) close() {
	for _, p := range l.pools {
		if p != nil {
			p.Close()
		}
	}
}
