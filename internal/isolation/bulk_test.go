package isolation

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
)

// TestBulk has every tenant write so many rows at once that they are copied where that can be, with the
// same keys everywhere and all tenants at the same time. The plans' own inserts are too small for it.
func TestBulk(t *testing.T) {
	t.Parallel()
	for _, on := range grounds {
		t.Run(on.name, func(t *testing.T) {
			t.Parallel()
			g := on.make(t)
			var copies atomic.Int64
			s := newSuite(t, g, g.settle(t), faults{above: func(d driver.Driver) driver.Driver {
				return tap(d, hooks{change: func(s driver.Statement) driver.Statement {
					if strings.HasPrefix(s.Text, "COPY ") {
						copies.Add(1)
					}
					return s
				}})
			}})
			var all sync.WaitGroup
			for _, at := range s.places {
				all.Go(func() { s.bulk(t, at) })
			}
			all.Wait()
			if err := s.oracle.take(); err != nil {
				t.Error(err)
			}
			if got := copies.Load() > 0; got != (g.engine.name == "postgres") {
				t.Errorf("rows were copied: %v", got)
			}
		})
	}
}

// bulk writes cases with keys, half of them in a transaction, and reads them back.
func (s *suite) bulk(t *testing.T, at *place) {
	ctx, n := t.Context(), 600
	tenant, err := s.db.Tenant(ctx, at.id)
	if err != nil {
		t.Error(err)
		return
	}
	rows := func(from int) []Case {
		list := make([]Case, n)
		for i := range list {
			list[i] = Case{
				ID: int64(highID + from + i), Canary: canary(at.id), Owner: new("bob"),
				Code: "n" + strconv.Itoa(from+i), // a number alone could be a tenant's id
			}
		}
		return list
	}
	if err := Cases.In(tenant).InsertMany(ctx, rows(0)); err != nil {
		t.Errorf("tenant %q: %v", at.id, err)
	}
	if err := tenant.Tx(ctx, func(tx *rowhouse.Tx) error { return Cases.In(tx).InsertMany(ctx, rows(n)) }); err != nil {
		t.Errorf("tenant %q, in a transaction: %v", at.id, err)
	}
	found, err := Cases.In(tenant).Where().All(ctx)
	if err != nil || len(found) != 2*n {
		t.Errorf("tenant %q has %d rows, want %d, error %v", at.id, len(found), 2*n, err)
	}
	for i := range found {
		if found[i].Canary != canary(at.id) {
			t.Errorf("tenant %q has a row of %q", at.id, found[i].Canary)
			return
		}
	}
}
