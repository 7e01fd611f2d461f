package isolation

import (
	"context"
	"fmt"

	"github.com/rowhouse/rowhouse"
)

// crowded are a few tenants, one of each placement and two that share tables.
func crowded(places []*place) (few []*place) {
	seen := map[rowhouse.PlacementKind]int{}
	for _, at := range places {
		if seen[at.kind]++; seen[at.kind] == 1 || at.walled && seen[at.kind] == 2 {
			few = append(few, at)
		}
	}
	return few
}

// worker is one of the goroutines.
type worker struct {
	s       *suite
	places  []*place
	models  map[string]*store
	handles map[string]*rowhouse.Tenant
	exact   bool
}

func (w *worker) run(ctx context.Context, steps []step) error {
	for i, x := range steps {
		if err := w.step(ctx, x); err != nil {
			return fmt.Errorf("step %d: %w", i, w.s.blocked(ctx, err))
		}
	}
	return nil
}

func (w *worker) step(ctx context.Context, x step) error {
	at := w.places[x.tenant%len(w.places)]
	ctx = context.WithValue(ctx, who{}, at.id)
	handle := w.handles[at.id]
	if handle == nil || !x.keep {
		var err error
		if handle, err = w.s.tenant(ctx, at.id); err != nil {
			return fmt.Errorf("tenant %q is refused: %w", at.id, err)
		}
		w.handles[at.id] = handle
	}
	d := &desk{ctx: ctx, s: w.s, at: at, handle: handle, scope: handle, model: w.models[at.id], exact: w.exact, own: w.own()}
	if _, err := d.do(x.act); err != nil {
		return err
	}
	if !x.audit || !w.exact {
		return nil
	}
	other := w.places[(x.tenant+1)%len(w.places)]
	if err := w.s.compareOne(ctx, other, w.models[other.id]); err != nil {
		return fmt.Errorf("after %s of tenant %q: %w", x.act, at.id, err)
	}
	return nil
}

// own are the models of the tenants that nobody else works on.
func (w *worker) own() map[string]*store {
	own := map[string]*store{}
	for _, at := range w.places {
		if w.exact {
			own[at.id] = w.models[at.id]
		}
	}
	return own
}
