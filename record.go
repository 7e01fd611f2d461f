package rowhouse

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"unsafe"

	"github.com/rowhouse/rowhouse/internal/model"
)

// Record is a row of a [Model] that has no struct, because its columns are known only when the program
// runs; see [DefineRecord]. It is read and written by the names of columns, or by handles that
// [RecordCol] makes, with the types of their values.
//
// A Record is a value as a struct is: what is set in one copy is not set in another. Two are not to be
// compared with ==. The zero Record is of no model, and is a row of zero values to every one; columns
// can be set in it by a handle, and by their names once [NewRecord] has made it. It is used by one
// goroutine at a time while it is changed.
//
// Values are of these types, whatever the engine:
//
//	bool                       bool
//	int16, int32, int64        int16, int32, int64
//	float32, float64           float32, float64
//	text, decimal              string
//	bytes                      []byte
//	time                       time.Time
//	uuid                       uuid.UUID, of github.com/google/uuid
//	json                       json.RawMessage
//	a type of one engine       by its name: int64, float64, bool, []byte or time.Time; else string
type Record struct{ r model.Record } //nolint:recvcheck // a value as time.Time is: only what changes it wants a pointer

// NewRecord returns a row of zero values: NULL where a column can hold it.
func NewRecord(m *Model[Record]) Record {
	if !m.s.Boxed() {
		panic("rowhouse: NewRecord: the model was not made by DefineRecord")
	}
	return Record{m.s.NewRecord()}
}

// Names returns the names of the columns, in the order of the table.
func (r Record) Names() []string {
	if r.r.Of() == nil {
		return nil
	}
	return r.r.Of().Columns()
}

// Get returns the value of a column, nil for NULL. It is an error that there is no such column; one
// that is not known to have a value of some type is better read by a handle, with [Column.Of].
func (r Record) Get(column string) (any, error) {
	f, err := r.r.Field(column)
	if err != nil {
		return nil, ofRow(err)
	}
	return f.Get(unsafe.Pointer(&r)), nil
}

// Set gives a column a value: one of the column's own type, or of any that a struct's field for it
// could have, such as an int for an int64, or what becomes JSON; nil is NULL. An error changes nothing:
// there is no such column, or the value does not fit.
func (r *Record) Set(column string, value any) error {
	f, err := r.r.Field(column)
	if err != nil {
		return ofRow(err)
	}
	return ofRow(f.Set(unsafe.Pointer(r), value))
}

// String names the model and the columns. It has no values, so that a log has none.
func (r Record) String() string {
	if r.r.Of() == nil {
		return "Record{}"
	}
	return fmt.Sprintf("Record{%s: %s}", r.r.Of().Table.Name, strings.Join(r.Names(), ", "))
}

// GoString is String.
func (r Record) GoString() string { return r.String() }

// LogValue is String, also where a log would write JSON.
func (r Record) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalJSON writes the columns and their values as an object, in the order of the table. A decimal is
// a string, so that no digit is lost, and bytes are base64.
func (r Record) MarshalJSON() ([]byte, error) {
	text := []byte{'{'}
	for i, name := range r.Names() {
		if i > 0 {
			text = append(text, ',')
		}
		value, err := r.Get(name)
		if err != nil {
			return nil, err
		}
		member, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("rowhouse: column %s: %w", name, err)
		}
		text = append(text, fmt.Sprintf("%q:%s", name, member)...)
	}
	return append(text, '}'), nil
}

// UnmarshalJSON sets the columns that the object has, and leaves the others as they are; the Record was
// made by [NewRecord]. A member that is no column is an error, and so is a value that does not fit; an
// error changes nothing.
func (r *Record) UnmarshalJSON(text []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return errors.New("rowhouse: a Record is read from a JSON object")
	}
	changed := *r
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(members)) {
		f, err := changed.r.Field(name)
		if err == nil {
			err = f.SetJSON(unsafe.Pointer(&changed), bytes.TrimSpace(members[name]))
		}
		errs = append(errs, ofRow(err))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	*r = changed
	return nil
}
