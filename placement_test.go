package rowhouse_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/dialect/dialecttest"
	mysqltext "github.com/rowhouse/rowhouse/dialect/mysql"
	postgrestext "github.com/rowhouse/rowhouse/dialect/postgres"
	sqlitetext "github.com/rowhouse/rowhouse/dialect/sqlite"
)

var dialects = []dialect.Dialect{postgrestext.Dialect{}, mysqltext.Dialect{}, mysqltext.Dialect{MariaDB: true}, sqlitetext.Dialect{}}

func TestCheckTenant(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 63)
	for _, id := range []string{
		"a", "42", "acme", "Acme GmbH", "a_b", "a-b", "0190163d-8694-739b-aea5-966c26f8ad91", "日本", "é", `"`, "`", "'; DROP TABLE x; --",
		"../../etc", "a.b", "{tenant}", "%", "$", long, strings.Repeat("é", 31), "a b", "\u200b", "null", "-", "_",
	} {
		if err := rowhouse.CheckTenant(id); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	for id, want := range map[string]string{
		"":                      "the id is empty",
		long + "x":              "the id has 64 bytes; 63 are the most",
		strings.Repeat("é", 32): "the id has 64 bytes",
		"\xff":                  "not UTF-8",
		"a\xc3":                 "not UTF-8",
		" a":                    "space",
		"a ":                    "space",
		"a\u00a0":               "space",
		"\u3000a":               "space",
		" ":                     "space",
		"a\n":                   "space",
		"a\nb":                  "control character",
		"a\x00b":                "control character",
		"a\x7fb":                "control character",
		"a\u0085b":              "control character",
		"\x00":                  "control character",
	} {
		err := rowhouse.CheckTenant(id)
		known, ok := errors.AsType[*rowhouse.TenantError](err)
		if !ok || known.Tenant != id || !errors.Is(err, rowhouse.ErrUnknownTenant) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", id, err, want)
		}
	}
}

func TestPlacementFor(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 60)
	for _, c := range []struct {
		name   string
		p      rowhouse.Placement
		tenant string
		want   rowhouse.Placement
		err    string
	}{
		{"zero is Prefix", rowhouse.Placement{}, "a", rowhouse.Prefix(), ""},
		{"prefix", rowhouse.Prefix(), "a", rowhouse.Prefix(), ""},
		{"shared", rowhouse.Shared(), "a", rowhouse.Shared(), ""},
		{"schema", rowhouse.Schema("t_{tenant}"), "a_b", rowhouse.Schema("t_a__b"), ""},
		{"the tenant alone", rowhouse.Schema("{tenant}"), "Acme GmbH", rowhouse.Schema("$41cme$20$47mb$48"), ""},
		{"the tenant twice", rowhouse.Schema("{tenant}_{tenant}"), "a", rowhouse.Schema("a_a"), ""},
		{"no pattern", rowhouse.Schema("Acme"), "a", rowhouse.Schema("Acme"), ""},
		{"another word in braces", rowhouse.Schema("{id}"), "a", rowhouse.Schema("{id}"), ""},
		{"a tenant that looks like the pattern", rowhouse.Schema("t_{tenant}"), "{tenant}", rowhouse.Schema("t_$7btenant$7d"), ""},
		{"database", rowhouse.Database("{tenant}.db"), "a/b", rowhouse.Database("a$2fb.db"), ""},
		{"too long", rowhouse.Schema("t_{tenant}"), strings.Repeat("N", 60), rowhouse.Schema("t_" + strings.Repeat("$4e", 14) + "$4"), ""},
		{"too long without a pattern", rowhouse.Schema(long + long), "a", rowhouse.Schema(long[:46]), ""},
		{"kind that is none", rowhouse.Placement{Kind: 9}, "a", rowhouse.Placement{}, "kind 9 is none"},
		{"name without a kind", rowhouse.Placement{Name: "x"}, "a", rowhouse.Placement{}, "kind 0 is none"},
		{"schema without a name", rowhouse.Schema(""), "a", rowhouse.Placement{}, "a schema needs a name"},
		{"database without a name", rowhouse.Database(""), "a", rowhouse.Placement{}, "a database needs a name"},
		{"prefix, named", rowhouse.Placement{Kind: rowhouse.InPrefix, Name: "x"}, "a", rowhouse.Placement{}, "has no name of its own"},
		{"shared, named", rowhouse.Placement{Kind: rowhouse.InShared, Name: "x"}, "a", rowhouse.Placement{}, "has no name of its own"},
		{"control character", rowhouse.Schema("t\x00{tenant}"), "a", rowhouse.Placement{}, "control character"},
	} {
		for _, d := range dialects {
			t.Run(d.Name()+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				got, err := c.p.For(d, c.tenant)
				if c.err != "" {
					if !errors.Is(err, rowhouse.ErrPlacement) || !strings.Contains(err.Error(), c.err) ||
						!strings.Contains(err.Error(), `"`+c.tenant+`"`) {
						t.Errorf("%v, %v; want %s", got, err, c.err)
					}
					return
				}
				cut := strings.HasPrefix(c.name, "too long") && strings.HasPrefix(got.Name, c.want.Name) && len(got.Name) <= d.MaxName()
				if err != nil || got.Kind != c.want.Kind || got.Name != c.want.Name && !cut {
					t.Errorf("%v, %v; want %v", got, err, c.want)
				}
			})
		}
	}
	if _, err := rowhouse.Prefix().For(dialects[0], ""); !errors.Is(err, rowhouse.ErrUnknownTenant) {
		t.Errorf("a tenant without an id: %v", err)
	}
}

