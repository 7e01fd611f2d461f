// Package contest is for benchmarks that compare ways to do the same work. They take turns, so that
// a machine that is busy is busy for all of them.
package contest

import (
	"slices"
	"testing"
	"time"
)

// Entrant is one way to do the work.
type Entrant struct {
	Name string
	Run  func() error
}

// Hold runs all entrants in each round of the benchmark and reports, of each, the median time and its
// ratio to the first one's, and what one run allocates.
func Hold(b *testing.B, entrants ...Entrant) {
	b.Helper()
	times := make([][]time.Duration, len(entrants))
	do := func(e Entrant) time.Duration {
		start := time.Now()
		if err := e.Run(); err != nil {
			b.Fatalf("%s: %v", e.Name, err)
		}
		return time.Since(start)
	}
	for b.Loop() {
		for i, e := range entrants {
			times[i] = append(times[i], do(e))
		}
	}
	first := median(times[0])
	for i, e := range entrants {
		b.ReportMetric(median(times[i])/1000, e.Name+"-µs")
		b.ReportMetric(median(times[i])/first, e.Name+"-ratio")
		b.ReportMetric(testing.AllocsPerRun(2, func() { do(e) }), e.Name+"-allocs")
	}
}

func median(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2])
}
