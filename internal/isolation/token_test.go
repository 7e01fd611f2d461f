package isolation

import (
	"strings"
	"unicode/utf8"
)

// token is a word of a statement. Its kind is: w a bare word in upper case, q a name in quotes
// (text is what is inside them), s a string, p a placeholder (number is the argument's, from 0),
// and any other byte for itself.
type token struct {
	kind   byte
	text   string
	number int
	depth  int // of parentheses
}

// scan takes a statement apart. quote is the mark around names.
func scan(text, quote string) (list []token) {
	depth, marks := 0, 0
	for i := 0; i < len(text); {
		c := text[i]
		t := token{kind: c, text: string(c), depth: depth}
		n := 1
		switch {
		case c == ' ' || c == '\n' || c == '\t':
			i++
			continue
		case c == '(':
			depth++
		case c == ')':
			depth--
			t.depth = depth
		case c == quote[0] || c == '\'':
			t.text, n = quotedText(text[i:])
			if t.kind = 'q'; c == '\'' {
				t.kind = 's'
			}
		case c == '?':
			t.kind, t.number = 'p', marks
			marks++
		case c == '$':
			n = 1 + digits(text[i+1:])
			t.kind, t.number = 'p', number(text[i+1:i+n])-1
		case letter(c):
			n = word(text[i:])
			t.kind, t.text = 'w', strings.ToUpper(text[i:i+n])
		}
		list = append(list, t)
		i += n
	}
	return list
}

// quotedText returns what is between two marks, doubled ones undone, and how long it was.
func quotedText(text string) (inside string, n int) {
	mark := text[:1]
	for n = 1; n < len(text); n++ {
		if text[n:n+1] != mark {
			continue
		}
		if n+1 < len(text) && text[n+1:n+2] == mark {
			n++
			continue
		}
		return strings.ReplaceAll(text[1:n], mark+mark, mark), n + 1
	}
	return text[1:], n
}

func letter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

func word(text string) (n int) {
	for n < len(text) && (letter(text[n]) || '0' <= text[n] && text[n] <= '9') {
		n++
	}
	return n
}

func digits(text string) (n int) {
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return n
}

func number(text string) (n int) {
	for _, c := range []byte(text) {
		n = 10*n + int(c-'0')
	}
	return n
}
