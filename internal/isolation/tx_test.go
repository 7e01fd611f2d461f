package isolation

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
)

// transaction runs acts in a transaction, or inside one in a savepoint, and ends it.
type transaction struct {
	acts      []act
	end       string
	isolation rowhouse.Isolation
	readOnly  bool
}

var (
	errBoom = errors.New("boom")
	// errWrong ends a transaction in which something was wrong already.
	errWrong = errors.New("wrong")
)

const panicked = "the function panicked"

func (c *choice) transaction(depth int) *rapid.Generator[act] {
	return rapid.Custom(func(t *rapid.T) act {
		x := transaction{
			end: rapid.SampledFrom([]string{"commit", "commit", "commit", "error", "panic", "cancel"}).Draw(t, "end"),
			isolation: rapid.SampledFrom([]rowhouse.Isolation{
				rowhouse.DefaultIsolation, rowhouse.DefaultIsolation, rowhouse.DefaultIsolation,
				rowhouse.ReadCommitted, rowhouse.RepeatableRead, rowhouse.Serializable,
			}).Draw(t, "isolation"),
			readOnly: depth == 0 && rapid.IntRange(0, 7).Draw(t, "read only") == 0,
		}
		inner := c.work
		switch {
		case x.readOnly:
			inner = c.reads
		case depth < 2:
			inner = rapid.OneOf(c.work, c.work, c.transaction(depth+1))
		}
		x.acts = rapid.SliceOfN(inner, 0, 5).Draw(t, "acts")
		return x
	})
}

func (x transaction) String() string {
	texts := make([]string, len(x.acts))
	for i, a := range x.acts {
		texts[i] = "\n\t\t" + strings.ReplaceAll(a.String(), "\n", "\n\t")
	}
	return fmt.Sprintf("transaction (isolation %d, read only %v):%s\n\t\t%s", x.isolation, x.readOnly, strings.Join(texts, ""), x.end)
}

// turn is one run of a transaction's function.
type turn struct {
	tx     *rowhouse.Tx
	failed error // by an act; the transaction cannot go on
	wrong  error
	caught any // the panic that came through
}

func (x transaction) run(d *desk) (failed, wrong error) {
	before := d.model.clone()
	var last turn
	err := x.within(d, func(ctx context.Context, tx *rowhouse.Tx, cancel func()) error {
		d.model.become(before) // it may not be the first attempt
		last = turn{tx: tx}
		inner := *d
		inner.ctx, inner.scope, inner.inTx, inner.readOnly = ctx, tx, true, d.readOnly || x.readOnly
		err := x.play(&inner, &last)
		d.model = inner.model // where it is not exact, it was read anew
		if err != nil {
			return err
		}
		return x.finish(ctx, cancel)
	}, &last)
	if last.wrong != nil {
		return nil, last.wrong
	}
	if wrong := x.ended(d, &last); wrong != nil {
		return nil, wrong
	}
	failed, wrong = x.judged(d, &last, err)
	if err != nil || last.caught != nil {
		d.model.become(before)
	}
	return failed, wrong
}

// within begins the transaction, or the savepoint, and catches a panic that comes out of it.
func (x transaction) within(d *desk, fn func(context.Context, *rowhouse.Tx, func()) error, last *turn) error {
	ctx, cancel := context.WithCancel(d.ctx)
	defer cancel()
	defer func() {
		if last.caught = recover(); last.caught != nil && last.caught != panicked {
			panic(last.caught)
		}
	}()
	if tx, ok := d.scope.(*rowhouse.Tx); ok {
		return tx.Tx(ctx, func(tx *rowhouse.Tx) error { return fn(ctx, tx, cancel) })
	}
	o := rowhouse.TxOptions{Isolation: x.isolation, ReadOnly: x.readOnly, Retries: retries}
	return d.handle.TxWith(ctx, o, func(tx *rowhouse.Tx) error { return fn(ctx, tx, cancel) })
}

// play runs the acts. After a statement that failed, PostgreSQL lets a transaction do nothing
// more; on other engines it goes on.
func (x transaction) play(d *desk, last *turn) error {
	for _, a := range x.acts {
		failed, wrong := d.do(a)
		switch {
		case wrong != nil:
			last.wrong = wrong
			return errWrong
		case failed != nil && (rowhouse.IsRetryable(failed) || d.s.engine.aborts && refusedByDatabase(failed)):
			last.failed = failed
			return failed
		}
	}
	return nil
}

func refusedByDatabase(err error) bool {
	return isAny(err, []error{
		rowhouse.ErrConflict, rowhouse.ErrReference, rowhouse.ErrCheck, rowhouse.ErrNull, rowhouse.ErrTooLong,
	})
}

func (x transaction) finish(ctx context.Context, cancel func()) error {
	switch x.end {
	case "error":
		return errBoom
	case "panic":
		panic(panicked)
	case "cancel":
		cancel()
		return ctx.Err()
	}
	return nil
}

// ended checks that nothing can be done in the transaction any more.
func (transaction) ended(d *desk, last *turn) error {
	if last.tx == nil {
		return nil
	}
	if _, err := Cases.In(last.tx).Count(d.ctx); !errors.Is(err, rowhouse.ErrClosed) {
		return fmt.Errorf("a transaction that has ended answers with the error: %w", err)
	}
	return nil
}

// judged checks that the error that came out is the first there was, and that none is lost.
func (x transaction) judged(d *desk, last *turn, err error) (failed, wrong error) {
	want := map[string]error{"error": errBoom, "cancel": context.Canceled}[x.end]
	if last.failed != nil {
		want = last.failed
	}
	switch {
	case rowhouse.IsRetryable(err), d.s.patient && errors.Is(err, rowhouse.ErrCatalog):
		return err, nil // in a savepoint, the transaction around it is run again
	case last.caught != nil:
		return nil, nil
	case x.end == "panic" && last.failed == nil && err == nil:
		return mismatch("the panic is lost")
	case want == nil && err != nil:
		return mismatch("committing failed: %w", err)
	case want != nil && err == nil:
		return mismatch("the error is lost: expected %q", want)
	case want != nil && !errors.Is(err, want):
		return mismatch("expected the error %q, got: %w", want, err)
	}
	return nil, d.named(err)
}
