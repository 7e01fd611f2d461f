package model

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/rowhouse/rowhouse/driver"
)

type storedCase struct {
	ID      int64      `db:"id,pk,auto"`
	Title   string     `db:"title,default:none"`
	Owner   *string    `db:"owner"`
	Done    *time.Time `db:"done,softdelete"`
	Version int64      `db:"version,lock"`
	Token   [16]byte   `db:"token"`
}

// boxedCase is a model of Records, of storage that is known here.
func boxedCase(t *testing.T, table string) *Struct {
	t.Helper()
	s, mistakes := Compile(reflect.TypeFor[storedCase](), table)
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	s.boxed(s.Type)
	return s
}

func (r *Record) row() unsafe.Pointer { return unsafe.Pointer(r) }

func stored(s *Struct, r Record) storedCase { return *(*storedCase)(s.reading(r.row())) }

// TestRecordIsAValue: whatever is set in one copy of a Record, the other has what it had.
func TestRecordIsAValue(t *testing.T) {
	t.Parallel()
	s := boxedCase(t, "case")
	var r Record
	if f := &s.Fields[0]; !f.Zero(r.row()) || f.Int(r.row()) != 0 || f.Value(r.row()) != int64(0) || r.data != nil {
		t.Error("the zero Record is not read as zero values, or was written to")
	}
	deleted := time.Unix(1, 0)
	for i, set := range []func(){
		func() { s.Fields[0].SetInt(r.row(), 7) },
		func() { s.Fields[1].FillDefault(r.row()) },
		func() { s.Fields[1].SetString(r.row(), "new") },
		func() { s.Fields[3].SetTime(r.row(), deleted) },
		func() { s.Fields[5].SetUUID(r.row(), [16]byte{1}) },
		func() { s.Fields[4].SetValue(r.row(), int64(3)) },
		func() { s.Fields[4].SetZero(r.row()) },
	} {
		before := r
		had := stored(s, before)
		set()
		if got := stored(s, before); got != had {
			t.Errorf("%d: the copy is %+v, and was %+v", i, got, had)
		}
		if got := stored(s, r); got == had {
			t.Errorf("%d: nothing was set: %+v", i, got)
		}
	}
	want := storedCase{ID: 7, Title: "new", Done: &deleted, Token: [16]byte{1}}
	if got := stored(s, r); !reflect.DeepEqual(got, want) {
		t.Errorf("it is %+v, want %+v", got, want)
	}
	if *s.zeroCase() != (storedCase{}) {
		t.Errorf("the zero row is %+v", *s.zeroCase())
	}
}

func (s *Struct) zeroCase() *storedCase { return (*storedCase)(s.zero) }

// TestRecordFresh: rows that are scanned one after the other have nothing in common.
func TestRecordFresh(t *testing.T) {
	t.Parallel()
	s := boxedCase(t, "case")
	var r Record
	var all []Record
	for _, owner := range []any{"ada", nil, "bob"} {
		if !s.Fresh(r.row()) {
			t.Fatal("a Record's destinations stay")
		}
		if err := driver.Convert(s.Fields[2].Dest(r.row()), owner); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	for i, want := range []any{"ada", nil, "bob"} {
		got := stored(s, all[i]).Owner
		if (got == nil) != (want == nil) || got != nil && *got != want {
			t.Errorf("row %d has %v, want %v", i, got, want)
		}
	}
	plain, _ := Compile(s.Type, "plain")
	if plain.Fresh(unsafe.Pointer(&storedCase{})) || plain.Boxed() {
		t.Error("a struct is taken for a Record")
	}
}

// TestRecordOfAnother: a Record of another model is never read as one of this, nor written to.
func TestRecordOfAnother(t *testing.T) {
	t.Parallel()
	s, other := boxedCase(t, "case"), boxedCase(t, "comment")
	var r Record
	other.Fields[1].SetString(r.row(), "hers")
	before := r
	if f := &s.Fields[1]; !f.Zero(r.row()) || f.Value(r.row()) != "" {
		t.Error("it is read")
	}
	s.Fields[1].SetString(r.row(), "his")
	if r != before || stored(other, r).Title != "hers" {
		t.Error("it is written to")
	}
	if *s.zeroCase() != (storedCase{}) {
		t.Errorf("the zero row is %+v", *s.zeroCase())
	}
	if _, err := s.Fields[1].Arg(r.row()); err == nil || !strings.Contains(err.Error(), `model "comment", not of this model "case"`) {
		t.Errorf("the error is %v", err)
	}
	if v, err := other.Fields[1].Arg(r.row()); v != "hers" || err != nil {
		t.Errorf("its own: %v, %v", v, err)
	}
	if s.FieldAt(0, reflect.TypeFor[int64]()) >= 0 {
		t.Error("the handle's memory is taken for a column")
	}
}
