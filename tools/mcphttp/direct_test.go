package mcphttp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/tools/mcphttp"
)

// ways counts how calls of a quiet tool came: only the library's transport hands on
// the headers of their requests.
type ways struct{ direct, byLibrary int }

func (s *stand) quiet(w *ways, f func(mcp.CallToolRequest) (*mcp.CallToolResult, error)) {
	s.mcp.AddTool(mcp.NewToolWithRawSchema("whoami", "", json.RawMessage(`{"type":"object"}`)),
		func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			if len(r.Header) > 0 {
				w.byLibrary++
			} else {
				w.direct++
			}
			return f(r)
		})
}

func answers(r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	switch r.GetArguments()["give"] {
	case "an error":
		return nil, errors.New("it can't be")
	case "no":
		return mcp.NewToolResultError("no"), nil
	}
	result := mcp.NewToolResultText("ana <b> \u2028")
	result.StructuredContent = map[string]any{"name": "ana"}
	return result, nil
}

// A type of content with a parameter goes the library's way.
var byLibrary = header("Content-Type", "application/json; charset=utf-8")

func TestDirectAnswerIsTheLibrarys(t *testing.T) {
	s := newStand(t)
	var w ways
	s.quiet(&w, answers)
	session := header("Mcp-Session-Id", s.session("ana"))
	for name, message := range map[string]string{
		"success":          whoami,
		"text as id":       `{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"whoami"}}`,
		"long id":          `{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/call","params":{"name":"whoami"}}`,
		"progress token":   `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami","_meta":{"progressToken":1}}}`,
		"tool's error":     `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami","arguments":{"give":"no"}}}`,
		"handler's error":  `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami","arguments":{"give":"an error"}}}`,
		"no meta":          `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami","_meta":7}}`,
		"no protocol":      `{"id":3,"method":"tools/call","params":{"name":"whoami"}}`,
		"another protocol": `{"jsonrpc":"1.0","id":3,"method":"tools/call","params":{"name":"whoami"}}`,
		"no id after all":  `{"jsonrpc":"2.0","id":3,"ID":null,"method":"tools/call","params":{"name":"whoami"}}`,
		"a result besides": `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami"},"result":{}}`,
		"the newer era":    `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami",` + modernID + `}}`,
		"another tool":     `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"other"}}`,
		"another method":   `{"jsonrpc":"2.0","id":3,"method":"tools/list","params":{"name":"whoami"}}`,
		"a notification":   `{"jsonrpc":"2.0","method":"tools/call","params":{"name":"whoami"}}`,
		"name of no kind":  `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":["whoami"]}}`,
	} {
		s.sameBothWays(t, name, message, session)
	}
	if w.direct != 6 || w.byLibrary != 6 {
		t.Errorf("reached the tool: %+v", w)
	}
	named := strings.Replace(hello, `"params":{`, `"params":{"name":"whoami",`, 1)
	if s.do("POST", named, session).Header.Get("Mcp-Session-Id") == "" {
		t.Error("an initialize that has a quiet tool's name begins no session")
	}
	if got := s.do("DELETE", whoami, session); got.StatusCode != http.StatusOK || got.body != "" {
		t.Errorf("the end of a session, with a call as its body: %d %q", got.StatusCode, got.body)
	}
	s.do("POST", whoami, session).want(t, http.StatusNotFound, "initialize")
}

// sameBothWays sends a message directly and, by a header that makes no other
// difference, the library's way.
func (s *stand) sameBothWays(t *testing.T, name, message string, change ...func(*http.Request)) {
	t.Helper()
	direct, other := s.do("POST", message, change...), s.do("POST", message, append(slices.Clip(change), byLibrary)...)
	if direct.StatusCode != other.StatusCode || direct.body != other.body {
		t.Errorf("%s: %d %q, and the library's %d %q", name, direct.StatusCode, direct.body, other.StatusCode, other.body)
	}
	for _, h := range []http.Header{direct.Header, other.Header} {
		h.Del("Date")
	}
	if !maps.EqualFunc(direct.Header, other.Header, slices.Equal) {
		t.Errorf("%s: headers %v, and the library's %v", name, direct.Header, other.Header)
	}
}

