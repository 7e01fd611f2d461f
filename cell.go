package rowhouse

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// cell reads a column's values, whatever field they are for, as canonical values; nil is NULL.
type cell interface {
	dest() any
	take() any
}

type cellOf[V any] struct{ p *V }

func (c *cellOf[V]) dest() any { return &c.p }

// take returns the value and empties the cell.
func (c *cellOf[V]) take() any {
	p := c.p
	if c.p = nil; p == nil {
		return nil
	}
	return *p
}

// newCell returns nil for a kind of which it is not known what values are.
func newCell(k dialect.Kind) cell {
	switch k {
	case dialect.Bool:
		return &cellOf[bool]{}
	case dialect.Int16, dialect.Int32, dialect.Int64:
		return &cellOf[int64]{}
	case dialect.Float32, dialect.Float64:
		return &cellOf[float64]{}
	case dialect.Decimal, dialect.Text, dialect.JSON:
		return &cellOf[string]{}
	case dialect.Bytes:
		return &cellOf[[]byte]{}
	case dialect.Time:
		return &cellOf[time.Time]{}
	case dialect.UUID:
		return &cellOf[[16]byte]{}
	}
	return nil
}

// takeRows reads all rows.
func takeRows(rows driver.Rows, kinds []dialect.Kind) (list [][]any, err error) {
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	cells, dest := make([]cell, len(kinds)), make([]any, len(kinds))
	for i, k := range kinds {
		cells[i] = newCell(k)
		dest[i] = cells[i].dest()
	}
	for rows.Next() {
		if err := rows.Scan(dest); err != nil {
			return nil, err
		}
		row := make([]any, len(cells))
		for i, c := range cells {
			row[i] = c.take()
		}
		list = append(list, row)
	}
	return list, rows.Err()
}

// madeRows are rows that no database has sent as they are.
type madeRows struct {
	list [][]any
	at   int
}

func (r *madeRows) Columns() ([]string, error) { return nil, nil }

func (r *madeRows) Next() bool {
	r.at++
	return r.at <= len(r.list)
}

// Scan assigns the values as a driver would that has types of its own for all of them.
func (r *madeRows) Scan(dest []any) error {
	row := r.list[r.at-1]
	if len(dest) != len(row) {
		return fmt.Errorf("rowhouse: %d destinations for %d values", len(dest), len(row))
	}
	for i, d := range dest {
		value := row[i]
		if u, is := value.([16]byte); is {
			if _, scans := d.(sql.Scanner); scans {
				value = u[:]
			}
		}
		if err := driver.Assign(i, d, value); err != nil {
			return err
		}
	}
	return nil
}

func (r *madeRows) Err() error   { return nil }
func (r *madeRows) Close() error { return nil }
