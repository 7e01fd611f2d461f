package dialect

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what the library itself does with a column's values. It changes nothing in the database.
type Role uint8

// The roles, with the words that tags have for them.
const (
	RoleNone       Role = iota // "": the application's own values
	RoleMade                   // auto, of a UUID or a text: a key that is made as a UUIDv7
	RoleCreated                // created: a time that an insert sets
	RoleUpdated                // updated: a time that every insert and update sets
	RoleLock                   // lock: the version that every update counts up
	RoleSoftDelete             // softdelete: the time of deletion
)

var roleNames = []string{"", "made", "created", "updated", "lock", "softdelete"}

// String returns the role's name.
func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("role(%d)", r)
}

// MarshalText returns the role's name, so that tables can be written down as JSON.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (r *Role) UnmarshalText(text []byte) error {
	at := slices.Index(roleNames, string(text))
	if at < 0 {
		return fmt.Errorf("dialect: %q is no role; there are %s", text, strings.Join(roleNames[1:], ", "))
	}
	*r = Role(at)
	return nil
}
