package rowhouse

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/rowhouse/rowhouse/driver"
)

// Event is a statement that was sent and has ended, for [Options.Observe]. What only a value could
// tell is not in it, unless [Options.LogValues] is set. Of statements that were sent together in one transaction,
// those behind one that failed have not run and are not told; nor are the words that begin and end it. What a
// tenant's [Limits] refuse before it is sent is told as well, without its SQL: Err wraps [ErrLimited], and
// Duration is how long it stood in line.
type Event struct {
	Tenant  string // "" for tables that are no tenant's
	Model   string // "" for statements on no one model
	Op      string // of the operation, or of a transaction: begin, commit, rollback, savepoint, release, secure
	Catalog bool   // on the catalog's own tables, which every process polls

	SQL  string // "" for begin, commit and rollback, whose words are the driver's
	Args []any  // nil unless [Options.LogValues] is set; not to be changed
	Rows int64  // read, or written

	// Duration is from when the statement was sent until it was done; of a query, until its rows
	// were closed, which has what the program did between them in it.
	Duration time.Duration

	// Err is nil, or the [*StatementError] of the statement. Its message has no values in it; the
	// driver's own, behind errors.As, may.
	Err error
}

// observer is who wants to know of statements. A DB that nobody watches has none.
type observer struct {
	drv    driver.Driver
	log    *slog.Logger
	slow   time.Duration
	values bool
	notify func(context.Context, Event)
}

func newObserver(drv driver.Driver, o *Options) *observer {
	if o.Log == nil && o.Observe == nil {
		return nil
	}
	return &observer{drv: drv, log: o.Log, slow: o.SlowQuery, values: o.LogValues, notify: o.Observe}
}

// underway is a statement on its way, under observation if there is an observer: made just before it
// is sent, and ended once, by done or by reading. It costs nothing where nobody watches.
type underway struct {
	o       *observer
	start   time.Time
	op      string
	tenant  string
	model   string
	catalog bool
	st      *driver.Statement // nil for begin, commit and rollback
}

// sending observes a statement that is about to be sent; st is nil for those whose words are the
// driver's.
func (db *DB) sending(op, tenant, model string, h *house, st *driver.Statement) underway {
	if db.observer == nil {
		return underway{}
	}
	return underway{o: db.observer, start: time.Now(), op: op, tenant: tenant, model: model, catalog: h.catalog, st: st}
}

// done ends the observation with the rows that were written and the driver's error.
func (s underway) done(ctx context.Context, rows int64, err error) {
	if s.o == nil {
		return
	}
	e := Event{
		Tenant: s.tenant, Model: s.model, Op: s.op, Catalog: s.catalog, Rows: rows,
		Duration: time.Since(s.start), Err: failed(s.o.drv, s.op, s.tenant, s.model, err),
	}
	if s.st != nil {
		e.SQL = s.st.Text
		if s.o.values {
			e.Args = make([]any, len(s.st.Args))
			for i, a := range s.st.Args {
				e.Args[i] = a.Value
			}
		}
	}
	if s.o.log != nil {
		s.o.record(ctx, &e)
	}
	if s.o.notify != nil {
		s.o.notify(ctx, e)
	}
}

// reading ends the observation when the rows are closed, or now, if there are none.
func (s underway) reading(ctx context.Context, rows driver.Rows, err error) (driver.Rows, error) {
	if s.o == nil {
		return rows, err
	}
	if err != nil {
		s.done(ctx, 0, err)
		return nil, err
	}
	return &observedRows{Rows: rows, done: func(n int64, err error) { s.done(ctx, n, err) }}, nil
}

// observedRows are rows that say when they are closed.
type observedRows struct {
	driver.Rows
	n    int64
	done func(n int64, err error) // nil once it was called
}

// Next counts the rows.
func (r *observedRows) Next() bool {
	if !r.Rows.Next() {
		return false
	}
	r.n++
	return true
}

// Close ends the observation.
func (r *observedRows) Close() error {
	err := r.Rows.Close()
	if done := r.done; done != nil {
		r.done = nil
		first := r.Rows.Err()
		if first == nil {
			first = err
		}
		done(r.n, first)
	}
	return err
}

// record writes a statement to the log.
func (o *observer) record(ctx context.Context, e *Event) {
	level := o.level(e)
	if !o.log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{slog.String("op", e.Op), slog.String("tenant", e.Tenant)}
	if e.Model != "" {
		attrs = append(attrs, slog.String("model", e.Model))
	}
	if e.Catalog {
		attrs = append(attrs, slog.Bool("catalog", true))
	}
	attrs = append(attrs, slog.Duration("duration", e.Duration), slog.Int64("rows", e.Rows))
	if e.SQL != "" {
		attrs = append(attrs, slog.String("sql", e.SQL))
	}
	if e.Args != nil {
		attrs = append(attrs, slog.Any("args", e.Args))
	}
	if known, ok := errors.AsType[*StatementError](e.Err); ok {
		if known.Code != "" {
			attrs = append(attrs, slog.String("code", known.Code))
		}
		attrs = append(attrs, slog.String("error", known.Error())) // as text: its fields lead to the driver's words
	}
	o.log.LogAttrs(ctx, level, "statement", attrs...)
}

// level is how loud a statement is in the log. A home without the catalog's tables is polled all
// the same, and no failure; and who asks for too much must not fill the log as well.
func (o *observer) level(e *Event) slog.Level {
	switch {
	case e.Catalog && errors.Is(e.Err, ErrMissingTable), e.SQL == "" && errors.Is(e.Err, ErrLimited):
		return slog.LevelDebug
	case e.Err != nil:
		return slog.LevelError
	case o.slow > 0 && e.Duration >= o.slow:
		return slog.LevelWarn
	}
	return slog.LevelDebug
}
