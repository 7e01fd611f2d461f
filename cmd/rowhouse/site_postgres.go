package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/postgres"
)

// postgresTarget is a server, by way of a database on it that is connected to and not touched.
type postgresTarget struct{ config *pgxpool.Config }

// Bounds for PostgreSQL. The tables of one database are bounded because dropping it takes long.
const (
	postgresDatabases = 10
	postgresTables    = 4000
)

func (t postgresTarget) settle(ctx context.Context, _ bool) (*site, error) {
	home, version := demoName(), ""
	err := t.connected(ctx, func(conn *pgx.Conn) error {
		version, _, _ = strings.Cut(conn.PgConn().ParameterStatus("server_version"), " ")
		// Not to be interrupted, since nobody could tell then whether the database exists.
		_, err := conn.Exec(context.WithoutCancel(ctx), "CREATE DATABASE "+quoted(home))
		return err
	})
	if err != nil {
		return nil, err
	}
	s := &site{
		engine:   "PostgreSQL " + version,
		workers:  serverWorkers,
		place:    "in a new database " + home,
		kept:     fmt.Sprintf("the databases %s and %s_… on %s", home, home, t.address()),
		schema:   rowhouse.Schema("{tenant}"),
		database: rowhouse.Database(home + "_{tenant}"),
		most: map[rowhouse.PlacementKind]int{
			rowhouse.InDatabase: postgresDatabases,
			rowhouse.InPrefix:   postgresTables, rowhouse.InSchema: postgresTables,
		},
		why:    "PostgreSQL needs 50 to 100 ms to make a database",
		locate: func(h rowhouse.House) string { return cmp.Or(h.Database, home) },
		remove: func(ctx context.Context) error { return t.sweep(ctx, home) },
	}
	config := t.config.Copy()
	config.ConnConfig.Database = home
	config.MaxConns = max(config.MaxConns, serverWorkers)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, errors.Join(t.explain(err), s.remove(ctx))
	}
	s.driver = postgres.New(pool)
	s.disconnect = func() error { pool.Close(); return nil }
	return s, nil
}

// sweep drops the home and every database whose name begins with its name, and makes sure.
func (t postgresTarget) sweep(ctx context.Context, home string) error {
	return t.connected(ctx, func(conn *pgx.Conn) error {
		// The list ends before the first database is dropped: this connection has one query at a time.
		rows, err := conn.Query(ctx,
			"SELECT datname FROM pg_database WHERE datname = $1 OR starts_with(datname, $1 || '_')",
			pgx.QueryExecModeExec, home)
		if err != nil {
			return err
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		var errs []error
		for _, name := range names {
			_, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+quoted(name)+" WITH (FORCE)")
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
}

// connected runs fn on a connection to the DSN's own database.
func (t postgresTarget) connected(ctx context.Context, fn func(*pgx.Conn) error) error {
	conn, err := pgx.ConnectConfig(ctx, t.config.ConnConfig)
	if err != nil {
		return t.explain(err)
	}
	err = fn(conn)
	_ = conn.Close(ctx) // nothing is waiting on it that could fail
	return t.explain(err)
}

func (t postgresTarget) address() string {
	return net.JoinHostPort(t.config.ConnConfig.Host, strconv.Itoa(int(t.config.ConnConfig.Port)))
}

// SQLSTATEs that have an advice.
const (
	insufficientPrivilege = "42501"
	invalidCatalogName    = "3D000"
)

// explain says in one line what pgx says in several, and what to do.
func (t postgresTarget) explain(err error) error {
	if err == nil || ours(err) {
		return err
	}
	var refused *pgconn.PgError
	var network net.Error // of dialling, and of looking up the host
	switch {
	case errors.As(err, &refused) && refused.Code == insufficientPrivilege:
		return fmt.Errorf("PostgreSQL at %s: %s; the demo makes databases of its own: ALTER ROLE %s CREATEDB",
			t.address(), refused.Message, t.config.ConnConfig.User)
	case errors.As(err, &refused) && refused.Code == invalidCatalogName:
		return fmt.Errorf("PostgreSQL at %s: %s; name one that exists, such as postgres: it is only connected to",
			t.address(), refused.Message)
	case errors.As(err, &refused):
		return fmt.Errorf("PostgreSQL at %s: %s [%s]", t.address(), refused.Message, refused.Code)
	case errors.As(err, &network):
		return unreachable("PostgreSQL", t.address(), network)
	}
	return fmt.Errorf("PostgreSQL at %s: %s", t.address(), oneLine(err))
}

func unreachable(engine, address string, err error) error {
	return fmt.Errorf("%s at %s cannot be reached: %w; check --dsn, and that the server runs", engine, address, err)
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }
