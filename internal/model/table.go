package model

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse/dialect"
)

// CompileTable compiles the description of a table into a model whose rows are [Record]s; t is their
// type, for messages. It reports every mistake it finds. The table of a compiled struct gives a model
// of the same table, and of the same roles.
func CompileTable(t reflect.Type, table dialect.Table) (*Struct, []Mistake) {
	c := compilerOf(t, table.Name, true)
	c.s.Table.Common = table.Common
	storage := storageOf(table.Columns)
	for i, column := range table.Columns {
		c.recordColumn(column, storage.Field(i), slices.Contains(table.PrimaryKey, column.Name))
	}
	c.primaryKey(table.PrimaryKey)
	c.tableIndexes(table.Indexes)
	c.tableReferences(table.ForeignKeys)
	c.tableChecks(table.Checks)
	c.finish()
	if len(c.mistakes) > 0 {
		return nil, c.mistakes
	}
	c.s.boxed(storage)
	return c.s, nil
}

// goTypes are the Go types of a Record's values.
var goTypes = map[dialect.Kind]reflect.Type{
	dialect.Bool:  reflect.TypeFor[bool](),
	dialect.Int16: reflect.TypeFor[int16](), dialect.Int32: reflect.TypeFor[int32](), dialect.Int64: reflect.TypeFor[int64](),
	dialect.Float32: reflect.TypeFor[float32](), dialect.Float64: reflect.TypeFor[float64](),
	dialect.Decimal: reflect.TypeFor[string](), dialect.Text: reflect.TypeFor[string](),
	dialect.Bytes: reflect.TypeFor[[]byte](), dialect.Time: reflect.TypeFor[time.Time](),
	dialect.UUID: reflect.TypeFor[uuid.UUID](), dialect.JSON: reflect.TypeFor[json.RawMessage](),
}

// otherTypes are the Go types for types of one engine, by their first word; for all others it is a text,
// which every engine takes and gives for them.
var otherTypes = func() map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for t, words := range map[reflect.Type]string{
		reflect.TypeFor[int64]():     "tinyint smallint mediumint int integer bigint int2 int8 serial",
		reflect.TypeFor[float64]():   "float double real",
		reflect.TypeFor[bool]():      "bool boolean",
		reflect.TypeFor[time.Time](): "date datetime timestamp timestamptz",
		reflect.TypeFor[[]byte]():    "binary varbinary tinyblob blob mediumblob longblob",
	} {
		for word := range strings.FieldsSeq(words) {
			types[word] = t
		}
	}
	return types
}()

// TypeOf returns the Go type of a column's values, without NULL. It is nil for what is no kind.
func TypeOf(t dialect.Type) reflect.Type {
	if t.Kind != dialect.Other {
		return goTypes[t.Kind]
	}
	word, rest, _ := strings.Cut(strings.ToLower(t.Raw), " ")
	word, _, _ = strings.Cut(word, "(")
	if of, known := otherTypes[word]; known && !strings.Contains(rest, "[]") {
		return of
	}
	return reflect.TypeFor[string]()
}

// storageOf makes the type that keeps a Record's values. Its names do not depend on the table's, so
// that tables of the same types share it: what reflect has made once, it keeps.
func storageOf(columns []dialect.Column) reflect.Type {
	fields := make([]reflect.StructField, len(columns))
	for i, column := range columns {
		t := TypeOf(column.Type)
		if t == nil {
			t = reflect.TypeFor[string]() // its kind is a mistake, which is reported
		}
		if column.Null && t.Kind() != reflect.Slice {
			t = reflect.PointerTo(t)
		}
		fields[i] = reflect.StructField{Name: "F" + strconv.Itoa(i), Type: t}
	}
	return reflect.StructOf(fields)
}

// recordColumn takes a column as if a tag said it.
func (c *compiler) recordColumn(column dialect.Column, stored reflect.StructField, key bool) {
	tag, problems := tagOf(column, key)
	problems = append(problems, tag.contradictions()...)
	for _, p := range problems {
		c.mistake(column.Name, "", p)
	}
	if len(problems) > 0 {
		return
	}
	codec, problem := codecOf(stored.Type, tag)
	if problem != "" {
		c.mistake(column.Name, "", problem)
		return
	}
	c.column(Field{Name: column.Name, Column: column.Name, Offset: stored.Offset, Type: stored.Type, Codec: codec}, tag, "")
}

