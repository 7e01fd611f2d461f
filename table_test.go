package rowhouse_test

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse"
)

// Status is a named type over a text.
type Status string

// Base is what several models have in common.
type Base struct {
	ID        int64     `db:"id,pk,auto"`
	CreatedAt time.Time `db:"created_at,created"`
	UpdatedAt time.Time `db:"updated_at,updated"`
}

// Age is a method of the base.
func (b Base) Age(at time.Time) time.Duration { return at.Sub(b.CreatedAt) }

// Settings is kept as JSON.
type Settings struct {
	Theme string
	Sizes []int
}

// Point brings its own Value and Scan.
type Point struct{ X, Y int } //nolint:recvcheck // Value is asked of values, Scan changes one

// Value writes a point as text.
func (p Point) Value() (sqldriver.Value, error) { return fmt.Sprintf("%d;%d", p.X, p.Y), nil }

// Scan reads what Value wrote.
func (p *Point) Scan(src any) error {
	_, err := fmt.Sscanf(fmt.Sprintf("%s", src), "%d;%d", &p.X, &p.Y)
	return err
}

// Everything has a column of every type.
type Everything struct {
	Base
	Bool     bool
	I8       int8
	I16      int16
	I32      int32
	Int      int
	U8       uint8
	U16      uint16
	U32      uint32
	U64      uint64
	F32      float32
	F64      float64
	Text     string `db:",size:200"`
	Long     string
	Status   Status
	Bytes    []byte
	At       time.Time
	For      time.Duration
	Key      uuid.UUID
	Raw      [16]byte
	Price    string            `db:",type:decimal,precision:12,scale:2"`
	Settings Settings          `db:",json"`
	Props    map[string]string `db:",json,null"`
	Point    Point             `db:",type:text"`
	PBool    *bool
	PInt     *int
	PText    *string
	PAt      *time.Time
	PKey     *uuid.UUID
	NText    sql.Null[string]
	NInt     sql.NullInt64
	NAt      sql.Null[time.Time]
	Home     Address `db:",prefix:home_"`
	Ignored  string  `db:"-"`
}

// Address is brought in with a prefix.
type Address struct {
	Street string
	Zip    *string
}

var everything = rowhouse.MustDefine[Everything]("everything")

func full() Everything {
	at := time.Date(2024, 2, 29, 23, 59, 59, 123456000, time.UTC)
	yes, n, text, zip, key := true, -7, "zwölf 十二", "8000", uuid.New()
	return Everything{
		Bool: true, I8: -128, I16: -32768, I32: -2147483648, Int: -9223372036854775808,
		U8: 255, U16: 65535, U32: 4294967295, U64: 9223372036854775807, F32: 1.5e-7, F64: 1.0 / 3,
		Text: "it's \"quoted\" \\ and 🏠", Long: strings.Repeat("long ", 20000), Status: "open",
		Bytes: []byte{0, 1, 255}, At: at, For: 90 * time.Minute, Key: key, Raw: [16]byte{1, 2},
		Price: "12345.67", Settings: Settings{"dark", []int{1, 2}}, Props: map[string]string{"a": "b"}, Point: Point{3, -4},
		PBool: &yes, PInt: &n, PText: &text, PAt: &at, PKey: &key,
		NText: sql.Null[string]{V: "v", Valid: true}, NInt: sql.NullInt64{Int64: 5, Valid: true},
		NAt: sql.Null[time.Time]{V: at, Valid: true}, Home: Address{Street: "Rowe St", Zip: &zip},
	}
}

func TestEveryTypeComesBack(t *testing.T) {
	everywhere(t, rowhouse.Models(everything), func(t *testing.T, s site) {
		ctx := t.Context()
		table := everything.In(s.tenant)
		rows := []Everything{full(), {Price: "0.01", Bytes: []byte{}}}
		for i := range rows {
			ok(t, table.Insert(ctx, &rows[i]))
		}
		many := []Everything{full(), {Price: "0.01", Bytes: []byte{}}, full()}
		ok(t, table.InsertMany(ctx, many))
		for _, want := range append(rows, many...) {
			got, err := table.Get(ctx, want.ID)
			ok(t, err)
			same(t, got, want)
		}
		got, err := everything.In(s.other).Count(ctx)
		if ok(t, err); got != 0 {
			t.Errorf("the other tenant has %d rows", got)
		}
		if age := rows[0].Age(rows[0].CreatedAt.Add(time.Hour)); age != time.Hour {
			t.Errorf("a method of the base gave %v", age)
		}
	})
}

