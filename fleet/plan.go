package fleet

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"

	"github.com/rowhouse/rowhouse/dialect"
)

// plan is how tables are made: statements with open names, worked out once for all tenants that
// look alike. It is immutable.
type plan struct {
	d       dialect.Dialect
	home    dialect.Names   // of the tables that all tenants share
	wall    string          // the discriminator, if the tables are shared
	tables  []dialect.Table // each after those that it refers to
	against []reference     // the references for which there is no such order
	steps   []step
}

// step is one statement of a plan.
type step struct {
	kind  stepKind
	table string // logical name of the table that it makes or is about
	name  string // logical name of the constraint, if it adds one
	text  template
}

type stepKind uint8

const (
	makesTable stepKind = iota + 1
	makesIndex
	addsReference
)

// newPlan has atlas plan the tables. Where there is a circle of references, those that close it
// are added by statements of their own, one each; SQLite takes a reference to a table that is
// yet to come.
func newPlan(d dialect.Dialect, tables []dialect.Table, wall string, common commons) (*plan, error) {
	e, err := engineOf(d)
	if err != nil {
		return nil, err
	}
	p := &plan{d: d, home: common.names, wall: wall}
	p.tables, p.against = inOrder(tables)
	c := &converter{d: d, e: e, wall: wall, tables: map[string]*schema.Table{}}
	if err := errors.Join(c.convert(common.tables, commonMark), c.convert(p.tables, "")); err != nil {
		return nil, err
	}
	later := map[string]bool{}
	if d.Name() != "sqlite" {
		for _, r := range p.against {
			later[r.key.Name] = true
		}
	}
	for i := range p.tables {
		if err := p.addTable(c, &p.tables[i], later); err != nil {
			return nil, err
		}
	}
	for _, r := range p.against {
		if !later[r.key.Name] {
			continue
		}
		if err := p.addReference(c, r); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *plan) addTable(c *converter, t *dialect.Table, later map[string]bool) error {
	to := c.tables[t.Name]
	for _, k := range t.ForeignKeys {
		if later[k.Name] {
			continue
		}
		key, err := c.foreignKey(reference{t.Name, k})
		if err != nil {
			return err
		}
		to.AddForeignKeys(key)
	}
	texts, err := p.ask(c, t.Name, &schema.AddTable{T: to})
	if err != nil {
		return err
	}
	for i, text := range texts {
		kind := makesIndex
		if i == 0 {
			kind = makesTable
		}
		if err := p.add(c, step{kind: kind, table: t.Name}, text); err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) addReference(c *converter, r reference) error {
	key, err := c.foreignKey(r)
	if err != nil {
		return err
	}
	texts, err := p.ask(c, r.table, &schema.ModifyTable{
		T: c.tables[r.table], Changes: []schema.Change{&schema.AddForeignKey{F: key}},
	})
	if err != nil {
		return err
	}
	for _, text := range texts {
		if err := p.add(c, step{kind: addsReference, table: r.table, name: r.key.Name}, text); err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) add(c *converter, st step, planned string) (err error) {
	st.text, err = p.parse(c, st.kind, st.table, planned)
	p.steps = append(p.steps, st)
	return err
}

// ask has atlas plan one change. It is asked for one at a time, so that it leaves the order be.
func (p *plan) ask(c *converter, table string, change schema.Change) ([]string, error) {
	qualifier := qualifierMark
	planned, err := c.e.planner.PlanChanges(context.Background(), table, []schema.Change{change},
		func(o *migrate.PlanOptions) { o.SchemaQualifier = &qualifier })
	if err != nil {
		return nil, fmt.Errorf("fleet: model %q: planning its table: %s", table, strings.ReplaceAll(err.Error(), nameMark, ""))
	}
	texts := make([]string, len(planned.Changes))
	for i, change := range planned.Changes {
		texts[i] = change.Cmd
	}
	return texts, nil
}

// parse makes a template of planned text, after it has said what atlas does not say: that the
// constraint which stands for PostgreSQL's primary key is one, and which file a SQLite index is
// in.
func (p *plan) parse(c *converter, kind stepKind, table, planned string) (template, error) {
	quoted := func(name string) string { return string(dialect.AppendQuoted(nil, c.e.quote, name)) }
	switch p.d.Name() {
	case "postgres":
		key := "CONSTRAINT " + quoted(marked(p.table(table).PrimaryKeyName()))
		planned = strings.Replace(planned, key+" UNIQUE", key+" PRIMARY KEY", 1)
	case "sqlite":
		if kind == makesIndex {
			planned = strings.Replace(planned, "INDEX ", "INDEX "+quoted(qualifierMark)+".", 1)
		}
	}
	t := parseTemplate(string(c.e.quote), p.settle(string(c.e.quote), planned))
	for i := range t {
		if strings.ContainsAny(t[i].text, nameMark+qualifierMark) {
			return nil, fmt.Errorf("fleet: model %q: planning its table: a name was not found again in %q", table, planned)
		}
		t[i].text = c.fill(t[i].text)
	}
	return t, nil
}

// settle names the tables that all tenants share: their names are the same for everybody.
func (p *plan) settle(quote, planned string) string {
	for {
		before, rest, found := strings.Cut(planned, quote+nameMark+commonMark)
		if !found {
			return planned
		}
		name, after, _ := strings.Cut(rest, nameMark+quote)
		names := dialect.Names{}
		if unqualified, is := strings.CutSuffix(before, quote+qualifierMark+quote+"."); is {
			before, names = unqualified, p.home
		}
		planned = before + names.Table(p.d, name) + after
	}
}

// table returns the table of that logical name.
func (p *plan) table(name string) *dialect.Table {
	for i := range p.tables {
		if p.tables[i].Name == name {
			return &p.tables[i]
		}
	}
	return nil
}

// template is text with open names.
type template []piece

// piece is some text, and a name after it.
type piece struct {
	text      string
	name      string // logical; "" at the end
	qualified bool
}

// parseTemplate takes the marked names, between quotes, out of planned text.
func parseTemplate(quote, planned string) (t template) {
	qualifier := quote + qualifierMark + quote + "."
	for {
		before, rest, found := strings.Cut(planned, quote+nameMark)
		if !found {
			return append(t, piece{text: before})
		}
		p := piece{}
		p.text, p.qualified = strings.CutSuffix(before, qualifier)
		p.name, planned, _ = strings.Cut(rest, nameMark+quote)
		t = append(t, p)
	}
}

// stamp fills the names in.
func (t template) stamp(d dialect.Dialect, names dialect.Names) string {
	var b strings.Builder
	bare := dialect.Names{Prefix: names.Prefix}
	for _, p := range t {
		b.WriteString(p.text)
		switch {
		case p.name == "":
		case p.qualified:
			b.WriteString(names.Table(d, p.name))
		default:
			b.WriteString(bare.Table(d, p.name))
		}
	}
	return b.String()
}
