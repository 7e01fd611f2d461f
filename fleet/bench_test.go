package fleet_test

import (
	"fmt"
	"testing"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/fleet"
)

// BenchmarkProvision makes tenants of two models; an operation is one tenant. Run it with a
// fixed number, which is how many there are in the end: -benchtime 1000x.
func BenchmarkProvision(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres", "mariadb"} {
		for _, place := range []string{"prefix", "schema", "database", "shared"} {
			for _, workers := range []int{1, 4, 8} {
				b.Run(fmt.Sprintf("%s/%s/workers=%d", engine, place, workers), func(b *testing.B) {
					h := engines[engine](b)
					_, f := open(b, h.drv, rowhouse.Options{Placement: rowhouse.Shared()}, fleet.Options{Workers: workers})
					must(b, f.Init(b.Context()))
					tenants := make([]fleet.NewTenant, b.N)
					ids := make([]string, b.N)
					for i := range tenants {
						ids[i] = fmt.Sprintf("tenant-%d", i)
						tenants[i] = fleet.NewTenant{ID: ids[i], Placement: h.placements()[place]}
					}
					b.ResetTimer()
					_, err := f.ProvisionAll(b.Context(), tenants)
					b.StopTimer()
					must(b, err)
					_, err = f.DropAll(b.Context(), ids...)
					must(b, err)
				})
			}
		}
	}
}
