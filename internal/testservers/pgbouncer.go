//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const pgbouncerPackage = "pgbouncer"

// pgbouncer is an installed PgBouncer.
type pgbouncer struct{ program string }

func findPgBouncer() (pgbouncer, error) {
	path, ok := findProgram("pgbouncer")
	if !ok {
		return pgbouncer{}, missing(pgbouncerPackage, "PgBouncer (pgbouncer)")
	}
	return pgbouncer{program: path}, nil
}

// start puts a PgBouncer in front of the PostgreSQL on the given port.
func (b pgbouncer) start(ctx context.Context, f *farm, postgresPort int) ([]string, error) {
	as, err := accountOf("pgbouncer", "postgres", "nobody")
	if err != nil {
		return nil, err
	}
	dir := f.space.path("pgbouncer")
	if err := as.makeDir(dir); err != nil {
		return nil, err
	}
	users := filepath.Join(dir, "users.txt")
	if err := os.WriteFile(users, []byte("\"postgres\" \"\"\n"), 0o644); err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "pgbouncer.ini")
	var writeErr error
	port, err := f.serve(ctx, service{
		name: "pgbouncer",
		as:   as,
		command: func(port int) *exec.Cmd {
			writeErr = os.WriteFile(config, []byte(bouncerConfig(port, postgresPort, users)), 0o644)
			return inDir(dir, exec.Command(b.program, config))
		},
		ready: func(log string) bool { return strings.Contains(log, "process up") },
		quit:  syscall.SIGKILL, // its other signals changed their meanings between releases
	})
	if writeErr != nil {
		err = writeErr
	}
	return []string{"ROWHOUSE_TEST_PGBOUNCER=" + postgresURL(port)}, err
}

// bouncerConfig is as strict as PgBouncer gets: transaction pooling, few server connections
// so that clients really share them, no startup parameter ignored, and the default of no
// support for prepared statements (releases before 1.21 have none at all).
func bouncerConfig(port, postgresPort int, users string) string {
	return fmt.Sprintf(`[databases]
; auth_user looks up roles that are not in auth_file, so that a test's own roles can log in.
* = host=%[1]s port=%[2]d auth_user=postgres

[pgbouncer]
listen_addr = %[1]s
listen_port = %[3]d
unix_socket_dir =
auth_type = trust
auth_file = %[4]s
admin_users = postgres
pool_mode = transaction
default_pool_size = 4
max_client_conn = 2000
; A pool per test's database: free PostgreSQL's connections soon after the test.
server_idle_timeout = 10
; A database that is gone should cost its test seconds: PgBouncer retries every 15 s and
; keeps clients of a database that it once knew waiting for 120 s.
server_login_retry = 1
query_wait_timeout = 10
log_connections = 0
log_disconnections = 0
`, loopback, postgresPort, port, users)
}
