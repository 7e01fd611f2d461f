package rowhouse_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse"
)

// Outpost and Worker refer to one another, and Worker to itself.
type Outpost struct {
	ID        int64     `db:"id,pk,auto"`
	Name      string    `db:"name,size:40,unique"`
	HeadID    *int64    `db:"head_id,ref:worker.id"`
	CreatedAt time.Time `db:"created_at,created"`
	UpdatedAt time.Time `db:"updated_at,updated"`
	Version   int64     `db:"version,lock"`
}

// Worker has columns whose values lie elsewhere than in the row.
type Worker struct {
	ID        int64             `db:"id,pk,auto"`
	OutpostID int64             `db:"branch_id,ref:outpost.id"`
	BossID    *int64            `db:"boss_id,ref:worker.id"`
	Name      string            `db:"name,size:40"`
	Pay       int               `db:"pay,default:7"`
	Nick      *string           `db:"nick,size:40"`
	Photo     []byte            `db:"photo,null"`
	Tags      map[string]string `db:"tags,json,null"`
	Place     Point             `db:"place,type:text"`
	Version   int64             `db:"version,lock"`
}

// Remark has a key that is made here, no lock, and a soft delete.
type Remark struct {
	ID       uuid.UUID  `db:"id,pk,auto"`
	WorkerID int64      `db:"worker_id,ref:worker.id"`
	Text     string     `db:"text,size:40"`
	Deleted  *time.Time `db:"deleted_at,softdelete"`
}

// Shift has a key of two columns.
type Shift struct {
	WorkerID int64  `db:"worker_id,pk,ref:worker.id"`
	Day      string `db:"day,pk,size:20"`
	Hours    int    `db:"hours"`
}

var (
	outposts      = rowhouse.MustDefine[Outpost]("outpost")
	outpostID     = rowhouse.Col(outposts, func(b *Outpost) *int64 { return &b.ID })
	outpostHead   = rowhouse.Nullable(outposts, func(b *Outpost) **int64 { return &b.HeadID })
	workers       = rowhouse.MustDefine[Worker]("worker")
	workerID      = rowhouse.Col(workers, func(w *Worker) *int64 { return &w.ID })
	workerName    = rowhouse.Col(workers, func(w *Worker) *string { return &w.Name })
	workerOutpost = rowhouse.Col(workers, func(w *Worker) *int64 { return &w.OutpostID })
	workerBoss    = rowhouse.Nullable(workers, func(w *Worker) **int64 { return &w.BossID })
	remarks       = rowhouse.MustDefine[Remark]("remark")
	remarkWorker  = rowhouse.Col(remarks, func(r *Remark) *int64 { return &r.WorkerID })
	shifts        = rowhouse.MustDefine[Shift]("shift")
	shiftWorker   = rowhouse.Col(shifts, func(s *Shift) *int64 { return &s.WorkerID })
	company       = rowhouse.Models(shifts, remarks, workers, outposts)
)

// staffed makes a outpost and workers, the first of whom is everybody's boss.
func staffed(t *testing.T, s rowhouse.Scope, names ...string) (Outpost, []Worker) {
	t.Helper()
	b := Outpost{Name: "north"}
	ok(t, outposts.In(s).Insert(t.Context(), &b))
	list := make([]Worker, len(names))
	for i, name := range names {
		list[i] = Worker{
			OutpostID: b.ID, Name: name, Nick: new("the " + name), Photo: []byte(name),
			Tags: map[string]string{"name": name}, Place: Point{i, i},
		}
		if i > 0 {
			list[i].BossID = new(list[0].ID)
		}
		ok(t, workers.In(s).Insert(t.Context(), &list[i]))
	}
	return b, list
}

func loadAll[T any](t *testing.T, u rowhouse.UnitTable[T], q rowhouse.Query[T]) []*T {
	t.Helper()
	rows, err := u.Load(t.Context(), q)
	ok(t, err)
	return rows
}

