package model

import (
	"bytes"
	"math"
	"reflect"
	"time"
	"unsafe"
)

// Keep appends what a copy of the row does not keep: the values of fields whose memory lies
// elsewhere (pointers, slices, maps, types with a Value method over such), as arguments, in the order
// of their fields. Columns of a tenant's own are not among them, as a copy keeps an [Extra]: whatever
// those columns are, what was kept once is good.
func (s *Struct) Keep(kept []any, row unsafe.Pointer) []any {
	fields := s.declared()
	for i := range fields {
		if f := &fields[i]; f.same == nil {
			kept = append(kept, f.kept(row))
		}
	}
	return kept
}

// Kept is how many values Keep appends.
func (s *Struct) Kept() (n int) {
	for _, f := range s.declared() {
		if f.same == nil {
			n++
		}
	}
	return n
}

// unknown is kept of a value that is no argument. It is unlike any, itself too, so that the field
// counts as changed, and writing it says what is wrong.
type unknown struct{}

func (f *Field) kept(row unsafe.Pointer) any {
	v, err := f.Arg(row)
	if err != nil {
		return unknown{}
	}
	if b, ok := v.([]byte); ok {
		return bytes.Clone(b)
	}
	return v
}

// Changed returns the positions of the fields of the row that are not as they were, given a copy
// of the row as it was and what [Struct.Keep] appended then.
func (s *Struct) Changed(row, before unsafe.Pointer, kept []any) (at []int) {
	n, fields := 0, s.declared()
	for i := range fields {
		f := &fields[i]
		var same bool
		if f.same != nil {
			same = f.same(f.At(row), f.At(before))
		} else {
			same = f.isKept(row, kept[n])
			n++
		}
		if !same {
			at = append(at, i)
		}
	}
	for _, name := range s.ChangedOwn(row, before) {
		switch c, p := s.Own(name); {
		case p >= 0:
			at = append(at, p)
		case c != nil:
			return append(at, s.Document())
		}
	}
	return at
}

// ChangedOwn returns the names of a tenant's own columns whose values in the row are not as they were,
// given a copy of the row as it was, or nil of a new one; also of columns that the tenant does not have.
// What the row does not know has not changed.
func (s *Struct) ChangedOwn(row, before unsafe.Pointer) (names []string) {
	if s.Slot == nil {
		return nil
	}
	now, was := s.Slot.in(row), &Extra{}
	if before != nil {
		was = s.Slot.in(before)
	}
	if now.set == was.set {
		return nil
	}
	for name, v := range now.All() {
		if old, _, found := was.Value(name); !found || !s.sameOwn(name, v, old) {
			names = append(names, name)
		}
	}
	return names
}

// sameOwn compares two values of a column of a tenant's own, as the column has them if it is known.
func (s *Struct) sameOwn(name string, v, old any) bool {
	if c, _ := s.Own(name); c != nil {
		fitted, err := fit(c, v)
		before, wrong := fit(c, old)
		return err == nil && wrong == nil && sameArg(fitted, before)
	}
	return sameArg(v, old)
}

func (f *Field) isKept(row unsafe.Pointer, kept any) bool {
	v, err := f.Arg(row)
	if err != nil {
		return false
	}
	return sameArg(v, kept)
}

// sameArg compares an argument with one that was kept.
func sameArg(v, kept any) bool {
	switch k := kept.(type) {
	case unknown:
		return false
	case []byte:
		b, is := v.([]byte)
		return is && bytes.Equal(b, k)
	case time.Time:
		t, is := v.(time.Time)
		return is && t.Equal(k)
	}
	return reflect.DeepEqual(v, kept)
}

// sames compare values whose memory is all in the row, or never changes, by their kind.
var sames = map[reflect.Kind]func(a, b unsafe.Pointer) bool{
	reflect.Bool: same[bool], reflect.String: same[string],
	reflect.Int: same[int], reflect.Int8: same[int8], reflect.Int16: same[int16], reflect.Int32: same[int32], reflect.Int64: same[int64],
	reflect.Uint: same[uint], reflect.Uint8: same[uint8], reflect.Uint16: same[uint16],
	reflect.Uint32: same[uint32], reflect.Uint64: same[uint64],
	reflect.Float32: sameFloat[float32], reflect.Float64: sameFloat[float64],
}

func same[V comparable](a, b unsafe.Pointer) bool { return *(*V)(a) == *(*V)(b) }

// sameFloat has a value that is no number be what it was.
func sameFloat[V float32 | float64](a, b unsafe.Pointer) bool {
	x, y := float64(*(*V)(a)), float64(*(*V)(b))
	return x == y || math.IsNaN(x) && math.IsNaN(y)
}

func sameTime(a, b unsafe.Pointer) bool { return utc(*(*time.Time)(a)).Equal(utc(*(*time.Time)(b))) }

// sameOf returns what compares two values of a type, or nil if a copy of one shares memory with it
// that can change.
func sameOf(t reflect.Type) func(a, b unsafe.Pointer) bool {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return sameTime
	case isUUID(t):
		return same[[16]byte]
	case sames[t.Kind()] != nil:
		return sames[t.Kind()]
	case !isWhole(t):
		return nil
	}
	return func(a, b unsafe.Pointer) bool { return reflect.NewAt(t, a).Elem().Equal(reflect.NewAt(t, b).Elem()) }
}

// isWhole reports whether a copy of a value has all of it.
func isWhole(t reflect.Type) bool {
	switch {
	case t == reflect.TypeFor[time.Time](), sames[t.Kind()] != nil:
		return true
	case t.Kind() == reflect.Array:
		return isWhole(t.Elem())
	case t.Kind() != reflect.Struct:
		return false
	}
	for f := range t.Fields() {
		if !isWhole(f.Type) {
			return false
		}
	}
	return true
}
