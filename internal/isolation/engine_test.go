package isolation

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	nativemysql "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/driver/mysql"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// engine is what the proof has to know of an engine.
type engine struct {
	name    string
	quote   string
	mark    string // of a statement's first argument
	longest int    // name
	home    string // the schema of tables that have none of their own
	prefix  string // of the names of schemas and databases, so that they are cleaned up
	filed   bool   // a schema is a database
	homonym bool   // a database is a schema of its own name

	limits   limits
	aborts   bool // a failed statement ends the transaction
	rowLocks bool // rows are locked, and locked ones can be passed over
	gapLocks bool // what lies between rows is locked as well
}

func sqliteEngine() *engine {
	return &engine{name: "sqlite", quote: `"`, mark: "?", longest: 63, home: "main", filed: true}
}

func postgresEngine() *engine {
	return &engine{
		name: "postgres", quote: `"`, mark: "$1", longest: 63, home: "public",
		limits: limits{sized: true}, aborts: true, rowLocks: true,
	}
}

func mariaDBEngine(home string) *engine {
	return &engine{
		name: "mariadb", quote: "`", mark: "?", longest: 64, home: home, prefix: home + "_", homonym: true,
		limits: limits{sized: true}, rowLocks: true, gapLocks: true,
	}
}

// homeConnections are fewer than the goroutines, so that every connection is everybody's. The catalog's own are beside
// them.
const homeConnections, otherConnections = 3, 2

// sqliteGround has two drivers on one home, as two processes would.
func sqliteGround(t *testing.T) *ground {
	t.Helper()
	path := testdb.SQLite(t)
	open := func() *sqlite.Driver {
		d, err := sqlite.New(path, sqlite.WithConnections(homeConnections, otherConnections))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
		return d
	}
	work, behind := open(), open()
	return &ground{engine: sqliteEngine(), work: work, behind: behind, maker: behind, pristine: func(ctx context.Context) error {
		return sqliteSessions(ctx, work.Pool())
	}}
}

func postgresGround(t *testing.T) *ground  { return newPostgresGround(t, false) }
func pgBouncerGround(t *testing.T) *ground { return newPostgresGround(t, true) }
func securedGround(t *testing.T) *ground {
	g := newPostgresGround(t, false)
	g.secure = true
	return g
}

// newPostgresGround works as a role of its own that owns the home and may make databases, and
// looks behind as a superuser.
func newPostgresGround(t *testing.T, pooled bool) *ground {
	t.Helper()
	role := newRole(t)
	admin := testdb.Postgres(t)
	e := postgresEngine()
	e.prefix = strings.TrimPrefix(parsed(t, admin).Path, "/") + "_"
	onPostgres(t, admin, "ALTER DATABASE "+quoteName(strings.TrimSuffix(e.prefix, "_"))+" OWNER TO "+quoteName(role))
	dsn := admin
	if pooled {
		dsn = testdb.Pooled(t, admin)
	}
	u := parsed(t, dsn)
	u.User = url.User(role)
	work := newPool(t, u.String(), homeConnections)
	behind := newPool(t, admin, homeConnections)
	fresh := parsed(t, admin)
	fresh.User = url.User(role)
	straight := newPool(t, fresh.String(), homeConnections)
	return &ground{
		engine: e, work: postgres.New(work, postgres.WithConnections(otherConnections)), maker: postgres.New(straight),
		behind: postgres.New(behind, postgres.WithConnections(1)),
		pristine: func(ctx context.Context) error {
			return postgresSessions(ctx, work, fresh.String())
		},
	}
}

func parsed(t *testing.T, dsn string) *url.URL {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func newPool(t *testing.T, dsn string, connections int32) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = connections
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// newRole makes a role that is neither superuser nor free of row-level security. It goes away
// after the databases that it owns, because its clean-up was registered first.
func newRole(t *testing.T) string {
	t.Helper()
	server := os.Getenv(testdb.EnvPostgres)
	if server == "" {
		t.Fatalf("%s is not set: run `make test`, or `go run ./internal/testservers -- go test ./internal/isolation`", testdb.EnvPostgres)
	}
	role := "r_" + strings.ToLower(rand.Text()[:10])
	onPostgres(t, server, "CREATE ROLE "+quoteName(role)+" LOGIN CREATEDB")
	t.Cleanup(func() { onPostgres(t, server, "DROP ROLE "+quoteName(role)) })
	return role
}

func quoteName(name string) string { return pgx.Identifier{name}.Sanitize() }

func onPostgres(t *testing.T, dsn, text string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(ctx, text)
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func mariaDBGround(t *testing.T) *ground { return newMySQLGround(t) }
func mySQLGround(t *testing.T) *ground   { return newMySQLGround(t, mysql.WithoutReturning()) }

func newMySQLGround(t *testing.T, opts ...mysql.Option) *ground {
	t.Helper()
	dsn := testdb.MySQL(t)
	config, err := nativemysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	open := func(opts ...mysql.Option) *mysql.Driver {
		d, err := mysql.New(t.Context(), dsn, append(opts, mysql.WithConnections(homeConnections, otherConnections))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
		return d
	}
	d := open(opts...)
	behind := open() // as MariaDB, for that is what the tables are to be made on
	return &ground{engine: mariaDBEngine(config.DBName), work: d, behind: behind, maker: behind, pristine: func(ctx context.Context) error {
		return mySQLSessions(ctx, d.Pool(), config)
	}}
}

// pooled runs fn on every connection that a pool can have, all of them taken at once.
func pooled(ctx context.Context, pool *sql.DB, fn func(*sql.Conn) error) (err error) {
	for range homeConnections {
		conn, e := pool.Conn(ctx)
		if e != nil {
			return errors.Join(err, e)
		}
		defer func() { err = errors.Join(err, conn.Close()) }()
		if e := fn(conn); e != nil {
			return errors.Join(err, e)
		}
	}
	return err
}

// settings reads a query of a name and a value into a map.
func settings(ctx context.Context, conn *sql.Conn, text string) (map[string]string, error) {
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := map[string]string{}
	for rows.Next() {
		var name string
		var value sql.NullString
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		list[name] = fmt.Sprint(value.String, value.Valid)
	}
	return list, rows.Err()
}

// differ names the settings that are not as on a new connection.
func differ(used, fresh map[string]string, moving ...string) error {
	for _, name := range moving {
		delete(used, name)
		delete(fresh, name)
	}
	var errs []error
	for name, value := range used {
		if fresh[name] != value {
			errs = append(errs, fmt.Errorf("a used connection has %s = %s, a new one %s", name, value, fresh[name]))
		}
	}
	if len(used) == 0 || len(used) != len(fresh) {
		errs = append(errs, fmt.Errorf("a used connection has %d settings, a new one %d", len(used), len(fresh)))
	}
	return errors.Join(errs...)
}
