package main

import (
	"math"
	"math/rand/v2"
	"sort"
)

// spread is whose turn it is.
type spread struct {
	tenants int
	turn    func(g *ground, round int) func(i int) string
}

// one is always the first tenant.
func one() spread {
	return spread{1, func(g *ground, _ int) func(int) string {
		return func(int) string { return g.tenants[0] }
	}}
}

// many are n tenants, each in turn.
func many(n int) spread {
	return spread{n, func(g *ground, _ int) func(int) string {
		return func(i int) string { return g.tenants[i%n] }
	}}
}

// zipf are n tenants, few of them often and most of them seldom, in an order that is the same for all
// subjects of a round.
func zipf(n int) spread {
	return spread{n, func(g *ground, round int) func(int) string {
		next := ranks(rand.New(rand.NewPCG(1, uint64(round))), n)
		return func(int) string { return g.tenants[next()] }
	}}
}

// ranks draws numbers below n by Zipf's law: rank r comes in proportion to 1/(r+1)^zipfSkew.
func ranks(random *rand.Rand, n int) (next func() int) {
	below := make([]float64, n) // the share of all ranks up to this one
	sum := 0.0
	for r := range below {
		sum += math.Pow(float64(r+1), -zipfSkew)
		below[r] = sum
	}
	return func() int { return sort.SearchFloat64s(below, random.Float64()*sum) }
}
