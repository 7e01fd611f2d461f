package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// viewed is a model that has a view.
type viewed struct {
	model   string
	columns []string
}

// refreshing brings views up to date, as the only one who does so.
type refreshing struct {
	f       *Fleet
	s       *site         // the home
	inside  driver.Runner // the transaction that all of it is in; nil where each change has its own
	members *members
	invoker bool // views can be read with the rights of their reader
	look    bool // at parts too that seem up to date

	report ViewReport
	errs   []error
	failed bool // all of it
	stuck  []stuck
}

// stuck are the parts of a model's view that could not be changed, of those that stood.
type stuck struct {
	standing []uint64
	parts    map[uint64]bool
}

// holds reports whether a tenant's table may still be in a view that could not be changed.
func (r *refreshing) holds(tenant string) bool {
	return r.failed || slices.ContainsFunc(r.stuck, func(s stuck) bool { return s.parts[origin(placeOf(tenant), s.standing)] })
}

// refreshViews brings the views of models up to date. A part that fails does not keep the others.
func (f *Fleet) refreshViews(ctx context.Context, models []viewed, look bool) (*refreshing, error) {
	r := &refreshing{f: f, look: look}
	err := f.exclusively(ctx, func(s *site, inside driver.Runner) (err error) {
		r.s, r.inside = s, inside
		if r.members, err = f.members(ctx); err != nil {
			return err
		}
		if r.members.shared != nil && f.db.Options().RowSecurity {
			answer, err := s.first(ctx, s.db, invokerRights())
			if err != nil {
				return err
			}
			r.invoker = answer == "yes"
		}
		standing, err := s.standingViews(ctx, r.runner())
		if err != nil {
			return err
		}
		r.report.Uncovered = slices.Clone(r.members.left)
		for _, m := range models {
			r.refresh(ctx, m, f.partsOf(m, standing))
		}
		return nil
	})
	if err != nil {
		r.failed = true
		r.errs = append(r.errs, &ViewError{Err: err})
		if r.inside != nil {
			r.report = ViewReport{} // it was all undone
		}
	}
	return r, errors.Join(r.errs...)
}

// removeViews removes all parts of the models' views.
func (f *Fleet) removeViews(ctx context.Context, models []viewed) error {
	r := &refreshing{f: f}
	err := f.exclusively(ctx, func(s *site, inside driver.Runner) error {
		r.s, r.inside = s, inside
		standing, err := s.standingViews(ctx, r.runner())
		if err != nil {
			return err
		}
		for _, m := range models {
			for _, n := range slices.Sorted(maps.Keys(f.partsOf(m, standing))) {
				_ = r.write(ctx, m, []*part{{number: n}}, nil) // the error is noted
			}
		}
		return nil
	})
	return errors.Join(append(r.errs, err)...)
}

// runner is what runs a statement that asks.
func (r *refreshing) runner() driver.Runner {
	if r.inside != nil {
		return r.inside
	}
	return r.s.db
}

// standingViews lists the views that may be ours: their names, and what they carry.
func (s *site) standingViews(ctx context.Context, r driver.Runner) ([][]string, error) {
	return s.list(ctx, r, standingViews(s.f.d, s.schema))
}

// partsOf picks a model's parts, by their numbers.
func (f *Fleet) partsOf(m viewed, standing [][]string) map[uint64]string {
	parts := map[uint64]string{}
	base := viewBase(f.d, m.model)
	for _, row := range standing {
		if n, ok := numberOf(base, row[0]); ok {
			parts[n] = row[1]
		}
	}
	return parts
}

// refresh brings the view of one model up to date. A part that is no more goes last: until then its
// tenants may be nowhere else.
func (r *refreshing) refresh(ctx context.Context, m viewed, standing map[uint64]string) {
	numbers := slices.DeleteFunc(slices.Sorted(maps.Keys(standing)), func(n uint64) bool { return n == invokerPart })
	groups := r.groups(m, numbers)
	wanted, failed := map[uint64]bool{}, map[uint64]bool{}
	for _, from := range slices.Sorted(maps.Keys(groups)) {
		group := groups[from]
		stale := slices.DeleteFunc(slices.Clone(group), func(p *part) bool { return r.current(ctx, m, p, standing) })
		err := r.write(ctx, m, stale, standing)
		failed[from] = err != nil
		for _, p := range group {
			wanted[p.number] = true
			if len(p.arms) > 0 && (err == nil || !slices.Contains(stale, p)) {
				r.report.Parts = append(r.report.Parts, r.f.describe(m, p))
			}
		}
	}
	for n := range standing {
		if !wanted[n] && !failed[n] {
			failed[n] = r.write(ctx, m, []*part{{number: n}}, standing) != nil
		}
	}
	delete(failed, invokerPart) // it has no tenant's own table
	r.stuck = append(r.stuck, stuck{numbers, failed})
	slices.SortStableFunc(r.report.Parts, func(a, b ViewPart) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.Number, b.Number))
	})
}

