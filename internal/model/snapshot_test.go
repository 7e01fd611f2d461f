package model

import (
	"database/sql"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"
	"unsafe"
)

// shot has fields of every way to be compared.
type shot struct {
	ID    int64              `db:"id,pk"`
	Text  status             `db:"text"`
	Ratio float64            `db:"ratio"`
	At    time.Time          `db:"at"`
	Raw   digest             `db:"raw"`
	Price Price              `db:"price,type:decimal"`
	Null  sql.NullString     `db:"null"`
	Bytes blob               `db:"bytes,null"`
	Point *string            `db:"point"`
	When  *time.Time         `db:"when_at"`
	JSON  map[string]string  `db:"json,json"`
	Whole struct{ X, Y int } `db:"whole,json"`
	Maybe sql.Null[[]byte]   `db:"maybe"`
}

func newShot() shot {
	at := time.Date(2024, 5, 1, 12, 0, 0, 1000, time.UTC)
	return shot{
		ID: 1, Text: "a", Ratio: math.NaN(), At: at, Raw: digest{1}, Price: Price{100}, Null: sql.NullString{String: "n", Valid: true},
		Bytes: blob("bytes"), Point: new("point"), When: new(at), JSON: map[string]string{"a": "b"},
		Maybe: sql.Null[[]byte]{V: []byte("maybe"), Valid: true},
	}
}

// TestChanged has every change be seen, in place too, and nothing else.
func TestChanged(t *testing.T) {
	t.Parallel()
	s, mistakes := Compile(reflect.TypeFor[shot](), "shot")
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	for _, c := range []struct {
		name   string
		change func(*shot)
		want   []string
	}{
		{"nothing", func(*shot) {}, nil},
		{"text", func(x *shot) { x.Text = "b" }, []string{"text"}},
		{"no number", func(x *shot) { x.Ratio = math.Float64frombits(math.Float64bits(math.NaN()) ^ 1) }, nil},
		{"a number", func(x *shot) { x.Ratio = 0 }, []string{"ratio"}},
		{"another zone", func(x *shot) { x.At = x.At.In(time.FixedZone("", 3600)) }, nil},
		{"less than a microsecond", func(x *shot) { x.At = x.At.Add(1) }, nil},
		{"a microsecond", func(x *shot) { x.At = x.At.Add(time.Microsecond) }, []string{"at"}},
		{"raw", func(x *shot) { x.Raw[15] = 1 }, []string{"raw"}},
		{"price", func(x *shot) { x.Price.cents++ }, []string{"price"}},
		{"no price", func(x *shot) { x.Price.cents = -5 }, []string{"price"}}, // its Value fails
		{"null", func(x *shot) { x.Null = sql.NullString{} }, []string{"null"}},
		{"bytes in place", func(x *shot) { x.Bytes[0] = 'B' }, []string{"bytes"}},
		{"equal bytes", func(x *shot) { x.Bytes = slices.Clone(x.Bytes) }, nil},
		{"empty bytes", func(x *shot) { x.Bytes = blob{} }, []string{"bytes"}},
		{"pointer in place", func(x *shot) { *x.Point = "" }, []string{"point"}},
		{"pointer to the same", func(x *shot) { x.Point = new(*x.Point) }, nil},
		{"nil", func(x *shot) { x.Point, x.When = nil, nil }, []string{"point", "when_at"}},
		{"time in place", func(x *shot) { *x.When = x.When.Add(time.Hour) }, []string{"when_at"}},
		{"the same time", func(x *shot) { *x.When = x.When.In(time.FixedZone("", 60)) }, nil},
		{"map in place", func(x *shot) { x.JSON["c"] = "d" }, []string{"json"}},
		{"json of values", func(x *shot) { x.Whole.Y++ }, []string{"whole"}},
		{"null of bytes in place", func(x *shot) { x.Maybe.V[0] = 'M' }, []string{"maybe"}},
	} {
		row := newShot()
		before := row
		kept := s.Keep(nil, unsafe.Pointer(&row))
		if len(kept) != s.Kept() {
			t.Errorf("%d values are kept, not %d", len(kept), s.Kept())
		}
		c.change(&row)
		var got []string
		for _, at := range s.Changed(unsafe.Pointer(&row), unsafe.Pointer(&before), kept) {
			got = append(got, s.Fields[at].Column)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: changed are %v, want %v", c.name, got, c.want)
		}
	}
}

// TestChangedUnknown has a value that was no argument count as changed.
func TestChangedUnknown(t *testing.T) {
	t.Parallel()
	type row struct {
		ID   int64  `db:"id,pk"`
		Cost *Price `db:"cost,type:decimal"`
	}
	s, mistakes := Compile(reflect.TypeFor[row](), "row")
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	r := row{Cost: &Price{-1}}
	kept := s.Keep(nil, unsafe.Pointer(&r))
	r.Cost = &Price{1}
	if at := s.Changed(unsafe.Pointer(&r), unsafe.Pointer(&r), kept); !slices.Equal(at, []int{1}) {
		t.Errorf("changed are %v", at)
	}
}
