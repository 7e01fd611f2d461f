package rowhouse_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse"
)

// emails reads what a raw query gives, in order.
func emails(t *testing.T, scope rowhouse.Scope, text string, args ...any) []string {
	t.Helper()
	got, err := rowhouse.Raw[string](scope, text, args...).All(t.Context())
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	slices.Sort(got)
	return got
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// grown gives two tenants rows that a query without a wall would mix up.
func grown(t *testing.T, s site) {
	t.Helper()
	for _, tenant := range []*rowhouse.Tenant{s.tenant, s.other} {
		whose := map[bool]string{true: "ours", false: "theirs"}[tenant == s.tenant]
		boss := person(t, tenant, whose+"-boss")
		team := "red"
		for i := range 3 {
			p := Person{Email: fmt.Sprintf("%s-%d", whose, i), Age: 20 + i, Boss: &boss.ID, Group: &team}
			ok(t, persons.In(tenant).Insert(t.Context(), &p))
			ok(t, memberships.In(tenant).Insert(t.Context(), &Membership{Person: p.ID, Club: "chess", Since: 2000 + i}))
		}
	}
}

// TestRawStaysInside tries whatever widens a condition: the other tenant's rows are never there.
func TestRawStaysInside(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		grown(t, s)
		all := []string{"ours-0", "ours-1", "ours-2", "ours-boss"}
		for _, text := range []string{
			"select email from {person}",
			"select p.email from {person} p",
			"select p.email from {person} as p where p.age < 0 or 1 = 1",
			"select {person}.email from {person} where {person}.age >= 0 or {person}.email is not null",
			"select distinct p.email from {person} p, {person} q where p.age = 0 or q.age = 0 or 1 = 1",
			"select distinct p.email from {person} p left join {membership} m on 1 = 1",
			"select email from {person} where age = 0 union select email from {person} where 1 = 1",
			"select email from (select * from {person}) x",
			"select email from (select email from {person} union all select email from {person} where 1 = 0) x",
			"select x.email from {person} p join (select email, id from {person}) x on x.id = p.id or 1 = 0",
			"with x as (select * from {person}) select email from x",
			"with x as (select email from {person}), y as (select email from x) select y.email from y",
			"select p.email from {person} p where exists (select 1 from {person} q where q.id = p.id)",
			"select p.email from {person} p where p.id in (select id from {person} where 1 = 1)",
			"select (select max(q.email) from {person} q where q.id = p.id) as email from {person} p",
			"select p.email from ({person} p left join {membership} m on m.person_id = p.id)",
			"select person.email from {person} as person",
			"select email from {person} /* where 1 = 0 */ -- and 1 = 0",
		} {
			want(t, emails(t, s.tenant, text), all...)
			ok(t, s.tenant.Tx(t.Context(), func(tx *rowhouse.Tx) error {
				want(t, emails(t, tx, text), all...)
				return nil
			}))
		}
		want(t, emails(t, s.other, "select email from {person} where 1 = 1 or 1 = 1"), "theirs-0", "theirs-1", "theirs-2", "theirs-boss")
		if s.tenant.Placement() == rowhouse.InShared {
			for _, text := range []string{
				"select tenant_id from {person}", "select p.tenant_id from {person} p", "select email from {person} where tenant_id <> ''",
			} {
				if _, err := rowhouse.Raw[string](s.tenant, text).All(t.Context()); err == nil {
					t.Errorf("%s: the discriminator can be named", text)
				}
			}
		}
	})
}

