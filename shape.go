package rowhouse

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"unsafe"
	"weak"

	"github.com/maypok86/otter/v2"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// shape is what a group of tenants has beside the models: columns of their own. All tenants that have
// the same share one. It is immutable.
type shape struct {
	of      map[string][]Extension // by model, sorted by name
	columns map[*model.Struct][]model.OwnColumn
	own     map[string]*dialect.Shape // where each is in tables of a tenant's own
	walled  map[string]*dialect.Shape // and in shared ones
}

// shapes finds the one shape of that content. It keeps none alive: those are alive that tenants in
// the registry have, or mappings.
type shapes struct {
	mu    sync.Mutex
	known map[string]weak.Pointer[shape]

	// mappings are the models as tenants of a shape have them. Which are used stay; one that is gone
	// is made again.
	mappings *otter.Cache[shaped, *mapping]
}

// shaped is a model, for tenants of a shape.
type shaped struct {
	model  *model.Struct
	shape  *shape
	walled bool
}

// maxShaped bounds the mappings of shapes, some tens of kilobytes each.
const maxShaped = 4096

func newShapes() *shapes {
	return &shapes{
		known:    map[string]weak.Pointer[shape]{},
		mappings: otter.Must(&otter.Options[shaped, *mapping]{MaximumSize: maxShaped}),
	}
}

// shapeOf returns the shape of tenants with these columns of their own, nil without any. Columns that
// are still being made, or removed, are not there.
func (db *DB) shapeOf(list []Extension) (*shape, error) {
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // no columns are no shape
	}
	if err := db.checkExtensions(list); err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(slices.Clone(list), func(x Extension) bool {
		m := db.modelNamed(x.Model)
		return x.State != Active || m == nil || m.Slot == nil
	})
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // no columns are no shape
	}
	slices.SortFunc(list, func(a, b Extension) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.Name, b.Name))
	})
	content, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	return db.shapes.intern(string(content), func() (*shape, error) { return db.newShape(list) })
}

func (s *shapes) intern(content string, fresh func() (*shape, error)) (*shape, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.known[content].Value(); known != nil {
		return known, nil
	}
	h, err := fresh()
	if err != nil {
		return nil, err
	}
	kept := weak.Make(h)
	s.known[content] = kept
	runtime.AddCleanup(h, func(content string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.known[content] == kept {
			delete(s.known, content)
		}
	}, content)
	return h, nil
}

func (db *DB) newShape(list []Extension) (*shape, error) {
	h := &shape{
		of: map[string][]Extension{}, columns: map[*model.Struct][]model.OwnColumn{},
		own: map[string]*dialect.Shape{}, walled: map[string]*dialect.Shape{},
	}
	for _, x := range list {
		c, err := x.own()
		if err != nil {
			return nil, err
		}
		m := db.modelNamed(x.Model)
		h.of[x.Model] = append(h.of[x.Model], x)
		h.columns[m] = append(h.columns[m], c)
		if h.own[x.Model] == nil {
			h.own[x.Model], h.walled[x.Model] = &dialect.Shape{}, &dialect.Shape{Document: m.Slot.Document}
		}
		column := dialect.ShapeColumn{Name: c.Name, Column: c.Column, Type: c.Type}
		h.own[x.Model].Columns = append(h.own[x.Model].Columns, column)
		if c.Default != nil {
			column.Default = literal(dialect.Arg{Value: c.Default, Kind: c.Type.Kind})
		}
		h.walled[x.Model].Columns = append(h.walled[x.Model].Columns, column)
	}
	return h, nil
}

// shapes says where those who live in the house have columns of their own.
func (h *house) shapes() map[string]*dialect.Shape {
	switch {
	case h.shape == nil:
		return nil
	case h.walled:
		return h.shape.walled
	}
	return h.shape.own
}

// mappingOf returns a model's mapping for those who live in a house.
func (db *DB) mappingOf(s *model.Struct, h *house) (*mapping, error) {
	maps, ok := db.mappings[s]
	if !ok {
		return nil, invalid("model %q is not among Options.Models", s.Table.Name)
	}
	base := maps.open
	if h.walled {
		base = maps.walled
	}
	if h.shape == nil || s.Table.Common {
		return base, nil
	}
	key := shaped{s, h.shape, h.walled}
	if m, ok := db.shapes.mappings.GetIfPresent(key); ok {
		return m, nil
	}
	m, err := base.shaped(h.shape) // outside of any lock: two may make it, and either is as good
	if err != nil {
		return nil, fmt.Errorf("rowhouse: model %q with columns of a tenant's own: %w", s.Table.Name, err)
	}
	db.shapes.mappings.Set(key, m)
	return m, nil
}

