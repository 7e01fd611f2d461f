package testdb

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// closePooled fails the test if it left clients connected to PgBouncer, then has PgBouncer
// give up its own connections to the database.
func closePooled(t testing.TB, bouncer, name string) {
	t.Helper()
	ctx, cancel := forCleanup()
	defer cancel()
	conn, err := pgconn.Connect(ctx, withDatabase(t, bouncer, "pgbouncer"))
	if err != nil {
		t.Errorf("testdb: PgBouncer's console: %v", err)
		return
	}
	defer func() { _ = conn.Close(ctx) }()
	awaitClosed(t, name+" (PgBouncer)", func() ([]string, error) { return clients(ctx, conn, name) })
	databases, err := known(ctx, conn, name)
	if err != nil {
		t.Errorf("testdb: PgBouncer's databases: %v", err)
	}
	// KILL pauses the pool as well; RESUME lifts that for a later PgBouncer, as a test may
	// call Pooled twice.
	for _, database := range databases {
		for _, command := range []string{"KILL ", "RESUME "} {
			if _, err := conn.Exec(ctx, command+quote(database)).ReadAll(); err != nil {
				t.Logf("testdb: PgBouncer: %s %s: %v", command, database, err)
			}
		}
	}
}

// known lists the databases that PgBouncer has met and that are the test's own: the one of that
// name, and those that it made beside it.
func known(ctx context.Context, conn *pgconn.PgConn, name string) (list []string, err error) {
	err = show(ctx, conn, "SHOW DATABASES", func(column func(string) string) {
		if database := column("name"); database == name || strings.HasPrefix(database, name+"_") {
			list = append(list, database)
		}
	})
	return list, err
}

// clients asks PgBouncer's console, which speaks only the simple protocol, who is connected
// to a database.
func clients(ctx context.Context, conn *pgconn.PgConn, name string) (list []string, err error) {
	err = show(ctx, conn, "SHOW CLIENTS", func(column func(string) string) {
		if database := column("database"); database == name || strings.HasPrefix(database, name+"_") {
			list = append(list, fmt.Sprintf("%s from port %s, %s since %s",
				database, column("port"), column("state"), column("connect_time")))
		}
	})
	return list, err
}

// show calls fn with each row of a table of the console's. Columns differ between releases, so
// they are asked for by name.
func show(ctx context.Context, conn *pgconn.PgConn, command string, fn func(column func(string) string)) error {
	results, err := conn.Exec(ctx, command).ReadAll()
	if err != nil {
		return err
	}
	for _, result := range results {
		at := map[string]int{}
		for i, field := range result.FieldDescriptions {
			at[field.Name] = i
		}
		for _, row := range result.Rows {
			fn(func(name string) string { return string(row[at[name]]) })
		}
	}
	return nil
}
