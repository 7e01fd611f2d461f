package fleet

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
)

// tableReader converts one table.
type tableReader struct {
	*reader
	of   *schema.Table
	to   *dialect.Table
	left []string // columns that are left out
}

func (w *tableReader) remarkf(format string, args ...any) {
	w.reader.remarkf(strings.TrimPrefix(w.of.Name, w.site.Prefix), format, args...)
}

func (w *tableReader) isWall(column string) bool {
	return w.site.Discriminator != "" && strings.EqualFold(column, w.site.Discriminator)
}

// primaryKey takes the key's columns; ok is false where nothing is left of them.
func (w *tableReader) primaryKey() (ok bool) {
	for _, p := range w.of.PrimaryKey.Parts {
		if !w.isWall(p.C.Name) {
			w.to.PrimaryKey = append(w.to.PrimaryKey, p.C.Name)
		}
	}
	switch {
	case len(w.to.PrimaryKey) == 0:
		w.remarkf("it is left out: its primary key is the discriminator alone")
	case w.site.Discriminator != "" && len(w.to.PrimaryKey) == len(w.of.PrimaryKey.Parts):
		w.remarkf("its primary key does not have the discriminator %q; that of a table which is made new does", w.site.Discriminator)
	}
	return len(w.to.PrimaryKey) > 0
}

func (w *tableReader) column(c *schema.Column) {
	if w.isWall(c.Name) {
		return
	}
	to := dialect.Column{Name: c.Name, Type: w.typeOf(c)}
	to.Null = c.Type.Null && !slices.Contains(w.to.PrimaryKey, c.Name) // as SQLite says of keys
	if _, is := attr[*schema.GeneratedExpr](c.Attrs); is {
		w.leave(c.Name, "its value is computed by the database; Raw or a Fragment can read it")
		return
	}
	if problem := badColumn(dialect.Column{Name: to.Name, Type: to.Type}); problem != "" {
		w.leave(c.Name, problem)
		return
	}
	w.lessen(c)
	w.recall(c, &to)
	if w.numbers(c) {
		w.auto(c, &to)
	} else {
		w.fallback(c, &to)
	}
	w.to.Columns = append(w.to.Columns, to)
}

// lessen remarks on what a type of MySQL's says of how its values are rounded or shown, which is not read.
func (w *tableReader) lessen(c *schema.Column) {
	raw := strings.ToLower(c.Type.Raw)
	_, float := c.Type.Type.(*schema.FloatType)
	if w.isMySQL() && (float && strings.Contains(raw, "(") || strings.HasSuffix(raw, "zerofill")) {
		w.remarkf("column %q is of the type %s; that of a table which is made new has no such digits", c.Name, raw)
	}
}

// leave leaves a column out.
func (w *tableReader) leave(column, why string) {
	w.left = append(w.left, column)
	w.remarkf("column %q is left out: %s", column, why)
}

// recall has a column that is a model's be what the model says.
func (w *tableReader) recall(c *schema.Column, to *dialect.Column) {
	t := w.known[strings.ToLower(w.of.Name)]
	if own := t.Column(c.Name); own != nil && w.written(*own) == w.text(c) && own.Null == to.Null {
		to.Type, to.Role = own.Type, own.Role
	}
}

// numbers reports whether the database makes the column's values.
func (w *tableReader) numbers(c *schema.Column) bool {
	_, identity := attr[*postgres.Identity](c.Attrs)
	_, serial := c.Type.Type.(*postgres.SerialType)
	_, increment := attr[*mysql.AutoIncrement](c.Attrs)
	_, keyed := attr[*sqlite.WithoutRowID](w.of.Attrs)
	key := w.of.PrimaryKey.Parts
	row := w.d.Name() == "sqlite" && !keyed && len(key) == 1 && key[0].C == c && strings.EqualFold(c.Type.Raw, "integer")
	t := w.known[strings.ToLower(w.of.Name)]
	own := t.Column(c.Name)
	return identity || serial || increment || row || own != nil && own.Auto
}

func (w *tableReader) auto(c *schema.Column, to *dialect.Column) {
	if to.Auto = slices.Contains(w.to.PrimaryKey, c.Name); !to.Auto {
		w.remarkf("column %q is numbered by the database, which models have in primary keys only; inserts give it a value", c.Name)
	}
	if id, is := attr[*postgres.Identity](c.Attrs); is && id.Generation == "ALWAYS" {
		w.remarkf("column %q is an identity that is generated ALWAYS; a row whose key is set cannot be inserted", c.Name)
	}
}

// compare remarks on texts that are not compared byte by byte, as those are that are made new.
func (w *tableReader) compare() {
	made := ""
	if w.isMySQL() {
		made = collation(w.d)
	}
	columns := map[string][]string{}
	for _, c := range w.of.Columns {
		of, has := attr[*schema.Collation](c.Attrs)
		_, text := c.Type.Type.(*schema.StringType)
		if text && has && of.V != made && of.V != "default" && !w.isLeft(c.Name) {
			columns[of.V] = append(columns[of.V], c.Name)
		}
	}
	for _, of := range slices.Sorted(maps.Keys(columns)) {
		w.remarkf("texts are compared by %s, which those of a table that is made new are not: %s", of, strings.Join(columns[of], ", "))
	}
}

