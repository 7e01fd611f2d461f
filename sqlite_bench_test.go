package rowhouse_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/rowhouse/rowhouse/driver/sqlite"
)

// benchTicket has a column of every common kind.
type benchTicket struct {
	ID       int64   `db:"id,pk,auto"`
	Title    string  `db:"title,size:200"`
	Status   string  `db:"status"`
	Priority int     `db:"priority"`
	Assignee *string `db:"assignee"`
	Version  int64   `db:"version,lock"`
}

const (
	ticketTable = `CREATE TABLE "42_ticket" (id integer PRIMARY KEY AUTOINCREMENT, title text NOT NULL,
		status text NOT NULL, priority integer NOT NULL, assignee text, version integer NOT NULL)`
	ticketByKey = `SELECT id, title, status, priority, assignee, version FROM "42_ticket" WHERE id = ?`
	ticketRows  = 1000
)

// BenchmarkSQLiteGet reads a row by its key, through Rowhouse and with database/sql by hand, on
// the same file.
func BenchmarkSQLiteGet(b *testing.B) {
	ctx := b.Context()
	drv, err := sqlite.New(filepath.Join(b.TempDir(), "bench.db"))
	must(b, err)
	b.Cleanup(func() { _ = drv.Close() })
	db, tickets := openTickets(b, drv, ticketTable)

	b.Run("rowhouse", func(b *testing.B) {
		b.ReportAllocs()
		for i := int64(0); b.Loop(); i++ {
			tenant, err := db.Tenant(ctx, "42")
			must(b, err)
			row, err := tickets.In(tenant).Get(ctx, i%ticketRows+1)
			must(b, err)
			if row.Title == "" {
				b.Fatal("an empty row")
			}
		}
	})
	b.Run("by-hand", func(b *testing.B) { getByHand(ctx, b, drv.Pool(), nil) })
	b.Run("by-hand-prepared", func(b *testing.B) {
		st, err := drv.Pool().PrepareContext(ctx, ticketByKey)
		must(b, err)
		defer st.Close()
		getByHand(ctx, b, drv.Pool(), st)
	})
}

func getByHand(ctx context.Context, b *testing.B, pool *sql.DB, st *sql.Stmt) {
	b.ReportAllocs()
	for i := int64(0); b.Loop(); i++ {
		key := i%ticketRows + 1
		var found *sql.Row
		if st != nil {
			found = st.QueryRowContext(ctx, key)
		} else {
			found = pool.QueryRowContext(ctx, ticketByKey, key)
		}
		var row benchTicket
		must(b, found.Scan(&row.ID, &row.Title, &row.Status, &row.Priority, &row.Assignee, &row.Version))
		if row.Title == "" {
			b.Fatal("an empty row")
		}
	}
}

func makeTickets() []benchTicket {
	rows := make([]benchTicket, ticketRows)
	for i := range rows {
		rows[i] = benchTicket{Title: "a ticket of some length", Status: "open", Priority: i % 5}
	}
	return rows
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
