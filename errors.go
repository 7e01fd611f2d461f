package rowhouse

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/rowhouse/rowhouse/driver"
)

// What can be wrong, for errors.Is. Errors of statements are [*StatementError], errors of tenants
// [*TenantError], mistakes in a model [*DefinitionError], of a tenant that has to wait [*LimitError]; each
// wraps one of these.
var (
	// ErrNotFound: no row has that key, or matches.
	ErrNotFound = errors.New("not found")
	// ErrMultiple: more than one row matches where one was asked for.
	ErrMultiple = errors.New("more than one row matches")
	// ErrConflict: a unique or primary key is taken.
	ErrConflict = errors.New("unique key is taken")
	// ErrReference: a foreign key refers to no row, or a row is still referred to.
	ErrReference = errors.New("foreign key is violated")
	// ErrCheck: a check constraint is violated.
	ErrCheck = errors.New("check constraint is violated")
	// ErrNull: a column that has no NULL was given one.
	ErrNull = errors.New("column must not be NULL")
	// ErrTooLong: a value does not fit its column.
	ErrTooLong = errors.New("value does not fit its column")
	// ErrNoColumn: the tenant has no such column of its own.
	ErrNoColumn = errors.New("tenant has no such column")
	// ErrStale: the row was changed since it was read; its version is another.
	ErrStale = errors.New("row was changed since it was read")
	// ErrMissingTable: the tenant's table does not exist.
	ErrMissingTable = errors.New("table does not exist")
	// ErrUnsupported: this engine cannot do it.
	ErrUnsupported = errors.New("not supported by this engine")
	// ErrAmbiguous: the connection was lost, or the context ended, before the database had said what became of what
	// it was sent: whether a transaction is committed, or a write carried out that is a statement of its own. Read
	// what was written before it is written again. Keys and versions in memory are as if nothing had been. It
	// errs on that side: on MySQL and MariaDB a write whose context ended may still have been waiting for a
	// connection, and what a pooler says as its last word may be that it never had a server.
	ErrAmbiguous = driver.ErrAmbiguous
	// ErrInvalid: the call makes no sense as it is; the message says what to change.
	ErrInvalid = errors.New("invalid use")

	// ErrUnknownTenant: the catalog has no such tenant.
	ErrUnknownTenant = errors.New("unknown tenant")
	// ErrNotActive: the tenant exists, but is not active.
	ErrNotActive = errors.New("tenant is not active")
	// ErrCollision: a column that the tenant has of its own has a name that is another's.
	ErrCollision = errors.New("name of a tenant's own column is taken")
	// ErrPlacement: the tenant cannot be placed so.
	ErrPlacement = errors.New("tenant cannot be placed so")
	// ErrCatalog: the catalog could not be read in time, so nothing is known to be allowed.
	ErrCatalog = errors.New("catalog cannot be read")
	// ErrLimited: a limit of the tenant's was reached; see [LimitError].
	ErrLimited = errors.New("limit is reached")
	// ErrClosed: the DB, or the Tx, has ended.
	ErrClosed = errors.New("closed")
)

// StatementError is a statement that failed. Its message has no value of any row in it; what the
// database said in full is behind [errors.As] (*pgconn.PgError, *mysql.MySQLError, *sqlite.Error).
type StatementError struct {
	Op         string // get, select, count, exists, insert, update, upsert, delete, raw, exec, begin, commit …
	Tenant     string // "" for the catalog's own tables
	Model      string // "" for statements on no one model
	Reason     error  // one of the Err… of this package, or nil
	Constraint string // physical name of the constraint, where the engine tells
	Column     string // where the engine tells
	Code       string // SQLSTATE, errno or extended result code
	Err        error  // the driver's error, or nil

	message   string
	retryable bool
}

// Error says what failed, for whom, and why.
func (e *StatementError) Error() string {
	var s strings.Builder
	s.WriteString("rowhouse: " + e.Op)
	if e.Model != "" {
		s.WriteString(" " + e.Model)
	}
	if e.Tenant != "" {
		fmt.Fprintf(&s, " of tenant %q", e.Tenant)
	}
	s.WriteString(": ")
	if e.Reason != nil {
		s.WriteString(e.Reason.Error())
	}
	if e.Constraint != "" {
		s.WriteString(" (" + e.Constraint + ")")
	} else if e.Column != "" {
		s.WriteString(" (" + e.Column + ")")
	}
	if e.message != "" {
		if e.Reason != nil || e.Constraint != "" || e.Column != "" {
			s.WriteString(": ")
		}
		s.WriteString(e.message)
	}
	if e.Code != "" {
		s.WriteString(" [" + e.Code + "]")
	}
	return s.String()
}

// Unwrap returns the reason and the driver's error.
func (e *StatementError) Unwrap() []error { return present(e.Reason, e.Err) }

