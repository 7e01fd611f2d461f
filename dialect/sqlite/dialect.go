// Package sqlite writes SQL for SQLite 3.35 and later.
package sqlite

import (
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
)

// Dialect is SQLite's. The zero value is ready to use.
type Dialect struct{}

// maxName is not SQLite's limit (it has none) but PostgreSQL's, so that a tenant that outgrows
// a file keeps its names.
const maxName = 63

// maxArgs is SQLITE_MAX_VARIABLE_NUMBER's default.
const maxArgs = 32766

// Name returns "sqlite".
func (Dialect) Name() string { return "sqlite" }

// QuoteMark returns the double quote.
func (Dialect) QuoteMark() byte { return '"' }

// AppendName fits the name into 63 bytes.
func (Dialect) AppendName(dst []byte, prefix, object string) []byte {
	return dialect.AppendFitted(dst, maxName, prefix, object)
}

// AppendPlaceholder appends a question mark.
func (Dialect) AppendPlaceholder(dst []byte, _ int) []byte { return append(dst, '?') }

// MaxName returns 63.
func (Dialect) MaxName() int { return maxName }

// MaxArgs returns 32,766.
func (Dialect) MaxArgs() int { return maxArgs }

// Has reports what SQLite can do. It locks no rows (a write transaction locks the file), numbers
// rows by a whole primary key only, and its schemas are files.
func (Dialect) Has(f dialect.Feature) bool {
	switch f {
	case dialect.Returning, dialect.OnConflict, dialect.PartialIndex, dialect.TransactionalDDL, dialect.SelfReads:
		return true
	}
	return false
}

// Reserved reports the schemas that every connection has, names that begin as those of SQLite's own tables
// do, and those of the row id (https://www.sqlite.org/rowidtable.html).
func (Dialect) Reserved(of dialect.Object, name string) bool {
	lower := strings.ToLower(name)
	switch of {
	case dialect.SchemaObject:
		return lower == "main" || lower == "temp"
	case dialect.TableObject:
		return strings.HasPrefix(lower, "sqlite_")
	}
	return lower == "rowid" || lower == "oid" || lower == "_rowid_"
}