// TestPlacementForReserved: an id cannot take a tenant into the engine's own schemas.
func TestPlacementForReserved(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d       dialect.Dialect
		tenants []string
		schema  string
	}{
		{postgrestext.Dialect{}, []string{"public", "pg_catalog", "pg_x"}, "{tenant}"},
		{postgrestext.Dialect{}, []string{"catalog"}, "pg_{tenant}"},
		{postgrestext.Dialect{}, []string{"a"}, "information_schema"},
		{mysqltext.Dialect{}, []string{"mysql", "sys"}, "{tenant}"},
		{mysqltext.Dialect{}, []string{"a"}, "Information_Schema"},
		{mysqltext.Dialect{MariaDB: true}, []string{"a"}, "performance_schema"},
		{sqlitetext.Dialect{}, []string{"main", "temp"}, "{tenant}"},
	} {
		for _, tenant := range c.tenants {
			p, err := rowhouse.Schema(c.schema).For(c.d, tenant)
			if !errors.Is(err, rowhouse.ErrPlacement) || !strings.Contains(err.Error(), "belongs to the engine") {
				t.Errorf("%s: tenant %q is placed in %v, %v", c.d.Name(), tenant, p, err)
			}
		}
	}
}

func TestPlacementKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p      rowhouse.Placement
		tenant string
		want   string
	}{
		{rowhouse.Placement{}, "a_B", "prefix:a__$42"},
		{rowhouse.Prefix(), "a_B", "prefix:a__$42"},
		{rowhouse.Schema("T_a"), "a", "own:t_a"},
		{rowhouse.Database("T_a"), "a", "own:t_a"}, // on MySQL they are the same
		{rowhouse.Shared(), "a_B", "shared:a_B"},
	} {
		if got := c.p.Key(c.tenant); got != c.want {
			t.Errorf("%v of %q has the key %q, want %q", c.p, c.tenant, got, c.want)
		}
	}
	for want, p := range map[string]rowhouse.Placement{"prefix": rowhouse.Prefix(), "schema t_a": rowhouse.Schema("t_a"), "": {}} {
		if got := p.String(); got != want {
			t.Errorf("%#v is %q, want %q", p, got, want)
		}
	}
}

// patterns are placements that each give every tenant a place of its own.
var patterns = []rowhouse.Placement{
	rowhouse.Prefix(), rowhouse.Shared(), rowhouse.Schema("{tenant}x"), rowhouse.Schema("t_{tenant}"), rowhouse.Database("T-{tenant}.db"),
	rowhouse.Schema("a_very_long_schema_name_that_leaves_no_more_room_for_{tenant}"), rowhouse.Schema("日本日本日本日本日本日本日本日本{tenant}"),
}

