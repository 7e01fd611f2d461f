package isolation

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// What follows breaks the library, or what is under it, in the ways that matter, and asserts that
// the proof then fails and says why. Where a fault lies below the oracle, it is the rows that
// must tell, so that neither judge is only there because of the other.

func TestBroken(t *testing.T) {
	t.Parallel()
	g := sqliteGround(t)
	places := g.settle(t)
	for _, c := range []struct {
		name   string
		faults faults
		says   []string // one of them at least
		shared bool     // only tenants that share tables, so that there is enough to be mixed up
	}{
		{"names", faults{above: sharedNames}, []string{"is not among the tenant's tables"}, false},
		{"names, judged by rows", faults{below: renamed}, rowsTell, false},
		{"database", faults{above: otherSchema}, []string{"is not among the tenant's tables", "no such table"}, false},
		{"discriminator gone", faults{above: wallless}, []string{"the discriminator is not compared first"}, false},
		{"discriminator gone, judged by rows", faults{below: wallless}, rowsTell, false},
		{"related names, judged by rows", faults{below: renamedRelated}, rowsTell, false},
		{"related without discriminator", faults{above: relatedWallless}, []string{"the discriminator is not compared first"}, true},
		{"related without discriminator, judged by rows", faults{below: relatedWallless}, rowsTell, true},
		{"joined without discriminator, judged by rows", faults{below: joinedWallless}, rowsTell, true},
		{"discriminator beside an or", faults{above: orBeside}, []string{"an OR stands beside the discriminator"}, true},
		{"discriminator of another", faults{above: otherTenant}, []string{"another tenant's", "the discriminator is"}, false},
		{"discriminator of another, judged by rows", faults{below: otherTenant}, rowsTell, false},
		{"catalog", faults{catalog: mixedUp}, []string{"is not among the tenant's tables", "the tenant's database is"}, false},
		{"lost error", faults{below: losesErrors}, []string{"an error is lost"}, false},
		{"lost rows", faults{below: losesWrites}, rowsTell, false},
		{"session", faults{above: talksToSession}, []string{"it touches the session", "it begins as none should"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := places
			if c.shared {
				at = slices.DeleteFunc(slices.Clone(places), func(at *place) bool { return !at.walled })
			}
			err := found(t, newSuite(t, g, at, c.faults))
			if err == nil {
				t.Fatalf("%d plans ran and nothing was found", tries)
			}
			for _, text := range c.says {
				if strings.Contains(err.Error(), text) {
					return
				}
			}
			t.Errorf("what was found says none of %q: %v", c.says, err)
		})
	}
	t.Run("healthy", func(t *testing.T) {
		if err := found(t, newSuite(t, g, places, faults{})); err != nil {
			t.Errorf("the same plans find something where nothing is broken: %v", err)
		}
	})
}

// rowsTell are what the model and the canary say, and the oracle does not.
var rowsTell = []string{
	"breach: a row of tenant", "breach: a value via a case", "has a row that it should not", "row is ", "rows came, not", "rows changed, not",
	"counted", "unexpected error", "an error is lost", "exists is", "rows of ", "rows by key are", "expected the error",
}

// tries are how many plans may pass before a fault is found.
const tries = 20

// found runs plans until one fails. Their seeds are fixed, so that what is found today is found
// tomorrow.
func found(t *testing.T, s *suite) error {
	t.Helper()
	plans := drawPlan(goroutines, steps, false)
	for seed := range tries {
		if err := s.run(t.Context(), plans.Example(seed+1)); err != nil {
			return err
		}
	}
	return nil
}

// sharedNames gives two tenants one name for their tables, as a dialect does that folds case.
func sharedNames(d driver.Driver) driver.Driver {
	return tap(d, hooks{dialect: foldingDialect{d.Dialect()}})
}

type foldingDialect struct{ dialect.Dialect }

func (d foldingDialect) AppendName(dst []byte, prefix, object string) []byte {
	return d.Dialect.AppendName(dst, strings.ReplaceAll(prefix, "$41", "a"), object)
}

// renamed does the same where the oracle does not see it.
func renamed(d driver.Driver) driver.Driver {
	return tap(d, hooks{change: func(s driver.Statement) driver.Statement {
		s.Text = strings.ReplaceAll(s.Text, `"$41cme_`, `"acme_`)
		return s
	}})
}

// otherSchema leaves out in which schema a table is.
func otherSchema(d driver.Driver) driver.Driver {
	return tap(d, hooks{change: func(s driver.Statement) driver.Statement {
		s.Text = strings.ReplaceAll(s.Text, `"main"."`, `"temp"."`)
		return s
	}})
}

