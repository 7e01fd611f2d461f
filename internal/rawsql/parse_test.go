package rawsql

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

var known = Known{Models: []string{"case", "comment"}, Catalog: "rowhouse_"}

var syntaxes = map[string]Syntax{"postgres": PostgreSQL, "mysql": MySQL, "mariadb": MariaDB, "sqlite": SQLite}

// show writes the parts of a text so that a test can read them: [case] is a table without an alias,
// [case as] one that has its own, [=case] a target, [case.] an alias, [!case.] a bare name.
func show(t *Text) string {
	var s strings.Builder
	for _, p := range t.Parts {
		own := map[bool]string{true: "", false: " as"}[p.Alias]
		switch p.Kind {
		case SQL:
			s.WriteString(p.Text)
		case Source:
			s.WriteString("[" + p.Text + own + "]")
		case Target:
			s.WriteString("[=" + p.Text + own + "]")
		case Qualifier:
			s.WriteString("[" + p.Text + ".]")
		case Bare:
			s.WriteString("[!" + p.Text + ".]")
		case Arg:
			s.WriteString("<" + t.Args[p.Arg] + ">")
		case List:
			fmt.Fprintf(&s, "<%v in %s>", !p.Not, t.Args[p.Arg])
		}
	}
	return s.String()
}

// on says on which engines a case is so: all of them for "".
func on(engines string) []string {
	if engines == "" {
		return []string{"postgres", "mysql", "mariadb", "sqlite"}
	}
	return strings.Fields(engines)
}

const my = "mysql mariadb"

// example is a text that is accepted, and what becomes of it.
type example struct {
	engines   []string
	sql, want string
}

// accepted reads testdata/accepted.sql: the engines, a text and, after =>, what show makes of it.
func accepted(tb testing.TB) (list []example) {
	tb.Helper()
	file, err := os.ReadFile("testdata/accepted.sql")
	if err != nil {
		tb.Fatal(err)
	}
	for block := range strings.SplitSeq(strings.TrimSpace(string(file)), "\n\n") {
		engines, rest, _ := strings.Cut(block, "\n")
		sql, want, ok := strings.Cut(rest, "\n=>\n")
		if !ok || !strings.HasPrefix(engines, "-- ") {
			tb.Fatalf("no example: %s", block)
		}
		list = append(list, example{strings.Fields(engines)[1:], sql, want})
	}
	return list
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	for _, c := range accepted(t) {
		for _, engine := range c.engines {
			got, err := Parse(syntaxes[engine], c.sql, known)
			if err != nil {
				t.Errorf("%s: %s: %v", engine, c.sql, err)
				continue
			}
			if show(got) != c.want {
				t.Errorf("%s: %s\nis   %s\nwant %s", engine, c.sql, show(got), c.want)
			}
		}
	}
}

const (
	aTable = "stands where a table does"
	aSlot  = "write the model's slot, {comment}"
	odd    = "not understood"
)

