package main

import (
	"slices"
	"testing"

	"github.com/rowhouse/rowhouse"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	s := &site{
		schema: rowhouse.Schema("{tenant}"), database: rowhouse.Database("{tenant}"),
		most: map[rowhouse.PlacementKind]int{rowhouse.InDatabase: 2, rowhouse.InSchema: 10_000},
	}
	for n, want := range map[int]string{
		1:       "1 prefix",
		3:       "1 prefix, 1 schema, 1 database",
		9:       "3 prefix, 2 schema, 2 database, 2 shared",
		1000:    "333 prefix, 333 schema, 2 database, 332 shared",
		100_000: "44,999 prefix, 10,000 schema, 2 database, 44,999 shared",
	} {
		tenants := plan(n, s)
		if got := mix(tenants); got != want {
			t.Errorf("%d tenants are %s; wanted %s", n, got, want)
		}
		if got := s.bounded(tenants); got != (n >= 9) {
			t.Errorf("%d tenants: that the site bounds them is %t", n, got)
		}
		ids := map[string]bool{}
		for _, tenant := range tenants {
			if err := rowhouse.CheckTenant(tenant.id); err != nil || ids[tenant.id] {
				t.Errorf("tenant %q: %v, or twice", tenant.id, err)
			}
			ids[tenant.id] = true
		}
	}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, tenant := range examples(plan(20, &site{schema: rowhouse.Schema("{tenant}"), database: rowhouse.Database("{tenant}")})) {
		ids = append(ids, tenant.id)
	}
	if want := []string{"42", "acme", "bigco", "trial", "trial2"}; !slices.Equal(ids, want) {
		t.Errorf("examples are %q, wanted %q", ids, want)
	}
}
