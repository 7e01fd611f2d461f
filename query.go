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
	order   []ordering
	limit   int64 // below zero is none
	offset  int64
	lock    dialect.Lock
	after   *T
	deleted bool
	lifted  []string // filters that do not hold
	with    []AnyRelation[T]
	origins []origin // of sub-queries, of a query that has no scope yet
	had     int      // rows that the pages before have had
	many    bool     // where or order go by a relation to many, of which a row has not one value
	err     error
}

// Where keeps the rows for which all predicates are true, of this call and of earlier ones.
func (q Query[T]) Where(ps ...Predicate[T]) Query[T] {
	where := slices.Clone(q.where)
	for i := range ps {
		p := ps[i].o.get()
		q.many, p.many = q.many || p.many, false
		if err := errors.Join(p.checkRow(q.model.s), queryTakes(q, p)); err != nil {
			q.err = errors.Join(q.err, err)
			continue
		}
		q.origins = querySources(q, p)
		where = append(where, p.expr)
		q.joins = joined(q.joins, p.joins)
	}
	q.where = where
	return q
}

// OrderBy orders the rows by these terms, after those of earlier calls.
func (q Query[T]) OrderBy(os ...Order[T]) Query[T] {
	q.order = slices.Grow(slices.Clip(q.order), len(os))
	for i := range os {
		o := os[i].by.get()
		q.order = append(q.order, o)
		q.many, o.many = q.many || o.many, false
		q.err = errors.Join(q.err, o.check(q.model.s), queryTakes(q, o.operand))
		q.origins = querySources(q, o.operand)
		q.joins = joined(q.joins, o.joins)
	}
	return q
}

// queryTakes refuses sub-queries of another tenant. What has no scope yet takes all, and remembers of whom
// they are.
func queryTakes[T any](q Query[T], o operand) error {
	if q.scope == nil {
		return nil
	}
	return o.within(q.scope)
}

func querySources[T any](q Query[T], o operand) []origin {
	if q.scope != nil || len(o.origins) == 0 {
		return q.origins
	}
	return slices.Concat(q.origins, o.origins)
}

// With reads the rows that these relations lead to as well, each into its field, and nothing into that
// of a relation that is not named. A field for many rows is then an empty slice where there are none,
// one for one row is nil. What belongs to several rows is one and the same for them.
//
// It takes a statement for each relation, however many rows there are. On PostgreSQL all of them go
// out at once and see the same state of the database, in one round trip; except in a transaction that
// is not [RepeatableRead] or stricter, with a locking read, and for a model of the common house that
// is in another database. There, and on the other engines, each level of relations follows the one
// before, asks by keys, and sees what is then there; 30,000 parents go into one statement.
//
// [Query.Each] reads in pages, with the related rows of each page; its order is by columns of the
// model then.
func (q Query[T]) With(rels ...AnyRelation[T]) Query[T] {
	q.with = slices.Clip(q.with)
	for _, rel := range rels {
		if err := queryLeads(q, rel); err != nil {
			q.err = errors.Join(q.err, err)
			continue
		}
		q.with = append(q.with, rel)
	}
	return q
}

// queryLeads refuses a relation of other rows than the query's.
func queryLeads[T any](q Query[T], rel AnyRelation[T]) error {
	switch {
	case rel == nil:
		return invalid("With: a relation is nil")
	case rel.source() == nil:
		return invalid("With: %v", errNoRelation)
	case rel.source() != q.model.s:
		return invalid("With: a relation of model %q is used on model %q", rel.source().Table.Name, q.model.Name())
	}
	return nil
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
	return queryGather(ctx, q, "select", nil)
}

// First returns the first row, in the order of the primary key if the query has none, or
// [ErrNotFound].
func (q Query[T]) First(ctx context.Context) (T, error) {
	if q.limit != 0 {
		q.limit = 1
	}
	return queryOne(ctx, q)
}

// One returns the one row that matches. None is [ErrNotFound], more than one is [ErrMultiple].
func (q Query[T]) One(ctx context.Context) (T, error) {
	if q.limit < 0 || q.limit > 2 {
		q.limit = 2
	}
	return queryOne(ctx, q)
}

