package rowhouse

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/model"
)

// scanner reads rows into structs of one model. It belongs to one result.
type scanner struct {
	fields  []*model.Field
	targets []model.Target // those that are not nil are aimed, the others are made for each row
	dest    []any
}

// newScanner reads the columns at these positions, in this order; nil means all.
func newScanner(s *model.Struct, at []int) *scanner {
	if at == nil {
		at = make([]int, len(s.Fields))
		for i := range at {
			at[i] = i
		}
	}
	sc := &scanner{
		fields: make([]*model.Field, len(at)), targets: make([]model.Target, len(at)), dest: make([]any, len(at)),
	}
	for i, p := range at {
		f := &s.Fields[p]
		sc.fields[i] = f
		if f.Codec.NewTarget != nil {
			sc.targets[i] = f.Codec.NewTarget()
			sc.dest[i] = sc.targets[i]
		}
	}
	return sc
}

// scan reads the present row into the struct at base.
func (sc *scanner) scan(rows driver.Rows, base unsafe.Pointer) error {
	for i, f := range sc.fields {
		if t := sc.targets[i]; t != nil {
			t.Aim(f.At(base))
		} else {
			sc.dest[i] = f.Codec.Dest(f.At(base))
		}
	}
	err := rows.Scan(sc.dest)
	var null *driver.NullError
	if errors.As(err, &null) {
		f := sc.fields[null.Column]
		return &StatementError{
			Reason: ErrNull, Column: f.Column, Err: err,
			message: fmt.Sprintf("the database has NULL, for which field %s has no value; make it a pointer, or tag it null", f.Name),
		}
	}
	return err
}
