package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/fleet"
)

// Item has room for tenants' own columns.
type Item struct {
	ID     int64          `db:"id,pk,auto"`
	Name   string         `db:"name,size:50,index"`
	Custom rowhouse.Extra `db:",extra"`
}

// NewItem is what a later version of the program makes of it.
type NewItem struct {
	ID     int64          `db:"id,pk,auto"`
	Name   string         `db:"name,size:50,index"`
	Rank   *int           `db:"Rank"`
	Custom rowhouse.Extra `db:",extra"`
}

var (
	Items    = rowhouse.MustDefine[Item]("item")
	NewItems = rowhouse.MustDefine[NewItem]("item")
	ItemID   = rowhouse.Col(Items, func(i *Item) *int64 { return &i.ID })
	ItemName = rowhouse.Col(Items, func(i *Item) *string { return &i.Name })
	ItemRank = rowhouse.ExtraCol[int](Items, "rank")
	itemOnly = rowhouse.Options{Models: rowhouse.Models(Items, Cases, Comments)}
)

func rank(more ...func(*rowhouse.Extension)) rowhouse.Extension {
	x := rowhouse.Extension{Name: "rank", Type: dialect.Type{Kind: dialect.Int32}}
	for _, fn := range more {
		fn(&x)
	}
	return x
}

func defaulted(x *rowhouse.Extension) { x.Default = 3 }
func indexed(x *rowhouse.Extension)   { x.Index = true }

// tenantsOf makes a tenant of each of the places and returns their ids.
func tenantsOf(t *testing.T, h *home, f *fleet.Fleet) (ids []string) {
	t.Helper()
	for name, p := range h.placements() {
		must(t, f.Provision(t.Context(), fleet.NewTenant{ID: name, Placement: p}))
		ids = append(ids, name)
	}
	slices.Sort(ids)
	return ids
}

func put(t *testing.T, db *rowhouse.DB, id, name string, rank int) {
	t.Helper()
	tenant, err := db.Tenant(t.Context(), id)
	must(t, err)
	item := Item{Name: name}
	ItemRank.Put(&item, rank)
	must(t, Items.In(tenant).Insert(t.Context(), &item))
}

// ranks are a tenant's rows by their ranks.
func ranks(t *testing.T, db *rowhouse.DB, id string, by rowhouse.ExtraColumn[Item, int]) string {
	t.Helper()
	tenant, err := db.Tenant(t.Context(), id)
	must(t, err)
	rows, err := Items.In(tenant).OrderBy(ItemID.Asc()).All(t.Context())
	must(t, err)
	var s strings.Builder
	for i := range rows {
		v, ok := by.From(&rows[i])
		fmt.Fprintf(&s, "%s:%d:%v ", rows[i].Name, v, ok)
	}
	n, err := Items.In(tenant).Where(rowhouse.Or(by.IsNull(), by.IsNotNull())).Count(t.Context())
	must(t, err)
	if n != int64(len(rows)) {
		t.Errorf("tenant %s: %d of %d rows have the column", id, n, len(rows))
	}
	return s.String()
}

// ranksAre compares the ranks of each tenant.
func ranksAre(t *testing.T, db *rowhouse.DB, ids []string, by rowhouse.ExtraColumn[Item, int], want string) {
	t.Helper()
	for _, id := range ids {
		if got := ranks(t, db, id, by); got != want {
			t.Errorf("tenant %s has %s, not %s", id, got, want)
		}
	}
}

