package rowhouse_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rowhouse/rowhouse"
)

func ExampleNewUnit() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	someTickets(ctx, acme)

	u := rowhouse.NewUnit(acme)
	tickets := Tickets.Unit(u)
	open, err := tickets.Load(ctx, Tickets.In(acme).Where(TicketStatus.Eq("open")).OrderBy(TicketID.Asc()))
	check(err)
	roof, err := tickets.Get(ctx, open[0].ID)
	check(err)
	fmt.Println("the same row:", roof == open[0])

	roof.Status = "closed"
	*roof.Assignee = "bob"
	check(tickets.Remove(open[1]))
	check(tickets.Add(&Ticket{Title: "Lamp", Slug: "lamp"}))
	fmt.Println("to be written:", tickets.Changed(roof))
	check(u.Flush(ctx))

	for t, err := range Tickets.In(acme).OrderBy(TicketID.Asc()).Each(ctx) {
		check(err)
		fmt.Println(t.Title, t.Status, t.Version)
	}
	// Output:
	// the same row: true
	// to be written: [status assignee]
	// Roof closed 2
	// Gate closed 1
	// Wall closed 1
	// Lamp open 1
}

func ExampleUnit_Flush() {
	ctx := context.Background()
	acme, done := exampleTenant(ctx, "acme")
	defer done()
	someTickets(ctx, acme)

	u := rowhouse.NewUnit(acme)
	tickets := Tickets.Unit(u)
	rows, err := tickets.Load(ctx, Tickets.In(acme).OrderBy(TicketID.Asc()))
	check(err)
	for _, t := range rows {
		t.Priority++
	}

	somebody := *rows[1] // is faster
	somebody.Status = "waiting"
	check(Tickets.In(acme).Update(ctx, &somebody))

	err = u.Flush(ctx)
	lost, _ := errors.AsType[*rowhouse.UnitError](err)
	for _, row := range lost.Rows {
		fmt.Println(row.Model, row.Key, row.Reason)
	}

	check(tickets.Refresh(ctx, rows[1])) // what was changed in it is given up
	rows[1].Priority = 9
	check(u.Flush(ctx))
	fmt.Println(rows[0].Priority, rows[1].Priority, rows[1].Status)
	// Output:
	// ticket [2] row was changed since it was read
	// 4 9 waiting
}

func ExampleLink() {
	ctx := context.Background()
	acme, done := exampleShelf(ctx)
	defer done()

	u := rowhouse.NewUnit(acme)
	track, album := &Track{Title: "Intro"}, &Album{Title: "Debut"}
	check(Tracks.Unit(u).Add(track))
	check(Albums.Unit(u).Add(album))
	check(rowhouse.Link(u, TrackAlbumID, track, AlbumID, album)) // whose key is not known yet
	check(u.Flush(ctx))
	fmt.Println(album.ID > 0, track.AlbumID == album.ID)
	// Output: true true
}
