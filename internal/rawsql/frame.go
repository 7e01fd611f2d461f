package rawsql

import "slices"

// expectation is what may stand next between two parentheses.
type expectation uint8

const (
	anything    expectation = iota // an expression, or whatever the engine says
	statement                      // a statement
	perhaps                        // a query, or an expression
	explained                      // a statement, after EXPLAIN
	insertHead                     // INTO, after INSERT or REPLACE
	updateHead                     // a target, after UPDATE
	deleteHead                     // FROM, after DELETE
	deleteNames                    // names of tables and FROM, after DELETE
	mergeHead                      // INTO, after MERGE
	target                         // a table to be written
	table                          // a table to be read
	group                          // a table, or a query that is one
	item                           // what may follow a table: its alias
	alias                          // an alias, after AS
	cteName                        // the name of a common table expression
	cteAs                          // AS
	cteBody                        // its query in parentheses
	cteEnd                         // another one, or the statement
)

// frame is what stands between two parentheses, or the whole text.
type frame struct {
	mark     byte   // ( or [, or 0 for the text
	function string // in upper case, where the parenthesis belongs to a function's bare name
	expect   expectation
	query    bool   // FROM names tables here
	tables   bool   // a comma separates tables here
	writes   bool   // the tables of the list are written
	body     bool   // of a common table expression, where a statement may write
	verb     string // of the statement
	using    bool   // the USING of a DELETE or MERGE has been
	returns  bool   // RETURNING has been

	filled    bool // what an INSERT inserts has begun
	inserted  int  // 1 more than the number of ctes that were visible before it, if it has its own
	recursive bool
	cte       string   // the name that is being defined
	ctes      []string // the names that are visible from here on, as the engine compares them
}

func (p *parser) top() *frame { return &p.frames[len(p.frames)-1] }

// open begins what stands in a parenthesis, by what was expected where it stands.
func (p *parser) open(t token) {
	f := p.top()
	inner := frame{mark: t.source[0], expect: perhaps}
	switch f.expect {
	case table, group:
		inner.expect, inner.tables = group, true
	case cteBody:
		inner.expect, inner.body = statement, true
		if f.recursive {
			f.ctes = append(f.ctes, f.cte)
		}
	case cteAs, item, alias, explained:
		inner.expect = anything // names of columns, or options
	}
	if t.is("[") {
		inner.expect = anything
	} else if prev := p.previous(1); prev.kind == word && p.previous(2).source != "." {
		inner.function = prev.name
	}
	p.frames = append(p.frames, inner)
}

// shut ends it, and says what may follow where it stood.
func (p *parser) shut(t token) error {
	inner := p.top()
	want := map[byte]string{'(': ")", '[': "]"}[inner.mark]
	if t.source != want {
		return p.fail("%s closes nothing", t.source)
	}
	if err := p.complete(inner); err != nil {
		return err
	}
	p.frames = p.frames[:len(p.frames)-1]
	f := p.top()
	switch f.expect {
	case table, group:
		f.expect = item
		p.merged(f)
	case cteBody:
		if !f.recursive {
			f.ctes = append(f.ctes, f.cte)
		}
		f.expect = cteEnd
	case cteAs, explained:
	default:
		f.expect = anything
	}
	return nil
}

// merged ends the list of tables of a MERGE, which is one table.
func (p *parser) merged(f *frame) {
	if f.verb == "MERGE" {
		f.tables = false
	}
}

// complete refuses to end where something must follow.
func (p *parser) complete(f *frame) error {
	switch f.expect {
	case anything, item, perhaps:
		return nil
	case table, target:
		return p.fail("a table's name is missing")
	}
	return p.fail("the statement ends in the middle")
}

// visible reports a common table expression of that name.
func (p *parser) visible(name string) bool {
	for i := range p.frames {
		if slices.Contains(p.frames[i].ctes, name) {
			return true
		}
	}
	return false
}
