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
	own    []rowhouse.Extension // the columns that the tables have beside the models'
}

// enter opens the database that a tenant's house is in. The caller closes it with leave.
func (f *Fleet) enter(ctx context.Context, tenant string, h rowhouse.House, p *plan) (*site, error) {
	db, err := f.db.Driver().Open(ctx, h.Database)
	if err != nil {
		return nil, err
	}
	return &site{f: f, p: p, db: db, tenant: tenant, schema: f.schemaOf(h), names: h.Names, own: h.Extensions}, nil
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

// standing returns which of the plan's tables exist, by their logical names. With check, it fails
// for one that has other columns than it should have; the types are not compared.
func (s *site) standing(ctx context.Context, r driver.Runner, check bool) (map[string]bool, error) {
	logical := map[string]string{}
	var names []string
	for _, t := range s.p.tables {
		name := s.physical(t.Name)
		names, logical[strings.ToLower(name)] = append(names, name), t.Name
	}
	if len(names) == 0 {
		return nil, nil
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
		if check {
			if err := s.checkColumns(&t, have); err != nil {
				return nil, err
			}
		}
		standing[t.Name] = true
	}
	return standing, nil
}

// checkColumns compares a table's columns with the model's. A table that belongs to no tenant
// may have more of them, for programs newer than this one.
func (s *site) checkColumns(t *dialect.Table, have []string) error {
	has := func(name string) bool {
		return slices.ContainsFunc(have, func(n string) bool { return strings.EqualFold(n, name) })
	}
	name := s.names.Table(s.p.d, t.Name)
	for _, c := range t.Columns {
		switch {
		case has(c.Name):
		case s.tenant == "":
			return fmt.Errorf("table %s lacks the column %q: change the table first", name, c.Name)
		default:
			return &OccupiedError{Tenant: s.tenant, What: fmt.Sprintf("table %s, which lacks the column %q,", name, c.Name)}
		}
	}
	for _, column := range have {
		own := slices.ContainsFunc(s.own, func(x rowhouse.Extension) bool {
			return x.Model == t.Name && strings.EqualFold(x.Column, column)
		})
		if s.tenant != "" && t.Column(column) == nil && !own {
			return &OccupiedError{Tenant: s.tenant, What: fmt.Sprintf("table %s, which has a column %q that the model has not,", name, column)}
		}
	}
	return nil
}

// hasColumn reports whether a table has a column.
func (s *site) hasColumn(ctx context.Context, r driver.Runner, table, column string) (bool, error) {
	list, err := s.list(ctx, r, columnsOf(s.p.d, s.schema, []string{s.physical(table)}))
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("table %s does not exist: %w", s.names.Table(s.p.d, table), rowhouse.ErrMissingTable)
	}
	return slices.ContainsFunc(list, func(row []string) bool { return strings.EqualFold(row[1], column) }), err
}

// hasIndex reports whether the index of a tenant's own column exists.
func (s *site) hasIndex(ctx context.Context, r driver.Runner, x rowhouse.Extension) (bool, error) {
	list, err := s.list(ctx, r, indexesOf(s.p.d, s.schema, s.physical(x.Model)))
	name := s.physical(x.IndexName())
	return slices.ContainsFunc(list, func(row []string) bool { return strings.EqualFold(row[0], name) }), err
}