// TestExtend makes, renames and drops columns in every placement, and each of it again.
func TestExtend(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := initialized(t, h.drv, itemOnly)
		ctx := t.Context()
		ids := tenantsOf(t, h, f)
		for _, id := range ids {
			tenant, err := db.Tenant(ctx, id)
			must(t, err)
			must(t, Items.In(tenant).Insert(ctx, &Item{Name: "old"}))
		}
		before := lasting(h.inventory(t))
		own := []string{"database", "prefix", "schema"}

		// Indexed, which shared tables refuse; then those without.
		r, err := f.Extend(ctx, db.All(), Items, rank(defaulted, indexed))
		if !slices.Equal(sorted(r.Done), own) || len(r.Failed) != 1 || !errors.Is(err, rowhouse.ErrUnsupported) {
			t.Fatalf("Extend: %+v, %v", r, err)
		}
		for range 2 {
			r, err = f.Extend(ctx, db.Only("shared"), Items, rank(defaulted))
			if err != nil || len(r.Done) != 1 {
				t.Fatalf("Extend: %+v, %v", r, err)
			}
			_, err = f.Extend(ctx, db.Only(own...), Items, rank(defaulted, indexed))
			must(t, err)
		}
		for _, id := range ids {
			put(t, db, id, "new", 5)
		}
		ranksAre(t, db, ids, ItemRank, "old:3:true new:5:true ")
		testRefused(t, db, f, h.drv.Dialect())
		testRename(t, db, f, ids)

		for range 2 {
			for _, name := range []string{"rank", "grade"} {
				r, err := f.DropExtra(ctx, db.All(), Items, name)
				if err != nil || len(r.Done) != 4 {
					t.Fatalf("DropExtra: %+v, %v", r, err)
				}
			}
		}
		sameInventory(t, before, lasting(h.inventory(t)))
		// What comes after has nothing of what was.
		_, err = f.Extend(ctx, db.All(), Items, rank())
		must(t, err)
		ranksAre(t, db, ids, ItemRank, "old:0:false new:0:false both:0:false ")
		_, err = f.DropAll(ctx, ids...)
		must(t, err)
	})
}

