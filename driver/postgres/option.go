package postgres

import (
	"context"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Option changes how [New] works.
type Option func(*options)

type options struct {
	schema      string
	connections int32
	statements  int
	log         *slog.Logger
	connect     func(ctx context.Context, database string) (*pgxpool.Pool, error)
}

// defaultConnections to each database but the home: a server has a hundred by default, and
// there may be many such databases.
const defaultConnections = 4

// defaultStatements of each connection: the server keeps 14 to 20 KiB for each that is in use.
const defaultStatements = 1024

func defaults() options {
	return options{
		schema: "public", connections: defaultConnections, statements: defaultStatements, log: slog.Default(),
	}
}

func (o *options) newNaming() *naming { return &naming{limit: o.statements, log: o.log} }

// WithSchema says in which schema the tables live that have none of their own, in every
// database. Without it, public.
func WithSchema(name string) Option { return func(o *options) { o.schema = name } }

// WithConnections bounds the connections to each database other than the home, whose pool is
// the application's. Without it, four.
func WithConnections(n int) Option { return func(o *options) { o.connections = int32(max(n, 1)) } }

// WithStatements bounds the statements that each connection has the server keep by name, parsed
// and planned, at 14 to 20 KiB each. Without it, 1,024. With 0, none has a name, and each is parsed every time.
//
// No name is given behind a pooler that does not take care of them, which a connection finds out
// together with the first text that it would name, and the driver says once in the log.
func WithStatements(n int) Option { return func(o *options) { o.statements = max(n, 0) } }

// WithLog is where the driver says that it gives no names; see [WithStatements]. Without it,
// [slog.Default].
func WithLog(log *slog.Logger) Option { return func(o *options) { o.log = log } }

// WithConnect says how to connect to a database other than the home: to another server, with
// another role. fn is called by many goroutines at once; it must create nothing, and the pool
// that it returns belongs to the driver from then on. Without it, databases are on the home's
// server, and reached as the home is.
//
// The driver then does not know the servers, so it creates and drops no database: Create
// succeeds for a database that can be opened already, Drop for one that is missing; otherwise
// they return an error.
func WithConnect(fn func(ctx context.Context, database string) (*pgxpool.Pool, error)) Option {
	return func(o *options) { o.connect = fn }
}
