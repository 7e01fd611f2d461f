package drivertest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

var pipelineCases = []testCase{
	{"nothing", testPipelineNothing},
	{"wrong options", testPipelineOptions},
	{"order", testPipelineOrder},
	{"each for itself", testPipelineEach},
	{"pairs", testPipelinePairs},
	{"values that are none", testPipelineValues},
	{"all or nothing", testPipelineAll},
	{"read has the last word", testPipelineVeto},
	{"failure while rows are read", testPipelineLate},
	{"more than is sent ahead", testPipelineMany},
	{"large statements", testPipelineLarge},
	{"long result before many", testPipelineLong},
	{"rows left", testPipelineRowsLeft},
	{"stop", testPipelineStop},
	{"stop of the sequence", testPipelineBreak},
	{"panic", testPipelinePanic},
	{"snapshot", testPipelineSnapshot},
	{"read only", testPipelineReadOnly},
	{"in a transaction", testPipelineTx},
	{"failure in a transaction", testPipelineTxFails},
	{"statement of the transaction in between", testPipelineTxBusy},
	{"rollback in between", testPipelineTxRollback},
	{"after the transaction's end", testPipelineTxEnded},
	{"cancelled before", testPipelineCancelledBefore},
	{"cancelled", testPipelineCancelled},
	{"cancelled in read", testPipelineCancelledInRead},
	{"many goroutines", testPipelineGoroutines},
}

// oneByOne hides that a pool, and its transactions, can send ahead.
type oneByOne struct{ driver.DB }

func (db oneByOne) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := db.DB.Begin(ctx, o)
	return struct{ driver.Tx }{tx}, err
}

// oneByOneCases are the cases of pipelines for a driver that has them, without.
func oneByOneCases() (list []testCase) {
	for _, c := range pipelineCases {
		list = append(list, testCase{c.name, func(t *testing.T, f *fixture) {
			if _, ok := f.db.(driver.Pipeliner); !ok {
				t.Skip("the driver has no other way")
			}
			f.db = oneByOne{f.db}
			c.run(t, f)
		}})
	}
	return list
}

// told writes down the replies of a pipeline.
type told struct {
	list []string
	fail error // what reply returns for a failed statement
	d    driver.Driver
}

// reply reads all. What it writes is the index, and the only row, the number of the rows that
// were written, or the kind of the fault.
func (x *told) reply(i int, r driver.Reply) error {
	switch {
	case r.Err != nil:
		x.list = append(x.list, fmt.Sprintf("%d fault %d", i, x.d.Fault(r.Err).Kind))
		return x.fail
	case r.Rows == nil:
		x.list = append(x.list, fmt.Sprintf("%d wrote %d", i, r.Result.Rows))
		return nil
	}
	text := []string{strconv.Itoa(i)}
	for r.Rows.Next() {
		var v string
		if err := r.Rows.Scan([]any{&v}); err != nil {
			return err
		}
		text = append(text, v)
	}
	x.list = append(x.list, strings.Join(text, " "))
	return r.Rows.Err()
}

func (x *told) want(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(x.list, want) {
		t.Errorf("told %q, want %q", x.list, want)
	}
}

var all = driver.PipelineOptions{}

func each(n int) driver.PipelineOptions { return driver.PipelineOptions{Each: n} }

// pipeline runs statements with patience and returns what was told.
func (f *fixture) pipeline(
	t *testing.T, r driver.Runner, o driver.PipelineOptions, list ...*driver.Statement,
) (x *told, err error) {
	t.Helper()
	x = &told{d: f.Driver}
	return x, f.pipe(t, r, o, slices.Values(list), x.reply)
}

func (f *fixture) pipe(
	t *testing.T, r driver.Runner, o driver.PipelineOptions, list iter.Seq[*driver.Statement],
	read func(int, driver.Reply) error,
) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return driver.Pipeline(ctx, r, list, o, read)
}

func (f *fixture) mustPipeline(
	t *testing.T, r driver.Runner, o driver.PipelineOptions, list ...*driver.Statement,
) *told {
	t.Helper()
	x, err := f.pipeline(t, r, o, list...)
	if err != nil {
		t.Fatalf("Pipeline: %v", err)
	}
	return x
}

