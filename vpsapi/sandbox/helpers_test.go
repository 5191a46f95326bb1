package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"vpsops/vpsapi/sandbox"
)

// clock is a time that moves only when a test moves it.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// bench is a sandbox behind a real listener, with a client that follows
// nothing.
type bench struct {
	*sandbox.Sandbox
	t      testing.TB
	url    string
	client *http.Client
}

func start(t testing.TB, o sandbox.Options) *bench {
	t.Helper()
	sb := sandbox.New(o)
	srv := httptest.NewServer(sb)
	t.Cleanup(srv.Close)
	tr := &http.Transport{DisableCompression: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &bench{sb, t, srv.URL, &http.Client{
		Transport:     tr,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (b *bench) request(method, path, body string) *http.Request {
	b.t.Helper()
	req, err := http.NewRequest(method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if !strings.HasPrefix(path, sandbox.AdminPath) {
		req.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	}
	req.Header.Set("Content-Type", "application/json")
	return req
}

type response struct {
	status int
	header http.Header
	body   string
}

func (b *bench) do(req *http.Request) response {
	b.t.Helper()
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response{res.StatusCode, res.Header, string(body)}
}

func (b *bench) call(method, path, body string) response {
	b.t.Helper()
	return b.do(b.request(method, path, body))
}

// want calls and checks the code; the body is given back as JSON.
func (b *bench) want(status int, method, path, body string) map[string]any {
	b.t.Helper()
	r := b.call(method, path, body)
	if r.status != status {
		b.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, r.status, r.body, status)
	}
	if r.body == "" {
		return nil
	}
	return object(b.t, r.body)
}

func object(t testing.TB, s string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v in %q", err, s)
	}
	return v
}

// compact is JSON with its fields' order kept.
func compact(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(s)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func (b *bench) status(id int64) string {
	b.t.Helper()
	sv, ok := b.Server(id)
	if !ok {
		b.t.Fatalf("server %d is gone", id)
	}
	return sv.Status
}

// last is the newest line of the log.
func (b *bench) last() sandbox.Request {
	b.t.Helper()
	all := b.Requests()
	if len(all) == 0 {
		b.t.Fatal("the log is empty")
	}
	return all[len(all)-1]
}