func TestDirectAnswerOfTheNewerEraIsTheLibrarys(t *testing.T) {
	s := newStand(t)
	var w ways
	s.quiet(&w, answers)
	for name, message := range map[string]string{
		"success":          `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami",META}}`,
		"long id":          `{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/call","params":{"name":"whoami",META}}`,
		"tool's error":     `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami","arguments":{"give":"no"},META}}`,
		"handler's error":  `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami","arguments":{"give":"an error"},META}}`,
		"bad arguments":    `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami","arguments":7,META}}`,
		"no protocol":      `{"id":3,"method":"tools/call","params":{"name":"whoami",META}}`,
		"odd protocol":     `{"jsonrpc":2,"id":3,"method":"tools/call","params":{"name":"whoami",META}}`,
		"no id after all":  `{"jsonrpc":"2.0","id":3,"ID":null,"method":"tools/call","params":{"name":"whoami",META}}`,
		"a result besides": `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami",META},"result":{}}`,
		"no capabilities":  `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`,
		"a huge number":    `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami",` + strings.Replace(modernID, "{", `{"progressToken":`+strings.Repeat("9", 400)+",", 1) + `}}`,
		"a task":           `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami","task":{},META}}`,
		"params twice":     `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami",META},"params":{}}`,
		"params named so":  `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"other",META},"Params":{"name":"whoami"}}`,
		"the older era":    whoami,
		"another tool":     `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"other",META}}`,
		"another method":   `{"jsonrpc":"2.0","id":3,"method":"tools/list","params":{"name":"whoami",META}}`,
		"a notification":   `{"jsonrpc":"2.0","method":"tools/call","params":{"name":"whoami",META}}`,
	} {
		s.sameBothWays(t, name, strings.Replace(message, "META", modernID, 1), modern("tools/call", "whoami"))
	}
	if w.direct != 7 || w.byLibrary != 7 {
		t.Errorf("reached the tool: %+v", w)
	}
}

func TestErrorOfTheNewerEraHasTheLibrarysStatus(t *testing.T) {
	s := newStand(t)
	tool := mcp.NewToolWithRawSchema("whoami", "", json.RawMessage(`{"type":"object"}`))
	tool.Execution = &mcp.ToolExecution{TaskSupport: mcp.TaskSupportRequired}
	s.mcp.AddTool(tool, func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return answers(mcp.CallToolRequest{})
	})
	newer := strings.Replace(whoami, `"whoami"`, `"whoami",`+modernID, 1)
	s.sameBothWays(t, "a tool for tasks alone", newer, modern("tools/call", "whoami"))
	s.do("POST", newer, modern("tools/call", "whoami")).want(t, http.StatusNotFound, "")
}

