package dialect

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
)

// FuncName is a function that means the same on every engine.
type FuncName uint8

// The functions. Arithmetic is that of the class of numbers that [Func.Kind] tells: Int64, Float64 or
// Decimal.
const (
	Literal   FuncName = iota + 1 // the argument, as a value of its kind
	AddFunc                       // a + b; overflow is an error
	SubFunc                       // a - b
	MulFunc                       // a * b
	DivFunc                       // a / b, which cuts integers towards zero; NULL when b is zero
	AbsFunc                       // without its sign
	Concat                        // texts one after the other; NULL if any is
	Coalesce                      // the first that is not NULL
	CaseFunc                      // condition, value, condition, value, …, and what else
	Lower                         // in lower case, character by character
	Upper                         // in upper case, likewise
	Length                        // number of characters
	Truncate                      // the beginning of the Unit that a time is in, in UTC
	JSONPath                      // what is at Path in a document, if it is of Kind; else NULL
	ExtraOf                       // the value of a tenant's own column, of Type, at Path in a document
	JSONSet                       // a document with the value of such a column
	JSONMerge                     // a document with the values of another one
	Narrow                        // an integer, an error if it does not fit Kind where no column will say so

	// CountOf and what follows are aggregates.

	CountOf       // number of values that are not NULL
	CountDistinct // number of different values
	SumOf         // zero for none
	TotalOf       // the same, of integers too with as many digits as it takes, where the engine can
	AvgOf         // as a float
	MinOf
	MaxOf
)

var funcNames = [...]string{
	Literal: "literal", AddFunc: "add", SubFunc: "sub", MulFunc: "mul", DivFunc: "div", AbsFunc: "abs",
	Concat: "concat", Coalesce: "coalesce", CaseFunc: "case", Lower: "lower", Upper: "upper", Length: "length",
	Truncate: "truncate", JSONPath: "jsonpath", ExtraOf: "extra", JSONSet: "jsonset", JSONMerge: "jsonmerge",
	Narrow:  "narrow",
	CountOf: "count", CountDistinct: "count distinct",
	SumOf: "sum", TotalOf: "total", AvgOf: "avg", MinOf: "min", MaxOf: "max",
}

// String returns the function's name, for errors.
func (n FuncName) String() string { return funcNames[n] }

// Aggregates reports whether the function makes one value of many rows.
func (n FuncName) Aggregates() bool { return n >= CountOf }

// Unit is a part of the calendar.
type Unit uint8

// The units. A week begins on Monday, as ISO 8601 has it.
const (
	Year Unit = iota + 1
	Quarter
	Month
	Week
	Day
	Hour
	Minute
	Second
)

var unitNames = [...]string{
	Year: "year", Quarter: "quarter", Month: "month", Week: "week", Day: "day", Hour: "hour", Minute: "minute",
	Second: "second",
}

// String returns the unit's name; it is "" for what is no unit.
func (u Unit) String() string {
	if int(u) < len(unitNames) {
		return unitNames[u]
	}
	return ""
}

// Func is a function's value.
type Func struct {
	Name FuncName
	Args []Expr
	Kind Kind     // of the value; of an average, of what it is of
	Unit Unit     // of Truncate
	Path []string // of JSONPath: keys of objects, none with a quotation mark or a backslash
	Type Type     // of ExtraOf and JSONSet
}

// Append writes the function as the dialect does.
func (f Func) Append(b *Builder) {
	switch {
	case b.repeat(f):
	case f.Name.Aggregates():
		// What an aggregate is of is a row's, and has no name in the result.
		outputs := b.outputs
		b.outputs = nil
		b.AppendFunc(b, f)
		b.outputs = outputs
	default:
		b.AppendFunc(b, f)
	}
}

// Call writes name(args).
func (b *Builder) Call(name string, args ...Expr) {
	b.Raw(name + "(")
	b.List(args)
	b.Raw(")")
}

