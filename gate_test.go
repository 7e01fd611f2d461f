package rowhouse

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// arrival is an operation that has begun, or was refused.
type arrival struct {
	s   session
	err error
}

// come begins an operation of a tenant in a goroutine of its own, and waits until that stands in line or
// is through.
func come(ctx context.Context, t *Tenant) <-chan arrival {
	ch := make(chan arrival, 1)
	go func() {
		a := arrival{s: session{op: "select"}}
		a.err = t.begin(ctx, &a.s)
		ch <- a
	}()
	synctest.Wait()
	return ch
}

// in is an operation that must be through by now.
func in(t *testing.T, ch <-chan arrival) *session {
	t.Helper()
	select {
	case a := <-ch:
		if a.err != nil {
			t.Fatal(a.err)
		}
		return &a.s
	default:
		t.Fatal("it waits")
		return nil
	}
}

// refused is the error of an operation that must be refused by now.
func refused(t *testing.T, ch <-chan arrival) error {
	t.Helper()
	select {
	case a := <-ch:
		if a.err == nil {
			t.Fatal("it was let in")
		}
		return a.err
	default:
		t.Fatal("it waits")
		return nil
	}
}

func waits(t *testing.T, chs ...<-chan arrival) {
	t.Helper()
	for _, ch := range chs {
		if len(ch) > 0 {
			t.Fatal("it does not wait")
		}
	}
}

// limited runs a test in a bubble, with a tenant that has these limits.
func limited(t *testing.T, l Limits, fn func(t *testing.T, c *fakeCatalog, db *DB, acme *Tenant)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newFakeCatalog("acme", "bigco")
		db := openFake(t, c, Options{Limits: l})
		defer db.Close()
		acme, err := db.Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		fn(t, c, db, acme)
		for i := range db.gates.shards {
			if n := len(db.gates.shards[i].open); n != 0 {
				t.Errorf("%d gates are left", n)
			}
		}
	})
}

func TestGateIsFair(t *testing.T) {
	limited(t, Limits{Statements: 2}, func(t *testing.T, _ *fakeCatalog, db *DB, acme *Tenant) {
		ctx := t.Context()
		a, b := in(t, come(ctx, acme)), in(t, come(ctx, acme))
		c, d, e := come(ctx, acme), come(ctx, acme), come(ctx, acme)
		waits(t, c, d, e)
		bigco, err := db.Tenant(ctx, "bigco")
		if err != nil {
			t.Fatal(err)
		}
		in(t, come(ctx, bigco)).leave()
		for _, next := range []struct {
			ends  *session
			goes  <-chan arrival
			stays []<-chan arrival
		}{{b, c, []<-chan arrival{d, e}}, {a, d, []<-chan arrival{e}}} {
			next.ends.leave()
			synctest.Wait()
			waits(t, next.stays...)
			defer in(t, next.goes).leave()
		}
		ended, cancel := context.WithCancel(ctx)
		f := come(ended, acme)
		cancel()
		synctest.Wait()
		err = refused(t, f)
		if !errors.Is(err, context.Canceled) || errors.Is(err, ErrLimited) {
			t.Errorf("the caller's own end: %v", err)
		}
		waits(t, e)
		time.Sleep(defaultWait)
		synctest.Wait()
		if err := refused(t, e); !errors.Is(err, ErrLimited) {
			t.Error(err)
		}
	})
}

