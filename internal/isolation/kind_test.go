package isolation

import (
	"cmp"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// kind is what the operations need to know of a model.
type kind[T any] struct {
	model  *rowhouse.Model[T] // nil for a join table that has none
	rows   func(*store) map[string]T
	key    func(*T) string // the primary key, as the store's maps have it
	values func(*T) rowhouse.Key
	canary func(*T) *string
	byKey  []rowhouse.Order[T]
	fields []field[T] // without the primary key's
	keyed  []field[T] // the primary key's
	asked  []field[T] // conditions by relations

	draw     func(*rapid.T) T                    // a row; its key may be open
	refer    func(*store, *T, int)               // has it refer to one of the rows there are
	unique   []rowhouse.AnyColumn[T]             // a key other than the primary, or nil
	same     func(a, b *T) bool                  // equal in the unique key
	filled   func(d *desk, row, asked *T) string // what an insert filled in wrongly, or ""
	touch    func(row *T, at time.Time)          // its updated time
	touched  func(*T) time.Time
	bump     func(*T) // counts its version up
	version  func(*T) int64
	deleted  func(*T) **time.Time // its soft delete, nil if the model has none
	keep     func(to, from *T)    // copies what an upsert keeps of a row, beside its key
	defaults func(T) T            // the row with its defaults
	made     bool                 // a row without a key is given one

	columns []string // as the tables have them, for looking without the library
	kinds   []dialect.Kind
	scan    func(driver.Rows) (T, error)
}

func (k *kind[T]) name() string {
	if k.model == nil {
		return casePeers.JoinTable().Name()
	}
	return k.model.Name()
}

// texts are what engines could take for a pattern, a quotation or another case of each other.
var texts = []string{
	"i", "I", "lot of", "lot", "", "100%", "1000", "snake_case", "snakeXcase", `back\slash`, "é", "É",
	"*", "[i]", "i|j", "it's", `"q"`, "?",
}

var instants = []time.Time{
	time.Date(1999, 12, 31, 23, 59, 59, 999999000, time.UTC),
	time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC),
	time.Date(2038, 1, 19, 3, 14, 8, 1000, time.UTC),
}

func optional[V any](t *rapid.T, some []V, label string) *V {
	if rapid.IntRange(0, 2).Draw(t, label+"?") == 0 {
		return nil
	}
	return new(rapid.SampledFrom(some).Draw(t, label))
}

// value and none read and write a column that has no NULL.
func value[T, V any](at func(*T) *V) (get func(*T) (V, bool), put func(*T, *V)) {
	return func(row *T) (V, bool) { return *at(row), true }, func(row *T, v *V) { *at(row) = *v }
}

// nullable reads and writes a column that has NULL. What is written is a copy, because rows in
// the model are copied with their pointers.
func nullable[T, V any](at func(*T) **V) (get func(*T) (V, bool), put func(*T, *V)) {
	get = func(row *T) (v V, ok bool) {
		if p := *at(row); p != nil {
			return *p, true
		}
		return v, false
	}
	put = func(row *T, v *V) {
		if v == nil {
			*at(row) = nil
			return
		}
		*at(row) = new(*v)
	}
	return get, put
}

// plain describes a column that is sorted by its values and has no NULL.
func plain[T any, V cmp.Ordered](c rowhouse.Column[T, V], at func(*T) *V, some ...V) values[T, V] {
	get, put := value(at)
	return values[T, V]{column: c, get: get, put: put, compare: cmp.Compare[V], some: some, noNull: true}
}

// maybe describes one that has NULL.
func maybe[T, V any](c rowhouse.Column[T, V], at func(*T) **V, compare func(a, b V) int, some ...V) values[T, V] {
	get, put := nullable(at)
	return values[T, V]{column: c, get: get, put: put, compare: compare, some: some}
}

func sortedKeys[T any](rows map[string]T) []string {
	keys := make([]string, 0, len(rows))
	for key := range rows {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