// TestRawResults reads groups, arguments of both sorts, one value, a model's struct, and a stream.
func TestRawResults(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		grown(t, s)
		type team struct {
			Team   *string
			N      int
			Oldest int `db:"oldest"`
			Mean   float64
		}
		const text = `SELECT p.team, count(*) AS n, max(p.age) AS oldest, avg(p.age) AS mean
			FROM {person} p JOIN {membership} m ON m.person_id = p.id
			WHERE p.age >= %[1]s AND m.club = %[2]s AND p.age >= %[1]s GROUP BY p.team`
		for _, q := range []rowhouse.RawQuery[team]{
			rowhouse.Raw[team](s.tenant, fmt.Sprintf(text, "$2", "$1"), "chess", 21),
			rowhouse.Raw[team](s.tenant, fmt.Sprintf(text, "@least", "@club"), rowhouse.Named{"least": 21, "club": "chess"}),
		} {
			for range 3 { // from the second time on it may be prepared
				got, err := q.One(ctx)
				ok(t, err)
				if *got.Team != "red" || got.N != 2 || got.Oldest != 22 || got.Mean != 21.5 {
					t.Errorf("got %+v", got)
				}
			}
		}
		n, err := rowhouse.Raw[int64](s.tenant, "SELECT count(*) FROM {person}").First(ctx)
		if ok(t, err); n != 4 {
			t.Errorf("%d rows", n)
		}
		whole, err := rowhouse.Raw[Person](s.tenant,
			"SELECT id, email, age, boss_id, team, version, deleted_at FROM {person} WHERE email = $1", "ours-1").One(ctx)
		ok(t, err)
		p, err := persons.In(s.tenant).Where(personEmail.Eq("ours-1")).One(ctx)
		if ok(t, err); p.ID != whole.ID || *p.Boss != *whole.Boss || p.Age != whole.Age {
			t.Errorf("got %+v, want %+v", whole, p)
		}
		one := rowhouse.Raw[string](s.tenant, "SELECT email FROM {person} ORDER BY email")
		if first, err := one.First(ctx); err != nil || first != "ours-0" {
			t.Errorf("the first is %q, %v", first, err)
		}
		_, err = one.One(ctx)
		is(t, err, rowhouse.ErrMultiple)
		_, err = rowhouse.Raw[string](s.tenant, "SELECT email FROM {person} WHERE 1 = 0").One(ctx)
		is(t, err, rowhouse.ErrNotFound)
		seen := 0
		for email, err := range one.Each(ctx) {
			if ok(t, err); email != fmt.Sprint("ours-", seen) {
				t.Errorf("row %d is %q", seen, email)
			}
			if seen++; seen == 2 {
				break
			}
		}
	})
}

// TestRawSoftDelete: raw means raw.
func TestRawSoftDelete(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ann := person(t, s.tenant, "ann")
		ok(t, persons.In(s.tenant).Delete(t.Context(), &ann))
		want(t, emails(t, s.tenant, "select email from {person}"), "ann")
		want(t, emails(t, s.tenant, "select email from {person} where deleted_at is null"))
	})
}

// TestRawLists has lists of all lengths in IN and NOT IN.
func TestRawLists(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ann, bob := person(t, s.tenant, "ann"), person(t, s.tenant, "bob")
		const in, out = "select email from {person} where email in ($1)", "select email from {person} where email not in (@list)"
		list := func(v any) rowhouse.Named { return rowhouse.Named{"list": v} }
		want(t, emails(t, s.tenant, in, []string{"ann", "eve"}), "ann")
		want(t, emails(t, s.tenant, in, []string{}))
		want(t, emails(t, s.tenant, in, "ann"), "ann")
		want(t, emails(t, s.tenant, out, list([]string{"ann", "eve"})), "bob")
		want(t, emails(t, s.tenant, out, list([]string(nil))), "ann", "bob")
		want(t, emails(t, s.tenant, out, list("ann")), "bob")
		want(t, emails(t, s.tenant, "select email from {person} where id in ($1) and age in ($2) and version not in ($3)",
			[]uuid.UUID{ann.ID, bob.ID}, []int{0, 1}, []int64{}), "ann", "bob")
		want(t, emails(t, s.tenant, "select email from {person} where age in ($1) or email in ($2)", []any{}, []any{"ann"}), "ann")
		_, err := rowhouse.Raw[string](s.tenant, in, []any{"ann", 1}).All(t.Context())
		is(t, err, rowhouse.ErrInvalid)
		got, err := rowhouse.Raw[string](s.tenant, "select email from {person} where id = any($1) and email = any($2)",
			[]uuid.UUID{ann.ID}, []string{"ann"}).All(t.Context())
		if s.engine != "postgres" {
			is(t, err, rowhouse.ErrInvalid)
			return
		}
		ok(t, err)
		want(t, got, "ann")
	})
}

