package rowhouse_test

import (
	"context"
	sqldriver "database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// reading has a column of every kind, of which each can be copied.
type reading struct {
	ID      uuid.UUID  `db:"id,pk"`
	Number  int64      `db:"number"`
	Small   int16      `db:"small"`
	Rate    float64    `db:"rate"`
	Flag    bool       `db:"flag"`
	Text    string     `db:"text,size:40"`
	Note    *string    `db:"note"`
	Payload []byte     `db:"payload"`
	At      time.Time  `db:"at"`
	Seen    *time.Time `db:"seen"`
	Data    rawJSON    `db:"data,type:json"`
}

// rawJSON is a text of JSON.
type rawJSON = string

// entry has a key that the database makes.
type entry struct {
	ID    int64  `db:"id,pk,auto"`
	Title string `db:"title"`
	Rank  int    `db:"rank,unique"`
}

var (
	readings      = rowhouse.MustDefine[reading]("reading")
	readingNumber = rowhouse.Col(readings, func(r *reading) *int64 { return &r.Number })
	entries       = rowhouse.MustDefine[entry]("entry")
	entryID       = rowhouse.Col(entries, func(e *entry) *int64 { return &e.ID })
	bulk          = rowhouse.Models(readings, entries)
)

func someReadings(from, n int) []reading {
	list := make([]reading, n)
	for i := range list {
		k := from + i
		at := time.Date(2026, 1, 2, 3, 4, k%60, k*1000, time.UTC)
		text := fmt.Sprintf("text %d \\ \" ' {,} \t\n é", k)
		list[i] = reading{
			ID:     uuid.New(),
			Number: int64(k), Small: int16(k % 1000), Rate: float64(k) / 3, Flag: k%2 == 0, Text: text,
			Payload: []byte{0, byte(k), 255, '\\'}, At: at, Data: fmt.Sprintf(`{"n": %d}`, k),
		}
		if k%3 == 0 {
			list[i].Note, list[i].Seen = &text, &at
		}
	}
	return list
}

// TestInsertMany writes so many rows that each way of doing it is taken, and reads each back.
func TestInsertMany(t *testing.T) {
	everywhere(t, bulk, func(t *testing.T, s site) {
		ctx := t.Context()
		table := readings.In(s.tenant)
		for from, n := range map[int]int{0: 1, 1: 2, 3: 30, 1000: 1200} {
			rows := someReadings(from, n)
			ok(t, table.InsertMany(ctx, rows))
			found, err := table.Where(readingNumber.Ge(int64(from)), readingNumber.Lt(int64(from+n))).OrderBy(readingNumber.Asc()).All(ctx)
			ok(t, err)
			if len(found) != n {
				t.Fatalf("%d rows, want %d", len(found), n)
			}
			for i := range rows {
				if got, want := show(&found[i]), show(&rows[i]); got != want {
					t.Fatalf("row %d is\n%s, want\n%s", i, got, want)
				}
			}
		}
		if n, err := readings.In(s.other).Count(ctx); err != nil || n != 0 {
			t.Errorf("the other tenant has %d rows, %v", n, err)
		}
	})
}

func show(r *reading) string {
	note, seen := "none", "none"
	if r.Note != nil {
		note = *r.Note
	}
	if r.Seen != nil {
		seen = r.Seen.String()
	}
	data := strings.ReplaceAll(r.Data, " ", "")
	return fmt.Sprint(r.ID, r.Number, r.Small, r.Rate, r.Flag, r.Text, note, hex.EncodeToString(r.Payload), r.At, seen, data)
}

// TestInsertManyKeys asserts that each row gets its own key.
func TestInsertManyKeys(t *testing.T) {
	everywhere(t, bulk, func(t *testing.T, s site) {
		ctx := t.Context()
		table := entries.In(s.tenant)
		n := 700
		if s.engine == "postgres" {
			n = 10_050 // more than one statement takes
		}
		rows := make([]entry, n)
		for i := range rows {
			rows[i] = entry{Title: fmt.Sprint("entry ", i), Rank: n - i}
		}
		ok(t, table.InsertMany(ctx, rows))
		found, err := table.Where().OrderBy(entryID.Asc()).All(ctx)
		ok(t, err)
		if len(found) != n {
			t.Fatalf("%d rows, want %d", len(found), n)
		}
		for i := range rows {
			if found[i] != rows[i] {
				t.Fatalf("row %d is %+v, want %+v", i, found[i], rows[i])
			}
		}
	})
}

// TestInsertManyFails asserts that all rows are written or none, and that a transaction can go on
// after what has failed in a part of it.
func TestInsertManyFails(t *testing.T) {
	everywhere(t, bulk, func(t *testing.T, s site) {
		ctx := t.Context()
		taken := someReadings(0, 600)
		ok(t, readings.In(s.tenant).InsertMany(ctx, taken))
		again := append(someReadings(600, 600), taken[7])
		err := readings.In(s.tenant).InsertMany(ctx, again)
		is(t, err, rowhouse.ErrConflict)
		if strings.Contains(err.Error(), "text 7") {
			t.Errorf("the error quotes a value: %v", err)
		}
		long := someReadings(600, 600)
		long[599].Text = strings.Repeat("x", 41)
		if err := readings.In(s.tenant).InsertMany(ctx, long); err == nil && s.engine != "sqlite" {
			t.Error("a text that is too long was written")
		} else if err == nil {
			_, err := readings.In(s.tenant).DeleteWhere(ctx, readingNumber.Ge(600))
			ok(t, err)
		}
		enough := errors.New("enough")
		is(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			ok(t, readings.In(tx).InsertMany(ctx, someReadings(600, 600)))
			if n, err := readings.In(tx).Count(ctx); err != nil || n != 1200 {
				t.Errorf("in the transaction: %d rows, %v", n, err)
			}
			return enough
		}), enough)
		if n, err := readings.In(s.tenant).Count(ctx); err != nil || n != 600 {
			t.Errorf("%d rows, want 600, %v", n, err)
		}
	})
}

