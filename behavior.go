package rowhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Behavior is what a program adds to a model when it opens a [DB], in [Options.Behaviors]: hooks,
// and filters that hold by default. Any number of behaviors may be of one model.
//
// Before and after hooks run in one transaction with the operation, and get it as their scope (a
// [*Tx]): what they read and write by Model.In(s) is in it. An error stops the operation, undoes
// all of it, and is returned, wrapped in a [*StatementError] that names the operation; so does a
// panic, which goes on. Hooks of the same point run in order: the struct's own methods first, then
// the behaviors' in the order of Options.Behaviors. They are called by many goroutines at once.
//
// A hook that only has the struct to look at can be a method of it; see the package
// documentation, section Hooks.
type Behavior[T any] struct {
	Model *Model[T]

	// BeforeInsert and AfterInsert are called by Insert, InsertMany (before for all rows, then the
	// statement, then after for all) and Upsert, whatever becomes of the row. What BeforeInsert
	// changes in the row is written; keys, defaults and times are filled in after it.
	BeforeInsert func(ctx context.Context, s Scope, row *T) error
	AfterInsert  func(ctx context.Context, s Scope, row *T) error

	// BeforeUpdate and AfterUpdate are called by Update. Of what BeforeUpdate changes in the row,
	// the columns are written that the call is for. UpdateWhere has no rows and calls nothing.
	BeforeUpdate func(ctx context.Context, s Scope, row *T) error
	AfterUpdate  func(ctx context.Context, s Scope, row *T) error

	// BeforeDelete and AfterDelete are called by Delete and Purge, with the row as the caller has
	// it, which may be no more than its key. DeleteWhere has no rows and calls nothing.
	BeforeDelete func(ctx context.Context, s Scope, row *T) error
	AfterDelete  func(ctx context.Context, s Scope, row *T) error

	// AfterLoad is called for every row that a query reads into the model's struct, and for the
	// row that Upsert reads back, with the scope of the query, and no transaction of its own. It
	// runs when all rows are read and nothing is open; but with Each, which has no end to wait for,
	// while the rows are open: in a transaction its scope then refuses every operation.
	AfterLoad func(ctx context.Context, s Scope, row *T) error

	// Filters hold in everything that goes by the model's rows, as the condition of a soft delete
	// does, until a query lifts them by [Table.Without].
	Filters []Filter[T]
}

// AnyBehavior is a [Behavior] of any model.
type AnyBehavior interface {
	model() *model.Struct
	addTo(b *behavior) error
}

// Filter is a condition that holds by default. Its values are those it had when the [DB] was
// opened, the same for every tenant.
//
// It holds in reads, and in updates and deletes of any kind, Purge as well: a row that it leaves
// out is not there ([ErrNotFound]). Insert does not look at it, and neither does Upsert, which
// goes by the key as it is.
type Filter[T any] struct {
	Name  string // what [Table.Without] lifts it by
	Where Predicate[T]
}

// behavior is what a model does of itself, whatever its type.
type behavior struct {
	hooks   *hooks // nil where there are none
	filters []filter
}

type filter struct {
	name string
	expr dialect.Expr
}

func (b Behavior[T]) model() *model.Struct {
	if b.Model == nil {
		return nil
	}
	return b.Model.s
}

func (b Behavior[T]) addTo(to *behavior) (err error) {
	to.addHooks([points]hook{
		beforeInsert: hookOf(b.BeforeInsert), afterInsert: hookOf(b.AfterInsert),
		beforeUpdate: hookOf(b.BeforeUpdate), afterUpdate: hookOf(b.AfterUpdate),
		beforeDelete: hookOf(b.BeforeDelete), afterDelete: hookOf(b.AfterDelete),
		afterLoad: hookOf(b.AfterLoad),
	})
	for _, f := range b.Filters {
		same := func(other filter) bool { return other.name == f.Name }
		where := f.Where.o.get()
		switch wrong := where.checkRow(b.Model.s); {
		case f.Name == "":
			err = errors.Join(err, errors.New("a filter has no name, by which a query could lift it"))
		case slices.ContainsFunc(to.filters, same):
			err = errors.Join(err, fmt.Errorf("two filters are named %q", f.Name))
		case hasOwn(where.expr):
			err = errors.Join(err, fmt.Errorf("filter %q is on a column that some tenants have of their own, and holds for all", f.Name))
		case wrong != nil:
			err = errors.Join(err, fmt.Errorf("filter %q: %w", f.Name, wrong))
		case len(where.joins) > 0:
			err = errors.Join(err, fmt.Errorf("filter %q goes by a value of a related row; ask for what that must be with Has", f.Name))
		}
		to.filters = append(to.filters, filter{f.Name, where.expr})
	}
	return err
}

