package rowhouse

import (
	"context"
	"errors"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// errOvertime is why a statement's context ended, where the tenant's Limits.Timeout is.
var errOvertime = errors.New("the tenant's timeout")

// timed is the context of a statement, which ends by the tenant's limit if that is before the caller's.
func (s *session) timed(ctx context.Context) (context.Context, context.CancelFunc) {
	l := s.house.limits
	if l == nil || l.Timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, l.Timeout, errOvertime)
}

// overtime is the error of a statement that ran in a timed context: what the tenant's limit has ended is
// told as that. What the database had against it before, stays.
func (s *session) overtime(timed context.Context, err error) error {
	if l := s.house.limits; err == nil || l == nil || l.Timeout == 0 {
		return err
	}
	if !isOvertime(timed) {
		if s.tx != nil && timed.Err() == nil {
			return s.tx.overtime(err)
		}
		return err
	}
	if _, known := errors.AsType[*StatementError](err); known || errors.Is(err, ErrLimited) || !s.db.interrupted(err) {
		return err
	}
	late := s.beyond(LimitTimeout)
	if s.tx != nil {
		s.tx.ranOver(late)
	}
	if errors.Is(err, ErrAmbiguous) {
		return errors.Join(late, ErrAmbiguous)
	}
	return late
}

// isOvertime reports whether the tenant's limit has ended a context, or is about to: the network's own timers may
// have rung before.
func isOvertime(timed context.Context) bool {
	if end, ends := timed.Deadline(); ends && !time.Now().Before(end) {
		select {
		case <-timed.Done():
		case <-time.After(time.Second): // it is somebody's own context, which does not end when it says
		}
	}
	return errors.Is(context.Cause(timed), errOvertime)
}

// interrupted reports whether an error may be what comes of a context that has ended.
func (db *DB) interrupted(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return true
	}
	kind := db.drv.Fault(err).Kind
	return kind == driver.OtherFault || kind == driver.Unreachable
}

// ranOver is for a statement of the transaction that took too long, with which the transaction has ended, and what it
// is in.
func (tx *Tx) ranOver(late *LimitError) {
	for ; tx != nil; tx = tx.outer {
		tx.late = late
	}
}

// overtime is the error of what was done in the transaction after that.
func (tx *Tx) overtime(err error) error {
	if tx.late == nil || err == nil || !tx.db.interrupted(err) {
		return err
	}
	if errors.Is(err, ErrAmbiguous) {
		return errors.Join(tx.late, ErrAmbiguous)
	}
	return tx.late
}

func (s *session) beyond(limit LimitKind) *LimitError {
	return &LimitError{Tenant: s.id, Limit: limit, Limits: *s.house.limits}
}

// mayRead is how many rows of its result a statement may still give, or -1.
func (s *session) mayRead() int {
	l := s.house.limits
	if l == nil || l.Rows == 0 {
		return -1
	}
	return max(l.Rows-s.had, 0)
}

// capped has a SELECT end with the first row that is too many, so that the database makes no more.
func (s *session) capped(st dialect.Statement) dialect.Statement {
	most := int64(s.mayRead()) + 1
	sel, is := st.(*dialect.Select)
	if most == 0 || !is || len(sel.Per) > 0 || sel.Limit >= 0 && sel.Limit <= most {
		return st
	}
	c := *sel
	c.Limit = most
	return &c
}

// bound has the tenant's limits hold for rows that are about to be read: of a statement that ran in the
// timed context, which is over when they are closed.
func (s *session) bound(
	timed context.Context, stop context.CancelFunc, rows driver.Rows, most int, err error,
) (driver.Rows, error) {
	if err != nil {
		defer stop()
		return nil, s.overtime(timed, err)
	}
	if l := s.house.limits; l == nil || l.Timeout == 0 && most < 0 {
		return rows, nil
	}
	return &boundRows{
		Rows: rows, left: most, stop: stop,
		late:   func(err error) error { return s.overtime(timed, err) },
		beyond: func() error { return s.beyond(LimitRows) },
	}, nil
}

// boundRows are rows under a tenant's limits.
type boundRows struct {
	driver.Rows
	left   int // rows that may still come; any number if it is negative
	stop   context.CancelFunc
	late   func(error) error
	beyond func() error
	over   error // there are too many rows
}

// Next refuses the first row that is too many.
func (r *boundRows) Next() bool {
	switch {
	case r.over != nil || !r.Rows.Next():
		return false
	case r.left == 0:
		r.over = r.beyond()
		_ = r.Rows.Close() // what was wrong first is told
		return false
	}
	r.left--
	return true
}

// Scan is of the present row.
func (r *boundRows) Scan(dest []any) error { return r.late(r.Rows.Scan(dest)) }

// Err is what ended the rows.
func (r *boundRows) Err() error {
	if r.over != nil {
		return r.over
	}
	return r.late(r.Rows.Err())
}

// Close ends the statement.
func (r *boundRows) Close() error {
	defer r.stop()
	return r.late(r.Rows.Close())
}
