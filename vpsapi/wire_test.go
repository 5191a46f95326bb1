package vpsapi_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"vpsops/vpsapi"
)

// line counts what arrives at a server, byte by byte.
type line struct {
	net.Listener
	connections, bytes atomic.Int64
	accepted           chan struct{} // has room for a few
}

type countedConn struct {
	net.Conn
	line *line
}

func (l *line) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.connections.Add(1)
		select {
		case l.accepted <- struct{}{}:
		default:
		}
	}
	return &countedConn{conn, l}, err
}

func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.line.bytes.Add(int64(n))
	return n, err
}

// serveCounted runs a handler and counts what arrives at it.
func serveCounted(t *testing.T, handler http.HandlerFunc) (url string, l *line) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	l = &line{Listener: server.Listener, accepted: make(chan struct{}, 4)}
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, l
}

func TestBeforeSendKeepsAWriteBackWhenTheConnectionStands(t *testing.T) {
	url, line := serveCounted(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	no := errors.New("the lease is over")
	err := newWriter(t, url).DeleteServer(t.Context(), number(12345), vpsapi.BeforeSend(func(context.Context) error {
		<-line.accepted // it does stand
		return no
	}))

	if wantClass(t, err, "not sent"); !errors.Is(err, no) {
		t.Fatalf("%v does not wrap the hook's error", err)
	}
	if n := line.bytes.Load(); n != 0 {
		t.Fatalf("%d bytes were written", n)
	}
}

// serveTLS runs a handler under TLS, and keeps quiet about handshakes that fail.
func serveTLS(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func TestBeforeSendKeepsAWriteBackUnderTLS(t *testing.T) {
	var requests atomic.Int64
	server := serveTLS(t, func(http.ResponseWriter, *http.Request) { requests.Add(1) })
	writer := newWriter(t, server.URL, vpsapi.WithTransport(server.Client().Transport.(*http.Transport)))

	err := writer.DeleteServer(t.Context(), number(12345), vpsapi.BeforeSend(func(context.Context) error { return errors.New("no") }))

	wantClass(t, err, "not sent")
	if requests.Load() != 0 {
		t.Fatal("the request arrived")
	}
}

func TestWritesGoThroughTLS(t *testing.T) {
	server := serveTLS(t, func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			t.Errorf("sent by %s", r.Proto)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	writer := newWriter(t, server.URL, vpsapi.WithTransport(server.Client().Transport.(*http.Transport)))
	wantClass(t, writer.DeleteServer(t.Context(), number(12345)), "done")
}

func TestBeforeSendThatOutlivesTheContextKeepsTheWriteBack(t *testing.T) {
	url, line := serveCounted(t, func(http.ResponseWriter, *http.Request) {})
	ctx, cancel := context.WithCancel(t.Context())

	err := newWriter(t, url).DeleteServer(ctx, number(12345), vpsapi.BeforeSend(func(context.Context) error {
		cancel()
		return nil
	}))

	if wantClass(t, err, "not sent"); !errors.Is(err, context.Canceled) || line.bytes.Load() != 0 {
		t.Fatalf("%d bytes written: %v", line.bytes.Load(), err)
	}
}

func TestBeforeSendHooksAreAskedInOrderOnceAndThenTheWriteGoes(t *testing.T) {
	url, line := serveCounted(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	var asked []string
	hook := func(name string) vpsapi.CallOption {
		return vpsapi.BeforeSend(func(context.Context) error {
			asked = append(asked, name)
			if line.bytes.Load() != 0 {
				t.Errorf("%s was asked after bytes had been written", name)
			}
			return nil
		})
	}

	err := newWriter(t, url).DeleteServer(t.Context(), number(12345), hook("first"), hook("second"))

	if wantClass(t, err, "done"); strings.Join(asked, " ") != "first second" {
		t.Fatalf("asked %v", asked)
	}
}

func TestAWriteThatNeverConnectsIsNotSent(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + closed.Addr().String()
	closed.Close()
	untrusted := serveTLS(t, http.NotFound)
	nameless := vpsapi.WithTransport(&http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	}})
	done, cancel := context.WithCancel(t.Context())
	cancel()

	for _, tt := range []struct {
		name, url string
		ctx       context.Context
		opts      []vpsapi.Option
	}{
		{"refused", refused, t.Context(), nil},
		{"unknown host", "https://api.example.com", t.Context(), []vpsapi.Option{nameless}},
		{"untrusted certificate", untrusted.URL, t.Context(), nil},
		{"context done before", refused, done, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantClass(t, newWriter(t, tt.url, tt.opts...).DeleteServer(tt.ctx, number(12345)), "not sent")
		})
	}
}

func TestWritesNeverLeaveWithArgumentsThatCannotBeRight(t *testing.T) {
	url, line := serveCounted(t, func(http.ResponseWriter, *http.Request) {})
	w := newWriter(t, url)
	ctx := t.Context()
	create := vpsapi.CreateServerParams{Name: "a", PlanID: number(1), OSID: number(1), Location: "us-west"}
	for name, call := range map[string]func() error{
		"no id":         func() error { return w.DeleteServer(ctx, vpsapi.ID{}) },
		"no name":       func() error { p := create; p.Name = ""; _, err := w.CreateServer(ctx, p); return err },
		"no plan":       func() error { p := create; p.PlanID = vpsapi.ID{}; _, err := w.CreateServer(ctx, p); return err },
		"no system":     func() error { p := create; p.OSID = vpsapi.ID{}; _, err := w.CreateServer(ctx, p); return err },
		"no location":   func() error { p := create; p.Location = ""; _, err := w.CreateServer(ctx, p); return err },
		"empty key":     func() error { p := create; p.SSHKeyID = &vpsapi.ID{}; _, err := w.CreateServer(ctx, p); return err },
		"empty replace": func() error { _, err := w.ReplaceServer(ctx, number(1), vpsapi.ReplaceServerParams{}); return err },
		"empty update":  func() error { _, err := w.UpdateServer(ctx, number(1), vpsapi.UpdateServerParams{}); return err },
		"nameless update": func() error {
			_, err := w.UpdateServer(ctx, number(1), vpsapi.UpdateServerParams{Name: ptr("")})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := call()
			if wantClass(t, err, "not sent"); !errors.Is(err, vpsapi.ErrInvalid) {
				t.Fatalf("%v is not ErrInvalid", err)
			}
		})
	}
	if n := line.connections.Load(); n != 0 {
		t.Fatalf("%d connections were made", n)
	}
}

