package rowhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unsafe"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/model"
)

// now is the time that the library writes: microseconds in UTC, as every engine keeps it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Insert writes a new row. What the row leaves open is filled in, in the database and in *row:
// the generated key, defaults, created and updated times, the first version. A key that is taken
// is [ErrConflict].
func (t Table[T]) Insert(ctx context.Context, row *T) error {
	if row == nil {
		return queryFail(t.Query, "insert", invalid("the row is nil"))
	}
	if len(t.with) > 0 {
		return tableInsertWith(ctx, t, unsafe.Slice(row, 1))
	}
	s, err := queryOpen(ctx, t.Query, "insert")
	if err != nil {
		return err
	}
	return hooked(ctx, &s, inserting, unsafe.Slice(row, 1), func() error { return s.insertRow(ctx, unsafe.Pointer(row)) })
}

func (s *session) insertRow(ctx context.Context, base unsafe.Pointer) error {
	st := s.m.s
	if err := s.prepare(base, now()); err != nil {
		return err
	}
	if st.Auto < 0 || !st.Fields[st.Auto].Zero(base) {
		_, err := s.exec(ctx, s.m.insert, source{row: base})
		return err
	}
	if !s.db.d.Has(dialect.Returning) {
		r, err := s.exec(ctx, s.m.insertAuto, source{row: base})
		if err != nil {
			return err
		}
		return s.setKey(base, r.LastKey)
	}
	rows, err := s.query(ctx, s.m.insertAuto, source{row: base}, s.m.kinds[st.Auto:st.Auto+1], true)
	if err != nil {
		return err
	}
	s.made.dest[0] = &s.made.key
	if err := firstRow(rows, s.made.dest[:]); err != nil {
		return err
	}
	return s.setKey(base, s.made.key)
}

// setKey puts a generated key into the row.
func (s *session) setKey(base unsafe.Pointer, key int64) error {
	f := &s.m.s.Fields[s.m.s.Auto]
	s.undoes(func() { f.SetInt(base, 0) })
	return putKey(f, base, key)
}

func (s *session) setKeys(bases []unsafe.Pointer, keys []int64) error {
	f := &s.m.s.Fields[s.m.s.Auto]
	s.undoes(func() {
		for _, base := range bases {
			f.SetInt(base, 0)
		}
	})
	for i, base := range bases {
		if err := putKey(f, base, keys[i]); err != nil {
			return err
		}
	}
	return nil
}

func putKey(f *model.Field, base unsafe.Pointer, key int64) error {
	if !f.SetInt(base, key) {
		return invalid("the database made a key that does not fit into field %s, a %s", f.Name, f.Type)
	}
	return nil
}

// prepare fills in what an insert sets by itself.
func (s *session) prepare(base unsafe.Pointer, at time.Time) error {
	m := s.m.s
	if err := s.complete(base); err != nil {
		return err
	}
	var filled []int
	fill := func(positions []int, set func(f *model.Field) error) error {
		for _, p := range positions {
			f := &m.Fields[p]
			if !f.Zero(base) {
				continue
			}
			if err := set(f); err != nil {
				return err
			}
			filled = append(filled, p)
		}
		return nil
	}
	err := errors.Join(
		fill(m.Defaulted, func(f *model.Field) error { f.FillDefault(base); return nil }),
		fill(m.Made, func(f *model.Field) error { return makeKey(f, base) }),
		fill(m.Created, func(f *model.Field) error { f.SetTime(base, at); return nil }),
		fill(m.Updated, func(f *model.Field) error { f.SetTime(base, at); return nil }),
	)
	if m.Lock >= 0 {
		err = errors.Join(err, fill([]int{m.Lock}, func(f *model.Field) error { f.SetInt(base, 1); return nil }))
	}
	if len(filled) > 0 {
		s.undoes(func() {
			for _, p := range filled {
				m.Fields[p].SetZero(base)
			}
		})
	}
	for _, p := range m.Updated {
		m.Fields[p].SetTime(base, at) // also where it was set
	}
	return err
}

