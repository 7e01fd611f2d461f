package isolation

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rowhouse/rowhouse/driver"
)

// mention is a table that a statement names.
type mention struct {
	at    int      // of the word before it
	names []string // schema and table
	alias string
	after int // of the token that follows
}

// targets are the words before a table that rows are written to, which has no alias to be known by.
var targets = []string{"INTO", "COPY"}

// mentioned returns the tables after FROM, JOIN, INTO, UPDATE and COPY.
func mentioned(tokens []token) (list []mention, err error) {
	for i, t := range tokens {
		if t.kind != 'w' || !slices.Contains([]string{"FROM", "JOIN", "INTO", "UPDATE", "COPY"}, t.text) {
			continue
		}
		if t.text == "UPDATE" && i > 0 {
			continue // FOR UPDATE, DO UPDATE, ON DUPLICATE KEY UPDATE
		}
		if i+1 < len(tokens) && tokens[i+1].kind == '(' {
			continue // what is inside has a FROM of its own
		}
		if t.text == "FROM" && noTable(tokens, i+1) {
			continue
		}
		m := mention{at: i, after: i + 1}
		for m.after < len(tokens) && tokens[m.after].kind == 'q' {
			m.names = append(m.names, tokens[m.after].text)
			if m.after++; m.after >= len(tokens) || tokens[m.after].kind != '.' {
				break
			}
			m.after++
		}
		if len(m.names) == 1 && t.text == "FROM" && madeBefore(tokens[:i], m.names[0]) {
			continue
		}
		if len(m.names) != 2 {
			return nil, fmt.Errorf("a table after %s is not named in full: %q", t.text, m.names)
		}
		m.alias = m.names[1]
		if m.after+1 < len(tokens) && tokens[m.after].text == "AS" {
			m.alias = tokens[m.after+1].text
			m.after += 2
		}
		list = append(list, m)
	}
	return list, nil
}

// noTable reports what is read from without being a table: what follows a COPY, and arguments that are
// lists.
func noTable(tokens []token, i int) bool {
	if i >= len(tokens) || tokens[i].kind != 'w' {
		return false
	}
	switch tokens[i].text {
	case "STDIN":
		return tokens[0].text == "COPY"
	case "UNNEST":
		if i+1 >= len(tokens) || tokens[i+1].kind != '(' {
			return false
		}
		inside := tokens[i+2 : closing(tokens, i+1)]
		return !slices.ContainsFunc(inside, func(t token) bool { return t.kind != 'p' && t.kind != ',' })
	}
	return false
}

// madeBefore reports whether a name is a number that a query of the statement itself has by WITH, ahead of its use.
func madeBefore(tokens []token, name string) bool {
	return numbered(name) && slices.ContainsFunc(derived(tokens), func(r inline) bool { return r.with && r.name == name })
}

func (e *engine) written(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = e.quoted(n)
	}
	return strings.Join(quoted, ".")
}

// checkTable accepts a table of the tenant's, under its logical name or, in a query within another, under
// a number, behind its wall.
func (o *oracle) checkTable(at *place, tokens []token, m mention, s *driver.Statement) error {
	name, logical := o.e.written(m.names), ""
	for l, full := range at.tables {
		if full == name {
			logical = l
		}
	}
	if name == o.common && tokens[m.at].text != "INTO" && tokens[0].text == "SELECT" {
		return nil // every tenant's to read, and nobody's to write
	}
	switch {
	case logical == "":
		return fmt.Errorf("%s is not among the tenant's tables %v", name, at.tables)
	case !slices.Contains(targets, tokens[m.at].text) && m.alias != logical && !numbered(m.alias):
		return fmt.Errorf("%s goes by the name %q", name, m.alias)
	case !at.walled:
		if slices.ContainsFunc(tokens, func(t token) bool { return t.kind == 'q' && t.text == wall }) {
			return errors.New("a discriminator, where no table is shared")
		}
		return nil
	case tokens[m.at].text == "INTO":
		return checkInserted(tokens, m, s)
	case tokens[m.at].text == "COPY":
		return checkColumns(tokens, m) // each row is shown as its INSERT
	}
	return checkWalled(tokens, m, s)
}

// numbered reports an alias of a table that a relation leads to, or of one in a sub-query.
func numbered(alias string) bool { return alias != "" && digits(alias) == len(alias) }

// checkUnique refuses two tables, or queries, under one name: then a condition could be another's. A query in
// a FROM sees nothing of the tables beside it, so its names are its own.
func checkUnique(tokens []token, mentions []mention) error {
	type name struct {
		within int
		text   string
	}
	queries, known := derived(tokens), map[name]bool{}
	within := func(at int) int {
		// The innermost is found, for it closes first.
		return slices.IndexFunc(queries, func(r inline) bool { return r.open < at && at < r.closed })
	}
	add := func(at int, text string) error {
		n := name{within(at), text}
		if known[n] {
			return fmt.Errorf("a name is that of two tables: %q", text)
		}
		known[n] = true
		return nil
	}
	for _, r := range queries {
		if err := add(r.open, r.name); err != nil {
			return err
		}
	}
	for _, m := range mentions {
		if slices.Contains(targets, tokens[m.at].text) {
			continue
		}
		if err := add(m.at, m.alias); err != nil {
			return err
		}
	}
	return nil
}

// inline is a query in a FROM or a WITH, between its parentheses.
type inline struct {
	open, closed int
	name         string
	with         bool
}

// derived are the queries in a FROM or a WITH, in the order in which they close.
func derived(tokens []token) (list []inline) {
	for i, t := range tokens {
		if t.kind == '(' && i >= 4 && tokens[i-1].text == "MATERIALIZED" && tokens[i-2].text == "AS" &&
			tokens[i-3].kind == 'q' && tokens[i-4].text == "WITH" {
			list = append(list, inline{open: i, closed: closing(tokens, i), name: tokens[i-3].text, with: true})
			continue
		}
		if t.kind != '(' || i == 0 || !slices.Contains([]string{"FROM", "JOIN"}, tokens[i-1].text) {
			continue
		}
		r := inline{open: i, closed: closing(tokens, i)}
		if r.closed+2 < len(tokens) && tokens[r.closed+1].text == "AS" && tokens[r.closed+2].kind == 'q' {
			r.name = tokens[r.closed+2].text
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b inline) int { return a.closed - b.closed })
	return list
}

// checkAliases refuses names in front of a dot that are neither an alias nor part of a table's
// name: they would be tables that no FROM names.
func checkAliases(tokens []token, mentions []mention) error {
	known := []string{"top", "new"}
	for _, r := range derived(tokens) {
		known = append(known, r.name)
	}
	for _, m := range mentions {
		known = append(known, m.alias)
	}
	for i := 2; i < len(tokens); i++ { // a query in parentheses, by its number
		if tokens[i].kind == 'q' && tokens[i-1].text == "AS" && tokens[i-2].kind == ')' && digits(tokens[i].text) == len(tokens[i].text) {
			known = append(known, tokens[i].text)
		}
	}
	for i := 0; i+1 < len(tokens); i++ {
		within := slices.ContainsFunc(mentions, func(m mention) bool { return m.at < i && i < m.after })
		if tokens[i].kind != 'q' || tokens[i+1].kind != '.' || within {
			continue
		}
		if !slices.Contains(known, tokens[i].text) {
			return fmt.Errorf("%q is no name for any table here", tokens[i].text)
		}
	}
	return nil
}