// testRefused asks for columns that the tenants have otherwise, or that something else has the name of.
func testRefused(t *testing.T, db *rowhouse.DB, f *fleet.Fleet, d dialect.Dialect) {
	t.Helper()
	for _, other := range []rowhouse.Extension{
		rank(), rank(defaulted, indexed, func(x *rowhouse.Extension) { x.Type.Kind = dialect.Int64 }),
		rank(indexed, func(x *rowhouse.Extension) { x.Default = 4 }),
	} {
		if _, err := f.Extend(t.Context(), db.Only("prefix"), Items, other); !errors.Is(err, rowhouse.ErrConflict) {
			t.Errorf("another column of the name: %v", err)
		}
	}
	for _, name := range []string{"NAME", "id", "custom", "tenant_id"} {
		x := rank(func(x *rowhouse.Extension) { x.Name = name })
		if r, err := f.Extend(t.Context(), db.All(), Items, x); !errors.Is(err, rowhouse.ErrCollision) || len(r.Failed) != 4 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	for _, name := range []string{"CTID", "xmax", "rowid", "OID"} {
		if !d.Reserved(dialect.ColumnObject, name) {
			continue
		}
		x := rank(func(x *rowhouse.Extension) { x.Name = name })
		if r, err := f.Extend(t.Context(), db.All(), Items, x); !errors.Is(err, rowhouse.ErrCollision) || len(r.Failed) != 4 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// testRename gives a column another name: in the table it keeps its own, and programs may give the old
// name to another.
func testRename(t *testing.T, db *rowhouse.DB, f *fleet.Fleet, ids []string) {
	t.Helper()
	ctx := t.Context()
	for range 2 {
		_, err := f.RenameExtra(ctx, db.All(), Items, "rank", "grade")
		must(t, err)
	}
	grade := rowhouse.ExtraCol[int](Items, "grade")
	ranksAre(t, db, ids, grade, "old:3:true new:5:true ")
	_, err := f.Extend(ctx, db.All(), Items, rank())
	must(t, err)
	for _, id := range ids {
		put(t, db, id, "both", 8)
	}
	ranksAre(t, db, ids, ItemRank, "old:0:false new:0:false both:8:true ")
	if _, err := f.RenameExtra(ctx, db.All(), Items, "grade", "rank"); !errors.Is(err, rowhouse.ErrCollision) {
		t.Errorf("renamed to a name that is taken: %v", err)
	}
	if _, err := f.RenameExtra(ctx, db.All(), Items, "nothing", "something"); !errors.Is(err, rowhouse.ErrNoColumn) {
		t.Errorf("nothing was renamed: %v", err)
	}
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

// TestExtendInvalid has what can be no column be refused before anything is read.
func TestExtendInvalid(t *testing.T) {
	t.Parallel()
	h := onSQLite(t)
	db, f := initialized(t, h.drv, itemOnly)
	must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "acme"}))
	with := func(fn func(x *rowhouse.Extension)) rowhouse.Extension { return rank(fn) }
	for name, x := range map[string]rowhouse.Extension{
		"no kind":   with(func(x *rowhouse.Extension) { x.Type.Kind = dialect.Other }),
		"no name":   with(func(x *rowhouse.Extension) { x.Name = "" }),
		"bad name":  with(func(x *rowhouse.Extension) { x.Name = `a"b` }),
		"long name": with(func(x *rowhouse.Extension) { x.Name = strings.Repeat("a", 64) }),
		"bounds":    with(func(x *rowhouse.Extension) { x.Type = dialect.Type{Kind: dialect.Decimal} }),
		"scale": with(func(x *rowhouse.Extension) {
			x.Type = dialect.Type{Kind: dialect.Decimal, Precision: 3, Scale: 4}
		}),
		"size":       with(func(x *rowhouse.Extension) { x.Type.Size = 4 }),
		"default":    with(func(x *rowhouse.Extension) { x.Default = "high" }),
		"too large":  with(func(x *rowhouse.Extension) { x.Default = 1 << 40 }),
		"no default": with(func(x *rowhouse.Extension) { x.Type.Kind, x.Default = dialect.Bytes, []byte{1} }),
	} {
		if _, err := f.Extend(t.Context(), db.All(), Items, x); !errors.Is(err, rowhouse.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := f.Extend(t.Context(), db.All(), Cases, rank())
	if !errors.Is(err, rowhouse.ErrInvalid) || !strings.Contains(err.Error(), "extra") {
		t.Errorf("a model without room: %v", err)
	}
	r, err := f.Extend(t.Context(), db.Only("acme", "nobody"), Items, rank())
	if !errors.Is(err, rowhouse.ErrUnknownTenant) || len(r.Done) != 1 || len(r.Failed) != 1 || r.Failed[0].Tenant != "nobody" {
		t.Errorf("an unknown tenant: %+v, %v", r, err)
	}
	if _, err := f.Extend(t.Context(), rowhouse.Selection{}, Items, rank()); !errors.Is(err, rowhouse.ErrInvalid) {
		t.Errorf("no selection: %v", err)
	}
}

// TestExtendOccupied has a column that is not known to be the tenant's own stay as it is.
func TestExtendOccupied(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := initialized(t, h.drv, itemOnly)
		must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "acme"}))
		tenant, err := db.Tenant(t.Context(), "acme")
		must(t, err)
		h.exec(t, "", "ALTER TABLE "+tenant.TableName(Items)+" ADD COLUMN rank int")
		for range 2 {
			_, err = f.Extend(t.Context(), db.All(), Items, rank())
			if _, occupied := errors.AsType[*fleet.OccupiedError](err); !occupied {
				t.Fatalf("got %v", err)
			}
		}
		e, err := db.Catalog().Tenant(t.Context(), "acme")
		must(t, err)
		if len(e.Extensions) != 0 || !e.LeaseUntil.IsZero() {
			t.Errorf("the entry is %+v", e)
		}
		h.exec(t, "", "ALTER TABLE "+tenant.TableName(Items)+" DROP COLUMN rank")
		_, err = f.Extend(t.Context(), db.All(), Items, rank())
		must(t, err)
	})
}

