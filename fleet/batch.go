package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Result is what a batch did, in the order of what was asked for.
type Result struct {
	Done   []string  // tenants that are as they should be, also those that were so before
	Failed []Failure // tenants that are not
}

// Failure is a tenant that a batch failed for.
type Failure struct {
	Tenant string
	Err    error
}

// ProvisionAll is [Fleet.Provision] of many, [Options.Workers] at a time. A failure of one does
// not keep the others. It returns which were made and which were not; a tenant that is neither
// was not begun, because ctx had ended. The error is nil only if all were made; otherwise it
// wraps that of the first that failed. A rerun with the same list goes on, and costs one read of
// the catalog for a tenant that is there. Views ([Options.Views]) are brought up to date once, at
// the end; if that fails, the error is also a [*ViewError].
func (f *Fleet) ProvisionAll(ctx context.Context, tenants []NewTenant) (Result, error) {
	if f.views.err != nil {
		return Result{}, fmt.Errorf("fleet: provision: %w", f.views.err)
	}
	ids := make([]string, len(tenants))
	for i, n := range tenants {
		ids[i] = n.ID
	}
	b := f.newBatch("provision", ids)
	b.last = true
	b.each(ctx, 0, len(tenants), func(i int) error { return f.provision(ctx, tenants[i]) })
	r, err := b.result(ctx, f)
	if len(r.Done) > 0 {
		if lag := f.keepViews(ctx); lag != nil {
			err = errors.Join(err, fmt.Errorf("fleet: provision: %w", lag))
		}
	}
	return r, err
}

// batch is work on many tenants, in one stage or several.
type batch struct {
	verb    string
	workers int
	report  func(Progress)
	began   time.Time
	last    bool // this is the last stage, after which a tenant is done

	mu       sync.Mutex // guards what follows, and keeps calls of report apart
	items    []item
	progress Progress
}

type item struct {
	id   string
	err  error
	done bool
}

func (f *Fleet) newBatch(verb string, ids []string) *batch {
	b := &batch{verb: verb, workers: f.o.Workers, report: f.o.Progress, began: time.Now(), items: make([]item, len(ids))}
	b.progress.Total = len(ids)
	first := map[string]int{}
	for i, id := range ids {
		b.items[i].id = id
		if at, twice := first[id]; twice {
			b.settle(i, fmt.Errorf("it is in the list twice, at %d and %d", at, i))
			continue
		}
		first[id] = i
	}
	return b
}

// each runs a stage for the tenants from one to before another that have not failed, until ctx
// ends.
func (b *batch) each(ctx context.Context, from, to int, fn func(i int) error) {
	var all sync.WaitGroup
	var next atomic.Int64
	next.Store(int64(from))
	for range min(b.workers, to-from) {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= to || ctx.Err() != nil {
					return
				}
				if b.failed(i) {
					continue
				}
				if err := fn(i); err != nil || b.last {
					b.settle(i, err)
				}
			}
		})
	}
	all.Wait()
}

func (b *batch) failed(i int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.items[i].err != nil
}

// settle records that a tenant is done, or has failed.
func (b *batch) settle(i int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	it := &b.items[i]
	if err == nil {
		it.done = true
		b.progress.Done++
	} else {
		it.err = fmt.Errorf("fleet: %s tenant %q: %w", b.verb, it.id, err)
		b.progress.Failed++
	}
	if b.report == nil {
		return
	}
	p := &b.progress
	settled := p.Done + p.Failed
	p.Tenant, p.Elapsed = it.id, time.Since(b.began)
	p.Remaining = p.Elapsed / time.Duration(settled) * time.Duration(p.Total-settled)
	b.report(*p)
}

// failRest fails the tenants that are neither done nor failed and that are true of which.
func (b *batch) failRest(err error, which func(i int) bool) {
	for i := range b.items {
		if it := &b.items[i]; !it.done && it.err == nil && which(i) {
			b.settle(i, err)
		}
	}
}

// result reads the catalog, if anything was done, so that this process knows of it, and sums up.
func (b *batch) result(ctx context.Context, f *Fleet) (Result, error) {
	var r Result
	for i := range b.items {
		switch it := &b.items[i]; {
		case it.done:
			r.Done = append(r.Done, it.id)
		case it.err != nil:
			r.Failed = append(r.Failed, Failure{it.id, it.err})
		}
	}
	var errs []error
	switch failed := len(r.Failed); {
	case failed == 1:
		errs = append(errs, r.Failed[0].Err)
	case failed > 1:
		errs = append(errs, fmt.Errorf("%w (the first of %d that failed, of %d)", r.Failed[0].Err, failed, len(b.items)))
	}
	if rest := len(b.items) - len(r.Done) - len(r.Failed); rest > 0 {
		errs = append(errs, fmt.Errorf("fleet: %s: %d of %d tenants were not begun: %w", b.verb, rest, len(b.items), context.Cause(ctx)))
	}
	if len(r.Done) > 0 {
		if err := f.refresh(ctx); err != nil {
			errs = append(errs, fmt.Errorf("fleet: %s: what was done is not known to this process yet: %w", b.verb, err))
		}
	}
	return r, errors.Join(errs...)
}
