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
	s       *model.Struct // the same as the tenant has it, once a statement has found out
	keys    []*model.Field
	entries []*entry // in the order in which they came

	// Both maps are made when they are asked for first: to read rows once, and flush what has changed
	// in them, takes none.
	byKey map[any]*entry // rows that are in the database
	byRow map[unsafe.Pointer]*entry

	copied func(row unsafe.Pointer) unsafe.Pointer
	find   finder
}

// entry returns what is known of a row, or nil.
func (set *unitSet) entry(row unsafe.Pointer) *entry {
	if set.byRow == nil {
		set.byRow = make(map[unsafe.Pointer]*entry, len(set.entries))
		for _, e := range set.entries {
			set.byRow[e.row] = e
		}
	}
	return set.byRow[row]
}

// index has byKey be there.
func (set *unitSet) index() error {
	if set.byKey != nil {
		return nil
	}
	rows := make(map[any]*entry, len(set.entries))
	for _, e := range set.entries {
		if e.state == fresh {
			continue
		}
		key, err := set.identity(e.before)
		if err != nil {
			return err
		}
		rows[key] = e
	}
	set.byKey = rows
	return nil
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
	before unsafe.Pointer // a copy of the row as the database has it
	values []any          // what the copy does not keep
	lift   *lifting       // what the query that read it has lifted

	state     entryState
	forgotten bool // the unit has it no longer
}

// snapshot remembers the row as it is now.
func (e *entry) snapshot() {
	e.before = e.set.copied(e.row)
	e.values = e.set.s.Keep(nil, e.row)
}

// changed returns the positions of the columns that are to be written; moved is true if the primary
// key is not what it was.
func (e *entry) changed() (at []int, moved bool) {
	if e.state == fresh {
		return nil, false
	}
	s := e.set.s
	at = s.Changed(e.row, e.before, e.values)
	moved = slices.ContainsFunc(at, func(p int) bool { return slices.Contains(s.Key, p) })
	return slices.DeleteFunc(at, func(p int) bool { return !e.set.writes(p) }), moved
}

// touched reports whether there is something in the row that was not there, and whether that is its
// primary key.
func (e *entry) touched() (some, moved bool) {
	if e.state == fresh {
		return true, false
	}
	at, moved := e.changed()
	return len(at) > 0 || moved || len(e.set.s.ChangedOwn(e.row, e.before)) > 0, moved
}

// writes reports whether an update may write the column. Created times stay; updated times and
// versions set themselves.
func (set *unitSet) writes(at int) bool {
	s := set.s
	return at != s.Lock && !slices.Contains(s.Key, at) && !slices.Contains(s.Created, at) && !slices.Contains(s.Updated, at)
}

// key is the row's primary key.
func (set *unitSet) key(row unsafe.Pointer) ([]dialect.Arg, error) {
	key := make([]dialect.Arg, len(set.keys))
	for i, f := range set.keys {
		value, err := f.Arg(row)
		if err != nil {
			return nil, invalid("%v", err)
		}
		key[i] = dialect.Arg{Value: value, Kind: f.Codec.Type.Kind}
	}
	return key, nil
}

// identity is the row's primary key as a map takes it.
func (set *unitSet) identity(row unsafe.Pointer) (any, error) {
	key, err := keyIn(set.keys, row)
	if err != nil {
		return nil, invalid("%v", err)
	}
	return key, nil
}

// keyValues is the row's key as the application knows it.
func (set *unitSet) keyValues(row unsafe.Pointer) Key {
	key := make(Key, len(set.s.Key))
	for i, at := range set.s.Key {
		key[i] = set.s.Fields[at].Value(row)
	}
	return key
}

// known returns the row in the database that has the row's key, of those that the unit has.
func (set *unitSet) known(row unsafe.Pointer) *entry {
	if set.byKey == nil {
		return nil
	}
	key, err := set.identity(row)
	if err != nil {
		return nil // writing it says what is wrong
	}
	return set.byKey[key]
}

// add takes an entry in.
func (set *unitSet) add(e *entry) {
	set.entries = append(set.entries, e)
	if set.byRow != nil {
		set.byRow[e.row] = e
	}
	set.know(e)
}

// know puts a row that is in the database into byKey, if that is there.
func (set *unitSet) know(e *entry) {
	if set.byKey == nil || e.state == fresh {
		return
	}
	if key, err := set.identity(e.before); err == nil {
		set.byKey[key] = e
	}
}

// forget lets a row go; entries are tidied by whoever calls.
func (set *unitSet) forget(e *entry) {
	e.forgotten = true
	if set.byRow != nil {
		delete(set.byRow, e.row)
	}
	set.unknow(e)
}

func (set *unitSet) unknow(e *entry) {
	if set.byKey == nil || e.state == fresh {
		return
	}
	if key, err := set.identity(e.before); err == nil && set.byKey[key] == e {
		delete(set.byKey, key)
	}
}

// tidy drops the entries that were forgotten.
func (set *unitSet) tidy() {
	set.entries = slices.DeleteFunc(set.entries, func(e *entry) bool { return e.forgotten })
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
