package isolation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// cond is a predicate in the words of the library and in those of the model.
type cond[T any] struct {
	pred  rowhouse.Predicate[T]
	holds func(*store, *T) truth
	text  string
	empty bool // it says nothing, so writes refuse it
}

// order is one term of an ordering, in both words.
type order[T any] struct {
	by      rowhouse.Order[T]
	compare func(a, b *T) int
	text    string
}

// set is an assignment, in both words.
type set[T any] struct {
	assign rowhouse.Assignment[T]
	apply  func(*T)
	text   string
}

// field is a column with what can be drawn for it.
type field[T any] struct {
	column rowhouse.AnyColumn[T]
	copy   func(to, from *T)
	conds  *rapid.Generator[cond[T]]
	orders *rapid.Generator[order[T]] // nil where engines sort differently
	sets   *rapid.Generator[set[T]]   // nil for keys

	compute *rapid.Generator[computation[T]]
}

// values describes a column: how the model reads it (false for NULL), writes it (nil for NULL)
// and compares it, and which values are drawn.
type values[T, V any] struct {
	column  rowhouse.Column[T, V]
	get     func(*T) (V, bool)
	put     func(*T, *V)
	compare func(a, b V) int
	some    []V
	like    bool // LIKE is for it
	unsized bool // engines sort it differently, so it is neither sorted nor compared by size
	fixed   bool // it cannot be set
	noNull  bool // it is not set to NULL
	add     bool // a number can be added to it
}

func (v values[T, V]) field() field[T] {
	f := field[T]{column: v.column, copy: v.copied, conds: rapid.Custom(v.condition), compute: rapid.Custom(v.compute)}
	if !v.unsized {
		f.orders = rapid.Custom(v.order)
	}
	if !v.fixed {
		f.sets = rapid.Custom(v.set)
	}
	return f
}

func (v values[T, V]) copied(to, from *T) {
	if value, ok := v.get(from); ok {
		v.put(to, &value)
	} else {
		v.put(to, nil)
	}
}

// test is a condition that is unknown for NULL.
func (v values[T, V]) test(p rowhouse.Predicate[T], text string, is func(V) bool) cond[T] {
	return cond[T]{pred: p, text: v.column.Name() + " " + text, holds: func(_ *store, row *T) truth {
		value, ok := v.get(row)
		if !ok {
			return unknown
		}
		return truthOf(is(value))
	}}
}

func (v values[T, V]) condition(t *rapid.T) cond[T] {
	c, x, y := v.column, v.draw(t), v.draw(t)
	kinds := 6
	if !v.unsized {
		kinds = 11
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "comparison") {
	case 0:
		return v.test(c.Eq(x), fmt.Sprintf("= %v", x), func(a V) bool { return v.compare(a, x) == 0 })
	case 1:
		return v.test(c.Ne(x), fmt.Sprintf("<> %v", x), func(a V) bool { return v.compare(a, x) != 0 })
	case 2:
		return v.in(t)
	case 3:
		return v.null(true)
	case 4:
		return v.null(false)
	case 5:
		if v.like {
			return v.matching(t)
		}
		return v.test(c.Eq(y), fmt.Sprintf("= %v", y), func(a V) bool { return v.compare(a, y) == 0 })
	case 6:
		return v.test(c.Lt(x), fmt.Sprintf("< %v", x), func(a V) bool { return v.compare(a, x) < 0 })
	case 7:
		return v.test(c.Le(x), fmt.Sprintf("<= %v", x), func(a V) bool { return v.compare(a, x) <= 0 })
	case 8:
		return v.test(c.Gt(x), fmt.Sprintf("> %v", x), func(a V) bool { return v.compare(a, x) > 0 })
	case 9:
		return v.test(c.Ge(x), fmt.Sprintf(">= %v", x), func(a V) bool { return v.compare(a, x) >= 0 })
	}
	return v.test(c.Between(x, y), fmt.Sprintf("between %v and %v", x, y), func(a V) bool {
		return v.compare(x, a) <= 0 && v.compare(a, y) <= 0
	})
}

func (v values[T, V]) draw(t *rapid.T) V { return rapid.SampledFrom(v.some).Draw(t, v.column.Name()) }

// in is membership; in nothing at all it is false, for NULL too.
func (v values[T, V]) in(t *rapid.T) cond[T] {
	list := rapid.SliceOfN(rapid.SampledFrom(v.some), 0, 4).Draw(t, "list")
	c := v.test(v.column.In(list...), fmt.Sprintf("in %v", list), func(a V) bool {
		for _, x := range list {
			if v.compare(a, x) == 0 {
				return true
			}
		}
		return false
	})
	if len(list) == 0 {
		c.holds = func(*store, *T) truth { return no }
	}
	return c
}

func (v values[T, V]) null(is bool) cond[T] {
	p, text := v.column.IsNull(), " is null"
	if !is {
		p, text = v.column.IsNotNull(), " is not null"
	}
	return cond[T]{pred: p, text: v.column.Name() + text, holds: func(_ *store, row *T) truth {
		_, ok := v.get(row)
		return truthOf(ok != is)
	}}
}

// pieces are what patterns are made of, and what titles contain.
var pieces = []string{"%", "_", `\%`, `\_`, `\\`, "i", "I", "lot", "é", "*", "[", "|", "?"}