func TestGateRefuses(t *testing.T) {
	l := Limits{Statements: 1, Queue: 2, Wait: time.Second}
	limited(t, l, func(t *testing.T, _ *fakeCatalog, db *DB, acme *Tenant) {
		ctx := t.Context()
		a := in(t, come(ctx, acme))
		b, c := come(ctx, acme), come(ctx, acme)
		over, is := errors.AsType[*LimitError](refused(t, come(ctx, acme)))
		if !is || over.Tenant != "acme" || over.Limit != LimitQueue || over.Limits != l || over.RetryAfter != l.Wait {
			t.Errorf("the queue is full: %+v", over)
		}
		time.Sleep(100 * time.Millisecond)
		a.leave()
		synctest.Wait()
		a = in(t, b)
		d := come(ctx, acme)
		time.Sleep(200 * time.Millisecond)
		a.leave()
		synctest.Wait()
		a = in(t, c)
		e := come(ctx, acme)
		if over, _ = errors.AsType[*LimitError](refused(t, come(ctx, acme))); over.RetryAfter != 3*200*time.Millisecond {
			t.Errorf("the line moves once in 200 ms, and two are in it: %+v", over)
		}
		time.Sleep(800 * time.Millisecond)
		synctest.Wait()
		over, is = errors.AsType[*LimitError](refused(t, d))
		if !is || over.Limit != LimitWait || over.RetryAfter <= 0 {
			t.Errorf("it waited for a second: %+v", over)
		}
		waits(t, e)
		a.leave()
		synctest.Wait()
		in(t, e).leave()
	})
}

// TestGateFollowsTheCatalog changes a tenant while its statements stand in line.
func TestGateFollowsTheCatalog(t *testing.T) {
	limited(t, Limits{Statements: 1, Wait: NoLimit}, func(t *testing.T, c *fakeCatalog, db *DB, acme *Tenant) {
		ctx := t.Context()
		put := func(l Limits, state State) {
			c.put(Entry{ID: "acme", Placement: Prefix(), State: state, Limits: l})
			if err := db.Refresh(ctx); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		first := in(t, come(ctx, acme))
		second, third, fourth := come(ctx, acme), come(ctx, acme), come(ctx, acme)
		time.Sleep(time.Hour)
		waits(t, second, third, fourth)

		put(Limits{Statements: 2}, Active) // one more
		two := in(t, second)
		waits(t, third, fourth)
		put(Limits{Statements: 1}, Active) // and one less
		two.leave()
		synctest.Wait()
		waits(t, third, fourth)
		fresh, err := db.Tenant(ctx, "acme") // another handle, at the same gate
		if err != nil || fresh == acme {
			t.Fatal(err)
		}
		fifth := come(ctx, fresh)
		waits(t, fifth)
		put(Limits{Statements: NoLimit}, Active) // none
		for _, ch := range []<-chan arrival{third, fourth, fifth} {
			in(t, ch).leave()
		}
		put(Limits{Wait: time.Minute}, Active)
		sixth := come(ctx, acme)
		put(Limits{Wait: time.Second}, Active) // less than it has to wait yet
		time.Sleep(time.Second)
		synctest.Wait()
		if err := refused(t, sixth); !errors.Is(err, ErrLimited) {
			t.Error(err)
		}
		put(Limits{}, Active)
		seventh := come(ctx, acme)
		waits(t, seventh)
		put(Limits{}, Suspended)
		if err := refused(t, seventh); !errors.Is(err, ErrNotActive) || errors.Is(err, ErrLimited) {
			t.Error(err)
		}
		first.leave()
	})
}

// TestGateLosesItsTenant removes a tenant, and closes the DB, while statements stand in line.
func TestGateLosesItsTenant(t *testing.T) {
	limited(t, Limits{Statements: 1}, func(t *testing.T, c *fakeCatalog, db *DB, acme *Tenant) {
		ctx := t.Context()
		first := in(t, come(ctx, acme))
		second, third := come(ctx, acme), come(ctx, acme)
		c.remove("acme")
		time.Sleep(db.o.Freshness) // by itself, by the polls
		synctest.Wait()
		for _, ch := range []<-chan arrival{second, third} {
			if err := refused(t, ch); !errors.Is(err, ErrUnknownTenant) {
				t.Error(err)
			}
		}
		first.leave()
		bigco, err := db.Tenant(ctx, "bigco")
		if err != nil {
			t.Fatal(err)
		}
		last := in(t, come(ctx, bigco))
		fourth := come(ctx, bigco)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := refused(t, fourth); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		last.leave()
	})
}

// TestGateUnderLoad has many come and go, some of them impatient, and the limits change; never may more
// be in than the highest limit.
func TestGateUnderLoad(t *testing.T) {
	t.Parallel()
	c := newFakeCatalog("acme")
	db := openFake(t, c, Options{Limits: Limits{Statements: 3, Wait: time.Millisecond}})
	var mu sync.Mutex
	inside, most, through, turned := 0, 0, 0, 0
	count := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		inside += n
		most = max(most, inside)
		if n > 0 {
			through++
		}
	}
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for i := range 300 {
				acme, err := db.Tenant(t.Context(), "acme")
				if err != nil {
					t.Error(err)
					return
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%20+1)*100*time.Microsecond)
				s := session{op: "select"}
				if err := acme.begin(ctx, &s); err == nil {
					count(1)
					time.Sleep(100 * time.Microsecond)
					count(-1)
					s.leave()
				} else {
					mu.Lock()
					turned++
					mu.Unlock()
					if !errors.Is(err, ErrLimited) && !errors.Is(err, context.DeadlineExceeded) {
						t.Error(err)
					}
				}
				cancel()
			}
		})
	}
	for i := range 30 {
		c.put(Entry{ID: "acme", Placement: Prefix(), State: Active, Limits: Limits{Statements: 1 + i%4}})
		if err := db.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	all.Wait()
	if most > 4 || through == 0 || turned == 0 || inside != 0 {
		t.Errorf("%d in at once, %d are left, %d went through, %d did not", most, inside, through, turned)
	}
	if n := len(db.gates.shard("acme").open); n != 0 {
		t.Errorf("%d gates are left", n)
	}
}

