package rowhouse

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// Query selects rows of one model in one scope. It is made by a [Table]'s methods and carries its
// tenant from then on. It is a value: each method returns a new Query and leaves the old one as
// it was, so that a Query can be kept, shared between goroutines and run many times.
type Query[T any] struct {
	model   *Model[T]
	scope   Scope
	where   []dialect.Expr
	joins   []dialect.Join // what where and order need
	order   []Order[T]
	limit   int64 // below zero is none
	offset  int64
	lock    dialect.Lock
	after   *T
	deleted bool
	lifted  []string // filters that do not hold
	many    bool     // where or order go by a relation to many, of which a row has not one value
	err     error
}

// Where keeps the rows for which all predicates are true, of this call and of earlier ones.
func (q Query[T]) Where(ps ...Predicate[T]) Query[T] {
	where := slices.Clone(q.where)
	for _, p := range ps {
		q.many, p.many = q.many || p.many, false
		if err := errors.Join(p.check(q.model.s), p.within(q.scope)); err != nil {
			q.err = errors.Join(q.err, err)
			continue
		}
		where = append(where, p.expr)
		q.joins = joined(q.joins, p.joins)
	}
	q.where = where
	return q
}

// OrderBy orders the rows by these terms, after those of earlier calls.
func (q Query[T]) OrderBy(os ...Order[T]) Query[T] {
	for _, o := range os {
		q.many, o.many = q.many || o.many, false
		q.err = errors.Join(q.err, o.check(q.model.s), o.within(q.scope))
		q.joins = joined(q.joins, o.joins)
	}
	q.order = slices.Concat(q.order, os)
	return q
}

// Limit returns at most n rows; 0 returns none. The order is then completed with the primary
// key, as for [Query.After]: without that, two pages could both have a row, or neither.
func (q Query[T]) Limit(n int) Query[T] {
	if n < 0 {
		q.err = errors.Join(q.err, invalid("Limit(%d): a limit is 0 or more", n))
	}
	q.limit = int64(n)
	return q
}

// Offset passes over the first n rows. The database reads them all the same; for pages,
// [Query.After] does not.
func (q Query[T]) Offset(n int) Query[T] {
	if n < 0 {
		q.err = errors.Join(q.err, invalid("Offset(%d): an offset is 0 or more", n))
	}
	q.offset = int64(n)
	return q
}

// After begins after a row, in the order of OrderBy: the last row of one page gives the next
// (keyset pagination). Only the columns that the order is by are read from it, and those of the
// primary key, which the order is completed with, so that no two rows are equal in it.
func (q Query[T]) After(row T) Query[T] {
	q.after = &row
	return q
}

// ForUpdate locks the rows for the rest of the transaction that the scope is. On SQLite, where a
// write transaction is alone anyway, it does nothing.
func (q Query[T]) ForUpdate() Query[T] { q.lock = dialect.ForUpdate; return q }

// SkipLocked is [Query.ForUpdate], passing over rows that others have locked. On SQLite it is
// refused with [ErrUnsupported].
func (q Query[T]) SkipLocked() Query[T] { q.lock = dialect.ForUpdateSkipLocked; return q }

// NoWait is [Query.ForUpdate], failing at once if another has locked a row. On SQLite it is
// refused with [ErrUnsupported].
func (q Query[T]) NoWait() Query[T] { q.lock = dialect.ForUpdateNoWait; return q }

// All returns the rows.
func (q Query[T]) All(ctx context.Context) ([]T, error) {
	return q.collect(ctx, "select", nil)
}

// First returns the first row, in the order of the primary key if the query has none, or
// [ErrNotFound].
func (q Query[T]) First(ctx context.Context) (T, error) {
	if q.limit != 0 {
		q.limit = 1
	}
	return q.one(ctx)
}

// One returns the one row that matches. None is [ErrNotFound], more than one is [ErrMultiple].
func (q Query[T]) One(ctx context.Context) (T, error) {
	if q.limit < 0 || q.limit > 2 {
		q.limit = 2
	}
	return q.one(ctx)
}

func (q Query[T]) one(ctx context.Context) (row T, err error) {
	if len(q.order) == 0 {
		q.order = q.byKey()
	}
	rows, err := q.collect(ctx, "select", make([]T, 0, 2))
	switch {
	case err != nil:
		return row, err
	case len(rows) == 0:
		return row, q.fail("select", ErrNotFound)
	case len(rows) > 1:
		return row, q.fail("select", ErrMultiple)
	}
	return rows[0], nil
}

// Each yields the rows one by one, as they come from the database, so that any number of them
// needs the memory of one. Breaking out of the loop ends the query. An error is yielded last,
// with a zero row.
//
// A connection is held until the loop ends; inside a transaction, nothing else can run on it.
func (q Query[T]) Each(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		stopped := false
		err := q.stream(ctx, "select", func(row *T) bool {
			stopped = !yield(*row, nil)
			return !stopped
		})
		if err != nil && !stopped {
			var zero T
			yield(zero, err)
		}
	}
}

// Count returns the number of rows. It refuses Limit and Offset, which count the rows of a page.
func (q Query[T]) Count(ctx context.Context) (n int64, err error) {
	if q.limit >= 0 || q.offset > 0 {
		q.err = errors.Join(q.err, invalid("Count with Limit or Offset: leave them out"))
	}
	err = q.value(ctx, "count", dialect.CountAll{}, dialect.Int64, &n)
	return n, err
}

// Exists reports whether any row matches.
func (q Query[T]) Exists(ctx context.Context) (bool, error) {
	if q.limit == 0 {
		return false, q.err
	}
	q.limit = 1
	var one int64
	err := q.value(ctx, "exists", dialect.One{}, dialect.Int32, &one)
	if errors.Is(err, errNoRow) {
		return false, nil
	}
	return err == nil, err
}

