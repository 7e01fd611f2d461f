//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asRunner in the environment makes the test binary the command under test.
const asRunner = "ROWHOUSE_TESTSERVERS_AS_RUNNER"

func TestMain(m *testing.M) {
	if os.Getenv(asRunner) != "" {
		_ = os.Unsetenv(asRunner) // not for a runner within the runner
		main()
	}
	os.Exit(m.Run())
}

// A runner is the command under test, with a temporary directory of its own, in which
// nothing may be left.
type runner struct {
	*exec.Cmd
	temp string
	out  bytes.Buffer
	errs bytes.Buffer
}

func newRunner(t *testing.T, args ...string) *runner {
	t.Helper()
	temp, err := os.MkdirTemp("", "testservers-test-") //nolint:usetesting // the servers' users could not enter t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temp) })
	if err := os.Chmod(temp, 0o755); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{Cmd: exec.Command(self, args...), temp: temp}
	r.Env = append(os.Environ(), asRunner+"=1", "TMPDIR="+temp)
	r.Stdout, r.Stderr = &r.out, &r.errs
	// A grandchild that outlives the run keeps stderr open; that is an error of Wait then.
	r.WaitDelay = 15 * time.Second
	return r
}

// code waits for the end.
func (r *runner) code(t *testing.T) int {
	t.Helper()
	err := r.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return r.ProcessState.ExitCode()
}

func (r *runner) remains(t *testing.T) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(r.temp, workspacePrefix+"*"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}

var portPattern = regexp.MustCompile(`127\.0\.0\.1:(\d+)`)

// ports are those that the command, `env`, was told.
func ports(output string) (list []string) {
	for line := range strings.Lines(output) {
		if found := portPattern.FindStringSubmatch(line); found != nil && strings.HasPrefix(line, "ROWHOUSE_TEST_") {
			list = append(list, found[1])
		}
	}
	return list
}

func listening(port string) bool {
	conn, err := net.DialTimeout("tcp", loopback+":"+port, time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

func TestSideBySide(t *testing.T) {
	t.Parallel()
	var both [2]*runner
	for i := range both {
		both[i] = newRunner(t, "--", "env")
		both[i].Env = cleanEnv(both[i].Env)
		if err := both[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for _, r := range both {
		if code := r.code(t); code != 0 {
			t.Fatalf("exit code %d: %s", code, &r.errs)
		}
		list := ports(r.out.String())
		if len(list) != 3 {
			t.Errorf("want three addresses in the command's environment:\n%s", &r.out)
		}
		for _, port := range list {
			if seen[port] {
				t.Errorf("both runs used port %s", port)
			}
			seen[port] = true
			if listening(port) {
				t.Errorf("a server still listens on %s", port)
			}
		}
		if left := r.remains(t); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// cleanEnv drops the addresses of the servers that this test itself may run beside.
func cleanEnv(env []string) (clean []string) {
	for _, v := range env {
		if !strings.HasPrefix(v, "ROWHOUSE_TEST_") {
			clean = append(clean, v)
		}
	}
	return clean
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		want int
	}{
		"the command's own":   {[]string{"-only", "postgres", "--", "sh", "-c", "exit 7"}, 7},
		"killed command":      {[]string{"-only", "postgres", "--", "sh", "-c", "kill -9 $$"}, 128 + 9},
		"no such command":     {[]string{"--", "no-such-command-anywhere"}, exitNotFound},
		"no command":          {nil, exitUsage},
		"unknown server":      {[]string{"-only", "oracle", "--", "true"}, exitUsage},
		"no servers to start": {[]string{"-postgres-bin", "/nonexistent", "--", "true"}, exitServers},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t, test.args...)
			if err := r.Start(); err != nil {
				t.Fatal(err)
			}
			if code := r.code(t); code != test.want {
				t.Errorf("exit code %d, want %d: %s", code, test.want, &r.errs)
			}
			if left := r.remains(t); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestSignals ends runs in their midst, and looks for the servers' and the command's
// processes afterwards.
func TestSignals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		signal syscall.Signal
		sleep  string
		want   int
	}{
		// The shell's child must go as well, as go test's test binaries must.
		"interrupt": {syscall.SIGINT, "sleep 600; true", 128 + 2},
		"terminate": {syscall.SIGTERM, "sleep 600; true", 128 + 15},
		// Nobody is left to tell more than the direct children.
		"kill": {syscall.SIGKILL, "exec sleep 600", -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.signal == syscall.SIGKILL && runtime.GOOS != "linux" {
				t.Skip("only Linux can take the servers along with a killed runner")
			}
			r := newRunner(t, "--", "sh", "-c", "env; echo started; "+test.sleep)
			r.Env = cleanEnv(r.Env)
			list := startAndRead(t, r)
			if err := r.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			// A shell that is just starting its child can miss a signal: send it again.
			resend := time.AfterFunc(3*time.Second, func() { _ = r.Process.Signal(test.signal) })
			defer resend.Stop()
			if code := r.code(t); code != test.want {
				t.Errorf("exit code %d, want %d: %s", code, test.want, &r.errs)
			}
			for _, port := range list {
				// What was killed is cleaned up by the kernel, a moment later.
				eventually(t, "server on "+port, func() bool { return !listening(port) })
			}
			if test.signal != syscall.SIGKILL {
				if left := r.remains(t); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
				return
			}
			again := newRunner(t, "-only", "postgres", "--", "true")
			again.Env = append(again.Env, "TMPDIR="+r.temp)
			if out, err := again.combined(); err != nil {
				t.Fatalf("the next run: %v\n%s", err, out)
			}
			if left := r.remains(t); len(left) > 0 {
				t.Errorf("the next run did not remove %v", left)
			}
		})
	}
}

// combined is CombinedOutput for a command whose outputs are set.
func (r *runner) combined() (string, error) {
	err := r.Run()
	return r.out.String() + r.errs.String(), err
}

// startAndRead starts a runner whose command says "started" and returns the servers' ports.
func startAndRead(t *testing.T, r *runner) []string {
	t.Helper()
	r.Stdout = nil
	out, err := r.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "started" {
			list := ports(text.String())
			if len(list) != 3 {
				t.Fatalf("want three servers, got ports %v", list)
			}
			return list
		}
		fmt.Fprintln(&text, lines.Text())
	}
	t.Fatalf("the command did not start: %s", &r.errs)
	return nil
}

func eventually(t *testing.T, what string, gone func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if gone() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%s is still there", what)
}

// TestServerDeath breaks a server in the middle of a run: the run must not succeed.
func TestServerDeath(t *testing.T) {
	t.Parallel()
	r := newRunner(t, "-only", "postgres", "--", "sh", "-c",
		`kill -9 $(head -1 "$TMPDIR"/`+workspacePrefix+`*/postgres/data/postmaster.pid); sleep 1`)
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	if code := r.code(t); code != exitServers {
		t.Errorf("exit code %d, want %d", code, exitServers)
	}
	if !strings.Contains(r.errs.String(), "postgres ended: signal: killed") {
		t.Errorf("the cause is not named: %s", &r.errs)
	}
}
