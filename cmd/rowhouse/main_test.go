package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// asProgram has the test binary be the command, for tests of what happens to a process.
const asProgram = "ROWHOUSE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// outcome is what a run of the command did.
type outcome struct {
	code           int
	stdout, stderr string
}

// runCommand runs the command in this process.
func runCommand(ctx context.Context, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	code := run(ctx, args, &stdout, &stderr)
	return outcome{code, stdout.String(), stderr.String()}
}

// mustSay fails the test for each text that is not in what was printed.
func mustSay(t *testing.T, printed string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(printed, text) {
			t.Errorf("%q is not in what was printed:\n%s", text, printed)
		}
	}
}

// files lists all files and directories below a directory.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if path != dir {
			list = append(list, strings.TrimPrefix(path, dir+string(filepath.Separator)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func mustHaveOnly(t *testing.T, dir string, want ...string) {
	t.Helper()
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Errorf("in the directory there are %q, wanted %q", got, want)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		want []string
	}{
		"no tenants":         {[]string{"demo", "--tenants", "0"}, []string{`"0"`, "--tenants", "from 1 to 100000"}},
		"negative tenants":   {[]string{"demo", "--tenants=-1"}, []string{"from 1 to 100000"}},
		"too many tenants":   {[]string{"demo", "--tenants", "100001"}, []string{"from 1 to 100000"}},
		"tenants in words":   {[]string{"demo", "--tenants", "ten"}, []string{`"ten"`, "from 1 to 100000"}},
		"unknown flag":       {[]string{"demo", "--tenant", "3"}, []string{"unknown flag", "--tenant", "'rowhouse demo --help'"}},
		"an argument":        {[]string{"demo", "home.db"}, []string{"takes no arguments", `"home.db"`}},
		"unknown command":    {[]string{"dmeo"}, []string{`unknown command "dmeo"`, "demo", "'rowhouse --help'"}},
		"version's argument": {[]string{"version", "1"}, []string{"takes no arguments"}},
		"unknown scheme":     {[]string{"demo", "--dsn", "oracle://u:hush@h/d"}, []string{`"oracle"`, "postgres://"}},
		"PostgreSQL's port":  {[]string{"demo", "--dsn", "postgres://u:hush@h:port/d"}, []string{"--dsn"}},
		"MySQL's port":       {[]string{"demo", "--dsn", "mysql://u:hush@h:port/d"}, []string{"--dsn", "port"}},
		"no host":            {[]string{"demo", "--dsn", "mysql:///d"}, []string{"no host"}},
		"MySQL's parameters": {[]string{"demo", "--dsn", "u:hush@tcp(h:1)/d?timeout=x"}, []string{"--dsn"}},
		"no path":            {[]string{"demo", "--dsn", "sqlite:"}, []string{"needs the path"}},
		"in memory":          {[]string{"demo", "--dsn", "sqlite::memory:"}, []string{"in memory"}},
		"a file URI":         {[]string{"demo", "--dsn", "file:x.db"}, []string{"plain path"}},
		"host and port":      {[]string{"demo", "--dsn", "localhost:5432"}, []string{"neither a URL nor a path"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t.Context(), test.args...)
			if got.code != exitUsage || got.stdout != "" {
				t.Errorf("exit code %d, wanted %d; it printed %q", got.code, exitUsage, got.stdout)
			}
			mustSay(t, got.stderr, append(test.want, "--help")...)
			if !strings.HasPrefix(got.stderr, "rowhouse: ") || strings.Count(got.stderr, "rowhouse: ") != 1 {
				t.Errorf("the error is not printed once, with the program's name before it: %s", got.stderr)
			}
			if strings.Contains(got.stderr, "hush") {
				t.Errorf("the error has the password in it: %s", got.stderr)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"--help"}, {"help"}} {
		got := runCommand(t.Context(), args...)
		if got.code != 0 || got.stderr != "" {
			t.Errorf("%q: exit code %d, %s", args, got.code, got.stderr)
		}
		mustSay(t, got.stdout, "demo", "reflect", "version")
	}
	got := runCommand(t.Context(), "demo", "--help")
	mustSay(t, got.stdout, "--dsn", "--tenants", "--keep", "1000", "rowhouse_demo_")
	reflected := runCommand(t.Context(), "reflect", "--help")
	mustSay(t, reflected.stdout, "--dsn", "--schema", "--prefix", "--table", "--discriminator", "--package")
	for line := range strings.Lines(got.stdout + reflected.stdout) {
		if len([]rune(line)) > 101 {
			t.Errorf("a line of the help is too long: %s", line)
		}
	}
}
