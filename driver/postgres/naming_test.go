package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
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

// TestPipelineBindings has a connection lose its names under pipelines that have to wait for room: each statement
// goes with its own arguments when those before it are sent again.
func TestPipelineBindings(t *testing.T) {
	t.Parallel()
	_, db := limited(t, 100, single)
	exec(t, db, "CREATE TABLE kept (id bigint)")
	const n = 200
	var reads, writes []*driver.Statement
	for i := range int64(n) {
		reads = append(reads, number(i))
		writes = append(writes, &driver.Statement{Text: "INSERT INTO kept VALUES ($1)", Args: number(i).Args, Write: true})
	}
	read := func() {
		t.Helper()
		err := driver.Pipeline(t.Context(), db, slices.Values(reads), driver.PipelineOptions{Snapshot: true},
			func(i int, r driver.Reply) error {
				if r.Err != nil {
					return r.Err
				}
				var got int64
				r.Rows.Next()
				if err := r.Rows.Scan([]any{&got}); err != nil || got != int64(i) {
					t.Errorf("statement %d returned %d, %v", i, got, err)
				}
				return nil
			})
		if err != nil {
			t.Error(err)
		}
	}
	write := func() {
		t.Helper()
		tx, err := db.Begin(t.Context(), driver.TxOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := driver.Pipeline(t.Context(), tx, slices.Values(writes), driver.PipelineOptions{}, firstError); err != nil {
			t.Error(err)
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for range 4 {
		read()
		write()
	}
	exec(t, db, "DEALLOCATE ALL")
	read()
	exec(t, db, "TRUNCATE kept")
	exec(t, db, "DEALLOCATE ALL")
	write()
	count := &driver.Statement{Text: "SELECT count(DISTINCT id) FROM kept", Columns: []dialect.Kind{dialect.Int64}}
	rows, err := db.Query(t.Context(), count)
	if err != nil {
		t.Fatal(err)
	}
	var got int64
	rows.Next()
	if err := errors.Join(rows.Scan([]any{&got}), rows.Close()); err != nil || got != n {
		t.Errorf("%d different rows of %d were written, %v", got, n, err)
	}
}

// kept are the texts that the only connection of a pool has named, by pgx and its own protocol.
func kept(t *testing.T, pool *pgxpool.Pool) (texts []string) {
	t.Helper()
	results, err := pool.Query(t.Context(), "SELECT statement FROM pg_prepared_statements ORDER BY 1", pgx.QueryExecModeExec)
	if err != nil {
		t.Fatal(err)
	}
	defer results.Close()
	for results.Next() {
		var text string
		if err := results.Scan(&text); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, "pg_prepared_statements") {
			texts = append(texts, text)
		}
	}
	return texts
}

func single(c *pgxpool.Config) { c.MaxConns = 1 }

// nth is one of many texts.
func nth(n int) *driver.Statement {
	return &driver.Statement{
		Text: fmt.Sprintf("SELECT %d + $1", n), Args: []dialect.Arg{arg(dialect.Int64, int64(1))},
		Columns: []dialect.Kind{dialect.Int64},
	}
}

// runNth runs one of many texts and checks its result.
func runNth(t *testing.T, r driver.Runner, n int) {
	t.Helper()
	var got int64
	if err := one(t, r, nth(n), &got); err != nil || got != int64(n)+1 {
		t.Fatalf("%s with 1 is %d, error %v", nth(n).Text, got, err)
	}
}

// TestNamed asserts which texts have names: not those that came once, nor more than are to have
// one, those that come most of all.
func TestNamed(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	pool, db := limited(t, 3, counted(&n))
	runNth(t, db, 0)
	if got := kept(t, pool); len(got) > 0 {
		t.Errorf("named after one use: %q", got)
	}
	for range 3 { // the second asks whether names last
		for i := range 4 {
			runNth(t, db, i)
		}
	}
	want := []string{nth(0).Text, nth(1).Text, nth(2).Text}
	if got := kept(t, pool); !slices.Equal(got, want) {
		t.Errorf("named: %q, want %q", got, want)
	}
	before := n.Load()
	for range 8 {
		runNth(t, db, 9) // a hot one takes the place of the one not used for longest
	}
	if took := n.Load() - before; took != 8 {
		t.Errorf("%d round trips, want 8", took)
	}
	want = []string{nth(1).Text, nth(2).Text, nth(9).Text}
	if got := kept(t, pool); !slices.Equal(got, want) {
		t.Errorf("named: %q, want %q", got, want)
	}
}

// limited is a pool whose connections name so many statements.
func limited(t *testing.T, limit int, change func(*pgxpool.Config)) (*pgxpool.Pool, driver.DB) {
	t.Helper()
	pool, _, _ := opened(t, change)
	db, err := postgres.New(pool, postgres.WithStatements(limit)).Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return pool, db
}

// logged is a pool of one connection, and what its driver says in the log.
func logged(t *testing.T) (*pgxpool.Pool, driver.DB, *strings.Builder) {
	t.Helper()
	var log strings.Builder
	pool, _, _ := opened(t, single)
	db, err := postgres.New(pool, postgres.WithLog(slog.New(slog.NewTextHandler(&log, nil)))).Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return pool, db, &log
}

// TestNoNames asserts what WithStatements(0) is for, and that what has neither arguments nor a
// result has no name.
func TestNoNames(t *testing.T) {
	t.Parallel()
	pool, none := limited(t, 0, single)
	some, err := postgres.New(pool).Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		runNth(t, none, 1)
		exec(t, some, "VACUUM pg_class") // not possible in company
	}
	if got := kept(t, pool); len(got) > 0 {
		t.Errorf("named: %q", got)
	}
}

// TestNamesOfTypes asserts that a text has another name for arguments of other types.
func TestNamesOfTypes(t *testing.T) {
	t.Parallel()
	_, _, db := opened(t, single)
	for range 5 {
		for want, a := range map[string]dialect.Arg{
			"bigint 1": arg(dialect.Int64, int64(1)), "text x": arg(dialect.Text, "x"), "text -": arg(dialect.Text, nil),
			"boolean true": arg(dialect.Bool, true),
		} {
			var got string
			s := &driver.Statement{
				Text: "SELECT pg_typeof($1) || ' ' || coalesce($1::text, '-')", Args: []dialect.Arg{a}, Columns: []dialect.Kind{dialect.Text},
			}
			if err := one(t, db, s, &got); err != nil || got != want {
				t.Errorf("%q, want %q; error %v", got, want, err)
			}
		}
	}
}

// TestNamesInPipelines asserts that a pipeline uses names and gives them, also where statements
// fail.
func TestNamesInPipelines(t *testing.T) {
	t.Parallel()
	pool, db := limited(t, 4, single)
	failing := nth(1)
	failing.Text, failing.Args = "SELECT 1 / $1", []dialect.Arg{arg(dialect.Int64, int64(0))}
	unknown := &driver.Statement{Text: "SELECT nonsense + $1", Args: failing.Args, Columns: failing.Columns}
	var list []*driver.Statement
	for i := range 200 {
		list = append(list, nth(i%4))
		switch i % 7 {
		case 3:
			list = append(list, failing)
		case 5:
			list = append(list, unknown)
		}
	}
	for range 3 {
		for _, each := range []int{1, 2, 3} {
			checkPipeline(t, db, list, each)
		}
	}
	if got := kept(t, pool); len(got) != 4 {
		t.Errorf("named: %q", got)
	}
}

// checkPipeline runs statements of nth and checks each result.
func checkPipeline(t *testing.T, db driver.DB, list []*driver.Statement, each int) {
	t.Helper()
	failed := -1
	err := driver.Pipeline(t.Context(), db, slices.Values(list), driver.PipelineOptions{Each: each}, func(i int, r driver.Reply) error {
		var n, got int64
		if strings.Contains(list[i].Text, "/") || strings.Contains(list[i].Text, "nonsense") {
			if r.Rows != nil {
				r.Rows.Next()
				r.Err = r.Rows.Err()
			}
			if r.Err == nil {
				t.Errorf("%d: %q: no error", i, list[i].Text)
			}
			failed = i
			return nil
		}
		if r.Err != nil {
			return r.Err
		}
		if _, err := fmt.Sscanf(list[i].Text, "SELECT %d", &n); err != nil || !r.Rows.Next() || r.Rows.Scan([]any{&got}) != nil || got != n+1 {
			t.Errorf("%d: %q is %d, error %v", i, list[i].Text, got, r.Rows.Err())
		}
		return nil
	})
	if err != nil || failed < 0 && len(list) > 4 {
		t.Errorf("each %d: %v", each, err)
	}
}

// TestChangedTable asserts that a table may be altered or made anew under a name, without an
// error outside of a transaction.
func TestChangedTable(t *testing.T) {
	t.Parallel()
	dsn := testdb.Postgres(t)
	_, _, db := openedAt(t, dsn, single)
	_, _, other := openedAt(t, dsn, single)
	read := &driver.Statement{
		Text: "SELECT v FROM changing WHERE id = $1", Args: nth(1).Args, Columns: []dialect.Kind{dialect.Other},
	}
	exec(t, other, "CREATE TABLE changing (id bigint, v int)")
	exec(t, other, "INSERT INTO changing VALUES (1, 7)")
	check := func(want string) {
		t.Helper()
		for range 4 {
			var got string
			if err := one(t, db, read, &got); err != nil || got != want {
				t.Errorf("%q, want %q; error %v", got, want, err)
			}
		}
	}
	check("7")
	exec(t, other, "ALTER TABLE changing ALTER v TYPE text USING 'number ' || v")
	check("number 7")
	exec(t, other, "DROP TABLE changing")
	exec(t, other, "CREATE TABLE changing (id int, w text, v numeric)")
	exec(t, other, "INSERT INTO changing VALUES (1, '', 1.5)")
	check("1.5")
	for range 3 {
		exec(t, other, "ALTER TABLE changing ALTER v TYPE text USING v || '!'")
		var got []string
		list := slices.Values([]*driver.Statement{nth(1), read, nth(2), read})
		err := driver.Pipeline(t.Context(), db, list, driver.PipelineOptions{Each: 2}, func(_ int, r driver.Reply) error {
			if r.Err != nil {
				return r.Err
			}
			var v string
			r.Rows.Next()
			err := r.Rows.Scan([]any{&v})
			got = append(got, v)
			return err
		})
		want := "[2 1.5! 3 1.5!]"
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("pipeline: %q, want %s; error %v", got, want, err)
		}
		exec(t, other, "ALTER TABLE changing ALTER v TYPE numeric USING 1.5")
		check("1.5")
	}
}

