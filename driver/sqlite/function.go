package sqlite

import (
	sqldriver "database/sql/driver"
	"errors"
	"math"
	"strconv"
	"strings"
	"sync"

	native "modernc.org/sqlite"

	dsqlite "github.com/rowhouse/rowhouse/dialect/sqlite"
)

// registered gives the connections of this process, from then on, the functions that the dialect
// relies on. They are for queries alone: a schema that used one could be read by no other program.
var registered = sync.OnceValue(func() error {
	var errs []error
	for name, fn := range functions {
		errs = append(errs, native.RegisterDeterministicScalarFunction(name, 1,
			func(_ *native.FunctionContext, args []sqldriver.Value) (sqldriver.Value, error) { return fn(args[0]) }))
	}
	return errors.Join(errs...)
})

var functions = map[string]func(sqldriver.Value) (sqldriver.Value, error){
	dsqlite.LowerFunc:   ofText(strings.ToLower),
	dsqlite.UpperFunc:   ofText(strings.ToUpper),
	dsqlite.IntegerFunc: integer,
	dsqlite.Int16Func:   narrow(math.MinInt16, math.MaxInt16),
	dsqlite.Int32Func:   narrow(math.MinInt32, math.MaxInt32),
	dsqlite.FloatFunc:   finite,
	dsqlite.DecimalFunc: decimal,
}

var (
	errInteger = errors.New("integer overflow")
	errFloat   = errors.New("float overflow")
)

func ofText(fn func(string) string) func(sqldriver.Value) (sqldriver.Value, error) {
	return func(v sqldriver.Value) (sqldriver.Value, error) {
		if s, ok := v.(string); ok {
			return fn(s), nil
		}
		return v, nil
	}
}

// integer refuses the float that SQLite makes of integers that overflow.
func integer(v sqldriver.Value) (sqldriver.Value, error) {
	if _, overflowed := v.(float64); overflowed {
		return nil, errInteger
	}
	return v, nil
}

// narrow refuses integers that a column of fewer bits could not be read from.
func narrow(low, high int64) func(sqldriver.Value) (sqldriver.Value, error) {
	return func(v sqldriver.Value) (sqldriver.Value, error) {
		if n, is := v.(int64); is && (n < low || n > high) {
			return nil, errInteger
		}
		return integer(v)
	}
}

func finite(v sqldriver.Value) (sqldriver.Value, error) {
	if f, ok := v.(float64); ok && math.IsInf(f, 0) {
		return nil, errFloat
	}
	return v, nil
}

// decimalDigits are those that a float keeps of any decimal.
const decimalDigits = 15

func decimal(v sqldriver.Value) (sqldriver.Value, error) {
	f, ok := v.(float64)
	if !ok {
		return v, nil
	}
	return strconv.ParseFloat(strconv.FormatFloat(f, 'g', decimalDigits, 64), 64)
}
