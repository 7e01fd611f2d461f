package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/drivertest"
)

// Berth and Boat are linked by Mooring, which is softly deleted. Anchor is a second
// table of the struct Boat.
type (
	Berth struct {
		ID    int64     `db:"id,pk,auto"`
		Name  string    `db:"name,size:40"`
		Boats []Boat    `db:"-"`
		All   []Boat    `db:"-"`
		Moors []Mooring `db:"-"`
	}
	Boat struct {
		Code   string  `db:"code,pk,size:20"`
		Owner  *string `db:"owner,size:20,unique"`
		Berths []Berth `db:"-"`
		Guests []Guest `db:"-"`
	}
	Mooring struct {
		Berth   int64      `db:"berth_id,pk,ref:berth.id"`
		Boat    string     `db:"boat_code,pk,size:20"`
		Deleted *time.Time `db:"deleted_at,softdelete"`
	}
	Guest struct {
		ID    int64   `db:"id,pk,auto"`
		Owner *string `db:"owner,size:20"`
		Boat  *Boat   `db:"-"`
	}
)

var (
	berths   = rowhouse.MustDefine[Berth]("berth")
	boats    = rowhouse.MustDefine[Boat]("boat")
	rafts    = rowhouse.MustDefine[Boat]("raft")
	moorings = rowhouse.MustDefine[Mooring]("mooring")
	guests   = rowhouse.MustDefine[Guest]("guest")

	berthID      = rowhouse.Col(berths, func(b *Berth) *int64 { return &b.ID })
	boatCode     = rowhouse.Col(boats, func(b *Boat) *string { return &b.Code })
	boatOwner    = rowhouse.Nullable(boats, func(b *Boat) **string { return &b.Owner })
	raftCode     = rowhouse.Col(rafts, func(b *Boat) *string { return &b.Code })
	mooringBerth = rowhouse.Col(moorings, func(m *Mooring) *int64 { return &m.Berth })
	mooringBoat  = rowhouse.Col(moorings, func(m *Mooring) *string { return &m.Boat })
	guestOwner   = rowhouse.Nullable(guests, func(g *Guest) **string { return &g.Owner })

	berthMoors = rowhouse.HasMany(berthID, mooringBerth, func(b *Berth) *[]Mooring { return &b.Moors })
	mooringOf  = rowhouse.BelongsTo(mooringBoat, boatCode, nil)
	berthBoats = rowhouse.Through(berthMoors, mooringOf, func(b *Berth) *[]Boat { return &b.Boats })
	berthAll   = rowhouse.Through(berthMoors.WithDeleted(), mooringOf, func(b *Berth) *[]Boat { return &b.All })
	boatBerths = berthAll.Inverse(func(b *Boat) *[]Berth { return &b.Berths })
	boatGuests = rowhouse.HasMany(boatOwner, guestOwner, func(b *Boat) *[]Guest { return &b.Guests })
	guestBoat  = rowhouse.BelongsTo(guestOwner, boatOwner, func(g *Guest) **Boat { return &g.Boat })

	harbour = rowhouse.Models(berths, boats, rafts, moorings, guests)
)

