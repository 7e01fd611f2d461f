package postgres

import (
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/rowhouse/rowhouse/driver"
)

// scan stores the value where that takes no detour: a column's own type in binary, in one of the
// common destinations. It reports false for everything else, which [column.assign] does.
func (c column) scan(dest any, t *texts) bool {
	if c.src == nil {
		return null(dest)
	}
	switch d := dest.(type) {
	case *int64:
		n, ok := c.int()
		return set(d, n, ok)
	case *string:
		s, ok := c.string(t)
		return set(d, s, ok)
	case *bool:
		b, ok := c.bool()
		return set(d, b, ok)
	case *time.Time:
		t, ok := c.time()
		return set(d, t, ok)
	case *float64:
		f, ok := c.float()
		return set(d, f, ok)
	case *[]byte:
		b, ok := c.bytes()
		return set(d, b, ok)
	case *[16]byte:
		u, ok := c.uuid()
		return set(d, u, ok)
	case *int:
		n, ok := c.int()
		return set(d, int(n), ok && int64(int(n)) == n)
	case *int32:
		n, ok := c.int()
		return set(d, int32(n), ok && int64(int32(n)) == n)
	case *int16:
		n, ok := c.int()
		return set(d, int16(n), ok && int64(int16(n)) == n)
	case *float32:
		f, ok := c.float()
		return set(d, float32(f), ok)
	}
	return c.scanPointer(dest, t)
}

// scanPointer is scan for destinations that can hold a NULL.
func (c column) scanPointer(dest any, t *texts) bool {
	switch d := dest.(type) {
	case **int64:
		n, ok := c.int()
		return point(d, n, ok)
	case **string:
		s, ok := c.string(t)
		return point(d, s, ok)
	case **bool:
		b, ok := c.bool()
		return point(d, b, ok)
	case **time.Time:
		t, ok := c.time()
		return point(d, t, ok)
	case **float64:
		f, ok := c.float()
		return point(d, f, ok)
	case **[]byte:
		b, ok := c.bytes()
		return point(d, b, ok)
	case **[16]byte:
		u, ok := c.uuid()
		return point(d, u, ok)
	case **int:
		n, ok := c.int()
		return point(d, int(n), ok && int64(int(n)) == n)
	case **int32:
		n, ok := c.int()
		return point(d, int32(n), ok && int64(int32(n)) == n)
	}
	return false
}

// null is scan for NULL.
func null(dest any) bool {
	switch d := dest.(type) {
	case **int64:
		*d = nil
	case **string:
		*d = nil
	case **bool:
		*d = nil
	case **time.Time:
		*d = nil
	case **float64:
		*d = nil
	default:
		return false
	}
	return true
}

func set[V any](dest *V, v V, ok bool) bool {
	if ok {
		*dest = v
	}
	return ok
}

// point allocates only what it keeps.
func point[V any](dest **V, v V, ok bool) bool {
	if ok {
		p := new(V)
		*p = v
		*dest = p
	}
	return ok
}

// assign stores the value as database/sql would: pgx decodes whatever type the server says that
// it is, and the driver contract converts.
func (c column) assign(types *pgtype.Map, number int, dest any) error {
	v, err := c.value(types)
	if err != nil {
		return err
	}
	return driver.Assign(number, dest, v)
}
