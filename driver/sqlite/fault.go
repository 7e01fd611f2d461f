package sqlite

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"

	native "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/rowhouse/rowhouse/driver"
)

// faultKinds are the extended result codes; a code that is not among them goes by its low byte.
var faultKinds = map[int]driver.FaultKind{
	lib.SQLITE_CONSTRAINT_UNIQUE:     driver.Unique,
	lib.SQLITE_CONSTRAINT_PRIMARYKEY: driver.Unique,
	lib.SQLITE_CONSTRAINT_ROWID:      driver.Unique,
	lib.SQLITE_CONSTRAINT_FOREIGNKEY: driver.ForeignKey,
	lib.SQLITE_CONSTRAINT_CHECK:      driver.Check,
	lib.SQLITE_CONSTRAINT_NOTNULL:    driver.NotNull,
	lib.SQLITE_TOOBIG:                driver.TooLong,
	lib.SQLITE_BUSY:                  driver.LockTimeout,
	lib.SQLITE_LOCKED:                driver.LockTimeout,
	lib.SQLITE_READONLY:              driver.Denied,
	lib.SQLITE_PERM:                  driver.Denied,
	lib.SQLITE_AUTH:                  driver.Denied,
	lib.SQLITE_CANTOPEN:              driver.Unreachable,
}

// Fault explains an error. SQLite names the columns of a unique key and not the key itself:
// Column holds them as "a, b". Of a foreign key it names nothing.
func (d *Driver) Fault(err error) driver.Fault {
	var (
		sqlite  *native.Error
		turn    *turnError
		missing *missingError
	)
	switch {
	case err == nil:
		return driver.Fault{}
	case errors.As(err, &sqlite):
		return fault(sqlite.Code(), words(sqlite))
	case errors.As(err, &turn):
		return driver.Fault{Kind: driver.LockTimeout, Message: turn.Error()}
	case errors.As(err, &missing):
		return driver.Fault{Kind: driver.MissingTable, Message: missing.Error()}
	case errors.Is(err, errReadOnly):
		return driver.Fault{Kind: driver.Denied, Message: errReadOnly.Error()}
	case errors.Is(err, sqldriver.ErrBadConn), errors.Is(err, sql.ErrConnDone):
		return driver.Fault{Kind: driver.Unreachable}
	}
	return driver.Fault{}
}

// words returns SQLite's message without what its library puts around it: the result code's own
// text before it and the code behind.
func words(e *native.Error) string {
	message := strings.TrimSuffix(e.Error(), " (SQLITE_BUSY)")
	message = strings.TrimSuffix(message, fmt.Sprintf(" (%d)", e.Code()))
	if _, after, ok := strings.Cut(message, ": "); ok {
		return after
	}
	return message
}

func fault(code int, message string) driver.Fault {
	f := driver.Fault{Kind: driver.OtherFault, Code: strconv.Itoa(code)}
	if kind, ok := faultKinds[code]; ok {
		f.Kind = kind
	} else if kind, ok := faultKinds[code&0xff]; ok {
		f.Kind = kind
	}
	switch {
	case code == lib.SQLITE_ERROR:
		schemaFault(&f, message)
	case code == lib.SQLITE_CONSTRAINT_CHECK:
		f.Constraint = after(message, "CHECK constraint failed: ")
	case code == lib.SQLITE_CONSTRAINT_NOTNULL:
		f.Table, f.Column = columns(after(message, "NOT NULL constraint failed: "))
	case f.Kind == driver.Unique:
		keyFault(&f, after(message, "UNIQUE constraint failed: "))
	}
	if f.Kind != driver.OtherFault {
		f.Message = message // of these kinds it holds names and no values
	}
	return f
}

// schemaFault tells the errors of the general code apart by their text, which is English always.
func schemaFault(f *driver.Fault, message string) {
	switch {
	case strings.HasPrefix(message, "no such table: "):
		f.Kind, f.Table = driver.MissingTable, after(message, "no such table: ")
		f.Table = f.Table[strings.LastIndexByte(f.Table, '.')+1:]
	case message == errInteger.Error(), message == errFloat.Error():
		f.Kind = driver.TooLong
	case strings.HasPrefix(message, "no such column: "):
		f.Kind, f.Column = driver.MissingColumn, after(message, "no such column: ")
		f.Column = strings.Trim(f.Column[strings.LastIndexByte(f.Column, '.')+1:], `"`)
	case strings.Contains(message, " has no column named "):
		f.Kind = driver.MissingColumn
		f.Table, f.Column, _ = strings.Cut(after(message, "table "), " has no column named ")
	case strings.HasSuffix(message, " already exists"):
		f.Kind = driver.ExistingTable
		if name := strings.TrimSuffix(after(message, "table "), " already exists"); name != "" {
			f.Table = strings.Trim(name, `"`)
		}
	}
}

func keyFault(f *driver.Fault, key string) {
	if name := after(key, "index '"); name != "" { // of an index on expressions
		f.Constraint = strings.TrimSuffix(name, "'")
		return
	}
	f.Table, f.Column = columns(key)
}

// columns reads "t.a, t.b".
func columns(list string) (table, names string) {
	for i, qualified := range strings.Split(list, ", ") {
		t, name, _ := strings.Cut(qualified, ".")
		if i > 0 {
			names += ", "
		}
		table, names = t, names+name
	}
	return table, names
}

func after(s, prefix string) string {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return ""
	}
	return rest
}
