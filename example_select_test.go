package rowhouse_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/rowhouse/rowhouse"
)

// someTickets gives a tenant of the examples tickets to look at.
func someTickets(ctx context.Context, acme *rowhouse.Tenant) {
	ann := "ann"
	check(Tickets.In(acme).InsertMany(ctx, []Ticket{
		{Title: "Roof", Slug: "roof", Priority: 3, Assignee: &ann},
		{Title: "Door", Slug: "door", Priority: 1},
		{Title: "Gate", Slug: "gate", Priority: 2, Status: "closed"},
		{Title: "Wall", Slug: "wall", Priority: 5, Status: "closed", Assignee: &ann},
	}))
}

func ExampleSelect() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	someTickets(ctx, acme)

	type Load struct {
		Status  string
		Tickets int
		Highest int
		Mean    float64
	}
	loads, err := rowhouse.Select[Load](
		Tickets.In(acme).OrderBy(rowhouse.Sum(TicketPriority).Desc()),
		TicketStatus,
		rowhouse.Count[Ticket]().As("tickets"),
		rowhouse.Max(TicketPriority).As("highest"),
		rowhouse.Avg(TicketPriority).As("mean"),
	).GroupBy(TicketStatus).Having(rowhouse.Count[Ticket]().Gt(1)).All(ctx)
	check(err)
	for _, l := range loads {
		fmt.Printf("%s: %d, at most %d, %.1f in the mean\n", l.Status, l.Tickets, l.Highest, l.Mean)
	}
	// Output:
	// closed: 2, at most 5, 3.5 in the mean
	// open: 2, at most 3, 2.0 in the mean
}

// Some columns are read into any struct that has fields for them, or a single one into its type.
func ExampleSelect_columns() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	someTickets(ctx, acme)

	type Line struct{ Title, Status string }
	lines, err := rowhouse.Select[Line](Tickets.In(acme).OrderBy(TicketPriority.Desc()).Limit(2)).All(ctx)
	check(err)
	fmt.Println(lines)
	states, err := rowhouse.Select[string](Tickets.In(acme).OrderBy(TicketStatus.Asc()), TicketStatus).Distinct().All(ctx)
	check(err)
	fmt.Println(states)
	// Output:
	// [{Wall closed} {Roof open}]
	// [closed open]
}

func ExampleCompute() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	someTickets(ctx, acme)

	open := Tickets.In(acme).Where(TicketStatus.Eq("open"))
	sum, err := rowhouse.Compute(ctx, open, rowhouse.Sum(TicketPriority))
	check(err)
	people, err := rowhouse.Compute(ctx, open, rowhouse.CountDistinct(TicketAssignee))
	check(err)
	none, err := rowhouse.Compute(ctx, open.Where(TicketPriority.Gt(9)), rowhouse.OrNull(rowhouse.Max(TicketPriority)))
	check(err)
	fmt.Println(sum, people, none == nil)
	// Output:
	// 4 1 true
}

func ExampleWhen() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	someTickets(ctx, acme)

	urgency := rowhouse.When(TicketPriority.Ge(3), rowhouse.Literal[Ticket]("urgent")).Else(rowhouse.Literal[Ticket]("usual"))
	label := rowhouse.Concat(rowhouse.Upper(TicketTitle), rowhouse.Literal[Ticket](": "), urgency)
	labels, err := rowhouse.Select[string](Tickets.In(acme).OrderBy(TicketTitle.Asc()), label).All(ctx)
	check(err)
	fmt.Println(strings.Join(labels, ", "))
	// Output:
	// DOOR: usual, GATE: usual, ROOF: urgent, WALL: urgent
}

func ExampleFragment() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	someTickets(ctx, acme)

	type Ranked struct {
		Title string
		Rank  int
	}
	rank := rowhouse.Fragment[Ticket, int64]("rank() over (partition by {} order by {} desc)", TicketStatus, TicketPriority)
	ranked, err := rowhouse.Select[Ranked](Tickets.In(acme).OrderBy(TicketTitle.Asc()), TicketTitle, rank.As("rank")).All(ctx)
	check(err)
	fmt.Println(ranked)
	// Output:
	// [{Door 2} {Gate 2} {Roof 1} {Wall 1}]
}

func ExampleExpr_InQuery() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	someTickets(ctx, acme)

	table := Tickets.In(acme)
	closed := rowhouse.Select[int](table.Where(TicketStatus.Eq("closed")), rowhouse.Sub(TicketPriority, rowhouse.Literal[Ticket](1)))
	rows, err := table.Where(TicketPriority.InQuery(closed)).All(ctx)
	check(err)
	for _, t := range rows {
		fmt.Println(t.Title, t.Priority)
	}
	// Output:
	// Door 1
}

func ExampleExplain() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()

	plan, err := rowhouse.Explain(ctx, Tickets.In(acme).Where(TicketSlug.Eq("roof")), rowhouse.ExplainOptions{})
	check(err)
	fmt.Println(strings.Contains(plan, "USING INDEX"))
	// Output:
	// true
}
