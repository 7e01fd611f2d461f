package rowhouse

import (
	"context"
	"errors"
	"slices"
	"time"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
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
			at, moved := e.changed()
			if moved {
				errs = append(errs, e.movedError())
			}
			switch {
			case e.state == fresh:
				w.fresh[set] = append(w.fresh[set], e)
			case e.state == doomed:
				w.removed[set] = append(w.removed[set], e)
			case len(at) > 0 || len(w.links) > 0 && len(w.links[e]) > 0:
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

// save inserts and updates the rows of models, several if they refer to one another in a circle.
func (f *flush) save(ctx context.Context, sets []*unitSet) error {
	steps, late, err := f.steps(sets)
	if err != nil {
		return err
	}
	for _, step := range steps {
		for _, set := range sets {
			rows := step
			if len(sets) > 1 {
				rows = slices.DeleteFunc(slices.Clone(step), func(e *entry) bool { return e.set != set })
			}
			if err := f.insert(ctx, set, rows, late); err != nil {
				return err
			}
		}
	}
	if err := f.complete(ctx, late); err != nil {
		return err
	}
	for _, set := range sets {
		if err := f.update(ctx, set); err != nil {
			return err
		}
	}
	return nil
}

// steps are the rows to insert, each step after the one before, and what has to be written into them
// when all of them are there.
func (f *flush) steps(sets []*unitSet) ([][]*entry, map[*entry][]need, error) {
	var rows []*entry
	for _, set := range sets {
		rows = append(rows, f.work.fresh[set]...)
	}
	if len(sets) == 1 && (!sets[0].refersTo(sets[0]) && !f.linked(rows, sets[0])) {
		return [][]*entry{rows}, nil, nil
	}
	g := f.u.graph(rows, func(e *entry) unsafe.Pointer { return e.row })
	return g.sort(func(e *entry) []need { return f.needs(g, e) })
}

// needs are those of a row by its foreign keys, and by links.
func (f *flush) needs(g *graph, e *entry) []need {
	links := f.work.links[e]
	needs := slices.DeleteFunc(g.needs(e), func(n need) bool {
		return slices.ContainsFunc(links, func(l *link) bool { return slices.Contains(n.at, l.at) })
	})
	for _, l := range links {
		if l.to.state == fresh && slices.Contains(g.rows, l.to) {
			needs = append(needs, need{to: l.to, at: []int{l.at}, link: l})
		}
	}
	return needs
}

// refersTo reports whether a foreign key of the model refers to the other.
func (set *unitSet) refersTo(other *unitSet) bool {
	return slices.ContainsFunc(set.s.Table.ForeignKeys, func(k dialect.ForeignKey) bool { return k.Table == other.of.Table.Name })
}

// linked reports whether rows are linked to others of the same model.
func (f *flush) linked(rows []*entry, set *unitSet) bool {
	return slices.ContainsFunc(rows, func(e *entry) bool {
		return slices.ContainsFunc(f.work.links[e], func(l *link) bool { return l.to.set == set })
	})
}

// follow gives a row what it is linked to, but for the links that have to wait.
func (f *flush) follow(ctx context.Context, e *entry, late []need) error {
	for _, l := range f.work.links[e] {
		if slices.ContainsFunc(late, func(n need) bool { return n.link == l }) {
			continue
		}
		if f.waiting[l.to] {
			if err := f.send(ctx); err != nil {
				return err
			}
		}
		l.apply(&f.tx.undo)
	}
	return nil
}

// insert queues new rows of a model.
func (f *flush) insert(ctx context.Context, set *unitSet, rows []*entry, late map[*entry][]need) error {
	if len(rows) == 0 {
		return nil
	}
	s, err := f.session(ctx, set, "insert")
	if err != nil {
		return err
	}
	for _, e := range rows {
		if err := f.follow(ctx, e, late[e]); err != nil {
			return err
		}
	}
	if err := f.before(ctx, s, inserting, rows); err != nil {
		return err
	}
	bases := make([]unsafe.Pointer, len(rows))
	for i, e := range rows {
		bases[i] = e.row
		f.remember(e)
		f.withhold(e, late[e])
		if err := s.prepare(e.row, f.at); err != nil {
			return s.fail(err)
		}
		f.undoable(s)
		e.snapshot()
		f.waiting[e] = s.makesKey(e.row)
	}
	parts, _ := s.alike(bases)
	for _, part := range parts {
		if err := f.insertPart(ctx, s, part); err != nil {
			return err
		}
	}
	return f.after(ctx, s, inserting, rows)
}

// insertPart queues one INSERT of rows that are alike, or one for each where their keys could not be
// told apart.
func (f *flush) insertPart(ctx context.Context, s *session, bases []unsafe.Pointer) error {
	auto := s.makesKey(bases[0])
	if len(bases) == 1 || auto && !s.db.d.Has(dialect.Returning) {
		t := s.m.insert
		if auto {
			t = s.m.insertAuto
		}
		for _, base := range bases {
			if err := f.queueInsert(ctx, s, t, source{row: base}, []unsafe.Pointer{base}, auto); err != nil {
				return err
			}
		}
		return nil
	}
	t, err := s.insertion(bases, auto)
	if err != nil {
		return s.fail(err)
	}
	return f.queueInsert(ctx, s, t, source{}, bases, auto)
}

func (f *flush) queueInsert(
	ctx context.Context, s *session, t *dialect.Template, src source, bases []unsafe.Pointer, auto bool,
) error {
	switch {
	case !auto:
		return f.batch.add(ctx, s, t, src, nil, nil)
	case s.db.d.Has(dialect.Returning):
		return f.batch.add(ctx, s, t, src, []dialect.Kind{s.m.kinds[s.m.s.Auto]}, func(r driver.Reply) error {
			return s.takeKeys(r.Rows, bases)
		})
	}
	return f.batch.add(ctx, s, t, src, nil, func(r driver.Reply) error { return s.setKey(bases[0], r.Result.LastKey) })
}

// withhold takes out of a new row what can only be written when other rows are there.
func (f *flush) withhold(e *entry, late []need) {
	for i, n := range late {
		if n.link != nil {
			continue
		}
		late[i].at = e.set.nullable(n.at)
		for _, at := range late[i].at {
			field := &e.set.s.Fields[at]
			value := field.Value(e.row)
			late[i].values = append(late[i].values, value)
			f.tx.undo = append(f.tx.undo, func() { field.SetValue(e.row, value) })
			field.SetZero(e.row)
		}
	}
}

// complete writes what was withheld.
func (f *flush) complete(ctx context.Context, late map[*entry][]need) error {
	if len(late) == 0 {
		return nil
	}
	if err := f.send(ctx); err != nil {
		return err
	}
	for _, e := range f.u.all() {
		if len(late[e]) == 0 {
			continue
		}
		var written []int
		for _, n := range late[e] {
			if n.link != nil {
				n.link.apply(&f.tx.undo)
			}
			for i, value := range n.values {
				e.set.s.Fields[n.at[i]].SetValue(e.row, value)
			}
			written = append(written, n.at...)
		}
		s, err := f.session(ctx, e.set, "update")
		if err != nil {
			return err
		}
		if err := f.queueUpdate(ctx, s, e, written); err != nil {
			return err
		}
	}
	return nil
}

// all are the rows of the unit.
func (u *Unit) all() (list []*entry) {
	for _, set := range u.sets {
		list = append(list, set.entries...)
	}
	return list
}

// update queues the changed rows of a model, those with the same columns one after the other, so that
// an engine reads their text once.
func (f *flush) update(ctx context.Context, set *unitSet) error {
	rows := f.work.changed[set]
	if len(rows) == 0 {
		return nil
	}
	s, err := f.session(ctx, set, "update")
	if err != nil {
		return err
	}
	for _, e := range rows {
		if err := f.follow(ctx, e, nil); err != nil {
			return err
		}
	}
	if err := f.before(ctx, s, updating, rows); err != nil {
		return err
	}
	var groups [][]change
	at := map[string]int{}
	written := make([]*entry, 0, len(rows))
	for _, e := range rows {
		columns, moved := e.changed()
		switch {
		case moved:
			return s.fail(e.movedError())
		case len(columns) == 0:
			continue
		}
		key := positions(columns)
		if _, known := at[key]; !known {
			at[key] = len(groups)
			groups = append(groups, nil)
		}
		groups[at[key]] = append(groups[at[key]], change{e, columns})
		written = append(written, e)
	}
	for _, group := range groups {
		for _, c := range group {
			if err := f.queueUpdate(ctx, s, c.e, c.at); err != nil {
				return err
			}
		}
	}
	return f.after(ctx, s, updating, written)
}

// change is a row and the columns that are to be written.
type change struct {
	e  *entry
	at []int
}

func positions(at []int) string {
	text := make([]rune, len(at))
	for i, p := range at {
		text[i] = rune(p)
	}
	return string(text)
}

// queueUpdate queues an UPDATE of some columns of a row.
func (f *flush) queueUpdate(ctx context.Context, s *session, e *entry, at []int) error {
	t, err := f.text(textKey{set: e.set, columns: positions(at), lift: e.lift}, func() dialect.Statement {
		set := make([]dialect.Assign, len(at))
		for i, p := range at {
			set[i] = s.m.assign(p)
		}
		return &dialect.Update{Table: s.m.ref, Set: s.m.bump(set), Where: e.lift.alive(s.m, s.m.byVersion(s.m.byKey()))}
	}, s)
	if err != nil {
		return err
	}
	f.remember(e)
	s.stamp(s.m.s.Updated, e.row)
	return f.queueChange(ctx, s, t, e, true)
}

// queueChange queues a statement that must find the row as it was read.
func (f *flush) queueChange(ctx context.Context, s *session, t *dialect.Template, e *entry, counts bool) error {
	err := f.batch.add(ctx, s, t, source{row: e.row}, nil, func(r driver.Reply) error {
		if r.Result.Rows == 0 {
			f.gone = append(f.gone, e)
			return errGone
		}
		return nil
	})
	if err == nil && counts {
		s.countUp(e.row)
	}
	f.undoable(s)
	if e.state != doomed {
		e.snapshot()
	}
	return err
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

// erase deletes the removed rows of models, several if they refer to one another in a circle.
func (f *flush) erase(ctx context.Context, sets []*unitSet) error {
	var rows []*entry
	for _, set := range sets {
		rows = append(rows, f.work.removed[set]...)
	}
	if len(rows) == 0 {
		return nil
	}
	steps := [][]*entry{rows}
	if len(sets) > 1 || sets[0].refersTo(sets[0]) {
		var err error
		if steps, err = f.unlink(ctx, rows); err != nil {
			return err
		}
	}
	for _, step := range slices.Backward(steps) {
		for _, set := range sets {
			mine := slices.DeleteFunc(slices.Clone(step), func(e *entry) bool { return e.set != set })
			if err := f.delete(ctx, set, mine); err != nil {
				return err
			}
		}
	}
	return nil
}

// unlink puts rows that are to be deleted into steps, after having those in a circle refer to nothing.
func (f *flush) unlink(ctx context.Context, rows []*entry) ([][]*entry, error) {
	g := f.u.graph(rows, func(e *entry) unsafe.Pointer { return e.before })
	g.erases = true
	steps, cut, err := g.sort(func(e *entry) []need {
		if e.set.s.SoftDelete >= 0 {
			return nil // it stays, and may refer
		}
		return g.needs(e)
	})
	if err != nil {
		return nil, err
	}
	for _, e := range rows {
		if len(cut[e]) == 0 {
			continue
		}
		s, err := f.session(ctx, e.set, "delete")
		if err != nil {
			return nil, err
		}
		for _, n := range cut[e] {
			if err := f.detach(ctx, s, e, e.set.nullable(n.at)); err != nil {
				return nil, err
			}
		}
	}
	return steps, nil
}

// detach queues that columns of a row become NULL, and leaves them as they are in memory.
func (f *flush) detach(ctx context.Context, s *session, e *entry, at []int) error {
	values := make([]any, len(at))
	for i, p := range at {
		field := &e.set.s.Fields[p]
		values[i] = field.Value(e.row)
		field.SetZero(e.row)
	}
	err := f.queueUpdate(ctx, s, e, at)
	for i, p := range at {
		e.set.s.Fields[p].SetValue(e.row, values[i])
	}
	return err
}

// delete queues the removal of rows of a model.
func (f *flush) delete(ctx context.Context, set *unitSet, rows []*entry) error {
	if len(rows) == 0 {
		return nil
	}
	s, err := f.session(ctx, set, "delete")
	if err != nil {
		return err
	}
	if err := f.before(ctx, s, deleting, rows); err != nil {
		return err
	}
	for _, e := range rows {
		soft := s.m.s.SoftDelete >= 0
		t, err := f.text(textKey{set: set, lift: e.lift, removes: true}, func() dialect.Statement {
			if soft {
				return s.m.softDeleting(e.lift.names())
			}
			return s.m.deleting(e.lift.names())
		}, s)
		if err != nil {
			return err
		}
		f.remember(e)
		if soft {
			s.stamp([]int{s.m.s.SoftDelete}, e.row)
			s.stamp(s.m.s.Updated, e.row)
		}
		if err := f.queueChange(ctx, s, t, e, soft); err != nil {
			return err
		}
	}
	return f.after(ctx, s, deleting, rows)
}
