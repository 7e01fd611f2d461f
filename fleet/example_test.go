package fleet_test

import (
	"context"
	"fmt"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
)

func Example() {
	ctx := context.Background()
	drv, err := sqlite.Temporary()
	if err != nil {
		panic(err)
	}
	defer drv.Close()
	db, err := rowhouse.Open(ctx, drv, rowhouse.Options{Models: rowhouse.Models(Cases, Comments)})
	if err != nil {
		panic(err)
	}
	defer db.Close()

	f := fleet.New(db, fleet.Options{})
	result, err := f.ProvisionAll(ctx, []fleet.NewTenant{
		{ID: "42"},
		{ID: "acme", Placement: rowhouse.Database("t_{tenant}")},
		{ID: "42", Placement: rowhouse.Shared()},
	})
	fmt.Println("made:", result.Done)
	fmt.Println(err)

	acme, _ := db.Tenant(ctx, "acme")
	err = Cases.In(acme).Insert(ctx, &Case{Title: "Roof leaks"})
	fmt.Println(acme.TableName(Cases), err)

	fmt.Println(f.Suspend(ctx, "acme"))
	_, err = Cases.In(acme).Count(ctx)
	fmt.Println(err)
	fmt.Println(f.Drop(ctx, "acme"))
	// Output:
	// made: [42 acme]
	// fleet: provision tenant "42": it is in the list twice, at 0 and 2
	// "main"."case" <nil>
	// <nil>
	// rowhouse: tenant "acme": tenant is not active: it is suspended
	// <nil>
}
