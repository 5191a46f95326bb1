package mcphttp_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/internal/leaktest"
	"vpsops/policy"
	"vpsops/tools"
	"vpsops/tools/mcphttp"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Run(m)) }

var (
	ana = tools.Caller{Identity: policy.Identity{Kind: policy.BearerToken, ID: "ana"}}
	ann = tools.Caller{Identity: policy.Identity{Kind: policy.BearerToken, ID: "ann"}}
	ben = tools.Caller{Identity: policy.Identity{Kind: policy.BearerToken, ID: "ben"}}
)

// byToken lets some callers in, by their tokens.
func byToken(r *http.Request) (tools.Caller, error) {
	switch r.Header.Get("Authorization") {
	case "Bearer ana":
		return ana, nil
	case "Bearer ann":
		return ann, nil
	case "Bearer ben":
		return ben, nil
	case "Bearer odd":
		return tools.Caller{}, errors.New("the database says SELECT")
	}
	return tools.Caller{}, &mcphttp.AuthError{Status: http.StatusUnauthorized, Challenge: `Bearer realm="vpsops"`, Message: "bring a token"}
}

// stand is a handler before a server with tools of the test's own.
type stand struct {
	t   *testing.T
	url string
	mcp *server.MCPServer
}

func newStand(t *testing.T, change ...func(*mcphttp.Config)) *stand {
	t.Helper()
	s := &stand{t: t, mcp: server.NewMCPServer("test", "1", server.WithToolCapabilities(true))}
	s.tool("whoami", func(ctx context.Context) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(tools.CallerFrom(ctx).Identity.ID), nil
	})
	c := mcphttp.Config{
		MCP: s.mcp, Authenticate: byToken,
		AllowedHosts: []string{"127.0.0.1", "ops.example.com:443"}, AllowedOrigins: []string{"https://app.example.com"},
		Quiet: func(tool string) bool { return tool == "whoami" },
	}
	for _, f := range change {
		f(&c)
	}
	h := mcphttp.New(c)
	web := httptest.NewServer(h)
	t.Cleanup(func() {
		h.Close()
		web.CloseClientConnections()
		web.Close()
	})
	s.url = web.URL
	return s
}

func (s *stand) tool(name string, f func(context.Context) (*mcp.CallToolResult, error)) {
	s.mcp.AddTool(mcp.NewToolWithRawSchema(name, "", json.RawMessage(`{"type":"object"}`)),
		func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) { return f(ctx) })
}

