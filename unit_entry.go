package rowhouse

import (
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// unitSet are a unit's rows of one model.
type unitSet struct {
	of      *model.Struct // the model
	s       *model.Struct // the same as the tenant has it
	entries []*entry      // in the order in which they came
	byKey   map[any]*entry
	byRow   map[unsafe.Pointer]*entry

	copied func(row unsafe.Pointer) unsafe.Pointer
	find   finder
}

// entryState is what becomes of a row when it is flushed.
type entryState uint8

const (
	kept   entryState = iota // it is in the database
	fresh                    // it is to be inserted
	doomed                   // it is to be deleted
)

// entry is one row of a unit.
type entry struct {
	set    *unitSet
	row    unsafe.Pointer
	state  entryState
	key    any            // identity, nil while the row is fresh
	before unsafe.Pointer // a copy of the row as the database has it
	values []any          // what the copy does not keep
	lift   *lifting       // what the query that read it has lifted
}

// snapshot remembers the row as it is now.
func (e *entry) snapshot() {
	e.before = e.set.copied(e.row)
	e.values = e.set.s.Keep(e.row)
}

// changed returns the positions of the columns that are to be written.
func (e *entry) changed() []int {
	if e.state == fresh {
		return nil
	}
	at := e.set.s.Changed(e.row, e.before, e.values)
	return slices.DeleteFunc(at, func(p int) bool { return !e.set.writes(p) })
}

// moved reports whether the primary key is not what it was.
func (e *entry) moved() bool {
	if e.state == fresh {
		return false
	}
	key, err := e.set.identity(e.row)
	return err != nil || key != e.key
}

// writes reports whether an update may write the column. Created times stay; updated times and
// versions set themselves.
func (set *unitSet) writes(at int) bool {
	s := set.s
	return at != s.Lock && !slices.Contains(s.Key, at) && !slices.Contains(s.Created, at) && !slices.Contains(s.Updated, at)
}

func (set *unitSet) key(row unsafe.Pointer) ([]dialect.Arg, error) {
	key := make([]dialect.Arg, len(set.s.Key))
	for i, at := range set.s.Key {
		value, err := set.s.Fields[at].Arg(row)
		if err != nil {
			return nil, invalid("%v", err)
		}
		key[i] = dialect.Arg{Value: value, Kind: set.s.Fields[at].Codec.Type.Kind}
	}
	return key, nil
}

// identity is the row's primary key as a map takes it.
func (set *unitSet) identity(row unsafe.Pointer) (any, error) {
	if len(set.s.Key) == 1 {
		value, err := set.s.Fields[set.s.Key[0]].Arg(row)
		if err != nil {
			return nil, invalid("%v", err)
		}
		return identity([]dialect.Arg{{Value: value}}), nil
	}
	key, err := set.key(row)
	return identity(key), err
}

func identity(key []dialect.Arg) any {
	if len(key) == 1 {
		switch v := key[0].Value.(type) {
		case int64, string, [16]byte:
			return v
		}
	}
	return keyText(key)
}

// keyValues is the row's key as the application knows it.
func (set *unitSet) keyValues(row unsafe.Pointer) Key {
	key := make(Key, len(set.s.Key))
	for i, at := range set.s.Key {
		key[i] = set.s.Fields[at].Value(row)
	}
	return key
}

// add takes a row in.
func (set *unitSet) add(row unsafe.Pointer, key any, state entryState) *entry {
	e := &entry{set: set, row: row, key: key, state: state}
	set.entries = append(set.entries, e)
	set.byRow[row] = e
	if key != nil {
		set.byKey[key] = e
	}
	return e
}

// forget lets a row go; entries are tidied by whoever calls.
func (set *unitSet) forget(e *entry) {
	delete(set.byRow, e.row)
	if set.byKey[e.key] == e {
		delete(set.byKey, e.key)
	}
}

// tidy drops the entries that were forgotten.
func (set *unitSet) tidy() {
	set.entries = slices.DeleteFunc(set.entries, func(e *entry) bool { return set.byRow[e.row] != e })
}

// lifting is what a query has lifted of the conditions that hold by default.
type lifting struct {
	deleted bool
	filters []string
}

// alive leaves out what the model leaves out by default, but for what is lifted.
func (l *lifting) alive(m *mapping, where dialect.Expr) dialect.Expr {
	if l == nil {
		return m.alive(where)
	}
	if !l.deleted {
		where = m.undeleted(where)
	}
	return m.filtered(where, l.filters)
}

func (l *lifting) names() []string {
	if l == nil {
		return nil
	}
	return l.filters
}
