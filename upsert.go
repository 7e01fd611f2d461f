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
// and its created times is written; a soft delete is undone, a version counted up, not compared. Columns of
// the tenant's own that the row says nothing of stay what they are. *row is what the database then has.
//
// PostgreSQL and SQLite do it in one statement. MySQL and MariaDB would go by any unique key: a
// model that has several is updated first, and inserted if that found nothing, in a transaction.
func (t Table[T]) Upsert(ctx context.Context, row *T, by ...AnyColumn[T]) error {
	if row == nil {
		return queryFail(t.Query, "upsert", invalid("the row is nil"))
	}
	s, err := queryOpen(ctx, t.Query, "upsert")
	if err != nil {
		return err
	}
	return hooked(ctx, &s, upserting, unsafe.Slice(row, 1), func() error { return tableUpsert(ctx, t, &s, row, by) })
}

func tableUpsert[T any](ctx context.Context, t Table[T], s *session, row *T, by []AnyColumn[T]) error {
	base := unsafe.Pointer(row)
	key, err := tableUpsertKey(t, s, by)
	if err != nil {
		return err
	}
	given, err := s.givenOwn(base)
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
	texts, err := s.m.upsertTexts(key, auto, given)
	switch {
	case err != nil:
		return err
	case texts.insert == nil:
		return upsertInSteps(ctx, s, row, texts)
	case s.db.d.Has(dialect.Returning):
		return upsertReturning(ctx, s, row, texts)
	}
	if err := s.atomically(ctx, false); err != nil {
		return err
	}
	if _, err := s.exec(ctx, texts.insert, source{row: base}); err != nil {
		return err
	}
	return reread(ctx, s, row, texts)
}

// upsertTexts are the statements of upserts by one key.
type upsertTexts struct {
	insert *dialect.Template // with what becomes of an existing row; nil where the engine cannot say by which key
	update *dialect.Template // of an existing row, in place of that; nil if there is nothing to write over it
	reread *dialect.Template
	blank  bool // insert has nothing to write over an existing row
}

// givenOwn is what a row says of its tenant's own columns, where that is not of all of them: over an existing
// row the others stay what they are.
type givenOwn struct {
	unset []int  // positions of those that it says nothing of
	patch string // in shared tables, the document of those that it has a value of
}

func (g givenOwn) all() bool { return len(g.unset) == 0 && g.patch == "" }

func (s *session) givenOwn(base unsafe.Pointer) (g givenOwn, err error) {
	names, all := s.m.s.Given(base)
	if all {
		return g, nil
	}
	if s.m.s.Document() < 0 {
		return givenOwn{unset: s.m.s.Unset(base)}, nil
	}
	if g.patch, err = s.m.s.Patch(base, names...); err != nil {
		return g, unfit(err)
	}
	return g, nil
}

type upsertKey struct {
	columns string // their positions
	auto    bool   // the database makes the primary key
}

// upsertTexts are written once for a key, of which a model has as many as unique ones; for rows that do not
// say all of a tenant's own columns, each time.
func (m *mapping) upsertTexts(key []int, auto bool, given givenOwn) (*upsertTexts, error) {
	if !given.all() {
		return m.renderUpsert(key, auto, given)
	}
	by := upsertKey{positions(key), auto}
	if texts, known := m.upserts.Load(by); known {
		return texts.(*upsertTexts), nil
	}
	texts, err := m.renderUpsert(key, auto, given)
	if err == nil {
		m.upserts.Store(by, texts)
	}
	return texts, err
}

func (m *mapping) renderUpsert(key []int, auto bool, given givenOwn) (texts *upsertTexts, err error) {
	match := m.by(key)
	texts = &upsertTexts{}
	texts.reread, err = m.text(&dialect.Select{From: m.ref, Columns: m.columns, Where: match, Limit: -1})
	if err != nil {
		return nil, err
	}
	if !m.d.Has(dialect.OnConflict) && m.ambiguous(key, auto) {
		if set := m.overwriting(key, given); len(set) > 0 {
			texts.update, err = m.text(&dialect.Update{Table: m.ref, Set: set, Where: match})
		}
		return texts, err
	}
	ins := m.upserting(key, auto, given)
	if m.d.Has(dialect.Returning) {
		ins.Returning = m.names(m.all())
	}
	texts.blank = len(ins.Conflict.Set) == 0
	texts.insert, err = m.text(ins)
	return texts, err
}

// tableUpsertKey returns the positions of the key's columns.
func tableUpsertKey[T any](t Table[T], s *session, by []AnyColumn[T]) ([]int, error) {
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

// upserting is the INSERT with what becomes of an existing row.
func (m *mapping) upserting(key []int, auto bool, given givenOwn) *dialect.Insert {
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
		if m.overwrites(p, key) && !slices.Contains(given.unset, p) {
			c := m.s.Fields[p].Column
			set := dialect.Assign{Column: c, Value: dialect.Proposed{Column: c}}
			if p == m.s.Document() {
				set.Value = merged(dialect.Current{Table: m.ref.Name, Column: c}, given.document(set.Value))
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

// overwriting are the assignments that write a row over an existing one.
func (m *mapping) overwriting(key []int, given givenOwn) (set []dialect.Assign) {
	for p := range m.s.Fields {
		switch {
		case !m.overwrites(p, key) || slices.Contains(m.s.Updated, p) || slices.Contains(given.unset, p):
		case p == m.s.Document():
			value := merged(m.document(), given.document(m.field(p)))
			set = append(set, dialect.Assign{Column: m.s.Fields[p].Column, Value: value})
		default:
			set = append(set, m.assign(p))
		}
	}
	return m.bump(set)
}

// document is what is merged into that of an existing row, in place of all of it.
func (g givenOwn) document(all dialect.Expr) dialect.Expr {
	if g.patch == "" {
		return all
	}
	return dialect.Arg{Value: g.patch, Kind: dialect.JSON}
}

func upsertReturning[T any](ctx context.Context, s *session, row *T, texts *upsertTexts) error {
	rows, err := s.query(ctx, texts.insert, source{row: unsafe.Pointer(row)}, s.m.kinds, true)
	if err != nil {
		return err
	}
	err = one(rows, s.m.s, row)
	if errors.Is(err, ErrNotFound) && texts.blank {
		return reread(ctx, s, row, texts) // there was nothing to write over the row that exists
	}
	return err
}

// reread reads the row back after a write that returns none.
func reread[T any](ctx context.Context, s *session, row *T, texts *upsertTexts) error {
	rows, err := s.query(ctx, texts.reread, source{row: unsafe.Pointer(row)}, s.m.kinds, false)
	if err != nil {
		return err
	}
	return one(rows, s.m.s, row)
}

// upsertInSteps updates, and inserts what was not there. Another transaction may insert it in
// between; then it is there, and the update is tried once more. A conflict on another key is
// the caller's to know.
func upsertInSteps[T any](ctx context.Context, s *session, row *T, texts *upsertTexts) error {
	if err := s.atomically(ctx, false); err != nil {
		return err
	}
	base := unsafe.Pointer(row)
	for attempt := 0; ; attempt++ {
		if texts.update != nil {
			if _, err := s.exec(ctx, texts.update, source{row: base}); err != nil {
				return err
			}
		}
		err := reread(ctx, s, row, texts)
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
