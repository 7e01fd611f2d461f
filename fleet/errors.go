package fleet

import (
	"errors"
	"time"

	"github.com/rowhouse/rowhouse"
)

// StateError is a tenant whose state does not allow what was asked for: it is suspended, it is
// being removed, or another worker has it. It wraps [rowhouse.ErrNotActive], unless the tenant
// is active.
type StateError struct {
	Tenant string
	State  rowhouse.State
	Until  time.Time // when the lease of the worker that has the tenant ends; zero if none has it

	advice string
}

// Error says in which state the tenant is, and what to do about it.
func (e *StateError) Error() string {
	text := "it is " + string(e.State)
	if !e.Until.IsZero() {
		text += ": another worker has it until " + e.Until.Format(time.RFC3339Nano)
	}
	if e.advice != "" {
		text += "; " + e.advice
	}
	return text
}

// Unwrap returns ErrNotActive.
func (e *StateError) Unwrap() error {
	if e.State == rowhouse.Active {
		return nil
	}
	return rowhouse.ErrNotActive
}

// OccupiedError is a place for a tenant that has something in it already which is not known to
// be the tenant's: a table of the same name, a schema or a database with tables in it, or rows
// in shared tables. Nothing of it was changed. It wraps [rowhouse.ErrPlacement].
type OccupiedError struct {
	Tenant string
	What   string // what is in the way
	Err    error  // the driver's error, or nil
}

// Error says what is in the way.
func (e *OccupiedError) Error() string {
	text := e.What + " exists already, and not as this tenant's: remove it, or place the tenant otherwise"
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns ErrPlacement and the driver's error.
func (e *OccupiedError) Unwrap() []error {
	if e.Err == nil {
		return []error{rowhouse.ErrPlacement}
	}
	return []error{rowhouse.ErrPlacement, e.Err}
}

// errLost is a lease that another worker has taken over, or that could not be renewed in time.
var errLost = errors.New("the tenant was taken over by another worker, because the lease was not renewed in time")
