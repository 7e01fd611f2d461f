package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
)

// Parcel has every hook, as its own method and by a Behavior. All of them ask the probe in the
// context what to do.
type Parcel struct {
	ID      int64      `db:"id,pk,auto"`
	Code    string     `db:"code,size:40,unique"`
	Note    string     `db:"note,size:40"`
	Version int64      `db:"version,lock"`
	Deleted *time.Time `db:"deleted_at,softdelete"`
	Label   string     `db:"-"`
}

// BeforeInsert and the other hooks tell the probe.
func (p *Parcel) BeforeInsert(ctx context.Context, s rowhouse.Scope) error {
	return probed(ctx, "own BeforeInsert", s, p)
}

func (p *Parcel) AfterInsert(ctx context.Context, s rowhouse.Scope) error {
	return probed(ctx, "own AfterInsert", s, p)
}

func (p *Parcel) BeforeUpdate(ctx context.Context, s rowhouse.Scope) error {
	return probed(ctx, "own BeforeUpdate", s, p)
}

func (p *Parcel) AfterUpdate(ctx context.Context, s rowhouse.Scope) error {
	return probed(ctx, "own AfterUpdate", s, p)
}

func (p *Parcel) BeforeDelete(ctx context.Context, s rowhouse.Scope) error {
	return probed(ctx, "own BeforeDelete", s, p)
}

func (p *Parcel) AfterDelete(ctx context.Context, s rowhouse.Scope) error {
	return probed(ctx, "own AfterDelete", s, p)
}

func (p *Parcel) AfterLoad(ctx context.Context, s rowhouse.Scope) error {
	return probed(ctx, "own AfterLoad", s, p)
}

// Stamp is written by the hooks of a Parcel.
type Stamp struct {
	ID   int64  `db:"id,pk,auto"`
	What string `db:"what,size:80"`
}

var (
	parcels    = rowhouse.MustDefine[Parcel]("parcel")
	parcelCode = rowhouse.Col(parcels, func(p *Parcel) *string { return &p.Code })
	parcelNote = rowhouse.Col(parcels, func(p *Parcel) *string { return &p.Note })
	parcelID   = rowhouse.Col(parcels, func(p *Parcel) *int64 { return &p.ID })
	stamps     = rowhouse.MustDefine[Stamp]("stamp")
)

func parcelOptions() rowhouse.Options {
	tell := func(who string) func(context.Context, rowhouse.Scope, *Parcel) error {
		return func(ctx context.Context, s rowhouse.Scope, p *Parcel) error { return probed(ctx, who, s, p) }
	}
	return rowhouse.Options{
		Models: rowhouse.Models(parcels, stamps),
		Behaviors: []rowhouse.AnyBehavior{rowhouse.Behavior[Parcel]{
			Model:        parcels,
			BeforeInsert: tell("BeforeInsert"), AfterInsert: tell("AfterInsert"),
			BeforeUpdate: tell("BeforeUpdate"), AfterUpdate: tell("AfterUpdate"),
			BeforeDelete: tell("BeforeDelete"), AfterDelete: tell("AfterDelete"),
			AfterLoad: tell("AfterLoad"),
		}},
	}
}

// probe notes the hooks that were called, and does something in some.
type probe struct {
	calls []string
	on    map[string]func(ctx context.Context, s rowhouse.Scope, p *Parcel) error
}

type probeKey struct{}

func (p *probe) in(ctx context.Context) context.Context { return context.WithValue(ctx, probeKey{}, p) }

func (p *probe) take() (calls []string) {
	calls, p.calls = p.calls, nil
	return calls
}

func probed(ctx context.Context, who string, s rowhouse.Scope, row *Parcel) error {
	p, ok := ctx.Value(probeKey{}).(*probe)
	if !ok {
		return nil
	}
	p.calls = append(p.calls, who)
	if do := p.on[who]; do != nil {
		return do(ctx, s, row)
	}
	return nil
}

