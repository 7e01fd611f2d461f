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

// runner is a pool or a transaction. Every statement of this package goes through query and
// exec, which is where a cache of prepared statements will have its place.
type runner interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
}

func query(ctx context.Context, r runner, s *driver.Statement) (*sql.Rows, error) {
	args, err := encodeAll(s.Args)
	if err != nil {
		return nil, err
	}
	return r.QueryContext(ctx, s.Text, args...)
}

func (e *Engine) exec(ctx context.Context, r runner, s *driver.Statement) (driver.Result, error) {
	args, err := encodeAll(s.Args)
	if err != nil {
		return driver.Result{}, err
	}
	native, err := r.ExecContext(ctx, s.Text, args...)
	if err != nil {
		return driver.Result{}, err
	}
	var result driver.Result
	if result.Rows, err = native.RowsAffected(); err != nil || !e.LastKey {
		return result, err
	}
	result.LastKey, err = native.LastInsertId()
	return result, err
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
		return nil, fmt.Errorf("a time in the year %d cannot be written with four digits", y)
	}
	return t.Format(driver.TimeLayout), nil
}
