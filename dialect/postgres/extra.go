package postgres

import (
	"fmt"

	"github.com/rowhouse/rowhouse/dialect"
)

// appendExtra appends the value of a tenant's own column in a document, as a column of its type would
// have it.
func appendExtra(b *dialect.Builder, f dialect.Func) {
	switch f.Kind {
	case dialect.Bool, dialect.Int16, dialect.Int32, dialect.Int64, dialect.Float32, dialect.Float64:
		appendPath(b, f.Scalar())
	case dialect.Decimal:
		b.Cast(f.Texts(), decimal(f.Type))
	case dialect.Time:
		b.Cast(dialect.Written{Before: "(", Operand: f.Texts(), After: " || '+00')"}, typeNames[f.Kind])
	case dialect.Bytes:
		b.Raw("decode(")
		f.Texts().Append(b)
		b.Raw(", 'hex')")
	case dialect.UUID, dialect.JSON:
		b.Cast(f.Texts(), typeNames[f.Kind])
	default:
		appendPath(b, f.Texts())
	}
}

func decimal(t dialect.Type) string { return fmt.Sprintf("numeric(%d,%d)", t.Precision, t.Scale) }

// appendSet appends the document with the value. NULL sets null, which is read as no value.
func appendSet(b *dialect.Builder, f dialect.Func) {
	value := f.Args[1]
	switch f.Kind {
	case dialect.Int16:
		value = dialect.Written{Before: "CAST(", Operand: value, After: " AS smallint)"}
	case dialect.Int32:
		value = dialect.Written{Before: "CAST(", Operand: value, After: " AS integer)"}
	case dialect.Float32:
		value = dialect.Written{Before: "CAST(", Operand: value, After: " AS double precision)"} // whose digits are all of it
	case dialect.Decimal:
		value = dialect.Written{Before: "CAST(CAST(", Operand: value, After: " AS " + decimal(f.Type) + ") AS text)"}
	case dialect.Time:
		value = dialect.Written{Before: "to_char(", Operand: value, After: " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"}
	case dialect.Bytes:
		value = dialect.Written{Before: "encode(", Operand: value, After: ", 'hex')"}
	case dialect.UUID:
		value = dialect.Written{Before: "replace(CAST(", Operand: value, After: " AS text), '-', '')"}
	case dialect.Text, dialect.JSON:
		value = dialect.Written{Before: "CAST(", Operand: value, After: " AS text)"}
	}
	b.Raw("(")
	dialect.EmptyDocument{Operand: f.Args[0]}.Append(b)
	b.Raw(" || jsonb_build_object(")
	b.Cast(dialect.Arg{Value: f.Path[0], Kind: dialect.Text}, "text")
	b.Raw(", ")
	value.Append(b)
	b.Raw("))")
}

// appendMerge appends the document with the values of another.
func appendMerge(b *dialect.Builder, f dialect.Func) {
	b.Infix("||", dialect.EmptyDocument{Operand: f.Args[0]}, f.Args[1])
}