// both are the calls of a hook: the struct's own first.
func both(points ...string) (calls []string) {
	for _, p := range points {
		calls = append(calls, "own "+p, p)
	}
	return calls
}

func parcel(t *testing.T, s rowhouse.Scope, code string) Parcel {
	t.Helper()
	p := Parcel{Code: code}
	ok(t, parcels.In(s).Insert(t.Context(), &p))
	return p
}

func TestHooksAreCalled(t *testing.T) {
	everywhereWith(t, parcelOptions(), func(t *testing.T, s site) {
		p := &probe{}
		ctx := p.in(t.Context())
		row := parcel(t, s.tenant, "a")
		other := parcel(t, s.tenant, "b")
		same := Parcel{Code: "a"}
		table := parcels.In(s.tenant)
		insert := both("BeforeInsert", "AfterInsert")
		for _, c := range []struct {
			name string
			do   func() error
			want []string
		}{
			{"Insert", func() error { return table.Insert(ctx, &Parcel{Code: "c"}) }, insert},
			{
				"InsertMany", func() error { return table.InsertMany(ctx, []Parcel{{Code: "d"}, {Code: "e"}}) },
				both("BeforeInsert", "BeforeInsert", "AfterInsert", "AfterInsert"),
			},
			{"InsertMany of none", func() error { return table.InsertMany(ctx, nil) }, nil},
			{
				"Upsert", func() error { return table.Upsert(ctx, &Parcel{Code: "f"}, parcelCode) },
				both("BeforeInsert", "AfterLoad", "AfterInsert"),
			},
			{
				"Upsert over a row", func() error { return table.Upsert(ctx, &same, parcelCode) },
				both("BeforeInsert", "AfterLoad", "AfterInsert"),
			},
			{"Get", func() error { _, err := table.Get(ctx, row.ID); row = same; return err }, both("AfterLoad")},
			{
				"GetMany", func() error { _, err := table.GetMany(ctx, row.ID, other.ID); return err },
				both("AfterLoad", "AfterLoad"),
			},
			{
				"All", func() error { _, err := table.Where(parcelCode.In("a", "b")).All(ctx); return err },
				both("AfterLoad", "AfterLoad"),
			},
			{"First", func() error { _, err := table.First(ctx); return err }, both("AfterLoad")},
			{"One", func() error { _, err := table.Where(parcelCode.Eq("a")).One(ctx); return err }, both("AfterLoad")},
			{"Each", func() error { return eachParcel(ctx, table.Limit(2)) }, both("AfterLoad", "AfterLoad")},
			{"nothing to load", func() error { _, err := table.Where(parcelID.Lt(0)).All(ctx); return err }, nil},
			{"Count", func() error { _, err := table.Count(ctx); return err }, nil},
			{"Exists", func() error { _, err := table.Exists(ctx); return err }, nil},
			{"Update", func() error { return table.Update(ctx, &row) }, both("BeforeUpdate", "AfterUpdate")},
			{"UpdateWhere", func() error {
				_, err := table.UpdateWhere(ctx, parcelCode.Eq("b"), parcelNote.Set("x"))
				return err
			}, nil},
			{"Delete", func() error { return table.Delete(ctx, &row) }, both("BeforeDelete", "AfterDelete")},
			{"Purge", func() error { return table.Purge(ctx, &row) }, both("BeforeDelete", "AfterDelete")},
			{"DeleteWhere", func() error { _, err := table.DeleteWhere(ctx, parcelCode.Eq("b")); return err }, nil},
		} {
			ok(t, c.do())
			if got := p.take(); !slices.Equal(pointsOf(got), pointsOf(c.want)) || !inOrder(got) {
				t.Errorf("%s calls %v, want %v", c.name, got, c.want)
			}
		}
	})
}

func eachParcel(ctx context.Context, q rowhouse.Query[Parcel]) error {
	for _, err := range q.Each(ctx) {
		if err != nil {
			return err
		}
	}
	return nil
}

