package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	gormpostgres "gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/bench/meter"
	"github.com/rowhouse/rowhouse/bench/report"
	"github.com/rowhouse/rowhouse/dialect"
	dpostgres "github.com/rowhouse/rowhouse/dialect/postgres"
	"github.com/rowhouse/rowhouse/driver"
)

// mapped is a way to know the tables of tenants: what it keeps of each so that their rows can be read
// and written without making it again. Nothing connects.
type mapped struct {
	name string
	most int // tenants that fit into the memory of a usual machine; 0 for any number
	keep func(ctx context.Context, tenants []string) (kept any, err error)
}

// mappings measures what five models cost for so many tenants.
func (b *bench) mappings(ctx context.Context) error {
	for _, n := range b.scale.mapped {
		b.sayf("mapping %d tenants", n)
		tenants := tenantIDs(n)
		for _, way := range []mapped{
			{"rowhouse", 0, mapRowhouse},
			{"texts by hand", 0, mapTexts},
			{"gorm DB per tenant", 10_000, mapGorm},
		} {
			if way.most > 0 && n > way.most {
				continue
			}
			if err := b.mapping(ctx, way, tenants); err != nil {
				return fmt.Errorf("mapping %d tenants, %s: %w", n, way.name, err)
			}
		}
	}
	return nil
}

// mapping does it five times, and records the medians.
func (b *bench) mapping(ctx context.Context, way mapped, tenants []string) error {
	costs := make([]cost, 5)
	for i := range costs {
		var err error
		if costs[i], err = way.measure(ctx, tenants); err != nil {
			return err
		}
	}
	bytes := median(costs, func(c cost) float64 { return c.bytes })
	took := median(costs, func(c cost) float64 { return micros(c.took) })
	scenario := "mapping/five models/" + report.Thousands(len(tenants)) + " tenants"
	each := float64(len(tenants))
	b.results.Add(scenario, way.name, "bytes_tenant", bytes/each)
	b.results.Add(scenario, way.name, "us_tenant", took/each)
	b.results.Add(scenario, way.name, "total_mib", bytes/(1<<20))
	b.results.Add(scenario, way.name, "total_ms", took/1000)
	return nil
}

// cost is what all tenants take to map, and what is kept of them.
type cost struct {
	took  time.Duration
	bytes float64
}

func (w mapped) measure(ctx context.Context, tenants []string) (c cost, err error) {
	before := meter.Heap()
	start := time.Now()
	kept, err := w.keep(ctx, tenants)
	if err != nil {
		return c, err
	}
	c.took = time.Since(start)
	c.bytes = float64(meter.Heap()) - float64(before)
	runtime.KeepAlive(tenants)
	if db, ok := kept.(*rowhouse.DB); ok {
		err = db.Close()
	}
	runtime.KeepAlive(kept)
	return c, err
}

// Five models, of which each library makes its own.
type (
	issue struct {
		ID       int64   `db:"id,pk,auto"`
		Title    string  `db:"title,size:200"`
		Status   string  `db:"status,index"   gorm:"index"`
		Priority int     `db:"priority"`
		Assignee *string `db:"assignee"`
	}
	remark struct {
		ID   int64  `db:"id,pk,auto"`
		Name string `db:"name,unique" gorm:"unique"`
	}
	document remark
	invoice  remark
	contact  remark
)

var plan = rowhouse.Models(rowhouse.MustDefine[issue]("issue"), rowhouse.MustDefine[remark]("remark"),
	rowhouse.MustDefine[document]("document"), rowhouse.MustDefine[invoice]("invoice"), rowhouse.MustDefine[contact]("contact"))

// mapRowhouse looks every tenant up in a catalog that costs nothing.
func mapRowhouse(ctx context.Context, tenants []string) (any, error) {
	db, err := rowhouse.Open(ctx, nowhere{}, rowhouse.Options{Models: plan, Catalog: allPrefixed{}, RegistryBytes: 1 << 30})
	if err != nil {
		return nil, err
	}
	for _, id := range tenants {
		if _, err := db.Tenant(ctx, id); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	if held := db.Stats().Entries; held != len(tenants) {
		return nil, errors.Join(fmt.Errorf("%d tenants are held, want %d", held, len(tenants)), db.Close())
	}
	return db, nil
}

// nowhere is a driver that connects to nothing.
type nowhere struct{ driver.Driver }

func (nowhere) Dialect() dialect.Dialect                        { return dpostgres.Dialect{} }
func (nowhere) Schema(string) string                            { return "public" }
func (nowhere) Open(context.Context, string) (driver.DB, error) { return nothing{}, nil }

type nothing struct{ driver.DB }

func (nothing) Close() error { return nil }

// allPrefixed has every tenant, without reading anything.
type allPrefixed struct{}

func (allPrefixed) Tenant(_ context.Context, id string) (rowhouse.Entry, error) {
	return rowhouse.Entry{ID: id, Placement: rowhouse.Prefix(), State: rowhouse.Active}, nil
}

func (allPrefixed) Changes(context.Context, int64) (int64, []string, error) { return 1, nil, nil }

// texts are the finished statements of a table.
type texts struct{ get, list, insert, update, remove string }

// mapTexts keeps finished statements of each tenant in a map, as one does who wants to make none
// anew.
func mapTexts(_ context.Context, tenants []string) (any, error) {
	all := make(map[string]*[mapsModels]texts, len(tenants))
	for _, id := range tenants {
		var t [mapsModels]texts
		t[0] = textsOf(id+"_issue", "title, status, priority, assignee", "$1, $2, $3, $4",
			"title = $1, status = $2, priority = $3, assignee = $4 WHERE id = $5")
		for i, model := range []string{"_remark", "_document", "_invoice", "_contact"} {
			t[i+1] = textsOf(id+model, "name", "$1", "name = $1 WHERE id = $2")
		}
		all[id] = &t
	}
	return all, nil
}

func textsOf(table, columns, values, sets string) texts {
	table = `"public"."` + table + `"`
	return texts{
		get:    "SELECT id, " + columns + " FROM " + table + " WHERE id = $1",
		list:   "SELECT id, " + columns + " FROM " + table + " ORDER BY id LIMIT $1",
		insert: "INSERT INTO " + table + " (" + columns + ") VALUES (" + values + ") RETURNING id",
		update: "UPDATE " + table + " SET " + sets,
		remove: "DELETE FROM " + table + " WHERE id = $1",
	}
}

// mapGorm opens a DB for each tenant, whose names begin with the tenant's: the way in which gorm's
// relations follow a tenant. The connections are shared.
func mapGorm(_ context.Context, tenants []string) (any, error) {
	pool := stdlib.OpenDB(pgx.ConnConfig{})
	all := make(map[string]*gorm.DB, len(tenants))
	for _, id := range tenants {
		db, err := gorm.Open(gormpostgres.New(gormpostgres.Config{Conn: pool}), &gorm.Config{
			NamingStrategy:       schema.NamingStrategy{TablePrefix: id + "_"},
			DisableAutomaticPing: true,
			Logger:               logger.Discard,
		})
		if err != nil {
			return nil, err
		}
		for _, model := range []any{&issue{}, &remark{}, &document{}, &invoice{}, &contact{}} {
			if err := (&gorm.Statement{DB: db}).Parse(model); err != nil {
				return nil, err
			}
		}
		all[id] = db
	}
	return all, nil
}
