// Package model compiles a Go struct into what the mapping needs of it: the description of its
// table and, for every column, where the field is and how it becomes an argument and a
// destination. It is the only package that reaches into structs by offset.
package model

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
)

// Struct is a compiled struct. It is immutable.
type Struct struct {
	Type   reflect.Type
	Table  dialect.Table
	Fields []Field // one for each column of Table, in the same order

	Key        []int // positions of the primary key's columns
	Auto       int   // position of the key that the database makes, or -1
	Lock       int   // position of the optimistic lock's version, or -1
	SoftDelete int   // position of the time of deletion, or -1
	Made       []int // positions of keys that are made here, as UUIDv7
	Created    []int // positions of times that an insert sets
	Updated    []int // positions of times that an insert and an update set
	Defaulted  []int // positions of columns with a default

	Slot  *Slot  // where the values of a tenant's own columns are, or nil
	shape *shape // of the tenants that the struct is for, if they have columns of their own

	storage reflect.Type   // of a Record's values; nil where Type is what the rows are
	zero    unsafe.Pointer // storage of a row of zero values
	origin  *Struct        // the model that Records are of, also where this is that one aimed at a result
}

// Field is where a column is in the struct.
type Field struct {
	Name   string // the field's Go name, with those of the structs it is embedded in
	Column string
	Offset uintptr
	Type   reflect.Type
	Codec  *Codec

	fallback reflect.Value // the default, if there is one
	tag      reflect.StructTag
	record   *Struct // the model, if its rows are Records
	place    *place  // of a column that is a tenant's own

	// same compares two values; nil if a copy of one does not keep it. See Struct.Keep.
	same func(a, b unsafe.Pointer) bool
}

// String names the field and its type, for messages.
func (f *Field) String() string {
	if f.Name == "" {
		return "a " + f.Type.String()
	}
	return fmt.Sprintf("field %s (%s)", f.Name, f.Type)
}

// Mistake is one error in a definition.
type Mistake struct {
	Type    reflect.Type
	Model   string // of a model without a struct
	Field   string // "" for the struct as a whole
	Tag     string
	Problem string
}

// Position returns the position of a column, or -1.
func (s *Struct) Position(column string) int {
	for i := range s.Fields {
		if s.Fields[i].Column == column {
			return i
		}
	}
	return -1
}

// FieldAt returns the position of the field at that offset and of that type, or -1. A Record has
// no such fields.
func (s *Struct) FieldAt(offset uintptr, t reflect.Type) int {
	for i := range s.Fields {
		if !s.Boxed() && s.Fields[i].Offset == offset && s.Fields[i].Type == t {
			return i
		}
	}
	return -1
}

// Compile compiles a struct type for a table of that name. It reports every mistake it finds.
func Compile(t reflect.Type, table string) (*Struct, []Mistake) {
	c := compilerOf(t, table, false)
	if t.Kind() != reflect.Struct {
		c.mistake("", "", "a model is made of a struct")
		return nil, c.mistakes
	}
	c.walk(t, 0, "", "")
	c.finish()
	if len(c.mistakes) > 0 {
		return nil, c.mistakes
	}
	return c.s, nil
}

// compilerOf begins a model, for a table whose name it checks.
func compilerOf(t reflect.Type, table string, boxed bool) *compiler {
	c := &compiler{
		s: &Struct{
			Type: t, Table: dialect.Table{Name: table},
			Auto: -1, Lock: -1, SoftDelete: -1,
		},
		keys: map[string]int{}, boxed: boxed, places: map[string][]int{},
	}
	problem := badName(table)
	if problem == "" {
		problem = badObject(table)
	}
	if problem != "" {
		c.mistake("", "", "the table's name "+problem)
	}
	if strings.EqualFold(table, "excluded") {
		c.mistake("", "", "the table's name \"excluded\" is what SQL calls the proposed row of an upsert")
	}
	return c
}

type compiler struct {
	s        *Struct
	mistakes []Mistake
	keys     map[string]int // lower-case column name → position
	indexes  []dialect.Index
	foreign  []dialect.ForeignKey
	result   bool             // what is compiled is only read into
	boxed    bool             // the rows are Records
	places   map[string][]int // what tags say of the places of columns in keys and indexes
}

func (c *compiler) mistake(field, tag, problem string) {
	m := Mistake{Type: c.s.Type, Field: field, Tag: tag, Problem: problem}
	if c.boxed {
		m.Model = c.s.Table.Name
	}
	c.mistakes = append(c.mistakes, m)
}

