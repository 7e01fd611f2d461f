package fleet

import (
	"context"
	"fmt"
	"slices"

	"github.com/rowhouse/rowhouse/dialect"
)

// commons are the tables that all tenants share, which those of tenants may refer to.
type commons struct {
	tables []dialect.Table
	names  dialect.Names
}

// alone are the tables without their references to common ones, for a database that has none of these.
func alone(tables []dialect.Table) []dialect.Table {
	for i := range tables {
		tables[i].ForeignKeys = slices.DeleteFunc(slices.Clone(tables[i].ForeignKeys),
			func(k dialect.ForeignKey) bool { return k.Common })
	}
	return tables
}

// ensureCommon makes the tables of the common house, once in the life of the fleet.
func (f *Fleet) ensureCommon(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.commonLocked(ctx)
}

func (f *Fleet) commonLocked(ctx context.Context) error {
	tables := f.db.CommonTables()
	if f.common || len(tables) == 0 {
		return nil
	}
	p, err := newPlan(f.d, tables, "", commons{names: f.db.HomeNames()})
	if err != nil {
		return err
	}
	if err := f.ensure(ctx, p); err != nil {
		return fmt.Errorf("common tables: %w", err)
	}
	f.common = true
	return nil
}
