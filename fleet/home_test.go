package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/mysql"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// home is a database server, or a directory of files, that a test has to itself.
type home struct {
	drv driver.Driver
	own string // what the names of databases begin with
	dir string // of SQLite's files

	inventoryText string
}

// freshness is short, because dropping from shared tables waits for it.
const freshness = 600 * time.Millisecond

var engines = map[string]func(t testing.TB) *home{"sqlite": onSQLite, "postgres": onPostgres, "mariadb": onMariaDB}

// onEach runs a test on every engine, each with a home of its own.
func onEach(t *testing.T, fn func(t *testing.T, h *home)) {
	t.Helper()
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fn(t, open(t))
		})
	}
}

func onSQLite(t testing.TB) *home {
	path := testdb.SQLite(t)
	d, err := sqlite.New(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return &home{
		drv: d, own: "t", dir: filepath.Dir(path),
		inventoryText: "SELECT type || ' ' || name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'",
	}
}

func onPostgres(t testing.TB) *home {
	pool := connect(t, testdb.Postgres(t), nil)
	name := pool.Config().ConnConfig.Database
	return &home{drv: postgres.New(pool), own: name, inventoryText: `
		SELECT 'relation ' || n.nspname || '.' || relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
			WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
		UNION ALL SELECT 'constraint ' || nspname || '.' || conname FROM pg_constraint c JOIN pg_namespace n ON n.oid = connamespace
			WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
		UNION ALL SELECT 'type ' || nspname || '.' || typname FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace
			WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
		UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname !~ '^pg_'
		UNION ALL SELECT 'database ' || datname FROM pg_database WHERE starts_with(datname, current_database())`}
}

func connect(t testing.TB, url string, change func(*pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 8
	if change != nil {
		change(config)
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func onMariaDB(t testing.TB) *home {
	d, err := mysql.New(t.Context(), testdb.MySQL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	own := d.Schema("")
	like := "LEFT(%s, CHAR_LENGTH(DATABASE())) = DATABASE()"
	return &home{drv: d, own: own, inventoryText: `
		SELECT CONCAT('table ', table_schema, '.', table_name) FROM information_schema.tables WHERE ` + fmt.Sprintf(like, "table_schema") + `
		UNION ALL SELECT CONCAT('constraint ', constraint_schema, '.', constraint_name) FROM information_schema.table_constraints
			WHERE ` + fmt.Sprintf(like, "constraint_schema") + `
		UNION ALL SELECT CONCAT('index ', table_schema, '.', table_name, '.', index_name, ' ', GROUP_CONCAT(column_name ORDER BY seq_in_index))
			FROM information_schema.statistics WHERE ` + fmt.Sprintf(like, "table_schema") + ` GROUP BY table_schema, table_name, index_name
		UNION ALL SELECT CONCAT('schema ', schema_name) FROM information_schema.schemata WHERE ` + fmt.Sprintf(like, "schema_name")}
}

// inventory lists all that there is.
func (h *home) inventory(t testing.TB) []string {
	t.Helper()
	list := h.query(t, "", h.inventoryText)
	if h.dir != "" {
		entries, err := os.ReadDir(h.dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), "main.db") {
				list = append(list, "file "+e.Name())
			}
		}
	}
	slices.Sort(list)
	return list
}

// query returns the first column of a query's rows as text.
func (h *home) query(t testing.TB, database, text string) (list []string) {
	t.Helper()
	db, err := h.drv.Open(context.Background(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(context.Background(), &driver.Statement{Text: text, Columns: []dialect.Kind{dialect.Text}})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	defer rows.Close()
	for rows.Next() {
		var value string
		if err := rows.Scan([]any{&value}); err != nil {
			t.Fatal(err)
		}
		list = append(list, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return list
}

func (h *home) exec(t testing.TB, database, text string) {
	t.Helper()
	if err := h.try(database, text); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

func (h *home) try(database, text string) error {
	db, err := h.drv.Open(context.Background(), database)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(context.Background(), &driver.Statement{Text: text, Write: true})
	return err
}

// placements are one of each kind, with names that the home may use.
func (h *home) placements() map[string]rowhouse.Placement {
	return map[string]rowhouse.Placement{
		"prefix":   rowhouse.Prefix(),
		"schema":   rowhouse.Schema(h.own + "_s_{tenant}"),
		"database": rowhouse.Database(h.own + "_d_{tenant}"),
		"shared":   rowhouse.Shared(),
	}
}

// open opens a DB and its fleet on a driver of the home's.
func open(t testing.TB, drv driver.Driver, o rowhouse.Options, fo fleet.Options) (*rowhouse.DB, *fleet.Fleet) {
	t.Helper()
	if o.Models == nil {
		o.Models = rowhouse.Models(Comments, Cases)
	}
	if o.Freshness == 0 {
		o.Freshness = freshness
	}
	db, err := rowhouse.Open(t.Context(), drv, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db, fleet.New(db, fo)
}

// initialized is open with the catalog's tables made.
func initialized(t testing.TB, drv driver.Driver, o rowhouse.Options) (*rowhouse.DB, *fleet.Fleet) {
	t.Helper()
	db, f := open(t, drv, o, fleet.Options{})
	if err := f.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db, f
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// works writes rows for a tenant and reads them back, and fails if there are others.
func works(t testing.TB, db *rowhouse.DB, id string) {
	t.Helper()
	ctx := t.Context()
	tenant, err := db.Tenant(ctx, id)
	must(t, err)
	c := Case{Title: "of " + id}
	must(t, Cases.In(tenant).Insert(ctx, &c))
	for range 2 {
		must(t, Comments.In(tenant).Insert(ctx, &Comment{CaseID: c.ID, Body: "by " + id}))
	}
	got, err := Cases.In(tenant).All(ctx)
	must(t, err)
	if len(got) != 1 || got[0].Title != "of "+id || got[0].Status != "open" {
		t.Errorf("tenant %q has the cases %+v", id, got)
	}
	comments, err := Comments.In(tenant).All(ctx)
	must(t, err)
	if len(comments) != 2 || comments[0].Body != "by "+id || comments[0].ID == comments[1].ID {
		t.Errorf("tenant %q has the comments %+v", id, comments)
	}
	err = Comments.In(tenant).Insert(ctx, &Comment{CaseID: c.ID + 1000, Body: "of no case"})
	if !errors.Is(err, rowhouse.ErrReference) {
		t.Errorf("tenant %q: a comment of no case: %v", id, err)
	}
	child := Case{Title: "child of " + id, ParentID: &c.ID}
	must(t, Cases.In(tenant).Insert(ctx, &child))
}

func sameInventory(t testing.TB, before, after []string) {
	t.Helper()
	for _, name := range after {
		if !slices.Contains(before, name) {
			t.Errorf("stray: %s", name)
		}
	}
	for _, name := range before {
		if !slices.Contains(after, name) {
			t.Errorf("gone: %s", name)
		}
	}
}
