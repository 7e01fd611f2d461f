package fleet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// This file has the statements that atlas does not write. Names come from [dialect.Names] and
// [dialect.Quote], values are arguments.

func texts(values ...string) []dialect.Arg {
	args := make([]dialect.Arg, len(values))
	for i, v := range values {
		args[i] = dialect.Arg{Value: v, Kind: dialect.Text}
	}
	return args
}

// createSchema makes a schema; on MySQL it is a database.
func createSchema(d dialect.Dialect, schema string) string {
	s := "CREATE SCHEMA " + dialect.Quote(d, schema)
	if isMySQL(d) {
		s += " CHARACTER SET " + mysqlCharset + " COLLATE " + collation(d)
	}
	return s
}

// dropSchema removes a schema with all that is in it.
func dropSchema(d dialect.Dialect, schema string) string {
	s := "DROP SCHEMA IF EXISTS " + dialect.Quote(d, schema)
	if !isMySQL(d) {
		s += " CASCADE"
	}
	return s
}

func isMySQL(d dialect.Dialect) bool { return d.Name() == "mysql" || d.Name() == "mariadb" }

// dropTable removes a table if it exists, and what belongs to it.
func dropTable(d dialect.Dialect, n dialect.Names, table string) string {
	return "DROP TABLE IF EXISTS " + n.Table(d, table)
}

// dropTables removes a plan's tables, those that refer before those that are referred to.
// PostgreSQL takes them all at once, whatever refers to what among them.
func dropTables(p *plan, n dialect.Names) []string {
	var names, each []string
	for _, t := range slices.Backward(p.tables) {
		names = append(names, n.Table(p.d, t.Name))
		each = append(each, dropTable(p.d, n, t.Name))
	}
	if p.d.Name() == "postgres" && len(names) > 0 {
		return []string{"DROP TABLE IF EXISTS " + strings.Join(names, ", ")}
	}
	return each
}

// dropReference removes a foreign key; it is MySQL's words.
func dropReference(d dialect.Dialect, n dialect.Names, table, key string) string {
	bare := dialect.Names{Prefix: n.Prefix}
	return "ALTER TABLE " + n.Table(d, table) + " DROP FOREIGN KEY " + bare.Table(d, key)
}

// loosen sets references to NULL, where they can be; ok is false where not. wall is the
// discriminator of shared tables, whose value is then the argument.
func loosen(p *plan, n dialect.Names, r reference) (s string, ok bool) {
	columns := nullable(p.table(r.table), r.key)
	if len(columns) == 0 {
		return "", false
	}
	var set, where []string
	for _, c := range columns {
		set = append(set, dialect.Quote(p.d, c)+" = NULL")
		where = append(where, dialect.Quote(p.d, c)+" IS NOT NULL")
	}
	s = "UPDATE " + n.Table(p.d, r.table) + " SET " + strings.Join(set, ", ") + " WHERE "
	if p.wall != "" {
		s += walled(p) + " AND "
	}
	return s + strings.Join(where, " AND "), true
}

// walled is the condition that a row is the tenant's.
func walled(p *plan) string {
	return dialect.Quote(p.d, p.wall) + " = " + string(p.d.AppendPlaceholder(nil, 1))
}

// deleteRows deletes a tenant's rows from a shared table.
func deleteRows(p *plan, n dialect.Names, table string) string {
	return "DELETE FROM " + n.Table(p.d, table) + " WHERE " + walled(p)
}

// findRow finds a row of a tenant in a shared table.
func findRow(p *plan, n dialect.Names, table string) *driver.Statement {
	return &driver.Statement{
		Text:    "SELECT " + dialect.Quote(p.d, p.wall) + " FROM " + n.Table(p.d, table) + " WHERE " + walled(p) + " LIMIT 1",
		Columns: []dialect.Kind{dialect.Text},
	}
}

// schemaExists returns the schema's name if there is one.
func schemaExists(d dialect.Dialect, schema string) *driver.Statement {
	s := "SELECT nspname::text FROM pg_catalog.pg_namespace WHERE nspname = $1"
	if isMySQL(d) {
		s = "SELECT schema_name FROM information_schema.schemata WHERE schema_name = ?"
	}
	return &driver.Statement{Text: s, Args: texts(schema), Columns: []dialect.Kind{dialect.Text}}
}

