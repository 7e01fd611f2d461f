package isolation

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// look opens a database behind the library's back.
func (s *suite) look(ctx context.Context, database string) (driver.DB, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if db := s.open[database]; db != nil {
		return db, nil
	}
	db, err := s.behind.Open(ctx, database)
	if err == nil {
		s.open[database] = db
	}
	return db, err
}

// wipe deletes all rows of all tenants.
func (s *suite) wipe(ctx context.Context) error {
	for _, at := range s.places {
		db, err := s.look(ctx, at.database)
		if err != nil {
			return err
		}
		for _, table := range tables {
			st := &driver.Statement{Text: "DELETE FROM " + at.tables[table], Write: true}
			s.engine.narrow(st, at)
			if _, err := db.Exec(ctx, st); err != nil {
				return fmt.Errorf("wiping %s of tenant %q: %w", table, at.id, err)
			}
		}
	}
	return nil
}

// narrow restricts a statement on a shared table to a tenant's rows.
func (e *engine) narrow(s *driver.Statement, at *place) {
	if at.walled {
		s.Text += " WHERE " + e.quoted(wall) + " = " + e.mark
		s.Args = []dialect.Arg{{Value: at.id, Kind: dialect.Text}}
	}
}

// compare checks all rows of all tenants against the models. Without models, it checks that each
// row is where its canary says.
func (s *suite) compare(ctx context.Context, models map[string]*store) error {
	for _, at := range s.places {
		if err := s.compareOne(ctx, at, models[at.id]); err != nil {
			return err
		}
	}
	return nil
}

func (s *suite) compareOne(ctx context.Context, at *place, want *store) error {
	return errors.Join(
		compareTable(ctx, s, at, cases, want), compareTable(ctx, s, at, notes, want), compareTable(ctx, s, at, links, want),
		compareTable(ctx, s, at, peers, want), compareGadgetTable(ctx, s, at, want))
}

func compareTable[T any](ctx context.Context, s *suite, at *place, k *kind[T], want *store) error {
	rows, err := readTable(ctx, s, at, k)
	if err != nil {
		return fmt.Errorf("looking behind tenant %q: %w", at.id, err)
	}
	if err := own(&desk{at: at}, k, rows); err != nil || want == nil {
		return err
	}
	model := k.rows(want)
	for i := range rows {
		row, ok := model[k.key(&rows[i])]
		if !ok {
			return fmt.Errorf("tenant %q has a row that it should not: %s", at.id, show(rows[i]))
		}
		if text := difference(&row, &rows[i]); text != "" {
			return fmt.Errorf("in the tables of tenant %q, the %s", at.id, text)
		}
	}
	if len(rows) != len(model) {
		return fmt.Errorf("tenant %q has %d rows of %s, not %d: %s, not %s",
			at.id, len(rows), k.name(), len(model), show(rows), show(model))
	}
	return nil
}

// readTable reads a tenant's rows without the library, of a shared table those that bear its
// discriminator, compared here and not by the engine.
func readTable[T any](ctx context.Context, s *suite, at *place, k *kind[T]) (list []T, err error) {
	db, err := s.look(ctx, at.database)
	if err != nil {
		return nil, err
	}
	columns, kinds := k.columns, k.kinds
	if at.walled {
		columns, kinds = append([]string{wall}, columns...), append([]dialect.Kind{dialect.Text}, kinds...)
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = s.engine.quoted(c)
	}
	text := "SELECT " + strings.Join(names, ", ") + " FROM " + at.tables[k.name()]
	rows, err := db.Query(ctx, &driver.Statement{Text: text, Columns: kinds})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	whose := at.id
	if at.walled {
		rows = &labelled{rows, &whose}
	}
	for rows.Next() {
		row, err := k.scan(rows)
		if err != nil {
			return nil, err
		}
		if !s.oracle.knows(whose) {
			return nil, fmt.Errorf("breach: a row of %q, who is no tenant: %s", whose, show(row))
		}
		if whose == at.id {
			list = append(list, row)
		}
	}
	return list, rows.Err()
}

// labelled are rows with the discriminator before the other columns.
type labelled struct {
	driver.Rows
	whose *string
}

func (r *labelled) Scan(dest []any) error { return r.Rows.Scan(append([]any{r.whose}, dest...)) }
