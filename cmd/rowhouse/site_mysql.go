package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"

	native "github.com/go-sql-driver/mysql"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/mysql"
)

// mysqlTarget is a server of MySQL or MariaDB. The DSN's database is not used.
type mysqlTarget struct{ config *native.Config }

// Bounds for MySQL, where a schema is a database, and every table is a file that is synced.
const (
	mysqlDatabases = 10
	mysqlSchemas   = 1000
	mysqlTables    = 1000
)

func (t mysqlTarget) settle(ctx context.Context, _ bool) (*site, error) {
	home, version := demoName(), ""
	err := t.connected(func(db *sql.DB) error {
		if err := db.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
			return err
		}
		// Not to be interrupted, since nobody could tell then whether the database exists.
		_, err := db.ExecContext(context.WithoutCancel(ctx), "CREATE DATABASE "+backquoted(home)+" CHARACTER SET utf8mb4")
		return err
	})
	if err != nil {
		return nil, err
	}
	s := &site{
		engine:   engineOf(version),
		workers:  serverWorkers,
		place:    "in a new database " + home,
		kept:     fmt.Sprintf("the databases %s and %s_… on %s", home, home, t.config.Addr),
		schema:   rowhouse.Schema(home + "_{tenant}"),
		database: rowhouse.Database(home + "_{tenant}"),
		most: map[rowhouse.PlacementKind]int{
			rowhouse.InDatabase: mysqlDatabases, rowhouse.InSchema: mysqlSchemas, rowhouse.InPrefix: mysqlTables,
		},
		why:    "each database has connections of its own, and files are slow to make",
		locate: func(h rowhouse.House) string { return cmp.Or(h.Schema, h.Database, home) },
		remove: func(ctx context.Context) error { return t.sweep(ctx, home) },
	}
	config := t.config.Clone()
	config.DBName = home
	d, err := mysql.New(ctx, config.FormatDSN())
	if err != nil {
		return nil, errors.Join(t.explain(err), s.remove(ctx))
	}
	s.driver, s.disconnect = d, d.Close
	return s, nil
}

// engineOf reads versions such as 8.0.36 and 10.11.6-MariaDB-log.
func engineOf(version string) string {
	number, more, _ := strings.Cut(version, "-")
	if strings.Contains(strings.ToLower(more), "mariadb") {
		return "MariaDB " + number
	}
	return "MySQL " + number
}

// sweep drops the home and every database whose name begins with its name.
func (t mysqlTarget) sweep(ctx context.Context, home string) error {
	return t.connected(func(db *sql.DB) error {
		names, err := t.list(ctx, db, home)
		if err != nil {
			return err
		}
		var errs []error
		for _, name := range names {
			_, err := db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+backquoted(name))
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
}

func (t mysqlTarget) list(ctx context.Context, db *sql.DB, home string) (names []string, err error) {
	rows, err := db.QueryContext(ctx, "SELECT schema_name FROM information_schema.schemata "+
		"WHERE schema_name = ? OR LEFT(schema_name, ?) = ?", home, len(home)+1, home+"_")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// connected runs fn on a pool without a database.
func (t mysqlTarget) connected(fn func(*sql.DB) error) error {
	config := t.config.Clone()
	config.DBName = ""
	connector, err := native.NewConnector(config)
	if err != nil {
		return t.explain(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	return t.explain(fn(db))
}

// Error numbers that have an advice.
const (
	accessDenied         = 1044 // to a database
	accessDeniedPassword = 1045
)

// explain says what to do about an error.
func (t mysqlTarget) explain(err error) error {
	if err == nil || ours(err) {
		return err
	}
	var refused *native.MySQLError
	var network net.Error // of dialling, and of looking up the host
	switch {
	case errors.As(err, &refused) && refused.Number == accessDenied:
		return fmt.Errorf("MySQL at %s: %s; the demo makes databases of its own: GRANT ALL ON `rowhouse\\_demo\\_%%`.* TO %s",
			t.config.Addr, refused.Message, t.config.User)
	case errors.As(err, &refused) && refused.Number == accessDeniedPassword:
		return fmt.Errorf("MySQL at %s: %s; check the user and the password of --dsn", t.config.Addr, refused.Message)
	case errors.As(err, &network):
		return unreachable("MySQL", t.config.Addr, network)
	}
	return fmt.Errorf("MySQL at %s: %s", t.config.Addr, oneLine(err))
}

func backquoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
