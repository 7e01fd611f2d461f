package source

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"case_id": "CaseID", "createdAt": "CreatedAt", "CREATED_AT": "CreatedAt", "_2fa": "N2fa", "__": "X", "type": "Type",
		"http_url": "HTTPURL", "user_ids": "UserIDs", "x": "X", "func": "Func", "UserID": "UserID", "api2": "Api2", "a__b_": "AB",
	} {
		if got := goName(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for many, one := range map[string]string{
		"Cases": "Case", "Categories": "Category", "Boxes": "Box", "Addresses": "Address", "Status": "Status", "Address": "Address",
		"Analysis": "Analysis", "News": "News", "Data": "Data", "Is": "Is", "Churches": "Church", "Days": "Day",
	} {
		if got := singular(many); got != one {
			t.Errorf("one of %s is %s, want %s", many, got, one)
		}
	}
	for one, many := range map[string]string{
		"Case": "Cases", "Category": "Categories", "Box": "Boxes", "Day": "Days", "Status": "Statuses", "Data": "Datas",
	} {
		if got := plural(one); got != many {
			t.Errorf("many of %s are %s, want %s", one, got, many)
		}
	}
}

// TestClashes: names that Go would take for one are made different, whatever they are of.
func TestClashes(t *testing.T) {
	t.Parallel()
	text := dialect.Type{Kind: dialect.Int64}
	table := func(name string, columns ...string) dialect.Table {
		to := dialect.Table{Name: name, PrimaryKey: columns[:1]}
		for _, c := range columns {
			to.Columns = append(to.Columns, dialect.Column{Name: c, Type: text})
		}
		return to
	}
	cases := table("case", "id", "case_id", "a_b", "ab", "aB", "case")
	cases.ForeignKeys = []dialect.ForeignKey{{Name: "up", Columns: []string{"case_id"}, Table: "case", References: []string{"id"}}}
	printed, err := Print(File{Package: "p", Tables: []dialect.Table{
		cases, table("cases", "id"), table("case_id", "id"), table("case_i_d", "id"), table("model", "id"), table("models", "id"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^(?:type |func |\t)(\w+)(?: +=|\(\)| struct)`).FindAllStringSubmatch(string(printed), -1) {
		if declared[match[1]] {
			t.Errorf("%s is declared twice:\n%s", match[1], printed)
		}
		declared[match[1]] = true
	}
	if len(declared) < 20 {
		t.Errorf("%d names are declared", len(declared))
	}
}

func TestPackageNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "main", "_", "my-models", "type", "2fast"} {
		if _, err := Print(File{Package: name}); err == nil {
			t.Errorf("%q is taken for the name of a package", name)
		}
	}
}

// TestTagsSayAll: what is printed of any table, compiled, is the table.
func TestTagsSayAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawTable(t)
		fields := make([]reflect.StructField, len(want.Columns))
		tags := tagsOf(&want)
		for i, c := range want.Columns {
			of := model.TypeOf(c.Type)
			if _, pointer := goType(&c); pointer {
				of = reflect.PointerTo(of)
			}
			tag := literal(tags[c.Name])
			fields[i] = reflect.StructField{
				Name: fmt.Sprintf("F%d", i), Type: of, Tag: reflect.StructTag(unquoted(t, tag)),
			}
		}
		s, mistakes := model.Compile(reflect.StructOf(fields), want.Name)
		if len(mistakes) > 0 {
			t.Fatalf("%v\n%v", mistakes, tags)
		}
		got := s.Table
		sortTable(&got)
		for i := range got.Columns {
			got.Columns[i].Keyed = false
		}
		if text := fmt.Sprintf("%+v", got); text != fmt.Sprintf("%+v", want) {
			t.Fatalf("got  %s\nwant %+v\nof %v", text, want, tags)
		}
	})
}

func sortTable(t *dialect.Table) {
	slices.SortFunc(t.Indexes, func(a, b dialect.Index) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(t.ForeignKeys, func(a, b dialect.ForeignKey) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(t.Checks, func(a, b dialect.Check) int { return strings.Compare(a.Name, b.Name) })
}

func unquoted(t *rapid.T, literal string) string {
	var value string
	if _, err := fmt.Sscanf(literal, "%q", &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// drawTable draws a table of any columns, keys, indexes, references and checks.
func drawTable(t *rapid.T) dialect.Table {
	types := []dialect.Column{
		{Type: dialect.Type{Kind: dialect.Int64}, Default: "-3"},
		{Type: dialect.Type{Kind: dialect.Text, Size: 9}, Default: "'it''s, \"so\" `it` seems'"},
		{Type: dialect.Type{Kind: dialect.Text}, Default: "''"},
		{Type: dialect.Type{Kind: dialect.Decimal, Precision: 9, Scale: 2}},
		{Type: dialect.Type{Kind: dialect.Bytes, Size: 20}, Null: true},
		{Type: dialect.Type{Kind: dialect.JSON}, Null: true},
		{Type: dialect.Type{Kind: dialect.Time}, Role: dialect.RoleUpdated},
		{Type: dialect.Type{Kind: dialect.UUID}, Null: true},
		{Type: dialect.Type{Kind: dialect.Other, Raw: "enum('a','b''c')"}, Null: true},
		{Type: dialect.Type{Kind: dialect.Other, Raw: "bigint unsigned"}},
		{Type: dialect.Type{Kind: dialect.Float32}, Default: "0.5"},
		{Type: dialect.Type{Kind: dialect.Bool}, Default: "true"},
	}
	to := dialect.Table{Name: "t"}
	var names []string
	for i := range rapid.IntRange(2, 8).Draw(t, "columns") {
		c := rapid.SampledFrom(types).Draw(t, "type")
		c.Name = string(rune('a' + i))
		to.Columns, names = append(to.Columns, c), append(names, c.Name)
	}
	some := func(label string, from []string) []string {
		return rapid.Permutation(from).Draw(t, label)[:rapid.IntRange(1, len(from)).Draw(t, label+" n")]
	}
	var required []string
	for _, c := range to.Columns {
		if !c.Null {
			required = append(required, c.Name)
		}
	}
	if len(required) == 0 {
		to.Columns[0] = dialect.Column{Name: "a", Type: dialect.Type{Kind: dialect.Int64}}
		required = names[:1]
	}
	to.PrimaryKey = some("key", required)
	for i := range rapid.IntRange(0, 4).Draw(t, "indexes") {
		x := dialect.Index{Name: fmt.Sprintf("x%d", i), Columns: some("index", names), Unique: rapid.Bool().Draw(t, "unique")}
		x.Where = rapid.SampledFrom([]string{"", "a > 1, 2 OR b = '''x'''"}).Draw(t, "where")
		to.Indexes = append(to.Indexes, x)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "references") {
		k := dialect.ForeignKey{Name: fmt.Sprintf("k%d", i), Table: "u", Columns: some("reference", names)}
		for j := range k.Columns {
			k.References = append(k.References, fmt.Sprintf("r%d", j))
		}
		k.OnDelete = rapid.SampledFrom([]string{"", "CASCADE", "SET NULL"}).Draw(t, "delete")
		to.ForeignKeys = append(to.ForeignKeys, k)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "checks") {
		expr := rapid.SampledFrom([]string{"a > 0", "b <> '`'"}).Draw(t, "check")
		to.Checks = append(to.Checks, dialect.Check{Name: fmt.Sprintf("c%d", i), Expr: expr})
	}
	return to
}
