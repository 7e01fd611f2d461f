package model

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

type ( // named types share the codec of their kind
	level    int8
	count    uint64
	ratio    float32
	flag     bool
	status   string
	blob     []byte
	octet    byte
	octets   []octet
	digest   [16]octet
	settings struct {
		Theme string   `json:"theme"`
		Tags  []string `json:"tags,omitempty"`
	}
)

// Price is a type that scans itself: cents, kept as a decimal text.
type Price struct{ cents int64 } //nolint:recvcheck // a Valuer by value and a Scanner by pointer, as such types are

func (p Price) Value() (sqldriver.Value, error) {
	if p.cents < 0 {
		return nil, errors.New("a price below zero")
	}
	return fmt.Sprintf("%d.%02d", p.cents/100, p.cents%100), nil
}

func (p *Price) Scan(src any) error {
	if src == nil {
		p.cents = -1 // its own idea of NULL
		return nil
	}
	var whole, cents int64
	if _, err := fmt.Sscanf(src.(string), "%d.%02d", &whole, &cents); err != nil {
		return err
	}
	p.cents = whole*100 + cents
	return nil
}

// moment is a number with a Value of its own: a time in a zone, and a kind of its own.
type moment int64 //nolint:recvcheck // likewise

func (m moment) Value() (sqldriver.Value, error) {
	return time.Unix(int64(m), 123_456_789).In(time.FixedZone("", 3600)), nil
}

func (m *moment) Scan(src any) error {
	*m = moment(src.(time.Time).Unix())
	return nil
}

// grade is a text that is a number in the database; its methods are the pointer's.
type grade string

func (g *grade) Value() (sqldriver.Value, error) {
	return int64(strings.Index("abcdef", string(*g))), nil
}

func (g *grade) Scan(src any) error {
	*g = grade("abcdef"[src.(int64)])
	return nil
}

var (
	zoned   = time.Date(2024, 2, 29, 23, 59, 59, 999_999_999, time.FixedZone("", -5*3600))
	written = time.Date(2024, 3, 1, 4, 59, 59, 999_999_000, time.UTC)
	id      = uuid.MustParse("0190163d-8694-739b-aea5-966c26f8ad91")
)

// codecCase is a value of a Go type, and what it is to the database.
type codecCase struct {
	name  string
	value any
	tag   string
	kind  dialect.Kind
	arg   any
	null  bool // the column has NULL
	back  any  // what is read back, if that is not value
}

