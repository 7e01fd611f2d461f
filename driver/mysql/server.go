package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	native "github.com/go-sql-driver/mysql"

	"github.com/rowhouse/rowhouse/internal/sqlconn"
)

// idleTime keeps a connection shorter than servers and the middleboxes before them do.
const idleTime = 3 * time.Minute

// The least versions: MySQL's with SKIP LOCKED and enforced checks, MariaDB's with SKIP LOCKED.
var (
	leastMySQL   = [2]int{8, 0}
	leastMariaDB = [2]int{10, 6}
)

// server is what a connection says of itself.
type server struct {
	mariaDB  bool
	identity string
}

// connect opens a pool and looks at the server behind it.
func connect(ctx context.Context, config *native.Config, connections int) (*sql.DB, server, error) {
	connector, err := native.NewConnector(config)
	if err != nil {
		return nil, server{}, err
	}
	pool := sql.OpenDB(sqlconn.Connecting(connector))
	pool.SetMaxOpenConns(connections)
	pool.SetConnMaxIdleTime(idleTime)
	s, err := inspect(ctx, pool)
	if err != nil {
		return nil, server{}, errors.Join(err, pool.Close())
	}
	return pool, s, nil
}

// querier is a pool or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row
}

func inspect(ctx context.Context, pool querier) (server, error) {
	var version, mode string
	if err := pool.QueryRowContext(ctx, "SELECT VERSION(), @@sql_mode").Scan(&version, &mode); err != nil {
		return server{}, err
	}
	mariaDB, err := checkVersion(version)
	if err != nil {
		return server{}, err
	}
	if !strings.Contains(mode, "STRICT_TRANS_TABLES") && !strings.Contains(mode, "STRICT_ALL_TABLES") {
		return server{}, fmt.Errorf("the server is not in strict mode and would cut values to fit: "+
			"add STRICT_TRANS_TABLES to its sql_mode, or to the DSN's; it is %q", mode)
	}
	identity, err := identify(ctx, pool)
	return server{mariaDB: mariaDB, identity: identity}, err
}

// checkVersion reads versions such as 8.0.36 and 10.11.6-MariaDB-log.
func checkVersion(version string) (mariaDB bool, err error) {
	name, least := "MySQL", leastMySQL
	if strings.Contains(strings.ToLower(version), "mariadb") {
		name, least, mariaDB = "MariaDB", leastMariaDB, true
	}
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false, fmt.Errorf("the server's version %q cannot be read", version)
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	if err := errors.Join(err1, err2); err != nil {
		return false, fmt.Errorf("the server's version %q cannot be read: %w", version, err)
	}
	if major < least[0] || major == least[0] && minor < least[1] {
		return false, fmt.Errorf("the server is %s %s, which is too old: %d.%d is the least",
			name, version, least[0], least[1])
	}
	return mariaDB, nil
}

// identify names the database and the server that a connection is on. MariaDB has no identifier
// of its own for a server, so it is the host, the port and where the data is.
func identify(ctx context.Context, q querier) (string, error) {
	var database sql.NullString
	var host string
	err := q.QueryRowContext(ctx,
		"SELECT DATABASE(), CONCAT_WS(':', @@hostname, @@port, @@datadir)").Scan(&database, &host)
	return fmt.Sprintf("database %q of server %s", database.String, host), err
}
