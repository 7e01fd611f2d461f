package rowhouse_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/fleet"
)

// heapGauge is the most that the heap has grown since it was set up, of what can be reached.
type heapGauge struct {
	mu    sync.Mutex
	calls int
	base  uint64
	most  uint64
}

func heapNow() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (g *heapGauge) begin() { g.base, g.most = heapNow(), 0 }

// look is called often, and looks now and then.
func (g *heapGauge) look() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.calls++; g.calls%2000 == 0 && g.base > 0 {
		if now := heapNow(); now > g.base {
			g.most = max(g.most, now-g.base)
		}
	}
}

// TestAcrossMemory reads ten thousand tenants, whose rows together take many times of what may be held.
// It does not run beside other tests, whose memory it would take for its own.
func TestAcrossMemory(t *testing.T) { //nolint:paralleltest // see above
	const tenants, each, width = 10_000, 10, 300
	ctx := t.Context()
	gauge := &heapGauge{}
	drv, _ := engines[0].open(t)
	db, err := rowhouse.Open(ctx, drv, rowhouse.Options{
		Models: sampleModels, Placement: rowhouse.Shared(), Observe: func(context.Context, rowhouse.Event) { gauge.look() },
	})
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	list := make([]fleet.NewTenant, tenants)
	for i := range list {
		list[i].ID = fmt.Sprintf("t%05d", i)
	}
	_, err = fleet.New(db, fleet.Options{}).ProvisionAll(ctx, list)
	ok(t, err)
	home, err := drv.Open(ctx, "")
	ok(t, err)
	name := dialect.Arg{Value: strings.Repeat("x", width), Kind: dialect.Text}
	_, err = home.Exec(ctx, &driver.Statement{Write: true, Args: []dialect.Arg{name}, Text: fmt.Sprintf(`
		INSERT INTO "sample" (tenant_id, id, name, open, owner, at)
		WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		SELECT printf('t%%05d', i / %d), i + 1, ?, i %% 2, '', '2026-01-01 00:00:00.000000' FROM n`, tenants*each-1, each)})
	ok(t, err)
	a := samples.Across(db.All())
	for _, c := range []struct {
		name string
		most uint64 // bytes for each tenant
		read func() (int64, error)
		want int64
	}{
		{"count", 250, func() (int64, error) { return a.Count(ctx) }, tenants * each},
		{"groups", 250, func() (int64, error) {
			return rowhouse.Select[bool](a, sampleOpen).GroupBy(sampleOpen).Count(ctx)
		}, 2},
		{"each", 800, func() (int64, error) { return readSome(gauge, a.Each(ctx), tenants*each) }, tenants * each},
		// Of each tenant, a few of its rows are kept.
		{"ordered", 3000, func() (int64, error) { return readSome(gauge, a.OrderBy(sampleRank.Asc()).Each(ctx), 2000) }, 2000},
	} {
		gauge.begin()
		n, err := c.read()
		if ok(t, err); n != c.want {
			t.Errorf("%s: %d, want %d", c.name, n, c.want)
		}
		if gauge.most > c.most*tenants {
			t.Errorf("%s: %d bytes were held for each tenant, more than %d", c.name, gauge.most/tenants, c.most)
		}
		t.Logf("%s: %d bytes were held for each tenant", c.name, gauge.most/tenants)
	}
}

func readSome(g *heapGauge, rows iter.Seq2[sampleRow, error], most int64) (n int64, err error) {
	for _, err := range rows {
		if err != nil {
			return n, err
		}
		g.look()
		if n++; n == most {
			break
		}
	}
	return n, nil
}
