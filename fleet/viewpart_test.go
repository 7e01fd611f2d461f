package fleet

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	mysqldialect "github.com/rowhouse/rowhouse/dialect/mysql"
	postgresdialect "github.com/rowhouse/rowhouse/dialect/postgres"
	sqlitedialect "github.com/rowhouse/rowhouse/dialect/sqlite"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/mysql"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// TestDivide has tenants come and go, and looks at who is where.
func TestDivide(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 9).Draw(t, "size")
		present := map[string]bool{}
		var standing []uint64
		where := map[string]uint64{}
		for range rapid.IntRange(1, 60).Draw(t, "changes") {
			changed := fmt.Sprintf("t%d", rapid.IntRange(0, 40).Draw(t, "tenant"))
			present[changed] = !present[changed]
			standing, where = checkDivided(t, present, standing, where, size)
		}
	})
}

// checkDivided divides anew, and compares with how it was.
func checkDivided(
	t *rapid.T, present map[string]bool, standing []uint64, where map[string]uint64, size int,
) ([]uint64, map[string]uint64) {
	var arms []*arm
	for _, id := range slices.Sorted(maps.Keys(present)) {
		if present[id] {
			arms = append(arms, &arm{tenant: id, place: placeOf(id)})
		}
	}
	var stands []uint64
	at, split := map[string]uint64{}, map[uint64]bool{}
	for _, p := range divide(arms, standing, size) {
		if len(p.arms) == 0 || len(p.arms) > size {
			t.Fatalf("part %d has %d tenants of %d", p.number, len(p.arms), size)
		}
		if slices.Contains(stands, p.number) {
			t.Fatalf("two parts %d", p.number)
		}
		from := origin(p.arms[0].place, standing)
		if from != p.number && len(standing) > 0 {
			split[from] = true
		}
		stands = append(stands, p.number)
		for _, a := range p.arms {
			if _, twice := at[a.tenant]; twice {
				t.Fatalf("tenant %s is in two parts", a.tenant)
			}
			at[a.tenant] = p.number
			if was, known := where[a.tenant]; known && was != from {
				t.Fatalf("tenant %s was in part %d, and comes from %d", a.tenant, was, from)
			}
		}
	}
	if len(at) != len(arms) {
		t.Fatalf("%d tenants of %d are in parts", len(at), len(arms))
	}
	for tenant, n := range where { // a part that is not split keeps its number
		if now, known := at[tenant]; known && now != n && !split[n] {
			t.Fatalf("tenant %s went from part %d to %d", tenant, n, now)
		}
	}
	if len(split) > 1 {
		t.Fatalf("one tenant splits the parts %v", split)
	}
	return stands, at
}

// TestPlaceOf pins where tenants belong: were it to change, all views would be laid out anew.
func TestPlaceOf(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]uint64{"acme": 0xa048c187ad332b82, "42": 0x8d8e560ab45c4773} {
		if got := placeOf(id); got != want {
			t.Errorf("%q is at %#x, want %#x", id, got, want)
		}
	}
}

func TestViewNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a_long_name_", 6)
	for _, d := range []dialect.Dialect{postgresdialect.Dialect{}, mysqldialect.Dialect{}, sqlitedialect.Dialect{}} {
		seen := map[string]string{}
		for _, model := range []string{"case", "case_1", "Case2", long, long + "b"} {
			for _, n := range []uint64{0, 1, 12, 1 << maxBits} {
				name := viewName(d, model, n)
				if len(name) > d.MaxName() || !strings.HasPrefix(name, viewPrefix) {
					t.Errorf("%s: %q of %d bytes", d.Name(), name, len(name))
				}
				if other, taken := seen[strings.ToLower(name)]; taken {
					t.Errorf("%s: %q is %s's, too", d.Name(), name, other)
				}
				seen[strings.ToLower(name)] = model
				for _, other := range []string{"case", "case_1", "Case2", long, long + "b"} {
					got, ok := numberOf(viewBase(d, other), strings.ToLower(name))
					if ok != (other == model) || ok && got != n {
						t.Errorf("%s: %q is number %d of %s: %v", d.Name(), name, got, other, ok)
					}
				}
			}
		}
	}
	for _, rest := range []string{"", "x", "01", "-1", "1_2", "+1", "99999999999999999999"} {
		name := "rowhouse_all_case_" + rest
		if n, ok := numberOf("rowhouse_all_case_", name); ok {
			t.Errorf("%q is number %d", name, n)
		}
	}
}

