package dialect

import (
	"errors"
	"fmt"
	"slices"
)

// Setting is what the tables of a statement look like where it runs. It is given once for the whole
// statement, so that no table in it can be without its wall.
type Setting struct {
	// Wall is the column that holds tenants apart in shared tables, or "" where tables are a
	// tenant's own. Every table of a tenant that the statement names is then asked for the
	// tenant in that column, beside whatever the caller asks for.
	Wall string

	// Shapes are the columns that the tenants have of their own, by the tables' logical names.
	Shapes map[string]*Shape

	// Home fills in the names of tables that all tenants share.
	Home Names

	// Guards are the conditions that hold by default for the rows of a table, by its logical name.
	// Here they are for tables that a relation leads to; whoever reads a table itself asks for its
	// own.
	Guards map[string][]Guard
}

// Guard is a condition that holds for the rows of a table unless it is lifted: a filter, by its name, or
// a soft delete, whose name is [Undeleted].
type Guard struct {
	Name  string
	Where Expr
}

// Undeleted is the name of the guard that leaves out what is softly deleted. No filter has it.
const Undeleted = ""

// guards returns those of the table that a hop leads to, but for those that it lifts. A guard that
// leads back to its own table is not guarded again, or it would be without an end.
func (b *Builder) guards(h Hop) (where []Expr) {
	known := b.set.Guards[h.To.Name]
	for _, name := range h.Lifted {
		if name != Undeleted && !slices.ContainsFunc(known, func(g Guard) bool { return g.Name == name }) {
			b.Fail(fmt.Errorf("%w: table %q, filter %q", ErrNoGuard, h.To.Name, name))
		}
	}
	if slices.Contains(b.guarding, h.To.Name) {
		return nil
	}
	for _, g := range known {
		if !slices.Contains(h.Lifted, g.Name) {
			where = append(where, guarded{h.To.Name, g.Where})
		}
	}
	return where
}

// ErrNoGuard is returned by [Render] for a relation that lifts a filter that its table does not have.
var ErrNoGuard = errors.New("there is no such filter to lift")

// guarded is a guard's condition.
type guarded struct {
	table string
	where Expr
}

func (g guarded) Append(b *Builder) {
	b.guarding = append(b.guarding, g.table)
	g.where.Append(b)
	b.guarding = b.guarding[:len(b.guarding)-1]
}

// wallOf is the column that walls a table, or "".
func (b *Builder) wallOf(t TableRef) string {
	if t.Common {
		return ""
	}
	return b.set.Wall
}
