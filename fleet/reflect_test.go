package fleet_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/fleet"
)

// text is tables as text, to compare.
func text(t *testing.T, tables any) string {
	t.Helper()
	b, err := json.MarshalIndent(tables, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			t.Fatalf("line %d is\n%s\nwant\n%s\nin\n%s", i, strings.Join(g[max(0, i-8):min(len(g), i+3)], "\n"),
				strings.Join(w[max(0, min(i, len(w))-8):min(len(w), i+3)], "\n"), got)
		}
	}
	t.Fatalf("it ends early: %s", got)
}

// reflectModels are models with everything that shared tables can have too.
var reflectModels = rowhouse.Models(Cases, Comments, Longs,
	rowhouse.MustDefine[Everything]("everything"), rowhouse.MustDefine[Node]("node"))

// places are where a tenant can be.
func places(h *home) map[string]rowhouse.Placement {
	return map[string]rowhouse.Placement{
		"prefix": rowhouse.Prefix(), "shared": rowhouse.Shared(),
		"schema": rowhouse.Schema(h.own + "_s"), "database": rowhouse.Database(h.own + "_d"),
	}
}

func openWith(t *testing.T, h *home, models []rowhouse.AnyModel) *fleet.Fleet {
	t.Helper()
	db, err := rowhouse.Open(t.Context(), h.drv, rowhouse.Options{Models: models, Freshness: freshness})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return fleet.New(db, fleet.Options{})
}

// TestReflectTenant: a tenant's tables are what its models say, wherever they are; only what the database
// writes in its own words may be otherwise.
func TestReflectTenant(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		f := openWith(t, h, reflectModels)
		for id, p := range places(h) {
			must(t, f.Provision(t.Context(), fleet.NewTenant{ID: id, Placement: p}))
			got, err := f.Reflect(t.Context(), id)
			must(t, err)
			if len(got.Remarks) > 0 {
				t.Errorf("%s: %v", id, got.Remarks)
			}
			equal(t, text(t, inWords(got.Tables)), text(t, inWords(tablesOf(reflectModels))))
		}
	})
}

// TestReflectShared reads shared tables, whose discriminator no model has, and leaves out what is not shared.
func TestReflectShared(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		f := openWith(t, h, reflectModels)
		must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "acme", Placement: rowhouse.Shared()}))
		got, err := fleet.Reflect(t.Context(), h.drv, fleet.Site{Discriminator: "tenant_id"})
		must(t, err)
		var names []string
		for _, table := range got.Tables {
			names = append(names, table.Name)
			if table.Column("tenant_id") != nil || slices.Contains(table.PrimaryKey, "tenant_id") {
				t.Errorf("%s has the discriminator", table.Name)
			}
			for _, x := range table.Indexes {
				if slices.Contains(x.Columns, "tenant_id") {
					t.Errorf("index %s has the discriminator", x.Name)
				}
			}
		}
		equal(t, strings.Join(names, " "), longModel+" case comment everything node")
		want := `"rowhouse_tenant": it is left out: it has no column "tenant_id"`
		if !strings.Contains(fmt.Sprint(got.Remarks), want) {
			t.Errorf("the remarks are %v", got.Remarks)
		}
	})
}

func tablesOf(models []rowhouse.AnyModel) (tables []dialect.Table) {
	for _, m := range models {
		tables = append(tables, m.Table())
	}
	return tables
}

// ownWords are what databases write of a check in their own ways.
var ownWords = strings.NewReplacer("`", "", `"`, "", "(", "", ")", "", "::text", "", "'-1'::integer", "-1")

// inWords has tables be comparable: without what the database says in its own words.
func inWords(tables []dialect.Table) []dialect.Table {
	tables = slices.Clone(tables)
	slices.SortFunc(tables, func(a, b dialect.Table) int { return strings.Compare(a.Name, b.Name) })
	for i := range tables {
		t := &tables[i]
		t.Columns = slices.Clone(t.Columns)
		t.Checks, t.Indexes, t.ForeignKeys = slices.Clone(t.Checks), slices.Clone(t.Indexes), slices.Clone(t.ForeignKeys)
		for j := range t.Checks {
			t.Checks[j].Expr = ownWords.Replace(strings.ToLower(t.Checks[j].Expr))
		}
		slices.SortFunc(t.Checks, func(a, b dialect.Check) int { return strings.Compare(a.Name, b.Name) })
		slices.SortFunc(t.Indexes, func(a, b dialect.Index) int { return strings.Compare(a.Name, b.Name) })
		slices.SortFunc(t.ForeignKeys, func(a, b dialect.ForeignKey) int { return strings.Compare(a.Name, b.Name) })
		for j := range t.Columns {
			t.Columns[j].Keyed = false
		}
	}
	return tables
}

// foreign has a home have the tables of a system that Rowhouse does not know, and some that nobody wants.
func foreign(t *testing.T, h *home) {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("testdata", "foreign", h.drv.Dialect().Name()+".sql"))
	must(t, err)
	db, err := h.drv.Open(t.Context(), "")
	must(t, err)
	for statement := range strings.SplitSeq(string(script), ";\n") {
		if strings.TrimSpace(statement) != "" {
			_, err := db.Exec(t.Context(), &driver.Statement{Text: statement, Write: true})
			must(t, err)
		}
	}
	must(t, db.Close())
}

// TestReflectForeign reads a system's tables, has the models that they make be a new tenant's, and reads
// that tenant's: the same. The golden file shows what is read, and what no model can say.
func TestReflectForeign(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		foreign(t, h)
		got, err := fleet.Reflect(t.Context(), h.drv, fleet.Site{Prefix: "app_"})
		must(t, err)
		golden(t, filepath.Join("testdata", h.drv.Dialect().Name(), "reflect.txt"), listing(got))
		var models []rowhouse.AnyModel
		for _, table := range got.Tables {
			m, err := rowhouse.DefineRecord(table)
			must(t, err)
			models = append(models, m)
		}
		f := openWith(t, h, models)
		for id, p := range places(h) {
			if p.Kind == rowhouse.InDatabase && h.drv.Dialect().Name() == "postgres" {
				continue // the enumeration is in the other database
			}
			if p.Kind == rowhouse.InShared {
				continue // a reference that is SET NULL cannot be in shared tables
			}
			must(t, f.Provision(t.Context(), fleet.NewTenant{ID: id, Placement: p}))
			again, err := f.Reflect(t.Context(), id)
			must(t, err)
			equal(t, text(t, inWords(again.Tables)), text(t, inWords(got.Tables)))
		}
	})
}

// listing shows a reflection: a line for each thing that a table has.
func listing(r *fleet.Reflection) string {
	var b strings.Builder
	for _, t := range r.Tables {
		fmt.Fprintf(&b, "%s %v\n", t.Name, t.PrimaryKey)
		for _, c := range t.Columns {
			fmt.Fprintf(&b, "\t%s %+v null:%v auto:%v default:%s %s\n", c.Name, c.Type, c.Null, c.Auto, c.Default, c.Role)
		}
		for _, x := range t.Indexes {
			fmt.Fprintf(&b, "\tindex %+v\n", x)
		}
		for _, k := range t.ForeignKeys {
			fmt.Fprintf(&b, "\tforeign key %+v\n", k)
		}
		for _, c := range t.Checks {
			fmt.Fprintf(&b, "\tcheck %+v\n", c)
		}
	}
	for _, remark := range r.Remarks {
		fmt.Fprintln(&b, remark)
	}
	return b.String()
}