// current reports whether a part stands as it should. PostgreSQL lets nothing go that a view is made of;
// elsewhere a view can break, and is then forgotten.
func (r *refreshing) current(ctx context.Context, m viewed, p *part, standing map[uint64]string) bool {
	if standing[p.number] != p.mark {
		return false
	}
	if !r.look || r.f.d.Name() == "postgres" {
		return true
	}
	if _, err := r.s.list(ctx, r.runner(), probe(r.f.unionView(m, p.number).name)); err != nil {
		standing[p.number] = ""
		return false
	}
	return true
}

func (f *Fleet) describe(m viewed, p *part) ViewPart {
	d := ViewPart{Model: m.model, Number: p.number, Name: f.unionView(m, p.number).name, Made: p.made}
	for _, a := range p.arms {
		d.Tenants = append(d.Tenants, a.tenants...)
	}
	slices.Sort(d.Tenants)
	return d
}

// groups are the parts that there are to be, by the standing part whose tenants they share: those are
// changed together, the new ones first.
func (r *refreshing) groups(m viewed, standing []uint64) map[uint64][]*part {
	arms := r.members.arms
	groups := map[uint64][]*part{}
	switch shared := r.members.shared; {
	case shared == nil:
	case !r.f.db.Options().RowSecurity:
		arms = append([]*arm{shared}, arms...)
	case r.invoker:
		groups[invokerPart] = []*part{{number: invokerPart, arms: []*arm{shared}}}
	default:
		r.leave(m, shared, fmt.Errorf("with Options.RowSecurity, a view needs PostgreSQL 15 to keep to its reader's rights: %w",
			rowhouse.ErrUnsupported))
	}
	for _, p := range divide(arms, standing, r.f.views.size) {
		from := cmp.Or(origin(p.arms[0].place, standing), p.number)
		groups[from] = append(groups[from], p)
	}
	for from, group := range groups {
		last := len(group) - 1
		if i := slices.IndexFunc(group, func(p *part) bool { return p.number == from }); i >= 0 {
			group[i], group[last] = group[last], group[i]
		}
		for _, p := range group {
			p.mark = r.f.unionView(m, p.number).mark(p.arms)
		}
	}
	return groups
}

// leave reports tenants whose table cannot be in a view.
func (r *refreshing) leave(m viewed, a *arm, err error) {
	for _, tenant := range a.tenants {
		r.report.Uncovered = append(r.report.Uncovered, Failure{
			Tenant: tenant, Err: fmt.Errorf("fleet: view of model %q: tenant %q: %w", m.model, tenant, err),
		})
	}
}

// unionView is the text of a part.
func (f *Fleet) unionView(m viewed, number uint64) *unionView {
	return &unionView{
		d: f.d, name: f.db.HomeNames().Table(f.d, viewName(f.d, m.model, number)),
		wall: f.db.Options().Discriminator, model: m.model, columns: m.columns, invoker: number == invokerPart,
	}
}

// viewTries is how often a change is tried that others were in the way of.
const viewTries = 3

// write changes some parts of a view, all or none where the engine can do so. A table that is
// missing, or that lacks a column, would keep all others from being read: it is left out.
func (r *refreshing) write(ctx context.Context, m viewed, group []*part, standing map[uint64]string) error {
	if len(group) == 0 {
		return nil
	}
	for tries := 1; ; tries++ {
		at, err := r.put(ctx, m, group, standing)
		if err == nil {
			return nil
		}
		fault := r.f.db.Driver().Fault(err)
		again := false
		switch {
		case fault.Kind == driver.MissingTable || fault.Kind == driver.MissingColumn:
			var asked error
			again, asked = r.reduce(ctx, m, at)
			err = errors.Join(err, asked)
		case fault.Code == "42P16": // PostgreSQL replaces a view only by one with the same columns
			again, at.anew = !at.anew, true
		case fault.Kind.Retryable() || fault.Kind == driver.LockTimeout:
			again = tries < viewTries && r.inside == nil
		}
		if !again {
			r.fail(ctx, m, at, err)
			return err
		}
	}
}

// put runs what changes some parts, and returns which failed. One that stands already without what had
// to be left out is not made again.
func (r *refreshing) put(ctx context.Context, m viewed, group []*part, standing map[uint64]string) (at *part, err error) {
	at = group[0]
	err = r.together(ctx, func(ctx context.Context, run driver.Runner) error {
		for _, at = range group {
			v := r.f.unionView(m, at.number)
			if at.made = len(at.arms) == 0 || standing[at.number] != at.mark; !at.made {
				continue
			}
			if err := r.s.execAll(ctx, run, v.statements(at)); err != nil {
				return err
			}
			if r.inside == nil || len(at.arms) == 0 {
				continue
			}
			if _, err := r.s.list(ctx, run, probe(v.name)); err != nil {
				return err
			}
		}
		return nil
	})
	return at, err
}

// statements make a part, or remove one that nothing is left of.
func (v *unionView) statements(p *part) []string {
	if len(p.arms) == 0 {
		return v.remove()
	}
	return v.create(p.arms, p.anew)
}