// TestUnitLoadsOnce has the same key be the same pointer, however it is read.
func TestUnitLoadsOnce(t *testing.T) {
	everywhere(t, company, func(t *testing.T, s site) {
		ctx := t.Context()
		_, list := staffed(t, s.tenant, "ann", "bob")
		ok(t, shifts.In(s.tenant).Insert(ctx, &Shift{WorkerID: list[0].ID, Day: "mon", Hours: 3}))
		u := rowhouse.NewUnit(s.tenant)
		w := workers.Unit(u)
		ann, err := w.Get(ctx, list[0].ID)
		ok(t, err)
		if !reflect.DeepEqual(*ann, list[0]) {
			t.Errorf("read %+v, want %+v", *ann, list[0])
		}
		ann.Name = "ann b."
		again, err := w.GetMany(ctx, list[1].ID, list[0].ID, 999)
		ok(t, err)
		listed := loadAll(t, w, workers.In(s.tenant).OrderBy(workerID.Asc()))
		if len(again) != 2 || len(listed) != 2 || again[1] != ann || listed[0] != ann || again[0] != listed[1] || ann.Name != "ann b." {
			t.Errorf("rows are there twice: %v and %v, ann is %p %q", again, listed, ann, ann.Name)
		}
		_, err = w.Get(ctx, 999)
		is(t, err, rowhouse.ErrNotFound)
		mon, err := shifts.Unit(u).Get(ctx, list[0].ID, "mon")
		ok(t, err)
		many, err := shifts.Unit(u).GetMany(ctx, rowhouse.Key{list[0].ID, "tue"}, rowhouse.Key{list[0].ID, "mon"})
		ok(t, err)
		if len(many) != 1 || many[0] != mon {
			t.Errorf("a composite key is there twice: %v and %v", many, mon)
		}
		if got := w.Changed(ann); !slices.Equal(got, []string{"name"}) || !u.Changed() {
			t.Errorf("changed columns are %v", got)
		}
		u.Clear()
		if other, err := w.Get(ctx, list[0].ID); err != nil || other == ann || other.Name != "ann" || u.Changed() {
			t.Errorf("after Clear: %+v, %v", other, err)
		}
	})
}

// TestUnitSeesChanges has every kind of column be seen when it changes, in place too.
func TestUnitSeesChanges(t *testing.T) {
	everywhere(t, company, func(t *testing.T, s site) {
		ctx := t.Context()
		_, list := staffed(t, s.tenant, "ann", "bob")
		u := rowhouse.NewUnit(s.tenant)
		w := workers.Unit(u)
		bob, err := w.Get(ctx, list[1].ID)
		ok(t, err)
		if got := w.Changed(bob); got != nil || u.Changed() {
			t.Errorf("a row that was read has changed: %v", got)
		}
		changes := []struct {
			column string
			change func()
		}{
			{"name", func() { bob.Name = "rob" }},
			{"pay", func() { bob.Pay++ }},
			{"nick", func() { *bob.Nick = "bobby" }},
			{"nick", func() { bob.Nick = nil }},
			{"nick", func() { bob.Nick = new("") }},
			{"photo", func() { bob.Photo[0] = 'B' }},
			{"photo", func() { bob.Photo = nil }},
			{"tags", func() { bob.Tags["name"] = "Bob" }},
			{"tags", func() { bob.Tags = nil }},
			{"place", func() { bob.Place.Y = 9 }},
			{"boss_id", func() { bob.BossID = nil }},
		}
		for _, c := range changes {
			c.change()
			if got := w.Changed(bob); !slices.Equal(got, []string{c.column}) || !u.Changed() {
				t.Errorf("a change of %s is seen as one of %v", c.column, got)
			}
			ok(t, u.Flush(ctx))
			if got := w.Changed(bob); got != nil || u.Changed() {
				t.Errorf("after the flush of %s there is %v to flush", c.column, got)
			}
			now, err := workers.In(s.tenant).Get(ctx, bob.ID)
			if err != nil || !reflect.DeepEqual(now, *bob) {
				t.Errorf("after a change of %s the database has %+v, the unit %+v, %v", c.column, now, *bob, err)
			}
		}
		if want := int64(1 + len(changes)); bob.Version != want {
			t.Errorf("the version is %d after %d updates", bob.Version, want-1)
		}
	})
}

// TestUnitWritesOnlyWhatChanged has two units change two columns of a row without a lock.
func TestUnitWritesOnlyWhatChanged(t *testing.T) {
	everywhere(t, company, func(t *testing.T, s site) {
		ctx := t.Context()
		_, list := staffed(t, s.tenant, "ann")
		r := Remark{WorkerID: list[0].ID, Text: "good"}
		ok(t, remarks.In(s.tenant).Insert(ctx, &r))
		u, v := rowhouse.NewUnit(s.tenant), rowhouse.NewUnit(s.tenant)
		one, err := remarks.Unit(u).Get(ctx, r.ID)
		ok(t, err)
		two, err := remarks.Unit(v).Get(ctx, r.ID)
		ok(t, err)
		bob := &Worker{OutpostID: list[0].OutpostID, Name: "bob"}
		ok(t, workers.Unit(v).Add(bob))
		ok(t, rowhouse.Link(v, remarkWorker, two, workerID, bob))
		one.Text = "better"
		ok(t, u.Flush(ctx))
		ok(t, v.Flush(ctx))
		now, err := remarks.In(s.tenant).Get(ctx, r.ID)
		if ok(t, err); now.Text != "better" || now.WorkerID != bob.ID || two.WorkerID != bob.ID || bob.ID == 0 {
			t.Errorf("the row is %+v, bob's id %d", now, bob.ID)
		}
	})
}

