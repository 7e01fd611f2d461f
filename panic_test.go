package rowhouse_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
)

// touchy is a value of JSON that panics when it is read as "ouch".
type touchy string

func (v *touchy) UnmarshalJSON(text []byte) error {
	if *v = touchy(text); *v == `"ouch"` {
		panic("touched")
	}
	return nil
}

func (v touchy) MarshalJSON() ([]byte, error) { return []byte(v), nil }

type Cactus struct {
	ID    int64  `db:"id,pk"`
	Spine touchy `db:"spine,json"`
}

var (
	cacti    = rowhouse.MustDefine[Cactus]("cactus")
	cactusID = rowhouse.Col(cacti, func(c *Cactus) *int64 { return &c.ID })
)

// TestReadsPanic has a type of the application's panic while its value is read: that reaches the caller, and leaves
// nothing behind that others would wait for.
func TestReadsPanic(t *testing.T) {
	everywhere(t, rowhouse.Models(cacti), func(t *testing.T, s site) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		table := cacti.In(s.tenant)
		ok(t, table.InsertMany(ctx, []Cactus{{1, `"soft"`}, {2, `"ouch"`}}))
		across := cacti.Across(s.db.Only(s.tenant.Tenant(), s.other.Tenant()))
		for name, read := range map[string]func(){
			"get":            func() { _, _ = table.Get(ctx, int64(2)) },
			"all":            func() { _, _ = table.All(ctx) },
			"select":         func() { _, _ = rowhouse.Select[Cactus](table.Where(cactusID.Gt(0))).All(ctx) },
			"raw":            func() { _, _ = rowhouse.Raw[Cactus](s.tenant, "SELECT * FROM {cactus} c").All(ctx) },
			"across":         func() { _, _ = across.All(ctx) },
			"across ordered": func() { _, _ = across.OrderBy(cactusID.Desc()).All(ctx) },
			"each":           func() { _, _ = streamed(table.Each(ctx)) },
			"across each":    func() { _, _ = streamed(across.Each(ctx)) },
			"in a transaction": func() {
				_ = s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error { _, err := cacti.In(tx).All(ctx); return err })
			},
		} {
			for range 12 { // more often than there are connections
				if got := panicOf(read); got != "touched" {
					t.Fatalf("%s: panicked with %v", name, got)
				}
			}
			_, err := table.Get(ctx, int64(1))
			ok(t, err)
			ok(t, table.Update(ctx, &Cactus{1, `"soft"`}))
		}
	})
}

func panicOf(fn func()) (value any) {
	defer func() { value = recover() }()
	fn()
	return nil
}

// TestReadsCancelledBetweenRows ends the context between rows, where an engine may find it by the one that is being
// read: that is no fault of the row's.
func TestReadsCancelledBetweenRows(t *testing.T) {
	everywhere(t, library, func(t *testing.T, s site) {
		ok(t, shelves.In(s.tenant).InsertMany(t.Context(), shelvesOf(400)))
		for i := range 30 {
			ctx, cancel := context.WithCancel(t.Context())
			read, first := 0, error(nil)
			for _, err := range shelves.In(s.tenant).Each(ctx) {
				read++
				if first = err; read == i+1 {
					cancel()
				}
			}
			cancel()
			if first != nil && (errors.Is(first, rowhouse.ErrInvalid) || !errors.Is(first, context.Canceled)) {
				t.Fatalf("after %d rows: %v", read, first)
			}
		}
	})
}
