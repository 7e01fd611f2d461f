// Package driver is the contract between Rowhouse and a database engine. A driver connects and
// runs text; it never writes SQL, which is package dialect's part.
//
// Implementations are in driver/postgres, driver/mysql and driver/sqlite; package drivertest
// holds the tests that each of them passes.
//
// # Values
//
// Arguments are canonical values: nil, bool, int64, float64, string, []byte, time.Time (UTC, in
// microseconds) and [16]byte, with the [dialect.Kind] that says what they are to the database.
// An Array argument is a []any of these. Only an untyped nil is NULL: a nil []byte is empty.
//
// Destinations are pointers to bool, any int and uint type, float32, float64, string, []byte,
// time.Time and [16]byte; pointers to pointers to these, which become nil for NULL; and
// [database/sql.Scanner], which gets what database/sql would give it for the column's kind. A
// NULL for any other destination is a [*NullError]. Times come back in UTC. A driver copies what
// it hands out: a []byte stays valid after Next.
//
// # Pipelines
//
// The function [Pipeline] runs many statements and reads their replies in turn. A driver that can
// send ahead is a [Pipeliner]: then statements that belong together take one round trip, and
// thousands that do not take a few. Without it they run one by one, to the same effect.
package driver

import (
	"context"
	"errors"
	"fmt"

	"github.com/rowhouse/rowhouse/dialect"
)

// Driver is one engine at one home. It is used by many goroutines at once.
type Driver interface {
	// Dialect writes the SQL that this driver runs.
	Dialect() dialect.Dialect

	// Schema is the schema that tables without one of their own live in, at home or in another
	// database: public, the MySQL database's own name, main. It is "" only if that needs none.
	Schema(database string) string

	// Open connects to a database by name; "" is the home. The caller closes it, except the
	// home, whose pool belongs to the application that brought it. What a name means
	// is the driver's to say: a database on the same server, a file, an entry in a table of
	// the application's. Opening creates nothing.
	Open(ctx context.Context, database string) (DB, error)

	// Create makes a database that Open can then open, and reports false if it existed.
	Create(ctx context.Context, database string) (made bool, err error)

	// Drop removes a database and all that is in it; that it does not exist is no error.
	Drop(ctx context.Context, database string) error

	// Fault says what an error means. It is the zero Fault for an error that is not the
	// database's.
	Fault(err error) Fault
}

// Reserver is a Driver whose home can be opened again, over a few connections that nothing else takes: for what must
// not wait until a statement of the application's gives one back. Without it, that waits like all others.
type Reserver interface {
	// Reserve connects to the home. The caller closes it.
	Reserve(ctx context.Context) (DB, error)
}

// DB is a pool of connections to one database. It is used by many goroutines at once.
type DB interface {
	Runner

	// Begin starts a transaction. Cancelling ctx later than that does not end it. The database
	// may hear of it together with the first statement, or never if there is none; what it has
	// against it is then the first statement's error.
	Begin(ctx context.Context, o TxOptions) (Tx, error)

	// Join takes a transaction that the application began on this same database, as the type
	// that the engine's library has for it; it refuses one of another database. Commit and
	// Rollback of what it returns do nothing.
	Join(ctx context.Context, native any) (Tx, error)

	// Close waits for nothing: connections in use are closed when they are given back.
	Close() error
}

// Runner runs statements.
type Runner interface {
	// Query runs a statement that returns rows. The caller closes them.
	Query(ctx context.Context, s *Statement) (Rows, error)

	// Exec runs a statement that returns none. Outside of transactions the error of one that writes wraps
	// [ErrAmbiguous] if it was sent, or may have been, and not answered; so do that of Query and its rows'.
	Exec(ctx context.Context, s *Statement) (Result, error)
}

// Tx is a transaction on one connection. It is used by one goroutine at a time, and runs no
// statement while rows are open. After a statement has failed, only Rollback is the same on
// every engine, to a savepoint or of the whole. Once it has ended, statements and Commit are
// errors.
type Tx interface {
	Runner

	// Commit ends the transaction, whatever it returns; with a ctx that has ended, it is
	// rolled back. Once the database was told, a ctx that ends does not end the wait for its answer
	// at once, and an error without one wraps [ErrAmbiguous].
	Commit(ctx context.Context) error

	// Rollback undoes all, also after ctx has ended; once the transaction has ended it does
	// nothing.
	Rollback(ctx context.Context) error
}

// Rows are a result being read. A failed Next closes them.
type Rows interface {
	// Columns returns the names of the result's columns, in order, as the database gives them. It
	// is asked before the first Next.
	Columns() ([]string, error)

	Next() bool
	Scan(dest []any) error
	Err() error

	// Close frees the connection, also before the last row was read. It may be called twice. Of
	// a statement that writes, its error is the statement's.
	Close() error
}

// Statement is text with its arguments.
type Statement struct {
	Text    string
	Args    []dialect.Arg
	Columns []dialect.Kind // of the result, in order; nil when there is none or it is unknown
	Write   bool           // changes rows or tables, so that engines with one writer queue it
	Tenant  string         // whose tables are named; "" for the catalog's own
}

// Result is what a statement did.
type Result struct {
	Rows    int64 // rows that matched, also where nothing in them changed
	LastKey int64 // the generated key, on engines that report it so
}

// TxOptions are how a transaction begins. The zero value is the engine's default.
type TxOptions struct {
	Isolation Isolation
	ReadOnly  bool
	Tenant    string
}

// Isolation is a transaction's isolation level. An engine without a level takes the next
// stronger one that it has.
type Isolation uint8

// The levels.
const (
	DefaultIsolation Isolation = iota
	ReadCommitted
	RepeatableRead
	Serializable
)

// Native is implemented by a Tx that can show the engine's own transaction (a pgx.Tx, a
// *sql.Tx). Without it there is none to show. It may have to begin, which may fail.
type Native interface{ Native() (any, error) }

// NullError is a NULL that its destination cannot hold.
type NullError struct{ Column int }

// Error names the column by its position in the result, counted from 0.
func (e *NullError) Error() string { return fmt.Sprintf("column %d is NULL", e.Column) }

// ScanError is a value that its destination does not take. Err may be the destination's own, and
// then may quote the value; the message does not.
type ScanError struct {
	Column int
	Err    error
}

// Error names the column by its position in the result, counted from 0.
func (e *ScanError) Error() string {
	return fmt.Sprintf("the value of column %d does not fit its destination", e.Column)
}

// Unwrap returns what the destination said.
func (e *ScanError) Unwrap() error { return e.Err }

// ErrAmbiguous is wrapped by Commit's error if the database was told to commit and has not answered, and by that of a
// statement outside of transactions that writes, of which the same holds: it may have been committed, or not.
var ErrAmbiguous = errors.New("it may have been committed, or not")

// ErrForeignTx is wrapped by Join's error for a transaction of another database or of a type
// that the driver does not know.
var ErrForeignTx = errors.New("transaction belongs to another database")
