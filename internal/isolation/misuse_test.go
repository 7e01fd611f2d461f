package isolation

import (
	"context"
	"errors"
	"time"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// misuseAct calls what must be refused, or has ended before it began, and changes nothing.
type misuseAct[T any] struct {
	k    *kind[T]
	how  string
	row  draft[T]
	some set[T]
}

func drawMisuse[T any](k *kind[T]) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		return misuseAct[T]{
			k: k, row: drawDraft(k).Draw(t, "row"), some: k.fields[0].sets.Draw(t, "set"),
			how: rapid.SampledFrom([]string{
				"delete without a condition", "update without a condition", "update nothing",
				"key of too many", "cancelled insert", "cancelled read", "late read",
			}).Draw(t, "how"),
		}
	})
}

func (a misuseAct[T]) String() string { return a.how + " of " + a.k.model.Name() }

func (a misuseAct[T]) run(d *desk) (failed, wrong error) {
	table := a.k.model.In(d.scope)
	var none rowhouse.Predicate[T]
	var err error
	may := rowhouse.ErrInvalid
	switch a.how {
	case "delete without a condition":
		_, err = table.DeleteWhere(d.ctx, none)
	case "update without a condition":
		_, err = table.UpdateWhere(d.ctx, none, a.some.assign)
	case "update nothing":
		_, err = table.UpdateWhere(d.ctx, rowhouse.Every[T]())
	case "key of too many":
		_, err = table.Get(d.ctx, 1, 2, 3)
	default:
		return a.cancelled(d, table)
	}
	_, failed, wrong = d.judge(err, may)
	return failed, wrong
}

// cancelled runs with a context that has ended. In a transaction that may end it, so there it
// is left out.
func (a misuseAct[T]) cancelled(d *desk, table rowhouse.Table[T]) (failed, wrong error) {
	if d.inTx {
		return nil, nil
	}
	ctx, cancel := context.WithCancel(d.ctx)
	may := context.Canceled
	if a.how == "late read" {
		ctx, cancel = context.WithDeadline(d.ctx, time.Now().Add(-time.Second))
		may = context.DeadlineExceeded
	}
	cancel()
	row := a.row.settle(d, a.k)
	var err error
	if a.how == "cancelled insert" {
		err = table.Insert(ctx, &row)
	} else {
		_, err = table.All(ctx)
	}
	if !errors.Is(err, may) {
		return mismatch("expected %v, got %v", may, err)
	}
	return nil, nil
}