// body reads the body of a note.
func (f *fixture) body(t *testing.T, id int64) *driver.Statement {
	t.Helper()
	return f.selectFrom(t, "note", equal("note", "id", dialect.Arg{Value: id, Kind: dialect.Int64}), "body", dialect.Text)
}

var unique = fmt.Sprint("fault ", driver.Unique)

func testPipelineNothing(t *testing.T, f *fixture) {
	f.notes(t)
	for _, o := range []driver.PipelineOptions{all, each(1), each(2), {Tx: driver.TxOptions{ReadOnly: true}}, {Snapshot: true}} {
		f.mustPipeline(t, f.db, o).want(t)
	}
	tx := f.begin(t, driver.TxOptions{})
	f.mustPipeline(t, tx, all).want(t)
	f.must(t, tx, f.note(t, 1, "kept"))
	commit(t, tx)
	f.bodies(t, f.db, "kept")
	f.usable(t)
}

func testPipelineOptions(t *testing.T, f *fixture) {
	f.notes(t)
	tx := f.begin(t, driver.TxOptions{})
	for name, c := range map[string]struct {
		r driver.Runner
		o driver.PipelineOptions
	}{
		"negative":            {f.db, each(-1)},
		"each in a Tx":        {tx, each(1)},
		"each with an option": {f.db, driver.PipelineOptions{Each: 2, Tx: driver.TxOptions{ReadOnly: true}}},
		"each in a snapshot":  {f.db, driver.PipelineOptions{Each: 2, Snapshot: true}},
	} {
		if x, err := f.pipeline(t, c.r, c.o, f.note(t, 1, "never")); err == nil || len(x.list) > 0 {
			t.Errorf("%s: told %q, error %v", name, x.list, err)
		}
	}
	rollback(t, tx)
	f.bodies(t, f.db)
}

func testPipelineOrder(t *testing.T, f *fixture) {
	f.notes(t)
	list := []*driver.Statement{
		f.note(t, 1, "one"), f.body(t, 1), f.note(t, 2, "two"), f.update(t, 1, "uno"), f.body(t, 3), f.body(t, 1),
		f.render(t, &dialect.Delete{From: dialect.TableRef{Name: "note"}}), f.body(t, 1),
	}
	want := []string{"0 wrote 1", "1 one", "2 wrote 1", "3 wrote 1", "4", "5 uno", "6 wrote 2", "7"}
	for _, o := range []driver.PipelineOptions{all, each(1), each(3), {Tx: driver.TxOptions{Isolation: driver.Serializable}}} {
		f.mustPipeline(t, f.db, o, list...).want(t, want...)
	}
	tx := f.begin(t, driver.TxOptions{})
	f.mustPipeline(t, tx, all, list...).want(t, want...)
	commit(t, tx)
	// Rows of kinds that nobody knows are rows all the same.
	f.must(t, f.db, f.note(t, 1, "one"))
	unknown := f.body(t, 1)
	unknown.Columns = []dialect.Kind{}
	f.mustPipeline(t, f.db, all, unknown, f.body(t, 1)).want(t, "0 one", "1 one")
	f.usable(t)
}

func testPipelineEach(t *testing.T, f *fixture) {
	f.many(t, 1, "row ")
	missing := f.fails(t, f.db, f.missing()).Kind
	x := f.mustPipeline(t, f.db, each(1),
		f.body(t, 0), f.note(t, 0, "taken"), f.note(t, 1, "one"), f.missing(), f.missing(), f.body(t, 1), f.note(t, 1, "taken"))
	x.want(t, "0 row 0", "1 "+unique, "2 wrote 1", fmt.Sprintf("3 fault %d", missing), fmt.Sprintf("4 fault %d", missing),
		"5 one", "6 "+unique)
	f.bodies(t, f.db, "row 0", "one")
	f.usable(t)
}

// missing reads a table that is not there.
func (f *fixture) missing() *driver.Statement {
	return &driver.Statement{Text: "SELECT 1 FROM " + f.table("missing"), Columns: []dialect.Kind{dialect.Int64}}
}