// TestRawTypes sends every type that a column has as an argument, and reads it back.
func TestRawTypes(t *testing.T) {
	everywhere(t, rowhouse.Models(everything), func(t *testing.T, s site) {
		ctx := t.Context()
		row := full()
		ok(t, everything.In(s.tenant).Insert(ctx, &row))
		columns := make([]string, 0, 40)
		for _, c := range everything.Table().Columns {
			columns = append(columns, quoteFor(s.engine, c.Name))
		}
		got, err := rowhouse.Raw[Everything](s.tenant, "select "+strings.Join(columns, ", ")+" from {everything} where id = $1", row.ID).One(ctx)
		ok(t, err)
		same(t, got, row)
		for column, v := range map[string]any{
			"bool": true, "i8": int8(-128), "i16": row.I16, "i32": row.I32, "int": row.Int, "u8": row.U8, "u64": row.U64,
			"f64": row.F64, "text": row.Text, "status": row.Status, "bytes": row.Bytes, "at": row.At, "for": row.For, "key": row.Key,
			"raw": row.Raw, "p_bool": row.PBool, "p_int": row.PInt, "p_text": row.PText, "p_at": row.PAt, "p_key": row.PKey,
			"n_text": row.NText, "n_int": row.NInt, "n_at": row.NAt, "home_zip": row.Home.Zip, "price": row.Price,
		} {
			text := "select count(*) from {everything} where " + quoteFor(s.engine, column) + " = @v"
			if n, err := rowhouse.Raw[int](s.tenant, text, rowhouse.Named{"v": v}).One(ctx); err != nil || n != 1 {
				t.Errorf("%s = a %T: %d rows, %v", column, v, n, err)
			}
		}
		for _, v := range []any{nil, (*int)(nil), sql.NullString{}} {
			if n, err := rowhouse.Raw[*int64](s.tenant, "select max(id) from {everything} where p_int = $1", v).One(ctx); err != nil || n != nil {
				t.Errorf("= NULL as a %T: %v, %v", v, n, err)
			}
		}
		for _, v := range []any{map[string]int{}, struct{}{}, make(chan int), uint64(1 << 63)} {
			_, err := rowhouse.Raw[int64](s.tenant, "select count(*) from {everything} where id = $1", v).One(ctx)
			is(t, err, rowhouse.ErrInvalid)
		}
		at, err := rowhouse.Raw[time.Time](s.tenant, "select max("+quoteFor(s.engine, "at")+") from {everything}").One(ctx)
		if ok(t, err); !at.Equal(row.At) {
			t.Errorf("the time is %v, want %v", at, row.At)
		}
	})
}

func quoteFor(engine, name string) string {
	if engine == "mysql" || engine == "mariadb" {
		return "`" + name + "`"
	}
	return `"` + name + `"`
}

