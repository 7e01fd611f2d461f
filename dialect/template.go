package dialect

import "unsafe"

// Template is a rendered statement: SQL with open table slots, and the arguments in their order.
// It knows no tenant. It is immutable and shared by every tenant whose tables look alike.
type Template struct {
	sql    string
	slots  []slot
	Args   []Arg
	Common bool // names a table that all tenants share
}

type slot struct {
	at     int
	object string
}

// Arg is one argument. Value is a canonical value (see package driver), a [Field], or a
// [Discriminator], which whoever runs the statement replaces.
type Arg struct {
	Value any
	Kind  Kind
	Array bool // Value is a slice of canonical values, for engines that take arrays
}

// Field stands for the value of a row's field: the column's position in its model.
type Field int

// Discriminator stands for the tenant in a shared table.
type Discriminator struct{}

// Fill returns the SQL with a tenant's names in its slots, in one allocation.
func (t *Template) Fill(d Dialect, n Names) string {
	size := len(t.sql)
	for i := range t.slots {
		size += len(n.Qualifier) + len(n.Prefix) + len(t.slots[i].object) + 2
	}
	text := t.appendTo(make([]byte, 0, size), d, n)
	return unsafe.String(unsafe.SliceData(text), len(text)) // nobody else has the bytes
}

func (t *Template) appendTo(dst []byte, d Dialect, n Names) []byte {
	from := 0
	for i := range t.slots {
		dst = append(dst, t.sql[from:t.slots[i].at]...)
		dst = n.append(dst, d, t.slots[i].object)
		from = t.slots[i].at
	}
	return append(dst, t.sql[from:]...)
}
