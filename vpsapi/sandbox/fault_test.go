package sandbox_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"vpsops/vpsapi/sandbox"
)

func (b *bench) fault(f sandbox.Fault) {
	b.t.Helper()
	if err := b.SetFaults([]sandbox.Fault{f}); err != nil {
		b.t.Fatal(err)
	}
}

// raw sends one request over a connection of its own and reads all that comes
// back before the connection ends.
func (b *bench) raw(method, path string) string {
	b.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(b.url, "http://"))
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n",
		method, path, sandbox.DefaultToken)
	all, err := io.ReadAll(conn)
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		b.t.Fatal(err)
	}
	return string(all)
}

const stopPath = "/api/v1/servers/12345/stop/"

// logged checks the log's last line against the server itself.
func (b *bench) logged(status int, executed bool) {
	b.t.Helper()
	q := b.last()
	if q.Status != status || q.Executed != executed {
		b.t.Errorf("logged status %d, executed %v; want %d, %v", q.Status, q.Executed, status, executed)
	}
	if changed := b.status(12345) != "active"; changed != executed {
		b.t.Errorf("the server changed: %v, executed: %v", changed, executed)
	}
}

func TestFaultStatus(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.fault(sandbox.Fault{Kind: "status", Status: 429, Body: `{"detail":"slow down"}`, Headers: map[string]string{"retry-after": "7"}})
	r := b.call("POST", stopPath, "")
	if r.status != 429 || r.body != `{"detail":"slow down"}` || r.header.Get("Retry-After") != "7" || r.header.Get("Content-Type") != "application/json" {
		t.Errorf("%+v", r)
	}
	b.logged(429, false)
	for body, contentType := range map[string]string{"": "", "<h1>Bad gateway</h1>": "text/html; charset=utf-8", "no": "text/plain; charset=utf-8"} {
		b.fault(sandbox.Fault{Kind: "status", Status: 502, Body: body})
		if r := b.call("POST", stopPath, ""); r.status != 502 || r.body != body || r.header.Get("Content-Type") != contentType {
			t.Errorf("body %q: %+v", body, r)
		}
	}
	b.fault(sandbox.Fault{Kind: "status", Status: 204, Body: "ignored"})
	if r := b.call("DELETE", "/api/v1/servers/12345/", ""); r.status != 204 || r.body != "" {
		t.Errorf("204: %+v", r)
	}
	b.logged(204, false)
}

func TestFaultCutBefore(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.fault(sandbox.Fault{Kind: "cut-before"})
	if got := b.raw("POST", stopPath); got != "" {
		t.Errorf("got %q", got)
	}
	b.logged(0, false)
}

func TestFaultCutAfter(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.fault(sandbox.Fault{Kind: "cut-after"})
	if got := b.raw("POST", stopPath); got != "" {
		t.Errorf("got %q", got)
	}
	b.logged(0, true)
}

func TestFaultHangAfterEndsByItsDelay(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.fault(sandbox.Fault{Kind: "hang-after", Delay: 50 * time.Millisecond})
	if got := b.raw("POST", stopPath); got != "" {
		t.Errorf("got %q", got)
	}
	b.logged(0, true)
}

func TestFaultDelay(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.fault(sandbox.Fault{Kind: "delay", Delay: 50 * time.Millisecond})
	begun := time.Now()
	b.want(200, "POST", stopPath, "")
	if d := time.Since(begun); d < 50*time.Millisecond {
		t.Errorf("answered after %s", d)
	}
	b.logged(200, true)
}

func TestFaultTruncate(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.fault(sandbox.Fault{Kind: "truncate"})
	got := b.raw("POST", stopPath)
	res, err := http.ReadResponse(bufio.NewReader(strings.NewReader(got)), nil)
	if err != nil {
		t.Fatalf("%v in %q", err, got)
	}
	body, err := io.ReadAll(res.Body)
	if res.StatusCode != 200 || !errors.Is(err, io.ErrUnexpectedEOF) || int64(len(body)) != res.ContentLength/2 || len(body) == 0 {
		t.Errorf("%d, %d of %d bytes, %v", res.StatusCode, len(body), res.ContentLength, err)
	}
	b.logged(200, true)
}

func TestFaultTruncateCutsTheHeadWhereThereIsNoBody(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.fault(sandbox.Fault{Kind: "truncate"})
	if got := b.raw("DELETE", "/api/v1/servers/12345/"); got != "HTTP/1.1 204" {
		t.Errorf("got %q", got)
	}
	if _, there := b.Server(12345); there || b.last().Status != 0 || !b.last().Executed {
		t.Errorf("logged %+v", b.last())
	}
}

func TestFaultGarbage(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.fault(sandbox.Fault{Kind: "garbage"})
	if r := b.call("POST", stopPath, ""); r.status != 200 || !strings.HasPrefix(r.body, "<!doctype html>") {
		t.Errorf("%+v", r)
	}
	b.logged(200, true)
	b.fault(sandbox.Fault{Kind: "garbage", Status: 201, Body: `{"a":`})
	if r := b.call("GET", "/api/v1/servers/", ""); r.status != 201 || r.body != `{"a":` {
		t.Errorf("%+v", r)
	}
}

