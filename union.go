package rowhouse

import (
	"context"
	"sync"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// union is the scope of an [Across]: many tenants, each of whom is asked by itself. Nothing that is
// done for one tenant runs in it. It is immutable.
type union struct {
	sel   Selection
	conns int
	going bool
}

// Tenant returns "": the scope belongs to no one tenant.
func (*union) Tenant() string { return "" }

func (*union) begin(context.Context, *session) error {
	return invalid("this is done for one tenant, and Across is of many; use the scope of a Tenant")
}

// sweep is what asks the tenants, and where their failures are put.
func (u *union) sweep(s *model.Struct, op string) (*sweep, *AcrossError) {
	failures := &AcrossError{}
	w := &sweep{db: u.sel.db, model: s, op: op, conns: u.conns}
	w.failed = func(_ member, err error) error {
		if !u.going {
			return err
		}
		failures.Failures = append(failures.Failures, err)
		return nil
	}
	return w, failures
}

// texts renders a statement once for each mapping. Where tenants of a mapping are asked different
// ones, side tells by a number which.
func (u *union) texts(
	lifted []string, side func(tenant string) int, render func(s *session, side int) (*dialect.Template, error),
) func(*mapping, string) (*dialect.Template, error) {
	type key struct {
		m    *mapping
		side int
	}
	var mu sync.Mutex
	made := map[key]*dialect.Template{}
	return func(m *mapping, tenant string) (*dialect.Template, error) {
		k := key{m, side(tenant)}
		mu.Lock()
		defer mu.Unlock()
		if t, ok := made[k]; ok {
			return t, nil
		}
		if err := m.checkLifted(lifted); err != nil {
			return nil, err
		}
		t, err := render(&session{db: u.sel.db, m: m}, k.side)
		if err == nil {
			made[k] = t
		}
		return t, err
	}
}

// acrossOutcome is the error for the caller, where q was asked of many tenants.
func acrossOutcome[T any](q Query[T], op string, err error, failures *AcrossError) error {
	switch {
	case err != nil:
		return queryFail(q, op, err)
	case failures != nil && len(failures.Failures) > 0:
		return failures
	}
	return nil
}