var codecCases = []codecCase{
	{"bool", true, "", dialect.Bool, true, false, nil},
	{"named bool", flag(true), "", dialect.Bool, true, false, nil},
	{"int", math.MinInt, "", dialect.Int64, int64(math.MinInt), false, nil},
	{"int8", int8(math.MinInt8), "", dialect.Int16, int64(math.MinInt8), false, nil},
	{"int16", int16(math.MinInt16), "", dialect.Int16, int64(math.MinInt16), false, nil},
	{"int32", int32(math.MinInt32), "", dialect.Int32, int64(math.MinInt32), false, nil},
	{"int64", int64(math.MaxInt64), "", dialect.Int64, int64(math.MaxInt64), false, nil},
	{"uint", uint(math.MaxInt64), "", dialect.Int64, int64(math.MaxInt64), false, nil},
	{"uint8", uint8(255), "", dialect.Int16, int64(255), false, nil},
	{"uint16", uint16(math.MaxUint16), "", dialect.Int32, int64(math.MaxUint16), false, nil},
	{"uint32", uint32(math.MaxUint32), "", dialect.Int64, int64(math.MaxUint32), false, nil},
	{"uint64", uint64(math.MaxInt64), "", dialect.Int64, int64(math.MaxInt64), false, nil},
	{"named int8", level(-3), "", dialect.Int16, int64(-3), false, nil},
	{"named uint64", count(7), "", dialect.Int64, int64(7), false, nil},
	{"int in a smaller column", 7, ",type:int16", dialect.Int16, int64(7), false, nil},
	{"float32", float32(0.1), "", dialect.Float32, float64(float32(0.1)), false, nil},
	{"float64", -1e300, "", dialect.Float64, -1e300, false, nil},
	{"named float32", ratio(2.5), "", dialect.Float32, 2.5, false, nil},
	{"float as decimal", 2.5, ",type:decimal", dialect.Decimal, 2.5, false, nil},
	{"string", "a'b\x00é", "", dialect.Text, "a'b\x00é", false, nil},
	{"named string", status("open"), "", dialect.Text, "open", false, nil},
	{"string as decimal", "12.30", ",type:decimal", dialect.Decimal, "12.30", false, nil},
	{"bytes", []byte{0, 255}, "", dialect.Bytes, []byte{0, 255}, false, nil},
	{"empty bytes", []byte{}, "", dialect.Bytes, []byte{}, false, nil},
	{"nil bytes", []byte(nil), "", dialect.Bytes, []byte{}, false, []byte{}},
	{"nil bytes with NULL", []byte(nil), ",null", dialect.Bytes, nil, true, nil},
	{"empty bytes with NULL", []byte{}, ",null", dialect.Bytes, []byte{}, true, nil},
	{"bytes with NULL", []byte{1}, ",null", dialect.Bytes, []byte{1}, true, nil},
	{"named bytes with NULL", blob(nil), ",null", dialect.Bytes, nil, true, nil},
	{"bytes of a named byte", octets{1, 2}, "", dialect.Bytes, []byte{1, 2}, false, nil},
	{"time", zoned, "", dialect.Time, written, false, written},
	{"zero time", time.Time{}, "", dialect.Time, time.Time{}, false, nil},
	{"duration", time.Minute, "", dialect.Int64, int64(time.Minute), false, nil},
	{"sixteen bytes", [16]byte(id), "", dialect.UUID, [16]byte(id), false, nil},
	{"uuid", id, "", dialect.UUID, [16]byte(id), false, nil},
	{"sixteen named bytes", digest{15: 1}, "", dialect.UUID, [16]byte{15: 1}, false, nil},

	{"pointer to int", new(42), "", dialect.Int64, int64(42), true, nil},
	{"nil pointer to int", (*int)(nil), "", dialect.Int64, nil, true, nil},
	{"pointer to uint16", new(uint16(9)), "", dialect.Int32, int64(9), true, nil},
	{"pointer to a named string", new(status("x")), "", dialect.Text, "x", true, nil},
	{"pointer to bytes", new([]byte{1}), "", dialect.Bytes, []byte{1}, true, nil},
	{"pointer to time", &zoned, "", dialect.Time, written, true, &written},
	{"nil pointer to time", (*time.Time)(nil), "", dialect.Time, nil, true, nil},
	{"pointer to uuid", &id, "", dialect.UUID, [16]byte(id), true, nil},
	{"nil pointer to uuid", (*uuid.UUID)(nil), "", dialect.UUID, nil, true, nil},
	{"pointer without NULL", new("x"), ",notnull", dialect.Text, "x", false, nil},

	{"sql.Null of int", sql.Null[int]{V: 5, Valid: true}, "", dialect.Int64, int64(5), true, nil},
	{"sql.Null of int8", sql.Null[int8]{V: 5, Valid: true}, "", dialect.Int16, int64(5), true, nil},
	{"sql.Null that is NULL", sql.Null[int]{}, "", dialect.Int64, nil, true, nil},
	{"sql.Null whose value does not count", sql.Null[string]{V: "x"}, "", dialect.Text, nil, true, sql.Null[string]{}},
	{
		"sql.Null of time",
		sql.Null[time.Time]{V: zoned, Valid: true},
		"", dialect.Time, written, true,
		sql.Null[time.Time]{V: written, Valid: true},
	},
	{"sql.Null of uuid", sql.Null[uuid.UUID]{V: id, Valid: true}, "", dialect.UUID, [16]byte(id), true, nil},
	{"sql.Null of bytes", sql.Null[[]byte]{V: []byte{1}, Valid: true}, "", dialect.Bytes, []byte{1}, true, nil},
	{"sql.Null of a type that scans itself", sql.Null[Price]{V: Price{150}, Valid: true}, ",type:decimal", dialect.Decimal, "1.50", true, nil},
	{"sql.Null of that, NULL", sql.Null[Price]{}, ",type:decimal", dialect.Decimal, nil, true, nil},
	{"sql.NullString", sql.NullString{String: "x", Valid: true}, "", dialect.Text, "x", true, nil},
	{"sql.NullInt64", sql.NullInt64{Int64: -1, Valid: true}, "", dialect.Int64, int64(-1), true, nil},
	{"sql.NullInt32", sql.NullInt32{Int32: -1, Valid: true}, "", dialect.Int32, int64(-1), true, nil},
	{"sql.NullInt16", sql.NullInt16{Int16: -1, Valid: true}, "", dialect.Int16, int64(-1), true, nil},
	{"sql.NullByte", sql.NullByte{Byte: 255, Valid: true}, "", dialect.Int16, int64(255), true, nil},
	{"sql.NullBool", sql.NullBool{Bool: true, Valid: true}, "", dialect.Bool, true, true, nil},
	{"sql.NullFloat64", sql.NullFloat64{Float64: 0.5, Valid: true}, "", dialect.Float64, 0.5, true, nil},
	{"sql.NullTime", sql.NullTime{Time: zoned, Valid: true}, "", dialect.Time, written, true, sql.NullTime{Time: written, Valid: true}},
	{"sql.NullTime that is NULL", sql.NullTime{}, "", dialect.Time, nil, true, nil},

	{"scans itself", Price{1234}, ",type:decimal", dialect.Decimal, "12.34", false, nil},
	{"scans itself, own type", Price{5}, ",sqltype:money", dialect.Other, "0.05", false, nil},
	{"scans itself, with NULL", Price{5}, ",type:text,null", dialect.Text, "0.05", true, nil},
	{"pointer to one", &Price{5}, ",type:decimal", dialect.Decimal, "0.05", true, nil},
	{"pointer to one, own type", &Price{5}, ",sqltype:money", dialect.Other, "0.05", true, nil},
	{"nil pointer to one", (*Price)(nil), ",type:decimal", dialect.Decimal, nil, true, nil},
	{"by a pointer's methods", grade("c"), ",type:int16", dialect.Int16, int64(2), false, nil},
	{"pointer to that", new(grade("d")), ",type:int16", dialect.Int16, int64(3), true, nil},
	{"a time of its own", moment(1e9), ",type:time", dialect.Time, time.Unix(1e9, 123_456_000).UTC(), false, nil},

	{"json struct", settings{Theme: "dark", Tags: []string{"a"}}, ",json", dialect.JSON, `{"theme":"dark","tags":["a"]}`, false, nil},
	{"json map", map[string]int{"b": 2, "a": 1}, ",json", dialect.JSON, `{"a":1,"b":2}`, false, nil},
	{"json nil map", map[string]int(nil), ",json", dialect.JSON, "null", false, nil},
	{"json nil map with NULL", map[string]int(nil), ",json,null", dialect.JSON, nil, true, nil},
	{"json map with NULL", map[string]int{"a": 1}, ",json,null", dialect.JSON, `{"a":1}`, true, nil},
	{"json empty map with NULL", map[string]int{}, ",json,null", dialect.JSON, `{}`, true, nil},
	{"json slice", []int{3, 1}, ",json", dialect.JSON, "[3,1]", false, nil},
	{"json nil slice", []int(nil), ",json", dialect.JSON, "null", false, nil},
	{"json nil slice with NULL", []int(nil), ",json,null", dialect.JSON, nil, true, nil},
	{"json array", [2]bool{true}, ",json", dialect.JSON, "[true,false]", false, nil},
	{"json pointer", &settings{Theme: "x"}, ",json", dialect.JSON, `{"theme":"x"}`, true, nil},
	{"json nil pointer", (*settings)(nil), ",json", dialect.JSON, nil, true, nil},
	{"json nil pointer without NULL", (*settings)(nil), ",json,notnull", dialect.JSON, "null", false, nil},
	{"json any", any(map[string]any{"a": "b"}), ",json", dialect.JSON, `{"a":"b"}`, false, nil},
	{"json string", "a\"b", ",json", dialect.JSON, `"a\"b"`, false, nil},
	{"json in text", []int{1}, ",json,type:text", dialect.Text, "[1]", false, nil},
}

