package rowhouse_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
)

// Peg has a key of every kind that a Hook can refer to; each of a hook's own kind, in another type or
// precision where there is one.
type (
	Peg struct {
		ID    int64     `db:"id,pk,auto"`
		Name  string    `db:"name,size:40"`
		Text  string    `db:"text_key,size:40,unique"`
		UUID  [16]byte  `db:"uuid_key,unique"`
		Bytes []byte    `db:"bytes_key,size:40,unique"`
		Price string    `db:"price_key,type:decimal,precision:12,scale:2,unique"`
		At    time.Time `db:"at_key,unique"`

		Hooks []Hook `db:"-"`
	}
	Hook struct {
		ID    int64     `db:"id,pk,auto"`
		Name  string    `db:"name,size:40"`
		Text  string    `db:"text_key,size:60"`
		UUID  *[16]byte `db:"uuid_key"`
		Bytes []byte    `db:"bytes_key,size:60"`
		Price string    `db:"price_key,type:decimal,precision:14,scale:4"`
		At    time.Time `db:"at_key"`

		Peg  *Peg   `db:"-"`
		Twin []Hook `db:"-"`
	}
)

var (
	pegs  = rowhouse.MustDefine[Peg]("peg")
	hooks = rowhouse.MustDefine[Hook]("hook")

	pegID    = rowhouse.Col(pegs, func(p *Peg) *int64 { return &p.ID })
	pegText  = rowhouse.Col(pegs, func(p *Peg) *string { return &p.Text })
	pegUUID  = rowhouse.Col(pegs, func(p *Peg) *[16]byte { return &p.UUID })
	pegBytes = rowhouse.Col(pegs, func(p *Peg) *[]byte { return &p.Bytes })
	pegPrice = rowhouse.Col(pegs, func(p *Peg) *string { return &p.Price })
	pegAt    = rowhouse.Col(pegs, func(p *Peg) *time.Time { return &p.At })

	hookID    = rowhouse.Col(hooks, func(h *Hook) *int64 { return &h.ID })
	hookName  = rowhouse.Col(hooks, func(h *Hook) *string { return &h.Name })
	hookText  = rowhouse.Col(hooks, func(h *Hook) *string { return &h.Text })
	hookUUID  = rowhouse.Nullable(hooks, func(h *Hook) **[16]byte { return &h.UUID })
	hookBytes = rowhouse.Col(hooks, func(h *Hook) *[]byte { return &h.Bytes })
	hookPrice = rowhouse.Col(hooks, func(h *Hook) *string { return &h.Price })
	hookAt    = rowhouse.Col(hooks, func(h *Hook) *time.Time { return &h.At })

	hooksOf = func(p *Peg) *[]Hook { return &p.Hooks }
	pegOf   = func(h *Hook) **Peg { return &h.Peg }

	pegHooksBy = map[string]rowhouse.Relation[Peg, Hook]{
		"text": rowhouse.HasMany(pegText, hookText, hooksOf), "uuid": rowhouse.HasMany(pegUUID, hookUUID, hooksOf),
		"bytes": rowhouse.HasMany(pegBytes, hookBytes, hooksOf), "decimal": rowhouse.HasMany(pegPrice, hookPrice, hooksOf),
		"time": rowhouse.HasMany(pegAt, hookAt, hooksOf),
		"two":  rowhouse.HasMany(pegText, hookText, hooksOf).On(pegAt, hookAt),
		"more": rowhouse.HasMany(pegText, hookText, hooksOf).On(pegAt, hookAt).On(pegPrice, hookPrice).
			On(pegBytes, hookBytes).On(pegUUID, hookUUID),
	}
	hookPegBy = map[string]rowhouse.Relation[Hook, Peg]{
		"text": rowhouse.BelongsTo(hookText, pegText, pegOf), "uuid": rowhouse.BelongsTo(hookUUID, pegUUID, pegOf),
		"bytes": rowhouse.BelongsTo(hookBytes, pegBytes, pegOf), "decimal": rowhouse.BelongsTo(hookPrice, pegPrice, pegOf),
		"time": rowhouse.BelongsTo(hookAt, pegAt, pegOf),
		"two":  rowhouse.BelongsTo(hookText, pegText, pegOf).On(hookAt, pegAt),
		"more": rowhouse.BelongsTo(hookText, pegText, pegOf).On(hookAt, pegAt).On(hookPrice, pegPrice).
			On(hookBytes, pegBytes).On(hookUUID, pegUUID),
	}
	hookTwins = rowhouse.HasMany(hookText, hookText, func(h *Hook) *[]Hook { return &h.Twin })

	pegModels = rowhouse.Models(pegs, hooks)
)

