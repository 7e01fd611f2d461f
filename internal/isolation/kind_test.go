package isolation

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// kind is what the operations need to know of a model.
type kind[T any] struct {
	model  *rowhouse.Model[T]
	rows   func(*store) map[string]T
	key    func(*T) string // the primary key, as the store's maps have it
	values func(*T) rowhouse.Key
	canary func(*T) *string
	byKey  []rowhouse.Order[T]
	fields []field[T] // without the primary key's
	keyed  []field[T] // the primary key's

	draw     func(*rapid.T) T                    // a row; its key may be open
	refer    func(*store, *T, int)               // has it refer to one of the rows there are
	unique   []rowhouse.AnyColumn[T]             // a key other than the primary, or nil
	same     func(a, b *T) bool                  // equal in the unique key
	filled   func(d *desk, row, asked *T) string // what an insert filled in wrongly, or ""
	touch    func(row *T, at time.Time)          // its updated time
	touched  func(*T) time.Time
	bump     func(*T) // counts its version up
	version  func(*T) int64
	deleted  func(*T) **time.Time // its soft delete, nil if the model has none
	keep     func(to, from *T)    // copies what an upsert keeps of a row, beside its key
	defaults func(T) T            // the row with its defaults
	made     bool                 // a row without a key is given one

	columns []string // as the tables have them, for looking without the library
	kinds   []dialect.Kind
	scan    func(driver.Rows) (T, error)
}

var texts = []string{"i", "I", "lot of", "100%", "1000", "snake_case", "snakeXcase", `back\slash`, "é", "É", "*", "[i]", "i|j", "it's", `"q"`, "?", "lot", ""}

var instants = []time.Time{
	time.Date(1999, 12, 31, 23, 59, 59, 999999000, time.UTC),
	time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC),
	time.Date(2038, 1, 19, 3, 14, 8, 1000, time.UTC),
}

func pointer[V any](v V) *V { return &v }

func optional[V any](t *rapid.T, some []V, label string) *V {
	if rapid.IntRange(0, 2).Draw(t, label+"?") == 0 {
		return nil
	}
	return pointer(rapid.SampledFrom(some).Draw(t, label))
}

// value and none read and write a column that has no NULL.
func value[T, V any](at func(*T) *V) (get func(*T) (V, bool), put func(*T, *V)) {
	return func(row *T) (V, bool) { return *at(row), true }, func(row *T, v *V) { *at(row) = *v }
}

// nullable reads and writes a column that has NULL. What is written is a copy, because rows in
// the model are copied with their pointers.
func nullable[T, V any](at func(*T) **V) (get func(*T) (V, bool), put func(*T, *V)) {
	get = func(row *T) (v V, ok bool) {
		if p := *at(row); p != nil {
			return *p, true
		}
		return v, false
	}
	put = func(row *T, v *V) {
		if v == nil {
			*at(row) = nil
			return
		}
		*at(row) = pointer(*v)
	}
	return get, put
}

// plain describes a column that is sorted by its values and has no NULL.
func plain[T any, V cmp.Ordered](c rowhouse.Column[T, V], at func(*T) *V, some ...V) values[T, V] {
	get, put := value(at)
	return values[T, V]{column: c, get: get, put: put, compare: cmp.Compare[V], some: some, noNull: true}
}

// maybe describes one that has NULL.
func maybe[T, V any](c rowhouse.Column[T, V], at func(*T) **V, compare func(a, b V) int, some ...V) values[T, V] {
	get, put := nullable(at)
	return values[T, V]{column: c, get: get, put: put, compare: compare, some: some}
}

const (
	highID    = 1_000_001 // explicit keys begin where no sequence comes in a test
	missingID = 999_999
)

var (
	codes    = []string{"aaa", "bbb", "ccc", "ddd", "eee", "fff"}
	statuses = []string{"open", "shut", "wait"}
	people   = []string{"ann", "bob", "cyd"}
)

