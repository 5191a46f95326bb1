package fakeslack

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// memoryAddress is where a Slack in memory says it is. Nothing listens there.
const memoryAddress = "http://127.0.0.1:1"

// memoryListener hands out connections that never leave the process.
type memoryListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newMemoryListener() *memoryListener {
	return &memoryListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *memoryListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (l *memoryListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// DialContext connects to the Slack, whatever the address: of a loopback port
// or, with Options.Memory, without one. It fits a WebSocket dialer too.
func (s *Slack) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if l, ok := s.listen.(*memoryListener); ok {
		return l.dial(ctx, network, address)
	}
	return new(net.Dialer).DialContext(ctx, network, s.listen.Addr().String())
}

// Client is an HTTP client that reaches this Slack alone. Close its idle
// connections when done.
func (s *Slack) Client() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: s.DialContext}}
}
