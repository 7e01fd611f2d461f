package isolation

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// noteIDs are keys that every tenant's notes may have.
var noteIDs = [][16]byte{{15: 1}, {15: 2}, {0: 0xff, 6: 0x70}}

func noteKind() *kind[Note] {
	weight := plain(noteWeight, func(n *Note) *float64 { return &n.Weight }, 0, 0.5, -1.25)
	weight.add = true
	id := values[Note, [16]byte]{
		column: noteID, some: noteIDs, fixed: true,
		compare: func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) },
	}
	id.get, id.put = value(func(n *Note) *[16]byte { return &n.ID })
	done := values[Note, bool]{column: noteDone, some: []bool{true, false}, compare: compareBool, noNull: true}
	done.get, done.put = value(func(n *Note) *bool { return &n.Done })
	body := maybe(noteBody, func(n *Note) **string { return &n.Body }, strings.Compare, texts...)
	body.like, body.unsized = true, true
	return &kind[Note]{
		model:  Notes,
		rows:   func(s *store) map[string]Note { return s.notes },
		key:    func(n *Note) string { return noteKey(n.ID) },
		values: func(n *Note) rowhouse.Key { return rowhouse.Key{n.ID} },
		canary: func(n *Note) *string { return &n.Canary },
		byKey:  []rowhouse.Order[Note]{noteID.Asc()},
		fields: []field[Note]{
			plain(noteCaseID, func(n *Note) *int64 { return &n.CaseID }, 1, 2, 3, highID, missingID).field(),
			plain(notePlace, func(n *Note) *int32 { return &n.Place }, 0, 1, 2).field(),
			maybe(noteAt, func(n *Note) **time.Time { return &n.At }, time.Time.Compare, instants...).field(),
			body.field(), done.field(), weight.field(),
		},
		keyed: []field[Note]{id.field()},
		draw:  drawNote, refer: referNote,
		unique: []rowhouse.AnyColumn[Note]{notePlace, noteCaseID},
		same:   func(a, b *Note) bool { return a.CaseID == b.CaseID && a.Place == b.Place },
		filled: filledNote,
		touch:  func(n *Note, at time.Time) { n.UpdatedAt = at }, touched: func(n *Note) time.Time { return n.UpdatedAt },
		bump: func(*Note) {}, version: func(*Note) int64 { return 0 },
		keep: func(*Note, *Note) {}, made: true, defaults: func(n Note) Note { return n },
		columns: []string{"id", "canary", "case_id", "place", "body", "done", "weight", "at", "updated_at"},
		kinds: []dialect.Kind{
			dialect.UUID, dialect.Text, dialect.Int64, dialect.Int32, dialect.Text,
			dialect.Bool, dialect.Float64, dialect.Time, dialect.Time,
		},
		scan: func(rows driver.Rows) (n Note, err error) {
			return n, rows.Scan([]any{&n.ID, &n.Canary, &n.CaseID, &n.Place, &n.Body, &n.Done, &n.Weight, &n.At, &n.UpdatedAt})
		},
	}
}

func drawNote(t *rapid.T) Note {
	n := Note{
		Place:  rapid.Int32Range(0, 2).Draw(t, "place"),
		Body:   optional(t, texts, "body"),
		Done:   rapid.Bool().Draw(t, "done"),
		Weight: rapid.SampledFrom([]float64{0, 0.5, -1.25}).Draw(t, "weight"),
		At:     optional(t, instants, "at"),
	}
	if rapid.IntRange(0, 4).Draw(t, "odd") == 0 {
		n.ID = rapid.SampledFrom(noteIDs).Draw(t, "id")
	}
	return n
}

// referNote has the note be of one of the cases, or of none that exists.
func referNote(s *store, n *Note, pick int) {
	n.CaseID = missingID
	if keys := sortedKeys(s.cases); len(keys) > 0 && pick%8 > 0 {
		n.CaseID = s.cases[keys[pick%len(keys)]].ID
	}
}

func filledNote(d *desk, row, asked *Note) string {
	want := *asked
	if want.ID == [16]byte{} {
		if want.ID = row.ID; row.ID[6]>>4 != 7 {
			return fmt.Sprintf("%x is no UUIDv7", row.ID)
		}
	}
	if want.UpdatedAt = row.UpdatedAt; !d.recent(row.UpdatedAt) {
		return fmt.Sprintf("updated at %v", row.UpdatedAt)
	}
	return difference(&want, row)
}