func testPipelinePairs(t *testing.T, f *fixture) {
	f.notes(t)
	x := f.mustPipeline(t, f.db, each(2),
		f.note(t, 1, "one"), f.note(t, 2, "two"),
		f.note(t, 3, "undone"), f.note(t, 1, "taken"),
		f.note(t, 1, "taken"), f.note(t, 4, "skipped"),
		f.note(t, 5, "five"), f.body(t, 5),
		f.note(t, 6, "not a pair"))
	x.want(t, "0 wrote 1", "1 wrote 1", "2 wrote 1", "3 "+unique, "4 "+unique, "6 wrote 1", "7 five", "8 wrote 1")
	f.bodies(t, f.db, "one", "two", "five", "not a pair")
	f.usable(t)
}

// testPipelineValues has arguments that are none of the contract's, so that the driver cannot even
// send their statements.
func testPipelineValues(t *testing.T, f *fixture) {
	f.notes(t)
	wrong := func(id int64) *driver.Statement {
		s := f.note(t, id, "")
		s.Args = slices.Clone(s.Args)
		for i := range s.Args {
			if s.Args[i].Kind == dialect.Text {
				s.Args[i].Value = struct{}{}
			}
		}
		return s
	}
	none := fmt.Sprintf("fault %d", driver.NoFault)
	f.mustPipeline(t, f.db, each(1), f.note(t, 1, "one"), wrong(2), f.note(t, 3, "three")).
		want(t, "0 wrote 1", "1 "+none, "2 wrote 1")
	f.mustPipeline(t, f.db, each(2), f.note(t, 4, "undone"), wrong(5), f.note(t, 6, "six"), f.note(t, 7, "seven")).
		want(t, "0 wrote 1", "1 "+none, "2 wrote 1", "3 wrote 1")
	f.mustPipeline(t, f.db, each(2), wrong(8), f.note(t, 9, "skipped"), f.note(t, 10, "ten"), wrong(11)).
		want(t, "0 "+none, "2 wrote 1", "3 "+none)
	x, err := f.pipeline(t, f.db, all, f.note(t, 12, "undone"), wrong(13), f.note(t, 14, "skipped"))
	if err == nil {
		t.Error("a wrong value: no error")
	}
	x.want(t, "0 wrote 1", "1 "+none)
	f.bodies(t, f.db, "one", "three", "six", "seven")
	f.usable(t)
}

func testPipelineAll(t *testing.T, f *fixture) {
	f.notes(t)
	f.mustPipeline(t, f.db, all, f.note(t, 1, "one"), f.note(t, 2, "two")).want(t, "0 wrote 1", "1 wrote 1")
	own := errors.New("said by read")
	for _, fail := range []error{nil, own} {
		x := told{d: f.Driver, fail: fail}
		list := []*driver.Statement{f.note(t, 3, "undone"), f.note(t, 1, "taken"), f.note(t, 4, "skipped"), f.body(t, 1)}
		err := f.pipe(t, f.db, all, slices.Values(list), x.reply)
		x.want(t, "0 wrote 1", "1 "+unique)
		switch {
		case fail == nil && f.Driver.Fault(err).Kind != driver.Unique:
			t.Errorf("error %v, want that of the statement", err)
		case fail != nil && !errors.Is(err, fail):
			t.Errorf("error %v, want that of read", err)
		}
	}
	f.bodies(t, f.db, "one", "two")
	f.usable(t)
}

// testPipelineVeto has read refuse what succeeded, even the last: then nothing is kept.
func testPipelineVeto(t *testing.T, f *fixture) {
	f.notes(t)
	stale := errors.New("stale")
	list := []*driver.Statement{f.note(t, 1, "undone"), f.note(t, 2, "undone"), f.update(t, 3, "matches none")}
	for i := range list {
		err := f.pipe(t, f.db, all, slices.Values(list), func(j int, _ driver.Reply) error {
			if i == j {
				return stale
			}
			return nil
		})
		if !errors.Is(err, stale) {
			t.Errorf("error %v, want %v", err, stale)
		}
		f.bodies(t, f.db)
	}
	f.usable(t)
}

