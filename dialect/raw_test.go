package dialect_test

import (
	"testing"

	"github.com/rowhouse/rowhouse/dialect"
)

// TestRaw writes an application's own words around its tables, where they are the tenant's own and
// where they are shared.
func TestRaw(t *testing.T) {
	t.Parallel()
	own := dialect.TableRef{Name: "case"}
	columns := []dialect.Expr{dialect.Ref{Table: "case", Column: "id"}}
	read := &dialect.Raw{
		Args: []dialect.Arg{{Value: int64(1), Kind: dialect.Int64}, {Value: []any{"a", "b"}, Array: true}, {Value: []any{}, Array: true}},
		Parts: []dialect.RawPart{
			dialect.Words("SELECT "), dialect.Alias("case"), dialect.Words(".id FROM "),
			dialect.Source{Table: own, Columns: columns},
			dialect.Words(", "),
			dialect.Source{Table: own, Columns: columns, Aliased: true},
			dialect.Words(" c WHERE a = "), dialect.Placed(0),
			dialect.Words(" OR b = "), dialect.Placed(0), dialect.Words(" OR c"),
			dialect.PlacedList{Arg: 1},
			dialect.Words(" OR d"),
			dialect.PlacedList{Arg: 2, Not: true},
			dialect.Words(" OR e"),
			dialect.PlacedList{Arg: 0},
		},
	}
	write := &dialect.Raw{Parts: []dialect.RawPart{
		dialect.Words("DELETE FROM "), dialect.Target{Table: own, Into: true}, dialect.Words(" WHERE "), dialect.Bare(own), dialect.Words(".id"),
	}}
	for _, c := range []struct {
		engine string
		wall   string
		raw    *dialect.Raw
		want   string
		args   int
	}{
		{
			"postgres", "", read, `SELECT "case".id FROM "s"."case" AS "case", "s"."case" c WHERE a = $1 OR b = $1` +
				` OR c = ANY ($2) OR d <> ALL ($3) OR e IN ($1)`, 3,
		},
		{
			"postgres", "t", read, `SELECT "case".id FROM (SELECT "case"."id" FROM "s"."case" AS "case" WHERE "case"."t" = $1) AS "case", ` +
				`(SELECT "case"."id" FROM "s"."case" AS "case" WHERE "case"."t" = $2) c WHERE a = $3 OR b = $3` +
				` OR c = ANY ($4) OR d <> ALL ($5) OR e IN ($3)`, 5,
		},
		{
			"sqlite", "t", read, `SELECT "case".id FROM (SELECT "case"."id" FROM "s"."case" AS "case" WHERE "case"."t" = ?) AS "case", ` +
				`(SELECT "case"."id" FROM "s"."case" AS "case" WHERE "case"."t" = ?) c WHERE a = ? OR b = ?` +
				` OR c IN (?, ?) OR d NOT IN (SELECT NULL FROM (SELECT 1) AS none WHERE 1 = 0) OR e IN (?)`, 7,
		},
		{"mysql", "", write, "DELETE FROM `s`.`case` WHERE `s`.`case`.id", 0},
		{"sqlite", "", write, `DELETE FROM "s"."case" AS "case" WHERE "s"."case".id`, 0},
	} {
		for _, d := range dialects {
			if d.Name() != c.engine {
				continue
			}
			template, err := dialect.Render(d, dialect.Setting{Wall: c.wall}, c.raw)
			if err != nil {
				t.Fatal(err)
			}
			got := template.Fill(d, dialect.Names{Qualifier: dialect.Qualify(d, "s")})
			if got != c.want || len(template.Args) != c.args {
				t.Errorf("%s: %d arguments,\nis   %s\nwant %s", c.engine, len(template.Args), got, c.want)
			}
		}
	}
}
