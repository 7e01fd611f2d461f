//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSweepSparesTheLiving(t *testing.T) {
	base := t.TempDir()
	t.Setenv("TMPDIR", base)
	if err := os.Chmod(base, 0o755); err != nil {
		t.Fatal(err)
	}
	workspaceOf := func(name string) *workspace {
		w := &workspace{dir: filepath.Join(base, workspacePrefix+name)}
		if err := os.Mkdir(w.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		return w
	}
	living, dead, unborn := workspaceOf("living"), workspaceOf("dead"), workspaceOf("unborn")
	for _, w := range []*workspace{living, dead} {
		if err := w.open(); err != nil {
			t.Fatal(err)
		}
	}
	defer living.lock.Close()
	_ = dead.lock.Close() // as the kernel does for a killed runner

	sweep(base)
	for w, want := range map[*workspace]bool{living: true, dead: false, unborn: true} {
		if _, err := os.Stat(w.dir); (err == nil) != want {
			t.Errorf("%s: there after the sweep: %v, want %v", filepath.Base(w.dir), err == nil, want)
		}
	}
}

func TestPassable(t *testing.T) {
	t.Parallel()
	closed := t.TempDir()
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(closed, "inside")
	if err := os.Mkdir(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	if passable(inside) {
		t.Error("passed through a closed directory")
	}
	if !passable("/") {
		t.Error("the root directory is closed")
	}
}
