package sqlconn

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"net"
	"syscall"
	"testing"

	"github.com/rowhouse/rowhouse/driver"
)

// deaf is a server that nobody reaches, for a reason.
type deaf struct{ err error }

func (d deaf) Connect(context.Context) (sqldriver.Conn, error) { return nil, d.err }

func (deaf) Driver() sqldriver.Driver { return nil }

// TestWriteUnsent has a write whose connection cannot be made not be told as one that may have been carried out.
func TestWriteUnsent(t *testing.T) {
	t.Parallel()
	for _, why := range []error{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, context.DeadlineExceeded} {
		pool := sql.OpenDB(Connecting(deaf{why}))
		lost := func(err error) bool { _, is := errors.AsType[net.Error](err); return is }
		db := NewDB(pool, Engine{Lost: lost}, pool.Close)
		t.Cleanup(func() { _ = db.Close() })
		insert := &driver.Statement{Text: "INSERT", Write: true}
		_, execErr := db.Exec(t.Context(), insert)
		_, queryErr := db.Query(t.Context(), insert)
		for _, err := range []error{execErr, queryErr} {
			if !errors.Is(err, why) || errors.Is(err, driver.ErrAmbiguous) {
				t.Errorf("%v", err)
			}
		}
	}
}
