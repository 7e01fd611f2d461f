package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	native "modernc.org/sqlite"

	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/sqlconn"
)

const (
	extension = ".db"
	// maxDatabase leaves room for the extension and SQLite's own ones in a name of 255 bytes.
	maxDatabase = 200
	idleTime    = time.Minute // of a connection to a database other than the home
)

// sidecars are the files that SQLite keeps beside a database.
var sidecars = []string{"-wal", "-shm", "-journal"}

// missingError is a database without a file.
type missingError struct{ database, path string }

func (e *missingError) Error() string {
	return fmt.Sprintf("sqlite: database %q does not exist: there is no file %s", e.database, e.path)
}

// Open opens <directory>/<database>.db, which must exist; "" is the home, always the same DB,
// which [Driver.Close] closes and its own Close does not. The name is ASCII letters, digits and
// any of -_$~ and dots inside it. File systems that ignore case take two names for one file
// that differ in case alone.
func (d *Driver) Open(ctx context.Context, database string) (driver.DB, error) {
	if database == "" {
		return d.home, nil
	}
	path, err := d.locate(database)
	if err != nil {
		return nil, err
	}
	turn, err := d.files.acquire(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &missingError{database, path}
	}
	if err != nil {
		return nil, fmt.Errorf("sqlite: database %q: %w", database, err)
	}
	pool, err := d.connect(ctx, path, d.otherConnections)
	if err != nil {
		d.files.release(path)
		return nil, fmt.Errorf("sqlite: database %q: %w", database, err)
	}
	pool.SetMaxIdleConns(2)
	pool.SetConnMaxIdleTime(idleTime)
	engine := d.engine(path, turn, d.otherConnections)
	return sqlconn.NewDB(pool, engine, d.closer(pool, path)), nil
}

// closer closes a pool once.
func (d *Driver) closer(pool *sql.DB, path string) func() error {
	return sync.OnceValue(func() error {
		err := pool.Close()
		d.files.release(path)
		return err
	})
}

// Create makes an empty file.
func (d *Driver) Create(ctx context.Context, database string) (bool, error) {
	path, err := d.locate(database)
	if err != nil {
		return false, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return false, fmt.Errorf("sqlite: create database %q: %w", database, err)
	}
	// What Open does: it fails now, not at first use, where the file system has no WAL.
	db, err := d.Open(ctx, database)
	if err != nil {
		return false, errors.Join(err, d.remove(ctx, path))
	}
	return true, db.Close()
}

// Drop removes a database's files. It refuses while this driver has the database open, because
// what is written to a removed file is lost without an error. For another process that has it open, the
// tables are gone before the file is.
func (d *Driver) Drop(ctx context.Context, database string) error {
	path, err := d.locate(database)
	if err != nil {
		return err
	}
	if err := d.remove(ctx, path); err != nil {
		return fmt.Errorf("sqlite: drop database %q: %w", database, err)
	}
	return nil
}

func (d *Driver) remove(ctx context.Context, path string) error {
	d.files.mu.Lock()
	defer d.files.mu.Unlock()
	if f := d.files.open[path]; f != nil {
		return fmt.Errorf("it is open %d times; close it first", f.pools)
	}
	d.forget(ctx, path)
	// The database comes last: a write-ahead log that outlived it would be taken for the log of
	// the next file of that name.
	var errs []error
	for _, suffix := range append(sidecars, "") {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// forget has the tables of a file be gone, without touching their pages, so that a process that goes on with the
// removed file gets an error. What is no database, or cannot be written, is removed as it is.
func (d *Driver) forget(ctx context.Context, path string) {
	if _, err := os.Stat(path); err != nil || d.readOnly {
		return
	}
	connector, err := native.NewConnector(d.uri(path))
	if err != nil {
		return
	}
	pool := sql.OpenDB(connector)
	defer func() { _ = pool.Close() }()
	pool.SetMaxOpenConns(1)
	for _, text := range forgetting {
		if _, err := pool.ExecContext(ctx, text); err != nil {
			return
		}
	}
}

// forgetting is done on one connection, and waits for no writer for long. Others read the schema anew when its
// version is another (https://www.sqlite.org/pragma.html#pragma_schema_version).
var forgetting = []string{
	"PRAGMA busy_timeout = 1000", "PRAGMA writable_schema = ON", "BEGIN IMMEDIATE", "DELETE FROM sqlite_schema",
	"PRAGMA schema_version = 2147483647", "COMMIT",
}

// locate returns a database's path, without symbolic links if it exists. The home has another
// name than any database.
func (d *Driver) locate(database string) (string, error) {
	if err := checkName(database); err != nil {
		return "", err
	}
	path := filepath.Join(d.directory, database+extension)
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	if path == d.path || sameFile(path, d.path) {
		return "", fmt.Errorf("sqlite: database %q would be the home itself, %s", database, d.path)
	}
	return path, nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// checkName accepts names that are a file in the directory on every system.
func checkName(database string) error {
	switch {
	case database == "":
		return errors.New("sqlite: a database needs a name; \"\" is the home")
	case len(database) > maxDatabase:
		return fmt.Errorf("sqlite: a database's name of %d bytes is too long, %d are the most", len(database), maxDatabase)
	case !filepath.IsLocal(database + extension):
		return fmt.Errorf("sqlite: %q is no name of a database: no file is called so", database)
	case database[0] == '.', database[0] == '-', database[len(database)-1] == '.':
		return fmt.Errorf("sqlite: %q is no name of a database: it begins or ends with punctuation", database)
	}
	for _, c := range []byte(database) {
		if !plain(c) {
			return fmt.Errorf("sqlite: %q is no name of a database: %q is no letter, no digit and none of . - _ $ ~", database, c)
		}
	}
	return nil
}

func plain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		strings.IndexByte("-_$~.", c) >= 0
}

// connect opens a pool of an existing file and puts the file into WAL mode, unless it is only to be read. That is done here
// and once: the switch needs the file alone, and connections that come later find it done.
func (d *Driver) connect(ctx context.Context, path string, connections int) (*sql.DB, error) {
	connector, err := native.NewConnector(d.uri(path))
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(connections)
	set := " = WAL"
	if d.readOnly {
		set = ""
	}
	var mode string
	err = pool.QueryRowContext(ctx, "PRAGMA journal_mode"+set).Scan(&mode)
	if err == nil && mode != "wal" && !d.readOnly {
		err = fmt.Errorf("%s stays in journal mode %s: its file system has no write-ahead log", path, mode)
	}
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return pool, nil
}

// uri names the file and what every connection to it is set to. A transaction begins by taking
// the write lock, unless it is read-only; a misspelled column in double quotes is an error and
// no text; no connection creates the file.
func (d *Driver) uri(path string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a drive letter
	}
	settings := url.Values{
		"mode":          {map[bool]string{false: "rw", true: "ro"}[d.readOnly]},
		"_busy_timeout": {strconv.FormatInt(d.busy.Milliseconds(), 10)},
		"_foreign_keys": {"on"},
		"_synchronous":  {d.synchronous},
		"_txlock":       {"immediate"},
		"_dqs":          {"0"},
		"_error_rc":     {"1"},
	}
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: settings.Encode()}).String()
}
