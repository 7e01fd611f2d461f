package dialect

// Insert writes rows. Of a shared table, the discriminator is written for every row by the
// statement itself and is not among the columns, of which there is at least one.
type Insert struct {
	Into      TableRef
	Columns   []string
	Rows      [][]Arg
	Lists     []Arg // instead of Rows: for each column its values, as an array; needs [Arrays]
	Conflict  *Conflict
	Sequence  string   // a column that the statement numbers itself, per tenant; see [KeyedSequence]
	Returning []string // needs [Returning]
}

// Conflict is what becomes of a row whose key exists.
type Conflict struct {
	Key []string // the columns of the key; of a shared table, the statement adds the discriminator
	Set []Assign
}

// Assign sets a column.
type Assign struct {
	Column string
	Value  Expr
}

func (s *Insert) render(b *Builder) {
	b.Raw("INSERT INTO ")
	b.AppendInto(b, s.Into)
	b.Raw(" (")
	columns := s.Columns
	if s.Sequence != "" {
		columns = append([]string{s.Sequence}, columns...)
	}
	wall := b.wallOf(s.Into)
	if wall != "" {
		columns = append([]string{wall}, columns...)
	}
	b.Idents(columns)
	b.Raw(") ")
	switch {
	case s.Sequence != "":
		s.renderNumbered(b)
	case s.Lists != nil:
		s.renderLists(b)
	default:
		s.renderValues(b)
	}
	if c := s.Conflict; c != nil {
		if wall != "" {
			c = &Conflict{Key: append([]string{wall}, c.Key...), Set: c.Set}
		}
		b.AppendConflict(b, c)
	}
	for i, c := range s.Returning {
		if i == 0 {
			b.Raw(" RETURNING ")
		}
		b.comma(i)
		b.Ident(c)
	}
}

func (s *Insert) renderValues(b *Builder) {
	walled := b.wallOf(s.Into) != ""
	b.Raw("VALUES ")
	for i, row := range s.Rows {
		b.comma(i)
		b.Raw("(")
		if walled {
			b.Arg(Arg{Value: Discriminator{}, Kind: Text})
		}
		for j, v := range row {
			if j > 0 || walled {
				b.Raw(", ")
			}
			b.Arg(v)
		}
		b.Raw(")")
	}
}

// renderLists has the rows made of arrays, so that the text is the same for any number of them.
func (s *Insert) renderLists(b *Builder) {
	b.Raw("SELECT ")
	if b.wallOf(s.Into) != "" {
		b.Arg(Arg{Value: Discriminator{}, Kind: Text})
		b.Raw(", ")
	}
	b.Raw("\"new\".* FROM unnest(")
	for i, list := range s.Lists {
		b.comma(i)
		b.Arg(list)
	}
	b.Raw(") AS \"new\"")
}

// renderNumbered numbers the rows from the highest key on, the tenant's where tenants share. The
// table is read before it is written (INSERT … SELECT from the target goes through a temporary
// table), and the engine that needs it has one writer at a time, so no number is given twice.
func (s *Insert) renderNumbered(b *Builder) {
	b.Raw("SELECT ")
	number := "1" // the position of the number in the list
	if b.wallOf(s.Into) != "" {
		b.Arg(Arg{Value: Discriminator{}, Kind: Text})
		b.Raw(", ")
		number = "2"
	}
	b.Raw("\"top\".\"n\" + \"new\".\"column1\"")
	for j := range s.Columns {
		b.Raw(", \"new\".\"column")
		b.buf = appendInt(b.buf, j+2)
		b.Raw("\"")
	}
	b.Raw(" FROM (SELECT coalesce(max(")
	b.Ident(s.Sequence)
	b.Raw("), 0) AS \"n\" FROM ")
	b.Aliased(s.Into)
	s.Into.appendWhere(b, s.Into.Name, nil)
	b.Raw(") AS \"top\", (VALUES ")
	for i, row := range s.Rows {
		b.comma(i)
		b.Raw("(")
		b.buf = appendInt(b.buf, i+1)
		for _, v := range row {
			b.Raw(", ")
			b.Arg(v)
		}
		b.Raw(")")
	}
	b.Raw(") AS \"new\" WHERE 1 = 1 ORDER BY " + number)
}