// pointsOf are the calls without whose they are; inOrder says that the struct's come first.
func pointsOf(calls []string) (points []string) {
	for _, c := range calls {
		points = append(points, strings.TrimPrefix(c, "own "))
	}
	return points
}

func inOrder(calls []string) bool {
	for i := 0; i < len(calls); i += 2 {
		if calls[i] != "own "+calls[i+1] {
			return false
		}
	}
	return len(calls)%2 == 0
}

// TestHooksChangeWhatIsWritten has hooks before a write put something into the row.
func TestHooksChangeWhatIsWritten(t *testing.T) {
	everywhereWith(t, parcelOptions(), func(t *testing.T, s site) {
		note := func(_ context.Context, _ rowhouse.Scope, row *Parcel) error {
			row.Note += "n"
			return nil
		}
		p := &probe{on: map[string]func(context.Context, rowhouse.Scope, *Parcel) error{
			"own BeforeInsert": note, "BeforeInsert": note, "BeforeUpdate": note,
			"own AfterLoad": func(_ context.Context, _ rowhouse.Scope, row *Parcel) error {
				row.Label = row.Code + "/" + row.Note
				return nil
			},
		}}
		ctx := p.in(t.Context())
		table := parcels.In(s.tenant)
		rows := []Parcel{{Code: "a"}, {Code: "b"}}
		ok(t, table.InsertMany(ctx, rows))
		one := Parcel{Code: "c"}
		ok(t, table.Insert(ctx, &one))
		up := Parcel{Code: "d"}
		ok(t, table.Upsert(ctx, &up, parcelCode))
		ok(t, table.Update(ctx, &one))
		ok(t, table.Update(ctx, &rows[0], parcelCode)) // the note is not for this call to write
		all, err := table.OrderBy(parcelCode.Asc()).All(ctx)
		ok(t, err)
		var labels []string
		for _, r := range all {
			labels = append(labels, r.Label)
		}
		if want := []string{"a/nn", "b/nn", "c/nnn", "d/nn"}; !slices.Equal(labels, want) {
			t.Errorf("the rows are %v, want %v", labels, want)
		}
		got, err := table.Get(ctx, one.ID)
		if ok(t, err); got.Label != "c/nnn" || up.Label != "d/nn" {
			t.Errorf("Get has label %q, Upsert %q", got.Label, up.Label)
		}
	})
}

var errBoom = errors.New("boom")

// hookedWrites are the writes that have hooks, on a row that exists, and their points.
var hookedWrites = []struct {
	name   string
	op     string
	points []string
	do     func(ctx context.Context, s rowhouse.Scope, row *Parcel) error
}{
	{"Insert", "insert", []string{"BeforeInsert", "AfterInsert"}, func(ctx context.Context, s rowhouse.Scope, _ *Parcel) error {
		return unchanged(Parcel{Code: "new"}, func(p *Parcel) error { return parcels.In(s).Insert(ctx, p) })
	}},
	{"InsertMany", "insert", []string{"BeforeInsert", "AfterInsert"}, func(ctx context.Context, s rowhouse.Scope, _ *Parcel) error {
		rows := []Parcel{{Code: "new"}, {Code: "new 2"}, {ID: 1_000_000, Code: "new 3"}, {Code: "new 4"}}
		defer untouched(rows, slices.Clone(rows))
		return parcels.In(s).InsertMany(ctx, rows)
	}},
	{"Upsert", "upsert", []string{"BeforeInsert", "AfterLoad", "AfterInsert"}, func(ctx context.Context, s rowhouse.Scope, row *Parcel) error {
		return unchanged(Parcel{Code: row.Code, Note: "new"}, func(p *Parcel) error { return parcels.In(s).Upsert(ctx, p, parcelCode) })
	}},
	{"Update", "update", []string{"BeforeUpdate", "AfterUpdate"}, func(ctx context.Context, s rowhouse.Scope, row *Parcel) error {
		changed := *row
		changed.Note = "new"
		return unchanged(changed, func(p *Parcel) error { return parcels.In(s).Update(ctx, p) })
	}},
	{"Delete", "delete", []string{"BeforeDelete", "AfterDelete"}, func(ctx context.Context, s rowhouse.Scope, row *Parcel) error {
		return unchanged(*row, func(p *Parcel) error { return parcels.In(s).Delete(ctx, p) })
	}},
	{"Purge", "delete", []string{"BeforeDelete", "AfterDelete"}, func(ctx context.Context, s rowhouse.Scope, row *Parcel) error {
		return unchanged(*row, func(p *Parcel) error { return parcels.In(s).Purge(ctx, p) })
	}},
}

