package rowhouse_test

import (
	"errors"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/fleet"
)

// TestRowsAreTakenBack has what a transaction put into rows be undone with it, so that the same
// rows can be written again, by a retry for one.
func TestRowsAreTakenBack(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		boom := errors.New("boom")
		ann := person(t, s.tenant, "ann")
		before := ann
		fresh := []Person{{Email: "bob"}, {Email: "cyd"}}
		upserted := Person{Email: "ann", Age: 7}
		for range 2 {
			is(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
				ok(t, persons.In(tx).Update(ctx, &ann))
				ok(t, persons.In(tx).Delete(ctx, &ann))
				ok(t, persons.In(tx).InsertMany(ctx, fresh))
				ok(t, tx.Tx(ctx, func(tx *rowhouse.Tx) error {
					return persons.In(tx).Upsert(ctx, &upserted, personEmail)
				}))
				return boom
			}), boom)
			if ann != before {
				t.Fatalf("the updated row is %+v, was %+v", ann, before)
			}
			if fresh[0] != (Person{Email: "bob"}) || fresh[1] != (Person{Email: "cyd"}) {
				t.Fatalf("the inserted rows are %+v", fresh)
			}
			if upserted != (Person{Email: "ann", Age: 7}) {
				t.Fatalf("the upserted row is %+v", upserted)
			}
		}
		taken := []Person{{Email: "dan"}, {Email: "ann"}}
		is(t, persons.In(s.tenant).InsertMany(ctx, taken), rowhouse.ErrConflict)
		if taken[0] != (Person{Email: "dan"}) {
			t.Errorf("an insert that failed left %+v", taken[0])
		}
		ok(t, persons.In(s.tenant).Update(ctx, &ann))
	})
}

// OnlyKey has nothing to write over a row that exists.
type OnlyKey struct {
	ID   int64  `db:"id,pk,auto"`
	Code string `db:"code,size:20,unique"`
}

func TestUpsertWithNothingToOverwrite(t *testing.T) {
	keys := rowhouse.MustDefine[OnlyKey]("only_key")
	code := rowhouse.Col(keys, func(k *OnlyKey) *string { return &k.Code })
	everywhere(t, rowhouse.Models(keys), func(t *testing.T, s site) {
		first := OnlyKey{Code: "x"}
		ok(t, keys.In(s.tenant).Upsert(t.Context(), &first, code))
		second := OnlyKey{Code: "x"}
		ok(t, keys.In(s.tenant).Upsert(t.Context(), &second, code))
		third := OnlyKey{ID: first.ID + 100, Code: "x"}
		ok(t, keys.In(s.tenant).Upsert(t.Context(), &third, code))
		if first.ID == 0 || second != first || third != first {
			t.Errorf("one row came back as %+v, %+v and %+v", first, second, third)
		}
	})
}

// TestPlacesThatChangeHands has process there keep what it knew of a tenant, while process here
// gives its place to another.
func TestPlacesThatChangeHands(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			drv, prefix := e.open(t)
			for _, place := range []rowhouse.Placement{rowhouse.Schema(prefix + "_s"), rowhouse.Database(prefix + "_d")} {
				changesHands(t, drv, place)
			}
		})
	}
}

func changesHands(t *testing.T, drv driver.Driver, place rowhouse.Placement) {
	t.Helper()
	ctx := t.Context()
	here := openStore(t, drv)
	cut := &severed{}
	there, err := rowhouse.Open(ctx, drv, rowhouse.Options{Models: people, Freshness: storeFreshness, Catalog: cut.around(here)})
	ok(t, err)
	t.Cleanup(func() { ok(t, there.Close()) })
	houses := fleet.New(here, fleet.Options{})
	ok(t, houses.Provision(ctx, fleet.NewTenant{ID: "old", Placement: place}))
	ok(t, there.Refresh(ctx))
	old := tenantOf(t, there, "old")
	person(t, old, "the secret of old")

	// It comes back elsewhere: the place that it had is not free yet.
	ok(t, houses.Drop(ctx, "old"))
	ok(t, houses.Provision(ctx, fleet.NewTenant{ID: "old", Placement: rowhouse.Prefix()}))
	is(t, houses.Provision(ctx, fleet.NewTenant{ID: "new", Placement: place}), rowhouse.ErrPlacement)
	ok(t, houses.Drop(ctx, "old"))

	// A process that cannot read the catalog misses all of it.
	cut.on.Store(true)
	time.Sleep(2 * storeFreshness)
	ok(t, houses.Provision(ctx, fleet.NewTenant{ID: "new", Placement: place}))
	person(t, tenantOf(t, here, "new"), "the secret of new")
	cut.on.Store(false)
	ok(t, there.Refresh(ctx))
	_, err = there.Tenant(ctx, "old")
	is(t, err, rowhouse.ErrUnknownTenant)
	_, err = persons.In(old).All(ctx)
	is(t, err, rowhouse.ErrUnknownTenant)
	row, err := persons.In(tenantOf(t, there, "new")).One(ctx)
	if ok(t, err); row.Email != "the secret of new" {
		t.Errorf("the new tenant reads %q", row.Email)
	}
	ok(t, houses.Drop(ctx, "new"))
}

// TestOuterTxInSavepoint has what the outer transaction does while a savepoint of it is open be undone with
// that: in the database, in rows, and in what a unit knows of them.
func TestOuterTxInSavepoint(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		ann := person(t, s.tenant, "ann")
		boom := errors.New("boom")
		bob, cyd := Person{Email: "bob"}, Person{Email: "cyd"}
		ok(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			u := rowhouse.NewUnit(tx)
			row, err := persons.Unit(u).Get(ctx, ann.ID)
			ok(t, err)
			row.Age = 70
			is(t, tx.Tx(ctx, func(*rowhouse.Tx) error {
				ok(t, u.Flush(ctx))
				ok(t, persons.In(tx).Insert(ctx, &bob))
				return tx.Tx(ctx, func(*rowhouse.Tx) error {
					ok(t, persons.In(tx).Insert(ctx, &cyd))
					return boom
				})
			}), boom)
			if !u.Changed() {
				t.Error("the flush was undone, and there is nothing to flush")
			}
			if n, err := persons.In(tx).Count(ctx); err != nil || n != 1 {
				t.Errorf("%d rows, %v", n, err)
			}
			if bob != (Person{Email: "bob"}) || cyd != (Person{Email: "cyd"}) {
				t.Errorf("inserts that were undone left %+v and %+v", bob, cyd)
			}
			return u.Flush(ctx)
		}))
		found, err := persons.In(s.tenant).Get(ctx, ann.ID)
		ok(t, err)
		equal(t, "age", found.Age, 70)
	})
}
