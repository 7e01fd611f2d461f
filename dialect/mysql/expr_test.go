package mysql

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse/dialect/dialecttest"
)

func TestEscapeByBar(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"":          "",
		"a%_":       "a%_",
		`50\%`:      "50|%",
		`a\_b`:      "a|_b",
		`\\%`:       `\%`,
		"|":         "||",
		`\|`:        "||",
		`\a`:        "a",
		"*?[":       "*?[",
		"é\xff%":    "é\xff%",
		`\\\%`:      `\|%`,
		`%\\\\_\_%`: `%\\_|_%`,
	} {
		if got := escapeByBar(pattern); got != want {
			t.Errorf("escapeByBar(%q) is %q, want %q", pattern, got, want)
		}
	}
}

func checkEscape(t dialecttest.Fataler, pattern, text string) {
	got, want := dialecttest.Like(escapeByBar(pattern), text, '|'), dialecttest.Like(pattern, text, '\\')
	if got != want {
		t.Fatalf("%q LIKE %q should be %v; as %q it is %v", text, pattern, want, escapeByBar(pattern), got)
	}
}

func TestEscapeByBarMatches(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkEscape(t, dialecttest.Patterns().Draw(t, "pattern"), dialecttest.Texts().Draw(t, "text"))
	})
}

func FuzzEscapeByBar(f *testing.F) {
	f.Add("", "")
	f.Add(`a\%|_`, "a%|x")
	f.Add(`\\%`, `\anything`)
	f.Add(`\|`, "|")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !utf8.ValidString(pattern) || len(pattern)+len(text) > 40 {
			t.Skip()
		}
		checkEscape(t, pattern, text)
	})
}