// testPipelineLate asserts that a failure is told that shows after the first rows.
func testPipelineLate(t *testing.T, f *fixture) {
	if !f.d.Has(dialect.Returning) {
		t.Skip("the engine returns no rows from a write")
	}
	f.many(t, 3, "row ")
	late := f.render(t, &dialect.Insert{
		Into: dialect.TableRef{Name: "note"}, Columns: []string{"id"}, Returning: []string{"id"},
		Rows: [][]dialect.Arg{{{Value: int64(10), Kind: dialect.Int64}}, {{Value: int64(1), Kind: dialect.Int64}}},
	}, dialect.Int64)
	read := func(list *[]string) func(int, driver.Reply) error {
		return func(i int, r driver.Reply) error {
			text := fmt.Sprint(i, " ", r.Err != nil)
			if r.Rows != nil {
				for r.Rows.Next() { // and nobody looks at Err
				}
			}
			*list = append(*list, text)
			return nil
		}
	}
	var got []string
	if err := f.pipe(t, f.db, each(1), slices.Values([]*driver.Statement{late, f.body(t, 1)}), read(&got)); err != nil {
		t.Error(err)
	}
	// An engine may find the error before the first row.
	if want := []string{"0 false", "0 true", "1 false"}; !slices.Equal(got, want) && !slices.Equal(got, want[1:]) {
		t.Errorf("told %q, want %q", got, want)
	}
	got = nil
	err := f.pipe(t, f.db, all, slices.Values([]*driver.Statement{f.note(t, -1, "undone"), late, f.body(t, 1)}), read(&got))
	if err == nil || f.Driver.Fault(err).Kind == driver.NoFault {
		t.Errorf("error %v, want the statement's", err)
	}
	if want := []string{"0 false", "1 false", "1 true"}; !slices.Equal(got, want) && !slices.Equal(got, []string{want[0], want[2]}) {
		t.Errorf("told %q, want %q", got, want)
	}
	f.mustPipeline(t, f.db, all, f.body(t, -1)).want(t, "0")
	f.usable(t)
}

// testPipelineMany sends thousands, which are pulled as they are read.
func testPipelineMany(t *testing.T, f *fixture) {
	f.many(t, 10, "row ")
	const n, most = 2000, 300
	reads := make([]*driver.Statement, 10)
	for i := range reads {
		reads[i] = f.body(t, int64(i))
	}
	check := func(r driver.Runner, o driver.PipelineOptions) {
		t.Helper()
		pulled, read, ahead := 0, 0, 0
		list := func(yield func(*driver.Statement) bool) {
			for i := range n {
				pulled++
				ahead = max(ahead, pulled-read)
				if !yield(reads[i%len(reads)]) {
					return
				}
			}
		}
		x := told{d: f.Driver}
		err := f.pipe(t, r, o, list, func(i int, r driver.Reply) error {
			read++
			return x.reply(i, r)
		})
		if err != nil || len(x.list) != n {
			t.Fatalf("%d replies, error %v", len(x.list), err)
		}
		for i, text := range x.list {
			if want := fmt.Sprintf("%d row %d", i, i%10); text != want {
				t.Fatalf("told %q, want %q", text, want)
			}
		}
		if ahead > most {
			t.Errorf("%d statements were pulled ahead", ahead)
		}
	}
	for _, o := range []driver.PipelineOptions{all, each(1), each(3), each(150), {Tx: driver.TxOptions{ReadOnly: true}}, {Snapshot: true}} {
		check(f.db, o)
	}
	// Just as many as go out at once, and one more or less: what ends them must not wait.
	for _, n := range []int{31, 32, 33, 127, 128, 129} {
		list := slices.Repeat([]*driver.Statement{reads[0]}, n)
		for _, o := range []driver.PipelineOptions{all, each(1), each(n), each(n + 1), {Tx: driver.TxOptions{ReadOnly: true}}, {Snapshot: true}} {
			if x := f.mustPipeline(t, f.db, o, list...); len(x.list) != n {
				t.Errorf("%d replies of %d", len(x.list), n)
			}
		}
		tx := f.begin(t, driver.TxOptions{})
		if x := f.mustPipeline(t, tx, all, list...); len(x.list) != n {
			t.Errorf("in a transaction: %d replies of %d", len(x.list), n)
		}
		rollback(t, tx)
	}
	tx := f.begin(t, driver.TxOptions{})
	check(tx, all)
	rollback(t, tx)
	f.usable(t)
}

