package rowhouse

import (
	"context"
	"errors"
	"iter"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Table is a model in a scope: one tenant's rows. It is where all reads and writes start, and is
// itself a [Query] without conditions. It is a small value, made by [Model.In] and thrown away.
type Table[T any] struct{ Query[T] }

// Key is a primary key of several columns, in the order of the key, for [Table.GetMany].
type Key []any

// WithDeleted includes rows that are softly deleted, in reads and in writes.
func (t Table[T]) WithDeleted() Table[T] {
	t.deleted = true
	return t
}

// With is [Query.With] for reads that begin with the table, and has rows inserted with those that the
// relations lead to: those in the rows' fields. What a row belongs to goes before it, what belongs to it after it,
// each with its foreign key filled in, all in one transaction. A related row whose generated key is set
// is there already, and is linked by that; of a relation by a join table, the row between is made.
// What upserts, updates and deletes do to a row, they do to that row alone; see [Relation.Of].
func (t Table[T]) With(rels ...AnyRelation[T]) Table[T] {
	t.Query = t.Query.With(rels...)
	return t
}

// Get returns the row of that primary key, or [ErrNotFound]. A key of several columns is given in
// the order of the key.
func (t Table[T]) Get(ctx context.Context, key ...any) (row T, err error) {
	args, err := tableKeyArgs(t, key)
	if err != nil {
		return row, queryFail(t.Query, "get", err)
	}
	if len(t.with) > 0 {
		return tableGetWith(ctx, t, args)
	}
	s, err := queryOpen(ctx, t.Query, "get")
	if err != nil {
		return row, err
	}
	err = s.within(ctx, func() error { return tableGet(ctx, t, &s, args, &row) })
	if err == nil && s.loads() {
		rows := []T{row} // a copy, so that row is on the heap only for hooks
		err = loaded(ctx, &s, t.scope, rows)
		row = rows[0]
	}
	return row, err
}

// tableGetWith reads a row by its key, and those that relations lead to.
func tableGetWith[T any](ctx context.Context, t Table[T], key []dialect.Arg) (row T, err error) {
	q := t.Query
	q.where, q.limit = []dialect.Expr{anyKey(t.model.s, [][]dialect.Arg{key})}, 1
	rows, err := queryGather(ctx, q, "get", nil)
	switch {
	case err != nil:
		return row, err
	case len(rows) == 0:
		return row, queryFail(t.Query, "get", ErrNotFound)
	}
	return rows[0], nil
}

func tableGet[T any](ctx context.Context, t Table[T], s *session, key []dialect.Arg, row *T) error {
	text, err := tableGetting(t, s)
	if err != nil {
		return err
	}
	rows, err := s.query(ctx, text, source{key: key}, s.m.kinds, false)
	if err != nil {
		return err
	}
	return one(rows, s.m.s, row)
}

// tableGetting is the text of a read by key: the mapping's own, or one without the filters lifted.
func tableGetting[T any](t Table[T], s *session) (*dialect.Template, error) {
	switch {
	case len(t.lifted) > 0:
		where := queryAlive(t.Query, s.m, s.m.byKey())
		return s.m.text(&dialect.Select{From: s.m.ref, Columns: s.m.columns, Where: where, Limit: -1})
	case t.deleted:
		return s.m.getDeleted, nil
	}
	return s.m.get, nil
}

// GetMany returns the rows of these primary keys, in the order of the keys. Keys without a row
// are passed over. A key is a value, or a [Key] for several columns.
func (t Table[T]) GetMany(ctx context.Context, keys ...any) ([]T, error) {
	lists := make([][]dialect.Arg, len(keys))
	for i, key := range keys {
		args, err := tableKeyArgs(t, keyParts(key))
		if err != nil {
			return nil, queryFail(t.Query, "get", err)
		}
		lists[i] = args
	}
	s, err := queryOpen(ctx, t.Query, "get")
	if err != nil {
		return nil, err
	}
	var found []T
	var with []branch[T]
	err = s.within(ctx, func() (err error) {
		if with, err = branches(&s, t.with); err != nil {
			return err
		}
		if found, err = tableGetMany(ctx, t, &s, lists); err == nil {
			err = askAll(ctx, &s, with, found)
		}
		return err
	})
	if err == nil {
		found, err = tableInOrder(t, lists, found) // before hooks can change the keys
	}
	if err == nil {
		err = queryFinish(ctx, t.Query, &s, with, found)
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}

// keysAtOnce bounds the keys of one statement: few enough for every engine's arguments, many
// enough that the round trips do not count.
const keysAtOnce = 500

func tableGetMany[T any](ctx context.Context, t Table[T], s *session, keys [][]dialect.Arg) ([]T, error) {
	all := make([]T, 0, len(keys))
	err := queryKeys(ctx, t.Query, s, portions(keys, keysAtOnce), func(row *T) bool {
		all = append(all, *row)
		s.had++ // for the statements to come
		return true
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// queryKeys reads the rows of keys, a portion at once.
func queryKeys[T any](ctx context.Context, q Query[T], s *session, portions iter.Seq[[][]dialect.Arg], fn func(*T) bool) error {
	for some := range portions {
		q.where = []dialect.Expr{anyKey(q.model.s, some)}
		if err := queryRead(ctx, q, s, fn); err != nil {
			return err
		}
	}
	return nil
}

// portions parts keys. Where there are several, none is in two of them, which would read its row twice.
func portions(keys [][]dialect.Arg, most int) iter.Seq[[][]dialect.Arg] {
	if len(keys) > most {
		seen := make(map[any]bool, len(keys))
		keys = slices.DeleteFunc(slices.Clone(keys), func(key []dialect.Arg) bool {
			k := asKey(key)
			was := seen[k]
			seen[k] = true
			return was
		})
	}
	return slices.Chunk(keys, most)
}

// anyKey is true for rows that have one of the keys.
func anyKey(s *model.Struct, keys [][]dialect.Arg) dialect.Expr {
	columns := make([]dialect.Expr, len(s.Key))
	for i, at := range s.Key {
		columns[i] = dialect.Ref{Table: s.Table.Name, Column: s.Fields[at].Column}
	}
	return among(columns, keys)
}

// orAtOnce bounds an OR: with one of as many, it is enough for the arguments that any engine takes.
const orAtOnce = 200

// among is true for rows whose columns have one of the keys.
func among(columns []dialect.Expr, keys [][]dialect.Arg) dialect.Expr {
	if len(columns) == 1 {
		in := dialect.In{Operand: columns[0], Kind: keys[0][0].Kind, Values: make([]any, len(keys))}
		for i, key := range keys {
			in.Values[i] = key[0].Value
		}
		return in
	}
	if len(keys) > orAtOnce {
		// A tree: SQLite takes expressions that are a thousand deep, and reads a OR b OR c as (a OR b) OR c.
		var or dialect.Or
		for some := range slices.Chunk(keys, orAtOnce) {
			or = append(or, among(columns, some))
		}
		return or
	}
	or := make(dialect.Or, len(keys))
	for i, key := range keys {
		and := make(dialect.And, len(key))
		for j, arg := range key {
			and[j] = dialect.Compare{Left: columns[j], Op: "=", Right: arg}
		}
		or[i] = and
	}
	return or
}

// tableInOrder puts the rows into the order of the keys.
func tableInOrder[T any](t Table[T], keys [][]dialect.Arg, rows []T) ([]T, error) {
	at, fields := make(map[any]int, len(rows)), t.model.s.KeyFields()
	for i := range rows {
		key, err := keyIn(fields, unsafe.Pointer(&rows[i]))
		if err != nil {
			return nil, queryFail(t.Query, "get", invalid("%v", err))
		}
		at[key] = i
	}
	ordered := make([]T, 0, len(keys))
	for _, key := range keys {
		if i, ok := at[asKey(key)]; ok {
			ordered = append(ordered, rows[i])
		}
	}
	return ordered, nil
}

func tableKeyArgs[T any](t Table[T], key []any) ([]dialect.Arg, error) {
	s := t.model.s
	if len(key) != len(s.Key) {
		return nil, invalid("the primary key of model %q has %d columns (%v); %d values were given",
			s.Table.Name, len(s.Key), s.Table.PrimaryKey, len(key))
	}
	args := make([]dialect.Arg, len(key))
	for i, at := range s.Key {
		value, err := s.Fields[at].KeyArg(key[i])
		if err != nil {
			return nil, invalid("%v", err)
		}
		args[i] = dialect.Arg{Value: value, Kind: s.Fields[at].Codec.Type.Kind}
	}
	return args, nil
}

// DeleteWhere deletes the rows for which p is true and returns their number; rows of a model with
// a soft delete are marked instead. To mean every row, say [Every].
//
// It does not have the rows, and so calls no hooks: where they must be called, read the rows and
// delete each.
func (t Table[T]) DeleteWhere(ctx context.Context, p Predicate[T]) (int64, error) {
	if err := errors.Join(p.o.get().checkWrite(t.model.s), p.o.get().within(t.scope)); err != nil {
		return 0, queryFail(t.Query, "delete", err)
	}
	s, err := queryOpen(ctx, t.Query, "delete")
	if err != nil {
		return 0, err
	}
	var st dialect.Statement = &dialect.Delete{From: s.m.ref, Where: tableLiving(t, &s, p)}
	if at := s.m.s.SoftDelete; at >= 0 {
		st = &dialect.Update{Table: s.m.ref, Where: tableLiving(t, &s, p), Set: s.m.bumpNow([]dialect.Assign{s.m.assignNow(at)})}
	}
	return s.changed(ctx, func() (dialect.Statement, error) { return st, nil })
}

// UpdateWhere gives columns of the rows for which p is true new values, and returns the number of
// rows. Updated times and lock versions are set as well. To mean every row, say [Every].
//
// It does not have the rows, and so calls no hooks: where they must be called, read the rows and
// update each.
func (t Table[T]) UpdateWhere(ctx context.Context, p Predicate[T], set ...Assignment[T]) (int64, error) {
	list := make([]assignment, len(set))
	for i := range set {
		if set[i].a != nil {
			list[i] = *set[i].a
		}
	}
	assigns, err := assignments(t.model.s, list)
	if err = errors.Join(p.o.get().checkWrite(t.model.s), p.o.get().within(t.scope), err); err != nil {
		return 0, queryFail(t.Query, "update", err)
	}
	s, err := queryOpen(ctx, t.Query, "update")
	if err != nil {
		return 0, err
	}
	return s.changed(ctx, func() (dialect.Statement, error) {
		own := make([]string, len(list))
		for i, a := range list {
			own[i] = a.own
		}
		assigns, err := s.m.settleOwn(assigns, own)
		return &dialect.Update{Table: s.m.ref, Set: s.m.bumpNow(assigns), Where: tableLiving(t, &s, p)}, err
	})
}

// narrowed is what is computed for a column, within the bounds of its kind.
func narrowed(value dialect.Expr, kind dialect.Kind) dialect.Expr {
	if _, constant := value.(dialect.Arg); constant || kind != dialect.Int16 && kind != dialect.Int32 {
		return value
	}
	return dialect.Func{Name: dialect.Narrow, Kind: kind, Args: []dialect.Expr{value}}
}

// assignments are those of an update, which must be of different columns of the model.
func assignments(s *model.Struct, set []assignment) ([]dialect.Assign, error) {
	if len(set) == 0 {
		return nil, invalid("UpdateWhere needs at least one column to set")
	}
	assigns := make([]dialect.Assign, len(set))
	for i, a := range set {
		switch {
		case a.err != nil:
			return nil, invalid("%v", a.err)
		case a.s != s:
			return nil, invalid("an Assignment of another model is used on model %q", s.Table.Name)
		case slices.ContainsFunc(set[:i], func(b assignment) bool { return b.at == a.at && b.own == a.own }):
			return nil, invalid("column %s is set twice", a.name())
		case slices.Contains(s.Key, a.at) || slices.Contains(s.Updated, a.at) || a.own == "" && a.at == s.Lock:
			return nil, invalid("column %s cannot be set: keys stay, and updated times and versions set themselves", a.name())
		}
		for _, b := range set[:i] {
			// MySQL sets one column after the other, and would take the value that it has just set.
			if refers(a.value, b.name(), b.own != "") {
				return nil, invalid("column %s is set to a value of column %s, which is set before; set it first",
					a.name(), b.name())
			}
		}
		assigns[i] = dialect.Assign{Column: a.name(), Value: a.value}
		if a.own == "" {
			assigns[i].Value = narrowed(a.value, s.Fields[a.at].Codec.Type.Kind)
		}
	}
	return assigns, nil
}

func tableLiving[T any](t Table[T], s *session, p Predicate[T]) dialect.Expr {
	return queryAlive(t.Query, s.m, p.o.get().expr)
}

// changed renders and runs a statement that changes rows, as the whole operation, and returns
// their number.
func (s *session) changed(ctx context.Context, of func() (dialect.Statement, error)) (n int64, err error) {
	err = s.within(ctx, func() error {
		st, err := of()
		if err != nil {
			return err
		}
		t, err := s.m.text(st)
		if err != nil {
			return err
		}
		r, err := s.exec(ctx, t, source{})
		n = r.Rows
		return err
	})
	return n, err
}
