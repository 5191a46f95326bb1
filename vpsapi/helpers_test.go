package vpsapi_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"vpsops/internal/leaktest"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Run(m)) }

// canary is the token of every test: nothing may ever show it.
const canary = "vps_canary_5f0c2b9e"

const ample = 30 * time.Second // a time-out that a slow machine doesn't reach

// quick makes a client that repeats at once.
func quick(url string, opts ...vpsapi.Option) []vpsapi.Option {
	return append([]vpsapi.Option{
		vpsapi.WithBaseURL(url),
		vpsapi.WithBackoff(func(int) time.Duration { return 0 }),
		vpsapi.WithReadTimeout(ample),
		vpsapi.WithWriteTimeout(ample),
	}, opts...)
}

func newReader(t testing.TB, url string, opts ...vpsapi.Option) *vpsapi.Reader {
	t.Helper()
	reader, err := vpsapi.NewReader(vpsapi.NewToken(canary), quick(url, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(reader.CloseIdleConnections)
	return reader
}

func newWriter(t testing.TB, url string, opts ...vpsapi.Option) *vpsapi.Writer {
	t.Helper()
	writer, err := vpsapi.NewWriter(vpsapi.NewToken(canary), quick(url, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return writer
}

// serve runs a handler and returns the base URL of the API in it.
func serve(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/api/v1"
}

// answer serves one answer to everything.
func answer(t testing.TB, status int, body string, header ...string) string {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

// account is a sandbox and its address.
type account struct {
	*sandbox.Sandbox
	url string
}

func newAccount(t testing.TB, opts sandbox.Options) *account {
	t.Helper()
	opts.Token = canary
	sb := sandbox.New(opts)
	server := httptest.NewServer(sb)
	t.Cleanup(server.Close)
	return &account{sb, server.URL + sandbox.BasePath}
}

// fault makes the sandbox do so to everything.
func (a *account) fault(t testing.TB, fault sandbox.Fault) {
	t.Helper()
	if err := a.SetFaults([]sandbox.Fault{fault}); err != nil {
		t.Fatal(err)
	}
}

// serverJSON is one server in detail, with this id.
func serverJSON(id string) string {
	return `{"id":` + id + `,"name":"web-server-01","hostname":"web01.example.com","status":"active","ip_address":"203.0.113.10",` +
		`"location":"us-west","plan":{"id":1,"name":"Standard VPS","vcpus":2,"memory":4096,"storage":80},"os":{"id":5,"name":"Ubuntu 22.04 LTS"},` +
		`"created_at":"2025-01-10T14:30:00Z","updated_at":"2025-01-15T10:20:00Z"}`
}

// class names an error's place among the ends of a call.
func class(err error) string {
	for _, kind := range []struct {
		name string
		is   func(error) bool
	}{
		{"refused", is[*vpsapi.APIError]},
		{"unknown", is[*vpsapi.OutcomeUnknownError]},
		{"not sent", is[*vpsapi.NotSentError]},
		{"no answer", is[*vpsapi.ReadError]},
		{"unexpected", is[*vpsapi.UnexpectedAnswerError]},
		{"too large", is[*vpsapi.ResponseTooLargeError]},
	} {
		if kind.is(err) {
			return kind.name
		}
	}
	if err == nil {
		return "done"
	}
	return err.Error()
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func wantClass(t testing.TB, err error, want string) {
	t.Helper()
	if got := class(err); got != want {
		t.Fatalf("the call ended as %q, want %q: %v", got, want, err)
	}
}

func number(n int64) vpsapi.ID { return vpsapi.NumberID(n) }

func ptr[T any](v T) *T { return &v }

// pipes is a network within the process, for tests whose time stands still.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// servePipes runs a handler and returns the options that reach it, at any base URL
// on localhost.
func servePipes(t testing.TB, handler http.Handler) []vpsapi.Option {
	t.Helper()
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(p) }()
	t.Cleanup(func() { _ = server.Close() })
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		select {
		case p.conns <- theirs:
			return ours, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return []vpsapi.Option{vpsapi.WithTransport(&http.Transport{DialContext: dial})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// rawAnswer serves these bytes to everything, on a connection that then ends.
func rawAnswer(t testing.TB, text string) string {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = conn.Write([]byte(text))
		_ = conn.Close()
	})
}
