package dialecttest

import "github.com/rowhouse/rowhouse/dialect"

// The tables that cases are related to: notes have the case's key, tags are behind a table between, plans
// are of the common house.
var related = []string{"note", "tagging", "tag"}

// guards are what holds by default in them.
var guards = map[string][]dialect.Guard{"note": {
	{Name: dialect.Undeleted, Where: dialect.Null{Operand: dialect.Ref{Table: "note", Column: "deleted_at"}}},
	{Name: "visible", Where: dialect.Compare{Left: dialect.Ref{Table: "note", Column: "hidden"}, Op: "=", Right: number(0)}},
}}

var (
	toNotes = dialect.Hop{To: dialect.TableRef{Name: "note"}, On: []dialect.Pair{{From: "id", To: "case_id"}}}
	toTags  = []dialect.Hop{
		{To: dialect.TableRef{Name: "tagging"}, On: []dialect.Pair{{From: "id", To: "case_id"}}},
		{To: dialect.TableRef{Name: "tag"}, On: []dialect.Pair{{From: "tag_id", To: "id"}}},
	}
	toPlan = dialect.Hop{
		To: dialect.TableRef{Name: "plan", Common: true},
		On: []dialect.Pair{{From: "plan_code", To: "code"}, {From: "plan_year", To: "year"}},
	}
	toParent = dialect.Hop{To: dialect.TableRef{Name: "case"}, On: []dialect.Pair{{From: "parent_id", To: "id"}}}
)

func of(table, column string) dialect.Expr { return dialect.Ref{Table: table, Column: column} }

func has(where dialect.Expr, hops ...dialect.Hop) dialect.Expr {
	return dialect.Related{From: dialect.TableRef{Name: "case"}, Key: []string{"id"}, Hops: hops, Where: where}
}

func lifting(h dialect.Hop, names ...string) dialect.Hop {
	h.Lifted = names
	return h
}

func relationCases() (cases []statementCase) {
	title := dialect.Compare{Left: of("tag", "name"), Op: "=", Right: text("urgent")}
	for _, c := range []struct {
		name  string
		where dialect.Expr
	}{
		{"has", has(nil, toNotes)},
		{"has, with a condition", has(dialect.Compare{Left: of("note", "rank"), Op: ">", Right: number(3)}, toNotes)},
		{"has, a guard lifted", has(nil, lifting(toNotes, "visible"))},
		{"has, all guards lifted", has(nil, lifting(toNotes, "visible", dialect.Undeleted))},
		{"has none", dialect.Not{Operand: has(nil, toNotes)}},
		{"has by a table between", has(title, toTags...)},
		{"has, of the common house", has(nil, toPlan)},
		{"has, of its own table", has(has(title, toTags...), toParent)},
	} {
		cases = append(cases, statementCase{name: c.name, make: func(t dialect.TableRef) dialect.Statement {
			return selecting(t, func(s *dialect.Select) { s.Where = c.where })
		}})
	}
	return append(cases, joinCases...)
}

// joinCases go by values of related rows, or read related rows.
var joinCases = []statementCase{
	{name: "joined", make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Select{
			From: t, Limit: -1, Joins: []dialect.Join{{Path: "/note", Hops: []dialect.Hop{toNotes}}},
			Columns: []dialect.Expr{column("id"), dialect.Via{Relation: "note", Operand: of("note", "text")}},
			Order:   []dialect.Order{{By: dialect.Via{Relation: "note", Operand: of("note", "rank")}, Nullable: true}},
		}
	}},
	{name: "joined by a table between, and further", make: func(t dialect.TableRef) dialect.Statement {
		up := dialect.Hop{To: dialect.TableRef{Name: "tag"}, On: []dialect.Pair{{From: "parent_id", To: "id"}}}
		name := dialect.Via{Relation: "tag", Operand: dialect.Via{Relation: "up", Operand: of("tag", "name")}}
		return &dialect.Select{
			From: t, Limit: -1, Columns: []dialect.Expr{name},
			Joins: []dialect.Join{{Path: "/tag", Hops: toTags}, {Path: "/tag/up", From: "/tag", Hops: []dialect.Hop{up}}},
		}
	}},
	{name: "rows related to a page of rows", make: func(t dialect.TableRef) dialect.Statement {
		page := &dialect.Select{
			From: t, Columns: []dialect.Expr{column("id")}, Where: equal("status", text("open")),
			Order: []dialect.Order{{By: column("id")}}, Limit: 50,
		}
		return &dialect.Select{
			From: dialect.TableRef{Name: "note"}, Columns: []dialect.Expr{of("note", "text")}, Limit: -1,
			Where: dialect.Within{Operands: []dialect.Expr{of("note", "case_id")}, Rows: page, Few: true},
		}
	}},
	{name: "rows related to rows that are worked out once", make: func(t dialect.TableRef) dialect.Statement {
		open := &dialect.Select{From: t, Columns: []dialect.Expr{column("id")}, Where: equal("status", text("open")), Limit: -1}
		return &dialect.Select{
			From: dialect.TableRef{Name: "note"}, Columns: []dialect.Expr{of("note", "text")}, Limit: -1,
			Where: dialect.Within{Operands: []dialect.Expr{of("note", "case_id")}, Rows: open, Once: true},
		}
	}},
	{name: "some for each", make: func(dialect.TableRef) dialect.Statement { return someForEach() }},
	{name: "rows related to some for each", make: func(t dialect.TableRef) dialect.Statement {
		some := someForEach()
		some.Columns = []dialect.Expr{of("note", "case_id")}
		return selecting(t, func(s *dialect.Select) {
			s.Where = dialect.Within{Operands: []dialect.Expr{column("id")}, Rows: some}
		})
	}},
	{name: "delete what has none of its own table", make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Delete{From: t, Where: dialect.Not{Operand: has(nil, toParent)}}
	}},
	{name: "update what has one that has one of its own table", make: func(t dialect.TableRef) dialect.Statement {
		back := dialect.Related{
			From: dialect.TableRef{Name: "note"}, Key: []string{"id"},
			Hops: []dialect.Hop{{To: t, On: []dialect.Pair{{From: "case_id", To: "id"}}}},
		}
		return &dialect.Update{Table: t, Set: []dialect.Assign{{Column: "rank", Value: number(1)}}, Where: has(back, toNotes)}
	}},
}

// someForEach are the first two notes of each case.
func someForEach() *dialect.Select {
	return &dialect.Select{
		From: dialect.TableRef{Name: "note"}, Columns: []dialect.Expr{of("note", "id"), of("note", "text")},
		Where: dialect.In{Operand: of("note", "case_id"), Kind: dialect.Int64, Values: []any{int64(1), int64(2)}},
		Order: []dialect.Order{{By: of("note", "rank"), Desc: true}, {By: of("note", "id")}},
		Per:   []dialect.Expr{of("note", "case_id")}, Limit: 2,
	}
}
