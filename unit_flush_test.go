package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
)

// TestUnitFailsWhole has a flush that the database refuses leave nothing, in the database and in rows,
// so that the unit can be flushed again.
func TestUnitFailsWhole(t *testing.T) {
	everywhere(t, company, func(t *testing.T, s site) {
		ctx := t.Context()
		north, list := staffed(t, s.tenant, "ann", "bob")
		u := rowhouse.NewUnit(s.tenant)
		w, b := workers.Unit(u), outposts.Unit(u)
		rows := loadAll(t, w, workers.In(s.tenant).OrderBy(workerID.Asc()))
		first := loadAll(t, b, outposts.In(s.tenant).Query)[0]
		south, taken := &Outpost{Name: "south"}, &Outpost{Name: "north"}
		eve := &Worker{Name: "eve"}
		ok(t, b.Add(south, taken))
		ok(t, w.Add(eve))
		ok(t, rowhouse.Link(u, workerOutpost, eve, outpostID, south))
		ok(t, rowhouse.Link(u, outpostHead, first, workerID, eve))
		ok(t, rowhouse.Link(u, outpostHead, south, workerID, eve))
		rows[0].Pay = 8
		ok(t, w.Remove(rows[1]))
		for range 2 {
			is(t, u.Flush(ctx), rowhouse.ErrConflict)
			if *south != (Outpost{Name: "south"}) || *taken != (Outpost{Name: "north"}) || !reflect.DeepEqual(*eve, Worker{Name: "eve"}) ||
				rows[0].Version != 1 || !reflect.DeepEqual(*rows[1], list[1]) || *first != north || !u.Changed() {
				t.Errorf("a failed flush left %+v %+v %+v %+v %+v", south, taken, eve, rows[0], first)
			}
			holds(t, s.tenant, outposts, north)
			holds(t, s.tenant, workers, list...)
		}
		_, err := w.Get(ctx, list[1].ID)
		is(t, err, rowhouse.ErrNotFound)
		taken.Name = "west"
		ok(t, u.Flush(ctx))
		holds(t, s.tenant, outposts, *first, *south, *taken)
		holds(t, s.tenant, workers, *rows[0], *eve)
		if eve.OutpostID != south.ID || *south.HeadID != eve.ID || *first.HeadID != eve.ID || rows[0].Version != 2 || u.Changed() {
			t.Errorf("after the flush: %+v %+v %+v", *eve, *south, *first)
		}
	})
}

// TestUnitInTx has a flush be a part of the transaction, taken back with it, and a failed one leave the
// rest of it.
func TestUnitInTx(t *testing.T) {
	everywhere(t, company, func(t *testing.T, s site) {
		ctx := t.Context()
		_, list := staffed(t, s.tenant, "ann", "bob")
		boom := errors.New("boom")
		eve := &Worker{OutpostID: list[0].OutpostID, Name: "eve"}
		ann, bob := list[0], list[1]
		attempt := func(end error) func(tx *rowhouse.Tx) error {
			return func(tx *rowhouse.Tx) error {
				u := rowhouse.NewUnit(tx)
				w := workers.Unit(u)
				ok(t, w.Add(eve))
				ok(t, w.Attach(&ann))
				ok(t, w.Remove(&bob))
				ann.Pay = 8
				astray := &Shift{WorkerID: 9999, Day: "mon"}
				ok(t, shifts.Unit(u).Add(astray))
				is(t, u.Flush(ctx), rowhouse.ErrReference)
				ok(t, shifts.Unit(u).Forget(astray))
				holds(t, tx, workers, list...)
				ok(t, u.Flush(ctx))
				holds(t, tx, workers, ann, *eve)
				ann.Pay = 9
				ok(t, u.Flush(ctx))
				if u.Changed() || ann.Version != list[0].Version+2 {
					t.Errorf("after two flushes: %+v", ann)
				}
				return end
			}
		}
		is(t, s.tenant.Tx(ctx, attempt(boom)), boom)
		if eve.ID != 0 || ann.Version != list[0].Version || !reflect.DeepEqual(bob, list[1]) {
			t.Errorf("rows are not taken back: %+v %+v %+v", eve, ann, bob)
		}
		holds(t, s.tenant, workers, list...)
		ann.Pay = list[0].Pay
		ok(t, s.tenant.Tx(ctx, attempt(nil)))
		holds(t, s.tenant, workers, ann, *eve)
	})
}

