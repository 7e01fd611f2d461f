package postgres

import (
	"testing"

	"github.com/rowhouse/rowhouse/internal/frequency"
)

// TestStatementsRoom has texts that come more often than others, or when those are idle, take their names.
func TestStatementsRoom(t *testing.T) {
	t.Parallel()
	c := &statements{limit: 2, known: map[uint64]*statement{}, often: frequency.New(2), probe: lasting}
	c.recent.prev, c.recent.next = &c.recent, &c.recent
	named := func(text string) bool { return c.use(text, nil).named != nil }
	for range 9 {
		named("a")
		named("b")
	}
	if !named("a") || !named("b") || len(c.known) != 2 {
		t.Fatalf("%d are known", len(c.known))
	}
	named("c")
	if named("c") {
		t.Error("a text that came twice has taken the name of one that came more often")
	}
	for range frequency.Idle + 1 {
		named("a")
	}
	named("c")
	if !named("c") || named("b") || !named("a") || len(c.known) != 2 {
		t.Error("a text that is idle keeps its name")
	}
}
