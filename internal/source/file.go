// Package source prints tables as Go source: structs with tags, their models, handles on their columns
// and the relations between them.
package source

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"go/token"
	"slices"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
)

// File is what is printed.
type File struct {
	Package string
	Tables  []dialect.Table
	Remarks []string // about the file, which come first in it
}

// Print returns the file as gofmt has it. What it says, once it is compiled, defines the tables that it
// was made of.
func Print(f File) ([]byte, error) {
	if err := CheckPackage(f.Package); err != nil {
		return nil, err
	}
	p := &printer{taken: names{}}
	for i := range f.Tables {
		p.entities = append(p.entities, p.entity(&f.Tables[i]))
	}
	for _, e := range p.entities {
		p.columns(e)
	}
	p.relate()
	p.print(f)
	text, err := format.Source(p.b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("the source is not Go, which is a mistake of this program: %w", err)
	}
	return text, nil
}

// CheckPackage returns what is wrong with the name of a package.
func CheckPackage(name string) error {
	if !token.IsIdentifier(name) || name == "main" || name == "_" {
		return fmt.Errorf("%q cannot be the name of the package: a name is a Go identifier, and main is a program's", name)
	}
	return nil
}

// entity is a table with its names in Go.
type entity struct {
	table     *dialect.Table
	goType    string
	model     string // the variable
	fields    names
	columns   []column
	relations []relation
}

// column is a field and the handle on it.
type column struct {
	*dialect.Column
	field, handle, goType string
	pointer               bool // the field is a pointer
}

func (e *entity) column(name string) *column {
	at := slices.IndexFunc(e.columns, func(c column) bool { return c.Name == name })
	return &e.columns[at]
}

type printer struct {
	b        bytes.Buffer
	taken    names // of the package
	entities []*entity
}

func (p *printer) entity(t *dialect.Table) *entity {
	e := &entity{table: t, fields: names{}}
	e.goType = p.taken.take(singular(goName(t.Name)))
	e.model = p.taken.take(plural(e.goType))
	return e
}

func (p *printer) columns(e *entity) {
	for i := range e.table.Columns {
		c := column{Column: &e.table.Columns[i]}
		c.goType, c.pointer = goType(c.Column)
		c.field = e.fields.take(goName(c.Name))
		c.handle = p.taken.take(e.goType + c.field)
		e.columns = append(e.columns, c)
	}
}

func (p *printer) linef(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

func (p *printer) print(f File) {
	p.linef("// Package %s has the models of tables that exist: rowhouse reflect has read them. It is a beginning, and yours", f.Package)
	p.linef("// to change.")
	for i, remark := range f.Remarks {
		if i == 0 {
			p.linef("//\n// What the database has and the models do not say:")
		}
		p.linef("//   - %s", strings.Join(strings.Fields(remark), " "))
	}
	p.linef("package %s\n", f.Package)
	p.imports()
	for _, e := range p.entities {
		p.structure(e)
		p.variables(e)
	}
	p.relations()
	p.models()
}

// imports are those that the fields' types need, and the library.
func (p *printer) imports() {
	needs := map[string]bool{}
	for _, e := range p.entities {
		for _, c := range e.columns {
			needs[packageOf(c.goType)] = true
		}
	}
	p.linef("import (")
	for _, path := range []string{"encoding/json", "time"} {
		if needs[path] {
			p.linef("%q", path)
		}
	}
	p.linef("")
	if needs["github.com/google/uuid"] {
		p.linef("%q\n", "github.com/google/uuid")
	}
	p.linef("%q\n)\n", "github.com/rowhouse/rowhouse")
}

func (p *printer) structure(e *entity) {
	p.linef("// %s is a row of %s.", e.goType, e.table.Name)
	p.linef("type %s struct {", e.goType)
	tags := tagsOf(e.table)
	for _, c := range e.columns {
		p.linef("%s %s %s", c.field, c.goType, literal(tags[c.Name]))
	}
	for _, r := range e.relations {
		p.linef("%s %s `db:\"-\"` // by %s", r.field, r.fieldType(), r.name)
	}
	p.linef("}\n")
}

func (p *printer) variables(e *entity) {
	p.linef("// %s is the model of %s; the others are its columns.", e.model, e.goType)
	p.linef("var (")
	p.linef("%s = rowhouse.MustDefine[%s](%q)", e.model, e.goType, e.table.Name)
	for _, c := range e.columns {
		fn := "Col"
		if c.pointer {
			fn = "Nullable"
		}
		p.linef("%s = rowhouse.%s(%s, func(r *%s) *%s { return &r.%s })", c.handle, fn, e.model, e.goType, c.goType, c.field)
	}
	p.linef(")\n")
}

// models lists all of them, for Options.Models.
func (p *printer) models() {
	list := make([]string, len(p.entities))
	for i, e := range p.entities {
		list[i] = e.model
	}
	name := p.taken.take("Models")
	p.linef("// %s returns all of them, for [rowhouse.Options].", name)
	p.linef("func %s() []rowhouse.AnyModel { return rowhouse.Models(%s) }", name, strings.Join(list, ", "))
}

// byName orders what is printed, so that the same tables give the same text.
func byName(a, b relation) int { return cmp.Compare(a.name, b.name) }
