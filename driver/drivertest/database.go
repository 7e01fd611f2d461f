package drivertest

import (
	"context"
	"testing"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

var databaseCases = []testCase{
	{"missing", testMissingDatabase},
	{"create twice", testCreateTwice},
	{"separate", testSeparate},
	{"drop", testDropDatabase},
	{"odd names", testOddNames},
	{"nameless", testNameless},
}

// made creates a database, which is dropped after the test, and opens it.
func (f *fixture) made(t *testing.T, name string) driver.DB {
	t.Helper()
	f.make(t, name)
	return f.open(t, f.database(name))
}

func (f *fixture) make(t *testing.T, name string) {
	t.Helper()
	made, err := f.Driver.Create(t.Context(), f.database(name))
	if err != nil || !made {
		t.Fatalf("Create(%q): %v, %v", f.database(name), made, err)
	}
	t.Cleanup(func() {
		if err := f.Driver.Drop(context.Background(), f.database(name)); err != nil {
			t.Errorf("Drop(%q): %v", f.database(name), err)
		}
	})
}

func (f *fixture) opens(t *testing.T, name string) bool {
	t.Helper()
	db, err := f.Driver.Open(t.Context(), f.database(name))
	if err != nil {
		if fault := f.Driver.Fault(err); fault.Kind != driver.MissingTable {
			t.Errorf("opening a missing database: fault %+v of %v", fault, err)
		}
		return false
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	return true
}

// testMissingDatabase asserts that opening makes nothing, so that Create afterwards is the one
// that does.
func testMissingDatabase(t *testing.T, f *fixture) {
	for range 2 {
		if f.opens(t, "missing") {
			t.Fatal("a database that nobody made was opened")
		}
	}
	f.make(t, "missing")
	if !f.opens(t, "missing") {
		t.Error("a database that was made was not opened")
	}
}

func testCreateTwice(t *testing.T, f *fixture) {
	db := f.made(t, "twice")
	f.must(t, db, &driver.Statement{
		Text: "CREATE TABLE " + f.namesOf(f.database("twice")).Table(f.d, "kept") + " (" + f.id() + ")", Write: true,
	})
	made, err := f.Driver.Create(t.Context(), f.database("twice"))
	if err != nil || made {
		t.Errorf("the second Create: %v, %v, want false", made, err)
	}
	f.must(t, db, &driver.Statement{
		Text:    "SELECT count(*) FROM " + f.namesOf(f.database("twice")).Table(f.d, "kept"),
		Columns: []dialect.Kind{dialect.Int64},
	})
}

// testSeparate has the same table in three databases.
func testSeparate(t *testing.T, f *fixture) {
	f.notes(t)
	f.must(t, f.db, f.note(t, 1, "home"))
	for _, name := range []string{"one", "two"} {
		db := f.made(t, name)
		there := *f
		there.db, there.names = db, f.namesOf(f.database(name))
		there.notes(t)
		there.must(t, db, there.note(t, 1, name))
		there.bodies(t, db, name)
		tx := there.begin(t, driver.TxOptions{})
		there.bodies(t, tx, name)
		rollback(t, tx)
	}
	f.bodies(t, f.db, "home")
}

func testDropDatabase(t *testing.T, f *fixture) {
	db := f.made(t, "dropped")
	there := *f
	there.db, there.names = db, f.namesOf(f.database("dropped"))
	there.notes(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Driver.Drop(t.Context(), f.database("dropped")); err != nil {
			t.Fatalf("Drop: %v", err)
		}
	}
	if f.DropUnseen {
		return
	}
	if f.opens(t, "dropped") {
		t.Error("a database that was dropped was opened")
	}
	f.make(t, "dropped")
	there.db = f.open(t, f.database("dropped"))
	there.notes(t) // the old table is gone with the old database
}

// testOddNames makes databases whose names need their quotation marks: every letter that a
// tenant's slug can have.
func testOddNames(t *testing.T, f *fixture) {
	for _, name := range []string{"42", "a-b", "a__b", "$41$20", "select"} {
		db := f.made(t, name)
		there := *f
		there.db, there.names = db, f.namesOf(f.database(name))
		there.notes(t)
		there.bodies(t, db)
	}
}

func testNameless(t *testing.T, f *fixture) {
	if made, err := f.Driver.Create(t.Context(), ""); err == nil {
		t.Errorf("Create of no name: %v and no error", made)
	}
	if err := f.Driver.Drop(t.Context(), ""); err == nil {
		t.Error("Drop of no name: no error")
	}
	f.usable(t)
}
