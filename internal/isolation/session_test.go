package isolation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"testing"

	nativemysql "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// postgresSettings are all that a session of PostgreSQL can have of its own: settings, the role,
// the schemas that names are looked up in, and the tenant of row-level security, which is either
// not set or, once a transaction has set it for itself, empty. Named statements are looked at one by one.
const postgresSettings = `
	SELECT name, setting FROM pg_catalog.pg_settings
	UNION ALL SELECT 'current user', current_user
	UNION ALL SELECT 'session user', session_user
	UNION ALL SELECT 'schemas', current_schemas(true)::text
	UNION ALL SELECT 'tenant', coalesce(current_setting('rowhouse.tenant', true), '')
	UNION ALL SELECT 'cursors', count(*)::text FROM pg_catalog.pg_cursors WHERE is_holdable
	UNION ALL SELECT 'listening', count(*)::text FROM pg_catalog.pg_listening_channels()
	UNION ALL SELECT 'temporary tables', count(*)::text FROM pg_catalog.pg_class
		WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'
	UNION ALL SELECT 'advisory locks', count(*)::text FROM pg_catalog.pg_locks
		WHERE locktype = 'advisory' AND pid = pg_backend_pid()`

// postgresSessions compares every connection of a pool with a new one that goes straight to the
// server. Each is in a transaction meanwhile, so that a pooler gives it a server connection of
// its own, and those are what is looked at.
func postgresSessions(ctx context.Context, pool *pgxpool.Pool, direct string) error {
	conn, err := pgx.Connect(ctx, direct)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	fresh, err := postgresState(ctx, conn)
	if err != nil {
		return err
	}
	var errs []error
	for range homeConnections {
		used, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer used.Release()
		tx, err := used.Begin(ctx)
		if err != nil {
			return err
		}
		defer tx.Rollback(ctx) //nolint:errcheck // it only read
		state, err := postgresState(ctx, used.Conn())
		errs = append(errs, err, differ(state, fresh), named(ctx, used.Conn()))
	}
	return errors.Join(errs...)
}

// named checks the statements that a connection keeps by name. Whoever runs one by its name later gets what
// its text says, so each has to name its tables in full and to leave the session alone.
func named(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "SELECT statement FROM pg_catalog.pg_prepared_statements", pgx.QueryExecModeExec)
	if err != nil {
		return err
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	errs := []error{err}
	for _, text := range texts {
		if err := nameable(text); err != nil {
			errs = append(errs, fmt.Errorf("a used connection keeps %q: %w", text, err))
		}
	}
	return errors.Join(errs...)
}

// words begin and end a transaction. They name no table, and are over with it.
var words = regexp.MustCompile(`^(commit|set transaction_isolation to 'repeatable read'|` +
	`begin( isolation level (read committed|repeatable read|serializable))?( read only)?)$`)

func nameable(text string) error {
	if text == dialect.SetTenant || words.MatchString(text) {
		return nil // for a transaction, and by an argument
	}
	tokens := scan(text, `"`)
	if err := new(oracle).checkWords(tokens, &driver.Statement{Text: text}); err != nil {
		return err
	}
	_, err := mentioned(tokens)
	return err
}

// TestNameable has the check of named statements fail where it must.
func TestNameable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`SELECT "case"."id" FROM "public"."42_case" AS "case" WHERE "case"."id" = $1`:              true,
		`INSERT INTO "public"."case" AS "case" ("id") SELECT "new".* FROM unnest($1, $2) AS "new"`: true,
		"begin isolation level repeatable read read only":                                          true,
		"set transaction_isolation to 'repeatable read'":                                           true,
		"set transaction_isolation to 'serializable'":                                              false,
		"begin; SET search_path = acme":                                                            false,
		"SELECT id FROM \"case\"":                                                                  false,
		`SELECT id FROM unnest(ARRAY(SELECT id FROM "case")) AS "new"`:                             false,
		`SET search_path = acme`:                                                                   false,
		`SELECT set_config('search_path', $1, false)`:                                              false,
	} {
		if err := nameable(text); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func postgresState(ctx context.Context, conn *pgx.Conn) (map[string]string, error) {
	rows, err := conn.Query(ctx, postgresSettings, pgx.QueryExecModeExec)
	if err != nil {
		return nil, err
	}
	state := map[string]string{}
	var name, value string
	_, err = pgx.ForEachRow(rows, []any{&name, &value}, func() error {
		state[name] = value
		return nil
	})
	return state, err
}

// mySQLMoving are variables that tell of the last statement, or of the connection itself.
var mySQLMoving = []string{
	"TIMESTAMP", "LAST_INSERT_ID", "INSERT_ID", "IDENTITY", "PSEUDO_THREAD_ID", "RAND_SEED1", "RAND_SEED2",
	"ERROR_COUNT", "WARNING_COUNT", "LAST_GTID", "GTID_BINLOG_POS", "GTID_CURRENT_POS", "GTID_BINLOG_STATE",
}

// mySQLSessions compares every connection of a pool with a new one.
func mySQLSessions(ctx context.Context, pool *sql.DB, config *nativemysql.Config) error {
	const text = `SELECT variable_name, variable_value FROM information_schema.session_variables
		UNION ALL SELECT 'database', DATABASE() UNION ALL SELECT 'user', CURRENT_USER()
		UNION ALL SELECT 'in transaction', @@in_transaction`
	connector, err := nativemysql.NewConnector(config)
	if err != nil {
		return err
	}
	other := sql.OpenDB(connector)
	defer other.Close()
	conn, err := other.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return pooled(ctx, pool, func(used *sql.Conn) error {
		fresh, err := settings(ctx, conn, text)
		if err != nil {
			return err
		}
		state, err := settings(ctx, used, text)
		return errors.Join(err, differ(state, fresh, mySQLMoving...))
	})
}

// sqliteSessions checks what a connection to a file can have of its own.
func sqliteSessions(ctx context.Context, pool *sql.DB) error {
	want := map[string]string{
		"PRAGMA foreign_keys": "1", "PRAGMA query_only": "0", "PRAGMA read_uncommitted": "0",
		"PRAGMA recursive_triggers": "0", "PRAGMA defer_foreign_keys": "0", "PRAGMA ignore_check_constraints": "0",
		"SELECT count(*) FROM temp.sqlite_schema": "0", "SELECT count(*) FROM pragma_database_list WHERE name <> 'temp'": "1",
	}
	return pooled(ctx, pool, func(conn *sql.Conn) error {
		for text, value := range want {
			var got string
			if err := conn.QueryRowContext(ctx, text).Scan(&got); err != nil {
				return fmt.Errorf("%s: %w", text, err)
			}
			if got != value {
				return fmt.Errorf("a used connection answers %s to %s, not %s", got, text, value)
			}
		}
		return nil
	})
}
