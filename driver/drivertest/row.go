package drivertest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

var rowCases = []testCase{
	{"order and end", testRowsEnd},
	{"columns", testColumns},
	{"unknown columns", testUnknownColumns},
	{"none", testNoRows},
	{"close early", testCloseEarly},
	{"close a long result", testCloseLong},
	{"close twice", testCloseTwice},
	{"wrong destinations", testWrongDestinations},
	{"error of the statement", testQueryError},
	{"error between rows", testErrorBetweenRows},
}

// many fills the table of notes with n rows.
func (f *fixture) many(t *testing.T, n int, body string) {
	t.Helper()
	f.notes(t)
	var rows [][]dialect.Arg
	for i := range n {
		rows = append(rows, []dialect.Arg{
			{Value: int64(i), Kind: dialect.Int64}, {Value: fmt.Sprint(body, i), Kind: dialect.Text},
		})
	}
	f.must(t, f.db, f.insert(t, "note", []string{"id", "body"}, rows...))
}

func (f *fixture) allNotes(t *testing.T) *driver.Statement {
	t.Helper()
	return f.selectFrom(t, "note", nil, "body", dialect.Text)
}

// long is a statement whose result has n×n rows, in no order.
func (f *fixture) long() *driver.Statement {
	return &driver.Statement{
		Text: fmt.Sprintf("SELECT %s.%s FROM %s AS %s CROSS JOIN %s AS %s",
			f.quote("a"), f.quote("body"), f.table("note"), f.quote("a"), f.table("note"), f.quote("b")),
		Columns: []dialect.Kind{dialect.Text},
	}
}

func testRowsEnd(t *testing.T, f *fixture) {
	f.many(t, 3, "row ")
	f.bodies(t, f.db, "row 0", "row 1", "row 2")
	rows, err := f.db.Query(t.Context(), f.allNotes(t))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rows.Next() {
		n++
	}
	if n != 3 || rows.Err() != nil || rows.Next() {
		t.Errorf("%d rows, error %v", n, rows.Err())
	}
	// The connection is free again without Close; only then are all of them to be had.
	f.usable(t)
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
}

func testNoRows(t *testing.T, f *fixture) {
	f.notes(t)
	f.bodies(t, f.db)
}

func testCloseEarly(t *testing.T, f *fixture) {
	f.many(t, 100, "row ")
	soon(t, "taking a connection after Close", func() {
		for i := range 3*f.PoolSize + 1 {
			rows, err := f.db.Query(t.Context(), f.allNotes(t))
			if err != nil {
				t.Error(err)
				return
			}
			for range i % 3 {
				rows.Next()
			}
			if err := rows.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	f.usable(t)
}

// testCloseLong leaves results of a million rows after the first one.
func testCloseLong(t *testing.T, f *fixture) {
	f.many(t, 1000, strings.Repeat("long ", 10))
	soon(t, "Close of a long result", func() {
		for range f.PoolSize + 1 {
			rows, err := f.db.Query(t.Context(), f.long())
			if err != nil {
				t.Error(err)
				return
			}
			if !rows.Next() {
				t.Errorf("no row, error %v", rows.Err())
			}
			if err := rows.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	f.usable(t)
}

func testCloseTwice(t *testing.T, f *fixture) {
	f.many(t, 3, "row ")
	rows, err := f.db.Query(t.Context(), f.allNotes(t))
	if err != nil {
		t.Fatal(err)
	}
	rows.Next()
	if err := errors.Join(rows.Close(), rows.Close()); err != nil {
		t.Error(err)
	}
	if rows.Next() {
		t.Error("Next after Close")
	}
	if err := rows.Err(); err != nil {
		t.Errorf("Err after Close: %v", err)
	}
	f.usable(t)
}

func testWrongDestinations(t *testing.T, f *fixture) {
	f.many(t, 3, "row ")
	for name, dest := range map[string][]any{
		"none":     {},
		"too many": {new(string), new(string)},
		"not one":  {new(chan int)},
		"a number": {new(int64)},
		"any":      {new(any)},
	} {
		rows, err := f.db.Query(t.Context(), f.allNotes(t))
		if err != nil {
			t.Fatal(err)
		}
		rows.Next()
		if err := rows.Scan(dest); err == nil {
			t.Errorf("%s: no error", name)
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
	f.usable(t)
}

func testQueryError(t *testing.T, f *fixture) {
	for range f.PoolSize + 1 {
		_, err := scanAll[int64](t.Context(), f.db,
			&driver.Statement{Text: "SELECT nonsense FROM " + f.table("nowhere"), Columns: []dialect.Kind{dialect.Int64}})
		if err == nil {
			t.Fatal("no error")
		}
	}
	f.usable(t)
}

// testErrorBetweenRows has a statement fail while it runs: by a key that is taken, where rows
// come back from an insert.
func testErrorBetweenRows(t *testing.T, f *fixture) {
	if !f.d.Has(dialect.Returning) {
		t.Skip("the engine returns no rows from a write")
	}
	f.many(t, 3, "row ")
	for range f.PoolSize + 1 {
		s := f.render(t, &dialect.Insert{
			Into: dialect.TableRef{Name: "note"}, Columns: []string{"id"}, Returning: []string{"id"},
			Rows: [][]dialect.Arg{{{Value: int64(10), Kind: dialect.Int64}}, {{Value: int64(1), Kind: dialect.Int64}}},
		}, dialect.Int64)
		_, err := scanAll[int64](t.Context(), f.db, s)
		if kind := f.Driver.Fault(err).Kind; kind != driver.Unique {
			t.Fatalf("error %v, fault %d", err, kind)
		}
	}
	f.usable(t)
	f.bodies(t, f.db, "row 0", "row 1", "row 2")
}