// keysAlike are texts that an engine with a sense of language takes for the same.
var keysAlike = []string{"a", "A", "a ", "ä", "Ä", "a\u0308", "ss", "ß", "1:a", "ﬁ", "fi", "%", `\`, "a\x00"[:1] + "'"}

func pegged(t *testing.T, s site) {
	t.Helper()
	ctx := t.Context()
	var all []Peg
	var hung []Hook
	for i, key := range keysAlike {
		at := time.Date(2020, 1, 1, 0, 0, 0, i*1000, time.FixedZone("there", 3600*(i%12)))
		id := [16]byte{15: byte(i)}
		p := Peg{Name: key, Text: key, UUID: id, Bytes: []byte{0, byte(i)}, Price: fmt.Sprintf("%d.50", i), At: at}
		all = append(all, p)
		for range i % 3 {
			hung = append(hung, Hook{Name: key, Text: key, UUID: &id, Bytes: p.Bytes, Price: p.Price, At: at.UTC()})
		}
	}
	hung = append(hung, Hook{Name: "none", Text: "none", Bytes: []byte{9}, Price: "-1"})
	ok(t, pegs.In(s.tenant).InsertMany(ctx, all))
	ok(t, hooks.In(s.tenant).InsertMany(ctx, hung))
	ok(t, pegs.In(s.other).InsertMany(ctx, all[:3]))
}

// TestRelationsByKeysOfEveryKind has rows come to their own parents, whatever the type of the key, and
// though texts look alike.
func TestRelationsByKeysOfEveryKind(t *testing.T) {
	everywhere(t, pegModels, func(t *testing.T, s site) {
		ctx := t.Context()
		pegged(t, s)
		for _, isolation := range []rowhouse.Isolation{rowhouse.ReadCommitted, rowhouse.RepeatableRead} {
			ok(t, s.tenant.TxWith(ctx, rowhouse.TxOptions{Isolation: isolation}, func(tx *rowhouse.Tx) error {
				hooksBy(t, tx)
				pegsBy(t, tx)
				return nil
			}))
		}
	})
}

func hooksBy(t *testing.T, scope rowhouse.Scope) {
	t.Helper()
	for by, rel := range pegHooksBy {
		rows, err := pegs.In(scope).With(rel).OrderBy(pegID.Asc()).All(t.Context())
		ok(t, err)
		for i, p := range rows {
			if len(p.Hooks) != i%3 || slices.ContainsFunc(p.Hooks, func(h Hook) bool { return h.Name != p.Name }) {
				t.Errorf("by %s, %q has %+v", by, p.Name, p.Hooks)
			}
		}
	}
}

func pegsBy(t *testing.T, scope rowhouse.Scope) {
	t.Helper()
	for by, rel := range hookPegBy {
		rows, err := hooks.In(scope).With(rel).All(t.Context())
		ok(t, err)
		for _, h := range rows {
			if (h.Peg == nil) != (h.Name == "none") || h.Peg != nil && h.Peg.Name != h.Name {
				t.Errorf("by %s, %q is on %+v", by, h.Name, h.Peg)
			}
		}
	}
}

// TestRelatedRowsAreNobodyElses changes what one row has, deep down, and looks at the others that have
// the same.
func TestRelatedRowsAreNobodyElses(t *testing.T) {
	everywhere(t, pegModels, func(t *testing.T, s site) {
		ctx := t.Context()
		pegged(t, s)
		deep := hookTwins.OrderBy(hookID.Asc()).With(hookTwins.OrderBy(hookID.Asc()))
		read := map[string]func() ([]Hook, error){
			"all": func() ([]Hook, error) { return hooks.In(s.tenant).With(deep).Where(hookName.Eq("a ")).All(ctx) },
			"the same key twice": func() ([]Hook, error) {
				one, err := hooks.In(s.tenant).Where(hookName.Eq("a ")).First(ctx)
				ok(t, err)
				return hooks.In(s.tenant).With(deep).GetMany(ctx, one.ID, one.ID)
			},
		}
		for how, fn := range read {
			rows, err := fn()
			ok(t, err)
			if len(rows) != 2 || len(rows[0].Twin) != 2 || len(rows[1].Twin) != 2 || len(rows[1].Twin[1].Twin) != 2 {
				t.Fatalf("%s: it has %+v", how, rows)
			}
			rows[0].Twin[0].Name, rows[0].Twin[0].Twin[0].Name, rows[0].Twin[1].Twin[1].Name = "mine", "mine", "mine"
			rows[0].Twin = append(rows[0].Twin[:1], Hook{Name: "mine"})
			if text := fmt.Sprintf("%+v", rows[1]); strings.Contains(text, "mine") {
				t.Errorf("%s: the other row has %s", how, text)
			}
			if text := fmt.Sprintf("%+v", rows[0].Twin[0].Twin[1]); strings.Contains(text, "mine") {
				t.Errorf("%s: another of its rows has %s", how, text)
			}
		}
	})
}
