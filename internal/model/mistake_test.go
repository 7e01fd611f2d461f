package model

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse/dialect/dialecttest"
)

type (
	onlyValue struct{}
	onlyScan  struct{}
	number    int //nolint:unused // embedded, for the mistake
	// Loose brings columns only by value.
	Loose struct{ Name string }
	// Stamp scans itself, and does not say what its column is.
	Stamp struct{ at int64 } //nolint:recvcheck // a Valuer by value and a Scanner by pointer
)

func (onlyValue) Value() (sqldriver.Value, error) { return nil, nil }
func (*onlyScan) Scan(any) error                  { return nil }
func (s Stamp) Value() (sqldriver.Value, error)   { return s.at, nil }
func (s *Stamp) Scan(any) error                   { s.at = 0; return nil }

// The structs of this file are nothing but mistakes, by what they are mistakes in.
type (
	mistakenTags struct {
		Unknown   string `db:"a,sise:40"`
		Twice     string `db:"b,size:1,size:2,null,null"`
		Valued    string `db:"c,null:yes"`
		NoNumber  string `db:"d,size:many"`
		Zero      string `db:"e,size:0"`
		Negative  string `db:"f,type:decimal,precision:-1"`
		NoValue   string `db:"g,check,type:"`
		NoDefault string `db:"h,default:"`
		Open      string `db:"i,default:'x"`
		Empty     string `db:"j,,null,"`
		Where     string `db:"k,where:x"`
		NoWhere   string `db:"l,index,where:"`
		TwoWheres string `db:"m,index,where:a,where:b"`
		Several   string `db:"n,sise:1,null,notnull,type:txt,ref:nowhere,ondelete:explode"`
		Capitals  string `db:"o,NULL,PK"`
	}
	mistakenContradictions struct {
		Null     string    `db:"a,null,notnull"`
		Key      string    `db:"b,pk,null"`
		Times    time.Time `db:"c,created,updated"`
		Auto     int64     `db:"d,auto"`
		Both     int64     `db:"e,pk,auto,default:1"`
		Types    string    `db:"f,type:decimal,sqltype:money"`
		Foreign  string    `db:"g,fk:x"`
		Action   string    `db:"h,ondelete:cascade,onupdate:cascade"`
		Scale    string    `db:"i,type:decimal,scale:2"`
		Scales   string    `db:"j,type:decimal,precision:2,scale:3"`
		Ref      string    `db:"k,ref:user"`
		RefName  string    `db:"l,ref:us er.id"`
		RefEmpty string    `db:"m,ref:.id"`
	}
	mistakenTypes struct {
		Channel   chan int            `db:"a"`
		Struct    Loose               `db:"b"`
		Map       map[string]int      `db:"c"`
		Slice     []string            `db:"d"`
		Any       any                 `db:"e"`
		Complex   complex128          `db:"f"`
		Array     [15]byte            `db:"g"`
		Pointers  **int               `db:"h"`
		NullNull  *sql.Null[int]      `db:"i"`
		TwoNulls  sql.Null[*int]      `db:"j"`
		NullChan  sql.Null[chan int]  `db:"k"`
		Value     onlyValue           `db:"l"`
		Scan      onlyScan            `db:"m"`
		Untyped   Stamp               `db:"n"`
		Pointed   *Stamp              `db:"o"`
		Unfit     bool                `db:"p,type:text"`
		UnfitText string              `db:"q,type:int64"`
		UnfitTime *time.Time          `db:"r,type:text"`
		Size      int                 `db:"s,size:5"`
		Precision float64             `db:"t,precision:5"`
		Sized     string              `db:"u,sqltype:citext,size:5"`
		Uintptr   uintptr             `db:"v"`
		Function  func()              `db:"w"`
		Nested    sql.Null[onlyValue] `db:"x"`
	}
	mistakenNames struct {
		Loose  `db:",prefix:"`
		Space  string `db:"a b"`
		Digit  string `db:"2x"`
		Dot    string `db:"a.b"`
		Quote  string `db:"a\"b"`
		Long   string `db:"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"`
		Été    string //nolint:asciicheck // that is the mistake
		Name   string `db:"name"`
		Again  string `db:"NAME"`
		Upper  string `db:"Upper"`
		Lower  string `db:"upper"`
		Second Loose  `db:",prefix:x-"`
	}
	mistakenRoles struct {
		Key      *int64              `db:"a,pk"`
		Maybe    sql.Null[int64]     `db:"b,pk"`
		One      int64               `db:"c,pk,auto"`
		Two      int32               `db:"d,pk,auto"`
		Time     time.Time           `db:"e,pk,auto"`
		JSON     Loose               `db:"f,pk,auto,json"`
		Text     Loose               `db:"g,pk,auto,json,type:text"`
		Own      Price               `db:"h,pk,auto,type:uuid"`
		OwnText  grade               `db:"i,pk,auto,type:text"`
		OwnInt   moment              `db:"j,pk,auto,type:int64"`
		Created  *time.Time          `db:"k,created"`
		Updated  string              `db:"l,updated"`
		Null     sql.Null[time.Time] `db:"m,created"`
		Lock     int32               `db:"n,lock"`
		First    int64               `db:"o,lock"`
		Second   int64               `db:"p,lock"`
		LockJSON int64               `db:"q,lock,json"`
		Gone     time.Time           `db:"r,softdelete"`
		GoneOwn  *moment             `db:"s,softdelete,type:time"`
		GoneOne  *time.Time          `db:"t,softdelete"`
		GoneTwo  *time.Time          `db:"u,softdelete"`
	}
	mistakenDefaults struct {
		Bool     bool           `db:"a,default:maybe"`
		Int      int            `db:"b,default:x"`
		Small    int8           `db:"c,default:128"`
		Unsigned uint           `db:"d,default:-1"`
		Large    uint64         `db:"e,default:9223372036854775808"`
		NaN      float64        `db:"f,default:NaN"`
		Inf      float32        `db:"g,default:-inf"`
		Huge     float32        `db:"h,default:1e39"`
		Time     time.Time      `db:"i,default:now"`
		UUID     uuid.UUID      `db:"j,default:x"`
		Null     sql.NullString `db:"k,default:x"`
		Bytes    []byte         `db:"l,default:x"`
		Duration time.Duration  `db:"m,default:5"`
		JSON     map[string]int `db:"n,json,default:x"`
		Own      moment         `db:"o,type:time,default:5"`
	}
	mistakenEmbeds struct {
		*Loose     `db:"a"`
		number     `db:"b"` //nolint:unused // it is a mistake
		time.Time  `db:"c,size:5"`
		Stamp      `db:"d"`
		unexported string          `db:"e"` //nolint:unused // it is a mistake
		Named      Loose           `db:"name,prefix:p_,null"`
		Pointer    *Loose          `db:",prefix:q_"`
		Scalar     int             `db:",prefix:r_"`
		Nothing    sync            `db:",prefix:s_"`
		Elsewhere  time.Time       `db:",prefix:t_"`
		Deep       struct{ Loose } `db:",prefix:p_"`
	}
	sync            struct{ _ int32 }
	mistakenObjects struct {
		ID     int64  `db:"id,pk"`
		Slug   string `db:"a,index:_a_idx"`
		Spaces string `db:"b,index:b idx"`
		Mixed  string `db:"c,index:mixed"`
		Mixed2 string `db:"d,unique:mixed"`
		Same   string `db:"e,index:x,index:x"`
		Table  string `db:"f,index:Case"`
		Key    string `db:"g,unique:case_pkey"`
		Where1 string `db:"h,unique:only,where:h > 1"`
		Where2 string `db:"i,unique:only,where:i > 1"`
		Ref1   int64  `db:"j,ref:order.a,fk:own,ondelete:cascade"`
		Ref2   int64  `db:"k,ref:order.b,fk:own,ondelete:restrict"`
		Ref3   int64  `db:"l,ref:other.b,fk:own"`
		Check  string `db:"m,check:m > 1,index:case_m_check"`
		Long   string `db:"n,index:a very long name of an index that no engine takes as it is"`
	}
	mistakenExtra struct {
		ID     int64  `db:"id,pk,auto"`
		Own    own    `db:"own,extra"`
		Twice  own    `db:"twice,extra"`
		Text   string `db:"text,extra"`
		Index  own    `db:"x,extra,index"`
		Bare   own    `db:"y"`
		Column string `db:"OWN"`
	}
	own           struct{ _ Extra }
	mistakenTable struct{ Name string }
	mistakenBare  struct {
		ID int64 `db:"id,pk,auto"`
	}
	mistakenEmpty  struct{ _ string }
	mistakenHidden struct {
		ID int64 `db:"-"`
	}
)