// Infix writes the operands in parentheses, with an operator between.
func (b *Builder) Infix(operator string, args ...Expr) {
	b.Raw("(")
	for i, a := range args {
		if i > 0 {
			b.Raw(" " + operator + " ")
		}
		a.Append(b)
	}
	b.Raw(")")
}

// Cast writes CAST(e AS type).
func (b *Builder) Cast(e Expr, sqlType string) {
	b.Raw("CAST(")
	e.Append(b)
	b.Raw(" AS " + sqlType + ")")
}

// Case writes the CASE of conditions and values, and of one more value for what else.
func (b *Builder) Case(args []Expr) {
	b.Raw("CASE")
	for len(args) > 1 {
		b.Raw(" WHEN ")
		args[0].Append(b)
		b.Raw(" THEN ")
		args[1].Append(b)
		args = args[2:]
	}
	if len(args) == 1 {
		b.Raw(" ELSE ")
		args[0].Append(b)
	}
	b.Raw(" END")
}

// NotZero is an operand that is NULL where it is zero.
type NotZero struct{ Operand Expr }

// Append writes nullif.
func (n NotZero) Append(b *Builder) {
	b.Raw("nullif(")
	n.Operand.Append(b)
	b.Raw(", 0)")
}

// Distinct is an operand of which an aggregate takes each value once.
type Distinct struct{ Operand Expr }

// Append writes DISTINCT before the operand.
func (d Distinct) Append(b *Builder) {
	b.Raw("DISTINCT ")
	d.Operand.Append(b)
}

// Scale is the number of digits after the point of a decimal argument's text: 0 for an integer, and
// most for what is no text.
func (a Arg) Scale(most int) int {
	var text string
	switch v := a.Value.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	case int64:
		return 0
	default:
		return most
	}
	if strings.ContainsAny(text, "eE") {
		return most
	}
	_, digits, _ := strings.Cut(text, ".")
	return min(len(digits), most)
}

// QuotedPath is the path as MySQL and SQLite write it: $."a"."b".
func (f Func) QuotedPath() Arg {
	var s strings.Builder
	s.WriteByte('$')
	for _, key := range f.Path {
		s.WriteString(`."` + key + `"`)
	}
	return Arg{Value: s.String(), Kind: Text}
}

// Fragment is SQL text with operands between its pieces. Whoever makes it has checked the text.
type Fragment struct {
	Pieces   []string // one more than there are operands
	Operands []Expr

	// Symbols says that the text has one of @#[], which are operators on PostgreSQL, and begin
	// comments, variables and identifiers elsewhere.
	Symbols bool

	// Aggregate says that the fragment has one value for many rows.
	Aggregate bool
}

// Append writes the pieces and operands in parentheses.
func (f Fragment) Append(b *Builder) {
	if b.repeat(f) {
		return
	}
	if f.Symbols && b.Name() != "postgres" {
		b.Fail(ErrSymbols)
	}
	b.Raw("(")
	for i, piece := range f.Pieces {
		b.Raw(piece)
		if i < len(f.Operands) {
			f.Operands[i].Append(b)
		}
	}
	b.Raw(")")
}

// Operands returns what an expression on a row is made of, and whether that is all there is to it:
// false for what looks at other rows, or is not known here.
func Operands(e Expr) (parts []Expr, known bool) {
	switch e := e.(type) {
	case nil, Arg, Truth, CountAll, One:
		return nil, true
	case Func:
		return e.Args, true
	case Fragment:
		return e.Operands, true
	case Compare:
		return []Expr{e.Left, e.Right}, true
	case In:
		return []Expr{e.Operand}, true
	case Between:
		return []Expr{e.Operand, e.Low, e.High}, true
	case Like:
		return []Expr{e.Operand}, true
	case Null:
		return []Expr{e.Operand}, true
	case And:
		return e, true
	case Or:
		return e, true
	case Not:
		return []Expr{e.Operand}, true
	case Within:
		return e.Operands, true // the SELECT is on its own
	}
	return nil, false
}

