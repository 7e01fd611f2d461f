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

// mentioned returns the tables after FROM, JOIN, INTO and UPDATE.
func mentioned(tokens []token) (list []mention, err error) {
	for i, t := range tokens {
		if t.kind != 'w' || !slices.Contains([]string{"FROM", "JOIN", "INTO", "UPDATE"}, t.text) {
			continue
		}
		if t.text == "UPDATE" && i > 0 {
			continue // FOR UPDATE, DO UPDATE, ON DUPLICATE KEY UPDATE
		}
		if i+1 < len(tokens) && tokens[i+1].kind == '(' {
			continue // what is inside has a FROM of its own
		}
		if i+2 < len(tokens) && strings.EqualFold(tokens[i+1].text, "unnest") && tokens[i+2].kind == '(' {
			continue // lists of arguments, and no table
		}
		m := mention{at: i, after: i + 1}
		for m.after < len(tokens) && tokens[m.after].kind == 'q' {
			m.names = append(m.names, tokens[m.after].text)
			if m.after++; m.after >= len(tokens) || tokens[m.after].kind != '.' {
				break
			}
			m.after++
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
	case tokens[m.at].text != "INTO" && m.alias != logical && !numbered(m.alias):
		return fmt.Errorf("%s goes by the name %q", name, m.alias)
	case !at.walled:
		if slices.ContainsFunc(tokens, func(t token) bool { return t.kind == 'q' && t.text == wall }) {
			return errors.New("a discriminator, where no table is shared")
		}
		return nil
	case tokens[m.at].text == "INTO":
		return checkInserted(tokens, m, s)
	}
	return checkWalled(tokens, m, s)
}

// numbered reports an alias of a table that a relation leads to, or of one in a sub-query.
func numbered(alias string) bool { return alias != "" && digits(alias) == len(alias) }

// checkUnique refuses two tables, or results, under one name: then a condition could be another's.
func checkUnique(tokens []token, mentions []mention) error {
	known := derived(tokens)
	for _, m := range mentions {
		if tokens[m.at].text != "INTO" {
			known = append(known, m.alias)
		}
	}
	slices.Sort(known)
	if len(slices.Compact(slices.Clone(known))) < len(known) {
		return fmt.Errorf("a name is that of two tables: %q", known)
	}
	return nil
}

// derived are the names of sub-queries in a FROM.
func derived(tokens []token) (names []string) {
	for i := 2; i < len(tokens); i++ {
		if tokens[i-2].kind == ')' && tokens[i-1].text == "AS" && tokens[i].kind == 'q' && fromParenthesis(tokens, i-2) {
			names = append(names, tokens[i].text)
		}
	}
	return names
}

// fromParenthesis reports whether what closes there was opened by a FROM.
func fromParenthesis(tokens []token, closed int) bool {
	for i := closed - 1; i > 0; i-- {
		if tokens[i].kind == '(' && tokens[i].depth == tokens[closed].depth {
			return tokens[i-1].text == "FROM"
		}
	}
	return false
}

// checkAliases refuses names in front of a dot that are neither an alias nor part of a table's
// name: they would be tables that no FROM names.
func checkAliases(tokens []token, mentions []mention) error {
	known := append(derived(tokens), "top", "new")
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
