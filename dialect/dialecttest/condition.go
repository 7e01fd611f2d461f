package dialecttest

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse/dialect"
)

// Conditions generates conditions on a table "case" with the columns id and rank (integers), title
// (text) and note (text or NULL): every kind of expression, nested to a depth of a few.
func Conditions() *rapid.Generator[dialect.Expr] {
	return rapid.Custom(func(t *rapid.T) dialect.Expr { return condition(t, 3) })
}

func condition(t *rapid.T, depth int) dialect.Expr {
	kinds := 8
	if depth > 0 {
		kinds += 6 // so that trees grow
	}
	switch k := rapid.IntRange(0, kinds-1).Draw(t, "kind"); k {
	case 0:
		return dialect.Compare{Left: column("id"), Op: operator(t), Right: drawNumber(t)}
	case 1:
		return dialect.Compare{Left: column("title"), Op: operator(t), Right: drawText(t)}
	case 2:
		values := rapid.SliceOfN(rapid.Map(rapid.Int64Range(0, 9), func(n int64) any { return n }), 0, 3).Draw(t, "values")
		return dialect.In{Operand: column("rank"), Kind: dialect.Int64, Values: values}
	case 3:
		return dialect.Between{Operand: column("rank"), Low: drawNumber(t), High: drawNumber(t)}
	case 4:
		return dialect.Like{Operand: column("note"), Pattern: Patterns().Draw(t, "pattern")}
	case 5:
		return dialect.Null{Operand: column("note"), Not: rapid.Bool().Draw(t, "not")}
	case 6:
		return dialect.Truth(rapid.Bool().Draw(t, "truth"))
	case 7:
		return dialect.Compare{Left: column("note"), Op: operator(t), Right: drawText(t)}
	case 8, 9:
		return dialect.And(conditions(t, depth))
	case 10, 11, 12:
		return dialect.Or(conditions(t, depth))
	}
	return dialect.Not{Operand: condition(t, depth-1)}
}

func conditions(t *rapid.T, depth int) []dialect.Expr {
	list := make([]dialect.Expr, rapid.IntRange(0, 3).Draw(t, "operands"))
	for i := range list {
		list[i] = condition(t, depth-1)
	}
	return list
}

func operator(t *rapid.T) string {
	return rapid.SampledFrom([]string{"=", "<>", "<", "<=", ">", ">="}).Draw(t, "operator")
}

func drawNumber(t *rapid.T) dialect.Arg { return number(rapid.Int64Range(0, 9).Draw(t, "number")) }

func drawText(t *rapid.T) dialect.Arg { return text(Texts().Draw(t, "text")) }

// Texts generates texts that are likely to match [Patterns].
func Texts() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.SampledFrom([]rune(`aAb%_\*?[]|é'"`)), 0, 4, -1)
}

// Patterns generates patterns of LIKE. None ends in the middle of an escape.
func Patterns() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{
		"a", "A", "b", "é", "%", "_", `\%`, `\_`, `\\`, `\a`, "*", "?", "[", "]", "|", `\|`, `\*`, "[a]", "'",
	})
	return rapid.Map(rapid.SliceOfN(piece, 0, 4), func(pieces []string) string { return strings.Join(pieces, "") })
}

// testWall checks that no condition leads around the wall: whatever the caller asks for, the
// statement's WHERE is the wall AND something that keeps together.
func testWall(t *testing.T, d dialect.Dialect) {
	shared := dialect.TableRef{Name: "case"}
	makers := map[string]func(where dialect.Expr) dialect.Statement{
		"select": func(where dialect.Expr) dialect.Statement {
			return selecting(shared, func(s *dialect.Select) { s.Where = where })
		},
		"update": func(where dialect.Expr) dialect.Statement {
			return &dialect.Update{Table: shared, Set: []dialect.Assign{{Column: "rank", Value: number(1)}}, Where: where}
		},
		"delete": func(where dialect.Expr) dialect.Statement { return &dialect.Delete{From: shared, Where: where} },
	}
	for name, statement := range makers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				template, err := dialect.Render(d, dialect.Setting{Wall: wall}, statement(Conditions().Draw(t, "where")))
				if err != nil {
					t.Fatal(err)
				}
				checkWalled(t, template.Fill(d, dialect.Names{Qualifier: dialect.Qualify(d, "home")}))
			})
		})
	}
}

// checkWalled looks at what stands outside of all parentheses.
func checkWalled(t *rapid.T, sql string) {
	tokens, err := Tokens(sql)
	if err != nil {
		t.Fatal(err, sql)
	}
	where := after(outside(tokens), "WHERE")
	if len(where) < 5 || !where[0].Quoted("case") || !where[1].Is(".") || !where[2].Quoted(wall) ||
		!where[3].Is("=") || where[4].Kind != Placeholder {
		t.Fatalf("the condition does not begin with the wall:\n%s", sql)
	}
	if rest := where[5:]; len(rest) > 0 && !rest[0].Is("AND") {
		t.Fatalf("the wall is not followed by AND:\n%s", sql)
	}
	for _, token := range where {
		if token.Is("OR") {
			t.Fatalf("an OR stands beside the wall:\n%s", sql)
		}
	}
}
