package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/sqlite"
)

// TestWriters has goroutines write to one file in every way there is; none may be told that the
// file is busy.
func TestWriters(t *testing.T) {
	t.Parallel()
	d := open(t, sqlite.WithConnections(3, 3))
	if _, err := d.Create(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	var pools []driver.DB
	for range 2 {
		db, err := d.Open(t.Context(), "one")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		pools = append(pools, db)
	}
	must(t, pools[0], "CREATE TABLE t (id integer PRIMARY KEY, a)")
	const goroutines, rounds = 16, 20
	var group sync.WaitGroup
	for g := range goroutines {
		group.Go(func() {
			for i := range rounds {
				if err := writeSomehow(t.Context(), pools[g%2], g/2+i); err != nil {
					t.Errorf("%v, fault %+v", err, d.Fault(err))
					return
				}
			}
		})
	}
	group.Wait()
	if n := count(t, pools[0], "SELECT count(*) FROM t"); n != goroutines*rounds {
		t.Errorf("%d rows, want %d", n, goroutines*rounds)
	}
}

func writeSomehow(ctx context.Context, db driver.DB, way int) error {
	insert := write("INSERT INTO t (a) VALUES (1) RETURNING id")
	switch way % 3 {
	case 0:
		_, err := db.Exec(ctx, insert)
		return err
	case 1:
		rows, err := db.Query(ctx, insert)
		if err != nil {
			return err
		}
		return rows.Close()
	}
	tx, err := db.Begin(ctx, driver.TxOptions{})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, insert); err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	return tx.Commit(ctx)
}

