package rowhouse_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
)

// watcher takes events, from many goroutines at once.
type watcher struct {
	mu     sync.Mutex
	events []rowhouse.Event
}

func (w *watcher) see(_ context.Context, e rowhouse.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// take returns the events of tenants since the last time, without what the catalog was asked.
func (w *watcher) take() (events []rowhouse.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if !e.Catalog {
			events = append(events, e)
		}
	}
	w.events = nil
	return events
}

func opsOf(events []rowhouse.Event) (ops []string) {
	for _, e := range events {
		ops = append(ops, e.Op)
	}
	return ops
}

// counted is a driver that notes what its pools and transactions are asked to do.
type counted struct {
	driver.Driver
	mu   sync.Mutex
	sent []string
}

func (d *counted) note(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, text)
}

func (d *counted) Open(ctx context.Context, database string) (driver.DB, error) {
	db, err := d.Driver.Open(ctx, database)
	return &countedDB{db, d}, err
}

type countedDB struct {
	driver.DB
	by *counted
}

func (db *countedDB) Query(ctx context.Context, s *driver.Statement) (driver.Rows, error) {
	db.by.note(s.Tenant + ": " + s.Text)
	return db.DB.Query(ctx, s)
}

func (db *countedDB) Exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	db.by.note(s.Tenant + ": " + s.Text)
	return db.DB.Exec(ctx, s)
}

func (db *countedDB) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	db.by.note(o.Tenant + ": begin")
	tx, err := db.DB.Begin(ctx, o)
	return &countedTx{tx, db.by, o.Tenant}, err
}

type countedTx struct {
	driver.Tx
	by     *counted
	tenant string
}

func (tx *countedTx) Query(ctx context.Context, s *driver.Statement) (driver.Rows, error) {
	tx.by.note(s.Tenant + ": " + s.Text)
	return tx.Tx.Query(ctx, s)
}

func (tx *countedTx) Exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	tx.by.note(s.Tenant + ": " + s.Text)
	return tx.Tx.Exec(ctx, s)
}

func (tx *countedTx) Commit(ctx context.Context) error {
	tx.by.note(tx.tenant + ": commit")
	return tx.Tx.Commit(ctx)
}

func (tx *countedTx) Rollback(ctx context.Context) error {
	tx.by.note(tx.tenant + ": rollback")
	return tx.Tx.Rollback(ctx)
}

// TestObserveSeesEveryStatement compares what a driver is sent with what the observer is told, by
// tenant and text, the catalog's own included.
func TestObserveSeesEveryStatement(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			drv, prefix := e.open(t)
			openFleet(t, drv, prefix, rowhouse.Models(parcels, stamps))

			// Another process opens the same fleet, which sends nothing but by the observed way.
			seen, under := &watcher{}, &counted{Driver: drv}
			o := parcelOptions()
			o.Observe, o.Freshness = seen.see, time.Hour
			db, err := rowhouse.Open(t.Context(), under, o)
			ok(t, err)
			for id := range placements(prefix) {
				everyOperation(t, tenantOf(t, db, id))
			}
			ok(t, db.Close())

			var told []string
			for _, e := range seen.events {
				text := e.SQL
				if text == "" {
					text = e.Op
				}
				told = append(told, e.Tenant+": "+text)
				if e.Catalog != (e.Tenant == "") || e.Duration < 0 || e.Args != nil {
					t.Errorf("an event is %+v", e)
				}
				if control := slices.Contains([]string{"begin", "commit", "rollback"}, e.Op) && e.SQL == ""; e.Model == "" && !control &&
					!slices.Contains([]string{"savepoint", "release", "rollback"}, e.Op) {
					t.Errorf("an event has no model: %+v", e)
				}
			}
			slices.Sort(told)
			slices.Sort(under.sent)
			if len(told) < 100 || !slices.Equal(told, under.sent) {
				t.Errorf("the observer was told of %d statements, %d were sent;\ntold\n%s\nsent\n%s", len(told), len(under.sent),
					strings.Join(told, "\n"), strings.Join(under.sent, "\n"))
			}
		})
	}
}