// TenantError is a tenant that cannot be used. No statement was sent.
type TenantError struct {
	Tenant string
	State  State // its state, when Reason is ErrNotActive
	Reason error
	Err    error // what is behind it, or nil

	advice string
}

// Error says which tenant, and why not.
func (e *TenantError) Error() string {
	text := fmt.Sprintf("rowhouse: tenant %q: %v", e.Tenant, e.Reason)
	if e.State != "" {
		text += fmt.Sprintf(": it is %s", e.State)
	}
	if e.advice != "" {
		text += ": " + e.advice
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the reason and what is behind it.
func (e *TenantError) Unwrap() []error { return present(e.Reason, e.Err) }

// DefinitionError is one mistake in a model. [Define] and [Open] return all of them, joined.
type DefinitionError struct {
	Type    reflect.Type
	Model   string // the logical name of a model without a struct, whose Type is [Record]
	Field   string // the Go field, or the Record's column; "" for the struct or table as a whole
	Tag     string // its db tag
	Problem string
}

// Error names the type, the field and the tag.
func (e *DefinitionError) Error() string {
	where := e.Type.String()
	switch {
	case e.Model != "" && e.Field != "":
		where = fmt.Sprintf("model %q: column %q", e.Model, e.Field)
	case e.Model != "":
		where = fmt.Sprintf("model %q", e.Model)
	case e.Field != "":
		where += "." + e.Field
	}
	if e.Tag != "" {
		where += fmt.Sprintf(" `db:%q`", e.Tag)
	}
	return fmt.Sprintf("rowhouse: %s: %s", where, e.Problem)
}

// IsRetryable reports whether an error is a serialization failure or a deadlock, after which the
// whole transaction can be run again. [TxOptions] has Retries to do so.
func IsRetryable(err error) bool {
	e, ok := errors.AsType[*StatementError](err)
	return ok && e.retryable
}

func present(errs ...error) []error {
	list := make([]error, 0, len(errs))
	for _, err := range errs {
		if err != nil {
			list = append(list, err)
		}
	}
	return list
}

// invalid is a StatementError for a call that cannot be carried out as it is.
func invalid(format string, args ...any) error {
	return &StatementError{Reason: ErrInvalid, message: fmt.Sprintf(format, args...)}
}

var reasons = map[driver.FaultKind]error{
	driver.Unique: ErrConflict, driver.ForeignKey: ErrReference, driver.Check: ErrCheck,
	driver.NotNull: ErrNull, driver.TooLong: ErrTooLong, driver.MissingTable: ErrMissingTable,
}

// named returns a StatementError with where it happened, if it does not say so itself.
func named(err error, op, tenant, model string) error {
	known, ok := errors.AsType[*StatementError](err)
	if !ok || known.Op != "" {
		return err
	}
	e := *known
	e.Op, e.Tenant, e.Model = op, tenant, model
	return &e
}

var kindText = map[driver.FaultKind]string{
	driver.MissingColumn: "column does not exist", driver.ExistingTable: "exists already",
	driver.Serialization: "a concurrent transaction won; run it again",
	driver.Deadlock:      "deadlock; run it again",
	driver.LockTimeout:   "lock was not to be had in time",
	driver.Denied:        "permission denied", driver.Unreachable: "database cannot be reached",
}

// failed wraps a driver's error, once: what is wrapped already only learns what it lacks.
func failed(d driver.Driver, op, tenant, model string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*StatementError](err); ok {
		return named(err, op, tenant, model)
	}
	if over, ok := errors.AsType[*LimitError](err); ok {
		message := over.what()
		if errors.Is(err, ErrAmbiguous) {
			message += ": " + ErrAmbiguous.Error()
		}
		return &StatementError{Op: op, Tenant: tenant, Model: model, Reason: ErrLimited, Err: err, message: message}
	}
	e := &StatementError{Op: op, Tenant: tenant, Model: model, Err: err}
	f := d.Fault(err)
	e.Reason, e.Constraint, e.Column, e.Code = reasons[f.Kind], f.Constraint, f.Column, f.Code
	e.retryable = f.Kind.Retryable()
	if errors.Is(err, ErrAmbiguous) {
		e.retryable = false
		e.Reason, e.message = ErrAmbiguous, "the database has not answered; read what was written before you write it again"
	}
	switch {
	case e.Reason != nil && f.Kind != driver.MissingTable:
	case f.Message != "":
		e.message = f.Message
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e.message = err.Error()
	case f.Kind == driver.NoFault:
		e.message = err.Error()
	case e.Reason == nil:
		e.message = kindText[f.Kind]
		if e.message == "" {
			e.message = "the database refused it; its own words, which may quote values, are behind errors.As"
		}
	}
	return e
}
