package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/fleet"
)

type (
	Shelf struct {
		ID    int64  `db:"id,pk"`
		Name  string `db:"name,size:50"`
		Books []Book `db:"-"`
	}
	Book struct {
		ID    int64 `db:"id,pk"`
		Shelf int64 `db:"shelf_id,ref:shelf.id,index"`
	}
)

var (
	shelves    = rowhouse.MustDefine[Shelf]("shelf")
	books      = rowhouse.MustDefine[Book]("book")
	shelfID    = rowhouse.Col(shelves, func(s *Shelf) *int64 { return &s.ID })
	bookID     = rowhouse.Col(books, func(b *Book) *int64 { return &b.ID })
	shelfBooks = rowhouse.HasMany(shelfID, rowhouse.Col(books, func(b *Book) *int64 { return &b.Shelf }),
		func(s *Shelf) *[]Book { return &s.Books })
	library = rowhouse.Models(shelves, books)
)

// limit gives the site's tenant limits of its own; the other has none.
func (s site) limit(t *testing.T, l rowhouse.Limits) {
	t.Helper()
	r, err := fleet.New(s.db, fleet.Options{}).SetLimits(t.Context(), s.db.Only(s.tenant.Tenant()), l)
	ok(t, err)
	if len(r.Done) != 1 {
		t.Fatalf("SetLimits: %+v", r)
	}
}

// reached fails the test unless err is that limit of the site's tenant, and no context's end.
func (s site) reached(t *testing.T, err error, limit rowhouse.LimitKind) {
	t.Helper()
	over, is := errors.AsType[*rowhouse.LimitError](err)
	if !is || over.Limit != limit || over.Tenant != s.tenant.Tenant() || !errors.Is(err, rowhouse.ErrLimited) {
		t.Fatalf("got %v, want the limit %s", err, limit)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		t.Fatalf("it passes for the end of the caller's context: %v", err)
	}
}

// TestLimitObserved counts what is refused, which Observe is told with its tenant, and the log in whispers.
func TestLimitObserved(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var text strings.Builder
	var refused []rowhouse.Event
	drv, prefix := engines[0].open(t)
	db := openFleetWith(t, drv, prefix, rowhouse.Options{
		Models: library, Limits: rowhouse.Limits{Statements: 1, Wait: time.Millisecond},
		Log: slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelInfo})),
		Observe: func(_ context.Context, e rowhouse.Event) {
			if errors.Is(e.Err, rowhouse.ErrLimited) {
				refused = append(refused, e)
			}
		},
	})
	in := tenantOf(t, db, "prefix")
	ok(t, in.Tx(ctx, func(*rowhouse.Tx) error {
		_, err := shelves.In(in).Count(ctx)
		is(t, err, rowhouse.ErrLimited)
		is(t, in.Tx(ctx, func(*rowhouse.Tx) error { return nil }), rowhouse.ErrLimited)
		return nil
	}))
	if len(refused) != 2 || refused[0].Op != "count" || refused[0].Model != "shelf" || refused[0].Tenant != in.Tenant() ||
		refused[0].SQL != "" || refused[0].Duration < time.Millisecond || refused[1].Op != "begin" {
		t.Errorf("%+v", refused)
	}
	if strings.Contains(text.String(), "limit") {
		t.Errorf("the log has it: %s", text.String())
	}
}

