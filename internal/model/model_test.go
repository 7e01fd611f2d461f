package model

import (
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/dialect/dialecttest"
)

// compile compiles a struct that has no mistakes.
func compile[T any](tb testing.TB, table string) *Struct {
	tb.Helper()
	s, mistakes := Compile(reflect.TypeFor[T](), table)
	if len(mistakes) > 0 {
		tb.Fatalf("mistakes: %v", mistakes)
	}
	return s
}

// one compiles a key and one field of that type and tag.
func one(t reflect.Type, tag string) (*Struct, []Mistake) {
	return Compile(reflect.StructOf([]reflect.StructField{
		{Name: "ID", Type: reflect.TypeFor[int64](), Tag: `db:"id,pk"`},
		{Name: "V", Type: t, Tag: reflect.StructTag(fmt.Sprintf("db:%q", tag))},
	}), "case")
}

var tagCases = []struct {
	name string
	of   any
	tag  string
	want func(*dialect.Table)
}{
	{"nothing", "", "", func(*dialect.Table) {}},
	{"name", "", "title", func(t *dialect.Table) { t.Columns[1].Name = "title" }},
	{"name with spaces", "", " title ", func(t *dialect.Table) { t.Columns[1].Name = "title" }},
	{"size", "", ",size:40", func(t *dialect.Table) { t.Columns[1].Type.Size = 40 }},
	{"size of bytes", []byte{}, ",size:40", func(t *dialect.Table) { t.Columns[1].Type = dialect.Type{Kind: dialect.Bytes, Size: 40} }},
	{"type", "", ",type:decimal", func(t *dialect.Table) { t.Columns[1].Type.Kind = dialect.Decimal }},
	{"precision and scale", "", ",type:decimal,precision:12,scale:2", func(t *dialect.Table) {
		t.Columns[1].Type = dialect.Type{Kind: dialect.Decimal, Precision: 12, Scale: 2}
	}},
	{"precision, scale zero", 0.5, ",type:decimal,precision:12,scale:0", func(t *dialect.Table) {
		t.Columns[1].Type = dialect.Type{Kind: dialect.Decimal, Precision: 12}
	}},
	{"sqltype", "", ",sqltype:'enum(''a'',''b'')'", func(t *dialect.Table) {
		t.Columns[1].Type = dialect.Type{Kind: dialect.Other, Raw: "enum('a','b')"}
	}},
	{"null", "", ",null", func(t *dialect.Table) { t.Columns[1].Null = true }},
	{"notnull of a pointer", (*string)(nil), ",notnull", func(*dialect.Table) {}},
	{"pointer", (*string)(nil), "", func(t *dialect.Table) { t.Columns[1].Null = true }},
	{"spaces around an option", "", ", size : 40 , null ", func(t *dialect.Table) {
		t.Columns[1].Type.Size, t.Columns[1].Null = 40, true
	}},
	{"default", "", ",default:open", func(t *dialect.Table) { t.Columns[1].Default, t.Columns[1].Keyed = "'open'", true }},
	{"default in quotes", "", ",default:'it''s, or not'", func(t *dialect.Table) {
		t.Columns[1].Default, t.Columns[1].Keyed = "'it''s, or not'", true
	}},
	{"default of nothing", "", ",default:''", func(t *dialect.Table) { t.Columns[1].Default, t.Columns[1].Keyed = "''", true }},
	{"index", "", ",index", func(t *dialect.Table) { withIndex(t, dialect.Index{Name: "case_v_idx"}) }},
	{"named index", "", ",index:by_v", func(t *dialect.Table) { withIndex(t, dialect.Index{Name: "by_v"}) }},
	{"unique", "", ",unique", func(t *dialect.Table) { withIndex(t, dialect.Index{Name: "case_v_key", Unique: true}) }},
	{"named unique", "", ",unique:only_v", func(t *dialect.Table) { withIndex(t, dialect.Index{Name: "only_v", Unique: true}) }},
	{"partial unique", "", ",unique:only_v,where:'v <> ''a'', or so'", func(t *dialect.Table) {
		withIndex(t, dialect.Index{Name: "only_v", Unique: true, Where: "v <> 'a', or so"})
	}},
	{"several indexes", "", ",index,unique,where:v > 1,index:third,where:v > 2", func(t *dialect.Table) {
		withIndex(t, dialect.Index{Name: "case_v_idx"})
		withIndex(t, dialect.Index{Name: "case_v_key", Unique: true, Where: "v > 1"})
		withIndex(t, dialect.Index{Name: "third", Where: "v > 2"})
	}},
	{"check", "", ",check:v <> 'a,b'", func(t *dialect.Table) {
		t.Checks = []dialect.Check{{Name: "case_v_check", Expr: "v <> 'a,b'"}}
	}},
	{"check between quotes", "", ",check:'v <> ''x'''", func(t *dialect.Table) {
		t.Checks = []dialect.Check{{Name: "case_v_check", Expr: "v <> 'x'"}}
	}},
	{"check that begins and ends with quotes", "", ",check:'a' <> v or v = 'b'", func(t *dialect.Table) {
		t.Checks = []dialect.Check{{Name: "case_v_check", Expr: "'a' <> v or v = 'b'"}}
	}},
	{"ref", "", ",ref:user.id", func(t *dialect.Table) {
		withReference(t, dialect.ForeignKey{Name: "case_v_fkey"})
	}},
	{"ref with everything", "", ",ref:user.id,fk:own,ondelete:setnull,onupdate:cascade", func(t *dialect.Table) {
		withReference(t, dialect.ForeignKey{Name: "own", OnDelete: "SET NULL", OnUpdate: "CASCADE"})
	}},
	{"other actions", "", ",ref:user.id,ondelete:noaction,onupdate:restrict", func(t *dialect.Table) {
		withReference(t, dialect.ForeignKey{Name: "case_v_fkey", OnDelete: "NO ACTION", OnUpdate: "RESTRICT"})
	}},
	{"json", map[string]int{}, ",json", func(t *dialect.Table) { t.Columns[1].Type.Kind = dialect.JSON }},
	{"json as text", map[string]int{}, ",json,type:text", func(*dialect.Table) {}},
	{"lock", int64(0), ",lock", func(t *dialect.Table) {
		t.Columns[1].Type.Kind, t.Columns[1].Role = dialect.Int64, dialect.RoleLock
	}},
	{"created", time.Time{}, ",created", func(t *dialect.Table) {
		t.Columns[1].Type.Kind, t.Columns[1].Role = dialect.Time, dialect.RoleCreated
	}},
	{"updated", time.Time{}, ",updated", func(t *dialect.Table) {
		t.Columns[1].Type.Kind, t.Columns[1].Role = dialect.Time, dialect.RoleUpdated
	}},
	{"softdelete", (*time.Time)(nil), ",softdelete", func(t *dialect.Table) {
		c := &t.Columns[1]
		c.Type.Kind, c.Null, c.Role = dialect.Time, true, dialect.RoleSoftDelete
	}},
}

