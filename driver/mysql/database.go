package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	native "github.com/go-sql-driver/mysql"

	"github.com/rowhouse/rowhouse/dialect"
	dmysql "github.com/rowhouse/rowhouse/dialect/mysql"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/sqlconn"
)

const (
	maxDatabase   = 64 // characters
	errDBExists   = 1007
	collateMySQL  = "utf8mb4_0900_bin"
	collateMaria  = "utf8mb4_nopad_bin"
	createOptions = " CHARACTER SET utf8mb4 COLLATE "
)

// Open connects to a database, which must exist; "" is the home, always the same DB, which
// [Driver.Close] closes and its own Close does not.
func (d *Driver) Open(ctx context.Context, database string) (driver.DB, error) {
	if database == "" {
		return d.home, nil
	}
	if err := d.checkName(database); err != nil {
		return nil, err
	}
	config, err := d.reach(ctx, database)
	if err != nil {
		return nil, err
	}
	config.DBName = database
	pool, s, err := connect(ctx, config, d.otherConnections)
	if err != nil {
		return nil, fmt.Errorf("mysql: database %q: %w", database, err)
	}
	if s.mariaDB != d.server.mariaDB {
		return nil, errors.Join(fmt.Errorf("mysql: database %q is on MySQL and the home on MariaDB, "+
			"or the other way round; their SQL differs", database), pool.Close())
	}
	return sqlconn.NewDB(pool, d.engine(s), pool.Close), nil
}

// reach returns how to connect to the server that a database is on, without a database.
func (d *Driver) reach(ctx context.Context, database string) (*native.Config, error) {
	if d.options.config == nil {
		config := d.config.Clone()
		config.DBName = ""
		return config, nil
	}
	config, err := d.options.config(ctx, database)
	if err != nil {
		return nil, fmt.Errorf("mysql: database %q: %w", database, err)
	}
	if config.DBName != "" && config.DBName != database {
		return nil, fmt.Errorf("mysql: database %q: WithConnect returns a configuration for %q; leave DBName empty",
			database, config.DBName)
	}
	if err := contradictions(config.FormatDSN()); err != nil {
		return nil, fmt.Errorf("mysql: database %q: WithConnect: %w", database, err)
	}
	config = settle(config)
	config.DBName = ""
	return config, nil
}

// Create makes a database whose texts compare byte by byte, as they do on the other engines.
func (d *Driver) Create(ctx context.Context, database string) (made bool, err error) {
	err = d.administer(ctx, database, func(pool *sql.DB, quoted string) error {
		collation := collateMySQL
		if d.server.mariaDB {
			collation = collateMaria
		}
		_, err := pool.ExecContext(ctx, "CREATE DATABASE "+quoted+createOptions+collation)
		return err
	})
	var e *native.MySQLError
	if errors.As(err, &e) && e.Number == errDBExists {
		return false, nil
	}
	return err == nil, err
}

// Drop removes a database; it refuses the home and the server's own.
func (d *Driver) Drop(ctx context.Context, database string) error {
	return d.administer(ctx, database, func(pool *sql.DB, quoted string) error {
		_, err := pool.ExecContext(ctx, "DROP DATABASE IF EXISTS "+quoted)
		return err
	})
}

// administer runs fn on the server that a database is, or is to be, on.
func (d *Driver) administer(ctx context.Context, database string, fn func(pool *sql.DB, quoted string) error) error {
	if err := d.checkName(database); err != nil {
		return err
	}
	quoted := dialect.Quote(d.Dialect(), database)
	if d.options.config == nil {
		return fn(d.pool, quoted)
	}
	config, err := d.reach(ctx, database)
	if err != nil {
		return err
	}
	connector, err := native.NewConnector(config)
	if err != nil {
		return fmt.Errorf("mysql: database %q: %w", database, err)
	}
	pool := sql.OpenDB(connector)
	return errors.Join(fn(pool, quoted), pool.Close())
}

// checkName accepts what MySQL takes for a name in quotes, but not the home's and the server's
// own. Some servers ignore the case of names, so case makes no difference here.
func (d *Driver) checkName(database string) error {
	switch {
	case database == "":
		return errors.New("mysql: a database needs a name; \"\" is the home")
	case utf8.RuneCountInString(database) > maxDatabase:
		return fmt.Errorf("mysql: a database's name of %d characters is too long, %d are the most",
			utf8.RuneCountInString(database), maxDatabase)
	case dmysql.Dialect{}.Reserved(dialect.SchemaObject, database):
		return fmt.Errorf("mysql: database %q is the server's own", database)
	case d.options.config == nil && strings.EqualFold(database, d.config.DBName):
		return fmt.Errorf("mysql: database %q is the home, whose name here is \"\"", database)
	case strings.HasSuffix(database, " "), strings.ContainsFunc(database, outside):
		return fmt.Errorf("mysql: %q is no name of a database", database)
	}
	return nil
}

// outside reports characters that no identifier has, and those that old servers make a path of.
func outside(r rune) bool {
	return !unicode.IsPrint(r) || r > 0xffff || strings.ContainsRune(`/\`, r)
}
