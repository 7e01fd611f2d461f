package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse/driver"
)

// patience is how long a server may take to answer at all, where the DSN does not say. Who tries
// a demo has mistyped a port sooner than found a slow server.
const patience = 5 * time.Second

// target is what a DSN names: where the demo can make a home for itself, or a database that exists.
type target interface {
	// settle makes the home. keep says that it will stay, so that it is worth a sync to the disk.
	settle(ctx context.Context, keep bool) (*site, error)

	// visit opens what exists, to be read. The function disconnects.
	visit(ctx context.Context) (driver.Driver, func() error, error)

	// explain says what to do about an error.
	explain(err error) error
}

// mysqlForm is go-sql-driver's own form of a DSN: user:password@tcp(host:port)/name.
var mysqlForm = regexp.MustCompile(`^(.*@)?(tcp|unix)\(.*\)/`)

// parseDSN says what a DSN names; "" is a temporary directory. Its errors have no password in
// them: they do not quote the DSN.
func parseDSN(dsn string) (target, error) {
	scheme, rest, found := strings.Cut(dsn, ":")
	switch {
	case dsn == "":
		return sqliteTarget{}, nil
	case mysqlForm.MatchString(dsn):
		return parseMySQL(dsn)
	case !found || len(scheme) == 1: // C:\demo.db
		return parsePath(dsn)
	}
	switch scheme {
	case "postgres", "postgresql":
		return parsePostgres(dsn)
	case "mysql", "mariadb":
		return parseMySQLURL(dsn)
	case "sqlite", "sqlite3":
		return parsePath(strings.TrimPrefix(rest, "//"))
	case "file":
		return nil, errors.New("--dsn: a file is named by its plain path, or by sqlite:path")
	}
	if strings.HasPrefix(rest, "//") {
		return nil, fmt.Errorf("--dsn: the scheme %q is not known; use postgres://, mysql:// or sqlite:path", scheme)
	}
	return nil, errors.New("--dsn: this is neither a URL nor a path; use postgres://user@host:port/name, " +
		"mysql://user@host:port/, user@tcp(host:port)/ or sqlite:path")
}

func parsePath(path string) (target, error) {
	if path == "" {
		return nil, errors.New("--dsn: sqlite: needs the path of a file after it, such as sqlite:demo.db")
	}
	if path == ":memory:" {
		return nil, errors.New("--dsn: a database in memory is nobody else's and gone at once; name a file")
	}
	return sqliteTarget{path: path}, nil
}

func parsePostgres(dsn string) (target, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("--dsn: %s", oneLine(err))
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = patience
	}
	return postgresTarget{config}, nil
}

func parseMySQL(dsn string) (target, error) {
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("--dsn: %w", err)
	}
	if config.Timeout == 0 {
		config.Timeout = patience
	}
	config.Logger = &mysql.NopLogger{} // what it would print is in the error as well
	return mysqlTarget{config}, nil
}

// parseMySQLURL takes a URL for go-sql-driver, which has none.
func parseMySQLURL(dsn string) (target, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		if bad, ok := errors.AsType[*url.Error](err); ok {
			err = bad.Err // url.Error quotes the whole URL, password and all
		}
		return nil, fmt.Errorf("--dsn: %w", err)
	}
	if u.Hostname() == "" {
		return nil, errors.New("--dsn: the URL names no host: mysql://user@host:port/")
	}
	port := u.Port()
	if port == "" {
		port = "3306"
	}
	host := u.Hostname()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	config := mysql.NewConfig()
	config.Net, config.Addr = "tcp", host+":"+port
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.DBName = strings.Trim(u.Path, "/")
	text := config.FormatDSN()
	if u.RawQuery != "" {
		joint := "?"
		if strings.Contains(text, "?") {
			joint = "&"
		}
		text += joint + u.RawQuery
	}
	return parseMySQL(text)
}

// oneLine is an error's text without its line breaks.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
