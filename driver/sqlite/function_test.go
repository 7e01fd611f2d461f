package sqlite

import (
	sqldriver "database/sql/driver"
	"math"
	"testing"

	dsqlite "github.com/rowhouse/rowhouse/dialect/sqlite"
)

func TestFunctions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		arg      sqldriver.Value
		want     sqldriver.Value
		overflow bool
	}{
		{name: dsqlite.LowerFunc, arg: "ÄÖ Ж X", want: "äö ж x"},
		{name: dsqlite.UpperFunc, arg: "é x", want: "É X"},
		{name: dsqlite.UpperFunc},
		{name: dsqlite.LowerFunc, arg: int64(5), want: int64(5)},
		{name: dsqlite.IntegerFunc, arg: int64(math.MaxInt64), want: int64(math.MaxInt64)},
		{name: dsqlite.IntegerFunc},
		{name: dsqlite.IntegerFunc, arg: 9.2e18, overflow: true},
		{name: dsqlite.Int16Func, arg: int64(math.MinInt16), want: int64(math.MinInt16)},
		{name: dsqlite.Int16Func, arg: int64(math.MaxInt16 + 1), overflow: true},
		{name: dsqlite.Int32Func, arg: int64(math.MaxInt32), want: int64(math.MaxInt32)},
		{name: dsqlite.Int32Func, arg: int64(math.MinInt32 - 1), overflow: true},
		{name: dsqlite.Int32Func},
		{name: dsqlite.FloatFunc, arg: 1e308, want: 1e308},
		{name: dsqlite.FloatFunc, arg: math.Inf(-1), overflow: true},
		{name: dsqlite.DecimalFunc, arg: 0.1 + 0.2 + 1e-17, want: 0.3},
		{name: dsqlite.DecimalFunc, arg: int64(7), want: int64(7)},
		{name: dsqlite.DecimalFunc},
	} {
		got, err := functions[c.name](c.arg)
		if got != c.want || (err != nil) != c.overflow {
			t.Errorf("%s(%v) is %v, %v; want %v", c.name, c.arg, got, err, c.want)
		}
	}
}
