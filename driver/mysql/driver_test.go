package mysql_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	native "github.com/go-sql-driver/mysql"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/mysql"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

func home(t *testing.T, d *mysql.Driver) driver.DB {
	t.Helper()
	db, err := d.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func must(t *testing.T, r driver.Runner, text string) {
	t.Helper()
	if _, err := r.Exec(t.Context(), &driver.Statement{Text: text, Write: true}); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// value reads one text.
func value(t *testing.T, r driver.Runner, text string) (v string) {
	t.Helper()
	rows, err := r.Query(t.Context(), &driver.Statement{Text: text})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for rows.Next() {
		if err := rows.Scan([]any{&v}); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
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

func config(t *testing.T) *native.Config {
	t.Helper()
	c, err := native.ParseDSN(testdb.MySQL(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestNewRefusesServer meets servers that the driver cannot work with.
func TestNewRefusesServer(t *testing.T) {
	t.Parallel()
	lax := config(t)
	lax.Params = map[string]string{"sql_mode": "''"}
	missing := config(t)
	missing.DBName += "_missing"
	for name, c := range map[string]struct {
		config *native.Config
		want   string
	}{
		"not strict": {lax, "STRICT_TRANS_TABLES"},
		"missing":    {missing, missing.DBName},
	} {
		if _, err := mysql.New(t.Context(), c.config.FormatDSN()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
	if _, err := mysql.New(t.Context(), config(t).FormatDSN(), mysql.WithConnections(0, 1)); err == nil {
		t.Error("no connections: no error")
	}
}

func TestDialect(t *testing.T) {
	t.Parallel()
	if d := open(t); d.Dialect().Name() != "mariadb" || !d.Dialect().Has(dialect.Returning) {
		t.Errorf("dialect %s", d.Dialect().Name())
	}
	if d := open(t, mysql.WithoutReturning()); d.Dialect().Has(dialect.Returning) {
		t.Error("returns rows of an insert")
	}
}

func TestDatabaseNames(t *testing.T) {
	t.Parallel()
	d := open(t)
	bad := []string{
		"mysql", "Information_Schema", d.Schema(""), strings.ToUpper(d.Schema("")),
		strings.Repeat("x", 65), "a\x00b", "a ", "a/b", `a\b`, "a\nb", "😀",
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
	if value(t, home(t, d), "SELECT DATABASE()") != d.Schema("") {
		t.Error("the home is gone")
	}
}

// TestCollation asserts that texts compare byte by byte in a database that the driver made.
func TestCollation(t *testing.T) {
	t.Parallel()
	d := open(t)
	name := d.Schema("") + "_made"
	if made, err := d.Create(t.Context(), name); err != nil || !made {
		t.Fatal(made, err)
	}
	db, err := d.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	must(t, db, "CREATE TABLE t (a varchar(20) UNIQUE)")
	must(t, db, "INSERT INTO t VALUES ('a'), ('A'), ('a '), ('ä'), ('😀')")
	if n := value(t, db, "SELECT count(*) FROM t WHERE a = 'a'"); n != "1" {
		t.Errorf("%s rows are 'a'", n)
	}
}

// TestIsolation asserts that a level holds for its transaction and not for the next one on the
// connection.
func TestIsolation(t *testing.T) {
	t.Parallel()
	d := open(t, mysql.WithConnections(1, 1))
	db := home(t, d)
	must(t, db, "CREATE TABLE t (a int)")
	const level = "SELECT trx_isolation_level FROM information_schema.innodb_trx " +
		"WHERE trx_mysql_thread_id = CONNECTION_ID()"
	for isolation, want := range map[driver.Isolation]string{
		driver.ReadCommitted: "READ COMMITTED", driver.RepeatableRead: "REPEATABLE READ", driver.Serializable: "SERIALIZABLE",
	} {
		for _, o := range []driver.TxOptions{{Isolation: isolation}, {}} {
			if o.Isolation == driver.DefaultIsolation {
				want = "REPEATABLE READ"
			}
			tx := begun(t, db, o)
			must(t, tx, "INSERT INTO t VALUES (1)")
			// InnoDB renews what it tells about transactions every tenth of a second.
			time.Sleep(150 * time.Millisecond)
			if got := value(t, tx, level); got != want {
				t.Errorf("%+v: %q, want %q", o, got, want)
			}
			if err := tx.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := db.Begin(t.Context(), driver.TxOptions{Isolation: 9}); err == nil {
		t.Error("a level that is none: no error")
	}
}

// TestConnect reaches databases through the application's own configuration.
func TestConnect(t *testing.T) {
	t.Parallel()
	base := config(t)
	name := base.DBName + "_far"
	var change func(*native.Config)
	d, err := mysql.New(t.Context(), base.FormatDSN(), mysql.WithConnect(
		func(_ context.Context, database string) (*native.Config, error) {
			if database == "nowhere" {
				return nil, errors.New("nobody knows it")
			}
			c := base.Clone()
			c.DBName = ""
			if change != nil {
				change(c)
			}
			return c, nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if made, err := d.Create(t.Context(), name); err != nil || !made {
		t.Fatal(made, err)
	}
	db, err := d.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if got := value(t, db, "SELECT DATABASE()"); got != name {
		t.Errorf("connected to %q", got)
	}
	if err := errors.Join(db.Close(), d.Drop(t.Context(), name)); err != nil {
		t.Error(err)
	}
	if _, err := d.Open(t.Context(), "nowhere"); err == nil || !strings.Contains(err.Error(), "nobody knows it") {
		t.Errorf("error %v", err)
	}
	for _, change = range []func(*native.Config){
		func(c *native.Config) { c.DBName = "another" },
		func(c *native.Config) { c.MultiStatements = true },
		func(c *native.Config) { c.Collation = "latin1_bin" },
		func(c *native.Config) { _ = c.Apply(native.Charset("latin1", "")) },
	} {
		if _, err := d.Open(t.Context(), name); err == nil || !strings.Contains(err.Error(), "WithConnect") {
			t.Errorf("error %v", err)
		}
	}
}

// TestDeadlockVictim goes on in a transaction that the server has rolled back: what comes next
// would be committed statement by statement.
func TestDeadlockVictim(t *testing.T) {
	t.Parallel()
	d := open(t)
	db := home(t, d)
	must(t, db, "CREATE TABLE t (id int PRIMARY KEY, a int)")
	must(t, db, "INSERT INTO t VALUES (1, 0), (2, 0)")
	one, two := begun(t, db, driver.TxOptions{}), begun(t, db, driver.TxOptions{})
	must(t, one, "UPDATE t SET a = 1 WHERE id = 1")
	must(t, two, "UPDATE t SET a = 2 WHERE id = 2")
	errs := make(chan error, 1)
	go func() {
		_, err := one.Exec(t.Context(), &driver.Statement{Text: "UPDATE t SET a = 1 WHERE id = 2", Write: true})
		errs <- err
	}()
	_, err := two.Exec(t.Context(), &driver.Statement{Text: "UPDATE t SET a = 2 WHERE id = 1", Write: true})
	victim := two
	if first := <-errs; first != nil {
		victim, err = one, first
	}
	if d.Fault(err).Kind != driver.Deadlock {
		t.Fatalf("fault %+v of %v", d.Fault(err), err)
	}
	_, err = victim.Exec(t.Context(), &driver.Statement{Text: "INSERT INTO t VALUES (3, 3)", Write: true})
	if d.Fault(err).Kind != driver.Deadlock {
		t.Errorf("the next statement: %v", err)
	}
	if err := victim.Commit(t.Context()); d.Fault(err).Kind != driver.Deadlock {
		t.Errorf("Commit: %v", err)
	}
	if n := value(t, db, "SELECT count(*) FROM t WHERE id = 3"); n != "0" {
		t.Error("a row was written outside the transaction")
	}
}

// TestKilled has the server end connections, in a transaction and in the pool.
func TestKilled(t *testing.T) {
	t.Parallel()
	d := open(t)
	db := home(t, d)
	must(t, db, "CREATE TABLE t (a int)")
	tx := begun(t, db, driver.TxOptions{})
	must(t, tx, "INSERT INTO t VALUES (1)")
	must(t, db, "KILL "+value(t, tx, "SELECT CONNECTION_ID()"))
	_, err := tx.Exec(t.Context(), &driver.Statement{Text: "INSERT INTO t VALUES (2)", Write: true})
	if d.Fault(err).Kind != driver.Unreachable {
		t.Errorf("fault %+v of %v", d.Fault(err), err)
	}
	if err := tx.Commit(t.Context()); err == nil {
		t.Error("Commit: no error")
	}
	if n := value(t, db, "SELECT count(*) FROM t"); n != "0" {
		t.Errorf("%s rows", n)
	}
}

// TestCommitKilled ends the connection, and the statement alone, while a commit waits. Of the one nobody knows
// what became of it. The other is undone, and what its connection does next is no part of it.
func TestCommitKilled(t *testing.T) {
	t.Parallel()
	for _, kill := range []string{"KILL ", "KILL QUERY "} {
		d := open(t)
		db := home(t, d)
		must(t, db, "CREATE TABLE t (a int)")
		tx := begun(t, db, driver.TxOptions{})
		id := value(t, tx, "SELECT CONNECTION_ID()")
		must(t, tx, "INSERT INTO t VALUES (1)")
		wall := begun(t, db, driver.TxOptions{}) // holds commits up
		must(t, wall, "BACKUP STAGE START")
		must(t, wall, "BACKUP STAGE BLOCK_COMMIT")
		done := make(chan error, 1)
		go func() { done <- tx.Commit(t.Context()) }()
		for value(t, wall, "SELECT count(*) FROM information_schema.processlist WHERE info = 'COMMIT' AND id = "+id) == "0" {
			continue
		}
		must(t, wall, kill+id)
		err := <-done
		must(t, wall, "BACKUP STAGE END")
		if err := wall.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
		lost := kill == "KILL "
		if err == nil || errors.Is(err, driver.ErrAmbiguous) != lost {
			t.Errorf("%s: %v", kill, err)
		}
		must(t, db, "INSERT INTO t VALUES (2)")
		if n := value(t, db, "SELECT count(*) FROM t"); n != "1" && !lost {
			t.Errorf("%s: %s rows", kill, n)
		}
	}
}

func TestJoinForeign(t *testing.T) {
	t.Parallel()
	d := open(t)
	c := config(t)
	other, err := sql.Open("mysql", c.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := home(t, d).Join(t.Context(), tx); !errors.Is(err, driver.ErrForeignTx) || !strings.Contains(err.Error(), c.DBName) {
		t.Errorf("error %v", err)
	}
}
