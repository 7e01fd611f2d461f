package model

import (
	"fmt"
	"strings"
	"unicode"
)

// maxName is the shortest of the engines' limits on an identifier.
const maxName = 63

// badName says what is wrong with a logical name, or "". Letters, digits and underscores alone
// keep names the same on every engine and leave the other characters to physical names.
func badName(name string) string {
	switch {
	case name == "":
		return "is empty"
	case len(name) > maxName:
		return fmt.Sprintf("%q is longer than %d bytes", name, maxName)
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
