package subject

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"
)

// poolConfig is pgx's own configuration with nothing changed but where it goes and how many
// connections it has.
func poolConfig(t Target) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(t.DSN)
	if err != nil {
		return nil, err
	}
	config.MaxConns = int32(t.Connections)
	config.ConnConfig.DialFunc = t.Dial
	config.ConnConfig.RuntimeParams["application_name"] = t.Name
	return config, nil
}

func pgxDefault(*pgx.ConnConfig) {}
func pgxExec(c *pgx.ConnConfig)  { c.DefaultQueryExecMode = pgx.QueryExecModeExec }
func pgxLarge(c *pgx.ConnConfig) { c.StatementCacheCapacity = 8192 }

func openPgx(setting func(*pgx.ConnConfig)) func(ctx context.Context, t Target) (Subject, error) {
	return func(ctx context.Context, t Target) (Subject, error) {
		config, err := poolConfig(t)
		if err != nil {
			return nil, err
		}
		setting(config.ConnConfig)
		pool, err := pgxpool.NewWithConfig(ctx, config)
		if err != nil {
			return nil, err
		}
		return pgxHand{pool, t.Connections}, nil
	}
}

// pgxHand is how a careful hand writes it with pgx.
type pgxHand struct {
	pool        *pgxpool.Pool
	connections int
}

const (
	caseColumns    = "id, title, status, priority, assignee, opened"
	newColumns     = "title, status, priority, assignee, opened"
	commentColumns = "id, case_id, author, body"
)

// quoted puts a name into PostgreSQL's quotes. A tenant's id was checked when the tenant was made.
func quoted(name string) string { return `"` + name + `"` }

func (c *Case) dest() []any {
	return []any{&c.ID, &c.Title, &c.Status, &c.Priority, &c.Assignee, &c.Opened}
}

func (p pgxHand) Get(ctx context.Context, tenant string, id int64) (c Case, err error) {
	err = p.pool.QueryRow(ctx, "SELECT "+caseColumns+" FROM "+quoted(caseTable(tenant))+" WHERE id = $1", id).
		Scan(&c.ID, &c.Title, &c.Status, &c.Priority, &c.Assignee, &c.Opened)
	return c, err
}

func (p pgxHand) Select(ctx context.Context, tenant string, n int) ([]Case, error) {
	return p.query(ctx, "SELECT "+caseColumns+" FROM "+quoted(caseTable(tenant))+
		" WHERE status = $1 ORDER BY id LIMIT $2", n, "open", n)
}

// query reads about n cases.
func (p pgxHand) query(ctx context.Context, text string, n int, args ...any) ([]Case, error) {
	rows, err := p.pool.Query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	list := make([]Case, 0, n)
	var c Case
	_, err = pgx.ForEachRow(rows, c.dest(), func() error {
		list = append(list, c)
		c.Assignee = nil
		return nil
	})
	return list, err
}

func (p pgxHand) Insert(ctx context.Context, tenant string, c *Case) error {
	return p.pool.QueryRow(ctx, "INSERT INTO "+quoted(caseTable(tenant))+" ("+newColumns+
		") VALUES ($1, $2, $3, $4, $5) RETURNING id", c.Title, c.Status, c.Priority, c.Assignee, c.Opened).Scan(&c.ID)
}

func (p pgxHand) Update(ctx context.Context, tenant string, c *Case) error {
	tag, err := p.pool.Exec(ctx, "UPDATE "+quoted(caseTable(tenant))+
		" SET title = $1, status = $2, priority = $3, assignee = $4, opened = $5 WHERE id = $6",
		c.Title, c.Status, c.Priority, c.Assignee, c.Opened, c.ID)
	return checkOne(tag.RowsAffected(), err)
}

const postgresUpsert = " ON CONFLICT (id) DO UPDATE SET title = excluded.title, status = excluded.status, " +
	"priority = excluded.priority, assignee = excluded.assignee, opened = excluded.opened"

func (p pgxHand) Upsert(ctx context.Context, tenant string, c *Case) error {
	_, err := p.pool.Exec(ctx, "INSERT INTO "+quoted(caseTable(tenant))+" ("+caseColumns+
		") VALUES ($1, $2, $3, $4, $5, $6)"+postgresUpsert, c.ID, c.Title, c.Status, c.Priority, c.Assignee, c.Opened)
	return err
}

func (p pgxHand) List(ctx context.Context, tenant string, n int) ([]Case, error) {
	list, err := p.query(ctx, "SELECT "+caseColumns+" FROM "+quoted(caseTable(tenant))+" ORDER BY id LIMIT $1", n, n)
	if err != nil {
		return nil, err
	}
	rows, err := p.pool.Query(ctx, "SELECT "+commentColumns+" FROM "+quoted(commentTable(tenant))+
		" WHERE case_id = ANY($1)", keys(list))
	if err != nil {
		return nil, err
	}
	a := newAttacher(list)
	var c Comment
	_, err = pgx.ForEachRow(rows, []any{&c.ID, &c.CaseID, &c.Author, &c.Body}, func() error {
		a.attach(c)
		return nil
	})
	return list, err
}

// InsertMany sends the columns as arrays.
func (p pgxHand) InsertMany(ctx context.Context, tenant string, list []Case) error {
	n := len(list)
	titles, states, priorities := make([]string, n), make([]string, n), make([]int32, n)
	assignees, opened := make([]*string, n), make([]time.Time, n)
	for i := range list {
		c := &list[i]
		titles[i], states[i], priorities[i], assignees[i], opened[i] = c.Title, c.Status, c.Priority, c.Assignee, c.Opened
	}
	rows, err := p.pool.Query(ctx, "INSERT INTO "+quoted(caseTable(tenant))+" ("+newColumns+
		") SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::timestamptz[]) RETURNING id",
		titles, states, priorities, assignees, opened)
	if err != nil {
		return err
	}
	var id int64
	i := 0
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error {
		list[i].ID = id
		i++
		return nil
	})
	return err
}

// Load copies.
func (p pgxHand) Load(ctx context.Context, tenant string, list []Case) error {
	columns := []string{"id", "title", "status", "priority", "assignee", "opened"}
	_, err := p.pool.CopyFrom(ctx, pgx.Identifier{caseTable(tenant)}, columns, pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
		c := &list[i]
		return []any{c.ID, c.Title, c.Status, c.Priority, c.Assignee, c.Opened}, nil
	}))
	return err
}

// Count sends a batch on each connection.
func (p pgxHand) Count(ctx context.Context, tenants []string) (int64, error) {
	totals := make([]int64, p.connections)
	group, ctx := errgroup.WithContext(ctx)
	for part := range totals {
		group.Go(func() error {
			var batch pgx.Batch
			for i := part; i < len(tenants); i += p.connections {
				batch.Queue("SELECT count(*) FROM "+quoted(caseTable(tenants[i]))+" WHERE status = $1", "open").
					QueryRow(func(row pgx.Row) error {
						var n int64
						err := row.Scan(&n)
						totals[part] += n
						return err
					})
			}
			return p.pool.SendBatch(ctx, &batch).Close()
		})
	}
	err := group.Wait()
	var total int64
	for _, n := range totals {
		total += n
	}
	return total, err
}

func (p pgxHand) Close() error {
	p.pool.Close()
	return nil
}
