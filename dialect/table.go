package dialect

// Table describes a model's table by logical names: what every tenant has, whatever the
// names are in its own house. It is immutable once a model is defined, and can be written as JSON.
type Table struct {
	Name        string       `json:"name"`
	Common      bool         `json:"common,omitempty"` // one table for all tenants, in the home schema
	Columns     []Column     `json:"columns"`
	PrimaryKey  []string     `json:"primary_key"`
	Indexes     []Index      `json:"indexes,omitempty"`
	ForeignKeys []ForeignKey `json:"foreign_keys,omitempty"`
	Checks      []Check      `json:"checks,omitempty"`
}

// Column describes one column.
type Column struct {
	Name    string `json:"name"`
	Type    Type   `json:"type"`
	Null    bool   `json:"null,omitempty"`    // may hold NULL
	Auto    bool   `json:"auto,omitempty"`    // the database makes the value: identity, auto_increment, rowid
	Default string `json:"default,omitempty"` // a literal as SQL text, or "" for none
	Keyed   bool   `json:"keyed,omitempty"`   // in a key or an index, or has a default: some engines then need a bounded type
	Role    Role   `json:"role,omitempty"`    // what the library itself does with it
}

// Index describes an index; a unique one is also a key that an upsert may name.
type Index struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Unique  bool     `json:"unique,omitempty"`
	Where   string   `json:"where,omitempty"` // a partial index's condition, as SQL text
}

// ForeignKey describes a reference to another table of the same tenant, or to one that all tenants
// share.
type ForeignKey struct {
	Name       string   `json:"name"`
	Columns    []string `json:"columns"`
	Table      string   `json:"table"`            // logical name of the table referred to
	Common     bool     `json:"common,omitempty"` // that table is one for all tenants
	References []string `json:"references"`
	OnDelete   string   `json:"on_delete,omitempty"` // CASCADE, SET NULL, RESTRICT, NO ACTION, or ""
	OnUpdate   string   `json:"on_update,omitempty"`
}

// Check describes a check constraint.
type Check struct {
	Name string `json:"name"`
	Expr string `json:"expr"` // SQL text; columns are written bare
}

// Column returns the column of that name, or nil.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// Objects returns the logical name of everything that the table brings into a schema's name
// space: the table, its primary key, indexes, constraints, and the sequence of a generated key. No two tables of one tenant may
// share one of them, in any case folding.
func (t *Table) Objects() []string {
	names := []string{t.Name, t.PrimaryKeyName()}
	for _, x := range t.Indexes {
		names = append(names, x.Name)
	}
	for _, k := range t.ForeignKeys {
		names = append(names, k.Name)
	}
	for _, c := range t.Checks {
		names = append(names, c.Name)
	}
	for _, c := range t.Columns {
		if c.Auto {
			names = append(names, t.Name+"_"+c.Name+"_seq")
		}
	}
	return names
}

// PrimaryKeyName returns the logical name of the primary key's constraint.
func (t *Table) PrimaryKeyName() string { return t.Name + "_pkey" }

// Ref names the table in a statement.
func (t *Table) Ref() TableRef { return TableRef{Name: t.Name, Common: t.Common} }

// Walled returns the table as tenants share it: the discriminator column comes first, in every
// key, unique index and foreign key too, so that a key or a reference cannot leave its tenant.
// Indexes that are not unique lead with it as well, because every statement asks for it.
func (t *Table) Walled(discriminator Column) *Table {
	lead := func(columns []string) []string {
		return append([]string{discriminator.Name}, columns...)
	}
	w := *t
	w.Columns = append([]Column{discriminator}, t.Columns...)
	w.PrimaryKey = lead(t.PrimaryKey)
	w.Indexes = make([]Index, len(t.Indexes))
	for i, x := range t.Indexes {
		x.Columns = lead(x.Columns)
		w.Indexes[i] = x
	}
	w.ForeignKeys = make([]ForeignKey, len(t.ForeignKeys))
	for i, k := range t.ForeignKeys {
		if !k.Common {
			k.Columns, k.References = lead(k.Columns), lead(k.References)
		}
		w.ForeignKeys[i] = k
	}
	return &w
}