func same(t *testing.T, got, want Everything) {
	t.Helper()
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range g.NumField() {
		if a, b := g.Field(i).Interface(), w.Field(i).Interface(); !reflect.DeepEqual(a, b) {
			t.Errorf("%s came back as %#v, was %#v", g.Type().Field(i).Name, a, b)
		}
	}
}

// Person has a key of ours, a soft delete, a lock and constraints.
type Person struct {
	ID      uuid.UUID  `db:"id,pk,auto"`
	Email   string     `db:"email,size:100,unique"`
	Age     int        `db:"age,check:'age >= 0'"`
	Boss    *uuid.UUID `db:"boss_id,ref:person.id"`
	Group   *string    `db:"team,size:20,index"`
	Version int64      `db:"version,lock"`
	Deleted *time.Time `db:"deleted_at,softdelete"`
}

// Membership has a key of two columns, one of them a reference.
type Membership struct {
	Person uuid.UUID `db:"person_id,pk,ref:person.id,ondelete:cascade"`
	Club   string    `db:"club,pk,size:40"`
	Since  int       `db:"since"`
}

var (
	persons     = rowhouse.MustDefine[Person]("person")
	personEmail = rowhouse.Col(persons, func(p *Person) *string { return &p.Email })
	personAge   = rowhouse.Col(persons, func(p *Person) *int { return &p.Age })
	personTeam  = rowhouse.Nullable(persons, func(p *Person) **string { return &p.Group })
	personGone  = rowhouse.Nullable(persons, func(p *Person) **time.Time { return &p.Deleted })

	memberships    = rowhouse.MustDefine[Membership]("membership")
	membershipClub = rowhouse.Col(memberships, func(m *Membership) *string { return &m.Club })
	people         = rowhouse.Models(persons, memberships)
)

func person(t *testing.T, s rowhouse.Scope, email string) Person {
	t.Helper()
	p := Person{Email: email}
	ok(t, persons.In(s).Insert(t.Context(), &p))
	return p
}

func TestErrorsAreTheSameEverywhere(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		table := persons.In(s.tenant)
		ann := person(t, s.tenant, "ann-canary")
		stranger := uuid.New()
		stale := ann
		ok(t, table.Update(ctx, &ann))
		gone := Person{ID: stranger, Version: 1}
		_, missing := table.Get(ctx, stranger)
		person(t, s.tenant, "zoe")
		_, many := table.One(ctx)
		for name, c := range map[string]struct{ got, want error }{
			"unique":        {table.Insert(ctx, &Person{Email: "ann-canary"}), rowhouse.ErrConflict},
			"unique, many":  {table.InsertMany(ctx, []Person{{Email: "new"}, {Email: "ann-canary"}}), rowhouse.ErrConflict},
			"foreign key":   {table.Insert(ctx, &Person{Email: "bob-canary", Boss: &stranger}), rowhouse.ErrReference},
			"check":         {table.Insert(ctx, &Person{Email: "cyd-canary", Age: -1}), rowhouse.ErrCheck},
			"stale":         {table.Update(ctx, &stale), rowhouse.ErrStale},
			"stale delete":  {table.Delete(ctx, &stale), rowhouse.ErrStale},
			"stale purge":   {table.Purge(ctx, &stale), rowhouse.ErrStale},
			"not found":     {missing, rowhouse.ErrNotFound},
			"update of one": {table.Update(ctx, &gone), rowhouse.ErrNotFound},
			"delete of one": {table.Delete(ctx, &gone), rowhouse.ErrNotFound},
			"more than one": {many, rowhouse.ErrMultiple},
		} {
			is(t, c.got, c.want)
			e, isStatement := errors.AsType[*rowhouse.StatementError](c.got)
			if !isStatement || e.Tenant != s.tenant.Tenant() || e.Model != "person" || e.Op == "" {
				t.Errorf("%s: %#v does not say where", name, c.got)
			}
			if strings.Contains(c.got.Error(), "canary") {
				t.Errorf("%s: the message quotes a value: %v", name, c.got)
			}
		}
		if stale.Version != 1 {
			t.Errorf("a failed update left version %d in the row, was 1", stale.Version)
		}
		if n, err := table.Count(ctx); err != nil || n != 2 {
			t.Errorf("%d persons are left, %v; what failed must leave nothing", n, err)
		}
	})
}

