package rowhouse

import (
	"context"
	"errors"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
)

// Upsert writes the row, new or over the one that has the same key: the primary key, or the
// unique key that is named. Over an existing row everything but its primary key, the key named
// and its created times is written; a soft delete is undone, a version counted up, not compared.
// *row is what the database then has.
//
// PostgreSQL and SQLite do it in one statement. MySQL and MariaDB would go by any unique key: a
// model that has several is updated first, and inserted if that found nothing, in a transaction.
func (t Table[T]) Upsert(ctx context.Context, row *T, by ...AnyColumn[T]) error {
	if row == nil {
		return t.fail("upsert", invalid("the row is nil"))
	}
	s, err := t.open(ctx, "upsert")
	if err != nil {
		return err
	}
	return s.within(ctx, func() error {
		return hooked(ctx, &s, upserting, unsafe.Slice(row, 1), func() error { return t.upsert(ctx, &s, row, by) })
	})
}

func (t Table[T]) upsert(ctx context.Context, s *session, row *T, by []AnyColumn[T]) error {
	base := unsafe.Pointer(row)
	key, err := t.upsertKey(s, by)
	if err != nil {
		return err
	}
	before := *row
	s.undo = append(s.undo, func() { *row = before })
	if err := s.prepare(base, now()); err != nil {
		return err
	}
	auto := s.m.s.Auto >= 0 && s.m.s.Fields[s.m.s.Auto].Zero(base)
	if auto && slices.Contains(key, s.m.s.Auto) {
		return s.insertRow(ctx, base) // a key that is yet to be made is not taken
	}
	keyArgs, err := s.values(key, base)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(keyArgs, func(a dialect.Arg) bool { return a.Value == nil }); i >= 0 {
		return invalid("column %s of the key is NULL, which no row can have in common", s.m.s.Fields[key[i]].Column)
	}
	match := s.m.matching(key, keyArgs)
	switch {
	case !s.db.d.Has(dialect.OnConflict) && s.m.ambiguous(key, auto):
		return t.upsertInSteps(ctx, s, row, key, match)
	case s.db.d.Has(dialect.Returning):
		return t.upsertReturning(ctx, s, row, key, auto, match)
	}
	if err := s.atomically(ctx, false); err != nil {
		return err
	}
	text, err := s.m.text(s.m.upserting(key, auto))
	if err != nil {
		return err
	}
	if _, err := s.exec(ctx, text, source{row: base}); err != nil {
		return err
	}
	return t.reread(ctx, s, row, match)
}

// upsertKey returns the positions of the key's columns.
func (t Table[T]) upsertKey(s *session, by []AnyColumn[T]) ([]int, error) {
	if len(by) == 0 {
		return s.m.s.Key, nil
	}
	key, names := make([]int, len(by)), make([]string, len(by))
	for i, c := range by {
		if c == nil {
			return nil, invalid("a column to go by is nil")
		}
		of, at := c.position()
		switch {
		case of != t.model.s:
			return nil, invalid("a Column of another model is used on model %q", s.model)
		case at == ownPosition:
			return nil, invalid("column %s is a tenant's own, and no key that an upsert could go by", c.Name())
		}
		key[i], names[i] = at, c.Name()
	}
	slices.Sort(names)
	fits := func(columns []string) bool { return slices.Equal(names, slices.Sorted(slices.Values(columns))) }
	table := &s.m.s.Table
	if fits(table.PrimaryKey) || slices.ContainsFunc(table.Indexes, func(x dialect.Index) bool {
		return x.Unique && x.Where == "" && fits(x.Columns)
	}) {
		return key, nil
	}
	return nil, invalid("columns %v of model %q are no primary key and no unique key without a condition", names, s.model)
}

// ambiguous reports whether the row could meet another one by a unique key that is not the one
// to go by.
func (m *mapping) ambiguous(key []int, auto bool) bool {
	others := 0
	if !slices.Equal(key, m.s.Key) && !auto {
		others++
	}
	for _, x := range m.s.Table.Indexes {
		if x.Unique && !m.covers(key, x.Columns) {
			others++
		}
	}
	return others > 0
}

func (m *mapping) covers(key []int, columns []string) bool {
	return len(key) == len(columns) && !slices.ContainsFunc(key, func(at int) bool {
		return !slices.Contains(columns, m.s.Fields[at].Column)
	})
}

