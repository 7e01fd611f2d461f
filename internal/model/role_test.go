package model

import (
	"database/sql"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/driver"
)

func TestDefaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		of      any // the zero value of the field's type
		tag     string
		literal string
		want    any
	}{
		{"bool", false, "true", "true", true},
		{"named bool", flag(false), "1", "true", flag(true)},
		{"int", 0, "-5", "-5", -5},
		{"int8", int8(0), "127", "127", int8(127)},
		{"uint16", uint16(0), "65535", "65535", uint16(65535)},
		{"uint64", uint64(0), "9223372036854775807", "9223372036854775807", uint64(math.MaxInt64)},
		{"named int", level(0), "3", "3", level(3)},
		{"float32", float32(0), "0.1", "0.1", float32(0.1)},
		{"float64", 0.0, "1e6", "1e+06", 1e6},
		{"float as decimal", 0.0, "2.50,type:decimal", "2.5", 2.5},
		{"text", "", "open", "'open'", "open"},
		{"named text", status(""), "open", "'open'", status("open")},
		{"text with quotes", "", "'it''s'", "'it''s'", "it's"},
		{"text with a comma", "", "'a,b'", "'a,b'", "a,b"},
		{"empty text", new(""), "''", "''", new("")},
		{"text as decimal", "", "0.00,type:decimal", "'0.00'", "0.00"},
		{"text with spaces", "", "' a '", "' a '", " a "},
		{"duration", time.Duration(0), "1m30s", "90000000000", 90 * time.Second},
		{"pointer", (*int)(nil), "5", "5", new(5)},
		{"pointer to a duration", (*time.Duration)(nil), "1ms", "1000000", new(time.Millisecond)},
		{"text of its own", grade(""), "c,type:int16", "2", grade("c")},
		{"text as JSON", "", "a,json", `'"a"'`, "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			of, s, f := codecCase{value: c.of, tag: ",default:" + c.tag}.field(t)
			if got := s.Table.Columns[1].Default; got != c.literal {
				t.Errorf("the literal is %s, want %s", got, c.literal)
			}
			zero := reflect.Zero(f.Type)
			row, field := newGuarded(of, zero)
			if !f.Zero(row.UnsafePointer()) {
				t.Error("the field is not zero")
			}
			f.FillDefault(row.UnsafePointer())
			if got := field.Interface(); !reflect.DeepEqual(got, c.want) {
				t.Errorf("filled in: %#v, want %#v", got, c.want)
			}
			checkGuards(t, row)
			other := dirty(f.Type)
			field.Set(other)
			f.FillDefault(row.UnsafePointer())
			if got := field.Interface(); !reflect.DeepEqual(got, other.Interface()) {
				t.Errorf("%#v was filled over: %#v", other, got)
			}
		})
	}
}

// TestDefaultPointers: rows do not share what a default points to.
func TestDefaultPointers(t *testing.T) {
	t.Parallel()
	of, _, f := codecCase{value: (*int)(nil), tag: ",default:5"}.field(t)
	for range 2 {
		row, field := newGuarded(of, reflect.Zero(f.Type))
		f.FillDefault(row.UnsafePointer())
		p := field.Interface().(*int)
		if *p != 5 {
			t.Fatalf("the default is %d", *p)
		}
		*p = 6
	}
}

func TestSetInt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		of   any
		n    int64
		fits bool
	}{
		{"int64", int64(0), math.MinInt64, true},
		{"int", 0, -1, true},
		{"int8", int8(0), 127, true},
		{"int8 too large", int8(0), 128, false},
		{"int32 too small", int32(0), math.MinInt32 - 1, false},
		{"uint8", uint8(0), 255, true},
		{"uint8 too large", uint8(0), 256, false},
		{"uint64", uint64(0), math.MaxInt64, true},
		{"uint64 negative", uint64(0), -1, false},
		{"uint16 negative", uint16(0), -1, false},
		{"named", level(0), -3, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			of, _, f := codecCase{value: c.of}.field(t)
			row, field := newGuarded(of, reflect.ValueOf(c.of))
			if fits := f.SetInt(row.UnsafePointer(), c.n); fits != c.fits {
				t.Errorf("%d fits: %v", c.n, fits)
			}
			checkGuards(t, row)
			if want := reflect.ValueOf(c.n).Convert(field.Type()).Interface(); c.fits && field.Interface() != want {
				t.Errorf("set to %v, want %v", field.Interface(), want)
			}
		})
	}
}

func TestSetTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		of   any
		tag  string
		want any
	}{
		{"time", time.Time{}, ",created", written},
		{"time with NULL", time.Time{}, ",updated,null", written},
		{"pointer", (*time.Time)(nil), ",softdelete", &written},
		{"sql.Null", sql.Null[time.Time]{}, ",softdelete", sql.Null[time.Time]{V: written, Valid: true}},
		{"sql.NullTime", sql.NullTime{}, ",softdelete", sql.NullTime{Time: written, Valid: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			of, _, f := codecCase{value: c.of, tag: c.tag}.field(t)
			row, field := newGuarded(of, reflect.ValueOf(c.of))
			f.SetTime(row.UnsafePointer(), written)
			if got := field.Interface(); !reflect.DeepEqual(got, c.want) {
				t.Errorf("set to %#v, want %#v", got, c.want)
			}
			checkGuards(t, row)
		})
	}
}

// TestSetValues: keys that are made here, and values that are put back.
func TestSetValues(t *testing.T) {
	t.Parallel()
	of, _, f := codecCase{value: ""}.field(t)
	row, field := newGuarded(of, reflect.ValueOf("before"))
	before := f.Value(row.UnsafePointer())
	f.SetString(row.UnsafePointer(), "made")
	if field.String() != "made" {
		t.Errorf("the text is %q", field)
	}
	f.SetValue(row.UnsafePointer(), before)
	if field.String() != "before" {
		t.Errorf("put back, the text is %q", field)
	}
	checkGuards(t, row)

	of, _, f = codecCase{value: digest{}}.field(t)
	row, field = newGuarded(of, reflect.ValueOf(digest{}))
	f.SetUUID(row.UnsafePointer(), id)
	if got := field.Interface().(digest); got != *(*digest)(reflect.ValueOf(&id).UnsafePointer()) {
		t.Errorf("the key is %x", got)
	}
	checkGuards(t, row)

	of, _, f = codecCase{value: int64(0)}.field(t)
	row, _ = newGuarded(of, reflect.ValueOf(int64(-7)))
	if got := f.Int(row.UnsafePointer()); got != -7 {
		t.Errorf("Int is %d", got)
	}
	if err := driver.Convert(f.Dest(row.UnsafePointer()), "9"); err != nil || f.Int(row.UnsafePointer()) != 9 {
		t.Errorf("Int is %d, %v", f.Int(row.UnsafePointer()), err)
	}
}
