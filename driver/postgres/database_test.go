package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/postgres"
)

// TestNames asserts that a name that PostgreSQL would cut is refused everywhere: it would be
// another tenant's.
func TestNames(t *testing.T) {
	t.Parallel()
	_, d, _ := opened(t, asItIs)
	for _, name := range []string{strings.Repeat("x", 64), "a\x00b"} {
		_, created := d.Create(t.Context(), name)
		_, found := d.Open(t.Context(), name)
		for what, err := range map[string]error{"Create": created, "Open": found, "Drop": d.Drop(t.Context(), name)} {
			if err == nil {
				t.Errorf("%s of %q: no error", what, name)
			}
		}
	}
}

func TestDropRefused(t *testing.T) {
	t.Parallel()
	pool, d, db := opened(t, asItIs)
	for _, name := range []string{"postgres", "template0", "template1", pool.Config().ConnConfig.Database} {
		if err := d.Drop(t.Context(), name); err == nil {
			t.Errorf("dropped %s", name)
		}
	}
	exec(t, db, "SELECT 1")
}

// TestDropInUse asserts that a forgotten connection does not keep a database alive.
func TestDropInUse(t *testing.T) {
	t.Parallel()
	pool, d, _ := opened(t, asItIs)
	name := pool.Config().ConnConfig.Database + "_used"
	if _, err := d.Create(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	db, err := d.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	exec(t, db, "CREATE TABLE kept (id int)")
	if err := d.Drop(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), &driver.Statement{Text: "SELECT 1"}); err == nil {
		t.Error("the database is still there")
	}
}

// TestCloseInUse asserts that Close does not wait for a connection that is in use.
func TestCloseInUse(t *testing.T) {
	t.Parallel()
	pool, d, _ := opened(t, asItIs)
	name := pool.Config().ConnConfig.Database + "_busy"
	if _, err := d.Create(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	db, err := d.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin(t.Context(), driver.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := db.Close(); err != nil || time.Since(start) > closeSoon {
		t.Errorf("Close took %v, error %v", time.Since(start), err)
	}
	exec(t, tx, "SELECT 1")
	if err := tx.Commit(t.Context()); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
	if _, err := db.Exec(t.Context(), &driver.Statement{Text: "SELECT 1"}); err == nil {
		t.Error("a closed pool took a statement")
	}
}

const closeSoon = time.Second

// TestOptions asserts what an application's own way to connect changes.
func TestOptions(t *testing.T) {
	t.Parallel()
	pool, plain, _ := opened(t, asItIs)
	name := pool.Config().ConnConfig.Database + "_far"
	var asked []string
	d := postgres.New(pool, postgres.WithSchema("app"), postgres.WithConnect(
		func(ctx context.Context, database string) (*pgxpool.Pool, error) {
			asked = append(asked, database)
			if database == "refused" {
				return nil, errors.New("no server for it")
			}
			config := pool.Config()
			config.ConnConfig.Database = database
			return pgxpool.NewWithConfig(ctx, config)
		}))
	if got := d.Schema("") + d.Schema(name) + plain.Schema(""); got != "appapppublic" {
		t.Errorf("schemas %s", got)
	}
	if made, err := d.Create(t.Context(), name); err == nil || made {
		t.Errorf("Create on a server that is not known: %v", made)
	}
	if err := d.Drop(t.Context(), name); err != nil {
		t.Errorf("Drop of what is missing: %v", err)
	}
	if _, err := plain.Create(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if made, err := d.Create(t.Context(), name); err != nil || made {
		t.Errorf("Create of what is there: %v, %v", made, err)
	}
	if err := d.Drop(t.Context(), name); err == nil {
		t.Error("Drop on a server that is not known: no error")
	}
	db, err := d.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, db, "SELECT 1")
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if _, err := d.Open(t.Context(), "refused"); err == nil || !strings.Contains(err.Error(), "no server for it") {
		t.Errorf("Open: %v", err)
	}
	if len(asked) == 0 || asked[0] != name {
		t.Errorf("asked for %q", asked)
	}
}

// TestConnections asserts that a tenant's own database does not take the home's share.
func TestConnections(t *testing.T) {
	t.Parallel()
	pool, plain, _ := opened(t, func(c *pgxpool.Config) { c.MinConns = 2 })
	name := pool.Config().ConnConfig.Database + "_small"
	if _, err := plain.Create(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	db, err := postgres.New(pool, postgres.WithConnections(1)).Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin(t.Context(), driver.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := db.Exec(ctx, &driver.Statement{Text: "SELECT 1"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second connection: %v", err)
	}
	if err := errors.Join(tx.Rollback(t.Context()), db.Close()); err != nil {
		t.Error(err)
	}
}

// TestIdleConnections asserts that the home's MinConns is not every tenant's too.
func TestIdleConnections(t *testing.T) {
	t.Parallel()
	pool, d, _ := opened(t, func(c *pgxpool.Config) { c.MinConns, c.MinIdleConns = 3, 3 })
	name := pool.Config().ConnConfig.Database + "_idle"
	if _, err := d.Create(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	db, err := d.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	count := &driver.Statement{
		Text:    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'",
		Columns: []dialect.Kind{dialect.Int64},
	}
	// pgxpool fills up in the background, within a moment.
	for range 10 {
		var n int64
		if err := one(t, db, count, &n); err != nil || n != 1 {
			t.Fatalf("%d connections, want 1, error %v", n, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
