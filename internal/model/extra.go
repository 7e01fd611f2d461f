package model

import (
	"database/sql"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
)

// Extra has a row's values of columns that its tenant has of its own: canonical values by name. What
// it points to is never changed once the row has been read or written, so a copy of a row has values
// of its own. The zero Extra has none.
type Extra struct{ set *extraSet } //nolint:recvcheck // Put changes one, the others are asked of values

type extraSet struct {
	*layout
	values []any    // in the layout's order; nil is NULL
	put    []string // the names whose values did not come from the database
}

// layout is which values there are. It is immutable and shared by all rows that are read alike.
type layout struct {
	names []string // sorted
	kinds []dialect.Kind
}

func (l *layout) find(name string) (at int, found bool) {
	if l == nil {
		return 0, false
	}
	return slices.BinarySearch(l.names, name)
}

// rawValue is JSON that came without a column to say what it is.
type rawValue string

// badValue is a value that could not be made one of a database.
type badValue struct{ err error }

// layoutOf is the set's layout, nil for the zero Extra.
func (e Extra) layoutOf() *layout {
	if e.set == nil {
		return nil
	}
	return e.set.layout
}

// Value returns the value of that name; nil is NULL.
func (e Extra) Value(name string) (v any, kind dialect.Kind, found bool) {
	at, found := e.layoutOf().find(name)
	if !found {
		return nil, dialect.Other, false
	}
	return e.set.values[at], e.set.kinds[at], true
}

// All yields names, in their order, and values.
func (e Extra) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		if e.set == nil {
			return
		}
		for i, name := range e.set.names {
			if !yield(name, e.set.values[i]) {
				return
			}
		}
	}
}

// Put gives the name a value, in a set of its own.
func (e *Extra) Put(name string, kind dialect.Kind, v any) {
	at, found := e.layoutOf().find(name)
	next := &extraSet{layout: &layout{}, put: []string{name}}
	if e.set != nil && !slices.Contains(e.set.put, name) {
		next.put = append(next.put, e.set.put...)
	} else if e.set != nil {
		next.put = e.set.put
	}
	if found && family(e.set.kinds[at]) == family(kind) {
		next.layout, next.values = e.set.layout, slices.Clone(e.set.values)
		next.values[at] = v
		e.set = next
		return
	}
	if e.set != nil {
		next.names, next.kinds, next.values = slices.Clone(e.set.names), slices.Clone(e.set.kinds), slices.Clone(e.set.values)
	}
	if found {
		next.kinds[at], next.values[at] = kind, v
	} else {
		next.names = slices.Insert(next.names, at, name)
		next.kinds = slices.Insert(next.kinds, at, kind)
		next.values = slices.Insert(next.values, at, v)
	}
	e.set = next
}

// PutBad remembers why there is no value of that name; whoever writes the row is told.
func (e *Extra) PutBad(name string, kind dialect.Kind, err error) { e.Put(name, kind, badValue{err}) }

// Remove takes the name out.
func (e *Extra) Remove(name string) {
	at, found := e.layoutOf().find(name)
	if !found {
		return
	}
	next := &extraSet{put: e.set.put, layout: &layout{
		names: slices.Delete(slices.Clone(e.set.names), at, at+1),
		kinds: slices.Delete(slices.Clone(e.set.kinds), at, at+1),
	}}
	next.values = slices.Delete(slices.Clone(e.set.values), at, at+1)
	e.set = next
}

// family is what kinds of the same canonical values and the same meaning have in common.
func family(k dialect.Kind) dialect.Kind {
	switch k {
	case dialect.Int16, dialect.Int32:
		return dialect.Int64
	case dialect.Float32:
		return dialect.Float64
	}
	return k
}

// SameFamily reports whether values of one kind are written and read as those of another.
func SameFamily(a, b dialect.Kind) bool { return family(a) == family(b) }

// SameValues reports whether kinds have the same canonical values, whatever they mean.
func SameValues(a, b dialect.Kind) bool {
	text := func(k dialect.Kind) bool { return k == dialect.Text || k == dialect.Decimal || k == dialect.JSON }
	return SameFamily(a, b) || text(a) && text(b)
}

// Slot is where an [Extra] is in a struct.
type Slot struct {
	Field    string // the field's Go name
	Offset   uintptr
	Type     reflect.Type
	Document string // the column of shared tables that has the values
}

func (s *Slot) in(row unsafe.Pointer) *Extra { return (*Extra)(unsafe.Add(row, s.Offset)) }

// isExtra reports the one type that an extra field can have: a struct around an Extra.
func isExtra(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.NumField() == 1 && t.Field(0).Type == reflect.TypeFor[Extra]()
}

