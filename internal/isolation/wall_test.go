package isolation

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rowhouse/rowhouse/driver"
)

// checkInserted looks for the discriminator first among the columns, and for the tenant first in
// every row.
func checkInserted(tokens []token, m mention, s *driver.Statement) error {
	if err := checkColumns(tokens, m); err != nil {
		return err
	}
	rows := 0
	for i := m.after + 1; i < len(tokens) && rows == 0; i++ {
		if tokens[i].kind != 'w' || tokens[i].depth != 0 {
			continue
		}
		if tokens[i].text == "SELECT" {
			return isTenant(tokens[i+1], s)
		}
		for j := i + 1; tokens[i].text == "VALUES" && j+1 < len(tokens) && tokens[j].kind == '('; j++ {
			if err := isTenant(tokens[j+1], s); err != nil {
				return err
			}
			rows++
			if j = closing(tokens, j) + 1; j >= len(tokens) || tokens[j].kind != ',' {
				break
			}
		}
	}
	if rows == 0 {
		return errors.New("no row has the tenant in it")
	}
	return nil
}

func checkColumns(tokens []token, m mention) error {
	if m.after+1 >= len(tokens) || tokens[m.after].kind != '(' || tokens[m.after+1].text != wall {
		return errors.New("the discriminator is not the first column")
	}
	return nil
}

func closing(tokens []token, open int) int {
	for i := open + 1; i < len(tokens); i++ {
		if tokens[i].kind == ')' && tokens[i].depth == tokens[open].depth {
			return i
		}
	}
	return len(tokens)
}

// checkWalled looks for the discriminator's comparison with the tenant first in the condition
// that belongs to a table, and for no OR beside it.
func checkWalled(tokens []token, m mention, s *driver.Statement) error {
	depth := tokens[m.at].depth
	i, word := m.after, "WHERE"
	if tokens[m.at].text == "JOIN" {
		word = "ON"
	}
	for i < len(tokens) && (tokens[i].text != word || tokens[i].kind != 'w' || tokens[i].depth != depth) {
		if tokens[i].kind == ')' && tokens[i].depth < depth {
			i = len(tokens)
		}
		i++
	}
	i++
	if i+1 < len(tokens) && tokens[i].text == m.alias && tokens[i+1].kind == '.' {
		i += 2
	} else if numbered(m.alias) {
		return errors.New("the discriminator is not compared first, under the table's own name")
	}
	if i+2 >= len(tokens) || tokens[i].text != wall || tokens[i+1].kind != '=' {
		return errors.New("the discriminator is not compared first")
	}
	if err := isTenant(tokens[i+2], s); err != nil {
		return err
	}
	if next := i + 3; next < len(tokens) && tokens[next].kind != ')' &&
		!slices.Contains([]string{"AND", "GROUP", "HAVING", "ORDER", "LIMIT", "FOR", "RETURNING"}, tokens[next].text) {
		return fmt.Errorf("the discriminator's comparison goes on with %s", tokens[next].text)
	}
	for _, t := range tokens[i:] {
		if t.kind == ')' && t.depth < depth {
			break
		}
		if t.kind == 'w' && t.text == "OR" && t.depth == depth {
			return errors.New("an OR stands beside the discriminator")
		}
	}
	return nil
}

func isTenant(t token, s *driver.Statement) error {
	if t.kind != 'p' || t.number >= len(s.Args) {
		return fmt.Errorf("the discriminator is %q and no argument", t.text)
	}
	if v := s.Args[t.number].Value; v != any(s.Tenant) {
		return fmt.Errorf("the discriminator is %v", v)
	}
	return nil
}
