package rawsql

// keyword takes a word of a statement whose beginning has been: it looks for those that a table
// follows, and for those that end a list of tables.
func (p *parser) keyword(t token) error {
	f := p.top()
	switch t.name {
	case "SELECT", "VALUES":
		if t.is("SELECT") {
			f.query, f.tables, f.writes = true, false, false
		}
		f.filled = true
	case "WITH":
		if (f.verb == "INSERT" || f.verb == "REPLACE") && !f.filled {
			f.expect, f.recursive, f.filled = cteName, p.following(1).is("RECURSIVE"), true
			f.inserted = len(f.ctes) + 1
		}
	case "FROM":
		return p.from()
	case "JOIN", "STRAIGHT_JOIN":
		return p.join(t)
	case "USING":
		p.using()
	case "TABLE":
		return p.fail("TABLE reads a table by its name; write SELECT … FROM {slot}")
	case "INTO":
		return p.fail("INTO stands where no table is written; a query cannot make tables, files or variables")
	case "IN":
		if p.syntax == SQLite && !p.following(1).is("(") {
			return p.fail("IN needs parentheses; in SQLite a bare name behind it is a table")
		}
	case "RETURNING", "DUPLICATE", "CONFLICT":
		f.returns = f.returns || t.is("RETURNING")
		if f.inserted > 0 {
			f.ctes = f.ctes[:f.inserted-1] // the query that is inserted has ended
		}
	}
	if setWords[t.name] {
		return p.setOperation(t)
	}
	if f.tables || f.writes {
		return p.ends(t)
	}
	return nil
}

func (p *parser) from() error {
	f := p.top()
	switch {
	case p.previous(1).is("DISTINCT") && (p.previous(2).is("IS") || p.previous(2).is("NOT") && p.previous(3).is("IS")):
		return nil // the operator
	case f.query:
		f.tables, f.expect = true, table
		return nil
	case fromFunctions[f.function]:
		return nil
	}
	return p.fail("FROM is not understood where it stands")
}

func (p *parser) join(t token) error {
	f := p.top()
	switch {
	case f.tables:
		f.expect = table
	case t.is("JOIN"):
		return p.fail("JOIN is not understood where it stands")
	}
	return nil // SELECT STRAIGHT_JOIN is an instruction to the planner
}

// using takes the list of tables that a DELETE or a MERGE reads. In a join it has columns.
func (p *parser) using() {
	f := p.top()
	if (f.verb == "DELETE" || f.verb == "MERGE") && !f.tables && !f.using {
		f.using, f.tables, f.writes, f.expect = true, true, false, table
	}
}

func (p *parser) setOperation(t token) error {
	next := p.following(1)
	inside := p.following(2)
	if next.kind == word && afterSet[next.name] || next.is("(") && (inside.is("(") || inside.kind == word && queries[inside.name]) {
		f := p.top()
		f.tables, f.writes = false, false
		return nil
	}
	return p.fail("%s is followed by no query", t.source)
}

// ends looks for the end of a list of tables.
func (p *parser) ends(t token) error {
	f := p.top()
	next := p.following(1)
	end := ends[p.syntax][t.name]
	switch t.name {
	case "GROUP", "ORDER":
		end = next.is("BY") // not WITHIN GROUP
	case "WINDOW":
		end = next.named() && p.following(2).is("AS") && p.following(3).is("(")
	case "FOR":
		if p.syntax == SQLite {
			return nil
		}
		if end = next.is("UPDATE") || next.is("SHARE") || next.is("NO") || next.is("KEY"); !end {
			return p.fail("FOR is not understood where it stands; a lock is FOR UPDATE or FOR SHARE")
		}
	case "LOCK":
		end = p.syntax.mysqlish() && next.is("IN")
	case "UPDATE":
		end = p.syntax.mysqlish() && p.previous(1).is("KEY")
	}
	if end {
		f.tables, f.writes = false, false
	}
	return nil
}
