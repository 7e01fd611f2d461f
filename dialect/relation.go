package dialect

import (
	"errors"
	"strconv"
)

// Hop is one step from a row to the rows that are related to it: those of another table whose
// columns equal the row's.
type Hop struct {
	To     TableRef
	On     []Pair
	Lifted []string // guards of the table reached that do not hold
}

// Pair is two columns that are equal: one of the row, one of the related row.
type Pair struct{ From, To string }

// Join brings a related table into a SELECT, by an outer join: a row without a related one stays.
type Join struct {
	Path string // relations followed from the base table, this one the last; unique in a statement
	From string // the path of the table that the first hop starts at; "" is the base table
	Hops []Hop
}

// Via is an expression on the row that a relation leads to. The [Select] has the [Join] of that path.
type Via struct {
	Relation string // added to the path
	Operand  Expr
}

var errNoJoin = errors.New("dialect: an expression goes by a relation that the statement does not join")

// PathTo returns the path that a relation makes of another.
func PathTo(path, relation string) string { return path + "/" + relation }

// Append writes the operand with the related table's columns.
func (v Via) Append(b *Builder) {
	if b.repeat(v) {
		return
	}
	path, frame := b.path, b.frame
	b.path = PathTo(path, v.Relation)
	b.frame = b.joined[b.path]
	if b.frame == "" {
		b.Fail(errNoJoin)
	}
	v.Operand.Append(b)
	b.path, b.frame = path, frame
}

// nameJoins gives the joined tables their aliases, before anything names them.
func (b *Builder) nameJoins(joins []Join) {
	if len(joins) == 0 {
		return
	}
	b.joined = make(map[string]string, len(joins))
	for _, j := range joins {
		b.joined[j.Path] = b.alias()
	}
}

func (b *Builder) appendJoins(joins []Join, base string) {
	for _, j := range joins {
		from := base
		if j.From != "" {
			from = b.joined[j.From]
		}
		for i, hop := range j.Hops {
			to := b.joined[j.Path]
			if i < len(j.Hops)-1 {
				to = b.alias()
			}
			b.Raw(" LEFT JOIN ")
			b.aliasedAs(hop.To, to)
			hop.appendOn(b, " ON ", from, to)
			from = to
		}
	}
}

// appendOn writes the wall of the table reached, the pairs, and its guards.
func (h Hop) appendOn(b *Builder, word, from, to string) {
	conditions := make([]Expr, 0, len(h.On)+1)
	for _, p := range h.On {
		conditions = append(conditions, pairing{from, p.From, to, p.To})
	}
	for _, where := range b.guards(h) {
		conditions = append(conditions, framed{to, where})
	}
	h.To.appendConditions(b, word, to, conditions...)
}

// pairing is an equation between columns of two aliases.
type pairing struct{ leftAlias, left, rightAlias, right string }

func (p pairing) Append(b *Builder) {
	b.qualified(p.rightAlias, p.right)
	b.Raw(" = ")
	b.qualified(p.leftAlias, p.left)
}

// framed is an expression on the table of an alias, of a SELECT of its own.
type framed struct {
	alias   string
	operand Expr
}

func (f framed) Append(b *Builder) {
	defer b.enter(f.alias)()
	f.operand.Append(b)
}

// enter has refs mean the table of an alias, until the function that it returns is called.
func (b *Builder) enter(alias string) (leave func()) {
	frame, path, joined := b.frame, b.path, b.joined
	b.frame, b.path, b.joined = alias, "", nil
	return func() { b.frame, b.path, b.joined = frame, path, joined }
}

// Related is true for a row that has a related row for which Where holds; Where may be nil. Hops lead
// from the row to it, Joins are what Where needs.
type Related struct {
	From  TableRef // the row's own table
	Key   []string // columns by which its rows are told apart
	Hops  []Hop
	Joins []Join
	Where Expr
}

// Append writes EXISTS.
func (r Related) Append(b *Builder) {
	if b.changes != "" && !b.Has(SelfReads) && r.reads(b.changes) {
		r.appendBefore(b)
		return
	}
	outer := b.aliasOf(r.From.Name)
	last := len(r.Hops) - 1
	aliases := make([]string, len(r.Hops))
	for i := range aliases {
		aliases[i] = b.alias()
	}
	b.Raw("EXISTS (SELECT 1 FROM ")
	b.aliasedAs(r.Hops[0].To, aliases[0])
	for i, hop := range r.Hops[1:] {
		b.Raw(" JOIN ")
		b.aliasedAs(hop.To, aliases[i+1])
		hop.appendOn(b, " ON ", aliases[i], aliases[i+1])
	}
	leave := b.enter(aliases[last])
	b.nameJoins(r.Joins)
	b.appendJoins(r.Joins, aliases[last])
	r.Hops[0].appendOn(b, " WHERE ", outer, aliases[0])
	if r.Where != nil {
		b.Raw(" AND ")
		r.Where.Append(b)
	}
	leave()
	b.Raw(")")
}

