package rowhouse

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// Selection is which tenants an [Across] is over. It is a value: each method returns a narrower one
// and leaves the old one as it was. The catalog is asked when the Across runs, so a Selection can
// be kept.
type Selection struct {
	db     *DB
	ids    []string // nil for all that the catalog has
	states []State  // nil for active ones
	kinds  []PlacementKind
	labels [][2]string
	err    error
}

// All selects every active tenant. The catalog must list its tenants: as a [WritableCatalog], or
// by its Tenants alone; where it does not, the Across is an error, and [DB.Only] is left.
func (db *DB) All() Selection { return Selection{db: db} }

// Only selects the tenants of these ids. One that is unknown, or in another state than those
// selected, is that tenant's failure; see [Across.KeepGoing].
func (db *DB) Only(ids ...string) Selection {
	list := slices.Clone(ids)
	slices.Sort(list)
	return Selection{db: db, ids: append([]string{}, slices.Compact(list)...)}
}

// Labeled keeps the tenants that have this label with this value.
func (s Selection) Labeled(label, value string) Selection {
	s.labels = append(slices.Clip(s.labels), [2]string{label, value})
	return s
}

// Placed keeps the tenants that are placed in one of these ways.
func (s Selection) Placed(kinds ...PlacementKind) Selection {
	s.kinds = append(slices.Clip(s.kinds), kinds...)
	return s
}

// States selects tenants in these states instead of the active ones. Suspended ones can be read so,
// and no others: those that are being made or removed have no tables to rely on. Saying so is
// meant for operators; an application's own statements never reach a suspended tenant.
func (s Selection) States(states ...State) Selection {
	for _, state := range states {
		if state != Active && state != Suspended {
			s.err = errors.Join(s.err, invalid("tenants that are %s cannot be read; select active or suspended ones", state))
		}
	}
	s.states = slices.Clone(states)
	return s
}

// member is a selected tenant. A member with an error is one that cannot be read.
type member struct {
	by    *listing
	id    string
	house *house
	seen  int64 // generation before which house was found
	err   error
}

// listing is a Selection that is being looked up.
type listing struct{ Selection }

// members yields the selected tenants. An error is of the selection as a whole, and the last.
func (s Selection) members(ctx context.Context) iter.Seq2[member, error] {
	return func(yield func(member, error) bool) {
		switch {
		case s.db == nil:
			yield(member{}, invalid("the Selection is empty; make it with DB.All or DB.Only"))
		case s.err != nil:
			yield(member{}, s.err)
		default:
			l := &listing{s}
			if s.ids != nil {
				l.named(ctx, yield)
				return
			}
			l.listed(ctx, yield)
		}
	}
}

// named asks for each tenant by its id. What the registry knows costs a lookup.
func (s *listing) named(ctx context.Context, yield func(member, error) bool) {
	for _, id := range s.ids {
		if ctx.Err() != nil {
			yield(member{}, ctx.Err())
			return
		}
		if m, selected := s.tenant(ctx, id); selected && !yield(m, nil) {
			return
		}
	}
}

// tenant is one member, by its id.
func (s *listing) tenant(ctx context.Context, id string) (member, bool) {
	if len(s.labels) == 0 && (s.states == nil || slices.Equal(s.states, []State{Active})) {
		return s.known(ctx, id)
	}
	return s.looked(ctx, id)
}

// again is the member as it is now, if the catalog has changed since it was found.
func (m member) again(ctx context.Context, generation int64) (member, bool) {
	if m.seen == generation {
		return m, true
	}
	return m.by.tenant(ctx, m.id)
}

// known is a member by the registry. It reports false for one that is not selected.
func (s *listing) known(ctx context.Context, id string) (m member, selected bool) {
	m = member{by: s, id: id, seen: s.db.generation.Load()}
	t, err := s.db.Tenant(ctx, id)
	if err == nil {
		m.house, err = t.settled(ctx)
	}
	if m.err = err; err != nil {
		return m, true
	}
	return m, s.placed(m.house.kind)
}

