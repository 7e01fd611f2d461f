package fleet

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/dialect/mysql"
	"github.com/rowhouse/rowhouse/dialect/postgres"
	"github.com/rowhouse/rowhouse/dialect/sqlite"
)

var update = flag.Bool("update", false, "write testdata instead of comparing with it")

type everyKind struct {
	ID      int64      `db:"id,pk,auto"`
	Yes     bool       `db:"yes,default:true"`
	Small   int16      `db:"small,default:-1"`
	Medium  int32      `db:"medium"`
	Real    float32    `db:"real"`
	Double  float64    `db:"double,default:0.5"`
	Price   string     `db:"price,type:decimal,precision:12,scale:2"`
	Exact   string     `db:"exact,type:decimal"`
	Short   string     `db:"short,size:40,default:'it''s \\ \"a\" (default), ok?'"`
	Long    string     `db:"long"`
	Keyed   string     `db:"keyed,index"`
	Blob    []byte     `db:"blob"`
	At      time.Time  `db:"at,created"`
	Gone    *time.Time `db:"gone"`
	UUID    [16]byte   `db:"uuid,index:every_kind_both"`
	Both    int64      `db:"both,index:every_kind_both"`
	Doc     []string   `db:"doc,json"`
	Checked int        `db:"checked,check:'(checked > 0) OR (checked < -1)'"`
}

type node struct {
	Tree   string `db:"tree,pk,size:20"`
	Number int64  `db:"number,pk"`
	Up     *int64 `db:"up"`
}

type edge struct {
	ID   [16]byte `db:"id,pk,auto"`
	Tree string   `db:"tree,size:20,fk:edge_from,ref:node.tree,ondelete:cascade,onupdate:restrict"`
	From int64    `db:"from,fk:edge_from,ref:node.number"`
	Next *string  `db:"next,size:40,ref:label.text"`
}

type label struct {
	Text  string   `db:"text,pk,size:40"`
	Owner int64    `db:"owner,ref:every_kind.id"`
	First [16]byte `db:"first,ref:edge.id,unique"`
}

type partial struct {
	ID   int32   `db:"id,pk,auto"`
	Open *string `db:"open,size:20,unique:partial_open,where:'open IS NOT NULL AND open <> '''''"`
}

type raw struct {
	ID    int64  `db:"id,pk"`
	Words string `db:"words,sqltype:'varchar(30) COLLATE \"C\"'"`
}

// goldens are the models of the golden files; a model refers to one that comes later.
func goldens(d dialect.Dialect) []rowhouse.AnyModel {
	models := rowhouse.Models(
		rowhouse.MustDefine[edge]("edge"), rowhouse.MustDefine[label]("label"),
		rowhouse.MustDefine[node]("node"), rowhouse.MustDefine[everyKind]("every_kind"),
	)
	if d.Has(dialect.PartialIndex) {
		models = append(models, rowhouse.MustDefine[partial]("partial"))
	}
	if d.Name() == "postgres" {
		models = append(models, rowhouse.MustDefine[raw]("raw"))
	}
	return models
}

var dialects = []dialect.Dialect{postgres.Dialect{}, mysql.Dialect{}, mysql.Dialect{MariaDB: true}, sqlite.Dialect{}}

func tablesOf(models []rowhouse.AnyModel, wall string) (tables []dialect.Table) {
	for _, m := range models {
		t := m.Table()
		if wall != "" {
			t = *t.Walled(dialect.Column{Name: wall, Type: dialect.Type{Kind: dialect.Text, Size: 63}, Keyed: true})
		}
		tables = append(tables, t)
	}
	return tables
}

func TestGoldens(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		home := map[string]string{"postgres": "public", "sqlite": "main"}[d.Name()]
		if home == "" {
			home = "app"
		}
		for name, c := range map[string]struct {
			wall  string
			names dialect.Names
		}{
			"prefix": {"", dialect.Names{Qualifier: dialect.Qualify(d, home), Prefix: "42_"}},
			"schema": {"", dialect.Names{Qualifier: dialect.Qualify(d, `we"ird`)}},
			"shared": {"tenant_id", dialect.Names{Qualifier: dialect.Qualify(d, home)}},
			"long":   {"", dialect.Names{Qualifier: dialect.Qualify(d, home), Prefix: strings.Repeat("0123456789", 6) + "_"}},
		} {
			t.Run(d.Name()+"/"+name, func(t *testing.T) {
				t.Parallel()
				p, err := newPlan(d, tablesOf(goldens(d), c.wall), c.wall, commons{})
				if err != nil {
					t.Fatal(err)
				}
				golden(t, filepath.Join("testdata", d.Name(), name+".sql"), script(p, c.names))
			})
		}
	}
}

// script is all that a plan can do, as text.
func script(p *plan, n dialect.Names) string {
	var lines []string
	if p.wall == "" && n.Prefix == "" && p.d.Name() != "sqlite" {
		lines = append(lines, createSchema(p.d, `we"ird`))
	}
	for _, st := range p.steps {
		lines = append(lines, st.text.stamp(p.d, n))
	}
	if p.wall != "" && p.d.Has(dialect.RowSecurity) {
		lines = append(lines, secureTable(p, n, "node")...)
	}
	s := &site{p: p, names: n}
	all := map[string]bool{}
	for _, t := range p.tables {
		all[t.Name] = true
	}
	if p.wall != "" {
		lines = append(lines, s.deletions(all)...)
	} else {
		for _, r := range p.against {
			if isMySQL(p.d) {
				lines = append(lines, dropReference(p.d, n, r.table, r.key.Name))
			}
		}
		lines = append(lines, dropTables(p, n)...)
		if n.Prefix == "" && p.d.Name() != "sqlite" {
			lines = append(lines, dropSchema(p.d, `we"ird`))
		}
	}
	return strings.Join(lines, ";\n") + ";\n"
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run with -update", err)
	}
	if got != string(want) {
		t.Errorf("%s: run with -update if this is intended\n%s", path, got)
	}
}

// BenchmarkPlan is the planning of five models, once for all tenants, and BenchmarkStamp what is
// left to do for each of them.
func BenchmarkPlan(b *testing.B) {
	d := postgres.Dialect{}
	tables := tablesOf(goldens(d)[:5], "")
	for b.Loop() {
		if _, err := newPlan(d, tables, "", commons{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStamp(b *testing.B) {
	d := postgres.Dialect{}
	p, err := newPlan(d, tablesOf(goldens(d)[:5], ""), "", commons{})
	if err != nil {
		b.Fatal(err)
	}
	names := dialect.Names{Qualifier: dialect.Qualify(d, "public"), Prefix: "42_"}
	for b.Loop() {
		for _, st := range p.steps {
			_ = st.text.stamp(d, names)
		}
	}
}
