package rowhouse

import (
	"context"
	"errors"
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
	// plan adds the statements for the rows that are related to those that parents selects.
	plan(parents *dialect.Select, p *reading) error
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
	to := r.b.target()
	if err := l.s.turn(to); err != nil {
		return nil, err
	}
	l.away = to.Table.Common && s.house.database != ""
	l.link()
	switch err := errors.Join(r.rows.err, operand{origins: r.rows.origins}.from(origin{s.db, s.id})); {
	case r.many == nil && r.one == nil:
		return nil, invalid("With: the relation to model %q has no field for the rows; it was made with a nil function", to.Table.Name)
	case err != nil:
		return nil, err
	case l.away && len(r.b.legs) > 1:
		return nil, invalid("With: model %q is in the home database and this tenant in another, "+
			"which the table between cannot span", to.Table.Name)
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
		q.order = q.total()
	}
	sel, err := q.selection(&l.s)
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
func (l *load[T, R]) plan(parents *dialect.Select, p *reading) error {
	keys := *parents
	keys.Columns = make([]dialect.Expr, len(l.from))
	for i, f := range l.from {
		keys.Columns[i] = dialect.Ref{Table: l.r.b.from.Table.Name, Column: f.Column}
	}
	if keys.Limit < 0 && keys.Offset <= 0 {
		keys.Order = nil
	}
	sel, err := l.selection(dialect.Within{
		Operands: l.linked, Rows: &keys, Few: keys.Limit >= 0 && keys.Limit <= fewParents && len(keys.Per) == 0,
	})
	if err != nil {
		return err
	}
	if err := p.add(&l.s, sel, l.kinds(), l.take); err != nil {
		return err
	}
	for _, b := range l.below {
		if err := b.plan(sel, p); err != nil {
			return err
		}
	}
	return nil
}

func (p *reading) add(s *session, sel *dialect.Select, kinds []dialect.Kind, take func(driver.Rows) error) error {
	t, err := s.m.text(sel)
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
	if !l.between() {
		return drain(rows, l.s.m.s, func(row *R) bool {
			l.rows = append(l.rows, *row)
			return true
		})
	}
	dests, values := make([]any, len(l.to)), make([]unsafe.Pointer, len(l.to))
	for i, f := range l.to {
		values[i] = reflect.New(f.Type).UnsafePointer()
		dests[i] = f.Codec.Dest(values[i])
	}
	var wrong error
	err := drain(rows, l.s.m.s, func(row *R) bool {
		var link any
		if link, wrong = keyOf(len(l.to), func(i int) (any, error) { return l.to[i].Codec.Arg(values[i]) }); wrong != nil {
			return false
		}
		l.rows, l.links = append(l.rows, *row), append(l.links, link)
		return true
	}, dests...)
	return errors.Join(wrong, err)
}

// keyOf is a key of n values, to be compared; nil if one of them is NULL.
func keyOf(n int, value func(i int) (any, error)) (any, error) {
	key := make([]dialect.Arg, n)
	for i := range key {
		v, err := value(i)
		if v == nil || err != nil {
			return nil, err
		}
		if n == 1 {
			if b, ok := v.([]byte); ok {
				return string(b), nil
			}
			return v, nil
		}
		key[i].Value = v
	}
	return keyText(key), nil
}

// keyIn is the key that a row has in these fields.
func keyIn(fields []*model.Field, row unsafe.Pointer) (any, error) {
	return keyOf(len(fields), func(i int) (any, error) { return fields[i].Arg(row) })
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
	if l.away {
		if at, err = open(ctx, s.db.Common(), l.r.b.target(), s.op); err != nil {
			return err
		}
		err = at.within(ctx, func() error { return l.asking(ctx, &at, keys) })
	} else {
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

// asking asks in as few statements as the engine takes.
func (l *load[T, R]) asking(ctx context.Context, s *session, keys [][]dialect.Arg) error {
	for part := range slices.Chunk(keys, parentsAtOnce/len(l.linked)) {
		sel, err := l.selection(among(l.linked, part))
		if err != nil {
			return err
		}
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

// hand works from the leaves up, so that a row is whole when its hook or its parent sees it.
func (l *load[T, R]) hand(ctx context.Context, scope Scope, parents []T) error {
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
	groups, err := l.groups(parents)
	if err != nil {
		return err
	}
	if l.r.many != nil {
		return l.handMany(parents, groups)
	}
	return l.handOne(parents, groups)
}

// grouped are the rows of one key: some of them in a slice of all.
type grouped struct {
	first, n int
	given    bool
}

// groups counts the rows for each key.
func (l *load[T, R]) groups(parents []T) (map[any]*grouped, error) {
	groups := make(map[any]*grouped, len(parents))
	list := make([]grouped, len(parents))
	for i := range parents {
		key, err := l.parentKey(&parents[i])
		if err != nil {
			return nil, err
		}
		if key != nil && groups[key] == nil {
			groups[key] = &list[i]
		}
	}
	return groups, nil
}

func (l *load[T, R]) handOne(parents []T, groups map[any]*grouped) error {
	for i := range l.rows {
		key, err := l.rowKey(i)
		if err != nil {
			return err
		}
		if g := groups[key]; g != nil && g.n == 0 {
			g.first, g.n = i, 1
		}
	}
	for i := range parents {
		key, err := l.parentKey(&parents[i])
		if err != nil {
			return err
		}
		place := l.r.one(&parents[i])
		*place = nil
		if g := groups[key]; g != nil && g.n > 0 {
			*place = &l.rows[g.first]
		}
	}
	return nil
}

func (l *load[T, R]) handMany(parents []T, groups map[any]*grouped) error {
	of := make([]*grouped, len(l.rows))
	for i := range l.rows {
		key, err := l.rowKey(i)
		if err != nil {
			return err
		}
		if of[i] = groups[key]; of[i] != nil {
			of[i].n++
		}
	}
	all := l.sorted(of, groups)
	for i := range parents {
		key, err := l.parentKey(&parents[i])
		if err != nil {
			return err
		}
		place := l.r.many(&parents[i])
		*place = []R{}
		g := groups[key]
		switch {
		case g == nil || g.n == 0:
		case g.given: // another parent has them, and each may change its own
			*place = slices.Clone(all[g.first : g.first+g.n])
		default:
			g.given = true
			*place = all[g.first : g.first+g.n : g.first+g.n]
		}
	}
	return nil
}

// sorted puts the rows of each key together, in their order.
func (l *load[T, R]) sorted(of []*grouped, groups map[any]*grouped) []R {
	next := 0
	for _, g := range groups {
		g.first, next = next, next+g.n
		g.n = 0
	}
	all := make([]R, next)
	for i, g := range of {
		if g != nil {
			all[g.first+g.n] = l.rows[i]
			g.n++
		}
	}
	return all
}

// readWith reads the rows of a query, and those that relations lead to. It returns what is left to do
// when nothing is open any more.
func (q Query[T]) readWith(ctx context.Context, s *session, all []T) ([]T, []branch[T], error) {
	list, err := branches(s, q.with)
	if err != nil {
		return nil, nil, err
	}
	take := func(row *T) bool {
		all = append(all, *row)
		return true
	}
	if !s.together(q.lock) || slices.ContainsFunc(list, branch[T].apart) {
		if err = q.read(ctx, s, take); err == nil && len(all) > 0 {
			err = askAll(ctx, s, list, all)
		}
		return all, list, err
	}
	sel, err := q.selection(s)
	if err != nil {
		return nil, nil, err
	}
	p := &reading{s: s}
	err = p.add(s, sel, s.m.kinds, func(rows driver.Rows) error { return drain(rows, s.m.s, take) })
	for _, b := range list {
		if err == nil {
			err = b.plan(sel, p)
		}
	}
	if err == nil {
		err = p.run(ctx)
	}
	return all, list, err
}

// askWith begins to read relations, and reads the rows that are related to these.
func askWith[T any](ctx context.Context, s *session, with []AnyRelation[T], rows []T) ([]branch[T], error) {
	list, err := branches(s, with)
	if err == nil {
		err = askAll(ctx, s, list, rows)
	}
	return list, err
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
		o.Tx = driver.TxOptions{Isolation: driver.RepeatableRead, ReadOnly: true, Tenant: s.id}
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
	return driver.Pipeline(ctx, runner, p.sending(statements, sent, first), o, func(i int, reply driver.Reply) error {
		if reply.Err == nil && i < first {
			return nil // the database knows now whose turn it is
		}
		rows, err := sent[i].reading(ctx, reply.Rows, reply.Err)
		if err != nil || i < first {
			return err
		}
		return p.reads[i-first].take(rows)
	})
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