// checkPlaced checks the place of a tenant that was let in; ok is false if that is the engine's own.
func checkPlaced(t dialecttest.Fataler, d dialect.Dialect, pattern rowhouse.Placement, tenant string) (p rowhouse.Placement, ok bool) {
	p, err := pattern.For(d, tenant)
	if err != nil {
		if errors.Is(err, rowhouse.ErrPlacement) && strings.Contains(err.Error(), "belongs to the engine") {
			return p, false
		}
		t.Fatalf("%s: tenant %q, %v: %v", d.Name(), tenant, pattern, err)
	}
	if len(p.Name) > d.MaxName() || !utf8.ValidString(p.Name) || strings.Contains(p.Name, "\x00") {
		t.Fatalf("%s: tenant %q is in %q", d.Name(), tenant, p.Name)
	}
	if again, err := p.For(d, tenant); err != nil || again != p {
		t.Fatalf("%s: tenant %q is in %v, and then in %v, %v", d.Name(), tenant, p, again, err)
	}
	names := dialect.Names{Qualifier: dialect.Qualify(d, p.Name), Prefix: dialect.Slug(tenant) + "_"}
	tokens, err := dialecttest.Tokens("FROM " + names.Table(d, "case"))
	want := 2
	if p.Name != "" {
		want = 4
	}
	if err != nil || len(tokens) != want || tokens[1].Kind != dialecttest.Identifier || tokens[want-1].Kind != dialecttest.Identifier {
		t.Fatalf("%s: tenant %q has the table %s", d.Name(), tenant, names.Table(d, "case"))
	}
	if table := tokens[want-1].Text; len(table) > d.MaxName() {
		t.Fatalf("%s: tenant %q has the table %q of %d bytes", d.Name(), tenant, table, len(table))
	}
	return p, true
}

// FuzzTenant: any id is refused, or has names that are safe and nobody else's.
func FuzzTenant(f *testing.F) {
	for _, seed := range []string{
		"a", "a_b", "A", "Acme GmbH", "", " a", "\x00", "é", "日本", `"; --`, "pg_x", "public", strings.Repeat("_", 63), "$24", "\u212a",
	} {
		f.Add(seed, seed+"x")
		f.Add(seed, strings.ToUpper(seed))
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, id := range []string{a, b} {
			if err := rowhouse.CheckTenant(id); err != nil {
				if _, err := rowhouse.Schema("t_{tenant}").For(dialects[0], id); !errors.Is(err, rowhouse.ErrUnknownTenant) {
					t.Fatalf("%q is refused, and placed: %v", id, err)
				}
				return
			}
		}
		checkApart(t, a, b)
	})
}

// checkApart checks that two tenants are apart in every kind of place, whatever folds case.
func checkApart(t dialecttest.Fataler, a, b string) {
	for _, d := range dialects {
		for _, pattern := range patterns {
			p, placed := checkPlaced(t, d, pattern, a)
			q, too := checkPlaced(t, d, pattern, b)
			if !placed || !too {
				continue
			}
			if (p.Key(a) == q.Key(b)) != (a == b) {
				t.Fatalf("%s: tenants %q and %q have the keys %q and %q", d.Name(), a, b, p.Key(a), q.Key(b))
			}
			if p.Name != "" && a != b && strings.EqualFold(p.Name, q.Name) {
				t.Fatalf("%s: tenants %q and %q are both in %q", d.Name(), a, b, p.Name)
			}
		}
	}
}

func TestTenantsApart(t *testing.T) {
	t.Parallel()
	ids := rapid.StringOfN(rapid.SampledFrom([]rune("abA_$-4é.")), 1, 30, 63).Filter(func(id string) bool {
		return rowhouse.CheckTenant(id) == nil
	})
	rapid.Check(t, func(t *rapid.T) { checkApart(t, ids.Draw(t, "a"), ids.Draw(t, "b")) })
}

func ExamplePlacement_For() {
	for _, tenant := range []string{"acme", "Acme GmbH", "a_b"} {
		p, err := rowhouse.Schema("t_{tenant}").For(postgrestext.Dialect{}, tenant)
		fmt.Println(p, err)
	}
	// Output:
	// schema t_acme <nil>
	// schema t_$41cme$20$47mb$48 <nil>
	// schema t_a__b <nil>
}
