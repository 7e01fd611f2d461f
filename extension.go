package rowhouse

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// Extension describes a column that a tenant has of its own, beside those of a model's struct. fleet's
// Extend makes it, and the catalog keeps it in the tenant's [Entry].
type Extension struct {
	// Model is the model's name.
	Model string

	// Name is what programs call the column ([ExtraCol]): letters, digits and underscores, and no
	// column of the model.
	Name string

	// Column is what it is called in the tenant's table, or its key in the document that it is in
	// where tables are shared. It stays when the column is renamed.
	Column string

	// Type is the column's type. It is of every kind but Other, and a decimal has a precision.
	Type dialect.Type

	// Default is the value of rows that were given none, those too that are there already: a bool, a
	// number or a text, a decimal as text. A column with a default has no NULL, and one without has.
	Default any

	// Index has the column be indexed. In shared tables it is refused: the index would be everybody's.
	Index bool

	// State is [Active]; or [Provisioning] and [Dropping] while fleet makes or removes the column,
	// when programs do not see it.
	State State
}

// extensionJSON is an Extension as catalogs keep it.
type extensionJSON struct {
	Model     string          `json:"model"`
	Name      string          `json:"name"`
	Column    string          `json:"column"`
	Kind      string          `json:"kind"`
	Size      int             `json:"size,omitempty"`
	Precision int             `json:"precision,omitempty"`
	Scale     int             `json:"scale,omitempty"`
	Default   json.RawMessage `json:"default,omitempty"`
	Index     bool            `json:"index,omitempty"`
	State     State           `json:"state"`
}