func (m *mapping) matching(key []int, args []dialect.Arg) dialect.Expr {
	and := make(dialect.And, len(key))
	for i, at := range key {
		and[i] = dialect.Compare{Left: m.column(at), Op: "=", Right: args[i]}
	}
	return and
}

// upserting is the INSERT with what becomes of an existing row.
func (m *mapping) upserting(key []int, auto bool) *dialect.Insert {
	at := m.all()
	if auto {
		at = m.given()
	}
	ins := m.inserting(at, [][]dialect.Arg{m.fields(at)}, auto)
	ins.Conflict = &dialect.Conflict{}
	for _, p := range key {
		ins.Conflict.Key = append(ins.Conflict.Key, m.s.Fields[p].Column)
	}
	for p := range m.s.Fields {
		if m.overwrites(p, key) {
			c := m.s.Fields[p].Column
			set := dialect.Assign{Column: c, Value: dialect.Proposed{Column: c}}
			if p == m.s.Document() {
				set.Value = merged(dialect.Current{Table: m.ref.Name, Column: c}, set.Value)
			}
			ins.Conflict.Set = append(ins.Conflict.Set, set)
		}
	}
	if m.s.Lock >= 0 {
		c := m.s.Fields[m.s.Lock].Column
		ins.Conflict.Set = append(ins.Conflict.Set, dialect.Assign{Column: c, Value: dialect.Compare{
			Left: dialect.Current{Table: m.ref.Name, Column: c}, Op: "+", Right: dialect.Arg{Value: int64(1), Kind: dialect.Int64},
		}})
	}
	return ins
}

// overwrites reports whether an upsert writes the column over an existing row's.
func (m *mapping) overwrites(at int, key []int) bool {
	return !slices.Contains(key, at) && (m.changes(at) || at == m.s.SoftDelete || slices.Contains(m.s.Updated, at))
}

func (t Table[T]) upsertReturning(ctx context.Context, s *session, row *T, key []int, auto bool, match dialect.Expr) error {
	ins := s.m.upserting(key, auto)
	ins.Returning = ins.Returning[:0]
	for i := range s.m.s.Fields {
		ins.Returning = append(ins.Returning, s.m.s.Fields[i].Column)
	}
	text, err := s.m.text(ins)
	if err != nil {
		return err
	}
	rows, err := s.query(ctx, text, source{row: unsafe.Pointer(row)}, s.m.kinds, true)
	if err != nil {
		return err
	}
	err = one(rows, s.m.s, row)
	if errors.Is(err, ErrNotFound) && len(ins.Conflict.Set) == 0 {
		return t.reread(ctx, s, row, match) // there was nothing to write over the row that exists
	}
	return err
}

// reread reads the row back after a write that returns none.
func (t Table[T]) reread(ctx context.Context, s *session, row *T, match dialect.Expr) error {
	rows, err := s.selected(ctx, &dialect.Select{From: s.m.ref, Columns: s.m.columns, Where: match, Limit: -1}, s.m.kinds)
	if err != nil {
		return err
	}
	return one(rows, s.m.s, row)
}

// upsertInSteps updates, and inserts what was not there. Another transaction may insert it in
// between; then it is there, and the update is tried once more. A conflict on another key is
// the caller's to know.
func (t Table[T]) upsertInSteps(ctx context.Context, s *session, row *T, key []int, match dialect.Expr) error {
	if err := s.atomically(ctx, false); err != nil {
		return err
	}
	base := unsafe.Pointer(row)
	var set []dialect.Assign
	for p := range s.m.s.Fields {
		if s.m.overwrites(p, key) && !slices.Contains(s.m.s.Updated, p) {
			set = append(set, s.m.assign(p))
		}
	}
	set = s.m.bump(set)
	for attempt := 0; ; attempt++ {
		if len(set) > 0 {
			text, err := s.m.text(&dialect.Update{Table: s.m.ref, Set: set, Where: match})
			if err != nil {
				return err
			}
			if _, err := s.exec(ctx, text, source{row: base}); err != nil {
				return err
			}
		}
		err := t.reread(ctx, s, row, match)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		if err = s.insertRow(ctx, base); err == nil {
			return nil
		}
		if attempt > 0 || !errors.Is(s.fail(err), ErrConflict) {
			return err
		}
	}
}