// TestTags says of each option what it makes of a column v beside the key.
func TestTags(t *testing.T) {
	t.Parallel()
	for _, c := range tagCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, mistakes := one(reflect.TypeOf(c.of), c.tag)
			if len(mistakes) > 0 {
				t.Fatal(mistakes)
			}
			want := dialect.Table{
				Name: "case",
				Columns: []dialect.Column{
					{Name: "id", Type: dialect.Type{Kind: dialect.Int64}, Keyed: true},
					{Name: "v", Type: dialect.Type{Kind: dialect.Text}},
				},
				PrimaryKey: []string{"id"},
			}
			c.want(&want)
			if !reflect.DeepEqual(s.Table, want) {
				t.Errorf("db:%q is\n%+v\nwant\n%+v", c.tag, s.Table, want)
			}
		})
	}
}

func withIndex(t *dialect.Table, x dialect.Index) {
	x.Columns = []string{"v"}
	t.Indexes = append(t.Indexes, x)
	t.Columns[1].Keyed = true
}

func withReference(t *dialect.Table, k dialect.ForeignKey) {
	k.Columns, k.Table, k.References = []string{"v"}, "user", []string{"id"}
	t.ForeignKeys = append(t.ForeignKeys, k)
	t.Columns[1].Keyed = true
}

