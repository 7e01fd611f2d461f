package drivertest

import (
	"slices"
	"sync"
	"testing"

	"github.com/rowhouse/rowhouse/driver"
)

var recordCases = []testCase{
	{"all runners", testRecord},
	{"nobody", testRecordNobody},
}

// testRecord runs one statement on each kind of runner of a recorded driver.
func testRecord(t *testing.T, f *fixture) {
	f.notes(t)
	var mu sync.Mutex
	var got []string
	there := *f
	there.Driver = Record(f.Driver, func(database string, s *driver.Statement) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, database+": "+s.Tenant)
	})
	there.db = there.open(t, "")
	// Whether a statement succeeds does not matter: it is told before it runs.
	say := func(r driver.Runner, tenant string) {
		s := f.allNotes(t)
		s.Tenant = tenant
		_, _ = scanAll[string](t.Context(), r, s)
		_, _ = r.Exec(t.Context(), &driver.Statement{Text: s.Text, Tenant: tenant + " exec"})
		piped := []*driver.Statement{{Text: s.Text, Columns: s.Columns, Tenant: tenant + " piped"}}
		_ = driver.Pipeline(t.Context(), r, slices.Values(piped), all, func(_ int, r driver.Reply) error { return r.Err })
	}
	// It is no more, and no less, than what is beneath it.
	like := func(what string, recorded, beneath any) {
		_, piped := recorded.(driver.Pipeliner)
		if _, pipes := beneath.(driver.Pipeliner); piped != pipes {
			t.Errorf("a recorded %s is a Pipeliner: %v, and the one beneath: %v", what, piped, pipes)
		}
	}
	like("pool", there.db, f.db)
	say(there.db, "pool")
	tx := there.begin(t, driver.TxOptions{})
	plainTx := f.begin(t, driver.TxOptions{ReadOnly: true})
	like("transaction", tx, plainTx)
	rollback(t, plainTx)
	say(tx, "tx")
	want := []string{": pool", ": pool exec", ": pool piped", ": tx", ": tx exec", ": tx piped"}
	if plain := f.begin(t, driver.TxOptions{ReadOnly: true}); isNative(plain) {
		want = append(want, ": joined", ": joined exec", ": joined piped")
		joined, err := there.db.Join(t.Context(), native(t, tx))
		if err != nil {
			t.Fatal(err)
		}
		say(joined, "joined")
	}
	rollback(t, tx)
	name := f.database("recorded")
	say(there.made(t, "recorded"), "elsewhere")
	want = append(want, name+": elsewhere", name+": elsewhere exec", name+": elsewhere piped")
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%q is not among %q", w, got)
		}
	}
}

func isNative(tx driver.Tx) bool {
	_, ok := tx.(driver.Native)
	return ok
}

func testRecordNobody(t *testing.T, f *fixture) {
	if d := Record(f.Driver, nil); d != f.Driver {
		t.Error("without a witness the driver is another one")
	}
}
