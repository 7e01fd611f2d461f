package rowhouse

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
)

// What the methods of [Expr] and [Column] do, without their types: those are compiled for every model and
// every type of values, and this once.

// compare is a condition on the operand. v points to one of its values.
func (o *operand) compare(op string, v unsafe.Pointer) *operand {
	a, err := o.get().arg(v)
	switch {
	case err != nil:
		return o.condition(nil, err)
	case a.Value == nil && (op == "=" || op == "<>"):
		return o.null(op == "<>")
	}
	return o.condition(dialect.Compare{Left: o.get().expr, Op: op, Right: a}, nil)
}

func (o *operand) null(not bool) *operand {
	return o.condition(dialect.Null{Operand: o.get().expr, Not: not}, nil)
}

// in is a condition by n values, one after the other in memory, each of that size.
func (o *operand) in(first unsafe.Pointer, n int, size uintptr) *operand {
	of := o.get()
	in := dialect.In{Operand: of.expr, Values: make([]any, 0, n), Kind: of.kind()}
	for i := range n {
		a, err := of.arg(unsafe.Add(first, uintptr(i)*size))
		if err != nil {
			return o.condition(nil, err)
		}
		if a.Value != nil {
			in.Values = append(in.Values, a.Value)
		}
	}
	return o.condition(in, nil)
}

func (o *operand) between(low, high unsafe.Pointer) *operand {
	of := o.get()
	l, err := of.arg(low)
	h, err2 := of.arg(high)
	return o.condition(dialect.Between{Operand: of.expr, Low: l, High: h}, errors.Join(err, err2))
}

func (o *operand) like(pattern string) *operand {
	of := o.get()
	switch {
	case of.kind() != dialect.Text:
		return o.condition(nil, fmt.Errorf("column %s is %s; Like is for text", of.name, of.kind()))
	case strings.ContainsRune(pattern, 0):
		return o.condition(nil, errors.New("a Like pattern has a NUL in it, at which some engines stop"))
	case (len(pattern)-len(strings.TrimRight(pattern, `\`)))%2 == 1:
		return o.condition(nil, errors.New(`a Like pattern ends with a backslash that escapes nothing; write \\ for one`))
	}
	return o.condition(dialect.Like{Operand: of.expr, Pattern: pattern}, nil)
}

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func escapeLike(s string) string { return likeEscapes.Replace(s) }

// condition is a predicate on the operand.
func (o *operand) condition(of dialect.Expr, err error) *operand {
	p := o.get()
	if p.expr == nil && p.err == nil {
		err = errors.New("a Column was not made by Col")
	}
	p.expr, p.err = of, errors.Join(p.err, err)
	if p.err != nil {
		p.expr = nil
	}
	return &p
}

// set gives the column at a position a value, which v points to.
func (o *operand) set(at int, v unsafe.Pointer) *assignment {
	of := o.get()
	a, err := of.arg(v)
	return &assignment{s: of.s, at: at, value: a, err: err}
}

func (o *operand) setNull(at int) *assignment {
	of := o.get()
	return &assignment{s: of.s, at: at, value: dialect.Arg{Kind: of.kind()}}
}

func (o *operand) add(at int, v unsafe.Pointer) *assignment {
	of := o.get()
	a, err := of.arg(v)
	if problem := numeric(of.kind()); problem != "" {
		err = fmt.Errorf("column %s is %s; Add is for numbers", of.name, of.kind())
	}
	return &assignment{s: of.s, at: at, err: err, value: dialect.Compare{Left: of.expr, Op: "+", Right: a}}
}
