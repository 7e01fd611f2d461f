//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const (
	workspacePrefix = "rowhouse-servers-"
	lockName        = "lock"
)

// A workspace is the temporary directory of one run. The lock file in it is held while the
// runner lives, so that a later run can tell what a killed one has left behind.
type workspace struct {
	dir  string
	lock *os.File
}

// newWorkspace also removes the remains of runs that were killed.
func newWorkspace() (*workspace, error) {
	base, err := tempBase()
	if err != nil {
		return nil, err
	}
	sweep(base)
	dir, err := os.MkdirTemp(base, workspacePrefix)
	if err != nil {
		return nil, err
	}
	w := &workspace{dir: dir}
	if err := w.open(); err != nil {
		return nil, errors.Join(err, w.remove())
	}
	return w, nil
}

func (w *workspace) open() error {
	// The servers' users have to pass through; what they keep inside is their own.
	if err := os.Chmod(w.dir, 0o755); err != nil {
		return err
	}
	// Locked before it gets the name that sweep looks for.
	fresh := w.path("lock.new")
	file, err := os.OpenFile(fresh, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	w.lock = file
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return err
	}
	return os.Rename(fresh, w.path(lockName))
}

func (w *workspace) path(name string) string { return filepath.Join(w.dir, name) }

func (w *workspace) remove() error {
	err := os.RemoveAll(w.dir)
	if w.lock != nil {
		err = errors.Join(err, w.lock.Close())
	}
	return err
}

// sweep removes workspaces whose runner is gone. It is a courtesy: whatever is not ours, is
// in use or resists stays where it is.
func sweep(base string) {
	dirs, err := filepath.Glob(filepath.Join(base, workspacePrefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		if lock, ok := abandoned(dir); ok {
			empty(dir)
			_ = lock.Close()
		}
	}
}

// abandoned returns the lock, held, of a directory of ours that nobody else holds.
func abandoned(dir string) (lock *os.File, ok bool) {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() {
		return nil, false
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || int(stat.Uid) != os.Geteuid() {
		return nil, false
	}
	lock, err = os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, false
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		return nil, false
	}
	return lock, true
}

// empty removes a directory, the lock last: a program that a killed runner had started may
// still be writing, and what it leaves must be recognized by the next sweep.
func empty(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if entry.Name() == lockName {
			continue
		}
		if os.RemoveAll(filepath.Join(dir, entry.Name())) != nil {
			return
		}
	}
	_ = os.RemoveAll(dir)
}

// tempBase is the usual temporary directory, unless root's is closed to the servers' users.
func tempBase() (string, error) {
	for _, dir := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if os.Geteuid() != 0 || passable(dir) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("%s cannot be entered by the servers' users: set TMPDIR to a directory that all can enter",
		os.TempDir())
}

// passable tells whether everybody may enter dir and all above it.
func passable(dir string) bool {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode()&0o001 == 0 {
			return false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}