// unchanged is a write that fails and must leave nothing in the row, also when it panics.
func unchanged(row Parcel, write func(*Parcel) error) error {
	rows := []Parcel{row}
	defer untouched(rows, slices.Clone(rows))
	return write(&rows[0])
}

func untouched(rows, before []Parcel) {
	if !slices.Equal(rows, before) {
		panic(fmt.Errorf("the rows are %+v, were %+v", rows, before))
	}
}

// TestHooksStopTheOperation has every hook of every write fail, and panic, after it has written
// something itself: nothing may be left of either, and a transaction goes on.
func TestHooksStopTheOperation(t *testing.T) {
	everywhereWith(t, parcelOptions(), func(t *testing.T, s site) {
		row := parcel(t, s.tenant, "a")
		for _, w := range hookedWrites {
			for _, point := range w.points {
				for _, who := range []string{"own " + point, point} {
					for _, panics := range []bool{false, true} {
						name := fmt.Sprintf("%s, %s, panic %t", w.name, who, panics)
						p := &probe{on: map[string]func(context.Context, rowhouse.Scope, *Parcel) error{who: failing(t, panics)}}
						ctx := p.in(t.Context())
						stopped(t, name, s.tenant, w.op, point, func() error { return w.do(ctx, s.tenant, &row) })
						ok(t, s.tenant.Tx(t.Context(), func(tx *rowhouse.Tx) error {
							stopped(t, name+", in a transaction", tx, w.op, point, func() error { return w.do(ctx, tx, &row) })
							return stamps.In(tx).Insert(t.Context(), &Stamp{What: "went on"})
						}))
						left(t, name, s.tenant, row)
					}
				}
			}
		}
	})
}

// failing is a hook that writes a stamp, sees it, and fails.
func failing(t *testing.T, panics bool) func(context.Context, rowhouse.Scope, *Parcel) error {
	return func(ctx context.Context, s rowhouse.Scope, _ *Parcel) error {
		if _, isTx := s.(*rowhouse.Tx); !isTx {
			t.Errorf("the hook's scope is a %T", s)
		}
		before, err := stamps.In(s).Count(ctx)
		ok(t, err)
		ok(t, stamps.In(s).Insert(ctx, &Stamp{What: "hook"}))
		after, err := stamps.In(s).Count(ctx)
		if ok(t, err); after != before+1 {
			t.Errorf("the hook sees %d stamps, then %d", before, after)
		}
		if panics {
			panic(errBoom)
		}
		return errBoom
	}
}

func stopped(t *testing.T, name string, s rowhouse.Scope, op, point string, do func() error) {
	t.Helper()
	panicked := true
	err := func() (err error) {
		defer func() {
			if r := recover(); panicked && r != any(errBoom) {
				err = fmt.Errorf("panicked with %v", r)
			}
		}()
		err = do()
		panicked = false
		return err
	}()
	if panicked {
		ok(t, err) // the panic went on, and nothing else was wrong
		return
	}
	e, known := errors.AsType[*rowhouse.StatementError](err)
	if !errors.Is(err, errBoom) || !known || e.Op != op || e.Tenant != s.Tenant() || e.Model != "parcel" {
		t.Fatalf("%s: got %v", name, err)
	}
	want := fmt.Sprintf("rowhouse: %s parcel of tenant %q: hook %s: boom", op, s.Tenant(), point)
	if text := err.Error(); text != want {
		t.Errorf("%s: the error says %q, want %q", name, text, want)
	}
}

