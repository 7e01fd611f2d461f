package fleet

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
)

// Which tenants are in which part of a view is nowhere recorded: it follows from their ids, and from
// which parts there are. A tenant's hash says where it belongs, as in an extendible hash table: with
// one part all are in 1; when that is too large, it keeps those whose lowest bit is 0, and the
// others go to 2; when 2 is too large, it keeps half and the others go to 4, and so on. A part stays,
// with its number, for as long as it has tenants, so a tenant that comes or goes changes one part, or
// one that is split.

// arm is a table in a view.
type arm struct {
	tenant  string // whose it is
	shared  bool   // it is the one that tenants share
	tenants []string
	place   uint64 // the hash
	schema  string
	names   dialect.Names
}

// placeOf is where a tenant belongs. It must never change: parts would be laid out anew.
func placeOf(tenant string) uint64 {
	sum := sha256.Sum256([]byte(tenant))
	return binary.LittleEndian.Uint64(sum[:])
}

// members are the tenants whose rows a view has, and those that it cannot have.
type members struct {
	arms   []*arm
	shared *arm // the shared tables, if there are tenants in them
	left   []Failure
}

// members lists the tenants that are active or suspended, by the tables that they are in.
func (f *Fleet) members(ctx context.Context) (*members, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf(
		"the catalog could not be listed within %v while the views were locked; the home's pool needs two connections for that", patience))
	defer cancel()
	m := &members{}
	for e, err := range f.Tenants(ctx) {
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = errors.Join(cause, err)
			}
			return nil, err
		}
		if e.State == rowhouse.Active || e.State == rowhouse.Suspended {
			f.join(m, e)
		}
	}
	return m, nil
}

// join adds a tenant. A view reaches the tables of its own database only.
func (f *Fleet) join(m *members, e rowhouse.Entry) {
	house, err := f.db.House(e)
	if err == nil && house.Database != "" {
		err = fmt.Errorf("fleet: tenant %q has a database of its own, where a view cannot reach: %w", e.ID, rowhouse.ErrUnsupported)
	}
	switch {
	case err != nil:
		m.left = append(m.left, Failure{Tenant: e.ID, Err: err})
	case !house.Shared:
		m.arms = append(m.arms, &arm{
			tenant: e.ID, tenants: []string{e.ID}, place: placeOf(e.ID), schema: f.schemaOf(house), names: house.Names,
		})
	case m.shared == nil:
		m.shared = &arm{shared: true, schema: f.schemaOf(house), names: house.Names}
		fallthrough
	default:
		m.shared.tenants = append(m.shared.tenants, e.ID)
	}
}

// part is one of the views that a model's view is split into.
type part struct {
	number uint64
	arms   []*arm
	mark   string // what it is to carry
	anew   bool   // it has to be removed before it is made
	made   bool
}

// invokerPart is the part for shared tables that only some may read.
const invokerPart = 0

// divide splits arms into parts of at most size, and where parts stand already, into no fewer.
func divide(arms []*arm, standing []uint64, size int) []*part {
	parts := halve(nil, arms, standing, size, 0, 0)
	slices.SortFunc(parts, func(a, b *part) int { return cmp.Compare(a.number, b.number) })
	return parts
}

// halve splits the arms whose lowest bits are low. The numbers of the parts have these bits too, less
// one, and so are nobody else's.
func halve(parts []*part, arms []*arm, standing []uint64, size int, low uint64, bit int) []*part {
	if len(arms) == 0 {
		return parts
	}
	if len(arms) <= size && len(standing) < 2 || bit == maxBits {
		number := low + 1
		if len(standing) > 0 {
			number = standing[0]
		}
		return append(parts, &part{number: number, arms: arms})
	}
	var own [2][]*arm
	for _, a := range arms {
		half := a.place >> bit & 1
		own[half] = append(own[half], a)
	}
	var stand [2][]uint64
	for _, n := range standing {
		half := (n - 1) >> bit & 1
		stand[half] = append(stand[half], n)
	}
	parts = halve(parts, own[0], stand[0], size, low, bit+1)
	return halve(parts, own[1], stand[1], size, low|1<<bit, bit+1)
}

// maxBits is how often a part can be halved at most: numbers have less than 20 digits.
const maxBits = 62

// origin is the standing part that has a tenant, or 0 if none has.
func origin(place uint64, standing []uint64) uint64 {
	for bit := 0; len(standing) > 1; bit++ {
		standing = slices.DeleteFunc(slices.Clone(standing), func(n uint64) bool { return ((n-1)^place)>>bit&1 == 1 })
	}
	if len(standing) == 0 {
		return 0
	}
	return standing[0]
}

// viewPrefix begins the names of views. A model's name cannot begin so.
const viewPrefix = "rowhouse_all_"

// viewBase is what the names of a model's parts begin with; there is room behind it for a number.
func viewBase(d dialect.Dialect, model string) string {
	const room = 20
	return string(dialect.AppendFitted(nil, d.MaxName()-room, "", viewPrefix+model)) + "_"
}

// viewName is the name of a part, unquoted.
func viewName(d dialect.Dialect, model string, number uint64) string {
	return viewBase(d, model) + strconv.FormatUint(number, 10)
}

// numberOf reads a part's number from a name.
func numberOf(base, name string) (n uint64, ok bool) {
	if len(name) <= len(base) || !strings.EqualFold(name[:len(base)], base) {
		return 0, false
	}
	digits := name[len(base):]
	n, err := strconv.ParseUint(digits, 10, 63)
	return n, err == nil && strconv.FormatUint(n, 10) == digits
}
