package rowhouse

import (
	"context"
	"reflect"
	"testing"

	"github.com/rowhouse/rowhouse/driver"
)

// TestNothingIsPaidForWhatIsNotThere has hooks, filters and observers cost no allocation where
// there are none.
func TestNothingIsPaidForWhatIsNotThere(t *testing.T) {
	ctx := t.Context()
	s := session{db: &DB{}, m: &mapping{}, house: &house{}}
	st := &driver.Statement{Text: "SELECT 1"}
	rows := make([]letter, 1)
	var q Query[letter]
	m := &mapping{s: letters.s}
	for name, fn := range map[string]func(){
		"hooks of a write": func() {
			if err := hooked(ctx, &s, inserting, rows, func() error { s.op = rows[0].Title; return nil }); err != nil {
				t.Error(err)
			}
		},
		"hooks of a read":  func() { _ = loaded(ctx, &s, nil, rows) },
		"filters":          func() { _ = queryAlive(q, m, nil) },
		"an observed exec": func() { s.db.sending("insert", "acme", "letter", s.house, st).done(ctx, 1, nil) },
		"an observed query": func() {
			_, _ = s.db.sending("select", "acme", "letter", s.house, st).reading(ctx, nil, nil)
		},
	} {
		if n := testing.AllocsPerRun(100, fn); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestHookNames has the names, the methods and the fields of hooks be the same.
func TestHookNames(t *testing.T) {
	t.Parallel()
	of := reflect.TypeFor[Behavior[letter]]()
	for _, name := range pointNames {
		if _, has := of.FieldByName(name); !has {
			t.Errorf("a Behavior has no %s", name)
		}
	}
	if n := of.NumField() - 2; n != int(points) {
		t.Errorf("a Behavior has %d hooks, there are %d points", n, points)
	}
}

// noRows are none, and closed as often as anybody likes.
type noRows struct{ driver.Rows }

func (noRows) Next() bool   { return false }
func (noRows) Err() error   { return nil }
func (noRows) Close() error { return nil }

// TestRowsAreToldOfOnce has rows that are closed twice be one event.
func TestRowsAreToldOfOnce(t *testing.T) {
	t.Parallel()
	told := 0
	db := &DB{observer: &observer{notify: func(context.Context, Event) { told++ }}}
	st := &driver.Statement{Text: "SELECT 1"}
	rows, err := db.sending("select", "acme", "letter", &house{}, st).reading(t.Context(), noRows{}, nil)
	if err != nil || rows.Next() {
		t.Fatal("there are rows", err)
	}
	for range 2 {
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}