// guarded is a struct with a field of that type between two that must stay as they are.
func guarded(t reflect.Type, tag string) reflect.Type {
	guard := reflect.TypeFor[[3]uint64]()
	return reflect.StructOf([]reflect.StructField{
		{Name: "ID", Type: reflect.TypeFor[int64](), Tag: `db:"id,pk"`},
		{Name: "Before", Type: guard, Tag: `db:"-"`},
		{Name: "V", Type: t, Tag: reflect.StructTag(fmt.Sprintf("db:%q", tag))},
		{Name: "After", Type: guard, Tag: `db:"-"`},
	})
}

var guard = [3]uint64{0xdeadbeefdeadbeef, 0xdeadbeefdeadbeef, 0xdeadbeefdeadbeef}

// newGuarded returns a row whose field V has a value, and that field.
func newGuarded(of reflect.Type, v reflect.Value) (row, field reflect.Value) {
	row = reflect.New(of)
	row.Elem().FieldByName("Before").Set(reflect.ValueOf(guard))
	row.Elem().FieldByName("After").Set(reflect.ValueOf(guard))
	field = row.Elem().FieldByName("V")
	field.Set(v)
	return row, field
}

func checkGuards(t *testing.T, row reflect.Value) {
	t.Helper()
	for _, name := range []string{"Before", "After"} {
		if got := row.Elem().FieldByName(name).Interface(); got != guard {
			t.Errorf("what is %s the field was written to: %x", name, got)
		}
	}
}