func codesOf(list []Boat) string {
	var all []string
	for _, b := range list {
		all = append(all, b.Code)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// TestLinksThatWereThere links what was linked before, what is softly deleted, and the same row from two.
func TestLinksThatWereThere(t *testing.T) {
	everywhere(t, harbour, func(t *testing.T, s site) {
		ctx, in := t.Context(), s.tenant
		list := []Berth{
			{Name: "east", Boats: []Boat{{Code: "a"}, {Code: "b"}}},
			{Name: "west", Boats: []Boat{{Code: "b"}, {Code: "c"}, {Code: "b"}}},
		}
		ok(t, berths.In(in).With(berthBoats).InsertMany(ctx, list))
		east := &list[0]
		check := func(boats, all string) {
			t.Helper()
			row, err := berths.In(in).With(berthBoats, berthAll).Get(ctx, east.ID)
			if ok(t, err); codesOf(row.Boats) != boats || codesOf(row.All) != all {
				t.Errorf("it has %s of %s, want %s of %s", codesOf(row.Boats), codesOf(row.All), boats, all)
			}
		}
		check("a b", "a b")
		ok(t, berthBoats.Of(in, east).Remove(ctx, &Boat{Code: "a"}, &Boat{Code: "b"}, &Boat{Code: "a"}))
		check("", "a b")
		is(t, berthBoats.Of(in, east).Remove(ctx, &Boat{Code: "a"}), rowhouse.ErrNotFound)
		ok(t, berthBoats.Of(in, east).Add(ctx, &Boat{Code: "a"}, &Boat{Code: "d"}, &Boat{Code: "d"}))
		check("a d", "a b d")
		ok(t, berthBoats.Of(in, east).Replace(ctx, &Boat{Code: "b"}))
		check("b", "a b d")
		a, err := boats.In(in).With(boatBerths).Get(ctx, "a")
		if ok(t, err); len(a.Berths) != 1 {
			t.Errorf("from its other end the link that is softly deleted leads to %+v", a.Berths)
		}
		ok(t, berthBoats.Of(in, east).Add(ctx))
		both := &Boat{Code: "x"}
		is(t, berthBoats.Of(in, east).Add(ctx, both, both), rowhouse.ErrInvalid)
		// The foreign key is of the key of the row between: it cannot move, but be there already.
		ok(t, berthMoors.Of(in, east).Add(ctx, &Mooring{Boat: "b"}, &Mooring{Boat: "c"}))
		check("b c", "a b c d")
		ok(t, berthMoors.Of(in, east).Remove(ctx, &Mooring{Berth: east.ID, Boat: "c"}))
		check("b", "a b c d")
		n, err := moorings.In(in).Where(mooringBerth.Eq(list[1].ID)).Count(ctx)
		if ok(t, err); n != 2 {
			t.Errorf("the other has %d", n)
		}
	})
}

// TestRelationsByNull has keys that are NULL lead nowhere, and nothing be linked by one.
func TestRelationsByNull(t *testing.T) {
	everywhere(t, harbour, func(t *testing.T, s site) {
		ctx, in, ann := t.Context(), s.tenant, "ann"
		fleet := []Boat{{Code: "a", Owner: &ann}, {Code: "b"}, {Code: "c"}}
		ok(t, boats.In(in).InsertMany(ctx, fleet))
		people := []Guest{{Owner: &ann}, {}, {}}
		ok(t, guests.In(in).InsertMany(ctx, people))
		for _, limit := range []int{1, 3} {
			got, err := boats.In(in).With(boatGuests.Limit(limit)).OrderBy(boatCode.Asc()).All(ctx)
			if ok(t, err); len(got[0].Guests) != 1 || len(got[1].Guests)+len(got[2].Guests) != 0 {
				t.Errorf("they have %+v", got)
			}
		}
		all, err := guests.In(in).With(guestBoat).All(ctx)
		ok(t, err)
		for _, g := range all {
			if (g.Owner == nil) != (g.Boat == nil) {
				t.Errorf("it has %+v", g)
			}
		}
		for want, p := range map[int64]rowhouse.Predicate[Guest]{1: guestBoat.Has(), 2: guestBoat.HasNo()} {
			n, err := guests.In(in).Where(p).Count(ctx)
			if ok(t, err); n != want {
				t.Errorf("%d guests, want %d", n, want)
			}
		}
		n, err := boatGuests.Of(in, &fleet[1]).Rows().Count(ctx)
		m, err2 := guestBoat.Of(in, &people[1]).Rows().Count(ctx)
		if ok(t, errors.Join(err, err2)); n != 0 || m != 0 {
			t.Errorf("NULL leads to %d and %d rows", n, m)
		}
		is(t, boatGuests.Of(in, &fleet[1]).Add(ctx, &Guest{}), rowhouse.ErrInvalid)
		is(t, guestBoat.Of(in, &people[0]).Add(ctx, &fleet[1]), rowhouse.ErrInvalid)
		is(t, boats.In(in).With(boatGuests).Insert(ctx, &Boat{Code: "d", Guests: []Guest{{}}}), rowhouse.ErrInvalid)
		ok(t, boatGuests.Of(in, &fleet[1]).Clear(ctx))
		if people[0].Owner == nil {
			t.Error("what failed changed the row")
		}
		if n, err := guests.In(in).Where(guestOwner.IsNull()).Count(ctx); err != nil || n != 2 {
			t.Errorf("%d guests have no boat, %v", n, err)
		}
	})
}

// TestRelationsOfOtherModels has relations be used only where they lead from.
func TestRelationsOfOtherModels(t *testing.T) {
	everywhere(t, harbour, func(t *testing.T, s site) {
		ctx, in := t.Context(), s.tenant
		var none rowhouse.Relation[Boat, Guest]
		say := func(text string, err error) {
			t.Helper()
			if !errors.Is(err, rowhouse.ErrInvalid) || !strings.Contains(err.Error(), text) {
				t.Errorf("it said %v, not %q", err, text)
			}
		}
		all := func(q rowhouse.Table[Boat]) error { _, err := q.All(ctx); return err }
		get := func(q rowhouse.Table[Boat]) error { _, err := q.GetMany(ctx, "a"); return err }
		for _, read := range []func(rowhouse.Table[Boat]) error{all, get} {
			say(`of model "boat" is used on model "raft"`, read(rafts.In(in).With(boatGuests)))
			say("a relation is nil", read(boats.In(in).With(nil)))
			say("was not made by", read(boats.In(in).With(none.Where().OrderBy().With().Limit(1))))
			say("no field for the rows", read(boats.In(in).With(rowhouse.HasMany(boatOwner, guestOwner, nil))))
		}
		say(`of model "boat" is used on model "raft"`, rafts.In(in).With(boatGuests).Insert(ctx, &Boat{Code: "a"}))
		say("has conditions", boats.In(in).With(boatGuests.Limit(1)).Insert(ctx, &Boat{Code: "a"}))
		say("a relation is nil", boats.In(in).With(boatGuests.With(nil)).Insert(ctx, &Boat{Code: "a"}))
		say("was not made by", all(rowhouse.Table[Boat]{Query: boats.In(in).Where(none.Has())}))
		_, err := boats.In(in).OrderBy(rowhouse.Via(none, guestOwner).Asc()).All(ctx)
		say("was not made by", err)
		say("was not made by", none.Of(in, &Boat{Code: "a"}).Add(ctx, &Guest{}))
		_, err = none.Of(in, &Boat{Code: "a"}).Rows().All(ctx)
		say("was not made by", err)
	})
}

// TestThroughOfTwoModels has the relations of a Through meet in one model, and not only in one struct.
func TestThroughOfTwoModels(t *testing.T) {
	t.Parallel()
	defer func() {
		if text := fmt.Sprint(recover()); !strings.Contains(text, `the first relation leads to model "boat", and the second from "raft"`) {
			t.Errorf("it said %q", text)
		}
	}()
	rowhouse.Through(guestBoat, rowhouse.HasMany(raftCode, mooringBoat, nil), nil)
}

// TestRelationsOfManyLinks links thousands of rows, and inserts thousands with what belongs to them.
func TestRelationsOfManyLinks(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			var statements atomic.Int64
			models := slices.Concat(harbour, deskModels)
			drv, prefix := e.open(t)
			db := openFleetWith(t, drv, prefix, rowhouse.Options{Models: models, Observe: func(_ context.Context, e rowhouse.Event) {
				if !e.Catalog && (e.Op == "insert" || e.Op == "select" || e.Op == "get") {
					statements.Add(1)
				}
			}})
			for _, id := range []string{"prefix", "shared"} {
				in := tenantOf(t, db, id)
				statements.Store(0)
				list := moor(t, in)
				if n := statements.Load(); n > 100 && e.name != "mysql" { // without RETURNING, generated keys come back one by one
					t.Errorf("it took %d statements", n)
				}
				crowd(t, in)
				inTurn(t, in, list)
				lease(t, in)
			}
		})
	}
}

