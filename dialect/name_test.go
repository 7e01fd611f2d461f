package dialect_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/dialect/mysql"
	"github.com/rowhouse/rowhouse/dialect/postgres"
	"github.com/rowhouse/rowhouse/dialect/sqlite"
)

var dialects = []dialect.Dialect{postgres.Dialect{}, mysql.Dialect{}, mysql.Dialect{MariaDB: true}, sqlite.Dialect{}}

// unslug is the inverse of Slug, written from its description: that it exists is what makes slugs
// injective.
func unslug(slug string) (tenant string, err error) {
	var id []byte
	for at := 0; at < len(slug); {
		switch c := slug[at]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-':
			id = append(id, c)
			at++
		case strings.HasPrefix(slug[at:], "__"):
			id = append(id, '_')
			at += 2
		case c == '$' && len(slug) >= at+3:
			b, err := strconv.ParseUint(slug[at+1:at+3], 16, 8)
			if err != nil {
				return "", err
			}
			id = append(id, byte(b))
			at += 3
		default:
			return "", errors.New("not a slug: " + slug)
		}
	}
	return string(id), nil
}

func checkSlug(t *testing.T, tenant string) {
	slug := dialect.Slug(tenant)
	if back, err := unslug(slug); err != nil || back != tenant {
		t.Fatalf("the slug of %q is %q, which decodes to %q (%v)", tenant, slug, back, err)
	}
	if strings.Trim(slug, "abcdefghijklmnopqrstuvwxyz0123456789-_$") != "" {
		t.Fatalf("the slug of %q is %q, which has other characters than a-z 0-9 - _ $", tenant, slug)
	}
	if upper, lower := strings.ToUpper(slug), strings.ToLower(slug); lower != slug || strings.ToLower(upper) != slug {
		t.Fatalf("the slug of %q is %q, which changes with its case", tenant, slug)
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for tenant, want := range map[string]string{
		"":             "",
		"acme":         "acme",
		"42":           "42",
		"a-b":          "a-b",
		"a_b":          "a__b",
		"_":            "__",
		"A":            "$41",
		"Acme GmbH":    "$41cme$20$47mb$48",
		"a$5fb":        "a$245fb",
		"é":            "$c3$a9",
		`"; DROP`:      "$22$3b$20$44$52$4f$50",
		"\x00\xff":     "$00$ff",
		"a.b":          "a$2eb",
		"../../x":      "$2e$2e$2f$2e$2e$2fx",
		"pg_catalog":   "pg__catalog",
		"{tenant}":     "$7btenant$7d",
		"\u212aelvin":  "$e2$84$aaelvin", // the Kelvin sign, which folds to k
		"\u0130stanbu": "$c4$b0stanbu",   // a dotted I, which folds to i in some languages
	} {
		if got := dialect.Slug(tenant); got != want {
			t.Errorf("the slug of %q is %q, want %q", tenant, got, want)
		}
		checkSlug(t, tenant)
	}
	if got := string(dialect.AppendSlug([]byte("before "), "a_b")); got != "before a__b" {
		t.Errorf("AppendSlug appended %q", got)
	}
}

func FuzzSlug(f *testing.F) {
	for _, seed := range []string{"", "acme", "a_b", "A", "$", "$24", "a__b", "\x80", "é", "-_$", "\u212a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, tenant string) { checkSlug(t, tenant) })
}

// tenants and objects generate what names are most likely to be confused by: few characters, many
// underscores. A generator belongs to one goroutine.
func tenants() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.SampledFrom([]rune("ab_A$-4é.")), 1, 5, -1)
}

func objects() *rapid.Generator[string] { return rapid.StringMatching(`[abA][abA_]{0,5}`) }

// TestSlugsDiffer says without a decoder what the decoder proves.
func TestSlugsDiffer(t *testing.T) {
	t.Parallel()
	tenants := tenants()
	rapid.Check(t, func(t *rapid.T) {
		a, b := tenants.Draw(t, "a"), tenants.Draw(t, "b")
		if (dialect.Slug(a) == dialect.Slug(b)) != (a == b) {
			t.Fatalf("slugs of %q and %q: %q and %q", a, b, dialect.Slug(a), dialect.Slug(b))
		}
	})
}

// TestPrefixedNamesDiffer: whatever folds case, no two pairs of a tenant and an object have a name
// in common.
func TestPrefixedNamesDiffer(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) {
			t.Parallel()
			type pair struct{ tenant, object string }
			tenants, objects := tenants(), objects()
			rapid.Check(t, func(t *rapid.T) {
				seen := map[string]pair{}
				for range 50 {
					p := pair{tenants.Draw(t, "tenant"), strings.ToLower(objects.Draw(t, "object"))}
					name := strings.ToUpper(string(d.AppendName(nil, dialect.Slug(p.tenant)+"_", p.object)))
					if other, taken := seen[name]; taken && other != p {
						t.Fatalf("%v and %v are both %s", p, other, name)
					}
					seen[name] = p
				}
			})
		})
	}
}

func TestPrefixedNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ tenant, object, want string }{
		{"42", "case", "42_case"},
		{"a", "b_case", "a_b_case"},
		{"a_b", "case", "a__b_case"},
		{"a_", "case", "a___case"},
		{"A", "case", "$41_case"},
		{"a", "Case", "a_Case"},
	} {
		for _, d := range dialects {
			if got := string(d.AppendName(nil, dialect.Slug(c.tenant)+"_", c.object)); got != c.want {
				t.Errorf("%s: tenant %q, object %q: %q, want %q", d.Name(), c.tenant, c.object, got, c.want)
			}
		}
	}
}

func TestAppendFitted(t *testing.T) {
	t.Parallel()
	const long = "a_very_long_name_of_an_index_that_no_engine_takes_as_it_is_in_its_catalog"
	for _, c := range []struct {
		name, prefix, object string
		limit                int
		want                 string
	}{
		{"short", "42_", "case", 63, "42_case"},
		{"nothing", "", "", 63, ""},
		{"exactly", "42_", "case", 7, "42_case"},
		// Names are in databases: were these to change, tables would be lost.
		{"long, 63", "42_", long, 63, "42_a_very_long_name_of_an_index_that_no_engine~p7w4bhitl27pkt3o"},
		{"long, 64", "42_", long, 64, "42_a_very_long_name_of_an_index_that_no_engine_~p7w4bhitl27pkt3o"},
		{"another tenant", "43_", long, 63, "43_a_very_long_name_of_an_index_that_no_engine~nrxr5b2dlcs6x4w2"},
		{"not in the middle of a character", "", strings.Repeat("日", 30), 63, strings.Repeat("日", 15) + "~ee7uf4ru3zdzmlmx"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := string(dialect.AppendFitted(nil, c.limit, c.prefix, c.object))
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if len(got) > c.limit || !utf8.ValidString(got) {
				t.Errorf("%q has %d bytes of %d", got, len(got), c.limit)
			}
			if again := string(dialect.AppendFitted([]byte("x"), c.limit, c.prefix, c.object)); again != "x"+got {
				t.Errorf("appended: %q", again)
			}
		})
	}
}

// TestLongNamesDiffer draws names that have their beginnings in common, and so their hashes alone
// to tell them apart.
func TestLongNamesDiffer(t *testing.T) {
	t.Parallel()
	ends := rapid.StringMatching(`[ab]{0,30}`)
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(40, 64).Draw(t, "limit")
		seen := map[string]string{}
		for range 50 {
			whole := strings.Repeat("x", rapid.IntRange(30, 60).Draw(t, "length")) + ends.Draw(t, "end")
			cut := rapid.IntRange(0, len(whole)).Draw(t, "cut")
			name := string(dialect.AppendFitted(nil, limit, whole[:cut], whole[cut:]))
			if len(name) > limit {
				t.Fatalf("%q has %d bytes of %d", name, len(name), limit)
			}
			if (len(whole) <= limit) != (name == whole) {
				t.Fatalf("%q of %d bytes became %q", whole, len(whole), name)
			}
			if other, taken := seen[name]; taken && other != whole {
				t.Fatalf("%q and %q are both %q", whole, other, name)
			}
			seen[name] = whole
		}
	})
}

func TestReserved(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		prefixed, beside []string
		want             map[string]string
	}{
		{"nothing", []string{"case"}, []string{"case", "comment"}, map[string]string{}},
		{"one", []string{"case"}, []string{"a_case"}, map[string]string{"a": "a_case"}},
		{"whatever the case", []string{"Case"}, []string{"A_CASE"}, map[string]string{"a": "A_CASE"}},
		{"two models", []string{"case", "b_case"}, []string{"a_b_case"}, map[string]string{"a_b": "a_b_case", "a": "a_b_case"}},
		{"an empty prefix is nobody's", []string{"case"}, []string{"_case"}, map[string]string{}},
		{"the catalog", []string{"tenant"}, []string{"rowhouse_tenant"}, map[string]string{"rowhouse": "rowhouse_tenant"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := dialect.Reserved(c.prefixed, c.beside); !maps.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// TestReservedExactly: a tenant is refused when, and only when, one of its names would be another
// object's.
func TestReservedExactly(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) {
			t.Parallel()
			tenants, lists := tenants(), rapid.SliceOfN(objects(), 1, 8)
			rapid.Check(t, func(t *rapid.T) {
				prefixed, beside := lists.Draw(t, "prefixed"), lists.Draw(t, "beside")
				reserved := dialect.Reserved(prefixed, beside)
				for range 20 {
					checkReserved(t, d, tenants.Draw(t, "tenant"), prefixed, beside, reserved)
				}
			})
		})
	}
}

func checkReserved(t *rapid.T, d dialect.Dialect, tenant string, prefixed, beside []string, reserved map[string]string) {
	slug := dialect.Slug(tenant)
	taken := slices.ContainsFunc(prefixed, func(object string) bool {
		name := string(d.AppendName(nil, slug+"_", object))
		return slices.ContainsFunc(beside, func(other string) bool {
			return strings.EqualFold(name, string(d.AppendName(nil, "", other)))
		})
	})
	if _, refused := reserved[slug]; refused != taken {
		t.Fatalf("tenant %q: refused %v, in the way %v", tenant, refused, taken)
	}
}

func ExampleSlug() {
	for _, tenant := range []string{"acme", "Acme GmbH", "a_b"} {
		fmt.Println(dialect.Slug(tenant) + "_case")
	}
	// Output:
	// acme_case
	// $41cme$20$47mb$48_case
	// a__b_case
}
