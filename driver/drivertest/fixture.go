package drivertest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// patience is how long a test waits for what should come at once; it is what makes a hang a
// failure.
const patience = 30 * time.Second

// fixture is what a test works with: a home, opened, and the words of its dialect.
type fixture struct {
	Home
	*Harness
	db    driver.DB
	d     dialect.Dialect
	names dialect.Names
}

func newFixture(t *testing.T, h *Harness) *fixture {
	t.Helper()
	home := h.Open(t)
	f := &fixture{Home: home, Harness: h, d: home.Driver.Dialect()}
	f.db = f.open(t, "")
	f.names = f.namesOf("")
	return f
}

// open opens a database and closes it after the test.
func (f *fixture) open(t *testing.T, database string) driver.DB {
	t.Helper()
	db, err := f.Driver.Open(t.Context(), database)
	if err != nil {
		t.Fatalf("Open(%q): %v", database, err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing database %q: %v", database, err)
		}
	})
	return db
}

func (f *fixture) namesOf(database string) dialect.Names {
	return dialect.Names{Qualifier: dialect.Qualify(f.d, f.Driver.Schema(database))}
}

func (f *fixture) database(name string) string {
	if f.Home.Database == nil {
		return name
	}
	return f.Home.Database(name)
}

func (f *fixture) quote(name string) string { return dialect.Quote(f.d, name) }

func (f *fixture) table(name string) string { return f.names.Table(f.d, name) }

// column is a column of a kind, as CREATE TABLE has it.
func (f *fixture) column(name string, t dialect.Type, null bool) string {
	text := f.quote(name) + " " + f.d.ColumnType(dialect.Column{Name: name, Type: t, Null: null, Keyed: name == "id"})
	if !null {
		text += " NOT NULL"
	}
	return text
}

// id is the definition of a key that the test numbers itself.
func (f *fixture) id() string {
	return f.column("id", kindOf(dialect.Int64), false) + " PRIMARY KEY"
}

func kindOf(k dialect.Kind) dialect.Type { return dialect.Type{Kind: k} }

func (f *fixture) create(t *testing.T, table string, definitions ...string) {
	t.Helper()
	f.must(t, f.db, &driver.Statement{
		Text:  "CREATE TABLE " + f.table(table) + " (" + strings.Join(definitions, ", ") + ")",
		Write: true,
	})
}

// notes is the table of most tests: a key and a text.
func (f *fixture) notes(t *testing.T) {
	t.Helper()
	f.create(t, "note", f.id(), f.column("body", kindOf(dialect.Text), true))
}

// render writes a statement with the home's names; kinds are the columns of its result.
func (f *fixture) render(t *testing.T, s dialect.Statement, kinds ...dialect.Kind) *driver.Statement {
	t.Helper()
	template, err := dialect.Render(f.d, dialect.Setting{}, s)
	if err != nil {
		t.Fatalf("Render: %v", err)
	}
	_, read := s.(*dialect.Select)
	return &driver.Statement{
		Text:    template.Fill(f.d, f.names),
		Args:    template.Args,
		Columns: kinds,
		Write:   !read,
	}
}

func (f *fixture) insert(t *testing.T, table string, columns []string, rows ...[]dialect.Arg) *driver.Statement {
	t.Helper()
	return f.render(t, &dialect.Insert{Into: dialect.TableRef{Name: table}, Columns: columns, Rows: rows})
}

// note inserts a row into the table of [fixture.notes].
func (f *fixture) note(t *testing.T, id int64, body string) *driver.Statement {
	t.Helper()
	return f.insert(t, "note", []string{"id", "body"},
		[]dialect.Arg{{Value: id, Kind: dialect.Int64}, {Value: body, Kind: dialect.Text}})
}

func (f *fixture) update(t *testing.T, id int64, body string) *driver.Statement {
	t.Helper()
	return f.render(t, &dialect.Update{
		Table: dialect.TableRef{Name: "note"},
		Set:   []dialect.Assign{{Column: "body", Value: dialect.Arg{Value: body, Kind: dialect.Text}}},
		Where: equal("note", "id", dialect.Arg{Value: id, Kind: dialect.Int64}),
	})
}

func (f *fixture) selectFrom(t *testing.T, table string, where dialect.Expr, column string, kind dialect.Kind) *driver.Statement {
	t.Helper()
	return f.render(t, &dialect.Select{
		From:    dialect.TableRef{Name: table},
		Columns: []dialect.Expr{dialect.Ref{Table: table, Column: column}},
		Where:   where,
		Order:   []dialect.Order{{By: dialect.Ref{Table: table, Column: "id"}}},
		Limit:   -1,
	}, kind)
}

func equal(table, column string, a dialect.Arg) dialect.Expr {
	return dialect.Compare{Left: dialect.Ref{Table: table, Column: column}, Op: "=", Right: a}
}

// must executes a statement that has to succeed.
func (f *fixture) must(t *testing.T, r driver.Runner, s *driver.Statement) driver.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	result, err := r.Exec(ctx, s)
	if err != nil {
		t.Fatalf("Exec: %v\n%s", err, s.Text)
	}
	return result
}

// fails executes a statement that has to fail, and returns what its error means.
func (f *fixture) fails(t *testing.T, r driver.Runner, s *driver.Statement) driver.Fault {
	t.Helper()
	_, err := r.Exec(t.Context(), s)
	if err == nil {
		t.Fatalf("Exec: no error\n%s", s.Text)
	}
	fault := f.Driver.Fault(err)
	if fault.Kind == driver.NoFault {
		t.Errorf("Fault(%v) is the zero Fault", err)
	}
	return fault
}

// scanAll reads the only column of a statement's rows.
func scanAll[T any](ctx context.Context, r driver.Runner, s *driver.Statement) (list []T, err error) {
	rows, err := r.Query(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var v T
		if err := rows.Scan([]any{&v}); err != nil {
			return list, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

func mustScan[T any](t *testing.T, r driver.Runner, s *driver.Statement) []T {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	list, err := scanAll[T](ctx, r, s)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.Text)
	}
	return list
}

// bodies asserts what is in the table of [fixture.notes], in the order of the keys.
func (f *fixture) bodies(t *testing.T, r driver.Runner, want ...string) {
	t.Helper()
	got := mustScan[string](t, r, f.selectFrom(t, "note", nil, "body", dialect.Text))
	if !slices.Equal(got, want) {
		t.Errorf("bodies %q, want %q", got, want)
	}
}

// usable asserts that every connection of the pool can be had, and works.
func (f *fixture) usable(t *testing.T) {
	t.Helper()
	for range 2*f.PoolSize + 1 {
		f.must(t, f.db, &driver.Statement{Text: "SELECT 1", Columns: []dialect.Kind{dialect.Int64}})
	}
}

func (f *fixture) begin(t *testing.T, o driver.TxOptions) driver.Tx {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tx, err := f.db.Begin(ctx, o)
	if err != nil {
		t.Fatalf("Begin: %v", err)
	}
	t.Cleanup(func() {
		if err := tx.Rollback(context.Background()); err != nil {
			t.Errorf("Rollback at the end: %v", err)
		}
	})
	return tx
}

func commit(t *testing.T, tx driver.Tx) {
	t.Helper()
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatalf("Commit: %v", err)
	}
}

func rollback(t *testing.T, tx driver.Tx) {
	t.Helper()
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatalf("Rollback: %v", err)
	}
}

// soon fails the test when fn does not return.
func soon(t *testing.T, what string, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn()
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("%s hangs", what)
	}
}