type line struct {
	Region  string `db:"region,pk,size:8,index:by_product,ref:order.region,fk:line_order,ondelete:cascade"`
	Number  int64  `db:"number,pk,ref:order.number,fk:line_order"`
	Pos     int    `db:"pos,pk,unique:only"`
	Product string `db:"product,index:by_product,unique:only,where:'pos > 0'"`
}

// TestComposite: keys, indexes and references over several fields, in their order.
func TestComposite(t *testing.T) {
	t.Parallel()
	table := compile[line](t, "line").Table
	if want := []string{"region", "number", "pos"}; !slices.Equal(table.PrimaryKey, want) {
		t.Errorf("primary key %v, want %v", table.PrimaryKey, want)
	}
	indexes := []dialect.Index{
		{Name: "by_product", Columns: []string{"region", "product"}},
		{Name: "only", Columns: []string{"pos", "product"}, Unique: true, Where: "pos > 0"},
	}
	if !reflect.DeepEqual(table.Indexes, indexes) {
		t.Errorf("indexes %+v, want %+v", table.Indexes, indexes)
	}
	keys := []dialect.ForeignKey{{
		Name: "line_order", Columns: []string{"region", "number"}, Table: "order", References: []string{"region", "number"}, OnDelete: "CASCADE",
	}}
	if !reflect.DeepEqual(table.ForeignKeys, keys) {
		t.Errorf("foreign keys %+v, want %+v", table.ForeignKeys, keys)
	}
}

type ( // what models embed
	base struct {
		ID      int64     `db:"id,pk,auto"`
		Created time.Time `db:"created_at,created"`
	}
	address struct {
		Street string
		City   string `db:"city,index"`
		Geo    point  `db:",prefix:geo_"`
	}
	point   struct{ Lat, Lng float64 }
	Address struct{ Zip string }
)

func TestEmbedded(t *testing.T) {
	t.Parallel()
	type contact struct {
		base
		Address    `db:",prefix:at_"`
		Price      `db:"price,type:decimal"`
		time.Time  `db:"seen,null"`
		Name       string
		Work       address `db:",prefix:work_"`
		unexported int
		Left       chan int `db:"-"`
		note       string   `db:"-"`
	}
	var c contact
	c.unexported, c.note = 1, "" // which no compiler of ours looks at
	s := compile[contact](t, "contact")
	type field struct {
		name, column string
		offset       uintptr
	}
	want := []field{
		{"base.ID", "id", reflect.TypeOf(c).Field(0).Offset},
		{"base.Created", "created_at", 8},
		{"Address.Zip", "at_zip", offset(&c, &c.Zip)},
		{"Price", "price", offset(&c, &c.Price)},
		{"Time", "seen", offset(&c, &c.Time)},
		{"Name", "name", offset(&c, &c.Name)},
		{"Work.Street", "work_street", offset(&c, &c.Work.Street)},
		{"Work.City", "work_city", offset(&c, &c.Work.City)},
		{"Work.Geo.Lat", "work_geo_lat", offset(&c, &c.Work.Geo.Lat)},
		{"Work.Geo.Lng", "work_geo_lng", offset(&c, &c.Work.Geo.Lng)},
	}
	got := make([]field, len(s.Fields))
	for i, f := range s.Fields {
		got[i] = field{f.Name, f.Column, f.Offset}
	}
	if !slices.Equal(got, want) {
		t.Errorf("fields\n%v\nwant\n%v", got, want)
	}
	if s.Auto != 0 || !slices.Equal(s.Created, []int{1}) || s.Table.Indexes[0].Name != "contact_work_city_idx" {
		t.Errorf("roles: %+v", s)
	}
	for i, f := range s.Fields {
		if s.Position(f.Column) != i || s.FieldAt(f.Offset, f.Type) != i {
			t.Errorf("column %s is not found where it is", f.Column)
		}
	}
	if s.Position("none") != -1 || s.FieldAt(0, reflect.TypeFor[string]()) != -1 || s.FieldAt(1, reflect.TypeFor[int64]()) != -1 {
		t.Error("what is not there is found")
	}
}

