// Package postgres is the driver for PostgreSQL 13 and later, on pgx.
//
// Every statement goes out by the extended protocol in one round trip, the first time too: the types
// of its arguments and the formats of its columns are known beforehand, and values travel in binary.
// What a connection runs most it has the server keep by name, parsed and planned ([WithStatements]),
// where names last: that is safe behind PgBouncer in transaction mode, of any version. If a table has
// changed, or a name was thrown away, the statement is sent again; in the middle of a transaction, that
// is an error whose Fault is [driver.Serialization]. No session setting is made or relied upon, but for
// the server's own default of UTF-8.
//
// A transaction begins on the server together with its first statement. Rows that come in great number
// and need no key back are copied ([driver.Copy]).
//
// Statements of a pipeline ([driver.Pipeline]) go out together. Those of a transaction take one
// round trip, and one more for its commit unless it only reads; those that only read by
// themselves take one for 32 of them. Poolers see one transaction at a time, and no
// statement parted from its rest.
//
// The home is a pool that the application brings, with its hooks; a pgx.QueryTracer on it sees
// Rowhouse's statements too. Transactions of the application are joined as a pgx.Tx.
//
// A Text argument is sent as text: a column of citext, bpchar or an enum is better declared with
// its own type ([dialect.Other]), whose arguments PostgreSQL types itself. A time of a statement
// without [driver.Statement.Columns] is read as text, for which the server's DateStyle has to be
// ISO, as it is by default.
package postgres

import (
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/dialect"
	dpostgres "github.com/rowhouse/rowhouse/dialect/postgres"
	"github.com/rowhouse/rowhouse/driver"
)

// Driver is a home database and its server. It is used by many goroutines at once and needs no
// closing.
type Driver struct {
	options
	pool   *pgxpool.Pool
	naming *naming // on the home's server
	counts counts
}

var _ driver.Driver = (*Driver)(nil)

// New returns a driver whose home is an application's pool, which stays the application's: it
// must outlive the driver. It does not connect. It panics if the pool is nil.
func New(pool *pgxpool.Pool, opts ...Option) *Driver {
	if pool == nil {
		panic("postgres: New needs a pool")
	}
	d := &Driver{options: defaults(), pool: pool}
	for _, o := range opts {
		o(&d.options)
	}
	d.naming = d.newNaming()
	return d
}

// Dialect returns PostgreSQL's.
func (d *Driver) Dialect() dialect.Dialect { return dpostgres.Dialect{} }

// Schema returns "public", or that of [WithSchema], for every database.
func (d *Driver) Schema(string) string { return d.schema }