// together runs fn in a transaction of its own, or in a part of the one that there is. MySQL has
// none for this, and would wait for readers for ever.
func (r *refreshing) together(ctx context.Context, fn func(ctx context.Context, run driver.Runner) error) error {
	switch {
	case r.inside != nil:
		return r.nested(ctx, func() error { return fn(ctx, r.inside) })
	case r.f.d.Has(dialect.TransactionalDDL):
		_, err := r.s.atomically(ctx, func(tx driver.Runner) error { return fn(ctx, tx) })
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return fn(bounded, r.s.db)
}

// nested undoes what a part of a transaction did before it failed.
func (r *refreshing) nested(ctx context.Context, fn func() error) error {
	const depth = "views"
	if err := r.s.exec(ctx, r.inside, dialect.Savepoint+depth); err != nil {
		return err
	}
	err := fn()
	if err != nil {
		err = errors.Join(err, r.s.exec(ctx, r.inside, dialect.RollbackSavepoint+depth))
	}
	return errors.Join(err, r.s.exec(ctx, r.inside, dialect.ReleaseSavepoint+depth))
}

// reduce leaves out of a part what it cannot be made of, and reports whether there was anything.
func (r *refreshing) reduce(ctx context.Context, m viewed, p *part) (bool, error) {
	have, err := r.columns(ctx, m, p.arms)
	if err != nil {
		return false, err
	}
	var fit []*arm
	for _, a := range p.arms {
		columns, stands := have[a]
		lacks := slices.DeleteFunc(slices.Clone(m.columns), func(c string) bool { return columns[strings.ToLower(c)] })
		switch {
		case !stands:
			r.leave(m, a, fmt.Errorf("table %s: %w", a.names.Table(r.f.d, m.model), rowhouse.ErrMissingTable))
		case len(lacks) > 0:
			r.leave(m, a, fmt.Errorf("table %s lacks the column %q", a.names.Table(r.f.d, m.model), lacks[0]))
		default:
			fit = append(fit, a)
		}
	}
	reduced := len(fit) < len(p.arms)
	p.arms, p.mark = fit, r.f.unionView(m, p.number).mark(fit)
	return reduced, nil
}

// columns are the columns, in lower case, of those of the arms' tables that exist.
func (r *refreshing) columns(ctx context.Context, m viewed, arms []*arm) (map[*arm]map[string]bool, error) {
	schemas := map[string]map[string]*arm{}
	for _, a := range arms {
		if schemas[a.schema] == nil {
			schemas[a.schema] = map[string]*arm{}
		}
		schemas[a.schema][string(r.f.d.AppendName(nil, a.names.Prefix, m.model))] = a
	}
	have := map[*arm]map[string]bool{}
	for schema, tables := range schemas {
		rows, err := r.s.list(ctx, r.runner(), columnsOf(r.f.d, schema, slices.Collect(maps.Keys(tables))))
		if err != nil {
			return nil, err
		}
		named := map[string]*arm{} // some servers keep names in lower case
		for table, a := range tables {
			named[strings.ToLower(table)] = a
		}
		for _, row := range rows {
			a := named[strings.ToLower(row[0])]
			if have[a] == nil {
				have[a] = map[string]bool{}
			}
			have[a][strings.ToLower(row[1])] = true
		}
	}
	return have, nil
}

// fail notes that a part could not be written, and because of whom, where the database does not say.
func (r *refreshing) fail(ctx context.Context, m viewed, p *part, err error) {
	const dependent = "2BP01"
	if r.f.db.Driver().Fault(err).Code == dependent {
		name := viewName(r.f.d, m.model, p.number)
		others, asked := r.s.list(ctx, r.s.db, viewsOn(r.f.d, r.s.schema, []string{name}))
		if asked == nil && len(others) > 0 {
			err = fmt.Errorf("the view %s is made of it: drop that first, and make it anew afterwards: %w", others[0][0], err)
		}
	}
	r.errs = append(r.errs, &ViewError{Model: m.model, View: r.f.unionView(m, p.number).name, Err: err})
}

// checkViewed refuses to remove tables that views are made of, other than those which go with them:
// PostgreSQL refuses to remove a table then, without saying for which view, and to remove a schema
// it would take the views along.
func (s *site) checkViewed(ctx context.Context, h rowhouse.House) error {
	if s.p.d.Name() != "postgres" || h.Shared {
		return nil
	}
	var tables []string
	if h.Schema == "" {
		for _, t := range s.p.tables {
			tables = append(tables, s.physical(t.Name))
		}
		if len(tables) == 0 {
			return nil
		}
	}
	others, err := s.list(ctx, s.db, viewsOn(s.p.d, s.schema, tables))
	if err != nil || len(others) == 0 {
		return err
	}
	return fmt.Errorf("the view %s is made of its tables: drop or change it first (Fleet.View brings fleet's own up to date)",
		others[0][0])
}