// servers are connections with everything set that changes how a literal is read.
func servers(t testing.TB) map[string]driver.DB {
	t.Helper()
	list := map[string]driver.DB{}
	add := func(name string, drv driver.Driver, err error) {
		if err != nil {
			t.Fatal(err)
		}
		db, err := drv.Open(context.Background(), "")
		if err != nil {
			t.Fatal(err)
		}
		list[name] = db
	}
	for _, conforming := range []string{"on", "off"} {
		config, err := pgxpool.ParseConfig(testdb.Postgres(t))
		if err != nil {
			t.Fatal(err)
		}
		config.ConnConfig.RuntimeParams["standard_conforming_strings"] = conforming
		config.ConnConfig.RuntimeParams["backslash_quote"] = conforming
		pool, err := pgxpool.NewWithConfig(context.Background(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		add("postgres "+conforming, postgres.New(pool), nil)
	}
	for _, mode := range []string{"", ",NO_BACKSLASH_ESCAPES", ",ANSI_QUOTES,PIPES_AS_CONCAT"} {
		dsn := testdb.MySQL(t)
		join := "?"
		if strings.Contains(dsn, "?") {
			join = "&"
		}
		drv, err := mysql.New(context.Background(), dsn+join+"sql_mode="+url.QueryEscape("'STRICT_ALL_TABLES"+mode+"'"))
		if err == nil {
			t.Cleanup(func() { _ = drv.Close() })
		}
		add("mysql "+mode, drv, err)
	}
	drv, err := sqlite.New(testdb.SQLite(t))
	if err == nil {
		t.Cleanup(func() { _ = drv.Close() })
	}
	add("sqlite", drv, err)
	return list
}

// readBack makes a view of a literal and reads it.
func readBack(db driver.DB, d dialect.Dialect, text string) (string, error) {
	ctx := context.Background()
	for _, s := range []string{
		"DROP VIEW IF EXISTS v",
		"CREATE VIEW v (x) AS SELECT " + literal(d, text) + " UNION ALL SELECT " + literal(d, "y"),
	} {
		if _, err := db.Exec(ctx, &driver.Statement{Text: s, Write: true}); err != nil {
			return "", fmt.Errorf("%w: %s", err, s)
		}
	}
	rows, err := db.Query(ctx, &driver.Statement{Text: "SELECT x FROM v", Columns: []dialect.Kind{dialect.Text}})
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var got string
	if rows.Next() {
		err = rows.Scan([]any{&got})
	}
	return got, err
}

// dialectOf is that of a server.
func dialectOf(name string) dialect.Dialect {
	switch {
	case strings.HasPrefix(name, "postgres"):
		return postgresdialect.Dialect{}
	case strings.HasPrefix(name, "mysql"):
		return mysqldialect.Dialect{MariaDB: true}
	}
	return sqlitedialect.Dialect{}
}

// TestLiteral reads ids back from views.
func TestLiteral(t *testing.T) {
	t.Parallel()
	ids := []string{
		"acme", `'`, `''`, `\`, `\\`, `\'`, `'\`, `"`, "`", "%", "_", "?", "$1", ":x", "@x", "E'", "--", "/*", "*/", ";", "\u00e9", "日本", "🏠🏠",
		"\u2028", "\ufeff", "\u212a", `\u0041`, `\x41`, `\n`, "a b", "'; DROP VIEW v; --", strings.Repeat(`'\`, 31),
	}
	strange := rapid.StringOfN(rapid.OneOf(rapid.SampledFrom([]rune(`'\"`+"`%_?$")), rapid.Rune()), 1, 20, 63)
	for name, db := range servers(t) {
		t.Run(name, func(t *testing.T) {
			check := func(t interface {
				Helper()
				Errorf(format string, args ...any)
			}, id string,
			) {
				t.Helper()
				if got, err := readBack(db, dialectOf(name), id); err != nil || got != id {
					t.Errorf("%q is read back as %q, %v", id, got, err)
				}
			}
			for _, id := range ids {
				check(t, id)
			}
			rapid.Check(t, func(t *rapid.T) {
				if id := strange.Draw(t, "id"); rowhouse.CheckTenant(id) == nil {
					check(t, id)
				}
			})
		})
	}
}

// FuzzLiteral goes by SQLite, which needs no server, and by what a literal may consist of elsewhere.
func FuzzLiteral(f *testing.F) {
	for _, id := range []string{"acme", `'`, `\'`, "🏠", "%?", "'; --"} {
		f.Add(id)
	}
	drv, err := sqlite.New(testdb.SQLite(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = drv.Close() })
	db, err := drv.Open(context.Background(), "")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if rowhouse.CheckTenant(id) != nil {
			return
		}
		if got, err := readBack(db, sqlitedialect.Dialect{}, id); err != nil || got != id {
			t.Fatalf("%q is read back as %q, %v", id, got, err)
		}
		hexadecimal := strings.TrimSuffix(strings.TrimPrefix(literal(mysqldialect.Dialect{}, id), "CONVERT(UNHEX('"),
			"') USING utf8mb4) COLLATE utf8mb4_0900_bin")
		if strings.ContainsFunc(hexadecimal, func(r rune) bool { return !unicode.Is(unicode.ASCII_Hex_Digit, r) }) {
			t.Fatalf("MySQL's literal of %q is %s", id, literal(mysqldialect.Dialect{}, id))
		}
		inside := strings.TrimSuffix(strings.TrimPrefix(literal(postgresdialect.Dialect{}, id), "E'"), "'::text")
		if rest := strings.NewReplacer(`\\`, "", "''", "").Replace(inside); strings.ContainsAny(rest, `'\`) {
			t.Fatalf("PostgreSQL's literal of %q is %s", id, literal(postgresdialect.Dialect{}, id))
		}
	})
}