func TestSoftDelete(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		table := persons.In(s.tenant)
		ann, bob := person(t, s.tenant, "ann"), person(t, s.tenant, "bob")
		ok(t, table.Delete(ctx, &ann))
		if ann.Deleted == nil || ann.Version != 2 {
			t.Errorf("the row in memory has %v, version %d", ann.Deleted, ann.Version)
		}
		_, err := table.Get(ctx, ann.ID)
		is(t, err, rowhouse.ErrNotFound)
		is(t, table.Update(ctx, &ann), rowhouse.ErrNotFound)
		all, err := table.All(ctx)
		if ok(t, err); len(all) != 1 || all[0].ID != bob.ID {
			t.Errorf("all are %v", all)
		}
		old, err := table.WithDeleted().Get(ctx, ann.ID)
		if ok(t, err); old.Deleted == nil || !old.Deleted.Equal(*ann.Deleted) {
			t.Errorf("with deleted: %+v", old)
		}
		n, err := table.WithDeleted().UpdateWhere(ctx, personEmail.Eq("ann"), personGone.SetNull())
		if ok(t, err); n != 1 {
			t.Errorf("%d brought back", n)
		}
		back, err := table.Get(ctx, ann.ID)
		if ok(t, err); back.Version != 3 {
			t.Errorf("version %d after coming back, want 3", back.Version)
		}
		n, err = table.DeleteWhere(ctx, rowhouse.Every[Person]())
		if ok(t, err); n != 2 {
			t.Errorf("%d deleted", n)
		}
		bob, err = table.WithDeleted().Get(ctx, bob.ID)
		ok(t, err)
		ok(t, table.Purge(ctx, &bob))
		if n, err := table.WithDeleted().Count(ctx); err != nil || n != 1 {
			t.Errorf("%d are left, %v", n, err)
		}
		ok(t, table.Upsert(ctx, &Person{Email: "ann"}, personEmail))
		if found, err := table.One(ctx); err != nil || found.ID != ann.ID || found.Deleted != nil {
			t.Errorf("an upsert over a deleted row gave %+v, %v", found, err)
		}
	})
}

func TestCompositeKeysAndGetMany(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		ann, bob := person(t, s.tenant, "ann"), person(t, s.tenant, "bob")
		table := memberships.In(s.tenant)
		ok(t, table.InsertMany(ctx, []Membership{{ann.ID, "chess", 1}, {ann.ID, "go", 2}, {bob.ID, "go", 3}}))
		m, err := table.Get(ctx, ann.ID, "go")
		if ok(t, err); m.Since != 2 {
			t.Errorf("got %+v", m)
		}
		got, err := table.GetMany(ctx, rowhouse.Key{bob.ID, "go"}, rowhouse.Key{bob.ID, "chess"}, rowhouse.Key{ann.ID, "chess"})
		if ok(t, err); len(got) != 2 || got[0].Since != 3 || got[1].Since != 1 {
			t.Errorf("got %+v", got)
		}
		_, err = table.Get(ctx, ann.ID)
		is(t, err, rowhouse.ErrInvalid)
		ok(t, table.Upsert(ctx, &Membership{ann.ID, "go", 9}))
		m.Since = 10
		ok(t, table.Update(ctx, &m))
		ok(t, table.Delete(ctx, &m))
		is(t, table.Insert(ctx, &Membership{uuid.New(), "go", 1}), rowhouse.ErrReference)
		ok(t, persons.In(s.tenant).Purge(ctx, &bob))
		if n, err := table.Where(membershipClub.Eq("go")).Count(ctx); err != nil || n != 0 {
			t.Errorf("%d memberships outlived their person, %v", n, err)
		}

		keys := make([]any, 1200)
		crowd := make([]Person, len(keys))
		for i := range crowd {
			crowd[i].Email = fmt.Sprint("p", i)
		}
		ok(t, persons.In(s.tenant).InsertMany(ctx, crowd))
		for i := range keys {
			keys[i] = crowd[len(crowd)-1-i].ID
		}
		found, err := persons.In(s.tenant).GetMany(ctx, keys...)
		if ok(t, err); len(found) != len(keys) || found[0].ID != keys[0] || found[1199].ID != keys[1199] {
			t.Errorf("%d of %d rows, or another order", len(found), len(keys))
		}
	})
}