func TestLimitStatements(t *testing.T) {
	everywhere(t, library, func(t *testing.T, s site) {
		ctx := t.Context()
		const patience = 50 * time.Millisecond
		for _, tenant := range []*rowhouse.Tenant{s.tenant, s.other} {
			ok(t, shelves.In(tenant).InsertMany(ctx, []Shelf{{ID: 1}, {ID: 2}}))
		}
		s.limit(t, rowhouse.Limits{Statements: 1, Wait: patience})
		count := func(scope rowhouse.Scope) error { _, err := shelves.In(scope).Count(ctx); return err }

		err := s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			// The transaction is the tenant's one statement, and what is in it waits for nothing.
			ok(t, count(tx))
			ok(t, tx.Tx(ctx, func(tx *rowhouse.Tx) error { return count(tx) }))
			// Whoever uses the tenant in it waits for himself, but not for ever.
			began := time.Now()
			err := count(s.tenant)
			s.reached(t, err, rowhouse.LimitWait)
			if took := time.Since(began); took < patience {
				t.Errorf("it waited for %v", took)
			}
			s.reached(t, s.tenant.Tx(ctx, func(*rowhouse.Tx) error { return nil }), rowhouse.LimitWait)
			_, err = rowhouse.Raw[int](s.tenant, "SELECT count(*) FROM {shelf}").One(ctx)
			s.reached(t, err, rowhouse.LimitWait)
			ended, cancel := context.WithTimeout(ctx, patience/5)
			defer cancel()
			if _, err := shelves.In(s.tenant).Count(ended); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, rowhouse.ErrLimited) {
				t.Errorf("the caller's own deadline: %v", err)
			}
			return count(s.other)
		})
		ok(t, err)
		is(t, s.tenant.Tx(ctx, func(*rowhouse.Tx) error { return errStop }), errStop)
		func() {
			defer func() { _ = recover() }()
			_ = s.tenant.Tx(ctx, func(*rowhouse.Tx) error { panic("stop") })
		}()
		for _, err := range shelves.In(s.tenant).OrderBy(shelfID.Asc()).Each(ctx) {
			ok(t, err)
			s.reached(t, count(s.tenant), rowhouse.LimitWait)
			break
		}
		_, err = shelves.In(s.tenant).Get(ctx, int64(9))
		is(t, err, rowhouse.ErrNotFound)
		is(t, shelves.In(s.tenant).Insert(ctx, &Shelf{ID: 1}), rowhouse.ErrConflict)
		_, err = rowhouse.Exec(ctx, s.tenant, "nonsense")
		is(t, err, rowhouse.ErrInvalid)
		ok(t, count(s.tenant)) // nothing has kept the place
		ok(t, s.db.Refresh(ctx))
		if n, err := shelves.Across(s.db.Only(s.tenant.Tenant(), s.other.Tenant())).Count(ctx); err != nil || n != 4 {
			t.Errorf("across: %d, %v", n, err)
		}
	})
}

var errStop = errors.New("stop")

// TestLimitOfMany has many goroutines of a tenant take turns.
func TestLimitOfMany(t *testing.T) {
	everywhere(t, library, func(t *testing.T, s site) {
		s.limit(t, rowhouse.Limits{Statements: 2, Queue: 100})
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for j := range 5 {
					row := Shelf{ID: int64(10*i + j)}
					if err := shelves.In(s.tenant).Insert(t.Context(), &row); err != nil {
						t.Error(err)
					}
					if _, err := shelves.In(s.tenant).Get(t.Context(), row.ID); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if n, err := shelves.In(s.tenant).Count(t.Context()); err != nil || n != 40 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
}

// slow are statements that run for longer than a test has, and end when they are given up: on MySQL and
// MariaDB the server is not told, and goes on.
var slow = map[string]string{
	"sqlite":   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n",
	"postgres": "SELECT count(*) FROM {shelf} s, pg_sleep(10)", "mysql": "SELECT sleep(1)", "mariadb": "SELECT sleep(1)",
}

func TestLimitTimeout(t *testing.T) {
	everywhere(t, library, func(t *testing.T, s site) {
		ctx := t.Context()
		rows := shelvesOf(400)
		ok(t, shelves.In(s.tenant).InsertMany(ctx, rows))
		run := func(ctx context.Context, scope rowhouse.Scope) error {
			_, err := rowhouse.Raw[int](scope, slow[s.engine]).One(ctx)
			return err
		}
		const timeout = 100 * time.Millisecond
		s.limit(t, rowhouse.Limits{Timeout: timeout})
		began := time.Now()
		err := run(ctx, s.tenant)
		s.reached(t, err, rowhouse.LimitTimeout)
		if took := time.Since(began); took < timeout || took > 50*timeout {
			t.Errorf("it took %v", took)
		}
		if e, is := errors.AsType[*rowhouse.StatementError](err); !is || e.Op != "raw" {
			t.Errorf("%v", err)
		}
		longer, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		s.reached(t, run(longer, s.tenant), rowhouse.LimitTimeout)
		shorter, cancel := context.WithTimeout(ctx, timeout/4)
		defer cancel()
		if err := run(shorter, s.tenant); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, rowhouse.ErrLimited) {
			t.Errorf("the caller's own deadline: %v", err)
		}
		s.reached(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error { return run(ctx, tx) }), rowhouse.LimitTimeout)
		// What comes after it in a transaction is told for the same reason.
		s.reached(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			_ = tx.Tx(ctx, func(tx *rowhouse.Tx) error { return run(ctx, tx) })
			_, err := shelves.In(tx).Count(ctx)
			s.reached(t, err, rowhouse.LimitTimeout)
			return nil
		}), rowhouse.LimitTimeout)
		// Rows that are read slowly take the tenant's time as well, and a write that is quick does not.
		read := 0
		for _, err = range shelves.In(s.tenant).Each(ctx) {
			if read++; err == nil {
				time.Sleep(time.Millisecond)
			}
		}
		if err != nil {
			s.reached(t, err, rowhouse.LimitTimeout)
		} else if read != len(rows) {
			t.Errorf("%d rows", read)
		}
		ok(t, shelves.In(s.tenant).Insert(ctx, &Shelf{ID: 500}))
		is(t, shelves.In(s.tenant).Insert(ctx, &Shelf{ID: 500}), rowhouse.ErrConflict)
		// Behind a lock, nobody knows on a server what becomes of it.
		ok(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			ok(t, shelves.In(tx).Delete(ctx, &Shelf{ID: 500}))
			err := shelves.In(s.tenant).Delete(ctx, &Shelf{ID: 500})
			s.reached(t, err, rowhouse.LimitTimeout)
			if unsure := errors.Is(err, rowhouse.ErrAmbiguous); unsure != (s.engine != "sqlite") {
				t.Errorf("ambiguous is %t: %v", unsure, err)
			}
			return nil
		}))
	})
}