// looked is known by the catalog.
func (s *listing) looked(ctx context.Context, id string) (member, bool) {
	seen := s.db.generation.Load()
	e, err := s.db.catalog.Tenant(ctx, id)
	if err == nil && !s.inState(e.State) {
		err = &TenantError{Tenant: id, Reason: ErrNotActive, State: e.State}
	}
	if err != nil {
		return member{id: id, err: err}, true
	}
	return s.member(e, seen)
}

// listed goes through the catalog.
func (s *listing) listed(ctx context.Context, yield func(member, error) bool) {
	list, err := s.db.lister()
	if err != nil {
		yield(member{}, err)
		return
	}
	seen := s.db.generation.Load()
	for e, err := range list.Tenants(ctx) {
		if err != nil {
			yield(member{}, err)
			return
		}
		if !s.inState(e.State) {
			continue
		}
		if m, keep := s.member(e, seen); keep && !yield(m, nil) {
			return
		}
	}
}

// lister is a catalog that lists its tenants.
type lister interface {
	Tenants(ctx context.Context) iter.Seq2[Entry, error]
}

func (db *DB) lister() (lister, error) {
	if list, ok := db.catalog.(lister); ok {
		return list, nil
	}
	return nil, fmt.Errorf("rowhouse: the catalog does not list its tenants; select them with DB.Only: %w", ErrUnsupported)
}

func (s *listing) inState(state State) bool {
	if s.states == nil {
		return state == Active
	}
	return slices.Contains(s.states, state)
}

func (s *listing) placed(kind PlacementKind) bool {
	return len(s.kinds) == 0 || slices.Contains(s.kinds, kind)
}

func (s *listing) labeled(e Entry) bool {
	for _, l := range s.labels {
		if value, ok := e.Labels[l[0]]; !ok || value != l[1] {
			return false
		}
	}
	return true
}

// member reports false for an entry that is not selected.
func (s *listing) member(e Entry, seen int64) (member, bool) {
	if !s.labeled(e) {
		return member{}, false
	}
	h, err := s.db.settle(e)
	if err != nil {
		return member{id: e.ID, err: err}, true
	}
	return member{by: s, id: e.ID, house: h, seen: seen}, s.placed(h.kind)
}

// Tenants yields the ids of the selected tenants, whether or not they can be read. An error beside an
// id is that tenant's; one without an id is the selection's, and the last.
func (s Selection) Tenants(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for e, err := range s.entries(ctx) {
			if !yield(e.ID, err) {
				return
			}
		}
	}
}

// entries yields the catalog's entries of the selected tenants.
func (s Selection) entries(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		switch {
		case s.db == nil:
			yield(Entry{}, invalid("the Selection is empty; make it with DB.All or DB.Only"))
		case s.err != nil:
			yield(Entry{}, s.err)
		case s.ids == nil:
			s.listedEntries(ctx, yield)
		default:
			for _, id := range s.ids {
				e, err := s.db.catalog.Tenant(ctx, id)
				e.ID = id
				if (err != nil || s.wants(e)) && !yield(e, err) {
					return
				}
			}
		}
	}
}

func (s Selection) listedEntries(ctx context.Context, yield func(Entry, error) bool) {
	list, err := s.db.lister()
	if err != nil {
		yield(Entry{}, err)
		return
	}
	for e, err := range list.Tenants(ctx) {
		if err != nil {
			yield(Entry{}, err)
			return
		}
		if s.wants(e) && !yield(e, nil) {
			return
		}
	}
}

// wants reports whether an entry is selected.
func (s Selection) wants(e Entry) bool {
	l := listing{s}
	kind := e.Placement.Kind
	if kind == 0 {
		kind = InPrefix
	}
	return (s.ids != nil && s.states == nil || l.inState(e.State)) && l.labeled(e) && l.placed(kind)
}
