package fleet

import (
	"slices"

	"github.com/rowhouse/rowhouse/dialect"
)

// reference is a foreign key of a table, by the table's name.
type reference struct {
	table string
	key   dialect.ForeignKey
}

// inOrder sorts tables so that each comes after those that it refers to. In a circle there is no
// such order: then the references against the order are returned too, those of them that can be
// NULL rather than others. A table's references to itself are never among them.
func inOrder(tables []dialect.Table) (sorted []dialect.Table, against []reference) {
	left := slices.Clone(tables)
	placed := map[string]bool{}
	for len(left) > 0 {
		at := slices.IndexFunc(left, func(t dialect.Table) bool { return len(open(&t, placed, true)) == 0 })
		if at < 0 {
			at = slices.IndexFunc(left, func(t dialect.Table) bool { return len(open(&t, placed, false)) == 0 })
		}
		at = max(at, 0)
		t := left[at]
		for _, k := range open(&t, placed, true) {
			against = append(against, reference{t.Name, k})
		}
		placed[t.Name] = true
		sorted = append(sorted, t)
		left = slices.Delete(left, at, at+1)
	}
	return sorted, against
}

// open are a table's references to others that have no place yet; soft ones, which can be NULL,
// only if asked for.
func open(t *dialect.Table, placed map[string]bool, soft bool) (keys []dialect.ForeignKey) {
	for _, k := range t.ForeignKeys {
		if !k.Common && k.Table != t.Name && !placed[k.Table] && (soft || len(nullable(t, k)) == 0) {
			keys = append(keys, k)
		}
	}
	return keys
}

// nullable are the columns of a reference that can be set to NULL, which undoes the reference.
func nullable(t *dialect.Table, k dialect.ForeignKey) (columns []string) {
	for _, name := range k.Columns {
		if c := t.Column(name); c != nil && c.Null {
			columns = append(columns, name)
		}
	}
	return columns
}

// loosened are the references that must be set to NULL before rows can be deleted table by
// table: those against the order, and those of a table to itself.
func loosened(tables []dialect.Table, against []reference) []reference {
	list := slices.Clone(against)
	for _, t := range tables {
		for _, k := range t.ForeignKeys {
			if k.Table == t.Name {
				list = append(list, reference{t.Name, k})
			}
		}
	}
	return list
}
