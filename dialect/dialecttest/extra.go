package dialecttest

import "github.com/rowhouse/rowhouse/dialect"

// extraCases are the functions on documents that have tenants' own columns, of every kind.
func extraCases() (cases []statementCase) {
	add := func(name string, e dialect.Expr) {
		cases = append(cases, statementCase{name: name, make: func(t dialect.TableRef) dialect.Statement {
			return &dialect.Select{From: t, Columns: []dialect.Expr{e}, Limit: -1}
		}})
	}
	of := func(name dialect.FuncName, kind dialect.Kind, args ...dialect.Expr) dialect.Func {
		f := call(name, kind, args...)
		f.Path, f.Type = []string{"own"}, dialect.Type{Kind: kind}
		if kind == dialect.Decimal {
			f.Type.Precision, f.Type.Scale = 12, 2
		}
		return f
	}
	for kind := dialect.Bool; kind <= dialect.JSON; kind++ {
		add("value of "+kind.String(), of(dialect.ExtraOf, kind, column("info")))
		add("set to "+kind.String(), of(dialect.JSONSet, kind, column("info"), field(3, kind)))
	}
	add("merged", of(dialect.JSONMerge, dialect.JSON, column("info"), field(3, dialect.JSON)))
	return cases
}
