package fleet

import (
	"context"
	"errors"

	"github.com/rowhouse/rowhouse"
)

// SetLimits gives tenants limits of their own, in place of those that they had; the zero Limits are
// everybody's ([rowhouse.Options.Limits]) again. This process goes by them when SetLimits returns, others
// within [rowhouse.Options.Freshness], for statements that stand in line already too.
//
// Each tenant is changed by itself, whatever state it is in, [Options.Workers] at a time; a failure of
// one does not keep the others. It returns which were changed and which were not; a tenant that is
// neither was not begun.
func (f *Fleet) SetLimits(ctx context.Context, sel rowhouse.Selection, l rowhouse.Limits) (Result, error) {
	return f.overSelected(ctx, "set limits of", sel, func(id string) error {
		err := f.change(ctx, id, func(e *rowhouse.Entry) error {
			if e.Limits == l {
				return errAlready
			}
			e.Limits = l
			return nil
		})
		if errors.Is(err, errAlready) {
			return nil
		}
		return err
	})
}
