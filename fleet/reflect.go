package fleet

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// Site is where [Reflect] looks for tables. The zero Site is the home schema.
type Site struct {
	Database string // as the driver names it; "" is the home
	Schema   string // "" is the schema that the driver has for tables without one of their own
	Prefix   string // that the tables' names begin with, and their models' do not: 42_

	// Pattern is which tables are wanted, by their names without the prefix, as for [path.Match]:
	// case*. "" is all of them.
	Pattern string

	// Discriminator is the column that says whose a row of a shared table is. The models do not have
	// it, nor do their keys and indexes; a table without it is left out.
	Discriminator string
}

// Reflection is what a database has, in the words of models.
type Reflection struct {
	Tables  []dialect.Table // each makes a model: see [rowhouse.DefineRecord]
	Remarks []Remark        // what the tables have that these do not say
}

// Remark is something that a database has and a model cannot say, or says otherwise.
type Remark struct {
	Table string // as the database has it, without the prefix
	Text  string
}

// String is the remark with its table.
func (r Remark) String() string { return fmt.Sprintf("table %q: %s", r.Table, r.Text) }

// ErrNoTable is wrapped by the errors of [Reflect] where there is no table to read.
var ErrNoTable = errors.New("no table is there")

// Reflect reads the tables of a database that Rowhouse need not know: a running system's, from which
// models are to be made. It changes nothing. Tables are in the order of their names, and what no model
// can say is in the remarks.
//
// A column has the kind that writes its type; a type of one engine is in the engine's own words. SQLite
// has one type for texts, times and JSON, which are texts then, and for bytes and UUIDs. A time whose
// default is the present time is a created time, a key whose default is a new UUID is made by the
// library.
func Reflect(ctx context.Context, drv driver.Driver, s Site) (*Reflection, error) {
	r, err := newReader(drv.Dialect(), s)
	if err == nil && s.Schema == "" {
		r.schema = drv.Schema(s.Database)
	}
	if err == nil {
		err = r.reflect(ctx, drv)
	}
	if err != nil {
		return nil, fmt.Errorf("fleet: reflect: %w", err)
	}
	return &r.to, nil
}

// Reflect reads the tables that a tenant has, also those that are not among the models, and columns that
// the models do not have: see [Reflect]. Where a column is what a model's would be, the model says what
// it is, so that SQLite's times are times. In shared tables it reads those that have the discriminator.
func (f *Fleet) Reflect(ctx context.Context, tenant string) (*Reflection, error) {
	r, err := f.reflect(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("fleet: reflect: tenant %q: %w", tenant, err)
	}
	return &r.to, nil
}

func (f *Fleet) reflect(ctx context.Context, tenant string) (*reader, error) {
	if err := rowhouse.CheckTenant(tenant); err != nil {
		return nil, err
	}
	e, err := f.db.Catalog().Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	h, err := f.db.House(e)
	if err != nil {
		return nil, err
	}
	s := Site{Database: h.Database, Schema: f.schemaOf(h), Prefix: h.Names.Prefix}
	if h.Shared {
		s.Discriminator = f.db.Options().Discriminator
	}
	r, err := newReader(f.d, s)
	if err != nil {
		return nil, err
	}
	r.tenant = tenant
	r.know(f.db.Tables(false), h.Names.Prefix)
	if h.Database == "" {
		r.knowCommon(f.db.CommonTables(), f.schemaOf(h) == f.db.Driver().Schema(""))
	}
	if c, ok := f.db.Catalog().(*rowhouse.StoredCatalog); ok {
		for _, t := range c.Tables() {
			r.foreign[strings.ToLower(t.Name)] = true
		}
	}
	return r, r.reflect(ctx, f.db.Driver())
}

