package isolation

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"testing"

	"github.com/rowhouse/rowhouse"
)

// place is where a tenant's tables must be, by this package's own reckoning.
type place struct {
	id       string
	kind     rowhouse.PlacementKind
	database string            // as drivers are asked for it
	tables   map[string]string // logical name → full, quoted name
	walled   bool
}

// wall is the discriminator's column.
const wall = "tenant_id"

// tables are the logical names, those that refer to others first.
var tables = []string{"case_peer", "link", "b_case", "case", "gadget"}

// place reckons where a tenant's tables are.
func (e *engine) place(id string, p rowhouse.Placement) *place {
	at := &place{id: id, kind: p.Kind, tables: map[string]string{}, walled: p.Kind == rowhouse.InShared}
	schema, prefix := e.home, ""
	name := e.fitted(strings.ReplaceAll(p.Name, "{tenant}", slug(id)))
	switch p.Kind {
	case rowhouse.InPrefix:
		prefix = slug(id) + "_"
	case rowhouse.InSchema:
		if schema = name; e.filed {
			at.database, schema = name, e.home
		}
	case rowhouse.InDatabase:
		if at.database = name; e.homonym {
			schema = name
		}
	}
	for _, table := range tables {
		at.tables[table] = e.quoted(schema) + "." + e.quoted(e.fitted(prefix+table))
	}
	return at
}

// slug spells an id with lower-case letters, digits, hyphens and pairs of underscores; any other
// byte is a dollar sign and its number.
func slug(id string) string {
	var s strings.Builder
	for _, c := range []byte(id) {
		switch {
		case strings.IndexByte("abcdefghijklmnopqrstuvwxyz0123456789-", c) >= 0:
			s.WriteByte(c)
		case c == '_':
			s.WriteString("__")
		default:
			fmt.Fprintf(&s, "$%02x", c)
		}
	}
	return s.String()
}

// fitted ends a name that is too long in a tilde and 80 bits of its SHA-256, in base 32.
func (e *engine) fitted(name string) string {
	if len(name) <= e.longest {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	hash := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
	return name[:e.longest-len(hash)-1] + "~" + hash
}

func (e *engine) quoted(name string) string {
	return e.quote + strings.ReplaceAll(name, e.quote, e.quote+e.quote) + e.quote
}

// collisions returns two tenants that have a table in common, in any case folding, if there are
// any who should not.
func collisions(places []*place) error {
	owner := map[string]*place{}
	for _, at := range places {
		for _, name := range at.tables {
			key := strings.ToLower(at.database + " " + name)
			if other := owner[key]; other != nil && (!other.walled || !at.walled) {
				return fmt.Errorf("tenants %q and %q both have %s in database %q", other.id, at.id, name, at.database)
			}
			owner[key] = at
		}
	}
	return nil
}

// resident is a tenant of the proof, with the pattern of its placement.
type resident struct {
	id        string
	placement rowhouse.Placement
}

// residents are several tenants for each placement. Their ids collide wherever names are joined,
// folded, cut or compared without care.
func (e *engine) residents() (list []resident) {
	long := strings.Repeat("x", 62)
	in := func(p rowhouse.Placement, ids ...string) {
		for _, id := range ids {
			list = append(list, resident{id, p})
		}
	}
	in(rowhouse.Prefix(), "42", "a", "a_b", "Acme", "acme", long+"y", long+"z")
	in(rowhouse.Schema(e.prefix+"s_{tenant}"), "A", "a-b", "a__b", "Ünïcode", strings.Repeat("é", 31))
	in(rowhouse.Database(e.prefix+"d_{tenant}"), "B_case", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "ACME")
	in(rowhouse.Shared(), "b_case", "B", "b", "ß", "ss", `it's "q" 100%`, "01b4e3a0-7c1d-4f0e-9c69-000000000001", long+"Y")
	return list
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, e := range []*engine{sqliteEngine(), postgresEngine(), mariaDBEngine("t_home")} {
		var places []*place
		for _, r := range e.residents() {
			places = append(places, e.place(r.id, r.placement))
		}
		if err := collisions(places); err != nil {
			t.Errorf("%s: %v", e.name, err)
		}
	}
}