func caseKind() *kind[Case] {
	title := plain(caseTitle, func(c *Case) *string { return &c.Title }, texts...)
	title.like, title.unsized = true, true
	priority := plain(casePriority, func(c *Case) *int { return &c.Priority }, -1, 0, 1, 2, 3)
	priority.add = true
	id := plain(caseID, func(c *Case) *int64 { return &c.ID }, 1, 2, 3, 5, 8, highID, highID+1)
	id.fixed = true
	deleted := maybe(caseDeleted, func(c *Case) **time.Time { return &c.DeletedAt }, time.Time.Compare, instants...)
	return &kind[Case]{
		model:  Cases,
		rows:   func(s *store) map[string]Case { return s.cases },
		key:    func(c *Case) string { return caseKey(c.ID) },
		values: func(c *Case) rowhouse.Key { return rowhouse.Key{c.ID} },
		canary: func(c *Case) *string { return &c.Canary },
		byKey:  []rowhouse.Order[Case]{caseID.Asc()},
		fields: []field[Case]{
			plain(caseCode, func(c *Case) *string { return &c.Code }, codes...).field(),
			title.field(), priority.field(),
			plain(caseStatus, func(c *Case) *string { return &c.Status }, statuses...).field(),
			maybe(caseAssignee, func(c *Case) **string { return &c.Assignee }, strings.Compare, people...).field(),
			maybe(caseOwner, func(c *Case) **string { return &c.Owner }, strings.Compare, people...).field(),
			deleted.field(),
		},
		keyed: []field[Case]{id.field()},
		draw:  drawCase, refer: func(*store, *Case, int) {},
		unique: []rowhouse.AnyColumn[Case]{caseCode},
		same:   func(a, b *Case) bool { return a.Code == b.Code },
		filled: filledCase,
		touch:  func(c *Case, at time.Time) { c.UpdatedAt = at }, touched: func(c *Case) time.Time { return c.UpdatedAt },
		bump: func(c *Case) { c.Version++ }, version: func(c *Case) int64 { return c.Version },
		deleted: func(c *Case) **time.Time { return &c.DeletedAt },
		keep:    func(to, from *Case) { to.CreatedAt, to.Version = from.CreatedAt, from.Version },
		made:    true,
		defaults: func(c Case) Case {
			if c.Status == "" {
				c.Status = "open"
			}
			return c
		},
		columns: []string{
			"id", "canary", "code", "title", "status", "priority", "assignee", "owner",
			"detail", "version", "created_at", "updated_at", "deleted_at",
		},
		kinds: []dialect.Kind{
			dialect.Int64, dialect.Text, dialect.Text, dialect.Text, dialect.Text, dialect.Int64, dialect.Text, dialect.Text,
			dialect.JSON, dialect.Int64, dialect.Time, dialect.Time, dialect.Time,
		},
		scan: scanCase,
	}
}

func drawCase(t *rapid.T) Case {
	c := Case{
		Code:     rapid.SampledFrom(codes).Draw(t, "code"),
		Title:    rapid.SampledFrom(texts).Draw(t, "title"),
		Status:   rapid.SampledFrom(append([]string{""}, statuses...)).Draw(t, "status"),
		Priority: rapid.IntRange(0, 3).Draw(t, "priority"),
		Assignee: optional(t, people, "assignee"),
		Owner:    pointer(rapid.SampledFrom(people).Draw(t, "owner")),
		Detail:   rapid.SampledFrom([]map[string]string{{}, {"a": "1"}, {`"`: "é", "b": "?$1"}}).Draw(t, "detail"),
	}
	switch rapid.IntRange(0, 19).Draw(t, "odd") {
	case 0:
		c.Priority = -1
	case 1:
		c.Owner = nil
	case 2:
		c.Title = strings.Repeat("é", 41)
	case 3, 4, 5, 6:
		c.ID = highID + rapid.Int64Range(0, 3).Draw(t, "id")
	case 7:
		c.CreatedAt = instants[1]
	case 8:
		c.Version = 7
	}
	return c
}

func filledCase(d *desk, row, asked *Case) string {
	want := *asked
	if want.ID == 0 {
		want.ID = row.ID
		if _, taken := d.model.cases[caseKey(row.ID)]; taken || row.ID == 0 {
			return fmt.Sprintf("the database made the key %d, which is taken", row.ID)
		}
	}
	if want.Status == "" {
		want.Status = "open"
	}
	if want.Version == 0 {
		want.Version = 1
	}
	if want.CreatedAt.IsZero() {
		if want.CreatedAt = row.CreatedAt; !d.recent(row.CreatedAt) {
			return fmt.Sprintf("created at %v", row.CreatedAt)
		}
	}
	if want.UpdatedAt = row.UpdatedAt; !d.recent(row.UpdatedAt) {
		return fmt.Sprintf("updated at %v", row.UpdatedAt)
	}
	return difference(&want, row)
}

func scanCase(rows driver.Rows) (c Case, err error) {
	var detail []byte
	err = rows.Scan([]any{
		&c.ID, &c.Canary, &c.Code, &c.Title, &c.Status, &c.Priority, &c.Assignee, &c.Owner,
		&detail, &c.Version, &c.CreatedAt, &c.UpdatedAt, &c.DeletedAt,
	})
	if err == nil {
		err = json.Unmarshal(detail, &c.Detail)
	}
	return c, err
}

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
		l.NoteID = pointer(s.notes[keys[pick%len(keys)]].ID)
	}
}

func sortedKeys[T any](rows map[string]T) []string {
	keys := make([]string, 0, len(rows))
	for key := range rows {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
