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
	lanes       int
	tenants     int
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

// WithLanes shares the connections to the home out among its tenants, in n lanes. A tenant's statements
// then go by the connections of one lane, always the same, so that a server process comes to know one
// lane's tables, of which it remembers each until it ends: 14 to 40 KiB for a tenant, and more with its
// named statements. Who finds the lane's connections in use waits for two milliseconds, and then
// borrows one of another lane: nobody waits for longer while a connection idles. With another n, as few
// tenants as can be change their lane.
//
// The lanes' connections are not the application's pool's, but as many in addition, made as that
// makes its own: with its hooks, and its lifetimes. They are closed with the [rowhouse.DB]. Without this
// option, or with an n below two, the application's pool is used. What reads all tenants takes any.
//
// [rowhouse.DB]: https://pkg.go.dev/github.com/rowhouse/rowhouse#DB
func WithLanes(n int) Option { return func(o *options) { o.lanes = n } }

// WithTenants has a connection retire after statements of about n tenants, an eighth less for some, so that
// they do not all retire at once: its server process ends, and with it what it remembers. It is closed
// when it is given back, after the BeforeClose of the pool, and another is made when there is need. Without
// it, or with 0, connections retire by age alone, as the pool is configured (pgxpool's MaxConnLifetime).
func WithTenants(n int) Option { return func(o *options) { o.tenants = max(n, 0) } }

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
