package postgres

import "github.com/rowhouse/rowhouse/dialect"

// AppendOrder appends the term; where NULLs go is said only when it is not PostgreSQL's default.
func (Dialect) AppendOrder(b *dialect.Builder, o dialect.Order) {
	o.AppendDirection(b)
	if !o.Nullable || o.First() == o.Desc {
		return
	}
	if o.First() {
		b.Raw(" NULLS FIRST")
		return
	}
	b.Raw(" NULLS LAST")
}

// AppendLike appends LIKE, whose default escape is the backslash.
func (Dialect) AppendLike(b *dialect.Builder, operand dialect.Expr, pattern string) {
	operand.Append(b)
	b.Raw(" LIKE ")
	b.Arg(dialect.Arg{Value: pattern, Kind: dialect.Text})
}

// AppendIn passes the values as one array, so that the text is the same for any number of them.
func (Dialect) AppendIn(b *dialect.Builder, in dialect.In) {
	in.Operand.Append(b)
	b.Raw(" = ANY(")
	b.Arg(dialect.Arg{Value: in.Values, Kind: in.Kind, Array: true})
	b.Raw(")")
}

// AppendLockOf appends OF and the alias.
func (Dialect) AppendLockOf(b *dialect.Builder, alias string) {
	b.Raw(" OF ")
	b.Ident(alias)
}
