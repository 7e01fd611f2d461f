package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/fleet"
)

// Keys that no generated key comes near.
const (
	sameKey = 1_000_001 // all examples have a case of this key
	ownKey  = 1_000_002 // one has
)

// attempt is something that must fail, and how.
type attempt struct {
	what string
	want error
	do   func() error
}

// walls tries to get from one tenant to another's rows.
func (d *demo) walls(ctx context.Context) error {
	d.page.section("Walls")
	few := examples(d.tenants)
	if err := d.sameKeys(ctx, few); err != nil {
		return err
	}
	if a, b, ok := neighbours(few); ok {
		if err := d.trespass(ctx, a, b); err != nil {
			return err
		}
	} else {
		d.page.linef("One tenant has no neighbours; --tenants 8 has two of each kind.")
	}
	return d.refusals(ctx, few[len(few)-1].id)
}

// sameKeys gives all of them a case of the same key, and reads it back from each.
func (d *demo) sameKeys(ctx context.Context, few []planned) error {
	for _, t := range few {
		tenant, err := d.watched.Tenant(ctx, t.id)
		if err != nil {
			return err
		}
		if err := Cases.In(tenant).Insert(ctx, &Case{ID: sameKey, Title: "the secret of " + t.id}); err != nil {
			return err
		}
	}
	d.page.linef("Each of these has a case %d, and reads its own:", sameKey)
	for _, t := range few {
		tenant, err := d.watched.Tenant(ctx, t.id)
		if err != nil {
			return err
		}
		c, err := Cases.In(tenant).Get(ctx, sameKey)
		if err != nil {
			return err
		}
		if c.Title != "the secret of "+t.id {
			return broken(t.id, "reads "+c.Title)
		}
		n, err := Cases.In(tenant).Count(ctx)
		if err != nil {
			return err
		}
		if n != 3 { // two from the work, and this one
			return broken(t.id, fmt.Sprintf("counts %d cases", n))
		}
		d.page.linef("  %-8s %-28q %d cases in all", t.id, c.Title, n)
	}
	d.page.blank()
	return nil
}

// neighbours are the two with the thinnest wall between them.
func neighbours(few []planned) (a, b planned, ok bool) {
	if len(few) < 2 {
		return a, b, false
	}
	return few[len(few)-2], few[len(few)-1], true
}

// trespass has b try to reach a case that only a has.
func (d *demo) trespass(ctx context.Context, a, b planned) error {
	hers, err := d.watched.Tenant(ctx, a.id)
	if err != nil {
		return err
	}
	his, err := d.watched.Tenant(ctx, b.id)
	if err != nil {
		return err
	}
	secret := Case{ID: ownKey, Title: "only " + a.id + " has this"}
	if err := Cases.In(hers).Insert(ctx, &secret); err != nil {
		return err
	}
	where := ""
	if a.placement.Kind == b.placement.Kind {
		where = ", in the same table,"
	}
	d.page.linef("Only %s has a case %d. %s%s tries to:", a.id, ownKey, b.id, where)
	stolen := secret
	cases := Cases.In(his)
	if err := d.try(is[*rowhouse.StatementError], []attempt{
		{"read it", rowhouse.ErrNotFound, func() error { _, err := cases.Get(ctx, ownKey); return err }},
		{"update it", rowhouse.ErrNotFound, func() error { return cases.Update(ctx, &stolen) }},
		{"delete it", rowhouse.ErrNotFound, func() error { return cases.Delete(ctx, &stolen) }},
	}); err != nil {
		return err
	}
	gone, err := cases.DeleteWhere(ctx, rowhouse.Every[Case]())
	if err != nil {
		return err
	}
	left, err := Cases.In(hers).Count(ctx)
	if err != nil {
		return err
	}
	if gone != 3 || left != 4 {
		return broken(b.id, fmt.Sprintf("deleted %d cases, and %s has %d left of 4", gone, a.id, left))
	}
	d.page.linef("  %-20s%d deleted, all its own; %s still has all %d", "delete every case", gone, a.id, left)
	d.page.blank()
	return nil
}

// refusals asks for tenants that there are not, and for one that is suspended.
func (d *demo) refusals(ctx context.Context, id string) error {
	tenant, err := d.watched.Tenant(ctx, id)
	if err != nil {
		return err
	}
	f := fleet.New(d.db, fleet.Options{})
	if err := errors.Join(f.Suspend(ctx, id), d.watched.Refresh(ctx)); err != nil {
		return err
	}
	ask := func(id string) func() error {
		return func() error { _, err := d.watched.Tenant(ctx, id); return err }
	}
	d.page.linef("Refused with a *rowhouse.TenantError, and nothing is sent for a tenant:")
	sent, err := d.trace.during(func() error {
		return d.try(is[*rowhouse.TenantError], []attempt{
			{"an unknown tenant", rowhouse.ErrUnknownTenant, ask("nobody")},
			{"SQL for a name", rowhouse.ErrUnknownTenant, ask(id + "' OR '1'='1")},
			{"a suspended tenant", rowhouse.ErrNotActive, ask(id)},
			{"a handle to it", rowhouse.ErrNotActive, func() error { _, err := Cases.In(tenant).Count(ctx); return err }},
		})
	})
	if err != nil {
		return err
	}
	if len(sent) > 0 {
		return broken(id, "had this sent for it: "+sent[0].Text)
	}
	return errors.Join(f.Resume(ctx, id), d.watched.Refresh(ctx))
}

// is reports whether an error is an E, or wraps one.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// try makes attempts and prints how each one fails. One that does not, or with another type of
// error than it should, is the demo's own error.
func (d *demo) try(typed func(error) bool, attempts []attempt) error {
	for _, a := range attempts {
		err := a.do()
		if !errors.Is(err, a.want) || !typed(err) {
			return fmt.Errorf("%s: the error should have been %q, and was: %w", a.what, a.want.Error(), orNone(err))
		}
		d.page.hang(fmt.Sprintf("  %-20s", a.what), strings.TrimPrefix(err.Error(), "rowhouse: "))
	}
	return nil
}

func orNone(err error) error {
	if err == nil {
		return errors.New("none")
	}
	return err
}

// broken is the demo's worst end.
func broken(id, what string) error {
	return fmt.Errorf("a wall does not hold: tenant %q %s; please report this", id, what)
}