// reads reports whether a table is among those that the condition reads.
func (r Related) reads(table string) bool {
	for _, hop := range r.Hops {
		if hop.To.Name == table {
			return true
		}
	}
	for _, j := range r.Joins {
		for _, hop := range j.Hops {
			if hop.To.Name == table {
				return true
			}
		}
	}
	inner, ok := r.Where.(Related)
	return ok && inner.reads(table) || !ok && r.Where != nil
}

// appendBefore asks for the keys of the rows that have a related row, which are worked out before any
// row is changed.
func (r Related) appendBefore(b *Builder) {
	keys := make([]Expr, len(r.Key))
	for i, k := range r.Key {
		keys[i] = Ref{Table: r.From.Name, Column: k}
	}
	Within{Operands: keys, Rows: &Select{From: r.From, Columns: keys, Where: before{r}, Limit: -1}}.Append(b)
}

// before is a condition in what is worked out before rows are changed.
type before struct{ operand Expr }

func (w before) Append(b *Builder) {
	changes := b.changes
	b.changes = ""
	w.operand.Append(b)
	b.changes = changes
}

// Within is true for a row whose columns are among the rows of a SELECT of as many columns. The
// SELECT is wrapped, because not every engine takes one with a LIMIT there.
type Within struct {
	Operands []Expr
	Rows     *Select
	Null     bool // a row can have NULLs, which are left out: beside one, nothing is outside

	// Few says that the SELECT has few rows, and none that matters is NULL. An engine with arrays
	// then gets them as one: PostgreSQL takes an index for that, where it would join otherwise, and
	// plans it in less time.
	Few bool

	// Once has the rows worked out once, whatever the engine expects of them. Where SELECTs are nested, each
	// expectation rests on the one within: a database without statistics, which expects one row of each,
	// would run the innermost once for each row of all that are around it.
	Once bool
}

// Append writes the membership test.
func (w Within) Append(b *Builder) {
	if w.Few && len(w.Operands) == 1 && b.Has(Arrays) {
		w.Operands[0].Append(b)
		b.Raw(" = ANY(ARRAY")
		Sub{Select: w.Rows}.Append(b)
		b.Raw(")")
		return
	}
	if len(w.Operands) > 1 {
		b.Raw("(")
	}
	b.List(w.Operands)
	if len(w.Operands) > 1 {
		b.Raw(")")
	}
	rows, alias := *w.Rows, b.alias()
	// In a statement that changes rows, MySQL reads the table that it changes only where the rows are
	// worked out before, as those of a DISTINCT are.
	rows.Distinct = rows.Distinct || b.changes != "" && rows.Limit < 0 && rows.Offset <= 0 && len(rows.Order) == 0
	rows.Columns = make([]Expr, len(w.Operands))
	for i, c := range w.Rows.Columns {
		rows.Columns[i] = Named{Operand: c, As: strconv.Itoa(i + 1)}
	}
	once := w.Once && b.Has(Materialized)
	b.Raw(" IN (")
	if once {
		b.Raw("WITH ")
		b.Ident(alias)
		b.Raw(" AS MATERIALIZED ")
		Sub{Select: &rows}.Append(b)
		b.Raw(" ")
	}
	b.Raw("SELECT ")
	for i := range w.Operands {
		b.comma(i)
		b.qualified(alias, strconv.Itoa(i+1))
	}
	b.Raw(" FROM ")
	if !once {
		Sub{Select: &rows}.Append(b)
		b.Raw(" AS ")
	}
	b.Ident(alias)
	for i := range w.Operands {
		if !w.Null {
			break
		}
		b.Raw([]string{" WHERE ", " AND "}[min(i, 1)])
		b.qualified(alias, strconv.Itoa(i+1))
		b.Raw(" IS NOT NULL")
	}
	b.Raw(")")
}

// Named is a column of a SELECT with a name of its own.
type Named struct {
	Operand Expr
	As      string
}

// Append writes the operand and its name.
func (n Named) Append(b *Builder) {
	n.Operand.Append(b)
	b.Raw(" AS ")
	b.Ident(n.As)
}

// Some is true if the SELECT has any row.
type Some struct{ Rows *Select }

// Append writes EXISTS.
func (s Some) Append(b *Builder) {
	b.Raw("EXISTS ")
	Sub{Select: s.Rows}.Append(b)
}

// Sub is a SELECT as an expression, of one value or, in Exists, of any.
type Sub struct{ Select *Select }

// Append writes the SELECT in parentheses.
func (s Sub) Append(b *Builder) {
	b.Raw("(")
	s.appendBare(b)
	b.Raw(")")
}

// appendBare writes the SELECT under an alias of its own, so that it is not mistaken for the
// statement around it.
func (s Sub) appendBare(b *Builder) {
	alias := b.alias()
	leave := b.enter(alias)
	s.Select.renderAs(b, alias)
	leave()
}
