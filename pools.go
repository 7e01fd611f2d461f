package rowhouse

import (
	"container/list"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/rowhouse/rowhouse/driver"
)

// pools keeps the databases that tenants live in open, up to a number. The home stays open; of
// the others, the one that was used least lately and is in nobody's hands is closed first. With
// all of them in use, one more is opened all the same: refusing would turn a peak into errors.
type pools struct {
	drv  driver.Driver
	home *pool
	max  int
	own  driver.DB // the home over connections of the catalog's own, or nil

	mu     sync.Mutex
	open   map[string]*pool
	recent *list.List // of *pool, the least recently used at the back
	closed bool

	closing sync.RWMutex // read by who closes what trim has taken out, from before mu is given back
}

// pool is an open database in somebody's hands; done gives it back.
type pool struct {
	driver.DB
	all    *pools
	name   string
	tenant string // whose it was when it was opened
	users  int
	gone   bool // closes when the last user is done
	elem   *list.Element
	opened chan struct{} // closed once DB or err is set
	err    error
}

func newPools(drv driver.Driver, home driver.DB, limit int) *pools {
	return &pools{drv: drv, home: &pool{DB: home}, max: limit, open: map[string]*pool{}, recent: list.New()}
}

// reserve returns the home over connections that nothing else takes, or as it is where the driver has none to spare.
// It is closed with the others.
func (p *pools) reserve(ctx context.Context) (*pool, error) {
	r, ok := p.drv.(driver.Reserver)
	if !ok {
		return p.home, nil
	}
	db, err := r.Reserve(ctx)
	if err != nil {
		return nil, err
	}
	p.own = db
	return &pool{DB: db}, nil
}

// use returns an open database of a tenant's. Those who ask for one that is being opened wait for
// it.
func (p *pools) use(ctx context.Context, name, tenant string) (*pool, error) {
	if name == "" {
		return p.home, nil
	}
	q, first, err := p.enter(name, tenant)
	if err != nil {
		return nil, err
	}
	if first {
		q.DB, q.err = p.drv.Open(ctx, name)
		close(q.opened)
	} else {
		select {
		case <-q.opened:
		case <-ctx.Done():
			q.done()
			return nil, ctx.Err()
		}
	}
	if q.err != nil {
		p.forget(q)
		q.done()
		// The one who opened it may have been cancelled, or late; that is not this caller's error.
		if !first && ctx.Err() == nil && (errors.Is(q.err, context.Canceled) || errors.Is(q.err, context.DeadlineExceeded)) {
			return p.use(ctx, name, tenant)
		}
		return nil, q.err
	}
	return q, nil
}

func (p *pools) enter(name, tenant string) (q *pool, first bool, err error) {
	var idle []*pool
	defer func() { p.closeAll(idle) }()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, false, ErrClosed
	}
	q, known := p.open[name]
	if known {
		p.recent.MoveToFront(q.elem)
	} else {
		q = &pool{all: p, name: name, tenant: tenant, opened: make(chan struct{})}
		q.elem = p.recent.PushFront(q)
		p.open[name] = q
		idle = p.trim()
	}
	q.users++
	return q, !known, nil
}

// trim takes out what nobody uses until the number is kept. The caller holds the lock, and closes it
// when he has given that back: to close a file of SQLite's writes to the disk.
func (p *pools) trim() (idle []*pool) {
	for e := p.recent.Back(); e != nil && len(p.open) > p.max; {
		q := e.Value.(*pool)
		e = e.Prev()
		if q.users == 0 && q.elem != p.recent.Front() {
			p.remove(q)
			idle = append(idle, q)
		}
	}
	if len(idle) > 0 {
		p.closing.RLock()
	}
	return idle
}

func (p *pools) closeAll(idle []*pool) {
	if len(idle) == 0 {
		return
	}
	defer p.closing.RUnlock()
	for _, q := range idle {
		_ = q.DB.Close() // nobody uses it, and nobody could be told
	}
}

func (p *pools) remove(q *pool) {
	if p.open[q.name] == q {
		delete(p.open, q.name)
		p.recent.Remove(q.elem)
	}
}

func (p *pools) forget(q *pool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.remove(q)
}

// discard closes a database by name, once nobody uses it any more. Unless somebody does, it is closed
// when discard returns, whoever has begun to.
func (p *pools) discard(name string) {
	defer p.awaitClosing() // what was under way when the lock is given back
	p.mu.Lock()
	defer p.mu.Unlock()
	if q, ok := p.open[name]; ok {
		p.remove(q)
		q.retire()
	}
}

// discardAll is discard of every database but the home.
func (p *pools) discardAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, q := range p.open {
		p.remove(q)
		q.retire()
	}
}

// discardOf is discard of tenants that have changed. One that was dropped and made
// anew has another database of the same name, and on SQLite what is open is still the old file,
// where writes are lost without an error.
func (p *pools) discardOf(tenants []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, q := range p.open {
		if slices.Contains(tenants, q.tenant) {
			p.remove(q)
			q.retire()
		}
	}
}

// retire closes the database now, or when its last user is done. The caller holds the lock.
func (q *pool) retire() {
	q.gone = true
	if q.users == 0 && q.DB != nil {
		_ = q.DB.Close() // nobody uses it, and nobody could be told
	}
}

// done gives the database back.
func (q *pool) done() {
	if q.all == nil { // the home
		return
	}
	var idle []*pool
	defer func() { q.all.closeAll(idle) }()
	q.all.mu.Lock()
	defer q.all.mu.Unlock()
	q.users--
	if q.gone {
		q.retire()
		return
	}
	idle = q.all.trim()
}

func (p *pools) close() error {
	if !p.empty() {
		return nil
	}
	p.awaitClosing()
	err := p.home.Close()
	if p.own != nil {
		err = errors.Join(err, p.own.Close())
	}
	return err
}

// empty closes what is open, and has nothing be opened any more. It reports whether it is the first to.
func (p *pools) empty() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.closed = true
	for _, q := range p.open {
		p.remove(q)
		q.retire()
	}
	return true
}

// awaitClosing waits for those who close what trim has taken out.
func (p *pools) awaitClosing() {
	p.closing.Lock()
	defer p.closing.Unlock()
}
