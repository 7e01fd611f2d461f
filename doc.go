// Package rowhouse maps one Go struct, at run time, to every tenant's own tables.
//
// A rowhouse is a row of identical houses: one plan, many tenants, a wall between each. An
// application declares a struct once. Tenant 42 keeps its cases in "42_case", tenant acme in the
// schema "acme", tenant bigco in a database of its own, and ten thousand trial tenants share one
// table with a discriminator. The code that reads and writes is the same for all of them, and it
// cannot reach the wrong tenant.
//
//	type Case struct {
//		ID       int64   `db:"id,pk,auto"`
//		Title    string  `db:"title,size:200"`
//		Status   string  `db:"status,default:open,index"`
//		Assignee *string `db:"assignee"`
//	}
//
//	var (
//		Cases      = rowhouse.MustDefine[Case]("case")
//		CaseStatus = rowhouse.Col(Cases, func(c *Case) *string { return &c.Status })
//	)
//
//	acme, err := db.Tenant(ctx, "acme")
//	open, err := Cases.In(acme).Where(CaseStatus.Eq("open")).Limit(50).All(ctx)
//
// A [Model] is the struct, compiled; it knows no tenant. [Model.In] binds it to a [Scope], which
// belongs to exactly one tenant: a [*Tenant] or a [*Tx]. A [Query] carries its tenant from the
// moment it is made, so there is no tenant in a context to forget and none in a connection to
// leak: every statement names its tables in full, and the library sets nothing on a session.
// Tenants are made by package fleet.
//
// Tables that belong to no tenant, such as plans or countries, are models made by [DefineCommon] and
// used in the scope that [DB.Common] returns. Tenants' models may refer to them.
//
// A model without a struct, of columns that are known only when the program runs, is made by
// [DefineRecord]; its rows are [Record]s.
//
// [Model.Across] reads many tenants at once, each row with its tenant; [Select] and [Compute] take it as they
// take a query.
//
// # Definitions
//
// Every exported field of the struct is a column, named by the field in snake_case unless the
// tag names it. The tag is
//
//	db:"name,option,option:value,…"
//
// A value may stand in single quotes, to hold commas; two single quotes inside are one. A field
// tagged db:"-" is left out. The columns of an embedded struct are brought in; so are those of a
// struct field with the option prefix, which goes before their names.
//
//	pk              in the primary key; several fields make a composite key, in their order
//	auto            the key is generated: an integer by the database, a UUID or string
//	                as a UUIDv7 by the library; a key that is set is kept
//	size:n          at most n characters of text, or bytes
//	precision:n     digits of a decimal in all
//	scale:n         digits of a decimal after the point
//	type:kind       another column type that can hold the Go type: bool int16 int32 int64
//	                float32 float64 decimal text bytes time uuid json
//	sqltype:'…'     a type of one engine, in its own words
//	null, notnull   whether the column has NULL, where the Go type does not say so
//	default:v       for a new row whose field is zero, and in the table's definition
//	index, index:n  in an index; fields that name the same one share it, in their order
//	unique, …:n     in a unique index, likewise
//	where:'…'       the condition of the index before it; not on MySQL and MariaDB
//	check:'…'       a check constraint, in SQL; any number of them
//	named:n         the name of the check before it
//	at:n            the column's place in the pk, index, unique or ref before it, where that is
//	                not the field's: all of its columns say theirs, or none
//	ref:model.col   a foreign key to another model of the same tenant, or of the common house;
//	                fk, ondelete and onupdate that follow belong to it
//	fk:n            fields that name the same foreign key make it composite
//	ondelete:…      cascade, setnull, restrict, noaction; also onupdate
//	created         a time that an insert sets if it is zero
//	updated         a time that every insert and update sets
//	lock            an int64 that every update counts up; an update or delete of a row
//	                whose version has moved on is [ErrStale]
//	softdelete      a nullable time: Delete sets it, and reads leave such rows out
//	json            any type, as JSON
//	prefix:p        bring in a struct's columns, with p before their names
//	extra           an [Extra]: the columns that a tenant has of its own; the name is that of
//	                the JSON column which has them in shared tables
//
// # Types
//
// The column of a field follows from its Go type, whatever name a named type gives it:
//
//	Go                                   column
//	bool                                 bool
//	int8 int16 uint8                     int16
//	int32 uint16                         int32
//	int int64 uint uint32 uint64         int64; a uint64 above 2^63-1 is refused
//	time.Duration                        int64, in nanoseconds
//	float32, float64                     float32, float64
//	string                               text
//	[]byte                               bytes
//	time.Time                            time: microseconds, UTC, on every engine
//	[16]byte, uuid.UUID                  uuid
//	*T, sql.Null[T], sql.NullString, …   that of T, with NULL
//	driver.Valuer and sql.Scanner        that of its kind, or as type says
//	json                                 json
//
// What is more precise than a microsecond is cut off when it is written.
//
// # Defaults
//
// A default is filled in by the library when a row is inserted with a zero field, so that the
// row in memory is the row in the database on every engine. A field whose zero value means
// something else than "not given" wants a pointer.
//
// # Hooks
//
// A struct may have methods of these names, with pointer receivers, and the library calls them:
//
//	func (c *Case) BeforeInsert(ctx context.Context, s rowhouse.Scope) error
//	AfterInsert, BeforeUpdate, AfterUpdate, BeforeDelete, AfterDelete, AfterLoad
//
// One of these names with another signature is a mistake that [Define] reports. A hook that uses
// models would be an initialization cycle there, since a model knows its struct's methods: it is
// given to [Open] as a [Behavior], which also says when each is called. Before and after hooks are
// in one transaction with the operation and get it as their scope; an error undoes all of it. A
// model without hooks pays nothing for them.
//
// # Relations
//
// Rows lead to other rows by relations, typed values that are declared beside the models: [BelongsTo],
// [HasOne], [HasMany], [ManyToMany], [Through]. [Query.With] reads related rows into fields that are tagged
// db:"-", [Relation.Has] asks about them, [Via] goes by their values, [Relation.Of] links and unlinks
// them. All of it stays in the tenant; docs/relations.md has the whole.
//
// # Values
//
// A [Column] is an [Expr], and so is what is made of columns: [Add], [Concat], [Coalesce], [When],
// [Truncate], [JSONPath] and others, and the aggregates [Count], [Sum], [Avg], [Min] and [Max]. They make
// predicates and orderings; [Select] reads them into any struct, for each row or for each group, and
// [Compute] reads one aggregate. Each means the same on every engine, or is refused before any SQL;
// docs/queries.md has them in a table. What has no function here is a [Fragment].
//
// # A tenant's own columns
//
// A struct with an [Extra] has room for columns that some tenants have beside its own. fleet's Extend gives
// them to tenants, [ExtraCol] is the typed handle, and docs/extras.md has all of it.
//
// # Unit of work
//
// A [Unit] loads rows once and writes what has changed in them, in one transaction and in an order that
// the foreign keys allow. It is there for those who want it; docs/unit.md says what it does.
//
// # Raw SQL
//
// What a [Query] cannot say is said in SQL, by [Raw] and [Exec]: tables are slots, {case}, in whose place
// the tenant's own are put, and every other table is refused. Rows are read into any struct, or into
// one value, by the names of columns: the tags above mean the same there, without a key. [Native] is
// the driver's own transaction, for everything else.
//
// # Errors
//
// Errors are typed, the same on every engine, and name the tenant, the model and the operation:
// [*StatementError], [*TenantError], [*DefinitionError]. What is wrong is one of the Err…
// variables, for errors.Is. No message quotes a row's values; the driver's own error, which
// may, is behind errors.As.
//
// # Engines
//
// PostgreSQL (driver/postgres), MySQL and MariaDB (driver/mysql), and SQLite (driver/sqlite) do
// the same by the same code. Where they cannot, the documentation of the method says so, and
// docs/engines.md has all of it in one table.
package rowhouse
