//go:build unix

package main

import (
	"archive/tar"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
)

// pack makes an archive as npm does.
func pack(t *testing.T, files map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "package.tgz")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(file)
	entries := tar.NewWriter(zipped)
	for name, content := range files {
		header := &tar.Header{Name: name, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg}
		if err := entries.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := entries.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	for _, close := range []func() error{entries.Close, zipped.Close, file.Close} {
		if err := close(); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "unpacked")
	err := unpack(pack(t, map[string]string{
		"package/README.md":              "not needed",
		"package/native/lib/libx.so.1.2": "library",
		"package/native/pg-symlinks.json": `[{"source":"native/lib/libx.so.1.2","target":"native/lib/libx.so"},
			{"source":"native/lib/libx.so.1.2","target":"native/share/deep/link"}]`,
	}), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range []string{"native/lib/libx.so", "native/share/deep/link"} {
		if content, err := os.ReadFile(filepath.Join(dir, link)); err != nil || string(content) != "library" {
			t.Errorf("%s: %q, error %v", link, content, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "README.md")); err == nil {
		t.Error("unpacked more than native/")
	}
}

func TestUnpackStaysInside(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"file":        {"package/native/../../escaped": "x"},
		"link":        {"package/native/pg-symlinks.json": `[{"source":"native/x","target":"../escaped"}]`},
		"link source": {"package/native/pg-symlinks.json": `[{"source":"../../etc/passwd","target":"native/x"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			if err := unpack(pack(t, files), filepath.Join(parent, "unpacked")); err == nil {
				t.Error("accepted")
			}
			if _, err := os.Lstat(filepath.Join(parent, "escaped")); err == nil {
				t.Error("wrote outside of its directory")
			}
		})
	}
}
