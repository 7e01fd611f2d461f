package fleet

import (
	"context"
	"errors"
	"fmt"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// attempt is one try at making tables. What it makes outside of a transaction it notes, so that
// it can remove that again, and only that.
type attempt struct {
	f      *Fleet
	tenant string
	house  rowhouse.House
	keep   bool // tables that exist may be kept; otherwise they are in the way
	vacant bool // a schema that exists may be used if it is empty

	undo   []undoing // the last is undone first
	unsure bool      // something may have been made that is not noted
}

type undoing func(ctx context.Context) error

// run makes whatever the house needs.
func (a *attempt) run(ctx context.Context) error {
	if a.house.Database != "" {
		if err := a.createDatabase(ctx); err != nil {
			return err
		}
	}
	s, err := a.f.enter(ctx, a.tenant, a.house)
	if err != nil {
		return err
	}
	err = a.build(ctx, s)
	if a.schemaInTheWay(err) {
		a.vacant = true
		err = a.build(ctx, s)
	}
	return errors.Join(err, s.leave())
}

// createDatabase makes the tenant's database. One that exists already may be used if it is
// empty.
func (a *attempt) createDatabase(ctx context.Context) error {
	drv, name := a.f.db.Driver(), a.house.Database
	bounded, cancel := forCleanup(ctx) // a lost answer would leave a database that nobody knows
	defer cancel()
	made, err := drv.Create(bounded, name)
	if err != nil {
		a.unsure = a.uncertain(err)
		return fmt.Errorf("making database %q: %w", name, err)
	}
	if made {
		a.note(func(ctx context.Context) error { return drv.Drop(ctx, name) })
		return nil
	}
	if a.keep {
		return nil
	}
	s, err := a.f.enter(ctx, a.tenant, a.house)
	if err != nil {
		return err
	}
	schema := a.f.schemaOf(a.house)
	if a.f.d.Name() == "postgres" {
		schema = "" // all of them: the database goes as a whole when the tenant is dropped
	}
	return errors.Join(a.empty(ctx, s, s.db, schema, fmt.Sprintf("database %q", name)), s.leave())
}

// build makes the schema and the tables, in one transaction where the engine has them for this.
func (a *attempt) build(ctx context.Context, s *site) error {
	if !a.f.d.Has(dialect.TransactionalDDL) {
		if err := a.makeSchema(ctx, s, s.db); err != nil {
			return err
		}
		return a.makeTables(ctx, s, s.db)
	}
	sure, err := s.atomically(ctx, func(tx driver.Runner) error {
		if a.tenant == "" && a.f.d.Name() == "postgres" {
			if err := s.exec(ctx, tx, lockShared); err != nil {
				return err
			}
		}
		if err := a.makeSchema(ctx, s, tx); err != nil {
			return err
		}
		return a.makeTables(ctx, s, tx)
	})
	a.unsure = a.unsure || !sure
	return err
}

// schemaError is a schema that could not be made, perhaps because it exists.
type schemaError struct{ err error }

func (e *schemaError) Error() string { return "making the schema: " + e.err.Error() }
func (e *schemaError) Unwrap() error { return e.err }

// schemaInTheWay reports that the schema may exist, made for a role that may not make any.
func (a *attempt) schemaInTheWay(err error) bool {
	var e *schemaError
	if !errors.As(err, &e) || a.keep || a.vacant {
		return false
	}
	kind := a.f.fault(e.err)
	return kind == driver.ExistingTable || kind == driver.Denied
}

// makeSchema makes the tenant's schema, if it has one of its own. A first attempt does not ask
// whether it exists, since as a rule it does not.
func (a *attempt) makeSchema(ctx context.Context, s *site, r driver.Runner) error {
	if a.house.Schema == "" {
		return nil
	}
	if a.keep || a.vacant {
		name, err := s.first(ctx, r, schemaExists(s.p.d, s.schema))
		if err != nil {
			return err
		}
		if name != "" {
			if a.keep {
				return nil
			}
			return a.empty(ctx, s, r, s.schema, "schema "+dialect.Quote(s.p.d, s.schema))
		}
	}
	if err := a.change(ctx, s, r, createSchema(s.p.d, s.schema)); err != nil {
		return &schemaError{err}
	}
	a.note(func(ctx context.Context) error { return s.exec(ctx, s.db, dropSchema(s.p.d, s.schema)) })
	return nil
}

// empty refuses a place that has something in it already.
func (a *attempt) empty(ctx context.Context, s *site, r driver.Runner, schema, what string) error {
	name, err := s.first(ctx, r, occupants(s.p.d, schema))
	if err == nil && name != "" {
		err = &OccupiedError{Tenant: a.tenant, What: fmt.Sprintf("%s with %q in it", what, name)}
	}
	return err
}

// makeTables runs the plan, for those tables that do not stand if some may.
func (a *attempt) makeTables(ctx context.Context, s *site, r driver.Runner) error {
	var standing, references map[string]bool
	if a.keep {
		var err error
		if standing, err = s.standing(ctx, r); err != nil {
			return err
		}
		if references, err = a.references(ctx, s, r); err != nil {
			return err
		}
	}
	for i := range s.p.steps {
		st := &s.p.steps[i]
		if standing[st.table] && st.kind != addsReference || references[s.physical(st.name)] {
			continue
		}
		if standing[st.table] && st.kind == addsReference && a.f.d.Has(dialect.TransactionalDDL) {
			continue // it was added together with the table
		}
		if err := a.take(ctx, s, r, st); err != nil {
			return err
		}
	}
	return a.secure(ctx, s, r, standing)
}

// references are the physical names of the foreign keys that exist, where a table can exist
// without those that were to follow it.
func (a *attempt) references(ctx context.Context, s *site, r driver.Runner) (map[string]bool, error) {
	if a.f.d.Has(dialect.TransactionalDDL) || len(s.p.against) == 0 {
		return nil, nil
	}
	list, err := s.list(ctx, r, referencesOf(s.schema))
	found := map[string]bool{}
	for _, row := range list {
		found[row[0]] = true
	}
	return found, err
}

// take takes one step of the plan.
func (a *attempt) take(ctx context.Context, s *site, r driver.Runner, st *step) error {
	table := s.names.Table(s.p.d, st.table)
	err := a.change(ctx, s, r, st.text.stamp(s.p.d, s.names))
	switch {
	case err == nil:
	case a.f.fault(err) == driver.ExistingTable && a.keep && !a.f.d.Has(dialect.TransactionalDDL):
		return nil // another process was faster
	case a.f.fault(err) == driver.ExistingTable:
		return &OccupiedError{Tenant: a.tenant, What: "table " + table + ", or an index of it,", Err: err}
	default:
		return fmt.Errorf("making table %s: %w", table, err)
	}
	switch st.kind {
	case makesTable:
		a.note(func(ctx context.Context) error { return s.exec(ctx, s.db, dropTable(s.p.d, s.names, st.table)) })
	case addsReference:
		a.note(func(ctx context.Context) error {
			return s.exec(ctx, s.db, dropReference(s.p.d, s.names, st.table, st.name))
		})
	}
	return nil
}

// change runs a statement. Where it takes part in no transaction, the caller's context is asked
// before it and not during it: a statement that was cut off may have happened or not.
func (a *attempt) change(ctx context.Context, s *site, r driver.Runner, text string) error {
	if a.f.d.Has(dialect.TransactionalDDL) {
		return s.exec(ctx, r, text)
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	bounded, cancel := forCleanup(ctx)
	defer cancel()
	err := s.exec(bounded, r, text)
	a.unsure = a.unsure || a.uncertain(err)
	return err
}

// uncertain reports an error that is no answer of the database.
func (a *attempt) uncertain(err error) bool {
	kind := a.f.fault(err)
	return err != nil && (kind == driver.NoFault || kind == driver.Unreachable)
}

// note remembers how to undo what was made. In a transaction that is rolled back, there is
// nothing to undo.
func (a *attempt) note(u undoing) {
	if a.house.Database != "" && len(a.undo) == 0 || !a.f.d.Has(dialect.TransactionalDDL) {
		a.undo = append(a.undo, u)
	}
}

// clean undoes the attempt and reports whether nothing of it is left.
func (a *attempt) clean(ctx context.Context) (clean bool, err error) {
	ctx, cancel := forCleanup(ctx)
	defer cancel()
	for len(a.undo) > 0 {
		last := len(a.undo) - 1
		if err := a.undo[last](ctx); err != nil {
			return false, fmt.Errorf("removing what was made of it: %w", err)
		}
		a.undo = a.undo[:last]
	}
	return !a.unsure, nil
}