// left fails the test unless the row is the only one and as it was, and clears the stamps.
func left(t *testing.T, name string, s rowhouse.Scope, row Parcel) {
	t.Helper()
	all, err := parcels.In(s).WithDeleted().All(t.Context())
	if ok(t, err); len(all) != 1 || !reflect.DeepEqual(all[0], row) {
		t.Errorf("%s: left are %+v, want %+v", name, all, row)
	}
	marks, err := stamps.In(s).All(t.Context())
	if ok(t, err); len(marks) != 1 || marks[0].What != "went on" {
		t.Errorf("%s: the stamps are %+v", name, marks)
	}
	_, err = stamps.In(s).DeleteWhere(t.Context(), rowhouse.Every[Stamp]())
	ok(t, err)
}

// TestHooksAndTheirOperationAreOne has what hooks write be there with what they belong to.
func TestHooksAndTheirOperationAreOne(t *testing.T) {
	everywhereWith(t, parcelOptions(), func(t *testing.T, s site) {
		stamp := func(ctx context.Context, sc rowhouse.Scope, row *Parcel) error {
			there, err := parcels.In(sc).Where(parcelCode.Eq(row.Code)).Exists(context.Background())
			if err != nil {
				return err
			}
			return stamps.In(sc).Insert(ctx, &Stamp{What: fmt.Sprint(row.Code, " ", there)})
		}
		p := &probe{on: map[string]func(context.Context, rowhouse.Scope, *Parcel) error{"BeforeInsert": stamp, "AfterInsert": stamp}}
		ctx := p.in(t.Context())
		ok(t, parcels.In(s.tenant).InsertMany(ctx, []Parcel{{Code: "a"}, {Code: "b"}}))
		is(t, parcels.In(s.tenant).Insert(ctx, &Parcel{Code: "a"}), rowhouse.ErrConflict) // and its stamp
		is(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			ok(t, parcels.In(tx).Insert(ctx, &Parcel{Code: "c"}))
			return errBoom
		}), errBoom)
		ok(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error { return parcels.In(tx).Insert(ctx, &Parcel{Code: "d"}) }))
		marks, err := stamps.In(s.tenant).All(ctx)
		ok(t, err)
		var whats []string
		for _, m := range marks {
			whats = append(whats, m.What)
		}
		if want := []string{"a false", "b false", "a true", "b true", "d false", "d true"}; !slices.Equal(whats, want) {
			t.Errorf("the stamps are %q, want %q", whats, want)
		}
		if n, err := stamps.In(s.other).Count(ctx); err != nil || n != 0 {
			t.Errorf("the other tenant has %d stamps, %v", n, err)
		}
	})
}

// TestInsertManyIsAllOrNone has a hook fail in the middle of many rows.
func TestInsertManyIsAllOrNone(t *testing.T) {
	everywhereWith(t, parcelOptions(), func(t *testing.T, s site) {
		for _, who := range []string{"own BeforeInsert", "AfterInsert"} {
			p := &probe{on: map[string]func(context.Context, rowhouse.Scope, *Parcel) error{
				who: func(_ context.Context, _ rowhouse.Scope, row *Parcel) error {
					if row.Code == "b" {
						return errBoom
					}
					return nil
				},
			}}
			rows := []Parcel{{Code: "a"}, {Code: "b"}, {Code: "c"}}
			is(t, parcels.In(s.tenant).InsertMany(p.in(t.Context()), rows), errBoom)
			if n, err := parcels.In(s.tenant).Count(t.Context()); err != nil || n != 0 {
				t.Errorf("%s: %d rows are left, %v", who, n, err)
			}
			if !slices.Equal(rows, []Parcel{{Code: "a"}, {Code: "b"}, {Code: "c"}}) {
				t.Errorf("%s: the rows are %+v", who, rows)
			}
			if calls := p.take(); slices.Contains(calls, "AfterInsert") != (who == "AfterInsert") {
				t.Errorf("%s: called were %v", who, calls)
			}
		}
	})
}

