//go:build unix

package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// mariadbPackages have the binaries without the service that mariadb-server sets up.
const mariadbPackages = "mariadb-server-core mariadb-client-core"

// mariadb is an installed MariaDB.
type mariadb struct {
	server  string // mariadbd
	install string // mariadb-install-db
}

func findMariaDB() (mariadb, error) {
	var m mariadb
	var haveServer, haveInstall bool
	m.server, haveServer = findProgram("mariadbd")
	m.install, haveInstall = findProgram("mariadb-install-db")
	if !haveServer || !haveInstall {
		return m, missing(mariadbPackages, "MariaDB (mariadbd, mariadb-install-db)")
	}
	return m, nil
}

func (m mariadb) start(ctx context.Context, f *farm) ([]string, error) {
	as, err := accountOf("mysql", "nobody")
	if err != nil {
		return nil, err
	}
	dir := f.space.path("mariadb")
	data, tmp := filepath.Join(dir, "data"), filepath.Join(dir, "tmp")
	for _, d := range []string{dir, data, tmp} {
		if err := as.makeDir(d); err != nil {
			return nil, err
		}
	}
	if err := f.prepare(ctx, "mariadb-install-db", as, inDir(dir, m.installDB(data, tmp))); err != nil {
		return nil, err
	}
	port, err := f.serve(ctx, service{
		name:    "mariadb",
		as:      as,
		command: func(port int) *exec.Cmd { return inDir(dir, m.daemon(data, tmp, port)) },
		ready:   func(log string) bool { return strings.Contains(log, "ready for connections") },
		quit:    syscall.SIGKILL, // SIGTERM would flush what is about to be deleted
	})
	return []string{fmt.Sprintf("ROWHOUSE_TEST_MYSQL=root@tcp(%s:%d)/", loopback, port)}, err
}

func (m mariadb) installDB(data, tmp string) *exec.Cmd {
	return exec.Command(m.install, "--no-defaults", "--datadir="+data, "--tmpdir="+tmp,
		"--auth-root-authentication-method=normal", // root without a password, over TCP
		"--skip-test-db", "--skip-name-resolve")
}

func (m mariadb) daemon(data, tmp string, port int) *exec.Cmd {
	return exec.Command(m.server, "--no-defaults",
		"--datadir="+data, "--tmpdir="+tmp,
		"--bind-address="+loopback, "--port="+strconv.Itoa(port),
		"--socket=m.sock", // relative to the data: socket paths have a limit that TMPDIR can exceed
		"--pid-file=m.pid",
		"--skip-name-resolve", "--skip-log-bin",
		"--character-set-server=utf8mb4", // latin1 otherwise, without Debian's defaults
		"--max-connections=300",
		// Nothing here outlives the run.
		"--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--sync-frm=0")
}