// TestUnitCancelled has a flush whose context has ended leave all to be flushed.
func TestUnitCancelled(t *testing.T) {
	everywhere(t, company, func(t *testing.T, s site) {
		ctx := t.Context()
		_, list := staffed(t, s.tenant, "ann", "bob")
		u := rowhouse.NewUnit(s.tenant)
		w := workers.Unit(u)
		rows := loadAll(t, w, workers.In(s.tenant).OrderBy(workerID.Asc()))
		eve := &Worker{OutpostID: list[0].OutpostID, Name: "eve"}
		ok(t, w.Add(eve))
		ok(t, w.Remove(rows[1]))
		rows[0].Pay = 70
		ended, cancel := context.WithCancel(ctx)
		cancel()
		if err := u.Flush(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("a flush without time: %v", err)
		}
		if got := w.Changed(eve); len(got) != 10 || eve.ID != 0 {
			t.Errorf("changed of a new row are %v", got)
		}
		ok(t, u.Flush(ctx))
		holds(t, s.tenant, workers, *rows[0], *eve)
	})
}

// TestUnitCancelledAtOnce ends the context of a flush at any moment of it: what the error says of the rows is true.
func TestUnitCancelledAtOnce(t *testing.T) {
	everywhere(t, company, func(t *testing.T, s site) {
		ctx := t.Context()
		_, list := staffed(t, s.tenant, "ann")
		const flushes = 60
		for i := range flushes {
			u := rowhouse.NewUnit(s.tenant)
			name := fmt.Sprint("eve ", i)
			eve := &Worker{OutpostID: list[0].OutpostID, Name: name}
			ok(t, workers.Unit(u).Add(eve))
			ended, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Duration(i)*50*time.Microsecond, cancel)
			err := u.Flush(ended)
			cancel()
			n, counted := workers.In(s.tenant).Where(workerName.Eq(name)).Count(ctx)
			ok(t, counted)
			switch {
			case err == nil && (n != 1 || eve.ID == 0), err != nil && (n != 0 || eve.ID != 0):
				t.Errorf("flush %d: %d rows, key %d: %v", i, n, eve.ID, err)
			case err != nil && !errors.Is(err, context.Canceled):
				t.Errorf("flush %d, of which the context has ended: %v", i, err)
			}
		}
	})
}

// TestUnitHooks has hooks be called as by a table's operations, in the transaction, and what they
// change be written.
func TestUnitHooks(t *testing.T) {
	everywhereWith(t, parcelOptions(), func(t *testing.T, s site) {
		a, b := parcel(t, s.tenant, "a"), parcel(t, s.tenant, "b")
		p := &probe{on: map[string]func(context.Context, rowhouse.Scope, *Parcel) error{}}
		ctx := p.in(t.Context())
		u := rowhouse.NewUnit(s.tenant)
		w := parcels.Unit(u)
		rows := loadAll(t, w, parcels.In(s.tenant).OrderBy(parcelID.Asc()))
		p.take()
		fresh := &Parcel{Code: "c"}
		ok(t, w.Add(fresh))
		rows[0].Code = "a2"
		ok(t, w.Remove(rows[1]))

		boom := errors.New("boom")
		p.on["AfterDelete"] = func(context.Context, rowhouse.Scope, *Parcel) error { return boom }
		is(t, u.Flush(ctx), boom)
		want := slices.Concat(both("BeforeInsert"), both("AfterInsert"), both("BeforeUpdate"), both("AfterUpdate"),
			both("BeforeDelete"), both("AfterDelete"))
		if got := p.take(); !slices.Equal(got, want) {
			t.Errorf("called are %v, want %v", got, want)
		}
		if *rows[1] != b || fresh.ID != 0 || rows[0].Version != a.Version {
			t.Errorf("not taken back: %+v %+v %+v", rows[1], fresh, rows[0])
		}
		holds(t, s.tenant, parcels, a, b)

		delete(p.on, "AfterDelete")
		p.on["BeforeUpdate"] = func(ctx context.Context, sc rowhouse.Scope, row *Parcel) error {
			row.Note = "by a hook"
			if _, err := w.Get(ctx, a.ID); !errors.Is(err, rowhouse.ErrInvalid) {
				t.Errorf("a unit that is being flushed answers with %v", err)
			}
			return stamps.In(sc).Insert(ctx, &Stamp{What: row.Code})
		}
		p.on["AfterUpdate"] = func(_ context.Context, _ rowhouse.Scope, row *Parcel) error {
			row.Note = "after all"
			return nil
		}
		ok(t, u.Flush(ctx))
		if got := w.Changed(rows[0]); !slices.Equal(got, []string{"note"}) {
			t.Errorf("what a hook changes after the update is not to be flushed: %v", got)
		}
		now, err := parcels.In(s.tenant).Get(t.Context(), a.ID)
		if ok(t, err); now.Note != "by a hook" || now.Code != "a2" {
			t.Errorf("the row is %+v", now)
		}
		if n, err := stamps.In(s.tenant).Count(t.Context()); err != nil || n != 1 {
			t.Errorf("%d stamps, %v", n, err)
		}
		gone, err := parcels.In(s.tenant).WithDeleted().Get(t.Context(), b.ID)
		if err != nil || gone.Deleted == nil || gone.Version != b.Version+1 || !gone.Deleted.Equal(*rows[1].Deleted) {
			t.Errorf("a removed row is %+v, in memory %+v, %v", gone, rows[1], err)
		}
	})
}

