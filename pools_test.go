package rowhouse

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/driver"
)

// countingDriver opens databases that count how they are used.
type countingDriver struct {
	noDriver
	mu     sync.Mutex
	open   map[string]int
	opened int
	fail   error
	wait   chan struct{}

	closing chan struct{} // what Close waits for
}

type countingDB struct {
	driver.DB
	d    *countingDriver
	name string
}

func (d *countingDriver) Open(ctx context.Context, name string) (driver.DB, error) {
	if d.wait != nil {
		select {
		case <-d.wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		return nil, d.fail
	}
	d.open[name]++
	d.opened++
	return &countingDB{d: d, name: name}, nil
}

func (c *countingDB) Close() error {
	if c.d.closing != nil {
		<-c.d.closing
	}
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	c.d.open[c.name]--
	return nil
}

func (d *countingDriver) now() (open int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for name, n := range d.open {
		if n < 0 || n > 2 { // it may be opened again while it is closed
			panic(fmt.Sprintf("database %s is open %d times", name, n))
		}
		open += n
	}
	return open
}

func newCountingPools(limit int) (*countingDriver, *pools) {
	d := &countingDriver{open: map[string]int{}}
	return d, newPools(d, &countingDB{d: d, name: "home"}, limit)
}

func mustUse(t *testing.T, p *pools, name string) *pool {
	t.Helper()
	q, err := p.use(t.Context(), name, "")
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestPoolsCloseTheLeastRecentlyUsed(t *testing.T) {
	t.Parallel()
	d, p := newCountingPools(2)
	for _, name := range []string{"a", "b", "a", "c"} {
		mustUse(t, p, name).done()
	}
	if d.open["a"] != 1 || d.open["b"] != 0 || d.open["c"] != 1 {
		t.Errorf("open are %v, want a and c", d.open)
	}
}

func TestPoolsNeverCloseWhatIsUsed(t *testing.T) {
	t.Parallel()
	d, p := newCountingPools(1)
	a, b := mustUse(t, p, "a"), mustUse(t, p, "b")
	if n := d.now(); n != 2 {
		t.Errorf("%d are open, want both that are used", n)
	}
	p.discard("a")
	if d.open["a"] != 1 {
		t.Error("a database in use was closed when it was discarded")
	}
	again := mustUse(t, p, "a")
	if again == a {
		t.Error("a discarded database was handed out again")
	}
	a.done()
	b.done()
	again.done()
	if n := d.now(); n != 1 {
		t.Errorf("%d are open after all were given back, want 1", n)
	}
}

// TestPoolsDiscardWaits has a database be closed when it was discarded, also where somebody else closes it
// to make room.
func TestPoolsDiscardWaits(t *testing.T) {
	t.Parallel()
	d, p := newCountingPools(1)
	d.closing = make(chan struct{})
	mustUse(t, p, "a").done()
	room, discarded := make(chan struct{}), make(chan struct{})
	go func() { defer close(room); mustUse(t, p, "b").done() }()
	for p.knows("a") {
	}
	go func() { defer close(discarded); p.discard("a") }()
	select {
	case <-discarded:
		t.Error("a database is discarded that is not yet closed")
	case <-time.After(20 * time.Millisecond):
	}
	mustUse(t, p, "c").done() // which waits for nobody
	close(d.closing)
	<-room
	<-discarded
	if d.now() != 1 {
		t.Errorf("%d are open", d.now())
	}
}

func TestPoolsForgetWhatDidNotOpen(t *testing.T) {
	t.Parallel()
	d, p := newCountingPools(2)
	d.fail = errors.New("no such database")
	if _, err := p.use(t.Context(), "a", ""); !errors.Is(err, d.fail) {
		t.Errorf("got %v", err)
	}
	d.fail = nil
	mustUse(t, p, "a").done()
	if d.open["a"] != 1 {
		t.Error("it was not tried again")
	}
}

func TestPoolsOutliveAnImpatientCaller(t *testing.T) {
	t.Parallel()
	d, p := newCountingPools(2)
	d.wait = make(chan struct{})
	impatient, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() { _, err := p.use(impatient, "a", ""); first <- err }()
	for !p.knows("a") {
	}
	second := make(chan error, 1)
	go func() {
		q, err := p.use(t.Context(), "a", "")
		if err == nil {
			q.done()
		}
		second <- err
	}()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller that gave up: %v", err)
	}
	close(d.wait)
	if err := <-second; err != nil {
		t.Errorf("the patient caller: %v", err)
	}
}

func (p *pools) knows(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open[name] != nil
}

func TestPoolsUnderConcurrency(t *testing.T) {
	t.Parallel()
	d, p := newCountingPools(3)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 300 {
				q, err := p.use(context.Background(), strconv.Itoa((i*(g+1))%7), "")
				if err != nil {
					t.Error(err)
					return
				}
				if i%50 == 0 {
					p.discard(q.name)
				}
				q.done()
			}
		})
	}
	wg.Wait()
	if n := d.now(); n > 3 {
		t.Errorf("%d are open, want at most 3", n)
	}
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	d.open["home"] = 0
	if n := d.now(); n != 0 {
		t.Errorf("%d are open after close", n)
	}
	if _, err := p.use(t.Context(), "a", ""); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed DB: %v", err)
	}
}
