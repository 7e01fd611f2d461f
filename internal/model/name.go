package model

import (
	"fmt"
	"strings"
	"unicode"
)

// maxName is the shortest of the engines' limits on an identifier.
const maxName = 63

// badObject says what is wrong with the logical name of a table, an index or a constraint, or "".
// One that began with an underscore could not be told from the slug before it: a + _b_idx would
// be a_b + idx (see [dialect.AppendSlug]).
func badObject(name string) string {
	if strings.HasPrefix(name, "_") {
		return fmt.Sprintf("%q begins with an underscore", name)
	}
	return badText(name)
}

// badName says what is wrong with the name of a table or a column, or "".
func badName(name string) string {
	if len(name) > maxName {
		return fmt.Sprintf("%q is longer than %d bytes", name, maxName)
	}
	return badText(name)
}

// badText says what is wrong with a logical name of any length, or "". Letters, digits and
// underscores alone keep names the same on every engine and leave the other characters to
// physical names.
func badText(name string) string {
	switch {
	case name == "":
		return "is empty"
	case '0' <= name[0] && name[0] <= '9':
		return fmt.Sprintf("%q begins with a digit", name)
	}
	for _, r := range name {
		if r != '_' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)) {
			return fmt.Sprintf("%q has %q in it; use letters, digits and underscores", name, r)
		}
	}
	return ""
}

// snake is a Go name as a column's: CreatedAt is created_at, HTTPStatus is http_status.
func snake(name string) string {
	var s strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 {
			after := unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1])
			before := i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1])
			if after || before {
				s.WriteByte('_')
			}
		}
		s.WriteRune(unicode.ToLower(r))
	}
	return s.String()
}

// BadColumn says what is wrong with the name of a column, or "".
func BadColumn(name string) string { return badName(name) }
