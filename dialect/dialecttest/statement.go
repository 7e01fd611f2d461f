package dialecttest

import "github.com/rowhouse/rowhouse/dialect"

// statementCase is a statement on a table that has its golden text.
type statementCase struct {
	name  string
	needs dialect.Feature // without it the statement is never made
	lacks dialect.Feature // nor with this
	make  func(t dialect.TableRef) dialect.Statement
}

var files = []struct {
	name  string
	cases []statementCase
}{
	{"condition", conditionCases()},
	{"order", orderCases()},
	{"select", selectCases},
	{"function", functionCases()},
	{"aggregate", aggregateCases()},
	{"extra", extraCases()},
	{"group", groupCases},
	{"relation", relationCases()},
	{"insert", insertCases},
	{"upsert", upsertCases},
	{"update", updateCases},
	{"delete", deleteCases},
}

func column(name string) dialect.Expr { return dialect.Ref{Table: "case", Column: name} }

func text(v string) dialect.Arg { return dialect.Arg{Value: v, Kind: dialect.Text} }

func number(v int64) dialect.Arg { return dialect.Arg{Value: v, Kind: dialect.Int64} }

func field(at int, k dialect.Kind) dialect.Arg {
	return dialect.Arg{Value: dialect.Field(at), Kind: k}
}

func equal(name string, to dialect.Expr) dialect.Expr {
	return dialect.Compare{Left: column(name), Op: "=", Right: to}
}

// selecting is a SELECT of one column, completed by more.
func selecting(t dialect.TableRef, more func(*dialect.Select)) dialect.Statement {
	s := &dialect.Select{From: t, Columns: []dialect.Expr{column("id")}, Limit: -1}
	more(s)
	return s
}

func conditionCases() (cases []statementCase) {
	open, urgent := equal("status", text("open")), dialect.Compare{Left: column("rank"), Op: ">=", Right: number(3)}
	for _, c := range []struct {
		name  string
		where dialect.Expr
	}{
		{"no condition", nil},
		{"equal", open},
		{"not equal", dialect.Compare{Left: column("status"), Op: "<>", Right: text("open")}},
		{"less", dialect.Compare{Left: column("rank"), Op: "<", Right: number(3)}},
		{"at least", urgent},
		{"a field", equal("id", field(0, dialect.Int64))},
		{"in none", dialect.In{Operand: column("rank"), Kind: dialect.Int64}},
		{"in one", dialect.In{Operand: column("rank"), Kind: dialect.Int64, Values: []any{int64(1)}}},
		{"in three", dialect.In{Operand: column("status"), Kind: dialect.Text, Values: []any{"a", "b", "c"}}},
		{"between", dialect.Between{Operand: column("rank"), Low: number(1), High: number(5)}},
		{"like", dialect.Like{Operand: column("title"), Pattern: `50\% _ff*?[|]%`}},
		{"null", dialect.Null{Operand: column("note")}},
		{"not null", dialect.Null{Operand: column("note"), Not: true}},
		{"and", dialect.And{open, urgent}},
		{"and of one", dialect.And{open}},
		{"and of none", dialect.And{}},
		{"or", dialect.Or{open, urgent}},
		{"or of none", dialect.Or{}},
		{"not", dialect.Not{Operand: open}},
		{"not or", dialect.Not{Operand: dialect.Or{open, urgent}}},
		{"or in and", dialect.And{dialect.Or{open, urgent}, dialect.Null{Operand: column("note")}}},
		{"and in or", dialect.Or{dialect.And{open, urgent}, dialect.Null{Operand: column("note")}}},
		{"true", dialect.Truth(true)},
		{"false", dialect.Truth(false)},
	} {
		cases = append(cases, statementCase{name: c.name, make: func(t dialect.TableRef) dialect.Statement {
			return selecting(t, func(s *dialect.Select) { s.Where = c.where })
		}})
	}
	return cases
}