const manyLinks = 1200

// moor inserts berths with two boats each; neighbours share one.
func moor(t *testing.T, in *rowhouse.Tenant) []Berth {
	t.Helper()
	list := make([]Berth, manyLinks)
	for i := range list {
		list[i].Boats = []Boat{{Code: strconv.Itoa(i)}, {Code: strconv.Itoa(i + 1)}}
	}
	ok(t, berths.In(in).With(berthBoats).InsertMany(t.Context(), list))
	return list
}

// crowd links one berth with all boats.
func crowd(t *testing.T, in *rowhouse.Tenant) {
	t.Helper()
	ctx := t.Context()
	all, err := boats.In(in).All(ctx)
	ok(t, err)
	rows := make([]*Boat, len(all))
	for i := range all {
		rows[i] = &all[i]
	}
	one := Berth{Name: "all"}
	ok(t, berths.In(in).Insert(ctx, &one))
	ok(t, berthBoats.Of(in, &one).Add(ctx, rows...))
	ok(t, berthBoats.Of(in, &one).Add(ctx, rows...))
	ok(t, berthBoats.Of(in, &one).Replace(ctx, rows[1:]...))
	ok(t, berthBoats.Of(in, &one).Remove(ctx, rows[2:]...))
	got, err := berths.In(in).With(berthBoats, berthAll).Get(ctx, one.ID)
	if ok(t, err); len(got.Boats) != 1 || got.Boats[0].Code != rows[1].Code || len(got.All) != manyLinks+1 {
		t.Errorf("it has %d boats of %d", len(got.Boats), len(got.All))
	}
}

