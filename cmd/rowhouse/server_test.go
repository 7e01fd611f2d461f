package main

import (
	"bytes"
	"context"
	"database/sql"
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"github.com/rowhouse/rowhouse/internal/testdb"
)

var homePattern = regexp.MustCompile(`in a new database (rowhouse_demo_\w+)`)

// homeOf is the home that the demo made on a server.
func homeOf(t *testing.T, printed string) string {
	t.Helper()
	match := homePattern.FindStringSubmatch(printed)
	if match == nil {
		t.Fatalf("no home is named:\n%s", printed)
	}
	return match[1]
}

// server is an engine's test server: how to reach it, and the number of databases whose names
// begin so.
type server struct {
	dsn   func(testing.TB) string
	count func(t *testing.T, dsn, beginning string) int
	drop  func(t *testing.T, dsn, beginning string)
	wants []string
}

var servers = map[string]server{
	"PostgreSQL": {testdb.Postgres, countPostgres, dropPostgres, []string{
		"on PostgreSQL ", `"public"."42_case"`, `"acme"."case"`, `"public"."case"`, "$1",
	}},
	"MariaDB": {testdb.MySQL, countMySQL, dropMySQL, []string{
		"on MariaDB ", ".`42_case`", "_acme`.`case`", "_bigco`.`case`",
	}},
}

func TestDemoOnServers(t *testing.T) {
	t.Parallel()
	for name, s := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := s.dsn(t)
			got := runCommand(t.Context(), "demo", "--tenants", "13", "--dsn", dsn)
			if got.code != 0 {
				t.Fatalf("exit code %d: %s", got.code, got.stderr)
			}
			mustSay(t, got.stdout, facts...)
			mustSay(t, got.stdout, s.wants...)
			mustFit(t, got.stdout, 100)
			if n := s.count(t, dsn, homeOf(t, got.stdout)); n != 0 {
				t.Errorf("%d databases are left", n)
			}
		})
	}
}

func TestKeepOnServers(t *testing.T) {
	t.Parallel()
	for name, s := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := s.dsn(t)
			got := runCommand(t.Context(), "demo", "--tenants", "8", "--keep", "--dsn", dsn)
			if got.code != 0 {
				t.Fatalf("exit code %d: %s", got.code, got.stderr)
			}
			home := homeOf(t, got.stdout)
			defer s.drop(t, dsn, home)
			mustSay(t, got.stdout, "Kept: ", home)
			if n := s.count(t, dsn, home); n < 3 { // the home, and those of bigco and bigco2
				t.Errorf("%d databases were kept", n)
			}
		})
	}
}

func TestInterruptOnServers(t *testing.T) {
	t.Parallel()
	for name, s := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := s.dsn(t)
			ctx, cancel := context.WithCancel(t.Context())
			stdout, stderr := new(bytes.Buffer), &saboteur{at: "provisioning: 30%", fn: cancel}
			if code := run(ctx, []string{"demo", "--tenants", "40", "--dsn", dsn}, stdout, stderr); code != exitInterrupted {
				t.Errorf("exit code %d: %s", code, stderr.printed.String())
			}
			if n := s.count(t, dsn, homeOf(t, stdout.String())); n != 0 {
				t.Errorf("%d databases are left", n)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil { // now nobody listens there
		t.Fatal(err)
	}
	for _, dsn := range []string{
		"postgres://u:hush@" + address + "/d",
		"mysql://u:hush@" + address + "/d", "u:hush@tcp(" + address + ")/",
	} {
		got := runCommand(t.Context(), "demo", "--dsn", dsn)
		if got.code != exitFailure || got.stdout != "" {
			t.Errorf("exit code %d, it printed %q", got.code, got.stdout)
		}
		mustSay(t, got.stderr, address+" cannot be reached", "refused", "check --dsn")
		if n := strings.Count(got.stderr, "\n"); n != 1 {
			t.Errorf("the error has %d lines: %s", n, got.stderr)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	maria, err := mysql.ParseDSN(testdb.MySQL(t))
	if err != nil {
		t.Fatal(err)
	}
	maria.User, maria.Passwd = "nobody", "hush"
	got := runCommand(t.Context(), "demo", "--dsn", maria.FormatDSN())
	if got.code != exitFailure {
		t.Errorf("exit code %d", got.code)
	}
	mustSay(t, got.stderr, "Access denied", "check the user and the password")
}

func countPostgres(t *testing.T, dsn, beginning string) int {
	t.Helper()
	return len(listPostgres(t, dsn, beginning))
}

func listPostgres(t *testing.T, dsn, beginning string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", beginning)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func dropPostgres(t *testing.T, dsn, beginning string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, name := range listPostgres(t, dsn, beginning) {
		if _, err := conn.Exec(t.Context(), "DROP DATABASE "+quoted(name)); err != nil {
			t.Error(err)
		}
	}
}

func countMySQL(t *testing.T, dsn, beginning string) (n int) {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM information_schema.schemata "+
		"WHERE LEFT(schema_name, ?) = ?", len(beginning), beginning).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func dropMySQL(t *testing.T, dsn, beginning string) {
	t.Helper()
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	if err := (mysqlTarget{config}).sweep(t.Context(), beginning); err != nil {
		t.Error(err)
	}
}