// orderCases are all the ways to order by a column, and by two.
func orderCases() (cases []statementCase) {
	add := func(name string, order ...dialect.Order) {
		cases = append(cases, statementCase{name: name, make: func(t dialect.TableRef) dialect.Statement {
			return selecting(t, func(s *dialect.Select) { s.Order = order })
		}})
	}
	directions := map[bool]string{false: "ascending", true: "descending"}
	for _, desc := range []bool{false, true} {
		add(directions[desc], dialect.Order{By: column("rank"), Desc: desc})
		for nulls, name := range []string{"", ", nulls first", ", nulls last"} {
			term := dialect.Order{By: column("note"), Desc: desc, Nulls: dialect.Nulls(nulls), Nullable: true}
			add(directions[desc]+" with null"+name, term)
			term.Nullable = false
			add(directions[desc]+" without null"+name, term)
		}
	}
	add("two terms", dialect.Order{By: column("note"), Desc: true, Nulls: dialect.NullsLast, Nullable: true}, dialect.Order{By: column("id")})
	return cases
}

var selectCases = []statementCase{
	{name: "several columns", make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Select{From: t, Columns: []dialect.Expr{column("id"), column("title"), column("note")}, Limit: -1}
	}},
	{name: "count", make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Select{From: t, Columns: []dialect.Expr{dialect.CountAll{}}, Limit: -1}
	}},
	{name: "exists", make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Select{From: t, Columns: []dialect.Expr{dialect.One{}}, Limit: 1}
	}},
	{name: "limit", make: func(t dialect.TableRef) dialect.Statement {
		return selecting(t, func(s *dialect.Select) { s.Limit = 10 })
	}},
	{name: "limit of none", make: func(t dialect.TableRef) dialect.Statement {
		return selecting(t, func(s *dialect.Select) { s.Limit = 0 })
	}},
	{name: "offset", make: func(t dialect.TableRef) dialect.Statement {
		return selecting(t, func(s *dialect.Select) { s.Offset = 20 })
	}},
	{name: "limit and offset", make: func(t dialect.TableRef) dialect.Statement {
		return selecting(t, func(s *dialect.Select) { s.Limit, s.Offset = 10, 20 })
	}},
	{name: "for update", make: locking(dialect.ForUpdate)},
	{name: "for update, skip locked", make: locking(dialect.ForUpdateSkipLocked)},
	{name: "for update, no wait", make: locking(dialect.ForUpdateNoWait)},
	{name: "all at once", make: func(t dialect.TableRef) dialect.Statement {
		return selecting(t, func(s *dialect.Select) {
			s.Where = dialect.Or{equal("status", text("open")), equal("rank", number(3))}
			s.Order = []dialect.Order{{By: column("note"), Nullable: true}, {By: column("id"), Desc: true}}
			s.Limit, s.Offset, s.Lock = 10, 20, dialect.ForUpdate
		})
	}},
}

func locking(l dialect.Lock) func(t dialect.TableRef) dialect.Statement {
	return func(t dialect.TableRef) dialect.Statement {
		return selecting(t, func(s *dialect.Select) { s.Lock = l })
	}
}

// inserting is an INSERT of so many rows, completed by more.
func inserting(t dialect.TableRef, rows int, more func(*dialect.Insert)) dialect.Statement {
	s := &dialect.Insert{Into: t, Columns: []string{"title", "rank"}}
	for range rows {
		s.Rows = append(s.Rows, []dialect.Arg{field(1, dialect.Text), field(2, dialect.Int64)})
	}
	if more != nil {
		more(s)
	}
	return s
}

// lists are the values of the columns of inserting.
func lists() []dialect.Arg {
	title, rank := field(1, dialect.Text), field(2, dialect.Int64)
	title.Array, rank.Array = true, true
	return []dialect.Arg{title, rank}
}

