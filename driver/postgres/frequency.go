package postgres

// frequency estimates how often each text came lately, in two bytes for each that is kept: a
// count-min sketch (Cormode and Muthukrishnan, 2005) of two rows in one, whose counters are
// halved from time to time, as in TinyLFU (Einziger, Friedman and Manes, 2017).
type frequency struct {
	counts  []uint8 // a power of two of them
	samples int     // since the last halving
	period  int
}

func newFrequency(kept int) frequency {
	size := 64
	for size < 8*kept {
		size *= 2
	}
	return frequency{counts: make([]uint8, size), period: 10 * max(kept, 8)}
}

func (f *frequency) slots(key uint64) (a, b *uint8) {
	mask := uint64(len(f.counts) - 1)
	return &f.counts[key&mask], &f.counts[key>>32&mask]
}

// add counts one more, and returns how many that makes.
func (f *frequency) add(key uint64) uint8 {
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

func (f *frequency) of(key uint64) uint8 {
	a, b := f.slots(key)
	return min(*a, *b)
}

func (f *frequency) halve() {
	f.samples = 0
	for i := range f.counts {
		f.counts[i] /= 2
	}
}
