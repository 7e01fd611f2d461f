package isolation

import (
	"bytes"
	"time"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

func linkKind() *kind[Link] {
	left := plain(linkLeft, func(l *Link) *int64 { return &l.Left }, 1, 2, 3)
	right := plain(linkRight, func(l *Link) *string { return &l.Right }, "x", "y", "z")
	left.fixed, right.fixed = true, true
	rank := plain(linkRank, func(l *Link) *int16 { return &l.Rank }, 1, 2, -3)
	rank.add = true
	note := maybe(linkNote, func(l *Link) **[16]byte { return &l.NoteID },
		func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) }, noteIDs...)
	return &kind[Link]{
		model:  Links,
		rows:   func(s *store) map[string]Link { return s.links },
		key:    func(l *Link) string { return linkKey(l.Left, l.Right) },
		values: func(l *Link) rowhouse.Key { return rowhouse.Key{l.Left, l.Right} },
		canary: func(l *Link) *string { return &l.Canary },
		byKey:  []rowhouse.Order[Link]{linkLeft.Asc(), linkRight.Asc()},
		fields: []field[Link]{rank.field(), note.field()},
		keyed:  []field[Link]{left.field(), right.field()},
		draw: func(t *rapid.T) Link {
			return Link{
				Left:  rapid.Int64Range(1, 3).Draw(t, "left"),
				Right: rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "right"),
				Rank:  rapid.Int16Range(0, 3).Draw(t, "rank"),
			}
		},
		refer:  referLink,
		filled: func(_ *desk, row, asked *Link) string { return difference(asked, row) },
		touch:  func(*Link, time.Time) {}, touched: func(*Link) time.Time { return time.Time{} },
		bump: func(*Link) {}, version: func(*Link) int64 { return 0 },
		keep: func(*Link, *Link) {}, defaults: func(l Link) Link { return l },
		columns: []string{"left_id", "right_id", "canary", "note_id", "rank"},
		kinds:   []dialect.Kind{dialect.Int64, dialect.Text, dialect.Text, dialect.UUID, dialect.Int16},
		scan: func(rows driver.Rows) (l Link, err error) {
			return l, rows.Scan([]any{&l.Left, &l.Right, &l.Canary, &l.NoteID, &l.Rank})
		},
	}
}

func referLink(s *store, l *Link, pick int) {
	l.NoteID = nil
	keys := sortedKeys(s.notes)
	switch {
	case pick%8 == 0:
		l.NoteID = &[16]byte{1}
	case pick%8 < 6 && len(keys) > 0:
		l.NoteID = new(s.notes[keys[pick%len(keys)]].ID)
	}
}
