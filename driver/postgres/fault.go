package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/rowhouse/rowhouse/driver"
)

// faults are SQLSTATEs that have a kind; see appendix A of PostgreSQL's manual.
var faults = map[string]driver.FaultKind{
	"23505": driver.Unique,
	"23P01": driver.Unique, // an exclusion constraint: a row is there that rules this one out
	"23503": driver.ForeignKey,
	"23001": driver.ForeignKey, // ON DELETE RESTRICT, from PostgreSQL 18 on
	"23514": driver.Check,
	"44000": driver.Check, // WITH CHECK OPTION of a view
	"23502": driver.NotNull,
	"22001": driver.TooLong,
	"22003": driver.TooLong, // a number out of its type's range
	"22008": driver.TooLong, // a time out of its type's range
	"42P01": driver.MissingTable,
	"3F000": driver.MissingTable, // schema
	"3D000": driver.MissingTable, // database
	"42703": driver.MissingColumn,
	"42P07": driver.ExistingTable,
	"42P06": driver.ExistingTable, // schema
	"42P04": driver.ExistingTable, // database
	"42710": driver.ExistingTable, // constraint, type and others
	"40001": driver.Serialization,
	"40P01": driver.Deadlock,
	"55P03": driver.LockTimeout,
	"42501": driver.Denied,
	"25006": driver.Denied, // a write in a read-only transaction, or on a standby
	"28000": driver.Denied,
	"28P01": driver.Denied,
	"53300": driver.Unreachable, // too many connections
	"25P03": driver.Unreachable, // idle in a transaction for too long, and disconnected
	"57P01": driver.Unreachable,
	"57P02": driver.Unreachable,
	"57P03": driver.Unreachable,
	"57P04": driver.Unreachable,
	"57P05": driver.Unreachable,
}

// discreet are the classes of SQLSTATE whose messages name objects and conditions only. Those of
// the classes 22 and 23, and what a function raises itself, can quote values.
const discreet = " 08 25 28 3D 3F 40 42 53 55 57 XX "

// Fault says what an error of pgx means. An error for which no server answered is Unreachable,
// unless a context's end is the reason.
func (d *Driver) Fault(err error) driver.Fault {
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return driver.Fault{}
	case errors.As(err, &pg):
		return serverFault(pg)
	case errors.Is(err, pgx.ErrTxCommitRollback):
		return driver.Fault{Kind: driver.OtherFault, Message: pgx.ErrTxCommitRollback.Error()}
	case isUnreachable(err):
		return driver.Fault{Kind: driver.Unreachable}
	}
	return driver.Fault{}
}

func serverFault(e *pgconn.PgError) driver.Fault {
	f := driver.Fault{
		Kind: kindOf(e), Code: e.Code,
		Constraint: e.ConstraintName, Table: e.TableName, Column: e.ColumnName,
	}
	if len(e.Code) == 5 && strings.Contains(discreet, " "+e.Code[:2]+" ") {
		f.Message = e.Message
	}
	// Citus passes on a worker's error without its fields; the names are in the message.
	switch f.Kind {
	case driver.Unique, driver.ForeignKey, driver.Check:
		if f.Constraint == "" {
			f.Constraint = named(e.Message, "constraint")
		}
	case driver.NotNull:
		if f.Column == "" {
			f.Column = named(e.Message, "column")
		}
	}
	return f
}

func kindOf(e *pgconn.PgError) driver.FaultKind {
	if kind, ok := faults[e.Code]; ok {
		return kind
	}
	switch {
	case e.Code == noStatement, e.Code == statementExists, isChangedResult(e):
		return driver.Serialization // somebody else's doing, which is forgotten: run it again
	case e.Code == pgBouncers && e.Severity == "FATAL":
		if isMissingDatabase(e.Message) {
			return driver.MissingTable
		}
		return driver.Unreachable
	case strings.HasPrefix(e.Code, "08") && e.Code != pgBouncers:
		return driver.Unreachable
	}
	return driver.OtherFault
}

// pgBouncers is the code of a protocol violation, which PgBouncer gives to whatever keeps a
// client from a server, in the server's words or in its own.
const pgBouncers = "08P01"

func isMissingDatabase(message string) bool {
	return strings.HasPrefix(message, `database "`) && strings.HasSuffix(message, "does not exist") ||
		strings.HasPrefix(message, "no such database")
}

// named returns the quoted name after a word in a message.
func named(message, word string) string {
	_, rest, ok := strings.Cut(message, word+` "`)
	name, _, closed := strings.Cut(rest, `"`)
	if !ok || !closed {
		return ""
	}
	return name
}

func isUnreachable(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	// A deadline within an attempt to connect may be connect_timeout's.
	if _, connecting := errors.AsType[*pgconn.ConnectError](err); connecting {
		return true
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network net.Error
	var closed interface{ SafeToRetry() bool }
	return errors.As(err, &network) || errors.As(err, &closed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}
