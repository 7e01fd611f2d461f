package postgres

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/rowhouse/rowhouse/dialect"
)

// TestArgument compares what is sent with pgx's own decoder.
func TestArgument(t *testing.T) {
	t.Parallel()
	noon := time.Date(2024, 2, 29, 12, 0, 0, 1000, time.UTC)
	cases := []struct {
		name   string
		arg    dialect.Arg
		oid    uint32
		format int16
		want   any
	}{
		{"int16", dialect.Arg{Value: int64(-2), Kind: dialect.Int16}, pgtype.Int2OID, 1, int64(-2)},
		{"too large for int16", dialect.Arg{Value: int64(40_000), Kind: dialect.Int16}, pgtype.Int8OID, 1, int64(40_000)},
		{"int32", dialect.Arg{Value: int64(40_000), Kind: dialect.Int32}, pgtype.Int4OID, 1, int64(40_000)},
		{"too large for int32", dialect.Arg{Value: int64(math.MinInt64), Kind: dialect.Int32}, pgtype.Int8OID, 1, int64(math.MinInt64)},
		{"float32", dialect.Arg{Value: 0.1, Kind: dialect.Float32}, pgtype.Float4OID, 1, float32(0.1)},
		{"infinite float32", dialect.Arg{Value: math.Inf(-1), Kind: dialect.Float32}, pgtype.Float4OID, 1, float32(math.Inf(-1))},
		{"too large for float32", dialect.Arg{Value: 1e300, Kind: dialect.Float32}, pgtype.Float8OID, 1, 1e300},
		{"integer for a float", dialect.Arg{Value: int64(3), Kind: dialect.Float64}, pgtype.Float8OID, 0, 3.0},
		{"text", dialect.Arg{Value: "ä", Kind: dialect.Text}, pgtype.TextOID, 0, "ä"},
		{"empty text", dialect.Arg{Value: "", Kind: dialect.Text}, pgtype.TextOID, 0, ""},
		{"empty bytes", dialect.Arg{Value: []byte(nil), Kind: dialect.Bytes}, pgtype.ByteaOID, 1, []byte{}},
		{"text for a number", dialect.Arg{Value: "12", Kind: dialect.Int64}, pgtype.Int8OID, 0, int64(12)},
		{"decimal", dialect.Arg{Value: "1.50", Kind: dialect.Decimal}, pgtype.NumericOID, 0, "1.50"},
		{"number for a decimal", dialect.Arg{Value: int64(2), Kind: dialect.Decimal}, pgtype.NumericOID, 0, "2"},
		{"json", dialect.Arg{Value: `[1]`, Kind: dialect.JSON}, pgtype.JSONBOID, 0, []byte(`[1]`)},
		{"json as bytes", dialect.Arg{Value: []byte(`[1]`), Kind: dialect.JSON}, pgtype.JSONBOID, 0, []byte(`[1]`)},
		{"time", dialect.Arg{Value: noon, Kind: dialect.Time}, pgtype.TimestamptzOID, 1, noon},
		{"uuid", dialect.Arg{Value: [16]byte{1}, Kind: dialect.UUID}, pgtype.UUIDOID, 1, [16]byte{1}},
		{"uuid as text", dialect.Arg{Value: "01000000-0000-0000-0000-000000000000", Kind: dialect.UUID}, pgtype.UUIDOID, 0, [16]byte{1}},
		{"other", dialect.Arg{Value: "open", Kind: dialect.Other}, 0, 0, "open"},
		{"null", dialect.Arg{Kind: dialect.Int32}, pgtype.Int4OID, 0, (*int64)(nil)},
		{"null array", dialect.Arg{Kind: dialect.Int32, Array: true}, pgtype.Int4ArrayOID, 0, (*[]int64)(nil)},
		{"array", array(dialect.Int32, int64(1), int64(2)), pgtype.Int4ArrayOID, 1, []int64{1, 2}},
		{"array of one too large", array(dialect.Int16, int64(1), int64(70_000)), pgtype.Int8ArrayOID, 1, []int64{1, 70_000}},
		{"array of a float too large", array(dialect.Float32, 1.0, 1e300), pgtype.Float8ArrayOID, 1, []float64{1, 1e300}},
		{"empty array", array(dialect.Int64), pgtype.Int8ArrayOID, 1, []int64{}},
		{"array with a NULL", array(dialect.Text, "a", nil, ""), pgtype.TextArrayOID, 1, []*string{new("a"), nil, new("")}},
		{"array of times", array(dialect.Time, noon), pgtype.TimestamptzArrayOID, 1, []time.Time{noon}},
		{"array of uuids", array(dialect.UUID, [16]byte{1}), pgtype.UUIDArrayOID, 1, [][16]byte{{1}}},
		{"array of bytes", array(dialect.Bytes, []byte{}, []byte{0, 255}), pgtype.ByteaArrayOID, 1, [][]byte{{}, {0, 255}}},
		{"array of decimals", array(dialect.Decimal, "1.5", nil), pgtype.NumericArrayOID, 0, []*string{new("1.5"), nil}},
		{"array of others", array(dialect.Other, `a"b\c`, "{x,y}", "NULL", nil), 0, 0, []*string{new(`a"b\c`), new("{x,y}"), new("NULL"), nil}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := bindings.New().(*binding) // a used one has a buffer already
			if err := b.add(&c.arg); err != nil {
				t.Fatal(err)
			}
			if b.oids[0] != c.oid || b.formats[0] != c.format {
				t.Errorf("OID %d in format %d, want %d in %d", b.oids[0], b.formats[0], c.oid, c.format)
			}
			got := reflect.New(reflect.TypeOf(c.want))
			if err := pgtype.NewMap().Scan(decodedAs(c.oid, c.want), b.formats[0], b.values[0], got.Interface()); err != nil {
				t.Fatalf("pgx cannot read it: %v", err)
			}
			if have := got.Elem().Interface(); !alike(c.want, have) {
				t.Errorf("pgx reads %v, want %v", have, c.want)
			}
		})
	}
}

