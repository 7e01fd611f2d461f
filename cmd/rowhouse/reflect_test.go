package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// systems are databases with the tables of a system that Rowhouse does not know, by engine.
var systems = map[string]func(testing.TB) string{
	"sqlite":   testdb.SQLite,
	"postgres": testdb.Postgres,
	"mariadb":  testdb.MySQL,
}

// fill runs the script that makes the tables.
func fill(t *testing.T, engine, dsn string) {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("..", "..", "fleet", "testdata", "foreign", engine+".sql"))
	mustNot(t, err)
	var drv driver.Driver
	if engine == "sqlite" {
		d, err := sqlite.New(dsn)
		mustNot(t, err)
		defer func() {
			// As another program's file: one with a write-ahead log has it beside it when it is read.
			_, err := d.Pool().ExecContext(t.Context(), "PRAGMA journal_mode = DELETE")
			mustNot(t, err)
			mustNot(t, d.Close())
		}()
		drv = d
	} else {
		at, err := parseDSN(dsn)
		mustNot(t, err)
		d, disconnect, err := at.visit(t.Context())
		mustNot(t, err)
		defer func() { mustNot(t, disconnect()) }()
		drv = d
	}
	db, err := drv.Open(t.Context(), "")
	mustNot(t, err)
	for statement := range strings.SplitSeq(string(script), ";\n") {
		if strings.TrimSpace(statement) != "" {
			_, err := db.Exec(t.Context(), &driver.Statement{Text: statement, Write: true})
			mustNot(t, err)
		}
	}
	mustNot(t, db.Close())
}

func mustNot(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// provisioner is a program of the printed models: it makes their tables for a new tenant.
const provisioner = `package main

import (
	"context"
	"log"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/mysql"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"

	mariadbmodels "reflected/mariadb"
	postgresmodels "reflected/postgres"
	sqlitemodels "reflected/sqlite"
)

func main() {
	ctx := context.Background()
	var drv driver.Driver
	var models []rowhouse.AnyModel
	var err error
	switch os.Args[1] {
	case "sqlite":
		models = sqlitemodels.Models()
		drv, err = sqlite.New(os.Args[2])
	case "mariadb":
		models = mariadbmodels.Models()
		drv, err = mysql.New(ctx, os.Args[2])
	case "postgres":
		models = postgresmodels.Models()
		pool, failed := pgxpool.New(ctx, os.Args[2])
		drv, err = postgres.New(pool), failed
	}
	check(err)
	db, err := rowhouse.Open(ctx, drv, rowhouse.Options{Models: models})
	check(err)
	check(fleet.New(db, fleet.Options{}).Provision(ctx, fleet.NewTenant{ID: "copy", Placement: rowhouse.Prefix()}))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
`

// module makes a module of its own, with the versions of this one.
func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	mustNot(t, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	mustNot(t, err)
	text := regexp.MustCompile(`(?m)^module .*$`).ReplaceAllString(string(mod), "module reflected")
	text += fmt.Sprintf("\nrequire github.com/rowhouse/rowhouse v0.0.0\nreplace github.com/rowhouse/rowhouse => %s\n", root)
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	mustNot(t, err)
	write(t, filepath.Join(dir, "go.mod"), text)
	write(t, filepath.Join(dir, "go.sum"), string(sum))
	write(t, filepath.Join(dir, "main.go"), provisioner)
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	mustNot(t, os.MkdirAll(filepath.Dir(path), 0o755))
	mustNot(t, os.WriteFile(path, []byte(text), 0o644))
}

// runIn runs a program to its end.
func runIn(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -mod=mod", "GOPROXY=off", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// roles are what the library does instead of a default of the database's, which the copy has not.
var roles = regexp.MustCompile(`(,created|,updated)\b|(uuid\.UUID +.db:"id,pk),auto`)

// body is the source without the package's comment, which has the remarks, and without roles.
func body(text string) string {
	_, body, _ := strings.Cut(text, "\npackage ")
	return roles.ReplaceAllString(body, "$2")
}

// TestReflectComesBack prints models of a system's tables on each engine, compiles them into a program,
// has it make their tables for a new tenant, and prints the models of those: the same.
func TestReflectComesBack(t *testing.T) {
	t.Parallel()
	dir, dsns, printed := module(t), map[string]string{}, map[string]string{}
	for engine, dsn := range systems {
		dsns[engine] = dsn(t)
		fill(t, engine, dsns[engine])
		got := runCommand(t.Context(), "reflect", "--dsn", dsns[engine], "--prefix", "app_", "--package", engine)
		if got.code != 0 {
			t.Fatalf("%s: exit code %d: %s", engine, got.code, got.stderr)
		}
		printed[engine] = got.stdout
		mustSay(t, got.stdout, "type Item struct", "type User struct", "= rowhouse.Through(UserWearers, WearerBadge, func(r *User) *[]Badge",
			"= rowhouse.Through(BadgeWearers, WearerUser, func(r *Badge) *[]User", `//   - table "heap": it is left out: it has no primary key`)
		write(t, filepath.Join(dir, engine, "models.go"), got.stdout)
	}
	runIn(t, dir, "go", "build", "-o", "provision", ".")
	for engine, dsn := range dsns {
		runIn(t, dir, filepath.Join(dir, "provision"), engine, dsn)
		got := runCommand(t.Context(), "reflect", "--dsn", dsn, "--prefix", "copy_", "--package", engine)
		if got.code != 0 {
			t.Fatalf("%s: exit code %d: %s", engine, got.code, got.stderr)
		}
		if body(got.stdout) != body(printed[engine]) {
			t.Errorf("%s: of the copy it prints\n%s\nand of the first\n%s", engine, got.stdout, printed[engine])
		}
	}
}

// TestReflectTouchesNothing: a file is as it was, and no other is beside it.
func TestReflectTouchesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "app.db")
	fill(t, "sqlite", path)
	before, err := os.ReadFile(path)
	mustNot(t, err)
	if got := runCommand(t.Context(), "reflect", "--dsn", path, "--prefix", "app_"); got.code != 0 {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	after, err := os.ReadFile(path)
	mustNot(t, err)
	if string(before) != string(after) {
		t.Error("the file was changed")
	}
	mustHaveOnly(t, dir, "app.db")
}

func TestReflectFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	full, empty, other := filepath.Join(dir, "app.db"), filepath.Join(dir, "empty.db"), filepath.Join(dir, "other.db")
	fill(t, "sqlite", full)
	write(t, empty, "")
	write(t, other, strings.Repeat("this is no database\n", 100))
	for name, c := range map[string]struct {
		args  []string
		code  int
		wants []string
	}{
		"no dsn":        {nil, exitUsage, []string{"--dsn is needed"}},
		"in memory":     {[]string{"--dsn", "sqlite::memory:"}, exitUsage, []string{"in memory"}},
		"a bad pattern": {[]string{"--dsn", full, "--table", "["}, exitUsage, []string{"--table", "no pattern"}},
		"a bad package": {[]string{"--dsn", full, "--package", "my-models"}, exitUsage, []string{"--package", `"my-models"`}},
		"package main":  {[]string{"--dsn", full, "--package", "main"}, exitUsage, []string{"--package", "a program's"}},
		"an argument":   {[]string{full}, exitUsage, []string{"takes no arguments"}},
		"no file":       {[]string{"--dsn", filepath.Join(dir, "none.db")}, exitFailure, []string{"there is no file", "none.db"}},
		"no database":   {[]string{"--dsn", other}, exitFailure, []string{"not a database"}},
		"empty":         {[]string{"--dsn", empty}, exitFailure, []string{`no table is there: schema "main" has none`}},
		"no such table": {[]string{"--dsn", full, "--table", "case*"}, exitFailure, []string{`has none that is like "case*"`}},
		"no prefix":     {[]string{"--dsn", full, "--prefix", "42_"}, exitFailure, []string{`has none that begins with "42_"`}},
		"no model": {
			[]string{"--dsn", full, "--prefix", "app_", "--table", "heap"},
			exitFailure,
			[]string{`is like "heap" and makes a model`, "it has no primary key"},
		},
		"no discriminator": {
			[]string{"--dsn", full, "--table", "alien", "--discriminator", "tenant_id"},
			exitFailure,
			[]string{`has none that is like "alien" and has a column "tenant_id"`},
		},
	} {
		got := runCommand(t.Context(), append([]string{"reflect"}, c.args...)...)
		if got.code != c.code || got.stdout != "" {
			t.Errorf("%s: exit code %d, it printed %q", name, got.code, got.stdout)
		}
		mustSay(t, got.stderr, c.wants...)
	}
	mustHaveOnly(t, dir, "app.db", "empty.db", "other.db")
}

