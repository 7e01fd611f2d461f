package isolation

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
	"github.com/rowhouse/rowhouse/fleet"
)

// Gadget has columns that tenants have of their own: some a rank that is a number, and a tag; some a
// rank that is a text; some none.
type Gadget struct {
	ID     int64          `db:"id,pk"`
	Canary string         `db:"canary,size:90"`
	Own    rowhouse.Extra `db:"own,extra"`
}

var (
	Gadgets    = rowhouse.MustDefine[Gadget]("gadget")
	gadgetID   = rowhouse.Col(Gadgets, func(g *Gadget) *int64 { return &g.ID })
	gadgetRank = rowhouse.ExtraCol[int64](Gadgets, "rank")
	gadgetWord = rowhouse.ExtraCol[string](Gadgets, "rank")
	gadgetTag  = rowhouse.ExtraCol[string](Gadgets, "tag")
)

// gadget is a row as the model has it.
type gadget struct {
	rank *int64
	word *string
	tag  string
}

// noTag is the default of a tag.
const noTag = "it's none"

// shapeOf is which of the shapes a tenant has, by its id.
type shapeOf int

const (
	ranked shapeOf = iota
	worded
	narrow
)

func shapeFor(id string) shapeOf {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never an error
	return shapeOf(h.Sum32() % 3)
}

// extendAll gives tenants their columns.
func extendAll(t *testing.T, db *rowhouse.DB, f *fleet.Fleet, e *engine) {
	t.Helper()
	ids := map[shapeOf][]string{}
	for _, r := range e.residents() {
		ids[shapeFor(r.id)] = append(ids[shapeFor(r.id)], r.id)
	}
	for shape, columns := range map[shapeOf][]rowhouse.Extension{
		ranked: {
			{Name: "rank", Type: dialect.Type{Kind: dialect.Int64}},
			{Name: "tag", Type: dialect.Type{Kind: dialect.Text, Size: 40}, Default: noTag},
		},
		worded: {{Name: "rank", Type: dialect.Type{Kind: dialect.Text}}},
	} {
		for _, x := range columns {
			if r, err := f.Extend(t.Context(), db.Only(ids[shape]...), Gadgets, x); err != nil || len(r.Done) == 0 {
				t.Fatalf("%+v, %v", r, err)
			}
		}
	}
}

// gadgetOp is what a gadgetAct does.
type gadgetOp int

const (
	putGadget gadgetOp = iota
	setGadgets
	unitGadgets
	addGadgets
	findGadgets
	dropGadgets
	gadgetOps
)

var gadgetOpNames = [...]string{"put", "set", "unit", "add", "find", "drop"}

// gadgetAct writes or reads rows by columns that the tenant has of its own, or has not.
type gadgetAct struct {
	op   gadgetOp
	id   int64
	rank *int64
	from int64
	tag  string
}

func drawGadget() *rapid.Generator[act] {
	ranks := []int64{-1 << 63, -1, 0, 1, 2, 1 << 53, 1<<53 + 1, 1<<62 + 1}
	return rapid.Custom(func(t *rapid.T) act {
		return gadgetAct{
			op: gadgetOp(rapid.IntRange(0, int(gadgetOps)-1).Draw(t, "op")), id: rapid.Int64Range(1, 6).Draw(t, "id"),
			rank: optional(t, ranks, "rank"), from: rapid.SampledFrom(ranks).Draw(t, "from"),
			tag: rapid.OneOf(rapid.SampledFrom(texts), rapid.Just("")).Draw(t, "tag"),
		}
	})
}

func (a gadgetAct) String() string {
	return fmt.Sprintf("%s of gadget %d, rank %s, from %d, tag %q", gadgetOpNames[a.op], a.id, show(a.rank), a.from, a.tag)
}

// why is the error that there must be, by the tenant's shape.
func (a gadgetAct) why(d *desk) []error {
	switch shape := shapeFor(d.at.id); {
	case shape == ranked:
		return nil
	case a.op == putGadget && (shape == worded || a.rank == nil && a.tag == ""):
		return nil
	case shape == worded:
		return []error{rowhouse.ErrInvalid, rowhouse.ErrNoColumn} // its rank is a text, and it has no tag
	}
	return []error{rowhouse.ErrNoColumn}
}

func (a gadgetAct) run(d *desk) (failed, wrong error) {
	next := d.model.clone()
	matched := a.apply(next, shapeFor(d.at.id))
	found, n, err := a.call(d)
	ok, failed, wrong := d.judge(err, a.why(d)...)
	if wrong != nil || !ok {
		return failed, wrong
	}
	switch {
	case a.op == findGadgets:
		if text := compareGadgets(d.model.gadgets, matched, found); text != "" {
			return mismatch("%s", text)
		}
		return nil, breachOf(d.at.id, found)
	case n >= 0 && n != int64(len(matched)):
		return mismatch("%d rows changed, not %d", n, len(matched))
	}
	d.model.become(next)
	return nil, nil
}