var errNoRow = errors.New("no row")

// value reads one value of the first row.
func (q Query[T]) value(ctx context.Context, op string, of dialect.Expr, kind dialect.Kind, dest *int64) error {
	s, err := q.open(ctx, op)
	if err != nil {
		return err
	}
	return s.within(ctx, func() error {
		sel, err := q.selection(&s)
		if err != nil {
			return err
		}
		sel.Columns, sel.Order = []dialect.Expr{of}, nil
		rows, err := s.selected(ctx, sel, []dialect.Kind{kind})
		if err != nil {
			return err
		}
		return firstRow(rows, []any{dest})
	})
}

// firstRow scans the first row and closes the rows; without one it returns errNoRow.
func firstRow(rows driver.Rows, dest []any) error {
	err := errNoRow
	if rows.Next() {
		err = rows.Scan(dest)
	} else if rows.Err() != nil {
		err = rows.Err()
	}
	if closed := rows.Close(); err == nil {
		err = closed
	}
	return err
}

func (q Query[T]) collect(ctx context.Context, op string, all []T) ([]T, error) {
	all, _, err := q.collected(ctx, op, all)
	return all, err
}

// collected is collect with the mapping that the rows were read by.
func (q Query[T]) collected(ctx context.Context, op string, all []T) ([]T, *mapping, error) {
	s, err := q.open(ctx, op)
	if err != nil {
		return nil, nil, err
	}
	err = s.within(ctx, func() error {
		return q.read(ctx, &s, func(row *T) bool {
			all = append(all, *row)
			return true
		})
	})
	if err == nil {
		err = loaded(ctx, &s, q.scope, all)
	}
	if err != nil {
		return nil, nil, err
	}
	return all, s.m, nil
}

// stream runs the query and calls fn with each row until it returns false. The row is fn's only
// until it returns.
func (q Query[T]) stream(ctx context.Context, op string, fn func(*T) bool) error {
	s, err := q.open(ctx, op)
	if err != nil {
		return err
	}
	return s.within(ctx, func() error { return q.readLoaded(ctx, &s, fn) })
}

func (q Query[T]) read(ctx context.Context, s *session, fn func(*T) bool) error {
	sel, err := q.selection(s)
	if err != nil {
		return err
	}
	rows, err := s.selected(ctx, sel, s.m.kinds)
	if err != nil {
		return err
	}
	return drain(rows, s.m.s, fn)
}

// selected renders and runs a SELECT.
func (s *session) selected(ctx context.Context, sel dialect.Statement, kinds []dialect.Kind) (driver.Rows, error) {
	t, err := s.m.text(sel)
	if errors.Is(err, dialect.ErrSymbols) {
		return nil, &StatementError{Reason: ErrUnsupported, message: err.Error()}
	}
	if err != nil {
		return nil, err
	}
	return s.query(ctx, t, source{}, kinds, false)
}

func (q Query[T]) open(ctx context.Context, op string) (session, error) {
	if q.err != nil {
		return session{}, q.fail(op, q.err)
	}
	s, err := open(ctx, q.scope, q.model.s, op)
	if err == nil && len(q.lifted) > 0 {
		if err = s.m.checkLifted(q.lifted); err != nil {
			s.leave()
			err = s.fail(err)
		}
	}
	return s, err
}

// selection is the SELECT in the session's mapping.
func (q Query[T]) selection(s *session) (*dialect.Select, error) {
	if err := q.checkRows(); err != nil {
		return nil, err
	}
	return q.rows(s)
}

// rows is selection also where a row of the model is more than one of the result.
func (q Query[T]) rows(s *session) (*dialect.Select, error) {
	sel := &dialect.Select{
		From: s.m.ref, Columns: s.m.columns, Joins: q.joins, Limit: q.limit, Offset: q.offset, Lock: q.lock,
	}
	if err := q.checkLock(s); err != nil {
		return nil, err
	}
	where := q.where
	if q.after != nil || q.limit >= 0 || q.offset > 0 {
		q.order = q.total()
	}
	if q.after != nil {
		after, err := q.afterRow()
		if err != nil {
			return nil, err
		}
		where = append(slices.Clip(where), after)
	}
	if len(where) > 0 {
		sel.Where = dialect.And(where)
	}
	sel.Where = q.alive(s.m, sel.Where)
	for _, o := range q.order {
		sel.Order = append(sel.Order, o.term())
	}
	return sel, nil
}

func (q Query[T]) checkLock(s *session) error {
	switch {
	case q.lock == dialect.NoLock:
		return nil
	case s.tx == nil:
		return invalid("a locking read outside a transaction would lock nothing; use it in the scope of a Tx")
	case q.lock != dialect.ForUpdate && !s.db.d.Has(dialect.SkipLocked):
		return &StatementError{Reason: ErrUnsupported, message: s.db.d.Name() + " locks no rows, so none can be skipped; use ForUpdate"}
	}
	return nil
}

// byKey is the order of the primary key.
func (q Query[T]) byKey() (order []Order[T]) {
	for _, at := range q.model.s.Key {
		order = append(order, columnAt[T, any](q.model.s, at).Asc())
	}
	return order
}

// fail is an error of the query that no statement caused.
func (q Query[T]) fail(op string, reason error) error {
	tenant := ""
	if q.scope != nil {
		tenant = q.scope.Tenant()
	}
	if _, ok := errors.AsType[*StatementError](reason); ok {
		return named(reason, op, tenant, q.model.Name())
	}
	return &StatementError{Op: op, Tenant: tenant, Model: q.model.Name(), Reason: reason}
}
