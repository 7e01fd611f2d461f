package sqlconn

import (
	"container/list"
	"context"
	"database/sql"
	"sync"
)

// cache keeps the prepared statements of a pool that were used lately, up to a number. A text is
// prepared when it comes a second time: of thousands of tenants, those that are asked for once
// push nothing out but names. It is used by many goroutines at once.
type cache struct {
	pool *sql.DB
	max  int

	mu     sync.Mutex
	known  map[string]*list.Element
	recent *list.List // of *prepared, the least recently used at the back
}

// prepared is a statement that was seen once (no stmt yet) or more often. It is closed when it
// has been pushed out and nobody runs it.
type prepared struct {
	text  string
	stmt  *sql.Stmt
	users int
	out   bool
}

func newCache(pool *sql.DB, limit int) *cache {
	return &cache{pool: pool, max: limit, known: map[string]*list.Element{}, recent: list.New()}
}

// use returns the text's statement for the caller to run and to give back with done, or nil: then
// the text is run as it is.
func (c *cache) use(text string) *prepared {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, known := c.known[text]
	if !known {
		return nil
	}
	c.recent.MoveToFront(e)
	p := e.Value.(*prepared)
	if p.stmt == nil {
		return nil
	}
	p.users++
	return p
}

// learn is use for a statement outside of transactions, which may prepare the text.
func (c *cache) learn(ctx context.Context, text string) *prepared {
	if c.max == 0 {
		return nil
	}
	if p := c.use(text); p != nil || !c.seen(text) {
		return p
	}
	stmt, err := c.pool.PrepareContext(ctx, text)
	if err != nil {
		return nil // running the text reports it better
	}
	return c.keep(text, stmt)
}

// seen reports whether the text has come before, and remembers that it has.
func (c *cache) seen(text string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.known[text]; known {
		return true
	}
	c.known[text] = c.recent.PushFront(&prepared{text: text})
	for len(c.known) > c.max {
		e := c.recent.Back()
		p := c.recent.Remove(e).(*prepared)
		delete(c.known, p.text)
		p.out = true
		p.release()
	}
	return false
}

// keep puts a prepared statement in its place. Another goroutine may have been faster, and the
// text may have been pushed out meanwhile; then this one is closed after its first use.
func (c *cache) keep(text string, stmt *sql.Stmt) *prepared {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, known := c.known[text]
	if known && e.Value.(*prepared).stmt == nil {
		p := e.Value.(*prepared)
		p.stmt = stmt
		p.users++
		return p
	}
	return &prepared{text: text, stmt: stmt, users: 1, out: true}
}

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
