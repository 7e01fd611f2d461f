package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

const (
	laneCount   = 4
	laneTenants = 60
)

// laned opens a home of eight connections.
func laned(t *testing.T, opts ...Option) (*Driver, *db) {
	t.Helper()
	return lanedAs(t, func(*pgxpool.Config) {}, opts...)
}

func lanedAs(t *testing.T, change func(*pgxpool.Config), opts ...Option) (*Driver, *db) {
	t.Helper()
	config, err := pgxpool.ParseConfig(testdb.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 8
	change(config)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	d := New(pool, opts...)
	home, err := d.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := home.Close(); err != nil {
			t.Error(err)
		}
		pool.Close()
	})
	return d, home.(*db)
}

// process is the server's that a runner's statement for a tenant comes to.
func process(ctx context.Context, r driver.Runner, tenant string) (pid int64, err error) {
	rows, err := r.Query(ctx, &driver.Statement{
		Text: "SELECT pg_backend_pid()::bigint", Columns: []dialect.Kind{dialect.Int64}, Tenant: tenant,
	})
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		err = errors.Join(err, rows.Scan([]any{&pid}))
	}
	return pid, errors.Join(err, rows.Err(), rows.Close())
}

func laneOf(d *db, tenant string) int {
	own, _ := d.lanes.of(tenant)
	return own
}

