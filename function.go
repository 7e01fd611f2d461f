package rowhouse

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Literal is a constant. It travels as an argument, as every value does.
func Literal[T, V any](v V) Expr[T, V] {
	o := operand{name: "a literal", computed: true, codec: codecOf(reflect.TypeFor[V]())}
	if o.codec == nil {
		o.err = fmt.Errorf("a literal is a %T, which no column can be", v)
		return Expr[T, V]{o}
	}
	e := Expr[T, V]{o}
	arg, err := e.arg(v)
	e.expr = literal(arg)
	e.err, e.nullable = err, arg.Value == nil
	return e
}

// TenantOf is the id of the tenant that the row belongs to, by the name tenant. Across tenants it is what
// tells their groups apart:
//
//	type Load struct {
//		Tenant string
//		Cases  int64
//	}
//	tenant := rowhouse.TenantOf[Case]()
//	rowhouse.Select[Load](Cases.Across(db.All()), tenant, rowhouse.Count[Case]().As("cases")).GroupBy(tenant)
//
// A tenant without a row has no group. In the common house it is "".
func TenantOf[T any]() Expr[T, string] {
	return Expr[T, string]{operand{expr: tenantExpr, codec: codecOf(reflect.TypeFor[string]()), name: "tenant"}}
}

// tenantExpr is filled in where every statement gets its tenant.
var tenantExpr = literal(dialect.Arg{Value: dialect.Discriminator{}, Kind: dialect.Text})

func isTenant(e dialect.Expr) bool { return reflect.DeepEqual(e, tenantExpr) }

func literal(a dialect.Arg) dialect.Expr {
	return dialect.Func{Name: dialect.Literal, Args: []dialect.Expr{a}, Kind: a.Kind}
}

// isLiteral returns the argument of a literal.
func isLiteral(e dialect.Expr) (dialect.Arg, bool) {
	f, ok := e.(dialect.Func)
	if !ok || f.Name != dialect.Literal {
		return dialect.Arg{}, false
	}
	a, ok := f.Args[0].(dialect.Arg)
	return a, ok
}

// Add is a + b, of numbers. Integers are added as int64 and decimals as decimals; what overflows is an
// error of the statement on every engine.
func Add[T, V any](a, b Value[T, V]) Expr[T, V] { return arithmetic(dialect.AddFunc, a, b) }

// Sub is a - b, as [Add] is a + b.
func Sub[T, V any](a, b Value[T, V]) Expr[T, V] { return arithmetic(dialect.SubFunc, a, b) }

// Mul is a * b, as [Add] is a + b.
func Mul[T, V any](a, b Value[T, V]) Expr[T, V] { return arithmetic(dialect.MulFunc, a, b) }

// Div is a / b, of integers or floats; integers are cut towards zero, as Go does. It is NULL where b is
// zero. Decimals are refused: each engine would round elsewhere.
func Div[T, V any](a, b Value[T, V]) Expr[T, V] {
	e := arithmetic(dialect.DivFunc, a, b)
	e.nullable = true
	if f, ok := e.expr.(dialect.Func); ok && f.Kind == dialect.Decimal {
		e.err = errors.Join(e.err, errors.New("decimals are not divided: each engine would round elsewhere; divide in Go"))
	}
	return e
}

// Abs is v without its sign, of a number.
func Abs[T, V any](v Value[T, V]) Expr[T, V] { return arithmetic(dialect.AbsFunc, v) }

func arithmetic[T, V any](name dialect.FuncName, vs ...Value[T, V]) Expr[T, V] {
	return function(name, numeric, vs...)
}

// Concat is one text after the other. It is NULL if any of them is; see [Coalesce].
func Concat[T, V any](vs ...Value[T, V]) Expr[T, V] { return function(dialect.Concat, textual, vs...) }

// Coalesce is the first of the values that is not NULL.
func Coalesce[T, V any](v Value[T, V], others ...Value[T, V]) Expr[T, V] {
	all := append([]Value[T, V]{v}, others...)
	e := function(dialect.Coalesce, nil, all...)
	e.nullable = !slices.ContainsFunc(all, func(v Value[T, V]) bool { return !valueOf(v).nullable })
	return e
}

// Lower is a text in lower case, letter by letter, by what the database knows of letters: on PostgreSQL
// a database in the locale C knows those of ASCII alone.
func Lower[T, V any](v Value[T, V]) Expr[T, V] { return function(dialect.Lower, textual, v) }

// Upper is a text in upper case, as [Lower] is in lower.
func Upper[T, V any](v Value[T, V]) Expr[T, V] { return function(dialect.Upper, textual, v) }

// Length is the number of a text's characters, that is of its code points.
func Length[T, V any](v Value[T, V]) Expr[T, int64] {
	return Expr[T, int64]{function(dialect.Length, textual, v).typed(reflect.TypeFor[int64]())}
}

// DatePart is a part of the calendar, for [Truncate].
type DatePart = dialect.Unit

