package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/sqlite"
)

// BenchmarkGet reads one row by its key, through the driver and with database/sql by hand.
func BenchmarkGet(b *testing.B) {
	d, err := sqlite.New(filepath.Join(b.TempDir(), "home.sqlite"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.Close() })
	db, err := d.Open(b.Context(), "")
	if err != nil {
		b.Fatal(err)
	}
	for _, text := range []string{
		"CREATE TABLE t (id integer PRIMARY KEY, title text, n integer)", "INSERT INTO t VALUES (1, 'title', 2)",
	} {
		if _, err := db.Exec(b.Context(), write(text)); err != nil {
			b.Fatal(err)
		}
	}
	const text = "SELECT id, title, n FROM t WHERE id = ?"
	var id, n int64
	var title string
	b.Run("driver", func(b *testing.B) {
		b.ReportAllocs()
		s := &driver.Statement{Text: text, Args: []dialect.Arg{{Value: int64(1), Kind: dialect.Int64}}}
		dest := []any{&id, &title, &n}
		for b.Loop() {
			rows, err := db.Query(b.Context(), s)
			if err != nil {
				b.Fatal(err)
			}
			for rows.Next() {
				if err := rows.Scan(dest); err != nil {
					b.Fatal(err)
				}
			}
			if err := rows.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by hand", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := d.Pool().QueryRowContext(b.Context(), text, int64(1)).Scan(&id, &title, &n); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkOpen opens and closes a tenant's file.
func BenchmarkOpen(b *testing.B) {
	d, err := sqlite.New(filepath.Join(b.TempDir(), "home.sqlite"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.Close() })
	if _, err := d.Create(b.Context(), "one"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		db, err := d.Open(b.Context(), "one")
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
