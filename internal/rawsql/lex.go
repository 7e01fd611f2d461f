package rawsql

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	word   tokenKind = iota + 1 // a keyword or a bare name
	quoted                      // a name between quotation marks
	text                        // a text literal
	number                      // of any form
	symbol                      // one character of an operator or a mark, or all of :: and :=
	arg                         // $1, @name
	slot                        // {name}
	hint                        // a comment that speaks to the planner
)

// token is a token of SQL. What stood before it is kept, except for comments, which are a space.
type token struct {
	kind   tokenKind
	before string // white space
	source string // as it is written
	name   string // of a word in upper case; of a quoted name, an argument and a slot without its marks
}

func (t token) is(s string) bool {
	return (t.kind == word && t.name == s) || (t.kind == symbol && t.source == s)
}

func (t token) named() bool { return t.kind == word || t.kind == quoted }

// Error is a text that is refused. It quotes names and keywords of the text, no literals.
type Error struct {
	Line    int // 0 where the text as a whole is refused
	Problem string
}

// Error says where and why.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Problem
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Problem)
}

func isControl(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f
}

type lexer struct {
	syntax Syntax
	sql    string
	at     int
	tokens []token
}

// lex splits a text into tokens as the engine does. Where settings of the server change how a text is
// read, what would be read in two ways is refused.
func lex(s Syntax, sql string) ([]token, error) {
	l := &lexer{syntax: s, sql: sql}
	if !utf8.ValidString(sql) || strings.ContainsFunc(sql, isControl) {
		return nil, &Error{Problem: "the text is not UTF-8, or has a control character in it"}
	}
	for {
		before, err := l.space()
		if err != nil {
			return nil, err
		}
		if l.at == len(l.sql) {
			return l.tokens, nil
		}
		start := l.at
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		t.before, t.source = before, l.sql[start:l.at]
		if t.kind == text && len(l.tokens) > 0 && l.tokens[len(l.tokens)-1].kind == text {
			return nil, l.fail("two text literals stand in a row, which engines join in different ways; write one")
		}
		l.tokens = append(l.tokens, t)
	}
}

func (l *lexer) fail(format string, args ...any) error {
	return &Error{Line: 1 + strings.Count(l.sql[:l.at], "\n"), Problem: fmt.Sprintf(format, args...)}
}

// peek returns the byte n after the present one, or 0.
func (l *lexer) peek(n int) byte {
	if l.at+n < len(l.sql) {
		return l.sql[l.at+n]
	}
	return 0
}

func (l *lexer) has(s string) bool { return strings.HasPrefix(l.sql[l.at:], s) }

// space passes over white space and comments; a comment is a space, and the ends of its lines. One that speaks to the planner
// is left to be a token.
func (l *lexer) space() (string, error) {
	var out strings.Builder
	for l.at < len(l.sql) {
		switch c := l.sql[l.at]; {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			out.WriteByte(c)
			l.at++
		case l.lineComment():
			end := strings.IndexByte(l.sql[l.at:], '\n')
			if end < 0 {
				end = len(l.sql) - l.at
			}
			l.at += end // the end of the line is the space
		case l.has("/*+") && l.syntax != SQLite:
			return out.String(), nil
		case l.has("/*"):
			start := l.at
			if err := l.comment(); err != nil {
				return "", err
			}
			out.WriteString(" " + strings.Repeat("\n", strings.Count(l.sql[start:l.at], "\n")))
		default:
			return out.String(), nil
		}
	}
	return out.String(), nil
}

// lineComment reports a comment up to the end of the line. To MySQL, -- begins one only before a
// space: a--b is a minus minus b.
func (l *lexer) lineComment() bool {
	if !l.syntax.mysqlish() {
		return l.has("--")
	}
	return l.has("#") || l.has("--") && (l.at+2 == len(l.sql) || l.sql[l.at+2] <= ' ')
}

// comment passes over a comment, nested ones in it on PostgreSQL.
func (l *lexer) comment() error {
	start, depth := l.at, 0
	if l.syntax.mysqlish() && (l.has("/*!") || l.has("/*M!")) {
		return l.fail("a comment that begins /*! is SQL to the server; write it without the comment")
	}
	for l.at < len(l.sql) {
		switch {
		case l.has("/*") && (depth == 0 || l.syntax == PostgreSQL):
			depth++
			l.at += 2
		case l.has("*/"):
			depth--
			l.at += 2
			if depth == 0 {
				return nil
			}
		default:
			l.at++
		}
	}
	l.at = start
	return l.fail("a comment is not closed")
}

