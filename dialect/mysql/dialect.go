// Package mysql writes SQL for MySQL 8 and for MariaDB 10.6 and later.
package mysql

import (
	"slices"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
)

// Dialect is MySQL's, or MariaDB's when so set.
type Dialect struct {
	// MariaDB gives keys back from INSERT … RETURNING.
	MariaDB bool
	// WithoutReturning does without that, as MySQL has to.
	WithoutReturning bool
}

const (
	maxName = 64    // characters; names here are ASCII
	maxArgs = 65535 // the 16-bit counter of a prepared statement
)

// Name returns "mysql" or "mariadb".
func (d Dialect) Name() string {
	if d.MariaDB {
		return "mariadb"
	}
	return "mysql"
}

// QuoteMark returns the backtick.
func (Dialect) QuoteMark() byte { return '`' }

// AppendName fits the name into 64 characters.
func (Dialect) AppendName(dst []byte, prefix, object string) []byte {
	return dialect.AppendFitted(dst, maxName, prefix, object)
}

// AppendPlaceholder appends a question mark.
func (Dialect) AppendPlaceholder(dst []byte, _ int) []byte { return append(dst, '?') }

// MaxName returns 64.
func (Dialect) MaxName() int { return maxName }

// MaxArgs returns 65,535.
func (Dialect) MaxArgs() int { return maxArgs }

// Has reports what both can do, and RETURNING for MariaDB. DDL commits what is open, an index
// has no condition, and an upsert goes by every unique key at once.
func (d Dialect) Has(f dialect.Feature) bool {
	switch f {
	case dialect.Returning:
		return d.MariaDB && !d.WithoutReturning
	case dialect.RowLocks, dialect.SkipLocked, dialect.KeyedSequence, dialect.Schemas:
		return true
	}
	return false
}

// Reserved reports the server's own databases.
func (Dialect) Reserved(of dialect.Object, name string) bool {
	return of == dialect.SchemaObject &&
		slices.Contains([]string{"mysql", "sys", "information_schema", "performance_schema"}, strings.ToLower(name))
}
