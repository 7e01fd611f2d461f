package rowhouse

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
)

// Fragment is a value in the words of one engine, for what has no function here: a window function, an
// operator of an extension. Each {} in the text stands for an operand, a [Literal] among them, so no
// value need be in the text:
//
//	rank := rowhouse.Fragment[Case, int64]("row_number() over (partition by {} order by {} desc)", CaseStatus, CaseCreatedAt)
//
// The text is the application's own and never what a user wrote. What could leave the row's table, and
// with it the tenant, is refused: a SELECT, a comment, a quoted identifier, a placeholder, a semicolon.
// The value counts as one that can be NULL. An aggregate is an [AggregateFragment]. What needs more, a
// CTE or a set of rows of its own, is raw SQL.
func Fragment[T, V any](text string, operands ...AnyValue[T]) Expr[T, V] {
	return Expr[T, V]{fragment[T](text, operands).typed(reflect.TypeFor[V]())}
}

// AggregateFragment is a [Fragment] that has one value for many rows, such as
// string_agg({}, ', ' order by {}).
func AggregateFragment[T, V any](text string, operands ...AnyValue[T]) Expr[T, V] {
	o := fragment[T](text, operands).typed(reflect.TypeFor[V]())
	if f, ok := o.expr.(dialect.Fragment); ok {
		f.Aggregate = true
		o.expr = f
	}
	if o.aggregate {
		o.err = errors.Join(o.err, fmt.Errorf("%s: an aggregate has no aggregate", o.name))
	}
	o.aggregate = true
	return Expr[T, V]{o}
}

func fragment[T any](text string, operands []AnyValue[T]) operand {
	o := operand{name: "a fragment", computed: true, nullable: true, err: checkFragment(text)}
	f := dialect.Fragment{Pieces: pieces(text)}
	f.Symbols = slices.ContainsFunc(f.Pieces, func(p string) bool { return strings.ContainsAny(p, "@#[]") })
	for _, v := range operands {
		of := anyValueOf(v).operand
		o = o.with(of)
		f.Operands = append(f.Operands, of.expr)
	}
	if n := len(f.Pieces) - 1; n != len(operands) {
		o.err = errors.Join(o.err, fmt.Errorf("a fragment has %d places {} and %d operands", n, len(operands)))
	}
	o.expr = f
	return o
}

// fragmentToken matches what a fragment is made of, one after the other: a constant in quotation marks,
// a word, a number, a place for an operand, a space, an operator.
var fragmentToken = regexp.MustCompile(`'(?:[^'\\]|'')*'|[\pL_][\pL\pN_]*|[0-9][0-9.eE]*|\{\}|\s+|[-+*/%<>=!~|&^,.:()@\[\]#]`)

// fragmentWords lead to other rows than the one at hand, or to effects.
var fragmentWords = []string{
	"select", "table", "with", "values", "union", "intersect", "except", "into", "insert", "update", "delete",
	"merge", "copy", "call", "do", "execute", "prepare", "set_config", "load_extension", "load_file",
	"nextval", "setval", "currval", "lastval", "dblink",
	"ts_stat", "ts_rewrite", "xpath_table", "crosstab", "connectby",
}

// fragmentPrefixes begin the names of functions that read tables or files by their names.
var fragmentPrefixes = []string{
	"query_to_", "table_to_", "schema_to_", "database_to_", "cursor_to_", "dblink_", "pg_", "lo_",
}

// checkFragment says why a text could step over the wall, if it could. It is not a parser: what it does
// not know, it refuses.
func checkFragment(text string) error {
	depth, rest := 0, text
	for rest != "" {
		at := fragmentToken.FindStringIndex(rest)
		if at == nil || at[0] != 0 {
			return fmt.Errorf("a fragment has %.1q in it, which not every engine reads as the same, or which begins an identifier, "+
				"a placeholder or a comment", rest)
		}
		token := rest[:at[1]]
		if strings.HasPrefix(rest, "--") || strings.HasPrefix(rest, "/*") {
			return errors.New("a fragment has a comment in it")
		}
		switch lower := strings.ToLower(token); {
		case token == "(":
			depth++
		case token == ")":
			depth--
		case slices.Contains(fragmentWords, lower),
			slices.ContainsFunc(fragmentPrefixes, func(p string) bool { return strings.HasPrefix(lower, p) }):
			return fmt.Errorf("a fragment has %q in it, which can read more than the row at hand; use raw SQL", token)
		}
		if depth < 0 {
			break
		}
		rest = rest[at[1]:]
	}
	switch {
	case strings.TrimSpace(text) == "":
		return errors.New("a fragment is empty")
	case depth != 0:
		return errors.New("the parentheses of a fragment do not match")
	}
	return nil
}

// pieces are what is between the places for operands.
func pieces(text string) (list []string) {
	start := 0
	for at := 0; at < len(text); {
		size := fragmentToken.FindStringIndex(text[at:])
		if size == nil || size[0] != 0 {
			break
		}
		if text[at:at+size[1]] == "{}" {
			list = append(list, text[start:at])
			start = at + size[1]
		}
		at += size[1]
	}
	return append(list, text[start:])
}
