package sqlconn

import (
	"database/sql"
	"fmt"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/rowhouse/rowhouse/internal/frequency"
)

// TestCache has texts that take turns keep what there is room for, and one that comes more often get in.
func TestCache(t *testing.T) {
	t.Parallel()
	pool, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	const room, texts, rounds = 8, 20, 50
	c := newCache(pool, room)
	run := func(text string) (prepared bool) {
		p := c.learn(t.Context(), text)
		if p == nil {
			return false
		}
		defer c.done(p)
		var n int
		if err := p.stmt.QueryRowContext(t.Context()).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return true
	}
	hits := 0
	for range rounds {
		for i := range texts {
			if run(fmt.Sprintf("SELECT %d", i)) {
				hits++
			}
		}
	}
	if least := (rounds - 2) * room; hits < least || len(c.kept) != room || c.recent.Len() != room {
		t.Errorf("%d of %d are prepared, want %d at least; %d are kept", hits, rounds*texts, least, len(c.kept))
	}

	hits = 0
	for range rounds {
		if run("SELECT 1000") {
			hits++
		}
	}
	if hits < rounds/2 || len(c.kept) != room {
		t.Errorf("of a text that comes often, %d of %d are prepared; %d are kept", hits, rounds, len(c.kept))
	}

	// What was kept gives way when it has been idle for long, however often it came.
	for range frequency.Idle + 1 {
		run("SELECT 1000")
	}
	if run("SELECT 2000"); !run("SELECT 2000") {
		t.Error("what is idle keeps others out")
	}

	// A server without room for so many has the cache keep fewer, and not none at once for many that are told so.
	for want := range 2 {
		c.shed()
		c.shed()
		if len(c.kept) != room/2>>want || c.recent.Len() != len(c.kept) {
			t.Errorf("%d are kept", len(c.kept))
		}
		c.shrunk = c.shrunk.Add(-shedPause)
		for i := range texts {
			run(fmt.Sprintf("SELECT %d", i))
			run(fmt.Sprintf("SELECT %d", i))
		}
	}

	none := newCache(pool, 0)
	for range 3 {
		if none.learn(t.Context(), "SELECT 1") != nil || none.use("SELECT 1") != nil {
			t.Error("a cache without room keeps a statement")
		}
	}
}
