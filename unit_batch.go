package rowhouse

import (
	"context"
	"errors"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// batch are statements of a transaction that wait to be sent, together: on engines that can, in one
// round trip.
type batch struct {
	tx   *Tx
	list []queued
}

// queued is a statement of a batch, and what takes its reply.
type queued struct {
	s    *session
	op   string
	st   *driver.Statement
	take func(r driver.Reply) error // nil for one whose result says nothing
}

// batchMost bounds what waits, and so the memory: more than fill a network.
const batchMost = 1024

// add queues a statement of a session. Columns are those of its result, nil if it has none.
func (b *batch) add(
	ctx context.Context, s *session, t *dialect.Template, src source, columns []dialect.Kind, take func(driver.Reply) error,
) error {
	st, err := s.statement(t, src)
	if err != nil {
		return s.fail(err)
	}
	st.Columns, st.Write = columns, true
	b.list = append(b.list, queued{s: s, op: s.op, st: st, take: take})
	if len(b.list) < batchMost {
		return nil
	}
	return b.send(ctx)
}

// send sends what waits and takes the replies. The first failure ends it.
func (b *batch) send(ctx context.Context) error {
	if len(b.list) == 0 {
		return nil
	}
	list := b.list
	b.list = nil
	sent := make([]underway, len(list))
	statements := func(yield func(*driver.Statement) bool) {
		for i, q := range list {
			sent[i] = q.s.db.sending(q.op, q.s.id, q.s.model, q.s.house, q.st)
			if !yield(q.st) {
				return
			}
		}
	}
	s := list[0].s
	timed, stop := s.timed(ctx)
	defer stop()
	err := driver.Pipeline(timed, b.tx.tx, statements, driver.PipelineOptions{}, func(i int, r driver.Reply) error {
		r.Err = s.overtime(timed, r.Err)
		return list[i].reply(ctx, sent[i], r)
	})
	err = s.overtime(timed, err)
	if _, known := errors.AsType[*StatementError](err); err == nil || known || errors.Is(err, errGone) {
		return err
	}
	return b.tx.fail("flush", err)
}

// reply takes the reply to a statement and ends its observation.
func (q *queued) reply(ctx context.Context, sent underway, r driver.Reply) error {
	err := r.Err
	if r.Rows != nil {
		r.Rows, err = sent.reading(ctx, r.Rows, err)
	} else {
		sent.done(ctx, r.Result.Rows, err)
	}
	if err == nil && q.take != nil {
		err = q.take(r)
	}
	if r.Rows != nil {
		if closed := r.Rows.Close(); err == nil {
			err = closed
		}
	}
	if err == nil || errors.Is(err, errGone) {
		return err
	}
	return failed(q.s.db.drv, q.op, q.s.id, q.s.model, err)
}
