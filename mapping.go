package rowhouse

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// mapping is a model in one dialect, walled by a discriminator or not: the texts of its
// statements with open table slots. It is immutable and shared by every tenant that looks alike;
// placements by prefix, schema and database differ in the names alone and so share one.
type mapping struct {
	behavior
	s       *model.Struct
	d       dialect.Dialect
	table   *dialect.Table // with the discriminator, if there is a wall
	ref     dialect.TableRef
	set     dialect.Setting
	columns []dialect.Expr // of the struct, in order
	kinds   []dialect.Kind

	get        *dialect.Template
	getDeleted *dialect.Template // also rows that are softly deleted
	insert     *dialect.Template // every column given
	insertAuto *dialect.Template // the key made by the database
	update     *dialect.Template

	insertMany     *dialect.Template // insert with lists, or nil
	insertManyAuto *dialect.Template // insertAuto with lists
	copy           *dialect.Template // or nil

	delete     *dialect.Template
	softDelete *dialect.Template

	upserts *sync.Map // of *upsertTexts by upsertKey, each written when it is asked for first
}

func newMapping(s *model.Struct, d dialect.Dialect, table *dialect.Table, set dialect.Setting, b *behavior) (*mapping, error) {
	m := &mapping{s: s, d: d, table: table, ref: table.Ref(), set: set}
	if b != nil {
		m.behavior = *b
	}
	if set.Wall != "" && !s.Table.Common {
		if s.Position(set.Wall) >= 0 {
			return nil, fmt.Errorf("rowhouse: model %q has a column %q itself; name the discriminator otherwise (Options.Discriminator)",
				s.Table.Name, set.Wall)
		}
		if s.Slot != nil && strings.EqualFold(set.Wall, s.Slot.Document) {
			return nil, fmt.Errorf("rowhouse: model %q has tenants' own columns in a column %q, which is the discriminator; "+
				"name the one or the other otherwise (Options.Discriminator)", s.Table.Name, set.Wall)
		}
		m.table = table.Walled(discriminatorColumn(set.Wall))
		if s.Slot != nil {
			m.table.Columns = append(m.table.Columns, documentColumn(s.Slot.Document))
		}
	}
	m.list()
	return m, m.render()
}

// list lists the columns of the struct.
func (m *mapping) list() {
	for i := range m.s.Fields {
		m.columns = append(m.columns, m.column(i))
		m.kinds = append(m.kinds, m.s.Fields[i].Codec.Type.Kind)
	}
}

// documentColumn is the column of a shared table that has the columns which tenants have of their own.
func documentColumn(name string) dialect.Column {
	return dialect.Column{Name: name, Type: dialect.Type{Kind: dialect.JSON}, Null: true}
}

func discriminatorColumn(name string) dialect.Column {
	return dialect.Column{Name: name, Type: dialect.Type{Kind: dialect.Text, Size: maxTenant}, Keyed: true}
}

func (m *mapping) column(at int) dialect.Expr {
	return dialect.Ref{Table: m.ref.Name, Column: m.s.Fields[at].Column}
}

// text writes a statement as the mapping's tables want it.
func (m *mapping) text(st dialect.Statement) (*dialect.Template, error) {
	t, err := dialect.Render(m.d, m.set, st)
	switch {
	case errors.Is(err, dialect.ErrSymbols):
		return nil, &StatementError{Reason: ErrUnsupported, message: err.Error()}
	case errors.Is(err, dialect.ErrNoGuard):
		return nil, invalid("Without: %v", err)
	case errors.Is(err, dialect.ErrTooManyArgs):
		return nil, invalid("%v; ask for some of the values at a time, or read rows by their keys with GetMany", err)
	}
	return t, ofExtra(err)
}

