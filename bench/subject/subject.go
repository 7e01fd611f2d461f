// Package subject has the same work in Rowhouse and in its rivals: each finds a tenant's tables by a
// name that is made at run time, because that is what the work is about.
package subject

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/rowhouse/rowhouse/driver/mysql"
	"github.com/rowhouse/rowhouse/driver/postgres"
)

// Case is a row of a tenant's table {tenant}_case.
type Case struct {
	ID       int64     `bun:"id,pk,autoincrement" db:"id,pk,auto"       gorm:"primaryKey" sql:"id"`
	Title    string    `bun:"title"               db:"title,size:200"   sql:"title"`
	Status   string    `bun:"status"              db:"status,size:20"   sql:"status"`
	Priority int32     `bun:"priority"            db:"priority"         sql:"priority"`
	Assignee *string   `bun:"assignee"            db:"assignee,size:80" sql:"assignee"`
	Opened   time.Time `bun:"opened"              db:"opened"           sql:"opened"`
	Comments []Comment `bun:"-"                   db:"-"                gorm:"-"          sql:"-"`
}

// Comment is a row of {tenant}_comment; a case has several.
type Comment struct {
	ID     int64  `bun:"id,pk,autoincrement" db:"id,pk,auto"                gorm:"primaryKey" sql:"id"`
	CaseID int64  `bun:"case_id"             db:"case_id,ref:case.id,index" sql:"case_id"`
	Author string `bun:"author"              db:"author,size:80"            sql:"author"`
	Body   string `bun:"body"                db:"body,size:1000"            sql:"body"`
}

// caseTable and commentTable are the names that Rowhouse gives the tables of tenants like ours.
func caseTable(tenant string) string    { return tenant + "_case" }
func commentTable(tenant string) string { return tenant + "_comment" }

// Subject is one way to do the work. All of it is for one tenant, except Count. It is used by
// one goroutine at a time.
type Subject interface {
	// Get reads a case by its key.
	Get(ctx context.Context, tenant string, id int64) (Case, error)

	// Select reads the first n open cases.
	Select(ctx context.Context, tenant string, n int) ([]Case, error)

	// Insert writes a new case and fills in its key.
	Insert(ctx context.Context, tenant string, c *Case) error

	// Update writes all columns of a case.
	Update(ctx context.Context, tenant string, c *Case) error

	// Upsert writes a case that has a key, new or over the one there is.
	Upsert(ctx context.Context, tenant string, c *Case) error

	// List reads the first n cases, each with its comments.
	List(ctx context.Context, tenant string, n int) ([]Case, error)

	// InsertMany writes new cases, all or none, and fills in their keys.
	InsertMany(ctx context.Context, tenant string, cases []Case) error

	// Load writes new cases that have their keys already, all or none.
	Load(ctx context.Context, tenant string, cases []Case) error

	// Count counts the open cases of many tenants, over as many connections as there are.
	Count(ctx context.Context, tenants []string) (int64, error)

	// Close closes the connections.
	Close() error
}

// Target is the database to work on.
type Target struct {
	DSN         string // pgx's or go-sql-driver's
	Name        string // for connections to go by
	Connections int
	Dial        func(ctx context.Context, network, address string) (net.Conn, error)
}

// Entry is a subject that can be opened.
type Entry struct {
	Name string
	How  string // what of it is used, and what it cannot do
	Open func(ctx context.Context, t Target) (Subject, error)
}

// relationsByHand is said of every library whose relations go by fixed names.
const relationsByHand = "Relations do not follow a table's name: children are read by a second query and put together by hand"

// Postgres returns the subjects for PostgreSQL. The second one is what ratios are to.
func Postgres() []Entry {
	return []Entry{
		{"rowhouse", "`Cases.In(tenant)`; the tenant is looked up for each operation", openRowhouse(OpenPostgres)},
		{"pgx", "by hand, as pgxpool comes: 512 statements kept by each connection", openPgx(pgxDefault)},
		{"rowhouse 8192", "with 8,192 statements kept by each connection", openRowhouse(OpenPostgres, postgres.WithStatements(8192))},
		{"pgx exec", "by hand, `QueryExecModeExec`: nothing is prepared, values travel as text", openPgx(pgxExec)},
		{"pgx 8192", "by hand, 8,192 statements kept by each connection", openPgx(pgxLarge)},
		{"database/sql", "by hand, on pgx's stdlib", openSQLPostgres},
		{"gorm", "`db.Table(name)`. " + relationsByHand, openGormPostgres(gormDefault)},
		{"gorm tuned", "with `SkipDefaultTransaction` and `PrepareStmt`", openGormPostgres(gormTuned)},
		{"bun", "`ModelTableExpr`, on pgx's stdlib. It writes values into the text. " + relationsByHand, openBunPostgres},
		{"ent", "ent's dynamic `sql` builder, since generated code has fixed names, on pgx's stdlib. " + relationsByHand, openEntPostgres},
	}
}

// MariaDB returns the subjects for MariaDB. The second one is what ratios are to.
func MariaDB() []Entry {
	return []Entry{
		{"rowhouse", "`Cases.In(tenant)`; the tenant is looked up for each operation", openRowhouse(OpenMariaDB)},
		{"database/sql", "by hand: go-sql-driver prepares each statement anew", openSQLMariaDB(false)},
		{"rowhouse 8192", "with 8,192 statements kept by each connection", openRowhouse(OpenMariaDB, mysql.WithStatements(8192))},
		{"database/sql prepared", "by hand, with a map of prepared statements by their text, which grows without bounds", openSQLMariaDB(true)},
		{"gorm", "`db.Table(name)`. " + relationsByHand, openGormMariaDB(gormDefault)},
		{"gorm tuned", "with `SkipDefaultTransaction` and `PrepareStmt`", openGormMariaDB(gormTuned)},
		{"bun", "`ModelTableExpr`. It writes values into the text. " + relationsByHand, openBunMariaDB},
		{"ent", "ent's dynamic `sql` builder, since generated code has fixed names. " + relationsByHand, openEntMariaDB},
	}
}

// keys returns the keys of cases, and empties what they have of comments.
func keys(cases []Case) []int64 {
	ids := make([]int64, len(cases))
	for i := range cases {
		ids[i] = cases[i].ID
	}
	return ids
}

// attacher puts comments to their cases, as one does by hand.
type attacher struct {
	cases []Case
	at    map[int64]int
}

func newAttacher(cases []Case) attacher {
	a := attacher{cases, make(map[int64]int, len(cases))}
	for i := range cases {
		a.at[cases[i].ID] = i
	}
	return a
}

func (a attacher) attach(c Comment) {
	owner := &a.cases[a.at[c.CaseID]]
	owner.Comments = append(owner.Comments, c)
}

func (a attacher) attachAll(comments []Comment) []Case {
	for _, c := range comments {
		a.attach(c)
	}
	return a.cases
}

// checkOne turns a number of rows into an error, unless it is the one that was meant.
func checkOne(rows int64, err error) error {
	if err == nil && rows != 1 {
		err = fmt.Errorf("%d rows are affected instead of 1", rows)
	}
	return err
}
