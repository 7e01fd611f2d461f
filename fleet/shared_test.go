package fleet_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/fleet"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

// TestSharedReferences has a tenant refer to another's row, by whose number it knows it.
func TestSharedReferences(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, h *home) {
		db, f := initialized(t, h.drv, rowhouse.Options{Placement: rowhouse.Shared()})
		ctx := t.Context()
		var tenants [2]*rowhouse.Tenant
		for i, id := range []string{"one", "two"} {
			must(t, f.Provision(ctx, fleet.NewTenant{ID: id}))
			var err error
			tenants[i], err = db.Tenant(ctx, id)
			must(t, err)
		}
		for _, title := range []string{"first", "second"} {
			must(t, Cases.In(tenants[0]).Insert(ctx, &Case{ID: 70, Title: title}))
			break
		}
		err := Comments.In(tenants[1]).Insert(ctx, &Comment{CaseID: 70, Body: "of another's case"})
		if !errors.Is(err, rowhouse.ErrReference) {
			t.Errorf("a reference to another tenant's row: %v", err)
		}
		// A unique key is the tenant's own too.
		must(t, Cases.In(tenants[1]).Insert(ctx, &Case{ID: 70, Title: "first"}))
		must(t, Comments.In(tenants[1]).Insert(ctx, &Comment{CaseID: 70, Body: "of its own case"}))
		// Dropping one leaves the other.
		must(t, f.Drop(ctx, "one"))
		if n, err := Cases.In(tenants[1]).Count(ctx); err != nil || n != 1 {
			t.Errorf("%d cases, %v", n, err)
		}
	})
}

type setNull struct {
	ID   int64  `db:"id,pk,auto"`
	Case *int64 `db:"case_id,ref:case.id,ondelete:setnull"`
}

// TestSharedSetNull refuses what would take a row from its tenant.
func TestSharedSetNull(t *testing.T) {
	t.Parallel()
	h := onSQLite(t)
	db, f := open(t, h.drv, rowhouse.Options{
		Models: rowhouse.Models(Cases, rowhouse.MustDefine[setNull]("link")), Placement: rowhouse.Shared(),
	}, fleet.Options{})
	err := f.Init(t.Context())
	if err == nil || !strings.Contains(err.Error(), "link_case_id_fkey") || !strings.Contains(err.Error(), "SET NULL") {
		t.Errorf("%v", err)
	}
	must(t, f.Provision(t.Context(), fleet.NewTenant{ID: "own", Placement: rowhouse.Prefix()}))
	if _, err := db.Tenant(t.Context(), "own"); err != nil {
		t.Error(err)
	}
}

// secured is a database and a pool with a role for which row-level security holds.
func secured(t *testing.T) (owner, plain *pgxpool.Pool) {
	t.Helper()
	url := testdb.Postgres(t)
	owner = connect(t, url, nil)
	role := owner.Config().ConnConfig.Database // as unique as that
	for _, text := range []string{
		"CREATE ROLE " + role + " LOGIN", "GRANT ALL ON SCHEMA public TO " + role,
	} {
		if _, err := owner.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, text := range []string{"DROP OWNED BY " + role, "DROP ROLE " + role} {
			if _, err := owner.Exec(context.Background(), text); err != nil {
				t.Error(err)
			}
		}
	})
	return owner, connect(t, url, func(c *pgxpool.Config) { c.ConnConfig.User = role })
}

// TestRowSecurity reads shared tables behind the library's back.
func TestRowSecurity(t *testing.T) {
	t.Parallel()
	owner, plain := secured(t)
	ctx := t.Context()
	o := rowhouse.Options{Placement: rowhouse.Shared(), RowSecurity: true}

	_, f := open(t, postgres.New(owner), o, fleet.Options{})
	if err := f.Init(ctx); err == nil || !strings.Contains(err.Error(), "superuser") {
		t.Errorf("with a superuser: %v", err)
	}
	db, f := initialized(t, postgres.New(plain), o)
	must(t, f.Init(ctx))
	for _, id := range []string{"one", "two"} {
		must(t, f.Provision(ctx, fleet.NewTenant{ID: id}))
		works(t, db, id)
	}
	count := func(q interface {
		QueryRow(ctx context.Context, text string, args ...any) pgx.Row
	},
	) (n int) {
		must(t, q.QueryRow(ctx, `SELECT count(*) FROM "public"."comment"`).Scan(&n))
		return n
	}
	if n := count(plain); n != 0 {
		t.Errorf("without a tenant, %d rows are seen", n)
	}
	if n := count(owner); n != 4 {
		t.Errorf("there are %d rows, the control sees 4", n)
	}
	tx, err := plain.Begin(ctx)
	must(t, err)
	_, err = tx.Exec(ctx, dialect.SetTenant, "one")
	must(t, err)
	if n := count(tx); n != 2 {
		t.Errorf("as one tenant, %d rows are seen", n)
	}
	if _, err := tx.Exec(ctx, `UPDATE "public"."comment" SET tenant_id = 'two'`); err == nil {
		t.Error("a row was given to another tenant")
	}
	must(t, tx.Rollback(ctx))

	_, err = owner.Exec(ctx, `INSERT INTO "public"."case" (tenant_id, title, priority, created_at) VALUES ('ghost', '', 0, now())`)
	must(t, err)
	var occupied *fleet.OccupiedError
	if err := f.Provision(ctx, fleet.NewTenant{ID: "ghost"}); !errors.As(err, &occupied) {
		t.Errorf("rows of a tenant to come: %v", err)
	}

	must(t, f.Drop(ctx, "one"))
	if n := count(owner); n != 2 {
		t.Errorf("after the drop of one tenant there are %d rows, want the other's 2", n)
	}
}

// TestRowSecurityMissing finds shared tables that are not secured, each in another way.
func TestRowSecurityMissing(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]string{
		"disabled":  `ALTER TABLE "public"."comment" DISABLE ROW LEVEL SECURITY`,
		"unforced":  `ALTER TABLE "public"."comment" NO FORCE ROW LEVEL SECURITY`,
		"no policy": `DROP POLICY rowhouse_tenant ON "public"."comment"`,
		"another":   `CREATE POLICY all_of_it ON "public"."comment" USING (true)`,
		"loosened":  `ALTER POLICY rowhouse_tenant ON "public"."comment" USING (true)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, plain := secured(t)
			o := rowhouse.Options{Placement: rowhouse.Shared(), RowSecurity: true}
			initialized(t, postgres.New(plain), o)
			if _, err := plain.Exec(t.Context(), spoil); err != nil {
				t.Fatal(err)
			}
			_, f := open(t, postgres.New(plain), o, fleet.Options{})
			err := f.Provision(t.Context(), fleet.NewTenant{ID: "acme"})
			if err == nil || !strings.Contains(err.Error(), "shared tables comment exist without row-level security") {
				t.Errorf("%v", err)
			}
		})
	}
}