// testPipelineLarge writes and reads more than any buffer between holds.
func testPipelineLarge(t *testing.T, f *fixture) {
	f.create(t, "note", f.id(), f.column("body", kindOf(dialect.Bytes), true))
	var list []*driver.Statement
	const n = 40
	for i := range n {
		body := make([]byte, 1000<<(i%11))
		list = append(list, f.insert(t, "note", []string{"id", "body"},
			[]dialect.Arg{{Value: int64(i), Kind: dialect.Int64}, {Value: body, Kind: dialect.Bytes}}))
		list = append(list, f.selectFrom(t, "note",
			equal("note", "id", dialect.Arg{Value: int64(i), Kind: dialect.Int64}), "body", dialect.Bytes))
	}
	for _, o := range []driver.PipelineOptions{all, each(2)} {
		next := 0
		err := f.pipe(t, f.db, o, slices.Values(list), func(i int, r driver.Reply) error {
			if i != next || r.Err != nil {
				return fmt.Errorf("reply %d instead of %d, error %w", i, next, r.Err)
			}
			next++
			var body []byte
			if i%2 == 1 && (!r.Rows.Next() || r.Rows.Scan([]any{&body}) != nil || len(body) != 1000<<(i/2%11)) {
				return fmt.Errorf("statement %d reads %d bytes", i, len(body))
			}
			return nil
		})
		if err != nil || next != len(list) {
			t.Errorf("%d replies, error %v", next, err)
		}
		f.must(t, f.db, f.render(t, &dialect.Delete{From: dialect.TableRef{Name: "note"}}))
	}
	f.usable(t)
}

// testPipelineLong has a result that fills all buffers before statements that do.
func testPipelineLong(t *testing.T, f *fixture) {
	f.many(t, 300, strings.Repeat("long ", 20))
	list := []*driver.Statement{f.long()}
	for i := range 200 {
		list = append(list, f.note(t, int64(1000+i), strings.Repeat("x", 20_000)))
	}
	for _, o := range []driver.PipelineOptions{each(1), all} {
		first, wrote := 0, int64(0)
		err := f.pipe(t, f.db, o, slices.Values(list), func(_ int, r driver.Reply) error {
			if r.Rows == nil {
				wrote += r.Result.Rows
				return r.Err
			}
			for r.Rows.Next() {
				first++
				if first%10_000 == 0 {
					time.Sleep(5 * time.Millisecond)
				}
			}
			return r.Rows.Err()
		})
		if err != nil || first != 300*300 || wrote != 200 {
			t.Errorf("%d rows, %d written, error %v", first, wrote, err)
		}
		f.must(t, f.db, f.render(t, &dialect.Delete{From: dialect.TableRef{Name: "note"}, Where: dialect.Compare{
			Left: dialect.Ref{Table: "note", Column: "id"}, Op: ">=", Right: dialect.Arg{Value: int64(1000), Kind: dialect.Int64},
		}}))
	}
	f.usable(t)
}

// testPipelineRowsLeft reads no row, one row, or closes early; and keeps rows for later, which
// then show nothing.
func testPipelineRowsLeft(t *testing.T, f *fixture) {
	f.many(t, 300, "row ")
	list := []*driver.Statement{f.long(), f.allNotes(t), f.long(), f.allNotes(t), f.body(t, 7)}
	check := func(r driver.Runner, o driver.PipelineOptions) {
		t.Helper()
		var kept []driver.Rows
		var last string
		err := f.pipe(t, r, o, slices.Values(list), func(i int, r driver.Reply) error {
			for _, rows := range kept {
				if rows.Next() {
					t.Error("rows of an earlier reply have rows")
				}
			}
			kept = append(kept, r.Rows)
			switch i {
			case 1, 2:
				r.Rows.Next()
			case 3:
				return r.Rows.Close()
			case 4:
				r.Rows.Next()
				return r.Rows.Scan([]any{&last})
			}
			return nil
		})
		if err != nil || last != "row 7" || len(kept) != len(list) {
			t.Errorf("%d replies, the last of %q, error %v", len(kept), last, err)
		}
	}
	check(f.db, each(1))
	check(f.db, all)
	tx := f.begin(t, driver.TxOptions{})
	check(tx, all)
	rollback(t, tx)
	f.usable(t)
}

