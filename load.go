package rowhouse

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/model"
)

// branch is a relation whose rows are being read, with what was asked for below it.
type branch[T any] interface {
	// plan adds the statements for the rows that are related to those that parents selects, which may be
	// related to others themselves.
	plan(parents *dialect.Select, related bool, p *reading) error
	// ask reads the rows that are related to these.
	ask(ctx context.Context, s *session, parents []T) error
	// apart reports whether rows are in another database than the parents.
	apart() bool
	// hand calls the hooks of the rows that were read, and puts them into their parents.
	hand(ctx context.Context, scope Scope, parents []T) error
}

// reading are reads that go to the database together.
type reading struct {
	s     *session
	reads []read
}

type read struct {
	s    *session
	t    *dialect.Template
	cols []dialect.Kind
	take func(driver.Rows) error
}

// load is a branch that leads from T to R.
type load[T, R any] struct {
	r     Relation[T, R]
	s     session // of R's model, where the parents are
	away  bool    // R is of the common house, and that is in another database
	below []branch[R]

	// The columns that equal the parents', in the first table that the relation leads to.
	from, to []*model.Field
	linked   []dialect.Expr

	rows  []R
	links []any // the key of the parent that each row is for, where the row does not have it
}

func (r Relation[T, R]) branch(s *session) (branch[T], error) {
	l := &load[T, R]{r: r, s: *s}
	l.s.had = 0
	to := r.b.target()
	if err := l.s.turn(to); err != nil {
		return nil, err
	}
	l.away = to.Table.Common && s.house.database != ""
	l.link()
	own := origin{s.db, s.id}
	if l.away {
		own.tenant = "" // it is read in the home database, where the tenant has nothing
	}
	switch err := errors.Join(r.rows.err, operand{origins: r.rows.origins}.from(own)); {
	case r.many == nil && r.one == nil:
		return nil, invalid("With: the relation to model %q has no field for the rows; it was made with a nil function", to.Table.Name)
	case err != nil:
		return nil, err
	case l.away && len(r.b.legs) > 1:
		return nil, &StatementError{
			Reason: ErrUnsupported, message: fmt.Sprintf("With: the tenant lives in a database of its own, and no table between leads "+
				"from there to the common model %q; read the rows between, each with the one that it belongs to", to.Table.Name),
		}
	}
	if err := l.s.m.checkLifted(r.rows.lifted); err != nil {
		return nil, err
	}
	var err error
	l.below, err = branches(&l.s, r.rows.with)
	return l, err
}

// branches begins to read relations, of rows that a session reads.
func branches[T any](s *session, rels []AnyRelation[T]) ([]branch[T], error) {
	list := make([]branch[T], len(rels))
	for i, rel := range rels {
		b, err := rel.branch(s)
		if err != nil {
			return nil, err
		}
		list[i] = b
	}
	return list, nil
}

func (l *load[T, R]) apart() bool {
	return l.away || slices.ContainsFunc(l.below, branch[R].apart)
}

// link names the columns by which rows are linked to their parents.
func (l *load[T, R]) link() {
	first := l.r.b.legs[0]
	for _, p := range first.on {
		f := &first.to.Fields[p.to]
		l.from, l.to = append(l.from, &l.r.b.from.Fields[p.from]), append(l.to, f)
		var column dialect.Expr = dialect.Ref{Table: first.to.Table.Name, Column: f.Column}
		if l.between() {
			column = dialect.Via{Relation: backwards, Operand: column}
		}
		l.linked = append(l.linked, column)
	}
}

// between reports whether there are tables between the parents and the rows.
func (l *load[T, R]) between() bool { return len(l.r.b.legs) > 1 }

// backwards is the path from the related rows to the first table between.
const backwards = "back"

