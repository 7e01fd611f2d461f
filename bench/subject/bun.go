package subject

import (
	"context"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/mysqldialect"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"
)

func openBunPostgres(_ context.Context, t Target) (Subject, error) {
	pool, err := stdPostgres(t)
	if err != nil {
		return nil, err
	}
	return bunSubject{bun.NewDB(pool, pgdialect.New()), "CONFLICT (id) DO UPDATE", "EXCLUDED.?", t.Connections}, nil
}

func openBunMariaDB(_ context.Context, t Target) (Subject, error) {
	pool, err := stdMariaDB(t)
	if err != nil {
		return nil, err
	}
	return bunSubject{bun.NewDB(pool, mysqldialect.New()), "DUPLICATE KEY UPDATE", "VALUES(?)", t.Connections}, nil
}

type bunSubject struct {
	db          *bun.DB
	upsert      string // what follows ON
	given       string // the value that was to be inserted
	connections int
}

// as names a table for a query, under the alias that bun's columns go by.
func as(name string) (expression string, args schema.Ident) {
	return "? AS ?TableAlias", bun.Ident(name)
}

func (b bunSubject) Get(ctx context.Context, tenant string, id int64) (c Case, err error) {
	err = b.db.NewSelect().Model(&c).ModelTableExpr(as(caseTable(tenant))).Where("id = ?", id).Scan(ctx)
	return c, err
}

func (b bunSubject) Select(ctx context.Context, tenant string, n int) (list []Case, err error) {
	err = b.db.NewSelect().Model(&list).ModelTableExpr(as(caseTable(tenant))).
		Where("status = ?", "open").Order("id").Limit(int64(n)).Scan(ctx)
	return list, err
}

func (b bunSubject) Insert(ctx context.Context, tenant string, c *Case) error {
	_, err := b.db.NewInsert().Model(c).ModelTableExpr("?", bun.Ident(caseTable(tenant))).Exec(ctx)
	return err
}

func (b bunSubject) Update(ctx context.Context, tenant string, c *Case) error {
	result, err := b.db.NewUpdate().Model(c).ModelTableExpr(as(caseTable(tenant))).WherePK().Exec(ctx)
	if err != nil {
		return err
	}
	return checkOne(result.RowsAffected())
}

func (b bunSubject) Upsert(ctx context.Context, tenant string, c *Case) error {
	q := b.db.NewInsert().Model(c).ModelTableExpr("?", bun.Ident(caseTable(tenant))).On(b.upsert)
	for _, column := range []string{"title", "status", "priority", "assignee", "opened"} {
		q.Set("? = "+b.given, bun.Ident(column), bun.Ident(column))
	}
	_, err := q.Exec(ctx)
	return err
}

func (b bunSubject) List(ctx context.Context, tenant string, n int) (list []Case, err error) {
	err = b.db.NewSelect().Model(&list).ModelTableExpr(as(caseTable(tenant))).Order("id").Limit(int64(n)).Scan(ctx)
	if err != nil {
		return nil, err
	}
	var children []Comment
	err = b.db.NewSelect().Model(&children).ModelTableExpr(as(commentTable(tenant))).
		Where("case_id IN ?", bun.Tuple(keys(list))).Scan(ctx)
	return newAttacher(list).attachAll(children), err
}

func (b bunSubject) InsertMany(ctx context.Context, tenant string, list []Case) error {
	_, err := b.db.NewInsert().Model(&list).ModelTableExpr("?", bun.Ident(caseTable(tenant))).Exec(ctx)
	return err
}

func (b bunSubject) Load(ctx context.Context, tenant string, list []Case) error {
	return b.InsertMany(ctx, tenant, list)
}

func (b bunSubject) Count(ctx context.Context, tenants []string) (int64, error) {
	return countEach(ctx, tenants, b.connections, func(ctx context.Context, tenant string) (int64, error) {
		n, err := b.db.NewSelect().TableExpr("?", bun.Ident(caseTable(tenant))).Where("status = ?", "open").Count(ctx)
		return n, err
	})
}

func (b bunSubject) Close() error { return b.db.Close() }