// field compiles one field of a type.
func (c codecCase) field(t *testing.T) (of reflect.Type, s *Struct, f *Field) {
	t.Helper()
	of = guarded(reflect.TypeOf(c.value), c.tag)
	s, mistakes := Compile(of, "case")
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	return of, s, &s.Fields[1]
}

func TestCodec(t *testing.T) {
	t.Parallel()
	for _, c := range codecCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			of, s, f := c.field(t)
			if column := s.Table.Columns[1]; column.Type.Kind != c.kind || column.Null != c.null {
				t.Errorf("the column is %s, null %v; want %s, %v", column.Type.Kind, column.Null, c.kind, c.null)
			}
			row, _ := newGuarded(of, reflect.ValueOf(c.value))
			arg, err := f.Arg(row.UnsafePointer())
			if err != nil || !reflect.DeepEqual(arg, c.arg) {
				t.Fatalf("the argument is %#v, %v; want %#v", arg, err, c.arg)
			}
			want := c.back
			if want == nil {
				want = c.value
			}
			checkScan(t, c, arg, want)
			if u, ok := arg.([16]byte); ok {
				checkScan(t, c, u[:], want) // as an engine without a UUID gives it
			}
			if text, ok := arg.(string); ok && !f.Codec.scansItself && !strings.HasPrefix(c.name, "sql.Null of a type") {
				checkScan(t, c, []byte(text), want) // as MySQL gives texts
			}
		})
	}
}

// checkScan reads a value into rows that hold another one, twice by the same destination.
func checkScan(t *testing.T, c codecCase, src, want any) {
	t.Helper()
	of, _, f := c.field(t)
	row, field := newGuarded(of, reflect.ValueOf(c.value))
	dest := f.Dest(row.UnsafePointer())
	for range 2 {
		field.Set(dirty(field.Type()))
		if err := driver.Convert(dest, src); err != nil {
			t.Fatalf("reading %#v: %v", src, err)
		}
		if got := field.Interface(); !reflect.DeepEqual(got, want) {
			t.Fatalf("%#v was read as %#v, want %#v", src, got, want)
		}
	}
	checkGuards(t, row)
}

// dirty is a value of a type with something in it, where there can be.
func dirty(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	switch {
	case v.CanInt():
		v.SetInt(77)
	case v.CanUint():
		v.SetUint(77)
	case v.CanFloat():
		v.SetFloat(77)
	}
	switch t.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString("b")
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, 9, 9))
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(reflect.ValueOf("dirty").Convert(t.Key()), reflect.Zero(t.Elem()))
	case reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				v.Field(i).Set(dirty(t.Field(i).Type))
			}
		}
	}
	return v
}