func TestCallThatIsNotAsUsualGoesTheLibrarysWay(t *testing.T) {
	newer := strings.Replace(whoami, `"whoami"`, `"whoami",`+modernID, 1)
	for name, c := range map[string]struct {
		message string
		change  []func(*http.Request)
	}{
		"type of content":   {whoami, []func(*http.Request){byLibrary}},
		"unknown revision":  {whoami, []func(*http.Request){header("Mcp-Protocol-Version", "1999-01-01")}},
		"a newer header":    {whoami, []func(*http.Request){modern("tools/call", "whoami")}},
		"a newer body":      {newer, nil},
		"no session at all": {whoami, []func(*http.Request){header("Mcp-Session-Id", "")}},
		"another method":    {newer, []func(*http.Request){modern("tools/list", "whoami")}},
		"another name":      {newer, []func(*http.Request){modern("tools/call", "other")}},
		"no name":           {newer, []func(*http.Request){modern("tools/call", "")}},
		"encoded name":      {newer, []func(*http.Request){modern("tools/call", "=?base64?d2hvYW1p?=")}},
		"older header":      {newer, []func(*http.Request){modern("tools/call", "whoami"), header("Mcp-Protocol-Version", "2025-11-25")}},
		"an event's id":     {newer, []func(*http.Request){modern("tools/call", "whoami"), header("Last-Event-Id", "1")}},
		"an unknown one":    {strings.Replace(newer, "2026-07-28", "2031-01-01", 1), []func(*http.Request){modern("tools/call", "whoami"), header("Mcp-Protocol-Version", "2031-01-01")}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			var w ways
			s.quiet(&w, func(mcp.CallToolRequest) (*mcp.CallToolResult, error) { return mcp.NewToolResultText("ana"), nil })
			session := header("Mcp-Session-Id", s.session("ana"))
			s.do("POST", c.message, append([]func(*http.Request){session}, c.change...)...)
			if w.direct != 0 {
				t.Error("it was answered directly")
			}
			s.do("POST", whoami, session, header("Mcp-Protocol-Version", "2025-11-25")).want(t, http.StatusOK, "ana")
			s.do("POST", newer, modern("tools/call", "whoami")).want(t, http.StatusOK, "ana")
			if w.direct != 2 {
				t.Error("one as usual was not answered directly")
			}
		})
	}
	s := newStand(t, func(c *mcphttp.Config) { c.Quiet = nil })
	var w ways
	s.quiet(&w, func(mcp.CallToolRequest) (*mcp.CallToolResult, error) { return mcp.NewToolResultText("ana"), nil })
	s.do("POST", whoami, header("Mcp-Session-Id", s.session("ana"))).want(t, http.StatusOK, "ana")
	if w.byLibrary != 1 {
		t.Error("answered directly where no tool is quiet")
	}
}

// Who listens on no stream is told with the answer of the next call, whichever it is.
func TestWhatWaitsForASessionIsSentWithTheNextCall(t *testing.T) {
	s := newStand(t)
	session := header("Mcp-Session-Id", s.session("ana"))
	s.do("POST", `{"jsonrpc":"2.0","method":"notifications/initialized"}`, session).want(t, http.StatusAccepted, "")
	s.do("POST", whoami, session).want(t, http.StatusOK, "ana")
	s.mcp.SendNotificationToAllClients(mcp.MethodNotificationToolsListChanged, nil)
	got := s.do("POST", whoami, session)
	got.want(t, http.StatusOK, "notifications/tools/list_changed")
	got.want(t, http.StatusOK, `"text":"ana"`)
}

// clocked is a handler whose clock is a synctest bubble's, with a session of ana's.
type clocked struct {
	t       *testing.T
	handler *mcphttp.Handler
	ways    ways
	session string
}

func newClocked(t *testing.T) *clocked {
	t.Helper()
	c := &clocked{t: t}
	s := &stand{t: t, mcp: server.NewMCPServer("test", "1", server.WithToolCapabilities(true))}
	s.quiet(&c.ways, func(mcp.CallToolRequest) (*mcp.CallToolResult, error) { return mcp.NewToolResultText("ana"), nil })
	c.handler = mcphttp.New(mcphttp.Config{
		MCP: s.mcp, Authenticate: byToken, AllowedHosts: []string{"example.com"},
		Quiet: func(tool string) bool { return tool == "whoami" },
	})
	t.Cleanup(c.handler.Close)
	c.session = c.post(hello).Header().Get("Mcp-Session-Id")
	return c
}

func (c *clocked) post(message string) *httptest.ResponseRecorder {
	return posted(c.t, c.handler, message, header("Mcp-Session-Id", c.session))
}

// posted is what a handler answers to a message of ana's.
func posted(t *testing.T, h http.Handler, message string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/mcp", strings.NewReader(message))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer ana")
	for _, c := range change {
		c(r)
	}
	got := httptest.NewRecorder()
	h.ServeHTTP(got, r)
	return got
}

