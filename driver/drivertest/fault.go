package drivertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

var faultCases = []testCase{
	{"constraints", testConstraintFaults},
	{"too long", testTooLong},
	{"not the type", testWrongValue},
	{"missing", testMissingFaults},
	{"existing", testExistingFault},
	{"not the database's", testForeignErrors},
}

// The canaries are values that must not be in any fault; an error's text goes into logs.
const (
	canary       = "canary-7f3a"
	canaryNumber = int64(918273645)
)

// quiet asserts that a fault says nothing of the values.
func quiet(t *testing.T, fault driver.Fault) {
	t.Helper()
	text := fmt.Sprintf("%+v", fault)
	if strings.Contains(text, canary) || strings.Contains(text, strconv.FormatInt(canaryNumber, 10)) {
		t.Errorf("the fault quotes a value: %s", text)
	}
	if fault.Code == "" {
		t.Errorf("the fault has no code: %s", text)
	}
}

// family creates two tables with one constraint of every kind.
func (f *fixture) family(t *testing.T) {
	t.Helper()
	f.create(t, "parent", f.column("id", kindOf(dialect.Int64), false),
		"CONSTRAINT "+f.quote("parent_pkey")+" PRIMARY KEY ("+f.quote("id")+")")
	f.create(t, "child", f.column("id", kindOf(dialect.Int64), false),
		f.column("parent", kindOf(dialect.Int64), true), f.column("size", kindOf(dialect.Int64), true),
		f.column("body", dialect.Type{Kind: dialect.Text, Size: 100}, false),
		"CONSTRAINT "+f.quote("child_pkey")+" PRIMARY KEY ("+f.quote("id")+")",
		"CONSTRAINT "+f.quote("child_body_key")+" UNIQUE ("+f.quote("body")+")",
		"CONSTRAINT "+f.quote("child_size_check")+" CHECK ("+f.quote("size")+" < 10)",
		"CONSTRAINT "+f.quote("child_parent_fkey")+" FOREIGN KEY ("+f.quote("parent")+") REFERENCES "+
			f.quote("parent")+" ("+f.quote("id")+")") // bare: SQLite takes no other, and it is the same schema
}

func (f *fixture) child(t *testing.T, id, parent, size, body any) *driver.Statement {
	t.Helper()
	return f.insert(t, "child", []string{"id", "parent", "size", "body"}, []dialect.Arg{
		{Value: id, Kind: dialect.Int64},
		{Value: parent, Kind: dialect.Int64},
		{Value: size, Kind: dialect.Int64},
		{Value: body, Kind: dialect.Text},
	})
}

func testConstraintFaults(t *testing.T, f *fixture) {
	f.family(t)
	f.must(t, f.db, f.insert(t, "parent", []string{"id"}, []dialect.Arg{{Value: canaryNumber, Kind: dialect.Int64}}))
	f.must(t, f.db, f.child(t, canaryNumber, canaryNumber, int64(1), canary))
	deletion := f.render(t, &dialect.Delete{From: dialect.TableRef{Name: "parent"}})
	cases := []struct {
		name, constraint string
		s                *driver.Statement
		kind             driver.FaultKind
	}{
		{"unique", "child_body_key", f.child(t, int64(2), nil, nil, canary), driver.Unique},
		{"primary key", "", f.child(t, canaryNumber, nil, nil, "other"), driver.Unique},
		{"foreign key", "child_parent_fkey", f.child(t, int64(3), canaryNumber+1, nil, canary+"3"), driver.ForeignKey},
		{"referred to", "child_parent_fkey", deletion, driver.ForeignKey},
		{"check", "child_size_check", f.child(t, int64(4), nil, canaryNumber, canary+"4"), driver.Check},
		{"not null", "", f.child(t, canaryNumber+1, nil, nil, nil), driver.NotNull},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fault := f.fails(t, f.db, c.s)
			if fault.Kind != c.kind {
				t.Errorf("kind %d, want %d: %+v", fault.Kind, c.kind, fault)
			}
			if c.constraint != "" && !slices.Contains(f.Unnamed, c.kind) && fault.Constraint != c.constraint {
				t.Errorf("constraint %q, want %q", fault.Constraint, c.constraint)
			}
			if c.kind == driver.NotNull && !slices.Contains(f.Unnamed, c.kind) && fault.Column != "body" {
				t.Errorf("column %q, want body", fault.Column)
			}
			quiet(t, fault)
		})
	}
	f.wrapped(t, cases[0].s)
}

