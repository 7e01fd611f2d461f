package rawsql

import (
	"fmt"
	"slices"
	"strings"
)

// Known are the names that a text may put into slots.
type Known struct {
	Models  []string // names of models
	Catalog string   // the beginning of names that no text may have
}

type parser struct {
	syntax Syntax
	known  Known
	tokens []token
	at     int // of the present token
	frames []frame
	out    output
	line   int
}

// Parse takes a text apart, or says why it is refused, with an [*Error].
func Parse(s Syntax, sql string, known Known) (*Text, error) {
	tokens, err := lex(s, sql)
	if err != nil {
		return nil, err
	}
	p := &parser{
		syntax: s, known: known, tokens: tokens, line: 1,
		frames: []frame{{expect: statement}}, out: output{args: map[string]int{}},
	}
	if len(tokens) == 0 {
		return nil, &Error{Problem: "the text is empty"}
	}
	for ; p.at < len(p.tokens); p.at++ {
		t := p.tokens[p.at]
		p.line += strings.Count(t.before, "\n")
		p.out.write(t.before)
		if t.is(";") {
			if p.at+1 < len(p.tokens) {
				return nil, p.fail("a second statement follows; one text is one statement")
			}
			break
		}
		if err := p.token(t); err != nil {
			return nil, err
		}
		p.line += strings.Count(t.source, "\n")
	}
	return p.end()
}

func (p *parser) end() (*Text, error) {
	f := p.top()
	if len(p.frames) > 1 {
		return nil, p.fail("a parenthesis is not closed")
	}
	if err := p.complete(f); err != nil {
		return nil, err
	}
	text := &p.out.text
	text.Writes = text.Writes || verbs[f.verb]
	text.Returns = !verbs[f.verb] || f.returns || p.tokens[0].is("EXPLAIN")
	return p.out.finish(p.syntax), nil
}

func (p *parser) fail(format string, args ...any) error {
	return &Error{Line: p.line, Problem: fmt.Sprintf(format, args...)}
}

// previous and following return the token n away, or a zero one.
func (p *parser) previous(n int) token { return p.tokenAt(p.at - n) }

func (p *parser) following(n int) token { return p.tokenAt(p.at + n) }

func (p *parser) tokenAt(at int) token {
	if at < 0 || at >= len(p.tokens) {
		return token{}
	}
	return p.tokens[at]
}

// token takes one token: it is written as it stands, unless it is a slot or an argument.
func (p *parser) token(t token) error {
	switch t.kind {
	case slot:
		return p.slot(t)
	case arg:
		return p.arg(t)
	case hint:
		p.out.write(t.source)
		return nil
	case word, quoted:
		if err := p.checkName(t); err != nil {
			return err
		}
	}
	if p.list(t) {
		return nil
	}
	p.out.write(t.source)
	switch {
	case t.is("("), t.is("["):
		return p.parenthesis(t)
	case t.is(")"), t.is("]"):
		return p.shut(t)
	case t.is("{"), t.is("}"):
		return p.fail("a brace that belongs to no slot")
	case t.kind == word && !p.previous(1).is("."):
		return p.word(t)
	}
	return p.other(t)
}

// checkName refuses what no text may name or call, in whatever place.
func (p *parser) checkName(t token) error {
	name := t.name
	if p.known.Catalog != "" && len(name) >= len(p.known.Catalog) && strings.EqualFold(name[:len(p.known.Catalog)], p.known.Catalog) {
		return p.fail("%q is a name of the catalog's, which no tenant has", lower(name))
	}
	if p.following(1).is("(") && p.syntax.refuses(name) {
		return p.fail("function %s is refused: it runs text as SQL, or reaches what is not the tenant's; "+
			"if it must be, use the transaction's own (Native)", lower(name))
	}
	return nil
}

// list takes [NOT] IN (argument) as one part, which a list of values may fill.
func (p *parser) list(t token) bool {
	n := 0
	if t.is("NOT") {
		n = 1
	}
	in := p.tokenAt(p.at + n)
	a := p.following(n + 2)
	if !in.is("IN") || !p.following(n+1).is("(") || a.kind != arg || !p.following(n+3).is(")") || p.previous(1).is(".") ||
		p.top().expect != anything {
		return false
	}
	if p.mixed(a) != nil {
		return false
	}
	p.out.part(Part{Kind: List, Arg: p.out.arg(a.name), Not: n == 1})
	p.at += n + 3
	return true
}

// mixed refuses numbers and names in one text.
func (p *parser) mixed(t token) error {
	named := !isDigit(t.name[0])
	if len(p.out.text.Args) > 0 && named != p.out.text.Named {
		return p.fail("arguments are numbered or named, not both")
	}
	p.out.text.Named = named
	return nil
}

func (p *parser) arg(t token) error {
	if err := p.mixed(t); err != nil {
		return err
	}
	f := p.top()
	if f.expect == perhaps {
		f.expect = anything
	}
	if f.expect != anything {
		return p.misplaced(t)
	}
	p.out.part(Part{Kind: Arg, Arg: p.out.arg(t.name)})
	return nil
}