// render writes the statements that every row goes by.
func (m *mapping) render() (err error) {
	m.upserts = &sync.Map{}
	text := func(s dialect.Statement) *dialect.Template {
		t, e := m.text(s)
		err = errors.Join(err, e)
		return t
	}
	read := &dialect.Select{From: m.ref, Columns: m.columns, Where: m.alive(m.byKey()), Limit: -1}
	m.get = text(read)
	read.Where = m.filtered(m.byKey(), nil)
	m.getDeleted = text(read)
	m.insert = text(m.inserting(m.all(), [][]dialect.Arg{m.fields(m.all())}, false))
	m.insertAuto = m.insert
	if m.s.Auto >= 0 {
		m.insertAuto = text(m.inserting(m.given(), [][]dialect.Arg{m.fields(m.given())}, true))
	}
	m.renderMany(text)
	m.delete = text(m.deleting(nil))
	if m.s.SoftDelete >= 0 {
		m.softDelete = text(m.softDeleting(nil))
	}
	if set := m.changing(); len(set) > 0 {
		m.update = text(&dialect.Update{Table: m.ref, Set: m.bump(set), Where: m.alive(m.byVersion(m.byKey()))})
	}
	return err
}

// deleting removes a row for good, also one that is softly deleted; lifted are the filters that do
// not hold.
func (m *mapping) deleting(lifted []string) dialect.Statement {
	return &dialect.Delete{From: m.ref, Where: m.filtered(m.byVersion(m.byKey()), lifted)}
}

func (m *mapping) softDeleting(lifted []string) dialect.Statement {
	return &dialect.Update{
		Table: m.ref, Where: m.filtered(m.undeleted(m.byVersion(m.byKey())), lifted),
		Set: m.bump([]dialect.Assign{m.assign(m.s.SoftDelete)}),
	}
}

// all are the positions of every column; given are those without the key that the database makes.
func (m *mapping) all() []int {
	at := make([]int, len(m.s.Fields))
	for i := range at {
		at[i] = i
	}
	return at
}

func (m *mapping) given() []int {
	return slices.DeleteFunc(m.all(), func(at int) bool { return at == m.s.Auto })
}

func (m *mapping) names(at []int) []string {
	names := make([]string, len(at))
	for i, p := range at {
		names[i] = m.s.Fields[p].Column
	}
	return names
}

func (m *mapping) fields(at []int) []dialect.Arg {
	args := make([]dialect.Arg, len(at))
	for i, p := range at {
		args[i] = m.field(p)
	}
	return args
}

func (m *mapping) field(at int) dialect.Arg {
	return dialect.Arg{Value: dialect.Field(at), Kind: m.kinds[at]}
}

func (m *mapping) assign(at int) dialect.Assign {
	a := dialect.Assign{Column: m.s.Fields[at].Column, Value: m.field(at)}
	if at == m.s.Document() {
		a.Value = merged(m.document(), a.Value) // it may have columns that this process does not know yet
	}
	return a
}

// inserting is an INSERT of rows, or of lists if there are none; auto leaves the key to the database
// and asks for it back.
func (m *mapping) inserting(at []int, rows [][]dialect.Arg, auto bool) *dialect.Insert {
	ins := &dialect.Insert{Into: m.ref, Rows: rows, Columns: m.names(at)}
	if rows == nil {
		ins.Lists = m.fields(at)
		for i := range ins.Lists {
			ins.Lists[i].Array = true
		}
	}
	if !auto {
		return ins
	}
	key := m.s.Fields[m.s.Auto].Column
	if m.numbered() {
		ins.Sequence = key
	}
	if m.d.Has(dialect.Returning) {
		ins.Returning = []string{key}
	}
	return ins
}

// numbered reports whether the statement makes the key itself, because the engine numbers rows
// only by a whole primary key.
func (m *mapping) numbered() bool {
	return m.s.Auto >= 0 && !m.d.Has(dialect.KeyedSequence) && len(m.table.PrimaryKey) > 1
}

// changing are the assignments of an update of all columns: not the key, not the time of
// creation, not what the update sets by itself, and not what is left out.
func (m *mapping) changing(but ...int) (set []dialect.Assign) {
	for at := range m.s.Fields {
		if m.changes(at) && !slices.Contains(but, at) {
			set = append(set, m.assign(at))
		}
	}
	return set
}

