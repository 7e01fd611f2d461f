package dialect

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
)

// ErrTooManyArgs is returned by [Render] for a statement with more arguments than the engine
// takes in one.
var ErrTooManyArgs = errors.New("too many arguments in one statement")

// Builder collects a statement's text and arguments. Only dialects and this package write to it.
type Builder struct {
	Dialect
	set   Setting
	buf   []byte
	slots []slot
	args  []Arg
	err   error

	frame    string            // alias that a Ref means, or "" for its table's own
	path     string            // relations followed from the base table to the frame
	joined   map[string]string // path → alias, of the SELECT being written
	aliases  int
	changes  string // logical name of the table that the statement changes, while in its condition
	common   bool
	guarding []string   // tables whose guards are being written
	outputs  *outputsOf // what the columns of the SELECT being written are called
}

// Statement is what [Render] takes: a [Select], [RowsOf], [Insert], [Update], [Delete], [Copy], or an [Explain].
type Statement interface{ render(b *Builder) }

// Render writes a statement in a dialect, on tables that look as the setting says.
func Render(d Dialect, set Setting, s Statement) (*Template, error) {
	b := builders.Get().(*Builder)
	*b = Builder{Dialect: d, set: set, buf: b.buf[:0], slots: b.slots[:0], args: b.args[:0]}
	defer b.giveBack()
	s.render(b)
	if b.err != nil {
		return nil, b.err
	}
	if len(b.args) > d.MaxArgs() {
		return nil, fmt.Errorf("%w: %d, %s takes %d", ErrTooManyArgs, len(b.args), d.Name(), d.MaxArgs())
	}
	return &Template{sql: string(b.buf), slots: slices.Clone(b.slots), Args: slices.Clone(b.args), Common: b.common}, nil
}

// builders are those that nobody writes with, for their memory.
var builders = sync.Pool{New: func() any { return &Builder{} }}

// mostKept bounds what a builder keeps, in bytes of text.
const mostKept = 16 << 10

func (b *Builder) giveBack() {
	if cap(b.buf) > mostKept {
		return
	}
	clear(b.args)
	clear(b.slots)
	*b = Builder{buf: b.buf, slots: b.slots, args: b.args}
	builders.Put(b)
}

// Fail ends the rendering with an error; the first one is returned.
func (b *Builder) Fail(err error) {
	if b.err == nil {
		b.err = err
	}
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

// Table appends a table's name: a slot for the tenant's, or the name itself of one that all
// tenants share.
func (b *Builder) Table(t TableRef) {
	if !t.Common {
		b.Slot(t.Name)
		return
	}
	b.common = true
	b.buf = b.set.Home.append(b.buf, b.Dialect, t.Name)
}

// Aliased appends a table and its alias, the logical name.
func (b *Builder) Aliased(t TableRef) { b.aliasedAs(t, t.Name) }

func (b *Builder) aliasedAs(t TableRef, alias string) {
	b.Table(t)
	b.Raw(" AS ")
	b.Ident(alias)
}

// alias returns an alias that no table has: logical names begin with no digit.
func (b *Builder) alias() string {
	b.aliases++
	return strconv.Itoa(b.aliases)
}

func (b *Builder) comma(i int) {
	if i > 0 {
		b.Raw(", ")
	}
}
