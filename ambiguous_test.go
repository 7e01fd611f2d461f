package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse"
)

// lone are writes of one statement, outside of transactions, of a person of this name; and what they do to the rows.
var lone = []struct {
	name  string
	there bool // the row is there before
	write func(ctx context.Context, s rowhouse.Scope, p *Person) error
	done  func(was, is *Person) bool // of rows that may be missing
}{
	{
		name:  "insert",
		write: func(ctx context.Context, s rowhouse.Scope, p *Person) error { return persons.In(s).Insert(ctx, p) },
		done:  func(_, is *Person) bool { return is != nil },
	},
	{
		name: "insert many",
		write: func(ctx context.Context, s rowhouse.Scope, p *Person) error {
			return persons.In(s).InsertMany(ctx, []Person{*p})
		},
		done: func(_, is *Person) bool { return is != nil },
	},
	{
		name: "update", there: true,
		write: func(ctx context.Context, s rowhouse.Scope, p *Person) error {
			p.Age++
			return persons.In(s).Update(ctx, p)
		},
		done: func(was, is *Person) bool { return is.Age == was.Age+1 },
	},
	{
		name: "update where", there: true,
		write: func(ctx context.Context, s rowhouse.Scope, p *Person) error {
			_, err := persons.In(s).UpdateWhere(ctx, personEmail.Eq(p.Email), personAge.Set(p.Age+1))
			return err
		},
		done: func(was, is *Person) bool { return is.Age == was.Age+1 },
	},
	{
		name: "purge", there: true,
		write: func(ctx context.Context, s rowhouse.Scope, p *Person) error { return persons.In(s).Purge(ctx, p) },
		done:  func(_, is *Person) bool { return is == nil },
	},
}

// TestWritesCancelledAtOnce ends the context of a write at any moment of it: what the error says of the rows is true.
func TestWritesCancelledAtOnce(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		for _, w := range lone {
			t.Run(w.name, func(t *testing.T) {
				const times = 25
				for i := range times {
					p := Person{Email: fmt.Sprintf("%s %d", w.name, i)}
					if w.there {
						ok(t, persons.In(s.tenant).Insert(t.Context(), &p))
					}
					was := p
					ended, cancel := context.WithCancel(t.Context())
					time.AfterFunc(time.Duration(i)*40*time.Microsecond, cancel)
					err := w.write(ended, s.tenant, &p)
					cancel()
					unsure := errors.Is(err, rowhouse.ErrAmbiguous)
					if err != nil && !errors.Is(err, context.Canceled) {
						t.Errorf("%d: %v", i, err)
					}
					if done := w.done(&was, personOf(t, s.tenant, was.Email)); done != (err == nil) && !unsure {
						t.Errorf("%d: carried out is %t: %v", i, done, err)
					}
				}
			})
		}
	})
}

// personOf is the person of a name, or nil.
func personOf(t *testing.T, s rowhouse.Scope, email string) *Person {
	t.Helper()
	p, err := persons.In(s).Where(personEmail.Eq(email)).First(t.Context())
	if errors.Is(err, rowhouse.ErrNotFound) {
		return nil
	}
	ok(t, err)
	return &p
}

// TestWriteBehindALock ends the context of a write that waits for a lock: on a server, which may be about to carry it
// out, and on SQLite, where nothing of it has begun.
func TestWriteBehindALock(t *testing.T) {
	everywhere(t, people, func(t *testing.T, s site) {
		ctx := t.Context()
		ann := person(t, s.tenant, "ann")
		ok(t, s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
			ok(t, persons.In(tx).Update(ctx, new(ann)))
			short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
			defer cancel()
			_, err := persons.In(s.tenant).UpdateWhere(short, personEmail.Eq("ann"), personAge.Set(9))
			is(t, err, context.DeadlineExceeded)
			if unsure := errors.Is(err, rowhouse.ErrAmbiguous); unsure != (s.engine != "sqlite") {
				t.Errorf("ambiguous is %t: %v", unsure, err)
			}
			return nil
		}))
		for _, err := range []error{
			s.tenant.Tx(ctx, func(tx *rowhouse.Tx) error {
				short, cancel := context.WithCancel(ctx)
				cancel()
				return persons.In(tx).Update(short, new(ann))
			}),
			func() error {
				short, cancel := context.WithCancel(ctx)
				cancel()
				return persons.In(s.tenant).Update(short, new(ann))
			}(),
		} {
			is(t, err, context.Canceled)
			if errors.Is(err, rowhouse.ErrAmbiguous) {
				t.Errorf("of what was undone, or never sent: %v", err)
			}
		}
	})
}