// TestMistakes compares every message with the golden file, which is to be read as a user would.
func TestMistakes(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, c := range []struct {
		of    reflect.Type
		table string
	}{
		{reflect.TypeFor[mistakenTags](), "case"},
		{reflect.TypeFor[mistakenContradictions](), "case"},
		{reflect.TypeFor[mistakenTypes](), "case"},
		{reflect.TypeFor[mistakenNames](), "case"},
		{reflect.TypeFor[mistakenRoles](), "case"},
		{reflect.TypeFor[mistakenDefaults](), "case"},
		{reflect.TypeFor[mistakenEmbeds](), "case"},
		{reflect.TypeFor[mistakenObjects](), "case"},
		{reflect.TypeFor[mistakenExtra](), "case"},
		{reflect.TypeFor[mistakenTable](), "_case"},
		{reflect.TypeFor[mistakenTable](), "my case"},
		{reflect.TypeFor[mistakenTable](), ""},
		{reflect.TypeFor[mistakenTable](), strings.Repeat("c", 64)},
		{reflect.TypeFor[mistakenTable](), "case"},
		{reflect.TypeFor[mistakenBare](), "case"},
		{reflect.TypeFor[mistakenEmpty](), "case"},
		{reflect.TypeFor[mistakenHidden](), "case"},
		{reflect.TypeFor[int](), "case"},
		{reflect.TypeFor[*mistakenBare](), "2"},
		{reflect.TypeFor[any](), "case"},
	} {
		s, mistakes := Compile(c.of, c.table)
		if s != nil || len(mistakes) == 0 {
			t.Errorf("%s compiled", c.of)
		}
		fmt.Fprintf(&text, "%s for table %q\n", c.of, c.table)
		for _, m := range mistakes {
			if m.Type != c.of || m.Problem == "" {
				t.Errorf("%+v", m)
			}
			fmt.Fprintf(&text, "  %s `%s`: %s\n", m.Field, m.Tag, m.Problem)
		}
		text.WriteByte('\n')
	}
	dialecttest.Golden(t, "testdata/mistakes.txt", text.String())
}