// TestLimitTimeoutOfOpening has a tenant's own database take longer to be opened than its statements may take.
func TestLimitTimeoutOfOpening(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	home, prefix := engines[1].open(t)
	drv := &slowToOpen{Driver: home}
	openFleetWith(t, home, prefix, rowhouse.Options{Models: library}) // with tenants
	db, err := rowhouse.Open(ctx, drv, rowhouse.Options{
		Models: library, Freshness: time.Hour, Limits: rowhouse.Limits{Timeout: time.Second},
	})
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	drv.slow.Store(true)
	in := tenantOf(t, db, "database")
	s := site{tenant: in}
	_, err = shelves.In(in).Count(ctx)
	s.reached(t, err, rowhouse.LimitTimeout)
	s.reached(t, in.Tx(ctx, func(*rowhouse.Tx) error { return nil }), rowhouse.LimitTimeout)
	drv.slow.Store(false)
	for range 20 { // on a busy machine it may take longer indeed
		if _, err = shelves.In(in).Count(ctx); err == nil {
			return
		}
		s.reached(t, err, rowhouse.LimitTimeout)
	}
	t.Error(err)
}

// slowToOpen takes its time to open databases.
type slowToOpen struct {
	driver.Driver
	slow atomic.Bool
}

func (d *slowToOpen) Open(ctx context.Context, database string) (driver.DB, error) {
	if d.slow.Load() {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Second):
		}
	}
	return d.Driver.Open(ctx, database)
}

// TestLimitStatementsOfHooks has AfterLoad hooks ask more, while their operation has the tenant's only place.
func TestLimitStatementsOfHooks(t *testing.T) {
	o := parcelOptions()
	o.Limits = rowhouse.Limits{Statements: 1, Wait: time.Minute}
	everywhereWith(t, o, func(t *testing.T, s site) {
		parcel(t, s.tenant, "a")
		parcel(t, s.tenant, "b")
		asked := 0
		ctx, cancel := context.WithTimeout((&probe{on: map[string]func(context.Context, rowhouse.Scope, *Parcel) error{
			"AfterLoad": func(ctx context.Context, in rowhouse.Scope, _ *Parcel) error {
				asked++
				_, err := stamps.In(in).Count(ctx)
				return err
			},
		}}).in(t.Context()), 10*time.Second)
		defer cancel()
		_, err := streamed(parcels.In(s.tenant).Each(ctx))
		ok(t, err)
		_, err = parcels.In(s.tenant).All(ctx)
		ok(t, err)
		if asked != 4 {
			t.Errorf("%d hooks asked", asked)
		}
	})
}

// exhaust has transactions of the tenant open until none can begin any more, and returns what ends them.
func (s site) exhaust(t *testing.T) (release func()) {
	t.Helper()
	hold := make(chan struct{})
	var held sync.WaitGroup
	release = sync.OnceFunc(func() {
		close(hold)
		held.Wait()
	})
	t.Cleanup(release)
	for range 200 {
		begun := make(chan error, 1)
		held.Go(func() {
			begun <- s.tenant.Tx(t.Context(), func(*rowhouse.Tx) error {
				begun <- nil
				<-hold
				return nil
			})
		})
		if err := <-begun; err != nil {
			s.reached(t, err, rowhouse.LimitTimeout)
			return release
		}
	}
	t.Fatal("there is no end of connections")
	return release
}

