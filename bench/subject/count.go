package subject

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// countEach counts tenant after tenant, over some connections at once, for subjects that know no
// better.
func countEach(
	ctx context.Context, tenants []string, connections int, count func(ctx context.Context, tenant string) (int64, error),
) (int64, error) {
	var total, next atomic.Int64
	errs := make([]error, connections)
	var workers sync.WaitGroup
	for worker := range connections {
		workers.Go(func() {
			for errs[worker] == nil {
				i := int(next.Add(1)) - 1
				if i >= len(tenants) {
					return
				}
				var n int64
				n, errs[worker] = count(ctx, tenants[i])
				total.Add(n)
			}
		})
	}
	workers.Wait()
	return total.Load(), errors.Join(errs...)
}
