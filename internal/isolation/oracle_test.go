package isolation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// oracle reads every statement that goes out and keeps the first that should not have.
type oracle struct {
	e       *engine
	own     []string // the catalog's tables
	common  string   // the table that all tenants read
	secured bool     // row-level security is on

	mu     sync.Mutex
	places map[string][]lease
	first  error
	seen   int
}

// lease is a place that a tenant has, or had until not long ago.
type lease struct {
	*place
	until time.Time // zero for the one that it has
}

func newOracle(e *engine, places []*place, secured bool) *oracle {
	o := &oracle{e: e, places: map[string][]lease{}, secured: secured}
	for _, at := range places {
		o.places[at.id] = []lease{{place: at}}
	}
	for _, table := range []string{"rowhouse_tenant", "rowhouse_generation"} {
		o.own = append(o.own, e.quoted(e.home)+"."+e.quoted(table))
	}
	o.common = e.quoted(e.home) + "." + e.quoted(States.Name())
	return o
}

// move says that a tenant has another place from now on. Statements may go to the one before for
// as long as a process need not know.
func (o *oracle) move(to *place, grace time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := o.places[to.id]
	for i := range all {
		if all[i].until.IsZero() {
			all[i].until = time.Now().Add(grace)
		}
	}
	o.places[to.id] = append(all, lease{place: to})
}

// of returns where a tenant's statements may go, the present place first.
func (o *oracle) of(tenant string) (list []lease) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range slices.Backward(o.places[tenant]) {
		if l.until.IsZero() || time.Now().Before(l.until) {
			list = append(list, l)
		}
	}
	return list
}

// knows reports whether a text is the id of a tenant.
func (o *oracle) knows(text string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, is := o.places[text]
	return is
}

// see is what a recorded driver calls.
func (o *oracle) see(database string, s *driver.Statement) {
	err := o.check(database, s)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen++
	if err != nil && o.first == nil {
		o.first = fmt.Errorf("breach: statement for tenant %q in database %q: %w: %s", s.Tenant, database, err, s.Text)
	}
}

// take returns the first statement that should not have gone out since the last take.
func (o *oracle) take() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	err := o.first
	o.first = nil
	return err
}

// who is the context's key for the tenant that a goroutine works for, or for the list of them.
type who struct{}

