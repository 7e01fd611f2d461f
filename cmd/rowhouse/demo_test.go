package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
)

// facts are what the demo promises to show, of however few tenants, on any engine.
var facts = []string{
	"42 ", "acme ", "bigco ", "trial ", "trial2 ",
	"prefix ", "schema ", "database ", "shared ",
	`count(*)`, "42_case", "tenant_id", "[open]", "[trial open]",
	`"the secret of 42"`, `"the secret of acme"`, `"the secret of bigco"`, `"the secret of trial"`,
	`get case of tenant "trial2": not found`,
	`update case of tenant "trial2": not found`,
	`delete case of tenant "trial2": not found`,
	"3 deleted, all its own; trial still has all 4",
	`tenant "nobody": unknown tenant`,
	`tenant "trial2' OR '1'='1": unknown tenant`,
	`tenant "trial2": tenant is not active: it is suspended`,
	"holds 13 tenants in ", "13 misses, 13 reads of the catalog, 0 evictions",
	"104 calls for 13 tenants", "13 tenants dropped", "Nothing is left of it.",
}

func TestDemoOnSQLite(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir) // the whole process's: this test runs alone
	got := runCommand(t.Context(), "demo", "--tenants", "13")
	if got.code != 0 {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	mustSay(t, got.stdout, facts...)
	mustSay(t, got.stdout, "SQLite", "in a temporary directory",
		"4 prefix, 3 schema, 3 database, 3 shared", `"main"."42_case"`, "home.sqlite", "acme.db", "bigco.db",
		`SELECT count(*) FROM "main"."42_case" AS "case" WHERE`)
	mustSay(t, got.stderr, "provisioning: 100% (13 of 13)", "working: 100% (13 of 13)", "dropping: 100% (13 of 13)")
	mustHaveOnly(t, dir)
	mustFit(t, got.stdout, pageWidth)
}

// mustFit fails the test for lines wider than a terminal.
func mustFit(t *testing.T, printed string, width int) {
	t.Helper()
	for line := range strings.Lines(printed) {
		if utf8.RuneCountInString(strings.TrimRight(line, "\n")) > width {
			t.Errorf("a line is wider than %d: %s", width, line)
		}
		if strings.HasSuffix(line, " \n") {
			t.Errorf("a line ends in spaces: %q", line)
		}
	}
}

func TestDemoOfFewTenants(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir) // the whole process's: this test runs alone
	for n, want := range map[string]string{
		"1": "One tenant has no neighbours",
		"2": "Only 42 has a case 1000002. acme tries to",
		"3": "Only acme has a case 1000002. bigco tries to",
	} {
		got := runCommand(t.Context(), "demo", "--tenants", n)
		if got.code != 0 {
			t.Errorf("%s tenants: exit code %d: %s", n, got.code, got.stderr)
		}
		mustSay(t, got.stdout, want, `tenant "nobody": unknown tenant`, "it is suspended")
	}
	mustHaveOnly(t, dir)
}

func TestDemoAtAPath(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// A tenant's file must not be taken for one that was there.
	neighbour := filepath.Join(dir, "acme.db")
	if err := os.WriteFile(neighbour, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := runCommand(t.Context(), "demo", "--tenants", "5", "--dsn", "sqlite:"+filepath.Join(dir, "home.db"))
	if got.code != 0 {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	mustHaveOnly(t, dir, "acme.db")
	if text, err := os.ReadFile(neighbour); err != nil || string(text) != "precious" {
		t.Errorf("the neighbour is now %q, %v", text, err)
	}
}

func TestDemoTouchesNothingThatExists(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"home.db", "home.db-wal", "home.db.tenants"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, name), []byte("precious"), 0o600); err != nil {
				t.Fatal(err)
			}
			got := runCommand(t.Context(), "demo", "--tenants", "5", "--dsn", filepath.Join(dir, "home.db"))
			if got.code != exitFailure || got.stdout != "" {
				t.Errorf("exit code %d, it printed %q", got.code, got.stdout)
			}
			mustSay(t, got.stderr, name, "exists")
			mustHaveOnly(t, dir, name)
			if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(text) != "precious" {
				t.Errorf("what was there is now %q, %v", text, err)
			}
		})
	}
	got := runCommand(t.Context(), "demo", "--dsn", filepath.Join(t.TempDir(), "no", "home.db"))
	if got.code != exitFailure {
		t.Errorf("without a directory: exit code %d", got.code)
	}
	mustSay(t, got.stderr, "there is no directory")
}

