package fleet_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
)

// A tool that knows nothing of tenants reads all of them.
func ExampleFleet_View() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "view")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "home.db")
	drv, err := sqlite.New(path)
	if err != nil {
		panic(err)
	}
	defer drv.Close()
	db, err := rowhouse.Open(ctx, drv, rowhouse.Options{Models: rowhouse.Models(Cases, Comments)})
	if err != nil {
		panic(err)
	}
	defer db.Close()

	f := fleet.New(db, fleet.Options{Views: rowhouse.Models(Cases)})
	_, err = f.ProvisionAll(ctx, []fleet.NewTenant{
		{ID: "42"},
		{ID: "trial", Placement: rowhouse.Shared()},
		{ID: "bigco", Placement: rowhouse.Database("t_{tenant}")},
	})
	fmt.Println(err)
	for _, id := range []string{"42", "trial", "bigco"} {
		tenant, _ := db.Tenant(ctx, id)
		if err := Cases.In(tenant).Insert(ctx, &Case{Title: "Roof leaks at " + id}); err != nil {
			panic(err)
		}
	}
	report, err := f.View(ctx)
	fmt.Println(report.Parts[0].Name, report.Parts[0].Tenants, err)
	fmt.Println(report.Uncovered[0].Err)

	tool, err := sql.Open("sqlite", path)
	if err != nil {
		panic(err)
	}
	defer tool.Close()
	rows, err := tool.QueryContext(ctx, "SELECT tenant_id, title FROM rowhouse_all_case_1 ORDER BY 1")
	if err != nil {
		panic(err)
	}
	defer rows.Close()
	for rows.Next() {
		var tenant, title string
		if err := rows.Scan(&tenant, &title); err != nil {
			panic(err)
		}
		fmt.Println(tenant, "|", title)
	}
	fmt.Println(rows.Err())
	// Output:
	// <nil>
	// "main"."rowhouse_all_case_1" [42 trial] <nil>
	// fleet: tenant "bigco" has a database of its own, where a view cannot reach: not supported by this engine
	// 42 | Roof leaks at 42
	// trial | Roof leaks at trial
	// <nil>
}