// TestWritesInsideHooksAreTakenBack has a hook update the row that is being updated, and fail.
func TestWritesInsideHooksAreTakenBack(t *testing.T) {
	everywhereWith(t, parcelOptions(), func(t *testing.T, s site) {
		row := parcel(t, s.tenant, "a")
		p := &probe{on: map[string]func(context.Context, rowhouse.Scope, *Parcel) error{
			"BeforeUpdate": func(ctx context.Context, sc rowhouse.Scope, row *Parcel) error {
				return parcels.In(sc).Update(t.Context(), row)
			},
			"AfterUpdate": func(context.Context, rowhouse.Scope, *Parcel) error {
				if row.Version != 3 {
					t.Errorf("after two updates the version is %d", row.Version)
				}
				return errBoom
			},
		}}
		for range 2 {
			is(t, parcels.In(s.tenant).Update(p.in(t.Context()), &row), errBoom)
			is(t, s.tenant.Tx(t.Context(), func(tx *rowhouse.Tx) error {
				return parcels.In(tx).Update(p.in(t.Context()), &row)
			}), errBoom)
			if row.Version != 1 {
				t.Fatalf("the version is %d", row.Version)
			}
		}
		delete(p.on, "AfterUpdate")
		is(t, s.tenant.Tx(t.Context(), func(tx *rowhouse.Tx) error {
			ok(t, parcels.In(tx).Update(p.in(t.Context()), &row))
			return errBoom
		}), errBoom)
		if row.Version != 1 {
			t.Fatalf("after a transaction that failed, the version is %d", row.Version)
		}
		ok(t, parcels.In(s.tenant).Update(p.in(t.Context()), &row))
		if got, err := parcels.In(s.tenant).Get(t.Context(), row.ID); err != nil || got != row || row.Version != 3 {
			t.Errorf("the row is %+v, in the database %+v, %v", row, got, err)
		}
	})
}

// TestHooksThatCauseHooks has a hook do what it is the hook of, once and without an end.
func TestHooksThatCauseHooks(t *testing.T) {
	everywhereWith(t, parcelOptions(), func(t *testing.T, s site) {
		more := func(last string) *probe {
			return &probe{on: map[string]func(context.Context, rowhouse.Scope, *Parcel) error{
				"BeforeInsert": func(ctx context.Context, sc rowhouse.Scope, row *Parcel) error {
					if row.Code == last {
						return nil
					}
					return parcels.In(sc).Insert(ctx, &Parcel{Code: row.Code + "+"})
				},
				"AfterLoad": func(ctx context.Context, sc rowhouse.Scope, row *Parcel) error {
					_, err := parcels.In(sc).Get(ctx, row.ID)
					return err
				},
			}}
		}
		ok(t, parcels.In(s.tenant).Insert(more("a++").in(t.Context()), &Parcel{Code: "a"}))
		is(t, parcels.In(s.tenant).Insert(more("").in(t.Context()), &Parcel{Code: "b"}), rowhouse.ErrInvalid)
		if n, err := parcels.In(s.tenant).Count(t.Context()); err != nil || n != 3 {
			t.Errorf("there are %d rows, %v", n, err)
		}
		_, err := parcels.In(s.tenant).First(more("").in(t.Context()))
		is(t, err, rowhouse.ErrInvalid)
		is(t, eachParcel(more("").in(t.Context()), parcels.In(s.tenant).Limit(1)), rowhouse.ErrInvalid)
	})
}