// The library ends a session that it sees nothing of for long.
func TestSessionInUseIsKept(t *testing.T) {
	for _, c := range []struct {
		every time.Duration
		kept  bool
	}{{10 * time.Second, true}, {time.Minute, true}, {20 * time.Minute, true}, {47 * time.Minute, false}} {
		t.Run(fmt.Sprint(c.every), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newClocked(t)
				for at := time.Now(); time.Since(at) < 2*time.Hour; {
					time.Sleep(c.every)
					if got := h.post(whoami); (got.Code == http.StatusOK) != c.kept {
						t.Fatalf("%s after the first: %d %s", time.Since(at), got.Code, got.Body)
					}
				}
				if c.every < time.Minute && h.ways.direct < h.ways.byLibrary {
					t.Errorf("came %+v", h.ways)
				}
			})
		})
	}
}

// What the library counts as no use of a session takes the place of no call.
func TestSessionInUseIsKeptWhateverElseIsSent(t *testing.T) {
	for _, other := range []string{`{"jsonrpc":"2.0","id":1,"result":{}}`, `{`} {
		synctest.Test(t, func(t *testing.T) {
			h := newClocked(t)
			for at := time.Now(); time.Since(at) < 2*time.Hour; {
				time.Sleep(30 * time.Second)
				h.post(other)
				for range 3 {
					time.Sleep(10 * time.Second)
					if got := h.post(whoami); got.Code != http.StatusOK {
						t.Fatalf("%s after the first: %d %s", time.Since(at), got.Code, got.Body)
					}
				}
			}
		})
	}
}

func TestSessionIsIdleForHalfAnHourAtLeast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newClocked(t)
		time.Sleep(59 * time.Second)
		h.post(whoami)
		if h.ways.direct != 1 {
			t.Error("the library saw it")
		}
		time.Sleep(30*time.Minute - time.Second)
		if got := h.post(whoami); got.Code != http.StatusOK {
			t.Errorf("%d %s", got.Code, got.Body)
		}
	})
}

// FuzzDirectAnswerIsTheLibrarys sends every message both ways, in a session and, where
// it may be of the newer era, with the headers that its usual call has there.
func FuzzDirectAnswerIsTheLibrarys(f *testing.F) {
	newer := strings.Replace(whoami, `"whoami"`, `"whoami",`+modernID, 1)
	for _, message := range []string{
		whoami, newer, `{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"other"}}`,
		strings.Replace(newer, `"id":2,`, "", 1), strings.Replace(newer, `"2.0"`, "2", 1), strings.Replace(newer, `"id":2`, `"id":9007199254740993`, 1),
		strings.TrimSuffix(newer, "}") + `,"params":{}}`, strings.Replace(whoami, `"name"`, `"NAME"`, 1), strings.Replace(whoami, "whoami", `\u0077hoami`, 1),
		strings.Replace(newer, `"_meta":{`, `"arguments":{"give":"no"},"_meta":{"progressToken":1,`, 1), strings.Replace(newer, "2026-07-28", "2025-11-25", 1),
		strings.Replace(newer, `Capabilities":{}`, `Capabilities":7`, 1), `{"id":2,"result":{}}`, `[]`, `{`, "",
	} {
		f.Add(message)
	}
	f.Fuzz(func(t *testing.T, message string) {
		s := &stand{t: t, mcp: server.NewMCPServer("test", "1", server.WithToolCapabilities(true))}
		var w ways
		s.quiet(&w, answers)
		s.tool("other", func(context.Context) (*mcp.CallToolResult, error) { return mcp.NewToolResultText("other"), nil })
		h := mcphttp.New(mcphttp.Config{
			MCP: s.mcp, Authenticate: byToken, AllowedHosts: []string{"example.com"},
			Quiet: func(tool string) bool { return tool == "whoami" },
		})
		defer h.Close()
		session := header("Mcp-Session-Id", posted(t, h, hello).Header().Get("Mcp-Session-Id"))
		for _, change := range [][]func(*http.Request){{session}, {modern("tools/call", "whoami")}} {
			direct, other := posted(t, h, message, change...), posted(t, h, message, append(slices.Clip(change), byLibrary)...)
			if direct.Code != other.Code || direct.Body.String() != other.Body.String() || !maps.EqualFunc(direct.Header(), other.Header(), slices.Equal) {
				t.Errorf("%d %v %s, and the library's %d %v %s", direct.Code, direct.Header(), direct.Body, other.Code, other.Header(), other.Body)
			}
		}
	})
}
