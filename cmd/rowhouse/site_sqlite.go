package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/sqlite"
)

// sqliteTarget is a home file, which must not exist yet; without a path it is in a temporary
// directory.
type sqliteTarget struct{ path string }

// sqliteMost bounds the tables of one file, because every connection reads the whole schema again
// after every change of it, and the files, because a directory of a hundred thousand is no fun.
const sqliteMost = 1000

func (t sqliteTarget) settle(ctx context.Context, keep bool) (*site, error) {
	s := &site{
		// The engine is in this process: more workers than processors would wait for each other.
		workers:  max(2, runtime.GOMAXPROCS(0)),
		schema:   rowhouse.Schema("{tenant}"),
		database: rowhouse.Database("{tenant}"),
		most: map[rowhouse.PlacementKind]int{
			rowhouse.InPrefix: sqliteMost, rowhouse.InSchema: sqliteMost, rowhouse.InDatabase: sqliteMost,
		},
		why: fmt.Sprintf("on SQLite, more than %s tables in a file, or files, are slow", thousands(sqliteMost)),
	}
	made := new(litter)
	d, err := t.open(s, made, keep)
	if err != nil {
		return nil, errors.Join(err, made.remove())
	}
	file, version, err := identify(ctx, d)
	if err != nil {
		return nil, errors.Join(err, d.Close(), made.remove())
	}
	if t.path == "" {
		made.add(filepath.Dir(file)) // the driver removes a temporary one; this makes sure
	}
	s.engine, s.driver, s.disconnect = "SQLite "+version, d, d.Close
	s.remove = func(context.Context) error { return made.remove() }
	s.locate = func(h rowhouse.House) string {
		if h.Database == "" {
			return filepath.Base(file)
		}
		return h.Database + ".db"
	}
	return s, nil
}

// open opens the home: a temporary one, that nothing waits for a disk for, or one that can be
// kept, at a path or in a new directory.
func (t sqliteTarget) open(s *site, made *litter, keep bool) (*sqlite.Driver, error) {
	if t.path == "" && !keep {
		s.place = "in a temporary directory"
		return sqlite.Temporary()
	}
	path := t.path
	if path == "" {
		dir, err := os.MkdirTemp("", "rowhouse-demo-*")
		if err != nil {
			return nil, err
		}
		made.add(dir)
		path = filepath.Join(dir, "home.db")
	}
	if err := claim(path, made); err != nil {
		return nil, err
	}
	// The tenants' files have a directory of their own, so that none of their names can be a
	// file's that was there.
	tenants := path + ".tenants"
	if err := os.Mkdir(tenants, 0o700); err != nil {
		return nil, fmt.Errorf("sqlite: the directory for the tenants' files: %w", err)
	}
	made.add(tenants)
	s.place, s.kept = "in "+path, fmt.Sprintf("%s and %s", path, tenants)
	return sqlite.New(path, sqlite.WithDirectory(tenants))
}

// claim makes the home's file, so that no other one is taken for it.
func claim(path string, made *litter) error {
	files := []string{path, path + "-wal", path + "-shm", path + "-journal"}
	for _, file := range files {
		if _, err := os.Lstat(file); err == nil {
			return fmt.Errorf("sqlite: %s exists, and the demo touches nothing that exists; name a new file", file)
		}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("sqlite: %s cannot be made: there is no directory %s", path, filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	made.add(files...)
	return f.Close()
}

// identify asks the database which file it is, and for its version.
func identify(ctx context.Context, d *sqlite.Driver) (file, version string, err error) {
	err = d.Pool().QueryRowContext(ctx, "SELECT file, sqlite_version() FROM pragma_database_list WHERE name = 'main'").
		Scan(&file, &version)
	return file, version, err
}

// litter are the files and directories that the demo made.
type litter struct{ paths []string }

func (l *litter) add(paths ...string) { l.paths = append(l.paths, paths...) }

// remove removes them, and makes sure that they are gone.
func (l *litter) remove() error {
	var errs []error
	for _, path := range l.paths {
		errs = append(errs, os.RemoveAll(path))
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("%s is still there; remove it", path))
		}
	}
	return errors.Join(errs...)
}
