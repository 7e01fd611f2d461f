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
	switch {
	case logical == "":
		return fmt.Errorf("%s is not among the tenant's tables %v", name, at.tables)
	case tokens[m.at].text != "INTO" && m.alias != logical && (tokens[m.at].depth == 0 || digits(m.alias) != len(m.alias)):
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

// checkAliases refuses names in front of a dot that are neither an alias nor part of a table's
// name: they would be tables that no FROM names.
func checkAliases(tokens []token, mentions []mention) error {
	known := []string{"top", "new"}
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
