package sqlconn

import (
	"container/list"
	"context"
	"database/sql"
	"hash/maphash"
	"sync"
	"time"

	"github.com/rowhouse/rowhouse/internal/frequency"
)

// cache keeps prepared statements of a pool: the texts that come most often, up to a number. It is
// used by many goroutines at once.
//
// A text is prepared at its second use at the earliest, and then only for one that comes less often: of
// more tenants than there is room for, some keep their statements, and those of the others are run as they
// are, which costs less than to prepare each and lose it before it is used again.
type cache struct {
	pool *sql.DB

	mu     sync.Mutex
	max    int
	shrunk time.Time // when it last was
	kept   map[string]*list.Element
	recent *list.List // of *prepared, the least recently used at the back
	often  frequency.Sketch
	seed   maphash.Seed
	turn   uint64 // counts the texts that came
}

// prepared is a statement of the cache's, or one that came too late to be kept. It is closed when it
// is not kept and nobody runs it.
type prepared struct {
	text  string
	stmt  *sql.Stmt
	users int
	used  uint64 // the turn in which it was used last
	out   bool
}

func newCache(pool *sql.DB, limit int) *cache {
	return &cache{
		pool: pool, max: limit, kept: map[string]*list.Element{}, recent: list.New(),
		often: frequency.New(limit), seed: maphash.MakeSeed(),
	}
}

// use returns the text's statement for the caller to run and to give back with done, or nil: then
// the text is run as it is.
func (c *cache) use(text string) *prepared {
	p, _ := c.find(text)
	return p
}

// find is use, and reports whether a text without a statement should have one.
func (c *cache) find(text string) (p *prepared, wanted bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.max == 0 {
		return nil, false
	}
	uses := c.often.Add(c.key(text))
	c.turn++
	if e, kept := c.kept[text]; kept {
		c.recent.MoveToFront(e)
		p = e.Value.(*prepared)
		p.users, p.used = p.users+1, c.turn
		return p, false
	}
	return nil, uses > 1 && c.admits(uses)
}

// admits reports whether a text of so many uses is to be kept. One use more is not enough to push another
// out, unless that is idle: of texts that take turns, the next has always been used once more.
func (c *cache) admits(uses uint8) bool {
	if len(c.kept) < c.max {
		return true
	}
	last := c.recent.Back().Value.(*prepared)
	return c.turn-last.used > frequency.Idle || int(uses) > int(c.often.Of(c.key(last.text)))+1
}

func (c *cache) key(text string) uint64 { return maphash.String(c.seed, text) }

// learn is use for a statement outside of transactions, which may prepare the text.
func (c *cache) learn(ctx context.Context, text string) *prepared {
	p, wanted := c.find(text)
	if !wanted {
		return p
	}
	stmt, err := c.pool.PrepareContext(ctx, text)
	if err != nil {
		return nil // running the text reports it better
	}
	return c.keep(text, stmt)
}

// keep takes a statement in. Another goroutine may have been faster; then this one is closed after its
// first use.
func (c *cache) keep(text string, stmt *sql.Stmt) *prepared {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &prepared{text: text, stmt: stmt, users: 1, used: c.turn}
	if _, kept := c.kept[text]; kept {
		p.out = true
		return p
	}
	c.trim(c.max - 1)
	c.kept[text] = c.recent.PushFront(p)
	return p
}

// trim keeps so many. The caller holds the lock.
func (c *cache) trim(most int) {
	for len(c.kept) > most {
		last := c.recent.Remove(c.recent.Back()).(*prepared)
		delete(c.kept, last.text)
		last.out = true
		last.release()
	}
}

// shed keeps half as many from now on, but one: the server has no room for all that its clients have prepared. It
// takes a moment until it knows of those that are closed.
func (c *cache) shed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) == 0 || time.Since(c.shrunk) < shedPause {
		return // it is others who have them, or there is room by now
	}
	c.shrunk = time.Now()
	c.max = max(1, min(c.max, len(c.kept))/2)
	c.trim(c.max)
}

// shedPause is how long what was closed has to make room.
const shedPause = time.Second

// done gives a statement back.
func (c *cache) done(p *prepared) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p.users--
	p.release()
}

// release closes a statement that is neither kept nor run. The caller holds the lock.
//
// Closing waits for every connection that has the statement, until each is done with what it
// runs. That may itself wait, in the database, for a transaction of the caller's or of somebody
// who needs this cache: so it is nobody's to wait for.
func (p *prepared) release() {
	if p.out && p.users == 0 && p.stmt != nil {
		go func(stmt *sql.Stmt) { _ = stmt.Close() }(p.stmt) // nothing depends on it any more
		p.stmt = nil
	}
}