// comparison is the wall as it stands in the condition of a statement on a shared table.
var comparison = regexp.MustCompile("([\"`])(case|b_case|link|[0-9]+)[\"`]\\.[\"`]tenant_id[\"`] = (\\?|\\$[0-9]+)")

// wallless takes the comparison with the tenant out and keeps the argument.
func wallless(d driver.Driver) driver.Driver {
	return tap(d, hooks{change: func(s driver.Statement) driver.Statement {
		s.Text = comparison.ReplaceAllString(s.Text, "${1}${2}${1}.${1}tenant_id${1} IS NOT NULL AND ${3} <> ''")
		return s
	}})
}

// numberedWall is the wall of a table that a relation leads to, or of one in a sub-query.
var numberedWall = regexp.MustCompile("([\"`])([0-9]+)[\"`]\\.[\"`]tenant_id[\"`] = (\\?|\\$[0-9]+)")

// relatedWallless takes it out there, and leaves it at the table that the statement is about.
func relatedWallless(d driver.Driver) driver.Driver {
	return tap(d, hooks{change: func(s driver.Statement) driver.Statement {
		s.Text = numberedWall.ReplaceAllString(s.Text, "${1}${2}${1}.${1}tenant_id${1} IS NOT NULL AND ${3} <> ''")
		return s
	}})
}

// joinedWallless does so only in what is joined.
func joinedWallless(d driver.Driver) driver.Driver {
	on := regexp.MustCompile(" ON " + numberedWall.String())
	return tap(d, hooks{change: func(s driver.Statement) driver.Statement {
		s.Text = on.ReplaceAllString(s.Text, " ON ${1}${2}${1}.${1}tenant_id${1} IS NOT NULL AND ${3} <> ''")
		return s
	}})
}

// renamedRelated gives two tenants one name for the tables that a relation leads to, and no others.
func renamedRelated(d driver.Driver) driver.Driver {
	name := regexp.MustCompile(`"\$41cme_([a-z_]+)" AS "([0-9]+)"`)
	return tap(d, hooks{change: func(s driver.Statement) driver.Statement {
		s.Text = name.ReplaceAllString(s.Text, `"acme_${1}" AS "${2}"`)
		return s
	}})
}

// orBeside lets every tenant's rows through, whatever the condition says.
func orBeside(d driver.Driver) driver.Driver {
	return tap(d, hooks{change: func(s driver.Statement) driver.Statement {
		if comparison.MatchString(s.Text) && strings.Contains(s.Text, " AND ") &&
			!strings.Contains(s.Text, " ORDER ") && !strings.Contains(s.Text, " LIMIT ") {
			s.Text += " OR 1 = 1"
		}
		return s
	}})
}

// otherTenant reads and writes as "B" what "b" asks for.
func otherTenant(d driver.Driver) driver.Driver {
	return tap(d, hooks{change: func(s driver.Statement) driver.Statement {
		args := append([]dialect.Arg{}, s.Args...)
		for i := range args {
			if s.Tenant == "b" && args[i].Value == any("b") {
				args[i].Value = "B"
			}
		}
		s.Args = args
		return s
	}})
}

// mixedUp answers with the next tenant's place, for those that have a schema of their own.
func mixedUp(c rowhouse.Catalog) rowhouse.Catalog { return mixedCatalog{c} }

type mixedCatalog struct{ rowhouse.Catalog }

func (c mixedCatalog) Tenant(ctx context.Context, id string) (rowhouse.Entry, error) {
	e, err := c.Catalog.Tenant(ctx, id)
	if id == "a-b" && err == nil {
		other, err := c.Catalog.Tenant(ctx, "A")
		e.Placement = other.Placement
		return e, err
	}
	return e, err
}

// losesErrors says of a write that was refused that it was done.
func losesErrors(d driver.Driver) driver.Driver {
	return tap(d, hooks{lost: func(s *driver.Statement, _ error) (driver.Result, bool) {
		return driver.Result{Rows: 1}, s.Write
	}})
}

// losesWrites does not do what it says it does.
func losesWrites(d driver.Driver) driver.Driver {
	return tap(d, hooks{change: func(s driver.Statement) driver.Statement {
		if strings.HasPrefix(s.Text, "UPDATE") {
			s.Text += " AND 1 = 0"
		}
		return s
	}})
}

// talksToSession relies on what a session remembers.
func talksToSession(d driver.Driver) driver.Driver {
	return tap(d, hooks{change: func(s driver.Statement) driver.Statement {
		if s.Tenant == "42" {
			s.Text = "SET search_path TO x; " + s.Text
		}
		return s
	}})
}
