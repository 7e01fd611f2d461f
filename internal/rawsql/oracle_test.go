package rawsql

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // what the texts are run by
)

// engineOracle is SQLite itself: it is asked which tables a statement opens. {case} is filled with a
// table of the tenant's; whoever opens another has got past the slots.
type engineOracle struct {
	db     *sql.DB
	others map[int64]string // root pages that no text may open → names
}

func newEngineOracle(tb testing.TB) *engineOracle {
	tb.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	tb.Cleanup(func() { _ = db.Close() })
	for _, text := range []string{
		`CREATE TABLE "42_case" (a, b, c, x)`, `CREATE TABLE "case" (a, b, c, x)`, `CREATE TABLE comment (a, b, c, x)`,
		`CREATE TABLE other (a)`, `CREATE TABLE rowhouse_tenant (a, b, c, x)`,
	} {
		if _, err := db.ExecContext(tb.Context(), text); err != nil {
			tb.Fatal(err)
		}
	}
	o := &engineOracle{db: db, others: map[int64]string{1: "sqlite_schema"}}
	o.each(tb, `SELECT rootpage, name FROM sqlite_schema WHERE name <> '42_case'`, func(values []any) {
		o.others[values[0].(int64)] = fmt.Sprint(values[1])
	})
	return o
}

// each runs a query; it reports false if the engine refuses the text.
func (o *engineOracle) each(tb testing.TB, text string, fn func([]any)) bool {
	tb.Helper()
	rows, err := o.db.QueryContext(tb.Context(), text)
	if err != nil {
		return false
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		tb.Fatal(err)
	}
	for rows.Next() {
		values, dest := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			tb.Fatal(err)
		}
		fn(values)
	}
	return rows.Err() == nil
}

// fill writes a text as it would be run for tenant 42.
func fill(t *Text, table, mark string) string {
	var s strings.Builder
	for _, p := range t.Parts {
		switch p.Kind {
		case SQL:
			s.WriteString(p.Text)
		case Source, Target:
			s.WriteString(table)
			if p.Alias && (!p.Into || mark != "`") {
				s.WriteString(" AS " + mark + p.Text + mark)
			}
		case Bare:
			s.WriteString(table)
		case Qualifier:
			s.WriteString(mark + p.Text + mark)
		case Arg:
			s.WriteString("1")
		case List:
			s.WriteString(map[bool]string{true: " NOT IN (1)", false: " IN (1)"}[p.Not])
		}
	}
	return s.String()
}

// check fails if a text that was accepted opens a table that is not the tenant's. It reports whether
// the engine takes the text.
func (o *engineOracle) check(tb testing.TB, source string) (accepted, runs bool) {
	tb.Helper()
	text, err := Parse(SQLite, source, known)
	if err != nil {
		return false, false
	}
	filled := fill(text, `"main"."42_case"`, `"`)
	runs = o.each(tb, "EXPLAIN "+filled, func(values []any) {
		if name := o.opened(values); name != "" {
			tb.Fatalf("%s\nopens %s, as\n%s", source, name, filled)
		}
	})
	return true, runs
}

// opened returns the name of the table that an instruction opens and must not, or "".
func (o *engineOracle) opened(instruction []any) string {
	at := map[any]int{"OpenRead": 3, "OpenWrite": 3, "ReopenIdx": 3, "Clear": 2, "Destroy": 2}[instruction[1]]
	page, _ := instruction[at].(int64)
	if at == 0 {
		return ""
	}
	return o.others[page]
}

// pieces are what random texts are made of: much that a table may stand behind, and what hides it.
var pieces = strings.Split(`select|select|from|from|,|,|(|)|join|on|as|{case}|{case}|{case}|`+
	`comment|comment|other|"case"|c|d|x|a|*|*|where|`+
	`union|union all|with|recursive|in|not|exists|values|(1)|1|'q'|"comment"|[comment]|main.comment|insert into|update|set|a = 1|delete from|`+
	`returning|using|window|lock|limit|offset|order by|group by|having|left|cross|natural|indexed by|not indexed|for|do|`+
	`json_each('[]')|on conflict|/* x */|-- x`+"\n"+`|;|is distinct from|case when|then|else|end|{case}.a|.|=|replace|explain|materialized|`+
	`filter (where|over|except|intersect|$1|@v|with x as (|select * from|(select a from {case})|outer|inner|`+
	`values (1)|extract(|in other|not in main.other`, "|")

// randomText changes a text in a few places: most of what is left is still SQL.
func randomText(r *rand.Rand, texts []string) string {
	tokens := strings.Fields(texts[r.IntN(len(texts))])
	for range 1 + r.IntN(3) {
		piece := pieces[r.IntN(len(pieces))]
		at := r.IntN(len(tokens) + 1)
		switch {
		case at < len(tokens) && r.IntN(3) == 0:
			tokens[at] = piece
		case at < len(tokens) && r.IntN(4) == 0:
			tokens = slices.Delete(tokens, at, at+1)
		default:
			tokens = slices.Insert(tokens, at, piece)
		}
	}
	return strings.Join(tokens, " ")
}

// sources are the texts of this package's tables, refused or not.
func sources(tb testing.TB) (list []string) {
	tb.Helper()
	for _, c := range accepted(tb) {
		list = append(list, c.sql)
	}
	for _, c := range refused {
		list = append(list, c.sql)
	}
	return list
}

// texts are those that SQLite runs.
func texts(tb testing.TB, o *engineOracle) []string {
	tb.Helper()
	return slices.DeleteFunc(sources(tb), func(sql string) bool {
		plain := strings.NewReplacer("{case}", `"42_case"`, "{comment}", `"42_case"`, "$1", "1", "@a", "1").Replace(sql)
		return !o.each(tb, "EXPLAIN "+plain, func([]any) {})
	})
}

// TestRandomTexts runs random texts on SQLite: whatever is accepted opens no table but the tenant's.
func TestRandomTexts(t *testing.T) {
	t.Parallel()
	o := newEngineOracle(t)
	r := rand.New(rand.NewPCG(1, 2))
	n := 300_000
	if testing.Short() {
		n /= 10
	}
	corpus := texts(t, o)
	var accepted, run int
	for range n {
		a, b := o.check(t, randomText(r, corpus))
		if a {
			accepted++
		}
		if b {
			run++
		}
	}
	if run < n/100 {
		t.Errorf("of %d texts %d were accepted and %d were SQL: too few to prove anything", n, accepted, run)
	}
	t.Logf("of %d texts %d were accepted and %d were SQL", n, accepted, run)
}

// TestOracle breaks the walls: a text that names another table is caught.
func TestOracle(t *testing.T) {
	t.Parallel()
	o := newEngineOracle(t)
	seen := 0
	for _, text := range []string{"select * from comment", "select 1 where 1 in other", "delete from comment", "select * from sqlite_master"} {
		o.each(t, "EXPLAIN "+text, func(values []any) {
			if o.opened(values) != "" {
				seen++
			}
		})
	}
	if seen < 4 {
		t.Errorf("%d of 4 were seen", seen)
	}
}

func FuzzParse(f *testing.F) {
	for _, sql := range sources(f) {
		f.Add(sql)
	}
	o := newEngineOracle(f)
	f.Fuzz(func(t *testing.T, source string) {
		for _, s := range syntaxes {
			text, err := Parse(s, source, known)
			if (text == nil) == (err == nil) {
				t.Fatalf("%q: %v, %v", source, text, err)
			}
		}
		o.check(t, source)
	})
}
