package wire_test

import (
	"bufio"
	"io"
	"net"
	"testing"
	"time"

	"github.com/rowhouse/rowhouse/bench/wire"
)

// echo is a server that sends each line back.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c) }()
		}
	}()
	return listener.Addr().String()
}

// ask writes n lines and then reads them.
func ask(t *testing.T, c net.Conn, n int) {
	t.Helper()
	r := bufio.NewReader(c)
	for range n {
		if _, err := c.Write([]byte("hello\n")); err != nil {
			t.Fatal(err)
		}
	}
	for range n {
		if line, err := r.ReadString('\n'); err != nil || line != "hello\n" {
			t.Fatal(line, err)
		}
	}
}

func TestTrips(t *testing.T) {
	t.Parallel()
	line := wire.NewLine("")
	c, err := line.Dial(t.Context(), "tcp", echo(t))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ask(t, c, 1)
	ask(t, c, 1)
	if got := line.Trips(); got != 2 {
		t.Errorf("two questions took %d trips", got)
	}
	ask(t, c, 5)
	if got := line.Trips(); got != 3 {
		t.Errorf("five questions sent together took %d trips", got-2)
	}
}

func TestProxyDelays(t *testing.T) {
	t.Parallel()
	const delay = 20 * time.Millisecond
	proxy, err := wire.NewProxy(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	proxy.Delay(delay)
	line := wire.NewLine(proxy.Addr())
	c, err := line.Dial(t.Context(), "tcp", "192.0.2.1:1") // nobody's: the proxy is dialed
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	ask(t, c, 1)
	ask(t, c, 20)
	took := time.Since(start)
	if took < 2*delay {
		t.Errorf("two trips took %s, want at least %s", took, 2*delay)
	}
	if took > 15*delay {
		t.Errorf("two trips took %s: what is sent together is delayed one by one", took)
	}
	if got := line.Trips(); got != 2 {
		t.Errorf("%d trips, want 2", got)
	}
	if err := proxy.Close(); err != nil { // with a client that is still there
		t.Error(err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection outlives the proxy")
	}
}