// TestLimitTimeoutOfBegin has a transaction wait for a connection while others have them all.
func TestLimitTimeoutOfBegin(t *testing.T) {
	everywhere(t, library, func(t *testing.T, s site) {
		ctx := t.Context()
		const timeout = 100 * time.Millisecond
		s.limit(t, rowhouse.Limits{Timeout: timeout})
		release := s.exhaust(t)
		began := time.Now()
		err := s.tenant.Tx(ctx, func(*rowhouse.Tx) error { return nil })
		s.reached(t, err, rowhouse.LimitTimeout)
		if took := time.Since(began); took < timeout {
			t.Errorf("it took %v", took)
		}
		release()
		// What has begun is not bound by the time that its beginning had.
		ok(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			ok(t, shelves.In(tx).Insert(ctx, &Shelf{ID: 1}))
			time.Sleep(2 * timeout)
			return shelves.In(tx).Insert(ctx, &Shelf{ID: 2})
		}))
	})
}

func shelvesBelow(scope rowhouse.Scope, to int64) rowhouse.Query[Shelf] {
	return shelves.In(scope).Where(shelfID.Lt(to)).OrderBy(shelfID.Asc())
}

// limitedReads are ways to read the shelves below a key, by name.
func limitedReads() map[string]func(ctx context.Context, scope rowhouse.Scope, to int64) (int, error) {
	return map[string]func(ctx context.Context, scope rowhouse.Scope, to int64) (int, error){
		"All": func(ctx context.Context, scope rowhouse.Scope, to int64) (int, error) {
			return number(shelvesBelow(scope, to).All(ctx))
		},
		"With": func(ctx context.Context, scope rowhouse.Scope, to int64) (int, error) {
			return number(shelvesBelow(scope, to).With(shelfBooks.Where(bookID.Lt(1000))).All(ctx))
		},
		"Select": func(ctx context.Context, scope rowhouse.Scope, to int64) (int, error) {
			return number(rowhouse.Select[int64](shelvesBelow(scope, to), shelfID).All(ctx))
		},
		"GetMany": func(ctx context.Context, scope rowhouse.Scope, to int64) (int, error) {
			keys := make([]any, to)
			for i := range keys {
				keys[i] = int64(i)
			}
			return number(shelves.In(scope).GetMany(ctx, keys...))
		},
		"Raw": func(ctx context.Context, scope rowhouse.Scope, to int64) (int, error) {
			return number(rowhouse.Raw[int64](scope, "SELECT id FROM {shelf} WHERE id < $1", to).All(ctx))
		},
	}
}

// TestLimitRows reads as many rows as the tenant may, and one more.
func TestLimitRows(t *testing.T) {
	const limit = 20
	ctx := t.Context()
	everywhere(t, library, func(t *testing.T, s site) {
		// What is written is not read.
		s.limit(t, rowhouse.Limits{Rows: limit})
		ok(t, shelves.In(s.tenant).With(shelfBooks).InsertMany(ctx, shelvesOf(600)))
		for name, fn := range limitedReads() {
			for _, tx := range []bool{false, true} {
				s.limited(t, name, limit, func(to int64) (n int, err error) {
					if !tx {
						return fn(ctx, s.tenant, to)
					}
					err = s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
						n, err = fn(ctx, tx, to)
						return err
					})
					return n, err
				})
			}
		}
		s.limitedStreams(t, limit)
		s.limitedUnit(t, limit)
		// Each relation has a result of its own.
		ok(t, books.In(s.tenant).InsertMany(ctx, booksOf(3, limit)))
		_, err := shelvesBelow(s.tenant, 2).With(shelfBooks).All(ctx)
		ok(t, err)
		_, err = shelvesBelow(s.tenant, 4).With(shelfBooks).All(ctx)
		s.reached(t, err, rowhouse.LimitRows)
		_, err = shelves.In(s.tenant).With(shelfBooks).GetMany(ctx, int64(3), int64(4))
		s.reached(t, err, rowhouse.LimitRows)

		if n, err := shelves.In(s.tenant).Count(ctx); err != nil || n != 600 {
			t.Errorf("%d rows, %v", n, err)
		}
		_, err = shelves.In(s.tenant).OrderBy(shelfID.Asc()).First(ctx)
		ok(t, err)
		n, err := number(shelves.Across(s.db.Only(s.tenant.Tenant())).All(ctx))
		if err != nil || n != 600 {
			t.Errorf("across: %d, %v", n, err)
		}
		s.limit(t, rowhouse.Limits{})
		n, err = number(shelves.In(s.tenant).All(ctx))
		if err != nil || n != 600 {
			t.Errorf("without a limit: %d, %v", n, err)
		}
	})
}

