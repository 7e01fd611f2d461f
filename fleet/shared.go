package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// ensure makes the tables of a plan in the home schema, where they do not exist. Several
// processes may do so at once.
func (f *Fleet) ensure(ctx context.Context, p *plan) error {
	a := &attempt{f: f, house: rowhouse.House{Names: f.db.HomeNames()}, p: p, keep: true}
	return a.run(ctx)
}

// ensureShared makes the tables that tenants share, once in the life of the fleet.
func (f *Fleet) ensureShared(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shared {
		return nil
	}
	if err := errors.Join(f.checkRole(ctx), f.commonLocked(ctx)); err != nil {
		return err
	}
	p, err := f.walled()
	if err != nil {
		return err
	}
	if err := f.ensure(ctx, p); err != nil {
		return fmt.Errorf("shared tables: %w", err)
	}
	f.shared = true
	return nil
}

// checkRole refuses a role for which row-level security does not hold, if it is asked for.
func (f *Fleet) checkRole(ctx context.Context) error {
	if !f.db.Options().RowSecurity {
		return nil
	}
	home, err := f.db.Driver().Open(ctx, "")
	if err != nil {
		return err
	}
	s := &site{f: f, db: home}
	role, err := s.first(ctx, s.db, unwalled())
	if err == nil && role != "" {
		err = fmt.Errorf("row-level security (Options.RowSecurity) does not hold for role %q, which is a superuser "+
			"or has BYPASSRLS: connect with a role that is neither", role)
	}
	return errors.Join(err, s.leave())
}

// secure has the database hold tenants apart in the shared tables that were just made, and
// checks that it does so in all of them.
func (a *attempt) secure(ctx context.Context, s *site, r driver.Runner, standing map[string]bool) error {
	if s.p.wall == "" || !a.f.db.Options().RowSecurity {
		return nil
	}
	for _, t := range s.p.tables {
		if standing[t.Name] {
			continue
		}
		for _, text := range secureTable(s.p, s.names, t.Name) {
			if err := s.exec(ctx, r, text); err != nil {
				return fmt.Errorf("securing table %s: %w", s.names.Table(s.p.d, t.Name), err)
			}
		}
	}
	return a.checkSecured(ctx, s, r)
}

// checkSecured refuses shared tables that are not secured. It does not secure them by itself:
// processes that run without Options.RowSecurity would find them empty from then on.
func (a *attempt) checkSecured(ctx context.Context, s *site, r driver.Runner) error {
	list, err := s.list(ctx, r, securedTables(s.schema, s.p.wall))
	if err != nil {
		return err
	}
	secured := map[string]bool{}
	for _, row := range list {
		secured[row[0]] = true
	}
	var missing []string
	for _, t := range s.p.tables {
		if !secured[s.physical(t.Name)] {
			missing = append(missing, t.Name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("shared tables %s exist without row-level security, or with policies other than %s; "+
		"once every process runs with Options.RowSecurity, drop those and run, for each: %s",
		strings.Join(missing, ", "), policyName, strings.Join(secureTable(s.p, s.names, missing[0]), "; "))
}

// setTenant says whose a transaction is, where the database wants to know.
func (s *site) setTenant(ctx context.Context, r driver.Runner) error {
	if !s.f.db.Options().RowSecurity {
		return nil
	}
	_, err := s.list(ctx, r, &driver.Statement{
		Text: dialect.SetTenant, Args: texts(s.tenant), Columns: []dialect.Kind{dialect.Text},
	})
	return err
}

// strangers refuses a new tenant whose id has rows in the shared tables already: they are those
// of somebody who had that id before.
func (f *Fleet) strangers(ctx context.Context, tenant string, h rowhouse.House) error {
	p, err := f.planOf(h)
	if err != nil {
		return err
	}
	s, err := f.enter(ctx, tenant, h, p)
	if err != nil {
		return err
	}
	_, err = s.reading(ctx, func(r driver.Runner) error {
		for _, t := range p.tables {
			st := findRow(p, s.names, t.Name)
			st.Args = texts(tenant)
			found, err := s.first(ctx, r, st)
			if err != nil {
				return err
			}
			if found != "" {
				return &OccupiedError{Tenant: tenant, What: "a row of that id in the shared table " + s.names.Table(p.d, t.Name)}
			}
		}
		return nil
	})
	return errors.Join(err, s.leave())
}

// reading runs fn in a transaction that says whose it is, or, where that is not needed, in none.
func (s *site) reading(ctx context.Context, fn func(r driver.Runner) error) (sure bool, err error) {
	if !s.f.db.Options().RowSecurity {
		return true, fn(s.db)
	}
	return s.atomically(ctx, func(tx driver.Runner) error {
		if err := s.setTenant(ctx, tx); err != nil {
			return err
		}
		return fn(tx)
	})
}

// deleteShared deletes a tenant's rows from the shared tables, in one transaction.
func (s *site) deleteShared(ctx context.Context) error {
	standing, err := s.standing(ctx, s.db, false)
	if err != nil {
		return err
	}
	_, err = s.atomically(ctx, func(tx driver.Runner) error {
		if err := s.setTenant(ctx, tx); err != nil {
			return err
		}
		for _, text := range s.deletions(standing) {
			if err := s.exec(ctx, tx, text, texts(s.tenant)...); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// deletions are the statements that delete a tenant's rows, from those that refer to those that
// are referred to.
func (s *site) deletions(standing map[string]bool) (list []string) {
	for _, r := range loosened(s.p.tables, s.p.against) {
		if text, ok := loosen(s.p, s.names, r); ok && standing[r.table] {
			list = append(list, text)
		}
	}
	for _, t := range slices.Backward(s.p.tables) {
		if standing[t.Name] {
			list = append(list, deleteRows(s.p, s.names, t.Name))
		}
	}
	return list
}
