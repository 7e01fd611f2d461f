package model

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

type textID string

// noKey is an argument that says that there is none.
const noKey = "!"

var keyCases = []struct {
	name  string
	field any
	tag   string
	key   any
	want  any
}{
	{"int64", int64(0), "", int64(5), int64(5)},
	{"int for int64", int64(0), "", 5, int64(5)},
	{"int8 for int64", int64(0), "", int8(-5), int64(-5)},
	{"uint64 for int64", int64(0), "", uint64(5), int64(5)},
	{"uint64 too large for int64", int64(0), "", uint64(math.MaxInt64 + 1), noKey},
	{"int64 for int32", int32(0), "", int64(math.MaxInt32), int64(math.MaxInt32)},
	{"int64 too large for int32", int32(0), "", int64(math.MaxInt32 + 1), noKey},
	{"int64 too small for int32", int32(0), "", int64(math.MinInt32 - 1), noKey},
	{"int too large for int8", int8(0), "", 128, noKey},
	{"uint8 too large for int8", int8(0), "", uint8(200), noKey},
	{"negative for uint64", uint64(0), "", -1, noKey},
	{"negative for uint8", uint8(0), "", int8(-1), noKey},
	{"negative that wraps for uint32", uint32(0), "", int64(-1), noKey},
	{"uint64", uint64(0), "", uint64(math.MaxInt64), int64(math.MaxInt64)},
	{"uint64 that has no place", uint64(0), "", uint64(math.MaxUint64), noKey},
	{"uint for uint16", uint16(0), "", uint(65535), int64(65535)},
	{"uint too large for uint16", uint16(0), "", uint(65536), noKey},
	{"named int", level(0), "", level(3), int64(3)},
	{"int for a named one", level(0), "", 3, int64(3)},
	{"named one for int", int64(0), "", level(3), int64(3)},
	{"duration for int64", int64(0), "", time.Second, int64(time.Second)},
	{"float for int", int64(0), "", 5.0, noKey},
	{"int for float", 0.5, "", 5, noKey},
	{"float", 0.5, "", 2.5, 2.5},
	{"text for int", int64(0), "", "5", noKey},
	{"int for text", "", "", 65, noKey}, // which Go converts to "A"
	{"rune for text", "", "", 'A', noKey},
	{"text", "", "", "a", "a"},
	{"named text", textID(""), "", textID("a"), "a"},
	{"text for a named one", textID(""), "", "a", "a"},
	{"bytes for text", "", "", []byte("a"), noKey},
	{"uuid", uuid.UUID{}, "", id, [16]byte(id)},
	{"sixteen bytes for uuid", uuid.UUID{}, "", [16]byte(id), [16]byte(id)},
	{"uuid for sixteen bytes", [16]byte{}, "", id, [16]byte(id)},
	{"text for uuid", uuid.UUID{}, "", id.String(), noKey},
	{"slice for uuid", uuid.UUID{}, "", id[:], noKey},
	{"bool", false, "", true, true},
	{"time", time.Time{}, "", zoned, written},
	{"scans itself", Price{}, ",type:decimal", Price{5}, "0.05"},
	{"number for what scans itself", Price{}, ",type:decimal", 5, noKey},
	{"value that fails", Price{}, ",type:decimal", Price{-1}, noKey},
	{"number of its own", moment(0), ",type:time", moment(1e9), time.Unix(1e9, 123_456_000).UTC()},
	{"int for a number of its own", moment(0), ",type:time", int64(1e9), time.Unix(1e9, 123_456_000).UTC()},
	{"text of its own", grade(""), ",type:int16", "c", int64(2)},
	{"text as JSON", "", ",json", "a", `"a"`},
	{"nil", int64(0), "", nil, noKey},
	{"nil pointer", int64(0), "", (*int64)(nil), noKey},
	{"pointer", int64(0), "", new(int64(5)), noKey},
}

func TestKeyArg(t *testing.T) {
	t.Parallel()
	for _, c := range keyCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, _, f := codecCase{value: c.field, tag: c.tag}.field(t)
			got, err := f.KeyArg(c.key)
			if c.want == noKey {
				if err == nil || !strings.Contains(err.Error(), "key v is a ") && !strings.Contains(err.Error(), "price") &&
					!strings.Contains(err.Error(), "unsigned") {
					t.Errorf("%#v is %#v, %v; want an error", c.key, got, err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%#v is %#v, %v; want %#v", c.key, got, err, c.want)
			}
		})
	}
}
