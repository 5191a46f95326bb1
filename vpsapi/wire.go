package vpsapi

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	dialTimeout        = 5 * time.Second
	tlsTimeout         = 5 * time.Second
	idleTimeout        = 60 * time.Second
	maxIdleConnections = 64
	maxResponseHeader  = 64 << 10
)

// wire is the way to the API: HTTP/1.1, kept connections for reads, a fresh one for each write.
type wire struct{ transport *http.Transport }

func newWire(s *settings, safety safety) *wire {
	t := s.transport
	if t == nil {
		t = &http.Transport{Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: tlsTimeout, IdleConnTimeout: idleTimeout}
	} else {
		t = t.Clone()
	}
	dial := t.DialContext
	if dial == nil {
		dial = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	t.DialContext = gated(dial, s.base)
	t.DialTLSContext = nil
	t.Dial, t.DialTLS = nil, nil //nolint:staticcheck // the deprecated fields would go round DialContext's checks
	if isLoopback(s.base.Hostname()) {
		t.Proxy = nil // what is meant for this machine stays on it
	}
	onlyHTTP1(t)
	t.DisableCompression = true // the body's reader decompresses, under its own cap
	t.MaxResponseHeaderBytes = maxResponseHeader
	t.MaxIdleConns, t.MaxIdleConnsPerHost = maxIdleConnections, maxIdleConnections
	t.DisableKeepAlives = safety != read // a connection that served before may be dead by now, and nobody could tell what was sent
	return &wire{transport: t}
}

func onlyHTTP1(t *http.Transport) {
	t.ForceAttemptHTTP2 = false
	t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	t.TLSClientConfig.NextProtos = nil
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// gated dials connections that count what is handed to them and can be shut. Where the base URL is plain http, it also makes sure
// that the other end is on this machine: "localhost" is only a name.
func gated(dial dialFunc, base *url.URL) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if remote, ok := conn.RemoteAddr().(*net.TCPAddr); ok && base.Scheme == "http" && !remote.IP.IsLoopback() {
			_ = conn.Close()
			return nil, &OptionError{Option: "base URL", Reason: base.Hostname() + " is not on this machine, and http would show the token to the network"}
		}
		return &gatedConn{Conn: conn}, nil
	}
}