func TestEachWriteHasAConnectionOfItsOwnAndReadsShareOne(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_, _ = io.WriteString(w, serverJSON("12345"))
	}
	writes, wrote := serveCounted(t, handler)
	writer := newWriter(t, writes)
	reads, readFrom := serveCounted(t, handler)
	reader := newReader(t, reads)
	for range 3 {
		wantClass(t, writer.DeleteServer(t.Context(), number(12345)), "done")
		_, err := reader.GetServer(t.Context(), number(12345))
		wantClass(t, err, "done")
	}
	if w, r := wrote.connections.Load(), readFrom.connections.Load(); w != 3 || r != 1 {
		t.Fatalf("3 writes took %d connections, 3 reads took %d", w, r)
	}
}

// A cut that sends not one byte back must not be repeated, whichever way net/http would like to.
func TestAWriteIsOneRequestOnTheWire(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var requests []*http.Request
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if request, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				request.Body = io.NopCloser(bytes.NewReader(readAll(request.Body)))
				requests = append(requests, request)
			}
			conn.Close()
		}
	})

	_, err = newWriter(t, "http://"+listener.Addr().String()).CreateServer(t.Context(), vpsapi.CreateServerParams{
		Name: "web-02", PlanID: number(1), OSID: number(5), Location: "us-west",
	})

	listener.Close()
	wg.Wait()
	wantClass(t, err, "unknown")
	if len(requests) != 1 {
		t.Fatalf("%d requests were sent", len(requests))
	}
	sent := requests[0]
	if body := string(readAll(sent.Body)); body != `{"name":"web-02","plan_id":1,"os_id":5,"location":"us-west"}` {
		t.Errorf("body %s", body)
	}
	if sent.URL.Path != "/servers/" || sent.Proto != "HTTP/1.1" || !sent.Close {
		t.Errorf("sent %s %s, closing %t", sent.URL, sent.Proto, sent.Close)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer " + canary, "Content-Type": "application/json", "Accept-Encoding": "identity",
		"Idempotency-Key": "", "X-Idempotency-Key": "", "Expect": "",
	} {
		if got := sent.Header.Get(name); got != want {
			t.Errorf("header %s is %q", name, got)
		}
	}
}

