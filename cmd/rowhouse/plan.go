package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rowhouse/rowhouse"
)

// planned is a tenant that is to be.
type planned struct {
	id        string
	placement rowhouse.Placement
}

// kinds are the placements, in the order in which they are dealt out and printed.
var kinds = []rowhouse.PlacementKind{
	rowhouse.InPrefix, rowhouse.InSchema, rowhouse.InDatabase, rowhouse.InShared,
}

// plan deals n tenants out over the placements, one by one, passing over a placement that has as
// many as the site takes. Shared tables take any number.
func plan(n int, s *site) []planned {
	tenants := make([]planned, 0, n)
	count := map[rowhouse.PlacementKind]int{}
	for at := 0; len(tenants) < n; at++ {
		kind := kinds[at%len(kinds)]
		most, bounded := s.most[kind]
		if bounded && count[kind] >= most {
			continue
		}
		tenants = append(tenants, planned{id: tenantID(kind, count[kind]), placement: s.placement(kind)})
		count[kind]++
	}
	return tenants
}

func (s *site) placement(kind rowhouse.PlacementKind) rowhouse.Placement {
	switch kind {
	case rowhouse.InSchema:
		return s.schema
	case rowhouse.InDatabase:
		return s.database
	case rowhouse.InShared:
		return rowhouse.Shared()
	}
	return rowhouse.Prefix()
}

// tenantID names tenants so that the reader sees who is placed how: 42, 43 … by prefix, acme,
// acme2 … by schema, bigco … by database, trial … in the shared tables.
func tenantID(kind rowhouse.PlacementKind, i int) string {
	names := map[rowhouse.PlacementKind]string{
		rowhouse.InSchema: "acme", rowhouse.InDatabase: "bigco", rowhouse.InShared: "trial",
	}
	name, named := names[kind]
	switch {
	case !named:
		return strconv.Itoa(42 + i)
	case i == 0:
		return name
	}
	return name + strconv.Itoa(i+1)
}

// mix says how many tenants are placed how: 250 prefix, 250 schema, 500 shared.
func mix(tenants []planned) string {
	count := map[rowhouse.PlacementKind]int{}
	for _, t := range tenants {
		count[t.placement.Kind]++
	}
	var parts []string
	for _, kind := range kinds {
		if count[kind] > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", thousands(count[kind]), kind))
		}
	}
	return strings.Join(parts, ", ")
}

// bounded reports whether a placement has all the tenants that the site takes.
func (s *site) bounded(tenants []planned) bool {
	count := map[rowhouse.PlacementKind]int{}
	for _, t := range tenants {
		count[t.placement.Kind]++
	}
	for kind, most := range s.most {
		if count[kind] >= most {
			return true
		}
	}
	return false
}

// examples are a few tenants to look at: the first of each placement, and of shared tables the
// second too, since the wall between those two is the thinnest.
func examples(tenants []planned) []planned {
	var few []planned
	count := map[rowhouse.PlacementKind]int{}
	for _, t := range tenants {
		kind := t.placement.Kind
		if count[kind]++; count[kind] == 1 || kind == rowhouse.InShared && count[kind] == 2 {
			few = append(few, t)
		}
	}
	return few
}