// occupants names something that is in a schema, or, with an empty name, in a whole database, if
// there is anything. What an extension of PostgreSQL brought does not count.
func occupants(d dialect.Dialect, schema string) *driver.Statement {
	s := &driver.Statement{Columns: []dialect.Kind{dialect.Text}}
	switch {
	case d.Name() == "sqlite":
		s.Text = `SELECT name FROM "main".sqlite_schema WHERE substr(name, 1, 7) <> 'sqlite_' LIMIT 1`
	case isMySQL(d):
		s.Text, s.Args = "SELECT table_name FROM information_schema.tables WHERE table_schema = ? LIMIT 1", texts(schema)
	default:
		s.Text = `SELECT c.relname::text FROM pg_catalog.pg_class c
			JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend x
				WHERE x.classid = 'pg_catalog.pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e') AND `
		if schema == "" {
			s.Text += `n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' LIMIT 1`
		} else {
			s.Text, s.Args = s.Text+`n.nspname = $1 LIMIT 1`, texts(schema)
		}
	}
	return s
}

// columnsOf lists the columns of tables that exist: the table's name and the column's.
func columnsOf(d dialect.Dialect, schema string, tables []string) *driver.Statement {
	marks := make([]string, len(tables))
	args := texts(append([]string{schema}, tables...)...)
	for i := range tables {
		marks[i] = string(d.AppendPlaceholder(nil, i+2))
	}
	s := &driver.Statement{Args: args, Columns: []dialect.Kind{dialect.Text, dialect.Text}}
	list := strings.Join(marks, ", ")
	switch {
	case d.Name() == "sqlite":
		s.Args = args[1:]
		s.Text = `SELECT t.name, c.name FROM "main".sqlite_schema t JOIN pragma_table_info(t.name, 'main') c
			WHERE t.type = 'table' AND t.name IN (` + list + `)`
	case isMySQL(d):
		s.Text = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = ? AND table_name IN (" + list + ")"
	default:
		s.Text = `SELECT c.relname::text, a.attname::text FROM pg_catalog.pg_class c
			JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
			WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND c.relname IN (` + list + `)`
	}
	return s
}

// referencesOf lists the names of the foreign keys in a schema of MySQL's.
func referencesOf(schema string) *driver.Statement {
	return &driver.Statement{
		Text: "SELECT constraint_name FROM information_schema.table_constraints " +
			"WHERE constraint_schema = ? AND constraint_type = 'FOREIGN KEY'",
		Args: texts(schema), Columns: []dialect.Kind{dialect.Text},
	}
}

// lockShared has one process at a time make shared tables on PostgreSQL, until its transaction
// ends. The number is this library's own: the letters "rowhouse".
const lockShared = "SELECT pg_advisory_xact_lock(8245940733168939877)"

// policyName is the name of the policy on every shared table.
const policyName = "rowhouse_tenant"

// secureTable has PostgreSQL hold the tenants apart in a shared table, against its owner too.
func secureTable(p *plan, n dialect.Names, table string) []string {
	name := n.Table(p.d, table)
	own := fmt.Sprintf("%s = current_setting('%s', true)", dialect.Quote(p.d, p.wall), dialect.TenantSetting)
	return []string{
		"ALTER TABLE " + name + " ENABLE ROW LEVEL SECURITY",
		"ALTER TABLE " + name + " FORCE ROW LEVEL SECURITY",
		"CREATE POLICY " + dialect.Quote(p.d, policyName) + " ON " + name + " USING (" + own + ") WITH CHECK (" + own + ")",
	}
}

// securedTables lists the tables of a schema whose rows are held apart: security is enabled and
// forced, and the one policy that lets rows through is ours, for all roles and all commands, and
// compares the discriminator (the second argument) with the setting (the third).
func securedTables(schema, wall string) *driver.Statement {
	return &driver.Statement{
		Text: `SELECT c.relname::text FROM pg_catalog.pg_class c
			JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			JOIN pg_catalog.pg_policy p ON p.polrelid = c.oid AND p.polpermissive
			WHERE n.nspname = $1 AND c.relrowsecurity AND c.relforcerowsecurity
			GROUP BY c.relname HAVING count(*) = 1 AND bool_and(
				p.polname = '` + policyName + `' AND p.polcmd = '*' AND p.polroles = '{0}'
				AND strpos(pg_catalog.pg_get_expr(p.polqual, p.polrelid), $2) > 0
				AND strpos(pg_catalog.pg_get_expr(p.polqual, p.polrelid), $3) > 0
				AND pg_catalog.pg_get_expr(p.polqual, p.polrelid) = pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))`,
		Args:    texts(schema, wall, "current_setting('"+dialect.TenantSetting+"'::text, true)"),
		Columns: []dialect.Kind{dialect.Text},
	}
}

