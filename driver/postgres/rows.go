package postgres

import (
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// rows are a result on a connection. pgconn keeps one reader per connection and uses it again
// for the next statement, so nothing of it is touched once done is set.
type rows struct {
	sent
	fields []pgconn.FieldDescription
	values [][]byte
	texts  texts
	pooled held // to give back at the end; none in a transaction
	tx     *tx  // that waits for the end, or nil
	write  bool
	done   bool
	err    error

	failure error // of the statement, whoever saw it
}

// Columns returns the names of the columns.
func (r *rows) Columns() ([]string, error) {
	names := make([]string, len(r.fields))
	for i := range r.fields {
		names[i] = r.fields[i].Name
	}
	return names, nil
}

// Next returns false at the end and on an error, when the connection has been freed.
func (r *rows) Next() bool {
	if r.done {
		return false
	}
	if r.reader.NextRow() {
		r.values = r.reader.Values()
		return true
	}
	_, r.err = r.finish()
	return false
}

// Err returns what ended the rows, if it was not their end.
func (r *rows) Err() error { return r.err }

// Scan reads the current row.
func (r *rows) Scan(dest []any) error {
	if r.values == nil {
		return errors.New("postgres: Scan without a row: call Next first")
	}
	if len(dest) != len(r.values) {
		return fmt.Errorf("postgres: %d destinations for %d columns", len(dest), len(r.values))
	}
	types := r.conn.TypeMap()
	for i, d := range dest {
		c := column{&r.fields[i], r.values[i]}
		if c.scan(d, &r.texts) {
			continue
		}
		if err := c.assign(types, i, d); err != nil {
			return err
		}
	}
	return nil
}

// Close frees the connection. Of a short remainder the rest is read; a long or slow one costs
// the connection, which the pool replaces, unless it is a transaction's or the statement writes:
// then all is read, since to break off would undo it.
func (r *rows) Close() error {
	if r.done {
		return nil
	}
	if r.pooled.Conn == nil || r.write {
		_, err := r.finish()
		return err
	}
	r.abandon()
	return nil
}

// The remainder that is worth a connection: a new one costs a few round trips and a new process
// on the server.
const (
	drainBytes = 256 << 10
	drainTime  = 50 * time.Millisecond
)

// abandon ends rows that nobody wants. It leaves the connection ready, closed, or busy, which
// makes the pool close it.
func (r *rows) abandon() {
	pg := r.conn.PgConn()
	// A read that times out makes pgconn close the connection and cancel the statement.
	_ = pg.Conn().SetReadDeadline(time.Now().Add(drainTime))
	for n := 0; n < drainBytes; {
		if !r.reader.NextRow() {
			_, _ = r.close()
			if !pg.IsClosed() {
				_ = pg.Conn().SetReadDeadline(time.Time{})
			}
			r.release()
			return
		}
		for _, v := range r.reader.Values() {
			n += len(v) + 4
		}
	}
	r.tell(pgconn.CommandTag{}, nil)
	r.release()
}

// finish reads the rest and gives the connection back.
func (r *rows) finish() (pgconn.CommandTag, error) {
	tag, err := r.close()
	r.failure = err
	r.release()
	return tag, err
}

// leave has nobody read on, where the end of the result is another's to see to.
func (r *rows) leave() {
	if !r.done {
		r.tell(pgconn.CommandTag{}, nil)
		r.release()
	}
}

func (r *rows) release() {
	r.done, r.values, r.fields = true, nil, nil
	if r.pooled.Conn != nil {
		r.pooled.Release()
		r.pooled = held{}
	}
	if r.tx != nil {
		r.tx.open = nil
		r.tx = nil
	}
}
