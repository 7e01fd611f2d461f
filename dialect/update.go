package dialect

import "strconv"

// Update sets columns of the rows that match.
type Update struct {
	Table TableRef
	Set   []Assign
	Where Expr

	// Lists are columns of a table beside this one, of whose rows each that Where matches with one of
	// this table's changes it: for each column its values, as an array. Set and Where name them by
	// [Listed]. It needs [Arrays].
	Lists []Arg
}

// listed is the alias of the table of an Update's lists. No logical name begins with a digit.
const listed = "1"

// Listed is the value of the n-th of an Update's lists.
func Listed(n int) Expr { return Ref{Table: listed, Column: strconv.Itoa(n)} }

func (s *Update) render(b *Builder) {
	b.Raw("UPDATE ")
	b.Aliased(s.Table)
	b.Raw(" SET ")
	AppendAssigns(b, s.Set)
	s.renderLists(b)
	b.changes = s.Table.Name
	s.Table.appendWhere(b, s.Table.Name, s.Where)
}

func (s *Update) renderLists(b *Builder) {
	if len(s.Lists) == 0 {
		return
	}
	b.Raw(" FROM unnest(")
	names := make([]string, len(s.Lists))
	for i, list := range s.Lists {
		b.comma(i)
		b.Arg(list)
		names[i] = strconv.Itoa(i)
	}
	b.Raw(") AS ")
	b.Ident(listed)
	b.Raw(" (")
	b.Idents(names)
	b.Raw(")")
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