func hookOf[T any](fn func(context.Context, Scope, *T) error) hook {
	if fn == nil {
		return nil
	}
	return func(ctx context.Context, s Scope, row unsafe.Pointer) error { return fn(ctx, s, (*T)(row)) }
}

func (b *behavior) addHooks(list [points]hook) {
	for at, h := range list {
		if h == nil {
			continue
		}
		if b.hooks == nil {
			b.hooks = new(hooks)
		}
		b.hooks[at] = append(b.hooks[at], h)
	}
}

// compileBehaviors puts together what the models do of themselves: first what their structs say,
// then what the program adds.
func compileBehaviors(models []AnyModel, added []AnyBehavior) (map[*model.Struct]*behavior, error) {
	all := make(map[*model.Struct]*behavior, len(models))
	for _, m := range models {
		b := &behavior{}
		b.addHooks(m.hooks())
		all[m.compiled()] = b
	}
	var errs []error
	for i, a := range added {
		if a == nil || a.model() == nil {
			errs = append(errs, fmt.Errorf("rowhouse: Options.Behaviors[%d] has no Model", i))
			continue
		}
		name := a.model().Table.Name
		b, known := all[a.model()]
		if !known {
			errs = append(errs, fmt.Errorf("rowhouse: Options.Behaviors[%d]: model %q is not among Options.Models", i, name))
			continue
		}
		if err := a.addTo(b); err != nil {
			errs = append(errs, fmt.Errorf("rowhouse: Options.Behaviors[%d]: model %q: %w", i, name, err))
		}
	}
	return all, errors.Join(errs...)
}

// Without lifts filters that hold by default ([Behavior.Filters]), by their names, in reads and in
// writes. A name that the model has no filter of is [ErrInvalid]. The condition of a soft delete
// is lifted by [Table.WithDeleted].
func (t Table[T]) Without(filters ...string) Table[T] {
	t.lifted = slices.Concat(t.lifted, filters)
	return t
}

// checkLifted returns what is wrong with lifting these filters.
func (m *mapping) checkLifted(names []string) error {
	for _, name := range names {
		if slices.ContainsFunc(m.filters, func(f filter) bool { return f.name == name }) {
			continue
		}
		known := make([]string, len(m.filters))
		for i, f := range m.filters {
			known[i] = f.name
		}
		return invalid("Without(%q): model %q has no such filter; it has [%s]", name, m.s.Table.Name, strings.Join(known, " "))
	}
	return nil
}

// filtered adds the filters that hold by default, but for those that are lifted.
func (m *mapping) filtered(where dialect.Expr, lifted []string) dialect.Expr {
	if len(m.filters) == 0 {
		return where
	}
	var and dialect.And
	if where != nil {
		and = append(and, where)
	}
	for _, f := range m.filters {
		if !slices.Contains(lifted, f.name) {
			and = append(and, f.expr)
		}
	}
	if len(and) == 0 {
		return nil
	}
	return and
}

// queryAlive leaves out what the model leaves out by default, but for what the query has lifted.
func queryAlive[T any](q Query[T], m *mapping, where dialect.Expr) dialect.Expr {
	if !q.deleted {
		where = m.undeleted(where)
	}
	return m.filtered(where, q.lifted)
}

// tableWithout is the text of a statement by key: the mapping's own, or one without the filters lifted.
func tableWithout[T any](
	t Table[T], s *session, own *dialect.Template, of func(lifted []string) dialect.Statement,
) (*dialect.Template, error) {
	if len(t.lifted) == 0 {
		return own, nil
	}
	return s.m.text(of(t.lifted))
}

// hasOwn reports whether an expression on a row has a column in it that some tenants have of their own.
func hasOwn(e dialect.Expr) bool {
	if _, own := e.(dialect.Extra); own {
		return true
	}
	parts, _ := dialect.Operands(e)
	return slices.ContainsFunc(parts, hasOwn)
}
