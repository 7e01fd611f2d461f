package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
)

// Region and Plan are tables that all tenants share; Subscription is a tenant's.
type (
	Region struct {
		Code string `db:"code,pk,size:8"`
	}
	Plan struct {
		Code   string `db:"code,pk,size:20"`
		Seats  int    `db:"seats"`
		Region string `db:"region,size:8,ref:region.code"`
	}
	Subscription struct {
		ID     int64   `db:"id,pk,auto"`
		Plan   string  `db:"plan_code,size:20,ref:plan.code"`
		Former *string `db:"former_code,size:20,ref:plan.code,ondelete:setnull"`
	}
)

var (
	plans         = rowhouse.MustDefineCommon[Plan]("plan")
	planCode      = rowhouse.Col(plans, func(p *Plan) *string { return &p.Code })
	regions       = rowhouse.MustDefineCommon[Region]("region")
	subscriptions = rowhouse.MustDefine[Subscription]("subscription")
	subscriber    = rowhouse.Models(subscriptions, plans, regions)
)

// TestCommonHouse has a table that all tenants share, to which theirs refer.
func TestCommonHouse(t *testing.T) {
	everywhere(t, subscriber, func(t *testing.T, s site) {
		ctx, home := t.Context(), s.db.Common()
		code := strings.ReplaceAll(t.Name()[len("TestCommonHouse/"):], "/", "-")
		if len(code) > 20 {
			t.Fatalf("the code %q is too long", code)
		}
		region := Region{Code: "eu"}
		ok(t, regions.In(home).Upsert(ctx, &region))
		is(t, plans.In(home).Insert(ctx, &Plan{Code: code + "x", Region: "mars"}), rowhouse.ErrReference)
		ok(t, home.Tx(ctx, func(tx *rowhouse.Tx) error {
			return plans.In(tx).Insert(ctx, &Plan{Code: code, Seats: 5, Region: "eu"})
		}))
		sub := Subscription{Plan: code, Former: &code}
		ok(t, subscriptions.In(s.tenant).Insert(ctx, &sub))
		err := subscriptions.In(s.other).Insert(ctx, &Subscription{Plan: "none"})
		_, err2 := plans.In(home).DeleteWhere(ctx, planCode.Eq(code))
		if away(s) { // the databases know nothing of each other
			ok(t, errors.Join(err, err2))
			return
		}
		is(t, err, rowhouse.ErrReference)
		is(t, err2, rowhouse.ErrReference)
		ok(t, subscriptions.In(s.tenant).Delete(ctx, &sub))
		n, err := plans.In(home).DeleteWhere(ctx, planCode.Eq(code))
		ok(t, err)
		if n != 1 {
			t.Errorf("%d plans were deleted", n)
		}
	})
}

// away reports whether the tenant lives in a database of its own, without the common tables.
func away(s site) bool {
	kind := s.tenant.Placement()
	return kind == rowhouse.InDatabase || kind == rowhouse.InSchema && s.engine == "sqlite"
}

// TestCommonIsNoTenant has models be used where they belong only.
func TestCommonIsNoTenant(t *testing.T) {
	everywhere(t, subscriber, func(t *testing.T, s site) {
		ctx := t.Context()
		_, err := plans.In(s.tenant).All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		is(t, plans.In(s.tenant).Insert(ctx, &Plan{Code: "x", Region: "eu"}), rowhouse.ErrInvalid)
		_, err = subscriptions.In(s.db.Common()).Count(ctx)
		is(t, err, rowhouse.ErrInvalid)
		is(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			_, err := plans.In(tx).Get(ctx, "x")
			return err
		}), rowhouse.ErrInvalid)
		is(t, s.db.Common().Tx(ctx, func(tx *rowhouse.Tx) error {
			_, err := subscriptions.In(tx).All(ctx)
			return err
		}), rowhouse.ErrInvalid)
	})
}

// TestCommonDoesNotReferToTenants has the direction that cannot be refused when the DB is opened.
func TestCommonDoesNotReferToTenants(t *testing.T) {
	t.Parallel()
	type Ledger struct {
		ID           int64 `db:"id,pk"`
		Subscription int64 `db:"subscription_id,ref:subscription.id"`
	}
	drv, err := sqlite.Temporary()
	ok(t, err)
	t.Cleanup(func() { ok(t, drv.Close()) })
	_, err = rowhouse.Open(t.Context(), drv, rowhouse.Options{
		Models: append(subscriber, rowhouse.MustDefineCommon[Ledger]("ledger")),
	})
	_, mistake := errors.AsType[*rowhouse.DefinitionError](err)
	if !mistake || !strings.Contains(err.Error(), "cannot refer to any tenant's") {
		t.Errorf("got %v", err)
	}
}

// ExampleDB_Common has tenants refer to a table that they all share.
func ExampleDB_Common() {
	ctx := context.Background()
	drv, err := sqlite.Temporary()
	check(err)
	db, err := rowhouse.Open(ctx, drv, rowhouse.Options{Models: rowhouse.Models(plans, regions, subscriptions)})
	check(err)
	defer func() { check(errors.Join(db.Close(), drv.Close())) }()
	check(fleet.New(db, fleet.Options{}).Provision(ctx, fleet.NewTenant{ID: "acme"}))

	check(regions.In(db.Common()).Insert(ctx, &Region{Code: "eu"}))
	check(plans.In(db.Common()).Insert(ctx, &Plan{Code: "team", Seats: 5, Region: "eu"}))
	acme, err := db.Tenant(ctx, "acme")
	check(err)
	check(subscriptions.In(acme).Insert(ctx, &Subscription{Plan: "team"}))
	err = subscriptions.In(acme).Insert(ctx, &Subscription{Plan: "gold"})
	fmt.Println(errors.Is(err, rowhouse.ErrReference))
	// Output:
	// true
}
