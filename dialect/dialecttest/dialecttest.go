// Package dialecttest holds what every dialect passes ([Run]), and what tests of SQL text need:
// golden files, a lexer, random conditions and the meaning of LIKE.
package dialecttest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse/dialect"
)

// Run tests a dialect. The texts that it writes are compared with the golden files in dir, one
// for each kind of statement and of the same name for every dialect; go test -update writes them.
func Run(t *testing.T, d dialect.Dialect, dir string) {
	t.Helper()
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			var text strings.Builder
			for _, c := range f.cases {
				if c.needs != 0 && !d.Has(c.needs) || c.lacks != 0 && d.Has(c.lacks) {
					continue
				}
				writeCase(t, &text, d, c)
			}
			Golden(t, filepath.Join(dir, f.name+".sql"), text.String())
		})
	}
	t.Run("type", func(t *testing.T) {
		t.Parallel()
		Golden(t, filepath.Join(dir, "type.txt"), columnTypes(d))
	})
	t.Run("name", func(t *testing.T) { t.Parallel(); testNames(t, d) })
	t.Run("wall", func(t *testing.T) { t.Parallel(); testWall(t, d) })
	t.Run("arguments", func(t *testing.T) { t.Parallel(); testArguments(t, d) })
}

const wall = "tenant_id"

// writeCase writes a case as a tenant with a prefix has it, and as one in shared tables has it.
func writeCase(t *testing.T, text *strings.Builder, d dialect.Dialect, c statementCase) {
	for _, wall := range []string{"", wall} {
		names, name := dialect.Names{Qualifier: dialect.Qualify(d, "home"), Prefix: "42_"}, c.name
		if wall != "" {
			names.Prefix, name = "", c.name+", walled"
		}
		set := dialect.Setting{Wall: wall, Guards: guards, Home: dialect.Names{Qualifier: names.Qualifier}}
		template, err := dialect.Render(d, set, c.make(dialect.TableRef{Name: "case"}))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sql := template.Fill(d, names)
		fmt.Fprintf(text, "-- %s\n%s;\n", name, sql)
		for i, a := range template.Args {
			fmt.Fprintf(text, "--   %d: %s\n", i+1, describe(a))
		}
		text.WriteString("\n")
		checkText(t, d, name, sql, len(template.Args))
		checkFill(t, d, name, template, names)
	}
}

func describe(a dialect.Arg) string {
	switch v := a.Value.(type) {
	case dialect.Field:
		return fmt.Sprintf("%s, field %d", a.Kind, v)
	case dialect.Discriminator:
		return fmt.Sprintf("%s, the tenant", a.Kind)
	}
	if a.Array {
		return fmt.Sprintf("%s, array %v", a.Kind, a.Value)
	}
	return fmt.Sprintf("%s, %#v", a.Kind, a.Value)
}

// checkText checks what is so in every statement: placeholders and arguments are as many, and
// every table is named in full.
func checkText(t *testing.T, d dialect.Dialect, name, sql string, args int) {
	tokens, err := Tokens(sql)
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, sql)
		return
	}
	seen := 0
	made := map[string]bool{} // by the statement itself, with WITH
	for i, token := range tokens {
		if token.Is("WITH") {
			made[tokens[i+1].Text] = true
		}
		if token.Kind == Placeholder {
			if repeats(d, token.Text, seen) {
				continue
			}
			seen++
			if want := string(d.AppendPlaceholder(nil, seen)); token.Text != want {
				t.Errorf("%s: placeholder %d is %s, want %s", name, seen, token.Text, want)
			}
		}
		// A word before a table: it is followed by the schema, a dot and the table, unless it is
		// followed by a subquery, by the alias that MySQL's DELETE begins with, or by what is no table.
		named := token.Is("FROM") || token.Is("INTO") || (token.Is("UPDATE") || token.Is("COPY")) && i == 0
		named = named && !tokens[i+1].Is("UNNEST") && !tokens[i+1].Is("STDIN") && !tokens[i+1].Is("(") &&
			!made[tokens[i+1].Text]
		if named && (!tokens[i+1].Quoted("home") || !tokens[i+2].Is(".")) {
			t.Errorf("%s: a table is not named in full:\n%s", name, sql)
		}
	}
	if seen != args {
		t.Errorf("%s: %d placeholders and %d arguments:\n%s", name, seen, args, sql)
	}
}

// repeats reports whether a placeholder is a numbered one that was there before.
func repeats(d dialect.Dialect, placeholder string, seen int) bool {
	first, second := string(d.AppendPlaceholder(nil, 1)), string(d.AppendPlaceholder(nil, 2))
	for n := 1; n <= seen && first != second; n++ {
		if string(d.AppendPlaceholder(nil, n)) == placeholder {
			return true
		}
	}
	return false
}

