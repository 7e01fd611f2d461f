package dialect

// Object is what has a name in a database.
type Object uint8

// The objects whose names an engine may keep to itself.
const (
	SchemaObject Object = iota + 1
	TableObject
	ColumnObject
)

// Dialect is what differs between engines in the text of a statement. Implementations are
// immutable and used by many goroutines at once.
type Dialect interface {
	Expressions

	// Name is the engine's name: postgres, mysql, mariadb, sqlite.
	Name() string

	// QuoteMark is the byte around identifiers.
	QuoteMark() byte

	// AppendName appends the physical name of a tenant's object, unquoted. It is the one place
	// where physical names are made: deterministic, and injective together with [AppendSlug].
	AppendName(dst []byte, prefix, object string) []byte

	// AppendPlaceholder appends the placeholder of the n-th argument, counted from 1.
	AppendPlaceholder(dst []byte, n int) []byte

	// MaxName and MaxArgs are the engine's limits on an identifier's length and on the
	// arguments of one statement.
	MaxName() int
	MaxArgs() int

	// Has reports whether the engine can do a thing.
	Has(Feature) bool

	// ColumnType returns a column's type in the words of a CREATE TABLE.
	ColumnType(Column) string

	// Reserved reports whether the engine keeps a name to itself: that of a schema of its own, of a table
	// that cannot be made, of a column that every table has already and no list shows.
	Reserved(of Object, name string) bool

	// AppendConflict appends what an insert does with a row whose key exists.
	AppendConflict(b *Builder, c *Conflict)

	// AppendLockOf appends to FOR UPDATE that only the rows of the table of that alias are meant,
	// on engines that can say so.
	AppendLockOf(b *Builder, alias string)

	// AppendExplain appends what asks for a statement's plan, before the statement. It fails where
	// the engine cannot.
	AppendExplain(b *Builder, analyze bool)

	// AppendDelete appends the beginning of a DELETE, up to its WHERE.
	AppendDelete(b *Builder, t TableRef)

	// AppendInto appends a table as the target of an INSERT.
	AppendInto(b *Builder, t TableRef)
}

// Expressions is what differs between engines in the text of an expression.
type Expressions interface {
	// AppendFunc appends a function's value.
	AppendFunc(b *Builder, f Func)

	// AppendOrder appends one ordering term.
	AppendOrder(b *Builder, o Order)

	// AppendLike appends a match of pattern, whose wildcards are % and _ and whose escape is a
	// backslash. It is case-sensitive on every engine.
	AppendLike(b *Builder, operand Expr, pattern string)

	// AppendIn appends a membership test of at least one value.
	AppendIn(b *Builder, in In)
}

// Feature is something that not every engine can do.
type Feature uint8

// The features.
const (
	// Returning: INSERT … RETURNING gives the keys back. Without it they are read one by one.
	Returning Feature = iota + 1
	// OnConflict: an upsert names the key it goes by. Without it any unique key may match, and
	// an upsert that could be ambiguous becomes an UPDATE followed by an INSERT.
	OnConflict
	// RowLocks: SELECT … FOR UPDATE locks rows. Without it a write transaction locks all.
	RowLocks
	// SkipLocked: a locking read can pass over locked rows.
	SkipLocked
	// PartialIndex: an index can have a condition.
	PartialIndex
	// KeyedSequence: a key that the database makes need not be the whole primary key. Without
	// it, shared tables number their rows by [Insert.Sequence].
	KeyedSequence
	// RowSecurity: the database itself can hold tenants apart in shared tables.
	RowSecurity
	// Schemas: a schema is a name in a statement. Without it a schema of its own is a database
	// of its own.
	Schemas
	// Collations: a database has an order of letters of its own. Without it, texts are compared by
	// their bytes, on MySQL because tables are made so.
	Collations
	// TransactionalDDL: CREATE and DROP take part in transactions.
	TransactionalDDL
	// Arrays: a list of values is one argument, and an argument has a number by which it can stand
	// in several places.
	Arrays
	// SelfReads: a statement that changes a table can read it in its condition. Without it, what it
	// reads has to be worked out before.
	SelfReads
	// SearchPath: a transaction can have its own schema for bare names; see [SetSearchPath].
	SearchPath
	// Materialized: a SELECT in WITH … AS MATERIALIZED is worked out once.
	Materialized
)

// TenantSetting is the setting that policies of row-level security compare the discriminator
// with. It is set for one transaction at a time.
const TenantSetting = "rowhouse.tenant"

// SetTenant says for the rest of a transaction whose it is; its argument is the tenant.
const SetTenant = "SELECT set_config('" + TenantSetting + "', $1, true)"

// SetSearchPath says for the rest of a transaction where bare names are looked up; its argument is the
// quoted schema.
const SetSearchPath = "SELECT set_config('search_path', $1, true)"

// Savepoints, nested by depth, in the words that all engines share.
const (
	Savepoint         = "SAVEPOINT rowhouse_"
	ReleaseSavepoint  = "RELEASE SAVEPOINT rowhouse_"
	RollbackSavepoint = "ROLLBACK TO SAVEPOINT rowhouse_"
)
