package rowhouse

import (
	"reflect"
	"slices"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// computed is a value of a group that is put together of many tenants' rows. Conditions are values that
// are true, false, or nil where SQL's are unknown.
type computed struct {
	kind dialect.Kind
	of   func(g *folded) (any, error)
}

// value is a value that a result has.
func (f *fold) value(o operand) (computed, error) {
	if _, fixed := isLiteral(o.expr); f.apart || !fixed && !aggregates(o.expr) {
		return f.column(o.expr, o.kind())
	}
	return f.computed(o.expr)
}

// column is a value that tenants compute, so that a group has that of its first.
func (f *fold) column(e dialect.Expr, k dialect.Kind) (computed, error) {
	at, err := f.ask(e, k)
	return computed{k, func(g *folded) (any, error) { return g.row[at], nil }}, err
}

// computed compiles an expression on a group: what has no aggregate in it the tenants compute, and what
// is made of aggregates is computed here.
func (f *fold) computed(e dialect.Expr) (computed, error) {
	for _, g := range f.group {
		if reflect.DeepEqual(g.expr, e) {
			return f.column(g.expr, g.kind())
		}
	}
	switch e := e.(type) {
	case dialect.Arg:
		if isTenant(literal(e)) {
			return computed{}, invalid("TenantOf across tenants has a value for each of them; group by it")
		}
		return constant(e)
	case dialect.Truth:
		return constant(dialect.Arg{Value: bool(e), Kind: dialect.Bool})
	case dialect.CountAll:
		return f.aggregate(e)
	case dialect.Func:
		return f.function(e)
	case dialect.Compare:
		return f.comparison(e)
	case dialect.In:
		return f.membership(e)
	case dialect.Between:
		return f.computed(dialect.And{
			dialect.Compare{Left: e.Low, Op: "<=", Right: e.Operand}, dialect.Compare{Left: e.Operand, Op: "<=", Right: e.High},
		})
	case dialect.Null:
		return f.nullness(e)
	case dialect.And:
		return f.junction(e, false)
	case dialect.Or:
		return f.junction(e, true)
	case dialect.Not:
		return f.negation(e)
	}
	return f.carried(e)
}

// constant is an argument as the values of its kind are.
func constant(a dialect.Arg) (computed, error) {
	to := newCell(a.Kind)
	if to == nil {
		return computed{}, errNoCell
	}
	if err := driver.Convert(to.dest(), a.Value); err != nil {
		return computed{}, invalid("a value is no %s: %v", a.Kind, err)
	}
	v := to.take()
	return computed{a.Kind, func(*folded) (any, error) { return v, nil }}, nil
}

func (f *fold) aggregate(e dialect.Expr) (computed, error) {
	at, err := f.tally(e)
	if err != nil {
		return computed{}, err
	}
	return computed{f.parts[at].kind, func(g *folded) (any, error) { return g.tallies[at].result() }}, nil
}

// carried is what follows from what is grouped by.
func (f *fold) carried(e dialect.Expr) (computed, error) {
	k, known := kindOf(e)
	if !known || aggregates(e) {
		return computed{}, invalid("across tenants, only comparisons, Coalesce and When are computed of aggregates; " +
			"select the aggregates, and compute the rest in Go, or group by TenantOf")
	}
	return f.column(e, k)
}

func (f *fold) function(e dialect.Func) (computed, error) {
	switch {
	case e.Name.Aggregates():
		return f.aggregate(e)
	case e.Name == dialect.Literal:
		return f.computed(e.Args[0])
	case !aggregates(e):
		return f.carried(e)
	case e.Name == dialect.Coalesce:
		return f.coalesce(e)
	case e.Name == dialect.CaseFunc:
		return f.choice(e)
	}
	return f.carried(e)
}

// all compiles several expressions.
func (f *fold) all(list ...dialect.Expr) ([]computed, error) {
	compiled := make([]computed, len(list))
	for i, e := range list {
		var err error
		if compiled[i], err = f.computed(e); err != nil {
			return nil, err
		}
	}
	return compiled, nil
}

func (f *fold) coalesce(e dialect.Func) (computed, error) {
	list, err := f.all(e.Args...)
	return computed{e.Kind, func(g *folded) (any, error) {
		for _, c := range list {
			if v, err := c.of(g); v != nil || err != nil {
				return v, err
			}
		}
		return nil, nil
	}}, err
}

// choice takes the first value whose condition holds: conditions and values stand in turn, and the last
// may be a value alone.
func (f *fold) choice(e dialect.Func) (computed, error) {
	list, err := f.all(e.Args...)
	return computed{e.Kind, func(g *folded) (any, error) {
		for i := 0; i+1 < len(list); i += 2 {
			if is, err := list[i].of(g); err != nil {
				return nil, err
			} else if is == true {
				return list[i+1].of(g)
			}
		}
		if len(list)%2 == 0 {
			return nil, nil
		}
		return list[len(list)-1].of(g)
	}}, err
}

// holds are the operators by what a comparison may come to.
var holds = map[string]func(c int) bool{
	"=": func(c int) bool { return c == 0 }, "<>": func(c int) bool { return c != 0 },
	"<": func(c int) bool { return c < 0 }, "<=": func(c int) bool { return c <= 0 },
	">": func(c int) bool { return c > 0 }, ">=": func(c int) bool { return c >= 0 },
}

func (f *fold) comparison(e dialect.Compare) (computed, error) {
	list, err := f.all(e.Left, e.Right)
	is := holds[e.Op]
	if err != nil || is == nil || equatable(list[0].kind) != "" {
		return f.failed(e, err)
	}
	between := compareKind(class(list[0].kind))
	return computed{dialect.Bool, func(g *folded) (any, error) {
		a, err := list[0].of(g)
		if err != nil || a == nil {
			return nil, err
		}
		b, err := list[1].of(g)
		if err != nil || b == nil {
			return nil, err
		}
		return is(between(a, b)), nil
	}}, nil
}

// failed is why an expression cannot be computed here.
func (f *fold) failed(e dialect.Expr, err error) (computed, error) {
	if err != nil {
		return computed{}, err
	}
	return f.carried(e)
}

// membership is equality with any of some values.
func (f *fold) membership(e dialect.In) (computed, error) {
	or := make(dialect.Or, len(e.Values))
	for i, v := range e.Values {
		or[i] = dialect.Compare{Left: e.Operand, Op: "=", Right: dialect.Arg{Value: v, Kind: e.Kind}}
	}
	return f.computed(or)
}

func (f *fold) nullness(e dialect.Null) (computed, error) {
	c, err := f.computed(e.Operand)
	return computed{dialect.Bool, func(g *folded) (any, error) {
		v, err := c.of(g)
		return (v == nil) != e.Not, err
	}}, err
}

func (f *fold) negation(e dialect.Not) (computed, error) {
	c, err := f.computed(e.Operand)
	return computed{dialect.Bool, func(g *folded) (any, error) {
		v, err := c.of(g)
		if is, known := v.(bool); known {
			return !is, err
		}
		return nil, err
	}}, err
}

// junction is AND or OR: the one that decides wins over unknown.
func (f *fold) junction(list []dialect.Expr, decides bool) (computed, error) {
	all, err := f.all(list...)
	return computed{dialect.Bool, func(g *folded) (any, error) {
		var unknown bool
		for _, c := range all {
			v, err := c.of(g)
			if err != nil || v == decides {
				return v, err
			}
			unknown = unknown || v == nil
		}
		if unknown {
			return nil, nil
		}
		return !decides, nil
	}}, err
}

// aggregates reports whether an expression has an aggregate in it.
func aggregates(e dialect.Expr) bool {
	if isAggregate(e) {
		return true
	}
	if via, is := e.(dialect.Via); is {
		return aggregates(via.Operand)
	}
	parts, _ := dialect.Operands(e)
	return slices.ContainsFunc(parts, aggregates)
}

// kindOf is what the values of an expression without aggregates are, where that can be told.
func kindOf(e dialect.Expr) (dialect.Kind, bool) {
	switch e := e.(type) {
	case dialect.Func:
		if e.Name == dialect.Length {
			return dialect.Int64, true
		}
		return e.Kind, true
	case dialect.Via:
		return kindOf(e.Operand)
	case dialect.Like:
		return dialect.Bool, true
	}
	return dialect.Other, false
}
