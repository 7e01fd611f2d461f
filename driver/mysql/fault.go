package mysql

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"

	native "github.com/go-sql-driver/mysql"

	"github.com/rowhouse/rowhouse/driver"
)

// faultKinds are the servers' error numbers
// (https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html,
// https://mariadb.com/kb/en/mariadb-error-codes/).
var faultKinds = map[uint16]driver.FaultKind{
	1062: driver.Unique, 1169: driver.Unique, 1586: driver.Unique,
	1216: driver.ForeignKey, 1217: driver.ForeignKey, 1451: driver.ForeignKey, 1452: driver.ForeignKey,
	3819: driver.Check, 4025: driver.Check,
	1048: driver.NotNull, 1263: driver.NotNull, 1364: driver.NotNull,
	1264: driver.TooLong, 1265: driver.TooLong, 1406: driver.TooLong,
	1049: driver.MissingTable, 1051: driver.MissingTable, 1109: driver.MissingTable, 1146: driver.MissingTable,
	1054: driver.MissingColumn,
	1007: driver.ExistingTable, 1050: driver.ExistingTable, 1061: driver.ExistingTable, 1826: driver.ExistingTable,
	1020: driver.Serialization, // MariaDB with innodb_snapshot_isolation
	1213: driver.Deadlock,      // with Galera, a conflict with another node too
	1205: driver.LockTimeout, 3572: driver.LockTimeout,
	1044: driver.Denied, 1045: driver.Denied, 1142: driver.Denied, 1143: driver.Denied,
	1227: driver.Denied, 1290: driver.Denied, 1370: driver.Denied, 1698: driver.Denied,
	1792: driver.Denied, 1836: driver.Denied,
	1040: driver.Unreachable, 1053: driver.Unreachable, 1129: driver.Unreachable, 1130: driver.Unreachable,
	1158: driver.Unreachable, 1159: driver.Unreachable, 1160: driver.Unreachable, 1161: driver.Unreachable,
	1203: driver.Unreachable, 1927: driver.Unreachable, 2006: driver.Unreachable, 2013: driver.Unreachable,
}

// Fault explains an error. Names are read from English messages; a server that speaks another
// language still gives the kind.
func (d *Driver) Fault(err error) driver.Fault {
	var e *native.MySQLError
	switch {
	case err == nil:
		return driver.Fault{}
	case errors.As(err, &e):
		return fault(e)
	case unreachable(err):
		return driver.Fault{Kind: driver.Unreachable}
	}
	return driver.Fault{}
}

// unreachable reports a lost connection. That a context ended is not the database's error,
// although one of its errors calls itself the network's.
func unreachable(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network net.Error
	return errors.Is(err, native.ErrInvalidConn) || errors.Is(err, sqldriver.ErrBadConn) ||
		errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.As(err, &network)
}

// quoting are the kinds whose messages may hold a value.
var quoting = map[driver.FaultKind]bool{driver.Unique: true, driver.OtherFault: true}

func fault(e *native.MySQLError) driver.Fault {
	f := driver.Fault{Kind: driver.OtherFault, Code: strconv.Itoa(int(e.Number))}
	if kind, ok := faultKinds[e.Number]; ok {
		f.Kind = kind
	}
	if !quoting[f.Kind] {
		f.Message = e.Message
	}
	switch f.Kind {
	case driver.Unique:
		f.Table, f.Constraint = key(e.Message)
	case driver.ForeignKey:
		referenceFault(&f, e.Message)
	case driver.Check:
		checkFault(&f, e.Message)
	case driver.NotNull, driver.TooLong, driver.MissingColumn:
		f.Column = unqualified(between(e.Message, "'", "'"))
	}
	switch e.Number {
	case 1146, 1050, 1051:
		f.Table = unqualified(between(e.Message, "'", "'"))
	case tooManyPrepared:
		f.Message = e.Message + "; let each connection keep fewer (mysql.WithStatements), or the server have more"
	}
	return f
}

// key reads "Duplicate entry '…' for key 'name'"; the entry may say the same, so it is the last
// that counts. MySQL 8 puts the table before the name.
func key(message string) (table, name string) {
	const mark = " for key '"
	i := strings.LastIndex(message, mark)
	if i < 0 {
		return "", ""
	}
	name = strings.TrimSuffix(message[i+len(mark):], "'")
	if t, n, ok := strings.Cut(name, "."); ok {
		return t, n
	}
	return "", name
}

// referenceFault reads "… (`db`.`table`, CONSTRAINT `name` FOREIGN KEY (`a`, `b`) REFERENCES …".
func referenceFault(f *driver.Fault, message string) {
	f.Table = unqualified(strings.ReplaceAll(between(message, " (`", "`,"), "`", ""))
	f.Constraint = between(message, "CONSTRAINT `", "`")
	f.Column = strings.ReplaceAll(between(message, "FOREIGN KEY (", ")"), "`", "")
}

// checkFault reads MySQL's "Check constraint 'name' is violated." and MariaDB's "CONSTRAINT
// `name` failed for `db`.`table`".
func checkFault(f *driver.Fault, message string) {
	if f.Constraint = between(message, "CONSTRAINT `", "`"); f.Constraint == "" {
		f.Constraint = between(message, "'", "'")
		return
	}
	_, table, _ := strings.Cut(message, " failed for ")
	f.Table = unqualified(strings.ReplaceAll(table, "`", ""))
}

// between returns what is between the first left and the first right after it, or "".
func between(s, left, right string) string {
	_, s, ok := strings.Cut(s, left)
	if !ok {
		return ""
	}
	s, _, ok = strings.Cut(s, right)
	if !ok {
		return ""
	}
	return s
}

// unqualified returns a name without the database or table before it.
func unqualified(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
