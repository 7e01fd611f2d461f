package sqlite

import (
	"errors"
	"fmt"
	"time"
)

// Option changes how [New] opens files.
type Option func(*options)

type options struct {
	directory        string
	busy             time.Duration
	homeConnections  int
	otherConnections int
	statements       int
	synchronous      string
	readOnly         bool
}

// defaultStatements of each connection: some kilobytes each, and half of what a read by key costs
// (BenchmarkSQLiteGet).
const defaultStatements = 100

func defaults() options {
	return options{
		busy:             10 * time.Second,
		homeConnections:  8,
		otherConnections: 4,
		statements:       defaultStatements,
		synchronous:      "NORMAL",
	}
}

// WithDirectory says where databases other than the home are; it must exist. Without it, they
// are beside the home.
func WithDirectory(path string) Option { return func(o *options) { o.directory = path } }

// WithBusyTimeout says how long a writer waits for its turn, and then again for the lock of
// another process. Without it, ten seconds.
func WithBusyTimeout(d time.Duration) Option { return func(o *options) { o.busy = d } }

// WithConnections bounds the open connections to the home and to each other database. One of
// them is kept for the writer, so two are the least. Without it, eight and four.
func WithConnections(home, other int) Option {
	return func(o *options) { o.homeConnections, o.otherConnections = home, other }
}

// WithStatements bounds the statements that each connection keeps prepared: of the texts that come
// most often, from their second use on. Without it, a hundred, of some kilobytes each.
func WithStatements(n int) Option { return func(o *options) { o.statements = max(n, 0) } }

// WithReadOnly has files be read and not changed in any way: the home must exist, and keeps the journal
// mode that it has. It is for tools that look at files which are another program's.
func WithReadOnly() Option { return func(o *options) { o.readOnly = true } }

// withoutSync is for files that nobody misses after a power cut.
func withoutSync() Option { return func(o *options) { o.synchronous = "OFF" } }

func (o *options) check() error {
	var errs []error
	if o.busy < time.Millisecond {
		errs = append(errs, fmt.Errorf("sqlite: a busy timeout of %v is too short: a millisecond is the least", o.busy))
	}
	if o.homeConnections < 2 || o.otherConnections < 2 {
		errs = append(errs, fmt.Errorf("sqlite: %d and %d connections: two are the least, one reads and one writes",
			o.homeConnections, o.otherConnections))
	}
	return errors.Join(errs...)
}
