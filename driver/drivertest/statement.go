package drivertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

var statementCases = []testCase{
	{"rows affected", testRowsAffected},
	{"generated keys", testGeneratedKeys},
	{"lists", testLists},
	{"upsert", testUpsert},
	{"many goroutines", testGoroutines},
	{"home outlives close", testHomeClose},
}

// testRowsAffected asserts that rows are counted when they match, changed or not.
func testRowsAffected(t *testing.T, f *fixture) {
	f.many(t, 3, "row ")
	where := func(id int64) dialect.Expr {
		return dialect.Compare{
			Left: dialect.Ref{Table: "note", Column: "id"}, Op: "<", Right: dialect.Arg{Value: id, Kind: dialect.Int64},
		}
	}
	set := []dialect.Assign{{Column: "body", Value: dialect.Arg{Value: "same", Kind: dialect.Text}}}
	update := func(id int64) dialect.Statement {
		return &dialect.Update{Table: dialect.TableRef{Name: "note"}, Set: set, Where: where(id)}
	}
	steps := []struct {
		name string
		s    dialect.Statement
		want int64
	}{
		{"update of two", update(2), 2},
		{"update that changes nothing", update(2), 2},
		{"update that matches none", update(-1), 0},
		{"delete of one", &dialect.Delete{From: dialect.TableRef{Name: "note"}, Where: where(1)}, 1},
		{"delete that matches none", &dialect.Delete{From: dialect.TableRef{Name: "note"}, Where: where(1)}, 0},
		{"delete of all", &dialect.Delete{From: dialect.TableRef{Name: "note"}}, 2},
		{"insert of two", &dialect.Insert{
			Into: dialect.TableRef{Name: "note"}, Columns: []string{"id"},
			Rows: [][]dialect.Arg{{{Value: int64(7), Kind: dialect.Int64}}, {{Value: int64(8), Kind: dialect.Int64}}},
		}, 2},
	}
	for _, step := range steps {
		if got := f.must(t, f.db, f.render(t, step.s)).Rows; got != step.want {
			t.Errorf("%s: %d rows, want %d", step.name, got, step.want)
		}
	}
}

func testGeneratedKeys(t *testing.T, f *fixture) {
	f.create(t, "note", f.quote("id")+" "+f.Identity, f.column("body", kindOf(dialect.Text), false))
	var last int64
	for i := range 3 {
		insert := &dialect.Insert{
			Into: dialect.TableRef{Name: "note"}, Columns: []string{"body"},
			Rows: [][]dialect.Arg{{{Value: fmt.Sprint("row ", i), Kind: dialect.Text}}},
		}
		var key int64
		if f.d.Has(dialect.Returning) {
			insert.Returning = []string{"id"}
			key = mustScan[int64](t, f.db, f.render(t, insert, dialect.Int64))[0]
		} else {
			key = f.must(t, f.db, f.render(t, insert)).LastKey
		}
		got := mustScan[string](t, f.db, f.selectFrom(t, "note",
			equal("note", "id", dialect.Arg{Value: key, Kind: dialect.Int64}), "body", dialect.Text))
		if key <= last || !slices.Equal(got, []string{fmt.Sprint("row ", i)}) {
			t.Errorf("key %d after %d names %q", key, last, got)
		}
		last = key
	}
}

// testLists finds awkward texts, and many numbers, in lists.
func testLists(t *testing.T, f *fixture) {
	f.create(t, "note", f.id(), f.column("body", dialect.Type{Kind: dialect.Text, Size: 100}, true))
	odd := []any{"", "a,b", `"`, `\`, `{x}`, "NULL", " ", "'", "ä", `a"b\c`}
	for i, v := range odd {
		f.must(t, f.db, f.note(t, int64(i), v.(string)))
	}
	f.must(t, f.db, f.note(t, 100, "not in the list"))
	in := dialect.In{Operand: dialect.Ref{Table: "note", Column: "body"}, Values: odd, Kind: dialect.Text}
	if got := mustScan[int64](t, f.db, f.selectFrom(t, "note", in, "id", dialect.Int64)); len(got) != len(odd) {
		t.Errorf("found %v of %d texts", got, len(odd))
	}
	var keys []any
	for i := range 5000 {
		keys = append(keys, int64(i*20))
	}
	in = dialect.In{Operand: dialect.Ref{Table: "note", Column: "id"}, Values: keys, Kind: dialect.Int64}
	if got := mustScan[int64](t, f.db, f.selectFrom(t, "note", in, "id", dialect.Int64)); !slices.Equal(got, []int64{0, 100}) {
		t.Errorf("found %v", got)
	}
	none := dialect.In{Operand: dialect.Ref{Table: "note", Column: "id"}, Kind: dialect.Int64}
	if got := mustScan[int64](t, f.db, f.selectFrom(t, "note", none, "id", dialect.Int64)); len(got) != 0 {
		t.Errorf("an empty list finds %v", got)
	}
}

func testUpsert(t *testing.T, f *fixture) {
	f.many(t, 2, "row ")
	upsert := &dialect.Insert{
		Into: dialect.TableRef{Name: "note"}, Columns: []string{"id", "body"},
		Rows: [][]dialect.Arg{
			{{Value: int64(1), Kind: dialect.Int64}, {Value: "changed", Kind: dialect.Text}},
			{{Value: int64(2), Kind: dialect.Int64}, {Value: "made", Kind: dialect.Text}},
		},
		Conflict: &dialect.Conflict{
			Key: []string{"id"}, Set: []dialect.Assign{{Column: "body", Value: dialect.Proposed{Column: "body"}}},
		},
	}
	f.must(t, f.db, f.render(t, upsert))
	f.bodies(t, f.db, "row 0", "changed", "made")
}

// testGoroutines has many goroutines read and write their own rows, so that a connection or a
// buffer that two of them share is seen.
func testGoroutines(t *testing.T, f *fixture) {
	f.notes(t)
	const goroutines, rounds = 16, 20
	inserts := make([]*driver.Statement, goroutines*rounds)
	reads := make([]*driver.Statement, goroutines*rounds)
	for i := range inserts {
		inserts[i] = f.note(t, int64(i), fmt.Sprint("body ", i))
		reads[i] = f.selectFrom(t, "note", equal("note", "id", dialect.Arg{Value: int64(i), Kind: dialect.Int64}), "body", dialect.Text)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var group sync.WaitGroup
	for g := range goroutines {
		group.Go(func() {
			for i := g * rounds; i < (g+1)*rounds; i++ {
				if err := f.insertAndRead(ctx, inserts[i], reads[i], fmt.Sprint("body ", i)); err != nil {
					t.Errorf("row %d: %v", i, err)
					return
				}
			}
		})
	}
	group.Wait()
}

func (f *fixture) insertAndRead(ctx context.Context, insert, read *driver.Statement, want string) error {
	if _, err := f.db.Exec(ctx, insert); err != nil {
		return err
	}
	got, err := scanAll[string](ctx, f.db, read)
	if err == nil && !slices.Equal(got, []string{want}) {
		err = errors.New("got " + fmt.Sprintf("%q", got))
	}
	return err
}

// testHomeClose asserts that closing the home leaves the application's pool open.
func testHomeClose(t *testing.T, f *fixture) {
	f.many(t, 1, "row ")
	second, err := f.Driver.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	f.bodies(t, f.db, "row 0")
	f.bodies(t, f.open(t, ""), "row 0")
}
