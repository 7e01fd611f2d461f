package sqlite

import "github.com/rowhouse/rowhouse/dialect"

// appendExtra appends the value of a tenant's own column in a document. A decimal is cast by whoever
// calls, as all are.
func appendExtra(b *dialect.Builder, f dialect.Func) {
	switch f.Kind {
	case dialect.Int16, dialect.Int32, dialect.Int64:
		b.Raw("CASE ")
		b.Call("json_type", f.Args[0], f.QuotedPath())
		b.Raw(" WHEN 'integer' THEN ")
		b.Call("json_extract", f.Args[0], f.QuotedPath())
		b.Raw(" END")
	case dialect.Bool, dialect.Float32, dialect.Float64:
		appendPath(b, f.Scalar())
	case dialect.Bytes, dialect.UUID:
		b.Call("unhex", f.Texts())
	default:
		appendPath(b, f.Texts())
	}
}

// appendSet appends the document with the value. NULL sets null, which is read as no value.
func appendSet(b *dialect.Builder, f dialect.Func) {
	value := f.Args[1]
	switch f.Kind {
	case dialect.Bool:
		value = dialect.Written{Before: "json(", Operand: dialect.TrueFalse{Operand: value}, After: ")"}
	case dialect.Float32, dialect.Float64:
		value = dialect.Written{Before: "CAST(", Operand: value, After: " AS REAL)"}
	case dialect.Decimal:
		value = dialect.Written{Before: "CAST(CAST(", Operand: value, After: " AS NUMERIC) AS TEXT)"}
	case dialect.Bytes, dialect.UUID:
		value = dialect.IfAny{Value: value, Then: dialect.Written{Before: "lower(hex(", Operand: value, After: "))"}}
	case dialect.Text, dialect.Time, dialect.JSON:
		value = dialect.Written{Before: "CAST(", Operand: value, After: " AS TEXT)"} // else what is JSON would be no text
	}
	b.Call("json_set", dialect.EmptyDocument{Operand: f.Args[0]}, f.QuotedPath(), value)
}

// appendMerge appends the document with the values of another. All are scalars, and null is as good as
// no value, so a merge patch (RFC 7396) does it.
func appendMerge(b *dialect.Builder, f dialect.Func) {
	b.Call("json_patch", dialect.EmptyDocument{Operand: f.Args[0]}, f.Args[1])
}