func (l *lexer) next() (token, error) {
	switch c := l.sql[l.at]; {
	case c == '\'':
		return l.text(false)
	case c == '"', c == '`', c == '[' && l.syntax == SQLite:
		return l.quoted(c)
	case c == '{':
		return l.slot()
	case c == '$':
		return l.dollar()
	case c == '@':
		return l.named()
	case isStart(c):
		return l.word()
	case isDigit(c):
		return l.number()
	case c == '/' && l.has("/*+"):
		return l.hint()
	default:
		return l.symbol(c)
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isStart reports a byte that a name begins with: every engine takes all that is not ASCII for a
// letter.
func isStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

func isName(c byte) bool { return isStart(c) || isDigit(c) || c == '$' }

// upper is a name in upper case, as engines find their keywords: of ASCII alone, where no other letter
// turns into one of a keyword's.
func upper(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}, s)
}

// word reads a name. In E'…' it is the mark of a literal with escapes.
func (l *lexer) word() (token, error) {
	start := l.at
	for l.at < len(l.sql) && isName(l.sql[l.at]) {
		l.at++
	}
	name := upper(l.sql[start:l.at])
	if l.syntax == PostgreSQL {
		switch {
		case name == "E" && l.peek(0) == '\'':
			return l.text(true)
		case name == "U" && l.peek(0) == '&' && (l.peek(1) == '\'' || l.peek(1) == '"'):
			return token{}, l.fail("U& escapes hide what a name or a text says; write the characters themselves")
		}
	}
	return token{kind: word, name: name}, nil
}

// text reads a literal up to the quotation mark that is neither doubled nor, where the literal has
// escapes for certain, escaped. Whether a plain literal has them is a setting of the server on
// PostgreSQL and MySQL, so a mark that would end it under one setting alone is refused.
func (l *lexer) text(escapes bool) (token, error) {
	start, mark, slashes := l.at, l.sql[l.at], 0
	for l.at++; l.at < len(l.sql); l.at++ {
		switch c := l.sql[l.at]; {
		case c == '\\' && l.syntax != SQLite:
			slashes++
			continue
		case c != mark, escapes && slashes%2 == 1:
		case slashes%2 == 1:
			return token{}, l.fail("a text literal has a backslash before a quotation mark, which ends it or does not by a "+
				"setting of the server; double the mark: %c%c", mark, mark)
		case l.peek(1) == mark:
			l.at++
		default:
			l.at++
			return token{kind: text}, nil
		}
		slashes = 0
	}
	l.at = start
	return token{}, l.fail("a text literal is not closed")
}

// quoted reads a name. On MySQL "…" is a text or a name by a setting of the server: it is read so
// that it is the same piece of SQL either way, and taken for a name where a table may stand.
func (l *lexer) quoted(mark byte) (token, error) {
	switch {
	case mark == '`' && l.syntax == PostgreSQL:
		return l.symbol(mark)
	case mark == '"' && l.syntax.mysqlish():
		start := l.at
		_, err := l.text(false)
		return token{kind: quoted, name: strings.ReplaceAll(l.sql[start+1:max(start+1, l.at-1)], `""`, `"`)}, err
	case mark == '[':
		end := strings.IndexByte(l.sql[l.at:], ']')
		if end < 0 {
			return token{}, l.fail("a name between brackets is not closed")
		}
		name := l.sql[l.at+1 : l.at+end]
		l.at += end + 1
		return token{kind: quoted, name: name}, nil
	}
	start := l.at
	for l.at++; l.at < len(l.sql); l.at++ {
		if l.sql[l.at] != mark {
			continue
		}
		if l.peek(1) != mark {
			l.at++
			doubled := string([]byte{mark, mark})
			return token{kind: quoted, name: strings.ReplaceAll(l.sql[start+1:l.at-1], doubled, doubled[:1])}, nil
		}
		l.at++
	}
	l.at = start
	return token{}, l.fail("a quoted name is not closed")
}

// slot reads {name}, which stands alone: what touched it would become part of the name.
func (l *lexer) slot() (token, error) {
	end := strings.IndexByte(l.sql[l.at:], '}')
	name := ""
	if end > 0 {
		name = l.sql[l.at+1 : l.at+end]
	}
	if name == "" || !isStart(name[0]) || strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII || !isName(byte(r)) }) {
		return token{}, l.fail("a brace begins no slot; a slot is a model's name in braces: {case}")
	}
	if l.at > 0 && (isName(l.sql[l.at-1]) || strings.IndexByte("'\"`]}{.", l.sql[l.at-1]) >= 0) {
		return token{}, l.fail("slot {%s} touches what stands before it; leave a space", name)
	}
	l.at += end + 1
	if c := l.peek(0); isName(c) || c == '\'' || c == '"' || c == '`' || c == '[' {
		return token{}, l.fail("slot {%s} touches what stands behind it; leave a space", name)
	}
	return token{kind: slot, name: name}, nil
}