// TestInsertManyPanics asserts that a value that panics undoes all and reaches the caller.
func TestInsertManyPanics(t *testing.T) {
	everywhere(t, rowhouse.Models(fragiles), func(t *testing.T, s site) {
		ctx := t.Context()
		rows := make([]fragile, 600)
		for i := range rows {
			rows[i] = fragile{ID: int64(i + 1), Value: brittle{text: "whole"}}
		}
		rows[598].Value.text = "broken"
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			_ = fragiles.In(s.tenant).InsertMany(ctx, rows)
		}()
		rows[598].Value.text = "whole"
		ok(t, fragiles.In(s.tenant).InsertMany(ctx, rows))
	})
}

// TestInsertManyEncodes asserts that values which have to be encoded to be weighed are not encoded twice, where
// lists take them.
func TestInsertManyEncodes(t *testing.T) {
	everywhere(t, rowhouse.Models(fragiles), func(t *testing.T, s site) {
		for _, n := range []int{400, 800} { // by lists, and by COPY
			var asked atomic.Int64
			rows := make([]fragile, n)
			for i := range rows {
				rows[i] = fragile{ID: int64(1000*n + i), Value: brittle{"whole", &asked}}
			}
			ok(t, fragiles.In(s.tenant).InsertMany(t.Context(), rows))
			if got := int(asked.Load()); s.engine == "postgres" && got > n+n/10 {
				t.Errorf("%d values were encoded %d times", n, got)
			}
		}
	})
}

