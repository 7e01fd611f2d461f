package rowhouse

import (
	"slices"
	"unsafe"

	"github.com/rowhouse/rowhouse/internal/model"
)

// link is a column that gets its value from another row when it is flushed.
type link struct {
	of *entry
	at int
	to *entry
	by int // position of the column in to
}

// Link has a row refer to another one, whose key may not be known yet: when the unit is flushed, to is
// written first, and then the column of row is given the value that to has in its own:
//
//	err := rowhouse.Link(u, CommentCaseID, comment, CaseID, c)
//
// The types of the columns are the same; a column that has NULL is named by [Nullable]. Both rows are
// in the unit already. A later Link of the same column takes the place of an earlier one; a Flush that
// succeeds has done all, and forgets them. [ErrInvalid] if a row is not in the unit or is to be
// deleted, or if the column cannot be written.
func Link[C, P, V any](u *Unit, column Column[C, V], row *C, key Column[P, V], to *P) error {
	if err := u.idle(); err != nil {
		return u.fail("link", err)
	}
	of, other := u.entry(column.o.get().s, unsafe.Pointer(row)), u.entry(key.o.get().s, unsafe.Pointer(to))
	switch {
	case of == nil || other == nil:
		return u.fail("link", invalid("a row to link is not in the unit; add it first"))
	case of.state == doomed || other.state == doomed:
		return u.fail("link", invalid("a row to link is to be deleted"))
	case !of.set.writes(column.at) && (of.state != fresh || !slices.Contains(of.set.s.Key, column.at)):
		return u.fail("link", invalid("column %s cannot be written: the key of a row in the database stays, "+
			"and times and versions set themselves", column.Name()))
	}
	u.link(&link{of: of, at: column.at, to: other, by: key.at})
	return nil
}

// link takes a link in. This is where rows come in whose relations are known otherwise.
func (u *Unit) link(l *link) {
	u.links = slices.DeleteFunc(slices.Clone(u.links), func(old *link) bool { return old.of == l.of && old.at == l.at })
	u.links = append(u.links, l)
}

// entry is what the unit knows of a row, or nil.
func (u *Unit) entry(of *model.Struct, row unsafe.Pointer) *entry {
	set := u.set(of)
	if set == nil {
		return nil
	}
	return set.entry(row)
}

// forget lets a row go, and the links of it and to it.
func (u *Unit) forget(e *entry) {
	e.set.forget(e)
	u.links = slices.DeleteFunc(slices.Clone(u.links), func(l *link) bool { return l.of == e || l.to == e })
}

// apply gives the column what the other row has, and undo what takes that back.
func (l *link) apply(undo *[]func()) {
	f, row := &l.of.set.s.Fields[l.at], l.of.row
	old := f.Value(row)
	*undo = append(*undo, func() { f.SetValue(row, old) })
	f.Assign(row, &l.to.set.s.Fields[l.by], l.to.row)
}
