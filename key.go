package rowhouse

import (
	"fmt"
	"math/big"
	"strings"
	"unsafe"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/internal/model"
)

// keyParts are the values of a key as GetMany takes it.
func keyParts(key any) Key {
	if composite, is := key.(Key); is {
		return composite
	}
	return Key{key}
}

// keyIn is the key that a row has in these fields, as a map takes it; nil if one of them is NULL.
func keyIn(fields []*model.Field, row unsafe.Pointer) (any, error) {
	return keyOf(fields, func(i int) (any, error) { return fields[i].Arg(row) })
}

// keyOf is the key of the fields' values, as a map takes it; nil if one of them is NULL.
func keyOf(fields []*model.Field, value func(i int) (any, error)) (any, error) {
	if len(fields) == 1 {
		v, err := value(0)
		if v == nil || err != nil {
			return nil, err
		}
		return alike(dialect.Arg{Value: v, Kind: fields[0].Codec.Type.Kind}), nil
	}
	key := make([]dialect.Arg, len(fields))
	for i := range key {
		v, err := value(i)
		if v == nil || err != nil {
			return nil, err
		}
		key[i] = dialect.Arg{Value: v, Kind: fields[i].Codec.Type.Kind}
	}
	return asKey(key), nil
}

// asKey is a key as a map takes it: the same in Go where the database has it be equal.
func asKey(key []dialect.Arg) any {
	if len(key) == 1 {
		return alike(key[0])
	}
	var text strings.Builder
	for _, a := range key {
		part := fmt.Sprint(alike(a))
		fmt.Fprintf(&text, "%d:%s", len(part), part)
	}
	return text.String()
}

// alike is a key's value as one that is the same in Go where the database has it be equal.
func alike(a dialect.Arg) any {
	if b, ok := a.Value.([]byte); ok {
		return string(b)
	}
	if a.Kind == dialect.Decimal { // 2.5 and 2.50
		if n, ok := new(big.Rat).SetString(fmt.Sprint(a.Value)); ok {
			return n.RatString()
		}
	}
	return a.Value
}