// output is a column of the result that GROUP BY, HAVING and ORDER BY mean when they say the same.
type output struct {
	expr     Expr
	name     string
	from, to int // its text
}

// outputsOf are the columns of a SELECT that must be meant by what follows: an engine takes two
// expressions for the same only if their placeholders are.
type outputsOf struct {
	frame string
	list  []output
}

// named reports whether a column of a SELECT needs a name, for what follows to mean it.
func (s *Select) named(c Expr) bool {
	if _, plain := c.(Ref); plain {
		return false
	}
	if s.Distinct {
		return true
	}
	for _, g := range s.Group {
		if reflect.DeepEqual(g, c) {
			return true
		}
	}
	return false
}

// appendColumns writes the columns of the SELECT and returns those that what follows may mean.
func (s *Select) appendColumns(b *Builder) *outputsOf {
	var list []output
	for i, c := range s.Columns {
		b.comma(i)
		operand, name := c, ""
		if n, ok := c.(Named); ok {
			operand, name = n.Operand, n.As
		}
		from := len(b.buf)
		operand.Append(b)
		to := len(b.buf)
		if s.named(operand) {
			if name == "" {
				name = strconv.Itoa(i + 1)
			}
			list = append(list, output{operand, name, from, to})
		}
		if name != "" {
			b.Raw(" AS ")
			b.Ident(name)
		}
	}
	if list == nil {
		return nil
	}
	return &outputsOf{frame: b.frame, list: list}
}

// repeat writes an expression that is a column of the result already, and reports whether it is. Where
// placeholders are numbered, the same text means the same; elsewhere the column's name does.
func (b *Builder) repeat(e Expr) bool {
	if b.outputs == nil || b.path != "" || b.frame != b.outputs.frame {
		return false
	}
	for _, o := range b.outputs.list {
		if !reflect.DeepEqual(o.expr, e) {
			continue
		}
		if string(b.AppendPlaceholder(nil, 1)) == string(b.AppendPlaceholder(nil, 2)) {
			b.Ident(o.name)
		} else {
			b.copyText(o.from, o.to)
		}
		return true
	}
	return false
}

// copyText writes what was written before, its table slots too.
func (b *Builder) copyText(from, to int) {
	moved := len(b.buf) - from
	b.buf = append(b.buf, b.buf[from:to]...)
	for _, s := range b.slots {
		if from <= s.at && s.at <= to {
			b.slots = append(b.slots, slot{at: s.at + moved, object: s.object})
		}
	}
}

// RowsOf counts the rows of a SELECT.
type RowsOf struct{ Select *Select }

func (s *RowsOf) render(b *Builder) {
	b.Raw("SELECT count(*) FROM (")
	rows := *s.Select
	rows.Columns = make([]Expr, len(s.Select.Columns))
	for i, c := range s.Select.Columns {
		rows.Columns[i] = Named{Operand: c, As: strconv.Itoa(i + 1)}
	}
	rows.render(b)
	b.Raw(") AS ")
	b.Ident(b.alias())
}

// Explain asks for the plan of a SELECT instead of its rows. With Analyze the SELECT runs, and the plan
// tells how that went.
type Explain struct {
	Statement Statement
	Analyze   bool
}

func (s *Explain) render(b *Builder) {
	b.AppendExplain(b, s.Analyze)
	s.Statement.render(b)
}

// ErrSymbols is returned by [Render] for a [Fragment] with symbols that the engine reads as something
// else than operators.
var ErrSymbols = errors.New("a fragment has one of @#[] in it, which are operators on PostgreSQL alone")

// ErrNoAnalyze is returned by [Render] for an [Explain] with Analyze that the engine cannot do.
var ErrNoAnalyze = errors.New("the engine tells no figures of a plan")
