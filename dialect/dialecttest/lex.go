package dialecttest

import (
	"fmt"
	"slices"
	"strings"
)

// TokenKind is what a token is.
type TokenKind uint8

// The kinds of token.
const (
	Word        TokenKind = iota + 1 // a keyword or a bare name, in upper case; or a number
	Identifier                       // a quoted identifier, without its quotation marks
	Text                             // a literal in single quotes, without them
	Placeholder                      // ? or $n
	Symbol                           // one other character
)

// Token is a token of SQL.
type Token struct {
	Kind TokenKind
	Text string
}

// Is reports a keyword or a symbol.
func (t Token) Is(text string) bool { return (t.Kind == Word || t.Kind == Symbol) && t.Text == text }

// Quoted reports a quoted identifier of that name.
func (t Token) Quoted(name string) bool { return t.Kind == Identifier && t.Text == name }

// Tokens splits SQL as an engine's lexer does. It is written to be an oracle: it knows nothing of
// how texts are made.
func Tokens(sql string) (tokens []Token, err error) {
	for at := 0; at < len(sql); {
		switch c := sql[at]; c {
		case ' ', '\n':
			at++
		case '"', '`', '\'':
			text, length := unquoted(sql[at:])
			if length == 0 {
				return tokens, fmt.Errorf("the quotation mark at byte %d is not closed", at)
			}
			kind := Identifier
			if c == '\'' {
				kind = Text
			}
			tokens = append(tokens, Token{kind, text})
			at += length
		default:
			length := max(1, wordLength(sql[at:]))
			tokens = append(tokens, bare(sql[at:at+length]))
			at += length
		}
	}
	return tokens, nil
}

// unquoted reads a quoted text up to the mark that is not doubled. Its length is 0 if there is none.
func unquoted(sql string) (text string, length int) {
	mark := sql[0]
	var s strings.Builder
	for at := 1; at < len(sql); at++ {
		if sql[at] != mark {
			s.WriteByte(sql[at])
			continue
		}
		if at+1 == len(sql) || sql[at+1] != mark {
			return s.String(), at + 1
		}
		s.WriteByte(mark)
		at++
	}
	return "", 0
}

func wordLength(sql string) int {
	n := 0
	for n < len(sql) && (sql[n] == '$' || sql[n] == '_' || isAlphanumeric(sql[n])) {
		n++
	}
	return n
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func bare(text string) Token {
	switch {
	case text == "?" || text[0] == '$':
		return Token{Placeholder, text}
	case wordLength(text) == 0:
		return Token{Symbol, text}
	}
	return Token{Word, strings.ToUpper(text)}
}

// outside returns the tokens that stand in no parentheses.
func outside(tokens []Token) (out []Token) {
	depth := 0
	for _, t := range tokens {
		switch {
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		case depth == 0:
			out = append(out, t)
		}
	}
	return out
}

// after returns the tokens after the first of these words, or nil.
func after(tokens []Token, word string) []Token {
	at := slices.IndexFunc(tokens, func(t Token) bool { return t.Is(word) })
	if at < 0 {
		return nil
	}
	return tokens[at+1:]
}

func firstDifference(a, b string) (line int, inA, inB string) {
	linesA, linesB := strings.Split(a, "\n"), strings.Split(b, "\n")
	for line < len(linesA) && line < len(linesB) && linesA[line] == linesB[line] {
		line++
	}
	at := func(lines []string) string {
		if line < len(lines) {
			return lines[line]
		}
		return "(the end)"
	}
	return line + 1, at(linesA), at(linesB)
}
