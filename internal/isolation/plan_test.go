package isolation

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// The models, for what is not drawn: looking at a desk, comparing tables.
var (
	cases = caseKind()
	notes = noteKind()
	links = linkKind()
)

// choice is what can be drawn. Generators are one goroutine's, so every test makes its own.
type choice struct{ reads, furnish, work, act *rapid.Generator[act] }

func newChoice() *choice {
	cases, notes, links := caseKind(), noteKind(), linkKind()
	c, w := &choice{}, newWeb(cases, notes, links)
	c.reads = rapid.OneOf(
		drawTrees(cases, func() []edge[Case] { return w.cases }), drawTrees(notes, func() []edge[Note] { return w.notes }),
		drawTrees(links, func() []edge[Link] { return w.links }), drawVia(),
		drawRead(cases), drawRead(cases), drawRead(notes), drawRead(links),
		drawGet(cases), drawGet(notes), drawGet(links),
		drawSelect(cases), drawSelect(notes), drawSelect(links), drawWithin(cases, notes, links), drawRaw())
	c.work = rapid.OneOf(
		c.reads, c.reads,
		drawInsert(cases), drawInsert(cases), drawInsert(notes), drawInsert(notes), drawInsert(links),
		drawUpdate(cases), drawUpdate(notes), drawUpdate(links),
		drawDelete(cases), drawDelete(notes), drawDelete(links),
		drawUpsert(cases), drawUpsert(notes), drawUpsert(links),
		drawWhere(cases), drawWhere(notes), drawWhere(links),
		drawRelate(noteTie(cases, notes), 2), drawRelate(linkTie(notes, links), 2),
		rapid.OneOf(drawRelate(peerTie(cases, false), 0), drawRelate(peerTie(cases, true), 0)),
		drawPlant(cases, notes, links), drawGadget(), drawGadget(),
		drawUnit(cases), drawUnit(notes), drawUnit(links),
		rapid.OneOf(drawMisuse(cases), drawMisuse(notes), drawMisuse(links), drawStranger(cases)), drawExec())
	c.furnish = rapid.OneOf(drawInsert(cases), drawInsert(cases), drawInsert(notes), drawInsert(links))
	c.act = rapid.OneOf(c.work, c.work, c.work, c.transaction(0), rapid.OneOf(drawAcross(cases), drawAcross(notes), drawAcross(links)))
	return c
}

// step is an act and where it is done.
type step struct {
	tenant int  // among those that the goroutine has
	keep   bool // by the handle that it had before
	audit  bool // afterwards, the tables of another of its tenants are compared with the model
	act    act
}

// plan is what the goroutines do. Drawn in full before anything runs, it can be run again and
// made smaller.
type plan struct {
	workers [][]step
	shared  bool // every goroutine works on every tenant
}

// drawPlan draws a plan of so many goroutines, each with about so many steps. A goroutine keeps
// mostly to two of its tenants, so that there is something in their tables, and begins with some
// rows. Steps come in handfuls, because rapid draws short lists, and each may shrink to nothing.
func drawPlan(workers, steps int, shared bool) *rapid.Generator[plan] {
	c := newChoice()
	worker := rapid.Custom(func(t *rapid.T) (list []step) {
		tenant := rapid.IntRange(0, 63)
		favourites := rapid.SliceOfN(tenant, 2, 2).Draw(t, "favourites")
		for _, at := range favourites {
			for _, a := range rapid.SliceOfN(c.furnish, 0, 24).Draw(t, "rows") {
				list = append(list, step{tenant: at, act: a})
			}
		}
		one := rapid.Custom(func(t *rapid.T) step {
			x := step{tenant: rapid.SampledFrom(favourites).Draw(t, "favourite")}
			if rapid.IntRange(0, 5).Draw(t, "elsewhere") == 0 {
				x.tenant = tenant.Draw(t, "tenant")
			}
			x.keep, x.audit = rapid.Bool().Draw(t, "keep"), rapid.IntRange(0, 9).Draw(t, "audit") == 0
			x.act = c.act.Draw(t, "act")
			return x
		})
		handfuls := rapid.SliceOfN(rapid.SliceOfN(one, 0, 10), steps/5, steps/5).Draw(t, "steps")
		return append(list, slices.Concat(handfuls...)...)
	})
	return rapid.Custom(func(t *rapid.T) plan {
		return plan{workers: rapid.SliceOfN(worker, workers, workers).Draw(t, "goroutines"), shared: shared}
	})
}

// GoString is how rapid shows what it drew.
func (p plan) GoString() string {
	var s strings.Builder
	for i, steps := range p.workers {
		fmt.Fprintf(&s, "\ngoroutine %d", i)
		for _, x := range steps {
			fmt.Fprintf(&s, "\n\ttenant %d: %s", x.tenant, x.act)
		}
	}
	return s.String()
}
