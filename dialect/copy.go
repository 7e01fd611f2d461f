package dialect

import "fmt"

// Copy is an [Insert] of many rows in the engine's own way, which only some engines have: those
// that are a [Copier]. Of a shared table, the discriminator is the first column. Values are no
// arguments; the driver sends them behind the statement.
type Copy struct {
	Into    TableRef
	Columns []string
}

// Copier is implemented by a dialect that has a statement to take in many rows. Without it,
// rendering a [Copy] fails, and rows are inserted.
type Copier interface {
	// AppendCopy appends it. The columns are all that follow.
	AppendCopy(b *Builder, t TableRef, columns []string)
}

func (s *Copy) render(b *Builder) {
	d, ok := b.Dialect.(Copier)
	if !ok {
		b.Fail(fmt.Errorf("%s has no statement to copy rows into a table", b.Name()))
		return
	}
	columns := s.Columns
	if wall := b.wallOf(s.Into); wall != "" {
		columns = append([]string{wall}, columns...)
	}
	d.AppendCopy(b, s.Into, columns)
}
