package postgres

import (
	"fmt"

	"github.com/rowhouse/rowhouse/dialect"
)

var typeNames = map[dialect.Kind]string{
	dialect.Bool: "boolean", dialect.Int16: "smallint", dialect.Int32: "integer",
	dialect.Int64: "bigint", dialect.Float32: "real", dialect.Float64: "double precision",
	dialect.Decimal: "numeric", dialect.Text: "text", dialect.Bytes: "bytea",
	dialect.Time: "timestamptz", dialect.UUID: "uuid", dialect.JSON: "jsonb",
}

// ColumnType returns the column's type.
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
