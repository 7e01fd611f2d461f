package rowhouse_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
)

// Job has room for columns that some tenants have of their own.
type Job struct {
	ID     int64          `db:"id,pk,auto"`
	Title  string         `db:"title,size:200"`
	Custom rowhouse.Extra `db:",extra"`
}

var (
	Jobs     = rowhouse.MustDefine[Job]("job")
	JobTitle = rowhouse.Col(Jobs, func(j *Job) *string { return &j.Title })
	JobCrew  = rowhouse.ExtraCol[int](Jobs, "crew")
)

// One tenant of two has a column of its own: it is there in conditions, orders, updates and rows. For the
// other it is an error that says so.
func ExampleExtraCol() {
	ctx := context.Background()
	drv, err := sqlite.Temporary()
	check(err)
	defer drv.Close()
	db, err := rowhouse.Open(ctx, drv, rowhouse.Options{Models: rowhouse.Models(Jobs)})
	check(err)
	defer db.Close()
	houses := fleet.New(db, fleet.Options{})
	check(houses.Provision(ctx, fleet.NewTenant{ID: "acme"}))
	check(houses.Provision(ctx, fleet.NewTenant{ID: "bigco", Placement: rowhouse.Shared()}))

	_, err = houses.Extend(ctx, db.Only("acme"), Jobs, rowhouse.Extension{
		Name: "crew", Type: dialect.Type{Kind: dialect.Int32}, Default: 1,
	})
	check(err)

	acme, err := db.Tenant(ctx, "acme")
	check(err)
	roof := Job{Title: "Roof"}
	JobCrew.Put(&roof, 3)
	check(Jobs.In(acme).Insert(ctx, &roof))
	check(Jobs.In(acme).Insert(ctx, &Job{Title: "Door"}))
	_, err = Jobs.In(acme).UpdateWhere(ctx, JobTitle.Eq("Roof"), JobCrew.Add(1))
	check(err)
	jobs, err := Jobs.In(acme).Where(JobCrew.Ge(1)).OrderBy(JobCrew.Desc()).All(ctx)
	check(err)
	for _, j := range jobs {
		crew, _ := JobCrew.From(&j)
		fmt.Println(j.Title, crew)
	}

	bigco, err := db.Tenant(ctx, "bigco")
	check(err)
	_, err = Jobs.In(bigco).Where(JobCrew.Ge(1)).All(ctx)
	fmt.Println(errors.Is(err, rowhouse.ErrNoColumn), err)
	// Output:
	// Roof 4
	// Door 1
	// true rowhouse: select job of tenant "bigco": tenant has no such column (crew): the tenant has no column "crew" of its own in model "job"
}