func (m *mapping) changes(at int) bool {
	return !slices.Contains(m.s.Key, at) && !slices.Contains(m.s.Created, at) &&
		!slices.Contains(m.s.Updated, at) && at != m.s.Lock && at != m.s.SoftDelete
}

// bump adds what every update sets: the time, and the next version.
func (m *mapping) bump(set []dialect.Assign) []dialect.Assign {
	for _, at := range m.s.Updated {
		set = append(set, m.assign(at))
	}
	return append(set, m.nextVersion()...)
}

// nextVersion counts the version up, if there is one.
func (m *mapping) nextVersion() []dialect.Assign {
	if m.s.Lock < 0 {
		return nil
	}
	return []dialect.Assign{{Column: m.s.Fields[m.s.Lock].Column, Value: dialect.Compare{
		Left: m.column(m.s.Lock), Op: "+", Right: dialect.Arg{Value: int64(1), Kind: dialect.Int64},
	}}}
}

// bumpNow is bump for statements that no row stands behind.
func (m *mapping) bumpNow(set []dialect.Assign) []dialect.Assign {
	set = m.bump(set)
	for i, a := range set {
		if arg, ok := a.Value.(dialect.Arg); ok {
			if _, field := arg.Value.(dialect.Field); field {
				set[i].Value = dialect.Arg{Value: now(), Kind: arg.Kind}
			}
		}
	}
	return set
}

func (m *mapping) assignNow(at int) dialect.Assign {
	return dialect.Assign{Column: m.s.Fields[at].Column, Value: dialect.Arg{Value: now(), Kind: dialect.Time}}
}

func (m *mapping) byKey() dialect.Expr { return m.by(m.s.Key) }

// by finds the row that has these columns in common with the one given.
func (m *mapping) by(key []int) dialect.Expr {
	var and dialect.And
	for _, at := range key {
		and = append(and, dialect.Compare{Left: m.column(at), Op: "=", Right: m.field(at)})
	}
	return and
}

// byVersion adds the version that the row was read with.
func (m *mapping) byVersion(where dialect.Expr) dialect.Expr {
	if m.s.Lock < 0 {
		return where
	}
	return dialect.And{where, dialect.Compare{Left: m.column(m.s.Lock), Op: "=", Right: m.field(m.s.Lock)}}
}

// alive leaves out what the model leaves out by default: what is softly deleted, and what its
// filters do not let through.
func (m *mapping) alive(where dialect.Expr) dialect.Expr { return m.filtered(m.undeleted(where), nil) }

// undeleted leaves out what is softly deleted.
func (m *mapping) undeleted(where dialect.Expr) dialect.Expr {
	if m.s.SoftDelete < 0 {
		return where
	}
	null := dialect.Null{Operand: m.column(m.s.SoftDelete)}
	if where == nil {
		return null
	}
	return dialect.And{where, null}
}

// mappings are a model's two mappings.
type mappings struct{ open, walled *mapping }

// compileModels makes the mappings of all models and checks them as a whole. Every mistake is
// reported at once.
func compileModels(
	models []AnyModel, d dialect.Dialect, walled dialect.Setting, does map[*model.Struct]*behavior,
) (map[*model.Struct]*mappings, error) {
	compiled := make(map[*model.Struct]*mappings, len(models))
	errs := []error{checkModels(models, d)}
	common := map[string]bool{}
	for _, m := range models {
		common[m.Name()] = m.compiled().Table.Common
	}
	walled.Guards = guards(models, does)
	for _, m := range models {
		s := m.compiled()
		table := referring(s.Table, common)
		open, err := newMapping(s, d, table, dialect.Setting{Home: walled.Home, Guards: walled.Guards}, does[s])
		errs = append(errs, err)
		// A common table has no wall, but a statement about it can name a tenant's tables, which have.
		walled, err := newMapping(s, d, table, walled, does[s])
		errs = append(errs, err)
		compiled[s] = &mappings{open: open, walled: walled}
	}
	return compiled, errors.Join(errs...)
}