// TestLimitsCostNothing has a tenant without limits pay for none, and one that does not have to wait pay
// with time alone.
func TestLimitsCostNothing(t *testing.T) {
	for name, l := range map[string]Limits{"none": {}, "statements": {Statements: 4, Queue: 9, Rows: 1000}} {
		db := openFake(t, newFakeCatalog("acme"), Options{Limits: l, Freshness: time.Hour})
		acme, err := db.Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		var s session
		if n := testing.AllocsPerRun(100, func() {
			s = session{}
			if err := acme.begin(ctx, &s); err != nil {
				t.Error(err)
			}
			timed, stop := s.timed(ctx)
			if _, err := s.bound(timed, stop, nil, -1, nil); err != nil {
				t.Error(err)
			}
			stop()
			s.leave()
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestLimitsOver(t *testing.T) {
	t.Parallel()
	base := Limits{Statements: 4, Queue: 10, Wait: time.Second, Timeout: time.Minute, Rows: 100}
	for name, c := range map[string]struct{ own, want Limits }{
		"none":   {Limits{}, base},
		"some":   {Limits{Statements: 8, Rows: 5}, Limits{8, 10, time.Second, time.Minute, 5}},
		"lifted": {Limits{NoLimit, NoLimit, NoLimit, NoLimit, NoLimit}, Limits{}},
	} {
		if got := c.own.over(base); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
		text, err := c.own.MarshalJSON()
		var back Limits
		if err == nil {
			err = back.UnmarshalJSON(text)
		}
		if err != nil || back != c.own {
			t.Errorf("%s: %s is %+v, %v", name, text, back, err)
		}
	}
	var l Limits
	if err := l.UnmarshalJSON([]byte(`{"wait":"5 minutes"}`)); err == nil {
		t.Error("a time that is none")
	}
}

// BenchmarkGate is what it costs to begin and end an operation of a known tenant.
func BenchmarkGate(b *testing.B) {
	for name, l := range map[string]Limits{"none": {}, "limited": {Statements: 4}} {
		b.Run(name, func(b *testing.B) {
			db, err := Open(b.Context(), noDriver{}, Options{Models: benchModels, Catalog: prefixCatalog{}, Limits: l, Freshness: time.Hour})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = db.Close() })
			acme, err := db.Tenant(b.Context(), "acme")
			if err != nil {
				b.Fatal(err)
			}
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				var s session
				if err := acme.begin(ctx, &s); err != nil {
					b.Fatal(err)
				}
				s.leave()
			}
		})
	}
}
