package driver

// Fault is what a database's error means, in words that are the same for all engines. It holds
// no value of any row.
type Fault struct {
	Kind       FaultKind
	Code       string // SQLSTATE, errno or extended result code
	Constraint string // physical name of the constraint or key, where the engine tells
	Table      string // physical name of the table, where the engine tells
	Column     string // name of the column, where the engine tells
	Message    string // the engine's words, only where they cannot quote a value; else ""
}

// FaultKind is what kind of error a database gave.
type FaultKind uint8

// The kinds.
const (
	NoFault       FaultKind = iota // not an error of the database
	OtherFault                     // one that has no kind here
	Unique                         // a unique or primary key is taken
	ForeignKey                     // the row referred to does not exist, or is referred to
	Check                          // a check constraint is violated
	NotNull                        // NULL in a column that has none
	TooLong                        // a value does not fit its column
	MissingTable                   // the table or schema does not exist
	MissingColumn                  // the column does not exist
	ExistingTable                  // the table, schema or index exists already
	Serialization                  // a concurrent transaction won; run it again
	Deadlock                       // a deadlock was broken here; run it again
	LockTimeout                    // a lock was not to be had in time
	Denied                         // the role may not do this
	Unreachable                    // no connection, or it was lost
)

// Retryable reports whether running the whole transaction again can succeed.
func (k FaultKind) Retryable() bool { return k == Serialization || k == Deadlock }
