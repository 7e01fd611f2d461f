package postgres

import (
	"context"
	"hash/maphash"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// held is a connection that is to be given back. The zero one belongs to somebody else.
type held struct {
	*pgxpool.Conn

	db   *db
	lane int // of those that the db has
}

// acquire takes a connection for a tenant.
func (d *db) acquire(ctx context.Context, tenant string) (h held, err error) {
	h.db = d
	if d.lanes != nil {
		h.Conn, h.lane, err = d.lanes.acquire(ctx, tenant)
	} else {
		h.Conn, err = d.pool.Acquire(ctx)
	}
	if err == nil {
		h.visit(tenant)
	}
	return h, err
}

// Release gives the connection back, or ends it if it has seen enough.
func (h held) Release() {
	if t := h.tenure(); t != nil && len(t.seen) >= t.limit {
		h.db.counts.retired.Add(1)
		conn := h.Hijack()
		if h.db.beforeClose != nil {
			h.db.beforeClose(conn)
		}
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), closeTime)
			defer cancel()
			_ = conn.Close(ctx) // what does not answer is closed as well
		}()
	} else {
		h.Conn.Release()
	}
	if h.db.lanes != nil {
		h.db.lanes.leave(h.lane)
	}
}

// tenure is whose tables a connection has seen.
type tenure struct {
	seen  map[uint64]struct{}
	limit int
}

// tenureKey is where a connection keeps its tenure.
const tenureKey = connectionKey + ".tenure"

// tenure is nil where connections do not retire.
func (h held) tenure() *tenure {
	if h.db == nil || h.db.tenants == 0 {
		return nil
	}
	data := h.Conn.Conn().PgConn().CustomData()
	t, ok := data[tenureKey].(*tenure)
	if !ok {
		t = &tenure{seen: map[uint64]struct{}{}, limit: h.db.tenants - rand.IntN(h.db.tenants/8+1)}
		data[tenureKey] = t
	}
	return t
}

// visit is for a statement of a tenant on the connection.
func (h held) visit(tenant string) {
	if t := h.tenure(); t != nil && tenant != "" && len(t.seen) < t.limit {
		t.seen[maphash.String(seed, tenant)] = struct{}{}
	}
}

// closeTime is how long the server has for a goodbye.
const closeTime = time.Second