// sent checks a statement against what the caller's context says of whom it is for.
func (o *oracle) sent(ctx context.Context, s *driver.Statement) {
	id, ok := ctx.Value(who{}).(string)
	if many, is := ctx.Value(who{}).([]string); is {
		id, ok = fmt.Sprint(many), true
		if slices.Contains(many, s.Tenant) {
			return
		}
	}
	if !ok || s.Tenant == "" || s.Tenant == id {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.first == nil {
		o.first = fmt.Errorf("breach: tenant %q asked, and a statement for tenant %q went out: %s", id, s.Tenant, s.Text)
	}
}

func (o *oracle) check(database string, s *driver.Statement) error {
	tokens := scan(s.Text, o.e.quote)
	if err := o.checkWords(tokens, s); err != nil {
		return err
	}
	if s.Tenant == "" {
		return o.checkOwn(database, tokens)
	}
	if err := o.checkArgs(s); err != nil {
		return err
	}
	leases := o.of(s.Tenant)
	if len(leases) == 0 {
		return errors.New("there is no such tenant")
	}
	var first error
	for _, l := range leases {
		err := o.checkAt(l.place, database, tokens, s)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// checkAt accepts a statement that is for a tenant in that place.
func (o *oracle) checkAt(at *place, database string, tokens []token, s *driver.Statement) error {
	if database != at.database {
		return fmt.Errorf("the tenant's database is %q", at.database)
	}
	if control(tokens) || s.Text == dialect.SetTenant {
		return nil
	}
	mentions, err := mentioned(tokens)
	if err != nil {
		return err
	}
	if len(mentions) == 0 {
		return errors.New("no table is named")
	}
	for _, m := range mentions {
		if err := o.checkTable(at, tokens, m, s); err != nil {
			return err
		}
	}
	return errors.Join(checkUnique(tokens, mentions), checkAliases(tokens, mentions))
}

// checkWords refuses whatever touches the session.
func (o *oracle) checkWords(tokens []token, s *driver.Statement) error {
	if len(tokens) == 0 {
		return errors.New("it is empty")
	}
	if s.Text == dialect.SetTenant {
		if !o.secured || len(s.Args) != 1 || s.Args[0].Value != any(s.Tenant) {
			return fmt.Errorf("row-level security is told a tenant: %v", s.Args)
		}
		return nil
	}
	for _, t := range tokens {
		if lower := strings.ToLower(t.text); strings.Contains(lower, "search_path") || strings.Contains(lower, "set_config") ||
			strings.Contains(lower, "current_setting") {
			return errors.New("it touches the session")
		}
	}
	switch tokens[0].text {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "COPY", "SAVEPOINT", "RELEASE":
		return nil
	case "ROLLBACK":
		if len(tokens) > 1 && tokens[1].text == "TO" {
			return nil
		}
	}
	return errors.New("it begins as none should")
}

// control reports a savepoint's statement, which names no table.
func control(tokens []token) bool {
	return slices.Contains([]string{"SAVEPOINT", "RELEASE", "ROLLBACK"}, tokens[0].text)
}

// checkOwn lets the catalog's statements at the catalog's tables.
func (o *oracle) checkOwn(database string, tokens []token) error {
	mentions, err := mentioned(tokens)
	if err != nil {
		return err
	}
	for _, m := range mentions {
		common := o.e.written(m.names) == o.common && tokens[0].text == "SELECT"
		if database != "" || !common && !slices.Contains(o.own, o.e.written(m.names)) {
			return fmt.Errorf("the catalog's statement names %s", o.e.written(m.names))
		}
	}
	return nil
}

// checkArgs refuses arguments that are another tenant's: its id, or its canary. No value that
// the operations write or ask for is a tenant's id.
func (o *oracle) checkArgs(s *driver.Statement) error {
	var values []any
	for _, a := range s.Args {
		if list, is := a.Value.([]any); is {
			values = append(values, list...)
			continue
		}
		values = append(values, a.Value)
	}
	for _, v := range values {
		text, ok := v.(string)
		if !ok || text == s.Tenant || text == canary(s.Tenant) {
			continue
		}
		if o.knows(text) || strings.HasPrefix(text, canaryMark) {
			return fmt.Errorf("an argument is %q, another tenant's", text)
		}
	}
	return nil
}

// What several of the statements have in common.
const (
	sqlAll    = `SELECT "case"."id" FROM "public"."case" AS "case"`
	sqlOur    = ` WHERE "case"."tenant_id" = $1`
	sqlTwins  = "of two tables"
	sqlLeft   = ` LEFT JOIN "public"."link" AS "1" ON`
	sqlRanked = `SELECT "1"."1" FROM (SELECT "case"."id" AS "1", row_number() OVER (PARTITION BY "case"."id") AS "0"` +
		` FROM "public"."case" AS "case"`
	sqlLinked = ` FROM "public"."link" AS "1"`
	sqlCopied = ` ("tenant_id", "id") FROM STDIN (FORMAT binary)`
	sqlInsert = `INSERT INTO "public"."case" AS "case" ("tenant_id", "id") VALUES ($1, $2), ($3, $4)`
	sqlLists  = `INSERT INTO "public"."case" AS "case" ("tenant_id", "title") SELECT $1, "new".* FROM unnest($2) AS "new"`
)

// oracleCases are statements, and what is wrong with them for the tenant; "" is accepted.
var oracleCases = []struct {
	tenant, text string
	args         []any
	refused      string
}{
	{"a", `SELECT "case"."id" FROM "public"."a_case" AS "case" WHERE "case"."id" = $1`, []any{int64(1)}, ""},
	{"a", `DELETE FROM "public"."a_b_case" AS "b_case"`, nil, ""},
	{"s", `UPDATE "s_s"."case" AS "case" SET "title" = $1`, []any{"x"}, ""},
	{"a", `SAVEPOINT rowhouse_1`, nil, ""},
	{"a", `SELECT 1`, nil, "no table is named"},
	{"a", `SELECT "case"."id" FROM "a_case" AS "case"`, nil, "not named in full"},
	{"a", `SELECT "case"."id" FROM a_case AS "case"`, nil, "not named in full"},
	{"a", `SELECT "case"."id" FROM "db"."public"."a_case" AS "case"`, nil, "not named in full"},
	{"a", `SELECT "case"."id" FROM "public"."other_case" AS "case"`, nil, "not among"},
	{"a", `SELECT "case"."id" FROM "s_s"."case" AS "case"`, nil, "not among"},
	{"a", `SELECT "case"."id" FROM "public"."a_case" AS "link"`, nil, "goes by the name"},
	{"a", `SELECT "case"."id" FROM "public"."a_case" AS "case" JOIN "public"."other_link" AS "link" ON 1 = 1`, nil, "not among"},
	{"a", `UPDATE "public"."a_case" AS "case" SET "id" = (SELECT max("id") FROM "public"."other_case" AS "case")`, nil, "not among"},
	{"a", `DELETE FROM "public"."a_case" AS "case" WHERE "x"."id" = $1`, []any{int64(1)}, "no name for any table"},
	{"a", `SELECT "case"."id" FROM "public"."a_case" AS "case" WHERE "case"."title" = $1`, []any{"other"}, "another tenant's"},
	{"a", `SELECT "case"."id" FROM "public"."a_case" AS "case" WHERE "case"."tenant_id" = $1`, []any{"a"}, "where no table is shared"},
	{"a", `SET search_path TO a`, nil, "session"},
	{"a", `USE a`, nil, "begins as none should"},
	{"a", `SELECT set_config('search_path', $1, true)`, []any{"a"}, "session"},
	{"a", `ROLLBACK`, nil, "begins as none should"},
	{"nobody", `SELECT "case"."id" FROM "public"."a_case" AS "case"`, nil, "no such tenant"},
	{"", `SELECT "case"."id" FROM "public"."a_case" AS "case"`, nil, "the catalog's statement"},
	{"", `SELECT "x"."id" FROM "public"."rowhouse_tenant" AS "x"`, nil, ""},

	{"us", sqlAll + sqlOur + ` AND ("case"."id" = $2 OR 1 = 1) LIMIT $3`, []any{"us", int64(1), int64(1)}, ""},
	{"us", sqlAll, nil, "not compared first"},
	{"us", sqlAll + ` WHERE "case"."id" = $1`, []any{int64(1)}, "not compared first"},
	{"us", sqlAll + sqlOur, []any{"them"}, "another tenant's"},
	{"us", sqlAll + sqlOur, []any{"nobody"}, "the discriminator is nobody"},
	{"us", sqlAll + ` WHERE "case"."tenant_id" = "case"."tenant_id"`, nil, "no argument"},
	{"us", `DELETE FROM "public"."case" AS "case"` + sqlOur + ` OR 1 = 1`, []any{"us"}, "goes on with OR"},
	{"us", `DELETE FROM "public"."case" AS "case"` + sqlOur + ` AND 1 = 0 OR 1 = 1`, []any{"us"}, "an OR stands beside"},
	{"us", `UPDATE "public"."case" AS "case" SET "id" = (SELECT 1 FROM "public"."link" AS "1")` + sqlOur, []any{"us"}, "not compared first"},
	{"us", sqlAll + sqlLeft + ` "1"."tenant_id" = $1 AND "1"."id" = "case"."id" WHERE "case"."tenant_id" = $2`, []any{"us", "us"}, ""},
	{"us", sqlAll + sqlLeft + ` "1"."id" = "case"."id"` + sqlOur, []any{"us"}, "not compared first"},
	{"us", sqlAll + sqlLeft + ` "1"."tenant_id" = $1 OR 1 = 1 WHERE "case"."tenant_id" = $1`, []any{"us"}, "goes on with OR"},
	{"us", sqlAll + sqlLeft + ` "1"."tenant_id" = "case"."tenant_id"` + sqlOur, []any{"us"}, "no argument"},
	{"us", sqlAll + sqlLeft + ` "1"."tenant_id" = $1 AND "1"."id" = "case"."id"`, []any{"us"}, "not compared first"},
	{"us", sqlAll + sqlOur + ` AND EXISTS (SELECT 1` + sqlLinked + ` WHERE "1"."tenant_id" = $1 AND "1"."id" = "case"."id")`, []any{"us"}, ""},
	{"us", sqlAll + sqlOur + ` AND EXISTS (SELECT 1` + sqlLinked + ` WHERE "1"."id" = "case"."id")`, []any{"us"}, "not compared first"},
	{"us", sqlAll + sqlOur + ` AND EXISTS (SELECT 1` + sqlLinked + ` WHERE "case"."tenant_id" = $1)`, []any{"us"}, "not compared first"},
	{"us", sqlAll + sqlOur + ` AND "case"."id" = ANY(ARRAY(SELECT "1"."id"` + sqlLinked + ` WHERE "1"."tenant_id" = $1))`, []any{"us"}, ""},
	{"us", sqlAll + sqlOur + ` AND "case"."id" = ANY(ARRAY(SELECT "1"."id"` + sqlLinked + `))`, []any{"us"}, "not compared first"},
	{"us", sqlAll + sqlOur + ` AND "case"."title" = ANY($2)`, []any{"us", []any{"x", "them"}}, "another tenant's"},
	{"us", sqlRanked + sqlOur + `) AS "1" WHERE "1"."0" <= $2`, []any{"us", int64(1)}, ""},
	{"us", sqlRanked + `) AS "1" WHERE "1"."tenant_id" = $1`, []any{"us"}, "not compared first"},
	{"a", `SELECT "case"."id" FROM (SELECT "case"."id" FROM "public"."a_case" AS "case") AS "case"`, nil, ""},
	{"a", `SELECT "case"."id" FROM (SELECT "1"."id" FROM "public"."a_case" AS "1" JOIN "public"."a_link" AS "1") AS "case"`, nil, sqlTwins},
	{"a", `SELECT "1"."id" FROM (SELECT "case"."id" FROM "public"."a_case" AS "case") AS "1" JOIN "public"."a_link" AS "1"`, nil, sqlTwins},
	{"a", `SELECT "1"."id" FROM "public"."a_case" AS "1" WHERE EXISTS (SELECT 1 FROM "public"."a_link" AS "1")`, nil, sqlTwins},
	{"a", `SELECT "case"."id" FROM "public"."a_case" AS "case" LEFT JOIN "public"."other_link" AS "1" ON 1 = 1`, nil, "not among"},
	{"a", `SELECT "state"."code" FROM "public"."state" AS "state"`, nil, ""},
	{"a", `UPDATE "public"."state" AS "state" SET "text" = $1`, []any{"x"}, "not among"},
	{"", `SELECT "state"."code" FROM "public"."state" AS "state"`, nil, ""},
	{"", `DELETE FROM "public"."state" AS "state"`, nil, "the catalog's statement"},
	{"us", sqlInsert, []any{"us", int64(1), "us", int64(2)}, ""},
	{"us", sqlInsert, []any{"us", int64(1), "we", int64(2)}, "the discriminator is we"},
	{"us", `INSERT INTO "public"."case" AS "case" ("id") VALUES ($1)`, []any{int64(1)}, "not the first column"},
	{"us", sqlLists, []any{"us", []any{"x"}}, ""},
	{"us", sqlLists, []any{"them", []any{"x"}}, "another tenant's"},
	{"us", sqlLists, []any{"us", []any{"x", canary("them")}}, "another tenant's"},
	{"us", `COPY "public"."case"` + sqlCopied, nil, ""},
	{"us", `COPY "public"."case" ("id") FROM STDIN (FORMAT binary)`, nil, "not the first column"},
	{"a", `COPY "public"."other_case" ("id") FROM STDIN (FORMAT binary)`, nil, "not among"},
	{"a", `COPY "public"."a_case"` + sqlCopied, nil, "where no table is shared"},
	{"a", `COPY a_case ("id") FROM STDIN (FORMAT binary)`, nil, "not named in full"},
	{"a", `SELECT "case"."id" FROM stdin`, nil, "not named in full"},
	{"a", `SELECT "new"."id" FROM unnest(ARRAY(SELECT "id" FROM "public"."a_case" AS "case")) AS "new"`, nil, "not named in full"},
}

// TestOracle shows the oracle statements that nobody should send, one fault in each.
func TestOracle(t *testing.T) {
	t.Parallel()
	e := postgresEngine()
	var places []*place
	for _, r := range []resident{
		{"a", rowhouse.Prefix()},
		{"other", rowhouse.Prefix()},
		{"s", rowhouse.Schema("s_{tenant}")},
		{"us", rowhouse.Shared()},
		{"them", rowhouse.Shared()},
	} {
		places = append(places, e.place(r.id, r.placement))
	}
	for _, c := range oracleCases {
		s := &driver.Statement{Text: c.text, Tenant: c.tenant}
		for _, v := range c.args {
			s.Args = append(s.Args, dialect.Arg{Value: v})
		}
		err := newOracle(e, places, false).check("", s)
		if c.refused == "" && err != nil || c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)) {
			t.Errorf("for %q, %s %v: %v, not %q", c.tenant, c.text, c.args, err, c.refused)
		}
	}
}
