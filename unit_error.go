package rowhouse

import (
	"fmt"
	"slices"
	"strings"
)

// UnitError is what a [Unit] could not do because rows are no longer as it has read them. errors.Is
// reaches each reason.
type UnitError struct {
	Tenant string
	Rows   []UnitRow
	Err    error // what else went wrong, or nil
}

// UnitRow is a row that is not as it was read.
type UnitRow struct {
	Model  string
	Key    Key   // the values of the primary key's fields
	Reason error // [ErrStale] or [ErrNotFound]
}

// Error tells how many rows there are, and of the first few which they are and why. Of values, it has
// the keys.
func (e *UnitError) Error() string {
	const told = 5
	var text strings.Builder
	text.WriteString("rowhouse: unit")
	if e.Tenant != "" {
		fmt.Fprintf(&text, " of tenant %q", e.Tenant)
	}
	fmt.Fprintf(&text, ": rows that are not as they were read: %d", len(e.Rows))
	for i, row := range e.Rows[:min(told, len(e.Rows))] {
		text.WriteString(map[bool]string{true: ": ", false: "; "}[i == 0])
		fmt.Fprintf(&text, "%s %v: %v", row.Model, row.Key, row.Reason)
	}
	if more := len(e.Rows) - told; more > 0 {
		fmt.Fprintf(&text, "; and %d more", more)
	}
	if e.Err != nil {
		text.WriteString("; " + e.Err.Error())
	}
	return text.String()
}

// Unwrap returns the reasons, each once, and what else went wrong.
func (e *UnitError) Unwrap() []error {
	var reasons []error
	for _, row := range e.Rows {
		if !slices.Contains(reasons, row.Reason) {
			reasons = append(reasons, row.Reason)
		}
	}
	return append(reasons, present(e.Err)...)
}

// lost is the error of rows that are not as they were read.
func (u *Unit) lost(entries []*entry, why func(*entry) error, err error) error {
	lost := &UnitError{Tenant: u.Tenant(), Err: err}
	for _, e := range entries {
		lost.Rows = append(lost.Rows, UnitRow{Model: e.set.of.Table.Name, Key: e.set.keyValues(e.before), Reason: why(e)})
	}
	return lost
}
