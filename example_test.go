package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
)

// Ticket is a model of the examples.
type Ticket struct {
	ID       int64   `db:"id,pk,auto"`
	Title    string  `db:"title,size:200"`
	Status   string  `db:"status,default:open,index"`
	Priority int     `db:"priority"`
	Assignee *string `db:"assignee"`
	Slug     string  `db:"slug,size:100,unique"`
	Version  int64   `db:"version,lock"`
}

// The model and its columns are package variables, beside the struct.
var (
	Tickets        = rowhouse.MustDefine[Ticket]("ticket")
	TicketID       = rowhouse.Col(Tickets, func(t *Ticket) *int64 { return &t.ID })
	TicketTitle    = rowhouse.Col(Tickets, func(t *Ticket) *string { return &t.Title })
	TicketStatus   = rowhouse.Col(Tickets, func(t *Ticket) *string { return &t.Status })
	TicketPriority = rowhouse.Col(Tickets, func(t *Ticket) *int { return &t.Priority })
	TicketAssignee = rowhouse.Nullable(Tickets, func(t *Ticket) **string { return &t.Assignee })
	TicketSlug     = rowhouse.Col(Tickets, func(t *Ticket) *string { return &t.Slug })
)

// exampleDB opens a fleet in a temporary SQLite home, with tenants acme (own tables), bigco (own
// file) and trial (shared tables).
func exampleDB(ctx context.Context) (db *rowhouse.DB, done func()) {
	drv, err := sqlite.Temporary()
	check(err)
	db, err = rowhouse.Open(ctx, drv, rowhouse.Options{Models: rowhouse.Models(Tickets)})
	check(err)
	houses := fleet.New(db, fleet.Options{})
	for id, placement := range map[string]rowhouse.Placement{
		"acme": rowhouse.Prefix(), "bigco": rowhouse.Database("bigco"), "trial": rowhouse.Shared(),
	} {
		check(houses.Provision(ctx, fleet.NewTenant{ID: id, Placement: placement}))
	}
	return db, func() { check(errors.Join(db.Close(), drv.Close())) }
}

func exampleTenant(ctx context.Context, id string) (tenant *rowhouse.Tenant, done func()) {
	db, done := exampleDB(ctx)
	tenant, err := db.Tenant(ctx, id)
	check(err)
	return tenant, done
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Example runs the same code for three tenants whose rows live in different ways.
func Example() {
	ctx := context.Background()
	db, done := exampleDB(ctx)
	defer done()

	for _, id := range []string{"acme", "bigco", "trial"} {
		tenant, err := db.Tenant(ctx, id)
		check(err)
		ticket := Ticket{Title: "Leaking roof", Slug: "roof"}
		check(Tickets.In(tenant).Insert(ctx, &ticket))
		fmt.Printf("%s: %s has ticket %d, %s\n", id, tenant.TableName(Tickets), ticket.ID, ticket.Status)
	}
	_, err := db.Tenant(ctx, "nobody")
	fmt.Println(err)
	// Output:
	// acme: "main"."acme_ticket" has ticket 1, open
	// bigco: "main"."ticket" has ticket 1, open
	// trial: "main"."ticket" has ticket 1, open
	// rowhouse: tenant "nobody": unknown tenant
}

func ExampleQuery_Where() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	check(Tickets.In(acme).InsertMany(ctx, []Ticket{
		{Title: "Roof", Slug: "roof", Priority: 3},
		{Title: "Door", Slug: "door", Priority: 1},
		{Title: "Gate", Slug: "gate", Priority: 2, Status: "closed"},
	}))

	urgent := Tickets.In(acme).Where(
		TicketStatus.Eq("open"),
		rowhouse.Or(TicketPriority.Ge(2), TicketTitle.HasPrefix("D")),
	).OrderBy(TicketPriority.Desc())
	rows, err := urgent.All(ctx)
	check(err)
	for _, t := range rows {
		fmt.Println(t.Title, t.Priority)
	}
	// Output:
	// Roof 3
	// Door 1
}

func ExampleQuery_Each() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	check(Tickets.In(acme).InsertMany(ctx, []Ticket{{Title: "Roof", Slug: "roof"}, {Title: "Door", Slug: "door"}}))

	for ticket, err := range Tickets.In(acme).OrderBy(TicketID.Asc()).Each(ctx) {
		check(err)
		fmt.Println(ticket.Title)
		break // ends the query
	}
	// Output: Roof
}