// extra takes a field tagged extra.
func (c *compiler) extra(f Field, tag tag, text string) {
	switch {
	case c.result:
		c.mistake(f.Name, text, "raw SQL and other results fill no Extra in; name a field for each own column that is wanted, in a struct for it")
	case !isExtra(f.Type):
		c.mistake(f.Name, text, fmt.Sprintf("extra is for a rowhouse.Extra, not for a %s", f.Type))
	case !slices.Equal(tag.options, []string{"extra"}):
		c.mistake(f.Name, text, "extra goes alone: the columns are each tenant's, and fleet's Extend describes them")
	case c.s.Slot != nil:
		c.mistake(f.Name, text, fmt.Sprintf("a tenant's own columns go into one field; there is %s already", c.s.Slot.Field))
	default:
		if problem := badName(f.Column); problem != "" {
			c.mistake(f.Name, text, "the column's name "+problem)
			return
		}
		c.s.Slot = &Slot{Field: f.Name, Offset: f.Offset, Type: f.Type, Document: f.Column}
	}
}

// checkSlot refuses a column of the document's name.
func (c *compiler) checkSlot() {
	if c.s.Slot == nil {
		return
	}
	if at, taken := c.keys[strings.ToLower(c.s.Slot.Document)]; taken {
		c.mistake(c.s.Slot.Field, "", fmt.Sprintf("column %q, which has a tenant's own columns in shared tables, is taken by field %s",
			c.s.Slot.Document, c.s.Fields[at].Name))
	}
}

// place is where a column of a tenant's own has its value: in the Extra of a row, by name.
type place struct {
	slot   *Slot
	name   string
	layout *layout // of rows that are read by this shape, where at is the value's position
	at     int
}

// nothing is read where a row has no value; nobody writes to it.
var nothing any

// reading returns the address of the value, to be read.
func (p *place) reading(row unsafe.Pointer) unsafe.Pointer {
	e := p.slot.in(row)
	if l := e.layoutOf(); l != nil && l == p.layout {
		return unsafe.Pointer(&e.set.values[p.at])
	}
	if at, found := e.layoutOf().find(p.name); found {
		return unsafe.Pointer(&e.set.values[at])
	}
	return unsafe.Pointer(&nothing)
}

// writing returns the address of the value in a set that nobody else has.
func (p *place) writing(row unsafe.Pointer, kind dialect.Kind) unsafe.Pointer {
	e := p.slot.in(row)
	v, _, _ := e.Value(p.name)
	e.Put(p.name, kind, v)
	return p.reading(row)
}

// ByName is the field that reads the value of that name from rows of every shape.
func (s *Struct) ByName(name string, codec *Codec) *Field {
	typed := *codec
	typed.Arg = func(p unsafe.Pointer) (any, error) { return Typed(codec.Type.Kind, *(*any)(p)) }
	return &Field{
		Name: s.Slot.Field + "." + name, Column: name, Type: reflect.TypeFor[any](), Codec: &typed,
		place: &place{slot: s.Slot, name: name},
	}
}

// OwnColumn is a column that a group of tenants has of its own.
type OwnColumn struct {
	Name    string // what programs call it
	Column  string // what it is called in the table, or its key in the document
	Type    dialect.Type
	Default any // canonical, of a column without NULL; nil is one with NULL
}

// shape are the columns that a group of tenants has of its own, in one model.
type shape struct {
	layout   *layout
	columns  []OwnColumn // in the layout's order
	fields   []Field     // of each value
	document int         // position of the document that has them, or -1
}

// Shaped returns the struct as tenants have it that have these columns of their own: each a column of
// the table, or all of them in one document.
func (s *Struct) Shaped(columns []OwnColumn, document bool) *Struct {
	n := *s
	columns = slices.SortedFunc(slices.Values(columns), func(a, b OwnColumn) int { return strings.Compare(a.Name, b.Name) })
	h := &shape{layout: &layout{}, columns: columns, document: -1}
	for i := range columns {
		h.layout.names = append(h.layout.names, columns[i].Name)
		h.layout.kinds = append(h.layout.kinds, columns[i].Type.Kind)
		h.fields = append(h.fields, ownField(s.Slot, &columns[i], h.layout, i))
	}
	n.shape = h
	n.Fields = slices.Clip(n.Fields)
	if !document {
		n.Fields = append(n.Fields, h.fields...)
		return &n
	}
	h.document = len(n.Fields)
	n.Fields = append(n.Fields, Field{
		Name: s.Slot.Field, Column: s.Slot.Document, Offset: s.Slot.Offset, Type: s.Slot.Type,
		Codec: h.documentCodec(),
	})
	return &n
}

func ownField(slot *Slot, c *OwnColumn, l *layout, at int) Field {
	return Field{
		Name: slot.Field + "." + c.Name, Column: c.Column, Type: reflect.TypeFor[any](), Codec: ownCodec(c),
		place: &place{slot: slot, name: c.Name, layout: l, at: at},
	}
}

// ownCodec is the codec of a value whose Go type is any.
func ownCodec(c *OwnColumn) *Codec {
	return &Codec{
		Type: c.Type, Nullable: true,
		Arg:       func(p unsafe.Pointer) (any, error) { return fit(c, *(*any)(p)) },
		NewTarget: func(p unsafe.Pointer) sql.Scanner { return &ownTarget{c, (*any)(p)} },
	}
}

