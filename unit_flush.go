package rowhouse

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
)

// work is what a flush has to do.
type work struct {
	fresh   map[*unitSet][]*entry
	changed map[*unitSet][]*entry
	removed map[*unitSet][]*entry
	links   map[*entry][]*link
}

func (w *work) empty() bool { return len(w.fresh)+len(w.changed)+len(w.removed) == 0 }

// work finds out what is to be done. Rows of which the key is not what it was are all reported.
func (u *Unit) work() (*work, error) {
	w := &work{
		fresh: map[*unitSet][]*entry{}, changed: map[*unitSet][]*entry{}, removed: map[*unitSet][]*entry{},
		links: map[*entry][]*link{},
	}
	for _, l := range u.links {
		if l.to.state == doomed || l.of.state == doomed {
			return nil, invalid("a row of model %q is linked to one of %q, and one of them is to be deleted",
				l.of.set.of.Table.Name, l.to.set.of.Table.Name)
		}
		w.links[l.of] = append(w.links[l.of], l)
	}
	var errs []error
	for _, set := range u.sets {
		for _, e := range set.entries {
			some, moved := e.touched()
			if moved {
				errs = append(errs, e.movedError())
			}
			switch {
			case e.state == fresh:
				w.fresh[set] = append(w.fresh[set], e)
			case e.state == doomed:
				w.removed[set] = append(w.removed[set], e)
			case len(w.links) > 0 && len(w.links[e]) > 0 || some:
				w.changed[set] = append(w.changed[set], e)
			}
		}
	}
	return w, errors.Join(errs...)
}

func (e *entry) movedError() error {
	return &StatementError{
		Model: e.set.of.Table.Name, Reason: ErrInvalid,
		message: "the primary key of a row was changed in memory; a key stays: put it back, or add a new row and remove the old one",
	}
}

// flush is one call of Flush under way.
type flush struct {
	u        *Unit
	work     *work
	tx       *Tx
	batch    batch
	at       time.Time
	sessions map[*unitSet]*session
	texts    map[textKey]*dialect.Template
	waiting  map[*entry]bool // keys that the database makes, and has not told
	gone     []*entry        // rows that were not there as they were read
}

type textKey struct {
	set     *unitSet
	columns string // their positions
	lift    *lifting
	lists   bool
	removes bool
}

// errGone ends a flush in which a row is not as it was read.
var errGone = errors.New("a row is not as it was read")

func (f *flush) run(ctx context.Context, tx *Tx) error {
	f.tx, f.batch, f.at = tx, batch{tx: tx}, now()
	f.sessions, f.texts, f.waiting = map[*unitSet]*session{}, map[textKey]*dialect.Template{}, map[*entry]bool{}
	order := f.u.ordered()
	for _, sets := range order {
		if err := f.save(ctx, sets); err != nil {
			return err
		}
	}
	for _, sets := range slices.Backward(order) {
		if err := f.erase(ctx, sets); err != nil {
			return err
		}
	}
	if err := f.send(ctx); err != nil {
		return err
	}
	f.settle()
	return nil
}

// session is where statements on rows of a model run.
func (f *flush) session(ctx context.Context, set *unitSet, op string) (*session, error) {
	s := f.sessions[set]
	if s == nil {
		opened, err := open(ctx, f.tx, set.of, op)
		if err != nil {
			return nil, err
		}
		s = &opened
		f.sessions[set] = s
		set.s = s.m.s
	}
	s.op = op
	return s, nil
}

// undoable hands what a session has put into rows to the transaction, in order with what hooks have.
func (f *flush) undoable(s *session) {
	f.tx.undo = append(f.tx.undo, s.undo...)
	s.undo = nil
}

// send sends what waits. Keys that the database has made are known then.
func (f *flush) send(ctx context.Context) error {
	err := f.batch.send(ctx)
	for _, s := range f.sessions {
		f.undoable(s)
	}
	clear(f.waiting)
	return err
}

// before calls the hooks that come before rows are written, and after those that come after. Models
// without hooks pass by, so that their statements wait for one another only where they must.
func (f *flush) before(ctx context.Context, s *session, m *moment, rows []*entry) error {
	return f.hooks(ctx, s, m, m.before, rows)
}

func (f *flush) after(ctx context.Context, s *session, m *moment, rows []*entry) error {
	return f.hooks(ctx, s, m, m.after, rows)
}

func (f *flush) hooks(ctx context.Context, s *session, m *moment, at []point, rows []*entry) error {
	if !m.within(s.m.hooks) || len(rows) == 0 {
		return nil
	}
	below, err := deeper(ctx)
	if err == nil {
		err = f.send(ctx)
	}
	if err != nil {
		return err
	}
	for _, p := range at {
		for _, e := range rows {
			if err := callHook(below, s, f.tx, p, e.row); err != nil {
				return err
			}
		}
	}
	return nil
}

// text is a statement's, written once for all rows that it is the same for.
func (f *flush) text(key textKey, write func() dialect.Statement, s *session) (*dialect.Template, error) {
	if t := f.texts[key]; t != nil {
		return t, nil
	}
	if err := s.m.checkLifted(key.lift.names()); err != nil {
		return nil, s.fail(err)
	}
	t, err := s.m.text(write())
	if err != nil {
		return nil, s.fail(err)
	}
	f.texts[key] = t
	return t, nil
}
