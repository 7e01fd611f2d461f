package rowhouse

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
)

// tally is an aggregate of one group while tenants' parts of it come in.
type tally interface {
	// add takes a tenant's part.
	add(part []any) error
	// result is the aggregate of all that came.
	result() (any, error)
}

// tallied is an aggregate across tenants: what each is asked for, and what puts the answers together.
type tallied struct {
	asked []dialect.Expr
	kinds []dialect.Kind // of what is asked for
	kind  dialect.Kind   // of the aggregate
	start func() tally
}

// tallyOf returns how an aggregate is put together, or says why it cannot be.
func tallyOf(e dialect.Expr) (tallied, error) {
	f, ok := e.(dialect.Func)
	if !ok {
		return counting(e), nil // count(*)
	}
	of := func(name dialect.FuncName, args ...dialect.Expr) dialect.Expr {
		return dialect.Func{Name: name, Args: args, Kind: f.Kind}
	}
	switch arg := f.Args[0]; f.Name {
	case dialect.CountOf:
		return counting(f), nil
	case dialect.SumOf:
		return summing(of(dialect.TotalOf, arg), f.Kind), nil
	case dialect.AvgOf:
		sum := summing(of(dialect.TotalOf, arg), f.Kind)
		return tallied{
			asked: append(sum.asked, of(dialect.CountOf, arg)), kinds: append(sum.kinds, dialect.Int64), kind: dialect.Float64,
			start: func() tally { return &meanTally{sum: sum.start()} },
		}, nil
	case dialect.MinOf, dialect.MaxOf:
		if f.Kind == dialect.Text {
			f.Args = []dialect.Expr{dialect.Bytewise{Operand: arg}} // two databases may have two orders of letters
		}
		return tallied{
			asked: []dialect.Expr{f}, kinds: []dialect.Kind{f.Kind}, kind: f.Kind,
			start: func() tally { return &extremeTally{least: f.Name == dialect.MinOf, between: compareKind(f.Kind)} },
		}, nil
	case dialect.CountDistinct:
		return tallied{}, invalid("%s across tenants: a value that two of them have would count twice; "+
			"count the results of Select with Distinct instead, or group by TenantOf", f.Name)
	}
	return tallied{}, invalid("%s across tenants: not known how to put it together", f.Name)
}

func counting(e dialect.Expr) tallied {
	return tallied{
		asked: []dialect.Expr{e}, kinds: []dialect.Kind{dialect.Int64}, kind: dialect.Int64,
		start: func() tally { return &countTally{} },
	}
}

// summing asks for a sum as a decimal, where that has no end, unless it is of floats.
func summing(total dialect.Expr, kind dialect.Kind) tallied {
	t := tallied{asked: []dialect.Expr{total}, kinds: []dialect.Kind{dialect.Decimal}, kind: kind}
	switch kind {
	case dialect.Float64:
		t.kinds = []dialect.Kind{dialect.Float64}
		t.start = func() tally { return &floatTally{} }
	case dialect.Int64:
		t.start = func() tally { return &wholeTally{} }
	default:
		t.start = func() tally { return &decimalTally{} }
	}
	return t
}

type countTally struct{ n int64 }

func (t *countTally) add(part []any) error {
	t.n += part[0].(int64)
	return nil
}

func (t *countTally) result() (any, error) { return t.n, nil }

type floatTally struct{ sum float64 }

func (t *floatTally) add(part []any) error {
	t.sum += part[0].(float64)
	return nil
}

func (t *floatTally) result() (any, error) { return t.sum, nil }

// decimalTally adds decimals exactly, with as many digits after the point as any of them has.
type decimalTally struct {
	sum   big.Rat
	scale int
}

func (t *decimalTally) add(part []any) error {
	text := decimalText(part[0])
	var n big.Rat
	if _, ok := n.SetString(text); !ok {
		return invalid("a tenant's sum is no finite number, and is added to none")
	}
	t.sum.Add(&t.sum, &n)
	_, digits, _ := strings.Cut(text, ".")
	t.scale = max(t.scale, len(digits))
	return nil
}

func (t *decimalTally) result() (any, error) { return t.sum.FloatString(t.scale), nil }

// wholeTally adds integers. Only what all of them come to has to fit.
type wholeTally struct{ decimalTally }

func (t *wholeTally) result() (any, error) {
	n := t.sum.Num()
	if !t.sum.IsInt() || !n.IsInt64() {
		return nil, invalid("a sum of integers is beyond 64 bits")
	}
	return n.Int64(), nil
}

// meanTally is a sum and the number of what was summed up.
type meanTally struct {
	sum tally
	n   int64
}

func (t *meanTally) add(part []any) error {
	t.n += part[1].(int64)
	return t.sum.add(part)
}

func (t *meanTally) result() (any, error) {
	if t.n == 0 {
		return nil, nil
	}
	var sum float64
	switch s := t.sum.(type) {
	case *floatTally:
		sum = s.sum
	case *wholeTally:
		sum, _ = s.sum.Float64()
	case *decimalTally:
		sum, _ = s.sum.Float64()
	default:
		return nil, fmt.Errorf("rowhouse: a mean of a %T", s)
	}
	return sum / float64(t.n), nil
}

type extremeTally struct {
	least   bool
	between func(a, b any) int
	value   any
}

func (t *extremeTally) add(part []any) error {
	v := part[0]
	if v == nil {
		return nil
	}
	if t.value == nil || (t.between(v, t.value) < 0) == t.least && t.between(v, t.value) != 0 {
		t.value = v
	}
	return nil
}

func (t *extremeTally) result() (any, error) { return t.value, nil }
