package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/mysql"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
)

// This file opens databases that exist, which the demo never does.

func (t sqliteTarget) visit(context.Context) (driver.Driver, func() error, error) {
	if _, err := os.Stat(t.path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("sqlite: there is no file %s", t.path)
	}
	d, err := sqlite.New(t.path, sqlite.WithReadOnly())
	if err != nil {
		return nil, nil, err
	}
	return d, d.Close, nil
}

func (sqliteTarget) explain(err error) error { return err }

func (t postgresTarget) visit(ctx context.Context) (driver.Driver, func() error, error) {
	pool, err := pgxpool.NewWithConfig(ctx, t.config)
	if err == nil {
		if err = pool.Ping(ctx); err == nil {
			return postgres.New(pool), func() error { pool.Close(); return nil }, nil
		}
		pool.Close()
	}
	return nil, nil, t.explain(err)
}

func (t mysqlTarget) visit(ctx context.Context) (driver.Driver, func() error, error) {
	if t.config.DBName == "" {
		return nil, nil, &usageError{errors.New("--dsn names no database: mysql://user@host:port/name")}
	}
	d, err := mysql.New(ctx, t.config.FormatDSN())
	if err != nil {
		return nil, nil, t.explain(err)
	}
	return d, d.Close, nil
}

// ours reports errors that say already what is wrong.
func ours(err error) bool { return errors.Is(err, fleet.ErrNoTable) }
