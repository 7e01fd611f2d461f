package rowhouse

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
)

type shapedRow struct {
	ID     int64 `db:"id,pk"`
	Name   string
	Custom Extra `db:",extra"`
}

// TestShapesAreShared has ten thousand tenants with three sets of own columns cost three mappings, and
// none once they are gone.
func TestShapesAreShared(t *testing.T) {
	t.Parallel()
	rows := MustDefine[shapedRow]("shaped")
	plain := MustDefine[tenantRow]("plain")
	db, err := Open(t.Context(), noDriver{}, Options{Models: Models(rows, plain), Catalog: newFakeCatalog()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	extension := func(kind dialect.Kind) []Extension {
		return []Extension{
			{Model: "shaped", Name: "b", Column: "b", Type: dialect.Type{Kind: kind}, State: Active},
			{Model: "shaped", Name: "a", Column: "a", Type: dialect.Type{Kind: dialect.Text}, State: Active},
			{Model: "shaped", Name: "coming", Column: "coming", Type: dialect.Type{Kind: kind}, State: Provisioning},
		}
	}
	found := map[*mapping]int{}
	others := map[*dialect.Template]int{}
	houses := make([]*house, 10_000)
	for i := range houses {
		e := Entry{ID: strconv.Itoa(i), Extensions: extension([]dialect.Kind{dialect.Int64, dialect.Bool, dialect.Time}[i%3])}
		if i%2 == 0 { // in another order it is the same
			e.Extensions[0], e.Extensions[1] = e.Extensions[1], e.Extensions[0]
		}
		if houses[i], err = db.settle(e); err != nil {
			t.Fatal(err)
		}
		m, err := db.mappingOf(rows.s, houses[i])
		if err != nil {
			t.Fatal(err)
		}
		if len(m.s.Fields) != 4 || m.s.Type != rows.s.Type {
			t.Fatalf("the mapping has %d fields", len(m.s.Fields))
		}
		found[m]++
		o, err := db.mappingOf(plain.s, houses[i])
		if err != nil {
			t.Fatal(err)
		}
		others[o.get]++
	}
	if len(found) != 3 || len(others) != 1 {
		t.Errorf("there are %d mappings, and %d texts of a model without own columns", len(found), len(others))
	}
	if h, err := db.settle(Entry{ID: "x"}); err != nil || h.shape != nil {
		t.Errorf("a tenant without own columns has the shape %v, %v", h.shape, err)
	}
	houses = nil
	clear(found)
	db.shapes.mappings.InvalidateAll()
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		runtime.GC()
		db.shapes.mu.Lock()
		n := len(db.shapes.known)
		db.shapes.mu.Unlock()
		if n == 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("%d shapes are kept that nobody has", n)
		}
	}
	runtime.KeepAlive(houses)
}

// TestShapesAreBounded has more shapes than mappings are kept for work all the same.
func TestShapesAreBounded(t *testing.T) {
	t.Parallel()
	rows := MustDefine[shapedRow]("shaped")
	db, err := Open(t.Context(), noDriver{}, Options{Models: Models(rows), Catalog: newFakeCatalog()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for i := range maxShaped + 500 {
		x := Extension{Model: "shaped", Name: fmt.Sprintf("c%d", i), Type: dialect.Type{Kind: dialect.Bool}, State: Active}
		h, err := db.settle(Entry{ID: "x", Extensions: []Extension{x}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.mappingOf(rows.s, h); err != nil {
			t.Fatal(err)
		}
	}
	db.shapes.mappings.CleanUp()
	if n := db.shapes.mappings.EstimatedSize(); n > maxShaped {
		t.Errorf("%d mappings are kept", n)
	}
}
