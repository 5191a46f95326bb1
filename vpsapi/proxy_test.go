package vpsapi_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"vpsops/vpsapi"
)

// serveProxy runs a proxy that takes CONNECT to anywhere and leads to target.
func serveProxy(t *testing.T, target string, headers *atomic.Value, start func(*httptest.Server)) *url.URL {
	t.Helper()
	proxy := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers.Store(r.Header.Clone())
		if r.Method != http.MethodConnect {
			t.Errorf("the proxy saw %s %s", r.Method, r.URL)
			return
		}
		far, err := net.Dial("tcp", target)
		if err != nil {
			t.Error(err)
			return
		}
		near, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
		var both sync.WaitGroup
		both.Go(func() { _, _ = io.Copy(far, near); _ = far.(*net.TCPConn).CloseWrite() })
		both.Go(func() { _, _ = io.Copy(near, far); _ = near.Close() })
		both.Wait()
		_ = far.Close()
	}))
	start(proxy)
	t.Cleanup(proxy.Close)
	address, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func TestThroughAProxyWritesAreKeptBackAndSentAsEver(t *testing.T) {
	for name, start := range map[string]func(*httptest.Server){"http": (*httptest.Server).Start, "https": (*httptest.Server).StartTLS} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int64
			var seen atomic.Value
			api := serveTLS(t, func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				w.WriteHeader(http.StatusNoContent)
			})
			transport := api.Client().Transport.(*http.Transport).Clone()
			transport.Proxy = http.ProxyURL(serveProxy(t, api.Listener.Addr().String(), &seen, start))
			// The certificate is example.com's, and a loopback address would be asked for without the proxy.
			writer := newWriter(t, "https://example.com/api/v1", vpsapi.WithTransport(transport))
			no := errors.New("no")

			err := writer.DeleteServer(t.Context(), number(12345), vpsapi.BeforeSend(func(context.Context) error { return no }))
			if wantClass(t, err, "not sent"); !errors.Is(err, no) || requests.Load() != 0 {
				t.Fatalf("%d requests: %v", requests.Load(), err)
			}
			wantClass(t, writer.DeleteServer(t.Context(), number(12345)), "done")
			if requests.Load() != 1 {
				t.Fatalf("%d requests", requests.Load())
			}
			if header := seen.Load().(http.Header); header.Get("Authorization") != "" {
				t.Fatalf("the proxy saw %v", header)
			}
		})
	}
}

func TestLoopbackIsNeverAskedThroughAProxy(t *testing.T) {
	var asked atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer proxy.Close()
	address, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	through := vpsapi.WithTransport(&http.Transport{Proxy: http.ProxyURL(address)})
	_, err = newReader(t, answer(t, 200, serverJSON("12345")), through).GetServer(t.Context(), number(12345))
	if err != nil || asked.Load() != 0 {
		t.Fatalf("the proxy was asked %d times: %v", asked.Load(), err)
	}
}

// The name localhost may lead off this machine; plain http must not follow it there.
func TestPlainHTTPStaysOnThisMachine(t *testing.T) {
	url, line := serveCounted(t, func(http.ResponseWriter, *http.Request) {})
	away := vpsapi.WithTransport(&http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, url[len("http://"):])
		return &awayConn{conn}, err
	}})
	err := newWriter(t, "http://localhost/api/v1", away).DeleteServer(t.Context(), number(12345))
	wantClass(t, err, "not sent")
	_, err = newReader(t, "http://localhost/api/v1", away).GetServer(t.Context(), number(12345))
	if !is[*vpsapi.OptionError](err) || line.bytes.Load() != 0 {
		t.Fatalf("%d bytes were sent: %v", line.bytes.Load(), err)
	}
}

// awayConn says that its other end is elsewhere.
type awayConn struct{ net.Conn }

func (*awayConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80} }