func (v values[T, V]) matching(t *rapid.T) cond[T] {
	how := rapid.IntRange(0, 3).Draw(t, "match")
	if how == 0 {
		pattern := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 4).Draw(t, "pattern"), "")
		return v.text(v.column.Like(pattern), fmt.Sprintf("like %q", pattern), func(s string) bool {
			return like([]rune(s), []rune(pattern))
		})
	}
	part := rapid.SampledFrom([]string{"", "i", "lot", "100%", "_", `\`, "é", "*", "[i]", "L"}).Draw(t, "part")
	switch how {
	case 1:
		return v.text(v.column.HasPrefix(part), fmt.Sprintf("has prefix %q", part), func(s string) bool { return strings.HasPrefix(s, part) })
	case 2:
		return v.text(v.column.HasSuffix(part), fmt.Sprintf("has suffix %q", part), func(s string) bool { return strings.HasSuffix(s, part) })
	}
	return v.text(v.column.Contains(part), fmt.Sprintf("contains %q", part), func(s string) bool { return strings.Contains(s, part) })
}

func (v values[T, V]) text(p rowhouse.Predicate[T], text string, is func(string) bool) cond[T] {
	return v.test(p, text, func(a V) bool { return is(any(a).(string)) })
}

// order sorts NULL as greater than every value, unless it is told where to put it.
func (v values[T, V]) order(t *rapid.T) order[T] {
	desc := rapid.Bool().Draw(t, "desc")
	nulls := rapid.SampledFrom([]string{"", " nulls first", " nulls last"}).Draw(t, "nulls")
	o := order[T]{by: v.column.Asc(), text: v.column.Name() + nulls}
	if desc {
		o.by, o.text = v.column.Desc(), v.column.Name()+" desc"+nulls
	}
	first := desc
	switch nulls {
	case " nulls first":
		o.by, first = o.by.NullsFirst(), true
	case " nulls last":
		o.by, first = o.by.NullsLast(), false
	}
	o.compare = func(a, b *T) int {
		x, hasX := v.get(a)
		y, hasY := v.get(b)
		switch {
		case !hasX && !hasY:
			return 0
		case hasX != hasY:
			if hasX == first {
				return 1
			}
			return -1
		case desc:
			return v.compare(y, x)
		}
		return v.compare(x, y)
	}
	return o
}

func (v values[T, V]) set(t *rapid.T) set[T] {
	x := v.draw(t)
	name := v.column.Name()
	switch kind := rapid.IntRange(0, 5).Draw(t, "set"); {
	case kind == 0 && !v.noNull:
		return set[T]{v.column.SetNull(), func(row *T) { v.put(row, nil) }, name + " = null"}
	case kind <= 2 && v.add:
		return set[T]{v.column.Add(x), func(row *T) {
			value, _ := v.get(row)
			sum := sum(value, x)
			v.put(row, &sum)
		}, fmt.Sprintf("%s + %v", name, x)}
	}
	return set[T]{v.column.Set(x), func(row *T) { v.put(row, &x) }, fmt.Sprintf("%s = %v", name, x)}
}

func sum[V any](a, b V) V {
	switch x := any(a).(type) {
	case int:
		return any(x + any(b).(int)).(V)
	case int16:
		return any(x + any(b).(int16)).(V)
	case float64:
		return any(x + any(b).(float64)).(V)
	}
	panic(fmt.Sprintf("nothing is added to a %T", a))
}

// condition is a tree of conditions on a table's fields.
func condition[T any](fields []field[T], depth int) *rapid.Generator[cond[T]] {
	return rapid.Custom(func(t *rapid.T) cond[T] {
		kind := rapid.IntRange(0, 9).Draw(t, "condition")
		if depth == 0 || kind < 6 {
			return rapid.SampledFrom(fields).Draw(t, "field").conds.Draw(t, "is")
		}
		if kind == 6 {
			return cond[T]{pred: rowhouse.Every[T](), holds: func(*store, *T) truth { return yes }, text: "every"}
		}
		if kind == 7 {
			c := condition(fields, depth-1).Draw(t, "not")
			return cond[T]{
				pred: rowhouse.Not(c.pred), text: "not (" + c.text + ")",
				holds: func(s *store, row *T) truth { return c.holds(s, row).not() },
			}
		}
		list := rapid.SliceOfN(condition(fields, depth-1), 0, 3).Draw(t, "list")
		return joined(list, kind == 8)
	})
}

func joined[T any](list []cond[T], and bool) cond[T] {
	preds, texts := make([]rowhouse.Predicate[T], len(list)), make([]string, len(list))
	for i, c := range list {
		preds[i], texts[i] = c.pred, c.text
	}
	each := func(s *store, row *T) []truth {
		is := make([]truth, len(list))
		for i, c := range list {
			is[i] = c.holds(s, row)
		}
		return is
	}
	if and {
		return cond[T]{
			pred: rowhouse.And(preds...), text: "(" + strings.Join(texts, " and ") + ")",
			holds: func(s *store, row *T) truth { return all(each(s, row)) },
			empty: !slices.ContainsFunc(list, func(c cond[T]) bool { return !c.empty }),
		}
	}
	return cond[T]{
		pred: rowhouse.Or(preds...), text: "(" + strings.Join(texts, " or ") + ")",
		holds: func(s *store, row *T) truth { return anyOf(each(s, row)) },
	}
}

func compareBool(a, b bool) int {
	return cmp.Compare(map[bool]int{true: 1}[a], map[bool]int{true: 1}[b])
}