// complete has a new row know the columns that its tenant has of its own.
func (s *session) complete(base unsafe.Pointer) error {
	if err := s.checkOwn(base, false); err != nil || !s.m.s.IsShaped() {
		return err
	}
	undo, err := s.m.s.Complete(base)
	if err != nil {
		return unfit(err)
	}
	s.undoes(undo)
	return nil
}

// checkOwn refuses a row with a value of a column that the tenant does not have; with put, only with one
// that the program has put there.
func (s *session) checkOwn(base unsafe.Pointer, put bool) error {
	name := s.m.s.Unknown(base, put)
	if name == "" {
		return nil
	}
	return ofExtra(&dialect.ExtraError{Extra: dialect.Extra{Table: s.m.s.Table.Name, Name: name}})
}

// makeKey gives a row without a key a UUIDv7 (RFC 9562), which sorts by the time it was made.
func makeKey(f *model.Field, base unsafe.Pointer) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	if f.Codec.Type.Kind == dialect.UUID {
		f.SetUUID(base, id)
	} else {
		f.SetString(base, id.String())
	}
	return nil
}

// InsertMany writes new rows as [Table.Insert] does, many in one statement, all of them or none.
// Generated keys are filled into the slice's elements.
func (t Table[T]) InsertMany(ctx context.Context, rows []T) error {
	if len(t.with) > 0 {
		return tableInsertWith(ctx, t, rows)
	}
	s, err := queryOpen(ctx, t.Query, "insert")
	if err != nil {
		return err
	}
	return hooked(ctx, &s, inserting, rows, func() error { return insertMany(ctx, &s, rows) })
}

func insertMany[T any](ctx context.Context, s *session, rows []T) error {
	at := now()
	bases := make([]unsafe.Pointer, len(rows))
	for i := range rows {
		bases[i] = unsafe.Pointer(&rows[i])
		if err := s.prepare(bases[i], at); err != nil {
			return err
		}
	}
	if s.copies(bases) {
		if err := s.copyRows(ctx, bases); !errors.Is(err, driver.ErrNotCopied) {
			return err
		}
	}
	parts, several := s.alike(bases)
	insert := func() error {
		for _, part := range parts {
			if err := s.insertRows(ctx, part, s.makesKey(part[0])); err != nil {
				return err
			}
		}
		return nil
	}
	switch {
	case several && s.tx != nil:
		// A savepoint, so that the transaction can go on without the rows, and without any.
		return s.tx.Tx(ctx, func(*Tx) error { return insert() })
	case several:
		if err := s.atomically(ctx, false); err != nil {
			return err
		}
	}
	return insert()
}

// makesKey reports whether the database is to make the row's key.
func (s *session) makesKey(base unsafe.Pointer) bool {
	return s.m.s.Auto >= 0 && s.m.s.Fields[s.m.s.Auto].Zero(base)
}

// alike parts rows into those that one statement takes: all with a key, or all without, and not
// too many. several is true if it will be more than one statement.
func (s *session) alike(bases []unsafe.Pointer) (parts [][]unsafe.Pointer, several bool) {
	at := s.m.all()
	for len(bases) > 0 {
		auto := s.makesKey(bases[0])
		n := s.m.fitting(at, len(bases), func(i int) unsafe.Pointer {
			if s.makesKey(bases[i]) != auto {
				return nil
			}
			return bases[i]
		})
		several = several || auto && n > 1 && !s.db.d.Has(dialect.Returning)
		parts, bases = append(parts, bases[:n]), bases[n:]
	}
	return parts, several || len(parts) > 1
}

func (s *session) insertRows(ctx context.Context, bases []unsafe.Pointer, auto bool) error {
	if len(bases) == 1 || auto && !s.db.d.Has(dialect.Returning) {
		// Without RETURNING the keys of many rows could only be guessed.
		for _, base := range bases {
			if err := s.insertRow(ctx, base); err != nil {
				return err
			}
		}
		return nil
	}
	if s.m.insertMany != nil {
		return s.insertMany(ctx, bases, auto)
	}
	t, err := s.insertion(bases, auto)
	if err != nil {
		return err
	}
	if !auto {
		_, err = s.exec(ctx, t, source{})
		return err
	}
	return s.insertKeyed(ctx, t, source{}, bases)
}