// IsShaped reports whether the struct has columns of a tenant's own.
func (s *Struct) IsShaped() bool { return s.shape != nil }

// declared are the model's fields, without the columns of a tenant's own, which come after them.
func (s *Struct) declared() []Field {
	switch {
	case s.shape == nil:
		return s.Fields
	case s.shape.document >= 0:
		return s.Fields[:s.shape.document]
	}
	return s.Fields[:len(s.Fields)-len(s.shape.columns)]
}

// Document returns the position of the document that has a tenant's own columns, or -1.
func (s *Struct) Document() int {
	if s.shape == nil {
		return -1
	}
	return s.shape.document
}

// IsOwn reports whether the field at a position is a column of a tenant's own.
func (s *Struct) IsOwn(at int) bool { return s.Fields[at].place != nil }

// Own returns the column of a tenant's own of that name, and its position, which is -1 in a document.
func (s *Struct) Own(name string) (c *OwnColumn, at int) {
	if s.shape == nil {
		return nil, -1
	}
	i, found := s.shape.layout.find(name)
	switch {
	case !found:
		return nil, -1
	case s.shape.document >= 0:
		return &s.shape.columns[i], -1
	}
	return &s.shape.columns[i], len(s.Fields) - len(s.shape.columns) + i
}

// Unknown returns the name of a value in the row that is not among its tenant's own columns, or "".
// NULL is what every row has of a column that there is not. With put, what came from the database does
// not count: the column may have been dropped since.
func (s *Struct) Unknown(row unsafe.Pointer, put bool) string {
	if s.Slot == nil {
		return ""
	}
	e := s.Slot.in(row)
	if e.set == nil || s.shape != nil && e.set.layout == s.shape.layout {
		return ""
	}
	for name, v := range e.All() {
		if c, _ := s.Own(name); c == nil && v != nil && (!put || slices.Contains(e.set.put, name)) {
			return name
		}
	}
	return ""
}

// Unset are the positions of own columns that the row knows nothing of.
func (s *Struct) Unset(row unsafe.Pointer) (at []int) {
	if s.shape == nil || s.shape.document >= 0 {
		return nil
	}
	e := s.Slot.in(row)
	if e.layoutOf() == s.shape.layout {
		return nil
	}
	for i := range s.Fields {
		if p := s.Fields[i].place; p != nil {
			if _, found := e.layoutOf().find(p.name); !found {
				at = append(at, i)
			}
		}
	}
	return at
}

// Given are the names of own columns that the row knows of, and whether these are all that its tenant has.
func (s *Struct) Given(row unsafe.Pointer) (names []string, all bool) {
	if s.shape == nil {
		return nil, true
	}
	l := s.Slot.in(row).layoutOf()
	if l == s.shape.layout {
		return l.names, true
	}
	for _, name := range s.shape.layout.names {
		if _, found := l.find(name); found {
			names = append(names, name)
		}
	}
	return names, len(names) == len(s.shape.layout.names)
}

// Complete has the row know all of its tenant's own columns, and the defaults of those that it has no
// value of. It returns what takes that back.
func (s *Struct) Complete(row unsafe.Pointer) (undo func(), err error) {
	e := s.Slot.in(row)
	before := *e
	next := s.shape.fresh()
	for i := range s.shape.columns {
		c := &s.shape.columns[i]
		v, _, _ := before.Value(c.Name)
		if next.values[i], err = fit(c, v); err != nil {
			return nil, err
		}
	}
	e.set = next
	return func() { *e = before }, nil
}

func (h *shape) fresh() *extraSet {
	return &extraSet{layout: h.layout, values: make([]any, len(h.columns))}
}

// renew gives the row a set to be read into.
func (s *Struct) renew(row unsafe.Pointer) { s.Slot.in(row).set = s.shape.fresh() }

// renews reports whether rows are read value by value into a set.
func (s *Struct) renews() bool { return s.shape != nil && s.shape.document < 0 }

// aimOwn has a copy of the struct read only these of a tenant's own columns, each at the position of
// the value that it is in a result.
func (s *Struct) aimOwn(wanted map[int]int) {
	if s.shape == nil {
		return
	}
	h := &shape{layout: &layout{}, document: -1}
	for i := range s.shape.columns {
		at, is := wanted[i]
		if !is {
			continue
		}
		h.columns = append(h.columns, s.shape.columns[i])
		h.layout.names = append(h.layout.names, s.shape.columns[i].Name)
		h.layout.kinds = append(h.layout.kinds, s.shape.columns[i].Type.Kind)
		h.fields = append(h.fields, ownField(s.Slot, &s.shape.columns[i], h.layout, len(h.columns)-1))
		s.Fields[at] = h.fields[len(h.fields)-1]
	}
	if s.shape = h; len(h.columns) == 0 {
		s.shape = nil
	}
}

// ownFold returns the position of the column of a tenant's own that a result calls so, or -1.
func (s *Struct) ownFold(name string) int {
	if s.shape == nil {
		return -1
	}
	return slices.IndexFunc(s.shape.layout.names, func(n string) bool { return strings.EqualFold(n, name) })
}