// TestExtendCollision has a later version of the struct, which has a column of that name, be told of
// it before it harms.
func TestExtendCollision(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		ctx := t.Context()
		db, f := initialized(t, h.drv, itemOnly)
		tenantsOf(t, h, f)
		_, err := f.Extend(ctx, db.Only("prefix", "shared"), Items, rank())
		must(t, err)
		put(t, db, "shared", "a", 1)

		later, lf := open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(NewItems)}, fleet.Options{})
		r, err := lf.CheckExtras(ctx, later.All())
		if !errors.Is(err, rowhouse.ErrCollision) || len(r.Done) != 2 || len(r.Failed) != 2 {
			t.Errorf("CheckExtras: %+v, %v", r, err)
		}
		for _, id := range []string{"prefix", "shared"} {
			_, err := later.Tenant(ctx, id)
			e, typed := errors.AsType[*rowhouse.TenantError](err)
			if !errors.Is(err, rowhouse.ErrCollision) || !typed || e.Tenant != id || !strings.Contains(err.Error(), `"rank"`) {
				t.Errorf("tenant %s: %v", id, err)
			}
			_, err = NewItems.Across(later.Only(id)).All(ctx)
			if !errors.Is(err, rowhouse.ErrCollision) {
				t.Errorf("across %s: %v", id, err)
			}
		}
		if _, err := later.Tenant(ctx, "schema"); err != nil {
			t.Error(err)
		}

		// Under another name for programs it is in the table still.
		_, err = f.RenameExtra(ctx, db.Only("prefix", "shared"), Items, "rank", "grade")
		must(t, err)
		must(t, later.Refresh(ctx))
		if _, err := later.Tenant(ctx, "prefix"); !errors.Is(err, rowhouse.ErrCollision) {
			t.Errorf("after the renaming: %v", err)
		}
		// The way out: another column, filled from this one, which is dropped.
		grade, level := rowhouse.ExtraCol[int](Items, "grade"), rowhouse.ExtraCol[int](Items, "level")
		_, err = f.Extend(ctx, db.Only("prefix", "shared"), Items, rank(func(x *rowhouse.Extension) { x.Name = "level" }))
		must(t, err)
		for _, id := range []string{"prefix", "shared"} {
			tenant, err := db.Tenant(ctx, id)
			must(t, err)
			_, err = Items.In(tenant).UpdateWhere(ctx, rowhouse.Every[Item](), level.SetTo(grade))
			must(t, err)
		}
		_, err = lf.DropExtra(ctx, later.Only("prefix", "shared"), NewItems, "grade")
		must(t, err)
		r, err = lf.CheckExtras(ctx, later.All())
		if err != nil || len(r.Done) != 4 {
			t.Errorf("CheckExtras: %+v, %v", r, err)
		}
		if _, err := later.Tenant(ctx, "prefix"); err != nil {
			t.Error(err)
		}
		must(t, db.Refresh(ctx))
		if got := ranks(t, db, "shared", level); got != "a:1:true " {
			t.Errorf("the rows are %s", got)
		}
	})
}

// TestExtendRolling has another process read and write while columns come and go: none of its
// statements may fail, or lose a value that it does not know.
func TestExtendRolling(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		ctx := t.Context()
		db, f := initialized(t, h.drv, itemOnly)
		ids := tenantsOf(t, h, f)
		other, _ := open(t, h.drv, itemOnly, fleet.Options{})
		work, stop := context.WithCancel(ctx)
		defer stop()
		done := make(chan error, len(ids))
		var rounds atomic.Int64
		for _, id := range ids {
			go func() { done <- useItems(work, other, id, &rounds) }()
		}
		for range 2 {
			_, err := f.Extend(ctx, db.All(), Items, rank(defaulted))
			must(t, err)
			for _, id := range ids {
				put(t, db, id, "known", 42)
			}
			knows(t, other, ids, 1)
			awaitRounds(t, &rounds, done)
			for _, id := range ids {
				tenant, err := db.Tenant(ctx, id)
				must(t, err)
				n, err := Items.In(tenant).Where(ItemName.Eq("known"), ItemRank.Eq(42)).Count(ctx)
				if err != nil || n < 1 {
					t.Errorf("tenant %s: %d rows, %v", id, n, err)
				}
			}
			_, err = f.DropExtra(ctx, db.All(), Items, "rank")
			must(t, err)
			awaitRounds(t, &rounds, done)
			for _, id := range ids {
				tenant, err := db.Tenant(ctx, id)
				must(t, err)
				_, err = Items.In(tenant).DeleteWhere(ctx, ItemName.Eq("known"))
				must(t, err)
			}
		}
		stop()
		for range ids {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}

// knows waits until a process has heard of so many columns of each tenant.
func knows(t *testing.T, db *rowhouse.DB, ids []string, n int) {
	t.Helper()
	for _, id := range ids {
		for until := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			tenant, err := db.Tenant(t.Context(), id)
			if err == nil && len(tenant.Extensions(Items)) == n {
				break
			}
			if time.Now().After(until) {
				t.Fatalf("tenant %s: the other process does not hear of its columns: %v", id, err)
			}
		}
	}
}

