//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]int{
		"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n": 150018,
		"postgres (PostgreSQL) 18.4\n":                           180004,
		"postgres (PostgreSQL) 19beta1\n":                        190000,
		"postgres (PostgreSQL) 9.6.24\n":                         0,
		"mysqld  Ver 8.0.36\n":                                   0,
	} {
		got, err := parseVersion(line)
		if got != want || (err == nil) != (want != 0) {
			t.Errorf("%q: version %d, error %v, want %d", line, got, err, want)
		}
	}
}

func TestNewestPostgres(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if got := newestPostgres(root); got != "" {
		t.Errorf("found %s in an empty directory", got)
	}
	for _, version := range []string{"9.6", "15", "17", "old"} {
		bin := filepath.Join(root, version, "bin")
		if err := os.MkdirAll(bin, 0o755); err != nil {
			t.Fatal(err)
		}
		if version == "17" {
			continue // a client package alone has no initdb
		}
		if err := os.WriteFile(filepath.Join(bin, "initdb"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := newestPostgres(root), filepath.Join(root, "15", "bin"); got != want {
		t.Errorf("newest is %s, want %s", got, want)
	}
}

func TestPostmasterReady(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	for content, want := range map[string]bool{
		"1\n/data\n0\n5432\n\n127.0.0.1\n 1 2\nready   \n": true,
		"1\n/data\n0\n5432\n\n127.0.0.1\n 1 2\nstarting\n": false,
		"1\n/data\n": false,
	} {
		if err := os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := postmasterReady(data); got != want {
			t.Errorf("%q: ready is %v", content, got)
		}
	}
}
