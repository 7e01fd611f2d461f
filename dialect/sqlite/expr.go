package sqlite

import (
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
)

// AppendOrder appends the term; SQLite sorts NULL as the smallest value unless told otherwise.
func (Dialect) AppendOrder(b *dialect.Builder, o dialect.Order) {
	o.AppendDirection(b)
	if !o.Nullable || o.First() != o.Desc {
		return
	}
	if o.First() {
		b.Raw(" NULLS FIRST")
		return
	}
	b.Raw(" NULLS LAST")
}

// AppendLike appends GLOB, because SQLite's LIKE ignores the case of ASCII letters.
func (Dialect) AppendLike(b *dialect.Builder, operand dialect.Expr, pattern string) {
	operand.Append(b)
	b.Raw(" GLOB ")
	b.Arg(dialect.Arg{Value: glob(pattern), Kind: dialect.Text})
}

// glob translates a LIKE pattern into a GLOB pattern that matches the same.
func glob(like string) string {
	var s strings.Builder
	escaped := false
	for i := range len(like) { // by bytes: what is special is ASCII, and the rest need not be UTF-8
		c := like[i]
		switch {
		case !escaped && c == '\\':
			escaped = true
			continue
		case !escaped && c == '%':
			s.WriteByte('*')
		case !escaped && c == '_':
			s.WriteByte('?')
		case c == '*' || c == '?' || c == '[':
			s.WriteByte('[')
			s.WriteByte(c)
			s.WriteByte(']')
		default:
			s.WriteByte(c)
		}
		escaped = false
	}
	return s.String()
}

// AppendIn appends one placeholder for each value.
func (Dialect) AppendIn(b *dialect.Builder, in dialect.In) { in.List(b) }

// AppendLockOf appends nothing: SQLite locks no rows.
func (Dialect) AppendLockOf(*dialect.Builder, string) {}