// TestPagesWithNulls walks over all rows in pages, in every direction and with NULLs on either
// side, and compares with the whole.
func TestPagesWithNulls(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		table := persons.In(s.tenant)
		teams := []*string{nil, new("b"), new("a"), nil, new("b"), new("B"), new("a")}
		for i, team := range teams {
			ok(t, table.Insert(ctx, &Person{Email: strconv.Itoa(i), Group: team, Age: i % 3}))
		}
		orders := map[string]rowhouse.Order[Person]{
			"asc": personTeam.Asc(), "desc": personTeam.Desc(),
			"asc, nulls first": personTeam.Asc().NullsFirst(), "desc, nulls last": personTeam.Desc().NullsLast(),
		}
		for name, order := range orders {
			q := table.OrderBy(order, personAge.Desc())
			whole, err := table.OrderBy(order, personAge.Desc(), rowhouse.Col(persons, func(p *Person) *uuid.UUID { return &p.ID }).Asc()).All(ctx)
			ok(t, err)
			nullsFirst := name == "desc" || name == "asc, nulls first"
			if (whole[0].Group == nil) != nullsFirst || (whole[6].Group == nil) == nullsFirst {
				t.Errorf("%s: NULLs are at the wrong end", name)
			}
			var paged []Person
			for page := q.Limit(2); ; page = page.After(paged[len(paged)-1]) {
				rows, err := page.All(ctx)
				if ok(t, err); len(rows) == 0 {
					break
				}
				paged = append(paged, rows...)
			}
			if !reflect.DeepEqual(paged, whole) {
				t.Errorf("%s: the pages are not the whole", name)
			}
		}
	})
}

func TestTransactions(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		count := func(want int64) {
			t.Helper()
			if n, err := persons.In(s.tenant).Count(ctx); err != nil || n != want {
				t.Fatalf("%d persons, %v; want %d", n, err, want)
			}
		}
		boom := errors.New("boom")
		err := s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			person(t, tx, "ann")
			return boom
		})
		if err != boom { //nolint:errorlint // the very error, not one that wraps it
			t.Fatalf("got %v", err)
		}
		count(0)
		func() {
			defer func() {
				if recover() != "boom" {
					t.Error("the panic did not go on")
				}
			}()
			_ = s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
				person(t, tx, "ann")
				panic("boom")
			})
		}()
		count(0)
		var kept *rowhouse.Tx
		ok(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			kept = tx
			person(t, tx, "ann")
			is(t, tx.Tx(ctx, func(tx *rowhouse.Tx) error {
				person(t, tx, "bob")
				return persons.In(tx).Insert(ctx, &Person{Email: "ann"})
			}), rowhouse.ErrConflict)
			return tx.Tx(ctx, func(tx *rowhouse.Tx) error {
				person(t, tx, "cyd")
				return nil
			})
		}))
		count(2)
		_, err = persons.In(kept).Count(ctx)
		is(t, err, rowhouse.ErrClosed)

		cancelled, cancel := context.WithCancel(ctx)
		err = s.tenant.Tx(cancelled, func(tx *rowhouse.Tx) error {
			person(t, tx, "dan")
			cancel()
			return nil
		})
		is(t, err, context.Canceled)
		count(2)
		err = s.tenant.TxWith(ctx, rowhouse.TxOptions{ReadOnly: true}, func(tx *rowhouse.Tx) error {
			return persons.In(tx).Insert(ctx, &Person{Email: "eve"})
		})
		if err == nil {
			t.Error("a read-only transaction wrote")
		}
		count(2)
	})
}

func TestLockingReads(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		ann := person(t, s.tenant, "ann")
		person(t, s.tenant, "bob")
		_, err := persons.In(s.tenant).ForUpdate().All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		ok(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			_, err := persons.In(tx).Where(personEmail.Eq("ann")).ForUpdate().One(ctx)
			ok(t, err)
			if s.engine == "sqlite" {
				_, err := persons.In(tx).SkipLocked().All(ctx)
				is(t, err, rowhouse.ErrUnsupported)
				return nil
			}
			return s.tenant.Tx(ctx, func(other *rowhouse.Tx) error {
				free, err := persons.In(other).SkipLocked().All(ctx)
				if ok(t, err); len(free) != 1 || free[0].ID == ann.ID {
					t.Errorf("the rows that are not locked are %v", free)
				}
				return nil
			})
		}))
	})
}

