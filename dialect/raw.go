package dialect

// Raw is a statement in an application's own words, taken apart around its tables and arguments. An
// argument may stand in several places.
type Raw struct {
	Parts []RawPart
	Args  []Arg
}

// RawPart is a piece of a [Raw].
type RawPart interface{ appendTo(b *Builder, t *rawState) }

// rawState is a text being written.
type rawState struct {
	args    []Arg
	numbers []int // of the placeholders that the arguments have already, or 0
}

// Placed puts an argument of a text into a place.
type Placed int

// PlacedList puts an argument into [NOT] IN (…), where it may be a list.
type PlacedList struct {
	Arg int
	Not bool
}

// Words are SQL as it is.
type Words string

// Source is a table that a text reads. Where tables are shared it is a query of the tenant's rows, so
// that the wall is inside, whatever the text says around it.
type Source struct {
	Table   TableRef
	Columns []Expr
	Aliased bool // the text gives it an alias; else it is its logical name
}

// Target is a table that a text writes. Its alias, where the text has none, is its logical name,
// except at the places of an INSERT and a DELETE where the dialect has none.
type Target struct {
	Table   TableRef
	Aliased bool
	Into    bool // it is the one target of an INSERT or a DELETE
}

// Alias is the logical name of a table, as its alias.
type Alias string

// Bare is the name of a table itself, where it can have no alias.
type Bare TableRef

func (s *Raw) render(b *Builder) {
	state := rawState{args: s.Args, numbers: make([]int, len(s.Args))}
	for _, p := range s.Parts {
		p.appendTo(b, &state)
	}
}

func (w Words) appendTo(b *Builder, _ *rawState) { b.Raw(string(w)) }

func (a Alias) appendTo(b *Builder, _ *rawState) { b.Ident(string(a)) }

func (t Bare) appendTo(b *Builder, _ *rawState) { b.Table(TableRef(t)) }

// appendTo writes the placeholder that the argument has already, where placeholders are numbered:
// there, two expressions are the same only if their placeholders are.
func (a Placed) appendTo(b *Builder, t *rawState) {
	if n := t.numbers[a]; n > 0 {
		b.buf = b.AppendPlaceholder(b.buf, n)
		return
	}
	b.Arg(t.args[a])
	if b.Has(Arrays) {
		t.numbers[a] = len(b.args)
	}
}

// emptyList is a list of nothing: SQL has no () for it, and NOT IN (NULL) is true of nothing.
const emptyList = "SELECT NULL FROM (SELECT 1) AS none WHERE 1 = 0"

func (l PlacedList) appendTo(b *Builder, t *rawState) {
	a := t.args[l.Arg]
	values, isList := a.Value.([]any)
	word := map[bool]string{false: " IN (", true: " NOT IN ("}[l.Not]
	if a.Array && isList && b.Has(Arrays) {
		word = map[bool]string{false: " = ANY (", true: " <> ALL ("}[l.Not]
	}
	b.Raw(word)
	switch {
	case !a.Array || b.Has(Arrays):
		Placed(l.Arg).appendTo(b, t)
	case len(values) == 0:
		b.Raw(emptyList)
	}
	for i, v := range values {
		if !b.Has(Arrays) {
			b.comma(i)
			b.Arg(Arg{Value: v, Kind: a.Kind})
		}
	}
	b.Raw(")")
}

func (s Source) appendTo(b *Builder, _ *rawState) {
	if b.wallOf(s.Table) == "" {
		b.Table(s.Table)
	} else {
		b.Raw("(")
		(&Select{From: s.Table, Columns: s.Columns, Limit: -1}).render(b)
		b.Raw(")")
	}
	if !s.Aliased {
		b.Raw(" AS ")
		b.Ident(s.Table.Name)
	}
}

func (t Target) appendTo(b *Builder, _ *rawState) {
	switch {
	case t.Aliased:
		b.Table(t.Table)
	case t.Into:
		b.AppendInto(b, t.Table)
	default:
		b.Aliased(t.Table)
	}
}
