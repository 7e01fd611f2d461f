package main

import "time"

// scale is how much is done. Figures of a short run say that everything works, and not much more.
type scale struct {
	short   bool
	rounds  int
	many    int // tenants that are asked in turn
	skewed  int // tenants that are asked by Zipf's law
	ops     int // operations in a round
	slowOps int // the same with a network between
	bulk    int // rows that are inserted at once
	mapped  []int
}

func full() scale {
	return scale{rounds: 9, many: 1000, skewed: 5000, ops: 1000, slowOps: 100, bulk: 10_000, mapped: []int{1000, 10_000, 100_000}}
}

// short has more tenants than pgx keeps statements, so that the same things happen.
func short() scale {
	return scale{short: true, rounds: 2, many: 600, skewed: 800, ops: 600, slowOps: 20, bulk: 10_000, mapped: []int{1000, 10_000}}
}

const (
	firstRows  = 1000 // cases of the first tenant
	otherRows  = 50   // cases of each other
	children   = 4    // comments of each case
	page       = 50
	selected   = 100
	tenantWay  = 4 // connections over which all tenants are counted
	latency    = time.Millisecond
	zipfSkew   = 1.1
	mapsModels = 5
)