// selection is the SELECT of all related rows, to which the condition on the parents is added.
func (l *load[T, R]) selection(parents dialect.Expr) (*dialect.Select, error) {
	q := l.r.rows
	limit := q.limit
	q.limit = -1
	if limit >= 0 {
		q.order = queryTotal(q)
	}
	sel, err := querySelection(q, &l.s)
	if err != nil {
		return nil, err
	}
	if l.between() {
		sel.Joins = append(slices.Clip(sel.Joins), dialect.Join{Path: dialect.PathTo("", backwards), Hops: l.r.b.back()})
		sel.Columns = slices.Concat(sel.Columns, l.linked)
	}
	if sel.Where != nil {
		parents = dialect.And{sel.Where, parents}
	}
	sel.Where = parents
	if limit >= 0 {
		sel.Limit, sel.Per = limit, l.linked
	}
	return sel, nil
}

// back are the hops from the related rows to the first table between.
func (b *bond) back() []dialect.Hop {
	hops := make([]dialect.Hop, 0, len(b.legs)-1)
	for i := len(b.legs) - 1; i > 0; i-- {
		to := b.legs[i-1]
		hop := dialect.Hop{To: to.to.Table.Ref(), Lifted: to.lifted}
		for _, p := range columnPairs(to.to, b.legs[i]) {
			hop.On = append(hop.On, dialect.Pair{From: p.To, To: p.From})
		}
		hops = append(hops, hop)
	}
	return hops
}

// fewParents are few enough for an array, which the server may have to go through for each row.
const fewParents = 1000

// plan asks for the rows of all parents by the query that selects those.
func (l *load[T, R]) plan(parents *dialect.Select, related bool, p *reading) error {
	keys := *parents
	keys.Columns = make([]dialect.Expr, len(l.from))
	for i, f := range l.from {
		keys.Columns[i] = dialect.Ref{Table: l.r.b.from.Table.Name, Column: f.Column}
	}
	if keys.Limit < 0 && keys.Offset <= 0 {
		keys.Order = nil
	}
	sel, err := l.selection(dialect.Within{
		Operands: l.linked, Rows: &keys, Once: related,
		Few: keys.Limit >= 0 && keys.Limit <= fewParents && len(keys.Per) == 0,
	})
	if err != nil {
		return err
	}
	if err := p.add(&l.s, sel, l.kinds(), l.take); err != nil {
		return err
	}
	for _, b := range l.below {
		if err := b.plan(sel, true, p); err != nil {
			return err
		}
	}
	return nil
}

func (p *reading) add(s *session, sel *dialect.Select, kinds []dialect.Kind, take func(driver.Rows) error) error {
	t, err := s.m.text(s.capped(sel))
	if err == nil {
		p.reads = append(p.reads, read{s, t, kinds, take})
	}
	return err
}

func (l *load[T, R]) kinds() []dialect.Kind {
	if !l.between() {
		return l.s.m.kinds
	}
	kinds := slices.Clone(l.s.m.kinds)
	for _, f := range l.to {
		kinds = append(kinds, f.Codec.Type.Kind)
	}
	return kinds
}

// take reads the rows, each with the parent that it is for.
func (l *load[T, R]) take(rows driver.Rows) error {
	some, err := gather(l.r.rows.model, func(take func(*R) bool) error {
		if !l.between() {
			return drain(rows, l.s.m.s, take)
		}
		return l.takeLinked(rows, take)
	})
	if len(l.rows) == 0 {
		l.rows = some
	} else {
		l.rows = append(l.rows, some...)
	}
	return err
}

// takeLinked reads rows with the key of the parent that each is for.
func (l *load[T, R]) takeLinked(rows driver.Rows, take func(*R) bool) error {
	dests, values := make([]any, len(l.to)), make([]unsafe.Pointer, len(l.to))
	for i, f := range l.to {
		values[i] = reflect.New(f.Type).UnsafePointer()
		dests[i] = f.Codec.Dest(values[i])
	}
	var wrong error
	err := drain(rows, l.s.m.s, func(row *R) bool {
		var link any
		if link, wrong = keyOf(l.to, func(i int) (any, error) { return l.to[i].Codec.Arg(values[i]) }); wrong != nil {
			return false
		}
		l.links = append(l.links, link)
		return take(row)
	}, dests...)
	return errors.Join(wrong, err)
}

