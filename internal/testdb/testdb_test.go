package testdb

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// recorder is a test that is expected to fail: it keeps what would have been its errors, and
// runs its clean-ups when told to.
type recorder struct {
	testing.TB

	mu       sync.Mutex
	errors   []string
	cleanups []func()
}

func (r *recorder) Helper() {}

func (r *recorder) Cleanup(fn func()) { r.cleanups = append(r.cleanups, fn) }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// run does what the testing package does with a test: its own goroutine, so that Fatalf may
// end it, then the clean-ups in reverse.
func (r *recorder) run(test func(testing.TB)) (failures string) {
	step := func(fn func()) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			fn()
		}()
		<-done
	}
	step(func() { test(r) })
	for _, cleanup := range slices.Backward(r.cleanups) {
		step(cleanup)
	}
	return strings.Join(r.errors, "\n")
}

func TestMissingServerFails(t *testing.T) {
	for variable, ask := range map[string]func(testing.TB) string{
		EnvPostgres: Postgres, EnvPgBouncer: PgBouncer, EnvMySQL: MySQL,
	} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, "")
			failures := (&recorder{TB: t}).run(func(t testing.TB) { ask(t) })
			if !strings.Contains(failures, variable) || !strings.Contains(failures, "make test") {
				t.Errorf("the failure does not say what is missing and what to do: %q", failures)
			}
		})
	}
}

func TestNamesDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		name := newName()
		if seen[name] || len(name) > 12 || strings.ToLower(name) != name {
			t.Fatalf("bad name %q", name)
		}
		seen[name] = true
	}
}