// TestEveryMistake: each field of these structs is reported, none hides another.
func TestEveryMistake(t *testing.T) {
	t.Parallel()
	good := map[string]bool{ // what the mistakes are made with
		"Name": true, "One": true, "First": true, "GoneOne": true, "ID": true, "Mixed": true, "Where1": true, "Ref1": true, "Ref3": true,
		"Slug": true, "Spaces": true, "Table": true, "Key": true, "Check": true, "Long": true, // reported for the table
	}
	for _, of := range []reflect.Type{
		reflect.TypeFor[mistakenTags](), reflect.TypeFor[mistakenContradictions](), reflect.TypeFor[mistakenTypes](),
		reflect.TypeFor[mistakenRoles](), reflect.TypeFor[mistakenDefaults](), reflect.TypeFor[mistakenObjects](),
	} {
		_, mistakes := Compile(of, "case")
		reported := map[string]bool{}
		for _, m := range mistakes {
			reported[m.Field] = true
		}
		for f := range of.Fields() {
			if !reported[f.Name] && !good[f.Name] {
				t.Errorf("%s.%s `%s` is not reported", of.Name(), f.Name, f.Tag)
			}
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, word := range Options() {
		if problem := new(tag).set(word, "", false, false); strings.Contains(problem, "unknown") {
			t.Errorf("option %q is listed and unknown", word)
		}
	}
	if problem := new(tag).set("other", "", false, false); !strings.Contains(problem, strings.Join(Options(), ", ")) {
		t.Errorf("an unknown option: %s", problem)
	}
}