var refused = []struct{ engines, sql, want string }{
	// Tables that are no slots, in every place where one can stand.
	{"", "select * from comment", aSlot},
	{"", "select * from COMMENT c", aSlot},
	{"", `select * from "comment"`, aSlot},
	{"", "select * from other", aTable},
	{"", "select * from public.comment", aTable},
	{"", `select * from "public"."comment"`, aTable},
	{"", "select * from {case}, comment", aSlot},
	{"", "select * from {case} c, comment", aSlot},
	{"", "select * from {case} as c, comment", aSlot},
	{"", "select * from {case} join comment on true", aSlot},
	{"", "select * from {case} c left join {comment} d on c.a = d.a, comment", aSlot},
	{"", "select * from {case} c join {comment} d using (a), comment", aSlot},
	{"", "select * from (comment)", aSlot},
	{"", "select * from ({case} cross join comment)", aSlot},
	{"", "select * from ((({case}, comment)))", aSlot},
	{"", "select * from (select 1) x, comment", aSlot},
	{"", "select * from (select * from comment) x", aSlot},
	{"", "select (select a from comment)", aSlot},
	{"", "select a from {case} where b in (select c from comment)", aSlot},
	{"", "select a from {case} where exists(select 1 from comment)", aSlot},
	{"", "select a from {case} union select b from comment", aSlot},
	{"", "select 1 from /* x */ comment", aSlot},
	{"", "select 1 from -- x\n comment", aSlot},
	{"", "select 1 FrOm\tcomment", aSlot},
	{"", "select 1 as a from comment", aSlot},
	{"", "select 'x'from comment", aSlot},
	{"", `select "x"from comment`, aSlot},
	{"", "with x as (select * from comment) select * from x", aSlot},
	{"", "with comment as (select * from comment) select * from comment", "cannot be named"},
	{"", "with other as (select * from other) select * from other", aTable},
	{"", "with x as (select 1), y as (select * from z), z as (select 1) select 1", aTable},
	{"", "select * from (with x as (select 1) select * from x) y, x", aTable},
	{"", "with x as (select 1) select * from main.x", aTable},
	{"", `with x as (select 1) select * from "X"`, aTable},
	{"", "with x as (select 1) insert into x select 1", aTable},
	{"", "with x as (select 1) delete from x", aTable},
	{"", "with x as (select 1) update x set a = 1", aTable},
	{"", "insert into comment values (1)", aSlot},
	{"", "insert into {case} select * from comment", aSlot},
	{"", "insert into {case} table comment", "TABLE"},
	{"", "insert into {case} (a) table comment", "TABLE"},
	{"", "insert into {case} (a) values ((select b from comment))", aSlot},
	{"", "insert into {case} (a) with x as (select * from comment) select * from x", aSlot},
	{"", "update comment set a = 1", aSlot},
	{"", "update {case} set a = (select b from comment)", aSlot},
	{"", "delete from comment", aSlot},
	{"", "table comment", "begins with"},
	{"", "select 1 where exists (table comment)", "TABLE"},
	{"", "select 1 union table comment", "no query"},
	{"", "select 1 union all table comment", "TABLE"},
	{"", "select * from 'comment'", aTable},
	{"", "select * from $1", aTable},
	{"", "select * from 1", aTable},
	{"", "select * from .comment", aTable},
	{"", "select * from comment(1)", aSlot},
	{"", "select * from {case}.a", "dot"},
	{"", "select 1from comment", "number"},
	{"", "select 1.from comment", "number"},
	{"", "select $1from comment", "number"},
	// Words that end a list of tables on one engine are aliases on another.
	{"", "select * from {case} window, comment", aSlot},
	{"", "select * from {case} lock, comment", aSlot},
	{"", "select * from {case} minus, comment", aSlot},
	{"", "select * from {case} procedure, comment", aSlot},
	{"postgres", "select * from {case} minus (a), comment", aSlot},
	{"postgres", "select * from {case} lock (a), comment", aSlot},
	{"postgres", "select * from {case} set, comment", aSlot},
	{"sqlite mysql", "select * from {case} offset, comment", aSlot},
	{"sqlite", "select * from {case} for, comment", aSlot},
	{"sqlite", "select * from {case} do, comment", aSlot},
	{"sqlite", "select * from {case} with, comment", aSlot},
	{"", "select * from {case} ſelect, comment", aSlot}, // a long s, which is an S in upper case
	{"", "select * from {case} lımit, comment", aSlot},  // a dotless i
	{"postgres", "select * from {case} c join {case} d on percentile_cont(0.5) within group (order by c.x) = 1, comment", aSlot},
	{my, "select * from {case} for system_time all, comment", "FOR"},
	{my, "select * from (select 1) intersect (a), comment", "no query"},
	// What each engine has of its own.
	{"sqlite", "select 1 where 1 in comment", "IN needs"},
	{"sqlite", "select 1 where 1 not in main.comment", "IN needs"},
	{"sqlite", "select 1 where 1 in {comment}", "IN needs"},
	{"sqlite", "select * from [comment]", aSlot},
	{"sqlite", "select * from `comment`", aSlot},
	{"sqlite", "select * from sqlite_master", aTable},
	{"sqlite", "select * from pragma_table_info('comment')", "refused"},
	{"sqlite", "select load_extension('x')", "refused"},
	{"sqlite", "select :a", ":name"},
	{"sqlite", "insert or rollback into {case} values (1)", aTable},
	{"postgres", `select * from U&"c\006fmment"`, "U&"},
	{"postgres", "select U&'x'", "U&"},
	{"postgres", "select * from only comment", aSlot},
	{"postgres", "select * from {case}, lateral comment", aSlot},
	{"postgres", "select * from rows from (comment)", aTable},
	{"postgres", "delete from {case} using comment", aSlot},
	{"postgres", "delete from {case} using {comment} a, comment", aSlot},
	{"postgres", "merge into {case} using comment on true when matched then delete", aSlot},
	{"postgres", "merge into comment using {case} on true when matched then delete", aSlot},
	{"postgres", "update {case} set a = 1 from comment", aSlot},
	{"postgres", "select * into other from {case}", "INTO"},
	{"postgres", "select a is distinct from b from comment", aSlot},
	{"postgres", "select extract(year from a) from comment", aSlot},
	{"postgres", "select extract(select 1 from comment)", aSlot},
	{"postgres", "select f(a from comment)", "FROM"},
	{"postgres", "with x as (delete from comment returning *) select * from x", aSlot},
	{"postgres", "select 1 from {case} where a in (delete from {case} returning 1)", "cannot stand"},
	{"postgres", "insert into {case} with x as (select 1) select * from x returning (select a from x)", aTable},
	{"postgres", "with recursive x as (select 1) search depth first by a set b select * from x", odd},
	{"postgres", "select E'a' 'b'", "in a row"},
	{"postgres", "select E'a'\n'b\\' from comment --'", "backslash"},
	{"postgres", `select 'a\' from {case}`, "backslash"},
	{"postgres mysql mariadb", `select 'a\'' from comment --'`, "backslash"},
	{"postgres", "select $x$ a $y$", "not closed"},
	{"postgres", "select /* /* */ 1", "not closed"},
	{"postgres", `select set_config('search_path', 'x', false)`, "refused"},
	{"postgres", `select pg_catalog."set_config" ('search_path', 'x', false)`, "refused"},
	{"postgres", "select * from pg_catalog.query_to_xml('select 1', true, true, '')", "refused"},
	{"postgres", "select query from pg_stat_get_activity(null)", "refused"},
	{"postgres", "select query from pg_catalog.\"pg_stat_statements\"(true)", "refused"},
	{"postgres", "select * from dblink('x', 'y') as t (a int)", "refused"},
	{"postgres", "select lo_export(1, 'x'), nextval('other_seq')", "refused"},
	{my, "select load_file('x')", "refused"},
	{my, "select get_lock('x', 1)", "refused"},
	{my, "select @@version", "session"},
	{my, "select a := 1", "session"},
	{my, "select @`a`", "session"},
	{my, "select a from {case} into outfile 'x'", "INTO"},
	{my, "select /*! a from comment */ 1", "SQL to the server"},
	{"mariadb", "select /*M! a from comment */ 1", "SQL to the server"},
	{my, `select "a\"" from comment --"`, "backslash"},
	{my, "select * from `comment`", aSlot},
	{my, "update {case} c, comment set c.a = 1", aSlot},
	{my, "update {case} c join comment m on true set c.a = 1", aSlot},
	{my, "delete c from {case} c, comment", aSlot},
	{my, "delete comment from comment", aSlot},
	{my, "insert comment values (1)", aSlot},
	{my, "insert into {case} values (1) on duplicate key update a = (select b from comment)", aSlot},
	{my, "explain comment", "begins with"},
	{my, "explain for connection 1", "begins with"},
	{my, "select * from {oj {case} left outer join comment on true}", "brace"},
	// What is not one statement over a tenant's rows.
	{"", "", "empty"},
	{"", " -- nothing\n", "empty"},
	{"", "select 1; select 2", "second statement"},
	{"", "select 1;;", "second statement"},
	{"", "set x = 1", "begins with"},
	{"", "begin", "begins with"},
	{"", "commit", "begins with"},
	{"", "use other", "begins with"},
	{"", "attach 'x' as y", "begins with"},
	{"", "pragma foreign_keys", "begins with"},
	{"", "copy {case} to stdout", "begins with"},
	{"postgres", "do $$ begin end $$", "begins with"},
	{"", "call f()", "begins with"},
	{"", "prepare x as select 1", "begins with"},
	{"", "lock table {case}", "begins with"},
	{"", "listen x", "begins with"},
	{"", "create table x (a int)", "begins with"},
	{"", "drop table {case}", "begins with"},
	{"", "truncate {case}", "begins with"},
	{"", "explain drop table {case}", "begins with"},
	{"", "explain explain select 1", "begins with"},
	{"", "1", "begins with"},
	// Names.
	{"", "select * from {none}", "there are case, comment"},
	{"", "select * from {Case}", "no model"},
	{"", "select * from {case}c", "touches"},
	{"", "select * from x{case}", "touches"},
	{"", `select * from {case}"c"`, "touches"},
	{"", "select * from {case", "brace"},
	{"", "select * from case}", "no part of SQL"},
	{"", "select * from {}", "brace"},
	{"", "select * from {ca se}", "brace"},
	{"", "select {case} from {case}", "where no table does"},
	{"", "select f({case})", "where no table does"},
	{"", "select * from rowhouse_tenant", "catalog"},
	{"", `select "ROWHOUSE_tenant".x from {case}`, "catalog"},
	// Pieces.
	{"", "select 'a", "not closed"},
	{"", `select "a`, "not closed"},
	{"", "select /* a", "not closed"},
	{"", "select (1", "not closed"},
	{"", "select 1)", "closes nothing"},
	{"postgres", "select (1]", "closes nothing"},
	{"", "select * from", "missing"},
	{"", "select * from {case},", "missing"},
	{"", "select * from (select 1", "not closed"},
	{"", "insert into", "missing"},
	{"", "delete", "middle"},
	{"", "with x as (select 1)", "middle"},
	{"", "select \x00", "control"},
	{"", "select \xff", "UTF-8"},
	{"", "select $1 + @a", "not both"},
	{"mysql mariadb sqlite", "select ?", "$1"},
	{"mysql mariadb sqlite", "select $a$ x $a$", "dollar"},
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range refused {
		for _, engine := range on(c.engines) {
			text, err := Parse(syntaxes[engine], c.sql, known)
			if err == nil {
				t.Errorf("%s: %s: accepted as %s", engine, c.sql, show(text))
			} else if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %s: %v; want %s", engine, c.sql, err, c.want)
			}
		}
	}
}

func TestWhatATextDoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sql             string
		writes, returns bool
	}{
		{"select 1", false, true},
		{"values (1)", false, true},
		{"(select 1) union (select 2)", false, true},
		{"with x as (select 1) select * from x", false, true},
		{"insert into {case} (a) values (1)", true, false},
		{"insert into {case} (a) values (1) returning a", true, true},
		{"insert into {case} (a) with x as (select 1) select * from x", true, false},
		{"update {case} set a = 1", true, false},
		{"update {case} set a = (select returning from {case})", true, false},
		{"delete from {case} returning *", true, true},
		{"with x as (select 1) delete from {case}", true, false},
		{"with x as (delete from {case} returning a) select * from x", true, true},
		{"with x as (delete from {case} returning a) delete from {comment}", true, false},
		{"explain delete from {case}", true, true},
	} {
		text, err := Parse(PostgreSQL, c.sql, known)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
		} else if text.Writes != c.writes || text.Returns != c.returns {
			t.Errorf("%s: writes %v, returns %v", c.sql, text.Writes, text.Returns)
		}
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	_, err := Parse(SQLite, "select a,\n '\n',\n /* \n */ b\n from comment", known)
	if err == nil || !strings.HasPrefix(err.Error(), "line 6: ") {
		t.Error(err)
	}
}
