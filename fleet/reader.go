package fleet

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
)

// reader says in the words of models what atlas has found: it is the converter's other direction.
type reader struct {
	d      dialect.Dialect
	e      engine
	site   Site
	schema string
	tenant string
	to     Reflection

	known   map[string]dialect.Table // models' tables, by physical name in lower case
	objects map[string]string        // logical names of indexes and constraints, by physical ones
	common  map[string]string        // models of the common house, by physical name
	foreign map[string]bool          // tables that are nobody's models
	taken   map[string]bool          // names of objects that are given
}

func newReader(d dialect.Dialect, s Site) (*reader, error) {
	e, err := engineOf(d)
	return &reader{
		d: d, e: e, site: s, schema: s.Schema, known: map[string]dialect.Table{}, objects: map[string]string{},
		common: map[string]string{}, foreign: map[string]bool{}, taken: map[string]bool{},
	}, err
}

// know has the models say what their tables are.
func (r *reader) know(tables []dialect.Table, prefix string) {
	physical := func(name string) string { return strings.ToLower(string(r.d.AppendName(nil, prefix, name))) }
	for _, t := range tables {
		r.known[physical(t.Name)] = t
		for _, name := range t.Objects() {
			r.objects[physical(name)] = name
		}
	}
}

// knowCommon has references to common tables be known, and the tables be nobody's where they stand among
// the tenant's.
func (r *reader) knowCommon(tables []dialect.Table, among bool) {
	for _, t := range tables {
		r.common[t.Name] = t.Name
		if among {
			r.foreign[strings.ToLower(t.Name)] = true
		}
	}
}

func (r *reader) remarkf(table, format string, args ...any) {
	r.to.Remarks = append(r.to.Remarks, Remark{Table: table, Text: fmt.Sprintf(format, args...)})
}

// inspect has atlas read the tables.
func (r *reader) inspect(ctx context.Context, s *site, names []string) ([]*schema.Table, error) {
	db := querier{r: s.db, tenant: r.tenant}.open()
	in, err := inspector(r.d, db)
	if err != nil {
		return nil, err
	}
	found, err := in.InspectSchema(ctx, r.schema, &schema.InspectOptions{Tables: names, Mode: schema.InspectTables | schema.InspectTypes})
	if err != nil {
		return nil, err
	}
	for _, t := range found.Tables {
		if r.d.Name() != "sqlite" || t.PrimaryKey == nil {
			continue
		}
		key, err := s.list(ctx, s.db, keyOf(t.Name))
		if err != nil {
			return nil, err
		}
		at := func(p *schema.IndexPart) int {
			return slices.IndexFunc(key, func(row []string) bool { return row[0] == p.C.Name })
		}
		slices.SortFunc(t.PrimaryKey.Parts, func(a, b *schema.IndexPart) int { return at(a) - at(b) })
	}
	slices.SortFunc(found.Tables, func(a, b *schema.Table) int { return strings.Compare(a.Name, b.Name) })
	return found.Tables, nil
}

func inspector(d dialect.Dialect, db *sql.DB) (migrate.Driver, error) {
	switch d.Name() {
	case "postgres":
		return postgres.Open(db)
	case "sqlite":
		return sqlite.Open(db)
	}
	return mysql.Open(db)
}

// read converts the tables, the references between them last.
func (r *reader) read(found []*schema.Table) {
	read := map[*schema.Table]*dialect.Table{}
	var readers []*tableReader
	for _, t := range found {
		w := &tableReader{reader: r, of: t, to: &dialect.Table{Name: r.logical(t.Name)}}
		if !w.columns() {
			continue
		}
		r.take(w.to.Name, w.to.PrimaryKeyName())
		readers, read[t] = append(readers, w), w.to
	}
	for _, w := range readers {
		w.compare()
		w.indexes()
		w.checks()
	}
	for _, w := range readers {
		w.references(read)
		w.sort()
		r.to.Tables = append(r.to.Tables, *w.to)
	}
}

// columns converts the table's columns and its key; it is false for a table that is left out.
func (w *tableReader) columns() bool {
	r, t, name := w.reader, w.of, w.to.Name
	if t.PrimaryKey == nil || len(t.PrimaryKey.Parts) == 0 {
		r.remarkf(name, "it is left out: it has no primary key")
		return false
	}
	if !w.primaryKey() {
		return false
	}
	for _, c := range t.Columns {
		w.column(c)
	}
	if _, err := rowhouse.DefineRecord(*w.to); err != nil {
		r.remarkf(name, "it is left out: %s", problemOf(err))
		return false
	}
	return true
}

// logical is the name of a table's model.
func (r *reader) logical(physical string) string {
	if t, known := r.known[strings.ToLower(physical)]; known {
		return t.Name
	}
	return strings.TrimPrefix(physical, r.site.Prefix)
}

func (r *reader) take(names ...string) {
	for _, name := range names {
		r.taken[strings.ToLower(name)] = true
	}
}

// object is the logical name of an index or a constraint: the one it has, or, where no model can have
// that, the one that it would be given, made different from those that are taken.
func (r *reader) object(physical, fallback string) string {
	name := r.logicalObject(physical)
	if badModel(name) != "" || strings.HasPrefix(physical, "sqlite_") || r.taken[strings.ToLower(name)] {
		name = fallback
	}
	for n := 2; r.taken[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s_%d", fallback, n)
	}
	r.take(name)
	return name
}

func (r *reader) logicalObject(physical string) string {
	if name, known := r.objects[strings.ToLower(physical)]; known {
		return name
	}
	return strings.TrimPrefix(physical, r.site.Prefix)
}

// badModel says why no model, index or constraint can have a name, or "".
func badModel(name string) string {
	_, err := rowhouse.DefineRecord(dialect.Table{
		Name: name, PrimaryKey: []string{"id"},
		Columns: []dialect.Column{{Name: "id", Type: dialect.Type{Kind: dialect.Int64}}},
	})
	return problemOf(err)
}

// badColumn says why no model can have a column, or "".
func badColumn(c dialect.Column) string {
	_, err := rowhouse.DefineRecord(dialect.Table{
		Name: "t", PrimaryKey: []string{"id_of_t"},
		Columns: []dialect.Column{{Name: "id_of_t", Type: dialect.Type{Kind: dialect.Int64}}, c},
	})
	return problemOf(err)
}
