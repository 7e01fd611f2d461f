package dialect

import (
	"fmt"
	"strings"
)

// Kind is what a value means, the same on every engine. Each dialect has its own name for it.
type Kind uint8

// The kinds, with the names that tags use for them (see [ParseKind]).
const (
	Other   Kind = iota // a type of one engine, named in full by [Type.Raw]
	Bool                // bool
	Int16               // int16
	Int32               // int32
	Int64               // int64
	Float32             // float32
	Float64             // float64
	Decimal             // decimal: exact, with a precision and a scale
	Text                // text, or a varchar when a size is given
	Bytes               // bytes
	Time                // time: an instant in microseconds, in UTC
	UUID                // uuid: sixteen bytes
	JSON                // json
)

var kindNames = [...]string{
	Other: "other", Bool: "bool", Int16: "int16", Int32: "int32", Int64: "int64",
	Float32: "float32", Float64: "float64", Decimal: "decimal", Text: "text",
	Bytes: "bytes", Time: "time", UUID: "uuid", JSON: "json",
}

// String returns the kind's name in tags.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", k)
}

// ParseKind returns the kind that a tag names; ok is false for a name that is none.
func ParseKind(name string) (k Kind, ok bool) {
	for i, n := range kindNames {
		if n == name && Kind(i) != Other {
			return Kind(i), true
		}
	}
	return Other, false
}

// MarshalText returns the kind's name, so that tables can be written down as JSON.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (k *Kind) UnmarshalText(text []byte) error {
	if string(text) == Other.String() {
		*k = Other
		return nil
	}
	kind, ok := ParseKind(string(text))
	if !ok {
		return fmt.Errorf("dialect: %q is no kind; there are %s", text, strings.Join(kindNames[:], ", "))
	}
	*k = kind
	return nil
}

// Type is a column's type: a kind and what bounds it. The zero Size, Precision and Scale leave
// the bound to the engine.
type Type struct {
	Kind      Kind   `json:"kind"`
	Size      int    `json:"size,omitempty"`      // characters of Text, bytes of Bytes
	Precision int    `json:"precision,omitempty"` // digits of a Decimal in all
	Scale     int    `json:"scale,omitempty"`     // digits of a Decimal after the point
	Raw       string `json:"raw,omitempty"`       // the engine's own words, when Kind is Other
}