// TestDiscarded asserts that names which are gone are given anew, and given up where they are
// gone time and again.
func TestDiscarded(t *testing.T) {
	t.Parallel()
	pool, db, log := logged(t)
	many := func() {
		for range 120 {
			runNth(t, db, 1)
		}
	}
	for range 5 {
		many()
		exec(t, db, "DISCARD ALL")
	}
	if log.Len() > 0 {
		t.Errorf("names were given up: %s", log.String())
	}
	for range 5 {
		for range 5 {
			runNth(t, db, 1)
		}
		exec(t, db, "DISCARD ALL")
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("%d lines in the log, want 1: %s", n, log.String())
	}
	many()
	if got := kept(t, pool); len(got) > 0 {
		t.Errorf("named: %q", got)
	}
}

// TestNamedAfterErrors has errors befall a connection that is about to be asked whether names last: that a statement
// of a transaction has failed, or that the server ends the connection. They say nothing of names.
func TestNamedAfterErrors(t *testing.T) {
	t.Parallel()
	for name, befall := range map[string]func(db driver.DB, other *pgxpool.Pool){
		"a failed transaction": func(db driver.DB, _ *pgxpool.Pool) {
			tx := inTx(t, db)
			runNth(t, tx, 1)
			if _, err := tx.Query(t.Context(), &driver.Statement{Text: "SELECT 1/0", Columns: []dialect.Kind{dialect.Int64}}); err == nil {
				t.Error("no error")
			}
			if _, err := tx.Query(t.Context(), nth(1)); err == nil {
				t.Error("no error")
			}
			if err := tx.Rollback(t.Context()); err != nil {
				t.Error(err)
			}
		},
		"a pipeline of a failed transaction": func(db driver.DB, _ *pgxpool.Pool) {
			tx := inTx(t, db)
			runNth(t, tx, 1)
			if _, err := tx.Query(t.Context(), &driver.Statement{Text: "SELECT 1/0", Columns: []dialect.Kind{dialect.Int64}}); err == nil {
				t.Error("no error")
			}
			again := slices.Values([]*driver.Statement{nth(1), nth(1)})
			err := driver.Pipeline(t.Context(), tx, again, driver.PipelineOptions{}, func(_ int, r driver.Reply) error { return r.Err })
			if err == nil {
				t.Error("no error")
			}
			if err := tx.Rollback(t.Context()); err != nil {
				t.Error(err)
			}
		},
		"an end of the connection": func(db driver.DB, other *pgxpool.Pool) {
			runNth(t, db, 1)
			if _, err := other.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "+
				"WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
				t.Error(err)
			}
			rows, err := db.Query(t.Context(), nth(1))
			if err == nil { // the pool has had time to see it
				_ = rows.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, db, log := logged(t)
			killer, err := pgxpool.New(t.Context(), pool.Config().ConnString())
			if err != nil {
				t.Fatal(err)
			}
			defer killer.Close()
			befall(db, killer)
			for range 4 {
				runNth(t, db, 1)
			}
			if got := kept(t, pool); log.Len() > 0 || !slices.Equal(got, []string{nth(1).Text}) {
				t.Errorf("named: %q; the log: %s", got, log.String())
			}
		})
	}
}

