package rowhouse

import (
	"context"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
)

// fold puts together, in memory, what tenants have computed of their rows: each computes its own groups,
// and groups of the same key become one. It keeps the groups, and of the tenants nothing.
type fold struct {
	columns []dialect.Expr // that every tenant is asked for
	kinds   []dialect.Kind // of the columns
	key     []int          // columns that make the key
	parts   []part

	group   []operand // what is grouped by
	apart   bool      // no group is of two tenants, as it is grouped by them
	groups  map[string]*folded
	ordered []*folded // in the order in which they came
	mu      sync.Mutex
}

// part is an aggregate, and the columns that its tallies take.
type part struct {
	tallied

	of dialect.Expr
	at []int
}

// folded is a group.
type folded struct {
	row     []any   // as the tenant has it that came first
	tallies []tally // one for each part
}

var errNoCell = invalid("a value is of a type that the engine alone knows, and cannot be put together across tenants")

// newFold begins to fold what is grouped so.
func newFold(group []operand) *fold {
	f := &fold{group: group, groups: map[string]*folded{}}
	f.apart = slices.ContainsFunc(group, func(o operand) bool { return isTenant(o.expr) })
	return f
}

// ask has every tenant be asked for an expression, and returns its column.
func (f *fold) ask(e dialect.Expr, k dialect.Kind) (int, error) {
	if at := slices.IndexFunc(f.columns, func(c dialect.Expr) bool { return reflect.DeepEqual(c, e) }); at >= 0 {
		return at, nil
	}
	if newCell(k) == nil {
		return 0, errNoCell
	}
	f.columns, f.kinds = append(f.columns, e), append(f.kinds, k)
	return len(f.columns) - 1, nil
}

// keyed has the groups be told apart by what is grouped by, or else by all that is distinct.
func (f *fold) keyed(by []operand) error {
	for _, o := range by {
		at, err := f.ask(o.expr, o.kind())
		if err != nil {
			return err
		}
		f.key = append(f.key, at)
	}
	return nil
}

// tally has an aggregate be put together, and returns which part it is.
func (f *fold) tally(e dialect.Expr) (int, error) {
	if at := slices.IndexFunc(f.parts, func(p part) bool { return reflect.DeepEqual(p.of, e) }); at >= 0 {
		return at, nil
	}
	t, err := tallyOf(e)
	if err != nil {
		return 0, err
	}
	p := part{tallied: t, of: e}
	for i, e := range t.asked {
		at, err := f.ask(e, t.kinds[i])
		if err != nil {
			return 0, err
		}
		p.at = append(p.at, at)
	}
	f.parts = append(f.parts, p)
	return len(f.parts) - 1, nil
}

// begin makes the group of no rows at all, which there is where nothing is grouped by.
func (f *fold) begin() {
	f.grouped("", make([]any, len(f.columns)))
}

// add takes a tenant's groups.
func (f *fold) add(ctx context.Context, rows [][]any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, row := range rows {
		if i%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if f.apart {
			f.ordered = append(f.ordered, &folded{row: row})
			continue
		}
		g := f.grouped(f.keyOf(row), row)
		for j, p := range f.parts {
			values := make([]any, len(p.at))
			for k, at := range p.at {
				values[k] = row[at]
			}
			if err := g.tallies[j].add(values); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *fold) grouped(key string, row []any) *folded {
	g := f.groups[key]
	if g == nil {
		g = &folded{row: row, tallies: make([]tally, len(f.parts))}
		for i, p := range f.parts {
			g.tallies[i] = p.start()
		}
		f.groups[key] = g
		f.ordered = append(f.ordered, g)
	}
	return g
}

// keyOf is the same text for two rows of one group.
func (f *fold) keyOf(row []any) string {
	values, kinds := make([]any, len(f.key)), make([]dialect.Kind, len(f.key))
	for i, at := range f.key {
		values[i], kinds[i] = row[at], f.kinds[at]
	}
	return keyOfValues(values, kinds)
}

func keyOfValues(values []any, kinds []dialect.Kind) string {
	var s strings.Builder
	for i, v := range values {
		text := canonicalText(v, kinds[i])
		s.WriteString(strconv.Itoa(len(text)))
		s.WriteString(text)
	}
	return s.String()
}

// canonicalText is the same text for equal values of a kind, and begins with another letter for NULL.
func canonicalText(v any, k dialect.Kind) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case string:
		if k != dialect.Decimal {
			return "=" + v
		}
		if n, ok := new(big.Rat).SetString(v); ok {
			return "=" + n.RatString()
		}
		return "=" + v
	case float64:
		return "=" + strconv.FormatFloat(v+0, 'g', -1, 64) // negative zero is zero
	case time.Time:
		return "=" + strconv.FormatInt(v.UnixMicro(), 10)
	case []byte:
		return "=" + string(v)
	}
	return "=" + fmt.Sprint(v)
}
