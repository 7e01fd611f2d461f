package main

import "time"

// scale is how much is done. Figures of a short run say that everything works, and not much more.
type scale struct {
	short   bool
	rounds  int
	many    int // tenants that are asked in turn
	skewed  int // tenants that are asked by Zipf's law
	ops     int // operations in a round
	settle  int // operations before the first round, where tenants are many
	slowOps int // the same with a network between
	laneOps int // operations that have connections come to know all tenants
	bulk    int // rows that are inserted at once
	mapped  []int
}

func full() scale {
	return scale{
		rounds: 15, many: 1000, skewed: 5000, ops: 1000, settle: 10_000, slowOps: 25, laneOps: 80_000,
		bulk: 10_000, mapped: []int{1000, 10_000, 100_000},
	}
}

// short has few tenants: pgx's cache of 512 statements holds most of them, which the full run is about.
func short() scale {
	return scale{short: true, rounds: 2, many: 200, skewed: 300, ops: 200, slowOps: 20, laneOps: 5000, bulk: 10_000, mapped: []int{1000}}
}

const (
	firstRows  = 1000 // cases of the first tenant
	otherRows  = 50   // cases of each other
	children   = 4    // comments of each case
	page       = 50
	selected   = 100
	tenantWay  = 4 // connections over which all tenants are counted
	latency    = time.Millisecond
	zipfSkew   = 0.99 // that of YCSB (Cooper et al., Benchmarking Cloud Serving Systems with YCSB, 2010)
	mapsModels = 5
)