// TestInsertManyMistyped has a column of the database be of another type than the model's, of the same
// length in binary, as it may be where tables are the application's.
func TestInsertManyMistyped(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pool, err := pgxpool.New(ctx, testdb.Postgres(t))
	ok(t, err)
	t.Cleanup(pool.Close)
	s := tenantOf(t, openFleet(t, postgres.New(pool), pool.Config().ConnConfig.Database, bulk), "prefix")
	_, err = pool.Exec(ctx, "ALTER TABLE "+s.TableName(entries)+" ALTER rank TYPE float8, ALTER title TYPE char(9)")
	ok(t, err)
	rows := make([]entry, 800)
	for i := range rows {
		rows[i] = entry{ID: int64(i + 1), Title: fmt.Sprintf("%09d", i), Rank: i}
	}
	ok(t, entries.In(s).InsertMany(ctx, rows))
	last, err := entries.In(s).Get(ctx, int64(800))
	if err != nil || last != rows[799] {
		t.Errorf("%+v, %v", last, err)
	}
}

// fragile has a value that may panic.
type fragile struct {
	ID    int64   `db:"id,pk"`
	Value brittle `db:"value,type:text"`
}

type brittle struct { //nolint:recvcheck // Value is asked of values, Scan changes one
	text  string
	asked *atomic.Int64 // counts what is asked for, or nil
}

func (b brittle) Value() (sqldriver.Value, error) {
	if b.asked != nil {
		b.asked.Add(1)
	}
	if b.text == "broken" {
		panic("broken")
	}
	return b.text, nil
}

// Scan reads what Value has written.
func (b *brittle) Scan(v any) error {
	b.text = fmt.Sprint(v)
	return nil
}

var fragiles = rowhouse.MustDefine[fragile]("fragile")

// TestInsertManyHeavyRows asserts that many rows go in few statements, and in none that is heavier than a
// server takes.
func TestInsertManyHeavyRows(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			var statements atomic.Int64
			drv, prefix := e.open(t)
			in := tenantOf(t, openFleetWith(t, drv, prefix, rowhouse.Options{
				Models: bulk, Observe: func(_ context.Context, e rowhouse.Event) {
					if e.Op == "insert" && !e.Catalog {
						statements.Add(1)
					}
				},
			}), "prefix")
			light := someReadings(0, 4000)
			ok(t, readings.In(in).InsertMany(t.Context(), light))
			if n := statements.Swap(0); n > 4 {
				t.Errorf("4,000 rows took %d statements", n)
			}
			heavy := someReadings(4000, 240)
			for i := range heavy {
				heavy[i].Note = new(strings.Repeat("x", 100_000))
			}
			ok(t, readings.In(in).InsertMany(t.Context(), heavy))
			if n := statements.Load(); n > 12 {
				t.Errorf("24 MB took %d statements", n)
			}
			n, err := readings.In(in).Count(t.Context())
			if ok(t, err); n != 4240 {
				t.Errorf("%d rows", n)
			}
			if e.name == "postgres" { // the others take no such rows as they are set up, or have no lists
				insertHeaviest(t, in, &statements)
			}
		})
	}
}

// insertHeaviest writes rows of which each is a statement, and then so many that lists would take several.
func insertHeaviest(t *testing.T, in *rowhouse.Tenant, statements *atomic.Int64) {
	t.Helper()
	statements.Store(0)
	heavy := someReadings(4240, 3)
	for i := range heavy {
		heavy[i].Note = new(strings.Repeat("x", 40<<20))
	}
	ok(t, readings.In(in).InsertMany(t.Context(), heavy))
	if n := statements.Swap(0); n != 3 {
		t.Errorf("three rows of 40 MiB took %d statements", n)
	}
	ok(t, readings.In(in).InsertMany(t.Context(), someReadings(5000, 12_000)))
	if n := statements.Load(); n != 1 {
		t.Errorf("12,000 rows that are copied took %d statements", n)
	}
	again := append(someReadings(17_000, 12_000), heavy[0])
	is(t, readings.In(in).InsertMany(t.Context(), again), rowhouse.ErrConflict)
	n, err := readings.In(in).Count(t.Context())
	if ok(t, err); n != 16_243 {
		t.Errorf("%d rows, want 16,243", n)
	}
}