// everyOperation does each thing that a table can do, some of it in vain. Every value has canary
// in it.
func everyOperation(t *testing.T, tenant *rowhouse.Tenant) {
	t.Helper()
	p := &probe{on: map[string]func(context.Context, rowhouse.Scope, *Parcel) error{
		"AfterInsert": func(ctx context.Context, s rowhouse.Scope, row *Parcel) error {
			return stamps.In(s).Insert(ctx, &Stamp{What: row.Code})
		},
	}}
	ctx := p.in(t.Context())
	table := parcels.In(tenant)
	row := Parcel{Code: "canary 1"}
	ok(t, table.Insert(ctx, &row))
	ok(t, table.InsertMany(ctx, []Parcel{{Code: "canary 2", Note: "canary"}, {Code: "canary 3"}}))
	is(t, table.Insert(ctx, &Parcel{Code: "canary 1"}), rowhouse.ErrConflict)
	ok(t, table.Upsert(ctx, &Parcel{Code: "canary 1", Note: "canary again"}, parcelCode))
	row, err := table.Get(ctx, row.ID)
	ok(t, err)
	ok(t, table.Update(ctx, &row))
	_, err = table.UpdateWhere(ctx, parcelCode.Eq("canary 2"), parcelNote.Set("canary note"))
	ok(t, err)
	_, err = table.Where(parcelCode.In("canary 1", "canary 2"), parcelNote.Contains("canary")).Limit(3).All(ctx)
	ok(t, err)
	_, err = table.GetMany(ctx, row.ID, row.ID+1)
	ok(t, err)
	_, err = table.Count(ctx)
	ok(t, err)
	ok(t, eachParcel(ctx, table.Query))
	ok(t, tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
		is(t, tx.Tx(ctx, func(tx *rowhouse.Tx) error {
			ok(t, stamps.In(tx).InsertMany(ctx, []Stamp{{What: "canary"}, {What: "canary"}}))
			return errBoom
		}), errBoom)
		return tx.Tx(ctx, func(tx *rowhouse.Tx) error { return stamps.In(tx).Insert(ctx, &Stamp{What: "canary"}) })
	}))
	is(t, tenant.Tx(ctx, func(*rowhouse.Tx) error { return errBoom }), errBoom)
	ok(t, table.Delete(ctx, &row))
	ok(t, table.Purge(ctx, &row))
	_, err = table.DeleteWhere(ctx, parcelCode.HasPrefix("canary"))
	ok(t, err)
}

// TestLogHasNoValues searches all that is logged for values, and finds them when they are asked
// for.
func TestLogHasNoValues(t *testing.T) {
	var quiet, loud bytes.Buffer
	t.Cleanup(func() {
		if strings.Contains(quiet.String(), "canary") {
			t.Error("a value is in the log")
		}
		if !strings.Contains(loud.String(), "canary") {
			t.Error("values were asked for and are not in the log")
		}
	})
	for _, values := range []bool{false, true} {
		t.Run(strconv.FormatBool(values), func(t *testing.T) {
			o := parcelOptions()
			log := &lockedWriter{to: &quiet}
			if values {
				log.to = &loud
			}
			seen := &watcher{}
			o.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
			o.Observe, o.LogValues = seen.see, values
			everywhereWith(t, o, func(t *testing.T, s site) {
				everyOperation(t, s.tenant)
				ok(t, json.NewEncoder(log).Encode(map[string]any{"tenant": s.tenant.Tenant(), "op": "end"}))
				for _, e := range seen.take() {
					if e.Err != nil && strings.Contains(e.Err.Error(), "canary") {
						t.Errorf("an error quotes a value: %v", e.Err)
					}
					if e.Err = nil; !values && strings.Contains(fmt.Sprintf("%+v", e), "canary") {
						t.Errorf("an event has a value: %+v", e)
					}
				}
			})
		})
	}
}

// lockedWriter is written to by many goroutines.
type lockedWriter struct {
	mu sync.Mutex
	to *bytes.Buffer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}

// TestEvents looks at what events say of the operations that they belong to.
func TestEvents(t *testing.T) {
	o := parcelOptions()
	seen := &events{of: map[string]*watcher{}}
	o.Observe = seen.see
	everywhereWith(t, o, func(t *testing.T, s site) {
		ctx := context.WithValue(t.Context(), eventsKey{}, t.Name())
		w := seen.watcher(t.Name())
		only := func(op string, rows int64) rowhouse.Event {
			t.Helper()
			got := w.take()
			if len(got) != 1 || got[0].Op != op || got[0].Rows != rows || got[0].Tenant != s.tenant.Tenant() || got[0].Err != nil {
				t.Fatalf("want one %s of %d rows, got %+v", op, rows, got)
			}
			return got[0]
		}
		marks := []Stamp{{What: "a"}, {What: "b"}, {What: "c"}}
		for i := range marks {
			ok(t, stamps.In(s.tenant).Insert(ctx, &marks[i]))
			if e := w.take(); len(e) != 1 || e[0].Model != "stamp" || !strings.HasPrefix(e[0].SQL, "INSERT INTO ") {
				t.Fatalf("an insert is %+v", e)
			}
		}
		_, err := stamps.In(s.tenant).All(ctx)
		ok(t, err)
		only("select", 3)
		_, err = stamps.In(s.tenant).Get(ctx, marks[0].ID)
		ok(t, err)
		only("get", 1)
		_, err = stamps.In(s.tenant).DeleteWhere(ctx, rowhouse.Every[Stamp]())
		ok(t, err)
		only("delete", 3)

		ok(t, stamps.In(s.tenant).InsertMany(ctx, marks))
		w.take()
		for _, err := range stamps.In(s.tenant).Each(ctx) {
			ok(t, err)
			time.Sleep(20 * time.Millisecond)
			break
		}
		if e := only("select", 1); e.Duration < 20*time.Millisecond {
			t.Errorf("a query whose rows were open for 20 ms took %v", e.Duration)
		}

		ok(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			return tx.Tx(ctx, func(tx *rowhouse.Tx) error { _, err := stamps.In(tx).Count(ctx); return err })
		}))
		if got, want := opsOf(w.take()), []string{"begin", "savepoint", "count", "release", "commit"}; !slices.Equal(got, want) {
			t.Errorf("a transaction is %q, want %q", got, want)
		}
		is(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			return tx.Tx(ctx, func(*rowhouse.Tx) error { return errBoom })
		}), errBoom)
		if got, want := opsOf(w.take()), []string{"begin", "savepoint", "rollback", "release", "rollback"}; !slices.Equal(got, want) {
			t.Errorf("a transaction that fails is %q, want %q", got, want)
		}
		ok(t, parcels.In(s.tenant).Insert(ctx, &Parcel{Code: "a"}))
		if got, want := opsOf(w.take()), []string{"begin", "insert", "commit"}; !slices.Equal(got, want) {
			t.Errorf("a write with hooks is %q, want %q", got, want)
		}
		is(t, parcels.In(s.tenant).Insert(ctx, &Parcel{Code: "a"}), rowhouse.ErrConflict)
		got := w.take()
		if want := []string{"begin", "insert", "rollback"}; !slices.Equal(opsOf(got), want) {
			t.Fatalf("a write that fails is %q, want %q", opsOf(got), want)
		}
		e, known := errors.AsType[*rowhouse.StatementError](got[1].Err)
		if !known || !errors.Is(e, rowhouse.ErrConflict) || e.Model != "parcel" || e.Code == "" || got[2].Err != nil {
			t.Errorf("what failed is told as %+v", got)
		}
	})
}

