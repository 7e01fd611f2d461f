package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"

	native "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/rowhouse/rowhouse/internal/sqlconn"
)

// errReadOnly is a write in a read-only transaction. SQLite knows read-only connections only.
var errReadOnly = errors.New("sqlite: this transaction is read-only")

// engine describes one file to package sqlconn. SQLite's transactions are serializable,
// whatever is asked for.
func (d *Driver) engine(path string, t *turn, connections int) sqlconn.Engine {
	return sqlconn.Engine{
		Identity: path,
		Identify: identify,
		Ends:     ends,
		Gate:     newGate(t, connections, d.busy),
		ReadOnly: errReadOnly,
		Prepared: d.statements,
	}
}

// identify returns the path of the file that a transaction is on.
func identify(ctx context.Context, tx *sql.Tx) (string, error) {
	var path string
	err := tx.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path)
	if err != nil {
		return "", err
	}
	if path == "" {
		return "a database in memory", nil
	}
	return filepath.EvalSymlinks(path)
}

// ends reports the errors that SQLite may answer with a rollback of the whole transaction
// (https://www.sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction"),
// and a trigger's RAISE(ROLLBACK).
func ends(err error) bool {
	var e *native.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_NOMEM, lib.SQLITE_BUSY, lib.SQLITE_INTERRUPT:
		return true
	}
	return e.Code() == lib.SQLITE_CONSTRAINT_TRIGGER
}
