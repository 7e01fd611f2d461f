package fleet

import (
	"bytes"
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"io"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// querier shows a database to atlas, whose inspection asks for the rows of package database/sql: it is a
// driver of that package which hands statements to ours. It only reads.
type querier struct {
	r      driver.Runner
	tenant string
}

// open returns it as a *sql.DB. Its connections are no more than values, so nothing needs closing.
func (q querier) open() *sql.DB { return sql.OpenDB(q) }

// Connect, Driver, Prepare, Begin and Close are what database/sql wants.
func (q querier) Connect(context.Context) (sqldriver.Conn, error) { return q, nil }

// Driver has no use here.
func (q querier) Driver() sqldriver.Driver { return nil }

// Prepare is not used: statements go by QueryContext.
func (q querier) Prepare(string) (sqldriver.Stmt, error) { return nil, errReadsOnly }

// Begin is not used.
func (q querier) Begin() (sqldriver.Tx, error) { return nil, errReadsOnly }

// Close leaves the database open, which is the caller's.
func (q querier) Close() error { return nil }

var errReadsOnly = errors.New("fleet: a database that is inspected is only read")

// QueryContext runs a query. The database says what its arguments and columns are.
func (q querier) QueryContext(ctx context.Context, text string, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	s := &driver.Statement{Text: complete(text), Tenant: q.tenant}
	for _, a := range args {
		s.Args = append(s.Args, dialect.Arg{Value: a.Value, Kind: dialect.Other})
	}
	rows, err := q.r.Query(ctx, s)
	if err != nil {
		return nil, err
	}
	columns, err := rows.Columns()
	if err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	return &queried{rows: rows, columns: columns, cells: make([]any, len(columns))}, nil
}

// complete mends the query for SQLite's foreign keys, which says nothing of the columns that a reference
// without columns is to: those of the primary key.
func complete(text string) string {
	if !strings.Contains(text, "pragma_foreign_key_list(") {
		return text
	}
	const to = "coalesce(`to`, (SELECT p.name FROM pragma_table_info(`table`) AS p WHERE p.pk = seq + 1)) AS `to`"
	return strings.Replace(text, "`to`", to, 1)
}

// queried are rows as database/sql reads them.
type queried struct {
	rows    driver.Rows
	columns []string
	cells   []any
}

// Columns returns the columns' names.
func (q *queried) Columns() []string { return q.columns }

// Close closes the rows.
func (q *queried) Close() error { return q.rows.Close() }

// Next reads the next row.
func (q *queried) Next(values []sqldriver.Value) error {
	if !q.rows.Next() {
		if err := q.rows.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	for i := range values {
		q.cells[i] = &cell{&values[i]}
	}
	return q.rows.Scan(q.cells)
}

// cell keeps a value as the driver gives it.
type cell struct{ to *sqldriver.Value }

// Scan copies bytes, which are the driver's.
func (c *cell) Scan(src any) error {
	if b, is := src.([]byte); is {
		src = bytes.Clone(b)
	}
	*c.to = src
	return nil
}

var (
	_ sqldriver.Connector      = querier{}
	_ sqldriver.QueryerContext = querier{}
)