// wrapped asserts that an error keeps its meaning in another's coat.
func (f *fixture) wrapped(t *testing.T, s *driver.Statement) {
	t.Helper()
	_, err := f.db.Exec(t.Context(), s)
	if fault := f.Driver.Fault(fmt.Errorf("case: %w", err)); fault.Kind != driver.Unique {
		t.Errorf("wrapped: %+v", fault)
	}
}

func testTooLong(t *testing.T, f *fixture) {
	if f.NoBounds {
		t.Skip("the engine does not bound texts")
	}
	f.create(t, "note", f.id(), f.column("body", dialect.Type{Kind: dialect.Text, Size: 5}, true),
		f.column("small", kindOf(dialect.Int16), true))
	fault := f.fails(t, f.db, f.note(t, 1, canary))
	if fault.Kind != driver.TooLong {
		t.Errorf("a long text: %+v", fault)
	}
	quiet(t, fault)
	fault = f.fails(t, f.db, f.insert(t, "note", []string{"id", "small"},
		[]dialect.Arg{{Value: int64(1), Kind: dialect.Int64}, {Value: canaryNumber, Kind: dialect.Int16}}))
	if fault.Kind != driver.TooLong {
		t.Errorf("a large number: %+v", fault)
	}
	quiet(t, fault)
}

// testWrongValue stores a text in a column of numbers, which the engine may take.
func testWrongValue(t *testing.T, f *fixture) {
	f.create(t, "note", f.id(), f.column("size", kindOf(dialect.Int64), true))
	for _, kind := range []dialect.Kind{dialect.Other, dialect.Text} {
		_, err := f.db.Exec(t.Context(), f.insert(t, "note", []string{"id", "size"},
			[]dialect.Arg{{Value: int64(kind), Kind: dialect.Int64}, {Value: canary, Kind: kind}}))
		if err != nil {
			quiet(t, f.Driver.Fault(err))
		}
	}
}

func testMissingFaults(t *testing.T, f *fixture) {
	f.notes(t)
	fault := f.fails(t, f.db, f.insert(t, "nowhere", []string{"id"}, []dialect.Arg{{Value: canaryNumber, Kind: dialect.Int64}}))
	if fault.Kind != driver.MissingTable {
		t.Errorf("table: %+v", fault)
	}
	quiet(t, fault)
	if f.d.Has(dialect.Schemas) {
		there := *f
		there.names.Qualifier = dialect.Qualify(f.d, f.database("nowhere"))
		if fault := f.fails(t, f.db, there.note(t, 1, canary)); fault.Kind != driver.MissingTable {
			t.Errorf("schema: %+v", fault)
		}
	}
	fault = f.fails(t, f.db, f.insert(t, "note", []string{"nothing"}, []dialect.Arg{{Value: canary, Kind: dialect.Text}}))
	if fault.Kind != driver.MissingColumn {
		t.Errorf("column: %+v", fault)
	}
	quiet(t, fault)
}

func testExistingFault(t *testing.T, f *fixture) {
	f.notes(t)
	fault := f.fails(t, f.db, &driver.Statement{Text: "CREATE TABLE " + f.table("note") + " (" + f.id() + ")", Write: true})
	if fault.Kind != driver.ExistingTable {
		t.Errorf("%+v", fault)
	}
	quiet(t, fault)
}

func testForeignErrors(t *testing.T, f *fixture) {
	for _, err := range []error{
		nil, errors.New("something else"), context.Canceled, context.DeadlineExceeded,
		&driver.NullError{Column: 1}, driver.ErrForeignTx, fmt.Errorf("case: %w", context.Canceled),
	} {
		if fault := f.Driver.Fault(err); fault != (driver.Fault{}) {
			t.Errorf("%v: %+v", err, fault)
		}
	}
}