// dollar reads $1, and on PostgreSQL a literal between $tag$ and $tag$.
func (l *lexer) dollar() (token, error) {
	if isDigit(l.peek(1)) {
		start := l.at + 1
		for l.at++; isDigit(l.peek(0)); l.at++ {
			continue
		}
		if isName(l.peek(0)) {
			return token{}, l.fail("an argument's number runs into a word")
		}
		return token{kind: arg, name: l.sql[start:l.at]}, nil
	}
	if l.syntax != PostgreSQL {
		return token{}, l.fail("a dollar sign begins no argument; arguments are $1, $2 or @name")
	}
	n := 1
	for c := l.peek(n); isStart(c) || n > 1 && isDigit(c); c = l.peek(n) {
		n++
	}
	if l.peek(n) != '$' {
		return token{}, l.fail("a dollar sign begins neither an argument ($1) nor a literal ($$…$$)")
	}
	tag := l.sql[l.at : l.at+n+1]
	end := strings.Index(l.sql[l.at+len(tag):], tag)
	if end < 0 {
		return token{}, l.fail("a literal between dollar signs is not closed")
	}
	l.at += len(tag) + end + len(tag)
	return token{kind: text}, nil
}

// named reads @name. PostgreSQL has operators with an @ in them: those begin with another character,
// or go on with one.
func (l *lexer) named() (token, error) {
	if c := l.peek(1); c >= utf8.RuneSelf || !isStart(c) || l.has("@@") {
		if l.syntax == PostgreSQL {
			return l.symbol('@')
		}
		return token{}, l.fail("an @ begins no argument: arguments are @name or $1, and variables of the session are not to be had")
	}
	start := l.at + 1
	for l.at++; l.peek(0) < utf8.RuneSelf && l.peek(0) != '$' && isName(l.peek(0)); l.at++ {
		continue
	}
	if isName(l.peek(0)) {
		return token{}, l.fail("the name of an argument has letters, digits and underscores")
	}
	return token{kind: arg, name: l.sql[start:l.at]}, nil
}

// numbers are the forms of a number, of which the longest counts.
var numbers = regexp.MustCompile(`^(0[xXbBoO][0-9a-fA-F_]+|[0-9][0-9_]*(\.[0-9_]*)?([eE][+-]?[0-9]+)?)`)

// number reads a number. Where a word follows without a space, engines and their versions differ in
// where the number ends, and one has names that begin so.
func (l *lexer) number() (token, error) {
	l.at += len(numbers.FindString(l.sql[l.at:]))
	if isName(l.peek(0)) {
		return token{}, l.fail("a number runs into a word; leave a space, or quote the name")
	}
	return token{kind: number}, nil
}

// hint reads a comment that is left in the text.
func (l *lexer) hint() (token, error) {
	end := strings.Index(l.sql[l.at+2:], "*/")
	if end < 0 || strings.Contains(l.sql[l.at+2:l.at+2+end], "/*") {
		return token{}, l.fail("a hint is not closed, or has a comment in it")
	}
	l.at += end + 4
	return token{kind: hint}, nil
}

// symbols are the characters of marks and operators.
const symbols = "+-*/<>=~!@#%^&|?(),.;:[]"

// symbol reads one character of an operator, and on PostgreSQL an operator that ends in an @.
func (l *lexer) symbol(c byte) (token, error) {
	switch {
	case strings.IndexByte(symbols, c) < 0:
		return token{}, l.fail("%q is no part of SQL here", rune(c))
	case c == '?' && l.syntax != PostgreSQL:
		return token{}, l.fail("arguments are $1, $2 or @name on every engine, not ?")
	case l.has("::"):
		l.at += 2
		return token{kind: symbol}, nil
	case c == ':' && l.syntax == SQLite:
		return token{}, l.fail("arguments are $1, $2 or @name on every engine, not :name")
	case c == ':' && l.syntax != PostgreSQL:
		return token{}, l.fail("a variable of the session outlives the statement; pass the value as an argument")
	}
	n := 1
	if l.syntax == PostgreSQL {
		for _, operator := range [...]string{"<@", "@@", "@-@"} { // not < and @name
			if l.has(operator) {
				n = len(operator)
			}
		}
	}
	l.at += n
	return token{kind: symbol}, nil
}
