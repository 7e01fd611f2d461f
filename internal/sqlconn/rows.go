package sqlconn

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// Rows are a result being read, by one goroutine at a time.
type Rows struct {
	rows  *sql.Rows
	leave func()            // of a statement outside a transaction
	tx    *Tx               // of one inside
	fault func(error) error // that of the statement's context, if that is behind the other
	kinds []dialect.Kind

	prepared *prepared // what runs, or nil
	cache    *cache

	cells []cell
	into  []any // the cells as database/sql wants them
	ended bool

	panicked any // what a type of the application's has panicked with, in the midst of database/sql
}

// cell takes a column's value from database/sql past its own conversions, which know neither
// our NULLs nor times written as text.
type cell struct {
	of     *Rows
	column int
	kind   dialect.Kind
	dest   any
}

// Scan assigns the value; bytes that belong to the library are copied there.
func (c *cell) Scan(src any) (err error) {
	if _, own := c.dest.(sql.Scanner); !own {
		return driver.Assign(c.column, c.dest, src)
	}
	if c.kind == dialect.Time || c.kind == dialect.Decimal {
		if src, err = driver.Canonical(c.kind, src); err != nil {
			return fmt.Errorf("column %d: %w", c.column, err)
		}
	}
	defer c.catch(&err)
	return driver.Assign(c.column, c.dest, src)
}

// catch keeps a panic until database/sql has let go of its lock on the rows, which Close would wait for.
func (c *cell) catch(err *error) {
	if p := recover(); p != nil {
		c.of.panicked, *err = p, errPanicked
	}
}

var errPanicked = errors.New("driver: a destination has panicked")

// Columns returns the names of the columns.
func (r *Rows) Columns() ([]string, error) { return r.rows.Columns() }

// Next moves to the next row. At the end and on failure it closes the rows.
func (r *Rows) Next() bool {
	if r.rows.Next() {
		return true
	}
	// What went wrong is in Err.
	_ = r.Close()
	return false
}

// Scan stores the row's columns.
func (r *Rows) Scan(dest []any) error {
	if len(dest) != len(r.cells) {
		r.grow(len(dest))
	}
	for i, d := range dest {
		r.cells[i].dest = d
	}
	err := r.rows.Scan(r.into...)
	if r.panicked != nil {
		panic(r.panicked)
	}
	if inner := errors.Unwrap(err); inner != nil {
		return inner // without database/sql's words around it; ours name the column too
	}
	if err != nil { // of the rows, which end with their context
		return r.fault(fmt.Errorf("driver: %w", err))
	}
	return nil
}

func (r *Rows) grow(columns int) {
	r.cells = make([]cell, columns)
	r.into = make([]any, columns)
	for i := range r.cells {
		r.cells[i].of, r.cells[i].column = r, i
		if i < len(r.kinds) {
			r.cells[i].kind = r.kinds[i]
		}
		r.into[i] = &r.cells[i]
	}
}

// Err returns what ended the rows early, if anything did.
func (r *Rows) Err() error { return r.fault(r.rows.Err()) }

// Close frees the connection and, where writers queue, the turn.
func (r *Rows) Close() error {
	if r.ended {
		return nil
	}
	r.ended = true
	err := r.fault(r.rows.Close())
	if r.prepared != nil {
		r.cache.done(r.prepared)
	}
	if r.tx != nil {
		r.tx.rows = nil
		r.tx.note(errors.Join(r.Err(), err))
		return err
	}
	r.leave()
	return err
}