func offset[S, F any](s *S, f *F) uintptr {
	return reflect.ValueOf(f).Pointer() - reflect.ValueOf(s).Pointer()
}

func TestRoles(t *testing.T) {
	t.Parallel()
	type row struct {
		Version int64               `db:"version,lock"`
		Key     string              `db:"key,pk,auto"`
		Number  int32               `db:"number,pk,auto"`
		ID      uuid.UUID           `db:"id,pk,auto"`
		Made    time.Time           `db:"made,created"`
		Changed time.Time           `db:"changed,updated,null"`
		Gone    sql.Null[time.Time] `db:"gone,softdelete"`
		State   string              `db:"state,default:new"`
	}
	s := compile[row](t, "case")
	if !slices.Equal(s.Key, []int{1, 2, 3}) || !slices.Equal(s.Made, []int{1, 3}) || s.Auto != 2 || s.Lock != 0 ||
		s.SoftDelete != 6 || !slices.Equal(s.Created, []int{4}) || !slices.Equal(s.Updated, []int{5}) || !slices.Equal(s.Defaulted, []int{7}) {
		t.Errorf("%+v", s)
	}
	for i, c := range s.Table.Columns {
		if c.Auto != (i == 2) {
			t.Errorf("column %s: auto %v", c.Name, c.Auto)
		}
	}
	bare := compile[struct {
		ID   int64      `db:"id,pk"`
		Gone *time.Time `db:",softdelete"`
	}](t, "case")
	if bare.Auto != -1 || bare.Lock != -1 || bare.SoftDelete != 1 || bare.Made != nil || bare.Created != nil {
		t.Errorf("%+v", bare)
	}
}

func TestSnake(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"ID": "id", "Name": "name", "CreatedAt": "created_at", "UserID": "user_id", "HTTPStatus": "http_status",
		"IDs": "i_ds", "A": "a", "AB": "ab", "ABc": "a_bc", "Address2Line": "address2_line", "SHA256": "sha256",
		"SHA256Sum": "sha256_sum", "Snake_case": "snake_case", "V1": "v1", "ÉtéNom": "été_nom",
	} {
		if got := snake(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxName)
	for _, c := range []struct {
		name           string
		column, object bool // is good as one
	}{
		{"case", true, true},
		{"Case_2", true, true},
		{long, true, true},
		{"_x", true, false},
		{"", false, false},
		{"2x", false, false},
		{"a b", false, false},
		{"a-b", false, false},
		{"a.b", false, false},
		{`a"`, false, false},
		{"é", false, false},
		{"a\x00", false, false},
		{"a~b", false, false},
		{"a$", false, false},
		{long + "x", false, true},
		{long + " ", false, false},
	} {
		if got := badName(c.name); (got == "") != c.column {
			t.Errorf("as a column, %q %s", c.name, got)
		}
		if got := badObject(c.name); (got == "") != c.object {
			t.Errorf("as an index, %q %s", c.name, got)
		}
	}
}