// TestAfterLoadReads has the hook of rows that are read ask for more, in every kind of read.
func TestAfterLoadReads(t *testing.T) {
	everywhereWith(t, parcelOptions(), func(t *testing.T, s site) {
		rows := []Parcel{{Code: "a"}, {Code: "b"}, {Code: "c"}}
		ok(t, parcels.In(s.tenant).InsertMany(t.Context(), rows))
		p := &probe{on: map[string]func(context.Context, rowhouse.Scope, *Parcel) error{
			"AfterLoad": func(_ context.Context, sc rowhouse.Scope, row *Parcel) error {
				n, err := parcels.In(sc).Where(parcelID.Le(row.ID)).Count(t.Context())
				row.Label = strconv.FormatInt(n, 10)
				return err
			},
		}}
		ctx := p.in(t.Context())
		read := func(sc rowhouse.Scope) {
			all, err := parcels.In(sc).OrderBy(parcelID.Asc()).All(ctx)
			if ok(t, err); len(all) != 3 || all[0].Label != "1" || all[2].Label != "3" {
				t.Errorf("All has %+v", all)
			}
			many, err := parcels.In(sc).GetMany(ctx, rows[1].ID, rows[0].ID)
			if ok(t, err); len(many) != 2 || many[0].Label != "2" {
				t.Errorf("GetMany has %+v", many)
			}
			one, err := parcels.In(sc).Get(ctx, rows[2].ID)
			if ok(t, err); one.Label != "3" {
				t.Errorf("Get has %+v", one)
			}
		}
		read(s.tenant)
		for row, err := range parcels.In(s.tenant).Limit(1).Each(ctx) {
			if ok(t, err); row.Label != "1" {
				t.Errorf("Each has %+v", row)
			}
		}
		ok(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			read(tx)
			is(t, eachParcel(ctx, parcels.In(tx).Limit(2)), rowhouse.ErrInvalid)
			read(tx) // the transaction itself goes on
			return nil
		}))

		p.on["AfterLoad"] = func(context.Context, rowhouse.Scope, *Parcel) error { return errBoom }
		all, err := parcels.In(s.tenant).All(ctx)
		if is(t, err, errBoom); all != nil {
			t.Errorf("with an error came %+v", all)
		}
		_, err = parcels.In(s.tenant).Get(ctx, rows[0].ID)
		is(t, err, errBoom)
		_, err = parcels.In(s.tenant).GetMany(ctx, rows[0].ID)
		is(t, err, errBoom)
		is(t, eachParcel(ctx, parcels.In(s.tenant).Query), errBoom)
	})
}

// TestErrorsOfHooksAreTheOperations has an error of this package's come through a hook: it is found,
// but it is the operation's.
func TestErrorsOfHooksAreTheOperations(t *testing.T) {
	everywhereWith(t, parcelOptions(), func(t *testing.T, s site) {
		row := parcel(t, s.tenant, "a")
		p := &probe{on: map[string]func(context.Context, rowhouse.Scope, *Parcel) error{
			"BeforeUpdate": func(ctx context.Context, sc rowhouse.Scope, _ *Parcel) error {
				_, err := parcels.In(sc).Where(parcelCode.Eq("none")).One(ctx)
				return err
			},
		}}
		err := parcels.In(s.tenant).Update(p.in(t.Context()), &row)
		is(t, err, rowhouse.ErrNotFound)
		if rowhouse.IsRetryable(err) {
			t.Error("a row that is not there is no reason to try again")
		}
		if e, known := errors.AsType[*rowhouse.StatementError](err); !known || e.Op != "update" {
			t.Errorf("the error is of %+v", e)
		}
	})
}

// wrongParcel has a method with the name of a hook.
type wrongParcel struct {
	ID int64 `db:"id,pk"`
}

func (*wrongParcel) BeforeInsert() error                   { return nil }
func (*wrongParcel) AfterLoad(_ context.Context, _ string) {}

// embeddedHooks has the hooks of what it embeds.
type embeddedHooks struct {
	Parcel
	More string
}

func TestHooksOfADefinition(t *testing.T) {
	t.Parallel()
	_, err := rowhouse.Define[wrongParcel]("wrong")
	mistake, isMistake := errors.AsType[*rowhouse.DefinitionError](err)
	if !isMistake || mistake.Type != reflect.TypeFor[wrongParcel]() {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"method BeforeInsert has the name of a hook", "method AfterLoad has"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	if _, err := rowhouse.Define[embeddedHooks]("embedded"); err != nil {
		t.Error(err)
	}
}
