package rowhouse_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/postgres"
	"github.com/rowhouse/rowhouse/fleet"
	"github.com/rowhouse/rowhouse/internal/contest"
	"github.com/rowhouse/rowhouse/internal/testdb"
)

type (
	benchParent struct {
		ID       int64        `db:"id,pk,auto"`
		Title    string       `db:"title,size:200"`
		Status   string       `db:"status,size:20"`
		Priority int          `db:"priority"`
		Children []benchChild `db:"-"`
	}
	benchChild struct {
		ID     int64  `db:"id,pk,auto"`
		Parent int64  `db:"parent_id,ref:parent.id,index"`
		Author string `db:"author,size:80"`
		Body   string `db:"body"`
	}
)

const (
	benchParents  = 1000 // of which a page is read
	benchChildren = 4    // of each
	benchPage     = 50
)

// BenchmarkRelationLoad reads 50 rows and their 200 children on PostgreSQL: through Rowhouse, and with two
// statements of pgx by hand, the second of which asks by the keys that the first has read.
func BenchmarkRelationLoad(b *testing.B) {
	ctx := b.Context()
	parents, children := rowhouse.MustDefine[benchParent]("parent"), rowhouse.MustDefine[benchChild]("child")
	id := rowhouse.Col(parents, func(p *benchParent) *int64 { return &p.ID })
	parentChildren := rowhouse.HasMany(id, rowhouse.Col(children, func(c *benchChild) *int64 { return &c.Parent }),
		func(p *benchParent) *[]benchChild { return &p.Children })
	pool, err := pgxpool.New(ctx, testdb.Postgres(b))
	must(b, err)
	b.Cleanup(pool.Close)
	db, err := rowhouse.Open(ctx, postgres.New(pool), rowhouse.Options{Models: rowhouse.Models(parents, children)})
	must(b, err)
	b.Cleanup(func() { _ = db.Close() })
	must(b, fleet.New(db, fleet.Options{}).Provision(ctx, fleet.NewTenant{ID: "acme"}))
	acme, err := db.Tenant(ctx, "acme")
	must(b, err)
	rows := make([]benchParent, benchParents)
	for i := range rows {
		rows[i] = benchParent{Title: fmt.Sprintf("the title of row %d", i), Status: "open", Children: make([]benchChild, benchChildren)}
		for j := range rows[i].Children {
			rows[i].Children[j] = benchChild{Author: "somebody", Body: fmt.Sprintf("what child %d has to say", j)}
		}
	}
	must(b, parents.In(acme).With(parentChildren).InsertMany(ctx, rows))
	_, err = pool.Exec(ctx, "ANALYZE")
	must(b, err)
	hand := byHand{pool, acme.TableName(parents), acme.TableName(children)}
	query := parents.In(acme).With(parentChildren).OrderBy(id.Asc()).Limit(benchPage)
	contest.Hold(
		b,
		contest.Entrant{Name: "two-statements", Run: func() error { return checkLoad(hand.load(ctx)) }},
		contest.Entrant{Name: "rowhouse", Run: func() error { return checkLoad(query.All(ctx)) }},
	)
}

func checkLoad(rows []benchParent, err error) error {
	if err != nil || len(rows) != benchPage {
		return fmt.Errorf("%d rows: %w", len(rows), err)
	}
	for i := range rows {
		if len(rows[i].Children) != benchChildren {
			return fmt.Errorf("row %d has %d children", i, len(rows[i].Children))
		}
	}
	return nil
}

// byHand is how one writes it with pgx.
type byHand struct {
	pool              *pgxpool.Pool
	parents, children string
}

func (h byHand) load(ctx context.Context) ([]benchParent, error) {
	rows, err := h.pool.Query(ctx, "SELECT id, title, status, priority FROM "+h.parents+" ORDER BY id LIMIT $1", benchPage)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p benchParent, err error) {
		err = row.Scan(&p.ID, &p.Title, &p.Status, &p.Priority)
		return p, err
	})
	if err != nil {
		return nil, err
	}
	ids, at := make([]int64, len(all)), make(map[int64]int, len(all))
	for i := range all {
		ids[i], at[all[i].ID] = all[i].ID, i
	}
	rows, err = h.pool.Query(ctx, "SELECT id, parent_id, author, body FROM "+h.children+" WHERE parent_id = ANY($1)", ids)
	if err != nil {
		return nil, err
	}
	var c benchChild
	_, err = pgx.ForEachRow(rows, []any{&c.ID, &c.Parent, &c.Author, &c.Body}, func() error {
		p := &all[at[c.Parent]]
		p.Children = append(p.Children, c)
		return nil
	})
	return all, err
}
