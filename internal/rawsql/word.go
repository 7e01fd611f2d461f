package rawsql

import (
	"slices"
	"strings"
)

// word takes a bare word, which may be a keyword.
func (p *parser) word(t token) error {
	f := p.top()
	switch f.expect {
	case statement, perhaps, explained:
		return p.begin(t)
	case insertHead, updateHead, deleteHead, mergeHead, target:
		return p.head(t)
	case deleteNames:
		if t.is("FROM") {
			f.tables, f.writes, f.expect = true, true, table
		}
		return nil
	case table, group:
		return p.table(t)
	case alias:
		if noAlias[t.name] {
			return p.misplaced(t)
		}
		f.expect = anything
		return nil
	case item:
		if t.is("AS") {
			f.expect = alias
			return nil
		}
		f.expect = anything
		if !noAlias[t.name] {
			return nil // its alias
		}
	case cteName, cteAs, cteBody:
		return p.cte(t)
	case cteEnd:
		if _, verb := verbs[t.name]; !verb {
			return p.fail("%s is not understood behind a common table expression", t.source)
		}
		return p.begin(t)
	}
	return p.keyword(t)
}

// begin takes the first word of a statement or of a parenthesis.
func (p *parser) begin(t token) error {
	f := p.top()
	writes, verb := verbs[t.name]
	switch {
	case f.expect == perhaps && (!verb || writes && p.following(1).is("(")) && !t.is("WITH"):
		f.expect = anything // REPLACE(…) and INSERT(…) are functions too
		return p.keyword(t)
	case t.is("WITH"):
		f.expect, f.recursive = cteName, p.following(1).is("RECURSIVE")
		return nil
	case t.is("EXPLAIN") && len(p.frames) == 1 && f.expect == statement:
		f.expect = explained
		return nil
	case f.expect == explained && explaining[t.name]:
		return nil
	case !verb || t.is("MERGE") && p.syntax != PostgreSQL || t.is("REPLACE") && p.syntax == PostgreSQL:
		f.expect = statement
		return p.misplaced(t)
	case writes && (len(p.frames) > 1 && !f.body || f.verb != ""):
		return p.fail("%s cannot stand here", t.source)
	}
	f.query = true
	if f.verb != "" {
		f.expect = anything
		return p.keyword(t) // of an INSERT, the query
	}
	f.verb = t.name
	f.expect = heads[t.name]
	return nil
}

// heads are what stands between a verb that writes and its table.
var heads = map[string]expectation{
	"INSERT": insertHead, "REPLACE": insertHead, "UPDATE": updateHead, "DELETE": deleteHead, "MERGE": mergeHead,
}

// head takes the words between a verb that writes and its table.
func (p *parser) head(t token) error {
	f := p.top()
	switch {
	case modifiers[t.name] && f.expect != target, t.is("ONLY"):
	case t.is("OR") && p.syntax == SQLite && !p.following(1).is("ROLLBACK"):
	case p.previous(1).is("OR") && p.syntax == SQLite: // REPLACE, IGNORE, …
	case t.is("INTO") && (f.expect == insertHead || f.expect == mergeHead), t.is("FROM") && f.expect == deleteHead:
		f.expect = target
	case f.expect == deleteHead && p.syntax.mysqlish():
		f.expect = deleteNames
	default:
		return p.misplaced(t)
	}
	return nil
}

// cte takes a word of a common table expression.
func (p *parser) cte(t token) error {
	f := p.top()
	switch {
	case f.expect == cteName && t.is("RECURSIVE") && p.previous(1).is("WITH"):
	case f.expect == cteName:
		return p.cteNamed(t)
	case f.expect == cteAs && t.is("AS"):
		f.expect = cteBody
	case f.expect == cteBody && (t.is("NOT") || t.is("MATERIALIZED")):
	default:
		return p.misplaced(t)
	}
	return nil
}

// cteNamed takes the name of a common table expression. It is visible behind its own query, and in it
// only if it is recursive: there, the same name means a table.
func (p *parser) cteNamed(t token) error {
	if !t.named() {
		return p.misplaced(t)
	}
	if p.model(t.name) {
		return p.fail("a common table expression cannot be named as model %q is; give it another name", lower(t.name))
	}
	f := p.top()
	f.cte, f.expect = p.fold(t), cteAs
	return nil
}

// fold returns a name as the engine compares it, or more strictly: written otherwise, it is another.
func (p *parser) fold(t token) string {
	if t.kind == quoted || p.syntax != PostgreSQL {
		return t.source
	}
	return `"` + lower(t.source) + `"`
}

func (p *parser) model(name string) bool {
	return slices.ContainsFunc(p.known.Models, func(m string) bool { return strings.EqualFold(m, name) })
}

// table takes what stands for a table and is no slot: a common table expression, or a function.
func (p *parser) table(t token) error {
	f := p.top()
	writes, verb := verbs[t.name]
	if writes && p.following(1).is("(") {
		verb = false // REPLACE(…) is a function too
	}
	switch {
	case t.kind == word && f.expect == group && (verb || t.is("WITH")):
		f.expect, f.tables = perhaps, false
		return p.begin(t)
	case t.is("LATERAL"), t.is("ONLY") && p.syntax == PostgreSQL, t.is("DUAL") && p.syntax.mysqlish() && !p.following(1).is("."):
		if t.is("DUAL") {
			f.expect = item
		}
		return nil
	case !t.named():
		return p.misplaced(t)
	}
	for n := 1; p.following(n).is(".") && p.following(n+1).named(); n += 2 {
		if p.following(n + 2).is("(") {
			return p.function(t, n+1)
		}
	}
	switch {
	case p.following(1).is("("):
		return p.function(t, 0)
	case !p.following(1).is(".") && p.visible(p.fold(t)):
		f.expect = item
		p.merged(f)
		return nil
	}
	return p.misplaced(t)
}

// function takes a function that stands for a table, up to its name's last part. Its arguments are
// in the parentheses that follow, which hold no table.
func (p *parser) function(t token, more int) error {
	name := p.following(more)
	if p.model(name.name) {
		return p.fail("%s stands where a table does; write the model's slot, {%s}", t.source, lower(name.name))
	}
	for range more {
		p.at++
		next := p.tokens[p.at]
		if err := p.checkName(next); next.named() && err != nil {
			return err
		}
		p.out.write(next.before + next.source)
	}
	f := p.top()
	f.expect = item
	p.merged(f)
	return nil
}
