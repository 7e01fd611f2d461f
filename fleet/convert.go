package fleet

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"github.com/rowhouse/rowhouse/dialect"
)

// engine is what atlas has for a dialect.
type engine struct {
	planner migrate.PlanApplier
	quote   byte // around names in what it plans
	parse   func(string) (schema.Type, error)
	raw     func(text string) schema.Type // a type in the engine's own words
	auto    schema.Attr                   // of a key that the database makes
	where   func(condition string) schema.Attr
	table   []schema.Attr // of every table
}

// Texts compare byte by byte, trailing spaces included, as they do on the other engines.
const (
	mysqlCollation   = "utf8mb4_0900_bin"
	mariadbCollation = "utf8mb4_nopad_bin"
	mysqlCharset     = "utf8mb4"
)

func engineOf(d dialect.Dialect) (engine, error) {
	switch d.Name() {
	case "postgres":
		return engine{
			planner: postgres.DefaultPlan, quote: '"', parse: postgres.ParseType,
			raw:   func(text string) schema.Type { return &postgres.UserDefinedType{T: text} },
			auto:  &postgres.Identity{Generation: "BY DEFAULT"},
			where: func(c string) schema.Attr { return &postgres.IndexPredicate{P: c} },
		}, nil
	case "sqlite":
		return engine{
			planner: sqlite.DefaultPlan, quote: '`', parse: parseSQLite,
			raw:   func(text string) schema.Type { return &sqlite.UserDefinedType{T: text} },
			auto:  &sqlite.AutoIncrement{},
			where: func(c string) schema.Attr { return &sqlite.IndexPredicate{P: c} },
		}, nil
	case "mysql", "mariadb":
		return engine{
			planner: mysql.DefaultPlan, quote: '`', parse: mysql.ParseType,
			// atlas has no type for this; of a string's, it takes the name as it is.
			raw:  func(text string) schema.Type { return &schema.StringType{T: text} },
			auto: &mysql.AutoIncrement{},
			table: []schema.Attr{
				&mysql.Engine{V: "InnoDB"}, &schema.Charset{V: mysqlCharset}, &schema.Collation{V: collation(d)},
			},
		}, nil
	}
	return engine{}, fmt.Errorf("fleet: no tables can be planned for %s", d.Name())
}

func collation(d dialect.Dialect) string {
	if d.Name() == "mariadb" {
		return mariadbCollation
	}
	return mysqlCollation
}

// parseSQLite keeps a type's bounds, which atlas leaves out because SQLite does not enforce them.
func parseSQLite(text string) (schema.Type, error) {
	t, err := sqlite.ParseType(text)
	switch t := t.(type) {
	case *schema.StringType:
		t.T = text
	case *schema.DecimalType:
		t.T = text
	}
	return t, err
}

// Marks around what is put into the planned text later. They are control characters, which no
// name contains; texts of the models never pass through the planner themselves.
const (
	nameMark      = "\x01" // around the logical name of a table, an index or a constraint
	qualifierMark = "\x02" // in place of the schema
	textMark      = "\x03" // around the number of a text
	commonMark    = "\x04" // before the name of a table that all tenants share
)

func marked(name string) string { return nameMark + name + nameMark }

// converter describes the models' tables to atlas. Names, and the texts that atlas would quote,
// wrap or interpret in its own way, are left open by marks.
type converter struct {
	d      dialect.Dialect
	e      engine
	wall   string // the discriminator, if the tables are shared
	texts  []string
	tables map[string]*schema.Table
}

// hole returns a mark in place of a text.
func (c *converter) hole(text string) string {
	c.texts = append(c.texts, text)
	return textMark + strconv.Itoa(len(c.texts)-1) + textMark
}

// fill puts the texts back. A default went in as a literal, which SQLite's planner puts in
// parentheses.
func (c *converter) fill(planned string) string {
	var pairs []string
	for i, text := range c.texts {
		mark := textMark + strconv.Itoa(i) + textMark
		pairs = append(pairs, "('"+mark+"')", text, "'"+mark+"'", text, mark, text)
	}
	return strings.NewReplacer(pairs...).Replace(planned)
}

// convert describes tables, without their references: [converter.foreignKey] adds those.
func (c *converter) convert(tables []dialect.Table, mark string) error {
	for i := range tables {
		t, err := c.table(&tables[i], mark)
		if err != nil {
			return err
		}
		c.tables[tables[i].Name] = t
	}
	return nil
}

