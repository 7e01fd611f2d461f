// Package sqlite is the driver for SQLite files, on modernc.org/sqlite, which needs no cgo.
//
// The home is one file; every other database is a file of its own in one directory. Files are
// in WAL mode: readers and the one writer do not wait for each other. Writers of one file wait
// for their turn in this process, within the busy timeout, so that SQLITE_BUSY is left to other
// processes. Foreign keys are enforced.
//
// A transaction that is not read-only holds the file's write lock from its beginning. A write
// that is made outside of it meanwhile, by the same goroutine too, waits for its end: inside a
// transaction, use the transaction's scope.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/rowhouse/rowhouse/dialect"
	dsqlite "github.com/rowhouse/rowhouse/dialect/sqlite"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/sqlconn"
)

// Driver is a home file and the directory of the other files. It is used by many goroutines at
// once. It lives until Close.
type Driver struct {
	options
	path      string // of the home, without symbolic links
	pool      *sql.DB
	home      *sqlconn.DB
	temporary string // directory to remove, or ""
	files     files
}

var _ driver.Driver = (*Driver)(nil)

// New opens a home file, which it creates if there is none; its directory must exist. The path
// is a plain one, not a URI.
//
// In-memory databases are refused: connections that share one lock each other out, readers and
// writers too, so that a program could block itself. [Temporary] is there for tests.
func New(path string, opts ...Option) (*Driver, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	if err := registered(); err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	d := &Driver{options: defaults(), files: files{open: map[string]*file{}}}
	for _, o := range opts {
		o(&d.options)
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	if err := d.openHome(path); err != nil {
		return nil, fmt.Errorf("sqlite: home %s: %w", path, err)
	}
	return d, nil
}

// Temporary opens a home in a new directory of its own, which Close removes with all that is in
// it. It is for tests and examples: nothing is synced to the disk.
func Temporary(opts ...Option) (*Driver, error) {
	dir, err := os.MkdirTemp("", "rowhouse-*")
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	d, err := New(filepath.Join(dir, "home.sqlite"), append(opts, withoutSync())...)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	d.temporary = dir
	return d, nil
}

func checkPath(path string) error {
	switch {
	case path == "":
		return errors.New("sqlite: the path of the home is empty")
	case strings.HasPrefix(path, ":memory:"), strings.HasPrefix(path, "file:"):
		return fmt.Errorf("sqlite: %q is no plain path of a file; for tests use sqlite.Temporary", path)
	case strings.ContainsRune(path, 0):
		return errors.New("sqlite: the path of the home contains a zero byte")
	}
	return nil
}

func (d *Driver) openHome(path string) error {
	how := os.O_RDWR | os.O_CREATE
	if d.readOnly {
		how = os.O_RDONLY
	}
	f, err := os.OpenFile(path, how, 0o644)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if d.path, err = realPath(path); err != nil {
		return err
	}
	if d.directory == "" {
		d.directory = filepath.Dir(d.path)
	} else if d.directory, err = realPath(d.directory); err != nil {
		return err
	}
	turn, err := d.files.acquire(d.path)
	if err != nil {
		return err
	}
	if d.pool, err = d.connect(context.Background(), d.path, d.homeConnections); err != nil {
		d.files.release(d.path)
		return err
	}
	// Opening a connection parses the whole schema, which takes its time where many tenants
	// share the home: keep them.
	d.pool.SetMaxIdleConns(d.homeConnections)
	d.home = sqlconn.NewDB(d.pool, d.engine(d.path, turn, d.homeConnections),
		func() error { return nil })
	return nil
}

// realPath returns the one path that a file has: writers queue by it.
func realPath(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

// Dialect returns SQLite's.
func (d *Driver) Dialect() dialect.Dialect { return dsqlite.Dialect{} }

// Schema returns "main", which is what a connection calls its file, whatever that is.
func (d *Driver) Schema(string) string { return "main" }

// Pool returns the home's connections, for the application's own statements and for
// transactions that Rowhouse joins. It belongs to the driver: Close closes it. Its transactions
// begin as writing ones unless they are read-only; they do not queue with Rowhouse's writers,
// but wait for the file's lock within the busy timeout.
func (d *Driver) Pool() *sql.DB { return d.pool }

// Close closes the home; other databases are closed by whoever opened them. A temporary home is
// removed.
func (d *Driver) Close() error {
	err := d.pool.Close()
	if d.temporary != "" {
		err = errors.Join(err, os.RemoveAll(d.temporary))
	}
	return err
}

// files are those that are open, with the number of their pools.
type files struct {
	mu   sync.Mutex
	open map[string]*file
}

type file struct {
	*turn
	pools int
}

// acquire counts a pool of an existing file and returns the turn that the file's writers take.
func (s *files) acquire(path string) (*turn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	f := s.open[path]
	if f == nil {
		f = &file{turn: newTurn(path)}
		s.open[path] = f
	}
	f.pools++
	return f.turn, nil
}

func (s *files) release(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.open[path]; f.pools > 1 {
		f.pools--
	} else {
		delete(s.open, path)
	}
}
