package testdb

import (
	"context"
	"fmt"
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
	// KILL pauses the pool as well; RESUME lifts that for a later PgBouncer, as a test may
	// call Pooled twice.
	for _, command := range []string{"KILL " + name, "RESUME " + name} {
		if _, err := conn.Exec(ctx, command).ReadAll(); err != nil {
			t.Logf("testdb: PgBouncer: %s: %v", command, err)
		}
	}
}

// clients asks PgBouncer's console, which speaks only the simple protocol, who is connected
// to a database.
func clients(ctx context.Context, conn *pgconn.PgConn, name string) ([]string, error) {
	results, err := conn.Exec(ctx, "SHOW CLIENTS").ReadAll()
	if err != nil {
		return nil, err
	}
	var list []string
	for _, result := range results {
		// Columns differ between releases.
		column := map[string]int{}
		for i, field := range result.FieldDescriptions {
			column[field.Name] = i
		}
		for _, row := range result.Rows {
			if string(row[column["database"]]) == name {
				list = append(list, fmt.Sprintf("%s from port %s, %s since %s",
					name, row[column["port"]], row[column["state"]], row[column["connect_time"]]))
			}
		}
	}
	return list, nil
}
