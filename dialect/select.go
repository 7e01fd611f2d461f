package dialect

import "strconv"

// TableRef is a table in a statement. Where tables are walled ([Setting.Wall]), every statement that
// names it also asks for the tenant, and no caller can leave that out: whoever writes the table
// writes the wall.
type TableRef struct {
	Name   string // logical name: the slot's content and the alias
	Common bool   // one table for all tenants, in the home schema
}

// appendWhere writes the wall of the table under an alias, and the condition.
func (t TableRef) appendWhere(b *Builder, alias string, where Expr) {
	t.appendConditions(b, " WHERE ", alias, where)
}

// appendConditions writes the wall and what else is not nil, joined by AND, after a word.
func (t TableRef) appendConditions(b *Builder, word, alias string, conditions ...Expr) {
	if wall := b.wallOf(t); wall != "" {
		b.Raw(word)
		b.qualified(alias, wall)
		b.Raw(" = ")
		b.Arg(Arg{Value: Discriminator{}, Kind: Text})
		word = " AND "
	}
	for _, c := range conditions {
		if c != nil {
			b.Raw(word)
			c.Append(b)
			word = " AND "
		}
	}
}

// Order is one term of an ordering. Where NULLs go is the same on every engine: as if NULL were
// greater than every value, unless Nulls says otherwise.
type Order struct {
	By       Expr
	Desc     bool
	Nullable bool
	Nulls    Nulls
}

// Nulls is where an ordering puts NULLs.
type Nulls uint8

// The positions; NullsDefault is last when ascending and first when descending.
const (
	NullsDefault Nulls = iota
	NullsFirst
	NullsLast
)

// First reports whether the term puts NULLs before the values.
func (o Order) First() bool {
	if o.Nulls == NullsDefault {
		return o.Desc
	}
	return o.Nulls == NullsFirst
}

// AppendDirection writes the expression and its direction, without a word on NULLs.
func (o Order) AppendDirection(b *Builder) {
	o.By.Append(b)
	if o.Desc {
		b.Raw(" DESC")
	}
}

// Lock is how a SELECT locks what it reads.
type Lock uint8

// The locks.
const (
	NoLock Lock = iota
	ForUpdate
	ForUpdateSkipLocked
	ForUpdateNoWait
)

var lockText = [...][2]string{{}, {" FOR UPDATE", ""}, {" FOR UPDATE", " SKIP LOCKED"}, {" FOR UPDATE", " NOWAIT"}}

// Select reads columns of a table and of what is joined to it. Limit and Offset below zero are
// none. With Per, the Limit is for each group of rows that are equal in these, and there is no Offset.
type Select struct {
	From          TableRef
	Distinct      bool
	Columns       []Expr
	Joins         []Join
	Where         Expr
	Group         []Expr
	Having        Expr
	Order         []Order
	Limit, Offset int64
	Per           []Expr
	Lock          Lock
}

func (s *Select) render(b *Builder) { s.renderAs(b, s.From.Name) }

// renderAs writes the SELECT with an alias for its table.
func (s *Select) renderAs(b *Builder, alias string) {
	if len(s.Per) > 0 {
		s.renderPer(b, alias)
		return
	}
	b.Raw("SELECT ")
	if s.Distinct {
		b.Raw("DISTINCT ")
	}
	b.nameJoins(s.Joins)
	outputs := s.appendColumns(b)
	b.Raw(" FROM ")
	b.aliasedAs(s.From, alias)
	b.appendJoins(s.Joins, alias)
	s.From.appendWhere(b, alias, s.Where)
	outputs, b.outputs = b.outputs, outputs
	if len(s.Group) > 0 {
		b.Raw(" GROUP BY ")
		b.List(s.Group)
	}
	if s.Having != nil {
		b.Raw(" HAVING ")
		s.Having.Append(b)
	}
	b.appendOrder(s.Order)
	s.renderRange(b)
	if s.Lock != NoLock && b.Has(RowLocks) {
		s.renderLock(b, alias)
	}
	b.outputs = outputs
}

// renderPer numbers the rows of each group in their order, and leaves out those beyond the limit.
func (s *Select) renderPer(b *Builder, alias string) {
	outer, rows := b.alias(), *s
	rows.Per, rows.Order, rows.Limit = nil, nil, -1
	rows.Columns = make([]Expr, len(s.Columns), len(s.Columns)+1)
	b.Raw("SELECT ")
	for i, c := range s.Columns {
		name := strconv.Itoa(i + 1)
		b.comma(i)
		b.qualified(outer, name)
		if named, ok := c.(Named); ok {
			b.Raw(" AS ")
			b.Ident(named.As)
			c = named.Operand
		}
		rows.Columns[i] = Named{Operand: c, As: name}
	}
	rows.Columns = append(rows.Columns, Named{Operand: rowNumber{s.Per, s.Order}, As: "0"})
	b.Raw(" FROM (")
	rows.renderAs(b, alias)
	b.Raw(") AS ")
	b.Ident(outer)
	b.Raw(" WHERE ")
	b.qualified(outer, "0")
	b.Raw(" <= ")
	b.Arg(Arg{Value: s.Limit, Kind: Int64})
	b.Raw(" ORDER BY ")
	b.qualified(outer, "0")
}

// rowNumber counts the rows of each group in an order, from 1.
type rowNumber struct {
	per   []Expr
	order []Order
}

func (n rowNumber) Append(b *Builder) {
	b.Raw("row_number() OVER (PARTITION BY ")
	b.List(n.per)
	b.appendOrder(n.order)
	b.Raw(")")
}

func (b *Builder) appendOrder(order []Order) {
	for i, o := range order {
		if i == 0 {
			b.Raw(" ORDER BY ")
		}
		b.comma(i)
		b.AppendOrder(b, o)
	}
}

// renderLock locks the rows of the table itself: those joined to it are only looked at, and an outer
// join's cannot be locked.
func (s *Select) renderLock(b *Builder, alias string) {
	text := lockText[s.Lock]
	b.Raw(text[0])
	if len(s.Joins) > 0 {
		b.AppendLockOf(b, alias)
	}
	b.Raw(text[1])
}

// List appends expressions, with commas between.
func (b *Builder) List(list []Expr) {
	for i, e := range list {
		b.comma(i)
		e.Append(b)
	}
}

// unbounded is the LIMIT of a query that has an OFFSET alone; MySQL and SQLite need one.
const unbounded = int64(1<<63 - 1)

func (s *Select) renderRange(b *Builder) {
	limit := s.Limit
	if limit < 0 && s.Offset > 0 {
		limit = unbounded
	}
	if limit >= 0 {
		b.Raw(" LIMIT ")
		b.Arg(Arg{Value: limit, Kind: Int64})
	}
	if s.Offset > 0 {
		b.Raw(" OFFSET ")
		b.Arg(Arg{Value: s.Offset, Kind: Int64})
	}
}