// guards are what holds by default for the rows that a relation leads to.
func guards(models []AnyModel, does map[*model.Struct]*behavior) map[string][]dialect.Guard {
	all := map[string][]dialect.Guard{}
	for _, m := range models {
		s := m.compiled()
		name := s.Table.Name
		if s.SoftDelete >= 0 {
			column := dialect.Ref{Table: name, Column: s.Fields[s.SoftDelete].Column}
			all[name] = append(all[name], dialect.Guard{Name: dialect.Undeleted, Where: dialect.Null{Operand: column}})
		}
		if b := does[s]; b != nil {
			for _, f := range b.filters {
				all[name] = append(all[name], dialect.Guard{Name: f.name, Where: f.expr})
			}
		}
	}
	return all
}

// referring is the table with a tenant's references to common tables marked as such.
func referring(t dialect.Table, common map[string]bool) *dialect.Table {
	t.ForeignKeys = slices.Clone(t.ForeignKeys)
	for i, k := range t.ForeignKeys {
		t.ForeignKeys[i].Common = common[k.Table] && !t.Common
	}
	return &t
}

// checkModels checks what one model cannot know: names that two of them use, references, and
// what the engine cannot do.
func checkModels(models []AnyModel, d dialect.Dialect) error {
	var errs []error
	wrong := func(s *model.Struct, format string, args ...any) {
		e := &DefinitionError{Type: s.Type, Problem: fmt.Sprintf(format, args...)}
		if s.Boxed() {
			e.Model = s.Table.Name
		}
		errs = append(errs, e)
	}
	tables := map[string]*model.Struct{}
	objects := map[string]string{}
	for _, m := range models {
		s := m.compiled()
		tables[s.Table.Name] = s
		for _, name := range s.Table.Objects() {
			if other, taken := objects[strings.ToLower(name)]; taken {
				wrong(s, "the name %q is used by model %q too; on some engines tables, indexes and constraints share their names", name, other)
			}
			objects[strings.ToLower(name)] = s.Table.Name
		}
		if d.Reserved(dialect.TableObject, s.Table.Name) {
			wrong(s, "tables that begin as %q does belong to %s", s.Table.Name, d.Name())
		}
		for _, x := range s.Table.Indexes {
			if x.Where != "" && !d.Has(dialect.PartialIndex) {
				wrong(s, "index %q has a condition, which %s cannot do", x.Name, d.Name())
			}
		}
	}
	for _, m := range models {
		s := m.compiled()
		for _, k := range s.Table.ForeignKeys {
			if problem := badReference(s, k, tables[k.Table]); problem != "" {
				wrong(s, "%s", problem)
			}
		}
	}
	return errors.Join(errs...)
}

func badReference(s *model.Struct, k dialect.ForeignKey, target *model.Struct) string {
	if target == nil {
		return fmt.Sprintf("foreign key %q refers to model %q, which is not among Options.Models", k.Name, k.Table)
	}
	if s.Table.Common && !target.Table.Common {
		return fmt.Sprintf("foreign key %q refers to model %q, which is tenants': a common table cannot refer to any tenant's",
			k.Name, k.Table)
	}
	for i, name := range k.References {
		column := target.Table.Column(name)
		if column == nil {
			return fmt.Sprintf("foreign key %q refers to %s.%s, which does not exist", k.Name, k.Table, name)
		}
		if own := s.Table.Column(k.Columns[i]); own.Type.Kind != column.Type.Kind {
			return fmt.Sprintf("foreign key %q: column %s is %s, but %s.%s is %s",
				k.Name, own.Name, own.Type.Kind, k.Table, name, column.Type.Kind)
		}
	}
	if !isKey(&target.Table, k.References) {
		return fmt.Sprintf("foreign key %q refers to columns of %s that are no primary or unique key", k.Name, k.Table)
	}
	return ""
}

// isKey reports whether the columns, in this order, are the primary key or a unique index.
func isKey(t *dialect.Table, columns []string) bool {
	if slices.Equal(t.PrimaryKey, columns) {
		return true
	}
	return slices.ContainsFunc(t.Indexes, func(x dialect.Index) bool {
		return x.Unique && x.Where == "" && slices.Equal(x.Columns, columns)
	})
}
