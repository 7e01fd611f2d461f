package dialecttest

import (
	"github.com/rowhouse/rowhouse/dialect"
)

func call(name dialect.FuncName, kind dialect.Kind, args ...dialect.Expr) dialect.Func {
	return dialect.Func{Name: name, Kind: kind, Args: args}
}

func literal(a dialect.Arg) dialect.Expr { return call(dialect.Literal, a.Kind, a) }

// functionCases are all functions, of every class of number where it matters.
func functionCases() (cases []statementCase) {
	add := func(name string, e dialect.Expr) {
		cases = append(cases, statementCase{name: name, make: func(t dialect.TableRef) dialect.Statement {
			return &dialect.Select{From: t, Columns: []dialect.Expr{e}, Limit: -1}
		}})
	}
	literals := map[dialect.Kind]dialect.Expr{
		dialect.Int64:   literal(number(2)),
		dialect.Float64: literal(dialect.Arg{Value: 0.5, Kind: dialect.Float64}),
		dialect.Decimal: literal(dialect.Arg{Value: "1.25", Kind: dialect.Decimal}),
	}
	classes := []dialect.Kind{dialect.Int64, dialect.Float64, dialect.Decimal}
	for _, kind := range classes {
		for _, name := range []dialect.FuncName{dialect.AddFunc, dialect.SubFunc, dialect.MulFunc, dialect.DivFunc} {
			if kind != dialect.Decimal || name != dialect.DivFunc {
				add(name.String()+" of "+kind.String(), call(name, kind, column("rank"), literals[kind]))
			}
		}
		add("abs of "+kind.String(), call(dialect.AbsFunc, kind, column("rank")))
		add("coalesce of "+kind.String(), call(dialect.Coalesce, kind, column("rank"), literals[kind]))
	}
	add("nested", call(dialect.MulFunc, dialect.Int64, call(dialect.AddFunc, dialect.Int64, column("rank"),
		literal(number(1))), column("rank")))
	add("concat", call(dialect.Concat, dialect.Text, column("title"), literal(text(" ")), column("note")))
	add("case", call(dialect.CaseFunc, dialect.Text, equal("rank", number(1)),
		literal(text("one")), dialect.Null{Operand: column("note")}, column("title")))
	add("case with else", call(dialect.CaseFunc, dialect.Text, equal("rank", number(1)), column("note"), column("title")))
	add("lower", call(dialect.Lower, dialect.Text, column("title")))
	add("upper", call(dialect.Upper, dialect.Text, column("title")))
	add("length", call(dialect.Length, dialect.Text, column("title")))
	for u := dialect.Year; u <= dialect.Second; u++ {
		add("truncate to "+u.String(), dialect.Func{Name: dialect.Truncate, Kind: dialect.Time, Unit: u, Args: []dialect.Expr{column("at")}})
	}
	for _, kind := range []dialect.Kind{dialect.Text, dialect.Bool, dialect.Float64, dialect.Int64} {
		add("path to "+kind.String(), dialect.Func{Name: dialect.JSONPath, Kind: kind, Path: []string{
			"a",
			"b c",
		}, Args: []dialect.Expr{column("info")}})
	}
	add("literal time", literal(field(3, dialect.Time)))
	add("fragment", dialect.Fragment{Pieces: []string{
		"row_number() over (order by ", " desc, ",
		")",
	}, Operands: []dialect.Expr{column("rank"), literal(number(1))}})
	return cases
}

func aggregateCases() (cases []statementCase) {
	add := func(name string, e dialect.Expr) {
		cases = append(cases, statementCase{name: name, make: func(t dialect.TableRef) dialect.Statement {
			return &dialect.Select{From: t, Columns: []dialect.Expr{e}, Limit: -1}
		}})
	}
	for name := dialect.CountOf; name <= dialect.MaxOf; name++ {
		for _, kind := range []dialect.Kind{dialect.Int64, dialect.Float64, dialect.Decimal} {
			add(name.String()+" of "+kind.String(), call(name, kind, column("rank")))
		}
	}
	return cases
}

var month = dialect.Func{Name: dialect.Coalesce, Kind: dialect.Text, Args: []dialect.Expr{column("note"), literal(text("-"))}}

// groupCases say an expression with an argument again, where it must be taken for the same.
var groupCases = []statementCase{
	{name: "by a column", make: func(t dialect.TableRef) dialect.Statement {
		return selecting(t, func(s *dialect.Select) {
			s.Columns, s.Group = []dialect.Expr{column("status"), dialect.CountAll{}}, []dialect.Expr{column("status")}
			s.Having = dialect.And{dialect.Compare{Left: dialect.CountAll{}, Op: ">", Right: number(1)}}
			s.Order = []dialect.Order{{By: dialect.CountAll{}, Desc: true}, {By: column("status")}}
		})
	}},
	{name: "by an expression", make: func(t dialect.TableRef) dialect.Statement {
		return selecting(t, func(s *dialect.Select) {
			s.Columns, s.Group = []dialect.Expr{dialect.CountAll{}, month}, []dialect.Expr{month}
			s.Where = dialect.Compare{Left: month, Op: "<>", Right: text("x")}
			s.Having = dialect.And{
				dialect.Compare{Left: month, Op: ">", Right: text("a")},
				dialect.Compare{Left: call(dialect.MaxOf, dialect.Text, month), Op: ">", Right: text("b")},
			}
			s.Order = []dialect.Order{{By: month, Desc: true, Nullable: true, Nulls: dialect.NullsLast}, {
				By:       month,
				Nullable: true, Nulls: dialect.NullsFirst,
			}}
			s.Limit = 3
		})
	}},
	{name: "distinct", make: func(t dialect.TableRef) dialect.Statement {
		return selecting(t, func(s *dialect.Select) {
			s.Distinct, s.Columns = true, []dialect.Expr{month, column("status")}
			s.Order = []dialect.Order{{By: month}, {By: column("status")}}
		})
	}},
	{name: "rows of a distinct", make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.RowsOf{Select: &dialect.Select{From: t, Distinct: true, Columns: []dialect.Expr{month, column("status")}, Limit: -1}}
	}},
	{name: "rows of groups", make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.RowsOf{Select: &dialect.Select{
			From: t, Columns: []dialect.Expr{dialect.CountAll{}, month},
			Group: []dialect.Expr{month}, Limit: -1,
		}}
	}},
	{name: "among groups", make: func(t dialect.TableRef) dialect.Statement {
		return selecting(t, func(s *dialect.Select) {
			s.Where = dialect.Within{Null: true, Operands: []dialect.Expr{column("title")}, Rows: &dialect.Select{
				From: t, Columns: []dialect.Expr{month}, Group: []dialect.Expr{month}, Limit: -1,
			}}
		})
	}},
	{name: "among rows of a deletion", make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Delete{From: t, Where: dialect.Within{Operands: []dialect.Expr{column("title")}, Rows: &dialect.Select{
			From: t, Columns: []dialect.Expr{column("note")}, Limit: -1,
		}}}
	}},
	{name: "some", make: func(t dialect.TableRef) dialect.Statement {
		return selecting(t, func(s *dialect.Select) {
			s.Where = dialect.Some{Rows: &dialect.Select{From: t, Columns: []dialect.Expr{dialect.One{}}, Where: equal("status",
				text("open")), Limit: -1}}
		})
	}},
	{name: "explain", make: func(t dialect.TableRef) dialect.Statement {
		return &dialect.Explain{Statement: selecting(t, func(*dialect.Select) {})}
	}},
}
