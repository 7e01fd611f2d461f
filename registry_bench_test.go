package rowhouse

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"testing"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/dialect/postgres"
	"github.com/rowhouse/rowhouse/driver"
)

// Five models, as the figures ask for.
type (
	benchCase struct {
		ID       int64   `db:"id,pk,auto"`
		Title    string  `db:"title,size:200"`
		Status   string  `db:"status,index"`
		Priority int     `db:"priority"`
		Assignee *string `db:"assignee"`
		Version  int64   `db:"version,lock"`
	}
	benchRow struct {
		ID   int64  `db:"id,pk,auto"`
		Name string `db:"name,unique"`
	}
)

var (
	benchCases  = MustDefine[benchCase]("case")
	benchModels = Models(benchCases, MustDefine[benchRow]("comment"), MustDefine[benchRow]("document"),
		MustDefine[benchRow]("invoice"), MustDefine[benchRow]("contact"))
)

// noDriver connects to nothing: what is measured here sends no statement.
type noDriver struct{ driver.Driver }

func (noDriver) Dialect() dialect.Dialect                        { return postgres.Dialect{} }
func (noDriver) Schema(string) string                            { return "public" }
func (noDriver) Fault(error) driver.Fault                        { return driver.Fault{} }
func (noDriver) Open(context.Context, string) (driver.DB, error) { return noDB{}, nil }

type noDB struct{ driver.DB }

func (noDB) Close() error { return nil }

// prefixCatalog has every tenant, without reading anything.
type prefixCatalog struct{}

func (prefixCatalog) Tenant(_ context.Context, id string) (Entry, error) {
	return Entry{ID: id, Placement: Prefix(), State: Active}, nil
}

func (prefixCatalog) Changes(context.Context, int64) (int64, []string, error) { return 1, nil, nil }

func benchDB(tb testing.TB) *DB {
	db, err := Open(tb.Context(), noDriver{}, Options{Models: benchModels, Catalog: prefixCatalog{}, RegistryBytes: 1 << 30})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func ids(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("tenant-%06d", i)
	}
	return list
}

// BenchmarkRegistry compares a lookup of a known tenant with a bare sync.Map's, over 10,000
// tenants. Run it with -cpu 1,2,4 to see it scale.
func BenchmarkRegistry(b *testing.B) {
	const n = 10_000
	db, list := benchDB(b), ids(n)
	var bare sync.Map
	for _, id := range list {
		t, err := db.Tenant(b.Context(), id)
		if err != nil {
			b.Fatal(err)
		}
		bare.Store(id, t)
	}
	b.Run("hit", func(b *testing.B) {
		ctx := b.Context()
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i = (i + 7) % n {
				if _, err := db.Tenant(ctx, list[i]); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("sync.Map", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i = (i + 7) % n {
				if v, ok := bare.Load(list[i]); !ok || v.(*Tenant) == nil {
					b.Error("missing")
				}
			}
		})
	})
}

// BenchmarkBinding loads tenants with five models and reports what each keeps on the heap,
// everything included: the handle, its names, the registry's own structures.
func BenchmarkBinding(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("tenants=%d/models=%d", n, len(benchModels)), func(b *testing.B) {
			var bytes float64
			for b.Loop() {
				bytes = heapOf(b, n)
			}
			b.ReportMetric(bytes/float64(n), "heap-B/tenant")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/tenant")
		})
	}
}

// heapOf returns the bytes that n tenants and their tables occupy; the timer runs for making
// them alone.
func heapOf(b *testing.B, n int) float64 {
	b.StopTimer()
	db, list := benchDB(b), ids(n)
	before := heapInUse()
	b.StartTimer()
	for _, id := range list {
		if _, err := db.Tenant(b.Context(), id); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	db.registry.tenants.CleanUp()
	bytes := float64(heapInUse()) - float64(before)
	runtime.KeepAlive(list)
	if got := db.Stats().Entries; got != n {
		b.Fatalf("%d tenants are held, want %d", got, n)
	}
	b.StartTimer()
	return bytes
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkStatement makes the SQL of CRUD statements for tenants that were never seen.
func BenchmarkStatement(b *testing.B) {
	db, list := benchDB(b), ids(1000)
	m := db.mappings[benchCases.s].open
	names := make([]dialect.Names, len(list))
	for i, id := range list {
		names[i] = dialect.Names{Qualifier: db.homeName, Prefix: dialect.Slug(id) + "_"}
	}
	for op, t := range texts(m) {
		b.Run(op, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if t.Fill(db.d, names[i%len(names)]) == "" {
					b.Fatal("no text")
				}
				i++
			}
		})
	}
}

// BenchmarkAllocation is what the one allocation of [BenchmarkStatement] costs by itself.
func BenchmarkAllocation(b *testing.B) {
	for b.Loop() {
		allocated = make([]byte, 0, 192)
	}
}

var allocated []byte

func texts(m *mapping) iter.Seq2[string, *dialect.Template] {
	return func(yield func(string, *dialect.Template) bool) {
		_ = yield("get", m.get) && yield("insert", m.insertAuto) && yield("update", m.update) && yield("delete", m.delete)
	}
}
