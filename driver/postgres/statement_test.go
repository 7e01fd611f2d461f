package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// opened is a pool with changed settings, and the driver's view of it.
func opened(t *testing.T, change func(*pgxpool.Config)) (*pgxpool.Pool, *postgres.Driver, driver.DB) {
	t.Helper()
	return openedAt(t, testdb.Postgres(t), change)
}

func openedAt(t *testing.T, dsn string, change func(*pgxpool.Config)) (*pgxpool.Pool, *postgres.Driver, driver.DB) {
	t.Helper()
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = poolSize
	change(config)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	d := postgres.New(pool, postgres.WithLog(slog.New(slog.NewTextHandler(t.Output(), nil))))
	db, err := d.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return pool, d, db
}

func asItIs(*pgxpool.Config) {}

func arg(kind dialect.Kind, v any) dialect.Arg { return dialect.Arg{Value: v, Kind: kind} }

// one reads the only row of a query.
func one(t *testing.T, r driver.Runner, s *driver.Statement, dest ...any) error {
	t.Helper()
	rows, err := r.Query(t.Context(), s)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.Text)
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		t.Fatalf("no row: %v\n%s", rows.Err(), s.Text)
	}
	return rows.Scan(dest)
}

func exec(t *testing.T, r driver.Runner, text string, args ...dialect.Arg) {
	t.Helper()
	if _, err := r.Exec(t.Context(), &driver.Statement{Text: text, Args: args, Write: true}); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// turns counts how often a connection writes after something has come: the round trips.
type turns struct {
	net.Conn
	n    *atomic.Int64
	read atomic.Bool
}

func (c *turns) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.read.Store(true)
	}
	return n, err
}

func (c *turns) Write(b []byte) (int, error) {
	if c.read.CompareAndSwap(true, false) {
		c.n.Add(1)
	}
	return c.Conn.Write(b)
}

// counted has a pool of one connection count its round trips.
func counted(n *atomic.Int64) func(*pgxpool.Config) {
	return func(c *pgxpool.Config) {
		c.MaxConns = 1
		dial := c.ConnConfig.DialFunc
		c.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dial(ctx, network, addr)
			return &turns{Conn: conn, n: n}, err
		}
	}
}

// TestRoundTrips asserts that a statement takes one round trip: the first time on a connection,
// with the question that comes once, when it is named, and from then on.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	_, _, db := opened(t, counted(&n))
	var got int64
	query := driver.Statement{
		Text: "SELECT $1 + 1", Args: []dialect.Arg{arg(dialect.Int64, int64(1))}, Columns: []dialect.Kind{dialect.Int64},
	}
	update := driver.Statement{Text: "UPDATE kept SET id = $1", Args: query.Args, Write: true}
	type step struct {
		name string
		want int64
		run  func() error
	}
	steps := []step{
		{"Query", 1, func() error { return one(t, db, &query, &got) }},
		{"Exec", 1, func() error {
			_, err := db.Exec(t.Context(), &update)
			return err
		}},
		{"a transaction of two statements", 3, func() error {
			tx, err := db.Begin(t.Context(), driver.TxOptions{Isolation: driver.Serializable, ReadOnly: true})
			if err != nil {
				return err
			}
			if err := one(t, tx, &query, &got); err != nil {
				return err
			}
			if _, err = tx.Exec(t.Context(), &query); err != nil {
				return err
			}
			return tx.Commit(t.Context())
		}},
	}
	for end, fn := range map[string]func(driver.Tx, context.Context) error{"Commit": driver.Tx.Commit, "Rollback": driver.Tx.Rollback} {
		steps = append(steps, step{"an empty transaction, " + end, 0, func() error {
			tx, err := db.Begin(t.Context(), driver.TxOptions{})
			if err != nil {
				return err
			}
			return fn(tx, t.Context())
		}})
	}
	exec(t, db, "CREATE TABLE kept (id bigint)") // connects
	for round := range 5 {
		for _, s := range steps {
			before := n.Load()
			if err := s.run(); err != nil {
				t.Fatal(err)
			}
			if took := n.Load() - before; took != s.want {
				t.Errorf("%s, round %d: %d round trips, want %d", s.name, round, took, s.want)
			}
		}
	}
}

// TestSettings asserts that values do not depend on the server's settings.
func TestSettings(t *testing.T) {
	t.Parallel()
	_, _, db := opened(t, func(c *pgxpool.Config) {
		maps.Copy(c.ConnConfig.RuntimeParams, map[string]string{
			"datestyle": "SQL, DMY", "timezone": "Asia/Kolkata", "standard_conforming_strings": "off",
			"bytea_output": "escape", "extra_float_digits": "-5", "intervalstyle": "sql_standard",
		})
	})
	at := time.Date(2024, 3, 4, 5, 6, 7, 8000, time.UTC)
	exec(t, db, `CREATE TABLE kept ("a\b" text, at timestamptz, f float8, b bytea, other timestamptz)`)
	exec(t, db, `INSERT INTO kept VALUES ($1, $2, $3, $4, $5)`, arg(dialect.Text, `\'x`), arg(dialect.Time, at),
		arg(dialect.Float64, 0.1234567890123456), arg(dialect.Bytes, []byte{0, '\\', 255}), arg(dialect.Other, at))
	var text string
	var when time.Time
	var float float64
	var bytes []byte
	var same bool
	s := driver.Statement{
		Text:    `SELECT "a\b", at, f, b, other = at FROM kept`,
		Columns: []dialect.Kind{dialect.Text, dialect.Time, dialect.Float64, dialect.Bytes, dialect.Bool},
	}
	if err := one(t, db, &s, &text, &when, &float, &bytes, &same); err != nil {
		t.Fatal(err)
	}
	if text != `\'x` || !when.Equal(at) || float != 0.1234567890123456 || !slices.Equal(bytes, []byte{0, '\\', 255}) || !same {
		t.Error(text, when, float, bytes, same)
	}
}

