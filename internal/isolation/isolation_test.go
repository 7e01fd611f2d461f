package isolation

import (
	"flag"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// The size of the proof. More is asked for with -rapid.checks; fewer only by -short.
const (
	checks     = 25
	goroutines = 4
	steps      = 60
)

func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	n := "25"
	if testing.Short() {
		n = "5"
	}
	if !given {
		if err := flag.Set("rapid.checks", n); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

var grounds = []struct {
	name string
	make func(*testing.T) *ground
}{
	{"sqlite", sqliteGround},
	{"postgres", postgresGround},
	{"row security", securedGround},
	{"pgbouncer", pgBouncerGround},
	{"mariadb", mariaDBGround},
	{"mysql", mySQLGround},
}

func TestIsolation(t *testing.T) {
	t.Parallel()
	for _, on := range grounds {
		t.Run(on.name, func(t *testing.T) {
			t.Parallel()
			g := on.make(t)
			s := newSuite(t, g, g.settle(t), faults{})
			exact := drawPlan(goroutines, steps, false)
			crowd := drawPlan(goroutines, steps/4, true)
			rapid.Check(t, func(rt *rapid.T) {
				plan := rapid.OneOf(exact, exact, exact, exact, crowd).Draw(rt, "plan")
				if err := s.run(t.Context(), plan); err != nil {
					rt.Fatal(err)
				}
			})
			if err := g.pristine(t.Context()); err != nil {
				t.Error(err)
			}
			stats := s.db.Stats()
			if stats.Evictions == 0 {
				t.Errorf("the registry was never too small: %+v", stats)
			}
			t.Logf("%d statements were read; registry: %+v", s.oracle.seen, stats)
		})
	}
}

// TestRowSecurityAlone takes the library's wall away and leaves the database's: rows must still
// be kept apart.
func TestRowSecurityAlone(t *testing.T) {
	t.Parallel()
	g := securedGround(t)
	if err := found(t, newSuite(t, g, g.settle(t), faults{below: wallless})); err != nil {
		t.Error(err)
	}
}
