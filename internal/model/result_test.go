package model

import (
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse/driver"
)

// shout scans itself and cannot be written.
type shout string

func (s *shout) Scan(src any) error {
	*s = shout(strings.ToUpper(fmt.Sprint(src)))
	return nil
}

// given keeps the type that its Scan was given.
type given struct{ of string }

func (m *given) Scan(src any) error {
	m.of = fmt.Sprintf("%T", src)
	return nil
}

type summary struct {
	point  `db:",prefix:at_"`
	Title  string `db:"title,pk,index"` // roles mean nothing here
	Total  int64
	Owner  *string
	Loud   shout
	When   given             `db:",type:time"`
	Labels map[string]string `db:",json"`
	Empty  string            `db:",null"`
	Left   chan int          `db:"-"`
}

// into reads one row of these columns and values.
func into[R any](t *testing.T, partial bool, columns []string, values ...any) (row R) {
	t.Helper()
	s, mistakes := CompileResult(reflect.TypeFor[R]())
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	aimed, err := s.For(columns, partial)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if err := driver.Convert(aimed.Fields[i].Dest(unsafe.Pointer(&row)), v); err != nil {
			t.Fatalf("%s: %v", columns[i], err)
		}
	}
	return row
}

func TestResult(t *testing.T) {
	t.Parallel()
	columns := []string{"at_lng", "TITLE", "total", "owner", "loud", "when", "labels", "empty", "at_lat"}
	got := into[summary](t, false, columns, 2.5, "roof", []byte("7"), nil, "hey", "2026-01-02 03:04:05.000000", []byte(`{"a":"b"}`), nil, 1.5)
	want := summary{
		Title: "roof", Total: 7, Loud: "HEY", When: given{"time.Time"}, Labels: map[string]string{"a": "b"}, point: point{1.5, 2.5},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := into[summary](t, true, []string{"total"}, int64(3)); got.Total != 3 || got.Title != "" {
		t.Errorf("%+v", got)
	}
}

func TestResultOfOneValue(t *testing.T) {
	t.Parallel()
	n := int64(4)
	day := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	for name, ok := range map[string]bool{
		"int64":   into[int64](t, false, []string{"?column?"}, "4") == 4,
		"pointer": *into[*int64](t, false, []string{"n"}, n) == 4,
		"null":    into[*int64](t, false, []string{"n"}, nil) == nil,
		"string":  into[string](t, false, []string{"count(*)"}, "x") == "x",
		"named":   into[time.Duration](t, false, []string{"d"}, n) == 4,
		"time":    into[time.Time](t, false, []string{"at"}, "2026-01-02").Equal(day),
		"uuid":    into[uuid.UUID](t, false, []string{"id"}, make([]byte, 16)) == uuid.UUID{},
		"bytes":   string(into[[]byte](t, false, []string{"b"}, "x")) == "x",
		"scanner": into[shout](t, false, []string{"s"}, "x") == "X",
		"pointed": *into[*shout](t, false, []string{"s"}, "x") == "X",
		"sql":     into[sql.Null[int64]](t, false, []string{"s"}, n) == sql.Null[int64]{V: 4, Valid: true},
		"struct":  into[given](t, false, []string{"s"}, "x").of == "string",
	} {
		if !ok {
			t.Error(name)
		}
	}
}

// TestResultStructWithScan: methods of an embedded field are the struct's, which tags tell apart.
func TestResultStructWithScan(t *testing.T) {
	t.Parallel()
	type row struct {
		given `db:"at"`
		N     int
	}
	type embedding struct {
		Moment given
		N      int `db:"n"`
	}
	for _, of := range []reflect.Type{reflect.TypeFor[row](), reflect.TypeFor[embedding]()} {
		s, mistakes := CompileResult(of)
		if of == reflect.TypeFor[row]() {
			if len(mistakes) == 0 {
				t.Error("an unexported field with a tag is taken")
			}
			continue
		}
		if len(mistakes) > 0 || s.single() || len(s.Fields) != 2 {
			t.Errorf("%v: %+v, %v", of, s, mistakes)
		}
	}
}

func TestResultMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of   reflect.Type
		want []string // in each mistake
	}{
		{reflect.TypeFor[map[string]int](), []string{"no column"}},
		{reflect.TypeFor[struct{ A, B chan int }](), []string{"A", "B"}},
		{reflect.TypeFor[struct{}](), []string{"no column"}},
		{reflect.TypeFor[struct {
			A string `db:"x"`
			B string `db:"X,nonsense"`
		}](), []string{"nonsense", "taken"}},
	} {
		s, mistakes := CompileResult(c.of)
		if s != nil || len(mistakes) != len(c.want) {
			t.Errorf("%v: %v", c.of, mistakes)
			continue
		}
		for i, m := range mistakes {
			if !strings.Contains(m.Field+" "+m.Problem, c.want[i]) {
				t.Errorf("%v: %+v, want %s", c.of, m, c.want[i])
			}
		}
	}
}

func TestResultColumns(t *testing.T) {
	t.Parallel()
	type row struct{ Title, Status string }
	s, mistakes := CompileResult(reflect.TypeFor[row]())
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	single, _ := CompileResult(reflect.TypeFor[int]())
	for _, c := range []struct {
		name    string
		s       *Struct
		columns []string
		want    []string
	}{
		{"unknown", s, []string{"title", "state"}, []string{`"state"`, "model.row", `db:"state"`}},
		{"twice", s, []string{"title", "status", "Title"}, []string{`two columns "Title"`, "AS"}},
		{"missing", s, []string{"title"}, []string{"Status", `"status"`}},
		{"two for one", single, []string{"a", "b"}, []string{"int", "2", "a, b"}},
	} {
		_, err := c.s.For(c.columns, false)
		if err == nil || slices.ContainsFunc(c.want, func(w string) bool { return !strings.Contains(err.Error(), w) }) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if len(s.Fields) != 2 || s.Fields[0].Column != "title" {
		t.Error("aiming has changed the struct")
	}
}
