package drivertest

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

var valueCases = []testCase{
	{"bool", roundTrip(dialect.Bool, true, false)},
	{"int16", roundTrip(dialect.Int16, int64(0), int64(-1), int64(math.MinInt16), int64(math.MaxInt16))},
	{"int32", roundTrip(dialect.Int32, int64(0), int64(-1), int64(math.MinInt32), int64(math.MaxInt32))},
	{"int64", roundTrip(dialect.Int64, int64(0), int64(-1), int64(math.MinInt64), int64(math.MaxInt64))},
	{"float32", roundTrip(dialect.Float32, 0.0, 1.5, float64(float32(0.1)), float64(float32(-1e30)), 16777216.0)},
	{"float64", testFloats},
	{"decimal", testDecimals},
	{"text", roundTrip(dialect.Text, texts()...)},
	{"bytes", roundTrip(dialect.Bytes, binaries()...)},
	{"time", testTimes},
	{"uuid", roundTrip(dialect.UUID, uuids()...)},
	{"json", testJSON},
	{"null", testNull},
	{"nil bytes", testNilBytes},
	{"integer width", testWidth},
	{"integer overflow", testOverflow},
	{"convenient types", testConvenient},
	{"scanner", testScanner},
	{"copied bytes", testCopiedBytes},
}

func texts() []any {
	return []any{
		"", " ", " padded ", "it's \"quoted\" `thus` \\ %_ $1 ? :x @y", "line\nfeed\r\ttab",
		"ASCII", "Grüße, 漢字, עברית, 🏘️", "{a,b}", "NULL", "null", "\x01\x7f", strings.Repeat("ä", 1<<19),
	}
}

func binaries() []any {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return []any{[]byte{}, []byte{0}, all, []byte(`\x6162`), []byte("text"), bytes.Repeat(all, 1<<12)}
}

func uuids() []any {
	return []any{
		[16]byte{},
		[16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
		[16]byte(bytes.Repeat([]byte{0xff}, 16)),
		[16]byte([]byte("sixteen letters.")),
	}
}

// roundTrip stores values of a kind and reads them back as they are and through a pointer; it
// also finds each by an equality and in a list.
func roundTrip(kind dialect.Kind, values ...any) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) { f.roundTrip(t, kindOf(kind), same, values...) }
}

func (f *fixture) roundTrip(t *testing.T, typ dialect.Type, same func(want, got any) bool, values ...any) {
	t.Helper()
	f.create(t, "kept", f.id(), f.column("v", typ, true))
	for i, v := range values {
		id, arg := dialect.Arg{Value: int64(i), Kind: dialect.Int64}, dialect.Arg{Value: v, Kind: typ.Kind}
		f.must(t, f.db, f.insert(t, "kept", []string{"id", "v"}, []dialect.Arg{id, arg}))
		for name, columns := range map[string][]dialect.Kind{"kinds given": {typ.Kind}, "kinds unknown": nil} {
			s := f.selectFrom(t, "kept", equal("kept", "id", id), "v", typ.Kind)
			s.Columns = columns
			for _, got := range f.readBoth(t, s, reflect.TypeOf(v)) {
				if !same(v, got) {
					t.Errorf("%s: stored %s, got %s", name, short(v), short(got))
				}
			}
		}
		f.finds(t, typ.Kind, int64(i), v)
	}
}

// readBoth reads a value into a destination of a type, and into a pointer to one.
func (f *fixture) readBoth(t *testing.T, s *driver.Statement, typ reflect.Type) []any {
	t.Helper()
	plain, pointer := reflect.New(typ), reflect.New(reflect.PointerTo(typ))
	for _, dest := range []any{plain.Interface(), pointer.Interface()} {
		f.readRow(t, s, dest)
	}
	if pointer.Elem().IsNil() {
		t.Fatalf("a value was read as nil\n%s", s.Text)
	}
	return []any{plain.Elem().Interface(), pointer.Elem().Elem().Interface()}
}

// readRow reads the only row of a statement.
func (f *fixture) readRow(t *testing.T, s *driver.Statement, dest ...any) {
	t.Helper()
	if err := f.tryRow(t, s, dest...); err != nil {
		t.Fatalf("%v\n%s", err, s.Text)
	}
}

func (f *fixture) tryRow(t *testing.T, s *driver.Statement, dest ...any) error {
	t.Helper()
	rows, err := f.db.Query(t.Context(), s)
	if err != nil {
		t.Fatalf("Query: %v\n%s", err, s.Text)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}()
	if !rows.Next() {
		t.Fatalf("no row, error %v\n%s", rows.Err(), s.Text)
	}
	return rows.Scan(dest)
}