func readAll(r io.Reader) []byte {
	body, _ := io.ReadAll(r)
	return body
}

func TestNoRedirectIsFollowedAndNoTokenGoesAlong(t *testing.T) {
	elsewhere, line := serveCounted(t, func(http.ResponseWriter, *http.Request) {})
	for _, status := range []int{301, 302, 303, 307, 308} {
		url := answer(t, status, "", "Location", elsewhere+"/api/v1/servers/12345/")
		wantClass(t, newWriter(t, url).DeleteServer(t.Context(), number(12345)), "unknown")
		_, err := newReader(t, url).GetServer(t.Context(), number(12345))
		wantClass(t, err, "unexpected")
	}
	if n := line.connections.Load(); n != 0 {
		t.Fatalf("%d connections were made to the redirect's target", n)
	}
}

func TestASuccessThatIsNotTheAnswerToTheWriteLeavesItUnknown(t *testing.T) {
	acted := func(status, id string) string {
		return `{"status":"` + status + `","message":"m","server":{"id":` + id + `,"name":"n","status":"stopping"}}`
	}
	for name, tt := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"whole":              {200, acted("success", "12345"), "done"},
		"id as text":         {200, acted("success", `"12345"`), "done"},
		"another server":     {200, acted("success", "12346"), "unknown"},
		"no server":          {200, `{"status":"success"}`, "unknown"},
		"says failure":       {200, acted("error", "12345"), "unknown"},
		"another code":       {201, acted("success", "12345"), "unknown"},
		"no content":         {204, "", "unknown"},
		"empty":              {200, "", "unknown"},
		"a list":             {200, "[]", "unknown"},
		"half":               {200, acted("success", "12345")[:30], "unknown"},
		"wrong types":        {200, `{"status":1,"server":"x"}`, "unknown"},
		"nested too deep":    {200, `{"status":"success","x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, "unknown"},
		"no such status":     {600, acted("success", "12345"), "unknown"},
		"gateway impatience": {499, "", "unknown"},
		"misdirected":        {421, "", "refused"},
		"too early":          {425, "", "refused"},
		"gone":               {410, "", "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newWriter(t, answer(t, tt.status, tt.body)).StopServer(t.Context(), number(12345))
			wantClass(t, err, tt.want)
		})
	}
}

func TestAnUnknownOutcomeNeverReadsAsLeaveToRepeat(t *testing.T) {
	err := newWriter(t, answer(t, 503, `{"detail":"down"}`, "Retry-After", "1", "X-Request-Id", "r-1")).DeleteServer(t.Context(), number(12345))

	unknown, ok := errors.AsType[*vpsapi.OutcomeUnknownError](err)
	if !ok || errors.Is(err, vpsapi.ErrUnavailable) || is[*vpsapi.APIError](err) {
		t.Fatalf("%#v", err)
	}
	if unknown.StatusCode != 503 || unknown.Message != "down" || unknown.RequestID != "r-1" || unknown.Reason != vpsapi.UnknownStatus {
		t.Fatalf("%+v", unknown)
	}
}

// A framework's page of what went wrong is long, and says the main thing first.
func TestALongRefusalKeepsItsMessage(t *testing.T) {
	page := "<html><head><title>Server Error: no route to node 7</title></head><body>" + strings.Repeat("<p>a stack</p>", 5000) + "</body></html>"
	if len(page) < 70_000 {
		t.Fatalf("the page has %d bytes", len(page))
	}
	for name, header := range map[string][]string{"by Content-Length": {"Content-Length", strconv.Itoa(len(page))}, "in chunks": nil} {
		url := answer(t, 500, page, header...)
		const said = "Server Error: no route to node 7"
		_, err := newReader(t, url).GetServer(t.Context(), number(12345))
		if refused, ok := errors.AsType[*vpsapi.APIError](err); !ok || refused.Message != said {
			t.Errorf("%s: %v", name, err)
		}
		err = newWriter(t, url).DeleteServer(t.Context(), number(12345))
		if unknown, ok := errors.AsType[*vpsapi.OutcomeUnknownError](err); !ok || unknown.Message != said {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCompressedAnswersAreCappedAfterDecompression(t *testing.T) {
	bomb := gzipped(`{"id":12345,"x":"` + strings.Repeat("0", 5<<20) + `"}`)
	if len(bomb) > 64<<10 {
		t.Fatalf("the bomb has %d bytes on the wire", len(bomb))
	}
	url := answer(t, 200, bomb, "Content-Encoding", "gzip")
	_, err := newReader(t, url).GetServer(t.Context(), number(12345))
	wantClass(t, err, "too large")
	_, err = newWriter(t, url).UpdateServer(t.Context(), number(12345), vpsapi.UpdateServerParams{Name: ptr("a")})
	wantClass(t, err, "unknown")
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

func TestListsMayComeCompressed(t *testing.T) {
	reader := newReader(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("asked for %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, gzipped(`{"count":1,"results":[`+serverJSON("1")+`]}`))
	}))
	page, err := reader.ServerPage(t.Context(), vpsapi.ServerFilter{}, vpsapi.PageOptions{})
	if err != nil || len(page.Servers) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
}

func TestAnswersThatWereNotAskedForAreUnexpected(t *testing.T) {
	for name, url := range map[string]string{
		"unknown encoding": answer(t, 200, "x", "Content-Encoding", "br"),
		"too deep":         answer(t, 200, `{"id":12345,"x":`+strings.Repeat(`{"a":`, 100_000)+"1"+strings.Repeat("}", 100_000)+"}"),
		"another server":   answer(t, 200, serverJSON("54321")),
		"not an object":    answer(t, 200, `"ok"`),
		"wrong types":      answer(t, 200, `{"id":12345,"name":{}}`),
		"trailing":         answer(t, 200, serverJSON("12345")+"{}"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newReader(t, url).GetServer(t.Context(), number(12345))
			wantClass(t, err, "unexpected")
		})
	}
}

func TestAnEndlessBodyIsCapped(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		blank := bytes.Repeat([]byte(" "), 64<<10)
		for {
			if _, err := w.Write(blank); err != nil {
				return
			}
		}
	})
	_, err := newReader(t, url).GetServer(t.Context(), number(12345))
	wantClass(t, err, "too large")
	for _, err := range newReader(t, url).Servers(t.Context(), vpsapi.ServerFilter{}) {
		wantClass(t, err, "too large")
	}
}

func TestARefusalStandsThoughItsBodyIsCutOrEndless(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000000000")
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, `{"detail": "busy`)
	})
	err := newWriter(t, url).DeleteServer(t.Context(), number(12345))
	if !errors.Is(err, vpsapi.ErrConflict) {
		t.Fatal(err)
	}
}
