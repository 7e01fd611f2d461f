package driver

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/rowhouse/rowhouse/dialect"
)

// TimeLayout is how a time is written as text where an engine has no type for it: sortable,
// in UTC, with six digits of the second.
const TimeLayout = "2006-01-02 15:04:05.000000"

// Assign stores a value as database/sql drivers give it (nil, int64, uint64, float32, float64,
// bool, string, []byte, time.Time) in a destination of this package's contract. It converts
// between numbers, text and times where nothing is lost, and is an error where something would
// be; column, counted from 0, is for the error alone. No error quotes the value.
func Assign(column int, dest, src any) error {
	switch err := Convert(dest, src); {
	case err == nil:
		return nil
	case errors.Is(err, errNull):
		return &NullError{Column: column}
	default:
		return &ScanError{Column: column, Err: err}
	}
}

// errNull is a NULL for a destination that has no value for it.
var errNull = errors.New("value is NULL")

// Convert is [Assign] without a column to name.
func Convert(dest, src any) error {
	switch d := dest.(type) {
	case sql.Scanner:
		return d.Scan(src)
	case *string:
		return assign(d, src, toString)
	case **string:
		return assignNull(d, src, toString)
	case *int64:
		return assign(d, src, toInt)
	case **int64:
		return assignNull(d, src, toInt)
	case *bool:
		return assign(d, src, toBool)
	case **bool:
		return assignNull(d, src, toBool)
	case *float64:
		return assign(d, src, toFloat)
	case **float64:
		return assignNull(d, src, toFloat)
	case *time.Time:
		return assign(d, src, toTime)
	case **time.Time:
		return assignNull(d, src, toTime)
	case *[]byte:
		return assign(d, src, toBytes)
	case **[]byte:
		return assignNull(d, src, toBytes)
	case *[16]byte:
		return assign(d, src, toUUID)
	case **[16]byte:
		return assignNull(d, src, toUUID)
	}
	return assignNumber(dest, src)
}

// Canonical is what a scanner gets for a value of a column of that kind, whatever the engine keeps it
// as: a time for what one stores as text, and digits for what one stores as a float.
func Canonical(kind dialect.Kind, src any) (any, error) {
	if _, isTime := src.(time.Time); src == nil || isTime {
		return src, nil
	}
	switch kind {
	case dialect.Time:
		return toTime(src)
	case dialect.Decimal:
		return toString(src)
	}
	return src, nil
}

func assignNumber(dest, src any) error {
	switch d := dest.(type) {
	case *int:
		return assign(d, src, narrow[int])
	case **int:
		return assignNull(d, src, narrow[int])
	case *int32:
		return assign(d, src, narrow[int32])
	case **int32:
		return assignNull(d, src, narrow[int32])
	case *int16:
		return assign(d, src, narrow[int16])
	case **int16:
		return assignNull(d, src, narrow[int16])
	case *int8:
		return assign(d, src, narrow[int8])
	case **int8:
		return assignNull(d, src, narrow[int8])
	case *uint64:
		return assign(d, src, narrow[uint64])
	case **uint64:
		return assignNull(d, src, narrow[uint64])
	case *uint:
		return assign(d, src, narrow[uint])
	case **uint:
		return assignNull(d, src, narrow[uint])
	case *uint32:
		return assign(d, src, narrow[uint32])
	case **uint32:
		return assignNull(d, src, narrow[uint32])
	case *uint16:
		return assign(d, src, narrow[uint16])
	case **uint16:
		return assignNull(d, src, narrow[uint16])
	case *uint8:
		return assign(d, src, narrow[uint8])
	case **uint8:
		return assignNull(d, src, narrow[uint8])
	case *float32:
		return assign(d, src, toFloat32)
	case **float32:
		return assignNull(d, src, toFloat32)
	}
	return fmt.Errorf("driver: %T is no destination of the contract", dest)
}

func assign[V any](dest *V, src any, convert func(any) (V, error)) error {
	if src == nil {
		return errNull
	}
	v, err := convert(src)
	if err != nil {
		return err
	}
	*dest = v
	return nil
}