const (
	hello    = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`
	whoami   = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"whoami"}}`
	modernID = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`
)

type reply struct {
	*http.Response
	body string
}

// do sends a request as ana, with a JSON body where there is one.
func (s *stand) do(method, body string, change ...func(*http.Request)) reply {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	r.Header.Set("Authorization", "Bearer ana")
	for _, c := range change {
		c(r)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{response, string(text)}
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func (r reply) want(t *testing.T, status int, says string) {
	t.Helper()
	if r.StatusCode != status || !strings.Contains(r.body, says) {
		t.Errorf("%d %q, want %d and %q", r.StatusCode, r.body, status, says)
	}
}

// modern makes a request one of the newer era.
func modern(method, name string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Mcp-Protocol-Version", "2026-07-28")
		r.Header.Set("Mcp-Method", method)
		if name != "" {
			r.Header.Set("Mcp-Name", name)
		}
	}
}

func (s *stand) session(token string) string {
	s.t.Helper()
	got := s.do("POST", hello, header("Authorization", "Bearer "+token))
	id := got.Header.Get("Mcp-Session-Id")
	if got.StatusCode != http.StatusOK || id == "" {
		s.t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	return id
}

func TestForeignHostsAndOriginsAreRefused(t *testing.T) {
	s := newStand(t)
	host := func(h string) func(*http.Request) { return func(r *http.Request) { r.Host = h } }
	for _, h := range []string{"evil.example.com", "evil.example.com:80", "ops.example.com", "ops.example.com:8443", "127.0.0.1.evil.example.com", "localhost", "127.0.0.2"} {
		s.do("POST", hello, host(h)).want(t, http.StatusForbidden, "VPSOPS_ALLOWED_HOSTS")
	}
	s.do("POST", hello, host("OPS.example.com:443")).want(t, http.StatusOK, "serverInfo")
	for _, o := range []string{"https://evil.example.com", "null", "http://app.example.com", "https://app.example.com.evil.com", "https://app.example.com:8443", ""} {
		for _, method := range []string{"POST", "GET", "DELETE", "OPTIONS"} {
			s.do(method, hello, header("Origin", o)).want(t, http.StatusForbidden, "VPSOPS_ALLOWED_ORIGINS")
		}
	}
	s.do("POST", hello, header("Origin", "https://app.example.com"), func(r *http.Request) { r.Header.Add("Origin", "https://evil.example.com") }).
		want(t, http.StatusForbidden, "")
	got := s.do("POST", hello, header("Origin", "https://app.example.com"))
	if got.want(t, http.StatusOK, "serverInfo"); got.Header.Get("Access-Control-Allow-Origin") != "https://app.example.com" {
		t.Error("a page that is let in can't read the answer")
	}
}

func TestPreflightOfAListedPageIsAnsweredWithoutCredentials(t *testing.T) {
	s := newStand(t)
	got := s.do("OPTIONS", "", header("Origin", "https://app.example.com"), header("Authorization", ""))
	if got.StatusCode != http.StatusNoContent || !strings.Contains(got.Header.Get("Access-Control-Allow-Headers"), "Mcp-Session-Id") {
		t.Errorf("%d %v", got.StatusCode, got.Header)
	}
}

func TestOtherMethodsAreNotAllowed(t *testing.T) {
	s := newStand(t)
	for _, method := range []string{"PUT", "PATCH", "HEAD", "OPTIONS", "TRACE"} {
		if got := s.do(method, ""); got.StatusCode != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "POST, GET, DELETE" {
			t.Errorf("%s: %d, allowed %q", method, got.StatusCode, got.Header.Get("Allow"))
		}
	}
}

func TestNobodyIsLetInWithoutTheAuthenticator(t *testing.T) {
	s := newStand(t)
	got := s.do("POST", hello, header("Authorization", ""))
	if got.want(t, http.StatusUnauthorized, "bring a token"); got.Header.Get("WWW-Authenticate") != `Bearer realm="vpsops"` {
		t.Errorf("challenge %q", got.Header.Get("WWW-Authenticate"))
	}
	odd := s.do("POST", hello, header("Authorization", "Bearer odd"))
	if odd.want(t, http.StatusUnauthorized, "not authenticated"); strings.Contains(odd.body, "SELECT") {
		t.Error("tells an internal error")
	}
}

func TestBodiesAndHeadersAreCapped(t *testing.T) {
	s := newStand(t)
	long := strings.Repeat(" ", 4<<20)
	s.do("POST", hello+long).want(t, http.StatusRequestEntityTooLarge, "")
	s.do("POST", hello+long, func(r *http.Request) { r.ContentLength = -1 }).want(t, http.StatusRequestEntityTooLarge, "")
	s.do("POST", hello+long[:len(long)-len(hello)]).want(t, http.StatusOK, "serverInfo")
	s.do("POST", hello, header("X-Long", strings.Repeat("a", 33<<10))).want(t, http.StatusRequestHeaderFieldsTooLarge, "")
}

// What of a call has arrived is not acted on until all of it has.
func TestABodyThatBreaksOffIsNoCall(t *testing.T) {
	s := newStand(t)
	s.tool("act", func(context.Context) (*mcp.CallToolResult, error) {
		t.Error("it was called")
		return mcp.NewToolResultText("done"), nil
	})
	const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"act"}}`
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprintf(connection, "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ana\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(call)+10, call)
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusBadRequest {
		t.Error(got.Status)
	}
}

func TestEachCallIsItsCallersOwn(t *testing.T) {
	s := newStand(t)
	for _, token := range []string{"ana", "ben"} {
		id := s.session(token)
		s.do("POST", whoami, header("Authorization", "Bearer "+token), header("Mcp-Session-Id", id)).want(t, http.StatusOK, `"text":"`+token+`"`)
		body := `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"whoami",` + modernID + `}}`
		s.do("POST", body, header("Authorization", "Bearer "+token), modern("tools/call", "whoami")).want(t, http.StatusOK, `"text":"`+token+`"`)
	}
}

func TestSessionIsItsCallersAlone(t *testing.T) {
	s := newStand(t)
	id := s.session("ana")
	stolen := []func(*http.Request){header("Authorization", "Bearer ben"), header("Mcp-Session-Id", id)}
	s.do("POST", whoami, stolen...).want(t, http.StatusNotFound, "initialize")
	s.do("POST", `{"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"confirm":true}}}`, stolen...).want(t, http.StatusNotFound, "")
	s.do("GET", "", stolen...).want(t, http.StatusNotFound, "initialize")
	s.do("DELETE", "", stolen...).want(t, http.StatusNotFound, "initialize")
	s.do("GET", "", header("Mcp-Session-Id", "mcp-session-made-up")).want(t, http.StatusNotFound, "initialize")
	for _, method := range []string{"POST", "GET", "DELETE"} {
		s.do(method, whoami).want(t, http.StatusBadRequest, "Mcp-Session-Id")
	}

	s.do("POST", whoami, header("Mcp-Session-Id", id)).want(t, http.StatusOK, "ana")
	s.do("DELETE", "", header("Mcp-Session-Id", id)).want(t, http.StatusOK, "")
	s.do("POST", whoami, header("Mcp-Session-Id", id)).want(t, http.StatusNotFound, "")
}

// A client that ends its session waits for nothing of it any more.
func TestASessionsEndEndsWhatItWaitsFor(t *testing.T) {
	s := newStand(t)
	started := make(chan struct{}, 2)
	finish := make(chan struct{})
	s.tool("slow", func(ctx context.Context) (*mcp.CallToolResult, error) {
		ctx, left := tools.Waiting(ctx)
		defer left()
		started <- struct{}{}
		select {
		case <-finish:
			return mcp.NewToolResultText("finished"), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	call := func(session string) <-chan reply {
		answer := make(chan reply, 1)
		go func() {
			answer <- s.do("POST", strings.Replace(whoami, "whoami", "slow", 1), header("Mcp-Session-Id", session))
		}()
		<-started
		return answer
	}
	mine, another := s.session("ana"), s.session("ana")
	ended, goesOn := call(mine), call(another)
	stream := s.stream(mine)
	s.do("DELETE", "", header("Mcp-Session-Id", mine), header("Authorization", "Bearer ben")).want(t, http.StatusNotFound, "initialize")
	s.do("DELETE", "", header("Mcp-Session-Id", mine)).want(t, http.StatusOK, "")
	if got := <-ended; strings.Contains(got.body, "finished") {
		t.Errorf("%d %q", got.StatusCode, got.body)
	}
	if _, err := io.ReadAll(stream); err != nil {
		t.Errorf("the stream: %v", err)
	}
	close(finish)
	(<-goesOn).want(t, http.StatusOK, "finished")
}

func TestSessionsAreBounded(t *testing.T) {
	s := newStand(t, func(c *mcphttp.Config) { c.Limits.SessionsPerPerson = 2000 })
	var last reply
	for range 1001 {
		last = s.do("POST", hello)
	}
	last.want(t, http.StatusServiceUnavailable, "too many sessions")
	// The newer era needs none.
	s.do("POST", `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"whoami",`+modernID+`}}`, modern("tools/call", "whoami")).want(t, http.StatusOK, "ana")
}

// In the newer era the library keeps all callers' calls in one place.
func TestNobodyCancelsAnothersCall(t *testing.T) {
	s := newStand(t)
	started, finish := make(chan struct{}), make(chan struct{})
	s.tool("slow", func(ctx context.Context) (*mcp.CallToolResult, error) {
		close(started)
		select {
		case <-finish:
			return mcp.NewToolResultText("finished"), nil
		case <-ctx.Done():
			return mcp.NewToolResultText("cancelled"), nil
		}
	})
	answer := make(chan reply, 1)
	go func() {
		answer <- s.do("POST", `{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"slow",`+modernID+`}}`, modern("tools/call", "slow"))
	}()
	<-started
	asBen := header("Authorization", "Bearer ben")
	for _, method := range []string{"notifications/cancelled", `notifications\/cancelle\u0064`} {
		for _, more := range []string{"", "," + modernID} {
			body := fmt.Sprintf(`{"jsonrpc":"2.0","method":"%s","params":{"requestId":77%s}}`, method, more)
			s.do("POST", body, asBen)
			s.do("POST", body, asBen, modern("notifications/cancelled", ""))
			s.do("POST", body, asBen, modern("notifications/cancelled", ""), header("Mcp-Session-Id", "x"))
		}
	}
	close(finish)
	(<-answer).want(t, http.StatusOK, "finished")
}

func TestAResultThatHoldsAnErrorStaysAResult(t *testing.T) {
	s := newStand(t)
	s.tool("odd", func(context.Context) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultStructured(json.RawMessage(`{"id":1,"error":{"code":-32603,"message":"x"}}`), "text"), nil
	})
	s.do("POST", strings.Replace(whoami, "whoami", "odd", 1), header("Mcp-Session-Id", s.session("ana"))).
		want(t, http.StatusOK, `"structuredContent":{"id":1,"error":{"code":-32603,"message":"x"}}`)
}

func TestPanicIsContained(t *testing.T) {
	s := newStand(t)
	s.tool("bad", func(context.Context) (*mcp.CallToolResult, error) { panic("hunter2") })
	got := s.do("POST", `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"bad",`+modernID+`}}`, modern("tools/call", "bad"))
	if got.want(t, http.StatusInternalServerError, "internal error"); strings.Contains(got.body, "hunter2") {
		t.Error("tells what panicked")
	}
	s.do("POST", hello).want(t, http.StatusOK, "serverInfo")
}

func TestProxiesAreToldNotToHoldAnswersBack(t *testing.T) {
	s := newStand(t)
	got := s.do("POST", hello)
	if got.Header.Get("X-Accel-Buffering") != "no" || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", got.Header)
	}
}

// stream opens the stream of a session of ana's.
func (s *stand) stream(session string) io.Reader {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	s.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Authorization", "Bearer ana")
	r.Header.Set("Mcp-Session-Id", session)
	stream, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { stream.Body.Close() })
	if stream.Header.Get("X-Accel-Buffering") != "no" {
		s.t.Errorf("headers %v", stream.Header)
	}
	return stream.Body
}

func TestOpenStreamsGiveSignsOfLife(t *testing.T) {
	s := newStand(t, func(c *mcphttp.Config) { c.Heartbeat = 10 * time.Millisecond })
	stream := s.stream(s.session("ana"))
	for range 3 {
		if n, err := stream.Read(make([]byte, 4096)); err != nil || n == 0 {
			t.Fatalf("the stream gives %d bytes, %v", n, err)
		}
	}
}

func TestLocalTakesOnlyThisMachinesOwnCallers(t *testing.T) {
	authenticate := mcphttp.Local(ana.Identity)
	from := func(address string, headers ...string) error {
		r := httptest.NewRequest("POST", "/mcp", nil)
		r.RemoteAddr = address
		for _, name := range headers {
			r.Header.Set(name, "203.0.113.9")
		}
		caller, err := authenticate(r)
		if err == nil && caller != ana {
			t.Errorf("let %+v in", caller)
		}
		return err
	}
	for _, address := range []string{"127.0.0.1:1", "[::1]:1", "127.8.9.1:1", "[::ffff:127.0.0.1]:1"} {
		if err := from(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"192.0.2.1:1", "[2001:db8::1]:1", "10.0.0.1:1", "", "@", "localhost:1"} {
		refused(t, from(address))
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "x-forwarded-proto", "X-Forwarded-Anything", "X-Real-IP", "Via", "CF-Connecting-IP", "CF-Ray", "True-Client-IP", "CDN-Loop"} {
		refused(t, from("127.0.0.1:1", name))
	}
}

func refused(t *testing.T, err error) {
	t.Helper()
	var refusal *mcphttp.AuthError
	if !errors.As(err, &refusal) || refusal.Status != http.StatusForbidden || !strings.Contains(refusal.Message, "bearer tokens") {
		t.Errorf("%v", err)
	}
}
