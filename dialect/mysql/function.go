package mysql

import (
	"fmt"

	"github.com/rowhouse/rowhouse/dialect"
)

// AppendFunc appends the function. MySQL calculates integers as bigint, and its overflows are errors.
func (d Dialect) AppendFunc(b *dialect.Builder, f dialect.Func) {
	switch f.Name {
	case dialect.Literal:
		appendLiteral(b, f)
	case dialect.AddFunc:
		b.Infix("+", f.Args...)
	case dialect.SubFunc:
		b.Infix("-", f.Args...)
	case dialect.MulFunc:
		b.Infix("*", f.Args...)
	case dialect.DivFunc:
		operator := "/"
		if f.Kind == dialect.Int64 {
			operator = "DIV"
		}
		b.Infix(operator, f.Args[0], dialect.NotZero{Operand: f.Args[1]})
	case dialect.AbsFunc:
		b.Call("abs", f.Args...)
	case dialect.Concat:
		b.Call("concat", f.Args...)
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
		appendTruncate(b, f)
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

// maxScale is of a decimal literal; MySQL's decimals have up to 30 digits after the point.
const maxScale = 30

// appendLiteral types what travels as text.
func appendLiteral(b *dialect.Builder, f dialect.Func) {
	arg, ok := f.Args[0].(dialect.Arg)
	switch {
	case ok && f.Kind == dialect.Decimal:
		b.Cast(arg, fmt.Sprintf("DECIMAL(65,%d)", arg.Scale(maxScale)))
	case f.Kind == dialect.Time:
		b.Cast(f.Args[0], "DATETIME(6)")
	default:
		f.Args[0].Append(b)
	}
}

func appendAggregate(b *dialect.Builder, f dialect.Func) {
	switch f.Name {
	case dialect.CountOf:
		b.Call("count", f.Args...)
	case dialect.CountDistinct:
		b.Call("count", dialect.Distinct{Operand: f.Args[0]})
	case dialect.SumOf, dialect.TotalOf:
		// The sum of integers is a decimal. It is left one, as a cast would cut what is too large.
		b.Raw("coalesce(sum(")
		f.Args[0].Append(b)
		b.Raw("), 0)")
	case dialect.AvgOf:
		// avg of integers has four digits; a float sum keeps what a float can.
		b.Raw("((sum(")
		f.Args[0].Append(b)
		b.Raw(") + 0e0) / nullif(")
		b.Call("count", f.Args...)
		b.Raw(", 0))")
	case dialect.MinOf:
		b.Call("min", f.Args...)
	case dialect.MaxOf:
		b.Call("max", f.Args...)
	}
}

// formats are the beginnings of units that a format can write.
var formats = map[dialect.Unit]string{
	dialect.Year: "%Y-01-01 00:00:00", dialect.Month: "%Y-%m-01 00:00:00", dialect.Day: "%Y-%m-%d 00:00:00",
	dialect.Hour: "%Y-%m-%d %H:00:00", dialect.Minute: "%Y-%m-%d %H:%i:00", dialect.Second: "%Y-%m-%d %H:%i:%s",
}

func appendTruncate(b *dialect.Builder, f dialect.Func) {
	at := f.Args[0]
	b.Raw("CAST(")
	switch f.Unit {
	case dialect.Quarter:
		b.Raw("DATE_FORMAT(")
		at.Append(b)
		b.Raw(", '%Y-01-01 00:00:00') + INTERVAL (QUARTER(")
		at.Append(b)
		b.Raw(") - 1) * 3 MONTH")
	case dialect.Week:
		b.Raw("DATE(")
		at.Append(b)
		b.Raw(") - INTERVAL WEEKDAY(")
		at.Append(b)
		b.Raw(") DAY")
	default:
		b.Raw("DATE_FORMAT(")
		at.Append(b)
		b.Raw(", '" + formats[f.Unit] + "')")
	}
	b.Raw(" AS DATETIME(6))")
}

// found is what is at the path, as JSON.
type found struct{ dialect.Func }

func (e found) Append(b *dialect.Builder) { b.Call("JSON_EXTRACT", e.Args[0], e.QuotedPath()) }

// text is a JSON value without its quotation marks.
type text struct{ found }

func (e text) Append(b *dialect.Builder) { b.Call("JSON_UNQUOTE", e.found) }

// whole is a JSON number as a decimal that is wide enough for any bigint.
type whole struct{ text }

func (e whole) Append(b *dialect.Builder) { b.Cast(e.text, "DECIMAL(65,30)") }

// appendPath lets through only values of the kind: JSON's types decide, and of an integer its value.
func appendPath(b *dialect.Builder, f dialect.Func) {
	value := text{found{f}}
	b.Raw("CASE WHEN JSON_TYPE(")
	value.found.Append(b)
	switch f.Kind {
	case dialect.Text:
		b.Raw(") = 'STRING' THEN ")
		value.Append(b)
	case dialect.Bool:
		b.Raw(") = 'BOOLEAN' THEN ")
		value.Append(b)
		b.Raw(" = 'true'")
	case dialect.Float64:
		b.Raw(numeric)
		value.Append(b)
		b.Raw(" + 0e0")
	default:
		n := whole{value}
		b.Raw(numeric + "CASE WHEN ")
		n.Append(b)
		b.Raw(" = FLOOR(")
		n.Append(b)
		b.Raw(") AND ")
		n.Append(b)
		b.Raw(" BETWEEN -9223372036854775808 AND 9223372036854775807 THEN ")
		b.Cast(n, "SIGNED")
		b.Raw(" END")
	}
	b.Raw(" END")
}

// numeric are the words of both servers for numbers.
const numeric = ") IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN "

// AppendExplain appends EXPLAIN, or what each server calls an analysis, which is in one text.
func (d Dialect) AppendExplain(b *dialect.Builder, analyze bool) {
	switch {
	case analyze && d.MariaDB:
		b.Raw("ANALYZE FORMAT=JSON ")
	case analyze:
		b.Raw("EXPLAIN ANALYZE ")
	default:
		b.Raw("EXPLAIN FORMAT=JSON ")
	}
}
