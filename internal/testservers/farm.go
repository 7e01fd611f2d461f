//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	startTimeout = 60 * time.Second
	stopGrace    = 10 * time.Second // PostgreSQL itself waits 5 s for its children
	portAttempts = 5
)

// A farm is all servers of one run.
type farm struct {
	spawn *spawner
	space *workspace

	mu      sync.Mutex
	running []member
}

type member struct {
	*process
	quit syscall.Signal
}

func newFarm(space *workspace) *farm { return &farm{spawn: newSpawner(), space: space} }

// A service is what differs between servers once they are installed and prepared.
type service struct {
	name string
	as   *account
	// command makes the server's command line for a port that was free a moment ago.
	command func(port int) *exec.Cmd
	// ready looks for the server's own word, in its own files, that it accepts
	// connections. A successful connect would prove nothing: another server may have
	// been quicker to take the port.
	ready func(log string) bool
	// quit ends it fast and completely; its data are not worth a clean shutdown.
	quit syscall.Signal
}

// serve starts a service and returns its port when it is ready.
func (f *farm) serve(ctx context.Context, s service) (int, error) {
	var err error
	for attempt := range portAttempts {
		var port int
		if port, err = freePort(); err != nil {
			return 0, err
		}
		log := filepath.Join(f.space.dir, fmt.Sprintf("%s.%d.log", s.name, attempt))
		var taken bool
		if taken, err = f.try(ctx, s, port, log); !taken {
			return port, err
		}
	}
	return 0, fmt.Errorf("%s: %d ports were taken while it started: %w", s.name, portAttempts, err)
}

// try starts the service on one port and tells whether somebody else has taken that port.
func (f *farm) try(ctx context.Context, s service, port int, log string) (taken bool, err error) {
	p, err := startProcess(f.spawn, s.name, s.command(port), s.as, log, s.quit)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout,
		fmt.Errorf("%s is not ready after %s", s.name, startTimeout))
	defer cancel()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		select {
		case <-p.done:
			text, _ := os.ReadFile(log)
			return portTaken(string(text)), p.failure()
		case <-ctx.Done():
			p.kill()
			return false, fmt.Errorf("%w\n%s", context.Cause(ctx), tail(log, 30))
		case <-poll.C:
			text, err := os.ReadFile(log)
			if err == nil && s.ready(string(text)) {
				f.keep(member{p, s.quit})
				return false, nil
			}
		}
	}
}

func portTaken(log string) bool {
	return strings.Contains(strings.ToLower(log), "address already in use")
}

func (f *farm) keep(m member) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running = append(f.running, m)
}

// prepare runs a program that makes a server's files, such as initdb.
func (f *farm) prepare(ctx context.Context, name string, as *account, cmd *exec.Cmd) error {
	p, err := startProcess(f.spawn, name, cmd, as, f.space.path(name+".log"), syscall.SIGKILL)
	if err != nil {
		return err
	}
	return p.wait(ctx)
}

// health reports servers that have ended although nobody told them to.
func (f *farm) health() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	for _, m := range f.running {
		if !m.process.running() {
			errs = append(errs, fmt.Errorf("in the middle of the run %w", m.failure()))
		}
	}
	return errors.Join(errs...)
}

// stop ends all servers and returns when they are gone. It may be called again.
func (f *farm) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all sync.WaitGroup
	for _, m := range f.running {
		all.Go(func() { m.stop(m.quit, stopGrace) })
	}
	all.Wait()
	f.running = nil
}
