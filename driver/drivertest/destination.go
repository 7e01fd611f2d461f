package drivertest

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// samples has a value of every kind.
func samples() map[dialect.Kind]any {
	return map[dialect.Kind]any{
		dialect.Bool: true, dialect.Int16: int64(16), dialect.Int32: int64(32), dialect.Int64: int64(64),
		dialect.Float32: 1.5, dialect.Float64: 2.5, dialect.Decimal: "3.5", dialect.Text: "text",
		dialect.Bytes: []byte("bytes"), dialect.Time: time.Unix(1, 0).UTC(),
		dialect.UUID: [16]byte{1}, dialect.JSON: `{}`,
	}
}

// testNull asserts that a NULL is nil for a pointer, whatever was there before, and a NullError
// with the column's number for everything else.
func testNull(t *testing.T, f *fixture) {
	for kind, v := range samples() {
		table := "null_" + kind.String()
		f.create(t, table, f.id(), f.column("v", kindOf(kind), true))
		f.must(t, f.db, f.insert(t, table, []string{"id", "v"},
			[]dialect.Arg{{Value: int64(1), Kind: dialect.Int64}, {Value: nil, Kind: kind}}))
		s := f.render(t, &dialect.Select{
			From:    dialect.TableRef{Name: table},
			Columns: []dialect.Expr{dialect.Ref{Table: table, Column: "id"}, dialect.Ref{Table: table, Column: "v"}},
			Limit:   -1,
		}, dialect.Int64, kind)
		f.readsNull(t, s, v)
	}
}

func (f *fixture) readsNull(t *testing.T, s *driver.Statement, v any) {
	t.Helper()
	var id int64
	typ := reflect.TypeOf(v)
	pointer := reflect.New(reflect.PointerTo(typ))
	pointer.Elem().Set(reflect.New(typ))
	f.readRow(t, s, &id, pointer.Interface())
	if !pointer.Elem().IsNil() {
		t.Errorf("NULL into a pointer to %T left it as it was", v)
	}
	err := f.tryRow(t, s, &id, reflect.New(typ).Interface())
	if null, ok := errors.AsType[*driver.NullError](err); !ok {
		t.Errorf("NULL into %T: %v, want a NullError", v, err)
	} else if null.Column != 1 {
		t.Errorf("NULL into %T: column %d, want 1", v, null.Column)
	}
	scanner := seen{value: "not yet"}
	if f.readRow(t, s, &id, &scanner); scanner.value != nil {
		t.Errorf("NULL gives a scanner %v", scanner.value)
	}
}

// testNilBytes asserts that a nil []byte is a value of no bytes: NULL is a nil of no type.
func testNilBytes(t *testing.T, f *fixture) {
	f.create(t, "kept", f.id(), f.column("v", kindOf(dialect.Bytes), false))
	f.must(t, f.db, f.insert(t, "kept", []string{"id", "v"},
		[]dialect.Arg{{Value: int64(1), Kind: dialect.Int64}, {Value: []byte(nil), Kind: dialect.Bytes}}))
	if got := mustScan[[]byte](t, f.db, f.selectFrom(t, "kept", nil, "v", dialect.Bytes)); len(got) != 1 || len(got[0]) != 0 {
		t.Errorf("got %v", got)
	}
}

// testWidth reads integers of every width into every type that holds them, also where the
// model and the table disagree on the width.
func testWidth(t *testing.T, f *fixture) {
	widths := []dialect.Kind{dialect.Int16, dialect.Int32, dialect.Int64}
	for _, stored := range widths {
		table := "width_" + stored.String()
		f.create(t, table, f.id(), f.column("v", kindOf(stored), false))
		for _, sent := range widths {
			id := dialect.Arg{Value: int64(sent), Kind: dialect.Int64}
			f.must(t, f.db, f.insert(t, table, []string{"id", "v"}, []dialect.Arg{id, {Value: int64(100), Kind: sent}}))
			for _, dest := range integers() {
				s := f.selectFrom(t, table, dialect.And{
					equal(table, "id", id), equal(table, "v", dialect.Arg{Value: int64(100), Kind: sent}),
				}, "v", sent)
				f.readRow(t, s, dest)
				if got := fmt.Sprint(reflect.ValueOf(dest).Elem().Interface()); got != "100" {
					t.Errorf("%s sent as %s into %T: %s", stored, sent, dest, got)
				}
			}
		}
	}
}

func integers() []any {
	return []any{
		new(int), new(int8), new(int16), new(int32), new(int64),
		new(uint), new(uint8), new(uint16), new(uint32), new(uint64),
	}
}

// testOverflow asserts that an integer that does not fit is an error, not another integer.
func testOverflow(t *testing.T, f *fixture) {
	f.create(t, "kept", f.id())
	values := []int64{math.MinInt64, -1, 200, 40_000, 70_000, 1 << 31, 1 << 32, math.MaxInt64}
	for _, v := range values {
		f.must(t, f.db, f.insert(t, "kept", []string{"id"}, []dialect.Arg{{Value: v, Kind: dialect.Int64}}))
		s := f.selectFrom(t, "kept", equal("kept", "id", dialect.Arg{Value: v, Kind: dialect.Int64}), "id", dialect.Int64)
		for _, dest := range integers() {
			target := reflect.ValueOf(dest).Elem()
			fits := target.CanInt() && !target.OverflowInt(v) || target.CanUint() && v >= 0 && !target.OverflowUint(uint64(v))
			for _, d := range []any{dest, reflect.New(reflect.TypeOf(dest)).Interface()} {
				switch err := f.tryRow(t, s, d); {
				case fits && err != nil:
					t.Errorf("%d into %T: %v", v, d, err)
				case !fits && err == nil:
					t.Errorf("%d into %T: no error", v, d)
				}
			}
		}
	}
}

