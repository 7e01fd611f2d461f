package rowhouse

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/model"
)

// sweep runs one statement for each of many tenants. The statements go ahead of the replies, over a few
// connections; each is that tenant's own, with its names and its wall, as any other statement.
//
// One statement over all tables would be less: PostgreSQL locks every table of it at once, which ends
// at some thousands, and plans it in more time than the round trips take.
type sweep struct {
	db    *DB
	model *model.Struct
	op    string
	conns int

	// text is the statement for a tenant of a mapping, nil for a tenant that need not be asked.
	text func(m *mapping, tenant string) (*dialect.Template, error)
	// kinds are those of the columns.
	kinds func(m *mapping) []dialect.Kind
	// read takes a tenant's rows. What it returns, if anything, is called when the tenant's statement
	// has ended without a failure and no connection is held. Several goroutines call both, each for
	// tenants of its own.
	read func(m member, rows driver.Rows) (then func(ctx context.Context) error, err error)
	// failed takes a tenant's failure; nil from it goes on with the others. Calls do not overlap.
	failed func(m member, err error) error

	mu sync.Mutex // held for failed
}

// chunk are tenants of one database, asked in one go. Its size is a compromise: enough that waiting
// for its last reply does not count, few enough to share out.
type chunk struct {
	place   chunkPlace
	members []member
}

type chunkPlace struct {
	database string
	secured  bool // the database wants to know whose turn it is
}

const (
	chunkSize = 64
	openPlace = 64 // databases whose chunks are kept open for more
)

// run asks all members. It returns what the selection, failed or the end of ctx ended it with; the panic of an
// application's own type, which whoever waits for the rows goes on with, by [goOn].
func (w *sweep) run(ctx context.Context, members iter.Seq2[member, error]) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	chunks := make(chan chunk)
	var workers sync.WaitGroup
	for range w.conns {
		workers.Go(func() {
			defer carry(stop)
			for c := range chunks {
				if err := w.ask(ctx, c); err != nil {
					stop(err)
				}
			}
		})
	}
	func() {
		defer close(chunks)
		defer carry(stop)
		if err := w.share(ctx, members, chunks); err != nil {
			stop(err)
		}
	}()
	workers.Wait()
	return context.Cause(ctx)
}

// carry has a panic be the cause of the end.
func carry(stop context.CancelCauseFunc) {
	if p := recover(); p != nil {
		stop(panicked{p})
	}
}

// panicked is a panic on its way from one goroutine to another.
type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// goOn goes on with the panic that an error is, if it is one: in the caller's goroutine, where it can be recovered.
func goOn(err error) {
	if p, is := errors.AsType[panicked](err); is {
		panic(p.value)
	}
}