// The parts. A week begins on Monday, as ISO 8601 has it.
const (
	Year    = dialect.Year
	Quarter = dialect.Quarter
	Month   = dialect.Month
	Week    = dialect.Week
	Day     = dialect.Day
	Hour    = dialect.Hour
	Minute  = dialect.Minute
	Second  = dialect.Second
)

// Truncate is the beginning of the year, month and so on that a time is in. All is in UTC.
func Truncate[T, V any](v Value[T, V], part DatePart) Expr[T, V] {
	e := function(dialect.Truncate, nil, v)
	if k := valueOf(v).kind(); k != dialect.Time {
		e.err = errors.Join(e.err, fmt.Errorf("%s is %s; Truncate is for times", valueOf(v).name, k))
	}
	if part.String() == "" {
		e.err = errors.Join(e.err, errors.New("Truncate to no part of the calendar; it is one of Year to Second"))
	}
	if f, ok := e.expr.(dialect.Func); ok {
		f.Unit = part
		e.expr = f
	}
	return e
}

// JSONPath is the value at a path of objects' keys in a JSON column, if it is what V is: a JSON string
// for a string, true or false for a bool, a number for a float, and a number without a fraction that
// fits into 64 bits for an integer. Anything else there, and nothing, is NULL.
//
//	theme := rowhouse.JSONPath[string](CaseSettings, "display", "theme")
//
// A key can have neither quotation marks nor backslashes nor control characters.
func JSONPath[V, T any](document AnyValue[T], path ...string) Expr[T, V] {
	of := anyValueOf(document)
	o := of.operand
	if o.kind() != dialect.JSON {
		o.err = errors.Join(o.err, fmt.Errorf("%s is %s; JSONPath is for json", o.name, o.kind()))
	}
	if len(path) == 0 {
		o.err = errors.Join(o.err, errors.New("JSONPath has no keys"))
	}
	for _, key := range path {
		if key == "" || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0x7f }) {
			o.err = errors.Join(o.err, fmt.Errorf("JSONPath: %q is no key that every engine can look for", key))
		}
	}
	o = o.typed(reflect.TypeFor[V]())
	f := dialect.Func{Name: dialect.JSONPath, Args: []dialect.Expr{o.expr}, Path: slices.Clone(path)}
	switch k := o.kind(); k {
	case dialect.Text, dialect.Bool:
		f.Kind = k
	case dialect.Float32, dialect.Float64:
		f.Kind = dialect.Float64
	case dialect.Int16, dialect.Int32, dialect.Int64:
		f.Kind = dialect.Int64
	default:
		o.err = errors.Join(o.err, fmt.Errorf("JSONPath gives strings, bools and numbers, and no %s", reflect.TypeFor[V]()))
	}
	o.expr, o.nullable, o.pointed = f, true, false
	o.name, o.computed = "the JSON path "+strings.Join(path, "."), true
	return Expr[T, V]{o}
}

// Choice is the value of the first condition that holds. It is itself a [Value], NULL where none holds;
// [Choice.Else] says otherwise. It is immutable.
type Choice[T, V any] struct {
	Expr[T, V]

	conditions []Predicate[T]
	values     []Value[T, V]
}

// When is v where p holds:
//
//	rowhouse.When(CasePriority.Ge(3), rowhouse.Literal[Case]("urgent")).Else(CaseStatus)
func When[T, V any](p Predicate[T], v Value[T, V]) Choice[T, V] { return Choice[T, V]{}.When(p, v) }

// When adds another condition, for where those before do not hold.
func (c Choice[T, V]) When(p Predicate[T], v Value[T, V]) Choice[T, V] {
	c.conditions, c.values = append(slices.Clip(c.conditions), p), append(slices.Clip(c.values), v)
	c.Expr = c.choose()
	c.nullable = true
	return c
}

// Else is v where no condition holds.
func (c Choice[T, V]) Else(v Value[T, V]) Expr[T, V] { return c.choose(v) }

func (c Choice[T, V]) choose(otherwise ...Value[T, V]) Expr[T, V] {
	values := slices.Concat(c.values, otherwise)
	e := function(dialect.CaseFunc, nil, values...)
	f, ok := e.expr.(dialect.Func)
	if !ok {
		return e
	}
	args := make([]dialect.Expr, 0, 2*len(values))
	for i, v := range f.Args {
		if i < len(c.conditions) {
			p := c.conditions[i]
			if p.expr == nil {
				e.err = errors.Join(e.err, errEmpty)
			}
			e.operand = e.with(p.operand)
			args = append(args, p.expr)
		}
		args = append(args, v)
	}
	f.Args = args
	e.expr = f
	return e
}

// Compare is a op b, for two values of a row; op is one of = <> < <= > >=. Where either is NULL, the row
// does not match.
func Compare[T, V any](a Value[T, V], op string, b Value[T, V]) Predicate[T] {
	e := function(dialect.Coalesce, equatable, a, b)
	f, ok := e.expr.(dialect.Func)
	if !ok {
		return e.condition(nil, nil)
	}
	if !slices.Contains([]string{"=", "<>", "<", "<=", ">", ">="}, op) {
		return e.condition(nil, fmt.Errorf("Compare: %q is none of = <> < <= > >=", op))
	}
	return e.condition(dialect.Compare{Left: f.Args[0], Op: op, Right: f.Args[1]}, nil)
}

