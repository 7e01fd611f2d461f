package sqlite

import (
	"fmt"

	"github.com/rowhouse/rowhouse/dialect"
)

// Times are text that sorts as it reads and that SQLite's own date functions take; a decimal
// has SQLite's NUMERIC affinity and is exact to 15 digits.
var typeNames = map[dialect.Kind]string{
	dialect.Bool: "boolean", dialect.Int16: "integer", dialect.Int32: "integer",
	dialect.Int64: "integer", dialect.Float32: "real", dialect.Float64: "real",
	dialect.Decimal: "numeric", dialect.Text: "text", dialect.Bytes: "blob",
	dialect.Time: "text", dialect.UUID: "blob", dialect.JSON: "text",
}

// ColumnType returns the column's type. SQLite does not enforce a size; it is written down for
// those who read the schema.
func (Dialect) ColumnType(c dialect.Column) string {
	t := c.Type
	switch {
	case t.Kind == dialect.Other:
		return t.Raw
	case t.Kind == dialect.Text && t.Size > 0:
		return fmt.Sprintf("varchar(%d)", t.Size)
	case t.Kind == dialect.Decimal && t.Precision > 0:
		return fmt.Sprintf("numeric(%d,%d)", t.Precision, t.Scale)
	}
	return typeNames[t.Kind]
}
