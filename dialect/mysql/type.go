package mysql

import (
	"fmt"

	"github.com/rowhouse/rowhouse/dialect"
)

// A float32 is a double: MySQL's FLOAT does not compare equal to the value that was stored.
var typeNames = map[dialect.Kind]string{
	dialect.Bool: "bool", dialect.Int16: "smallint", dialect.Int32: "int",
	dialect.Int64: "bigint", dialect.Float32: "double", dialect.Float64: "double",
	dialect.Decimal: "decimal(38,10)", dialect.Text: "longtext", dialect.Bytes: "longblob",
	dialect.Time: "datetime(6)", dialect.UUID: "binary(16)", dialect.JSON: "json",
}

// keyedSize is the size of a text or binary column that is in a key, or has a default, and
// names no size of its own: InnoDB's keys hold 3,072 bytes, so three such columns of utf8mb4.
const keyedSize = 255

// ColumnType returns the column's type.
func (Dialect) ColumnType(c dialect.Column) string {
	t := c.Type
	if c.Keyed && t.Size == 0 {
		t.Size = keyedSize
	}
	switch {
	case t.Kind == dialect.Other:
		return t.Raw
	case t.Kind == dialect.Text && t.Size > 0:
		return fmt.Sprintf("varchar(%d)", t.Size)
	case t.Kind == dialect.Bytes && t.Size > 0:
		return fmt.Sprintf("varbinary(%d)", t.Size)
	case t.Kind == dialect.Decimal && t.Precision > 0:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	}
	return typeNames[t.Kind]
}