// testPipelineStop has read end it in the middle of a long result, before others.
func testPipelineStop(t *testing.T, f *fixture) {
	f.many(t, 300, strings.Repeat("long ", 10))
	enough := errors.New("enough")
	stop := func(_ int, r driver.Reply) error {
		if r.Rows != nil && r.Rows.Next() {
			return enough
		}
		return r.Err
	}
	list := []*driver.Statement{f.note(t, -1, "undone"), f.long(), f.long(), f.allNotes(t), f.long()}
	reads := list[1:]
	soon(t, "stopping", func() {
		for range f.PoolSize + 1 {
			if err := f.pipe(t, f.db, all, slices.Values(list), stop); !errors.Is(err, enough) {
				t.Errorf("all: %v", err)
			}
			for _, o := range []driver.PipelineOptions{each(1), each(3), {Tx: driver.TxOptions{ReadOnly: true}}, {Snapshot: true}} {
				if err := f.pipe(t, f.db, o, slices.Values(reads), stop); !errors.Is(err, enough) {
					t.Errorf("%+v: %v", o, err)
				}
			}
		}
	})
	f.mustPipeline(t, f.db, all, f.body(t, -1)).want(t, "0")
	f.usable(t)
}

// testPipelineBreak stops while a transaction of several is not sent whole: none of it is kept.
func testPipelineBreak(t *testing.T, f *fixture) {
	f.notes(t)
	enough := errors.New("enough")
	const n = 400
	for _, o := range []driver.PipelineOptions{each(n), all} {
		list := func(yield func(*driver.Statement) bool) {
			for i := range int64(n) {
				if !yield(f.note(t, i, "undone")) {
					return
				}
			}
		}
		err := f.pipe(t, f.db, o, list, func(int, driver.Reply) error { return enough })
		if !errors.Is(err, enough) {
			t.Errorf("error %v", err)
		}
		f.bodies(t, f.db)
	}
	f.usable(t)
}

func testPipelinePanic(t *testing.T, f *fixture) {
	f.many(t, 3, "row ")
	list := slices.Values([]*driver.Statement{f.note(t, 10, "undone"), f.allNotes(t), f.allNotes(t)})
	panicking := func(o driver.PipelineOptions, list iter.Seq[*driver.Statement], read func(int, driver.Reply) error) {
		defer func() {
			if recover() == nil {
				t.Error("the panic was lost")
			}
		}()
		_ = f.pipe(t, f.db, o, list, read)
	}
	for range f.PoolSize + 1 {
		panicking(all, list, func(_ int, r driver.Reply) error {
			if r.Rows != nil && r.Rows.Next() {
				panic("read")
			}
			return nil
		})
		panicking(each(4), func(yield func(*driver.Statement) bool) {
			list(yield)
			panic("sequence")
		}, func(int, driver.Reply) error { return nil })
	}
	f.bodies(t, f.db, "row 0", "row 1", "row 2")
	f.usable(t)
}

