package fleet

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// This file has the statements about views. A view takes no arguments, so a tenant's id stands in
// its text, by [literal] alone.

// literal is a text as a constant, whatever the server or a session is set to: PostgreSQL's
// standard_conforming_strings, MySQL's NO_BACKSLASH_ESCAPES and ANSI_QUOTES. MySQL writes a view's
// text anew, with quotes and in a character set of its own choice, and so gets hexadecimal digits.
func literal(d dialect.Dialect, text string) string {
	switch {
	case isMySQL(d):
		return "CONVERT(UNHEX('" + hex.EncodeToString([]byte(text)) + "') USING " + mysqlCharset + ") COLLATE " + collation(d)
	case d.Name() == "sqlite":
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return "E'" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(text) + "'::text"
}

// unionView is a view that puts tables under each other: its columns are the discriminator, and
// the model's in their order.
type unionView struct {
	d       dialect.Dialect
	name    string // quoted and qualified
	wall    string
	model   string // the alias of each table
	columns []string
	invoker bool // it is read with the rights of whoever reads it
}

// query is what the view selects, with an addition to its first arm.
func (v *unionView) query(arms []*arm, addition string) string {
	var b strings.Builder
	var columns strings.Builder
	for _, c := range v.columns {
		columns.WriteString(", " + v.column(c))
	}
	for i, a := range arms {
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		b.WriteString("SELECT " + v.tenant(a) + columns.String() + " FROM " + v.table(a) + " AS " + dialect.Quote(v.d, v.model))
		if i == 0 {
			b.WriteString(addition)
		}
	}
	return b.String()
}

func (v *unionView) column(name string) string {
	return dialect.Quote(v.d, v.model) + "." + dialect.Quote(v.d, name)
}

// tenant is the first column. On PostgreSQL it is of one type whether or not it comes from a table,
// because a view that is replaced must keep its types.
func (v *unionView) tenant(a *arm) string {
	switch {
	case !a.shared:
		return literal(v.d, a.tenant)
	case v.d.Name() == "postgres":
		return v.column(v.wall) + "::text"
	}
	return v.column(v.wall)
}

// table is an arm's table. In SQLite's views it goes without the name of the file, which is main
// only for those who have not attached it under another one.
func (v *unionView) table(a *arm) string {
	names := a.names
	if v.d.Name() == "sqlite" {
		names.Qualifier = ""
	}
	return names.Table(v.d, v.model)
}

// create makes the view, or replaces it by another with the same columns; anew, by any. Where an
// engine cannot replace a view, it is removed first, in the same transaction.
func (v *unionView) create(arms []*arm, anew bool) []string {
	columns := []string{dialect.Quote(v.d, v.wall)}
	for _, c := range v.columns {
		columns = append(columns, dialect.Quote(v.d, c))
	}
	head := v.name + " (" + strings.Join(columns, ", ") + ")"
	mark := v.mark(arms)
	switch {
	case isMySQL(v.d):
		return []string{mysqlPatience(v.d) + "CREATE OR REPLACE VIEW " + head + " AS " + v.query(arms, " WHERE '"+mark+"' <> ''")}
	case v.d.Name() == "sqlite":
		return []string{dropView(v.name), "CREATE VIEW " + head + " AS /* " + mark + " */ " + v.query(arms, "")}
	}
	if v.invoker {
		head += " WITH (security_invoker = true)"
	}
	statements := []string{
		viewPatience,
		"CREATE OR REPLACE VIEW " + head + " AS " + v.query(arms, ""),
		"COMMENT ON VIEW " + v.name + " IS '" + mark + "'",
	}
	if anew {
		return append([]string{statements[0], dropView(v.name)}, statements[1:]...)
	}
	return statements
}

// viewPatience is for how long a view waits for those who read it, and has others wait who want to.
const viewPatience = "SET LOCAL lock_timeout = '3s'"

// mysqlPatience is the same on MariaDB, for one statement. MySQL has no such words: there the caller
// stops waiting, and the server notices that in its time.
func mysqlPatience(d dialect.Dialect) string {
	if d.Name() == "mariadb" {
		return "SET STATEMENT lock_wait_timeout = 3 FOR "
	}
	return ""
}

// remove removes the view.
func (v *unionView) remove() []string {
	if v.d.Name() == "postgres" {
		return []string{viewPatience, dropView(v.name)}
	}
	return []string{mysqlPatience(v.d) + dropView(v.name)}
}

// markPrefix begins what a view carries to tell by what text it was made.
const (
	markPrefix = "rowhouse:"
	markBytes  = 16
	markLength = len(markPrefix) + 2*markBytes
)

// mark says what the view is made of. It is in the view's comment on PostgreSQL, in its text
// elsewhere.
func (v *unionView) mark(arms []*arm) string {
	text := v.name + "\x00" + v.wall + "\x00" + strings.Join(v.columns, "\x00") + "\x00" + v.query(arms, "")
	if v.invoker {
		text += "\x00invoker"
	}
	sum := sha256.Sum256([]byte(text))
	return markPrefix + hex.EncodeToString(sum[:markBytes])
}

// dropView removes a view. PostgreSQL refuses if others are made of it.
func dropView(name string) string { return "DROP VIEW IF EXISTS " + name }

// probe fails if something that a view is made of is missing: SQLite asks when a view is read, not
// when it is made.
func probe(name string) *driver.Statement {
	return &driver.Statement{Text: "SELECT 'x' FROM " + name + " LIMIT 0", Columns: []dialect.Kind{dialect.Text}}
}

// standingViews lists the views of the home schema that may be ours, with their marks.
func standingViews(d dialect.Dialect, schema string) *driver.Statement {
	s := &driver.Statement{Columns: []dialect.Kind{dialect.Text, dialect.Text}, Args: texts(markPrefix, viewPrefix)}
	switch {
	case d.Name() == "sqlite":
		s.Text = fmt.Sprintf(`SELECT name, substr(sql, instr(sql, ?), %d) FROM "main".sqlite_schema
			WHERE type = 'view' AND lower(substr(name, 1, %d)) = ?`, markLength, len(viewPrefix))
	case isMySQL(d):
		s.Args = texts(markPrefix, schema, viewPrefix)
		s.Text = fmt.Sprintf("SELECT table_name, SUBSTRING(view_definition, LOCATE(?, view_definition), %d) "+
			"FROM information_schema.views WHERE table_schema = ? AND LOWER(LEFT(table_name, %d)) = ?", markLength, len(viewPrefix))
	default:
		s.Args = texts(schema, viewPrefix)
		s.Text = `SELECT c.relname::text, coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '') FROM pg_catalog.pg_class c
			JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = $1 AND c.relkind = 'v' AND pg_catalog.starts_with(c.relname::text, $2)`
	}
	return s
}

// viewsOn lists the views outside of a schema that are made of tables in it; given tables, all views
// that are made of these. It is PostgreSQL's, whose pg_depend has an index for each of its ends, while
// pg_class has none for a whole schema.
func viewsOn(d dialect.Dialect, schema string, tables []string) *driver.Statement {
	from := `JOIN pg_catalog.pg_depend i ON i.refclassid = 'pg_catalog.pg_namespace'::regclass AND i.refobjid = n.oid
			AND i.classid = 'pg_catalog.pg_class'::regclass
		JOIN pg_catalog.pg_class t ON t.oid = i.objid`
	where := "vn.nspname <> $1"
	if tables != nil {
		marks := make([]string, len(tables))
		for i := range tables {
			marks[i] = string(d.AppendPlaceholder(nil, i+2))
		}
		from = "JOIN pg_catalog.pg_class t ON t.relnamespace = n.oid"
		where = "t.relname IN (" + strings.Join(marks, ", ") + ")"
	}
	return &driver.Statement{
		Text: `SELECT DISTINCT pg_catalog.quote_ident(vn.nspname) || '.' || pg_catalog.quote_ident(v.relname)
		FROM pg_catalog.pg_namespace n
		` + from + `
		JOIN pg_catalog.pg_depend x ON x.refclassid = 'pg_catalog.pg_class'::regclass AND x.refobjid = t.oid
			AND x.classid = 'pg_catalog.pg_rewrite'::regclass
		JOIN pg_catalog.pg_rewrite r ON r.oid = x.objid
		JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.oid <> t.oid
		JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace
		WHERE n.nspname = $1 AND ` + where,
		Args: texts(append([]string{schema}, tables...)...), Columns: []dialect.Kind{dialect.Text},
	}
}

// lockViews tries to be the one process that changes views, until unlockViews or, on PostgreSQL,
// the end of the transaction. The number there is this library's own: the letters "rowviews".
func lockViews(d dialect.Dialect, schema string) *driver.Statement {
	s := &driver.Statement{Columns: []dialect.Kind{dialect.Text}}
	if isMySQL(d) {
		s.Text, s.Args = "SELECT CAST(COALESCE(GET_LOCK(?, 0), 0) AS CHAR)", texts(viewLock(schema))
		return s
	}
	s.Text = "SELECT CASE WHEN pg_try_advisory_xact_lock(8245940793196771187) THEN '1' ELSE '0' END"
	return s
}

func unlockViews(schema string) *driver.Statement {
	return &driver.Statement{
		Text: "SELECT CAST(COALESCE(RELEASE_LOCK(?), 0) AS CHAR)", Args: texts(viewLock(schema)), Columns: []dialect.Kind{dialect.Text},
	}
}

// viewLock is a name of at most 64 characters: locks belong to the server, not to a database.
func viewLock(schema string) string {
	return string(dialect.AppendFitted(nil, 64, "rowhouse.view.", schema))
}

// invokerRights returns "yes" if a view of PostgreSQL's can be read with the rights of its reader.
func invokerRights() *driver.Statement {
	return &driver.Statement{
		Text:    "SELECT CASE WHEN current_setting('server_version_num')::int >= 150000 THEN 'yes' ELSE 'no' END",
		Columns: []dialect.Kind{dialect.Text},
	}
}
