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

// site is where tables are made and removed: a database that is open, a schema in it, and the
// names there.
type site struct {
	f      *Fleet
	p      *plan
	db     driver.DB
	tenant string // "" for what belongs to none
	schema string
	names  dialect.Names
}

// enter opens the database that a tenant's house is in. The caller closes it with leave.
func (f *Fleet) enter(ctx context.Context, tenant string, h rowhouse.House, p *plan) (*site, error) {
	db, err := f.db.Driver().Open(ctx, h.Database)
	if err != nil {
		return nil, err
	}
	return &site{f: f, p: p, db: db, tenant: tenant, schema: f.schemaOf(h), names: h.Names}, nil
}

// leave closes the database; of the home this is no more than a word.
func (s *site) leave() error { return s.db.Close() }

func (s *site) exec(ctx context.Context, r driver.Runner, text string, args ...dialect.Arg) error {
	_, err := r.Exec(ctx, &driver.Statement{Text: text, Args: args, Write: true, Tenant: s.tenant})
	return err
}

// list runs a query whose columns are texts, and returns them row by row.
func (s *site) list(ctx context.Context, r driver.Runner, st *driver.Statement) (list [][]string, err error) {
	st.Tenant = s.tenant
	rows, err := r.Query(ctx, st)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		values := make([]string, len(st.Columns))
		dest := make([]any, len(values))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest); err != nil {
			return nil, err
		}
		list = append(list, values)
	}
	return list, rows.Err()
}

// first is the first text of a query's first row, or "".
func (s *site) first(ctx context.Context, r driver.Runner, st *driver.Statement) (string, error) {
	list, err := s.list(ctx, r, st)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0][0], nil
}

// atomically runs fn in a transaction. sure is false when it is not known whether what fn did
// has happened.
func (s *site) atomically(ctx context.Context, fn func(tx driver.Runner) error) (sure bool, err error) {
	tx, err := s.db.Begin(ctx, driver.TxOptions{Tenant: s.tenant})
	if err != nil {
		return true, err
	}
	if err := fn(tx); err != nil {
		// Whatever becomes of the rollback, what was not committed will not be.
		_ = tx.Rollback(context.WithoutCancel(ctx))
		return true, err
	}
	if err := tx.Commit(ctx); err != nil {
		return !s.f.uncertain(err), errors.Join(err, tx.Rollback(context.WithoutCancel(ctx)))
	}
	return true, nil
}

// physical is the name of an object, unquoted.
func (s *site) physical(object string) string {
	return string(s.p.d.AppendName(nil, s.names.Prefix, object))
}

// standing returns which of the plan's tables exist, by their logical names, and fails for one
// that has other columns than it should have. The types are not compared.
func (s *site) standing(ctx context.Context, r driver.Runner) (map[string]bool, error) {
	logical := map[string]string{}
	var names []string
	for _, t := range s.p.tables {
		name := s.physical(t.Name)
		names, logical[strings.ToLower(name)] = append(names, name), t.Name
	}
	list, err := s.list(ctx, r, columnsOf(s.p.d, s.schema, names))
	if err != nil {
		return nil, err
	}
	columns := map[string][]string{}
	for _, row := range list {
		table := logical[strings.ToLower(row[0])] // some servers keep names in lower case
		columns[table] = append(columns[table], row[1])
	}
	standing := map[string]bool{}
	for _, t := range s.p.tables {
		have := columns[t.Name]
		if have == nil {
			continue
		}
		if wrong := compareColumns(&t, have); wrong != "" {
			return nil, &OccupiedError{Tenant: s.tenant, What: "table " + s.names.Table(s.p.d, t.Name) + ", which " + wrong + ","}
		}
		standing[t.Name] = true
	}
	return standing, nil
}

func compareColumns(t *dialect.Table, have []string) (wrong string) {
	var want []string
	for _, c := range t.Columns {
		want = append(want, c.Name)
	}
	has := func(list []string, name string) bool {
		return slices.ContainsFunc(list, func(n string) bool { return strings.EqualFold(n, name) })
	}
	for _, name := range want {
		if !has(have, name) {
			return fmt.Sprintf("lacks the column %q", name)
		}
	}
	for _, name := range have {
		if !has(want, name) {
			return fmt.Sprintf("has a column %q that the model has not", name)
		}
	}
	return ""
}