// awaitRounds waits until that process has done some more of its work.
func awaitRounds(t *testing.T, rounds *atomic.Int64, done <-chan error) {
	t.Helper()
	until := time.After(20 * time.Second)
	for from := rounds.Load(); rounds.Load() < from+20; {
		select {
		case err := <-done:
			t.Fatalf("the other process has stopped: %v", err)
		case <-until:
			t.Fatal("the other process makes no progress")
		case <-time.After(time.Millisecond):
		}
	}
}

// useItems reads and writes all rows of a tenant, as whatever it knows them.
func useItems(ctx context.Context, db *rowhouse.DB, id string, rounds *atomic.Int64) error {
	for ctx.Err() == nil {
		tenant, err := db.Tenant(ctx, id)
		if err == nil {
			err = Items.In(tenant).Insert(ctx, &Item{Name: "other"})
		}
		var rows []Item
		if err == nil {
			rows, err = Items.In(tenant).OrderBy(ItemID.Desc()).Limit(3).All(ctx)
		}
		for i := range rows {
			if err == nil {
				if err = Items.In(tenant).Update(ctx, &rows[i]); errors.Is(err, rowhouse.ErrNotFound) {
					err = nil
				}
			}
		}
		if err == nil {
			_, err = Items.In(tenant).DeleteWhere(ctx, ItemName.Eq("other"))
		}
		late := errors.Is(err, rowhouse.ErrCatalog) // a machine under load looks at the catalog when it can
		if err != nil && ctx.Err() == nil && !late && !rowhouse.IsRetryable(err) {
			return fmt.Errorf("tenant %s: %w", id, err)
		}
		rounds.Add(1)
	}
	return nil
}

// TestExtendFailure lets each step of making and of dropping a column fail, in every way, and goes on.
func TestExtendFailure(t *testing.T) {
	t.Parallel()
	for engine, start := range engines {
		for way, w := range failures {
			for _, place := range []string{"prefix", "schema", "shared"} {
				t.Run(engine+"/"+way+"/"+place, func(t *testing.T) {
					t.Parallel()
					h := start(t)
					p := h.placements()[place]
					own, err := p.For(h.drv.Dialect(), "acme")
					must(t, err)
					d := &faulty{Driver: h.drv, tenant: "acme", database: own.Name, happens: w.happens}
					o := itemOnly
					o.Freshness = 100 * time.Millisecond
					db, f := initialized(t, d, o)
					must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "acme", Placement: p}))
					before := lasting(h.inventory(t))
					for n := int64(1); extendFailsOnce(t, d, db, f, n, w.cancels, place != "shared"); n++ {
						sameInventory(t, before, lasting(h.inventory(t)))
						if n > 100 {
							t.Fatal("no end of steps")
						}
					}
				})
			}
		}
	}
}

