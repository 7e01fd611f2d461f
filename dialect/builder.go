package dialect

import (
	"errors"
	"fmt"
)

// ErrTooManyArgs is returned by [Render] for a statement with more arguments than the engine
// takes in one.
var ErrTooManyArgs = errors.New("too many arguments in one statement")

// Builder collects a statement's text and arguments. Only dialects and this package write to it.
type Builder struct {
	Dialect
	buf   []byte
	slots []slot
	args  []Arg
}

// Statement is what [Render] takes: a [Select], [Insert], [Update] or [Delete].
type Statement interface{ render(b *Builder) }

// Render writes a statement in a dialect.
func Render(d Dialect, s Statement) (*Template, error) {
	b := Builder{Dialect: d, buf: make([]byte, 0, 256)}
	s.render(&b)
	if len(b.args) > d.MaxArgs() {
		return nil, fmt.Errorf("%w: %d, %s takes %d", ErrTooManyArgs, len(b.args), d.Name(), d.MaxArgs())
	}
	return &Template{sql: string(b.buf), slots: b.slots, Args: b.args}, nil
}

// Raw appends text as it is. Never pass it what a user of the application wrote.
func (b *Builder) Raw(s string) { b.buf = append(b.buf, s...) }

// Ident appends a quoted identifier.
func (b *Builder) Ident(name string) { b.buf = AppendQuoted(b.buf, b.QuoteMark(), name) }

// Idents appends quoted identifiers, with commas between.
func (b *Builder) Idents(names []string) {
	for i, n := range names {
		b.comma(i)
		b.Ident(n)
	}
}

// Arg appends a placeholder and takes the argument.
func (b *Builder) Arg(a Arg) {
	b.args = append(b.args, a)
	b.buf = b.AppendPlaceholder(b.buf, len(b.args))
}

// Slot leaves a place for a table's name.
func (b *Builder) Slot(object string) {
	b.slots = append(b.slots, slot{at: len(b.buf), object: object})
}

// Aliased appends a table's slot and its alias, the logical name.
func (b *Builder) Aliased(t TableRef) {
	b.Slot(t.Name)
	b.Raw(" AS ")
	b.Ident(t.Name)
}

func (b *Builder) comma(i int) {
	if i > 0 {
		b.Raw(", ")
	}
}
