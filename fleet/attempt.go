package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	p      *plan
	keep   bool // tables that exist may be kept; otherwise they are in the way
	vacant bool // a schema that exists may be used if it is empty

	undo []undoing // what was made outside of a transaction, in that order
	left bool      // something of the attempt is left, or may be
}

type undoing func(ctx context.Context) error

// run makes whatever the house needs. If that fails, what a first attempt has made is removed.
func (a *attempt) run(ctx context.Context) error {
	made := false
	if a.house.Database != "" {
		var err error
		if made, err = a.createDatabase(ctx); err != nil {
			return err
		}
	}
	err := a.inside(ctx, made)
	if err != nil && made && !a.keep {
		a.left = false // whatever it was, it goes with the database
		err = errors.Join(err, a.clean(ctx, func(ctx context.Context) error {
			return a.f.db.Driver().Drop(ctx, a.house.Database)
		}))
	}
	return err
}

// inside makes what the database has to have in it.
func (a *attempt) inside(ctx context.Context, made bool) error {
	s, err := a.f.enter(ctx, a.tenant, a.house, a.p)
	if err != nil {
		return err
	}
	if a.house.Database != "" && !made && !a.keep {
		err = a.emptyDatabase(ctx, s)
	}
	if err == nil {
		err = a.build(ctx, s)
	}
	if a.schemaInTheWay(err) {
		a.vacant = true
		err = a.build(ctx, s)
	}
	if err != nil && !made && !a.keep {
		slices.Reverse(a.undo)
		err = errors.Join(err, a.clean(ctx, a.undo...))
	}
	return errors.Join(err, s.leave())
}

// createDatabase makes the tenant's database, and reports false if it exists.
func (a *attempt) createDatabase(ctx context.Context) (made bool, err error) {
	if err := context.Cause(ctx); err != nil {
		return false, err
	}
	bounded, cancel := regardless(ctx) // a lost answer would leave a database that nobody knows
	defer cancel()
	made, err = a.f.db.Driver().Create(bounded, a.house.Database)
	if err != nil {
		a.left = a.left || a.f.uncertain(err)
		return false, fmt.Errorf("making database %q: %w", a.house.Database, err)
	}
	return made, nil
}

// emptyDatabase refuses a database that has something in it already. On PostgreSQL that is in
// any of its schemas: the database goes as a whole when the tenant is dropped.
func (a *attempt) emptyDatabase(ctx context.Context, s *site) error {
	schema := s.schema
	if a.f.d.Name() == "postgres" {
		schema = ""
	}
	return a.empty(ctx, s, s.db, schema, fmt.Sprintf("database %q", a.house.Database))
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
	a.left = a.left || !sure
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
		if standing, err = s.standing(ctx, r, true); err != nil {
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
	bounded, cancel := regardless(ctx)
	defer cancel()
	err := s.exec(bounded, r, text)
	a.left = a.left || a.f.uncertain(err)
	return err
}

// note remembers how to undo what was made. What a transaction has made goes with it.
func (a *attempt) note(u undoing) {
	if !a.f.d.Has(dialect.TransactionalDDL) {
		a.undo = append(a.undo, u)
	}
}

// clean undoes what was made, also after ctx has ended.
func (a *attempt) clean(ctx context.Context, undo ...undoing) error {
	ctx, cancel := regardless(ctx)
	defer cancel()
	for _, u := range undo {
		if err := u(ctx); err != nil {
			a.left = true
			return fmt.Errorf("removing what was made of it: %w", err)
		}
	}
	return nil
}