func (c *converter) table(t *dialect.Table, mark string) (*schema.Table, error) {
	to := schema.NewTable(marked(mark + t.Name))
	for _, column := range t.Columns {
		converted, err := c.column(t, column)
		if err != nil {
			return nil, fmt.Errorf("fleet: model %q: column %q: %w", t.Name, column.Name, err)
		}
		to.AddColumns(converted)
	}
	c.primaryKey(t, to)
	for _, x := range t.Indexes {
		to.AddIndexes(c.index(to, x))
	}
	if auto := c.autoIndex(t); auto != nil {
		to.AddIndexes(c.index(to, *auto))
	}
	for _, check := range t.Checks {
		to.AddChecks(schema.NewCheck().SetName(marked(check.Name)).SetExpr("(" + c.hole(check.Expr) + ")"))
	}
	to.AddAttrs(c.e.table...)
	return to, nil
}

func (c *converter) column(t *dialect.Table, column dialect.Column) (*schema.Column, error) {
	to := &schema.Column{Name: column.Name, Type: &schema.ColumnType{Null: column.Null}}
	text := c.d.ColumnType(column)
	if column.Type.Kind == dialect.Other {
		to.Type.Type = c.e.raw(c.hole(text))
	} else {
		parsed, err := c.e.parse(text)
		if err != nil {
			return nil, fmt.Errorf("type %q: %w", text, err)
		}
		to.Type.Type = parsed
	}
	if column.Default != "" {
		to.SetDefault(&schema.RawExpr{X: "'" + c.hole(c.literal(column.Default)) + "'"})
	}
	if column.Auto && (c.d.Has(dialect.KeyedSequence) || len(t.PrimaryKey) == 1) {
		to.AddAttrs(c.e.auto)
	}
	return to, nil
}

// literal is a default's text on this engine: in MySQL's strings a backslash escapes.
func (c *converter) literal(text string) string {
	if c.isMySQL() {
		return strings.ReplaceAll(text, `\`, `\\`)
	}
	return text
}

func (c *converter) isMySQL() bool { return len(c.e.table) > 0 }

// primaryKey gives the key a name where a name is kept. PostgreSQL's planner names unique
// constraints only, so there the key goes as one, and the plan makes it the primary key.
func (c *converter) primaryKey(t *dialect.Table, to *schema.Table) {
	key := schema.NewIndex(marked(t.PrimaryKeyName())).AddParts(parts(to, t.PrimaryKey)...)
	if c.d.Name() != "postgres" {
		to.SetPrimaryKey(key)
		return
	}
	to.AddIndexes(key.SetUnique(true).AddAttrs(postgres.UniqueConstraint(marked(t.PrimaryKeyName()))))
}

func (c *converter) index(t *schema.Table, x dialect.Index) *schema.Index {
	to := schema.NewIndex(marked(x.Name)).SetUnique(x.Unique).AddParts(parts(t, x.Columns)...)
	if x.Where != "" && c.e.where != nil {
		to.AddAttrs(c.e.where(c.hole(x.Where)))
	}
	return to
}

// autoIndex is the key that MySQL wants to begin with a column that it numbers.
func (c *converter) autoIndex(t *dialect.Table) *dialect.Index {
	if !c.isMySQL() {
		return nil
	}
	for _, column := range t.Columns {
		leads := t.PrimaryKey[0] == column.Name || slices.ContainsFunc(t.Indexes,
			func(x dialect.Index) bool { return x.Columns[0] == column.Name })
		if column.Auto && !leads {
			return &dialect.Index{Name: t.Name + "_" + column.Name + "_auto", Columns: []string{column.Name}}
		}
	}
	return nil
}

func parts(t *schema.Table, columns []string) (list []*schema.IndexPart) {
	for _, name := range columns {
		column, _ := t.Column(name)
		list = append(list, schema.NewColumnPart(column))
	}
	return list
}

// foreignKey describes a reference between two tables that are converted. In a shared table a
// reference cannot be set to NULL as a whole, because the discriminator is part of it.
func (c *converter) foreignKey(r reference) (*schema.ForeignKey, error) {
	from, to := c.tables[r.table], c.tables[r.key.Table]
	if from == nil || to == nil {
		return nil, fmt.Errorf("fleet: model %q: foreign key %q refers to model %q, which is not among the tables",
			r.table, r.key.Name, r.key.Table)
	}
	key := schema.NewForeignKey(marked(r.key.Name)).SetTable(from).SetRefTable(to)
	for i, name := range r.key.Columns {
		own, _ := from.Column(name)
		theirs, _ := to.Column(r.key.References[i])
		key.AddColumns(own).AddRefColumns(theirs)
	}
	for _, action := range []string{r.key.OnDelete, r.key.OnUpdate} {
		if c.wall != "" && action == "SET NULL" && !r.key.Common {
			return nil, fmt.Errorf("fleet: model %q: foreign key %q is SET NULL, which in shared tables would "+
				"take the row from its tenant (%s is part of the key); use cascade or restrict, or place tenants otherwise",
				r.table, r.key.Name, c.wall)
		}
	}
	key.OnDelete, key.OnUpdate = schema.ReferenceOption(r.key.OnDelete), schema.ReferenceOption(r.key.OnUpdate)
	return key, nil
}
