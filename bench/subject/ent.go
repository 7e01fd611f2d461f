package subject

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
)

func openEntPostgres(_ context.Context, t Target) (Subject, error) {
	pool, err := stdPostgres(t)
	if err != nil {
		return nil, err
	}
	return entSubject{sql.OpenDB(dialect.Postgres, pool), t.Connections}, nil
}

func openEntMariaDB(_ context.Context, t Target) (Subject, error) {
	pool, err := stdMariaDB(t)
	if err != nil {
		return nil, err
	}
	return entSubject{sql.OpenDB(dialect.MySQL, pool), t.Connections}, nil
}

type entSubject struct {
	driver      *sql.Driver
	connections int
}

var (
	entCase    = []string{"id", "title", "status", "priority", "assignee", "opened"}
	entComment = []string{"id", "case_id", "author", "body"}
)

func (e entSubject) build() *sql.DialectBuilder { return sql.Dialect(e.driver.Dialect()) }

// scan runs a query and reads its rows into the slice that into points to.
func (e entSubject) scan(ctx context.Context, q sql.Querier, into any) error {
	text, args := q.Query()
	var rows sql.Rows
	if err := e.driver.Query(ctx, text, args, &rows); err != nil {
		return err
	}
	defer rows.Close()
	return sql.ScanSlice(rows, into)
}

func (e entSubject) exec(ctx context.Context, q sql.Querier) (sql.Result, error) {
	text, args := q.Query()
	var result sql.Result
	err := e.driver.Exec(ctx, text, args, &result)
	return result, err
}

func (e entSubject) Get(ctx context.Context, tenant string, id int64) (Case, error) {
	var list []Case
	table := sql.Table(caseTable(tenant))
	if err := e.scan(ctx, e.build().Select(entCase...).From(table).Where(sql.EQ("id", id)).Limit(2), &list); err != nil {
		return Case{}, err
	}
	if err := checkOne(int64(len(list)), nil); err != nil {
		return Case{}, err
	}
	return list[0], nil
}

func (e entSubject) Select(ctx context.Context, tenant string, n int) (list []Case, err error) {
	table := sql.Table(caseTable(tenant))
	err = e.scan(ctx, e.build().Select(entCase...).From(table).Where(sql.EQ("status", "open")).OrderBy("id").Limit(n), &list)
	return list, err
}

func (e entSubject) Insert(ctx context.Context, tenant string, c *Case) error {
	q := e.build().Insert(caseTable(tenant)).Columns(entCase[1:]...).Values(c.Title, c.Status, c.Priority, c.Assignee, c.Opened)
	if e.driver.Dialect() == dialect.Postgres {
		return e.returning(ctx, q, []*Case{c})
	}
	result, err := e.exec(ctx, q)
	if err != nil {
		return err
	}
	c.ID, err = result.LastInsertId()
	return err
}

// returning inserts and reads the keys.
func (e entSubject) returning(ctx context.Context, q *sql.InsertBuilder, into []*Case) error {
	var ids []int64
	if err := e.scan(ctx, q.Returning("id"), &ids); err != nil {
		return err
	}
	if len(ids) != len(into) {
		return fmt.Errorf("%d keys came back for %d rows", len(ids), len(into))
	}
	for i, c := range into {
		c.ID = ids[i]
	}
	return nil
}

func (e entSubject) Update(ctx context.Context, tenant string, c *Case) error {
	result, err := e.exec(ctx, e.build().Update(caseTable(tenant)).Set("title", c.Title).Set("status", c.Status).
		Set("priority", c.Priority).Set("assignee", c.Assignee).Set("opened", c.Opened).Where(sql.EQ("id", c.ID)))
	if err != nil {
		return err
	}
	return checkOne(result.RowsAffected())
}

func (e entSubject) Upsert(ctx context.Context, tenant string, c *Case) error {
	_, err := e.exec(ctx, e.build().Insert(caseTable(tenant)).Columns(entCase...).
		Values(c.ID, c.Title, c.Status, c.Priority, c.Assignee, c.Opened).
		OnConflict(sql.ConflictColumns("id"), sql.ResolveWithNewValues()))
	return err
}

func (e entSubject) List(ctx context.Context, tenant string, n int) ([]Case, error) {
	var list []Case
	err := e.scan(ctx, e.build().Select(entCase...).From(sql.Table(caseTable(tenant))).OrderBy("id").Limit(n), &list)
	if err != nil {
		return nil, err
	}
	ids := make([]any, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	var children []Comment
	err = e.scan(ctx, e.build().Select(entComment...).From(sql.Table(commentTable(tenant))).Where(sql.In("case_id", ids...)), &children)
	return newAttacher(list).attachAll(children), err
}

// InsertMany reads the keys by RETURNING on PostgreSQL. On MariaDB it counts on from the first, as
// ent's generated code does.
func (e entSubject) InsertMany(ctx context.Context, tenant string, list []Case) error {
	q := e.build().Insert(caseTable(tenant)).Columns(entCase[1:]...)
	into := make([]*Case, len(list))
	for i := range list {
		c := &list[i]
		into[i] = c
		q.Values(c.Title, c.Status, c.Priority, c.Assignee, c.Opened)
	}
	if e.driver.Dialect() == dialect.Postgres {
		return e.returning(ctx, q, into)
	}
	result, err := e.exec(ctx, q)
	if err != nil {
		return err
	}
	first, err := result.LastInsertId()
	for i := range list {
		list[i].ID = first + int64(i)
	}
	return err
}

func (e entSubject) Load(ctx context.Context, tenant string, list []Case) error {
	q := e.build().Insert(caseTable(tenant)).Columns(entCase...)
	for i := range list {
		c := &list[i]
		q.Values(c.ID, c.Title, c.Status, c.Priority, c.Assignee, c.Opened)
	}
	_, err := e.exec(ctx, q)
	return err
}

func (e entSubject) Count(ctx context.Context, tenants []string) (int64, error) {
	return countEach(ctx, tenants, e.connections, func(ctx context.Context, tenant string) (int64, error) {
		var n []int64
		table := sql.Table(caseTable(tenant))
		if err := e.scan(ctx, e.build().Select(sql.Count("*")).From(table).Where(sql.EQ("status", "open")), &n); err != nil {
			return 0, err
		}
		return n[0], checkOne(int64(len(n)), nil)
	})
}

func (e entSubject) Close() error { return e.driver.Close() }