// slot takes a slot where a table stands, or before a dot.
func (p *parser) slot(t token) error {
	if !slices.Contains(p.known.Models, t.name) {
		return p.fail("there is no model %q for slot {%s}; there are %s", t.name, t.name, strings.Join(p.known.Models, ", "))
	}
	f := p.top()
	part := Part{Kind: Source, Text: t.name, Alias: !p.aliased()}
	switch f.expect {
	case insertHead, updateHead, target:
		part.Kind = Target
		// The dialect says whether INSERT and DELETE of one table know aliases.
		part.Into = f.verb != "UPDATE" && f.verb != "MERGE"
		p.out.text.Writes = true
	case table, group:
		if f.writes {
			part.Kind = Target
		}
	default:
		return p.qualifier(t)
	}
	if p.following(1).is(".") {
		return p.fail("slot {%s} is a whole table where it stands; a dot cannot follow", t.name)
	}
	if f.expect == target || f.expect == updateHead || f.expect == insertHead {
		f.tables = f.verb == "UPDATE" && p.syntax.mysqlish()
		f.writes = f.tables
	}
	f.expect = item
	p.merged(f)
	p.out.part(part)
	return nil
}

// aliased reports whether an alias follows the present table.
func (p *parser) aliased() bool {
	t := p.following(1)
	return t.is("AS") || t.kind == quoted || t.kind == text || t.kind == word && !noAlias[t.name]
}

// qualifier takes a slot that means the alias of its table.
func (p *parser) qualifier(t token) error {
	f := p.top()
	if f.expect == perhaps {
		f.expect = anything
	}
	if f.expect == deleteHead && p.syntax.mysqlish() {
		f.expect = deleteNames
	}
	dotted := p.following(1).is(".") && f.expect == anything
	if !dotted && !p.previous(1).is("OF") && f.expect != deleteNames {
		return p.fail("slot {%s} stands where no table does; it is a table after FROM, JOIN, INTO and UPDATE, "+
			"and its alias before a dot", t.name)
	}
	p.out.part(Part{Kind: Qualifier, Text: t.name})
	return nil
}

func (p *parser) parenthesis(t token) error {
	switch f := p.top(); f.expect {
	case insertHead, updateHead, deleteHead, deleteNames, mergeHead, target, cteName, cteEnd:
		if f.expect != cteEnd || t.is("[") {
			return p.misplaced(t)
		}
		f.expect = anything
	case statement, perhaps:
		f.expect = anything
	}
	p.open(t)
	return nil
}

// other takes a quoted name, a literal, a number, a symbol, or a word after a dot.
func (p *parser) other(t token) error {
	f := p.top()
	switch f.expect {
	case item:
		return p.afterTable(t)
	case anything:
		if t.is(",") && f.tables {
			f.expect = table
		}
		return nil
	case perhaps, alias:
		f.expect = anything
		return nil
	case table, group:
		return p.table(t)
	case cteName:
		return p.cteNamed(t)
	case cteEnd:
		if t.is(",") {
			f.expect = cteName
			return nil
		}
	case deleteHead, deleteNames:
		if p.syntax.mysqlish() {
			f.expect = deleteNames
		}
		if f.expect == deleteHead {
			break
		}
		if t.named() || t.is(".") || t.is("*") || t.is(",") {
			return nil
		}
	case explained:
		if t.is("=") {
			return nil
		}
	}
	return p.misplaced(t)
}

// afterTable takes what follows a table and is no bare word.
func (p *parser) afterTable(t token) error {
	f := p.top()
	switch {
	case t.is(","):
		f.expect = anything
		if f.tables {
			f.expect = table
		}
	case t.is("*") && p.syntax == PostgreSQL: // with its children, as it is without
	case t.kind == quoted, t.kind == text: // its alias
		f.expect = anything
	default:
		f.expect = anything
	}
	return nil
}

// fullName is a name with its parts after dots.
func (p *parser) fullName(t token) string {
	parts := []string{t.source}
	for n := 1; t.named() && p.following(n).is(".") && p.following(n+1).named(); n += 2 {
		parts = append(parts, p.following(n+1).source)
	}
	return strings.Join(parts, ".")
}

// misplaced refuses a token where a table, or a word of the statement, must stand.
func (p *parser) misplaced(t token) error {
	name := t.source
	if t.kind == text || t.kind == number {
		name = "a literal"
	}
	switch f := p.top(); f.expect {
	case table, group, target, insertHead, updateHead:
		if t.named() {
			name = p.fullName(t)
		}
		if t.named() && p.model(t.name) {
			return p.fail("%s stands where a table does; write the model's slot, {%s}", name, lower(t.name))
		}
		return p.fail("%s stands where a table does; write a model's slot, such as {case}; for other tables there is Native", name)
	case statement:
		if len(p.frames) == 1 {
			return p.fail("a text begins with SELECT, WITH, VALUES, INSERT, UPDATE, DELETE, MERGE, REPLACE or EXPLAIN, not with %s: "+
				"what changes tables, sessions or transactions is refused", name)
		}
	case deleteHead:
		return p.fail("DELETE needs FROM before %s", name)
	}
	return p.fail("%s is not understood where it stands", name)
}
