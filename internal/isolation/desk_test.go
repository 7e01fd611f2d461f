package isolation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/rowhouse/rowhouse"
)

// act is one operation, drawn as data: what it refers to, it finds when it runs.
//
// failed is the library's error, where it is one that the model allows, so that a transaction
// around the act knows. wrong is what must not be: a breach, a row too many, an error lost.
type act interface {
	fmt.Stringer
	run(d *desk) (failed, wrong error)
}

// desk is where an act runs: in one tenant's scope, beside the model of what that tenant has.
type desk struct {
	ctx      context.Context //nolint:containedctx // a desk lives as long as a call
	s        *suite
	at       *place
	handle   *rowhouse.Tenant
	scope    rowhouse.Scope
	model    *store
	inTx     bool
	readOnly bool // the transaction is
	began    time.Time

	own map[string]*store // of all tenants that the goroutine alone works on

	// exact is false where several goroutines work on one tenant: then the model is only what
	// the tenant had a moment ago, any error of a kind that concurrency explains is right, and
	// nothing but other tenants' rows is wrong.
	exact bool
}

// do runs an act. A deadlock or a serialization failure of a single statement is run again, as
// an application would; inside a transaction it is the transaction that is run again.
func (d *desk) do(a act) (failed, wrong error) {
	for range retries {
		d.began = time.Now().UTC().Truncate(time.Microsecond)
		if wrong = d.look(); wrong == nil {
			failed, wrong = a.run(d)
		}
		if _, is := a.(transaction); is && wrong != nil {
			return nil, fmt.Errorf("in a transaction: %w", wrong) // what was done in it is named already
		}
		if wrong != nil {
			return nil, fmt.Errorf("tenant %q: %s: %w", d.at.id, a, wrong)
		}
		if d.inTx || !d.s.again(failed) {
			return failed, nil
		}
	}
	return nil, fmt.Errorf("tenant %q: %s: %d tries, the last ended with: %w", d.at.id, a, retries, failed)
}

const retries = 30

// look reads what a tenant has that others work on as well.
func (d *desk) look() error {
	if d.exact {
		return nil
	}
	seen := newStore()
	for _, read := range []func(*desk, *store) error{readAll(cases), readAll(notes), readAll(links), gadgetsOf} {
		if err := read(d, seen); err != nil && !d.tolerable(err) {
			return err
		}
	}
	d.model = seen
	return nil
}

func readAll[T any](k *kind[T]) func(*desk, *store) error {
	return func(d *desk, into *store) error {
		rows, err := k.model.In(d.scope).WithDeleted().All(d.ctx)
		for _, row := range rows {
			k.rows(into)[k.key(&row)] = row
		}
		return errors.Join(err, own(d, k, rows))
	}
}

// locking is how a read locks here. InnoDB locks the gaps between rows, the neighbours' too, so
// that passing over what is locked would depend on them; and where others work on the tenant,
// it depends on those.
func (d *desk) locking(lock string) string {
	switch {
	case d.readOnly:
		return ""
	case lock != "" && (d.s.engine.gapLocks || !d.exact):
		return "for update"
	}
	return lock
}

// recent reports whether the library can have taken this time for now.
func (d *desk) recent(t time.Time) bool { return !t.Before(d.began) && !t.After(time.Now()) }

// judge compares an operation's error with those that it may have; with none of them, it must
// have succeeded. ok is true if it did.
func (d *desk) judge(err error, may ...error) (ok bool, failed, wrong error) {
	if wrong := d.named(err); wrong != nil {
		return false, nil, wrong
	}
	switch {
	case rowhouse.IsRetryable(err), d.s.patient && errors.Is(err, rowhouse.ErrCatalog):
		return false, err, nil
	case !d.exact:
		if err == nil || d.tolerable(err) {
			return false, err, nil
		}
		return false, nil, fmt.Errorf("an error that concurrency does not explain: %w", err)
	case err == nil && len(may) == 0:
		return true, nil, nil
	case err == nil:
		return false, nil, fmt.Errorf("an error is lost; expected, and not there: %w", errors.Join(may...))
	case len(may) == 0:
		return false, nil, fmt.Errorf("unexpected error: %w", err)
	case !isAny(err, may):
		return false, nil, fmt.Errorf("expected the error (%w), got: %w", errors.Join(may...), err)
	}
	d.s.meet(err, may)
	return false, err, nil
}

// named checks that an error says whose it is, and quotes nobody's row.
func (d *desk) named(err error) error {
	var e *rowhouse.StatementError
	if errors.As(err, &e) && e.Tenant != d.at.id {
		return fmt.Errorf("the error names tenant %q: %w", e.Tenant, err)
	}
	if err != nil && strings.Contains(err.Error(), canaryMark) {
		return fmt.Errorf("the error quotes a row: %w", err)
	}
	return nil
}

// tolerable are the errors that are right when others work on the same rows.
func (*desk) tolerable(err error) bool {
	return rowhouse.IsRetryable(err) || isAny(err, []error{
		rowhouse.ErrNotFound, rowhouse.ErrMultiple, rowhouse.ErrConflict, rowhouse.ErrReference, rowhouse.ErrCheck,
		rowhouse.ErrNull, rowhouse.ErrTooLong, rowhouse.ErrStale, rowhouse.ErrInvalid, rowhouse.ErrUnsupported,
		rowhouse.ErrNoColumn,
	})
}

// own reports a row that is not the tenant's.
func own[T any](d *desk, k *kind[T], rows []T) error {
	for i := range rows {
		if k.canary == nil {
			break
		}
		if c := *k.canary(&rows[i]); c != canary(d.at.id) {
			return fmt.Errorf("breach: a row of tenant %q has %q: %s", d.at.id, c, show(rows[i]))
		}
	}
	return nil
}

// difference says how two rows differ, or nothing.
func difference[T any](want, got *T) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return fmt.Sprintf("row is %s, not %s", show(*got), show(*want))
}

func show(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%+v", v)
	}
	return string(text)
}

func mismatch(format string, args ...any) (failed, wrong error) {
	return nil, fmt.Errorf(format, args...)
}
