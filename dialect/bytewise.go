package dialect

// Bytewise is a text that compares and sorts by its bytes in UTF-8, the same on every engine and
// in every database, whatever order of letters it was set up with.
type Bytewise struct{ Operand Expr }

// Append writes the operand with such a collation, where it does not have one anyway.
func (t Bytewise) Append(b *Builder) {
	t.Operand.Append(b)
	if b.Has(Collations) {
		b.Raw(` COLLATE "C"`)
	}
}
