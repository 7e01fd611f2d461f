package source

import (
	"strconv"
	"strings"
	"unicode"
)

// names are those that are taken in one scope.
type names map[string]bool

// take returns the name, with a number if it is taken.
func (n names) take(name string) string {
	free := name
	for i := 2; n[free]; i++ {
		free = name + strconv.Itoa(i)
	}
	n[free] = true
	return free
}

// initialisms are written in capitals, as Go's own names are.
var initialisms = func() map[string]string {
	words := map[string]string{"ids": "IDs", "urls": "URLs", "ips": "IPs"}
	for word := range strings.FieldsSeq("ACL API ASCII CPU CSS CSV DB DNS EOF FTP GUID HTML HTTP HTTPS ID IMAP IP JSON JWT PDF PIN RAM RPC " +
		"SKU SLA SMS SMTP SQL SSH SSL SSO TCP TLS TTL UDP UI UID URI URL UTC UTF8 UUID VAT VM XML XSRF XSS ZIP") {
		words[strings.ToLower(word)] = word
	}
	return words
}()

// goName is a table's or a column's name as an exported one of Go: case_id is CaseID, createdAt is
// CreatedAt, _2fa is N2fa. Names of the database are of letters, digits and underscores, since others
// have no model.
func goName(name string) string {
	var b strings.Builder
	for _, word := range words(name) {
		if capitals, is := initialisms[strings.ToLower(word)]; is {
			b.WriteString(capitals)
			continue
		}
		if strings.ToUpper(word) == word {
			word = strings.ToLower(word)
		}
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	switch s := b.String(); {
	case s == "":
		return "X" // of a name that is all underscores
	case unicode.IsDigit(rune(s[0])):
		return "N" + s
	default:
		return s
	}
}

// words are the parts of a name: between underscores, and before a capital after a small letter.
func words(name string) (list []string) {
	for part := range strings.SplitSeq(name, "_") {
		start := 0
		for i := 1; i < len(part); i++ {
			if unicode.IsUpper(rune(part[i])) && unicode.IsLower(rune(part[i-1])) {
				list = append(list, part[start:i])
				start = i
			}
		}
		if start < len(part) {
			list = append(list, part[start:])
		}
	}
	return list
}

// singular is a name of many as one of them, by the plainest rules of English: Cases is Case.
func singular(name string) string {
	lower := strings.ToLower(name)
	for _, r := range []struct{ many, one string }{
		{"series", "series"},
		{"news", "news"},
		{"ies", "y"},
		{"sses", "ss"},
		{"shes", "sh"},
		{"ches", "ch"},
		{"xes", "x"},
		{"uses", "us"},
		{"ss", "ss"},
		{"us", "us"},
		{"is", "is"},
		{"s", ""},
	} {
		if strings.HasSuffix(lower, r.many) && (len(lower) > len(r.many)+1 || r.many == r.one) {
			if r.many == r.one {
				return name
			}
			return name[:len(name)-len(r.many)] + r.one
		}
	}
	return name
}

// plural is a name of one as that of many.
func plural(name string) string {
	lower := strings.ToLower(name)
	last := lower[len(lower)-1]
	switch {
	case last == 'y' && len(lower) > 1 && !strings.ContainsRune("aeiou", rune(lower[len(lower)-2])):
		return name[:len(name)-1] + "ies"
	case last == 's', last == 'x', strings.HasSuffix(lower, "ch"), strings.HasSuffix(lower, "sh"):
		return name + "es"
	default:
		return name + "s"
	}
}