func (l *load[T, R]) parentKey(row *T) (any, error) { return keyIn(l.from, unsafe.Pointer(row)) }

// rowKey is the key of the parent that a row is for.
func (l *load[T, R]) rowKey(i int) (any, error) {
	if l.links != nil {
		return l.links[i], nil
	}
	return keyIn(l.to, unsafe.Pointer(&l.rows[i]))
}

// parentsAtOnce bounds the parents that one statement names: few enough for every engine's arguments.
const parentsAtOnce = 30_000

// ask asks for the rows by the keys of the parents.
func (l *load[T, R]) ask(ctx context.Context, s *session, parents []T) error {
	keys, err := l.parentKeys(parents)
	if err != nil {
		return err
	}
	at := *s
	switch {
	case len(keys) == 0:
		err = l.check()
	case l.away:
		if at, err = open(ctx, s.db.Common(), l.r.b.target(), s.op); err == nil {
			err = at.within(ctx, func() error { return l.asking(ctx, &at, keys) })
		}
	default:
		at.m, at.model = l.s.m, l.s.model
		err = l.asking(ctx, &at, keys)
	}
	if err != nil {
		return err
	}
	for _, b := range l.below {
		if err := b.ask(ctx, s, l.rows); err != nil {
			return err
		}
	}
	return nil
}

// check says what is wrong with what is asked for, where there is nobody to ask it for: whether a query is
// right does not depend on the rows.
func (l *load[T, R]) check() error {
	sel, err := l.selection(dialect.Or{})
	if err == nil {
		_, err = l.s.m.text(sel)
	}
	return err
}

