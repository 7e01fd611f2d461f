package isolation

import (
	"context"
	"fmt"

	"github.com/rowhouse/rowhouse"
)

// watchful are hooks that look whose rows they are given, in every operation on links, and look up the
// row in the scope that they have; and a filter that is true for every row, beside everything that
// conditions say. What they find comes out as the operation's error.
func watchful() []rowhouse.AnyBehavior {
	mark := rowhouse.Col(Links, func(l *Link) *string { return &l.Canary })
	return []rowhouse.AnyBehavior{
		rowhouse.Behavior[Link]{
			Model: Links, BeforeInsert: owned, BeforeUpdate: owned, BeforeDelete: owned,
			AfterInsert: stored, AfterUpdate: stored, AfterDelete: gone,
			Filters: []rowhouse.Filter[Link]{{Name: "marked", Where: rowhouse.Or(mark.Eq(""), mark.Contains("canary of"))}},
		},
		rowhouse.Behavior[Note]{Model: Notes, AfterLoad: func(_ context.Context, s rowhouse.Scope, n *Note) error {
			return mine(s, n.Canary)
		}},
	}
}

// mine reports a row that is not of the scope's tenant; a row that is only a key has no canary.
func mine(s rowhouse.Scope, mark string) error {
	if mark != "" && mark != canary(s.Tenant()) {
		return fmt.Errorf("breach: a hook of tenant %q is given a row of another tenant", s.Tenant())
	}
	return nil
}

func owned(_ context.Context, s rowhouse.Scope, l *Link) error { return mine(s, l.Canary) }

func stored(ctx context.Context, s rowhouse.Scope, l *Link) error { return there(ctx, s, l, 1) }

func gone(ctx context.Context, s rowhouse.Scope, l *Link) error { return there(ctx, s, l, 0) }

func there(ctx context.Context, s rowhouse.Scope, l *Link, want int64) error {
	n, err := Links.In(s).Where(linkLeft.Eq(l.Left), linkRight.Eq(l.Right)).Count(ctx)
	if err == nil && n != want {
		err = fmt.Errorf("breach: a hook of tenant %q finds %d rows of its key, not %d", s.Tenant(), n, want)
	}
	return err
}
