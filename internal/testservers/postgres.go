//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

const postgresPackage = "postgresql"

// postgres is an installed PostgreSQL.
type postgres struct {
	bin     string // directory of initdb and postgres
	version int    // server_version_num
}

// findPostgres takes the given directory, or else the newest of Debian's, or else PATH's.
func findPostgres(bin string) (postgres, error) {
	pg := postgres{bin: bin}
	if bin == "" {
		pg.bin = newestPostgres("/usr/lib/postgresql")
	}
	if pg.bin == "" {
		initdb, ok := findProgram("initdb")
		if !ok {
			return pg, missing(postgresPackage, "PostgreSQL (initdb, postgres)")
		}
		pg.bin = filepath.Dir(initdb)
	}
	// The servers run in a directory of their own, where a relative path means something else.
	abs, err := filepath.Abs(pg.bin)
	if err != nil {
		return pg, err
	}
	pg.bin = abs
	out, err := exec.Command(pg.program("postgres"), "--version").Output()
	if err != nil {
		return pg, fmt.Errorf("PostgreSQL in %s: %w", pg.bin, err)
	}
	pg.version, err = parseVersion(string(out))
	return pg, err
}

// newestPostgres finds the bin directory of the highest version below Debian's root, where
// versions are directories: 9.6, 15, 17.
func newestPostgres(root string) string {
	bins, err := filepath.Glob(filepath.Join(root, "*", "bin", "initdb"))
	if err != nil {
		return ""
	}
	newest, best := "", -1.0
	for _, initdb := range bins {
		bin := filepath.Dir(initdb)
		version, err := strconv.ParseFloat(filepath.Base(filepath.Dir(bin)), 64)
		if err == nil && version > best {
			newest, best = bin, version
		}
	}
	return newest
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)(?:\.(\d+))?`)

// parseVersion makes 150018 of "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", and
// 190000 of "postgres (PostgreSQL) 19beta1", as the server's server_version_num does.
func parseVersion(line string) (int, error) {
	found := versionPattern.FindStringSubmatch(line)
	if found == nil {
		return 0, fmt.Errorf("not a PostgreSQL version: %q", strings.TrimSpace(line))
	}
	major, err := strconv.Atoi(found[1])
	if err != nil {
		return 0, err
	}
	minor := 0
	if found[2] != "" {
		if minor, err = strconv.Atoi(found[2]); err != nil {
			return 0, err
		}
	}
	if major < 10 {
		return 0, errors.New("PostgreSQL older than 10 is not supported")
	}
	return major*10000 + minor, nil
}

func (pg postgres) program(name string) string { return filepath.Join(pg.bin, name) }

// start returns the port, for PgBouncer, and the environment.
func (pg postgres) start(ctx context.Context, f *farm) (port int, env []string, err error) {
	as, err := accountOf("postgres", "nobody")
	if err != nil {
		return 0, nil, err
	}
	dir := f.space.path("postgres")
	if err := as.makeDir(dir); err != nil {
		return 0, nil, err
	}
	data := filepath.Join(dir, "data")
	if err := f.prepare(ctx, "initdb", as, inDir(dir, pg.initdb(data))); err != nil {
		return 0, nil, err
	}
	port, err = f.serve(ctx, service{
		name:    "postgres",
		as:      as,
		command: func(port int) *exec.Cmd { return inDir(dir, pg.server(data, port)) },
		ready:   func(string) bool { return postmasterReady(data) },
		quit:    syscall.SIGQUIT, // immediate shutdown, which takes the children along
	})
	return port, []string{
		"ROWHOUSE_TEST_POSTGRES=" + postgresURL(port),
		"ROWHOUSE_TEST_POSTGRES_VERSION=" + strconv.Itoa(pg.version),
	}, err
}

func (pg postgres) initdb(data string) *exec.Cmd {
	// Byte order, the same everywhere, but with UTF-8's notion of letters where the
	// system has it.
	locale := "C"
	if runtime.GOOS == "linux" {
		locale = "C.UTF-8"
	}
	return exec.Command(pg.program("initdb"), "-D", data, "-U", "postgres", "-A", "trust",
		"-E", "UTF8", "--locale="+locale, "--no-sync")
}

func (pg postgres) server(data string, port int) *exec.Cmd {
	cmd := exec.Command(pg.program("postgres"), "-D", data)
	for _, setting := range []string{
		"listen_addresses=" + loopback,
		"port=" + strconv.Itoa(port),
		"unix_socket_directories=", // their paths have a limit that TMPDIR can exceed
		"max_connections=300",
		"max_locks_per_transaction=256", // tests with thousands of tenants' tables
		// Nothing here outlives the run.
		"fsync=off",
		"synchronous_commit=off",
		"full_page_writes=off",
		"max_wal_size=4GB",
	} {
		cmd.Args = append(cmd.Args, "-c", setting)
	}
	return cmd
}

// postmasterReady reads the status that PostgreSQL 10 and later keep in the eighth line of
// postmaster.pid, which is where pg_ctl looks.
func postmasterReady(data string) bool {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return false
	}
	lines := strings.Split(string(text), "\n")
	return len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"
}

func postgresURL(port int) string {
	return "postgres://postgres@" + net.JoinHostPort(loopback, strconv.Itoa(port)) + "/postgres?sslmode=disable"
}

// inDir runs a command where its user can be: the runner's directory may be closed to it.
func inDir(dir string, cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = dir
	return cmd
}