// asking asks in as few statements as the engine takes.
func (l *load[T, R]) asking(ctx context.Context, s *session, keys [][]dialect.Arg) error {
	for part := range slices.Chunk(keys, parentsAtOnce/len(l.linked)) {
		sel, err := l.selection(among(l.linked, part))
		if err != nil {
			return err
		}
		s.had = len(l.rows)
		rows, err := s.selected(ctx, sel, l.kinds())
		if err == nil {
			err = l.take(rows)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// parentKeys are the keys of the parents, each once.
func (l *load[T, R]) parentKeys(parents []T) (keys [][]dialect.Arg, err error) {
	seen := make(map[any]bool, len(parents))
	for i := range parents {
		key, err := l.parentKey(&parents[i])
		if err != nil {
			return nil, err
		}
		if key == nil || seen[key] {
			continue
		}
		seen[key] = true
		args := make([]dialect.Arg, len(l.from))
		for j, f := range l.from {
			if args[j].Value, err = f.Arg(unsafe.Pointer(&parents[i])); err != nil {
				return nil, err
			}
			args[j].Kind = f.Codec.Type.Kind
		}
		keys = append(keys, args)
	}
	return keys, nil
}

// hand works from the leaves up, so that a row is whole when its hook or its parent sees it. Which rows
// are whose is found out before, for a hook may change what tells.
func (l *load[T, R]) hand(ctx context.Context, scope Scope, parents []T) error {
	spans, err := l.deal(parents)
	if err != nil {
		return err
	}
	for _, b := range l.below {
		if err := b.hand(ctx, scope, l.rows); err != nil {
			return err
		}
	}
	own := scope
	if l.r.b.target().Table.Common && l.s.id != "" {
		own = l.s.db.Common()
	}
	if err := loaded(ctx, &l.s, own, l.rows); err != nil {
		return err
	}
	for i := range parents {
		l.put(&parents[i], spans[i])
	}
	return nil
}

// put fills in a parent's field.
func (l *load[T, R]) put(parent *T, its span) {
	switch {
	case l.r.many != nil:
		rows := l.rows[its.first : its.first+its.n : its.first+its.n]
		if its.n == 0 {
			rows = []R{}
		}
		*l.r.many(parent) = rows
	case its.n == 0:
		*l.r.one(parent) = nil
	default:
		*l.r.one(parent) = &l.rows[its.first]
	}
}

// queryReadWith reads the rows of a query, and those that relations lead to. It returns what is left to do
// when nothing is open any more.
func queryReadWith[T any](ctx context.Context, q Query[T], s *session) (all []T, list []branch[T], err error) {
	if list, err = branches(s, q.with); err != nil {
		return nil, nil, err
	}
	if !s.together(q.lock) || slices.ContainsFunc(list, branch[T].apart) {
		all, err = gather(q.model, func(take func(*T) bool) error { return queryRead(ctx, q, s, take) })
		if err == nil {
			err = askAll(ctx, s, list, all)
		}
		return all, list, err
	}
	sel, err := querySelection(q, s)
	if err != nil {
		return nil, nil, err
	}
	p := &reading{s: s}
	err = p.add(s, sel, s.m.kinds, func(rows driver.Rows) (err error) {
		all, err = gather(q.model, func(take func(*T) bool) error { return drain(rows, s.m.s, take) })
		return err
	})
	for _, b := range list {
		if err == nil {
			err = b.plan(sel, false, p)
		}
	}
	if err == nil {
		err = p.run(ctx)
	}
	return all, list, err
}

func askAll[T any](ctx context.Context, s *session, list []branch[T], rows []T) error {
	for _, b := range list {
		if err := b.ask(ctx, s, rows); err != nil {
			return err
		}
	}
	return nil
}

func handAll[T any](ctx context.Context, scope Scope, list []branch[T], rows []T) error {
	for _, b := range list {
		if err := b.hand(ctx, scope, rows); err != nil {
			return err
		}
	}
	return nil
}

// together reports whether statements that repeat a query, each for what is related to its rows, can be
// sent ahead of the replies: all of them must see the same rows, so they need one snapshot.
func (s *session) together(lock dialect.Lock) bool {
	if s.tx != nil {
		_, ahead := s.runner.(driver.Pipeliner)
		return ahead && lock == dialect.NoLock && s.tx.isolation >= driver.RepeatableRead
	}
	_, ahead := s.pool.DB.(driver.Pipeliner)
	return ahead
}

// run sends all reads, in one round trip, and reads the replies in turn.
func (p *reading) run(ctx context.Context) error {
	s := p.s
	runner := s.runner
	o := driver.PipelineOptions{}
	first := 0
	if s.tx == nil {
		runner = s.pool.DB
		o.Snapshot, o.Tx.Tenant = true, s.id
		if s.db.secured(s.house) {
			first = 1
		}
	}
	statements := make([]*driver.Statement, 0, len(p.reads)+first)
	if first > 0 {
		statements = append(statements, setTenant(s.id))
	}
	for _, r := range p.reads {
		st, err := r.s.statement(r.t, source{})
		if err != nil {
			return err
		}
		st.Columns = r.cols
		statements = append(statements, st)
	}
	sent := make([]underway, len(statements))
	timed, stop := s.timed(ctx)
	defer stop()
	err := driver.Pipeline(timed, runner, p.sending(statements, sent, first), o, func(i int, reply driver.Reply) error {
		if reply.Err == nil && i < first {
			return nil // the database knows now whose turn it is
		}
		most := -1
		if i >= first {
			most = p.reads[i-first].s.mayRead()
		}
		rows, err := s.bound(timed, func() {}, reply.Rows, most, reply.Err)
		rows, err = sent[i].reading(ctx, rows, err)
		if err != nil || i < first {
			return err
		}
		return p.reads[i-first].take(rows)
	})
	return s.overtime(timed, err)
}

// sending yields the statements as they go out.
func (p *reading) sending(statements []*driver.Statement, sent []underway, first int) iter.Seq[*driver.Statement] {
	return func(yield func(*driver.Statement) bool) {
		for i, st := range statements {
			name := ""
			if i >= first {
				name = p.reads[i-first].s.model
			}
			sent[i] = p.s.db.sending(p.s.op, p.s.id, name, p.s.house, st)
			if !yield(st) {
				return
			}
		}
	}
}
