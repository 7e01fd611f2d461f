package sqlconn

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// runner runs text, on a pool or in a transaction, prepared if that pays. Every statement of this
// package goes through one.
type runner struct {
	engine *Engine
	cache  *cache
	pool   *sql.DB // nil in a transaction
	tx     *sql.Tx // nil outside

	// In a transaction: the text that ran last, and its statement once it has come twice in a row. It
	// is closed with the transaction, if no other text comes before.
	last  string
	again *sql.Stmt
}

// repeated returns the statement of a text that a transaction runs again and again, prepared on the
// transaction's own connection; or nil.
func (r *runner) repeated(ctx context.Context, text string) *sql.Stmt {
	if r.tx == nil {
		return nil
	}
	if r.last != text {
		if r.again != nil {
			_ = r.again.Close() // nothing depends on it any more
		}
		r.last, r.again = text, nil
		return nil
	}
	if r.again == nil {
		stmt, err := r.tx.PrepareContext(ctx, text)
		if err != nil {
			return nil // running the text reports it better
		}
		r.again = stmt
	}
	return r.again
}

// prepared returns the statement to run instead of the text, or nil. A transaction has its
// connection already and waits for no other one: it takes what is prepared, and prepares nothing.
func (r *runner) prepared(ctx context.Context, text string) *prepared {
	switch {
	case r.cache == nil:
		return nil
	case r.tx != nil:
		return r.cache.use(text)
	}
	return r.cache.learn(ctx, text)
}

func (r *runner) stmt(ctx context.Context, p *prepared) *sql.Stmt {
	if r.tx != nil {
		return r.tx.StmtContext(ctx, p.stmt)
	}
	return p.stmt
}

// query returns the rows and, if a prepared statement runs, that; it is given back after the rows
// are closed.
func (r *runner) query(ctx context.Context, s *driver.Statement) (*sql.Rows, *prepared, error) {
	rows, p, err := r.queryNative(ctx, s)
	return rows, p, r.failed(ctx, err)
}

// failed is the error of a statement. What the server has no room for it may have the next time.
func (r *runner) failed(ctx context.Context, err error) error {
	if r.engine.full(err) && r.cache != nil {
		r.cache.shed()
	}
	return r.engine.ended(ctx, err)
}

func (r *runner) queryNative(ctx context.Context, s *driver.Statement) (*sql.Rows, *prepared, error) {
	args, err := encodeAll(s.Args)
	if err != nil {
		return nil, nil, err
	}
	if stmt := r.repeated(ctx, s.Text); stmt != nil {
		rows, err := stmt.QueryContext(ctx, args...)
		return rows, nil, err
	}
	p := r.prepared(ctx, s.Text)
	if p == nil {
		rows, err := r.direct().QueryContext(ctx, s.Text, args...)
		return rows, nil, err
	}
	rows, err := r.stmt(ctx, p).QueryContext(ctx, args...)
	if err != nil {
		r.cache.done(p)
		return nil, nil, err
	}
	return rows, p, nil
}

func (r *runner) exec(ctx context.Context, s *driver.Statement) (driver.Result, error) {
	args, err := encodeAll(s.Args)
	if err != nil {
		return driver.Result{}, err
	}
	native, err := r.execNative(ctx, s.Text, args)
	if err != nil {
		return driver.Result{}, r.failed(ctx, err)
	}
	var result driver.Result
	if result.Rows, err = native.RowsAffected(); err != nil || !r.engine.LastKey {
		return result, err
	}
	result.LastKey, err = native.LastInsertId()
	return result, err
}

func (r *runner) execNative(ctx context.Context, text string, args []any) (sql.Result, error) {
	if len(args) == 0 {
		return r.direct().ExecContext(ctx, text) // DDL and savepoints: never twice the same
	}
	if stmt := r.repeated(ctx, text); stmt != nil {
		return stmt.ExecContext(ctx, args...)
	}
	p := r.prepared(ctx, text)
	if p == nil {
		return r.direct().ExecContext(ctx, text, args...)
	}
	defer r.cache.done(p)
	return r.stmt(ctx, p).ExecContext(ctx, args...)
}

// direct runs text as it is.
func (r *runner) direct() interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
} {
	if r.tx != nil {
		return r.tx
	}
	return r.pool
}

func encodeAll(args []dialect.Arg) ([]any, error) {
	if len(args) == 0 {
		return nil, nil
	}
	values := make([]any, len(args))
	for i := range args {
		v, err := encode(&args[i])
		if err != nil {
			return nil, fmt.Errorf("driver: argument %d: %w", i+1, err)
		}
		values[i] = v
	}
	return values, nil
}

// encode turns an argument into a value that is written the same way by every library of
// database/sql. The interface is handed on as it is where possible: converting allocates.
func encode(a *dialect.Arg) (any, error) {
	if a.Array {
		return nil, errors.New("this engine takes no arrays")
	}
	switch v := a.Value.(type) {
	case nil, bool, int64:
		return v, nil
	case float64:
		if math.IsNaN(v) {
			// One engine would store it as NULL, the other as zero.
			return nil, errors.New("this engine has no NaN")
		}
		return a.Value, nil
	case string:
		if a.Kind == dialect.Bytes {
			return []byte(v), nil
		}
		return a.Value, nil
	case []byte:
		return encodeBytes(v, a), nil
	case [16]byte:
		return v[:], nil
	case time.Time:
		return encodeTime(v)
	}
	return nil, fmt.Errorf("a %T is no argument of the contract", a.Value)
}

// encodeBytes returns text for the kinds that are text: bytes would become a blob, which is
// never equal to a text, and which is no JSON to a server.
func encodeBytes(v []byte, a *dialect.Arg) any {
	switch a.Kind {
	case dialect.JSON, dialect.Text, dialect.Decimal:
		return string(v)
	}
	if v == nil {
		return []byte{} // database/sql would make it NULL, which is a nil interface here
	}
	return a.Value
}

// encodeTime returns text, which every engine here reads. The libraries' own notations lose: one
// writes the zone's name after the time, the other turns the year 1 into a date that a strict
// server refuses.
func encodeTime(t time.Time) (any, error) {
	t = t.UTC()
	if y := t.Year(); y < 0 || y > 9999 {
		return nil, errors.New("a time beyond the year 9999 cannot be written with four digits")
	}
	return t.Format(driver.TimeLayout), nil
}