// apply does the act in the model, and returns the ids of the rows that it is about, in their order.
func (a gadgetAct) apply(s *store, shape shapeOf) (ids []int64) {
	for id, g := range s.gadgets {
		if g.rank != nil && *g.rank >= a.from {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(x, y int64) int {
		return cmp.Or(cmp.Compare(*s.gadgets[y].rank, *s.gadgets[x].rank), cmp.Compare(x, y))
	})
	switch a.op {
	case putGadget:
		g := a.row(shape)
		if old, there := s.gadgets[a.id]; there && shape == ranked && a.tag == "" {
			g.tag = old.tag // of which the row says nothing
		}
		s.gadgets[a.id] = g
	case setGadgets, unitGadgets:
		for _, id := range ids {
			s.gadgets[id] = gadget{rank: a.rank, tag: a.tag}
		}
	case addGadgets:
		for _, id := range ids {
			s.gadgets[id] = gadget{rank: new(*s.gadgets[id].rank / 2), tag: s.gadgets[id].tag}
		}
	case dropGadgets:
		for _, id := range ids {
			delete(s.gadgets, id)
		}
	}
	return ids
}

// row is what a put makes of a row, in the model.
func (a gadgetAct) row(shape shapeOf) gadget {
	switch {
	case shape == worded:
		return gadget{word: new(a.tag)}
	case shape == narrow:
		return gadget{}
	case a.tag == "":
		return gadget{rank: a.rank, tag: noTag}
	}
	return gadget{rank: a.rank, tag: a.tag}
}

// call does the act in the library; n is below zero where rows are not counted.
func (a gadgetAct) call(d *desk) (found []Gadget, n int64, err error) {
	own := Gadgets.In(d.scope)
	from := gadgetRank.Ge(a.from)
	switch a.op {
	case putGadget:
		g := Gadget{ID: a.id, Canary: canary(d.at.id)}
		a.fill(&g, shapeFor(d.at.id))
		return nil, -1, own.Upsert(d.ctx, &g)
	case setGadgets:
		rank := gadgetRank.SetNull()
		if a.rank != nil {
			rank = gadgetRank.Set(*a.rank)
		}
		n, err = own.UpdateWhere(d.ctx, from, rank, gadgetTag.Set(a.tag))
	case unitGadgets:
		return nil, -1, a.flush(d)
	case addGadgets:
		n, err = own.UpdateWhere(d.ctx, from, gadgetRank.SetTo(rowhouse.Div(gadgetRank, rowhouse.Literal[Gadget](int64(2)))))
	case dropGadgets:
		n, err = own.DeleteWhere(d.ctx, from)
	default:
		found, err = own.Where(from).OrderBy(gadgetRank.Desc(), gadgetID.Asc()).All(d.ctx)
	}
	return found, n, err
}

// flush does what setGadgets does, by a unit of work.
func (a gadgetAct) flush(d *desk) error {
	u := rowhouse.NewUnit(d.scope)
	rows, err := Gadgets.Unit(u).Load(d.ctx, Gadgets.In(d.scope).Where(gadgetRank.Ge(a.from)))
	for _, row := range rows {
		gadgetTag.Put(row, "")
		a.fill(row, ranked)
	}
	return errors.Join(err, u.Flush(d.ctx))
}

// fill puts the values into a row.
func (a gadgetAct) fill(g *Gadget, shape shapeOf) {
	if shape == worded {
		gadgetWord.Put(g, a.tag)
		return
	}
	if a.rank != nil {
		gadgetRank.Put(g, *a.rank)
	} else {
		gadgetRank.PutNull(g)
	}
	if a.tag != "" {
		gadgetTag.Put(g, a.tag)
	}
}

// breachOf reports a row that is another tenant's.
func breachOf(id string, rows []Gadget) error {
	for i := range rows {
		if rows[i].Canary != canary(id) {
			return fmt.Errorf("breach: a row of tenant %q has %q", id, rows[i].Canary)
		}
	}
	return nil
}

// compareGadgets says how rows that were read differ from those of the model.
func compareGadgets(want map[int64]gadget, ids []int64, rows []Gadget) string {
	if len(rows) != len(ids) {
		return fmt.Sprintf("%d rows, not %d: %s", len(rows), len(ids), show(rows))
	}
	for i := range rows {
		if got := gadgetOf(&rows[i]); rows[i].ID != ids[i] || show(got.texts()) != show(want[ids[i]].texts()) {
			return fmt.Sprintf("row %d is %d %s, not %d %s", i, rows[i].ID, show(got.texts()), ids[i], show(want[ids[i]].texts()))
		}
	}
	return ""
}

func gadgetOf(row *Gadget) (g gadget) {
	if v, is := gadgetRank.From(row); is {
		g.rank = &v
	}
	if v, is := gadgetWord.From(row); is {
		g.word = &v
	}
	g.tag, _ = gadgetTag.From(row)
	return g
}

func (g gadget) texts() []any { return []any{g.rank, g.word, g.tag} }

// gadgetsOf reads what a tenant has by the library, where others work on it as well.
func gadgetsOf(d *desk, into *store) error {
	rows, err := Gadgets.In(d.scope).All(d.ctx)
	for i := range rows {
		into.gadgets[rows[i].ID] = gadgetOf(&rows[i])
	}
	return errors.Join(err, breachOf(d.at.id, rows))
}

// compareGadgetTable compares the table of a tenant with the model, without the library.
func compareGadgetTable(ctx context.Context, s *suite, at *place, want *store) error {
	rows, err := readGadgets(ctx, s, at)
	if err != nil {
		return fmt.Errorf("looking behind tenant %q: %w", at.id, err)
	}
	if want == nil {
		return nil
	}
	if len(rows) != len(want.gadgets) {
		return fmt.Errorf("tenant %q has %d gadgets, not %d", at.id, len(rows), len(want.gadgets))
	}
	for id, g := range rows {
		if m, ok := want.gadgets[id]; !ok || show(m.texts()) != show(g.texts()) {
			return fmt.Errorf("tenant %q has the gadget %d %s, not %s", at.id, id, show(g.texts()), show(m.texts()))
		}
	}
	return nil
}

// readGadgets reads columns of a table of the tenant's own, or the documents of a shared one.
func readGadgets(ctx context.Context, s *suite, at *place) (map[int64]gadget, error) {
	db, err := s.look(ctx, at.database)
	if err != nil {
		return nil, err
	}
	names, kinds := []string{"id", "canary"}, []dialect.Kind{dialect.Int64, dialect.Text}
	switch shape := shapeFor(at.id); {
	case at.walled:
		names, kinds = append(names, "own", wall), append(kinds, dialect.JSON, dialect.Text)
	case shape == ranked:
		names, kinds = append(names, "rank", "tag"), append(kinds, dialect.Int64, dialect.Text)
	case shape == worded:
		names, kinds = append(names, "rank"), append(kinds, dialect.Text)
	}
	for i := range names {
		names[i] = s.engine.quoted(names[i])
	}
	rows, err := db.Query(ctx, &driver.Statement{
		Text: "SELECT " + strings.Join(names, ", ") + " FROM " + at.tables["gadget"], Columns: kinds,
	})
	if err != nil {
		return nil, err
	}
	list := map[int64]gadget{}
	for rows.Next() {
		id, whose, g, err := scanGadget(rows, at)
		if err == nil && whose == "" {
			continue
		}
		if err != nil || whose != canary(at.id) {
			return nil, errors.Join(fmt.Errorf("breach, or no row of tenant %q: %q", at.id, whose), err, rows.Close())
		}
		list[id] = g
	}
	return list, errors.Join(rows.Err(), rows.Close())
}

// scanGadget reads a row; whose is its canary, or "" for a row of another tenant in a shared table.
func scanGadget(rows driver.Rows, at *place) (id int64, whose string, g gadget, err error) {
	shape := shapeFor(at.id)
	if !at.walled {
		dest := [][]any{ranked: {&g.rank, &g.tag}, worded: {&g.word}, narrow: nil}[shape]
		err = rows.Scan(append([]any{&id, &whose}, dest...))
		return id, whose, g, err
	}
	var document *string
	var tenant string
	if err = rows.Scan([]any{&id, &whose, &document, &tenant}); err != nil || tenant != at.id {
		return id, "", g, err
	}
	text := "{}"
	if document != nil {
		text = *document
	}
	switch shape {
	case ranked:
		var v struct {
			Rank *int64  `json:"rank"`
			Tag  *string `json:"tag"`
		}
		err = json.Unmarshal([]byte(text), &v)
		if g.rank, g.tag = v.Rank, noTag; v.Tag != nil {
			g.tag = *v.Tag
		}
	case worded:
		var v struct {
			Rank *string `json:"rank"`
		}
		err = json.Unmarshal([]byte(text), &v)
		g.word = v.Rank
	}
	return id, whose, g, err
}