func ExampleQuery_After() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	for i := range 5 {
		check(Tickets.In(acme).Insert(ctx, &Ticket{Slug: fmt.Sprint("t", i), Priority: i % 2}))
	}

	page := Tickets.In(acme).OrderBy(TicketPriority.Desc()).Limit(2)
	for {
		rows, err := page.All(ctx)
		check(err)
		if len(rows) == 0 {
			break
		}
		var slugs []string
		for _, t := range rows {
			slugs = append(slugs, t.Slug)
		}
		fmt.Println(slugs)
		page = page.After(rows[len(rows)-1])
	}
	// Output:
	// [t1 t3]
	// [t0 t2]
	// [t4]
}

func ExampleTable_Update() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	tickets := Tickets.In(acme)
	check(tickets.Insert(ctx, &Ticket{Title: "Roof", Slug: "roof"}))

	mine, err := tickets.Where(TicketSlug.Eq("roof")).One(ctx)
	check(err)
	theirs := mine
	theirs.Status = "closed"
	check(tickets.Update(ctx, &theirs))

	mine.Title = "The roof"
	err = tickets.Update(ctx, &mine, TicketTitle)
	fmt.Println(errors.Is(err, rowhouse.ErrStale))
	fmt.Println(err)
	// Output:
	// true
	// rowhouse: update ticket of tenant "acme": row was changed since it was read
}

func ExampleTable_UpdateWhere() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	tickets := Tickets.In(acme)
	check(tickets.InsertMany(ctx, []Ticket{{Slug: "roof", Priority: 1}, {Slug: "door", Priority: 5}}))

	n, err := tickets.UpdateWhere(ctx, TicketPriority.Lt(3), TicketPriority.Add(10), TicketStatus.Set("escalated"))
	fmt.Println(n, err)
	_, err = tickets.DeleteWhere(ctx, rowhouse.Predicate[Ticket]{})
	fmt.Println(err)
	n, err = tickets.DeleteWhere(ctx, rowhouse.Every[Ticket]())
	fmt.Println(n, err)
	// Output:
	// 1 <nil>
	// rowhouse: delete ticket of tenant "acme": invalid use: a predicate is empty; Every() means all rows
	// 2 <nil>
}

func ExampleTable_Upsert() {
	ctx := context.Background()
	trial, done := exampleTenant(ctx, "trial")
	defer done()

	for _, title := range []string{"Roof", "The roof"} {
		ticket := Ticket{Title: title, Slug: "roof"}
		check(Tickets.In(trial).Upsert(ctx, &ticket, TicketSlug))
		fmt.Println(ticket.ID, ticket.Title, ticket.Version)
	}
	// Output:
	// 1 Roof 1
	// 1 The roof 2
}

func ExampleTenant_Tx() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()

	err := acme.Tx(ctx, func(tx *rowhouse.Tx) error {
		if err := Tickets.In(tx).Insert(ctx, &Ticket{Slug: "roof"}); err != nil {
			return err
		}
		// A savepoint: what fails inside is undone, and the transaction goes on.
		err := tx.Tx(ctx, func(tx *rowhouse.Tx) error {
			return Tickets.In(tx).Insert(ctx, &Ticket{Slug: "roof"})
		})
		fmt.Println(errors.Is(err, rowhouse.ErrConflict))
		return Tickets.In(tx).Insert(ctx, &Ticket{Slug: "door"})
	})
	check(err)
	n, err := Tickets.In(acme).Count(ctx)
	fmt.Println(n, err)
	// Output:
	// true
	// 2 <nil>
}

func ExampleNullable() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	ann := "ann"
	check(Tickets.In(acme).InsertMany(ctx, []Ticket{{Slug: "roof", Assignee: &ann}, {Slug: "door"}}))

	hers, err := Tickets.In(acme).Where(TicketAssignee.Eq("ann")).Count(ctx)
	fmt.Println(hers, err)
	free, err := Tickets.In(acme).Where(TicketAssignee.IsNull()).Count(ctx)
	fmt.Println(free, err)
	// Output:
	// 1 <nil>
	// 1 <nil>
}

func ExampleDefine() {
	type Broken struct {
		ID   int64  `db:"id"`
		Name string `db:"name,size:many"`
		Nick string `db:"name"`
	}
	_, err := rowhouse.Define[Broken]("broken")
	fmt.Println(err)
	// Output:
	// rowhouse: rowhouse_test.Broken.Name `db:"name,size:many"`: option "size" takes a number above zero, not "many"
	// rowhouse: rowhouse_test.Broken.Nick `db:"name"`: column "name" is taken by field Name
}
