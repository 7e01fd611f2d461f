package dialect_test

import (
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/dialect/dialecttest"
	"github.com/rowhouse/rowhouse/dialect/mysql"
	"github.com/rowhouse/rowhouse/dialect/postgres"
)

func TestPlaceKind(t *testing.T) {
	t.Parallel()
	for kind, name := range map[dialect.PlaceKind]string{
		dialect.Prefix: "prefix", dialect.Schema: "schema", dialect.Database: "database", dialect.Shared: "shared",
	} {
		if got := kind.String(); got != name {
			t.Errorf("kind %d is %q, want %q", kind, got, name)
		}
		if got, ok := dialect.ParsePlaceKind(name); !ok || got != kind {
			t.Errorf("%q is %d, %v; want %d", name, got, ok, kind)
		}
	}
	for _, name := range []string{"", "Prefix", "prefix ", "other"} {
		if got, ok := dialect.ParsePlaceKind(name); ok || got != 0 {
			t.Errorf("%q is a kind: %d", name, got)
		}
	}
	if got := dialect.PlaceKind(99).String(); got != "" {
		t.Errorf("kind 99 is %q", got)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	pg, my := postgres.Dialect{}, mysql.Dialect{}
	for _, c := range []struct {
		name  string
		d     dialect.Dialect
		names dialect.Names
		want  string
	}{
		{"nothing", pg, dialect.Names{}, `"case"`},
		{"prefix", pg, dialect.Names{Qualifier: dialect.Qualify(pg, "public"), Prefix: "42_"}, `"public"."42_case"`},
		{"schema", pg, dialect.Names{Qualifier: dialect.Qualify(pg, "acme")}, `"acme"."case"`},
		{"schema with a mark", pg, dialect.Names{Qualifier: dialect.Qualify(pg, `a"b`)}, `"a""b"."case"`},
		{"no schema", pg, dialect.Names{Qualifier: dialect.Qualify(pg, "")}, `"case"`},
		{"mysql", my, dialect.Names{Qualifier: dialect.Qualify(my, "a`b"), Prefix: "42_"}, "`a``b`.`42_case`"},
	} {
		if got := c.names.Table(c.d, "case"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// checkQuoted checks that a quoted name is one identifier to the lexer, and that name, wherever it
// stands.
func checkQuoted(t *testing.T, d dialect.Dialect, name string) {
	sql := "SELECT " + dialect.Quote(d, name) + " FROM " + dialect.Quote(d, name) + " -- end"
	tokens, err := dialecttest.Tokens(sql)
	if err != nil || len(tokens) != 7 || !tokens[1].Quoted(name) || !tokens[2].Is("FROM") || !tokens[3].Quoted(name) {
		t.Fatalf("%s: %q is quoted as %s: %v, %v", d.Name(), name, dialect.Quote(d, name), tokens, err)
	}
}

func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"case", "", `"`, "`", `""`, "a\"b`c'd", `"; DROP TABLE x; --`, "\x00", "\\", "é\xff", "$1", "?"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for _, d := range dialects {
			checkQuoted(t, d, name)
			got := dialect.Quote(d, name)
			if want := len(name) + 2 + strings.Count(name, string(d.QuoteMark())); len(got) != want {
				t.Fatalf("%s: %q is quoted as %s, of %d bytes, not %d", d.Name(), name, got, len(got), want)
			}
		}
	})
}
