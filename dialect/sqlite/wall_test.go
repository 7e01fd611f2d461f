package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/dialect/dialecttest"
	"github.com/rowhouse/rowhouse/dialect/mysql"
)

// row is a row of the table that the tests of this file run on.
type row struct {
	tenant string
	id     int64
	title  string
	note   *string
	rank   int64
}

// truth is a value of SQL's logic.
type truth int8

const (
	no truth = iota
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// holds says what a condition is for a row, written from SQL's own rules.
func (r row) holds(e dialect.Expr) truth {
	switch e := e.(type) {
	case nil:
		return yes
	case dialect.Truth:
		return truthOf(bool(e))
	case dialect.And:
		all := yes
		for _, x := range e {
			all = min(all, r.holds(x))
		}
		return all
	case dialect.Or:
		some := no
		for _, x := range e {
			some = max(some, r.holds(x))
		}
		return some
	case dialect.Not:
		return yes - r.holds(e.Operand)
	case dialect.Null:
		return truthOf((r.value(e.Operand) == nil) != e.Not)
	case dialect.Between:
		return min(r.compare(e.Operand, ">=", e.Low), r.compare(e.Operand, "<=", e.High))
	case dialect.Compare:
		return r.compare(e.Left, e.Op, e.Right)
	case dialect.In:
		return truthOf(slices.Contains(e.Values, r.value(e.Operand)))
	case dialect.Like:
		text, ok := r.value(e.Operand).(string)
		if !ok {
			return unknown
		}
		return truthOf(dialecttest.Like(e.Pattern, text, '\\'))
	}
	panic(fmt.Sprintf("%T", e))
}

func (r row) value(e dialect.Expr) any {
	switch e := e.(type) {
	case dialect.Arg:
		return e.Value
	case dialect.Ref:
		switch e.Column {
		case "id":
			return r.id
		case "title":
			return r.title
		case "rank":
			return r.rank
		case "note":
			if r.note == nil {
				return nil
			}
			return *r.note
		}
	}
	panic(fmt.Sprintf("%T", e))
}

func (r row) compare(left dialect.Expr, op string, right dialect.Expr) truth {
	a, b := r.value(left), r.value(right)
	if a == nil || b == nil {
		return unknown
	}
	var c int
	if n, ok := a.(int64); ok {
		c = cmp.Compare(n, b.(int64))
	} else {
		c = cmp.Compare(a.(string), b.(string))
	}
	return truthOf(map[string]bool{"=": c == 0, "<>": c != 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[op])
}

var (
	table  = dialect.TableRef{Name: "case"}
	walled = dialect.Setting{Wall: "tenant_id"}
	byID   = dialect.Ref{Table: "case", Column: "id"}
	byNote = dialect.Ref{Table: "case", Column: "note"}
)

// drawRows fills the table with rows of two tenants, which have the same keys.
func drawRows(t *rapid.T, db *sql.DB) (rows []row) {
	for _, tenant := range []string{"a", "b"} {
		for id := range rapid.Int64Range(0, 6).Draw(t, "rows") {
			r := row{tenant: tenant, id: id, title: dialecttest.Texts().Draw(t, "title"), rank: rapid.Int64Range(0, 9).Draw(t, "rank")}
			if rapid.Bool().Draw(t, "has a note") {
				note := dialecttest.Texts().Draw(t, "note")
				r.note = &note
			}
			rows = append(rows, r)
		}
	}
	mustExec(t, db, `DELETE FROM "case"`)
	var values []string
	var args []any
	for _, r := range rows {
		values = append(values, "(?, ?, ?, ?, ?)")
		args = append(args, r.tenant, r.id, r.title, r.note, r.rank)
	}
	if len(rows) > 0 {
		mustExec(t, db, `INSERT INTO "case" VALUES `+strings.Join(values, ", "), args...)
	}
	return rows
}

func mustExec(t dialecttest.Fataler, db *sql.DB, text string, args ...any) int64 {
	r, err := db.ExecContext(context.Background(), text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

// filled renders a statement for tenant a.
func filled(t dialecttest.Fataler, d dialect.Dialect, set dialect.Setting, s dialect.Statement) (text string, args []any) {
	template, err := dialect.Render(d, set, s)
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, a := range template.Args {
		if _, wall := a.Value.(dialect.Discriminator); wall {
			a.Value = "a"
		}
		args = append(args, a.Value)
	}
	return template.Fill(d, dialect.Names{}), args
}

// read returns the one column of a SELECT.
func read[V any](t dialecttest.Fataler, db *sql.DB, text string, args ...any) (all []V) {
	rows, err := db.QueryContext(context.Background(), text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var v V
		if err := rows.Scan(&v); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return all
}

// TestWall runs random conditions on a table that two tenants share. Each statement must do to one
// tenant's rows what the condition says, and nothing to the other's.
func TestWall(t *testing.T) {
	t.Parallel()
	db := memory(t)
	mustExec(t, db, `CREATE TABLE "case" (tenant_id text, id integer, title text, note text, rank integer, PRIMARY KEY (tenant_id, id))`)
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t, db)
		where := dialecttest.Conditions().Draw(t, "where")
		var want []int64
		for _, r := range rows {
			if r.tenant == "a" && r.holds(where) == yes {
				want = append(want, r.id)
			}
		}
		text, args := filled(t, Dialect{}, walled, &dialect.Select{
			From: table, Columns: []dialect.Expr{byID}, Where: where, Order: []dialect.Order{{By: byID}}, Limit: -1,
		})
		if got := read[int64](t, db, text, args...); !slices.Equal(got, want) {
			t.Fatalf("%s %v\nreads %v, want %v", text, args, got, want)
		}
		checkChanges(t, db, rows, where, int64(len(want)))
	})
}

// checkChanges deletes and updates the rows of tenant a.
func checkChanges(t *rapid.T, db *sql.DB, rows []row, where dialect.Expr, want int64) {
	others := int64(0)
	for _, r := range rows {
		if r.tenant == "b" {
			others++
		}
	}
	checkChange(t, db, &dialect.Delete{From: table, Where: where}, want, others)
	checkChange(t, db, &dialect.Update{Table: table, Where: where, Set: []dialect.Assign{
		{Column: "title", Value: dialect.Arg{Value: "changed", Kind: dialect.Text}},
	}}, want, others)
}

// checkChange runs a statement and takes it back.
func checkChange(t *rapid.T, db *sql.DB, change dialect.Statement, want, others int64) {
	mustExec(t, db, "BEGIN")
	defer mustExec(t, db, "ROLLBACK")
	text, args := filled(t, Dialect{}, walled, change)
	if n := mustExec(t, db, text, args...); n != want {
		t.Fatalf("%s %v\nchanges %d rows, want %d", text, args, n, want)
	}
	untouched := read[int64](t, db, `SELECT count(*) FROM "case" WHERE tenant_id = 'b' AND title <> 'changed'`)[0]
	if untouched != others {
		t.Fatalf("%s %v\nleaves %d rows of the other tenant, of %d", text, args, untouched, others)
	}
}

// TestOrder runs MySQL's orderings too: SQLite reads its quotation marks, and both sort NULL as the
// smallest value.
func TestOrder(t *testing.T) {
	t.Parallel()
	db := memory(t)
	mustExec(t, db, `CREATE TABLE "case" (id integer PRIMARY KEY, note text)`)
	mustExec(t, db, `INSERT INTO "case" (note) VALUES ('b'), (NULL), ('a'), ('c')`)
	for _, c := range []struct {
		name  string
		order dialect.Order
		want  string
	}{
		{"ascending", dialect.Order{}, "abc-"},
		{"descending", dialect.Order{Desc: true}, "-cba"},
		{"ascending, first", dialect.Order{Nulls: dialect.NullsFirst}, "-abc"},
		{"ascending, last", dialect.Order{Nulls: dialect.NullsLast}, "abc-"},
		{"descending, first", dialect.Order{Desc: true, Nulls: dialect.NullsFirst}, "-cba"},
		{"descending, last", dialect.Order{Desc: true, Nulls: dialect.NullsLast}, "cba-"},
	} {
		c.order.By, c.order.Nullable = byNote, true
		for _, d := range []dialect.Dialect{Dialect{}, mysql.Dialect{}} {
			text, args := filled(t, d, dialect.Setting{}, &dialect.Select{
				From: table, Columns: []dialect.Expr{byNote}, Order: []dialect.Order{c.order}, Limit: -1,
			})
			var got []string
			for _, note := range read[sql.Null[string]](t, db, text, args...) {
				if !note.Valid {
					note.V = "-"
				}
				got = append(got, note.V)
			}
			if got := strings.Join(got, ""); got != c.want {
				t.Errorf("%s, %s: %s, want %s\n%s", d.Name(), c.name, got, c.want, text)
			}
		}
	}
}

// TestNumbered: rows are numbered from the highest key on, each tenant's by itself in a shared
// table, and in the order in which they are given.
func TestNumbered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		set  dialect.Setting
		want []int64 // of tenant a, in the order of titles
	}{
		{"open", dialect.Setting{}, []int64{10, 11, 12}},
		{"walled", walled, []int64{4, 5, 6}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := memory(t)
			mustExec(t, db, `CREATE TABLE "case" (tenant_id text DEFAULT 'a', id integer, title text)`)
			mustExec(t, db, `INSERT INTO "case" VALUES ('a', 3, 'x'), ('b', 9, 'x')`)
			ins := &dialect.Insert{Into: table, Columns: []string{"title"}, Sequence: "id", Returning: []string{"id"}}
			for _, title := range []string{"one", "three", "two"} {
				ins.Rows = append(ins.Rows, []dialect.Arg{{Value: title, Kind: dialect.Text}})
			}
			text, args := filled(t, Dialect{}, c.set, ins)
			if got := slices.Sorted(slices.Values(read[int64](t, db, text, args...))); !slices.Equal(got, c.want) {
				t.Errorf("keys %v, want %v\n%s", got, c.want, text)
			}
			got := read[int64](t, db, `SELECT id FROM "case" WHERE tenant_id = 'a' AND title <> 'x' ORDER BY title`)
			if !slices.Equal(got, c.want) {
				t.Errorf("by title, the keys are %v, want %v", got, c.want)
			}
		})
	}
}

// TestNumberedFromOne: the first key of a tenant without rows is 1.
func TestNumberedFromOne(t *testing.T) {
	t.Parallel()
	db := memory(t)
	mustExec(t, db, `CREATE TABLE "case" (tenant_id text, id integer, title text)`)
	text, args := filled(t, Dialect{}, walled, &dialect.Insert{
		Into: table, Columns: []string{"title"}, Sequence: "id", Returning: []string{"id"},
		Rows: [][]dialect.Arg{{{Value: "x", Kind: dialect.Text}}},
	})
	if got := read[int64](t, db, text, args...); !slices.Equal(got, []int64{1}) {
		t.Errorf("keys %v", got)
	}
}