func TestFaultRedirect(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.fault(sandbox.Fault{Kind: "redirect", Times: 1})
	r := b.call("POST", stopPath, "")
	if r.status != 302 || r.header.Get("Location") != "/api/v1/moved/servers/12345/stop/" {
		t.Errorf("%+v", r)
	}
	b.logged(302, false)
	b.want(404, "GET", r.header.Get("Location"), "")
	if q := b.last(); q.Path != "/api/v1/moved/servers/12345/stop/" {
		t.Errorf("following it is logged as %+v", q)
	}
	b.fault(sandbox.Fault{Kind: "redirect", Status: 307, Headers: map[string]string{"location": "http://other.example/"}})
	if r := b.call("POST", stopPath, ""); r.status != 307 || r.header.Get("Location") != "http://other.example/" {
		t.Errorf("%+v", r)
	}
}

func TestFaultSlowBody(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.fault(sandbox.Fault{Kind: "slow-body", Delay: 100 * time.Millisecond})
	begun := time.Now()
	res, err := b.client.Do(b.request("POST", stopPath, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b.logged(200, true)
	body, err := io.ReadAll(res.Body)
	if err != nil || object(t, string(body))["status"] != "success" {
		t.Errorf("%q, %v", body, err)
	}
	if d := time.Since(begun); d < 100*time.Millisecond {
		t.Errorf("all of it after %s", d)
	}
	if r := b.call("DELETE", "/api/v1/servers/12346/", ""); r.status != 204 {
		t.Errorf("without a body: %+v", r)
	}
}

func TestFaultHugeBody(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.fault(sandbox.Fault{Kind: "huge-body", Size: 3 << 20})
	r := b.call("POST", stopPath, "")
	if r.status != 200 || len(r.body) != 3<<20 || object(t, r.body)["status"] != "success" {
		t.Errorf("%d, %d bytes", r.status, len(r.body))
	}
	b.logged(200, true)
	if r := b.call("DELETE", "/api/v1/servers/12346/", ""); r.status != 200 || len(r.body) != 3<<20 {
		t.Errorf("of a delete: %d, %d bytes", r.status, len(r.body))
	}
	b.fault(sandbox.Fault{Kind: "huge-body"})
	res, err := b.client.Do(b.request("GET", "/api/v1/servers/", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.ContentLength != 64<<20 {
		t.Errorf("by default %d bytes", res.ContentLength)
	}
}

func TestFaultsStrikeInOrderAndRunOut(t *testing.T) {
	b := start(t, sandbox.Options{})
	plan := `[
		{"match": {"method": "post", "path": "/api/v1/servers/*/reboot/"}, "times": 2, "kind": "status", "status": 502, "body": "", "headers": {}, "delay": "0s", "size": 0},
		{"match": {"path": "*/12345/*"}, "times": 1, "kind": "status", "status": 503},
		{"match": {"method": "GET"}, "kind": "status", "status": 500}
	]`
	if r := b.call("PUT", "/_sandbox/faults", plan); r.status != 200 {
		t.Fatalf("%+v", r)
	}
	for i, c := range []struct {
		method, path string
		want         int
	}{
		{"POST", "/api/v1/servers/12345/reboot/", 502},
		{"POST", "/api/v1/servers/12346/reboot/", 502},
		{"POST", "/api/v1/servers/12345/reboot/", 503},
		{"POST", "/api/v1/servers/12345/reboot/", 200},
		{"GET", "/api/v1/servers/", 500},
		{"GET", "/api/v1/plans/", 500},
		{"DELETE", "/api/v1/servers/12346/", 204},
	} {
		if r := b.call(c.method, c.path, ""); r.status != c.want {
			t.Errorf("%d: %s %s: %d, want %d", i, c.method, c.path, r.status, c.want)
		}
	}
	for i, used := range []int{2, 1, 2} {
		if got := b.Faults()[i].Used; got != used {
			t.Errorf("fault %d struck %d times, want %d", i, got, used)
		}
	}
	shown := b.call("GET", "/_sandbox/faults", "").body
	if r := b.call("PUT", "/_sandbox/faults", shown); r.status != 200 {
		t.Errorf("the plan as it is shown is refused: %s", r.body)
	}
	if r := b.call("PUT", "/_sandbox/faults", "[]"); strings.TrimSpace(r.body) != "[]" {
		t.Errorf("an empty plan: %s", r.body)
	}
	b.want(200, "GET", "/api/v1/plans/", "")
}

func TestFaultsStrikeWithoutToken(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.fault(sandbox.Fault{Kind: "status", Status: 503})
	req := b.request("GET", "/api/v1/servers/", "")
	req.Header.Del("Authorization")
	if r := b.do(req); r.status != 503 {
		t.Errorf("%d", r.status)
	}
}

func TestBadPlansAreRefusedAndLeaveTheOldOne(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.fault(sandbox.Fault{Kind: "status", Status: 418})
	for plan, want := range map[string]string{
		``:                                       `fault plan: want a JSON list`,
		`null`:                                   `fault plan: want a JSON list`,
		`"cut"`:                                  `fault plan: want a JSON list`,
		`[{"kind":"cut-after"},{"kind":"drop"}]`: `fault 2: unknown kind "drop": the kinds are status, delay, cut-before, cut-after, hang-after, truncate, garbage, redirect, slow-body, huge-body`,
		`[{}]`:                                   `fault 1: unknown kind "": the kinds are`,
		`[7]`:                                    `fault 1: a fault must be a JSON object`,
		`[{"kind":"cut-after","Times":1}]`:       `fault 1: unknown key "Times": a fault has the keys match, times, kind, status, body, headers, delay, size, used`,
		`[{"kind":"cut-after","match":{"host":"a"}}]`:               `fault 1: unknown key "host": match has the keys method, path`,
		`[{"kind":"cut-after","match":{"method":"POTS"}}]`:          `fault 1: match.method "POTS": the methods are GET,`,
		`[{"kind":"cut-after","match":{"path":"servers/*"}}]`:       `fault 1: match.path "servers/*" can match nothing`,
		`[{"kind":"cut-after","times":-1}]`:                         `fault 1: times -1: want`,
		`[{"kind":"cut-after","times":"2"}]`:                        `fault 1: times: want a whole number, not string`,
		`[{"kind":"status"}]`:                                       `fault 1: status 0: kind "status" wants a code from 200 to 599`,
		`[{"kind":"status","status":99}]`:                           `fault 1: status 99: kind "status" wants`,
		`[{"kind":"redirect","status":200}]`:                        `fault 1: status 200: kind "redirect" wants`,
		`[{"kind":"garbage","status":600}]`:                         `fault 1: status 600: want`,
		`[{"kind":"delay"}]`:                                        `fault 1: kind "delay" wants a delay such as "2s"`,
		`[{"kind":"delay","delay":"2"}]`:                            `fault 1: delay "2": want a duration`,
		`[{"kind":"delay","delay":2}]`:                              `fault 1: delay: want text, not number`,
		`[{"kind":"delay","delay":"-2s"}]`:                          `fault 1: delay -2s: want no less than 0s`,
		`[{"kind":"huge-body","size":-1}]`:                          `fault 1: size -1: want`,
		`[{"kind":"status","status":500,"headers":{"a b":"c"}}]`:    `fault 1: headers: "a b": "c" cannot be sent`,
		`[{"kind":"status","status":500,"headers":{"a":"b\r\nc"}}]`: `fault 1: headers: "a": "b\r\nc" cannot be sent`,
	} {
		r := b.call("PUT", "/_sandbox/faults", plan)
		if r.status != 400 || !strings.HasPrefix(fmt.Sprint(object(t, r.body)["error"]), want) {
			t.Errorf("%s: %d %s\nwant %s", plan, r.status, r.body, want)
		}
	}
	if r := b.call("GET", "/api/v1/plans/", ""); r.status != 418 {
		t.Errorf("the plan before is gone: %d", r.status)
	}
	var fe *sandbox.FaultError
	if err := b.SetFaults([]sandbox.Fault{{Kind: "cut-after"}, {Kind: "x"}}); !errors.As(err, &fe) || fe.Index != 1 {
		t.Errorf("SetFaults: %v", err)
	}
}

func TestPathGlobs(t *testing.T) {
	b := start(t, sandbox.Options{})
	for _, c := range []struct {
		glob, path string
		want       bool
	}{
		{"/api/v1/servers/*/reboot/", "/api/v1/servers/12345/reboot/", true},
		{"/api/v1/servers/*/reboot/", "/api/v1/servers/12345/stop/", false},
		{"/api/v1/servers/*", "/api/v1/servers/12345/stop/", true},
		{"/api/v1/servers/*", "/api/v1/servers/", true},
		{"/api/v1/servers/?2345/", "/api/v1/servers/12345/", true},
		{"/api/v1/servers/?2345/", "/api/v1/servers/112345/", false},
		{"*", "/anything", true},
		{"*a*a*b", "/aaaaaaaaaa", false},
		{"/api/v1/plans/", "/api/v1/plans/1/", false},
		{"", "/anything", true},
	} {
		b.fault(sandbox.Fault{Match: sandbox.Match{Path: c.glob}, Kind: "status", Status: 418})
		if got := b.call("GET", c.path, "").status == 418; got != c.want {
			t.Errorf("%q on %q: %v", c.glob, c.path, got)
		}
	}
}

func TestFaultsSurviveJSON(t *testing.T) {
	want := sandbox.Fault{
		Match: sandbox.Match{Method: "POST", Path: "*"}, Times: 2, Kind: sandbox.KindStatus, Status: 503,
		Body: "{}", Headers: map[string]string{"Retry-After": "1"}, Delay: 1500 * time.Millisecond, Size: 7, Used: 1,
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got sandbox.Fault
	if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s came back as %+v, %v", text, got, err)
	}
	var fe *sandbox.FaultError
	if err := json.Unmarshal([]byte(`{"kind":"drop"}`), &got); !errors.As(err, &fe) {
		t.Errorf("an unknown kind: %v", err)
	}
}
