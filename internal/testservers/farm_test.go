//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func testFarm(t *testing.T) *farm {
	t.Helper()
	f := newFarm(&workspace{dir: t.TempDir()})
	t.Cleanup(f.stop)
	return f
}

// script stands in for a server.
func script(text string) func(int) *exec.Cmd {
	return func(port int) *exec.Cmd {
		return exec.Command("sh", "-c", text, "sh", strconv.Itoa(port))
	}
}

func isUp(log string) bool { return strings.Contains(log, "up") }

func TestServeTriesAnotherPort(t *testing.T) {
	t.Parallel()
	f := testFarm(t)
	flag := f.space.path("tried")
	port, err := f.serve(t.Context(), service{
		name: "stub", ready: isUp, quit: syscall.SIGKILL,
		command: script("test -e " + flag + " || { echo $1 >" + flag +
			"; echo bind: Address already in use; exit 1; }; echo up; exec sleep 60"),
	})
	if err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(flag)
	if err != nil || strings.TrimSpace(string(first)) == strconv.Itoa(port) {
		t.Errorf("ports %s and %d, error %v: want two different", first, port, err)
	}
}

func TestServeReportsWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	_, err := testFarm(t).serve(t.Context(), service{
		name: "stub", ready: isUp, quit: syscall.SIGKILL,
		command: script("echo FATAL: no such setting; exit 3"),
	})
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "no such setting") {
		t.Errorf("error %v", err)
	}
}

func TestServeGivesUpWhenTold(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	f := testFarm(t)
	pid := f.space.path("pid")
	_, err := f.serve(ctx, service{
		name: "stub", ready: isUp, quit: syscall.SIGKILL,
		command: script("echo $$ >" + pid + "; sleep 60; true"),
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if alive(t, pid) {
		t.Error("the server is still running")
	}
}

func TestStopInsists(t *testing.T) {
	t.Parallel()
	f := testFarm(t)
	_, err := f.serve(t.Context(), service{
		name: "stub", ready: isUp, quit: syscall.SIGTERM,
		command: script("trap '' TERM; echo up; while :; do sleep 0.1; done"),
	})
	if err != nil {
		t.Fatal(err)
	}
	m := f.running[0]
	m.stop(m.quit, 100*time.Millisecond)
	if m.process.running() {
		t.Error("a server that ignores its signal survived")
	}
	if f.health() == nil {
		t.Error("a server that has ended counts as healthy")
	}
}

func alive(t *testing.T, pidFile string) bool {
	t.Helper()
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return syscall.Kill(pid, 0) == nil
}

func TestTail(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(log, []byte("one\ntwo\nthree\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := tail(log, 2); got != "\ttwo\n\tthree" {
		t.Errorf("tail is %q", got)
	}
	if got := tail(log+"x", 2); !strings.Contains(got, "no log") {
		t.Errorf("tail of nothing is %q", got)
	}
}
