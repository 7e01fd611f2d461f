package main

import "math/rand/v2"

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
		random := rand.NewZipf(rand.New(rand.NewPCG(1, uint64(round))), zipfSkew, 1, uint64(n-1))
		return func(int) string { return g.tenants[random.Uint64()] }
	}}
}
