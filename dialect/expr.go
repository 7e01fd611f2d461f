package dialect

// Expr is an expression in a statement.
type Expr interface{ Append(b *Builder) }

// Ref names a column of a table by their logical names.
type Ref struct{ Table, Column string }

// Append writes the column, qualified by its table's alias. Behind a relation ([Via], [Related]) that
// is the related table's.
func (r Ref) Append(b *Builder) {
	b.qualified(b.aliasOf(r.Table), r.Column)
}

func (b *Builder) qualified(alias, column string) {
	b.Ident(alias)
	b.Raw(".")
	b.Ident(column)
}

// aliasOf is the alias by which a table's columns are meant where the text is now.
func (b *Builder) aliasOf(table string) string {
	if b.frame != "" {
		return b.frame
	}
	return table
}

// Append writes a placeholder for the value.
func (a Arg) Append(b *Builder) { b.Arg(a) }

// Compare is left op right; Op is one of = <> < <= > >= + -.
type Compare struct {
	Left  Expr
	Op    string
	Right Expr
}

// Append writes the comparison.
func (c Compare) Append(b *Builder) {
	c.Left.Append(b)
	b.Raw(" " + c.Op + " ")
	c.Right.Append(b)
}

// In is a membership test; no values at all is false.
type In struct {
	Operand Expr
	Values  []any
	Kind    Kind
}

// Append writes the test.
func (in In) Append(b *Builder) {
	if len(in.Values) == 0 {
		Truth(false).Append(b)
		return
	}
	b.AppendIn(b, in)
}

// List writes the values as placeholders in parentheses, for dialects without arrays.
func (in In) List(b *Builder) {
	in.Operand.Append(b)
	b.Raw(" IN (")
	for i, v := range in.Values {
		b.comma(i)
		b.Arg(Arg{Value: v, Kind: in.Kind})
	}
	b.Raw(")")
}

// Between is low <= operand <= high.
type Between struct{ Operand, Low, High Expr }

// Append writes the test.
func (e Between) Append(b *Builder) {
	e.Operand.Append(b)
	b.Raw(" BETWEEN ")
	e.Low.Append(b)
	b.Raw(" AND ")
	e.High.Append(b)
}

// Like matches a pattern with the wildcards % and _ and a backslash to escape them.
type Like struct {
	Operand Expr
	Pattern string
}

// Append writes the match as the dialect does.
func (l Like) Append(b *Builder) { b.AppendLike(b, l.Operand, l.Pattern) }

// Null tests for NULL, or for anything else when Not is set.
type Null struct {
	Operand Expr
	Not     bool
}

// Append writes the test.
func (n Null) Append(b *Builder) {
	n.Operand.Append(b)
	if n.Not {
		b.Raw(" IS NOT NULL")
		return
	}
	b.Raw(" IS NULL")
}

// And is true when all are; none at all is true.
type And []Expr

// Append writes the conjunction in parentheses.
func (a And) Append(b *Builder) { appendJoined(b, a, " AND ", true) }

// Or is true when any is; none at all is false.
type Or []Expr

// Append writes the disjunction in parentheses.
func (o Or) Append(b *Builder) { appendJoined(b, o, " OR ", false) }

func appendJoined(b *Builder, list []Expr, op string, empty bool) {
	if len(list) == 0 {
		Truth(empty).Append(b)
		return
	}
	b.Raw("(")
	for i, e := range list {
		if i > 0 {
			b.Raw(op)
		}
		e.Append(b)
	}
	b.Raw(")")
}

// Not negates; what is unknown (NULL) stays unknown, as SQL has it.
type Not struct{ Operand Expr }

// Append writes the negation.
func (n Not) Append(b *Builder) {
	b.Raw("NOT (")
	n.Operand.Append(b)
	b.Raw(")")
}

// Truth is a constant condition.
type Truth bool

// Append writes a comparison that every engine knows; not all have boolean literals.
func (t Truth) Append(b *Builder) {
	if t {
		b.Raw("1 = 1")
		return
	}
	b.Raw("1 = 0")
}

// CountAll is count(*).
type CountAll struct{}

// Append writes the aggregate.
func (CountAll) Append(b *Builder) { b.Raw("count(*)") }

// One is the constant 1, for tests of existence.
type One struct{}

// Append writes the constant.
func (One) Append(b *Builder) { b.Raw("1") }

// Current is the value that a row has before an upsert changes it.
type Current struct{ Table, Column string }

// Append writes the reference, bare where the dialect's upsert knows no alias.
func (c Current) Append(b *Builder) {
	if b.Has(OnConflict) {
		Ref(c).Append(b)
		return
	}
	b.Ident(c.Column)
}

// Proposed is the value that an upsert would have inserted into a column.
type Proposed struct{ Column string }

// Append writes the reference; a dialect with another notation writes its own in AppendConflict.
func (p Proposed) Append(b *Builder) {
	if b.Has(OnConflict) {
		b.Raw("excluded.")
		b.Ident(p.Column)
		return
	}
	b.Raw("VALUES(")
	b.Ident(p.Column)
	b.Raw(")")
}