// MarshalJSON writes the extension for a catalog to keep.
func (x Extension) MarshalJSON() ([]byte, error) {
	n := extensionJSON{
		Model: x.Model, Name: x.Name, Column: x.Column, Kind: x.Type.Kind.String(), Size: x.Type.Size,
		Precision: x.Type.Precision, Scale: x.Type.Scale, Index: x.Index, State: x.State,
	}
	if x.Default != nil {
		own, err := x.own()
		if err != nil {
			return nil, err
		}
		n.Default = model.Encode(own.Default)
	}
	return json.Marshal(n)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (x *Extension) UnmarshalJSON(text []byte) error {
	var n extensionJSON
	if err := json.Unmarshal(text, &n); err != nil {
		return err
	}
	kind, ok := dialect.ParseKind(n.Kind)
	if !ok {
		return fmt.Errorf("rowhouse: column %q of model %q is of a kind %q, which is none", n.Name, n.Model, n.Kind)
	}
	*x = Extension{
		Model: n.Model, Name: n.Name, Column: n.Column, Index: n.Index, State: n.State,
		Type: dialect.Type{Kind: kind, Size: n.Size, Precision: n.Precision, Scale: n.Scale},
	}
	var err error
	x.Default, err = model.Decode(kind, n.Default)
	return err
}

// Equal reports whether two extensions describe the same column, whatever state it is in.
func (x Extension) Equal(y Extension) bool {
	a, errA := x.own()
	b, errB := y.own()
	return errA == nil && errB == nil && x.Model == y.Model && x.Name == y.Name && x.Type == y.Type &&
		x.Index == y.Index && a.Default == b.Default
}

// SQL describes the column for those who make it.
func (x Extension) SQL() (dialect.Column, error) {
	own, err := x.own()
	if err != nil {
		return dialect.Column{}, err
	}
	column := dialect.Column{
		Name: own.Column, Type: x.Type, Null: own.Default == nil, Keyed: x.Index || own.Default != nil,
	}
	if own.Default != nil {
		column.Default = model.Literal(own.Default)
	}
	return column, nil
}

// IndexName is the logical name of the column's index.
func (x Extension) IndexName() string { return x.Model + "_" + x.column() + "_idx" }

func (x Extension) column() string {
	if x.Column == "" {
		return x.Name
	}
	return x.Column
}

// own is the extension as models have it, or what is wrong with it.
func (x Extension) own() (model.OwnColumn, error) {
	c := model.OwnColumn{Name: x.Name, Column: x.column(), Type: x.Type}
	wrong := func(format string, args ...any) (model.OwnColumn, error) {
		return c, fmt.Errorf("the column %q of model %q %s", x.Name, x.Model, fmt.Sprintf(format, args...))
	}
	t := x.Type
	switch problem := model.BadColumn(x.Name); {
	case problem != "":
		return wrong("has a name that %s", problem)
	case model.BadColumn(c.Column) != "":
		return wrong("has a name in the table that %s", model.BadColumn(c.Column))
	case t.Kind == dialect.Other || t.Raw != "":
		return wrong("is of a type of one engine; it is of every kind but Other")
	case t.Kind == dialect.Decimal && (t.Precision < 1 || t.Precision > maxPrecision || t.Scale < 0 || t.Scale > min(t.Precision, maxScale)):
		return wrong("is a decimal: it has a precision of 1 to %d digits in all, and a scale of at most %d of them after the point",
			maxPrecision, maxScale)
	case t.Kind != dialect.Decimal && (t.Precision != 0 || t.Scale != 0):
		return wrong("is %s, which has no precision and no scale", t.Kind)
	case t.Size < 0 || t.Size > 0 && t.Kind != dialect.Text && t.Kind != dialect.Bytes:
		return wrong("has a size of %d, which is for text and bytes", t.Size)
	case x.Default == nil:
		return c, nil
	}
	switch t.Kind {
	case dialect.Bytes, dialect.Time, dialect.UUID, dialect.JSON:
		return wrong("is %s, which has no default: that is for bools, numbers and texts", t.Kind)
	}
	arg, err := model.ArgOfAny(x.Default)
	if n, number := arg.Value.(int64); number && err == nil && (t.Kind == dialect.Float32 || t.Kind == dialect.Float64) {
		arg.Value = float64(n)
	}
	if err == nil {
		c.Default, err = c.Fit(arg.Value)
	}
	if err != nil {
		return wrong("has a default that it cannot have: %v", err)
	}
	return c, nil
}

// The digits of a decimal that every engine keeps.
const (
	maxPrecision = 65
	maxScale     = 30
)

// checkExtensions says what is wrong with the columns that a tenant has of its own, where they meet
// the models that this program has: it is why the tenant cannot be used.
func (db *DB) checkExtensions(list []Extension) error {
	taken := map[[2]string]string{}
	for _, x := range list {
		m := db.modelNamed(x.Model)
		if m == nil {
			continue // another program's
		}
		if _, err := x.own(); err != nil {
			return err
		}
		for i, name := range []string{x.Name, x.column()} {
			if what := db.taken(m, name); what != "" {
				return fmt.Errorf("%w: %q in model %q is %s", ErrCollision, name, x.Model, what)
			}
			// Names, and columns, are compared with those of their own sort.
			key := [2]string{x.Model + [...]string{".", ":"}[i], strings.ToLower(name)}
			if other, is := taken[key]; is {
				return fmt.Errorf("%w: %q in model %q is %q already", ErrCollision, name, x.Model, other)
			}
			taken[key] = x.Name
		}
		if x.Index && db.objects[strings.ToLower(x.IndexName())] {
			return fmt.Errorf("%w: the index %q of the column %q has the name of a table, an index or a constraint of the models",
				ErrCollision, x.IndexName(), x.Name)
		}
	}
	return nil
}

// taken says what of the model has that name, or "".
func (db *DB) taken(s *model.Struct, name string) string {
	for i := range s.Fields {
		if strings.EqualFold(s.Fields[i].Column, name) {
			return "field " + s.Fields[i].Name
		}
	}
	switch {
	case s.Slot != nil && strings.EqualFold(name, s.Slot.Document):
		return "the document of tenants' own columns in shared tables"
	case strings.EqualFold(name, db.o.Discriminator):
		return "the discriminator of shared tables"
	case db.d.Reserved(dialect.ColumnObject, name):
		return "a column that the engine gives every table"
	}
	return ""
}

func (db *DB) modelNamed(name string) *model.Struct {
	for _, m := range db.o.Models {
		if m.Name() == name {
			return m.compiled()
		}
	}
	return nil
}

// Extensions returns the columns that the tenant has of its own in a model, as far as this process
// knows, sorted by name.
func (t *Tenant) Extensions(m AnyModel) []Extension {
	h := t.house.Load()
	if h.shape == nil {
		return nil
	}
	return slices.Clone(h.shape.of[m.Name()])
}
