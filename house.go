package rowhouse

import (
	"github.com/rowhouse/rowhouse/dialect"
)

// House says where a tenant's tables are, for tools that make, change or remove them. Reading
// and writing rows needs none of it.
type House struct {
	Kind     PlacementKind
	Database string        // the driver's name of the database; "" is the home
	Schema   string        // the tenant's own schema, or "" where it has none
	Names    dialect.Names // of the tenant's objects
	Shared   bool          // the tables are other tenants' too

	Extensions []Extension // the columns that the tables have beside the models'
}

// House works out where an entry's tables are, or belong. It reads nothing.
func (db *DB) House(e Entry) (House, error) {
	h, err := db.settle(e)
	if err != nil {
		return House{}, err
	}
	house := House{Kind: h.kind, Database: h.database, Names: h.names, Shared: h.walled, Extensions: e.Extensions}
	if h.kind == InSchema && h.database == "" {
		p, err := e.Placement.For(db.d, e.ID)
		if err != nil {
			return House{}, err
		}
		house.Schema = p.Name
	}
	return house, nil
}

// HomeNames are the names of objects in the home schema that belong to no tenant.
func (db *DB) HomeNames() dialect.Names { return dialect.Names{Qualifier: db.homeName} }

// Tables describes the tables of tenants, by logical names, in the order of Options.Models. Shared
// ones have the discriminator: first among the columns, and in every key.
func (db *DB) Tables(shared bool) (tables []dialect.Table) {
	for _, m := range db.o.Models {
		maps := db.mappings[m.compiled()]
		switch {
		case maps.open.table.Common:
		case shared:
			tables = append(tables, *maps.walled.table)
		default:
			tables = append(tables, *maps.open.table)
		}
	}
	return tables
}

// CommonTables describes the tables that all tenants share, in the order of Options.Models.
func (db *DB) CommonTables() (tables []dialect.Table) {
	for _, m := range db.o.Models {
		if t := db.mappings[m.compiled()].open.table; t.Common {
			tables = append(tables, *t)
		}
	}
	return tables
}

// CloseDatabase closes a tenant's database, if this DB has it open, once nobody uses it: for
// tools that are about to remove it.
func (db *DB) CloseDatabase(name string) { db.pools.discard(name) }

// Document is the column of a model's shared table that has tenants' own columns, or "" for a model
// that has no place for them.
func (db *DB) Document(model string) string {
	if s := db.modelNamed(model); s != nil && s.Slot != nil {
		return s.Slot.Document
	}
	return ""
}