// events are watchers by the test that caused them.
type events struct {
	mu sync.Mutex
	of map[string]*watcher
}

type eventsKey struct{}

func (e *events) watcher(name string) *watcher {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.of[name] == nil {
		e.of[name] = &watcher{}
	}
	return e.of[name]
}

func (e *events) see(ctx context.Context, event rowhouse.Event) {
	name, _ := ctx.Value(eventsKey{}).(string)
	e.watcher(name).see(ctx, event)
}

// TestLogLevels has a record be as loud as what it says.
func TestLogLevels(t *testing.T) {
	t.Parallel()
	drv, _ := engines[0].open(t)
	var text bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&lockedWriter{to: &text}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	open := func(slow time.Duration) *rowhouse.DB {
		db, err := rowhouse.Open(t.Context(), drv, rowhouse.Options{
			Models: rowhouse.Models(stamps), Freshness: time.Hour, Log: log, SlowQuery: slow,
			Catalog: rowhouse.StaticCatalog{"acme": rowhouse.Prefix()},
		})
		ok(t, err)
		t.Cleanup(func() { ok(t, db.Close()) })
		return db
	}
	last := func() (record map[string]any) {
		lines := strings.Split(strings.TrimSpace(text.String()), "\n")
		ok(t, json.Unmarshal([]byte(lines[len(lines)-1]), &record))
		return record
	}
	fast := open(0)
	_, err := stamps.In(tenantOf(t, fast, "acme")).All(t.Context())
	is(t, err, rowhouse.ErrMissingTable)
	if r := last(); r["level"] != "ERROR" || r["tenant"] != "acme" || r["model"] != "stamp" || r["op"] != "select" ||
		!strings.HasPrefix(fmt.Sprint(r["sql"]), "SELECT ") || !strings.Contains(fmt.Sprint(r["error"]), "table does not exist") ||
		r["code"] == nil {
		t.Errorf("what failed is logged as %v", r)
	}
	home, err := drv.Open(t.Context(), "")
	ok(t, err)
	_, err = home.Exec(t.Context(), &driver.Statement{
		Text: "CREATE TABLE acme_stamp (id integer PRIMARY KEY, what text NOT NULL)", Write: true,
	})
	ok(t, err)
	_, err = stamps.In(tenantOf(t, fast, "acme")).Count(t.Context())
	ok(t, err)
	if r := last(); r["level"] != "DEBUG" || r["op"] != "count" || r["rows"] != 1.0 || r["duration"] == nil ||
		r["error"] != nil || r["args"] != nil {
		t.Errorf("what went well is logged as %v", r)
	}
	_, err = stamps.In(tenantOf(t, open(time.Nanosecond), "acme")).Count(t.Context())
	ok(t, err)
	if r := last(); r["level"] != "WARN" {
		t.Errorf("what was slow is logged as %v", r)
	}

	// A home without the catalog's tables is polled, and no failure.
	text.Reset()
	db, err := rowhouse.Open(t.Context(), drv, rowhouse.Options{Models: rowhouse.Models(stamps), Freshness: time.Hour, Log: log})
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	if r := last(); r["level"] != "DEBUG" || r["catalog"] != true || r["tenant"] != "" || r["error"] == nil {
		t.Errorf("the catalog's poll is logged as %v", r)
	}
}