// walk takes the fields of a struct, those of embedded structs in their place.
func (c *compiler) walk(t reflect.Type, offset uintptr, path, prefix string) {
	for f := range t.Fields() {
		text, tagged := f.Tag.Lookup("db")
		if text == "-" || (!f.IsExported() && !f.Anonymous) {
			if tagged && text != "-" {
				c.mistake(path+f.Name, text, "the field is not exported, so it cannot be a column")
			}
			continue
		}
		tag, problems := parseTag(text)
		for _, p := range problems {
			c.mistake(path+f.Name, text, p)
		}
		c.field(f, tag, text, offset+f.Offset, path, prefix)
	}
}

func (c *compiler) field(f reflect.StructField, tag tag, text string, offset uintptr, path, prefix string) {
	if tag.extra {
		name := tag.name
		if name == "" {
			name = snake(f.Name)
		}
		c.extra(Field{Name: path + f.Name, Column: prefix + name, Offset: offset, Type: f.Type}, tag, text)
		return
	}
	if c.inlines(f, tag) {
		if f.Type.Kind() != reflect.Struct {
			c.mistake(path+f.Name, text, "only a struct by value can bring its columns; this is a "+f.Type.String())
			return
		}
		if tag.name != "" || slices.ContainsFunc(tag.options, func(o string) bool { return o != "prefix" }) {
			c.mistake(path+f.Name, text, "the columns are the struct's own fields; only prefix means something here")
		}
		before := len(c.s.Fields) + len(c.mistakes)
		c.walk(f.Type, offset, path+f.Name+".", prefix+tag.prefix)
		if tag.has("prefix") && len(c.s.Fields)+len(c.mistakes) == before {
			c.mistake(path+f.Name, text, "a "+f.Type.String()+" has no field that is a column")
		}
		return
	}
	if !f.IsExported() {
		if text != "" {
			c.mistake(path+f.Name, text, "the field is not exported, so it cannot be a column")
		}
		return
	}
	name := tag.name
	if name == "" {
		name = snake(f.Name)
	}
	tag.result = c.result
	codec, problem := codecOf(f.Type, tag)
	if problem != "" {
		c.mistake(path+f.Name, text, problem)
		return
	}
	field := Field{
		Name: path + f.Name, Column: prefix + name, Offset: offset, Type: f.Type,
		Codec: codec, tag: f.Tag, same: sameOf(f.Type),
	}
	c.column(field, tag, text)
}

// inlines reports whether a field's own fields are the columns: an embedded struct, or any
// struct that was given a prefix, unless the type is a column's.
func (c *compiler) inlines(f reflect.StructField, tag tag) bool {
	tag.result = c.result
	if tag.has("prefix") {
		return true
	}
	if !f.Anonymous || tag.json {
		return false
	}
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	if _, _, is := customCodec(t, tag); is {
		return false
	}
	_, problem := goCodec(t, tag)
	return problem != ""
}

func (c *compiler) column(f Field, tag tag, text string) {
	if problem := badName(f.Column); problem != "" {
		c.mistake(f.Name, text, "the column's name "+problem)
		return
	}
	if at, taken := c.keys[strings.ToLower(f.Column)]; taken {
		c.mistake(f.Name, text, fmt.Sprintf("column %q is taken by field %s", f.Column, c.s.Fields[at].Name))
		return
	}
	at := len(c.s.Fields)
	c.keys[strings.ToLower(f.Column)] = at
	column := dialect.Column{Name: f.Column, Type: f.Codec.Type, Null: f.Codec.Nullable}
	if tag.null {
		column.Null = true
	}
	if tag.notNull || tag.pk {
		column.Null = false
	}
	f.Codec = f.Codec.forColumn(column.Null)
	c.s.Fields = append(c.s.Fields, f)
	if c.result {
		return
	}
	c.s.Table.Columns = append(c.s.Table.Columns, column)
	c.roles(at, tag, text)
	c.constraints(at, tag, text)
}

// constraints takes what the tag says of indexes, references and checks.
func (c *compiler) constraints(at int, tag tag, text string) {
	column := &c.s.Table.Columns[at]
	table := c.s.Table.Name
	for _, x := range tag.indexes {
		if x.name == "" {
			x.name = indexName(table, []string{column.Name}, x.unique)
		}
		if problem := c.index(x, column.Name); problem != "" {
			c.mistake(c.s.Fields[at].Name, text, problem)
		}
	}
	for i, check := range tag.checks {
		if check.name == "" {
			check.name = table + "_" + column.Name + "_check"
			if i > 0 {
				check.name += strconv.Itoa(i + 1)
			}
		}
		c.s.Table.Checks = append(c.s.Table.Checks, dialect.Check{Name: check.name, Expr: check.expr})
	}
	for _, r := range tag.refs {
		if r.key == "" {
			r.key = table + "_" + column.Name + "_fkey"
		}
		if problem := c.reference(r, column.Name); problem != "" {
			c.mistake(c.s.Fields[at].Name, text, problem)
		}
	}
}

