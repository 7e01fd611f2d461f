package model

import (
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/google/uuid"

	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

// FitError is a value that a column of a tenant's own cannot have. It does not quote the value.
type FitError struct {
	Column  string
	TooLong bool
	Problem string
	Err     error // why, where that may quote the value
}

// Error names the column.
func (e *FitError) Error() string { return "column " + e.Column + ": " + e.Problem }

// Unwrap returns why.
func (e *FitError) Unwrap() error { return e.Err }

// fit returns a value as the column has it. Columns in a document are checked by nobody else, and
// those in tables not alike on every engine, so all are checked here: what is too large or too long
// is refused, and decimals are rounded to their scale.
func fit(c *OwnColumn, v any) (any, error) {
	switch bad := v.(type) {
	case nil:
		return c.Default, nil
	case badValue:
		return nil, &FitError{Column: c.Name, Problem: "its value cannot be written (why is behind errors.Unwrap)", Err: bad.err}
	case rawValue:
		typed, err := fromJSON(c.Type.Kind, bad)
		if err != nil {
			return nil, &FitError{Column: c.Name, Problem: fmt.Sprintf("the JSON given is no %s", c.Type.Kind), Err: err}
		}
		if v = typed; v == nil {
			return c.Default, nil
		}
	}
	v, problem, tooLong := fitKind(c.Type, v)
	if problem != "" {
		return nil, &FitError{Column: c.Name, Problem: problem, TooLong: tooLong}
	}
	return v, nil
}

// Fit is [fit] for a value that is not of a row.
func (c *OwnColumn) Fit(v any) (any, error) { return fit(c, v) }

func fitKind(t dialect.Type, v any) (fitted any, problem string, tooLong bool) {
	switch t.Kind {
	case dialect.Int16, dialect.Int32, dialect.Int64:
		n, is := v.(int64)
		bits := map[dialect.Kind]int{dialect.Int16: 16, dialect.Int32: 32, dialect.Int64: 64}[t.Kind]
		if is && (n < -1<<(bits-1) || n > 1<<(bits-1)-1) {
			return nil, fmt.Sprintf("the number does not fit into %s", t.Kind), true
		}
		return n, mistyped(t, v, is), false
	case dialect.Float32, dialect.Float64:
		return fitFloat(t, v)
	case dialect.Decimal:
		return fitDecimal(t, v)
	case dialect.Text:
		return fitText(t, v)
	case dialect.Bytes:
		b, is := v.([]byte)
		if t.Size > 0 && len(b) > t.Size {
			return nil, fmt.Sprintf("it holds %d bytes, and %d were given", t.Size, len(b)), true
		}
		return b, mistyped(t, v, is), false
	case dialect.Time:
		at, is := v.(time.Time)
		if at = utc(at); is && (at.Year() < 1 || at.Year() > 9999) {
			return nil, "not every engine has a time before the year 1 or after 9999", false
		}
		return at, mistyped(t, v, is), false
	case dialect.JSON:
		text, is := v.(string)
		if is && !json.Valid([]byte(text)) {
			return nil, "the text is no JSON", false
		}
		return text, mistyped(t, v, is), false
	case dialect.Bool:
		_, is := v.(bool)
		return v, mistyped(t, v, is), false
	}
	_, is := v.([16]byte)
	return v, mistyped(t, v, is), false
}

// mistyped says what is wrong with a value that is none of the column's.
func mistyped(t dialect.Type, v any, is bool) string {
	if is {
		return ""
	}
	return fmt.Sprintf("it is %s, and a %T was given", t.Kind, v)
}

func fitFloat(t dialect.Type, v any) (any, string, bool) {
	f, is := v.(float64)
	switch {
	case !is:
		return nil, mistyped(t, v, false), false
	case t.Kind == dialect.Float32:
		f = float64(float32(f))
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, "not every engine has that number", false
	}
	return f, "", false
}

func fitText(t dialect.Type, v any) (any, string, bool) {
	text, is := v.(string)
	switch {
	case !is:
		return nil, mistyped(t, v, false), false
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return nil, "the text is not UTF-8, or has a NUL in it, which not every engine takes", false
	case t.Size > 0 && utf8.RuneCountInString(text) > t.Size:
		return nil, fmt.Sprintf("it holds %d characters, and %d were given", t.Size, utf8.RuneCountInString(text)), true
	}
	return text, "", false
}

// fitDecimal rounds half away from zero, as databases do.
func fitDecimal(t dialect.Type, v any) (any, string, bool) {
	text, is := v.(string)
	if f, float := v.(float64); float {
		text, is = strconv.FormatFloat(f, 'f', -1, 64), true
	}
	if !is {
		return nil, mistyped(t, v, false), false
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok || strings.ContainsAny(text, "/_xXpPeE") {
		return nil, "the text is no decimal number", false
	}
	fitted := r.FloatString(t.Scale)
	if digits := strings.TrimLeft(strings.TrimPrefix(fitted, "-"), "0"); len(strings.ReplaceAll(digits, ".", "")) > t.Precision {
		return nil, fmt.Sprintf("it holds %d digits, %d of them after the point", t.Precision, t.Scale), true
	}
	return strings.TrimPrefix(fitted, minusZero(fitted)), "", false
}

// minusZero is the sign of a zero that has one.
func minusZero(text string) string {
	if strings.HasPrefix(text, "-") && strings.Trim(text, "-0.") == "" {
		return "-"
	}
	return ""
}

// ownTarget makes a canonical value of what a driver gives.
type ownTarget struct {
	c *OwnColumn
	p *any
}

// Scan takes what database/sql would give for the column's kind.
func (t *ownTarget) Scan(src any) (err error) {
	if src == nil {
		*t.p = nil
		return nil
	}
	v, err := canonicalOf(t.c.Type.Kind, src)
	if err != nil {
		return err
	}
	if t.c.Type.Kind == dialect.Decimal { // digits as the column has them, whatever the engine keeps
		if fitted, problem, _ := fitDecimal(t.c.Type, v); problem == "" {
			v = fitted
		}
	}
	*t.p = v
	return nil
}

func canonicalOf(kind dialect.Kind, src any) (any, error) {
	switch kind {
	case dialect.Bool:
		return converted[bool](src)
	case dialect.Int16, dialect.Int32, dialect.Int64:
		return converted[int64](src)
	case dialect.Float32:
		f, err := converted[float64](src)
		return float64(float32(f)), err
	case dialect.Float64:
		return converted[float64](src)
	case dialect.Bytes:
		return converted[[]byte](src)
	case dialect.Time:
		return converted[time.Time](src)
	case dialect.UUID:
		if text, is := src.(string); is {
			return uuidOf(uuid.Parse(text))
		}
		return converted[[16]byte](src)
	}
	return converted[string](src)
}

func converted[V any](src any) (v V, err error) {
	err = driver.Convert(&v, src)
	return v, err
}

// documentCodec is the codec of the document that has a tenant's own columns: an object of those
// that the row has a value of, NULL among them.
func (h *shape) documentCodec() *Codec {
	return &Codec{
		Type: dialect.Type{Kind: dialect.JSON}, Nullable: true,
		Arg:       func(p unsafe.Pointer) (any, error) { return h.write((*Extra)(p)) },
		NewTarget: func(p unsafe.Pointer) sql.Scanner { return &documentTarget{h, (*Extra)(p)} },
	}
}

// write writes the document.
func (h *shape) write(e *Extra) (any, error) {
	object := map[string]json.RawMessage{}
	for i := range h.columns {
		c := &h.columns[i]
		if v, _, found := e.Value(c.Name); found {
			v, err := fit(c, v)
			if err != nil {
				return nil, err
			}
			object[c.Column] = encode(v)
		}
	}
	text, err := json.Marshal(object)
	return string(text), err
}

// Patch is a document with the values that the row has of these columns of its tenant's own. Those that
// the tenant does not have are left out.
func (s *Struct) Patch(row unsafe.Pointer, names ...string) (string, error) {
	values := make(map[string]json.RawMessage, len(names))
	for _, name := range names {
		c, _ := s.Own(name)
		if c == nil {
			continue
		}
		v, _, _ := s.Slot.in(row).Value(name)
		v, err := fit(c, v)
		if err != nil {
			return "", err
		}
		values[c.Column] = encode(v)
	}
	text, err := json.Marshal(values)
	return string(text), err
}

// documentTarget reads a document.
type documentTarget struct {
	h *shape
	e *Extra
}

// Scan reads the values that are what their columns are; anything else is as if it were not there.
func (t *documentTarget) Scan(src any) error {
	var object map[string]json.RawMessage
	switch s := src.(type) {
	case nil:
	case string:
		if err := json.Unmarshal([]byte(s), &object); err != nil {
			return err
		}
	case []byte:
		if err := json.Unmarshal(s, &object); err != nil {
			return err
		}
	default:
		return fmt.Errorf("a %T is not JSON", src)
	}
	set := t.h.fresh()
	for i := range t.h.columns {
		c := &t.h.columns[i]
		v, err := Decode(c.Type.Kind, object[c.Column])
		if err != nil || v == nil {
			v = c.Default
		}
		set.values[i] = v
	}
	t.e.set = set
	return nil
}

// encode writes a canonical value as documents and catalogs have it: every value is a JSON scalar.
func encode(v any) json.RawMessage {
	switch typed := v.(type) {
	case time.Time:
		v = typed.Format(driver.TimeLayout)
	case []byte:
		v = hex.EncodeToString(typed)
	case [16]byte:
		v = hex.EncodeToString(typed[:])
	}
	text, _ := json.Marshal(v) //nolint:errchkjson // it is a bool, a finite number or a text
	return text
}

// Encode writes a canonical value as documents and catalogs have it.
func Encode(v any) json.RawMessage { return encode(v) }

// Decode reads what [Encode] wrote; nothing, and null, is nil.
func Decode(kind dialect.Kind, raw json.RawMessage) (any, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil //nolint:nilnil // nil is NULL
	}
	switch kind {
	case dialect.Bool:
		return decoded[bool](raw)
	case dialect.Int16, dialect.Int32, dialect.Int64:
		return decoded[int64](raw)
	case dialect.Float32, dialect.Float64:
		return decoded[float64](raw)
	}
	text, err := decoded[string](raw)
	if err != nil {
		return nil, err
	}
	switch kind {
	case dialect.Time:
		return time.ParseInLocation(driver.TimeLayout, text, time.UTC)
	case dialect.Bytes:
		return hex.DecodeString(text)
	case dialect.UUID:
		return uuidOf(uuid.Parse(text))
	}
	return text, nil
}

func decoded[V any](raw json.RawMessage) (v V, err error) {
	err = json.Unmarshal(raw, &v)
	return v, err
}

// MarshalJSON writes an object of the values, as Go's own types are written: times as RFC 3339, UUIDs
// as their text, bytes as base64, decimals as texts, JSON as it is.
func (e Extra) MarshalJSON() ([]byte, error) {
	object := map[string]any{}
	for name, v := range e.All() {
		_, kind, _ := e.Value(name)
		switch typed := v.(type) {
		case badValue:
			return nil, &FitError{Column: name, Problem: "its value cannot be written (why is behind errors.Unwrap)", Err: typed.err}
		case rawValue:
			v = json.RawMessage(typed)
		case [16]byte:
			v = uuid.UUID(typed).String()
		case string:
			if kind == dialect.JSON {
				v = json.RawMessage(typed)
			}
		}
		object[name] = v
	}
	return json.Marshal(object)
}

// UnmarshalJSON reads an object. What its values are is for the columns to say that they are written
// to, or for whoever asks for them.
func (e *Extra) UnmarshalJSON(text []byte) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	e.set = nil
	for name, raw := range object {
		e.Put(name, dialect.Other, rawValue(raw))
	}
	return nil
}

