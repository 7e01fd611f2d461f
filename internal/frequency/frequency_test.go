package frequency_test

import (
	"math/rand/v2"
	"testing"

	"github.com/rowhouse/rowhouse/internal/frequency"
)

// TestSketch counts keys that come in turn, as a small cache and one of the usual size see them:
// never too few, and too many of hardly any.
func TestSketch(t *testing.T) {
	t.Parallel()
	const rounds, each = 400, 3
	for kept, most := range map[int]float64{3: 0.001, 256: 0.1} {
		r := rand.New(rand.NewPCG(1, uint64(kept)))
		over, keys := 0, make([]uint64, 2*kept)
		for range rounds {
			s := frequency.New(kept)
			for i := range keys {
				keys[i] = r.Uint64()
			}
			for range each {
				for _, k := range keys {
					s.Add(k)
				}
			}
			for _, k := range keys {
				switch n := s.Of(k); {
				case n < each:
					t.Fatalf("a cache of %d: a key that came %d times has come %d", kept, each, n)
				case n > each:
					over++
				}
			}
		}
		if part := float64(over) / float64(rounds*len(keys)); part > most {
			t.Errorf("a cache of %d: %.2f %% of the keys have come more often than they did", kept, 100*part)
		}
	}
}

// TestHalving has what came long ago count less than what comes now.
func TestHalving(t *testing.T) {
	t.Parallel()
	s := frequency.New(8)
	const old, others, now = 1 << 40, 2 << 40, 3 << 40
	for range 60 {
		s.Add(old | 1)
	}
	for i := range uint64(150) {
		s.Add(others | i%50 + 2)
	}
	for range 20 {
		s.Add(now | 60)
	}
	if o, n := s.Of(old|1), s.Of(now|60); o >= n {
		t.Errorf("60 uses long ago count as %d, 20 just now as %d", o, n)
	}
}