// TestNull: NULL is read as the type's own value for it, as the zero value where the column is
// said to have NULL, and is an error where neither is so.
func TestNull(t *testing.T) {
	t.Parallel()
	for _, c := range codecCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			of, s, f := c.field(t)
			if f.Codec.scansItself && !f.Codec.Nullable {
				t.Skip("what NULL is, is for the type to say")
			}
			row, field := newGuarded(of, dirty(reflect.TypeOf(c.value)))
			err := driver.Convert(f.Dest(row.UnsafePointer()), nil)
			checkGuards(t, row)
			switch {
			case s.Table.Columns[1].Null || f.Codec.NewTarget != nil || f.Codec.Nullable:
				if err != nil || !field.IsZero() {
					t.Errorf("NULL is %#v, %v", field.Interface(), err)
				}
			case err == nil || !strings.Contains(err.Error(), "NULL"):
				t.Errorf("NULL is %#v, %v; want an error", field.Interface(), err)
			}
		})
	}
}

// TestNullZero: every type that has no value for NULL reads it as zero in a column tagged null.
func TestNullZero(t *testing.T) {
	t.Parallel()
	for _, c := range codecCases {
		if c.null || strings.Contains(c.tag, "notnull") || strings.Contains(c.name, "scans itself") ||
			strings.Contains(c.name, "own") || strings.Contains(c.name, "methods") {
			continue
		}
		c.tag += ",null"
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			of, s, f := c.field(t)
			if !s.Table.Columns[1].Null {
				t.Error("the column has no NULL")
			}
			row, field := newGuarded(of, dirty(reflect.TypeOf(c.value)))
			if err := driver.Convert(f.Dest(row.UnsafePointer()), nil); err != nil || !field.IsZero() {
				t.Errorf("NULL is %#v, %v", field.Interface(), err)
			}
			checkGuards(t, row)
		})
	}
}

// TestScansItselfNull: such a type is asked what NULL is, not given the zero value.
func TestScansItselfNull(t *testing.T) {
	t.Parallel()
	type row struct {
		ID int64 `db:"id,pk"`
		P  Price `db:"p,type:decimal,null"`
	}
	f := &compile[row](t, "case").Fields[1]
	var r row
	if err := driver.Convert(f.Dest(unsafe.Pointer(&r)), nil); err != nil || r.P.cents != -1 {
		t.Errorf("NULL is %v, %v", r.P, err)
	}
}

func TestArgErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		value any
		tag   string
		want  string
	}{
		{"uint64 too large", uint64(math.MaxInt64 + 1), "", "field V: an unsigned integer above"},
		{"uint too large", uint(math.MaxUint64), "", "field V: an unsigned integer above"},
		{"pointer to one", new(uint64(math.MaxUint64)), "", "field V: an unsigned integer above"},
		{"sql.Null of one", sql.Null[uint64]{V: math.MaxUint64, Valid: true}, "", "field V: an unsigned integer above"},
		{"Value fails", Price{-1}, ",type:decimal", "field V: a price below zero"},
		{"Value of a pointer fails", &Price{-1}, ",type:decimal", "field V: a price below zero"},
		{"no JSON", []float64{math.NaN()}, ",json", "field V: json: unsupported value"},
		{"no JSON, with NULL", []float64{math.NaN()}, ",json,null", "field V: json: unsupported value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			of, _, f := codecCase{value: c.value, tag: c.tag}.field(t)
			row, _ := newGuarded(of, reflect.ValueOf(c.value))
			arg, err := f.Arg(row.UnsafePointer())
			e, is := errors.AsType[*ValueError](err)
			if !is || !strings.Contains("field "+e.Field+": "+e.Err.Error(), c.want) {
				t.Fatalf("%#v, %v; want %s", arg, err, c.want)
			}
			if strings.Contains(err.Error(), e.Err.Error()) {
				t.Errorf("%v: what the type said, which may quote the value, is in the message", err)
			}
		})
	}
}

