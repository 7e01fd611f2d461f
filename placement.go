package rowhouse

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rowhouse/rowhouse/dialect"
)

// PlacementKind is how a tenant's rows are kept apart from other tenants'.
type PlacementKind = dialect.PlaceKind

// The kinds of placement.
const (
	InPrefix   = dialect.Prefix
	InSchema   = dialect.Schema
	InDatabase = dialect.Database
	InShared   = dialect.Shared
)

// Placement says where a tenant's rows live. In [Options.Placement] it is a pattern for new
// tenants; in an [Entry] it is one tenant's own, with {tenant} filled in. The zero Placement is
// [Prefix].
type Placement struct {
	Kind PlacementKind
	Name string // the schema's or the database's name; empty for the other kinds
}

// Prefix gives a tenant its own tables in the home schema, named {tenant}_{model}: 42_case.
func Prefix() Placement { return Placement{Kind: InPrefix} }

// Schema gives a tenant its own schema. In name, {tenant} stands for the tenant's id. On MySQL
// and MariaDB a schema is a database of the same server; on SQLite it is a file of its own beside
// the home file.
func Schema(name string) Placement { return Placement{Kind: InSchema, Name: name} }

// Database gives a tenant its own database. In name, {tenant} stands for the tenant's id. What a
// name means is the driver's to say: another database on the same server or, on SQLite, a file;
// with the driver's WithConnect, whatever the application makes of it, on any server.
func Database(name string) Placement { return Placement{Kind: InDatabase, Name: name} }

// Shared puts a tenant's rows into tables that it shares with others, walled by a discriminator
// column ([Options.Discriminator]) in every statement and in every key.
func Shared() Placement { return Placement{Kind: InShared} }

// Key is what no two tenants may share: a catalog of the application's own puts a unique index
// on it. Names are in lower case, and schemas and databases of one name count as the same, since
// on some engines they are. id is the tenant's.
func (p Placement) Key(id string) string {
	switch p.Kind {
	case InSchema, InDatabase:
		return "own:" + strings.ToLower(p.Name)
	case InShared:
		return "shared:" + id
	}
	return "prefix:" + dialect.Slug(id)
}

// String describes the placement.
func (p Placement) String() string {
	if p.Name == "" {
		return p.Kind.String()
	}
	return p.Kind.String() + " " + p.Name
}

const tenantSlot = "{tenant}"

// maxTenant is the longest tenant id, in bytes: a UUID with some words before it. It keeps the
// discriminator narrow enough for every engine's keys.
const maxTenant = 63

// CheckTenant returns a [*TenantError] for an id that no tenant can have: empty, longer than 63
// bytes, not UTF-8, with control characters, or with spaces at its ends.
func CheckTenant(id string) error {
	if isPlain(id) {
		return nil
	}
	var problem string
	switch {
	case id == "":
		problem = "the id is empty"
	case len(id) > maxTenant:
		problem = fmt.Sprintf("the id has %d bytes; %d are the most", len(id), maxTenant)
	case !utf8.ValidString(id):
		problem = "the id is not UTF-8"
	case strings.TrimSpace(id) != id:
		problem = "the id begins or ends with a space"
	case strings.ContainsFunc(id, unicode.IsControl):
		problem = "the id has a control character in it"
	default:
		return nil
	}
	return &TenantError{Tenant: id, Reason: ErrUnknownTenant, advice: problem}
}

// isPlain reports an id that is beyond doubt: most are.
func isPlain(id string) bool {
	for i := range len(id) {
		if c := id[i]; c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return id != "" && len(id) <= maxTenant
}

// For returns the tenant's own placement by this pattern: {tenant} in its name is replaced by
// the tenant's slug, which is injective, and a name too long for the dialect is shortened with a
// hash. The error is a [*TenantError] that wraps [ErrPlacement].
func (p Placement) For(d dialect.Dialect, tenant string) (Placement, error) {
	if err := CheckTenant(tenant); err != nil {
		return p, err
	}
	if p.Kind == 0 && p.Name == "" {
		p.Kind = InPrefix
	}
	refuse := func(format string, args ...any) (Placement, error) {
		return p, &TenantError{Tenant: tenant, Reason: ErrPlacement, advice: fmt.Sprintf(format, args...)}
	}
	named := p.Kind == InSchema || p.Kind == InDatabase
	switch {
	case !named && p.Kind != InPrefix && p.Kind != InShared:
		return refuse("kind %d is none", p.Kind)
	case named && p.Name == "":
		return refuse("a %s needs a name, such as t_{tenant}", p.Kind)
	case !named && p.Name != "":
		return refuse("a %s has no name of its own; %q was given", p.Kind, p.Name)
	case !named:
		return p, nil
	}
	name := strings.ReplaceAll(p.Name, tenantSlot, dialect.Slug(tenant))
	if strings.ContainsFunc(name, unicode.IsControl) {
		return refuse("the name %q has a control character in it", name)
	}
	if p.Name != name || len(name) > d.MaxName() {
		name = string(d.AppendName(nil, "", name))
	}
	if d.Reserved(dialect.SchemaObject, name) {
		return refuse("%s %q belongs to the engine; choose another name", p.Kind, name)
	}
	p.Name = name
	return p, nil
}
