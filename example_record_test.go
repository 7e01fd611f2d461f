package rowhouse_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
)

// ExampleDefineRecord has a model whose columns are known only when the program runs.
func ExampleDefineRecord() {
	ctx := context.Background()
	var table dialect.Table
	check(json.Unmarshal([]byte(`{
		"name": "asset",
		"columns": [
			{"name": "id", "type": {"kind": "int64"}, "auto": true},
			{"name": "label", "type": {"kind": "text", "size": 40}},
			{"name": "weight", "type": {"kind": "float64"}, "null": true}
		],
		"primary_key": ["id"]
	}`), &table))
	assets, err := rowhouse.DefineRecord(table)
	check(err)
	weight, err := rowhouse.RecordCol[float64](assets, "weight")
	check(err)

	drv, err := sqlite.Temporary()
	check(err)
	db, err := rowhouse.Open(ctx, drv, rowhouse.Options{Models: rowhouse.Models(assets)})
	check(err)
	defer func() { check(errors.Join(db.Close(), drv.Close())) }()
	check(fleet.New(db, fleet.Options{}).Provision(ctx, fleet.NewTenant{ID: "acme"}))
	acme, err := db.Tenant(ctx, "acme")
	check(err)

	r := rowhouse.NewRecord(assets)
	check(r.Set("label", "anvil"))
	check(weight.Put(&r, 70.5))
	check(assets.In(acme).Insert(ctx, &r))

	heavy, err := assets.In(acme).Where(weight.Gt(50)).All(ctx)
	check(err)
	text, err := json.Marshal(heavy)
	check(err)
	fmt.Println(string(text))
	fmt.Println(heavy[0])
	fmt.Println(r.Set("weigth", 3))
	// Output:
	// [{"id":1,"label":"anvil","weight":70.5}]
	// Record{asset: id, label, weight}
	// rowhouse: model "asset" has no column "weigth"; it has [id label weight]
}
