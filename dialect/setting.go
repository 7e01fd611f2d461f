package dialect

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
}

// wallOf is the column that walls a table, or "".
func (b *Builder) wallOf(t TableRef) string {
	if t.Common {
		return ""
	}
	return b.set.Wall
}
