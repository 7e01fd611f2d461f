package rowhouse_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/mysql"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// engine is a database that the tests run on. Open returns a driver, and the beginning of names
// for further databases, which on servers are shared by all tests.
type engine struct {
	name string
	open func(t *testing.T) (drv driver.Driver, prefix string)
}

var engines = []engine{
	{"sqlite", func(t *testing.T) (driver.Driver, string) {
		drv, err := sqlite.New(testdb.SQLite(t))
		ok(t, err)
		t.Cleanup(func() { ok(t, drv.Close()) })
		return drv, "tenant"
	}},
	{"postgres", func(t *testing.T) (driver.Driver, string) {
		pool, err := pgxpool.New(t.Context(), testdb.Postgres(t))
		ok(t, err)
		t.Cleanup(pool.Close)
		return postgres.New(pool), pool.Config().ConnConfig.Database
	}},
	{"mariadb", func(t *testing.T) (driver.Driver, string) { return openMySQL(t) }},
	{"mysql", func(t *testing.T) (driver.Driver, string) { return openMySQL(t, mysql.WithoutReturning()) }},
}

func openMySQL(t *testing.T, opts ...mysql.Option) (driver.Driver, string) {
	t.Helper()
	drv, err := mysql.New(t.Context(), testdb.MySQL(t), opts...)
	ok(t, err)
	t.Cleanup(func() { ok(t, drv.Close()) })
	return drv, drv.Schema("")
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// is fails the test unless err is the one that is wanted.
func is(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
}

// site is one tenant on one engine.
type site struct {
	engine string
	db     *rowhouse.DB
	tenant *rowhouse.Tenant
	other  *rowhouse.Tenant // another tenant in the same kind of placement
}

// everywhere runs a test for a tenant in every placement on every engine.
func everywhere(t *testing.T, models []rowhouse.AnyModel, fn func(t *testing.T, s site)) {
	t.Helper()
	everywhereWith(t, rowhouse.Options{Models: models}, fn)
}

// everywhereWith is everywhere with more options than the models.
func everywhereWith(t *testing.T, o rowhouse.Options, fn func(t *testing.T, s site)) {
	t.Helper()
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			drv, prefix := e.open(t)
			db := openFleetWith(t, drv, prefix, o)
			for name := range placements(prefix) {
				t.Run(name, func(t *testing.T) {
					fn(t, site{engine: e.name, db: db, tenant: tenantOf(t, db, name), other: tenantOf(t, db, name+"_2")})
				})
			}
		})
	}
}

func openFleet(t *testing.T, drv driver.Driver, prefix string, models []rowhouse.AnyModel) *rowhouse.DB {
	t.Helper()
	return openFleetWith(t, drv, prefix, rowhouse.Options{Models: models})
}

func openFleetWith(t *testing.T, drv driver.Driver, prefix string, o rowhouse.Options) *rowhouse.DB {
	t.Helper()
	o.Freshness = time.Hour
	db, err := rowhouse.Open(t.Context(), drv, o)
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	houses := fleet.New(db, fleet.Options{})
	for name, placement := range placements(prefix) {
		for _, id := range []string{name, name + "_2"} {
			ok(t, houses.Provision(t.Context(), fleet.NewTenant{ID: id, Placement: placement}))
			placement = second(placement)
		}
	}
	return db
}

// placements are one of each kind.
func placements(prefix string) map[string]rowhouse.Placement {
	return map[string]rowhouse.Placement{
		"prefix": rowhouse.Prefix(), "shared": rowhouse.Shared(),
		"schema": rowhouse.Schema(prefix + "_s"), "database": rowhouse.Database(prefix + "_d"),
	}
}

func second(p rowhouse.Placement) rowhouse.Placement {
	if p.Name != "" {
		p.Name += "2"
	}
	return p
}

func tenantOf(t *testing.T, db *rowhouse.DB, id string) *rowhouse.Tenant {
	t.Helper()
	tenant, err := db.Tenant(t.Context(), id)
	ok(t, err)
	return tenant
}

// TestNamesThatTheEngineKeeps has what one engine reserves be refused there, before any SQL.
func TestNamesThatTheEngineKeeps(t *testing.T) {
	t.Parallel()
	drv, _ := engines[0].open(t)
	db, err := rowhouse.Open(t.Context(), drv, rowhouse.Options{Models: people})
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	houses := fleet.New(db, fleet.Options{})
	is(t, houses.Provision(t.Context(), fleet.NewTenant{ID: "sqlite"}), rowhouse.ErrPlacement)
	ok(t, houses.Provision(t.Context(), fleet.NewTenant{ID: "sqlite", Placement: rowhouse.Shared()}))
	type Row struct {
		ID int64 `db:"id,pk"`
	}
	_, err = rowhouse.Open(t.Context(), drv, rowhouse.Options{Models: rowhouse.Models(rowhouse.MustDefine[Row]("sqlite_case"))})
	if _, isMistake := errors.AsType[*rowhouse.DefinitionError](err); !isMistake {
		t.Errorf("got %v", err)
	}
}

// TestWritesWantACondition has every way to say nothing be refused by writes.
func TestWritesWantACondition(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		table := persons.In(s.tenant)
		person(t, s.tenant, "ann")
		for name, p := range map[string]rowhouse.Predicate[Person]{
			"zero": {}, "no filters": rowhouse.And[Person](),
			"nested": rowhouse.And(rowhouse.And[Person](), rowhouse.And(rowhouse.And[Person]())),
		} {
			_, err := table.DeleteWhere(t.Context(), p)
			is(t, err, rowhouse.ErrInvalid)
			_, err = table.UpdateWhere(t.Context(), p, personAge.Set(1))
			is(t, err, rowhouse.ErrInvalid)
			if n, err := table.Count(t.Context()); err != nil || n != 1 {
				t.Errorf("%s: %d rows, %v", name, n, err)
			}
		}
		if n, err := table.Where(rowhouse.And[Person]()).Count(t.Context()); err != nil || n != 1 {
			t.Errorf("a read without filters: %d rows, %v", n, err)
		}
		_, err := table.Where(personEmail.Like(`a\`)).All(t.Context())
		is(t, err, rowhouse.ErrInvalid)
		_, err = table.Where(personEmail.Like("a\x00b")).All(t.Context())
		is(t, err, rowhouse.ErrInvalid)
		if n, err := table.Where(personEmail.Like(`\a__`)).Count(t.Context()); err != nil || n != 1 {
			t.Errorf("an escaped letter: %d rows, %v", n, err)
		}
	})
}
