package rowhouse

import (
	"context"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
)

// UnitTable is a model in a [Unit]: where its rows get into the unit, and out of it. It is a small
// value, made by [Model.Unit], and used by the unit's goroutine.
type UnitTable[T any] struct {
	u *Unit
	m *Model[T]
}

// Unit binds the model to a unit of work.
func (m *Model[T]) Unit(u *Unit) UnitTable[T] { return UnitTable[T]{u: u, m: m} }

// Get returns the row of that primary key, or [ErrNotFound]. A row that the unit has is not read
// again; one that it is to delete is not found.
func (t UnitTable[T]) Get(ctx context.Context, key ...any) (*T, error) {
	rows, err := t.GetMany(ctx, Key(key))
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, unitFail(t, "get", ErrNotFound)
	}
	return rows[0], nil
}

// GetMany returns the rows of these primary keys, in the order of the keys, as [Table.GetMany] does.
// Those that the unit has are not read again.
func (t UnitTable[T]) GetMany(ctx context.Context, keys ...any) ([]*T, error) {
	if err := t.u.idle(); err != nil {
		return nil, unitFail(t, "get", err)
	}
	set := unitRows(t)
	if err := set.index(); err != nil {
		return nil, unitFail(t, "get", err)
	}
	wanted := make([]any, len(keys))
	var unread [][]dialect.Arg
	for i, key := range keys {
		args, err := tableKeyArgs(unitTable(t), keyParts(key))
		if err != nil {
			return nil, unitFail(t, "get", err)
		}
		wanted[i] = asKey(args)
		if set.byKey[wanted[i]] == nil {
			unread = append(unread, args)
		}
	}
	read := map[any]*T{} // also by keys that the engine takes for the same
	q := unitTable(t).Query
	for some := range portions(unread, keysAtOnce) {
		q.where = []dialect.Expr{anyKey(t.m.s, some)}
		rows, err := unitLoad(ctx, t, "get", q)
		if err != nil {
			return nil, err
		}
		q.had += len(rows)
		if len(some) == 1 && len(rows) == 1 {
			read[asKey(some[0])] = rows[0]
		}
	}
	rows := make([]*T, 0, len(keys))
	for _, key := range wanted {
		if e := set.byKey[key]; e != nil && e.state != doomed {
			rows = append(rows, (*T)(e.row))
		} else if row := read[key]; row != nil {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// Load returns the rows of a query of the unit's scope. A row that the unit has already is returned
// as it is there, with what was changed in it, whatever the query has just read; to have it as it is
// now, [UnitTable.Refresh] it. Rows that are to be deleted are left out.
//
//	open, err := cases.Load(ctx, Cases.In(acme).Where(CaseStatus.Eq("open")))
//
// What a query lifts ([Table.WithDeleted], [Table.Without]) is lifted for its rows when they are
// flushed, too. New rows of a Load are one allocation.
func (t UnitTable[T]) Load(ctx context.Context, q Query[T]) ([]*T, error) {
	if err := t.u.idle(); err != nil {
		return nil, unitFail(t, "select", err)
	}
	if q.model == nil || q.model.s != t.m.s || !sameScope(q.scope, t.u.scope) {
		return nil, unitFail(t, "select", invalid("the query is of another model or scope than the unit; make it in the unit's scope"))
	}
	return unitLoad(ctx, t, "select", q)
}

// unitLoad runs a query and takes its rows in.
func unitLoad[T any](ctx context.Context, t UnitTable[T], op string, q Query[T]) ([]*T, error) {
	set := unitRows(t)
	var by *mapping
	rows, err := queryGather(ctx, q, op, func(m *mapping, _ []T) { by = m })
	if err != nil {
		return nil, err
	}
	set.s = by.s
	var lift *lifting
	if q.deleted || len(q.lifted) > 0 {
		lift = &lifting{q.deleted, q.lifted}
	}
	if len(set.entries) > 0 || set.byKey != nil {
		if err := set.index(); err != nil {
			return nil, unitFail(t, op, err)
		}
	}
	return unitTake(t, rows, lift), nil
}

// unitTake takes in rows that are as the database has them, and returns those that the unit has of their
// keys, but for those that are to be deleted.
func unitTake[T any](t UnitTable[T], rows []T, lift *lifting) []*T {
	set, list := unitRows(t), make([]*T, 0, len(rows))
	copies, entries := slices.Clone(rows), make([]entry, len(rows)) // at once, which is cheaper
	values := make([]any, 0, len(rows)*set.s.Kept())
	set.entries = slices.Grow(set.entries, len(rows))
	for i := range rows {
		e := &entries[i]
		*e = entry{set: set, row: unsafe.Pointer(&rows[i]), before: unsafe.Pointer(&copies[i]), lift: lift}
		if known := set.known(e.row); known != nil {
			e = known
		} else {
			from := len(values)
			values = set.s.Keep(values, e.row)
			e.values = values[from:len(values):len(values)]
			set.add(e)
		}
		if e.state != doomed {
			list = append(list, (*T)(e.row))
		}
	}
	return list
}

// Add takes in new rows, to be inserted. One that is to be deleted is kept after all; one that the
// unit has already stays what it is. [ErrInvalid] if the unit has another row of the same key.
func (t UnitTable[T]) Add(rows ...*T) error {
	return unitEach(t, "insert", rows, func(set *unitSet, row unsafe.Pointer) error {
		switch e := set.entry(row); {
		case e == nil && set.known(row) != nil:
			return set.twice(row)
		case e == nil:
			set.add(&entry{set: set, row: row, state: fresh})
		case e.state == doomed:
			e.state = kept
		}
		return nil
	})
}

// Attach takes in rows that are in the database as they are here, such as a [Table] has read them.
// [ErrInvalid] if the unit has another row of the same key.
func (t UnitTable[T]) Attach(rows ...*T) error {
	return unitEach(t, "attach", rows, func(set *unitSet, row unsafe.Pointer) error {
		_, err := set.attach(row)
		return err
	})
}

// Remove marks rows to be deleted, softly if the model has a soft delete. A row that the unit does
// not have is attached first; one that was only added is let go. [ErrInvalid] if the unit has another
// row of the same key.
func (t UnitTable[T]) Remove(rows ...*T) error {
	return unitEach(t, "delete", rows, func(set *unitSet, row unsafe.Pointer) error {
		e, err := set.attach(row)
		switch {
		case err != nil:
			return err
		case e.state == fresh:
			t.u.forget(e)
		default:
			e.state = doomed
		}
		return nil
	})
}

// Forget lets rows go: they are not flushed, and what was changed in them stays in memory alone.
func (t UnitTable[T]) Forget(rows ...*T) error {
	return unitEach(t, "forget", rows, func(set *unitSet, row unsafe.Pointer) error {
		if e := set.entry(row); e != nil {
			t.u.forget(e)
		}
		return nil
	})
}

// Refresh reads rows again that are in the unit: what was changed in them is given up, and one that
// was to be deleted no longer is; fields that are no columns are empty, as in a row that has just been
// read. Rows that are no longer in the database are reported together in a [*UnitError], and stay as
// they are.
func (t UnitTable[T]) Refresh(ctx context.Context, rows ...*T) error {
	var entries []*entry
	err := unitEach(t, "get", rows, func(set *unitSet, row unsafe.Pointer) error {
		e := set.entry(row)
		if e == nil || e.state == fresh {
			return invalid("a row to refresh is not in the unit, or not yet in the database")
		}
		entries = append(entries, e)
		return nil
	})
	if err != nil || len(entries) == 0 {
		return err
	}
	var gone []*entry
	err = unitRows(t).reread(ctx, t.u.scope, entries, func(e *entry, now unsafe.Pointer) {
		if now == nil {
			gone = append(gone, e)
			return
		}
		*(*T)(e.row) = *(*T)(now)
		e.state = kept
		e.snapshot()
	})
	if err == nil && len(gone) > 0 {
		err = t.u.lost(gone, func(*entry) error { return ErrNotFound }, nil)
	}
	return err
}

// Changed returns the names of the columns that a flush would write of the row: all of one that is
// to be inserted, none of one that is to be deleted, or that the unit does not have. Columns of the
// tenant's own come last, by the names that programs call them.
func (t UnitTable[T]) Changed(row *T) (columns []string) {
	if t.u == nil {
		return nil
	}
	set := unitRows(t)
	e := set.entry(unsafe.Pointer(row))
	if e == nil || e.state == doomed {
		return nil
	}
	if e.state == fresh {
		return append(set.of.Columns(), set.of.ChangedOwn(e.row, nil)...)
	}
	at, _ := e.changed()
	for _, p := range at {
		if p < len(set.of.Fields) {
			columns = append(columns, set.of.Fields[p].Column)
		}
	}
	return append(columns, set.s.ChangedOwn(e.row, e.before)...)
}

// unitEach calls fn with every row, unless one of them is nil.
func unitEach[T any](t UnitTable[T], op string, rows []*T, fn func(set *unitSet, row unsafe.Pointer) error) error {
	err := t.u.idle()
	if err == nil && slices.Contains(rows, nil) {
		err = invalid("a row is nil")
	}
	if err != nil {
		return unitFail(t, op, err)
	}
	set := unitRows(t)
	if err := set.index(); err != nil {
		return unitFail(t, op, err)
	}
	for _, row := range rows {
		if err := fn(set, unsafe.Pointer(row)); err != nil {
			return unitFail(t, op, err)
		}
	}
	set.tidy()
	return nil
}

// attach returns the row's entry, or makes one as of now.
func (set *unitSet) attach(row unsafe.Pointer) (*entry, error) {
	if e := set.entry(row); e != nil {
		return e, nil
	}
	if set.known(row) != nil {
		return nil, set.twice(row)
	}
	e := &entry{set: set, row: row}
	e.snapshot()
	set.add(e)
	return e, nil
}

// twice is the error of a second row of the same key.
func (set *unitSet) twice(row unsafe.Pointer) error {
	return invalid("the unit has another row of key %v; the same key is the same pointer, until one that is to be deleted is flushed",
		set.keyValues(row))
}

// unitRows are the unit's rows of the model.
func unitRows[T any](t UnitTable[T]) *unitSet {
	if set := t.u.set(t.m.s); set != nil {
		return set
	}
	set := &unitSet{
		of: t.m.s, s: t.m.s,
		copied: func(row unsafe.Pointer) unsafe.Pointer {
			c := *(*T)(row)
			return unsafe.Pointer(&c)
		},
		keys: t.m.s.KeyFields(), find: t.m.find,
	}
	t.u.sets = append(t.u.sets, set)
	return set
}

func unitTable[T any](t UnitTable[T]) Table[T] { return t.m.In(t.u.scope) }

func unitFail[T any](t UnitTable[T], op string, err error) error {
	if t.u == nil {
		return queryFail(t.m.In(nil).Query, op, err)
	}
	return queryFail(unitTable(t).Query, op, err)
}
