package fleet

import (
	"context"
	"errors"
	"fmt"

	"github.com/rowhouse/rowhouse"
)

// Suspend has a tenant's statements refused: by this process at once, by others within
// [rowhouse.Options.Freshness]. Its rows stay. That it is suspended already is no error; any
// other state but active is a [*StateError]. Transactions that have begun go on to their end.
func (f *Fleet) Suspend(ctx context.Context, id string) error {
	return f.turn(ctx, "suspend", id, rowhouse.Active, rowhouse.Suspended)
}

// Resume undoes [Fleet.Suspend]. That the tenant is active already is no error; any other state
// but suspended is a [*StateError].
func (f *Fleet) Resume(ctx context.Context, id string) error {
	return f.turn(ctx, "resume", id, rowhouse.Suspended, rowhouse.Active)
}

// errAlready ends a change that would change nothing.
var errAlready = errors.New("already so")

func (f *Fleet) turn(ctx context.Context, verb, id string, from, to rowhouse.State) error {
	err := f.change(ctx, id, func(e *rowhouse.Entry) error {
		switch e.State {
		case from:
			e.State = to
			return nil
		case to:
			return errAlready
		}
		return &StateError{Tenant: id, State: e.State, advice: fmt.Sprintf("only one that is %s can be %s", from, to)}
	})
	if err == nil || errors.Is(err, errAlready) {
		err = f.refresh(ctx)
	}
	if err != nil {
		return fmt.Errorf("fleet: %s tenant %q: %w", verb, id, err)
	}
	return nil
}

func (f *Fleet) change(ctx context.Context, id string, fn func(*rowhouse.Entry) error) error {
	w, err := f.writable()
	if err != nil {
		return err
	}
	_, err = w.Change(ctx, id, fn)
	return err
}
