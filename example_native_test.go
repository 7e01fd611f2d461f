package rowhouse_test

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/rowhouse/rowhouse"
)

// Code that brings its own SQL runs on the driver's transaction, where bare names can be the tenant's.
func ExampleNative() {
	ctx := context.Background()
	bigco, done := exampleTenant(ctx, "bigco")
	defer done()
	check(bigco.Tx(ctx, func(tx *rowhouse.Tx) error {
		if err := Tickets.In(tx).Insert(ctx, &Ticket{Title: "Roof", Slug: "roof"}); err != nil {
			return err
		}
		if err := tx.SetSearchPath(ctx); err != nil {
			return err
		}
		native, err := rowhouse.Native[*sql.Tx](tx) // pgx.Tx on PostgreSQL
		if err != nil {
			return err
		}
		var title string
		err = native.QueryRowContext(ctx, "SELECT title FROM ticket").Scan(&title)
		fmt.Println(title)
		return err
	}))
	// Output:
	// Roof
}
