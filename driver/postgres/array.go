package postgres

import (
	"encoding/binary"

	"github.com/rowhouse/rowhouse/dialect"
)

// appendArray appends a one-dimensional array: in binary, with the widest elements that it needs,
// or as text if its kind or one of its elements has no binary form.
func appendArray(dst []byte, kind dialect.Kind, list []any) (_ []byte, oid uint32, format int16, err error) {
	start := len(dst)
	for _, k := range [...]dialect.Kind{kind, widest(kind)} {
		var ok bool
		if dst, ok = appendBinaryArray(dst[:start], k, list); ok {
			return dst, kinds[k].array, binaryFormat, nil
		}
	}
	dst, err = appendTextArray(dst[:start], list)
	return dst, kinds[kind].array, textFormat, err
}

func widest(kind dialect.Kind) dialect.Kind {
	switch kind {
	case dialect.Int16, dialect.Int32:
		return dialect.Int64
	case dialect.Float32:
		return dialect.Float64
	}
	return kind
}

// appendBinaryArray reports false for a list with an element of another type than its kind's.
func appendBinaryArray(dst []byte, kind dialect.Kind, list []any) ([]byte, bool) {
	element := kinds[kind].oid
	if element == 0 {
		return dst, false // of whatever type stands beside it
	}
	var null uint32
	for _, v := range list {
		if v == nil {
			null = 1
		}
	}
	const dimensions, lowest = 1, 1
	dst = binary.BigEndian.AppendUint32(dst, dimensions)
	dst = binary.BigEndian.AppendUint32(dst, null)
	dst = binary.BigEndian.AppendUint32(dst, element)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(list)))
	dst = binary.BigEndian.AppendUint32(dst, lowest)
	for _, v := range list {
		at := len(dst)
		dst = append(dst, 0xff, 0xff, 0xff, 0xff) // the length of a NULL
		if v == nil {
			continue
		}
		var oid uint32
		if dst, oid = appendBinary(dst, kind, v); oid == 0 || oid != element {
			return dst, false
		}
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst, true
}

func appendTextArray(dst []byte, list []any) (_ []byte, err error) {
	dst = append(dst, '{')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		if v == nil {
			dst = append(dst, "NULL"...)
			continue
		}
		at := len(dst)
		if dst, err = appendText(dst, v); err != nil {
			return dst, err
		}
		text := string(dst[at:])
		dst = append(dst[:at], '"')
		for j := range len(text) {
			if text[j] == '"' || text[j] == '\\' {
				dst = append(dst, '\\')
			}
			dst = append(dst, text[j])
		}
		dst = append(dst, '"')
	}
	return append(dst, '}'), nil
}
