package rowhouse_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/mysql"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// native is a transaction of the application's own.
type native struct {
	tx               any
	commit, rollback func()
}

func TestJoinPostgres(t *testing.T) {
	t.Parallel()
	pool, err := pgxpool.New(t.Context(), testdb.Postgres(t))
	ok(t, err)
	t.Cleanup(pool.Close)
	foreign, err := pgxpool.New(t.Context(), testdb.Postgres(t))
	ok(t, err)
	t.Cleanup(foreign.Close)
	begin := func(pool *pgxpool.Pool) native {
		tx, err := pool.Begin(t.Context())
		ok(t, err)
		return native{
			tx:       tx,
			commit:   func() { ok(t, tx.Commit(context.Background())) },
			rollback: func() { ok(t, tx.Rollback(context.Background())) },
		}
	}
	db := openFleet(t, postgres.New(pool), pool.Config().ConnConfig.Database, people)
	joins(t, db, func() native { return begin(pool) }, func() native { return begin(foreign) })
}

func TestJoinMySQL(t *testing.T) {
	t.Parallel()
	drv, err := mysql.New(t.Context(), testdb.MySQL(t))
	ok(t, err)
	t.Cleanup(func() { ok(t, drv.Close()) })
	foreign, err := mysql.New(t.Context(), testdb.MySQL(t))
	ok(t, err)
	t.Cleanup(func() { ok(t, foreign.Close()) })
	db := openFleet(t, drv, drv.Schema(""), people)
	joins(t, db, beginSQL(t, drv.Pool()), beginSQL(t, foreign.Pool()))
}

func TestJoinSQLite(t *testing.T) {
	t.Parallel()
	drv, err := sqlite.New(testdb.SQLite(t))
	ok(t, err)
	t.Cleanup(func() { ok(t, drv.Close()) })
	foreign, err := sqlite.New(testdb.SQLite(t))
	ok(t, err)
	t.Cleanup(func() { ok(t, foreign.Close()) })
	db := openFleet(t, drv, "tenant", people)
	joins(t, db, beginSQL(t, drv.Pool()), beginSQL(t, foreign.Pool()))
}

func beginSQL(t *testing.T, pool *sql.DB) func() native {
	t.Helper()
	return func() native {
		tx, err := pool.BeginTx(t.Context(), nil)
		ok(t, err)
		return native{tx: tx, commit: func() { ok(t, tx.Commit()) }, rollback: func() { ok(t, tx.Rollback()) }}
	}
}

// joins tests that work in a joined transaction is the application's to commit or to undo, and
// that a transaction on another database cannot be joined.
func joins(t *testing.T, db *rowhouse.DB, own, foreign func() native) {
	t.Helper()
	ctx := t.Context()
	for _, id := range []string{"prefix", "shared"} {
		tenant := tenantOf(t, db, id)
		for _, kept := range []bool{false, true} {
			n := own()
			tx, err := tenant.Join(ctx, n.tx)
			ok(t, err)
			p := person(t, tx, "joined")
			if got, err := persons.In(tx).Get(ctx, p.ID); err != nil || got != p {
				t.Errorf("%s: inside it has %+v, %v", id, got, err)
			}
			if kept {
				n.commit()
			} else {
				n.rollback()
			}
			if there, err := persons.In(tenant).Exists(ctx); err != nil || there != kept {
				t.Errorf("%s: the row exists: %v, %v; want %v", id, there, err, kept)
			}
		}
	}
	n := foreign()
	defer n.rollback()
	_, err := tenantOf(t, db, "prefix").Join(ctx, n.tx)
	is(t, err, rowhouse.ErrInvalid)
	_, err = tenantOf(t, db, "prefix").Join(ctx, "a transaction")
	is(t, err, rowhouse.ErrInvalid)
	m := own()
	defer m.rollback()
	_, err = tenantOf(t, db, "database").Join(ctx, m.tx)
	is(t, err, rowhouse.ErrInvalid)
}