// TestUnitOrder has rows be written in an order that the foreign keys allow, in whatever order they
// came in.
func TestUnitOrder(t *testing.T) {
	everywhere(t, company, func(t *testing.T, s site) {
		ctx := t.Context()
		u := rowhouse.NewUnit(s.tenant)
		mon, r := &Shift{Day: "mon", Hours: 8}, &Remark{Text: "new"}
		bob, ann := &Worker{Name: "bob"}, &Worker{Name: "ann"}
		north := &Outpost{Name: "north"}
		ok(t, shifts.Unit(u).Add(mon))
		ok(t, remarks.Unit(u).Add(r))
		ok(t, workers.Unit(u).Add(bob, ann))
		ok(t, outposts.Unit(u).Add(north))
		for _, err := range []error{
			rowhouse.Link(u, shiftWorker, mon, workerID, bob), rowhouse.Link(u, remarkWorker, r, workerID, ann),
			rowhouse.Link(u, workerBoss, bob, workerID, ann), rowhouse.Link(u, workerOutpost, bob, outpostID, north),
			rowhouse.Link(u, workerOutpost, ann, outpostID, north), rowhouse.Link(u, outpostHead, north, workerID, ann),
		} {
			ok(t, err)
		}
		ok(t, u.Flush(ctx))
		if u.Changed() || bob.ID == 0 || ann.ID == 0 || *bob.BossID != ann.ID || *north.HeadID != ann.ID || mon.WorkerID != bob.ID {
			t.Errorf("after the flush: %+v %+v %+v %+v", *north, *ann, *bob, *mon)
		}
		if bob.Pay != 7 || bob.Version != 1 || north.Version != 2 || north.CreatedAt.IsZero() || north.UpdatedAt.IsZero() {
			t.Errorf("not filled in: %+v %+v", *bob, *north)
		}
		holds(t, s.tenant, outposts, *north)
		holds(t, s.tenant, workers, *ann, *bob)
		holds(t, s.tenant, remarks, *r)
		holds(t, s.tenant, shifts, *mon)
		if got, err := workers.Unit(u).Get(ctx, bob.ID); err != nil || got != bob {
			t.Errorf("a row that was added is not the row of its key: %v, %v", got, err)
		}

		ok(t, outposts.Unit(u).Remove(north))
		ok(t, workers.Unit(u).Remove(ann, bob))
		ok(t, remarks.Unit(u).Remove(r))
		ok(t, shifts.Unit(u).Remove(mon))
		is(t, u.Flush(ctx), rowhouse.ErrReference) // a remark that is softly deleted still refers
		holds(t, s.tenant, workers, *ann, *bob)
		ok(t, remarks.In(s.tenant).Purge(ctx, r))
		ok(t, remarks.Unit(u).Forget(r))
		ok(t, u.Flush(ctx))
		holds(t, s.tenant, workers)
		holds(t, s.tenant, outposts)
		_, err := workers.Unit(u).Get(ctx, bob.ID)
		is(t, err, rowhouse.ErrNotFound)
	})
}

// holds has a table have these rows and no others.
func holds[T any](t *testing.T, s rowhouse.Scope, m *rowhouse.Model[T], want ...T) {
	t.Helper()
	rows, err := m.In(s).All(t.Context())
	ok(t, err)
	for _, row := range want {
		if !slices.ContainsFunc(rows, func(r T) bool { return reflect.DeepEqual(r, row) }) {
			t.Errorf("%s has %+v, want %+v", m.Name(), rows, row)
		}
	}
	if len(rows) != len(want) {
		t.Errorf("%s has %d rows, want %d", m.Name(), len(rows), len(want))
	}
}

// TestUnitOrderByKeys is TestUnitOrder for keys that are known before.
func TestUnitOrderByKeys(t *testing.T) {
	everywhere(t, company, func(t *testing.T, s site) {
		ctx := t.Context()
		u := rowhouse.NewUnit(s.tenant)
		rows := []*Worker{
			{ID: 3, OutpostID: 1, BossID: new(int64(2)), Name: "cyd"},
			{ID: 2, OutpostID: 1, BossID: new(int64(1)), Name: "bob"},
			{ID: 1, OutpostID: 1, BossID: new(int64(1)), Name: "ann"},
			{ID: 5, OutpostID: 1, BossID: new(int64(4)), Name: "eve"},
			{ID: 4, OutpostID: 1, BossID: new(int64(5)), Name: "dan"},
		}
		north := &Outpost{ID: 1, Name: "north", HeadID: new(int64(3))}
		ok(t, workers.Unit(u).Add(rows...))
		ok(t, outposts.Unit(u).Add(north))
		ok(t, u.Flush(ctx))
		holds(t, s.tenant, outposts, *north)
		holds(t, s.tenant, workers, *rows[0], *rows[1], *rows[2], *rows[3], *rows[4])
		if *rows[3].BossID != 4 || *rows[4].BossID != 5 || *north.HeadID != 3 {
			t.Errorf("what was written last is lost: %+v %+v %+v", rows[3], rows[4], north)
		}
		ok(t, workers.Unit(u).Remove(rows...))
		ok(t, outposts.Unit(u).Remove(north))
		ok(t, u.Flush(ctx))
		holds(t, s.tenant, workers)
	})
}

