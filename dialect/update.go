package dialect

import "strconv"

// Update sets columns of the rows that match.
type Update struct {
	Table TableRef
	Set   []Assign
	Where Expr
}

func (s *Update) render(b *Builder) {
	b.Raw("UPDATE ")
	b.Aliased(s.Table)
	b.Raw(" SET ")
	AppendAssigns(b, s.Set)
	b.changes = s.Table.Name
	s.Table.appendWhere(b, s.Table.Name, s.Where)
}

// AppendAssigns writes column = value, with commas between. Columns are written bare: no engine
// wants them qualified there, and one refuses it.
func AppendAssigns(b *Builder, set []Assign) {
	for i, a := range set {
		b.comma(i)
		b.Ident(a.Column)
		b.Raw(" = ")
		a.Value.Append(b)
	}
}

// Delete removes the rows that match.
type Delete struct {
	From  TableRef
	Where Expr
}

func (s *Delete) render(b *Builder) {
	b.AppendDelete(b, s.From)
	b.changes = s.From.Name
	s.From.appendWhere(b, s.From.Name, s.Where)
}

func appendInt(dst []byte, n int) []byte { return strconv.AppendInt(dst, int64(n), 10) }