// TestRawWrites writes where the tenant has tables of its own, and is refused where it shares them.
func TestRawWrites(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		grown(t, s)
		texts := []string{
			"update {person} set age = age + $1 where {person}.email in ($2)",
			"delete from {membership} where {membership}.since = $1 or club in ($2)",
			"insert into {membership} (person_id, club, since) select id, $2, $1 from {person} where boss_id is not null",
		}
		args := [][]any{{10, []string{"ours-0", "ours-1"}}, {2000, []string{}}, {3, "go"}}
		if s.engine == "mysql" || s.engine == "mariadb" {
			texts = append(texts, "update {person} p join {membership} m on m.person_id = p.id set p.age = $1 where m.club = $2",
				"delete m from {membership} m join {person} p on p.id = m.person_id where p.age = $1 and m.club = $2")
			args = append(args, []any{77, "chess"}, []any{77, "chess"})
		}
		for i, text := range texts {
			n, err := rowhouse.Exec(ctx, s.tenant, text, args[i]...)
			if s.tenant.Placement() == rowhouse.InShared {
				is(t, err, rowhouse.ErrUnsupported)
				continue
			}
			if err != nil || n != []int64{2, 1, 3, 2, 2}[i] {
				t.Errorf("%s: %d rows, %v", text, n, err)
			}
		}
		want(t, emails(t, s.other, "select email from {person} where age < 30"), "theirs-0", "theirs-1", "theirs-2", "theirs-boss")
		if n, err := memberships.In(s.other).Count(ctx); err != nil || n != 3 {
			t.Errorf("the other tenant has %d memberships, %v", n, err)
		}
		if s.tenant.Placement() == rowhouse.InShared {
			return
		}
		is(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			_, err := rowhouse.Exec(ctx, tx, "delete from {membership} where 1 = 1")
			return errors.Join(err, rowhouse.ErrNull)
		}), rowhouse.ErrNull)
		if n, err := memberships.In(s.tenant).Count(ctx); err != nil || n == 0 {
			t.Errorf("%d memberships after what was undone, %v", n, err)
		}
		returning := "update {person} set age = 50 where email = $1 returning email"
		if s.engine == "sqlite" || s.engine == "postgres" {
			want(t, emails(t, s.tenant, returning, "ours-2"), "ours-2")
		}
		_, err := rowhouse.Exec(ctx, s.tenant, "insert into {membership} (person_id, club, since) values ($1, 'go', 1)", uuid.New())
		is(t, err, rowhouse.ErrReference)
		e, _ := errors.AsType[*rowhouse.StatementError](err)
		if e == nil || e.Op != "exec" || e.Tenant != s.tenant.Tenant() {
			t.Errorf("got %v", err)
		}
	})
}

