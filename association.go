package rowhouse

import (
	"context"
	"errors"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Association is what a relation leads to from one row, in a scope: where related rows are linked and
// unlinked. It is made by [Relation.Of].
//
// Its writes are each one transaction, or a savepoint in one. They set foreign keys in the rows that
// they are given, and leave the fields that [Query.With] fills in as they are.
type Association[T, R any] struct {
	r     Relation[T, R]
	scope Scope
	row   *T
}

// Of is what the relation leads to from a row that is in the database. Only the columns of *row that
// the relation goes by are read; [Association.Add] and the like set the foreign key in it, where it is
// the row's own.
func (r Relation[T, R]) Of(s Scope, row *T) Association[T, R] { return Association[T, R]{r, s, row} }

// Rows selects the related rows, by what was asked of the relation, and more. Rows and what comes after
// carry the key that *row has now.
func (a Association[T, R]) Rows() Query[R] {
	if a.r.b == nil {
		return Query[R]{model: &Model[R]{s: new(model.Struct)}, scope: a.scope, err: invalid("%v", errNoRelation)}
	}
	q := a.r.rows
	q.scope = a.scope
	if a.r.b.target().Table.Common && a.scope != nil && a.scope.Tenant() != "" {
		q.scope = originOf(a.scope).db.Common()
	}
	q.err = errors.Join(q.err, operand{origins: q.origins}.within(q.scope))
	q.origins = nil
	p, err := a.mine()
	if err != nil {
		q.err = errors.Join(q.err, err)
		return q
	}
	return q.Where(p)
}

// mine is true for the related rows.
func (a Association[T, R]) mine() (Predicate[R], error) {
	b := a.r.b
	first := b.legs[0]
	key, err := a.key()
	if err != nil {
		return Predicate[R]{}, err
	}
	if slices.ContainsFunc(key, func(a dialect.Arg) bool { return a.Value == nil }) {
		return conditionOf[R](operand{s: b.target(), expr: dialect.Truth(false)}), nil
	}
	columns := make([]dialect.Expr, len(first.on))
	for i, p := range first.on {
		columns[i] = dialect.Ref{Table: first.to.Table.Name, Column: first.to.Fields[p.to].Column}
	}
	o := operand{s: b.target(), expr: among(columns, [][]dialect.Arg{key})}
	if len(b.legs) > 1 {
		o.expr = dialect.Related{From: b.target().Table.Ref(), Key: b.target().Table.PrimaryKey, Hops: b.back(), Where: o.expr}
	}
	return conditionOf[R](o), nil
}

// key are the columns of the row that the relation goes by.
func (a Association[T, R]) key() ([]dialect.Arg, error) {
	if a.row == nil {
		return nil, invalid("the row whose related rows are meant is nil")
	}
	var key []dialect.Arg
	for _, p := range a.r.b.legs[0].on {
		f := &a.r.b.from.Fields[p.from]
		v, err := f.Arg(unsafe.Pointer(a.row))
		switch {
		case err != nil:
			return nil, invalid("%v", err)
		case unmade(a.r.b.from, p.from, unsafe.Pointer(a.row)):
			return nil, invalid("column %s of model %q is not set: the row has to be inserted before others can be related to it",
				f.Column, a.r.b.from.Table.Name)
		}
		key = append(key, dialect.Arg{Value: v, Kind: f.Codec.Type.Kind})
	}
	return key, nil
}

// unmade reports whether a column is a generated key that is not yet there.
func unmade(s *model.Struct, at int, row unsafe.Pointer) bool {
	return (at == s.Auto || slices.Contains(s.Made, at)) && s.Fields[at].Zero(row)
}

// Add links rows to the row: one that is not there yet, which a generated key that is zero or a lookup
// by its key tells, is inserted, any other has its foreign key updated. By a join table, the row between
// is inserted, unless it is there. Of a relation to one row, Add is [Association.Replace].
func (a Association[T, R]) Add(ctx context.Context, rows ...*R) error {
	return a.change(ctx, rows, func(tx *Tx) error {
		if !a.r.b.toMany() {
			return a.replaceOne(ctx, tx, rows)
		}
		return a.r.attach(ctx, tx, a.row, rows)
	})
}

// Replace links these rows and no others: what is linked beside them is unlinked as [Association.Clear]
// does it.
func (a Association[T, R]) Replace(ctx context.Context, rows ...*R) error {
	return a.change(ctx, rows, func(tx *Tx) error {
		if !a.r.b.toMany() {
			return a.replaceOne(ctx, tx, rows)
		}
		if err := a.clear(ctx, tx, rows); err != nil {
			return err
		}
		return a.r.attach(ctx, tx, a.row, rows)
	})
}

// Remove unlinks rows. Where their foreign key can be NULL it is set so; where it cannot, they are
// deleted, since they cannot be without the row; rows of a join table are deleted. A row that is not
// related to this one is [ErrNotFound].
func (a Association[T, R]) Remove(ctx context.Context, rows ...*R) error {
	return a.change(ctx, rows, func(tx *Tx) error { return a.remove(ctx, tx, rows) })
}

// Clear unlinks all related rows, as Remove does, but by one statement, which calls no hooks.
func (a Association[T, R]) Clear(ctx context.Context) error {
	return a.change(ctx, nil, func(tx *Tx) error { return a.clear(ctx, tx, nil) })
}

// change runs a write in a transaction.
func (a Association[T, R]) change(ctx context.Context, rows []*R, fn func(*Tx) error) error {
	if a.r.b == nil {
		return invalid("%v", errNoRelation)
	}
	target := a.r.b.target()
	fail := func(err error) error {
		return queryFail(Query[R]{model: a.r.rows.model, scope: a.scope}, "relate", err)
	}
	_, err := a.key()
	switch {
	case err != nil:
		return fail(err)
	case slices.Contains(rows, nil):
		return fail(invalid("a row to be linked is nil"))
	case repeated(rows):
		return fail(invalid("a row is given twice"))
	case a.r.b.kind == through && a.r.link == nil:
		return fail(invalid("a relation by other relations is written by those; " +
			"only one by a join table, of HasMany and BelongsTo, links rows itself"))
	case a.r.b.kind != belongsTo && target.Table.Common:
		return fail(invalid("model %q belongs to no tenant, and its rows are not a tenant's to change", target.Table.Name))
	case !a.r.b.toMany() && len(rows) > 1:
		return fail(invalid("the relation is to one row; %d were given", len(rows)))
	}
	if err := a.r.writable(); err != nil {
		return fail(invalid("%v", err))
	}
	return inTx(ctx, a.scope, fn)
}

func repeated[R any](rows []*R) bool {
	seen := make(map[*R]bool, len(rows))
	for _, row := range rows {
		seen[row] = true
	}
	return len(seen) < len(rows)
}

// inTx runs fn in a transaction of the scope, or in a savepoint of the one that the scope is.
func inTx(ctx context.Context, scope Scope, fn func(*Tx) error) error {
	switch s := scope.(type) {
	case nil:
		return &TenantError{Reason: ErrUnknownTenant, advice: "the scope is nil"}
	case *Tx:
		return s.Tx(ctx, fn)
	}
	return transact(ctx, scope, TxOptions{}, fn)
}

// table is the related table in a transaction.
func (r Relation[T, R]) table(tx *Tx) Table[R] {
	q := (&Model[R]{s: r.b.target()}).In(tx).Query
	q.with, q.deleted, q.lifted = r.rows.with, r.rows.deleted, r.rows.lifted
	return Table[R]{q}
}

// attach links rows to a row of T, for relations to many, and for HasOne.
func (r Relation[T, R]) attach(ctx context.Context, tx *Tx, row *T, rows []*R) error {
	if r.link != nil {
		if _, err := r.save(ctx, tx, rows); err != nil {
			return err
		}
		return r.link.add(ctx, tx, row, rows)
	}
	for _, related := range rows {
		if err := r.copyKey(tx, row, related); err != nil {
			return err
		}
	}
	return r.saveOwned(ctx, tx, rows)
}

// saveOwned writes rows that have a new foreign key.
func (r Relation[T, R]) saveOwned(ctx context.Context, tx *Tx, rows []*R) error {
	if len(rows) == 0 {
		return nil
	}
	known, err := r.save(ctx, tx, rows)
	if err != nil {
		return err
	}
	s := r.b.target()
	var columns []AnyColumn[R]
	for _, p := range r.b.legs[0].on {
		if !slices.Contains(s.Key, p.to) { // what is in the key of a row that is there is as it was found
			columns = append(columns, columnOf{s, p.to})
		}
	}
	if len(columns) == 0 {
		return nil
	}
	t := r.table(tx)
	for _, related := range known {
		if err := t.Update(ctx, related, columns...); err != nil {
			return err
		}
	}
	return nil
}

// copyKey gives the row on the side of the foreign key the key of the other.
func (r Relation[T, R]) copyKey(tx *Tx, row *T, related *R) error {
	for _, p := range r.b.legs[0].on {
		from, to := &r.b.from.Fields[p.from], &r.b.target().Fields[p.to]
		source, dest := unsafe.Pointer(row), unsafe.Pointer(related)
		if r.b.kind == belongsTo {
			from, to, source, dest = to, from, dest, source
		}
		if err := copyField(tx, to, dest, from, source); err != nil {
			return err
		}
	}
	return nil
}

func copyField(tx *Tx, to *model.Field, dest unsafe.Pointer, from *model.Field, source unsafe.Pointer) error {
	v, err := from.Arg(source)
	switch {
	case err != nil:
		return invalid("%v", err)
	case v == nil:
		return invalid("%s is NULL, so that no row can refer to it", from)
	}
	return setField(tx, to, dest, v)
}

// setField gives a field a value that is taken back if the transaction is.
func setField(tx *Tx, f *model.Field, row unsafe.Pointer, value any) error {
	old := f.Value(row)
	if err := f.Put(row, value); err != nil {
		return invalid("the key does not fit into %s", f)
	}
	tx.undo = append(tx.undo, func() { f.SetValue(row, old) })
	return nil
}

// save inserts the rows that are not there yet, and returns those that are.
func (r Relation[T, R]) save(ctx context.Context, tx *Tx, rows []*R) (known []*R, err error) {
	var fresh []*R
	if s := r.b.target(); s.Auto >= 0 || len(s.Made) > 0 {
		for _, row := range rows {
			if slices.ContainsFunc(s.Key, func(at int) bool { return unmade(s, at, unsafe.Pointer(row)) }) {
				fresh = append(fresh, row)
			} else {
				known = append(known, row)
			}
		}
	} else if fresh, known, err = r.lookUp(ctx, tx, rows); err != nil {
		return nil, err
	}
	if len(fresh) > 0 && r.b.target().Table.Common && tx.id != "" {
		return nil, invalid("model %q belongs to no tenant; insert its row in the scope that DB.Common returns", r.b.target().Table.Name)
	}
	return known, insertAll(ctx, tx, r.table(tx), fresh)
}

// lookUp parts rows by whether their keys are there. What is softly deleted is.
func (r Relation[T, R]) lookUp(ctx context.Context, tx *Tx, rows []*R) (fresh, known []*R, err error) {
	s := r.b.target()
	t := r.table(tx).WithDeleted()
	t.with = nil
	keys, texts, fields := make([]any, len(rows)), make([]any, len(rows)), s.KeyFields()
	for i, row := range rows {
		key := make(Key, len(fields))
		for j, f := range fields {
			key[j] = f.Value(unsafe.Pointer(row))
		}
		if texts[i], err = keyIn(fields, unsafe.Pointer(row)); err != nil {
			return nil, nil, invalid("%v", err)
		}
		keys[i] = key
	}
	found, err := t.GetMany(ctx, keys...)
	if err != nil {
		return nil, nil, err
	}
	there := map[any]bool{}
	for i := range found {
		key, err := keyIn(fields, unsafe.Pointer(&found[i]))
		if err != nil {
			return nil, nil, invalid("%v", err)
		}
		there[key] = true
	}
	for i, row := range rows {
		if there[texts[i]] {
			known = append(known, row)
		} else {
			fresh = append(fresh, row)
			there[texts[i]] = true // for those after it that have the same key
		}
	}
	return fresh, known, nil
}

// insertAll inserts rows that are each somewhere else, by one statement for many.
func insertAll[R any](ctx context.Context, tx *Tx, t Table[R], rows []*R) error {
	if len(rows) == 0 {
		return nil
	}
	list := make([]R, len(rows))
	for i, row := range rows {
		list[i] = *row
	}
	if err := t.InsertMany(ctx, list); err != nil {
		return err
	}
	for i, row := range rows {
		old := *row
		*row = list[i]
		tx.undo = append(tx.undo, func() { *row = old })
	}
	return nil
}

// replaceOne links the one row of a relation to one, or none.
func (a Association[T, R]) replaceOne(ctx context.Context, tx *Tx, rows []*R) error {
	if a.r.b.kind == hasOne {
		if err := a.clear(ctx, tx, rows); err != nil || len(rows) == 0 {
			return err
		}
		return a.r.attach(ctx, tx, a.row, rows)
	}
	if len(rows) == 0 {
		return a.setForeign(ctx, tx, nil)
	}
	if _, err := a.r.save(ctx, tx, rows); err != nil {
		return err
	}
	return a.setForeign(ctx, tx, rows[0])
}

// setForeign gives the row the foreign key of another, or NULL.
func (a Association[T, R]) setForeign(ctx context.Context, tx *Tx, related *R) error {
	s := a.r.b.from
	var columns []AnyColumn[T]
	for _, p := range a.r.b.legs[0].on {
		if related == nil && !s.Table.Columns[p.from].Null {
			return invalid("column %s of model %q cannot be NULL, so its row always belongs to one", s.Fields[p.from].Column, s.Table.Name)
		}
		columns = append(columns, columnOf{s, p.from})
		if related == nil {
			if err := setField(tx, &s.Fields[p.from], unsafe.Pointer(a.row), nil); err != nil {
				return err
			}
		}
	}
	if related != nil {
		if err := a.r.copyKey(tx, a.row, related); err != nil {
			return err
		}
	}
	return (&Model[T]{s: s}).In(tx).Update(ctx, a.row, columns...)
}

func (a Association[T, R]) remove(ctx context.Context, tx *Tx, rows []*R) error {
	if a.r.link != nil {
		return a.r.link.remove(ctx, tx, a.row, rows)
	}
	t := a.r.table(tx)
	t.with = nil
	mine, err := a.mine()
	if err != nil {
		return queryFail(t.Query, "relate", err)
	}
	for _, row := range rows {
		there, err := t.Where(mine, a.keyed([]*R{row})).Exists(ctx)
		if err == nil && !there {
			err = queryFail(t.Query, "relate", ErrNotFound)
		}
		if err == nil {
			err = a.unlink(ctx, tx, t, row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unlink ends the relation of a row that was found to be related.
func (a Association[T, R]) unlink(ctx context.Context, tx *Tx, t Table[R], row *R) error {
	if a.r.b.kind == belongsTo {
		return a.setForeign(ctx, tx, nil)
	}
	if !a.nullable() {
		return t.Delete(ctx, row)
	}
	var columns []AnyColumn[R]
	for _, p := range a.r.b.legs[0].on {
		columns = append(columns, columnOf{t.model.s, p.to})
		if err := setField(tx, &t.model.s.Fields[p.to], unsafe.Pointer(row), nil); err != nil {
			return err
		}
	}
	return t.Update(ctx, row, columns...)
}

// nullable reports whether the related rows can be without the row.
func (a Association[T, R]) nullable() bool {
	s := a.r.b.target()
	return !slices.ContainsFunc(a.r.b.legs[0].on, func(p pair) bool { return !s.Table.Columns[p.to].Null })
}

// keyed is true for rows that have the key of one of these.
func (a Association[T, R]) keyed(rows []*R) Predicate[R] {
	s := a.r.b.target()
	o := operand{s: s}
	keys := make([][]dialect.Arg, len(rows))
	for i, row := range rows {
		for _, at := range s.Key {
			v, err := s.Fields[at].Arg(unsafe.Pointer(row))
			o.err = errors.Join(o.err, err)
			keys[i] = append(keys[i], dialect.Arg{Value: v, Kind: s.Fields[at].Codec.Type.Kind})
		}
	}
	if len(keys) == 0 {
		o.expr = dialect.Truth(false)
	} else {
		o.expr = anyKey(s, keys)
	}
	return conditionOf[R](o)
}

// clear unlinks all related rows but these.
func (a Association[T, R]) clear(ctx context.Context, tx *Tx, keep []*R) error {
	switch {
	case a.r.link != nil:
		return a.r.link.clear(ctx, tx, a.row, keep)
	case a.r.b.kind == belongsTo:
		return a.setForeign(ctx, tx, nil)
	}
	t := a.r.table(tx)
	mine, err := a.mine()
	if err != nil {
		return queryFail(t.Query, "relate", err)
	}
	others := And(mine, Not(a.keyed(keep)))
	if !a.nullable() {
		_, err = t.DeleteWhere(ctx, others)
		return err
	}
	var set []Assignment[R]
	for _, p := range a.r.b.legs[0].on {
		set = append(set, Assignment[R]{columnOperand(t.model.s, p.to).setNull(p.to)})
	}
	_, err = t.UpdateWhere(ctx, others, set...)
	return err
}