func extendFailsOnce(t *testing.T, d *faulty, db *rowhouse.DB, f *fleet.Fleet, n int64, cancels, index bool) bool {
	t.Helper()
	armed := func() context.Context {
		ctx, cancel := context.WithCancel(t.Context())
		t.Cleanup(cancel)
		if d.stop = nil; cancels {
			d.stop = cancel
		}
		d.arm(n)
		return ctx
	}
	x := rank(defaulted)
	x.Index = index
	_, err := f.Extend(armed(), db.Only("acme"), Items, x)
	fired := d.fired.Load()
	d.arm(0)
	if err != nil {
		patiently(t, func() error { return second(f.Extend(t.Context(), db.Only("acme"), Items, x)) })
	}
	patiently(t, func() error { return useRank(t.Context(), db, true) })
	_, err = f.DropExtra(armed(), db.Only("acme"), Items, "rank")
	fired = fired || d.fired.Load()
	d.arm(0)
	if err != nil {
		patiently(t, func() error { return second(f.DropExtra(t.Context(), db.Only("acme"), Items, "rank")) })
	}
	patiently(t, func() error { return useRank(t.Context(), db, false) })
	return fired
}

func second(_ fleet.Result, err error) error { return err }

// useRank writes and removes a row of a tenant that has the column, or has it no more.
func useRank(ctx context.Context, db *rowhouse.DB, has bool) error {
	if err := db.Refresh(ctx); err != nil {
		return err
	}
	tenant, err := db.Tenant(ctx, "acme")
	if err != nil {
		return err
	}
	item := Item{Name: "a"}
	if ItemRank.Put(&item, 1); !has {
		item.Custom.Remove("rank")
	}
	if err := Items.In(tenant).Insert(ctx, &item); err != nil {
		return err
	}
	if n := len(tenant.Extensions(Items)); has != (n == 1) {
		return fmt.Errorf("the tenant has %d columns", n)
	}
	_, err = Items.In(tenant).DeleteWhere(ctx, rowhouse.Every[Item]())
	return err
}

// patiently tries again while a machine under load is late to look at the catalog.
func patiently(t *testing.T, fn func() error) {
	t.Helper()
	for range 100 {
		err := fn()
		if !errors.Is(err, rowhouse.ErrCatalog) {
			must(t, err)
			return
		}
	}
	t.Fatal("the catalog cannot be read")
}

// listed is a catalog of an application's own, which can be read alone.
type listed struct{ entry rowhouse.Entry }

func (c listed) Tenant(_ context.Context, id string) (rowhouse.Entry, error) {
	if id != c.entry.ID {
		return rowhouse.Entry{}, rowhouse.ErrUnknownTenant
	}
	return c.entry, nil
}

func (listed) Changes(context.Context, int64) (int64, []string, error) { return 1, nil, nil }

// TestExtendListed has a catalog of the application's own tell of columns that it has made itself.
func TestExtendListed(t *testing.T) {
	t.Parallel()
	h := onSQLite(t)
	x := rank()
	x.Model, x.Column, x.State = "item", "rank_of_it", rowhouse.Active
	c := listed{rowhouse.Entry{ID: "acme", State: rowhouse.Active, Extensions: []rowhouse.Extension{x}}}
	db, f := open(t, h.drv, rowhouse.Options{Models: rowhouse.Models(Items), Catalog: c}, fleet.Options{})
	must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "acme"}))
	h.exec(t, "", `ALTER TABLE "acme_item" ADD COLUMN rank_of_it int`)
	must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "acme"}))
	put(t, db, "acme", "a", 4)
	if got := ranks(t, db, "acme", ItemRank); got != "a:4:true " {
		t.Errorf("the rows are %s", got)
	}
	if _, err := f.Extend(t.Context(), db.Only("acme"), Items, rank()); !errors.Is(err, rowhouse.ErrUnsupported) {
		t.Errorf("Extend: %v", err)
	}
}

// lasting leaves out the files that SQLite makes beside one that is open.
func lasting(list []string) []string {
	return slices.DeleteFunc(list, func(name string) bool {
		return strings.HasSuffix(name, ".db-shm") || strings.HasSuffix(name, ".db-wal")
	})
}