func queryOne[T any](ctx context.Context, q Query[T]) (row T, err error) {
	if len(q.order) == 0 {
		q.order = queryByKey(q)
	}
	rows, err := queryGather(ctx, q, "select", nil)
	switch {
	case err != nil:
		return row, err
	case len(rows) == 0:
		return row, queryFail(q, "select", ErrNotFound)
	case len(rows) > 1:
		return row, queryFail(q, "select", ErrMultiple)
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
		stopped, read := false, queryStream[T]
		if len(q.with) > 0 {
			read = queryPages[T]
		}
		err := read(ctx, q, "select", func(row *T) bool {
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
	err = queryValue(ctx, q, "count", dialect.CountAll{}, dialect.Int64, &n)
	return n, err
}

// Exists reports whether any row matches.
func (q Query[T]) Exists(ctx context.Context) (bool, error) {
	if q.limit == 0 {
		return false, q.err
	}
	q.limit = 1
	var one int64
	err := queryValue(ctx, q, "exists", dialect.One{}, dialect.Int32, &one)
	if errors.Is(err, errNoRow) {
		return false, nil
	}
	return err == nil, err
}

var errNoRow = errors.New("no row")

// queryValue reads one value of the first row.
func queryValue[T any](ctx context.Context, q Query[T], op string, of dialect.Expr, kind dialect.Kind, dest *int64) error {
	s, err := queryOpen(ctx, q, op)
	if err != nil {
		return err
	}
	return s.within(ctx, func() error {
		sel, err := querySelection(q, &s)
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

// queryGather reads all rows, and what relations lead to. Before that and the rows' hooks change them, as
// gets to see them, and the mapping that they were read by, unless it is nil.
func queryGather[T any](ctx context.Context, q Query[T], op string, as func(*mapping, []T)) (all []T, err error) {
	s, err := queryOpen(ctx, q, op)
	if err != nil {
		return nil, err
	}
	s.had = q.had
	var with []branch[T]
	err = s.within(ctx, func() (err error) {
		if len(q.with) > 0 {
			all, with, err = queryReadWith(ctx, q, &s)
			return err
		}
		all, err = gather(q.model, func(take func(*T) bool) error { return queryRead(ctx, q, &s, take) })
		return err
	})
	if err == nil && as != nil {
		as(s.m, all)
	}
	if err == nil {
		err = queryFinish(ctx, q, &s, with, all)
	}
	if err != nil {
		return nil, err
	}
	return all, nil
}

// queryFinish completes rows that were read, once nothing is open any more.
func queryFinish[T any](ctx context.Context, q Query[T], s *session, with []branch[T], rows []T) error {
	if err := handAll(ctx, q.scope, with, rows); err != nil {
		return s.fail(err)
	}
	return loaded(ctx, s, q.scope, rows)
}

// pageRows are the rows that are read at once where related rows are read with them.
const pageRows = 256

// queryPages is stream for rows with what relations lead to: these are read when a page of rows is there.
func queryPages[T any](ctx context.Context, q Query[T], op string, fn func(*T) bool) error {
	if slices.ContainsFunc(q.order, func(o ordering) bool { return o.column() < 0 }) {
		return queryFail(q, op, invalid("Each with With reads in pages, which need an order by columns of "+
			"model %q; read the rows with All", q.model.Name()))
	}
	left := q.limit
	for {
		q.limit = pageRows
		if left >= 0 {
			q.limit = min(left, pageRows)
		}
		var last T
		rows, err := queryGather(ctx, q, op, func(_ *mapping, rows []T) {
			if len(rows) > 0 {
				last = rows[len(rows)-1]
			}
		})
		for i := range rows {
			if err != nil || !fn(&rows[i]) {
				return err
			}
		}
		if err != nil || int64(len(rows)) < q.limit || left == q.limit {
			return err
		}
		if left >= 0 {
			left -= q.limit
		}
		q.after, q.offset, q.had = &last, 0, q.had+len(rows)
	}
}

// queryStream runs the query and calls fn with each row until it returns false. The row is fn's only
// until it returns.
func queryStream[T any](ctx context.Context, q Query[T], op string, fn func(*T) bool) error {
	s, err := queryOpen(ctx, q, op)
	if err != nil {
		return err
	}
	return s.within(ctx, func() error { return queryReadLoaded(ctx, q, &s, fn) })
}

func queryRead[T any](ctx context.Context, q Query[T], s *session, fn func(*T) bool) error {
	sel, err := querySelection(q, s)
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
	t, err := s.m.text(s.capped(sel))
	if err != nil {
		return nil, err
	}
	return s.query(ctx, t, source{}, kinds, false)
}

// queryMade refuses what nobody has made.
func queryMade[T any](q Query[T]) error {
	if q.model == nil {
		return invalid("it was not made by Model.In or Model.Across")
	}
	return nil
}

// queryOpen begins an operation.
func queryOpen[T any](ctx context.Context, q Query[T], op string) (session, error) {
	if err := errors.Join(q.err, queryMade(q)); err != nil {
		return session{}, queryFail(q, op, err)
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

// querySelection is the SELECT in the session's mapping.
func querySelection[T any](q Query[T], s *session) (*dialect.Select, error) {
	if err := queryCheckRows(q); err != nil {
		return nil, err
	}
	return queryRows(q, s)
}

// queryRows is selection also where a row of the model is more than one of the result.
func queryRows[T any](q Query[T], s *session) (*dialect.Select, error) {
	sel := &dialect.Select{
		From: s.m.ref, Columns: s.m.columns, Joins: q.joins, Limit: q.limit, Offset: q.offset, Lock: q.lock,
	}
	if err := queryCheckLock(q, s); err != nil {
		return nil, err
	}
	where := q.where
	if q.after != nil || q.limit >= 0 || q.offset > 0 {
		q.order = queryTotal(q)
	}
	if q.after != nil {
		after, err := queryAfterRow(q)
		if err != nil {
			return nil, err
		}
		where = append(slices.Clip(where), after)
	}
	if len(where) > 0 {
		sel.Where = dialect.And(where)
	}
	sel.Where = queryAlive(q, s.m, sel.Where)
	for _, o := range q.order {
		sel.Order = append(sel.Order, o.term())
	}
	return sel, nil
}

func queryCheckLock[T any](q Query[T], s *session) error {
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

// queryByKey is the order of the primary key.
func queryByKey[T any](q Query[T]) (order []ordering) {
	for _, at := range q.model.s.Key {
		order = append(order, ordering{operand: *columnOperand(q.model.s, at)})
	}
	return order
}

// queryFail is an error of the query that no statement caused.
func queryFail[T any](q Query[T], op string, reason error) error {
	tenant, model := "", ""
	if q.scope != nil {
		tenant = q.scope.Tenant()
	}
	if q.model != nil {
		model = q.model.Name()
	}
	if _, ok := errors.AsType[*StatementError](reason); ok {
		return named(reason, op, tenant, model)
	}
	return &StatementError{Op: op, Tenant: tenant, Model: model, Reason: reason}
}