// TestOtherTypes reads and writes types that no kind is for.
func TestOtherTypes(t *testing.T) {
	t.Parallel()
	_, _, db := opened(t, asItIs)
	exec(t, db, `CREATE TYPE status AS ENUM ('open', 'done')`)
	// found is the value as a cast to text has it.
	cases := []struct{ typ, value, want, found string }{
		{"status", "done", "done", "done"},
		{"inet", "10.0.0.1", "10.0.0.1", "10.0.0.1/32"},
		{"interval", "90 minutes", "01:30:00", "01:30:00"},
		{"int[]", "{1,NULL,3}", "{1,NULL,3}", "{1,NULL,3}"},
		{"date", "2024-02-29", "2024-02-29", "2024-02-29"},
		{"numeric", "NaN", "NaN", "NaN"},
		{"char(5)", "ab", "ab   ", "ab"},
		{"json", `{"a": 1}`, `{"a": 1}`, `{"a": 1}`},
		{"xml", "<a/>", "<a/>", "<a/>"},
		{"oid", "4000000000", "4000000000", "4000000000"},
		{"tstzrange", "empty", "empty", "empty"},
	}
	for _, c := range cases {
		var got string
		s := driver.Statement{
			Text:    fmt.Sprintf("SELECT v FROM (SELECT ($1)::%s AS v) AS x WHERE v::text = ANY ($2)", c.typ),
			Args:    []dialect.Arg{arg(dialect.Other, c.value), {Value: []any{c.found, `"`}, Kind: dialect.Text, Array: true}},
			Columns: []dialect.Kind{dialect.Other},
		}
		if err := one(t, db, &s, &got); err != nil || got != c.want {
			t.Errorf("%s: %q, error %v", c.typ, got, err)
		}
	}
	exec(t, db, `CREATE TABLE job (id bigint, status status)`)
	exec(t, db, `INSERT INTO job VALUES (1, $1)`, arg(dialect.Other, "open"))
	var id int64
	s := driver.Statement{
		Text:    `SELECT id FROM job WHERE status = ANY ($1)`,
		Args:    []dialect.Arg{{Value: []any{"open", "done"}, Kind: dialect.Other, Array: true}},
		Columns: []dialect.Kind{dialect.Int64},
	}
	if err := one(t, db, &s, &id); err != nil || id != 1 {
		t.Errorf("an array of an enum: %d, error %v", id, err)
	}
}

// TestReadOnlyCommit asserts that the connection of a transaction that only read comes back, that
// nobody waits for it, and that a failure is told.
func TestReadOnlyCommit(t *testing.T) {
	t.Parallel()
	pool, _, db := opened(t, single)
	for range 20 {
		tx, err := db.Begin(t.Context(), driver.TxOptions{ReadOnly: true, Isolation: driver.RepeatableRead})
		if err != nil {
			t.Fatal(err)
		}
		runNth(t, tx, 1)
		ctx, cancel := context.WithCancel(t.Context())
		if err := tx.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
	}
	tx, err := db.Begin(t.Context(), driver.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = tx.Exec(t.Context(), &driver.Statement{Text: "nonsense"})
	if err := tx.Commit(t.Context()); !errors.Is(err, pgx.ErrTxCommitRollback) {
		t.Errorf("after a failure: %v", err)
	}
	if made := pool.Stat().NewConnsCount(); made != 1 {
		t.Errorf("%d connections were made, want 1", made)
	}
}

// TestRegisteredTypes reads and writes an enum and a composite type, which the application may have
// made known to pgx or not, named or not: as text, the same each time.
func TestRegisteredTypes(t *testing.T) {
	t.Parallel()
	dsn := testdb.Postgres(t)
	_, _, plain := openedAt(t, dsn, asItIs)
	exec(t, plain, `CREATE TYPE mood AS ENUM ('low', 'high')`)
	exec(t, plain, `CREATE TYPE place AS (street text, number int)`)
	exec(t, plain, `CREATE TABLE kept (id bigint, mood mood, place place, moods mood[])`)
	_, _, registered := openedAt(t, dsn, func(c *pgxpool.Config) {
		c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
			types, err := conn.LoadTypes(ctx, []string{"mood", "_mood", "place"})
			conn.TypeMap().RegisterTypes(types)
			return err
		}
	})
	text := dialect.Text
	for i, db := range []driver.DB{plain, registered} {
		for j := range 4 { // without a name, and with one
			id := int64(10*i + j)
			exec(t, db, `INSERT INTO kept VALUES ($1, $2, $3, $4)`, arg(dialect.Int64, id), arg(dialect.Other, "high"),
				arg(dialect.Other, `("Am Ring",7)`), dialect.Arg{Value: []any{"low", nil, "high"}, Array: true})
			var mood, place, moods, street string
			var number int64
			s := &driver.Statement{
				Text:    `SELECT mood, place, moods, (place).street, (place).number FROM kept WHERE id = $1 AND mood = $2`,
				Args:    []dialect.Arg{arg(dialect.Int64, id), arg(dialect.Other, "high")},
				Columns: []dialect.Kind{dialect.Other, dialect.Other, dialect.Other, text, dialect.Int32},
			}
			if err := one(t, db, s, &mood, &place, &moods, &street, &number); err != nil {
				t.Fatal(err)
			}
			if mood != "high" || place != `("Am Ring",7)` || moods != "{low,NULL,high}" || street != "Am Ring" || number != 7 {
				t.Error(mood, place, moods, street, number)
			}
		}
	}
}