// TestRetries has two transactions wait for each other. One of them is undone by the database,
// and run again.
func TestRetries(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		ann, bob := person(t, s.tenant, "ann"), person(t, s.tenant, "bob")
		if s.engine == "sqlite" {
			return // one writer at a time cannot deadlock
		}
		both := make(chan struct{}, 2)
		runs := make(chan int, 2)
		cross := func(first, second uuid.UUID) error {
			run := 0
			err := s.tenant.TxWith(ctx, rowhouse.TxOptions{Retries: 3}, func(tx *rowhouse.Tx) error {
				run++
				if _, err := persons.In(tx).UpdateWhere(ctx, byID(first), personAge.Add(1)); err != nil {
					return err
				}
				if run == 1 {
					both <- struct{}{}
					for len(both) < 2 {
						time.Sleep(time.Millisecond)
					}
				}
				_, err := persons.In(tx).UpdateWhere(ctx, byID(second), personAge.Add(1))
				return err
			})
			runs <- run
			return err
		}
		done := make(chan error)
		go func() { done <- cross(ann.ID, bob.ID) }()
		ok(t, cross(bob.ID, ann.ID))
		ok(t, <-done)
		if n := <-runs + <-runs; n < 3 {
			t.Errorf("%d runs in all; one of the two must have run again", n)
		}
		for _, id := range []uuid.UUID{ann.ID, bob.ID} {
			if p, err := persons.In(s.tenant).Get(ctx, id); err != nil || p.Age != 2 {
				t.Errorf("%+v, %v; want both updates", p, err)
			}
		}
	})
}

func byID(id uuid.UUID) rowhouse.Predicate[Person] {
	return rowhouse.Col(persons, func(p *Person) *uuid.UUID { return &p.ID }).Eq(id)
}

func TestStreams(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		crowd := make([]Person, 700)
		for i := range crowd {
			crowd[i].Email = strconv.Itoa(i)
		}
		ok(t, persons.In(s.tenant).InsertMany(ctx, crowd))
		for range 20 { // more often than there are connections
			for _, err := range persons.In(s.tenant).Each(ctx) {
				ok(t, err)
				break
			}
		}
		seen := 0
		for p, err := range persons.In(s.tenant).OrderBy(personAge.Asc()).Each(ctx) {
			ok(t, err)
			if seen++; p.Email == "" {
				t.Fatal("an empty row")
			}
		}
		if seen != len(crowd) {
			t.Errorf("%d rows of %d", seen, len(crowd))
		}
		ok(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			for _, err := range persons.In(tx).Each(ctx) {
				ok(t, err)
				if _, err := persons.In(tx).Count(ctx); err == nil {
					t.Error("a statement ran while the rows of its transaction were open")
				}
				break
			}
			_, err := persons.In(tx).Count(ctx)
			return err
		}))
		stop, cancel := context.WithCancel(ctx)
		defer cancel()
		var last error
		for _, err := range persons.In(s.tenant).Each(stop) {
			cancel()
			last = err
		}
		if last != nil && !errors.Is(last, context.Canceled) {
			t.Errorf("a cancelled stream ended with %v", last)
		}
	})
}

// TestUpsertOnAnyKey meets a row by a key that is not the primary one, and by another key that
// was not meant.
func TestUpsertOnAnyKey(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		table := persons.In(s.tenant)
		ann, bob := person(t, s.tenant, "ann"), person(t, s.tenant, "bob")
		byEmail := Person{Email: "ann", Age: 30}
		ok(t, table.Upsert(ctx, &byEmail, personEmail))
		if byEmail.ID != ann.ID || byEmail.Version != 2 || byEmail.Age != 30 {
			t.Errorf("over an existing row: %+v", byEmail)
		}
		fresh := Person{Email: "cyd", Age: 40}
		ok(t, table.Upsert(ctx, &fresh, personEmail))
		if fresh.ID == uuid.Nil || fresh.Version != 1 {
			t.Errorf("as a new row: %+v", fresh)
		}
		taken := Person{ID: ann.ID, Email: "bob", Age: 99}
		is(t, table.Upsert(ctx, &taken), rowhouse.ErrConflict)
		if after, err := table.Get(ctx, bob.ID); err != nil || after != bob {
			t.Errorf("a row that was not meant is %+v, %v; was %+v", after, err, bob)
		}
		is(t, table.Upsert(ctx, &fresh, personAge), rowhouse.ErrInvalid)
	})
}