var errNoNumber = errors.New("no number")

// fromJSON makes a canonical value of JSON as [Extra.MarshalJSON] writes it.
func fromJSON(kind dialect.Kind, raw rawValue) (any, error) {
	text := json.RawMessage(raw)
	if string(text) == "null" {
		return nil, nil //nolint:nilnil // nil is NULL
	}
	switch kind {
	case dialect.JSON:
		return string(raw), nil
	case dialect.Time:
		return decoded[time.Time](text)
	case dialect.Bytes:
		s, err := decoded[string](text)
		if err != nil {
			return nil, err
		}
		return base64.StdEncoding.DecodeString(s)
	case dialect.Decimal:
		if n, err := decoded[json.Number](text); err == nil {
			return n.String(), nil
		}
		return nil, errNoNumber
	}
	return Decode(kind, text)
}

// Typed returns a value, read from JSON or from a row, as one of the kind.
func Typed(kind dialect.Kind, v any) (any, error) {
	raw, is := v.(rawValue)
	if !is {
		return v, nil
	}
	return fromJSON(kind, raw)
}

// Plain returns a value as those see it that know no column of it: what came as JSON is JSON.
func Plain(v any) any {
	switch v := v.(type) {
	case rawValue:
		return json.RawMessage(v)
	case badValue:
		return v.err
	case []byte:
		return slices.Clone(v)
	}
	return v
}
