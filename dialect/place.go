package dialect

// PlaceKind is how a tenant's rows are kept apart from other tenants'.
type PlaceKind uint8

// The kinds of place.
const (
	Prefix   PlaceKind = iota + 1 // own tables in a shared schema, named by tenant: 42_case
	Schema                        // own schema
	Database                      // own database, possibly on another server
	Shared                        // shared tables with a discriminator column
)

var placeNames = [...]string{"", "prefix", "schema", "database", "shared"}

// String returns the kind's name, as the catalog stores it.
func (k PlaceKind) String() string {
	if int(k) < len(placeNames) {
		return placeNames[k]
	}
	return ""
}

// ParsePlaceKind is the inverse of [PlaceKind.String].
func ParsePlaceKind(name string) (k PlaceKind, ok bool) {
	for i, n := range placeNames {
		if i > 0 && n == name {
			return PlaceKind(i), true
		}
	}
	return 0, false
}

// Names fills a text's table slots for one tenant: what stands before the name, and what the
// name begins with. It is all that a statement needs to know of a tenant's tables.
type Names struct {
	Qualifier string // quoted and with its dot: "acme". ; made by [Qualify]
	Prefix    string // unquoted: 42_ ; empty unless the place is a Prefix
}

// Qualify returns the quoted schema with its dot, or "" for none.
func Qualify(d Dialect, schema string) string {
	if schema == "" {
		return ""
	}
	return Quote(d, schema) + "."
}

// Table returns the full, quoted name of an object of that logical name.
func (n Names) Table(d Dialect, object string) string {
	return string(n.append(nil, d, object))
}

func (n Names) append(dst []byte, d Dialect, object string) []byte {
	q := d.QuoteMark()
	dst = append(dst, n.Qualifier...)
	dst = append(dst, q)
	dst = d.AppendName(dst, n.Prefix, object)
	return append(dst, q)
}

// Quote returns an identifier quoted as the dialect does, its own quotation marks doubled.
func Quote(d Dialect, name string) string { return string(AppendQuoted(nil, d.QuoteMark(), name)) }

// AppendQuoted appends an identifier between quotation marks, those inside it doubled.
func AppendQuoted(dst []byte, mark byte, name string) []byte {
	dst = append(dst, mark)
	for i := range len(name) {
		if name[i] == mark {
			dst = append(dst, mark)
		}
		dst = append(dst, name[i])
	}
	return append(dst, mark)
}