func (r *reader) isMySQL() bool { return isMySQL(r.d) }

// indexes takes those that a model can have.
func (w *tableReader) indexes() {
	for _, x := range w.of.Indexes {
		to := dialect.Index{Unique: x.Unique, Where: w.condition(x)}
		if w.isImplied(x) {
			continue
		}
		if problem := oddIndex(x); problem != "" {
			w.remarkf("index %q is left out: %s", x.Name, problem)
			continue
		}
		for _, p := range x.Parts {
			if !w.isWall(p.C.Name) {
				to.Columns = append(to.Columns, p.C.Name)
			}
		}
		if at := slices.IndexFunc(to.Columns, w.isLeft); at >= 0 {
			w.remarkf("index %q is left out with its column %q", x.Name, to.Columns[at])
			continue
		}
		if len(to.Columns) == 0 {
			continue // it is of the discriminator, which leads in every key
		}
		to.Name = w.object(x.Name, w.to.Name+"_"+strings.Join(to.Columns, "_")+map[bool]string{false: "_idx", true: "_key"}[x.Unique])
		w.to.Indexes = append(w.to.Indexes, to)
	}
}

func (w *tableReader) isLeft(column string) bool { return slices.Contains(w.left, column) }

// condition is that of a partial index.
func (w *tableReader) condition(x *schema.Index) string {
	if p, is := attr[*postgres.IndexPredicate](x.Attrs); is {
		return bare(p.P)
	}
	if p, is := attr[*sqlite.IndexPredicate](x.Attrs); is {
		return bare(p.P)
	}
	return ""
}

// isImplied reports an index that MySQL makes by itself for a foreign key, and the one that is made for
// a column that it numbers and that does not lead the key.
func (w *tableReader) isImplied(x *schema.Index) bool {
	if !w.isMySQL() || x.Unique {
		return false
	}
	key := w.of.PrimaryKey.Parts[0].C
	auto := len(x.Parts) == 1 && x.Parts[0].C != nil && x.Parts[0].C != key && w.numbers(x.Parts[0].C)
	return auto || slices.ContainsFunc(w.of.ForeignKeys, func(k *schema.ForeignKey) bool { return isOwn(x, k) })
}

// ownName is that of an index which MySQL makes for a foreign key without a name: the first column's.
var ownName = regexp.MustCompile(`^(.*?)(_\d+)?$`)

// isOwn reports an index that MySQL has made for a foreign key.
func isOwn(x *schema.Index, k *schema.ForeignKey) bool {
	first := k.Columns[0].Name
	named := x.Name == k.Symbol || x.Name == first || ownName.FindStringSubmatch(x.Name)[1] == first
	return named && slices.EqualFunc(x.Parts, k.Columns, func(p *schema.IndexPart, c *schema.Column) bool { return p.C == c })
}

// oddIndex says why no model can have an index, or "".
func oddIndex(x *schema.Index) string {
	if kind, is := attr[*postgres.IndexType](x.Attrs); is && !strings.EqualFold(kind.T, "btree") {
		return "it is of the type " + kind.T
	}
	if kind, is := attr[*mysql.IndexType](x.Attrs); is && !strings.EqualFold(kind.T, "btree") {
		return "it is of the type " + kind.T
	}
	if _, is := attr[*postgres.IndexInclude](x.Attrs); is {
		return "it includes columns"
	}
	if _, is := attr[*postgres.IndexNullsDistinct](x.Attrs); is {
		return "it takes NULLs for equal"
	}
	for _, p := range x.Parts {
		nulls, ordered := attr[*postgres.IndexColumnProperty](p.Attrs)
		_, class := attr[*postgres.IndexOpClass](p.Attrs)
		_, part := attr[*mysql.SubPart](p.Attrs)
		switch {
		case p.C == nil:
			return "it is of an expression"
		case p.Desc, ordered && nulls.NullsFirst:
			return "it has an order of its own"
		case class:
			return "it has an operator class"
		case part:
			return "it is of the beginning of a column"
		}
	}
	return ""
}