func begun(t *testing.T, d *db, tenant string) driver.Tx {
	t.Helper()
	tx, err := d.Begin(t.Context(), driver.TxOptions{Tenant: tenant})
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

// allFree takes all connections at once, and no more.
func allFree(t *testing.T, d *db) {
	t.Helper()
	var all []driver.Tx
	for i := range 8 {
		all = append(all, begun(t, d, strconv.Itoa(i)))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := d.Begin(ctx, driver.TxOptions{Tenant: "one more"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a ninth connection: %v", err)
	}
	for _, tx := range all {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestLanes asserts that a tenant's statements come to the processes of one lane.
func TestLanes(t *testing.T) {
	t.Parallel()
	_, d := laned(t, WithLanes(laneCount))
	of := map[int64]int{} // lanes by process
	for range 5 {
		for i := range laneTenants {
			tenant := "tenant " + strconv.Itoa(i)
			pid, err := process(t.Context(), d, tenant)
			if err != nil {
				t.Fatal(err)
			}
			if lane, known := of[pid]; known && lane != laneOf(d, tenant) {
				t.Fatalf("tenants of the lanes %d and %d come to one process", lane, laneOf(d, tenant))
			}
			of[pid] = laneOf(d, tenant)
		}
	}
	if len(of) != laneCount {
		t.Errorf("%d processes, one after the other, want one for each lane", len(of))
	}
	allFree(t, d)
}

// TestLanesMove asserts that lanes are of a size, and that few tenants move when there is one more.
func TestLanesMove(t *testing.T) {
	t.Parallel()
	const many = 10_000
	four, five := &lanes{pools: make([]*pgxpool.Pool, 4)}, &lanes{pools: make([]*pgxpool.Pool, 5)}
	moved, sizes := 0, make([]int, 5)
	for i := range many {
		tenant := "t" + strconv.Itoa(i)
		before, second := four.of(tenant)
		after, _ := five.of(tenant)
		sizes[after]++
		if second == before || second < 0 || second > 3 {
			t.Fatalf("%s of lane %d borrows from %d", tenant, before, second)
		}
		if before != after {
			moved++
			if after != 4 {
				t.Fatalf("%s moved from lane %d to %d, which is not the new one", tenant, before, after)
			}
		}
	}
	if slices.Min(sizes) < many/6 || slices.Max(sizes) > many/4 || moved > many/4 {
		t.Errorf("lanes of %v, %d moved", sizes, moved)
	}
}

// TestLanesBorrow asserts that nobody waits while a connection idles, and that those who wait get one.
func TestLanesBorrow(t *testing.T) {
	t.Parallel()
	drv, d := laned(t, WithLanes(laneCount))
	var all []driver.Tx
	for range 8 { // two are the lane's own
		all = append(all, begun(t, d, "hog"))
	}
	if n := drv.Stats().Borrowed; n != 6 {
		t.Errorf("%d connections were borrowed, want 6", n)
	}
	other := "other"
	for i := 0; laneOf(d, other) == laneOf(d, "hog"); i++ {
		other = "other " + strconv.Itoa(i)
	}
	got := make(chan string, 2)
	wait := func(tenant string, before int) {
		go func() {
			_, err := process(t.Context(), d, tenant)
			if err != nil {
				t.Error(err)
			}
			got <- tenant
		}()
		for waiting := -1; waiting != before+1; { // it is in the queue
			d.lanes.mu.Lock()
			waiting = len(d.lanes.waiting)
			d.lanes.mu.Unlock()
		}
	}
	wait("hog", 0)
	wait(other, 1)
	// One of the other's lane comes to the other, though the hog has waited for longer.
	at := slices.IndexFunc(all, func(x driver.Tx) bool { return x.(*tx).pooled.lane == laneOf(d, other) })
	if err := all[at].Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if first, second := <-got, <-got; first != other || second != "hog" {
		t.Errorf("%q was first, then %q", first, second)
	}
	for i, x := range all {
		if i != at {
			if err := x.Rollback(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	allFree(t, d)
}

// TestLanesGiveUp has many wait, some for a shorter time than it takes, and looks for connections that are
// lost.
func TestLanesGiveUp(t *testing.T) {
	t.Parallel()
	_, d := laned(t, WithLanes(3), WithTenants(20))
	var all sync.WaitGroup
	var inUse, most, late atomic.Int64
	for g := range 40 {
		all.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(g)))
			for range 60 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+random.IntN(20))*time.Millisecond)
				tx, err := d.Begin(ctx, driver.TxOptions{Tenant: strconv.Itoa(random.IntN(50))})
				switch {
				case errors.Is(err, context.DeadlineExceeded):
					late.Add(1)
				case err != nil:
					t.Error(err)
				default:
					if n := inUse.Add(1); n > most.Load() {
						most.Store(n)
					}
					if _, err := process(ctx, tx, ""); err != nil && ctx.Err() == nil {
						t.Error(err)
					}
					inUse.Add(-1)
					if err := tx.Rollback(t.Context()); err != nil {
						t.Error(err)
					}
				}
				cancel()
			}
		})
	}
	all.Wait()
	if most.Load() > 8 || late.Load() == 0 {
		t.Errorf("%d connections at once, %d gave up", most.Load(), late.Load())
	}
	allFree(t, d)
}

// TestLanesOfOne has two take turns at the only connection, which there is nobody to borrow from.
func TestLanesOfOne(t *testing.T) {
	t.Parallel()
	_, d := lanedAs(t, func(c *pgxpool.Config) { c.MaxConns = 1 }, WithLanes(laneCount))
	tx := begun(t, d, "a")
	done := make(chan error)
	go func() {
		_, err := process(t.Context(), d, "b")
		done <- err
	}()
	for waits := false; !waits; { // until it has waited long enough to borrow
		d.lanes.mu.Lock()
		waits = len(d.lanes.waiting) == 1 && d.lanes.waiting[0].any
		d.lanes.mu.Unlock()
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := process(t.Context(), d, "a"); err != nil {
		t.Error(err)
	}
}

// TestTenantsRetire asserts that a connection ends when it has seen enough tenants, one by one or in a
// pipeline, and not before.
func TestTenantsRetire(t *testing.T) {
	t.Parallel()
	var closed atomic.Int64
	drv, d := lanedAs(t, func(c *pgxpool.Config) { c.BeforeClose = func(*pgx.Conn) { closed.Add(1) } }, WithTenants(8))
	pids := map[int64]bool{}
	for i := range 80 {
		for range 3 {
			pid, err := process(t.Context(), d, strconv.Itoa(i))
			if err != nil {
				t.Fatal(err)
			}
			pids[pid] = true
		}
	}
	// Each sees seven or eight, one of which the next sees as well.
	if n := drv.Stats().Retired; n < 9 || n > 14 || len(pids) < 9 || len(pids) > 15 {
		t.Errorf("%d connections retired, of %d", n, len(pids))
	}
	before := drv.Stats().Retired
	statements := func(yield func(*driver.Statement) bool) {
		for i := range 100 {
			if !yield(&driver.Statement{Text: "SELECT 1", Columns: []dialect.Kind{dialect.Int32}, Tenant: strconv.Itoa(i)}) {
				return
			}
		}
	}
	err := driver.Pipeline(t.Context(), d, statements, driver.PipelineOptions{Each: 1}, func(_ int, r driver.Reply) error { return r.Err })
	if n := drv.Stats().Retired - before; err != nil || n != 1 {
		t.Errorf("after a pipeline %d connections retired, %v", n, err)
	}
	if all := drv.Stats().Retired; closed.Load() != all {
		t.Errorf("the pool was told of %d of %d that retired", closed.Load(), all)
	}
	allFree(t, d)
}