// TestLongObjects: what is too long for an engine is shortened when it becomes a physical name,
// and no mistake.
func TestLongObjects(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("c", 60)
	s, mistakes := one(reflect.TypeFor[string](), long+",index,unique:"+strings.Repeat("u", 80))
	if len(mistakes) > 0 || s.Table.Indexes[0].Name != "case_"+long+"_idx" {
		t.Errorf("%v %v", s, mistakes)
	}
}

func FuzzTag(f *testing.F) {
	for _, seed := range []string{
		"", "id,pk,auto", "a,size:200,index:x,unique:y,where:'z > 1'", ",default:''", "a,default:'it''s'", "a,check:'", ",,",
		"x,type:decimal,precision:5,scale:9", "x,ref:a.b,fk:c,ondelete:cascade", "x,prefix:p", "x,json,null,notnull", "é", "a,index,index",
	} {
		f.Add(seed)
	}
	types := []reflect.Type{
		reflect.TypeFor[string](), reflect.TypeFor[int64](), reflect.TypeFor[*time.Time](), reflect.TypeFor[[]byte](),
		reflect.TypeFor[uuid.UUID](), reflect.TypeFor[point](), reflect.TypeFor[sql.NullInt32](), reflect.TypeFor[float32](),
	}
	f.Fuzz(func(t *testing.T, tag string) {
		for _, of := range types {
			s, mistakes := one(of, tag)
			if (s == nil) != (len(mistakes) > 0) {
				t.Fatalf("db:%q on a %s: %v, %v", tag, of, s, mistakes)
			}
			if s != nil {
				checkSound(t, s)
			}
		}
	})
}

// checkSound checks what is so of every struct that compiled.
func checkSound(t *testing.T, s *Struct) {
	if len(s.Fields) != len(s.Table.Columns) || len(s.Key) == 0 {
		t.Fatalf("%+v", s)
	}
	for i, c := range s.Table.Columns {
		if c.Name != s.Fields[i].Column || badName(c.Name) != "" || s.Position(c.Name) != i {
			t.Fatalf("column %d is %q, field %q", i, c.Name, s.Fields[i].Column)
		}
		if c.Default != "" {
			if _, err := dialecttest.Tokens(c.Default); err != nil {
				t.Fatalf("default %s: %v", c.Default, err)
			}
		}
	}
	for _, name := range s.Table.Objects() {
		if badObject(name) != "" {
			t.Fatalf("object %q", name)
		}
	}
	for _, x := range s.Table.Indexes {
		for _, c := range x.Columns {
			if s.Position(c) < 0 {
				t.Fatalf("index %q has no column %q", x.Name, c)
			}
		}
	}
}

func TestTagText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		parts []string
		ok    bool
	}{
		{"", []string{""}, true},
		{"a,b,c", []string{"a", "b", "c"}, true},
		{"a,b:'x,y',c", []string{"a", "b:'x,y'", "c"}, true},
		{"a,b:'x'',y'", []string{"a", "b:'x'',y'"}, true},
		{"a,b:x = 'p,q',c", []string{"a", "b:x = 'p,q'", "c"}, true},
		{"a,b:x in ('p','q')", []string{"a", "b:x in ('p'", "'q')"}, true}, // wants quotes around it
		{"a,'", []string{"a", "'"}, false},
		{",", []string{"", ""}, true},
	} {
		if parts, ok := splitTag(c.text); ok != c.ok || !slices.Equal(parts, c.parts) {
			t.Errorf("%q splits into %q, %v; want %q, %v", c.text, parts, ok, c.parts, c.ok)
		}
	}
	for text, want := range map[string]string{
		"": "", "a": "a", "'a'": "a", "'a''b'": "a'b", "''": "", "'": "'", "'a": "'a", "a'": "a'", "''''": "'", "'a' = 'b'": "'a' = 'b'",
	} {
		if got, quoted := unquote(text); got != want || quoted != (got != text) {
			t.Errorf("%q unquoted is %q, %v; want %q", text, got, quoted, want)
		}
	}
}
