// Package postgres writes SQL for PostgreSQL 13 and later, and for what speaks its dialect.
package postgres

import (
	"slices"
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

// Reserved reports the schemas of the system, and public, which is nobody's own; and the names of system
// columns (https://www.postgresql.org/docs/current/ddl-system-columns.html).
func (Dialect) Reserved(of dialect.Object, name string) bool {
	switch of {
	case dialect.SchemaObject:
		return name == "public" || name == "information_schema" || strings.HasPrefix(name, "pg_")
	case dialect.ColumnObject:
		return slices.Contains([]string{"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}, strings.ToLower(name))
	}
	return false
}