// reflect opens the database and reads it.
func (r *reader) reflect(ctx context.Context, drv driver.Driver) (err error) {
	db, err := drv.Open(ctx, r.site.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s := &site{db: db, tenant: r.tenant}
	names, err := r.names(ctx, s)
	if err != nil {
		return err
	}
	found, err := r.inspect(ctx, s, names)
	if err != nil {
		return err
	}
	r.read(found)
	if len(r.to.Tables) == 0 {
		errs := []error{r.noTable("makes a model")}
		for _, remark := range r.to.Remarks {
			errs = append(errs, errors.New(remark.String()))
		}
		return errors.Join(errs...)
	}
	return nil
}

// names lists the tables that are wanted, as the database has them.
func (r *reader) names(ctx context.Context, s *site) (names []string, err error) {
	list, err := s.list(ctx, s.db, tablesIn(r.d, r.schema))
	if err != nil {
		return nil, err
	}
	walled, err := r.walled(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, row := range list {
		if wanted, err := r.wants(row[0], walled == nil || walled[row[0]]); err != nil {
			return nil, err
		} else if wanted {
			names = append(names, row[0])
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return nil, r.noTable()
	}
	return names, nil
}

// walled are the tables that have the discriminator; nil if there is none.
func (r *reader) walled(ctx context.Context, s *site) (map[string]bool, error) {
	if r.site.Discriminator == "" {
		return nil, nil
	}
	list, err := s.list(ctx, s.db, tablesWith(r.d, r.schema, r.site.Discriminator))
	walled := map[string]bool{}
	for _, row := range list {
		walled[row[0]] = true
	}
	return walled, err
}

// wants reports whether a table is one of those that are to be read, and remarks on one that is and
// cannot be.
func (r *reader) wants(name string, walled bool) (bool, error) {
	short, begins := strings.CutPrefix(name, r.site.Prefix)
	_, known := r.known[strings.ToLower(name)]
	switch {
	case known:
		return walled, nil
	case !walled && r.tenant != "":
		return false, nil // it is not the tenant's
	case !begins || r.foreign[strings.ToLower(name)] || r.site.Prefix != "" && strings.HasPrefix(short, "_"):
		return false, nil // after an underscore, it is a tenant's whose id goes on
	}
	if r.site.Pattern != "" {
		match, err := path.Match(r.site.Pattern, short)
		if err != nil {
			return false, fmt.Errorf("the pattern %q is none: %w", r.site.Pattern, err)
		}
		if !match {
			return false, nil
		}
	}
	if !walled {
		r.remarkf(short, "it is left out: it has no column %q; without a discriminator, it makes a model of the common house",
			r.site.Discriminator)
		return false, nil
	}
	if problem := badModel(short); problem != "" {
		r.remarkf(short, "it is left out: %s", problem)
		return false, nil
	}
	return true, nil
}

// noTable is the error for having found none; more says what else it should be.
func (r *reader) noTable(more ...string) error {
	where := "the database"
	if r.schema != "" {
		where = fmt.Sprintf("schema %q", r.schema)
	}
	var wanted []string
	if r.site.Prefix != "" {
		wanted = append(wanted, fmt.Sprintf("begins with %q", r.site.Prefix))
	}
	if r.site.Pattern != "" {
		wanted = append(wanted, fmt.Sprintf("is like %q", r.site.Pattern))
	}
	if r.site.Discriminator != "" {
		wanted = append(wanted, fmt.Sprintf("has a column %q", r.site.Discriminator))
	}
	if wanted = append(wanted, more...); len(wanted) == 0 {
		return fmt.Errorf("%w: %s has none", ErrNoTable, where)
	}
	return fmt.Errorf("%w: %s has none that %s", ErrNoTable, where, strings.Join(wanted, " and "))
}

// tablesIn lists the tables of a schema. Parts of a partitioned table, or of a virtual one of SQLite's, are no tables of their own.
func tablesIn(d dialect.Dialect, schema string) *driver.Statement {
	s := &driver.Statement{Args: texts(schema), Columns: []dialect.Kind{dialect.Text}}
	switch {
	case d.Name() == "sqlite":
		s.Args = nil
		s.Text = `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND substr(name, 1, 7) <> 'sqlite_'`
	case isMySQL(d):
		s.Text = "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE'"
	default:
		s.Text = `SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition`
	}
	return s
}

// tablesWith lists the tables of a schema that have a column.
func tablesWith(d dialect.Dialect, schema, column string) *driver.Statement {
	s := &driver.Statement{Args: texts(schema, column), Columns: []dialect.Kind{dialect.Text}}
	switch {
	case d.Name() == "sqlite":
		s.Args = texts(column)
		s.Text = `SELECT t.name FROM pragma_table_list t JOIN pragma_table_info(t.name, 'main') c
			WHERE t.schema = 'main' AND t.type = 'table' AND lower(c.name) = lower(?)`
	case isMySQL(d):
		s.Text = "SELECT table_name FROM information_schema.columns WHERE table_schema = ? AND lower(column_name) = lower(?)"
	default:
		s.Text = `SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
			WHERE n.nspname = $1 AND lower(a.attname) = lower($2)`
	}
	return s
}

// keyOf lists the columns of a SQLite table's primary key in their order, which atlas does not.
func keyOf(table string) *driver.Statement {
	return &driver.Statement{
		Text: "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk",
		Args: texts(table), Columns: []dialect.Kind{dialect.Text},
	}
}