// TestScanErrors: what does not fit is an error, not cut, and no error quotes the value.
func TestScanErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		value any
		tag   string
		src   any
	}{
		{"int8", int8(0), "", int64(128)},
		{"uint8", uint8(0), "", int64(-1)},
		{"uint64", uint64(0), "", int64(-1)},
		{"named", level(0), "", int64(-129)},
		{"pointer", (*int16)(nil), "", int64(math.MaxInt16 + 1)},
		{"sql.Null", sql.Null[int32]{}, "", int64(math.MaxInt32 + 1)},
		{"zero for NULL", int8(0), ",null", int64(300)},
		{"uuid of fifteen bytes", id, "", []byte("secretsecretsec")},
		{"text for a number", 0, "", "secret"},
		{"text for a time", time.Time{}, "", "secret"},
		{"no JSON", map[string]int{}, ",json", int64(5)},
		{"bad JSON", map[string]int{}, ",json", "{"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			of, _, f := codecCase{value: c.value, tag: c.tag}.field(t)
			row, field := newGuarded(of, reflect.ValueOf(c.value))
			err := driver.Convert(f.Dest(row.UnsafePointer()), c.src)
			if err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("%#v was read as %#v, %v", c.src, field.Interface(), err)
			}
			checkGuards(t, row)
		})
	}
}

// TestArgOf: what is compared with a column goes the way of its values.
func TestArgOf(t *testing.T) {
	t.Parallel()
	type row struct {
		ID   int64          `db:"id,pk"`
		At   *time.Time     `db:"at"`
		Kind status         `db:"kind"`
		Tags map[string]int `db:"tags,json,null"`
		Cost *Price         `db:"cost,type:decimal"`
	}
	s := compile[row](t, "case")
	for _, c := range []struct {
		name string
		got  func() (any, error)
		want any
	}{
		{"a value", func() (any, error) { return argOf(s.Fields[2].Codec, status("x"), false) }, "x"},
		{"a pointer", func() (any, error) { return argOf(s.Fields[1].Codec, &zoned, false) }, written},
		{"a nil pointer", func() (any, error) { return argOf(s.Fields[1].Codec, (*time.Time)(nil), false) }, nil},
		{"what it points to", func() (any, error) { return argOf(s.Fields[1].Codec, zoned, true) }, written},
		{"json", func() (any, error) { return argOf(s.Fields[3].Codec, map[string]int{"a": 1}, false) }, `{"a":1}`},
		{"json that is NULL", func() (any, error) { return argOf(s.Fields[3].Codec, map[string]int(nil), false) }, nil},
		{"what a pointer that scans itself points to", func() (any, error) { return argOf(s.Fields[4].Codec, Price{5}, true) }, "0.05"},
	} {
		if got, err := c.got(); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %#v, %v; want %#v", c.name, got, err, c.want)
		}
	}
}

// TestReadTwice: a row that was read is not changed by reading the next one, as long as the row
// itself is copied: what its fields point to is never written again.
func TestReadTwice(t *testing.T) {
	t.Parallel()
	type row struct {
		ID   int64          `db:"id,pk"`
		Name *string        `db:"name"`
		Cost *Price         `db:"cost,type:decimal"`
		Body []byte         `db:"body,null"`
		Tags map[string]int `db:"tags,json"`
		Set  *settings      `db:"set,json"`
	}
	s := compile[row](t, "case")
	var r row
	dest := make([]any, len(s.Fields))
	for i := range s.Fields {
		dest[i] = s.Fields[i].Dest(unsafe.Pointer(&r))
	}
	read := func(values ...any) row {
		r = row{}
		for i, v := range values {
			if err := driver.Convert(dest[i], v); err != nil {
				t.Fatal(err)
			}
		}
		return r
	}
	first := read(int64(1), "one", "1.00", []byte{1}, `{"a":1}`, `{"theme":"x"}`)
	read(int64(2), "two", "2.00", []byte{2}, `{"b":2}`, `{"theme":"y"}`)
	want := row{1, new("one"), &Price{100}, []byte{1}, map[string]int{"a": 1}, &settings{Theme: "x"}}
	if !reflect.DeepEqual(first, want) {
		t.Errorf("%+v, want %+v", first, want)
	}
}

func argOf[V any](c *Codec, v V, pointed bool) (any, error) {
	return c.ArgAt(unsafe.Pointer(&v), pointed)
}
