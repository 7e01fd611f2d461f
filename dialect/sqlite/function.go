package sqlite

import (
	"fmt"

	"github.com/rowhouse/rowhouse/dialect"
)

// The functions that a connection has beside SQLite's own; driver/sqlite makes them.
const (
	// LowerFunc and UpperFunc know more letters than ASCII's.
	LowerFunc = "rowhouse_lower"
	UpperFunc = "rowhouse_upper"
	// IntegerFunc passes an integer on, and is an error for what an overflow makes of one.
	IntegerFunc = "rowhouse_integer"
	// Int16Func and Int32Func pass an integer of so many bits on, and are an error for one of more.
	Int16Func = "rowhouse_int16"
	Int32Func = "rowhouse_int32"
	// FloatFunc passes a float on, and is an error for what an overflow makes of one.
	FloatFunc = "rowhouse_float"
	// DecimalFunc rounds to the fifteen digits that a decimal has here.
	DecimalFunc = "rowhouse_decimal"
)

var operators = map[dialect.FuncName]string{
	dialect.AddFunc: "+", dialect.SubFunc: "-", dialect.MulFunc: "*", dialect.DivFunc: "/",
}

// AppendFunc appends the function. A decimal is cast, because an expression has no affinity: without
// one, an argument that is text would not be compared as a number.
func (d Dialect) AppendFunc(b *dialect.Builder, f dialect.Func) {
	if f.Kind == dialect.Decimal && f.Name != dialect.AvgOf && f.Name != dialect.JSONSet {
		b.Raw("CAST(")
		defer b.Raw(" AS NUMERIC)")
	}
	switch f.Name {
	case dialect.Literal:
		f.Args[0].Append(b)
	case dialect.AddFunc, dialect.SubFunc, dialect.MulFunc, dialect.DivFunc:
		b.Raw(checks[f.Kind])
		b.Infix(operators[f.Name], f.Args...)
	case dialect.AbsFunc:
		b.Call("abs", f.Args...)
	case dialect.Concat:
		b.Infix("||", f.Args...)
	case dialect.CaseFunc:
		b.Case(f.Args)
	case dialect.Coalesce:
		b.Call("coalesce", f.Args...)
	case dialect.Lower:
		b.Call(LowerFunc, f.Args...)
	case dialect.Upper:
		b.Call(UpperFunc, f.Args...)
	case dialect.Length:
		b.Call("length", f.Args...)
	case dialect.Truncate:
		appendTruncate(b, f)
	case dialect.JSONPath:
		appendPath(b, f)
	case dialect.ExtraOf:
		appendExtra(b, f)
	case dialect.Narrow:
		b.Call(map[dialect.Kind]string{dialect.Int16: Int16Func, dialect.Int32: Int32Func}[f.Kind], f.Args...)
	case dialect.JSONSet:
		appendSet(b, f)
	case dialect.JSONMerge:
		appendMerge(b, f)
	default:
		appendAggregate(b, f)
	}
}

// checks are the functions that look at a result.
var checks = map[dialect.Kind]string{
	dialect.Int64: IntegerFunc, dialect.Float64: FloatFunc, dialect.Decimal: DecimalFunc,
}

func appendAggregate(b *dialect.Builder, f dialect.Func) {
	switch f.Name {
	case dialect.CountOf:
		b.Call("count", f.Args...)
	case dialect.CountDistinct:
		b.Call("count", dialect.Distinct{Operand: f.Args[0]})
	case dialect.SumOf, dialect.TotalOf:
		zero := "0"
		switch f.Kind {
		case dialect.Decimal:
			b.Raw(DecimalFunc + "(")
			defer b.Raw(")")
		case dialect.Float64:
			zero = "0.0"
		}
		b.Raw("coalesce(sum(")
		f.Args[0].Append(b)
		b.Raw("), " + zero + ")")
	case dialect.AvgOf:
		b.Call("avg", f.Args...)
	case dialect.MinOf:
		b.Call("min", f.Args...)
	case dialect.MaxOf:
		b.Call("max", f.Args...)
	}
}

// cuts are what a time's text has in common within a unit, and what completes it. Text is cut because
// SQLite's own functions round to the millisecond, and so to the next day's beginning.
var cuts = map[dialect.Unit]struct {
	digits int
	rest   string
}{
	dialect.Year: {4, "-01-01 00:00:00.000000"}, dialect.Month: {7, "-01 00:00:00.000000"},
	dialect.Day: {10, " 00:00:00.000000"}, dialect.Hour: {13, ":00:00.000000"},
	dialect.Minute: {16, ":00.000000"}, dialect.Second: {19, ".000000"},
}

func appendTruncate(b *dialect.Builder, f dialect.Func) {
	cut := func(from, digits int) {
		b.Raw("substr(")
		f.Args[0].Append(b)
		b.Raw(fmt.Sprintf(", %d, %d)", from, digits))
	}
	b.Raw("(")
	switch f.Unit {
	case dialect.Quarter:
		cut(1, 5)
		b.Raw(" || CASE WHEN ")
		cut(6, 2)
		b.Raw(" < '04' THEN '01' WHEN ")
		cut(6, 2)
		b.Raw(" < '07' THEN '04' WHEN ")
		cut(6, 2)
		b.Raw(" < '10' THEN '07' ELSE '10' END || '-01 00:00:00.000000'")
	case dialect.Week:
		b.Raw("date(")
		cut(1, 10)
		b.Raw(", 'weekday 0', '-6 days') || ' 00:00:00.000000'") // the Sunday that ends the week, and back
	default:
		cut(1, cuts[f.Unit].digits)
		b.Raw(" || '" + cuts[f.Unit].rest + "'")
	}
	b.Raw(")")
}

// appendPath lets through only values of the kind: JSON's types decide, and of an integer its value.
func appendPath(b *dialect.Builder, f dialect.Func) {
	path := f.QuotedPath()
	value := func() { b.Call("json_extract", f.Args[0], path) }
	b.Raw("CASE ")
	if f.Kind != dialect.Int64 {
		b.Call("json_type", f.Args[0], path)
	}
	switch f.Kind {
	case dialect.Text:
		b.Raw(" WHEN 'text' THEN ")
		value()
	case dialect.Bool:
		b.Raw(" WHEN 'true' THEN 1 WHEN 'false' THEN 0")
	case dialect.Float64:
		for _, name := range []string{"integer", "real"} {
			b.Raw(" WHEN '" + name + "' THEN CAST(")
			value()
			b.Raw(" AS REAL)")
		}
	default:
		b.Raw("WHEN ")
		b.Call("json_type", f.Args[0], path)
		b.Raw(" IN ('integer', 'real') AND ")
		value()
		b.Raw(" = CAST(")
		value()
		b.Raw(" AS INTEGER) AND abs(")
		value()
		b.Raw(" + 0.0) < 9223372036854775807.0 THEN CAST(")
		value()
		b.Raw(" AS INTEGER)")
	}
	b.Raw(" END")
}

// AppendExplain appends EXPLAIN QUERY PLAN. SQLite measures nothing.
func (d Dialect) AppendExplain(b *dialect.Builder, analyze bool) {
	if analyze {
		b.Fail(dialect.ErrNoAnalyze)
	}
	b.Raw("EXPLAIN QUERY PLAN ")
}