func TestReflectOnServersFails(t *testing.T) {
	t.Parallel()
	for engine, dsn := range map[string]string{"postgres": testdb.Postgres(t), "mariadb": testdb.MySQL(t)} {
		for _, c := range []struct{ flag, value, want string }{
			{"--schema", "nowhere", `schema "nowhere" has none`}, {"--table", "case", `has none that is like "case"`},
		} {
			got := runCommand(t.Context(), "reflect", "--dsn", dsn, c.flag, c.value)
			if got.code != exitFailure || got.stdout != "" {
				t.Errorf("%s: exit code %d, it printed %q", engine, got.code, got.stdout)
			}
			mustSay(t, got.stderr, c.want)
		}
	}
	got := runCommand(t.Context(), "reflect", "--dsn", "mysql://root@127.0.0.1:1/")
	if got.code != exitUsage {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	mustSay(t, got.stderr, "--dsn names no database")
	for _, dsn := range []string{"postgres://u:hush@127.0.0.1:1/d", "mysql://u:hush@127.0.0.1:1/d"} {
		got := runCommand(context.Background(), "reflect", "--dsn", dsn)
		if got.code != exitFailure || strings.Contains(got.stderr, "hush") {
			t.Errorf("exit code %d: %s", got.code, got.stderr)
		}
		mustSay(t, got.stderr, "cannot be reached", "check --dsn")
	}
}

// TestReadmeCommands runs the commands that the README shows, in their order, in a directory of their own.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	mustNot(t, err)
	home := filepath.Join(t.TempDir(), "demo.db")
	printed := ""
	for line := range strings.Lines(string(readme)) {
		command, is := strings.CutPrefix(strings.TrimSpace(line), "go run ./cmd/rowhouse ")
		if !is || command == "demo" { // which make demo runs
			continue
		}
		got := runCommand(t.Context(), strings.Fields(strings.ReplaceAll(command, "demo.db", home))...)
		if got.code != 0 {
			t.Fatalf("%s: exit code %d: %s", command, got.code, got.stderr)
		}
		printed = got.stdout
	}
	mustSay(t, printed, "type Case struct", `rowhouse.MustDefine[Case]("case")`, "Cases", "`db:\"id,pk,auto\"`")
}
