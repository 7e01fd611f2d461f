package mysql

import (
	"context"
	"fmt"

	native "github.com/go-sql-driver/mysql"
)

// Option changes how [New] connects.
type Option func(*options)

type options struct {
	homeConnections  int
	otherConnections int
	statements       int
	withoutReturning bool
	config           func(ctx context.Context, database string) (*native.Config, error)
}

// defaultStatements of each connection. The server counts those of all its clients together
// (max_prepared_stmt_count, 16,382 unless set), and refuses whatever comes beyond.
const defaultStatements = 64

func defaults() options {
	return options{homeConnections: 16, otherConnections: 4, statements: defaultStatements}
}

// WithConnections bounds the open connections to the home and to each other database. Without
// it, sixteen and four. Two more to the home are the catalog's.
func WithConnections(home, other int) Option {
	return func(o *options) { o.homeConnections, o.otherConnections = home, other }
}

// WithStatements bounds the statements that each connection keeps prepared: of the texts that come
// most often, from their second use on. The others take one more round trip each, to be prepared and
// thrown away. Without it, 64: the server counts those of all its clients together
// (max_prepared_stmt_count, 16,382 unless set), and refuses every statement beyond. A pool that
// meets that keeps half as many from there on, and half of those if it comes again.
func WithStatements(n int) Option { return func(o *options) { o.statements = max(n, 0) } }

// WithoutReturning speaks to MariaDB as to MySQL, which reads generated keys one by one. It is
// for tests of that path, and for proxies that know MySQL alone.
func WithoutReturning() Option { return func(o *options) { o.withoutReturning = true } }

// WithConnect says how databases other than the home are reached, on other servers perhaps; fn
// is called at each Open, Create and Drop. A server must be of the same kind as the home's. The
// configuration's DBName is left empty or is the database's name; what [New] refuses in a DSN
// is refused in it. Without WithConnect, other databases are on the home's server, with its
// credentials.
func WithConnect(fn func(ctx context.Context, database string) (*native.Config, error)) Option {
	return func(o *options) { o.config = fn }
}

func (o *options) check() error {
	if o.homeConnections < 1 || o.otherConnections < 1 {
		return fmt.Errorf("mysql: %d and %d connections: one is the least", o.homeConnections, o.otherConnections)
	}
	return nil
}