// TestDiscardedNowAndThen has names be lost within a few uses, and then last for long, again and again.
func TestDiscardedNowAndThen(t *testing.T) {
	t.Parallel()
	_, db, log := logged(t)
	for range 4 {
		for range 120 {
			runNth(t, db, 1)
		}
		exec(t, db, "DEALLOCATE ALL")
		runNth(t, db, 1)
		runNth(t, db, 1)
		exec(t, db, "DEALLOCATE ALL")
	}
	if log.Len() > 0 {
		t.Errorf("names were given up: %s", log.String())
	}
}

// TestDiscardedInTx asserts that a transaction in which a name was not there fails, and that the
// next does not.
func TestDiscardedInTx(t *testing.T) {
	t.Parallel()
	_, d, db := opened(t, single)
	for range 3 {
		runNth(t, db, 1)
	}
	for want := range 2 {
		tx, err := db.Begin(t.Context(), driver.TxOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if want == 0 {
			exec(t, tx, "DEALLOCATE ALL")
			_, err = tx.Query(t.Context(), nth(1))
			if !d.Fault(err).Kind.Retryable() {
				t.Errorf("a name that is gone: %v, of which the fault is %+v", err, d.Fault(err))
			}
		} else {
			runNth(t, tx, 1)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestDiscardedInPipelines asserts that a pipeline begins anew if its names are gone, and that what
// cannot be mended is told.
func TestDiscardedInPipelines(t *testing.T) {
	t.Parallel()
	pool, d, db := opened(t, single)
	exec(t, db, "CREATE TABLE kept (id bigint)")
	write := &driver.Statement{Text: "INSERT INTO kept VALUES ($1)", Args: nth(1).Args, Write: true}
	list := []*driver.Statement{nth(1), nth(2), write, nth(3), write}
	var got []int64
	read := func(_ int, r driver.Reply) error {
		if r.Err != nil {
			return r.Err
		}
		if r.Rows != nil {
			var n int64
			for r.Rows.Next() {
				r.Err = errors.Join(r.Err, r.Rows.Scan([]any{&n}))
			}
			got = append(got, n)
			return errors.Join(r.Err, r.Rows.Err())
		}
		got = append(got, r.Result.Rows)
		return nil
	}
	run := func(name string, r driver.Runner, list []*driver.Statement, o driver.PipelineOptions, want ...int64) {
		t.Helper()
		got = nil
		if err := driver.Pipeline(t.Context(), r, slices.Values(list), o, read); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v; error %v", name, got, want, err)
		}
	}
	snapshot := driver.PipelineOptions{Snapshot: true}
	readOnly := driver.PipelineOptions{Tx: driver.TxOptions{ReadOnly: true, Isolation: driver.RepeatableRead}}
	discard := func() {
		for range 110 { // so many that it is no strike
			runNth(t, db, 1)
		}
		for range 3 {
			runNth(t, db, 3)
			run("snapshot of names", db, list[:2], snapshot, 2, 3)
			run("transaction of names", db, list[:2], readOnly, 2, 3)
		}
		for _, word := range []string{
			"set transaction_isolation to 'repeatable read'", "begin isolation level repeatable read read only", "commit",
		} {
			if !slices.Contains(kept(t, pool), word) {
				t.Errorf("%q has no name among %q", word, kept(t, pool))
			}
		}
		exec(t, db, "DEALLOCATE ALL")
	}
	for range 2 {
		discard()
		run("writes", db, list, driver.PipelineOptions{}, 2, 3, 1, 4, 1)
		discard()
		run("snapshot", db, list[:2], snapshot, 2, 3)
		discard()
		run("transaction that reads", db, list[:2], readOnly, 2, 3)
		discard()
		tx, err := db.Begin(t.Context(), driver.TxOptions{})
		if err != nil {
			t.Fatal(err)
		}
		run("transaction", tx, list, driver.PipelineOptions{}, 2, 3, 1, 4, 1)
		exec(t, tx, "DEALLOCATE ALL")
		got = nil
		err = driver.Pipeline(t.Context(), tx, slices.Values(list), driver.PipelineOptions{}, read)
		if !d.Fault(err).Kind.Retryable() || len(got) > 0 {
			t.Errorf("in the middle of a transaction: %v, error %v", got, err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	}
	forgets := []*driver.Statement{nth(1), {Text: "DEALLOCATE ALL"}}
	run("names that are gone before the commit", db, forgets, driver.PipelineOptions{}, 2, 0)
	var rows int64
	if err := one(t, db, &driver.Statement{Text: "SELECT count(*) FROM kept"}, &rows); err != nil || rows != 4 {
		t.Errorf("%d rows, want 4; error %v", rows, err)
	}
	if made := pool.Stat().NewConnsCount(); made != 1 {
		t.Errorf("%d connections were made, want 1", made)
	}
}

// TestPgBouncerNames asserts that no name is given behind a pooler that takes no care of them,
// that this is said once, and that what asked leaves nothing behind.
func TestPgBouncerNames(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	direct := testdb.Postgres(t)
	pool, _, _ := openedAt(t, testdb.Pooled(t, direct), asItIs)
	db, err := postgres.New(pool, postgres.WithLog(slog.New(slog.NewTextHandler(&log, nil)))).Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		runNth(t, db, i%3)
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("%d lines in the log, want 1: %s", n, log.String())
	}
	var names int64
	count := &driver.Statement{Text: "SELECT count(*) FROM pg_prepared_statements", Columns: []dialect.Kind{dialect.Int64}}
	if err := one(t, db, count, &names); err != nil || names != 0 {
		t.Errorf("%d names, error %v", names, err)
	}
}

// TestUnanswered has a server that refuses to say whether names last: whatever asked runs all the same,
// and is told of once.
func TestUnanswered(t *testing.T) {
	t.Parallel()
	dsn := testdb.Postgres(t)
	_, _, admin := openedAt(t, dsn, single)
	var role string
	ask := &driver.Statement{Text: "SELECT 'unanswered_' || current_database()", Columns: []dialect.Kind{dialect.Text}}
	if err := one(t, admin, ask, &role); err != nil {
		t.Fatal(err)
	}
	exec(t, admin, "CREATE ROLE "+role+" LOGIN")
	t.Cleanup(func() { dropRole(t, dsn, role) })
	exec(t, admin, "REVOKE SELECT ON pg_prepared_statements FROM PUBLIC")
	for name, run := range map[string]func(t *testing.T, db driver.DB){
		"statement": func(t *testing.T, db driver.DB) { runNth(t, db, 1) },
		"transaction": func(t *testing.T, db driver.DB) {
			tx, err := db.Begin(t.Context(), driver.TxOptions{})
			if err != nil {
				t.Fatal(err)
			}
			runNth(t, tx, 1)
			runNth(t, tx, 1)
			if err := tx.Commit(t.Context()); err != nil {
				t.Error(err)
			}
		},
		"pipeline each": func(t *testing.T, db driver.DB) {
			checkPipeline(t, db, []*driver.Statement{nth(1), nth(2), nth(1), nth(1)}, 2)
		},
		"pipeline": func(t *testing.T, db driver.DB) {
			checkPipeline(t, db, []*driver.Statement{nth(1), nth(2), nth(1), nth(1)}, 0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log strings.Builder
			pool, _, _ := openedAt(t, dsn, func(c *pgxpool.Config) { c.MaxConns, c.ConnConfig.User = 1, role })
			db, err := postgres.New(pool, postgres.WithLog(slog.New(slog.NewTextHandler(&log, nil)))).Open(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			for range 4 {
				run(t, db)
			}
			if n := strings.Count(log.String(), "\n"); n != 1 {
				t.Errorf("%d lines in the log, want 1: %s", n, log.String())
			}
			if made := pool.Stat().NewConnsCount(); made != 1 {
				t.Errorf("%d connections were made, want 1", made)
			}
		})
	}
}

func dropRole(t *testing.T, dsn, role string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, "DROP ROLE "+role); err != nil {
		t.Error(err)
	}
}

// TestRoundTripsOfMany asserts one round trip for each statement where names come and go, and one for
// what a pipeline sends at once.
func TestRoundTripsOfMany(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	_, db := limited(t, 5, counted(&n))
	runNth(t, db, 0) // connects
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 2000 {
		before := n.Load()
		text := min(random.IntN(30), random.IntN(30)) + i/500 // some come more often, and not always the same
		runNth(t, db, text)
		if took := n.Load() - before; took != 1 {
			t.Fatalf("statement %d, %q: %d round trips", i, nth(text).Text, took)
		}
		if i%50 == 0 {
			list := []*driver.Statement{nth(text), nth(text + 1), nth(1), nth(text)}
			before := n.Load()
			checkPipeline(t, db, list, 1)
			if took := n.Load() - before; took != 1 {
				t.Fatalf("pipeline after statement %d: %d round trips", i, took)
			}
		}
	}
}
