package driver_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 2, 29, 1, 2, 3, 4000, time.UTC)
	cases := []struct {
		name string
		kind dialect.Kind
		src  any
		want any
	}{
		{"null", dialect.Time, nil, nil},
		{"time", dialect.Time, at, at},
		{"time in text", dialect.Time, "2024-02-29 01:02:03.000004", at},
		{"integer of a decimal", dialect.Decimal, int64(10), "10"},
		{"float of a decimal", dialect.Decimal, 10.5, "10.5"},
		{"text of a decimal", dialect.Decimal, []byte("10.50"), "10.50"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, err := driver.Canonical(c.kind, c.src); err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%#v, %v, want %#v", got, err, c.want)
			}
		})
	}
	if got, err := driver.Canonical(dialect.Time, "yesterday"); err == nil {
		t.Errorf("no time is %v", got)
	}
}
