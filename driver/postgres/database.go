package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// The only statements that a driver words itself: no dialect but this one has databases that
// are made by name and cannot be made inside a transaction.
const (
	createDatabase = "CREATE DATABASE "
	dropDatabase   = "DROP DATABASE IF EXISTS "
	evenInUse      = " WITH (FORCE)"
)

// Open connects to a database on the home's server, or as [WithConnect] says; "" is the home.
// A database that does not exist is an error whose Fault is a [driver.MissingTable].
func (d *Driver) Open(ctx context.Context, database string) (driver.DB, error) {
	if database == "" {
		return d.home(ctx)
	}
	if err := d.check(database); err != nil {
		return nil, err
	}
	pool, err := d.dial(ctx, database)
	if err != nil {
		return nil, fmt.Errorf("postgres: database %q: %w", database, err)
	}
	naming := d.naming
	if d.connect != nil {
		naming = d.newNaming() // another server's, for all that is known
	}
	db := d.newDB(pool, true, naming)
	// To connect is not enough: PgBouncer welcomes a client before it has a server.
	if err := pool.Ping(ctx); err != nil {
		return nil, fmt.Errorf("postgres: database %q: %w", database, errors.Join(err, db.Close()))
	}
	return db, nil
}

// home is the application's pool, or lanes that are made like it.
func (d *Driver) home(ctx context.Context) (*db, error) {
	db := d.newDB(d.pool, false, d.naming)
	if d.lanes < 2 {
		return db, nil
	}
	var err error
	db.lanes, err = newLanes(ctx, d.pool.Config(), d.lanes, &d.counts)
	return db, err
}

// reserved are enough for short reads by key.
const reserved = 2

var _ driver.Reserver = (*Driver)(nil)

// Reserve opens two connections more to the home, when they are needed, made as the application's pool makes its own:
// with its hooks, and its lifetimes.
func (d *Driver) Reserve(ctx context.Context) (driver.DB, error) {
	config := d.pool.Config()
	config.MaxConns, config.MinConns, config.MinIdleConns = reserved, 0, 0
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("postgres: home: %w", err)
	}
	return d.newDB(pool, true, d.naming), nil
}

func (d *Driver) dial(ctx context.Context, database string) (*pgxpool.Pool, error) {
	if d.connect != nil {
		pool, err := d.connect(ctx, database)
		if err == nil && pool == nil {
			err = errors.New("the function of WithConnect returned no pool")
		}
		return pool, err
	}
	config := d.pool.Config()
	config.ConnConfig.Database = database
	config.MaxConns = d.connections
	config.MinConns, config.MinIdleConns = 0, 0
	return pgxpool.NewWithConfig(ctx, config)
}

// Create makes a database on the home's server, from the server's default template. It needs a
// role that may do so.
func (d *Driver) Create(ctx context.Context, database string) (made bool, err error) {
	if err := d.check(database); err != nil {
		return false, err
	}
	if d.connect != nil {
		return false, d.present(ctx, database)
	}
	err = d.exec(ctx, createDatabase+dialect.Quote(d.Dialect(), database))
	switch d.Fault(err).Kind {
	case driver.NoFault:
		return err == nil, err
	case driver.ExistingTable, driver.Unique: // unique: two created it at once
		return false, nil
	}
	return false, fmt.Errorf("postgres: creating database %q: %w", database, err)
}

// Drop removes a database of the home's server with all its tables, whoever is connected to
// it. The home and the server's own databases are refused.
func (d *Driver) Drop(ctx context.Context, database string) error {
	if err := d.check(database); err != nil {
		return err
	}
	if d.connect != nil {
		return d.absent(ctx, database)
	}
	if database == d.pool.Config().ConnConfig.Database || slices.Contains(serverDatabases, database) {
		return fmt.Errorf("postgres: database %q is not a tenant's own; it is not dropped", database)
	}
	if err := d.exec(ctx, dropDatabase+dialect.Quote(d.Dialect(), database)+evenInUse); err != nil {
		return fmt.Errorf("postgres: dropping database %q: %w", database, err)
	}
	return nil
}

var serverDatabases = []string{"postgres", "template0", "template1"}

func (d *Driver) exec(ctx context.Context, text string) error {
	_, err := d.newDB(d.pool, false, d.naming).Exec(ctx, &driver.Statement{Text: text, Write: true})
	return err
}

// present is what Create can do on a server that it does not know.
func (d *Driver) present(ctx context.Context, database string) error {
	db, err := d.Open(ctx, database)
	if err == nil {
		return db.Close()
	}
	return fmt.Errorf("%w (it is reached by WithConnect, so create it on its own server first)", err)
}

// absent is what Drop can do on a server that it does not know.
func (d *Driver) absent(ctx context.Context, database string) error {
	db, err := d.Open(ctx, database)
	switch {
	case err == nil:
		return errors.Join(db.Close(), fmt.Errorf(
			"postgres: database %q is reached by WithConnect, so drop it on its own server", database))
	case d.Fault(err).Kind == driver.MissingTable:
		return nil
	}
	return err
}

// check refuses a name that PostgreSQL would cut, both here and at connecting, so that it would
// be another database's.
func (d *Driver) check(database string) error {
	limit := d.Dialect().MaxName()
	switch {
	case database == "":
		return errors.New("postgres: the name of a database is empty")
	case len(database) > limit:
		return fmt.Errorf("postgres: database %q: a name has %d bytes at most", database, limit)
	case strings.ContainsRune(database, 0):
		return fmt.Errorf("postgres: database %q: a name contains no zero byte", database)
	case d.connect != nil:
		return nil // what a name means is the application's to say
	case database == d.pool.Config().ConnConfig.Database:
		return fmt.Errorf("postgres: database %q is the home, which is nobody's own", database)
	case slices.Contains(serverDatabases, database):
		return fmt.Errorf("postgres: database %q is the server's own", database)
	}
	return nil
}
