package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/sqlite"
)

func home(t *testing.T, d *sqlite.Driver) driver.DB {
	t.Helper()
	db, err := d.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func write(text string) *driver.Statement { return &driver.Statement{Text: text, Write: true} }

func read(text string) *driver.Statement { return &driver.Statement{Text: text} }

func must(t *testing.T, r driver.Runner, text string) {
	t.Helper()
	if _, err := r.Exec(t.Context(), write(text)); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func count(t *testing.T, r driver.Runner, text string) (n int64) {
	t.Helper()
	rows, err := r.Query(t.Context(), read(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for rows.Next() {
		if err := rows.Scan([]any{&n}); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

func begun(t *testing.T, db driver.DB, o driver.TxOptions) driver.Tx {
	t.Helper()
	tx, err := db.Begin(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tx.Rollback(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return tx
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := filepath.Join(dir, "home.sqlite")
	cases := []struct {
		name, path string
		opts       []sqlite.Option
		want       string
	}{
		{"no path", "", nil, "empty"},
		{"memory", ":memory:", nil, "sqlite.Temporary"},
		{"URI", "file:x?mode=memory", nil, "sqlite.Temporary"},
		{"zero byte", "a\x00b", nil, "zero byte"},
		{"no directory", filepath.Join(dir, "none", "home.sqlite"), nil, "no such file"},
		{"a directory", dir, nil, "directory"},
		{"no directory for databases", good, []sqlite.Option{sqlite.WithDirectory(filepath.Join(dir, "none"))}, "no such file"},
		{"one connection", good, []sqlite.Option{sqlite.WithConnections(1, 4)}, "two are the least"},
		{"no timeout", good, []sqlite.Option{sqlite.WithBusyTimeout(0)}, "busy timeout"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := sqlite.New(c.path, c.opts...); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

// TestPath opens files whose names mean something in a URI.
func TestPath(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b", "a?b=c", "a%20b", "a#b", "a&b;c", "ä", "file:x"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		d, err := sqlite.New(path)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		must(t, home(t, d), "CREATE TABLE t (a)")
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), name) {
				t.Errorf("%q made %q", name, e.Name())
			}
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestTemporary(t *testing.T) {
	t.Parallel()
	d, err := sqlite.Temporary()
	if err != nil {
		t.Fatal(err)
	}
	must(t, home(t, d), "CREATE TABLE t (a)")
	if _, err := d.Create(t.Context(), "other"); err != nil {
		t.Fatal(err)
	}
	var path string
	if err := d.Pool().QueryRowContext(t.Context(), "SELECT file FROM pragma_database_list").Scan(&path); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !os.IsNotExist(err) {
		t.Errorf("the directory is left: %v", err)
	}
}

// TestSettings reads what every connection is set to.
func TestSettings(t *testing.T) {
	t.Parallel()
	d := open(t)
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "foreign_keys": "1", "synchronous": "1", "busy_timeout": "10000",
	} {
		var got string
		if err := d.Pool().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %s", pragma, got, err, want)
		}
	}
	if _, err := home(t, d).Query(t.Context(), read(`SELECT "misspelled"`)); d.Fault(err).Kind != driver.MissingColumn {
		t.Errorf("a misspelled column is taken for a text: %v", err)
	}
}

func TestDatabaseNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, err := sqlite.New(filepath.Join(dir, "home.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	bad := []string{
		"..", ".", "../x", "a/b", `a\b`, "a\x00b", " ", "a b", ".hidden", "-rf", "x.", "a:b", "ä",
		strings.Repeat("x", 201), "home", "%2e%2e", "a?b", "~/x",
	}
	for _, name := range bad {
		if made, err := d.Create(t.Context(), name); err == nil {
			t.Errorf("Create(%q): %v", name, made)
		}
		if _, err := d.Open(t.Context(), name); err == nil {
			t.Errorf("Open(%q): no error", name)
		}
		if err := d.Drop(t.Context(), name); err == nil {
			t.Errorf("Drop(%q): no error", name)
		}
	}
	must(t, home(t, d), "CREATE TABLE t (a)")
	if err := os.Symlink(filepath.Join(dir, "home.db"), filepath.Join(dir, "linked.db")); err != nil {
		t.Fatal(err)
	}
	if err := d.Drop(t.Context(), "linked"); err == nil {
		t.Error("Drop of a link to the home: no error")
	}
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := open(t, sqlite.WithDirectory(dir))
	if _, err := d.Create(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "one.db")); err != nil {
		t.Error(err)
	}
}

// TestDropOpen asserts that files in use are not removed, and that a new file does not meet the
// log of an old one.
// TestDropElsewhere removes a database that another process has open, which then finds nothing in it, and makes it
// again.
func TestDropElsewhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	here, there := open(t, sqlite.WithDirectory(dir)), open(t, sqlite.WithDirectory(dir))
	made := func(d *sqlite.Driver) driver.DB {
		if _, err := d.Create(t.Context(), "one"); err != nil {
			t.Fatal(err)
		}
		db, err := d.Open(t.Context(), "one")
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	stale := made(there)
	must(t, stale, "CREATE TABLE t (a)")
	must(t, stale, "CREATE TABLE u (a REFERENCES t (a))")
	must(t, stale, "INSERT INTO t VALUES (1)")
	if err := here.Drop(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	fresh := made(here)
	must(t, fresh, "CREATE TABLE t (a)")
	for _, text := range []string{"INSERT INTO t VALUES (2)", "SELECT count(*) FROM t"} {
		_, err := stale.Exec(t.Context(), write(text))
		if there.Fault(err).Kind != driver.MissingTable {
			t.Errorf("%s in the removed file: %v", text, err)
		}
	}
	if err := stale.Close(); err != nil {
		t.Error(err)
	}
	if n := count(t, fresh, "SELECT count(*) FROM t"); n != 0 {
		t.Errorf("%d rows", n)
	}
	again, err := there.Open(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	must(t, again, "INSERT INTO t VALUES (3)")
	if n := count(t, fresh, "SELECT count(*) FROM t"); n != 1 {
		t.Errorf("%d rows", n)
	}
	for _, db := range []driver.DB{again, fresh} {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestDropOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := open(t, sqlite.WithDirectory(dir))
	if _, err := d.Create(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	db, err := d.Open(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	must(t, db, "CREATE TABLE t (a)")
	if err := d.Drop(t.Context(), "one"); err == nil {
		t.Error("Drop of an open database: no error")
	}
	if err := errors.Join(db.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := d.Drop(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

// TestFileVanishes asserts that no connection creates a file that was removed under it.
func TestFileVanishes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := open(t, sqlite.WithDirectory(dir))
	if _, err := d.Create(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	db, err := d.Open(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx := begun(t, db, driver.TxOptions{ReadOnly: true}) // the idle connection
	for _, suffix := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(filepath.Join(dir, "one.db"+suffix))
	}
	if _, err := db.Query(t.Context(), read("SELECT 1 FROM sqlite_schema")); d.Fault(err).Kind != driver.Unreachable {
		t.Errorf("fault %+v of %v", d.Fault(err), err)
	}
	if _, err := os.Stat(filepath.Join(dir, "one.db")); err == nil {
		t.Error("the file is back")
	}
	_ = tx
}

func TestJoinForeign(t *testing.T) {
	t.Parallel()
	d := open(t)
	other, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := home(t, d).Join(t.Context(), tx); !errors.Is(err, driver.ErrForeignTx) {
		t.Errorf("error %v", err)
	}
	if _, err := home(t, d).Join(t.Context(), (*sql.Tx)(nil)); !errors.Is(err, driver.ErrForeignTx) {
		t.Errorf("nil: %v", err)
	}
}

// TestJoinOtherPool joins a transaction of a pool that the application opened on the same file,
// by another name of it.
func TestJoinOtherPool(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "home.sqlite")
	d, err := sqlite.New(path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := os.Symlink(path, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	own, err := sql.Open("sqlite", filepath.Join(dir, "link"))
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	native, err := own.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := home(t, d).Join(t.Context(), native)
	if err != nil {
		t.Fatal(err)
	}
	must(t, tx, "CREATE TABLE t (a)")
	if err := native.Commit(); err != nil {
		t.Fatal(err)
	}
	if n := count(t, home(t, d), "SELECT count(*) FROM t"); n != 0 {
		t.Error(n)
	}
}

// TestOpenTogether opens and closes one database in many goroutines.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	d := open(t)
	if _, err := d.Create(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 10 {
				db, err := d.Open(t.Context(), "one")
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := db.Exec(t.Context(), write("CREATE TABLE IF NOT EXISTS t (a)")); err != nil {
					t.Error(err)
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if err := d.Drop(t.Context(), "one"); err != nil {
		t.Errorf("all are closed: %v", err)
	}
}

func TestCreateTogether(t *testing.T) {
	t.Parallel()
	d := open(t)
	made := make(chan bool, 16)
	var group sync.WaitGroup
	for range cap(made) {
		group.Go(func() {
			m, err := d.Create(t.Context(), "one")
			if err != nil {
				t.Error(err)
			}
			made <- m
		})
	}
	group.Wait()
	close(made)
	n := 0
	for m := range made {
		if m {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d goroutines made the database", n)
	}
}

const brief = 200 * time.Millisecond

// TestReadOnly reads a file as it is: nothing is written to it or made beside it, and there must be one.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "app.db")
	if _, err := sqlite.New(path, sqlite.WithReadOnly()); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("without a file: %v", err)
	}
	d, err := sqlite.New(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"CREATE TABLE t (a)", "INSERT INTO t VALUES (1)", "PRAGMA journal_mode = DELETE"} {
		if _, err := d.Pool().ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = sqlite.New(path, sqlite.WithReadOnly()); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := d.Pool().QueryRowContext(t.Context(), "SELECT a FROM t").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := d.Pool().ExecContext(t.Context(), "DELETE FROM t"); err == nil {
		t.Error("a row was deleted")
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed: %v", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("there are %v, %v", files, err)
	}
}