// testConvenient reads values into the types that an application may like better than the
// canonical ones.
func testConvenient(t *testing.T, f *fixture) {
	cases := []struct {
		kind  dialect.Kind
		value any
		want  any
	}{
		{dialect.Float32, 1.5, float32(1.5)},
		{dialect.Float64, 1.5, float32(1.5)},
		{dialect.Float32, 1.5, 1.5},
		{dialect.Text, "text", []byte("text")},
		{dialect.Decimal, "1.5", 1.5},
		{dialect.JSON, `[1]`, []byte(`[1]`)},
	}
	for i, c := range cases {
		table := fmt.Sprintf("kept_%d", i)
		f.create(t, table, f.id(), f.column("v", dialect.Type{Kind: c.kind, Precision: 10, Scale: 1}, true))
		f.must(t, f.db, f.insert(t, table, []string{"id", "v"},
			[]dialect.Arg{{Value: int64(1), Kind: dialect.Int64}, {Value: c.value, Kind: c.kind}}))
		for _, got := range f.readBoth(t, f.selectFrom(t, table, nil, "v", c.kind), reflect.TypeOf(c.want)) {
			if !same(c.want, got) {
				t.Errorf("%s %v into %T: %v", c.kind, c.value, c.want, got)
			}
		}
	}
}

// seen keeps what a scanner was given.
type seen struct{ value any }

// Scan copies bytes, which belong to the caller of Scan.
func (s *seen) Scan(src any) error {
	if b, ok := src.([]byte); ok {
		src = bytes.Clone(b)
	}
	s.value = src
	return nil
}

// testScanner asserts that scanners get what database/sql would give them.
func testScanner(t *testing.T, f *fixture) {
	dests := map[dialect.Kind]sql.Scanner{
		dialect.Bool: new(sql.NullBool), dialect.Int16: new(sql.NullInt16), dialect.Int32: new(sql.NullInt32),
		dialect.Int64: new(sql.NullInt64), dialect.Float32: new(sql.Null[float64]), dialect.Float64: new(sql.NullFloat64),
		dialect.Decimal: new(sql.NullFloat64), dialect.Text: new(sql.NullString), dialect.Bytes: new(sql.Null[[]byte]),
		dialect.Time: new(sql.NullTime), dialect.JSON: new(sql.NullString),
	}
	for kind, dest := range dests {
		v := samples()[kind]
		table := "scan_" + kind.String()
		f.create(t, table, f.id(), f.column("v", dialect.Type{Kind: kind, Precision: 10, Scale: 2}, false))
		f.must(t, f.db, f.insert(t, table, []string{"id", "v"},
			[]dialect.Arg{{Value: int64(1), Kind: dialect.Int64}, {Value: v, Kind: kind}}))
		s := f.selectFrom(t, table, nil, "v", kind)
		f.readRow(t, s, dest)
		if fields := reflect.ValueOf(dest).Elem(); !fields.FieldByName("Valid").Bool() {
			t.Errorf("%T says that %s %v is NULL", dest, kind, v)
		}
		var raw seen
		f.readRow(t, s, &raw)
		switch raw.value.(type) {
		case int64, float64, bool, []byte, string, time.Time:
		default:
			t.Errorf("a scanner was given a %T for %s", raw.value, kind)
		}
		if at, ok := raw.value.(time.Time); ok && at.Location() != time.UTC {
			t.Errorf("a scanner was given a time in %v", at.Location())
		}
	}
}

// testCopiedBytes asserts that what Scan stored is the caller's to keep.
func testCopiedBytes(t *testing.T, f *fixture) {
	f.create(t, "kept", f.id(), f.column("v", kindOf(dialect.Bytes), false), f.column("w", kindOf(dialect.Text), false))
	const n = 300
	for i := range n {
		f.must(t, f.db, f.insert(t, "kept", []string{"id", "v", "w"}, []dialect.Arg{
			{Value: int64(i), Kind: dialect.Int64},
			{Value: pattern(i), Kind: dialect.Bytes},
			{Value: string(pattern(i)), Kind: dialect.Text},
		}))
	}
	for _, column := range []string{"v", "w"} {
		kind := map[string]dialect.Kind{"v": dialect.Bytes, "w": dialect.Text}[column]
		got := mustScan[[]byte](t, f.db, f.selectFrom(t, "kept", nil, column, kind))
		if len(got) != n {
			t.Fatalf("%d rows, want %d", len(got), n)
		}
		for i := range got {
			if !bytes.Equal(got[i], pattern(i)) {
				t.Fatalf("row %d of %s changed after it was read", i, column)
			}
		}
	}
}

func pattern(i int) []byte { return bytes.Repeat([]byte{byte('a' + i%26)}, 100+i) }