func TestKeep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "home.db")
	got := runCommand(t.Context(), "demo", "--tenants", "13", "--keep", "--dsn", path)
	if got.code != 0 {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	mustSay(t, strings.Join(strings.Fields(got.stdout), " "), "Kept: "+path+" and "+path+".tenants.")
	mustHoldTenants(t, path, 13)

	before := files(t, dir)
	again := runCommand(t.Context(), "demo", "--tenants", "5", "--dsn", path)
	if again.code != exitFailure {
		t.Errorf("the second run: exit code %d", again.code)
	}
	mustHaveOnly(t, dir, before...)
}

// mustHoldTenants opens what the demo has left as any application would.
func mustHoldTenants(t *testing.T, path string, want int) {
	t.Helper()
	d, err := sqlite.New(path, sqlite.WithDirectory(path+".tenants"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	db, err := rowhouse.Open(t.Context(), d, rowhouse.Options{Models: rowhouse.Models(Cases)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	n := 0
	for e, err := range fleet.New(db, fleet.Options{}).Tenants(t.Context()) {
		if err != nil || e.State != rowhouse.Active {
			t.Errorf("tenant %q is %s, %v", e.ID, e.State, err)
		}
		n++
	}
	if n != want {
		t.Errorf("the catalog has %d tenants, wanted %d", n, want)
	}
	trial, err := db.Tenant(t.Context(), "trial")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Cases.In(trial).Get(t.Context(), sameKey)
	if err != nil || c.Title != "the secret of trial" {
		t.Errorf("trial's case is %q, %v", c.Title, err)
	}
}

func TestKeepInATemporaryDirectory(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir) // the whole process's: this test runs alone
	got := runCommand(t.Context(), "demo", "--tenants", "13", "--keep")
	if got.code != 0 {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	homes, err := filepath.Glob(filepath.Join(dir, "rowhouse-demo-*", "home.db"))
	if err != nil || len(homes) != 1 {
		t.Fatalf("homes are %q, %v", homes, err)
	}
	mustSay(t, got.stdout, homes[0])
	mustHoldTenants(t, homes[0], 13)
}

// saboteur calls fn when a text was printed, and can fail from then on.
type saboteur struct {
	printed bytes.Buffer
	at      string
	fn      func()
	err     error
	did     bool
}

func (s *saboteur) Write(p []byte) (int, error) {
	s.printed.Write(p)
	if !s.did && strings.Contains(s.printed.String(), s.at) {
		s.did = true
		s.fn()
	}
	if s.did && s.err != nil {
		return 0, s.err
	}
	return len(p), nil
}

func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir) // the whole process's: this test runs alone
	for _, at := range []string{"Rowhouse demo", "Provision", "the same code", "Walls", "Drop"} {
		ctx, cancel := context.WithCancel(t.Context())
		stdout, stderr := &saboteur{at: at, fn: cancel}, new(bytes.Buffer)
		if code := run(ctx, []string{"demo", "--tenants", "200"}, stdout, stderr); code != exitInterrupted {
			t.Errorf("at %q: exit code %d: %s", at, code, stderr)
		}
		mustSay(t, stderr.String(), "rowhouse: interrupted\n", "What the demo made is removed.")
		mustHaveOnly(t, dir)
	}
}

func TestReaderGone(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir) // the whole process's: this test runs alone
	stdout := &saboteur{at: "Provision", fn: func() {}, err: io.ErrClosedPipe}
	stderr := new(bytes.Buffer)
	if code := run(t.Context(), []string{"demo", "--tenants", "5"}, stdout, stderr); code != exitFailure {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	mustSay(t, stderr.String(), io.ErrClosedPipe.Error())
	mustHaveOnly(t, dir)
}

// program is the command as a process of its own, with temporary directories in dir.
func program(t *testing.T, dir string, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "TMPDIR="+dir)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdout.Close() })
	return cmd, bufio.NewScanner(stdout)
}

func TestSignal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd, lines := program(t, dir, "demo", "--tenants", "2000")
	for lines.Scan() && !strings.Contains(lines.Text(), "Provision") {
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
	}
	mustExit(t, cmd, exitInterrupted)
	mustHaveOnly(t, dir)
}

// TestClosedPipe is what happens with `rowhouse demo | head -1`.
func TestClosedPipe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "demo", "--tenants", "5")
	cmd.Env = append(os.Environ(), asProgram+"=1", "TMPDIR="+dir)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = w
	if err := errors.Join(r.Close(), cmd.Start(), w.Close()); err != nil {
		t.Fatal(err)
	}
	mustExit(t, cmd, exitFailure)
	mustHaveOnly(t, dir)
}

func mustExit(t *testing.T, cmd *exec.Cmd, want int) {
	t.Helper()
	_ = cmd.Wait() // its error is the exit code once more
	if got := cmd.ProcessState.ExitCode(); got != want {
		t.Errorf("exit code %d, wanted %d: %s", got, want, cmd.ProcessState)
	}
}
