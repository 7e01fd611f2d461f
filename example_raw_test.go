package rowhouse_test

import (
	"context"
	"fmt"

	"github.com/rowhouse/rowhouse"
)

func ExampleRaw() {
	ctx := context.Background()
	db, done := exampleDB(ctx)
	defer done()
	type status struct {
		Status string
		N      int
		Top    int `db:"top"`
	}
	for _, id := range []string{"acme", "trial"} { // its own tables; shared ones
		tenant, err := db.Tenant(ctx, id)
		check(err)
		check(Tickets.In(tenant).InsertMany(ctx, []Ticket{
			{Title: "Roof", Slug: "roof", Priority: 3},
			{Title: "Door", Slug: "door", Priority: 1},
			{Title: "Gate of " + id, Slug: "gate", Priority: 2, Status: "closed"},
		}))
		byStatus := rowhouse.Raw[status](tenant, `
			SELECT t.status, count(*) AS n, max(t.priority) AS top FROM {ticket} t
			WHERE t.priority >= @least OR 1 = 1 -- no condition reaches another tenant's rows
			GROUP BY t.status ORDER BY t.status`, rowhouse.Named{"least": 1})
		for s, err := range byStatus.Each(ctx) {
			check(err)
			fmt.Println(id, s.Status, s.N, s.Top)
		}
	}
	// Output:
	// acme closed 1 2
	// acme open 2 3
	// trial closed 1 2
	// trial open 2 3
}

// A list stands alone in IN, on every engine, and may be empty.
func ExampleRaw_list() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	check(Tickets.In(acme).InsertMany(ctx, []Ticket{{Title: "Roof", Slug: "roof"}, {Title: "Door", Slug: "door"}}))
	for _, slugs := range [][]string{{"roof", "gate"}, {}} {
		titles, err := rowhouse.Raw[string](acme, "SELECT title FROM {ticket} WHERE slug NOT IN ($1) ORDER BY title", slugs).All(ctx)
		check(err)
		fmt.Println(titles)
	}
	// Output:
	// [Door]
	// [Door Roof]
}

// What is not the tenant's is refused before anything is sent.
func ExampleRaw_refused() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	for _, text := range []string{
		"SELECT title FROM ticket",
		"SELECT title FROM {invoice}",
		"SELECT title FROM {ticket}; DELETE FROM {ticket}",
	} {
		_, err := rowhouse.Raw[string](acme, text).All(ctx)
		fmt.Println(err)
	}
	// Output:
	// rowhouse: raw of tenant "acme": invalid use: line 1: ticket stands where a table does; write the model's slot, {ticket}
	// rowhouse: raw of tenant "acme": invalid use: line 1: there is no model "invoice" for slot {invoice}; there are ticket
	// rowhouse: raw of tenant "acme": invalid use: line 1: a second statement follows; one text is one statement
}

func ExampleExec() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	check(Tickets.In(acme).InsertMany(ctx, []Ticket{{Title: "Roof", Slug: "roof"}, {Title: "Door", Slug: "door"}}))
	err := acme.Tx(ctx, func(tx *rowhouse.Tx) error {
		n, err := rowhouse.Exec(ctx, tx, "UPDATE {ticket} SET priority = priority + $1, title = upper(title) WHERE slug = $2", 2, "roof")
		fmt.Println(n, "row")
		return err
	})
	check(err)
	roof, err := Tickets.In(acme).Where(TicketSlug.Eq("roof")).One(ctx)
	check(err)
	fmt.Println(roof.Title, roof.Priority)
	// Output:
	// 1 row
	// ROOF 2
}