// checkFill compares Fill with the plain way to do it: mark the slots, then replace the marks.
func checkFill(t *testing.T, d dialect.Dialect, name string, template *dialect.Template, names dialect.Names) {
	const mark = "\x00"
	marked := template.Fill(d, dialect.Names{Qualifier: mark})
	want := marked
	for _, table := range append([]string{"case"}, related...) {
		want = strings.ReplaceAll(want, mark+dialect.Quote(d, table), names.Table(d, table))
	}
	if got := template.Fill(d, names); got != want {
		t.Errorf("%s: Fill is\n%s\nreplacing gives\n%s", name, got, want)
	}
}

// columnTypes lists the column type of every kind, as it is, bounded, and in a key.
func columnTypes(d dialect.Dialect) string {
	var text strings.Builder
	write := func(what string, c dialect.Column) {
		fmt.Fprintf(&text, "%-24s %s\n", what, d.ColumnType(c))
	}
	for k := dialect.Bool; k.String() != fmt.Sprintf("kind(%d)", k); k++ {
		c := dialect.Column{Name: "c", Type: dialect.Type{Kind: k}}
		write(k.String(), c)
		c.Keyed = true
		write(k.String()+", keyed", c)
		c.Keyed = false
		switch k {
		case dialect.Text, dialect.Bytes:
			c.Type.Size = 40
			write(k.String()+", size 40", c)
			c.Keyed = true
			write(k.String()+", size 40, keyed", c)
		case dialect.Decimal:
			c.Type.Precision, c.Type.Scale = 12, 2
			write(k.String()+", 12, 2", c)
			c.Type.Precision, c.Type.Scale = 5, 0
			write(k.String()+", 5, 0", c)
		}
	}
	write("other", dialect.Column{Type: dialect.Type{Raw: "inet"}, Keyed: true})
	return text.String()
}

// testNames checks the rules of physical names that statements rely on.
func testNames(t *testing.T, d dialect.Dialect) {
	name := func(prefix, object string) string { return string(d.AppendName(nil, prefix, object)) }
	if got := name("42_", "case"); got != "42_case" {
		t.Errorf("tenant 42's case is %q", got)
	}
	if got := name("", "case"); got != "case" {
		t.Errorf("a case without a prefix is %q", got)
	}
	if got := string(d.AppendName([]byte("before "), "42_", "case")); got != "before 42_case" {
		t.Errorf("AppendName appended %q", got)
	}
	exact := strings.Repeat("x", d.MaxName()-3)
	if got := name("42_", exact); got != "42_"+exact {
		t.Errorf("a name of the greatest length was changed to %q", got)
	}
	long := exact + "y"
	one, two := name("42_", long), name("43_", long)
	if len(one) > d.MaxName() || len(two) > d.MaxName() {
		t.Errorf("long names have %d and %d bytes; %d are the most", len(one), len(two), d.MaxName())
	}
	if one == two || one == name("42_", long+"y") {
		t.Errorf("different long names are all %q", one)
	}
	if one != name("42_", long) {
		t.Error("the same long name was shortened in two ways")
	}
	for _, schema := range reservedSchemas[d.Name()] {
		if !d.Reserved(dialect.SchemaObject, schema) {
			t.Errorf("schema %q is not reserved", schema)
		}
	}
	for _, schema := range []string{"t_42", "acme", "publicity", "my_sys", "domain"} {
		if d.Reserved(dialect.SchemaObject, schema) {
			t.Errorf("schema %q is reserved", schema)
		}
	}
}

var reservedSchemas = map[string][]string{
	"postgres": {"public", "information_schema", "pg_catalog", "pg_toast", "pg_x"},
	"mysql":    {"mysql", "sys", "information_schema", "performance_schema", "MySQL", "SYS"},
	"mariadb":  {"mysql", "sys", "information_schema", "performance_schema", "MySQL", "SYS"},
	"sqlite":   {"main", "temp"},
}

// testArguments checks that a statement with more arguments than the engine takes is an error.
func testArguments(t *testing.T, d dialect.Dialect) {
	row := slices.Repeat([]dialect.Arg{{Value: int64(1), Kind: dialect.Int64}}, d.MaxArgs()+1)
	insert := func(n int) error {
		_, err := dialect.Render(d, dialect.Setting{}, &dialect.Insert{
			Into: dialect.TableRef{Name: "case"}, Columns: []string{"id"}, Rows: [][]dialect.Arg{row[:n]},
		})
		return err
	}
	if err := insert(d.MaxArgs()); err != nil {
		t.Errorf("%d arguments: %v", d.MaxArgs(), err)
	}
	if err := insert(d.MaxArgs() + 1); err == nil || !strings.Contains(err.Error(), "too many arguments") {
		t.Errorf("%d arguments: the error is %v", d.MaxArgs()+1, err)
	}
}