// shaped is the mapping for tenants of a shape. Of a model that they have no columns of their own in,
// only what other models have is to be known.
func (m *mapping) shaped(h *shape) (*mapping, error) {
	n := *m
	n.set.Shapes = h.own
	if m.set.Wall != "" {
		n.set.Shapes = h.walled
	}
	columns := h.columns[m.s]
	if len(columns) == 0 {
		return &n, nil
	}
	n.s = m.s.Shaped(columns, m.set.Wall != "")
	n.columns, n.kinds = nil, nil
	n.list()
	return &n, n.render()
}

// document is the mapping's document of columns of the tenant's own.
func (m *mapping) document() dialect.Expr { return m.column(m.s.Document()) }

// merged is the document with the values of another.
func merged(document, with dialect.Expr) dialect.Expr {
	return dialect.Func{Name: dialect.JSONMerge, Kind: dialect.JSON, Args: []dialect.Expr{document, with}}
}

// shape is the model's own, in the mapping.
func (m *mapping) shape() *dialect.Shape { return m.set.Shapes[m.s.Table.Name] }

// settleOwn has assignments to columns of a tenant's own say where these are. In a document they
// become one, of the document as a whole.
func (m *mapping) settleOwn(assigns []dialect.Assign, own []string) ([]dialect.Assign, error) {
	var settled []dialect.Assign
	at := -1 // of the document's
	for i, a := range assigns {
		if own[i] == "" {
			settled = append(settled, a)
			continue
		}
		c, value, err := m.ownValue(own[i], a.Value)
		switch {
		case err != nil:
			return nil, err
		case m.shape().Document == "":
			settled = append(settled, dialect.Assign{Column: c.Column, Value: value})
			continue
		case at < 0:
			at = len(settled)
			settled = append(settled, dialect.Assign{Column: m.shape().Document, Value: m.document()})
		}
		settled[at].Value = m.shape().Key(dialect.JSONSet, c, settled[at].Value, value)
	}
	return settled, nil
}

// ownValue is the column of a tenant's own of that name, and the value as it can have it.
func (m *mapping) ownValue(name string, value dialect.Expr) (*dialect.ShapeColumn, dialect.Expr, error) {
	c, _ := m.s.Own(name)
	if c == nil {
		return nil, nil, ofExtra(&dialect.ExtraError{Extra: dialect.Extra{Table: m.s.Table.Name, Name: name}})
	}
	if arg, constant := value.(dialect.Arg); constant {
		switch {
		case !model.SameFamily(arg.Kind, c.Type.Kind):
			return nil, nil, ofExtra(&dialect.ExtraError{
				Extra: dialect.Extra{Table: m.s.Table.Name, Name: name, Kind: arg.Kind}, Has: c.Type.Kind,
			})
		case arg.Value == nil && c.Default != nil:
			return nil, nil, &StatementError{Reason: ErrNull, Column: name, message: "a column with a default has no NULL"}
		case arg.Value != nil:
			fitted, err := c.Fit(arg.Value)
			if err != nil {
				return nil, nil, unfit(err)
			}
			arg.Value = fitted
		}
		arg.Kind = c.Type.Kind
		return m.shape().Column(name), arg, nil
	}
	return m.shape().Column(name), narrowed(value, c.Type.Kind), nil
}

func (s *shapes) close() { s.mappings.StopAllGoroutines() }

// assignOwn gives a column of a tenant's own the value that a row has.
func (m *mapping) assignOwn(name string, row unsafe.Pointer) (dialect.Assign, error) {
	c, at := m.s.Own(name)
	switch {
	case c == nil:
		return dialect.Assign{}, ofExtra(&dialect.ExtraError{Extra: dialect.Extra{Table: m.s.Table.Name, Name: name}})
	case at >= 0:
		return m.assign(at), nil
	}
	patch, err := m.s.Patch(row, name)
	if err != nil {
		return dialect.Assign{}, unfit(err)
	}
	document := m.s.Fields[m.s.Document()].Column
	return dialect.Assign{Column: document, Value: merged(m.document(), dialect.Arg{Value: patch, Kind: dialect.JSON})}, nil
}

// addOwn adds such an assignment to others. Those to a document become one.
func (m *mapping) addOwn(set []dialect.Assign, own dialect.Assign) []dialect.Assign {
	for i := range set {
		if f, ok := own.Value.(dialect.Func); ok && set[i].Column == own.Column && f.Name == dialect.JSONMerge {
			set[i].Value = merged(set[i].Value, f.Args[1])
			return set
		}
	}
	return append(set, own)
}

// rawColumns are the mapping's columns for raw SQL: those of a tenant's own as a table of its own would
// have them, in place of the document.
func (m *mapping) rawColumns() []dialect.Expr {
	at := m.s.Document()
	if at < 0 {
		return m.columns
	}
	columns := slices.Delete(slices.Clone(m.columns), at, at+1)
	for _, c := range m.shape().Columns {
		own := dialect.Extra{Table: m.ref.Name, Name: c.Name, Kind: c.Type.Kind}
		columns = append(columns, dialect.Named{Operand: own, As: c.Column})
	}
	return columns
}
