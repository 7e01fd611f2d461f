package isolation

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/rowhouse/rowhouse"
)

// store is what a tenant's tables should hold.
type store struct {
	cases map[string]Case
	notes map[string]Note
	links map[string]Link
	peers map[string]peer

	gadgets map[int64]gadget
}

func newStore() *store {
	return &store{
		cases: map[string]Case{}, notes: map[string]Note{}, links: map[string]Link{}, peers: map[string]peer{},
		gadgets: map[int64]gadget{},
	}
}

// clone copies the maps; rows are values that nothing changes in place.
func (s *store) clone() *store {
	return &store{
		cases: maps.Clone(s.cases), notes: maps.Clone(s.notes), links: maps.Clone(s.links), peers: maps.Clone(s.peers),
		gadgets: maps.Clone(s.gadgets),
	}
}

// become takes another store's rows.
func (s *store) become(other *store) { *s = *other.clone() }

func caseKey(id int64) string                 { return fmt.Sprintf("%020d", id) }
func noteKey(id [16]byte) string              { return hex.EncodeToString(id[:]) }
func linkKey(left int64, right string) string { return fmt.Sprintf("%020d/%s", left, right) }

// limits are what an engine makes of a column's size.
type limits struct{ sized bool }

// broken returns what constraints the rows violate, each as the error that it should be. An
// operation is right when it ends with any one of them, or with none if there is none.
func (s *store) broken(l limits) (why []error) {
	codes := map[string]bool{}
	for _, c := range s.cases {
		if codes[c.Code] {
			why = append(why, rowhouse.ErrConflict)
		}
		codes[c.Code] = true
		if c.Priority < 0 {
			why = append(why, rowhouse.ErrCheck)
		}
		if c.Owner == nil {
			why = append(why, rowhouse.ErrNull)
		}
		if l.sized && utf8.RuneCountInString(c.Title) > 40 {
			why = append(why, rowhouse.ErrTooLong)
		}
	}
	return append(why, s.dangling()...)
}

// dangling returns what references lead nowhere, and what places are taken twice.
func (s *store) dangling() (why []error) {
	type place struct {
		caseID int64
		place  int32
	}
	places := map[place]bool{}
	for _, n := range s.notes {
		at := place{n.CaseID, n.Place}
		if places[at] {
			why = append(why, rowhouse.ErrConflict)
		}
		places[at] = true
		if _, ok := s.cases[caseKey(n.CaseID)]; !ok {
			why = append(why, rowhouse.ErrReference)
		}
	}
	for _, l := range s.links {
		if l.NoteID == nil {
			continue
		}
		if _, ok := s.notes[noteKey(*l.NoteID)]; !ok {
			why = append(why, rowhouse.ErrReference)
		}
	}
	for _, p := range s.peers {
		if !s.has(p.from) || !s.has(p.to) {
			why = append(why, rowhouse.ErrReference)
		}
	}
	return why
}

func (s *store) has(caseID int64) bool {
	_, ok := s.cases[caseKey(caseID)]
	return ok
}

// cascade deletes the notes and the peers whose case is gone.
func (s *store) cascade() {
	maps.DeleteFunc(s.peers, func(_ string, p peer) bool { return !s.has(p.from) || !s.has(p.to) })
	maps.DeleteFunc(s.notes, func(_ string, n Note) bool {
		_, ok := s.cases[caseKey(n.CaseID)]
		return !ok
	})
}

// truth is SQL's: a comparison with NULL is neither true nor false.
type truth uint8

const (
	no truth = iota
	yes
	unknown
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (t truth) not() truth {
	switch t {
	case yes:
		return no
	case no:
		return yes
	}
	return unknown
}

// all is AND: false wins over unknown.
func all(list []truth) truth {
	if slices.Contains(list, no) {
		return no
	}
	if slices.Contains(list, unknown) {
		return unknown
	}
	return yes
}

// anyOf is OR: true wins over unknown.
func anyOf(list []truth) truth {
	if slices.Contains(list, yes) {
		return yes
	}
	if slices.Contains(list, unknown) {
		return unknown
	}
	return no
}

// like matches as LIKE does: % is any text, _ any character, a backslash takes their meaning.
func like(text, pattern []rune) bool {
	if len(pattern) == 0 {
		return len(text) == 0
	}
	switch p := pattern[0]; p {
	case '%':
		for i := range len(text) + 1 {
			if like(text[i:], pattern[1:]) {
				return true
			}
		}
		return false
	case '_':
		return len(text) > 0 && like(text[1:], pattern[1:])
	case '\\':
		return len(text) > 0 && text[0] == pattern[1] && like(text[1:], pattern[2:])
	default:
		return len(text) > 0 && text[0] == p && like(text[1:], pattern[1:])
	}
}

// isAny reports whether an error is one of these.
func isAny(err error, list []error) bool {
	return slices.ContainsFunc(list, func(may error) bool { return errors.Is(err, may) })
}