// limitedStreams has a stream end with the error, after as many rows; in pages too.
func (s site) limitedStreams(t *testing.T, limit int) {
	t.Helper()
	for name, q := range map[string]func(to int64) rowhouse.Query[Shelf]{
		"Each": func(to int64) rowhouse.Query[Shelf] { return shelvesBelow(s.tenant, to) },
		"pages": func(to int64) rowhouse.Query[Shelf] {
			return shelvesBelow(s.tenant, to).With(shelfBooks.Where(bookID.Lt(1)))
		},
	} {
		most := limit
		if name == "pages" {
			most = 300
			s.limit(t, rowhouse.Limits{Rows: most})
		}
		if n, err := streamed(q(int64(most)).Each(t.Context())); err != nil || n != most {
			t.Errorf("%s of as many as it may: %d, %v", name, n, err)
		}
		n, err := streamed(q(int64(most + 1)).Each(t.Context()))
		s.reached(t, err, rowhouse.LimitRows)
		if n > most || name == "Each" && n < most {
			t.Errorf("%s of one more: %d", name, n)
		}
		s.limit(t, rowhouse.Limits{Rows: limit})
	}
}

// limitedUnit has a unit with more rows than a result may have read them all anew, and tell those that are gone.
func (s site) limitedUnit(t *testing.T, limit int) {
	t.Helper()
	ctx := t.Context()
	u := rowhouse.NewUnit(s.tenant)
	unit := shelves.Unit(u)
	var rows []*Shelf
	for page := range 3 {
		some, err := unit.Load(ctx, shelves.In(s.tenant).Where(shelfID.Ge(int64(page*limit)), shelfID.Lt(int64((page+1)*limit))))
		ok(t, err)
		rows = append(rows, some...)
	}
	ok(t, unit.Refresh(ctx, rows...))
	s.limit(t, rowhouse.Limits{Rows: 550})
	keys := make([]any, 600)
	for i := range keys {
		keys[i] = int64(i)
	}
	_, err := shelves.Unit(rowhouse.NewUnit(s.tenant)).GetMany(ctx, keys...)
	s.reached(t, err, rowhouse.LimitRows)
	_, err = shelves.In(s.tenant).GetMany(ctx, append(keys[:400:400], keys[:400]...)...)
	ok(t, err)
	s.limit(t, rowhouse.Limits{Rows: limit})
	ok(t, books.In(s.tenant).Delete(ctx, &Book{ID: 1}))
	ok(t, shelves.In(s.tenant).Delete(ctx, &Shelf{ID: 1}))
	for _, row := range rows {
		row.Name += "!"
	}
	err = u.Flush(ctx)
	lost, is := errors.AsType[*rowhouse.UnitError](err)
	if !is || len(lost.Rows) != 1 {
		t.Errorf("of %d rows one is gone: %v", len(rows), err)
	}
	ok(t, shelves.In(s.tenant).Insert(ctx, &Shelf{ID: 1}))
	ok(t, books.In(s.tenant).Insert(ctx, &Book{ID: 1, Shelf: 1}))
}

// limited reads as many rows as the tenant may, and one more.
func (s site) limited(t *testing.T, name string, limit int64, read func(to int64) (int, error)) {
	t.Helper()
	if n, err := read(limit); err != nil || int64(n) != limit {
		t.Errorf("%s of as many as it may: %d, %v", name, n, err)
	}
	n, err := read(limit + 1)
	s.reached(t, err, rowhouse.LimitRows)
	if n != 0 {
		t.Errorf("%s of one more: %d rows beside the error", name, n)
	}
}

func number[R any](rows []R, err error) (int, error) { return len(rows), err }

func streamed[R any](rows iter.Seq2[R, error]) (n int, err error) {
	for _, err := range rows {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func shelvesOf(n int64) []Shelf {
	rows := make([]Shelf, n)
	for i := range rows {
		rows[i] = Shelf{ID: int64(i), Name: fmt.Sprint("shelf ", i), Books: []Book{{ID: int64(i)}}}
	}
	return rows
}

func booksOf(shelf int64, n int) []Book {
	rows := make([]Book, n)
	for i := range rows {
		rows[i] = Book{ID: int64(1000 + i), Shelf: shelf}
	}
	return rows
}