// TestReadersThatWrite has more readers than connections, each of which writes while its rows
// are open: the writer's connection must not be lent to readers that wait for it.
func TestReadersThatWrite(t *testing.T) {
	t.Parallel()
	d := open(t, sqlite.WithConnections(3, 2))
	db := home(t, d)
	must(t, db, "CREATE TABLE t (a)")
	must(t, db, "INSERT INTO t VALUES (1), (2), (3)")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			rows, err := db.Query(ctx, read("SELECT a FROM t LIMIT 3"))
			if err != nil {
				t.Error(err)
				return
			}
			defer rows.Close()
			for rows.Next() {
				if _, err := db.Exec(ctx, write("INSERT INTO t VALUES (4)")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if n := count(t, db, "SELECT count(*) FROM t"); n != 3+8*3 {
		t.Errorf("%d rows", n)
	}
}

// TestTurnTimeout writes outside an open transaction, by the goroutine that has it open.
func TestTurnTimeout(t *testing.T) {
	t.Parallel()
	d := open(t, sqlite.WithBusyTimeout(brief))
	db := home(t, d)
	must(t, db, "CREATE TABLE t (a)")
	holders := map[string]func() (release func() error){
		"transaction": func() func() error {
			tx := begun(t, db, driver.TxOptions{})
			return func() error { return tx.Commit(t.Context()) }
		},
		"returned rows": func() func() error {
			rows, err := db.Query(t.Context(), write("INSERT INTO t VALUES (1) RETURNING a"))
			if err != nil {
				t.Fatal(err)
			}
			rows.Next()
			return rows.Close
		},
	}
	for name, hold := range holders {
		release := hold()
		_, err := db.Exec(t.Context(), write("INSERT INTO t VALUES (2)"))
		if fault := d.Fault(err); fault.Kind != driver.LockTimeout {
			t.Errorf("%s: fault %+v of %v", name, fault, err)
		} else if text := err.Error(); !strings.Contains(text, "has been open for") ||
			!strings.Contains(text, "transaction's scope") || !strings.Contains(text, "home.sqlite") {
			t.Errorf("%s: %s", name, text)
		}
		if _, err := db.Begin(t.Context(), driver.TxOptions{}); d.Fault(err).Kind != driver.LockTimeout {
			t.Errorf("%s: a second transaction: %v", name, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := db.Exec(ctx, write("INSERT INTO t VALUES (2)")); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: with an ended context: %v", name, err)
		}
		count(t, db, "SELECT count(*) FROM t") // readers are let in
		if err := release(); err != nil {
			t.Error(err)
		}
		must(t, db, "INSERT INTO t VALUES (3)")
	}
}

// TestOtherProcess meets the file's own lock, as another process would hold it.
func TestOtherProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "home.sqlite")
	d, err := sqlite.New(path, sqlite.WithBusyTimeout(brief))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	db := home(t, d)
	must(t, db, "CREATE TABLE t (a)")
	other, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	lock, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Begin(t.Context(), driver.TxOptions{})
	if fault := d.Fault(err); fault.Kind != driver.LockTimeout || fault.Code != "5" {
		t.Errorf("fault %+v of %v", fault, err)
	}
	if _, err = db.Exec(t.Context(), write("INSERT INTO t VALUES (1)")); d.Fault(err).Kind != driver.LockTimeout {
		t.Errorf("fault %+v of %v", d.Fault(err), err)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	must(t, db, "INSERT INTO t VALUES (1)")
}

// TestInterruptedWrite cancels a write inside a transaction. SQLite then rolls the transaction
// back by itself, and what came next would be committed statement by statement.
func TestInterruptedWrite(t *testing.T) {
	t.Parallel()
	d := open(t)
	db := home(t, d)
	must(t, db, "CREATE TABLE t (a)")
	tx := begun(t, db, driver.TxOptions{})
	must(t, tx, "INSERT INTO t VALUES (1)")
	ctx, cancel := context.WithTimeout(t.Context(), brief)
	defer cancel()
	_, err := tx.Exec(ctx, write("INSERT INTO t WITH RECURSIVE n(i) AS "+
		"(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT i FROM n"))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("error %v", err)
	}
	if _, err := tx.Exec(t.Context(), write("INSERT INTO t VALUES (2)")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the next statement: %v", err)
	}
	if err := tx.Commit(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Commit: %v", err)
	}
	if n := count(t, db, "SELECT count(*) FROM t"); n != 0 {
		t.Errorf("%d rows", n)
	}
	must(t, db, "INSERT INTO t VALUES (3)")
}

// TestCommitEnded asserts that a commit with an ended context is an error that is true.
func TestCommitEnded(t *testing.T) {
	t.Parallel()
	db := home(t, open(t))
	must(t, db, "CREATE TABLE t (a)")
	tx := begun(t, db, driver.TxOptions{})
	must(t, tx, "INSERT INTO t VALUES (1)")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tx.Commit(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Commit: %v", err)
	}
	if n := count(t, db, "SELECT count(*) FROM t"); n != 0 {
		t.Errorf("%d rows", n)
	}
	must(t, db, "INSERT INTO t VALUES (2)")
}

// TestDeferredKey violates a foreign key that is looked at on COMMIT.
func TestDeferredKey(t *testing.T) {
	t.Parallel()
	d := open(t)
	db := home(t, d)
	must(t, db, "CREATE TABLE parent (id integer PRIMARY KEY)")
	must(t, db, "CREATE TABLE child (parent integer REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)")
	tx := begun(t, db, driver.TxOptions{})
	must(t, tx, "INSERT INTO child VALUES (1)")
	if err := tx.Commit(t.Context()); d.Fault(err).Kind != driver.ForeignKey {
		t.Errorf("fault %+v of %v", d.Fault(err), err)
	}
	if n := count(t, db, "SELECT count(*) FROM child"); n != 0 {
		t.Errorf("%d rows", n)
	}
	must(t, db, "INSERT INTO parent VALUES (1)")
}

func TestFault(t *testing.T) {
	t.Parallel()
	d := open(t)
	db := home(t, d)
	must(t, db, "CREATE TABLE t (id integer PRIMARY KEY, a, b, n integer NOT NULL DEFAULT 1, "+
		"UNIQUE (a, b), CONSTRAINT small CHECK (n < 10))")
	must(t, db, "CREATE UNIQUE INDEX lowered ON t (lower(a)) WHERE b IS NULL")
	must(t, db, "CREATE TRIGGER loud BEFORE INSERT ON t WHEN new.n = 9 BEGIN SELECT RAISE(ROLLBACK, 'quoted value'); END")
	must(t, db, "INSERT INTO t (id, a, b) VALUES (1, 'x', 'y'), (2, 'z', NULL)")
	cases := []struct {
		name, text string
		want       driver.Fault // without Message
	}{
		{"primary key", "INSERT INTO t (id) VALUES (1)", driver.Fault{Kind: driver.Unique, Code: "1555", Table: "t", Column: "id"}},
		{"composite key", "INSERT INTO t (a, b) VALUES ('x', 'y')", driver.Fault{Kind: driver.Unique, Code: "2067", Table: "t", Column: "a, b"}},
		{"expression key", "INSERT INTO t (a) VALUES ('Z')", driver.Fault{Kind: driver.Unique, Code: "2067", Constraint: "lowered"}},
		{"check", "INSERT INTO t (n) VALUES (10)", driver.Fault{Kind: driver.Check, Code: "275", Constraint: "small"}},
		{"not null", "INSERT INTO t (n) VALUES (NULL)", driver.Fault{Kind: driver.NotNull, Code: "1299", Table: "t", Column: "n"}},
		{"trigger", "INSERT INTO t (n) VALUES (9)", driver.Fault{Kind: driver.OtherFault, Code: "1811"}},
		{"table", "DELETE FROM main.nowhere", driver.Fault{Kind: driver.MissingTable, Code: "1", Table: "nowhere"}},
		{"column", "DELETE FROM t WHERE t.missing = 1", driver.Fault{Kind: driver.MissingColumn, Code: "1", Column: "missing"}},
		{
			"column of an insert", "INSERT INTO t (missing) VALUES (1)",
			driver.Fault{Kind: driver.MissingColumn, Code: "1", Table: "t", Column: "missing"},
		},
		{"table exists", `CREATE TABLE "t" (a)`, driver.Fault{Kind: driver.ExistingTable, Code: "1", Table: "t"}},
		{"index exists", "CREATE INDEX lowered ON t (a)", driver.Fault{Kind: driver.ExistingTable, Code: "1"}},
		{"syntax", "NONSENSE", driver.Fault{Kind: driver.OtherFault, Code: "1"}},
	}
	for _, c := range cases {
		_, err := db.Exec(t.Context(), write(c.text))
		fault := d.Fault(fmt.Errorf("wrapped: %w", err))
		if (fault.Message == "") != (c.want.Kind == driver.OtherFault) {
			t.Errorf("%s: message %q of %v", c.name, fault.Message, err)
		}
		if fault.Message = ""; fault != c.want {
			t.Errorf("%s: fault %+v of %v, want %+v", c.name, fault, err, c.want)
		}
	}
	for _, err := range []error{nil, context.Canceled, sql.ErrNoRows} {
		if fault := d.Fault(err); fault != (driver.Fault{}) {
			t.Errorf("fault %+v of %v", fault, err)
		}
	}
}

// TestRaiseRollback has a trigger end the transaction.
func TestRaiseRollback(t *testing.T) {
	t.Parallel()
	db := home(t, open(t))
	must(t, db, "CREATE TABLE t (a)")
	must(t, db, "CREATE TRIGGER loud BEFORE INSERT ON t WHEN new.a = 9 BEGIN SELECT RAISE(ROLLBACK, 'no'); END")
	tx := begun(t, db, driver.TxOptions{})
	if _, err := tx.Exec(t.Context(), write("INSERT INTO t VALUES (9)")); err == nil {
		t.Fatal("no error")
	}
	if _, err := tx.Exec(t.Context(), write("INSERT INTO t VALUES (1)")); err == nil {
		t.Error("a statement runs outside the transaction that it belongs to")
	}
	if n := count(t, db, "SELECT count(*) FROM t"); n != 0 {
		t.Errorf("%d rows", n)
	}
}