// index adds a column to the index of that name, or begins it.
func (c *compiler) index(x tagIndex, column string) (problem string) {
	c.place("index "+x.name, x.at)
	at := slices.IndexFunc(c.indexes, func(i dialect.Index) bool { return i.Name == x.name })
	if at < 0 {
		c.indexes = append(c.indexes,
			dialect.Index{Name: x.name, Columns: []string{column}, Unique: x.unique, Where: x.where})
		return ""
	}
	i := &c.indexes[at]
	switch {
	case i.Unique != x.unique:
		return fmt.Sprintf("%q is an index on one field and unique on another", x.name)
	case slices.Contains(i.Columns, column):
		return fmt.Sprintf("the column is twice in %q", x.name)
	}
	i.Columns = append(i.Columns, column)
	if !agree(&i.Where, x.where) {
		return fmt.Sprintf("%q has two conditions", x.name)
	}
	return ""
}

// agree sets what is empty, and reports false for two that differ.
func agree(have *string, say string) bool {
	if *have == "" {
		*have = say
	}
	return say == "" || *have == say
}

// reference adds a column to the foreign key of that name, or begins it.
func (c *compiler) reference(r tagRef, column string) (problem string) {
	c.place("foreign key "+r.key, r.at)
	target, reference, _ := strings.Cut(r.target, ".")
	for i := range c.foreign {
		f := &c.foreign[i]
		if f.Name != r.key || f.Table != target {
			continue
		}
		if slices.Contains(f.Columns, column) {
			return fmt.Sprintf("the column is twice in foreign key %q", r.key)
		}
		f.Columns = append(f.Columns, column)
		f.References = append(f.References, reference)
		if !agree(&f.OnDelete, r.onDelete) || !agree(&f.OnUpdate, r.onUpdate) {
			return fmt.Sprintf("foreign key %q has two actions", r.key)
		}
		return ""
	}
	c.foreign = append(c.foreign, dialect.ForeignKey{
		Name: r.key, Columns: []string{column}, Table: target, References: []string{reference},
		OnDelete: r.onDelete, OnUpdate: r.onUpdate,
	})
	return ""
}

// finish checks the struct as a whole.
func (c *compiler) finish() {
	s := c.s
	c.order()
	s.Table.Indexes, s.Table.ForeignKeys = c.indexes, c.foreign
	for _, at := range s.Key {
		s.Table.PrimaryKey = append(s.Table.PrimaryKey, s.Fields[at].Column)
	}
	c.checkKey()
	c.checkSlot()
	c.checkObjects()
	c.markKeyed()
}

// checkKey refuses a model without a column or a key, and a row of nothing but a key that the database
// makes.
func (c *compiler) checkKey() {
	s := c.s
	switch {
	case len(s.Fields) == 0 && len(c.mistakes) == 0 && c.boxed:
		c.mistake("", "", "the table has no column")
	case len(s.Fields) == 0 && len(c.mistakes) == 0:
		c.mistake("", "", "the struct has no column")
	case len(s.Key) == 0 && len(c.mistakes) == 0 && c.boxed:
		c.mistake("", "", "no column is the primary key")
	case len(s.Key) == 0 && len(c.mistakes) == 0:
		c.mistake("", "", `no field is the primary key; tag one with db:"…,pk"`)
	}
	if s.Auto >= 0 && len(s.Fields) == 1 {
		c.mistake("", "", "a key that the database makes needs a column beside it: engines insert a row of nothing in different ways")
	}
}

// checkObjects refuses two constraints or indexes of one name, and names that are none. Long
// ones are shortened when they become physical.
func (c *compiler) checkObjects() {
	seen := map[string]bool{}
	for _, name := range c.s.Table.Objects() {
		if problem := badObject(name); problem != "" && badObject(c.s.Table.Name) == "" {
			c.mistake("", "", "the name of an index or a constraint "+problem)
		}
		if lower := strings.ToLower(name); seen[lower] {
			c.mistake("", "", fmt.Sprintf("two objects of the table are named %q; name one in its tag", name))
		} else {
			seen[lower] = true
		}
	}
}

func (c *compiler) markKeyed() {
	keyed := map[string]bool{}
	mark := func(columns []string) {
		for _, name := range columns {
			keyed[name] = true
		}
	}
	mark(c.s.Table.PrimaryKey)
	for _, x := range c.s.Table.Indexes {
		mark(x.Columns)
	}
	for _, k := range c.s.Table.ForeignKeys {
		mark(k.Columns)
	}
	for i := range c.s.Table.Columns {
		column := &c.s.Table.Columns[i]
		column.Keyed = keyed[column.Name] || column.Default != ""
	}
}
