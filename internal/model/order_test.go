package model

import (
	"reflect"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse/dialect"
)

// TestPlaces: what tags say of places, of several references and of several checks is in the table.
func TestPlaces(t *testing.T) {
	t.Parallel()
	type row struct {
		A int64 `db:"a,pk,at:2,index:x,at:3,unique:y,ref:b.k,fk:one,at:2,ondelete:cascade,ref:c.k,check:'a > 0',check:'a < 9',named:less"`
		B int64 `db:"b,index:x,at:1,unique:y,onupdate:restrict,ref:b.j,fk:one,at:1"`
		C int64 `db:"c,pk,at:1,index:x,at:2"`
	}
	s, mistakes := Compile(reflect.TypeFor[row](), "t")
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	got := s.Table
	got.Columns = nil
	want := dialect.Table{
		Name: "t", PrimaryKey: []string{"c", "a"},
		Indexes: []dialect.Index{{Name: "x", Columns: []string{"b", "c", "a"}}, {Name: "y", Columns: []string{"a", "b"}, Unique: true}},
		ForeignKeys: []dialect.ForeignKey{
			{Name: "one", Columns: []string{"b", "a"}, Table: "b", References: []string{"j", "k"}, OnDelete: "CASCADE", OnUpdate: "RESTRICT"},
			{Name: "t_a_fkey", Columns: []string{"a"}, Table: "c", References: []string{"k"}},
		},
		Checks: []dialect.Check{{Name: "t_a_check", Expr: "a > 0"}, {Name: "less", Expr: "a < 9"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if !reflect.DeepEqual(s.Key, []int{2, 0}) {
		t.Errorf("the key is %v", s.Key)
	}
}

func TestPlaceMistakes(t *testing.T) {
	t.Parallel()
	for want, of := range map[string]any{
		`primary key: "at" has its columns be at [1 1]`: struct {
			A int64 `db:"a,pk,at:1"`
			B int64 `db:"b,pk,at:1"`
		}{},
		`index x: "at" has its columns be at [0 2]`: struct {
			A int64 `db:"a,pk,index:x"`
			B int64 `db:"b,index:x,at:2"`
		}{},
		`foreign key f: "at" has its columns be at [3 1]`: struct {
			A int64 `db:"a,pk,ref:b.c,fk:f,at:3"`
			B int64 `db:"b,ref:b.d,fk:f,at:1"`
		}{},
		`option "at" takes a place from 1 on, and follows`: struct {
			A int64 `db:"a,at:1,pk"`
		}{},
		`option "named" follows the check`: struct {
			A int64 `db:"a,pk,named:x,check:a"`
		}{},
		`the column is twice in foreign key "f"`: struct {
			A int64 `db:"a,pk,ref:b.c,fk:f,ref:b.d,fk:f"`
		}{},
		`option "ondelete" is given twice`: struct {
			A int64 `db:"a,pk,ref:b.c,ondelete:cascade,ondelete:restrict"`
		}{},
	} {
		_, mistakes := Compile(reflect.TypeOf(of), "t")
		if len(mistakes) != 1 || !strings.Contains(mistakes[0].Problem, want) {
			t.Errorf("got %v, want %s", mistakes, want)
		}
	}
}
