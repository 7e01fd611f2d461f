package sqlconn

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
)

func TestEncode(t *testing.T) {
	t.Parallel()
	west := time.FixedZone("west", -3600)
	cases := []struct {
		name string
		arg  dialect.Arg
		want any // nil with fails: an error
		fail bool
	}{
		{name: "null", arg: dialect.Arg{Kind: dialect.Bytes}},
		{name: "bool", arg: dialect.Arg{Value: true, Kind: dialect.Bool}, want: true},
		{name: "integer", arg: dialect.Arg{Value: int64(math.MinInt64), Kind: dialect.Int64}, want: int64(math.MinInt64)},
		{name: "float", arg: dialect.Arg{Value: 1.5, Kind: dialect.Float64}, want: 1.5},
		{name: "no number", arg: dialect.Arg{Value: math.NaN(), Kind: dialect.Float64}, fail: true},
		{name: "text", arg: dialect.Arg{Value: "a", Kind: dialect.Text}, want: "a"},
		{name: "text in bytes", arg: dialect.Arg{Value: []byte("a"), Kind: dialect.Text}, want: "a"},
		{name: "JSON in bytes", arg: dialect.Arg{Value: []byte("{}"), Kind: dialect.JSON}, want: "{}"},
		{name: "decimal in bytes", arg: dialect.Arg{Value: []byte("1.5"), Kind: dialect.Decimal}, want: "1.5"},
		{name: "bytes", arg: dialect.Arg{Value: []byte{0, 1}, Kind: dialect.Bytes}, want: []byte{0, 1}},
		{name: "no bytes", arg: dialect.Arg{Value: []byte(nil), Kind: dialect.Bytes}, want: []byte{}},
		{name: "bytes in text", arg: dialect.Arg{Value: "a", Kind: dialect.Bytes}, want: []byte("a")},
		{name: "UUID", arg: dialect.Arg{Value: [16]byte{15: 9}, Kind: dialect.UUID}, want: append(make([]byte, 15), 9)},
		{
			name: "time", arg: dialect.Arg{Value: time.Date(2024, 2, 29, 23, 0, 0, 1999, west), Kind: dialect.Time},
			want: "2024-03-01 00:00:00.000001",
		},
		{name: "zero time", arg: dialect.Arg{Value: time.Time{}, Kind: dialect.Time}, want: "0001-01-01 00:00:00.000000"},
		{name: "far time", arg: dialect.Arg{Value: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), Kind: dialect.Time}, fail: true},
		{name: "array", arg: dialect.Arg{Value: []any{int64(1)}, Kind: dialect.Int64, Array: true}, fail: true},
		{name: "int", arg: dialect.Arg{Value: 1, Kind: dialect.Int64}, fail: true},
		{name: "unfilled field", arg: dialect.Arg{Value: dialect.Field(1), Kind: dialect.Int64}, fail: true},
		{name: "unfilled tenant", arg: dialect.Arg{Value: dialect.Discriminator{}, Kind: dialect.Text}, fail: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := encodeAll([]dialect.Arg{c.arg})
			if c.fail {
				if err == nil {
					t.Errorf("encoded as %#v", got)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, []any{c.want}) {
				t.Errorf("encoded as %#v, %v, want %#v", got, err, c.want)
			}
		})
	}
}
