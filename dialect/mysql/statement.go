package mysql

import "github.com/rowhouse/rowhouse/dialect"

// AppendInto appends the target; MySQL has no alias there.
func (Dialect) AppendInto(b *dialect.Builder, t dialect.TableRef) { b.Table(t) }

// AppendDelete appends the form of DELETE that knows aliases.
func (Dialect) AppendDelete(b *dialect.Builder, t dialect.TableRef) {
	b.Raw("DELETE ")
	b.Ident(t.Name)
	b.Raw(" FROM ")
	b.Aliased(t)
}

// AppendConflict appends ON DUPLICATE KEY UPDATE, which goes by whatever unique key matches;
// without columns to set, the row is set to what it is.
func (Dialect) AppendConflict(b *dialect.Builder, c *dialect.Conflict) {
	b.Raw(" ON DUPLICATE KEY UPDATE ")
	if len(c.Set) == 0 {
		b.Ident(c.Key[0])
		b.Raw(" = ")
		b.Ident(c.Key[0])
		return
	}
	dialect.AppendAssigns(b, c.Set)
}
