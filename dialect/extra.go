package dialect

import "fmt"

// Shape says where the columns are that a group of tenants has of its own in a table.
type Shape struct {
	Document string // the JSON column that has them, where tables are shared, or ""
	Columns  []ShapeColumn
}

// ShapeColumn is a column that a group of tenants has of its own.
type ShapeColumn struct {
	Name    string // what programs call it
	Column  string // what it is called in the table, or its key in the document
	Type    Type
	Default Expr // of a document that has no value of it; nil is NULL
}

// Column returns the column of that name, or nil.
func (s *Shape) Column(name string) *ShapeColumn {
	if s == nil {
		return nil
	}
	for i := range s.Columns {
		if s.Columns[i].Name == name {
			return &s.Columns[i]
		}
	}
	return nil
}

// Key is the column as documents have it, for [ExtraOf] and [JSONSet].
func (s *Shape) Key(name FuncName, c *ShapeColumn, args ...Expr) Func {
	return Func{Name: name, Kind: c.Type.Kind, Type: c.Type, Path: []string{c.Column}, Args: args}
}

// Extra is a column that some tenants have of their own, by the logical name of its table and by what
// programs call it. The [Setting] says where it is; where it is not, there is no statement.
type Extra struct {
	Table, Name string
	Kind        Kind // what the program takes it for
}

// ExtraError is returned by [Render] for an [Extra] that the setting does not have, or has of another
// kind.
type ExtraError struct {
	Extra

	Has Kind // 0, Other, if there is no such column
}

// Error names the column.
func (e *ExtraError) Error() string {
	if e.Has == Other {
		return fmt.Sprintf("the table %q has no column %q of its own", e.Table, e.Name)
	}
	return fmt.Sprintf("the column %q of the table %q is %s, and was taken for %s", e.Name, e.Table, e.Has, e.Kind)
}

// class is what kinds that are calculated alike have in common.
func class(k Kind) Kind {
	switch k {
	case Int16, Int32:
		return Int64
	case Float32:
		return Float64
	}
	return k
}

// Of returns the column in a shape, which may be nil.
func (e Extra) Of(s *Shape) (*ShapeColumn, error) {
	c := s.Column(e.Name)
	switch {
	case c == nil:
		return nil, &ExtraError{Extra: e}
	case class(c.Type.Kind) != class(e.Kind):
		return nil, &ExtraError{Extra: e, Has: c.Type.Kind}
	}
	return c, nil
}

// Append writes the column, or what the document has in its place.
func (e Extra) Append(b *Builder) {
	s := b.set.Shapes[e.Table]
	c, err := e.Of(s)
	switch {
	case err != nil:
		b.Fail(err)
	case s.Document == "":
		Ref{e.Table, c.Column}.Append(b)
	case b.repeat(e):
	default:
		value := s.Key(ExtraOf, c, Ref{e.Table, s.Document})
		if c.Default == nil {
			b.AppendFunc(b, value)
			return
		}
		b.AppendFunc(b, Func{Name: Coalesce, Kind: c.Type.Kind, Args: []Expr{value, c.Default}})
	}
}

// Texts is the function that gives the text at a document's key, if there is one: what values are that
// JSON has no type for.
func (f Func) Texts() Func {
	f.Name, f.Kind = JSONPath, Text
	return f
}

// Scalar is the function that gives a bool or a number at a document's key, if there is one.
func (f Func) Scalar() Func {
	f.Name, f.Kind = JSONPath, class(f.Kind)
	return f
}

// EmptyDocument is a document, or one without values where it is NULL.
type EmptyDocument struct{ Operand Expr }

// Append writes coalesce.
func (d EmptyDocument) Append(b *Builder) {
	b.Raw("coalesce(")
	d.Operand.Append(b)
	b.Raw(", '{}')")
}

// IfAny is an operand that stays NULL where another is.
type IfAny struct{ Value, Then Expr }

// Append writes CASE.
func (i IfAny) Append(b *Builder) {
	b.Raw("CASE WHEN ")
	i.Value.Append(b)
	b.Raw(" IS NOT NULL THEN ")
	i.Then.Append(b)
	b.Raw(" END")
}

// TrueFalse is a bool as JSON writes it, as text.
type TrueFalse struct{ Operand Expr }

// Append writes CASE.
func (t TrueFalse) Append(b *Builder) {
	b.Raw("CASE WHEN ")
	t.Operand.Append(b)
	b.Raw(" THEN 'true' WHEN NOT (")
	t.Operand.Append(b)
	b.Raw(") THEN 'false' END")
}

// Written is a value between pieces of text.
type Written struct {
	Before  string
	Operand Expr
	After   string
}

// Append writes them.
func (w Written) Append(b *Builder) {
	b.Raw(w.Before)
	w.Operand.Append(b)
	b.Raw(w.After)
}
