package isolation

import (
	"testing"

	"github.com/rowhouse/rowhouse"
)

// TestRawRowSecurity runs raw SQL in shared tables that the database walls in as well: it is told whose
// the statement is, or there would be no row at all.
func TestRawRowSecurity(t *testing.T) {
	t.Parallel()
	g := securedGround(t)
	places := g.settle(t)
	db, err := rowhouse.Open(t.Context(), g.work, g.options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, at := range places {
		tenant, err := db.Tenant(t.Context(), at.id)
		if err != nil {
			t.Fatal(err)
		}
		owner := "somebody"
		if err := Cases.In(tenant).Insert(t.Context(), &Case{Code: "one", Canary: at.id, Owner: &owner}); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range places {
		tenant, err := db.Tenant(t.Context(), at.id)
		if err != nil {
			t.Fatal(err)
		}
		q := func(scope rowhouse.Scope) {
			got, err := rowhouse.Raw[string](scope, "SELECT c.canary FROM {case} c, {case} d WHERE c.id = $1 OR 1 = 1", 0).One(t.Context())
			if err != nil || got != at.id {
				t.Errorf("tenant %q has the row of %q, %v", at.id, got, err)
			}
		}
		q(tenant)
		if err := tenant.Tx(t.Context(), func(tx *rowhouse.Tx) error { q(tx); return nil }); err != nil {
			t.Error(err)
		}
	}
	if err := g.pristine(t.Context()); err != nil {
		t.Error(err)
	}
}
