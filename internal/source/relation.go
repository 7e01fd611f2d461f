package source

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
)

// relation is one direction of a foreign key, or of a table that links two: how it is called, and what is
// written for it.
type relation struct {
	kind     string // BelongsTo, HasOne, HasMany or Through
	name     string // of the variable
	field    string
	from, to *entity
	pairs    [][2]*column // which are equal: of the row, and of the related row
	by       [2]string    // of a Through: the relations to the table between and from there
}

func (r relation) fieldType() string {
	if r.kind == "HasMany" || r.kind == "Through" {
		return "[]" + r.to.goType
	}
	return "*" + r.to.goType
}

// expression is what makes the relation.
func (r relation) expression() string {
	var text strings.Builder
	made := r.by
	if r.kind != "Through" {
		made = [2]string{r.pairs[0][0].handle, r.pairs[0][1].handle}
	}
	fmt.Fprintf(&text, "rowhouse.%s(%s, %s, func(r *%s) *%s { return &r.%s })",
		r.kind, made[0], made[1], r.from.goType, r.fieldType(), r.field)
	for _, pair := range r.pairs[min(1, len(r.pairs)):] {
		fmt.Fprintf(&text, ".On(%s, %s)", pair[0].handle, pair[1].handle)
	}
	return text.String()
}

// relate names the relations of all foreign keys, after everything that is there without them.
func (p *printer) relate() {
	for _, e := range p.entities {
		var both [][2]relation
		for _, k := range e.table.ForeignKeys {
			at := slices.IndexFunc(p.entities, func(to *entity) bool { return to.table.Name == k.Table })
			if at >= 0 {
				both = append(both, p.reference(e, p.entities[at], k))
			}
		}
		if len(both) == 2 && links(e.table) {
			p.through(both[0], both[1])
			p.through(both[1], both[0])
		}
	}
	for _, e := range p.entities {
		slices.SortStableFunc(e.relations, byName)
	}
}

// links reports a table that links two others: its key is that of both.
func links(t *dialect.Table) bool {
	var columns []string
	for _, k := range t.ForeignKeys {
		columns = append(columns, k.Columns...)
	}
	slices.Sort(columns)
	return len(t.ForeignKeys) == 2 && slices.Equal(columns, slices.Sorted(slices.Values(t.PrimaryKey)))
}

// through leads from what one foreign key refers to, by the table between, to what the other does.
func (p *printer) through(one, other [2]relation) {
	back, there := one[1], other[0]
	field := plural(there.to.goType)
	if there.to == back.from {
		field += "By" + there.field
	}
	p.add(relation{kind: "Through", from: back.from, to: there.to, by: [2]string{back.name, there.name}}, field)
}

// reference adds the relations of a foreign key: of the row that refers to another, and of the other.
func (p *printer) reference(from, to *entity, k dialect.ForeignKey) [2]relation {
	there := relation{kind: "BelongsTo", from: from, to: to}
	back := relation{kind: "HasMany", from: to, to: from}
	for i, name := range k.Columns {
		own, their := from.column(name), to.column(k.References[i])
		there.pairs = append(there.pairs, [2]*column{own, their})
		back.pairs = append(back.pairs, [2]*column{their, own})
	}
	role := roleOf(k, from, to)
	backField := plural(from.goType)
	if isUnique(from.table, k.Columns) {
		back.kind, backField = "HasOne", from.goType
	}
	if from == to || several(from, to) {
		backField += "By" + role
	}
	return [2]relation{p.add(there, role), p.add(back, backField)}
}

func (p *printer) add(r relation, field string) relation {
	if r.from.fields[field] {
		field += r.to.goType
	}
	r.field = r.from.fields.take(field)
	r.name = p.taken.take(r.from.goType + r.field)
	r.from.relations = append(r.from.relations, r)
	return r
}

// roleOf is what the row is that a foreign key refers to: author, by the column author_id, or what its
// type is.
func roleOf(k dialect.ForeignKey, from, to *entity) string {
	switch {
	case len(k.Columns) > 1 && from == to:
		return "Parent"
	case len(k.Columns) > 1:
		return to.goType
	}
	for _, suffix := range []string{"_id", "ID", "Id", "_fk", "_key"} {
		if role, is := strings.CutSuffix(k.Columns[0], suffix); is && role != "" {
			return goName(role)
		}
	}
	return goName(k.Columns[0])
}

// several reports whether there are several foreign keys from one table to another.
func several(from, to *entity) bool {
	n := 0
	for _, k := range from.table.ForeignKeys {
		if k.Table == to.table.Name {
			n++
		}
	}
	return n > 1
}

// isUnique reports whether no two rows are equal in the columns.
func isUnique(t *dialect.Table, columns []string) bool {
	equal := func(key []string) bool {
		return len(key) == len(columns) && !slices.ContainsFunc(key, func(c string) bool { return !slices.Contains(columns, c) })
	}
	return equal(t.PrimaryKey) || slices.ContainsFunc(t.Indexes, func(x dialect.Index) bool {
		return x.Unique && x.Where == "" && equal(x.Columns)
	})
}

// relations prints the variables.
func (p *printer) relations() {
	var all []relation
	for _, e := range p.entities {
		all = append(all, e.relations...)
	}
	if len(all) == 0 {
		return
	}
	p.linef("// These are the relations, which follow the foreign keys.")
	p.linef("var (")
	for _, r := range all {
		p.linef("%s = %s", r.name, r.expression())
	}
	p.linef(")\n")
}
