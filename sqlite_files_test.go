package rowhouse_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
)

// Tally is a row that many add to.
type Tally struct {
	ID    int64  `db:"id,pk"`
	Whose string `db:"whose,size:40"`
	Count int64  `db:"count"`
}

var (
	tallies    = rowhouse.MustDefine[Tally]("tally")
	tallyID    = rowhouse.Col(tallies, func(t *Tally) *int64 { return &t.ID })
	tallyCount = rowhouse.Col(tallies, func(t *Tally) *int64 { return &t.Count })
)

// openFiles opens a home in the directory, of tenants that have a file each.
func openFiles(t testing.TB, directory string, atOnce int) *rowhouse.DB {
	t.Helper()
	drv, err := sqlite.New(filepath.Join(directory, "home.db"))
	must(t, err)
	db, err := rowhouse.Open(t.Context(), drv, rowhouse.Options{Models: rowhouse.Models(tallies), MaxDatabases: atOnce})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()); must(t, drv.Close()) })
	return db
}

// fill makes tenants of one row each.
func fill(t testing.TB, db *rowhouse.DB, n int) []string {
	t.Helper()
	ids, list := make([]string, n), make([]fleet.NewTenant, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("t%d", i)
		list[i] = fleet.NewTenant{ID: ids[i], Placement: rowhouse.Database(ids[i])}
	}
	f := fleet.New(db, fleet.Options{})
	must(t, f.Init(t.Context()))
	for _, n := range list {
		must(t, f.Provision(t.Context(), n))
	}
	for _, id := range ids {
		tenant, err := db.Tenant(t.Context(), id)
		must(t, err)
		must(t, tallies.In(tenant).Insert(t.Context(), &Tally{ID: 1, Whose: id}))
	}
	return ids
}

// addTo adds one to the tenant's row, and reads it back.
func addTo(ctx context.Context, db *rowhouse.DB, id string) error {
	tenant, err := db.Tenant(ctx, id)
	if err != nil {
		return err
	}
	if _, err := tallies.In(tenant).UpdateWhere(ctx, tallyID.Eq(1), tallyCount.Add(1)); err != nil {
		return err
	}
	row, err := tallies.In(tenant).Get(ctx, 1)
	if err == nil && row.Whose != id {
		err = fmt.Errorf("breach: tenant %q reads the row of %q", id, row.Whose)
	}
	return err
}

// filesOpen are the databases of the directory that this process has open, and its descriptors of them. Only
// Linux tells; elsewhere there are none.
func filesOpen(t testing.TB, directory string) (databases, descriptors int) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0, 0
	}
	list, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	seen := map[string]bool{}
	for _, fd := range list {
		path, err := os.Readlink("/proc/self/fd/" + fd.Name())
		if err != nil || !strings.HasPrefix(path, directory+"/t") {
			continue
		}
		descriptors++
		seen[strings.TrimSuffix(strings.TrimSuffix(path, "-wal"), "-shm")] = true
	}
	return len(seen), descriptors
}

// TestSQLiteBudget has many more tenants in files than may be open, used side by side.
func TestSQLiteBudget(t *testing.T) {
	t.Parallel()
	const tenants, most, workers, each = 200, 12, 8, 100
	directory := t.TempDir()
	db := openFiles(t, directory, most)
	ids := fill(t, db, tenants)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(w)))
			for range each {
				if err := addTo(t.Context(), db, ids[r.IntN(tenants)]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	databases, descriptors := filesOpen(t, directory)
	if databases > most || descriptors > most*2*3 || databases == 0 && runtime.GOOS == "linux" {
		t.Errorf("%d databases are open, by %d descriptors; %d may be", databases, descriptors, most)
	}
	total := int64(0)
	for _, id := range ids {
		tenant, err := db.Tenant(t.Context(), id)
		must(t, err)
		row, err := tallies.In(tenant).Get(t.Context(), 1)
		must(t, err)
		total += row.Count
	}
	if total != workers*each {
		t.Errorf("%d were added, want %d", total, workers*each)
	}
}

// TestSQLiteProcesses has processes write to the same files; none may be told that the file is locked.
func TestSQLiteProcesses(t *testing.T) {
	t.Parallel()
	const variable, processes, each = "ROWHOUSE_TEST_SQLITE_FILES", 3, 60
	ctx := t.Context()
	if directory := os.Getenv(variable); directory != "" {
		db := openFiles(t, directory, 2)
		for i := range each {
			must(t, addTo(ctx, db, fmt.Sprintf("t%d", i%2)))
			tenant, err := db.Tenant(ctx, "t0")
			must(t, err)
			must(t, tenant.Tx(ctx, func(tx *rowhouse.Tx) error { // reads, and then writes what it read
				row, err := tallies.In(tx).Get(ctx, 1)
				row.Count++
				if err == nil {
					err = tallies.In(tx).Update(ctx, &row)
				}
				return err
			}))
		}
		return
	}
	directory := t.TempDir()
	db := openFiles(t, directory, 2)
	fill(t, db, 2)
	var wg sync.WaitGroup
	for range processes {
		wg.Go(func() {
			cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestSQLiteProcesses$", "-test.v")
			cmd.Env = append(os.Environ(), variable+"="+directory)
			if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestSQLiteProcesses") {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	for i, want := range []int64{processes * each * 3 / 2, processes * each / 2} {
		tenant, err := db.Tenant(ctx, fmt.Sprintf("t%d", i))
		must(t, err)
		row, err := tallies.In(tenant).Get(ctx, 1)
		must(t, err)
		if row.Count != want {
			t.Errorf("tenant t%d has %d, want %d", i, row.Count, want)
		}
	}
}

// BenchmarkSQLiteBudget adds to rows of 10,000 tenants that have a file each, of which 500 may be open: by
// chance, so that nineteen in twenty have to be opened first, and by Zipf's law.
func BenchmarkSQLiteBudget(b *testing.B) {
	const tenants, most = 10_000, 500
	directory := b.TempDir()
	db := openFiles(b, directory, most)
	ids := fill(b, db, tenants)
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.1, 1, tenants-1)
	for name, next := range map[string]func() int{
		"one": func() int { return 0 }, "uniform": func() int { return r.IntN(tenants) }, "zipf": func() int { return int(zipf.Uint64()) },
	} {
		var mu sync.Mutex
		b.Run(name, func(b *testing.B) {
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					mu.Lock()
					i := next()
					mu.Unlock()
					must(b, addTo(b.Context(), db, ids[i]))
				}
			})
			databases, descriptors := filesOpen(b, directory)
			b.ReportMetric(float64(databases), "open")
			b.ReportMetric(float64(descriptors), "descriptors")
		})
	}
}
