package mysql

import (
	"context"
	"database/sql"
	"errors"

	native "github.com/go-sql-driver/mysql"

	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/internal/sqlconn"
)

// engine describes one database to package sqlconn.
func (d *Driver) engine(s server) sqlconn.Engine {
	return sqlconn.Engine{
		Identity: s.identity,
		Identify: func(ctx context.Context, tx *sql.Tx) (string, error) {
			return identify(ctx, tx)
		},
		Ends:     ends,
		Lost:     lost,
		Full:     full,
		LastKey:  true,
		Prepared: d.statements,
		Levels: [...]sql.IsolationLevel{
			driver.DefaultIsolation: sql.LevelDefault,
			driver.ReadCommitted:    sql.LevelReadCommitted,
			driver.RepeatableRead:   sql.LevelRepeatableRead,
			driver.Serializable:     sql.LevelSerializable,
		},
	}
}

// lost reports a lost connection, told by either side.
func lost(err error) bool {
	if e, answered := errors.AsType[*native.MySQLError](err); answered {
		return faultKinds[e.Number] == driver.Unreachable
	}
	return unreachable(err)
}

// full reports ER_MAX_PREPARED_STMT_COUNT_REACHED.
func full(err error) bool {
	e, answered := errors.AsType[*native.MySQLError](err)
	return answered && e.Number == tooManyPrepared
}

const tooManyPrepared = 1461

// ends reports the errors after which InnoDB has rolled the whole transaction back, and those
// after which it may have, by the server's settings (innodb_rollback_on_timeout); and a lost
// connection, which takes its transaction with it.
func ends(err error) bool {
	if lost(err) {
		return true
	}
	e, answered := errors.AsType[*native.MySQLError](err)
	if !answered {
		return false
	}
	switch faultKinds[e.Number] {
	case driver.Deadlock, driver.Serialization, driver.LockTimeout:
		return true
	}
	return false
}