// TestUnitLifted has rows that a query read without a filter be written without it.
func TestUnitLifted(t *testing.T) {
	everywhereWith(t, paperOptions(), func(t *testing.T, s site) {
		ctx := t.Context()
		all := shelf(t, s.tenant)
		u := rowhouse.NewUnit(s.tenant)
		w := papers.Unit(u)
		secret := loadAll(t, w, papers.In(s.tenant).Without("secret").Query)
		gone := loadAll(t, w, papers.In(s.tenant).WithDeleted().Where(paperTitle.Eq("gone")))
		for _, row := range slices.Concat(secret, gone) {
			row.Pages += 100
		}
		gone[0].Deleted = nil
		if got := w.Changed(gone[0]); !slices.Equal(got, []string{"pages", "deleted_at"}) {
			t.Errorf("changed are %v", got)
		}
		ok(t, u.Flush(ctx))
		for _, title := range []string{"plain", "secret", "gone"} {
			now, err := papers.In(s.tenant).Without("secret").Get(ctx, all[title].ID)
			if err != nil || now.Pages != all[title].Pages+100 {
				t.Errorf("%s is %+v, %v", title, now, err)
			}
		}
		attached := all["archived"]
		ok(t, w.Attach(&attached))
		attached.Pages++
		is(t, u.Flush(ctx), rowhouse.ErrNotFound)
	})
}

// TestUnitMisuse has what makes no sense be refused, before any SQL.
func TestUnitMisuse(t *testing.T) {
	everywhere(t, company, func(t *testing.T, s site) {
		ctx := t.Context()
		_, list := staffed(t, s.tenant, "ann", "bob")
		u := rowhouse.NewUnit(s.tenant)
		w := workers.Unit(u)
		ann, err := w.Get(ctx, list[0].ID)
		ok(t, err)
		other := list[0]
		is(t, w.Add(nil), rowhouse.ErrInvalid)
		is(t, w.Add(&other), rowhouse.ErrInvalid)
		is(t, w.Attach(&other), rowhouse.ErrInvalid)
		is(t, w.Remove(&other), rowhouse.ErrInvalid)
		is(t, w.Refresh(ctx, &other), rowhouse.ErrInvalid)
		is(t, rowhouse.Link(u, workerBoss, ann, workerID, &other), rowhouse.ErrInvalid)
		is(t, rowhouse.Link(u, workerID, ann, workerOutpost, ann), rowhouse.ErrInvalid)
		for _, q := range []rowhouse.Query[Worker]{workers.In(s.other).Query, workers.In(nil).Query} {
			_, err = w.Load(ctx, q)
			is(t, err, rowhouse.ErrInvalid)
		}
		_, err = w.Get(ctx, "no number")
		is(t, err, rowhouse.ErrInvalid)
		_, err = workers.Unit(rowhouse.NewUnit(nil)).Get(ctx, 1)
		is(t, err, rowhouse.ErrUnknownTenant)
		_, err = workers.Unit(nil).Get(ctx, 1)
		is(t, err, rowhouse.ErrInvalid)
		var none *rowhouse.Unit
		is(t, none.Flush(ctx), rowhouse.ErrInvalid)

		ann.ID = 99
		is(t, u.Flush(ctx), rowhouse.ErrInvalid)
		ann.ID = list[0].ID

		eve := &Worker{OutpostID: ann.OutpostID, Name: "eve"}
		ok(t, w.Add(eve))
		ok(t, w.Add(eve))
		ok(t, rowhouse.Link(u, workerOutpost, eve, workerID, eve)) // which is not known before eve is there
		is(t, u.Flush(ctx), rowhouse.ErrInvalid)
		ok(t, w.Remove(eve))
		if u.Changed() {
			t.Error("a row that was only added is still to be flushed")
		}
		ok(t, w.Remove(ann))
		is(t, rowhouse.Link(u, workerBoss, ann, workerID, ann), rowhouse.ErrInvalid)
		ok(t, w.Add(ann))
		if u.Changed() {
			t.Error("a row that stays after all is still to be flushed")
		}
		holds(t, s.tenant, workers, list...)
	})
}