func array(kind dialect.Kind, list ...any) dialect.Arg {
	return dialect.Arg{Value: append([]any{}, list...), Kind: kind, Array: true}
}

// decodedAs lends a type to a parameter whose type the server finds out.
func decodedAs(oid uint32, want any) uint32 {
	switch {
	case oid == 0 && reflect.TypeOf(want).Kind() == reflect.Slice:
		return pgtype.TextArrayOID
	case oid == 0:
		return pgtype.TextOID
	}
	return oid
}

func alike(want, got any) bool {
	switch w := want.(type) {
	case time.Time:
		return w.Equal(got.(time.Time))
	case []time.Time:
		return len(w) == len(got.([]time.Time)) && w[0].Equal(got.([]time.Time)[0])
	}
	return reflect.DeepEqual(want, got)
}

func TestArgumentRefused(t *testing.T) {
	t.Parallel()
	for _, arg := range []dialect.Arg{
		{Value: 1, Kind: dialect.Int64},
		{Value: struct{}{}, Kind: dialect.Other},
		array(dialect.Int64, int32(1)),
		{Value: []int64{1}, Kind: dialect.Int64, Array: true},
	} {
		b := takeBinding()
		if err := b.add(&arg); err == nil {
			t.Errorf("%T: no error", arg.Value)
		}
		b.giveBack()
	}
}

// TestFarTimes asserts that no time turns into another one, or into an infinity.
func TestFarTimes(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{time.Unix(math.MaxInt64/2, 0), time.Unix(math.MinInt64/2, 0)} {
		n := microseconds(at)
		if n == math.MaxInt64 || n == math.MinInt64 || (n > 0) != (at.Unix() > 0) {
			t.Errorf("%v: %d", at.Unix(), n)
		}
	}
}
