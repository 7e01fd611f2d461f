package subject

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"sync/atomic"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// stdPostgres is a database/sql pool on pgx, as it comes.
func stdPostgres(t Target) (*sql.DB, error) {
	config, err := pgx.ParseConfig(t.DSN)
	if err != nil {
		return nil, err
	}
	config.DialFunc = t.Dial
	config.RuntimeParams["application_name"] = t.Name
	return limited(stdlib.OpenDB(*config), t), nil
}

// stdMariaDB is a database/sql pool on go-sql-driver, as it comes but for what reading a time and
// counting found rows need.
func stdMariaDB(t Target) (*sql.DB, error) {
	dsn, err := dialing(t)
	if err != nil {
		return nil, err
	}
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	config.ParseTime = true
	config.ClientFoundRows = true
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return limited(sql.OpenDB(connector), t), nil
}

func limited(pool *sql.DB, t Target) *sql.DB {
	pool.SetMaxOpenConns(t.Connections)
	pool.SetMaxIdleConns(t.Connections)
	return pool
}

var dialers atomic.Int64

// dialing returns the target's DSN with the name of a network, under which go-sql-driver finds the
// target's dial function: a DSN is all that it can be given everywhere.
func dialing(t Target) (string, error) {
	config, err := mysql.ParseDSN(t.DSN)
	if err != nil {
		return "", err
	}
	config.Net = fmt.Sprintf("bench%d", dialers.Add(1))
	mysql.RegisterDialContext(config.Net, func(ctx context.Context, address string) (net.Conn, error) {
		return t.Dial(ctx, "tcp", address)
	})
	return config.FormatDSN(), nil
}
