package isolation

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// The size of the proof. -rapid.checks asks for another number of plans.
const (
	goroutines = 4
	steps      = 60 // of each goroutine in each plan, or about so many
)

func TestMain(m *testing.M) {
	flag.Parse()
	checks := "25"
	if testing.Short() {
		checks = "8"
	}
	flag.Visit(func(f *flag.Flag) {
		if f.Name == "rapid.checks" {
			checks = f.Value.String()
		}
	})
	if err := flag.Set("rapid.checks", checks); err != nil {
		panic(err)
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
			if err := s.covered(); err != nil {
				t.Error(err)
			}
			t.Logf("%d statements were read; %d rows were there in the end; errors as expected: %v; registry: %+v",
				s.oracle.seen, s.rows, s.met, s.db.Stats())
		})
	}
}

// covered checks that the plans have come to everything that they are there for: every error that
// there is, and a registry that gave tenants up.
func (s *suite) covered() error {
	must := []error{
		rowhouse.ErrNotFound, rowhouse.ErrMultiple, rowhouse.ErrConflict, rowhouse.ErrReference, rowhouse.ErrCheck,
		rowhouse.ErrNull, rowhouse.ErrStale, rowhouse.ErrInvalid, rowhouse.ErrNoColumn,
	}
	if s.engine.limits.sized {
		must = append(must, rowhouse.ErrTooLong)
	}
	if !s.engine.rowLocks {
		must = append(must, rowhouse.ErrUnsupported)
	}
	var errs []error
	for _, err := range must {
		if s.met[err] == 0 {
			errs = append(errs, fmt.Errorf("no operation was to end with this, so it was never seen: %w", err))
		}
	}
	if s.db.Stats().Evictions == 0 {
		errs = append(errs, errors.New("the registry was never too small"))
	}
	return errors.Join(errs...)
}

// TestRowSecurityAlone takes the library's wall away and leaves the database's: rows must still
// be kept apart. Without that one either, they are not.
func TestRowSecurityAlone(t *testing.T) {
	t.Parallel()
	g := securedGround(t)
	if err := found(t, newSuite(t, g, g.settle(t), faults{below: wallless})); err != nil {
		t.Error(err)
	}
	g = postgresGround(t)
	if err := found(t, newSuite(t, g, g.settle(t), faults{below: wallless})); err == nil {
		t.Error("without any wall, rows are kept apart all the same: then it is no wall that does it")
	}
}
