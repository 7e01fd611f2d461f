package dialect_test

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/dialect/dialecttest"
	"github.com/rowhouse/rowhouse/dialect/postgres"
	"github.com/rowhouse/rowhouse/dialect/sqlite"
)

// TestFill compares Fill with replacing a mark, for random tables, names and conditions.
func TestFill(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom(dialects).Draw(t, "dialect")
		table := rapid.StringMatching(`[a-z][a-z_]{0,70}`).Draw(t, "table")
		names := dialect.Names{
			Qualifier: dialect.Qualify(d, rapid.String().Draw(t, "schema")),
			Prefix:    rapid.StringMatching(`([a-z0-9-]{1,9}_)?`).Draw(t, "prefix"),
		}
		template, err := dialect.Render(d, dialect.Setting{Wall: "wall"}, &dialect.Select{
			From: dialect.TableRef{Name: table}, Columns: []dialect.Expr{dialect.One{}},
			Where: dialecttest.Conditions().Draw(t, "where"), Limit: -1,
		})
		if err != nil {
			t.Fatal(err)
		}
		const mark = "\x00"
		marked := template.Fill(d, dialect.Names{Qualifier: mark})
		bare := dialect.Names{}.Table(d, table)
		if n := strings.Count(marked, mark+bare); n != 1 {
			t.Fatalf("%d slots for one table:\n%s", n, marked)
		}
		if got, want := template.Fill(d, names), strings.ReplaceAll(marked, mark+bare, names.Table(d, table)); got != want {
			t.Fatalf("Fill is\n%s\nreplacing gives\n%s", got, want)
		}
	})
}

// TestFillSeveralSlots: the numbered INSERT names its table twice.
func TestFillSeveralSlots(t *testing.T) {
	t.Parallel()
	d := sqlite.Dialect{}
	template, err := dialect.Render(d, dialect.Setting{Wall: "wall"}, &dialect.Insert{
		Into: dialect.TableRef{Name: "case"}, Columns: []string{"title"}, Sequence: "id",
		Rows: [][]dialect.Arg{{{Value: "x", Kind: dialect.Text}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	names := dialect.Names{Qualifier: `"s".`, Prefix: "42_"}
	if sql := template.Fill(d, names); strings.Count(sql, `"s"."42_case" AS "case"`) != 2 || strings.Count(sql, `"wall"`) != 2 {
		t.Error(sql)
	}
}

func TestFillAllocates(t *testing.T) {
	d := postgres.Dialect{}
	template, err := dialect.Render(d, dialect.Setting{}, &dialect.Select{
		From: dialect.TableRef{Name: "case"}, Columns: []dialect.Expr{dialect.One{}}, Limit: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	names := dialect.Names{Qualifier: `"public".`, Prefix: "42_"}
	if n := testing.AllocsPerRun(100, func() { _ = template.Fill(d, names) }); n > 1 {
		t.Errorf("Fill allocates %v times", n)
	}
}

func TestWalled(t *testing.T) {
	t.Parallel()
	table := dialect.Table{
		Name:       "line",
		Columns:    []dialect.Column{{Name: "id"}, {Name: "order_id"}},
		PrimaryKey: []string{"id"},
		Indexes: []dialect.Index{
			{Name: "u", Columns: []string{"order_id"}, Unique: true, Where: "id > 0"},
			{Name: "i", Columns: []string{"id", "order_id"}},
		},
		ForeignKeys: []dialect.ForeignKey{
			{Name: "f", Columns: []string{"order_id"}, Table: "order", References: []string{"id"}, OnDelete: "CASCADE"},
		},
		Checks: []dialect.Check{{Name: "c", Expr: "id > 0"}},
	}
	wall := dialect.Column{Name: "tenant_id", Type: dialect.Type{Kind: dialect.Text, Size: 63}, Keyed: true}
	want := dialect.Table{
		Name:       "line",
		Columns:    []dialect.Column{wall, {Name: "id"}, {Name: "order_id"}},
		PrimaryKey: []string{"tenant_id", "id"},
		Indexes: []dialect.Index{
			{Name: "u", Columns: []string{"tenant_id", "order_id"}, Unique: true, Where: "id > 0"},
			{Name: "i", Columns: []string{"tenant_id", "id", "order_id"}},
		},
		ForeignKeys: []dialect.ForeignKey{{
			Name: "f", Columns: []string{"tenant_id", "order_id"}, Table: "order", References: []string{"tenant_id", "id"}, OnDelete: "CASCADE",
		}},
		Checks: []dialect.Check{{Name: "c", Expr: "id > 0"}},
	}
	before := dialect.Table{
		Name: "line", Columns: []dialect.Column{{Name: "id"}, {Name: "order_id"}}, PrimaryKey: []string{"id"},
		Indexes: table.Indexes, ForeignKeys: table.ForeignKeys, Checks: table.Checks,
	}
	if got := table.Walled(wall); !reflect.DeepEqual(*got, want) {
		t.Errorf("walled:\n%+v\nwant\n%+v", *got, want)
	}
	if !reflect.DeepEqual(table, before) || table.Indexes[0].Columns[0] != "order_id" || table.ForeignKeys[0].Columns[0] != "order_id" {
		t.Errorf("Walled changed the table: %+v", table)
	}
	if got := table.Objects(); !reflect.DeepEqual(got, []string{"line", "line_pkey", "u", "i", "f", "c"}) {
		t.Errorf("objects: %v", got)
	}
	if c := table.Column("order_id"); c != &table.Columns[1] || table.Column("none") != nil {
		t.Errorf("Column: %v", c)
	}
}

func TestKind(t *testing.T) {
	t.Parallel()
	for name := range strings.FieldsSeq("bool int16 int32 int64 float32 float64 decimal text bytes time uuid json") {
		kind, ok := dialect.ParseKind(name)
		if !ok || kind == dialect.Other || kind.String() != name {
			t.Errorf("%q is %v, %v", name, kind, ok)
		}
	}
	for _, name := range []string{"", "other", "Text", "kind(3)"} {
		if kind, ok := dialect.ParseKind(name); ok || kind != dialect.Other {
			t.Errorf("%q is a kind: %v", name, kind)
		}
	}
	if got := dialect.Kind(99).String(); got != "kind(99)" {
		t.Errorf("kind 99 is %q", got)
	}
}
