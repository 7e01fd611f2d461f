package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/driver/sqlite"
)

type Case struct {
	ID        int64     `db:"id,pk,auto"`
	Title     string    `db:"title,size:200"`
	Status    string    `db:"status,default:open,index"`
	Priority  int       `db:"priority"`
	Assignee  *string   `db:"assignee"`
	Version   int64     `db:"version,lock"`
	CreatedAt time.Time `db:"created_at,created"`
	UpdatedAt time.Time `db:"updated_at,updated"`
}

var Cases = rowhouse.MustDefine[Case]("case")
var (
	CaseID       = rowhouse.Col(Cases, func(c *Case) *int64 { return &c.ID })
	CaseStatus   = rowhouse.Col(Cases, func(c *Case) *string { return &c.Status })
	CasePriority = rowhouse.Col(Cases, func(c *Case) *int { return &c.Priority })
	CaseAssignee = rowhouse.Nullable(Cases, func(c *Case) **string { return &c.Assignee })
)

func TestSmoke(t *testing.T) {
	ctx := context.Background()
	drv, err := sqlite.New(filepath.Join(t.TempDir(), "home.db"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := rowhouse.Open(ctx, drv, rowhouse.Options{Models: rowhouse.Models(Cases), Catalog: rowhouse.StaticCatalog{
		"42": rowhouse.Prefix(), "acme": rowhouse.Shared(), "zed": rowhouse.Shared(),
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	home, _ := drv.Open(ctx, "")
	cols := func(wall string) string {
		s := "("
		for _, c := range db.Tables(wall != "")[0].Columns {
			s += dialect.Quote(drv.Dialect(), c.Name) + " " + drv.Dialect().ColumnType(c)
			if c.Auto && wall == "" {
				s += " PRIMARY KEY AUTOINCREMENT"
			}
			s += ","
		}
		if wall != "" {
			s += "primary key(tenant_id,id),"
		}
		return s[:len(s)-1] + ")"
	}
	for _, ddl := range []string{`CREATE TABLE "42_case"` + cols(""), `CREATE TABLE "case"` + cols("w")} {
		if _, err := home.Exec(ctx, &driver.Statement{Text: ddl, Write: true}); err != nil {
			t.Fatal(ddl, err)
		}
	}
	for _, id := range []string{"42", "acme", "zed"} {
		tn, err := db.Tenant(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		cs := Cases.In(tn)
		c := Case{Title: "hello"}
		if err := cs.Insert(ctx, &c); err != nil {
			t.Fatal(err)
		}
		got, err := cs.Get(ctx, c.ID)
		if err != nil || got != c {
			t.Fatalf("%+v %+v %v", got, c, err)
		}
		many := make([]Case, 1200)
		for i := range many {
			many[i] = Case{Title: fmt.Sprint(i), Priority: i}
		}
		if err := cs.InsertMany(ctx, many); err != nil {
			t.Fatal(err)
		}
		for i := range many {
			if many[i].ID != int64(i+2) {
				t.Fatal(i, many[i].ID)
			}
		}
		n, err := cs.Where(CasePriority.Gt(1000), CaseStatus.Eq("open")).Count(ctx)
		if err != nil || n != 199 {
			t.Fatal(n, err)
		}
		c.Status = "closed"
		if err := cs.Update(ctx, &c); err != nil {
			t.Fatal(err)
		}
		stale := got
		if err := cs.Update(ctx, &stale, CaseStatus); !errors.Is(err, rowhouse.ErrStale) {
			t.Fatal(err)
		}
		if err := cs.Upsert(ctx, &c); err != nil || c.Version != 3 {
			t.Fatal(c, err)
		}
		page, err := cs.OrderBy(CaseAssignee.Desc(), CasePriority.Asc()).Limit(3).All(ctx)
		if err != nil || len(page) != 3 {
			t.Fatal(err)
		}
		page2, err := cs.OrderBy(CaseAssignee.Desc(), CasePriority.Asc()).After(page[2]).Limit(3).All(ctx)
		if err != nil || page2[0].Priority != 2 {
			t.Fatal(page, page2, err)
		}
		boom := errors.New("boom")
		err = tn.Tx(ctx, func(tx *rowhouse.Tx) error {
			if _, err := Cases.In(tx).DeleteWhere(ctx, rowhouse.Every[Case]()); err != nil {
				return err
			}
			return boom
		})
		if err != boom {
			t.Fatal(err)
		}
		if n, _ := cs.Count(ctx); n != 1201 {
			t.Fatal(n)
		}
		if _, err := cs.DeleteWhere(ctx, rowhouse.Predicate[Case]{}); !errors.Is(err, rowhouse.ErrInvalid) {
			t.Fatal(err)
		}
		t.Log(cs.Insert(ctx, &many[0]))
		_, err = cs.Get(ctx, "x")
		t.Log(err)
		_, err = cs.Get(ctx, 1<<40)
		t.Log(err)
		if err := cs.Delete(ctx, &c); err != nil {
			t.Fatal(err)
		}
	}
	_, err = db.Tenant(ctx, "nobody")
	t.Log(err, db.Stats())
}