// numeric, textual and equatable say what is wrong with a kind as an operand, if anything.
func numeric(k dialect.Kind) string {
	switch class(k) {
	case dialect.Int64, dialect.Float64, dialect.Decimal:
		return ""
	}
	return "no number"
}

func textual(k dialect.Kind) string {
	if k != dialect.Text {
		return "no text"
	}
	return ""
}

func equatable(k dialect.Kind) string {
	switch k {
	case dialect.JSON, dialect.Other:
		return "nothing that every engine compares alike"
	}
	return ""
}

// orderable are the kinds that have a smallest value on every engine.
func orderable(k dialect.Kind) string {
	switch k {
	case dialect.Bool, dialect.UUID, dialect.Bytes, dialect.JSON, dialect.Other:
		return "nothing that every engine has a smallest of"
	}
	return ""
}

// class is the widest kind of those that are calculated as one.
func class(k dialect.Kind) dialect.Kind {
	switch k {
	case dialect.Int16, dialect.Int32:
		return dialect.Int64
	case dialect.Float32:
		return dialect.Float64
	}
	return k
}

// function is a function of values, each of which suits.
func function[T, V any](name dialect.FuncName, wrong func(dialect.Kind) string, vs ...Value[T, V]) Expr[T, V] {
	if len(vs) == 0 {
		return Expr[T, V]{operand{err: fmt.Errorf("%s of nothing", name)}}
	}
	operands := make([]operand, len(vs))
	for i, v := range vs {
		operands[i] = valueOf(v).operand
	}
	return Expr[T, V]{combined(name, wrong, operands)}
}

// combined is a function of operands of one class. A literal takes its kind from the others, whose Go
// type it shares.
func combined(name dialect.FuncName, wrong func(dialect.Kind) string, operands []operand) operand {
	lead := operands[0]
	for _, o := range operands {
		if _, constant := isLiteral(o.expr); !constant {
			lead = o
			break
		}
	}
	all := operand{codec: lead.codec, pointed: lead.pointed, computed: true}
	f := dialect.Func{Name: name, Kind: class(lead.kind()), Args: make([]dialect.Expr, len(operands))}
	names := make([]string, len(operands))
	for i, o := range operands {
		all = all.with(o)
		all.nullable = all.nullable || o.nullable
		if o.expr == nil && o.err == nil {
			all.err = errors.Join(all.err, fmt.Errorf("%s: an operand was not made by Col", name))
		}
		f.Args[i], names[i] = o.expr, o.name
		if a, constant := isLiteral(o.expr); constant && o.kind() != lead.kind() {
			a.Kind = lead.kind()
			f.Args[i] = literal(a)
		} else if class(o.kind()) != f.Kind {
			all.err = errors.Join(all.err, fmt.Errorf("%s: %s is %s and %s is %s", name, lead.name, lead.kind(), o.name, o.kind()))
		}
	}
	if all.err == nil && wrong != nil {
		if problem := wrong(lead.kind()); problem != "" {
			all.err = fmt.Errorf("%s: %s is %s, which is %s", name, lead.name, lead.kind(), problem)
		}
	}
	all.expr, all.name = f, name.String()+"("+strings.Join(names, ", ")+")"
	return all
}

// typed is the operand with values of another Go type.
func (o operand) typed(t reflect.Type) operand {
	o.codec, o.pointed = codecOf(t), false
	if o.codec == nil {
		o.err = errors.Join(o.err, fmt.Errorf("a %s is no column", t))
	}
	return o
}

// codecs are those of types that no field tells more of, by reflect.Type. It is a cache of what is a
// pure function of the type.
var codecs sync.Map // of *model.Codec, nil for a type that has none

func codecOf(t reflect.Type) *model.Codec {
	if c, ok := codecs.Load(t); ok {
		return c.(*model.Codec)
	}
	c, _ := codecs.LoadOrStore(t, model.CodecOf(t))
	return c.(*model.Codec)
}

// SetTo gives the column the value of an expression on the row as it was.
func (c Column[T, V]) SetTo(v Value[T, V]) Assignment[T] {
	a := setTo[T](c.operand, valueOf(v).operand)
	a.at = c.at
	return a
}

func setTo[T any](c, v operand) Assignment[T] {
	e := combined(dialect.Coalesce, nil, []operand{c, v})
	a := Assignment[T]{s: c.s, err: e.err}
	if f, ok := e.expr.(dialect.Func); ok && e.err == nil {
		a.value = f.Args[1]
	}
	switch {
	case e.aggregate:
		a.err = errors.New("an aggregate is one value of many rows, and none of a row to set")
	case len(e.joins) > 0:
		a.err = errors.New("a write cannot join: SetTo takes values of the row itself")
	case len(e.origins) > 0:
		a.err = errors.New("SetTo takes values of the row itself, and no sub-query")
	}
	return a
}