// TestRawMistakes has what is wrong with a call be said, before anything is sent.
func TestRawMistakes(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		person(t, s.tenant, "ann")
		one := func(text string, args ...any) error {
			_, err := rowhouse.Raw[string](s.tenant, text, args...).All(ctx)
			return err
		}
		exec := func(text string, args ...any) error {
			_, err := rowhouse.Exec(ctx, s.tenant, text, args...)
			return err
		}
		type two struct{ Email, Name string }
		_, missing := rowhouse.Raw[two](s.tenant, "select email from {person}").All(ctx)
		_, unknown := rowhouse.Raw[two](s.tenant, "select email, age as years from {person}").All(ctx)
		_, null := rowhouse.Raw[string](s.tenant, "select team from {person}").All(ctx)
		_, bad := rowhouse.Raw[chan int](s.tenant, "select 1").All(ctx)
		for _, c := range []struct {
			name      string
			got, want error
			says      string
		}{
			{"a bare table", one("select email from person"), rowhouse.ErrInvalid, "{person}"},
			{"the physical table", one("select email from " + s.tenant.TableName(persons)), rowhouse.ErrInvalid, "where a table does"},
			{"another's table", one("select email from " + s.other.TableName(persons)), rowhouse.ErrInvalid, "where a table does"},
			{"the catalog", one("select id from rowhouse_tenant"), rowhouse.ErrInvalid, "catalog"},
			{"an unknown slot", one("select a from {none}"), rowhouse.ErrInvalid, "person, membership"},
			{"two statements", exec("delete from {person}; delete from {person}"), rowhouse.ErrInvalid, "second statement"},
			{"a missing argument", one("select email from {person} where email = $1"), rowhouse.ErrInvalid, "$1"},
			{"a missing name", one("select email from {person} where email = @a", rowhouse.Named{}), rowhouse.ErrInvalid, "@a"},
			{"an argument too many", one("select email from {person} where email = $1", 1, 2), rowhouse.ErrInvalid, "no $2"},
			{"a name too many", one("select email from {person}", rowhouse.Named{"a": 1}), rowhouse.ErrInvalid, "no @a"},
			{"numbers for names", one("select email from {person} where email = @a", 1), rowhouse.ErrInvalid, "Named"},
			{"names for numbers", one("select email from {person} where email = $1", rowhouse.Named{"a": 1}), rowhouse.ErrInvalid, "no @a"},
			{"a hole in the numbers", one("select email from {person} where email = $2", 1, 2), rowhouse.ErrInvalid, "no $1"},
			{"a write that is queried", one("delete from {person} where 1 = 1"), rowhouse.ErrInvalid, "Exec"},
			{"a query that is executed", exec("select email from {person}"), rowhouse.ErrInvalid, "Raw"},
			{"a field without a column", missing, rowhouse.ErrInvalid, `"name"`},
			{"a column without a field", unknown, rowhouse.ErrInvalid, `"years"`},
			{"a NULL", null, rowhouse.ErrNull, "pointer"},
		} {
			is(t, c.got, c.want)
			e, typed := errors.AsType[*rowhouse.StatementError](c.got)
			if !typed || e.Tenant != s.tenant.Tenant() || e.Op != "raw" && e.Op != "exec" || !strings.Contains(e.Error(), c.says) {
				t.Errorf("%s: %v", c.name, c.got)
			}
		}
		if _, typed := errors.AsType[*rowhouse.DefinitionError](bad); !typed {
			t.Errorf("a chan: %v", bad)
		}
		if err := one("select email from {person} where nonsense = 1"); err == nil {
			t.Error("an unknown column is taken")
		} else if e, typed := errors.AsType[*rowhouse.StatementError](err); !typed || e.Op != "raw" || e.Code == "" && s.engine != "sqlite" {
			t.Errorf("an unknown column: %v", err)
		}
		if s.engine == "sqlite" {
			_, err := rowhouse.Raw[string](s.tenant, "select email from {person} where email = $1", make([]string, 40_000)).All(ctx)
			is(t, err, rowhouse.ErrInvalid)
		}
		_, err := rowhouse.Raw[string](nil, "select 1").All(ctx)
		is(t, err, rowhouse.ErrUnknownTenant)
	})
}

// TestRawCommon reads the tables that all tenants share beside a tenant's own, and writes them in their
// own scope alone.
func TestRawCommon(t *testing.T) {
	everywhere(t, subscriber, func(t *testing.T, s site) {
		ctx, home := t.Context(), s.db.Common()
		code := strings.ReplaceAll(t.Name()[len("TestRawCommon/"):], "/", "-")
		ok(t, regions.In(home).Upsert(ctx, &Region{Code: "eu"}))
		n, err := rowhouse.Exec(ctx, home, "insert into {plan} (code, seats, region) values ($1, 7, 'eu')", code)
		if ok(t, err); n != 1 {
			t.Errorf("%d plans were made", n)
		}
		ok(t, subscriptions.In(s.tenant).Insert(ctx, &Subscription{Plan: code}))
		const text = "select p.seats from {subscription} s join {plan} p on p.code = s.plan_code"
		seats, err := rowhouse.Raw[int](s.tenant, text).All(ctx)
		if away(s) {
			is(t, err, rowhouse.ErrUnsupported)
		} else if ok(t, err); !slices.Equal(seats, []int{7}) {
			t.Errorf("the seats are %v", seats)
		}
		_, err = rowhouse.Raw[int](home, text).All(ctx)
		is(t, err, rowhouse.ErrInvalid)
		_, err = rowhouse.Exec(ctx, s.tenant, "update {plan} set seats = 1 where 1 = 1")
		is(t, err, rowhouse.ErrInvalid)
		ok(t, home.Tx(ctx, func(tx *rowhouse.Tx) error {
			want(t, emails(t, tx, "select code from {plan} where code = $1", code), code)
			return nil
		}))
	})
}
