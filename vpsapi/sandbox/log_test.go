package sandbox_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vpsops/vpsapi/sandbox"
)

func TestLogHasEveryRequest(t *testing.T) {
	clk := newClock()
	b := start(t, sandbox.Options{Now: clk.now})
	b.call("GET", "/api/v1/servers/?status=active", "")
	clk.advance(time.Second)
	b.call("PATCH", "/api/v1/servers/12345/", `{"name":"<b>"}`)
	b.call("PATCH", "/api/v1/servers/12345/", `{"name":"b"}`)
	b.call("GET", "/elsewhere", "")
	b.call("GET", "/_sandbox/faults", "")

	r := b.call("GET", "/_sandbox/requests", "")
	want := strings.Join([]string{
		`{"seq":1,"at":"2026-03-01T12:00:00Z","method":"GET","path":"/api/v1/servers/","query":"status=active","body":"","status":200,"executed":false}`,
		`{"seq":2,"at":"2026-03-01T12:00:01Z","method":"PATCH","path":"/api/v1/servers/12345/","query":"","body":"{\"name\":\"<b>\"}","status":400,"executed":false}`,
		`{"seq":3,"at":"2026-03-01T12:00:01Z","method":"PATCH","path":"/api/v1/servers/12345/","query":"","body":"{\"name\":\"b\"}","status":200,"executed":true}`,
		`{"seq":4,"at":"2026-03-01T12:00:01Z","method":"GET","path":"/elsewhere","query":"","body":"","status":404,"executed":false}`,
	}, "\n") + "\n"
	if r.body != want || r.header.Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("got\n%swant\n%s", r.body, want)
	}

	if r := b.call("DELETE", "/_sandbox/requests", ""); r.status != 204 {
		t.Errorf("clearing: %d", r.status)
	}
	if r := b.call("GET", "/_sandbox/requests", ""); r.body != "" {
		t.Errorf("after clearing: %s", r.body)
	}
	b.call("GET", "/api/v1/plans/", "")
	if q := b.last(); q.Seq != 5 {
		t.Errorf("after clearing seq goes on with %d", q.Seq)
	}
}

func TestLogNeverHasTheToken(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.call("GET", "/api/v1/account/me/", "")
	line, err := json.Marshal(b.last())
	if err != nil || strings.Contains(string(line), sandbox.DefaultToken) {
		t.Errorf("%s (%v)", line, err)
	}
}

func TestLogCapsBodiesAndRefusesHugeOnes(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.call("POST", "/api/v1/servers/", `{"name":"`+strings.Repeat("a", 20<<10)+`"}`)
	if q := b.last(); len(q.Body) > 17<<10 || !strings.HasSuffix(q.Body, "bytes more)") {
		t.Errorf("%d bytes kept, ending %q", len(q.Body), q.Body[len(q.Body)-30:])
	}
	if r := b.call("POST", "/api/v1/servers/", strings.Repeat(" ", 2<<20)); r.status != 413 || b.last().Status != 413 {
		t.Errorf("2 MiB: %d, logged %d", r.status, b.last().Status)
	}
}

func TestLogForgetsTheOldestPastItsBound(t *testing.T) {
	sb := sandbox.New(sandbox.Options{})
	const sent = 2200
	body := strings.Repeat(" ", 16<<10)
	for range sent {
		sb.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/api/v1/servers/", strings.NewReader(body)))
	}
	kept, text := sb.Requests(), 0
	for _, q := range kept {
		text += len(q.Body)
	}
	if text > 32<<20 || text < 31<<20 || kept[len(kept)-1].Seq != sent || kept[0].Seq != int64(sent-len(kept)+1) {
		t.Errorf("%d requests kept, from %d to %d, with %d bytes", len(kept), kept[0].Seq, kept[len(kept)-1].Seq, text)
	}
}