// unwalled names the current role if row security does not hold for it.
func unwalled() *driver.Statement {
	return &driver.Statement{
		Text: "SELECT rolname::text FROM pg_catalog.pg_roles " +
			"WHERE rolname = current_user AND (rolsuper OR rolbypassrls)",
		Columns: []dialect.Kind{dialect.Text},
	}
}

// addColumn adds a column to a table.
func addColumn(d dialect.Dialect, n dialect.Names, table string, c dialect.Column) string {
	s := "ALTER TABLE " + n.Table(d, table) + " ADD COLUMN " + dialect.Quote(d, c.Name) + " " + d.ColumnType(c)
	if c.Default == "" {
		return s
	}
	text := c.Default
	if isMySQL(d) {
		text = strings.ReplaceAll(text, `\`, `\\`)
	}
	return s + " DEFAULT " + text + " NOT NULL"
}

// dropColumn removes a column from a table.
func dropColumn(d dialect.Dialect, n dialect.Names, x rowhouse.Extension) string {
	return "ALTER TABLE " + n.Table(d, x.Model) + " DROP COLUMN " + dialect.Quote(d, x.Column)
}

// addIndex makes the index of a tenant's own column. Its name is in the table's schema, which SQLite
// says before the index and PostgreSQL does not.
func addIndex(d dialect.Dialect, n dialect.Names, x rowhouse.Extension) string {
	bare := dialect.Names{Prefix: n.Prefix}
	index, table := bare.Table(d, x.IndexName()), n.Table(d, x.Model)
	if d.Name() == "sqlite" {
		index, table = n.Table(d, x.IndexName()), bare.Table(d, x.Model)
	}
	return "CREATE INDEX " + index + " ON " + table + " (" + dialect.Quote(d, x.Column) + ")"
}

// dropIndex removes the index of a tenant's own column.
func dropIndex(d dialect.Dialect, n dialect.Names, x rowhouse.Extension) string {
	if isMySQL(d) {
		bare := dialect.Names{Prefix: n.Prefix}
		return "ALTER TABLE " + n.Table(d, x.Model) + " DROP INDEX " + bare.Table(d, x.IndexName())
	}
	return "DROP INDEX " + n.Table(d, x.IndexName())
}

// removeKey takes a key out of a tenant's documents in a shared table; the arguments are the key and
// the tenant.
func removeKey(p *plan, n dialect.Names, x rowhouse.Extension, document string) (text, key string) {
	column := dialect.Quote(p.d, document)
	value := column + " - CAST($1 AS text)"
	key = x.Column
	if p.d.Name() != "postgres" {
		name := map[bool]string{true: "JSON_REMOVE", false: "json_remove"}[isMySQL(p.d)]
		value, key = name+"("+column+", ?)", `$."`+x.Column+`"`
	}
	return "UPDATE " + n.Table(p.d, x.Model) + " SET " + column + " = " + value + " WHERE " +
		dialect.Quote(p.d, p.wall) + " = " + string(p.d.AppendPlaceholder(nil, 2)) + " AND " + column + " IS NOT NULL", key
}

// indexesOf lists the names of a table's indexes.
func indexesOf(d dialect.Dialect, schema, table string) *driver.Statement {
	s := &driver.Statement{Args: texts(schema, table), Columns: []dialect.Kind{dialect.Text}}
	switch {
	case d.Name() == "sqlite":
		s.Args = texts(table)
		s.Text = `SELECT name FROM "main".sqlite_schema WHERE type = 'index' AND tbl_name = ?`
	case isMySQL(d):
		s.Text = "SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = ? AND table_name = ?"
	default:
		s.Text = "SELECT indexname::text FROM pg_catalog.pg_indexes WHERE schemaname = $1 AND tablename = $2"
	}
	return s
}