var insertCases = []statementCase{
	{name: "one row", make: func(t dialect.TableRef) dialect.Statement { return inserting(t, 1, nil) }},
	{name: "three rows", make: func(t dialect.TableRef) dialect.Statement { return inserting(t, 3, nil) }},
	{name: "returning", needs: dialect.Returning, make: func(t dialect.TableRef) dialect.Statement {
		return inserting(t, 1, func(s *dialect.Insert) { s.Returning = []string{"id", "rank"} })
	}},
	{name: "two rows returning", needs: dialect.Returning, make: func(t dialect.TableRef) dialect.Statement {
		return inserting(t, 2, func(s *dialect.Insert) { s.Returning = []string{"id"} })
	}},
	{name: "lists", needs: dialect.Arrays, make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Insert{Into: t, Columns: []string{"title", "rank"}, Lists: lists(), Returning: []string{"id"}}
	}},
	{name: "one list", needs: dialect.Arrays, make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Insert{Into: t, Columns: []string{"title"}, Lists: lists()[:1]}
	}},
	{name: "copy", needs: dialect.Arrays, make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Copy{Into: t, Columns: []string{"title", "rank"}}
	}},
	{name: "two rows numbered", lacks: dialect.KeyedSequence, make: func(t dialect.TableRef) dialect.Statement {
		return inserting(t, 2, func(s *dialect.Insert) { s.Sequence = "id" })
	}},
	{name: "numbered returning", needs: dialect.Returning, lacks: dialect.KeyedSequence, make: func(t dialect.TableRef) dialect.Statement {
		return inserting(t, 1, func(s *dialect.Insert) { s.Sequence, s.Returning = "id", []string{"id"} })
	}},
}

var upsertCases = []statementCase{
	{name: "do nothing", make: upserting(nil)},
	{name: "overwrite", make: upserting([]dialect.Assign{
		{Column: "title", Value: dialect.Proposed{Column: "title"}},
		{Column: "rank", Value: dialect.Proposed{Column: "rank"}},
	})},
	{name: "count up", make: upserting([]dialect.Assign{{Column: "version", Value: dialect.Compare{
		Left: dialect.Current{Table: "case", Column: "version"}, Op: "+", Right: number(1),
	}}})},
	{name: "numbered, returning", needs: dialect.Returning, lacks: dialect.KeyedSequence, make: func(t dialect.TableRef) dialect.Statement {
		return inserting(t, 1, func(s *dialect.Insert) {
			s.Sequence, s.Returning = "id", []string{"id", "title"}
			s.Conflict = &dialect.Conflict{Key: []string{"title"}, Set: []dialect.Assign{{Column: "rank", Value: dialect.Proposed{Column: "rank"}}}}
		})
	}},
}

func upserting(set []dialect.Assign) func(t dialect.TableRef) dialect.Statement {
	return func(t dialect.TableRef) dialect.Statement {
		return inserting(t, 1, func(s *dialect.Insert) { s.Conflict = &dialect.Conflict{Key: []string{"title"}, Set: set} })
	}
}

var updateCases = []statementCase{
	{name: "by key", make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Update{
			Table: t, Where: dialect.And{equal("id", field(0, dialect.Int64)), equal("version", field(3, dialect.Int64))},
			Set: []dialect.Assign{
				{Column: "title", Value: field(1, dialect.Text)},
				{Column: "version", Value: dialect.Compare{Left: column("version"), Op: "+", Right: number(1)}},
			},
		}
	}},
	{name: "lists", needs: dialect.Arrays, make: func(t dialect.TableRef) dialect.Statement {
		id, title := field(0, dialect.Int64), field(1, dialect.Text)
		id.Array, title.Array = true, true
		return &dialect.Update{
			Table: t, Lists: []dialect.Arg{id, title}, Where: dialect.Compare{Left: column("id"), Op: "=", Right: dialect.Listed(0)},
			Set: []dialect.Assign{{Column: "title", Value: dialect.Listed(1)}},
		}
	}},
	{name: "every row", make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Update{Table: t, Set: []dialect.Assign{{Column: "note", Value: dialect.Arg{Kind: dialect.Text}}}}
	}},
	{name: "either", make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Update{
			Table: t, Where: dialect.Or{equal("id", number(1)), dialect.Truth(true)},
			Set: []dialect.Assign{{Column: "rank", Value: number(0)}},
		}
	}},
}

var deleteCases = []statementCase{
	{name: "by key", make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Delete{From: t, Where: equal("id", field(0, dialect.Int64))}
	}},
	{name: "every row", make: func(t dialect.TableRef) dialect.Statement { return &dialect.Delete{From: t} }},
	{name: "either", make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Delete{From: t, Where: dialect.Or{equal("id", number(1)), dialect.Truth(true)}}
	}},
}
