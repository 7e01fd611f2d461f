package rowhouse_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// count reads a number on the driver's own transaction.
func count(ctx context.Context, tx *rowhouse.Tx, text string) (n int, err error) {
	if native, err := rowhouse.Native[pgx.Tx](tx); err == nil {
		return n, native.QueryRow(ctx, text).Scan(&n)
	}
	native, err := rowhouse.Native[*sql.Tx](tx)
	if err != nil {
		return 0, err
	}
	return n, native.QueryRowContext(ctx, text).Scan(&n)
}

func TestNative(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		var ended *rowhouse.Tx
		ok(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			ended = tx
			person(t, tx, "ann")
			n, err := count(ctx, tx, "SELECT count(*) FROM "+s.tenant.TableName(persons)+" WHERE email = 'ann'")
			if n != 1 {
				t.Errorf("%d rows are there", n)
			}
			_, mistaken := rowhouse.Native[string](tx)
			is(t, mistaken, rowhouse.ErrUnsupported)
			want := "*sql.Tx"
			if s.engine == "postgres" {
				want = "pgx.Tx"
			}
			if !strings.Contains(mistaken.Error(), "Native["+want+"]") {
				t.Error(mistaken)
			}
			return errors.Join(err, tx.Tx(ctx, func(inner *rowhouse.Tx) error {
				_, err := count(ctx, inner, "SELECT 1")
				return err
			}))
		}))
		_, err := rowhouse.Native[pgx.Tx](ended)
		is(t, err, rowhouse.ErrClosed)
		_, err = rowhouse.Native[pgx.Tx](nil)
		is(t, err, rowhouse.ErrUnknownTenant)
		is(t, ended.SetSearchPath(ctx), rowhouse.ErrClosed)
	})
}

// TestSearchPath has a bare name be the tenant's table, or be refused.
func TestSearchPath(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		person(t, s.tenant, "ann")
		for range 2 {
			person(t, s.other, "bob"+t.Name()[len(t.Name())-1:]+string(rune('a'+len(emails(t, s.other, "select email from {person}")))))
		}
		kind := s.tenant.Placement()
		able := kind == rowhouse.InDatabase || kind == rowhouse.InSchema && (s.engine == "postgres" || s.engine == "sqlite")
		for _, c := range []struct {
			tenant *rowhouse.Tenant
			want   int
		}{{s.tenant, 1}, {s.other, 2}} {
			err := c.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
				if err := tx.SetSearchPath(ctx); err != nil {
					return err
				}
				n, err := count(ctx, tx, "SELECT count(*) FROM person")
				if n != c.want {
					t.Errorf("%d rows, want %d", n, c.want)
				}
				return err
			})
			if able {
				ok(t, err)
			} else {
				is(t, err, rowhouse.ErrUnsupported)
			}
		}
		is(t, s.db.Common().Tx(ctx, func(tx *rowhouse.Tx) error { return tx.SetSearchPath(ctx) }), rowhouse.ErrUnsupported)
	})
}

// TestSearchPathEnds looks at the connection after the transaction: the only one of a pool, and one
// that PgBouncer gives to whoever comes next.
func TestSearchPathEnds(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]func(testing.TB) string{"pool of one": testdb.Postgres, "pgbouncer": testdb.PgBouncer} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, err := pgxpool.ParseConfig(dsn(t))
			ok(t, err)
			config.MaxConns = 1
			config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
			pool, err := pgxpool.NewWithConfig(t.Context(), config)
			ok(t, err)
			t.Cleanup(pool.Close)
			path := func() (path string) {
				ok(t, pool.QueryRow(t.Context(), "SHOW search_path").Scan(&path))
				return path
			}
			before := path()
			tenant := tenantOf(t, openFleet(t, postgres.New(pool), config.ConnConfig.Database, people), "schema")
			searchPathEnds(t, tenant, before, path)
			searchPathJoined(t, tenant, pool, before, path)
		})
	}
}

func searchPathEnds(t *testing.T, tenant *rowhouse.Tenant, before string, path func() string) {
	t.Helper()
	ctx, undone := t.Context(), errors.New("undone")
	set := func(tx *rowhouse.Tx) bool {
		native, err := rowhouse.Native[pgx.Tx](tx)
		ok(t, err)
		var now string
		ok(t, native.QueryRow(ctx, "SHOW search_path").Scan(&now))
		return now != before && strings.Contains(now, "_s")
	}
	for _, end := range []error{nil, undone} {
		err := tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			if ok(t, tx.SetSearchPath(ctx)); !set(tx) {
				t.Error("the path is not set")
			}
			return end
		})
		if !errors.Is(err, end) || path() != before {
			t.Errorf("%v; afterwards the path is %q", err, path())
		}
	}
	ok(t, tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
		is(t, tx.Tx(ctx, func(inner *rowhouse.Tx) error { return errors.Join(inner.SetSearchPath(ctx), undone) }), undone)
		if set(tx) {
			t.Error("the path has outlived a savepoint that was undone")
		}
		ok(t, tx.Tx(ctx, func(inner *rowhouse.Tx) error { return inner.SetSearchPath(ctx) }))
		if !set(tx) {
			t.Error("the path has ended with its savepoint")
		}
		return nil
	}))
	if path() != before {
		t.Errorf("after savepoints the path is %q", path())
	}
}

// searchPathJoined has the path end with the application's own transaction.
func searchPathJoined(t *testing.T, tenant *rowhouse.Tenant, pool *pgxpool.Pool, before string, path func() string) {
	t.Helper()
	ctx := t.Context()
	native, err := pool.Begin(ctx)
	ok(t, err)
	tx, err := tenant.Join(ctx, native)
	ok(t, err)
	ok(t, tx.SetSearchPath(ctx))
	own, err := rowhouse.Native[pgx.Tx](tx)
	if ok(t, err); own != native {
		t.Error("the transaction is another than the one that was joined")
	}
	var n int
	ok(t, native.QueryRow(ctx, "SELECT count(*) FROM person").Scan(&n))
	ok(t, native.Commit(ctx))
	if path() != before {
		t.Errorf("after the joined transaction the path is %q", path())
	}
}