// inTurn reads the berths that moor made one after the other, each with its boats.
func inTurn(t *testing.T, in *rowhouse.Tenant, list []Berth) {
	t.Helper()
	n := 0
	for b, err := range berths.In(in).With(berthBoats.With(boatBerths)).OrderBy(berthID.Asc()).Limit(manyLinks).Each(t.Context()) {
		ok(t, err)
		if len(b.Boats) != 2 || codesOf(b.Boats) != codesOf(list[n].Boats) || len(b.Boats[0].Berths) < 2 {
			t.Fatalf("berth %d has %+v", n, b.Boats)
		}
		n++
	}
}

// lease writes and reads rows that are linked by keys of two columns.
func lease(t *testing.T, in *rowhouse.Tenant) {
	t.Helper()
	ctx := t.Context()
	of := make([]Desk, manyLinks)
	ok(t, desks.In(in).InsertMany(ctx, of))
	leased := make([]Lease, manyLinks)
	for i := range leased {
		leased[i] = Lease{House: int64(i), Floor: "f", Desk: of[i].ID, Clauses: []Clause{{Text: strconv.Itoa(i)}}}
	}
	ok(t, leases.In(in).With(leaseClauses).InsertMany(ctx, leased))
	ok(t, in.Tx(ctx, func(tx *rowhouse.Tx) error {
		read, err := leases.In(tx).With(leaseClauses.With(clauseLease)).All(ctx)
		ok(t, err)
		for _, l := range read {
			if len(l.Clauses) != 1 || l.Clauses[0].Text != strconv.FormatInt(l.House, 10) || l.Clauses[0].Lease.House != l.House {
				t.Fatalf("it has %+v", l)
			}
		}
		if len(read) != manyLinks {
			t.Errorf("%d leases", len(read))
		}
		return nil
	}))
}

// TestRelationsToTheCommonHouseStayInside has what a common model is asked for name a tenant's tables, whose
// wall must hold there too.
func TestRelationsToTheCommonHouseStayInside(t *testing.T) {
	t.Parallel()
	o := rowhouse.Options{Models: deskModels}
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var bare []string
			ctx := t.Context()
			drv, prefix := e.open(t)
			db := openFleetWith(t, drivertest.Record(drv, func(_ string, s *driver.Statement) {
				mu.Lock()
				defer mu.Unlock()
				names := strings.HasPrefix(s.Text, "SELECT") && strings.Contains(s.Text, "errand")
				if names && s.Tenant == "shared" && !strings.Contains(s.Text, "tenant_id") {
					bare = append(bare, s.Text)
				}
			}), prefix, o)
			ok(t, terms.In(db.Common()).InsertMany(ctx, []Term{{"a", 1}, {"b", 2}}))
			for id, codes := range map[string][]string{"shared_2": {"a", "a", "a"}, "shared": {"b", "a"}, "database": {"b", "a"}} {
				in := tenantOf(t, db, id)
				desk := Desk{Name: id}
				ok(t, desks.In(in).Insert(ctx, &desk))
				for i, code := range codes {
					ok(t, errands.In(in).Insert(ctx, &Errand{Desk: desk.ID, Title: strconv.Itoa(i), Plan: code}))
				}
			}
			for _, id := range []string{"shared", "database"} {
				in := tenantOf(t, db, id)
				mine := rowhouse.Select[string](errands.In(in).Where(errandTitle.Eq("0")), errandPlan)
				_, err := errands.In(in).With(errandTerms.Where(termCode.InQuery(mine))).All(ctx)
				if id == "database" {
					is(t, err, rowhouse.ErrInvalid) // there is no such table where the terms are
				} else {
					ok(t, err)
				}
				// A limit counts the tenant's own rows.
				rows, err := errands.In(in).With(errandTerms).OrderBy(errandTitle.Asc()).Limit(1).All(ctx)
				if ok(t, err); len(rows) != 1 || rows[0].Terms == nil || rows[0].Terms.Code != "b" {
					t.Errorf("%s: it has %+v", id, rows)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for _, text := range bare {
				t.Errorf("there is a table without a wall in %s", text)
			}
		})
	}
}

