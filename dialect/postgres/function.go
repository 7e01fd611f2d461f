package postgres

import (
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
)

// AppendFunc appends the function. Operands are widened to the class of number that it is of, because
// PostgreSQL would calculate in the narrower type.
func (d Dialect) AppendFunc(b *dialect.Builder, f dialect.Func) {
	switch f.Name {
	case dialect.Literal:
		f.Args[0].Append(b) // a parameter's type is declared
	case dialect.AddFunc:
		b.Infix("+", widened(f)...)
	case dialect.SubFunc:
		b.Infix("-", widened(f)...)
	case dialect.MulFunc:
		b.Infix("*", widened(f)...)
	case dialect.DivFunc:
		args := widened(f)
		b.Infix("/", args[0], dialect.NotZero{Operand: args[1]})
	case dialect.AbsFunc:
		b.Call("abs", widened(f)...)
	case dialect.Concat:
		b.Infix("||", f.Args...)
	case dialect.CaseFunc:
		b.Case(f.Args)
	case dialect.Coalesce:
		b.Call("coalesce", f.Args...)
	case dialect.Lower:
		b.Call("lower", f.Args...)
	case dialect.Upper:
		b.Call("upper", f.Args...)
	case dialect.Length:
		b.Call("char_length", f.Args...)
	case dialect.Truncate:
		b.Raw("date_trunc('" + f.Unit.String() + "', ")
		f.Args[0].Append(b)
		b.Raw(", 'UTC')")
	case dialect.JSONPath:
		appendPath(b, f)
	case dialect.ExtraOf:
		appendExtra(b, f)
	case dialect.Narrow: // the column's type sees to it
		f.Args[0].Append(b)
	case dialect.JSONSet:
		appendSet(b, f)
	case dialect.JSONMerge:
		appendMerge(b, f)
	default:
		appendAggregate(b, f)
	}
}

func appendAggregate(b *dialect.Builder, f dialect.Func) {
	switch f.Name {
	case dialect.CountOf:
		b.Call("count", f.Args...)
	case dialect.CountDistinct:
		b.Call("count", dialect.Distinct{Operand: f.Args[0]})
	case dialect.SumOf, dialect.TotalOf:
		appendSum(b, f)
	case dialect.AvgOf:
		// The sum of integers and decimals is exact, and divided as a float as every engine can.
		b.Raw("(CAST(sum(")
		if f.Kind == dialect.Float64 {
			b.Cast(f.Args[0], "double precision")
		} else {
			f.Args[0].Append(b)
		}
		b.Raw(") AS double precision) / ")
		b.Call("count", f.Args...)
		b.Raw(")")
	case dialect.MinOf:
		b.Call("min", f.Args...)
	case dialect.MaxOf:
		b.Call("max", f.Args...)
	}
}

// appendSum adds what is narrow as what is wide, and makes a bigint of a bigint's sum, which is a
// numeric.
func appendSum(b *dialect.Builder, f dialect.Func) {
	switch {
	case f.Kind == dialect.Int64 && f.Name == dialect.SumOf:
		b.Raw("CAST(coalesce(sum(")
		f.Args[0].Append(b)
		b.Raw("), 0) AS bigint)")
	case f.Kind == dialect.Float64:
		b.Raw("coalesce(sum(")
		b.Cast(f.Args[0], "double precision")
		b.Raw("), 0)")
	default:
		b.Raw("coalesce(sum(")
		f.Args[0].Append(b)
		b.Raw("), 0)")
	}
}

// as is an operand cast to a type.
type as struct {
	operand dialect.Expr
	sqlType string
}

func (a as) Append(b *dialect.Builder) { b.Cast(a.operand, a.sqlType) }

// widened are the operands in the type that the function is of.
func widened(f dialect.Func) []dialect.Expr {
	if f.Kind == dialect.Decimal {
		return f.Args
	}
	args := make([]dialect.Expr, len(f.Args))
	for i, a := range f.Args {
		args[i] = as{a, typeNames[f.Kind]}
	}
	return args
}

// appendPath asks for the value by a path that lets through only values of the kind. A strict path does
// not look into arrays for an object's key; what it calls an error is then no value.
func appendPath(b *dialect.Builder, f dialect.Func) {
	filter := map[dialect.Kind]string{
		dialect.Text: `"string"`, dialect.Bool: `"boolean"`, dialect.Float64: `"number"`,
		dialect.Int64: `"number" && @ == @.floor() && @ >= -9223372036854775808 && @ <= 9223372036854775807`,
	}[f.Kind]
	var path strings.Builder
	path.WriteString("strict $")
	for _, key := range f.Path {
		path.WriteString(`."` + key + `"`)
	}
	path.WriteString(" ? (@.type() == " + filter + ")")
	b.Raw("CAST(")
	if f.Kind == dialect.Int64 {
		b.Raw("CAST(") // from a text such as 1.0
	}
	b.Raw("(jsonb_path_query_first(")
	f.Args[0].Append(b)
	b.Raw(", CAST(")
	b.Arg(dialect.Arg{Value: path.String(), Kind: dialect.Text})
	b.Raw(" AS jsonpath), '{}', true) #>> '{}') AS ")
	if f.Kind == dialect.Int64 {
		b.Raw("numeric) AS ")
	}
	b.Raw(typeNames[f.Kind] + ")")
}

// AppendExplain appends EXPLAIN.
func (Dialect) AppendExplain(b *dialect.Builder, analyze bool) {
	if analyze {
		b.Raw("EXPLAIN (ANALYZE, BUFFERS) ")
		return
	}
	b.Raw("EXPLAIN ")
}
