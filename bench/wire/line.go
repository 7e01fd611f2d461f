// Package wire is what lies between a program and its database server: it counts round trips, and it
// can be slow.
package wire

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
)

// Line makes connections and counts the round trips on all of them. It is used by many goroutines at
// once.
type Line struct {
	via   string
	trips atomic.Int64
}

// NewLine returns a line to whatever address is dialed, or, if via is not empty, to that address
// instead: a [Proxy]'s.
func NewLine(via string) *Line { return &Line{via: via} }

// Dial connects, as [net.Dialer.DialContext] does.
func (l *Line) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	if l.via != "" {
		network, address = "tcp", l.via
	}
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, line: l}, nil
}

// Trips returns how many round trips there have been. Whatever is written before something is read
// belongs to one of them, so that statements sent ahead of their replies are one trip.
func (l *Line) Trips() int64 { return l.trips.Load() }

// conn counts the reads that something was written for.
type conn struct {
	net.Conn
	line  *Line
	asked atomic.Bool
}

func (c *conn) Write(b []byte) (int, error) {
	c.asked.Store(true)
	return c.Conn.Write(b)
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && c.asked.Swap(false) {
		c.line.trips.Add(1)
	}
	return n, err
}

// SyscallConn lets go-sql-driver look whether a pooled connection is still alive, as it does on a
// bare one.
func (c *conn) SyscallConn() (syscall.RawConn, error) {
	if s, ok := c.Conn.(syscall.Conn); ok {
		return s.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}
