package wire

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Proxy passes bytes on between clients and a server, and hands the server's over later than they
// came, which is what distance does. However many are on their way, they are all late by the same
// time: the line is long, not narrow. It lives until Close.
type Proxy struct {
	listener net.Listener
	server   string
	delay    atomic.Int64

	mu     sync.Mutex
	open   map[net.Conn]struct{} // nil once closed
	served sync.WaitGroup
}

// NewProxy listens on a free port of the loopback interface. It delays nothing until it is told to.
func NewProxy(server string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends by Close
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener, server: server, open: map[net.Conn]struct{}{}}
	p.served.Go(p.accept)
	return p, nil
}

// Delay has replies delayed by d from now on. A round trip then takes as much longer.
func (p *Proxy) Delay(d time.Duration) { p.delay.Store(int64(d)) }

// Addr is where clients connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Close closes all connections and returns when nothing of the proxy runs any more.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.mu.Lock()
	for c := range p.open {
		_ = c.Close()
	}
	p.open = nil
	p.mu.Unlock()
	p.served.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		p.served.Go(func() { p.serve(client) })
	}
}

func (p *Proxy) serve(client net.Conn) {
	defer p.drop(client)
	server, err := net.Dial("tcp", p.server) //nolint:noctx // it ends by Close
	if err != nil {
		return
	}
	defer p.drop(server)
	if !p.keep(client) || !p.keep(server) {
		return
	}
	var requests sync.WaitGroup
	requests.Go(func() {
		_, _ = io.Copy(server, client) // ends when either side is closed
		_ = server.Close()
	})
	p.late(client, server)
	_ = client.Close()
	requests.Wait()
}

// keep remembers a connection for Close, and reports false after it.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open == nil {
		return false
	}
	p.open[c] = struct{}{}
	return true
}

func (p *Proxy) drop(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}

// parcel is bytes with the time when they are to arrive.
type parcel struct {
	bytes []byte
	due   time.Time
}

// late copies from the server to the client until either is closed.
func (p *Proxy) late(client io.Writer, server io.Reader) {
	parcels := make(chan parcel, 256)
	p.served.Go(func() {
		defer close(parcels)
		for {
			buffer := make([]byte, 32<<10)
			n, err := server.Read(buffer)
			if n > 0 {
				parcels <- parcel{buffer[:n], time.Now().Add(time.Duration(p.delay.Load()))}
			}
			if err != nil {
				return
			}
		}
	})
	for next := range parcels {
		time.Sleep(time.Until(next.due))
		if _, err := client.Write(next.bytes); err != nil {
			break
		}
	}
	for range parcels { // what is under way when the client has left is lost
	}
}