// insertion is the text of one INSERT of many rows, with their values.
func (s *session) insertion(bases []unsafe.Pointer, auto bool) (*dialect.Template, error) {
	at := s.m.all()
	if auto {
		at = s.m.given()
	}
	values := make([][]dialect.Arg, len(bases))
	for i, base := range bases {
		args, err := s.values(at, base)
		if err != nil {
			return nil, err
		}
		values[i] = args
	}
	return s.m.text(s.m.inserting(at, values, auto))
}

// insertKeyed runs an INSERT and puts the keys that come back into the rows. Engines give keys in
// the order of the rows but promise no order of RETURNING, so the keys are sorted first.
func (s *session) insertKeyed(ctx context.Context, t *dialect.Template, src source, bases []unsafe.Pointer) (err error) {
	f := &s.m.s.Fields[s.m.s.Auto]
	rows, err := s.query(ctx, t, src, []dialect.Kind{f.Codec.Type.Kind}, true)
	if err != nil {
		return err
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	return s.takeKeys(rows, bases)
}

// takeKeys reads the keys that the database has made for these rows.
func (s *session) takeKeys(rows driver.Rows, bases []unsafe.Pointer) error {
	keys := make([]int64, 0, len(bases))
	var key int64
	dest := []any{&key}
	for rows.Next() {
		if err := rows.Scan(dest); err != nil {
			return err
		}
		keys = append(keys, key)
	}
	if rows.Err() != nil {
		return rows.Err()
	}
	if len(keys) != len(bases) {
		return fmt.Errorf("%d rows were inserted and %d keys came back", len(bases), len(keys))
	}
	slices.Sort(keys)
	return s.setKeys(bases, keys)
}

func (s *session) values(at []int, base unsafe.Pointer) ([]dialect.Arg, error) {
	args := make([]dialect.Arg, len(at))
	for i, p := range at {
		value, err := s.m.s.Fields[p].Arg(base)
		if err != nil {
			return nil, unfit(err)
		}
		args[i] = dialect.Arg{Value: value, Kind: s.m.kinds[p]}
	}
	return args, nil
}

// Update writes the row of *row's primary key: all columns, or those named. Updated times are
// set, and a lock version is counted up, in the database and in *row. [ErrNotFound] if there is
// no such row; [ErrStale] if it was changed since *row was read, as its version tells.
func (t Table[T]) Update(ctx context.Context, row *T, columns ...AnyColumn[T]) error {
	if row == nil {
		return queryFail(t.Query, "update", invalid("the row is nil"))
	}
	s, err := queryOpen(ctx, t.Query, "update")
	if err != nil {
		return err
	}
	return hooked(ctx, &s, updating, unsafe.Slice(row, 1), func() error { return tableUpdate(ctx, t, &s, row, columns) })
}

func tableUpdate[T any](ctx context.Context, t Table[T], s *session, row *T, columns []AnyColumn[T]) error {
	base := unsafe.Pointer(row)
	if err := s.checkOwn(base, true); err != nil {
		return err
	}
	text, err := tableUpdating(t, s, base, columns)
	if err != nil {
		return err
	}
	s.stamp(s.m.s.Updated, base)
	r, err := s.exec(ctx, text, source{row: base})
	if err == nil && r.Rows == 0 {
		err = tableGone(ctx, t, s, base)
	}
	if err != nil {
		return err
	}
	s.countUp(base)
	return nil
}

// tableUpdating is the text of an update: the mapping's own, or one for the named columns, or for those that
// the row knows.
func tableUpdating[T any](t Table[T], s *session, base unsafe.Pointer, columns []AnyColumn[T]) (*dialect.Template, error) {
	unset := s.m.s.Unset(base)
	if len(columns) == 0 && !t.deleted && len(t.lifted) == 0 && len(unset) == 0 {
		if s.m.update == nil {
			return nil, invalid("model %q has no column that an update could change", s.model)
		}
		return s.m.update, nil
	}
	set := s.m.changing(unset...)
	if len(columns) > 0 {
		set = make([]dialect.Assign, 0, len(columns))
	}
	for _, c := range columns {
		if c == nil {
			return nil, invalid("a column to update is nil")
		}
		of, at := c.position()
		switch {
		case of != t.model.s:
			return nil, invalid("a Column of another model is used on model %q", s.model)
		case at == ownPosition:
			own, err := s.m.assignOwn(c.Name(), base)
			if err != nil {
				return nil, err
			}
			set = s.m.addOwn(set, own)
			continue
		case !s.m.changes(at) && at != s.m.s.SoftDelete:
			return nil, invalid("column %s cannot be updated: keys and created times stay, updated times and versions set themselves", c.Name())
		}
		set = append(set, s.m.assign(at))
	}
	where := queryAlive(t.Query, s.m, s.m.byVersion(s.m.byKey()))
	return s.m.text(&dialect.Update{Table: s.m.ref, Set: s.m.bump(set), Where: where})
}

// stamp sets time fields to now.
func (s *session) stamp(at []int, base unsafe.Pointer) {
	for _, p := range at {
		f := &s.m.s.Fields[p]
		old := f.Value(base)
		f.SetTime(base, now())
		s.undoes(func() { f.SetValue(base, old) })
	}
}

// countUp gives the row the version that the database has given it.
func (s *session) countUp(base unsafe.Pointer) {
	if s.m.s.Lock < 0 {
		return
	}
	f := &s.m.s.Fields[s.m.s.Lock]
	old := f.Int(base)
	f.SetInt(base, old+1)
	s.undoes(func() { f.SetInt(base, old) })
}

// tableGone says why a row by its key and version was not there.
func tableGone[T any](ctx context.Context, t Table[T], s *session, base unsafe.Pointer) error {
	if s.m.s.Lock < 0 {
		return ErrNotFound
	}
	key, err := s.values(s.m.s.Key, base)
	if err != nil {
		return err
	}
	if err := tableGet(ctx, t, s, key, new(T)); err != nil {
		return err
	}
	return ErrStale
}

// Delete deletes the row of *row's primary key; with a soft delete it is marked instead, in the
// database and in *row. [ErrNotFound] and [ErrStale] are as for [Table.Update].
func (t Table[T]) Delete(ctx context.Context, row *T) error {
	if t.model.s.SoftDelete < 0 {
		return t.Purge(ctx, row)
	}
	return tableDeleteBy(ctx, t, row, func(s *session, base unsafe.Pointer) error {
		s.stamp([]int{s.m.s.SoftDelete}, base)
		s.stamp(s.m.s.Updated, base)
		text, err := tableWithout(t, s, s.m.softDelete, s.m.softDeleting)
		if err != nil {
			return err
		}
		r, err := s.exec(ctx, text, source{row: base})
		if err == nil && r.Rows == 0 {
			t.deleted = false // what is marked already is not there to be marked
			err = tableGone(ctx, t, s, base)
		}
		if err != nil {
			return err
		}
		s.countUp(base)
		return nil
	})
}

// Purge deletes the row of *row's primary key from the database, also where the model has a soft
// delete. [ErrNotFound] and [ErrStale] are as for [Table.Update].
func (t Table[T]) Purge(ctx context.Context, row *T) error {
	return tableDeleteBy(ctx, t, row, func(s *session, base unsafe.Pointer) error {
		text, err := tableWithout(t, s, s.m.delete, s.m.deleting)
		if err != nil {
			return err
		}
		r, err := s.exec(ctx, text, source{row: base})
		if err == nil && r.Rows == 0 {
			return tableGone(ctx, t.WithDeleted(), s, base)
		}
		return err
	})
}

func tableDeleteBy[T any](ctx context.Context, t Table[T], row *T, fn func(*session, unsafe.Pointer) error) error {
	if row == nil {
		return queryFail(t.Query, "delete", invalid("the row is nil"))
	}
	s, err := queryOpen(ctx, t.Query, "delete")
	if err != nil {
		return err
	}
	return hooked(ctx, &s, deleting, unsafe.Slice(row, 1), func() error { return fn(&s, unsafe.Pointer(row)) })
}
