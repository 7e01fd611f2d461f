package mysql

import (
	"fmt"

	"github.com/rowhouse/rowhouse/dialect"
)

// appendExtra appends the value of a tenant's own column in a document, as a column of its type would
// have it. The texts of documents are compared as those of columns are, byte by byte.
func appendExtra(b *dialect.Builder, f dialect.Func) {
	switch f.Kind {
	case dialect.Bool, dialect.Int16, dialect.Int32, dialect.Int64, dialect.Float32, dialect.Float64:
		appendPath(b, f.Scalar())
	case dialect.Decimal:
		b.Cast(f.Texts(), fmt.Sprintf("DECIMAL(%d,%d)", f.Type.Precision, f.Type.Scale))
	case dialect.Time:
		b.Cast(f.Texts(), "DATETIME(6)")
	case dialect.Bytes, dialect.UUID:
		b.Call("unhex", f.Texts())
	default:
		b.Raw("(CONVERT(")
		f.Texts().Append(b)
		b.Raw(" USING utf8mb4) COLLATE " + binaryCollation(b.Name()) + ")")
	}
}

// binaryCollation has trailing spaces count.
func binaryCollation(name string) string {
	if name == "mariadb" {
		return "utf8mb4_nopad_bin"
	}
	return "utf8mb4_0900_bin"
}

// appendSet appends the document with the value. NULL sets null, which is read as no value. What is
// JSON on one server is a text on the other, and a bool is a number on both.
func appendSet(b *dialect.Builder, f dialect.Func) {
	value := f.Args[1]
	switch f.Kind {
	case dialect.Bool:
		value = dialect.Written{Before: "JSON_EXTRACT(", Operand: dialect.TrueFalse{Operand: value}, After: ", '$')"}
	case dialect.Float32, dialect.Float64:
		value = dialect.Written{Before: "(", Operand: value, After: " + 0e0)"}
	case dialect.Decimal:
		value = dialect.Written{
			Before: "CAST(CAST(", Operand: value, After: fmt.Sprintf(" AS DECIMAL(%d,%d)) AS CHAR)", f.Type.Precision, f.Type.Scale),
		}
	case dialect.Time:
		value = dialect.Written{Before: "DATE_FORMAT(", Operand: value, After: ", '%Y-%m-%d %H:%i:%s.%f')"}
	case dialect.Bytes, dialect.UUID:
		value = dialect.Written{Before: "LOWER(HEX(", Operand: value, After: "))"}
	case dialect.Text, dialect.JSON:
		value = dialect.Written{Before: "CAST(", Operand: value, After: " AS CHAR)"}
	}
	b.Call("JSON_SET", dialect.EmptyDocument{Operand: f.Args[0]}, f.QuotedPath(), value)
}

// appendMerge appends the document with the values of another. All are scalars, and null is as good as
// no value, so a merge patch (RFC 7396) does it.
func appendMerge(b *dialect.Builder, f dialect.Func) {
	b.Call("JSON_MERGE_PATCH", dialect.EmptyDocument{Operand: f.Args[0]}, f.Args[1])
}
