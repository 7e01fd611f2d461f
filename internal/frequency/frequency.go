// Package frequency says how often something came lately, to decide what a cache keeps.
package frequency

// Sketch estimates how often each key came lately, in some bytes for each that a cache keeps: a
// count-min sketch (Cormode and Muthukrishnan, 2005) of two rows in one, whose counters are
// halved from time to time, as in TinyLFU (Einziger, Friedman and Manes, 2017). It is used by one
// goroutine at a time.
type Sketch struct {
	counts  []uint8 // a power of two of them
	samples int     // since the last halving
	period  int
}

// Idle is after how many uses of others what a cache keeps gives way to whatever comes twice, however often it
// came before: a job has ended, and another has begun.
const Idle = 8192

// fewest is how many counters there are for a cache of a few, whose keys would else share some by chance.
const fewest = 1024

// New returns a sketch for a cache that keeps so many.
func New(kept int) Sketch {
	size := fewest
	for size < 8*kept {
		size *= 2
	}
	return Sketch{counts: make([]uint8, size), period: 10 * max(kept, 8)}
}

func (f *Sketch) slots(key uint64) (a, b *uint8) {
	mask := uint64(len(f.counts) - 1)
	return &f.counts[key&mask], &f.counts[key>>32&mask]
}

// Add counts one more, and returns how many that makes.
func (f *Sketch) Add(key uint64) uint8 {
	if f.samples++; f.samples >= f.period {
		f.halve()
	}
	a, b := f.slots(key)
	n := min(*a, *b)
	if n == 255 {
		return n
	}
	n++
	*a, *b = max(*a, n), max(*b, n)
	return n
}

// Of is how many there were of a key.
func (f *Sketch) Of(key uint64) uint8 {
	a, b := f.slots(key)
	return min(*a, *b)
}

func (f *Sketch) halve() {
	f.samples = 0
	for i := range f.counts {
		f.counts[i] /= 2
	}
}
