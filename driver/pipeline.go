package driver

import (
	"context"
	"errors"
	"iter"
)

// Pipeliner is implemented by a DB, and by its Tx, that sends statements ahead of the replies to
// earlier ones, so that many cost the network as much as one. It is called through the function
// [Pipeline], which checks the options, and which does the same one by one where this is missing.
type Pipeliner interface {
	// Pipeline is the function of that name on this runner.
	Pipeline(ctx context.Context, statements iter.Seq[*Statement], o PipelineOptions, read func(i int, r Reply) error) error
}

// PipelineOptions say what becomes of the other statements when one fails.
type PipelineOptions struct {
	// Each is how many statements in a row are a transaction of their own, committed as they go
	// along: a failure skips and undoes the rest of those, and the next go on. 1 makes every
	// statement independent, 2 is for a statement behind another that prepares it, as for
	// row-level security. It needs a DB.
	//
	// 0 makes all statements one: the first failure skips the rest and ends the pipeline. On a
	// DB they are a transaction, committed after the last; in a Tx they are part of it.
	Each int

	// Tx is how the transaction begins, on a DB with Each 0; a Tx passes over it. If it is read
	// only, it ends in the same round trip. Otherwise the commit waits for what read says to
	// the last reply.
	Tx TxOptions

	// Snapshot is for statements that only read: on a DB, all see what there was at the first one, and their
	// transaction ends in the same round trip. Of Tx only the tenant counts then. A Tx passes over it. A Statement
	// that has Write is refused; an engine that takes less for it than for a transaction which is read only does
	// not see one that writes without.
	Snapshot bool
}

// Reply is the answer to a statement: one of the three.
type Reply struct {
	Rows   Rows   // if the statement has Columns; good until read returns, which need not close them
	Result Result // if it has none
	Err    error  // if it failed
}

// Pipeline runs statements on a DB or a Tx and calls read with each reply, in order, counted
// from 0, while later statements may have been sent already. A statement has rows if its Columns
// are not nil; empty ones stand for rows of unknown kinds.
//
// Statements are pulled as there is room for them, so their number does not matter for the
// memory; the sequence must not wait for a reply. A Statement is not changed before its reply.
//
// A failure is told to read, and those that it skips are not. One that comes after the reply,
// while or after its rows were read or when a transaction of Each is committed, is told by
// another call with the index (of the last statement). Pipeline returns what ended it early: an
// error of read, at once; with Each 0 the first failure, for which read's own word comes first,
// or that of the commit; the end of ctx or of the connection, which read is not told of. What
// has had no reply by then may have been run or not; with Each 0 on a DB all is undone, unless the error wraps
// [ErrAmbiguous]. A Tx is
// then as after a failed statement, and for it only Rollback is the same on every engine.
//
// On a DB, all runs on one connection, which nothing that read does can share; in a Tx, read and
// the sequence run no statement of it.
func Pipeline(
	ctx context.Context, r Runner, statements iter.Seq[*Statement], o PipelineOptions, read func(i int, r Reply) error,
) error {
	pool, isPool := r.(beginner)
	switch {
	case o.Each < 0:
		return errors.New("driver: PipelineOptions.Each is negative")
	case o.Each > 0 && !isPool:
		return errors.New("driver: PipelineOptions.Each needs a DB: what fails in a transaction fails all of it")
	case o.Each > 0 && (o.Tx != TxOptions{} || o.Snapshot):
		return errors.New("driver: PipelineOptions.Tx and Snapshot are for one transaction, and Each makes many")
	}
	if o.Snapshot {
		o.Tx.Isolation, o.Tx.ReadOnly = RepeatableRead, true
	}
	if p, ok := r.(Pipeliner); ok {
		return p.Pipeline(ctx, statements, o, read)
	}
	switch {
	case o.Each > 0:
		return (&queue{pool: pool, runner: r, each: o.Each, read: read}).run(ctx, statements)
	case isPool:
		return transaction(ctx, pool, statements, o, read)
	}
	return (&queue{runner: r, read: read}).run(ctx, statements)
}

type beginner interface {
	Begin(ctx context.Context, o TxOptions) (Tx, error)
}

// transaction is a queue of one transaction.
func transaction(
	ctx context.Context, pool beginner, statements iter.Seq[*Statement], o PipelineOptions, read func(i int, r Reply) error,
) (err error) {
	tx, err := pool.Begin(ctx, o.Tx)
	if err != nil {
		return err
	}
	defer func() {
		// After the commit it does nothing, and after a failure that is the one to tell.
		_ = tx.Rollback(ctx)
	}()
	if err := (&queue{runner: tx, read: read}).run(ctx, statements); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// queue is a pipeline of one statement at a time.
type queue struct {
	pool   beginner
	runner Runner
	each   int
	read   func(int, Reply) error
	next   int  // index of the next statement
	unit   int  // statements so far of the present transaction of several
	tx     Tx   // of them, or nil
	failed bool // they have
}

func (q *queue) run(ctx context.Context, statements iter.Seq[*Statement]) error {
	defer q.undo(ctx)
	for s := range statements {
		if err := q.add(ctx, s); err != nil {
			return err
		}
	}
	return q.commit(ctx)
}

func (q *queue) add(ctx context.Context, s *Statement) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	i := q.next
	q.next++
	if q.each <= 1 {
		return q.do(ctx, q.runner, i, s)
	}
	q.unit++
	if q.unit == 1 {
		var err error
		if q.tx, err = q.pool.Begin(ctx, TxOptions{Tenant: s.Tenant}); err != nil {
			q.failed = true
			if err := q.fail(ctx, i, err); err != nil {
				return err
			}
		}
	}
	if !q.failed {
		if err := q.do(ctx, q.tx, i, s); err != nil {
			return err
		}
	}
	if q.unit == q.each {
		return q.commit(ctx)
	}
	return nil
}

func (q *queue) do(ctx context.Context, r Runner, i int, s *Statement) error {
	if s.Columns == nil {
		result, err := r.Exec(ctx, s)
		if err != nil {
			return q.fail(ctx, i, err)
		}
		return q.read(i, Reply{Result: result})
	}
	rows, err := r.Query(ctx, s)
	if err != nil {
		return q.fail(ctx, i, err)
	}
	stop, late := q.rows(i, rows)
	if stop == nil && late != nil {
		return q.fail(ctx, i, late)
	}
	return stop
}

// rows closes them also if read panics.
func (q *queue) rows(i int, rows Rows) (stop, late error) {
	defer func() {
		late = rows.Err()
		if err := rows.Close(); late == nil {
			late = err
		}
	}()
	return q.read(i, Reply{Rows: rows}), nil
}

func (q *queue) fail(ctx context.Context, i int, err error) error {
	if ctx.Err() != nil {
		return err
	}
	q.failed = true
	if stop := q.read(i, Reply{Err: err}); stop != nil {
		return stop
	}
	if q.each == 0 {
		return err
	}
	return nil
}

// commit ends a transaction of several statements, if there is one.
func (q *queue) commit(ctx context.Context) error {
	tx, failed := q.tx, q.failed
	if tx == nil || failed {
		q.undo(ctx)
		return nil
	}
	q.tx, q.unit = nil, 0
	if err := tx.Commit(ctx); err != nil {
		err = q.fail(ctx, q.next-1, err)
		q.failed = false
		return err
	}
	return nil
}

func (q *queue) undo(ctx context.Context) {
	if q.tx != nil {
		// What undid it is told already.
		_ = q.tx.Rollback(ctx)
	}
	q.tx, q.unit, q.failed = nil, 0, false
}
