package rowhouse

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestDealAscending compares what a merge deals with each parent's rows, looked for one by one.
func TestDealAscending(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	draw := func(most int) []int64 {
		keys := make([]int64, random.IntN(most))
		for i := range keys {
			keys[i] = random.Int64N(9) - 4
		}
		if random.IntN(4) > 0 {
			slices.Sort(keys)
		}
		return keys
	}
	dealt := 0
	for range 20_000 {
		parents, rows := draw(6), draw(9)
		if random.IntN(4) > 0 {
			parents = slices.Compact(parents)
		}
		spans, ok := dealAscending(len(parents), len(rows),
			func(i int) int64 { return parents[i] }, func(i int) int64 { return rows[i] })
		unique := len(slices.Compact(slices.Sorted(slices.Values(parents)))) == len(parents)
		if want := slices.IsSorted(parents) && unique && slices.IsSorted(rows); ok != want {
			t.Fatalf("parents %v, rows %v: dealt %t, want %t", parents, rows, ok, want)
		}
		if !ok {
			continue
		}
		dealt++
		for i, key := range parents {
			n := 0
			for _, k := range rows {
				if k == key {
					n++
				}
			}
			its := spans[i]
			if its.n != n || n > 0 && its.first != slices.Index(rows, key) {
				t.Fatalf("parents %v, rows %v: parent %d has %+v", parents, rows, i, its)
			}
		}
	}
	if dealt < 1000 {
		t.Errorf("only %d were dealt", dealt)
	}
}
