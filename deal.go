package rowhouse

import (
	"slices"
	"unsafe"
)

// span are the rows of a key, or of a parent: where the first is, and how many there are.
type span struct{ first, n int }

// deal returns each parent's rows. Those of a relation to many it puts side by side, and those of a key
// that several parents have it copies, so that each parent may change its own.
func (l *load[T, R]) deal(parents []T) ([]span, error) {
	if l.links == nil && len(l.from) == 1 && l.from[0].IsInt() && l.to[0].IsInt() {
		parentKey := func(i int) int64 { return l.from[0].Int(unsafe.Pointer(&parents[i])) }
		rowKey := func(i int) int64 { return l.to[0].Int(unsafe.Pointer(&l.rows[i])) }
		if spans, ok := dealAscending(len(parents), len(l.rows), parentKey, rowKey); ok {
			return spans, nil
		}
		return dealBy(l, len(parents),
			func(i int) (int64, bool, error) { return parentKey(i), true, nil },
			func(i int) (int64, bool, error) { return rowKey(i), true, nil })
	}
	there := func(key any, err error) (any, bool, error) { return key, key != nil, err }
	return dealBy(l, len(parents),
		func(i int) (any, bool, error) { return there(l.parentKey(&parents[i])) },
		func(i int) (any, bool, error) { return there(l.rowKey(i)) })
}

// dealAscending deals rows where they are, as a merge join does: both they and their parents, each of which has
// a key of its own, are in the order of their keys, as those of an index are. It reports false where they are not.
func dealAscending(parents, rows int, parentKey, rowKey func(i int) int64) ([]span, bool) {
	for i := 1; i < parents; i++ {
		if parentKey(i) <= parentKey(i-1) {
			return nil, false
		}
	}
	for i := 1; i < rows; i++ {
		if rowKey(i) < rowKey(i-1) {
			return nil, false
		}
	}
	spans, row := make([]span, parents), 0
	for i := range spans {
		for row < rows && rowKey(row) < parentKey(i) {
			row++ // nobody's
		}
		first := row
		for row < rows && rowKey(row) == parentKey(i) {
			row++
		}
		spans[i] = span{first, row - first}
	}
	return spans, true
}

// hand of rows that are dealt.
type hand interface {
	// size is how many rows there are, and whether a parent has several.
	size() (rows int, many bool)
	// sort puts the rows where the parents have them, those of each in their order.
	sort(of []*span, spans []span, total int, rowsOf func(i int) (*span, error)) error
}

// keyed is the key of one of several rows, or false for one that has none and is nobody's.
type keyed[K comparable] func(i int) (key K, there bool, err error)

// dealBy deals by keys of one type. It is apart from the types of the rows, so that it is compiled once for all.
func dealBy[K comparable](h hand, parents int, parentKey, rowKey keyed[K]) ([]span, error) {
	of, known, shared, err := spansOf(parents, parentKey)
	if err != nil {
		return nil, err
	}
	rows, many := h.size()
	apart, err := count(known, rows, rowKey)
	if err != nil {
		return nil, err
	}
	inPlace := !many || !shared && !apart
	spans, total := make([]span, parents), 0
	for i, key := range of {
		switch {
		case key == nil:
		case inPlace:
			spans[i] = *key
		default:
			spans[i] = span{total, key.n}
			total += key.n
		}
	}
	if inPlace {
		return spans, nil
	}
	return spans, h.sort(of, spans, total, func(i int) (*span, error) {
		key, _, err := rowKey(i)
		return known[key], err
	})
}

// spansOf are the parents' keys: nil for one that has none, and the same for those that share it.
func spansOf[K comparable](parents int, keyOf keyed[K]) (of []*span, known map[K]*span, shared bool, err error) {
	list := make([]span, parents)
	of, known = make([]*span, parents), make(map[K]*span, parents)
	for i := range parents {
		key, there, err := keyOf(i)
		switch {
		case err != nil:
			return nil, nil, false, err
		case !there:
			continue
		}
		its := known[key]
		if its == nil {
			its = &list[i]
			known[key] = its
		} else {
			shared = true
		}
		of[i] = its
	}
	return of, known, shared, nil
}

// count counts the rows of each key, and reports whether those of any key came apart.
func count[K comparable](known map[K]*span, rows int, keyOf keyed[K]) (apart bool, err error) {
	var last K
	var its *span
	for i := range rows {
		key, there, err := keyOf(i)
		switch {
		case err != nil:
			return false, err
		case !there:
			its = nil
		case i == 0 || key != last || its == nil:
			its = known[key]
		}
		if last = key; its == nil {
			continue
		}
		if its.n == 0 {
			its.first = i
		}
		apart = apart || its.first+its.n != i
		its.n++
	}
	return apart, nil
}

func (l *load[T, R]) size() (rows int, many bool) { return len(l.rows), l.r.many != nil }

func (l *load[T, R]) sort(of []*span, spans []span, total int, rowsOf func(i int) (*span, error)) error {
	all := make([]R, total)
	for i, key := range slices.Backward(of) {
		if key != nil {
			key.first, key.n = spans[i].first, 0 // in the end, where the first of its parents has them
		}
	}
	for i := range l.rows {
		key, err := rowsOf(i)
		if err != nil {
			return err
		}
		if key != nil {
			all[key.first+key.n] = l.rows[i]
			key.n++
		}
	}
	for i, key := range of {
		if key != nil && key.first != spans[i].first {
			copy(all[spans[i].first:], all[key.first:key.first+key.n])
		}
	}
	l.rows, l.links = all, nil
	return nil
}
