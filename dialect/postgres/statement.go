package postgres

import "github.com/rowhouse/rowhouse/dialect"

// AppendInto appends the target and its alias.
func (Dialect) AppendInto(b *dialect.Builder, t dialect.TableRef) { b.Aliased(t) }

// AppendCopy appends COPY in PostgreSQL's binary format.
func (Dialect) AppendCopy(b *dialect.Builder, t dialect.TableRef, columns []string) {
	b.Raw("COPY ")
	b.Table(t)
	b.Raw(" (")
	b.Idents(columns)
	b.Raw(") FROM STDIN (FORMAT binary)")
}

// AppendDelete appends DELETE FROM and the aliased target.
func (Dialect) AppendDelete(b *dialect.Builder, t dialect.TableRef) {
	b.Raw("DELETE FROM ")
	b.Aliased(t)
}

// AppendConflict appends ON CONFLICT; without columns to set, the row stays as it is.
func (Dialect) AppendConflict(b *dialect.Builder, c *dialect.Conflict) {
	b.Raw(" ON CONFLICT (")
	b.Idents(c.Key)
	if len(c.Set) == 0 {
		b.Raw(") DO NOTHING")
		return
	}
	b.Raw(") DO UPDATE SET ")
	dialect.AppendAssigns(b, c.Set)
}
