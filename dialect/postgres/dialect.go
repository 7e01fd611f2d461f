// Package postgres writes SQL for PostgreSQL 13 and later, and for what speaks its dialect.
package postgres

import (
	"strconv"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
)

// Dialect is PostgreSQL's. The zero value is ready to use.
type Dialect struct{}

// maxName is NAMEDATALEN - 1; PostgreSQL cuts longer names without a word.
const maxName = 63

// maxArgs is what the 16-bit counter of a Bind message holds.
const maxArgs = 65535

// Name returns "postgres".
func (Dialect) Name() string { return "postgres" }

// QuoteMark returns the double quote.
func (Dialect) QuoteMark() byte { return '"' }

// AppendName fits the name into 63 bytes.
func (Dialect) AppendName(dst []byte, prefix, object string) []byte {
	return dialect.AppendFitted(dst, maxName, prefix, object)
}

// AppendPlaceholder appends $n.
func (Dialect) AppendPlaceholder(dst []byte, n int) []byte {
	return strconv.AppendInt(append(dst, '$'), int64(n), 10)
}

// MaxName returns 63.
func (Dialect) MaxName() int { return maxName }

// MaxArgs returns 65,535.
func (Dialect) MaxArgs() int { return maxArgs }

// Has reports true for every feature.
func (Dialect) Has(dialect.Feature) bool { return true }

// ReservedSchema reports the schemas of the system, and public, which is nobody's own.
func (Dialect) ReservedSchema(name string) bool {
	return name == "public" || name == "information_schema" || strings.HasPrefix(name, "pg_")
}

// ReservedTable reports none.
func (Dialect) ReservedTable(string) bool { return false }

// ReservedColumn reports the names of system columns
// (https://www.postgresql.org/docs/current/ddl-system-columns.html).
func (Dialect) ReservedColumn(name string) bool {
	switch strings.ToLower(name) {
	case "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid":
		return true
	}
	return false
}
