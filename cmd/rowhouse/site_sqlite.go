package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

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
		engine:   "SQLite",
		schema:   rowhouse.Schema("{tenant}"),
		database: rowhouse.Database("{tenant}"),
		most: map[rowhouse.PlacementKind]int{
			rowhouse.InPrefix: sqliteMost, rowhouse.InSchema: sqliteMost, rowhouse.InDatabase: sqliteMost,
		},
		why: "tables of one file, and files, are best kept to some thousands",
	}
	var d *sqlite.Driver
	var err error
	if t.path == "" && !keep {
		d, err = s.temporary()
	} else {
		d, err = s.lasting(t.path)
	}
	if err != nil {
		return nil, err
	}
	s.driver, s.disconnect = d, d.Close
	file, err := homeFile(ctx, d)
	if err != nil {
		return nil, errors.Join(err, s.disconnect(), s.remove(ctx))
	}
	if s.remove == nil {
		s.remove = func(context.Context) error { return gone(filepath.Dir(file)) }
	}
	s.locate = func(h rowhouse.House) string {
		if h.Database == "" {
			return filepath.Base(file)
		}
		return h.Database + ".db"
	}
	return s, nil
}

// temporary is a home that the driver removes, and that nothing waits for a disk for.
func (s *site) temporary() (*sqlite.Driver, error) {
	s.place = "in a temporary directory"
	return sqlite.Temporary()
}

// lasting is a home that can be kept: at a path, or in a new directory. The other tenants' files
// have a directory of their own, so that a name of theirs cannot be a file's that was there.
func (s *site) lasting(path string) (*sqlite.Driver, error) {
	made := []string{}
	s.remove = func(context.Context) error { return removeAll(made) }
	if path == "" {
		dir, err := os.MkdirTemp("", "rowhouse-demo-*")
		if err != nil {
			return nil, err
		}
		made = append(made, dir)
		path = filepath.Join(dir, "home.db")
	}
	if err := claim(path); err != nil {
		return nil, errors.Join(err, removeAll(made))
	}
	made = append(made, path, path+"-wal", path+"-shm", path+"-journal")
	tenants := path + ".tenants"
	if err := os.Mkdir(tenants, 0o755); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: the directory for the tenants' files: %w", err), removeAll(made))
	}
	made = append(made, tenants)
	s.place, s.kept = "in "+path, fmt.Sprintf("%s and %s", path, tenants)
	d, err := sqlite.New(path, sqlite.WithDirectory(tenants))
	if err != nil {
		return nil, errors.Join(err, removeAll(made))
	}
	return d, nil
}

// claim makes the home's file, so that no other one is taken for it.
func claim(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("sqlite: %s exists, and the demo touches nothing that exists; name a new file", path)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("sqlite: %s cannot be made: there is no directory %s", path, filepath.Dir(path))
	case err != nil:
		return fmt.Errorf("sqlite: %w", err)
	}
	return f.Close()
}

// homeFile asks the database which file it is.
func homeFile(ctx context.Context, d *sqlite.Driver) (file string, err error) {
	err = d.Pool().QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&file)
	return file, err
}

func removeAll(paths []string) error {
	var errs []error
	for _, path := range paths {
		errs = append(errs, os.RemoveAll(path), gone(path))
	}
	return errors.Join(errs...)
}

// gone makes sure that a path does not exist.
func gone(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is still there; remove it", path)
	}
	return nil
}