func assignNull[V any](dest **V, src any, convert func(any) (V, error)) error {
	if src == nil {
		*dest = nil
		return nil
	}
	v, err := convert(src)
	if err != nil {
		return err
	}
	*dest = &v
	return nil
}

func toString(src any) (string, error) {
	switch s := src.(type) {
	case string:
		return s, nil
	case []byte:
		return string(s), nil
	case int64:
		return strconv.FormatInt(s, 10), nil
	case float64:
		return strconv.FormatFloat(s, 'f', -1, 64), nil
	case bool:
		return strconv.FormatBool(s), nil
	}
	return "", mismatch(src, "text")
}

func toBytes(src any) ([]byte, error) {
	switch s := src.(type) {
	case []byte:
		return append([]byte{}, s...), nil
	case string:
		return []byte(s), nil
	}
	return nil, mismatch(src, "bytes")
}

func toInt(src any) (int64, error) {
	switch s := src.(type) {
	case int64:
		return s, nil
	case uint64:
		if s <= math.MaxInt64 {
			return int64(s), nil
		}
	case bool:
		if s {
			return 1, nil
		}
		return 0, nil
	case float64:
		// Out of range a conversion gives whatever the processor does.
		if s >= math.MinInt64 && s < math.MaxInt64 && s == math.Trunc(s) {
			return int64(s), nil
		}
	case []byte:
		return parsed(strconv.ParseInt(string(s), 10, 64))
	case string:
		return parsed(strconv.ParseInt(s, 10, 64))
	}
	return 0, mismatch(src, "an integer")
}

type integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

func narrow[V integer](src any) (V, error) {
	n, err := toInt(src)
	if err != nil {
		return 0, err
	}
	v := V(n)
	if int64(v) != n || (v < 0) != (n < 0) {
		return 0, fmt.Errorf("an integer does not fit into %T", v)
	}
	return v, nil
}

func toFloat(src any) (float64, error) {
	switch s := src.(type) {
	case float64:
		return s, nil
	case float32:
		return float64(s), nil
	case int64:
		return float64(s), nil
	case []byte:
		return parsed(strconv.ParseFloat(string(s), 64))
	case string:
		return parsed(strconv.ParseFloat(s, 64))
	}
	return 0, mismatch(src, "a float")
}

func toFloat32(src any) (float32, error) {
	f, err := toFloat(src)
	return float32(f), err
}

func toBool(src any) (bool, error) {
	switch s := src.(type) {
	case bool:
		return s, nil
	case int64:
		if s == 0 || s == 1 {
			return s == 1, nil
		}
	case []byte:
		return parsed(strconv.ParseBool(string(s)))
	case string:
		return parsed(strconv.ParseBool(s))
	}
	return false, mismatch(src, "a bool")
}

func toTime(src any) (time.Time, error) {
	switch s := src.(type) {
	case time.Time:
		return s.UTC(), nil
	case string:
		return parseTime(s)
	case []byte:
		return parseTime(string(s))
	}
	return time.Time{}, mismatch(src, "a time")
}

// timeLayouts are tried in turn: our own, what other programs write, RFC 3339, a bare date.
var timeLayouts = [...]string{
	TimeLayout, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05",
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly,
}

func parseTime(s string) (time.Time, error) {
	for _, layout := range timeLayouts {
		if t, err := time.ParseInLocation(layout, s, time.UTC); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("a text of %d bytes is no time", len(s))
}

func toUUID(src any) (u [16]byte, err error) {
	switch s := src.(type) {
	case []byte:
		if len(s) == len(u) {
			return [16]byte(s), nil
		}
	case [16]byte:
		return s, nil
	}
	return u, mismatch(src, "a UUID of sixteen bytes")
}

// parsed keeps strconv's error, which quotes the text, out of ours.
func parsed[V any](v V, err error) (V, error) {
	if err != nil {
		return v, fmt.Errorf("a text is not a %T", v)
	}
	return v, nil
}

func mismatch(src any, want string) error {
	return fmt.Errorf("a %T is not %s", src, want)
}
