package mysql

import (
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
)

// AppendOrder appends the term; MySQL sorts NULL as the smallest value and has no words to say
// otherwise, so an ordering by IS NULL goes before it.
func (Dialect) AppendOrder(b *dialect.Builder, o dialect.Order) {
	if o.Nullable && o.First() == o.Desc {
		o.By.Append(b)
		b.Raw(" IS NULL")
		if o.First() {
			b.Raw(" DESC")
		}
		b.Raw(", ")
	}
	o.AppendDirection(b)
}

// AppendLike appends LIKE with an escape of its own: whether a backslash is one depends on the
// server's sql_mode.
func (Dialect) AppendLike(b *dialect.Builder, operand dialect.Expr, pattern string) {
	operand.Append(b)
	b.Raw(" LIKE ")
	b.Arg(dialect.Arg{Value: escapeByBar(pattern), Kind: dialect.Text})
	b.Raw(" ESCAPE '|'")
}

// escapeByBar makes a pattern escaped by backslashes one escaped by bars.
func escapeByBar(pattern string) string {
	var s strings.Builder
	escaped := false
	for i := range len(pattern) { // by bytes: what is special is ASCII, and the rest need not be UTF-8
		c := pattern[i]
		switch {
		case !escaped && c == '\\':
			escaped = true
			continue
		case c == '|', escaped && (c == '%' || c == '_'):
			s.WriteByte('|')
		}
		s.WriteByte(c)
		escaped = false
	}
	return s.String()
}

// AppendIn appends one placeholder for each value.
func (Dialect) AppendIn(b *dialect.Builder, in dialect.In) { in.List(b) }

// AppendLockOf appends OF and the alias on MySQL; MariaDB has no such word and locks joined rows too.
func (d Dialect) AppendLockOf(b *dialect.Builder, alias string) {
	if !d.MariaDB {
		b.Raw(" OF ")
		b.Ident(alias)
	}
}
