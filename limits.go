package rowhouse

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Limits are a tenant's fair share of what all tenants use together, in this process. [Options] has
// those of everybody, and a tenant's [Entry] has what is otherwise for that one. They hold for the
// tenant's own scopes, [Tenant] and [Tx]; not for the common house, nor for an [Across], which is no
// tenant's but the application's, and has a bound of its own in [Across.Connections].
//
// In Options, zero is no limit, but for Wait. In an Entry, zero is what Options has, and [NoLimit] is
// none.
//
// What a limit refuses is a [*LimitError], which wraps [ErrLimited].
type Limits struct { //nolint:recvcheck // only what reads it from JSON wants a pointer
	// Statements are how many of the tenant's statements run at once. Others stand in line, and go in
	// the order in which they came. A transaction is one statement from its beginning to its end, and
	// what runs in it waits for nothing more; rows of a stream are one until the last is read. A
	// transaction that the application began itself ([Tenant.Join]) is not counted.
	Statements int

	// Queue is how many stand in line at most. One more is refused at once.
	Queue int

	// Wait is how long one stands in line at most. In Options, zero is 5 s, for whoever waits for
	// a place while holding one (by using the tenant instead of the tx inside Tx, say) may wait for
	// himself; [NoLimit] is as long as the context allows.
	Wait time.Duration

	// Timeout is how long a statement may take, from when it is sent, with the wait for a connection, until
	// its rows have been read, with what the program does between them. The beginning of a transaction is a
	// statement. Statements that are sent together, as those of relations, are one. Inside a
	// transaction it holds for each statement; on PostgreSQL, and where a write was interrupted, the
	// transaction is then lost.
	Timeout time.Duration

	// Rows is how many rows a result may have. A longer one is an error, never a part of the result;
	// an Each yields as many before it. What relations lead to is a result of each relation. Rows
	// that a write returns are not counted, since they are written by then.
	Rows int
}

// NoLimit is no limit, in a tenant's own [Limits], where [Options] has one.
const NoLimit = -1

const defaultWait = 5 * time.Second

// over are the limits of a tenant whose own these are, where everybody's are base. In what it returns
// zero is none.
func (l Limits) over(base Limits) Limits {
	return Limits{
		Statements: firstSet(l.Statements, base.Statements), Queue: firstSet(l.Queue, base.Queue),
		Wait: firstSet(l.Wait, base.Wait), Timeout: firstSet(l.Timeout, base.Timeout), Rows: firstSet(l.Rows, base.Rows),
	}
}

func firstSet[V int | time.Duration](own, base V) V {
	if own == 0 {
		own = base
	}
	return max(own, 0)
}

// limitsOf are the limits of a tenant whose own these are; nil if there are none, which is what is asked
// before every statement.
func (db *DB) limitsOf(own Limits) *Limits {
	if own == (Limits{}) {
		return db.limits
	}
	return own.over(db.o.Limits).orNil()
}

func (l Limits) orNil() *Limits {
	if l.Statements == 0 && l.Timeout == 0 && l.Rows == 0 {
		return nil
	}
	return &l
}

// limitsJSON are Limits as catalogs keep them, to be read and written by people too.
type limitsJSON struct {
	Statements int    `json:"statements,omitempty"`
	Queue      int    `json:"queue,omitempty"`
	Wait       string `json:"wait,omitempty"`
	Timeout    string `json:"timeout,omitempty"`
	Rows       int    `json:"rows,omitempty"`
}

// MarshalJSON writes the limits for a catalog to keep: {"statements":2,"wait":"1s","rows":-1}. Times are
// those of [time.ParseDuration], or "none".
func (l Limits) MarshalJSON() ([]byte, error) {
	return json.Marshal(limitsJSON{l.Statements, l.Queue, limitText(l.Wait), limitText(l.Timeout), l.Rows})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (l *Limits) UnmarshalJSON(text []byte) error {
	var n limitsJSON
	if err := json.Unmarshal(text, &n); err != nil {
		return err
	}
	wait, errWait := limitTime(n.Wait)
	timeout, errTimeout := limitTime(n.Timeout)
	if err := errors.Join(errWait, errTimeout); err != nil {
		return err
	}
	*l = Limits{n.Statements, n.Queue, wait, timeout, n.Rows}
	return nil
}

const noTime = "none"

func limitText(d time.Duration) string {
	switch {
	case d == 0:
		return ""
	case d < 0:
		return noTime
	}
	return d.String()
}

func limitTime(text string) (time.Duration, error) {
	switch text {
	case "":
		return 0, nil
	case noTime:
		return NoLimit, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("rowhouse: a tenant's limits have a time that is none, such as 1m30s: %w", err)
	}
	return d, nil
}

// LimitKind is which of a tenant's limits was reached.
type LimitKind string

// The limits that refuse something.
const (
	LimitQueue   LimitKind = "queue"   // nothing was sent
	LimitWait    LimitKind = "wait"    // nothing was sent
	LimitTimeout LimitKind = "timeout" // the statement was given up
	LimitRows    LimitKind = "rows"    // the rows were thrown away
)

// LimitError is a tenant's limit that was reached. It wraps [ErrLimited], and is never a context's error:
// where the caller's own context ended, that is told instead. A LimitQueue or a LimitWait stands alone,
// before anything was sent; a LimitTimeout or a LimitRows is behind the [*StatementError] of the statement.
//
// To a client over HTTP it is 429 Too Many Requests, with RetryAfter, rounded up to seconds, in the
// header of that name.
type LimitError struct {
	Tenant string
	Limit  LimitKind
	Limits Limits // those that hold for the tenant; zero is none

	// RetryAfter is when a place should be free, by how fast the line has moved. It is zero for a
	// LimitTimeout and a LimitRows, which fail again in the same way.
	RetryAfter time.Duration
}

// Error says which limit of which tenant was reached.
func (e *LimitError) Error() string {
	return fmt.Sprintf("rowhouse: tenant %q: %v: %s", e.Tenant, ErrLimited, e.what())
}

func (e *LimitError) what() string {
	l := e.Limits
	switch e.Limit {
	case LimitQueue:
		return fmt.Sprintf("%d statements run at once, and %d wait already, which is all that may; try again in %v",
			l.Statements, l.Queue, e.RetryAfter)
	case LimitWait:
		return fmt.Sprintf("none of its %d statements at once had ended after %v; inside Tx use the tx, and not "+
			"the tenant, which may wait for itself", l.Statements, l.Wait)
	case LimitTimeout:
		return fmt.Sprintf("the statement took longer than the %v that the tenant has for one", l.Timeout)
	}
	return fmt.Sprintf("the result has more than the %d rows that the tenant may read at once; read it in pages", l.Rows)
}

// Unwrap returns [ErrLimited].
func (e *LimitError) Unwrap() error { return ErrLimited }
