package rowhouse

import (
	"context"
	"reflect"
	"unsafe"

	"github.com/rowhouse/rowhouse/internal/model"
)

// point is where an operation calls hooks.
type point uint8

const (
	beforeInsert point = iota
	afterInsert
	beforeUpdate
	afterUpdate
	beforeDelete
	afterDelete
	afterLoad
	points
)

var pointNames = [points]string{
	"BeforeInsert", "AfterInsert", "BeforeUpdate", "AfterUpdate", "BeforeDelete", "AfterDelete", "AfterLoad",
}

// What a struct may have. The interfaces are not exported, since nobody has to name them.
type (
	beforeInserter interface {
		BeforeInsert(ctx context.Context, s Scope) error
	}
	afterInserter interface {
		AfterInsert(ctx context.Context, s Scope) error
	}
	beforeUpdater interface {
		BeforeUpdate(ctx context.Context, s Scope) error
	}
	afterUpdater interface {
		AfterUpdate(ctx context.Context, s Scope) error
	}
	beforeDeleter interface {
		BeforeDelete(ctx context.Context, s Scope) error
	}
	afterDeleter interface {
		AfterDelete(ctx context.Context, s Scope) error
	}
	afterLoader interface {
		AfterLoad(ctx context.Context, s Scope) error
	}
)

// hook is one hook, of a struct or of a [Behavior], whatever the type of its rows.
type hook func(ctx context.Context, s Scope, row unsafe.Pointer) error

// hooks are a model's, in the order in which they are called.
type hooks [points][]hook

func (h *hooks) any(at []point) bool {
	for _, p := range at {
		if len(h[p]) > 0 {
			return true
		}
	}
	return false
}

// ownHooks are the hooks that *T has as methods, nil where it has none.
func ownHooks[T any]() [points]hook {
	return [points]hook{
		beforeInsert: ownHook[T](beforeInserter.BeforeInsert),
		afterInsert:  ownHook[T](afterInserter.AfterInsert),
		beforeUpdate: ownHook[T](beforeUpdater.BeforeUpdate),
		afterUpdate:  ownHook[T](afterUpdater.AfterUpdate),
		beforeDelete: ownHook[T](beforeDeleter.BeforeDelete),
		afterDelete:  ownHook[T](afterDeleter.AfterDelete),
		afterLoad:    ownHook[T](afterLoader.AfterLoad),
	}
}

func ownHook[T, H any](call func(H, context.Context, Scope) error) hook {
	if _, has := any((*T)(nil)).(H); !has {
		return nil
	}
	return func(ctx context.Context, s Scope, row unsafe.Pointer) error {
		return call(any((*T)(row)).(H), ctx, s)
	}
}

// wrongHooks are the methods that have a hook's name and another signature: they would never be
// called, and nobody would know.
func wrongHooks(t reflect.Type) (wrong []model.Mistake) {
	look := func(m reflect.Method, has bool) {
		if has && !isHook(m.Type) {
			wrong = append(wrong, model.Mistake{Type: t, Problem: "method " + m.Name +
				" has the name of a hook, which is func(context.Context, rowhouse.Scope) error; change the one or the other"})
		}
	}
	p := reflect.PointerTo(t)
	// By constant names, so that the linker need not keep every method of the program.
	look(p.MethodByName("BeforeInsert"))
	look(p.MethodByName("AfterInsert"))
	look(p.MethodByName("BeforeUpdate"))
	look(p.MethodByName("AfterUpdate"))
	look(p.MethodByName("BeforeDelete"))
	look(p.MethodByName("AfterDelete"))
	look(p.MethodByName("AfterLoad"))
	return wrong
}

// isHook reports whether a method, its receiver first, has the signature of a hook.
func isHook(m reflect.Type) bool {
	return m.NumIn() == 3 && m.In(1) == reflect.TypeFor[context.Context]() && m.In(2) == reflect.TypeFor[Scope]() &&
		m.NumOut() == 1 && m.Out(0) == reflect.TypeFor[error]()
}

// moment is a kind of write, by the hooks around it.
type moment struct{ before, after []point }

func (m *moment) within(h *hooks) bool { return h != nil && (h.any(m.before) || h.any(m.after)) }

// The writes that have hooks. An upsert cannot know before what it will be, and reads the row
// back: to hooks it is an insert, and a load.
var (
	inserting = &moment{[]point{beforeInsert}, []point{afterInsert}}
	upserting = &moment{[]point{beforeInsert}, []point{afterLoad, afterInsert}}
	updating  = &moment{[]point{beforeUpdate}, []point{afterUpdate}}
	deleting  = &moment{[]point{beforeDelete}, []point{afterDelete}}
)

