package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// repeated is a statement many times.
func repeated(s *driver.Statement, n int) iter.Seq[*driver.Statement] {
	return slices.Values(slices.Repeat([]*driver.Statement{s}, n))
}

// firstError reads nothing, and stops at a failure.
func firstError(_ int, r driver.Reply) error { return r.Err }

func number(n int64) *driver.Statement {
	return &driver.Statement{
		Text: "SELECT $1", Args: []dialect.Arg{arg(dialect.Int64, n)}, Columns: []dialect.Kind{dialect.Int64},
	}
}

// TestPipelineRoundTrips asserts what a pipeline is for.
func TestPipelineRoundTrips(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	pool, _, db := opened(t, counted(&n))
	exec(t, db, "CREATE TABLE kept (id bigint)")
	read, failing := number(1), &driver.Statement{Text: "SELECT nonsense", Columns: []dialect.Kind{dialect.Int64}}
	write := &driver.Statement{Text: "INSERT INTO kept VALUES ($1)", Args: read.Args, Write: true}
	readOnly := driver.TxOptions{Isolation: driver.RepeatableRead, ReadOnly: true}
	cases := []struct {
		name string
		list []*driver.Statement
		o    driver.PipelineOptions
		most int64
	}{
		{"a snapshot", []*driver.Statement{read, read, read}, driver.PipelineOptions{Snapshot: true}, 1},
		{"a transaction that reads", []*driver.Statement{read, read, read}, driver.PipelineOptions{Tx: readOnly}, 1},
		{"a transaction that writes", []*driver.Statement{write, read, write}, driver.PipelineOptions{}, 2},
		{"reads each for itself", slices.Repeat([]*driver.Statement{read}, 32), driver.PipelineOptions{Each: 1}, 1},
		{"pairs", slices.Repeat([]*driver.Statement{read}, 32), driver.PipelineOptions{Each: 2}, 1},
		{"a pair that writes", []*driver.Statement{read, write}, driver.PipelineOptions{Each: 2}, 1},
		{"writes each for itself", []*driver.Statement{write, write, write}, driver.PipelineOptions{Each: 1}, 3},
		// The batch; what is left of it by one, two, four, eight and sixteen.
		{"a failure", append([]*driver.Statement{failing}, slices.Repeat([]*driver.Statement{read}, 31)...), driver.PipelineOptions{Each: 1}, 6},
		{"failures", slices.Repeat([]*driver.Statement{failing}, 32), driver.PipelineOptions{Each: 1}, 32},
	}
	for _, c := range cases {
		before, replies := n.Load(), 0
		err := driver.Pipeline(t.Context(), db, slices.Values(c.list), c.o, func(int, driver.Reply) error {
			replies++
			return nil
		})
		if took := n.Load() - before; err != nil || replies != len(c.list) || took > c.most {
			t.Errorf("%s: %d round trips, want %d; %d replies, error %v", c.name, took, c.most, replies, err)
		}
	}
	tx, err := db.Begin(t.Context(), driver.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	before := n.Load()
	err = driver.Pipeline(t.Context(), tx, repeated(write, 100), driver.PipelineOptions{}, firstError)
	if took := n.Load() - before; err != nil || took != 1 {
		t.Errorf("in a transaction: %d round trips, want 1; error %v", took, err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	if made := pool.Stat().NewConnsCount(); made != 1 {
		t.Errorf("%d connections were made, want 1", made)
	}
}

// TestPipelineKeepsConnection asserts that a failure or a stop before short results costs no
// connection.
func TestPipelineKeepsConnection(t *testing.T) {
	t.Parallel()
	pool, _, db := opened(t, asItIs)
	exec(t, db, "CREATE TABLE kept (id bigint)")
	enough := errors.New("enough")
	stop := func(int, driver.Reply) error { return enough }
	failing := []*driver.Statement{number(1), {Text: "INSERT INTO kept VALUES (1)", Write: true}, {Text: "nonsense"}, number(1)}
	for range 5 {
		for _, o := range []driver.PipelineOptions{
			{},
			{Tx: driver.TxOptions{ReadOnly: true}},
			{Tx: driver.TxOptions{Isolation: driver.Serializable}},
			{Each: 1},
			{Each: 3},
			{Snapshot: true},
		} {
			if err := driver.Pipeline(t.Context(), db, slices.Values(failing), o, firstError); err == nil {
				t.Errorf("%+v: no error", o)
			}
			if err := driver.Pipeline(t.Context(), db, repeated(number(1), 100), o, stop); !errors.Is(err, enough) {
				t.Errorf("%+v: %v", o, err)
			}
		}
	}
	if made := pool.Stat().NewConnsCount(); made != 1 {
		t.Errorf("%d connections were made, want 1", made)
	}
}

// TestPipelineDeferred asserts that what fails at the end of a transaction is told.
func TestPipelineDeferred(t *testing.T) {
	t.Parallel()
	_, d, db := opened(t, asItIs)
	exec(t, db, "CREATE TABLE kept (id int CONSTRAINT kept_key UNIQUE DEFERRABLE INITIALLY DEFERRED)")
	insert := func(n int64) *driver.Statement {
		return &driver.Statement{Text: "INSERT INTO kept VALUES ($1)", Args: []dialect.Arg{arg(dialect.Int32, n)}, Write: true}
	}
	list := slices.Values([]*driver.Statement{insert(1), insert(1), insert(2), insert(3), insert(2)})
	var told []string
	read := func(i int, r driver.Reply) error {
		told = append(told, fmt.Sprint(i, d.Fault(r.Err).Kind == driver.Unique))
		return nil
	}
	if err := driver.Pipeline(t.Context(), db, list, driver.PipelineOptions{}, read); d.Fault(err).Kind != driver.Unique {
		t.Errorf("error %v", err)
	}
	if want := []string{"0 false", "1 false", "2 false", "3 false", "4 false"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	told = nil
	if err := driver.Pipeline(t.Context(), db, list, driver.PipelineOptions{Each: 2}, read); err != nil {
		t.Error(err)
	}
	if want := []string{"0 false", "1 false", "1 true", "2 false", "3 false", "4 false", "4 true"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	var n int64
	if err := one(t, db, &driver.Statement{Text: "SELECT count(*) FROM kept"}, &n); err != nil || n != 2 {
		t.Errorf("%d rows, want 2; error %v", n, err)
	}
}

// TestPipelineSameText asserts that what is parsed once for many is not used for another: the
// types of the arguments are a part of it.
func TestPipelineSameText(t *testing.T) {
	t.Parallel()
	_, _, db := opened(t, asItIs)
	var list []*driver.Statement
	for _, a := range []dialect.Arg{
		arg(dialect.Int64, int64(1)), arg(dialect.Int64, int64(2)), arg(dialect.Text, "x"), arg(dialect.Text, nil),
		arg(dialect.Int64, int64(3)), arg(dialect.Bool, true),
	} {
		list = append(list, &driver.Statement{
			Text: "SELECT pg_typeof($1) || ' ' || coalesce($1::text, '')", Args: []dialect.Arg{a}, Columns: []dialect.Kind{dialect.Text},
		})
	}
	want := []string{"bigint 1", "bigint 2", "text x", "text ", "bigint 3", "boolean true"}
	for _, o := range []driver.PipelineOptions{{}, {Each: 1}, {Each: 4}} {
		var got []string
		err := driver.Pipeline(t.Context(), db, slices.Values(list), o, func(_ int, r driver.Reply) error {
			if r.Err != nil {
				return r.Err
			}
			var v string
			r.Rows.Next()
			err := r.Rows.Scan([]any{&v})
			got = append(got, v)
			return err
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v: %q, want %q, error %v", o, got, want, err)
		}
	}
}

// TestPipelineTooManyArguments asserts that a statement that the protocol cannot carry fails by
// itself.
func TestPipelineTooManyArguments(t *testing.T) {
	t.Parallel()
	_, _, db := opened(t, asItIs)
	big := &driver.Statement{Text: "SELECT 1", Args: make([]dialect.Arg, 70_000), Columns: []dialect.Kind{dialect.Int64}}
	var told []bool
	err := driver.Pipeline(t.Context(), db, slices.Values([]*driver.Statement{number(1), big, number(2)}), driver.PipelineOptions{Each: 1},
		func(_ int, r driver.Reply) error {
			told = append(told, r.Err == nil)
			return nil
		})
	if want := []bool{true, false, true}; err != nil || !slices.Equal(told, want) {
		t.Errorf("told %v, want %v; error %v", told, want, err)
	}
}

// TestPipelineSnapshotIsOver asserts that the level of a snapshot ends with it, whatever its end, and that the
// server, whose log such a warning would fill, has no remark about it.
func TestPipelineSnapshotIsOver(t *testing.T) {
	t.Parallel()
	var notices []string
	pool, _, db := opened(t, func(c *pgxpool.Config) {
		c.MaxConns = 1
		c.ConnConfig.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { notices = append(notices, n.Message) }
	})
	level := func(in driver.PipelineOptions) (level string) {
		t.Helper()
		show := &driver.Statement{Text: "SHOW transaction_isolation", Columns: []dialect.Kind{dialect.Text}}
		err := driver.Pipeline(t.Context(), db, repeated(show, 2), in, func(_ int, r driver.Reply) error {
			if r.Err != nil {
				return r.Err
			}
			r.Rows.Next()
			return r.Rows.Scan([]any{&level})
		})
		if err != nil {
			t.Fatal(err)
		}
		return level
	}
	enough := errors.New("enough")
	snapshot := driver.PipelineOptions{Snapshot: true}
	for _, standard := range []string{"read committed", "serializable"} {
		exec(t, db, "SET default_transaction_isolation = '"+standard+"'")
		for _, end := range []struct {
			list []*driver.Statement
			read func(int, driver.Reply) error
			want error
		}{
			{[]*driver.Statement{number(1), number(2)}, firstError, nil},
			{[]*driver.Statement{number(1), {Text: "SELECT 1/0", Columns: []dialect.Kind{dialect.Int64}}}, firstError, nil},
			{slices.Repeat([]*driver.Statement{number(1)}, 100), func(int, driver.Reply) error { return enough }, enough},
		} {
			if err := driver.Pipeline(t.Context(), db, slices.Values(end.list), snapshot, end.read); end.want != nil && !errors.Is(err, end.want) {
				t.Errorf("error %v, want %v", err, end.want)
			}
			if got := level(driver.PipelineOptions{Each: 1}); got != standard {
				t.Errorf("a statement of its own is %s, want %s", got, standard)
			}
			if got := level(driver.PipelineOptions{}); got != standard {
				t.Errorf("a transaction is %s, want %s", got, standard)
			}
			if got := level(snapshot); got != "repeatable read" {
				t.Errorf("a snapshot is %s", got)
			}
		}
	}
	if made := pool.Stat().NewConnsCount(); made != 1 || len(notices) > 0 {
		t.Errorf("%d connections were made, want 1; the server remarked %q", made, notices)
	}
}

// TestPipelineTerminated loses the connection in the middle, for which read is not called.
func TestPipelineTerminated(t *testing.T) {
	t.Parallel()
	_, d, db := opened(t, asItIs)
	end := &driver.Statement{Text: "SELECT pg_terminate_backend(pg_backend_pid())", Columns: []dialect.Kind{dialect.Bool}}
	for _, o := range []driver.PipelineOptions{{}, {Each: 1}, {Tx: driver.TxOptions{ReadOnly: true}}, {Snapshot: true}} {
		last := -1
		err := driver.Pipeline(t.Context(), db, slices.Values([]*driver.Statement{number(1), end, number(2)}), o,
			func(i int, r driver.Reply) error {
				last = i
				if r.Rows != nil {
					for r.Rows.Next() {
					}
				}
				return r.Err
			})
		if d.Fault(err).Kind != driver.Unreachable || last > 1 {
			t.Errorf("%+v: reply %d, fault %+v of %v", o, last, d.Fault(err), err)
		}
	}
	for range 2 * poolSize {
		exec(t, db, "SELECT 1")
	}
}

func TestPipelineTracer(t *testing.T) {
	t.Parallel()
	var x traced
	_, _, db := opened(t, func(c *pgxpool.Config) { c.ConnConfig.Tracer = &x })
	ignore := func(int, driver.Reply) error { return nil }
	list := slices.Values([]*driver.Statement{number(3), {Text: "nonsense"}, number(4)})
	if err := driver.Pipeline(t.Context(), db, list, driver.PipelineOptions{Each: 1}, ignore); err != nil {
		t.Error(err)
	}
	o := driver.PipelineOptions{Snapshot: true}
	if err := driver.Pipeline(t.Context(), db, repeated(number(5), 1), o, ignore); err != nil {
		t.Error(err)
	}
	_ = driver.Pipeline(t.Context(), db, list, driver.PipelineOptions{}, ignore)
	want := []string{
		"SELECT $1[3] SELECT 1 false", "nonsense[]  true", "SELECT $1[4]  true", "SELECT $1[4] SELECT 1 false",
		"set transaction_isolation to 'repeatable read'[] SET false", "SELECT $1[5] SELECT 1 false",
		"begin[] BEGIN false", "SELECT $1[3] SELECT 1 false", "nonsense[]  true", "SELECT $1[4]  true", "rollback[]  false",
	}
	if !slices.Equal(x.list, want) {
		t.Errorf("traced %q\nwant %q", x.list, want)
	}
}

// crumbs writes a pipeline a little at a time, as a network may deliver it.
type crumbs struct{ net.Conn }

func (c crumbs) Write(b []byte) (n int, err error) {
	if len(b) < 500 {
		return c.Conn.Write(b) // PgBouncer wants all of what opens a connection
	}
	for chunk := range slices.Chunk(b, 30) {
		m, err := c.Conn.Write(chunk)
		n += m
		if err != nil {
			return n, err
		}
		time.Sleep(time.Millisecond)
	}
	return n, nil
}

// TestPgBouncerCrumbs asserts that a pooler cannot mistake the middle of a pipeline for its end,
// and give the rest to a server that has something else from another client.
func TestPgBouncerCrumbs(t *testing.T) {
	t.Parallel()
	_, _, db := openedAt(t, testdb.Pooled(t, testdb.Postgres(t)), func(c *pgxpool.Config) {
		dial := c.ConnConfig.DialFunc
		c.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dial(ctx, network, addr)
			return crumbs{conn}, err
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	errs := make(chan error)
	for g := range poolSize {
		// Replies come in the middle of what follows, if that does not wait for them.
		s := number(int64(g))
		s.Text = "SELECT $1 FROM pg_sleep(random() * 0.001)"
		go func() {
			errs <- driver.Pipeline(ctx, db, repeated(s, 200), driver.PipelineOptions{Each: 1 + g%2},
				func(i int, r driver.Reply) error {
					var n int64
					if r.Err != nil {
						return r.Err
					}
					if !r.Rows.Next() || r.Rows.Scan([]any{&n}) != nil || n != int64(g) {
						return fmt.Errorf("reply %d is %d, want %d", i, n, g)
					}
					return nil
				})
		}()
	}
	for range poolSize {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
