package rowhouse

import (
	"context"
	"errors"
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/model"
)

// scanner reads the rows of one result into one row of a model. It is aimed at a struct's fields
// once, and at each Record's storage anew.
type scanner struct {
	s    *model.Struct
	row  unsafe.Pointer
	dest []any
}

func newScanner(s *model.Struct, row unsafe.Pointer, beside []any) scanner {
	sc := scanner{s: s, row: row, dest: make([]any, len(s.Fields), len(s.Fields)+len(beside))}
	sc.dest = append(sc.dest, beside...)
	if !s.Boxed() {
		sc.aim()
	}
	return sc
}

func (sc *scanner) aim() {
	for i := range sc.s.Fields {
		sc.dest[i] = sc.s.Fields[i].Dest(sc.row)
	}
}

// scan reads the present row.
func (sc *scanner) scan(rows driver.Rows) error {
	if sc.s.Fresh(sc.row) {
		sc.aim()
	}
	err := rows.Scan(sc.dest)
	if err == nil || errors.Is(err, ErrLimited) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	e := &StatementError{Reason: ErrInvalid, Err: err, message: "the row cannot be read into " + sc.s.Type.String()}
	if null, ok := errors.AsType[*driver.NullError](err); ok && null.Column < len(sc.s.Fields) {
		f := &sc.s.Fields[null.Column]
		e.Reason, e.Column = ErrNull, f.Column
		e.message = "the database has NULL, for which " + f.String() + " has no value; make it a pointer, or tag it null"
	} else if bad, ok := errors.AsType[*driver.ScanError](err); ok && bad.Column < len(sc.s.Fields) {
		f := &sc.s.Fields[bad.Column]
		e.Column = f.Column
		e.message = "the value in the database does not fit " + f.String()
	}
	return e
}

// drain calls fn with each row until it returns false, and closes the rows, also on a panic. The
// row is fn's only until it returns: the next one is read into the same place, which is cleared
// before, so that nothing of one row is in another. Columns behind the row's go to beside.
func drain[T any](rows driver.Rows, s *model.Struct, fn func(*T) bool, beside ...any) (err error) {
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	row := new(T)
	sc := newScanner(s, unsafe.Pointer(row), beside)
	for rows.Next() {
		*row = *new(T)
		if err := sc.scan(rows); err != nil {
			return err
		}
		if !fn(row) {
			return nil
		}
	}
	return rows.Err()
}

// gather returns the rows that read hands over, in a slice of their length. While their number is not known they
// are in memory that the model has to spare; many stay where they are then.
func gather[T any](m *Model[T], read func(take func(*T) bool) error) ([]T, error) {
	spare, _ := m.spare.Get().(*[]T)
	if spare == nil {
		spare = new([]T)
	}
	rows := *spare
	err := read(func(row *T) bool {
		rows = append(rows, *row)
		return true
	})
	switch n := len(rows); {
	case err != nil:
		return nil, err
	case n > 0 && n*int(unsafe.Sizeof(rows[0])) > spareBytes:
		return rows, nil
	}
	var all []T
	if len(rows) > 0 {
		all = slices.Clone(rows)
	}
	clear(rows)
	*spare = rows[:0]
	m.spare.Put(spare)
	return all, nil
}

// spareBytes bounds what a model has to spare, for each processor: the rows of a page.
const spareBytes = 128 << 10

// one reads the one row that there must be.
func one[T any](rows driver.Rows, s *model.Struct, row *T) error {
	found := false
	err := drain(rows, s, func(r *T) bool {
		*row, found = *r, true
		return true
	})
	if err == nil && !found {
		return ErrNotFound
	}
	return err
}
