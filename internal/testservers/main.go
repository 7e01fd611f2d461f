//go:build unix

// Command testservers runs a command beside throwaway database servers:
//
//	go run ./internal/testservers [flags] -- go test ./...
//
// It starts PostgreSQL, MariaDB, and PgBouncer in transaction mode in front of that
// PostgreSQL, each with its files in a temporary directory and on a free port of the
// loopback interface, tells the command where they are, forwards signals to it, ends with
// its exit code, and leaves no server and no directory behind. Two runs never meet: nothing
// is found by a well-known port, path or process name.
//
// The command's environment gets:
//
//	ROWHOUSE_TEST_POSTGRES          postgres://postgres@127.0.0.1:PORT/postgres?sslmode=disable
//	ROWHOUSE_TEST_POSTGRES_VERSION  the binary's server_version_num, such as 150018
//	ROWHOUSE_TEST_PGBOUNCER         the same database through PgBouncer; any other name works too
//	ROWHOUSE_TEST_MYSQL             root@tcp(127.0.0.1:PORT)/
//
// With -only, the variables of what was not started keep the value they had outside, so
// that a server of one's own can stand in.
//
// Exit codes beside the command's own: 2 for wrong usage, 125 when servers could not be
// started or one of them ended early, 127 when the command does not exist, 128+n when
// signal n ended it. Mind that `go run` makes a 1 of every one of them, and that it ignores
// an interrupt meant for it alone: terminals interrupt the whole group, and so should
// scripts, or use SIGTERM.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

const (
	exitUsage    = 2
	exitServers  = 125
	exitNotFound = 127
	exitSignal   = 128 // plus the signal's number, as in shells
)

func main() {
	opts, err := parseOptions(os.Args[1:], os.Stderr)
	if err != nil {
		os.Exit(exitUsage)
	}
	os.Exit(run(opts))
}

// run does everything between the flags and the exit code, so that deferred clean-up has
// happened by the time the process ends.
func run(opts options) int {
	// A mistyped command should not cost the start of three servers first.
	if _, err := exec.LookPath(opts.command[0]); err != nil {
		complain(err)
		return exitNotFound
	}
	signals := watchSignals()
	space, err := newWorkspace()
	if err != nil {
		complain(err)
		return exitServers
	}
	defer func() {
		if err := space.remove(); err != nil {
			complain(err)
		}
	}()
	servers := newFarm(space)
	defer servers.stop()

	env, sig, err := startOrSignal(opts, servers, signals)
	if sig != nil {
		return signalCode(sig)
	}
	if err != nil {
		complain(err)
		return exitServers
	}
	code := runCommand(servers.spawn, opts.command, env, signals)
	// Before stop, which ends the servers on purpose.
	if err := servers.health(); err != nil {
		complain(err)
		if code == 0 {
			code = exitServers
		}
	}
	return code
}

// startOrSignal starts the servers and gives up, with the signal, when one arrives.
func startOrSignal(opts options, servers *farm, signals <-chan os.Signal) ([]string, os.Signal, error) {
	// The servers' users have to read some of what is written now, whatever the caller's
	// umask; the command gets that back.
	defer syscall.Umask(syscall.Umask(0o022))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var env []string
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		env, err = startServers(ctx, opts, servers)
	}()
	select {
	case <-done:
		return env, nil, err
	case sig := <-signals:
		cancel()
		<-done
		return nil, sig, nil
	}
}

func signalCode(sig os.Signal) int {
	var number syscall.Signal
	if s, ok := sig.(syscall.Signal); ok {
		number = s
	}
	return exitSignal + int(number)
}

func complain(err error) {
	// errors.Join separates with newlines; each error gets its own prefix.
	var many interface{ Unwrap() []error }
	if errors.As(err, &many) {
		for _, e := range many.Unwrap() {
			complain(e)
		}
		return
	}
	fmt.Fprintln(os.Stderr, "testservers:", err)
}