// finds asserts that a value is found by what it is. JSON has no equality, and a float none to
// rely on.
func (f *fixture) finds(t *testing.T, kind dialect.Kind, id int64, v any) {
	t.Helper()
	if kind == dialect.JSON || kind == dialect.Float32 || kind == dialect.Float64 {
		return
	}
	for name, where := range map[string]dialect.Expr{
		"=":  equal("kept", "v", dialect.Arg{Value: v, Kind: kind}),
		"in": dialect.In{Operand: dialect.Ref{Table: "kept", Column: "v"}, Values: []any{v, v}, Kind: kind},
	} {
		both := dialect.And{where, equal("kept", "id", dialect.Arg{Value: id, Kind: dialect.Int64})}
		got := mustScan[int64](t, f.db, f.selectFrom(t, "kept", both, "id", dialect.Int64))
		if len(got) != 1 {
			t.Errorf("%s finds %s %d times", name, short(v), len(got))
		}
	}
}

func same(want, got any) bool {
	switch w := want.(type) {
	case time.Time:
		g := got.(time.Time)
		return w.Equal(g) && g.Location() == time.UTC
	case float64:
		g := got.(float64)
		return w == g || math.IsNaN(w) && math.IsNaN(g)
	case []byte:
		return got.([]byte) != nil && bytes.Equal(w, got.([]byte))
	}
	return reflect.DeepEqual(want, got)
}

func short(v any) string {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case time.Time:
		text = v.Format(time.RFC3339Nano)
	default:
		b, _ := json.Marshal(v)
		text = string(b)
	}
	if len(text) > 80 {
		text = text[:80] + "…"
	}
	return text
}

func testFloats(t *testing.T, f *fixture) {
	values := []any{0.0, -1.5, 0.1, math.MaxFloat64, -math.MaxFloat64, math.Pi, 1e-300, float64(1 << 53)}
	if !f.NoNaN {
		values = append(values, math.NaN(), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64)
	}
	f.roundTrip(t, kindOf(dialect.Float64), same, values...)
}

// A decimal is compared by value: engines differ in the zeros at its end.
func testDecimals(t *testing.T, f *fixture) {
	typ := dialect.Type{Kind: dialect.Decimal, Precision: 15, Scale: 4}
	f.roundTrip(t, typ, func(want, got any) bool {
		w, _ := new(big.Rat).SetString(want.(string))
		g, ok := new(big.Rat).SetString(got.(string))
		return ok && w.Cmp(g) == 0
	}, "0", "-1", "12345678901.2345", "-99999999999.9999", "0.0001", "10.50")
	s := f.selectFrom(t, "kept", equal("kept", "id", dialect.Arg{Value: int64(5), Kind: dialect.Int64}), "v", dialect.Decimal)
	var number float64
	if f.readRow(t, s, &number); number != 10.5 {
		t.Errorf("as a float: %v", number)
	}
}

func testTimes(t *testing.T, f *fixture) {
	first, last := f.Earliest, f.Latest
	if first.IsZero() {
		first = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if last.IsZero() {
		last = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	}
	f.roundTrip(t, kindOf(dialect.Time), same,
		first, last, time.Unix(0, 0).UTC(), time.Unix(-1, 999_999_000).UTC(), time.Unix(0, 1000).UTC(),
		time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		time.Date(2024, 2, 29, 12, 30, 0, 123_456_000, time.UTC), time.Date(2024, 3, 31, 1, 30, 0, 0, time.UTC))
}

func testJSON(t *testing.T, f *fixture) {
	f.roundTrip(t, kindOf(dialect.JSON), func(want, got any) bool {
		var w, g any
		_ = json.Unmarshal([]byte(want.(string)), &w)
		return json.Unmarshal([]byte(got.(string)), &g) == nil && reflect.DeepEqual(w, g)
	}, `{"a": [1, 2.5, null, true, "ä\"\\"]}`, `[]`, `"text"`, `null`, `0`, `{}`)
	s := f.selectFrom(t, "kept", equal("kept", "id", dialect.Arg{Value: int64(1), Kind: dialect.Int64}), "v", dialect.JSON)
	var raw []byte
	if f.readRow(t, s, &raw); string(raw) != "[]" {
		t.Errorf("as bytes: %q", raw)
	}
}
