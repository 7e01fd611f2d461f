package source

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// goType is the type of a column's field; pointer is set if it is one, because the column can be NULL.
func goType(c *dialect.Column) (name string, pointer bool) {
	t := model.TypeOf(c.Type)
	name = t.String()
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && t.Name() == "" {
		name = "[]byte"
	}
	if c.Null && t.Kind() != reflect.Slice {
		return "*" + name, true
	}
	return name, false
}

// packageOf is the import path of a type's package.
func packageOf(goType string) string {
	short, _, _ := strings.Cut(strings.TrimPrefix(goType, "*"), ".")
	return map[string]string{"time": "time", "json": "encoding/json", "uuid": "github.com/google/uuid"}[short]
}

// literal is a tag as a literal in a struct.
func literal(text string) string {
	tag := "db:" + strconv.Quote(text)
	if strings.ContainsAny(tag, "`\x00") {
		return strconv.Quote(tag)
	}
	return "`" + tag + "`"
}

// tagsOf are what tags say of a table, by column.
func tagsOf(t *dialect.Table) map[string]string {
	w := tagger{t: t, parts: map[string][]string{}}
	for i := range t.Columns {
		w.column(&t.Columns[i])
	}
	for _, x := range t.Indexes {
		w.index(x)
	}
	for _, k := range t.ForeignKeys {
		w.reference(k)
	}
	for _, c := range t.Checks {
		w.check(c)
	}
	tags := map[string]string{}
	for name, parts := range w.parts {
		tags[name] = strings.Join(parts, ",")
	}
	return tags
}

type tagger struct {
	t     *dialect.Table
	parts map[string][]string
}

func (w *tagger) say(column string, parts ...string) {
	w.parts[column] = append(w.parts[column], parts...)
}

// order is the order of the fields.
func (w *tagger) order(columns []string) []string {
	sorted := slices.Clone(columns)
	slices.SortFunc(sorted, func(a, b string) int { return w.position(a) - w.position(b) })
	return sorted
}

func (w *tagger) position(column string) int {
	return slices.IndexFunc(w.t.Columns, func(c dialect.Column) bool { return c.Name == column })
}

// at says a column's place in a key or an index, if the places are not those of the fields.
func (w *tagger) at(column string, columns []string) {
	if !slices.Equal(w.order(columns), columns) {
		w.say(column, "at:"+strconv.Itoa(slices.Index(columns, column)+1))
	}
}

func (w *tagger) column(c *dialect.Column) {
	w.say(c.Name, c.Name)
	if slices.Contains(w.t.PrimaryKey, c.Name) {
		w.say(c.Name, "pk")
		w.at(c.Name, w.t.PrimaryKey)
	}
	w.typed(c)
	if _, pointer := goType(c); c.Null && !pointer {
		w.say(c.Name, "null")
	}
	if c.Default != "" {
		w.say(c.Name, "default:"+quote(unquote(c.Default)))
	}
	switch {
	case c.Auto, c.Role == dialect.RoleMade:
		w.say(c.Name, "auto")
	case c.Role != dialect.RoleNone:
		w.say(c.Name, c.Role.String())
	}
}

// typed says what the Go type does not.
func (w *tagger) typed(c *dialect.Column) {
	number := func(word string, n int) {
		if n > 0 {
			w.say(c.Name, word+":"+strconv.Itoa(n))
		}
	}
	switch c.Type.Kind {
	case dialect.Other:
		w.say(c.Name, "sqltype:"+quote(c.Type.Raw))
	case dialect.JSON:
		w.say(c.Name, "json")
	case dialect.Decimal:
		w.say(c.Name, "type:decimal")
	default:
	}
	number("size", c.Type.Size)
	number("precision", c.Type.Precision)
	number("scale", c.Type.Scale)
}

func (w *tagger) index(x dialect.Index) {
	word, suffix := "index", "_idx"
	if x.Unique {
		word, suffix = "unique", "_key"
	}
	if len(x.Columns) > 1 || x.Name != w.t.Name+"_"+x.Columns[0]+suffix {
		word += ":" + quote(x.Name)
	}
	for i, name := range w.order(x.Columns) {
		w.say(name, word)
		w.at(name, x.Columns)
		if i == 0 && x.Where != "" {
			w.say(name, "where:"+quote(x.Where))
		}
	}
}

// actions are the words of tags for what a foreign key does.
var actions = map[string]string{"CASCADE": "cascade", "SET NULL": "setnull", "RESTRICT": "restrict", "NO ACTION": "noaction"}

func (w *tagger) reference(k dialect.ForeignKey) {
	for i, name := range w.order(k.Columns) {
		w.say(name, "ref:"+k.Table+"."+k.References[slices.Index(k.Columns, name)])
		if len(k.Columns) > 1 || k.Name != w.t.Name+"_"+name+"_fkey" {
			w.say(name, "fk:"+quote(k.Name))
		}
		w.at(name, k.Columns)
		if i == 0 && k.OnDelete != "" {
			w.say(name, "ondelete:"+actions[k.OnDelete])
		}
		if i == 0 && k.OnUpdate != "" {
			w.say(name, "onupdate:"+actions[k.OnUpdate])
		}
	}
}

// check puts a check where it is likely to be looked for: at the first column that it names.
func (w *tagger) check(c dialect.Check) {
	at := slices.IndexFunc(w.t.Columns, func(column dialect.Column) bool {
		return regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(column.Name) + `\b`).MatchString(c.Expr)
	})
	name := w.t.Columns[max(at, 0)].Name
	w.say(name, "check:"+quote(c.Expr), "named:"+quote(c.Name))
}

var plain = regexp.MustCompile(`^[A-Za-z0-9_.+-]+$`)

// quote is an option's value as a tag has it.
func quote(value string) string {
	if plain.MatchString(value) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", "''") + "'"
}

// unquote is the value of a default's literal.
func unquote(literal string) string {
	if strings.HasPrefix(literal, "'") {
		return strings.ReplaceAll(literal[1:len(literal)-1], "''", "'")
	}
	return literal
}