// share puts the members into chunks.
func (w *sweep) share(ctx context.Context, members iter.Seq2[member, error], chunks chan<- chunk) error {
	open := map[chunkPlace][]member{}
	send := func(p chunkPlace) error {
		list := open[p]
		delete(open, p)
		select {
		case chunks <- chunk{p, list}:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	for m, err := range members {
		if err != nil {
			return err
		}
		if m.err != nil {
			if err := w.fail(m, m.err); err != nil {
				return err
			}
			continue
		}
		p := w.placeOf(m)
		open[p] = append(open[p], m)
		if len(open[p]) == chunkSize || len(open) > openPlace {
			if err := send(p); err != nil {
				return err
			}
		}
	}
	for p := range open {
		if err := send(p); err != nil {
			return err
		}
	}
	return nil
}

func (w *sweep) placeOf(m member) chunkPlace {
	return chunkPlace{m.house.database, w.db.secured(m.house)}
}

// fail tells of a tenant's failure.
func (w *sweep) fail(m member, err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed(m, failed(w.db.drv, w.op, m.id, w.model.Table.Name, err))
}

// ask runs the statements of a chunk. Where a tenant has changed since the catalog was read, it asks
// the catalog again, so that nobody is asked for longer than a handle would be.
func (w *sweep) ask(ctx context.Context, c chunk) error {
	for len(c.members) > 0 && ctx.Err() == nil {
		generation := w.db.generation.Load()
		left := make([]member, 0, len(c.members))
		for _, m := range c.members {
			m, keep := m.again(ctx, generation)
			switch {
			case m.err != nil:
				if err := w.fail(m, m.err); err != nil {
					return err
				}
			case keep && w.placeOf(m) == c.place:
				left = append(left, m)
			case keep: // it was moved
				if err := w.ask(ctx, chunk{w.placeOf(m), []member{m}}); err != nil {
					return err
				}
			}
		}
		n, answered, err := w.pipeline(ctx, chunk{c.place, left}, generation)
		for _, a := range answered {
			if err == nil && a.then != nil && !a.failed {
				err = a.then(ctx)
			}
		}
		if err != nil {
			return err
		}
		c.members = left[n:]
	}
	return nil
}

// pipeline runs statements of a chunk for as long as the generation stays, and returns for how many
// members, and which have answered.
func (w *sweep) pipeline(ctx context.Context, c chunk, generation int64) (done int, answered []asked, err error) {
	if len(c.members) == 0 {
		return 0, nil, nil
	}
	if err := w.db.usable(c.members[0].id); err != nil {
		return 0, nil, err
	}
	p, err := w.db.pools.use(ctx, c.place.database, c.members[0].id)
	if err != nil {
		return len(c.members), nil, w.failAll(ctx, c.members, err)
	}
	defer p.done()
	run := &chunkRun{w: w, c: c, generation: generation, each: 1}
	if c.place.secured {
		run.each = 2
	}
	err = driver.Pipeline(ctx, p.DB, run.statements, driver.PipelineOptions{Each: run.each},
		func(i int, reply driver.Reply) error { return run.reply(ctx, i, reply) })
	switch {
	case run.ended != nil:
		return run.next, nil, run.ended
	case err != nil:
		err = w.failAll(ctx, run.unanswered(), err)
	}
	return run.next, run.sent[:min(run.replied, len(run.sent))], err
}

// failAll tells the same failure of several tenants, unless it is the end of all.
func (w *sweep) failAll(ctx context.Context, members []member, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, m := range members {
		if err := w.fail(m, err); err != nil {
			return err
		}
	}
	return nil
}

// chunkRun is a chunk under way.
type chunkRun struct {
	w          *sweep
	c          chunk
	generation int64
	each       int     // statements for each tenant
	next       int     // members that are done with, asked or not
	sent       []asked // those that were asked
	replied    int
	ended      error
}

// asked is a member that was asked, and its statement under observation.
type asked struct {
	member
	underway

	then   func(ctx context.Context) error
	failed bool
}

// unanswered are the members whose replies have not come.
func (r *chunkRun) unanswered() (list []member) {
	for _, a := range r.sent[min(r.replied, len(r.sent)):] {
		list = append(list, a.member)
	}
	return list
}

// statements yields what is to be sent.
func (r *chunkRun) statements(yield func(*driver.Statement) bool) {
	for ; r.next < len(r.c.members); r.next++ {
		if r.w.db.generation.Load() != r.generation {
			return
		}
		m := r.c.members[r.next]
		st, err := r.statement(m)
		if err != nil {
			if r.ended = r.w.fail(m, err); r.ended != nil {
				return
			}
		}
		if st == nil {
			continue
		}
		r.sent = append(r.sent, asked{member: m, underway: r.w.db.sending(r.w.op, m.id, r.w.model.Table.Name, m.house, st)})
		if r.each == 2 && !yield(setTenant(m.id)) || !yield(st) {
			r.next++
			return
		}
	}
}

func (r *chunkRun) statement(m member) (*driver.Statement, error) {
	s, err := r.w.session(m)
	if err != nil {
		return nil, err
	}
	t, err := r.w.text(s.m, m.id)
	if t == nil || err != nil {
		return nil, err
	}
	st, err := s.statement(t, source{})
	if err != nil {
		return nil, err
	}
	st.Columns = r.w.kinds(s.m)
	return st, nil
}

func (w *sweep) session(m member) (s *session, err error) {
	s = &session{db: w.db, id: m.id, house: m.house, op: w.op, model: w.model.Table.Name}
	s.m, err = w.db.mappingOf(w.model, m.house)
	return s, err
}

// reply takes the answer to a statement.
func (r *chunkRun) reply(ctx context.Context, i int, reply driver.Reply) error {
	a := &r.sent[i/r.each]
	if reply.Err == nil && i%r.each != r.each-1 {
		return nil // the database knows now whose turn it is
	}
	rows, err := a.reading(ctx, reply.Rows, reply.Err)
	if err == nil {
		a.then, err = r.w.read(a.member, rows)
	}
	r.replied = i/r.each + 1
	if err != nil && !a.failed { // what fails while it is read may be told again when it ends
		a.failed = true
		r.ended = r.w.fail(a.member, err)
	}
	return r.ended
}