// TestActualType reads columns whose type is not the one that the statement expects.
func TestActualType(t *testing.T) {
	t.Parallel()
	_, _, db := opened(t, asItIs)
	at := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	cases := []struct {
		expr string
		kind dialect.Kind
		dest any
		want string
	}{
		{"7::smallint", dialect.Int64, new(int64), "7"},
		{"7::numeric", dialect.Decimal, new(int64), "7"},
		{"7.5::numeric", dialect.Float64, new(float64), "7.5"},
		{"7::bigint", dialect.Float64, new(float64), "7"},
		{"1.5::real", dialect.Float64, new(float64), "1.5"},
		{"timestamp '2024-02-29 12:00'", dialect.Time, new(time.Time), at.String()},
		{"date '2024-02-29'", dialect.Time, new(time.Time), at.Add(-12 * time.Hour).String()},
		{"'x'::name", dialect.Text, new(string), "x"},
		{"'[1]'::json", dialect.JSON, new(string), "[1]"},
		{"'6f0a0000-0000-0000-0000-000000000001'::uuid", dialect.UUID, new(string), "6f0a0000-0000-0000-0000-000000000001"},
		{"true", dialect.Bool, new(int64), "1"},
		{"NULL", dialect.Text, new(*string), "<nil>"},
	}
	for _, c := range cases {
		s := driver.Statement{Text: "SELECT " + c.expr, Columns: []dialect.Kind{c.kind}}
		if err := one(t, db, &s, c.dest); err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		if got := deref(c.dest); got != c.want {
			t.Errorf("%s into %T: %s, want %s", c.expr, c.dest, got, c.want)
		}
	}
	for _, s := range []string{"timestamptz 'infinity'", "timestamp '-infinity'"} {
		if err := one(t, db, &driver.Statement{Text: "SELECT " + s, Columns: []dialect.Kind{dialect.Time}}, new(time.Time)); err == nil {
			t.Errorf("%s is a time", s)
		}
	}
	// A time of the years that 64 bits of microseconds since 1970 would not hold.
	var far time.Time
	s := driver.Statement{Text: "SELECT timestamptz '294276-12-31 23:59:59.999999Z'", Columns: []dialect.Kind{dialect.Time}}
	if err := one(t, db, &s, &far); err != nil || far.Year() != 294276 || far.Nanosecond() != 999_999_000 {
		t.Errorf("%v, error %v", far, err)
	}
}

func deref(dest any) string {
	switch d := dest.(type) {
	case *int64:
		return strconv.FormatInt(*d, 10)
	case *float64:
		return fmt.Sprint(*d)
	case *time.Time:
		return d.String()
	case *string:
		return *d
	case **string:
		return fmt.Sprint(any(*d))
	}
	return "?"
}

// traced is a pgx.QueryTracer.
type traced struct {
	mu   sync.Mutex
	list []string
}

func (x *traced) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, x, fmt.Sprint(d.SQL, d.Args))
}

func (x *traced) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryEndData) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.list = append(x.list, fmt.Sprint(ctx.Value(x), " ", d.CommandTag, " ", d.Err != nil))
}

func TestTracer(t *testing.T) {
	t.Parallel()
	var x traced
	_, _, db := opened(t, func(c *pgxpool.Config) { c.ConnConfig.Tracer = &x })
	var n int64
	s := driver.Statement{Text: "SELECT $1 + 0", Args: []dialect.Arg{arg(dialect.Int64, int64(3))}, Columns: []dialect.Kind{dialect.Int64}}
	if err := one(t, db, &s, &n); err != nil {
		t.Fatal(err)
	}
	_, _ = db.Exec(t.Context(), &driver.Statement{Text: "nonsense"})
	want := []string{"SELECT $1 + 0[3] SELECT 1 false", "nonsense[]  true"}
	if !slices.Equal(x.list, want) {
		t.Errorf("traced %q, want %q", x.list, want)
	}
}
