package sqlite

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// turn is the right to write to a file. All pools of the file share it.
type turn struct {
	path  string
	taken chan struct{}
	since atomic.Int64 // Unix nanoseconds at which it was taken
}

func newTurn(path string) *turn { return &turn{path: path, taken: make(chan struct{}, 1)} }

// gate bounds a pool's readers to one less than its connections: a writer that has its turn
// must find a connection, or readers that want to write too would wait for it for ever.
type gate struct {
	turn      *turn
	readers   chan struct{}
	timeout   time.Duration
	stopRead  func() // made once, so that a statement allocates none
	stopWrite func()
}

func newGate(t *turn, connections int, timeout time.Duration) *gate {
	g := &gate{turn: t, readers: make(chan struct{}, connections-1), timeout: timeout}
	g.stopRead = func() { <-g.readers }
	g.stopWrite = func() { <-g.turn.taken }
	return g
}

// Enter waits for a reader's place as long as ctx allows, for the writer's turn not longer than
// the busy timeout either.
func (g *gate) Enter(ctx context.Context, write bool) (func(), error) {
	if write {
		return g.enterWrite(ctx)
	}
	select {
	case g.readers <- struct{}{}:
		return g.stopRead, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (g *gate) enterWrite(ctx context.Context) (func(), error) {
	select {
	case g.turn.taken <- struct{}{}:
		return g.began(), nil
	default:
	}
	timer := time.NewTimer(g.timeout)
	defer timer.Stop()
	select {
	case g.turn.taken <- struct{}{}:
		return g.began(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
		held := time.Since(time.Unix(0, g.turn.since.Load()))
		return nil, &turnError{path: g.turn.path, waited: g.timeout, held: held}
	}
}

func (g *gate) began() func() {
	g.turn.since.Store(time.Now().UnixNano())
	return g.stopWrite
}

// turnError is a writer whose turn did not come.
type turnError struct {
	path         string
	waited, held time.Duration
}

func (e *turnError) Error() string {
	return fmt.Sprintf("sqlite: no write to %s within %v: another write transaction of this file "+
		"has been open for %v; a statement inside a transaction must use the transaction's scope, "+
		"or it waits for itself", e.path, e.waited, e.held.Round(time.Millisecond))
}
