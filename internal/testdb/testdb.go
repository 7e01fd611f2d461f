// Package testdb gives every test a database of its own on the servers that
// internal/testservers has started:
//
//	dsn := testdb.Postgres(t)
//
// A test asks for as many as it wants and may run in parallel with all others. The database
// is dropped when the test is over, together with every database whose name begins with its
// name and an underscore: a test that makes further databases (a tenant's own, say) names
// them so and need not drop them. A pool still open at that moment fails the test. Clean-ups
// run last in, first out, so one that closes a pool does so in time.
//
// A missing server fails the test. It never skips: a test that silently did not run proves
// nothing.
package testdb

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The variables in which internal/testservers says where its servers are.
const (
	EnvPostgres  = "ROWHOUSE_TEST_POSTGRES"
	EnvPgBouncer = "ROWHOUSE_TEST_PGBOUNCER"
	EnvMySQL     = "ROWHOUSE_TEST_MYSQL"
)

const (
	// setupTimeout bounds what is done on a server before and after a test.
	setupTimeout = 60 * time.Second
	// closeGrace is how long connections may take to go away after the test has closed
	// them: servers notice a moment later.
	closeGrace = 2 * time.Second
)

// SQLite returns the path of a database file that does not exist yet, in a directory of its
// own that is removed with everything in it (further tenants' files, say) after the test.
func SQLite(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "main.db")
}

// server returns a server's address, or fails the test.
func server(t testing.TB, variable string) string {
	t.Helper()
	dsn := os.Getenv(variable)
	if dsn == "" {
		t.Fatalf("testdb: %s is not set, so there is no server to test on: "+
			"run `make test`, or `go run ./internal/testservers -- go test ./...`", variable)
	}
	return dsn
}

// newName is a name that no other test has, short enough for suffixes of 50 bytes.
func newName() string { return "t_" + strings.ToLower(rand.Text()[:10]) }

// forCleanup is a context for work after the test, whose own context is done by then.
func forCleanup() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), setupTimeout)
}

// awaitClosed fails the test when connections to its databases stay open: somebody holds a
// pool that the test forgot to close. list describes the open ones.
func awaitClosed(t testing.TB, name string, list func() ([]string, error)) {
	t.Helper()
	deadline := time.Now().Add(closeGrace)
	for wait := time.Millisecond; ; wait = min(2*wait, 100*time.Millisecond) {
		open, err := list()
		if err != nil {
			t.Errorf("testdb: looking for connections to %s that the test left open: %v", name, err)
			return
		}
		if len(open) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("testdb: the test left %d connection(s) to %s open; close its pools before it ends:\n\t%s",
				len(open), name, strings.Join(open, "\n\t"))
			return
		}
		time.Sleep(wait)
	}
}