// testPipelineSnapshot writes between two replies.
func testPipelineSnapshot(t *testing.T, f *fixture) {
	f.many(t, 1, "row ")
	o := driver.PipelineOptions{Snapshot: true}
	x := told{d: f.Driver}
	// More than are sent ahead, so that some run after the change.
	list := slices.Repeat([]*driver.Statement{f.body(t, 0)}, 300)
	err := f.pipe(t, f.db, o, slices.Values(list), func(i int, r driver.Reply) error {
		err := x.reply(i, r)
		if i == 0 && err == nil {
			// Under locks the writer waits for the reader, so it is given up after a moment.
			ctx, cancel := context.WithTimeout(t.Context(), patience/30)
			defer cancel()
			_, _ = f.db.Exec(ctx, f.update(t, 0, "changed"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range x.list {
		if want := fmt.Sprintf("%d row 0", i); text != want {
			t.Fatalf("told %q, want %q", text, want)
		}
	}
}

func testPipelineReadOnly(t *testing.T, f *fixture) {
	f.many(t, 1, "row ")
	for _, o := range []driver.PipelineOptions{{Tx: driver.TxOptions{ReadOnly: true}}, {Snapshot: true}} {
		for range f.PoolSize + 1 {
			x, err := f.pipeline(t, f.db, o, f.body(t, 0), f.note(t, 1, "refused"), f.body(t, 0))
			if err == nil || len(x.list) != 2 {
				t.Errorf("told %q, error %v", x.list, err)
			}
		}
	}
	// The connection is as it was: what comes next may write.
	for i := range f.PoolSize + 1 {
		f.mustPipeline(t, f.db, all, f.update(t, 0, strings.Repeat("x", i))).want(t, "0 wrote 1")
	}
	f.usable(t)
}

func testPipelineTx(t *testing.T, f *fixture) {
	f.notes(t)
	tx := f.begin(t, driver.TxOptions{})
	f.must(t, tx, f.note(t, 1, "one"))
	// Options of a transaction are the pool's to take.
	f.mustPipeline(t, tx, driver.PipelineOptions{Tx: driver.TxOptions{ReadOnly: true}},
		f.body(t, 1), f.note(t, 2, "two"), f.body(t, 2)).want(t, "0 one", "1 wrote 1", "2 two")
	f.must(t, tx, f.note(t, 3, "three"))
	f.mustPipeline(t, tx, all, f.body(t, 3)).want(t, "0 three")
	if !f.OneWriter {
		f.bodies(t, f.db)
	}
	commit(t, tx)
	f.bodies(t, f.db, "one", "two", "three")

	tx = f.begin(t, driver.TxOptions{})
	f.mustPipeline(t, tx, all, f.note(t, 4, "undone"))
	rollback(t, tx)
	f.bodies(t, f.db, "one", "two", "three")
	f.usable(t)
}

func testPipelineTxFails(t *testing.T, f *fixture) {
	f.many(t, 1, "row ")
	enough := errors.New("enough")
	for range f.PoolSize + 1 {
		tx := f.begin(t, driver.TxOptions{})
		x, err := f.pipeline(t, tx, all, f.note(t, 1, "undone"), f.note(t, 0, "taken"), f.note(t, 2, "skipped"))
		if f.Driver.Fault(err).Kind != driver.Unique {
			t.Errorf("error %v", err)
		}
		x.want(t, "0 wrote 1", "1 "+unique)
		rollback(t, tx)
		// A savepoint brings back what was before.
		tx = f.begin(t, driver.TxOptions{})
		f.must(t, tx, f.note(t, 1, "before"))
		f.must(t, tx, &driver.Statement{Text: "SAVEPOINT s1"})
		if _, err := f.pipeline(t, tx, all, f.note(t, 2, "undone"), f.note(t, 0, "taken")); err == nil {
			t.Error("no error")
		}
		f.must(t, tx, &driver.Statement{Text: "ROLLBACK TO SAVEPOINT s1"})
		stop := func(int, driver.Reply) error { return enough }
		if err := f.pipe(t, tx, all, slices.Values([]*driver.Statement{f.allNotes(t), f.body(t, 0)}), stop); !errors.Is(err, enough) {
			t.Errorf("error %v", err)
		}
		f.bodies(t, tx, "row 0", "before")
		rollback(t, tx)
	}
	f.bodies(t, f.db, "row 0")
	f.usable(t)
}

func testPipelineTxBusy(t *testing.T, f *fixture) {
	f.many(t, 3, "row ")
	tx := f.begin(t, driver.TxOptions{})
	list := []*driver.Statement{f.allNotes(t), f.note(t, 10, "kept")}
	err := f.pipe(t, tx, all, slices.Values(list), func(_ int, r driver.Reply) error {
		if r.Rows == nil {
			return r.Err
		}
		r.Rows.Next()
		if _, err := tx.Exec(t.Context(), f.note(t, 11, "refused")); err == nil {
			t.Error("Exec: no error")
		}
		if _, err := f.pipeline(t, tx, all, f.note(t, 11, "refused")); err == nil {
			t.Error("Pipeline: no error")
		}
		if err := tx.Commit(t.Context()); err == nil {
			t.Error("Commit: no error")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	f.bodies(t, f.db, "row 0", "row 1", "row 2", "kept")
	f.usable(t)
}

func testPipelineTxRollback(t *testing.T, f *fixture) {
	f.notes(t)
	for range f.PoolSize + 1 {
		tx := f.begin(t, driver.TxOptions{})
		err := f.pipe(t, tx, all, slices.Values([]*driver.Statement{f.note(t, 1, "undone"), f.note(t, 2, "undone")}),
			func(int, driver.Reply) error { return tx.Rollback(t.Context()) })
		if err == nil {
			t.Error("the transaction was ended, and no error")
		}
		if _, err := tx.Exec(t.Context(), f.note(t, 3, "late")); err == nil {
			t.Error("Exec after Rollback: no error")
		}
	}
	f.bodies(t, f.db)
	f.usable(t)
}

func testPipelineTxEnded(t *testing.T, f *fixture) {
	f.notes(t)
	for name, end := range map[string]func(*testing.T, driver.Tx){"commit": commit, "rollback": rollback} {
		tx := f.begin(t, driver.TxOptions{})
		end(t, tx)
		if x, err := f.pipeline(t, tx, all, f.note(t, 1, "late")); err == nil {
			t.Errorf("after %s: told %q and no error", name, x.list)
		}
	}
	f.bodies(t, f.db)
	f.usable(t)
}

func testPipelineCancelledBefore(t *testing.T, f *fixture) {
	f.notes(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tx := f.begin(t, driver.TxOptions{})
	never := func(int, driver.Reply) error { panic("a reply") }
	list := slices.Values([]*driver.Statement{f.note(t, 1, "never")})
	f.isEnded(t, "all", driver.Pipeline(ctx, f.db, list, all, never), context.Canceled)
	f.isEnded(t, "each", driver.Pipeline(ctx, f.db, list, each(1), never), context.Canceled)
	f.isEnded(t, "in a transaction", driver.Pipeline(ctx, tx, list, all, never), context.Canceled)
	rollback(t, tx)
	f.bodies(t, f.db)
	f.usable(t)
}

// testPipelineCancelled cancels a slow query between others.
func testPipelineCancelled(t *testing.T, f *fixture) {
	f.many(t, 1, "row ")
	list := []*driver.Statement{f.body(t, 0), f.slow(), f.body(t, 0)}
	cancelled := func(r driver.Runner, o driver.PipelineOptions) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		timer := time.AfterFunc(50*time.Millisecond, cancel)
		defer timer.Stop()
		start := time.Now()
		x := told{d: f.Driver}
		err := driver.Pipeline(ctx, r, slices.Values(list), o, x.reply)
		f.isEnded(t, "Pipeline", err, context.Canceled)
		if took := time.Since(start); took > promptly {
			t.Errorf("cancelling took %v", took)
		}
		// An engine may give an empty result before it waits.
		if len(x.list) > 2 {
			t.Errorf("told %q", x.list)
		}
	}
	cancelled(f.db, all)
	cancelled(f.db, each(1))
	cancelled(f.db, driver.PipelineOptions{Tx: driver.TxOptions{ReadOnly: true}})
	cancelled(f.db, driver.PipelineOptions{Snapshot: true})
	tx := f.begin(t, driver.TxOptions{})
	f.must(t, tx, f.note(t, 1, "undone"))
	cancelled(tx, all)
	rollback(t, tx)
	f.bodies(t, f.db, "row 0")
	f.usable(t)
}

// testPipelineCancelledInRead cancels when everything may have arrived already.
func testPipelineCancelledInRead(t *testing.T, f *fixture) {
	f.notes(t)
	for _, o := range []driver.PipelineOptions{all, each(1)} {
		ctx, cancel := context.WithCancel(t.Context())
		list := []*driver.Statement{f.note(t, 1, "once"), f.note(t, 2, "later")}
		n := 0
		err := driver.Pipeline(ctx, f.db, slices.Values(list), o, func(int, driver.Reply) error {
			n++
			cancel()
			return nil
		})
		f.isEnded(t, "Pipeline", err, context.Canceled)
		if n != 1 {
			t.Errorf("%d replies", n)
		}
		if o == all {
			f.bodies(t, f.db)
		}
	}
	f.usable(t)
}

func testPipelineGoroutines(t *testing.T, f *fixture) {
	f.many(t, 50, "row ")
	var list []*driver.Statement
	var want []string
	for i := range 50 {
		list = append(list, f.body(t, int64(i)))
		want = append(want, fmt.Sprintf("%d row %d", i, i))
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	errs := make(chan error)
	const goroutines = 12
	for g := range goroutines {
		go func() {
			x := told{d: f.Driver}
			err := driver.Pipeline(ctx, f.db, slices.Values(list), each(g%3), x.reply)
			if err == nil && !slices.Equal(x.list, want) {
				err = fmt.Errorf("told %q", x.list)
			}
			errs <- err
		}()
	}
	for range goroutines {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	f.usable(t)
}