// references takes those to tables that are read too, and to tables of the common house.
func (w *tableReader) references(read map[*schema.Table]*dialect.Table) {
	for _, k := range w.of.ForeignKeys {
		to := dialect.ForeignKey{OnDelete: w.action(k.OnDelete), OnUpdate: w.action(k.OnUpdate)}
		target := read[k.RefTable]
		for t, table := range read {
			if target == nil && t.Name == k.RefTable.Name && (k.RefTable.Schema == nil || k.RefTable.Schema.Name == t.Schema.Name) {
				target = table
			}
		}
		switch common := w.common[k.RefTable.Name]; {
		case target != nil:
			to.Table = target.Name
		case common != "":
			to.Table, to.Common = common, true
		default:
			w.remarkf("foreign key %q is left out: it refers to %q, which is not among the tables", k.Symbol, k.RefTable.Name)
			continue
		}
		for i, c := range k.Columns {
			if !w.isWall(c.Name) {
				to.Columns, to.References = append(to.Columns, c.Name), append(to.References, k.RefColumns[i].Name)
			}
		}
		if len(to.Columns) == 0 || slices.ContainsFunc(to.Columns, w.isLeft) {
			w.remarkf("foreign key %q is left out with its column", k.Symbol)
			continue
		}
		if target != nil && !isKey(target, to.References) {
			w.remarkf("foreign key %q is left out: it refers to columns of %q that are no key of the model", k.Symbol, target.Name)
			continue
		}
		if own, their := oddPair(w.to, target, to); own != nil {
			w.remarkf("foreign key %q is left out: column %q is %s, and %q, which it refers to, is %s",
				k.Symbol, own.Name, own.Type.Kind, their.Name, their.Type.Kind)
			continue
		}
		to.Name = w.object(k.Symbol, w.to.Name+"_"+strings.Join(to.Columns, "_")+"_fkey")
		w.to.ForeignKeys = append(w.to.ForeignKeys, to)
	}
}

// oddPair returns columns of a foreign key that are of different kinds, if there are any.
func oddPair(t, target *dialect.Table, k dialect.ForeignKey) (own, their *dialect.Column) {
	for i, name := range k.Columns {
		if target == nil {
			break
		}
		own, their = t.Column(name), target.Column(k.References[i])
		if own.Type.Kind != their.Type.Kind || own.Type.Raw != their.Type.Raw {
			return own, their
		}
	}
	return nil, nil
}

// sort orders what databases list as they like, so that the same tables are read as the same.
func (w *tableReader) sort() {
	slices.SortFunc(w.to.Indexes, func(a, b dialect.Index) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(w.to.ForeignKeys, func(a, b dialect.ForeignKey) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(w.to.Checks, func(a, b dialect.Check) int { return strings.Compare(a.Name, b.Name) })
}

// isKey reports whether a foreign key can refer to the columns.
func isKey(t *dialect.Table, columns []string) bool {
	return slices.Equal(t.PrimaryKey, columns) || slices.ContainsFunc(t.Indexes, func(x dialect.Index) bool {
		return x.Unique && x.Where == "" && slices.Equal(x.Columns, columns)
	})
}

// action is what a foreign key does, where it is not what one does of which nothing is said: on MySQL,
// both words for that mean the same.
func (w *tableReader) action(o schema.ReferenceOption) string {
	switch action := strings.ToUpper(string(o)); {
	case action == "NO ACTION", action == "RESTRICT" && w.isMySQL():
		return ""
	case action == "SET DEFAULT":
		w.remarkf("a foreign key is SET DEFAULT, which no model's is")
		return ""
	default:
		return action
	}
}

// checks takes those that say nothing of columns that are left out.
func (w *tableReader) checks() {
	for _, a := range w.of.Attrs {
		check, is := a.(*schema.Check)
		if !is {
			continue
		}
		expr := bare(check.Expr)
		if at := slices.IndexFunc(append(w.left, w.site.Discriminator), func(c string) bool { return c != "" && hasWord(expr, c) }); at >= 0 {
			w.remarkf("check %q is left out: it is on a column that is not there", check.Name)
			continue
		}
		name := w.object(check.Name, w.to.Name+"_check")
		w.to.Checks = append(w.to.Checks, dialect.Check{Name: name, Expr: expr})
	}
}

// hasWord reports whether a text has a name in it, as a word or, if it is none, anywhere.
func hasWord(text, name string) bool {
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) {
		return strings.Contains(strings.ToLower(text), strings.ToLower(name))
	}
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && r < 128
	})
	return slices.Contains(words, strings.ToLower(name))
}

// bare is an expression without the parentheses around the whole of it.
func bare(expr string) string {
	expr = strings.TrimSpace(expr)
	for strings.HasPrefix(expr, "(") && closes(expr) == len(expr)-1 {
		expr = strings.TrimSpace(expr[1 : len(expr)-1])
	}
	return expr
}

// closes is where the parenthesis closes that an expression begins with, or -1.
func closes(expr string) int {
	depth, quote := 0, byte(0)
	for i := range len(expr) {
		switch c := expr[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// attr is the attribute of that type, if there is one.
func attr[A schema.Attr](attrs []schema.Attr) (a A, has bool) {
	for _, have := range attrs {
		if a, has = have.(A); has {
			return a, true
		}
	}
	return a, false
}

// problemOf is what definition errors say, without what was defined.
func problemOf(err error) string {
	if err == nil {
		return ""
	}
	if wrong, is := errors.AsType[*rowhouse.DefinitionError](err); is {
		return wrong.Problem
	}
	return err.Error()
}