// reasonsOf tells which workers, and rows of other models, are lost and why.
func reasonsOf(lost *rowhouse.UnitError, workers map[string]int64) string {
	var all []string
	for _, row := range lost.Rows {
		who := fmt.Sprint(row.Model, row.Key)
		for name, id := range workers {
			if row.Model == "worker" && row.Key[0] == id {
				who = name
			}
		}
		why := "stale"
		if errors.Is(row.Reason, rowhouse.ErrNotFound) {
			why = "gone"
		}
		all = append(all, who+" "+why)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// TestUnitStale has all rows that are not as they were read be reported together, and nothing written.
func TestUnitStale(t *testing.T) {
	everywhere(t, company, func(t *testing.T, s site) {
		ctx := t.Context()
		_, list := staffed(t, s.tenant, "ann", "bob", "cyd", "dan")
		ok(t, shifts.In(s.tenant).Insert(ctx, &Shift{WorkerID: list[0].ID, Day: "mon"}))
		u := rowhouse.NewUnit(s.tenant)
		w := workers.Unit(u)
		rows := loadAll(t, w, workers.In(s.tenant).OrderBy(workerID.Asc()))
		mon, err := shifts.Unit(u).Get(ctx, list[0].ID, "mon")
		ok(t, err)

		list[1].Pay = 100
		ok(t, workers.In(s.tenant).Update(ctx, &list[1]))
		list[2].Pay = 100
		ok(t, workers.In(s.tenant).Update(ctx, &list[2]))
		ok(t, workers.In(s.tenant).Delete(ctx, &list[3]))
		ok(t, shifts.In(s.tenant).Delete(ctx, mon))

		for _, row := range rows {
			row.Pay++
		}
		mon.Hours = 9
		ok(t, w.Remove(rows[2]))
		eve := &Worker{OutpostID: list[0].OutpostID, Name: "eve"}
		ok(t, w.Add(eve))
		before := []Worker{*rows[0], *rows[1], *rows[2], *rows[3], *eve}
		for range 2 {
			err = u.Flush(ctx)
			is(t, err, rowhouse.ErrStale)
			is(t, err, rowhouse.ErrNotFound)
			lost, _ := errors.AsType[*rowhouse.UnitError](err)
			if lost == nil || lost.Tenant != s.tenant.Tenant() || lost.Err != nil {
				t.Fatalf("got %v", err)
			}
			tell := map[string]int64{"bob": list[1].ID, "cyd": list[2].ID, "dan": list[3].ID}
			shift := fmt.Sprint("shift", rowhouse.Key{list[0].ID, "mon"})
			if got, want := reasonsOf(lost, tell), "bob stale, cyd stale, dan gone, "+shift+" gone"; got != want {
				t.Errorf("reported are %s, want %s: %v", got, want, lost)
			}
			if after := []Worker{*rows[0], *rows[1], *rows[2], *rows[3], *eve}; !reflect.DeepEqual(after, before) {
				t.Errorf("a failed flush left %+v, was %+v", after, before)
			}
			holds(t, s.tenant, workers, list[0], list[1], list[2])
		}

		ok(t, w.Refresh(ctx, rows[1], rows[2]))
		if rows[1].Pay != 100 || rows[2].Pay != 100 {
			t.Errorf("refreshed are %+v and %+v", rows[1], rows[2])
		}
		is(t, w.Refresh(ctx, rows[3]), rowhouse.ErrNotFound)
		ok(t, w.Forget(rows[3]))
		ok(t, shifts.Unit(u).Forget(mon))
		rows[1].Pay = 200
		ok(t, u.Flush(ctx))
		holds(t, s.tenant, workers, *rows[0], *rows[1], *rows[2], *eve)
		if rows[0].Pay != 8 || rows[1].Pay != 200 || eve.ID == 0 {
			t.Errorf("flushed are %+v %+v %+v", rows[0], rows[1], eve)
		}
	})
}