// TestRelationsWithHooks has hooks change what tells whose a row is, and write while rows are loaded.
func TestRelationsWithHooks(t *testing.T) {
	o := rowhouse.Options{Models: deskModels, Behaviors: []rowhouse.AnyBehavior{
		rowhouse.Behavior[Errand]{Model: errands, AfterLoad: func(_ context.Context, _ rowhouse.Scope, k *Errand) error {
			k.ID, k.Desk = -k.ID, 0
			return nil
		}},
		rowhouse.Behavior[Note]{Model: notes, AfterLoad: func(ctx context.Context, s rowhouse.Scope, n *Note) error {
			n.Errand = nil
			return labels.In(s).Insert(ctx, &Label{Name: fmt.Sprint("seen ", n.ID)})
		}},
	}}
	everywhereWith(t, o, func(t *testing.T, s site) {
		ctx := t.Context()
		list := furnish(t, s, s.tenant)
		read := func(scope rowhouse.Scope) {
			t.Helper()
			all, err := desks.In(scope).With(deskErrands.OrderBy(errandTitle.Asc()).With(errandNotes, errandAt)).OrderBy(deskID.Asc()).All(ctx)
			ok(t, err)
			if len(all[0].Errands) != 2 || len(all[0].Errands[1].Notes) != 3 || all[0].Errands[1].At == nil || all[0].Errands[1].ID > 0 {
				t.Errorf("it has %+v", all)
			}
			n, err := labels.In(scope).Where(labelName.HasPrefix("seen ")).Count(ctx)
			if ok(t, err); n != 4 {
				t.Errorf("%d notes were seen", n)
			}
			_, err = labels.In(scope).DeleteWhere(ctx, labelName.HasPrefix("seen "))
			ok(t, err)
		}
		read(s.tenant)
		ok(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error { read(tx); return nil }))
		ok(t, s.tenant.TxWith(ctx, rowhouse.TxOptions{Isolation: rowhouse.RepeatableRead}, func(tx *rowhouse.Tx) error { read(tx); return nil }))
		rows, err := errands.In(s.tenant).With(errandAt).GetMany(ctx, list[0].Errands[1].ID, list[0].Errands[0].ID)
		if ok(t, err); len(rows) != 2 || rows[0].Title != list[0].Errands[1].Title || rows[0].At == nil {
			t.Errorf("by keys: %+v", rows)
		}
	})
}

