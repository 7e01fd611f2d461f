package drivertest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// testColumns asks for the columns' names, also of a result without rows.
func testColumns(t *testing.T, f *fixture) {
	f.notes(t)
	text := "SELECT " + f.quote("body") + ", " + f.quote("id") + " AS " + f.quote("Key") + ", 1 AS one FROM " + f.table("note")
	want := []string{"body", "Key", "one"}
	for range 3 { // from the second time on it may be prepared
		rows, err := f.db.Query(t.Context(), &driver.Statement{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		got, err := rows.Columns()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("columns %q, %v; want %q", got, err, want)
		}
		if rows.Next() {
			t.Error("there is a row")
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
}

// testUnknownColumns reads values of every kind without having said of what kind they are, by a
// statement with arguments and by one without: engines have another protocol for each.
func testUnknownColumns(t *testing.T, f *fixture) {
	for kind, v := range samples() {
		table := "unknown_" + kind.String()
		f.create(t, table, f.id(), f.column("v", dialect.Type{Kind: kind, Precision: 10, Scale: 1}, true))
		f.must(t, f.db, f.insert(t, table, []string{"id", "v"},
			[]dialect.Arg{{Value: int64(1), Kind: dialect.Int64}, {Value: v, Kind: kind}}))
		for _, where := range []dialect.Expr{nil, equal(table, "id", dialect.Arg{Value: int64(1), Kind: dialect.Int64})} {
			s := f.selectFrom(t, table, where, "v", kind)
			s.Columns = nil
			for _, got := range f.readBoth(t, s, reflect.TypeOf(v)) {
				if !same(v, got) {
					t.Errorf("%s, with %d arguments: %v, want %v", kind, len(s.Args), got, v)
				}
			}
			if kind == dialect.Bytes {
				for _, got := range f.readBoth(t, s, reflect.TypeFor[string]()) {
					if got != "bytes" {
						t.Errorf("bytes as a string: %q", got)
					}
				}
			}
		}
	}
}
