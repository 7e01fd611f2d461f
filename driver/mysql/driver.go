// Package mysql is the driver for MySQL 8.0 and MariaDB 10.6 and later, on
// github.com/go-sql-driver/mysql.
//
// The home is the DSN's database. Every statement names its database in full; the driver issues
// no USE and no SET, except the SET TRANSACTION that go-sql-driver sends with the BEGIN it is
// for. The server must be in strict mode: without it, MySQL cuts values to fit and stores the
// rest.
//
// A statement whose context ends returns at once, but only its connection is closed: the server
// goes on until it notices, which can take seconds, and holds the transaction's locks meanwhile.
package mysql

import (
	"context"
	"database/sql"
	"fmt"

	native "github.com/go-sql-driver/mysql"

	"github.com/rowhouse/rowhouse/dialect"
	dmysql "github.com/rowhouse/rowhouse/dialect/mysql"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/sqlconn"
)

// Driver is a server, by way of a home database on it. It is used by many goroutines at once.
// It lives until Close.
type Driver struct {
	options
	config *native.Config // of the home; not to be changed
	server server
	pool   *sql.DB
	home   *sqlconn.DB
}

var _ driver.Driver = (*Driver)(nil)

// New connects to the home, a go-sql-driver DSN with the name of an existing database. These
// parameters are always as the driver needs them, and a DSN that says otherwise is an error:
// parseTime, clientFoundRows, loc=UTC, utf8mb4, autocommit, neither interpolateParams nor
// multiStatements.
//
// It refuses servers that are too old or not in strict mode.
func New(ctx context.Context, dsn string, opts ...Option) (*Driver, error) {
	config, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	d := &Driver{options: defaults(), config: config}
	for _, o := range opts {
		o(&d.options)
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	d.pool, d.server, err = connect(ctx, config, d.homeConnections)
	if err != nil {
		return nil, fmt.Errorf("mysql: home %q: %w", config.DBName, err)
	}
	d.pool.SetMaxIdleConns(d.homeConnections)
	d.home = sqlconn.NewDB(d.pool, d.engine(d.server), func() error { return nil })
	return d, nil
}

// reserved are enough for short reads by key.
const reserved = 2

var _ driver.Reserver = (*Driver)(nil)

// Reserve opens two connections more to the home, when they are needed.
func (d *Driver) Reserve(ctx context.Context) (driver.DB, error) {
	pool, server, err := connect(ctx, d.config, reserved)
	if err != nil {
		return nil, fmt.Errorf("mysql: home %q: %w", d.config.DBName, err)
	}
	return sqlconn.NewDB(pool, d.engine(server), pool.Close), nil
}

// Dialect returns MySQL's or MariaDB's, by what the home's server is.
func (d *Driver) Dialect() dialect.Dialect {
	return dmysql.Dialect{MariaDB: d.server.mariaDB, WithoutReturning: d.withoutReturning}
}

// Schema returns the database's own name, because a MySQL schema is a database.
func (d *Driver) Schema(database string) string {
	if database == "" {
		return d.config.DBName
	}
	return database
}

// Pool returns the home's connections, for the application's own statements and for
// transactions that Rowhouse joins. It belongs to the driver: Close closes it.
func (d *Driver) Pool() *sql.DB { return d.pool }

// Close closes the home; other databases are closed by whoever opened them.
func (d *Driver) Close() error { return d.pool.Close() }
