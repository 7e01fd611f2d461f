package dialect

// TableRef is a table in a statement. With a Wall, every statement that names the table also
// asks for the tenant in that column, and no caller can leave it out: the table's reference
// carries it, not the caller's condition.
type TableRef struct {
	Name string // logical name: the slot's content and the alias
	Wall string // discriminator column of a shared table, or ""
}

func (t TableRef) appendWhere(b *Builder, where Expr) {
	if t.Wall == "" && where == nil {
		return
	}
	b.Raw(" WHERE ")
	if t.Wall != "" {
		t.appendWall(b)
		if where == nil {
			return
		}
		b.Raw(" AND ")
	}
	where.Append(b)
}

func (t TableRef) appendWall(b *Builder) {
	Compare{Ref{t.Name, t.Wall}, "=", Arg{Value: Discriminator{}, Kind: Text}}.Append(b)
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

var lockText = [...]string{"", " FOR UPDATE", " FOR UPDATE SKIP LOCKED", " FOR UPDATE NOWAIT"}

// Select reads columns of a table. Limit and Offset below zero are none.
type Select struct {
	From          TableRef
	Columns       []Expr
	Where         Expr
	Order         []Order
	Limit, Offset int64
	Lock          Lock
}

func (s *Select) render(b *Builder) {
	b.Raw("SELECT ")
	for i, c := range s.Columns {
		b.comma(i)
		c.Append(b)
	}
	b.Raw(" FROM ")
	b.Aliased(s.From)
	s.From.appendWhere(b, s.Where)
	for i, o := range s.Order {
		if i == 0 {
			b.Raw(" ORDER BY ")
		}
		b.comma(i)
		b.AppendOrder(b, o)
	}
	s.renderRange(b)
	if b.Has(RowLocks) {
		b.Raw(lockText[s.Lock])
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
