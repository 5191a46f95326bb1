package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a network in memory, whose time-outs are the test's own time.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (p *pipes) dial() net.Conn {
	here, there := net.Pipe()
	p.conns <- there
	return here
}

// servedInMemory runs a test against a handler behind the program's own server.
func servedInMemory(t *testing.T, h http.Handler, test func(t *testing.T, dial func() net.Conn)) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipes()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- serveUntilDone(ctx, httpServer(network, h)) }()
		test(t, network.dial)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// dribble sends a byte every second until the server has enough of it, and
// returns how long that took.
func dribble(conn net.Conn, head string) time.Duration {
	began := time.Now()
	_ = conn.SetDeadline(began.Add(time.Hour))
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	if _, err := io.WriteString(conn, head); err != nil {
		return time.Since(began)
	}
	for {
		time.Sleep(time.Second) // the test's own time: nobody waits for it
		if _, err := conn.Write([]byte("x")); err != nil {
			return time.Since(began)
		}
	}
}

func TestSlowClientsHoldNoConnection(t *testing.T) {
	reads := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			w.WriteHeader(http.StatusRequestTimeout)
		}
	})
	for name, c := range map[string]struct {
		head   string
		within time.Duration
	}{
		"a head that never ends": {"GET /requests HTTP/1.1\r\nHost: x\r\nX-Slow: ", 12 * time.Second},
		"a body that never ends": {"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", 70 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			servedInMemory(t, reads, func(t *testing.T, dial func() net.Conn) {
				if took := dribble(dial(), c.head); took > c.within {
					t.Errorf("it was kept for %v", took)
				}
			})
		})
	}
}

// A stream may outlast what a page may take, also on a connection that has
// brought a page before.
func TestAStreamMayTakeItsTime(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute))
		_, _ = io.WriteString(w, "page")
	})
	mux.HandleFunc("/mcp", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(10 * time.Minute) // the test's own time
		_, _ = io.WriteString(w, "stream")
	})
	servedInMemory(t, mux, func(t *testing.T, dial func() net.Conn) {
		conn := dial()
		defer conn.Close()
		answers := bufio.NewReader(conn)
		get(t, conn, answers, "/page", "page")
		get(t, conn, answers, "/mcp", "stream")
	})
}

func get(t *testing.T, conn net.Conn, answers *bufio.Reader, path, want string) {
	t.Helper()
	if _, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(body), want) {
		t.Errorf("%s: %q, %v", path, body, err)
	}
}