// TestUnitCommon has a unit in the house that all tenants share.
func TestUnitCommon(t *testing.T) {
	everywhere(t, subscriber, func(t *testing.T, s site) {
		ctx, code := t.Context(), s.tenant.Tenant()
		u := rowhouse.NewUnit(s.db.Common())
		free := &Plan{Code: "unit-" + code, Region: "r" + code[:3]}
		ok(t, plans.Unit(u).Add(free))
		ok(t, regions.Unit(u).Add(&Region{Code: free.Region}))
		ok(t, u.Flush(ctx))
		free.Seats = 3
		ok(t, u.Flush(ctx))
		if now, err := plans.In(s.db.Common()).Get(ctx, free.Code); err != nil || now != *free || now.Seats != 3 {
			t.Errorf("the row is %+v, %v", now, err)
		}
		_, err := subscriptions.Unit(u).Get(ctx, 1)
		is(t, err, rowhouse.ErrInvalid)
	})
}

type opsKey struct{}

// TestUnitStatements counts what a flush sends: the updates of many rows are one statement where the
// engine takes lists, and no row that is as it was is written.
func TestUnitStatements(t *testing.T) {
	tell := func(ctx context.Context, e rowhouse.Event) {
		if ops, is := ctx.Value(opsKey{}).(map[string]int); is {
			ops[e.Op]++
		}
	}
	everywhereWith(t, rowhouse.Options{Models: company, Observe: tell}, func(t *testing.T, s site) {
		ctx := t.Context()
		_, list := staffed(t, s.tenant, make([]string, 30)...)
		u := rowhouse.NewUnit(s.tenant)
		w := workers.Unit(u)
		rows := loadAll(t, w, workers.In(s.tenant).OrderBy(workerID.Asc()))
		for i, row := range rows[:20] {
			if row.Pay += i; i >= 15 {
				row.Name = "x"
			}
		}
		for range 5 {
			ok(t, w.Add(&Worker{OutpostID: list[0].OutpostID}))
		}
		ops := map[string]int{}
		ok(t, u.Flush(context.WithValue(ctx, opsKey{}, ops)))
		now, err := workers.In(s.tenant).All(ctx)
		ok(t, err)
		if len(now) != 35 {
			t.Errorf("there are %d rows", len(now))
		}
		for _, row := range now {
			if mine, err := w.Get(ctx, row.ID); err != nil || !reflect.DeepEqual(*mine, row) {
				t.Errorf("the database has %+v, the unit %+v, %v", row, mine, err)
			}
		}
		// The first row adds nothing to its pay.
		want := map[string]int{"begin": 1, "update": 19, "insert": 1, "commit": 1}
		switch s.engine {
		case "postgres":
			want["update"] = 2
		case "mysql":
			want["insert"] = 5
		}
		if !reflect.DeepEqual(ops, want) {
			t.Errorf("sent are %v, want %v", ops, want)
		}
	})
}

// TestUnitOuterTx has a unit of a transaction be flushed in a savepoint of that, which is undone: what was
// changed is still to be flushed.
func TestUnitOuterTx(t *testing.T) {
	everywhere(t, company, func(t *testing.T, s site) {
		ctx := t.Context()
		_, list := staffed(t, s.tenant, "ann")
		ok(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			u := rowhouse.NewUnit(tx)
			ann, err := workers.Unit(u).Get(ctx, list[0].ID)
			ok(t, err)
			ann.Pay = 100
			stop := errors.New("stop")
			is(t, tx.Tx(ctx, func(*rowhouse.Tx) error { return errors.Join(u.Flush(ctx), stop) }), stop)
			if !u.Changed() || ann.Version != 1 || ann.Pay != 100 {
				t.Errorf("after the savepoint is undone: %v, %+v", u.Changed(), ann)
			}
			return u.Flush(ctx)
		}))
		row, err := workers.In(s.tenant).Get(ctx, list[0].ID)
		if ok(t, err); row.Pay != 100 || row.Version != 2 {
			t.Errorf("flushed is %+v", row)
		}
	})
}