// hooked runs an operation: write, which writes these rows, and the hooks around it. If there are any, all of
// it is one transaction, which they get as their scope; without, nothing is added.
func hooked[T any](ctx context.Context, s *session, m *moment, rows []T, write func() error) error {
	if !m.within(s.m.hooks) || len(rows) == 0 {
		return s.within(ctx, write)
	}
	return s.within(ctx, func() error { return calling(ctx, s, m, rows, write) })
}

// calling is hooked where there are hooks.
func calling[T any](ctx context.Context, s *session, m *moment, rows []T, write func() error) error {
	below, err := deeper(ctx)
	if err != nil {
		return err
	}
	return s.transact(ctx, func(tx *Tx) error {
		if err := runHooks(below, s, tx, m.before, rows); err != nil {
			return err
		}
		if err := write(); err != nil {
			return err
		}
		return runHooks(below, s, tx, m.after, rows)
	})
}

// runHooks calls hooks of every row. What writes inside them have put into rows is taken back in
// its place among what the operation itself has.
func runHooks[T any](ctx context.Context, s *session, tx *Tx, at []point, rows []T) error {
	defer func() {
		s.undo = append(s.undo, tx.undo...)
		tx.undo = nil
	}()
	for _, p := range at {
		if err := callHooks(ctx, s, tx, p, rows); err != nil {
			return err
		}
	}
	return nil
}

func callHooks[T any](ctx context.Context, s *session, scope Scope, at point, rows []T) error {
	for i := range rows {
		if err := callHook(ctx, s, scope, at, unsafe.Pointer(&rows[i])); err != nil {
			return err
		}
	}
	return nil
}

// callHook calls the hooks of one row.
func callHook(ctx context.Context, s *session, scope Scope, at point, row unsafe.Pointer) error {
	for _, call := range s.m.hooks[at] {
		if err := call(ctx, scope, row); err != nil {
			return &StatementError{
				Op: s.op, Tenant: s.id, Model: s.model, Err: err,
				message: "hook " + pointNames[at] + ": " + err.Error(), retryable: IsRetryable(err),
			}
		}
	}
	return nil
}

// transact runs fn in a transaction that is nothing but this operation: in a savepoint where the
// scope is a transaction, so that it can go on without what failed, and in the operation's own
// where it is a tenant.
func (s *session) transact(ctx context.Context, fn func(tx *Tx) error) error {
	if outer := s.tx; outer != nil {
		defer func() { s.tx = outer }()
		return outer.Tx(ctx, func(tx *Tx) error {
			s.tx = tx
			return fn(tx)
		})
	}
	if err := s.atomically(ctx, false); err != nil {
		return err
	}
	tx := &Tx{db: s.db, id: s.id, house: s.house, pool: s.pool, tx: s.own, seen: s.seen}
	s.tx = tx
	defer func() { s.tx, tx.ended = nil, true }() // the session ends what it began
	return fn(tx)
}

// mostNested is how deep operations are followed that hooks cause whose hooks cause others: more
// than any program means, and less than a stack.
const mostNested = 32

type nesting struct{}

// deeper is the context of the hooks of an operation, which counts how deep they are.
func deeper(ctx context.Context) (context.Context, error) {
	n, _ := ctx.Value(nesting{}).(int)
	if n == mostNested {
		return nil, invalid("hooks have caused one another %d deep; one of them causes itself without an end", n)
	}
	return context.WithValue(ctx, nesting{}, n+1), nil
}

func (s *session) loads() bool { return s.m.hooks != nil && len(s.m.hooks[afterLoad]) > 0 }

// loaded runs the AfterLoad hooks of rows, once nothing is open any more that was needed to read
// them.
func loaded[T any](ctx context.Context, s *session, scope Scope, rows []T) error {
	if !s.loads() || len(rows) == 0 {
		return nil
	}
	below, err := deeper(ctx)
	if err != nil {
		return s.fail(err)
	}
	return callHooks(below, s, scope, afterLoad, rows)
}

// queryReadLoaded is read with the AfterLoad hooks of each row before fn, for rows that are still open
// then. A transaction cannot run anything meanwhile; as the hooks' scope it says so, alike on every
// engine.
func queryReadLoaded[T any](ctx context.Context, q Query[T], s *session, fn func(*T) bool) error {
	if !s.loads() {
		return queryRead(ctx, q, s, fn)
	}
	below, err := deeper(ctx)
	if err != nil {
		return err
	}
	scope := q.scope
	switch of := scope.(type) {
	case *Tx:
		open := *of
		open.streaming = true
		scope = &open
	case *Tenant:
		if s.place != nil {
			own := of.within()
			defer own.seated.Store(false)
			scope = own
		}
	}
	var first error
	err = queryRead(ctx, q, s, func(row *T) bool {
		first = callHooks(below, s, scope, afterLoad, unsafe.Slice(row, 1))
		return first == nil && fn(row)
	})
	if first != nil {
		return first
	}
	return err
}