// TestRelationsOfPages reads pages with what rows lead to, after errors, in savepoints, and until it is
// cancelled.
func TestRelationsOfPages(t *testing.T) {
	everywhere(t, deskModels, func(t *testing.T, s site) {
		ctx := t.Context()
		furnish(t, s, s.other)
		furnish(t, s, s.tenant)
		tree := errandNotes.OrderBy(noteText.Asc()).Limit(2).With(noteOf.With(errandNotes.OrderBy(noteText.Desc())))
		pages := func(q rowhouse.Query[Errand]) string {
			t.Helper()
			first, err := q.OrderBy(errandRank.Asc()).Limit(1).All(ctx)
			ok(t, err)
			next, err := q.OrderBy(errandRank.Asc()).After(first[0]).Limit(5).Offset(0).All(ctx)
			ok(t, err)
			last, err := q.OrderBy(errandRank.Asc()).Offset(2).All(ctx)
			ok(t, err)
			if n := next[0].Notes[0].Of; len(n.Notes) != 3 || len(n.Notes[0].Text) == 0 {
				t.Errorf("there and back it has %+v", n)
			}
			return textsOf(slices.Concat(first, next, last))
		}
		const want = "door: shut; |roof: cold dark; |lamp: ; |lamp: ; "
		check := func(scope rowhouse.Scope, locked bool) {
			t.Helper()
			q := errands.In(scope).With(tree).Query
			if locked {
				q = q.ForUpdate()
			}
			if got := pages(q); got != want {
				t.Errorf("pages: %s, want %s", got, want)
			}
		}
		check(s.tenant, false)
		for _, level := range []rowhouse.Isolation{rowhouse.DefaultIsolation, rowhouse.RepeatableRead} {
			ok(t, s.tenant.TxWith(ctx, rowhouse.TxOptions{Isolation: level}, func(tx *rowhouse.Tx) error {
				is(t, tx.Tx(ctx, func(tx *rowhouse.Tx) error {
					check(tx, true)
					return notes.In(tx).Insert(ctx, &Note{Errand: new(int64(-1))})
				}), rowhouse.ErrReference)
				check(tx, false)
				is(t, errandNotes.Of(tx, &Errand{ID: -1}).Add(ctx, &Note{}), rowhouse.ErrReference)
				check(tx, true)
				return nil
			}))
		}
		_, err := errands.In(s.tenant).With(tree).Query.ForUpdate().All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		gone, cancel := context.WithCancel(ctx)
		cancel()
		_, err = errands.In(s.tenant).With(tree).All(gone)
		is(t, err, context.Canceled)
		_, err = errands.In(s.tenant).With(tree).GetMany(gone, 1)
		is(t, err, context.Canceled)
		check(s.tenant, false)
	})
}

// TestDeepRelationsOfNewRows reads a tree four deep of rows that the database has no statistics of yet. Where it
// asks for each level by the query of the one above, and expects one row of each, that must not have it ask again
// for each row: of so many rows it would not end.
func TestDeepRelationsOfNewRows(t *testing.T) {
	everywhere(t, deskModels, func(t *testing.T, s site) {
		if s.tenant.Placement() != rowhouse.InShared {
			return // where the tables are new as well, and PostgreSQL expects more of them
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		chains(t, s.tenant)
		_, err := notes.In(s.tenant).UpdateWhere(ctx, noteID.Gt(0), noteErrand.SetNull())
		ok(t, err)
		_, err = errands.In(s.tenant).DeleteWhere(ctx, errandID.Gt(0))
		ok(t, err)
		_, err = desks.In(s.tenant).DeleteWhere(ctx, deskChief.IsNotNull())
		ok(t, err)
		_, err = desks.In(s.tenant).DeleteWhere(ctx, deskID.Gt(0))
		ok(t, err)
		chief := chains(t, s.tenant)
		ctx, cancel = context.WithTimeout(t.Context(), 15*time.Second) // a hundred times as long as it takes
		defer cancel()
		got, err := desks.In(s.tenant).With(deskChildren.With(deskErrands.With(errandNotes.With(noteOf)))).Get(ctx, chief)
		ok(t, err)
		all, err := desks.In(s.tenant).With(deskChildren.With(deskErrands.With(errandNotes.With(noteOf)))).All(ctx)
		ok(t, err)
		if len(all) != chainLength+1 || len(got.Children) != chainLength {
			t.Errorf("%d desks, %d with a chief", len(all), len(got.Children))
		}
		for _, d := range got.Children {
			if e := d.Errands; len(e) != 1 || len(e[0].Notes) != 1 || e[0].Notes[0].Of == nil || e[0].Notes[0].Of.ID != e[0].ID {
				t.Fatalf("desk %d has %+v", d.ID, e)
			}
		}
	})
}

const chainLength = 700

// chains inserts a desk, others that have it as their chief, and to each of those an errand with a note.
func chains(t *testing.T, tenant *rowhouse.Tenant) (chief int64) {
	t.Helper()
	top := Desk{Name: "top"}
	ok(t, desks.In(tenant).Insert(t.Context(), &top))
	list := make([]Desk, chainLength)
	for i := range list {
		list[i] = Desk{Name: "desk", Chief: &top.ID, Errands: []Errand{{Title: "errand", Notes: []Note{{Text: "note"}}}}}
	}
	ok(t, desks.In(tenant).With(deskErrands.With(errandNotes)).InsertMany(t.Context(), list))
	return top.ID
}
