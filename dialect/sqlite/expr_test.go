package sqlite

import (
	"database/sql"
	"strings"
	"testing"
	"unicode/utf8"

	_ "modernc.org/sqlite"
	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse/dialect/dialecttest"
)

// memory is an SQLite of its own in memory, on one connection.
func memory(tb testing.TB) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func TestGlob(t *testing.T) {
	t.Parallel()
	for like, want := range map[string]string{
		"":          "",
		"case":      "case",
		"a%":        "a*",
		"_b":        "?b",
		`50\%`:      "50%",
		`a\_b`:      "a_b",
		`\\`:        `\`,
		`\\%`:       `\*`,
		"*?[":       "[*][?][[]",
		`\*\?\[`:    "[*][?][[]",
		"[a-z]^!":   "[[]a-z]^!",
		`\a`:        "a",
		"é%日_":      "é*日?",
		"\xff%\xfe": "\xff*\xfe",
	} {
		if got := glob(like); got != want {
			t.Errorf("glob(%q) is %q, want %q", like, got, want)
		}
	}
}

// checkGlob compares what SQLite makes of the translation with what the pattern means.
func checkGlob(t dialecttest.Fataler, db *sql.DB, pattern, text string) {
	var got bool
	if err := db.QueryRow("SELECT ? GLOB ?", text, glob(pattern)).Scan(&got); err != nil {
		t.Fatalf("%q GLOB %q: %v", text, glob(pattern), err)
	}
	if want := dialecttest.Like(pattern, text, '\\'); got != want {
		t.Fatalf("%q LIKE %q should be %v; as GLOB %q it is %v", text, pattern, want, glob(pattern), got)
	}
}

func TestGlobMatches(t *testing.T) {
	t.Parallel()
	db := memory(t)
	rapid.Check(t, func(t *rapid.T) {
		checkGlob(t, db, dialecttest.Patterns().Draw(t, "pattern"), dialecttest.Texts().Draw(t, "text"))
	})
}

func FuzzGlob(f *testing.F) {
	db := memory(f)
	for _, seed := range []string{"", "a%", `50\%`, "[a]", "*?[]", `\\%`, "é_", "^-]"} {
		f.Add(seed, strings.Trim(seed, `%\`))
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		// SQLite's functions end a text at a NUL, and what is not UTF-8 has no characters.
		both := pattern + "," + text
		if !utf8.ValidString(both) || strings.Contains(both, "\x00") || strings.HasSuffix(pattern, `\`) || len(both) > 60 {
			t.Skip()
		}
		checkGlob(t, db, pattern, text)
	})
}