// tagOf is what a struct's tag would say of the column itself.
func tagOf(column dialect.Column, key bool) (t tag, problems []string) {
	t = tag{
		name: column.Name, pk: key, null: column.Null, auto: column.Auto || column.Role == dialect.RoleMade,
		json: column.Type.Kind == dialect.JSON,
		size: column.Type.Size, precision: column.Type.Precision, scale: column.Type.Scale,
		created: column.Role == dialect.RoleCreated, updated: column.Role == dialect.RoleUpdated,
		lock: column.Role == dialect.RoleLock, softDelete: column.Role == dialect.RoleSoftDelete,
	}
	switch kind := column.Type.Kind; {
	case TypeOf(column.Type) == nil:
		problems = append(problems, fmt.Sprintf("its type is %s, which is no kind of package dialect", kind))
	case kind != dialect.Other:
		t.kind = kind.String()
	case column.Type.Raw == "":
		problems = append(problems, "it has no type: name a kind, or have Raw be a type in the engine's own words")
	default:
		t.sqlType = column.Type.Raw
	}
	if min(t.size, t.precision, t.scale) < 0 {
		problems = append(problems, "size, precision and scale are not below zero")
	}
	if column.Default == "" {
		return t, problems
	}
	text, ok := textOf(column.Default)
	if !ok {
		problems = append(problems,
			fmt.Sprintf("default %s is no literal: it is a number, true, false, or a text in single quotes", column.Default))
	}
	t.fallback = &text
	return t, problems
}

// textOf returns what a literal says.
func textOf(literal string) (text string, ok bool) {
	if !strings.HasPrefix(literal, "'") {
		return literal, true
	}
	return unquote(literal)
}

// primaryKey takes the columns of the key in their order.
func (c *compiler) primaryKey(columns []string) {
	c.s.Key = nil
	for _, name := range c.known("the primary key", columns) {
		c.s.Key = append(c.s.Key, c.s.Position(name))
	}
}

// known returns the columns that there are, and reports the others, and those that come twice.
func (c *compiler) known(of string, columns []string) (known []string) {
	for i, name := range columns {
		switch {
		case slices.Contains(columns[:i], name):
			c.mistake("", "", fmt.Sprintf("%s has column %q twice", of, name))
		case c.s.Position(name) >= 0:
			known = append(known, name)
		case !slices.ContainsFunc(c.mistakes, func(m Mistake) bool { return m.Field == name }):
			c.mistake("", "", fmt.Sprintf("%s has a column %q, which the table has not", of, name))
		}
	}
	return known
}

func (c *compiler) tableIndexes(indexes []dialect.Index) {
	for _, x := range indexes {
		if len(x.Columns) == 0 {
			c.mistake("", "", fmt.Sprintf("index %q has no column", x.Name))
			continue
		}
		if x.Name == "" {
			x.Name = indexName(c.s.Table.Name, x.Columns, x.Unique)
		}
		x.Columns = c.known(fmt.Sprintf("index %q", x.Name), x.Columns)
		c.indexes = append(c.indexes, x)
	}
}

// indexName is the name of an index that was given none.
func indexName(table string, columns []string, unique bool) string {
	return table + "_" + strings.Join(columns, "_") + map[bool]string{false: "_idx", true: "_key"}[unique]
}

func (c *compiler) tableReferences(keys []dialect.ForeignKey) {
	for _, k := range keys {
		if k.Name == "" {
			k.Name = c.s.Table.Name + "_" + strings.Join(k.Columns, "_") + "_fkey"
		}
		of := fmt.Sprintf("foreign key %q", k.Name)
		if problem := badKey(k); problem != "" {
			c.mistake("", "", of+" "+problem)
			continue
		}
		k.Columns, k.References, k.Common = c.known(of, k.Columns), slices.Clone(k.References), false
		c.foreign = append(c.foreign, k)
	}
}

// badKey says what is wrong with a foreign key but for its own columns, or "".
func badKey(k dialect.ForeignKey) string {
	if len(k.Columns) == 0 || len(k.Columns) != len(k.References) {
		return fmt.Sprintf("is of %d columns and refers to %d", len(k.Columns), len(k.References))
	}
	for _, name := range append([]string{k.Table}, k.References...) {
		if problem := badName(name); problem != "" {
			return "refers to a name that " + problem
		}
	}
	for _, action := range []string{k.OnDelete, k.OnUpdate} {
		known := action == ""
		for _, a := range actions {
			known = known || a == action
		}
		if !known {
			return fmt.Sprintf("has an action %q; there are CASCADE, SET NULL, RESTRICT, NO ACTION", action)
		}
	}
	return ""
}

func (c *compiler) tableChecks(checks []dialect.Check) {
	for i, check := range checks {
		if check.Name == "" {
			check.Name = c.s.Table.Name + "_check" + strconv.Itoa(i+1)
		}
		if check.Expr == "" {
			c.mistake("", "", fmt.Sprintf("check %q has no expression", check.Name))
		}
		c.s.Table.Checks = append(c.s.Table.Checks, check)
	}
}
