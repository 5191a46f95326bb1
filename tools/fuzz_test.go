package tools_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/policy"
	"vpsops/tools"
	"vpsops/tools/mcphttp"
)

var toolsByNumber = []string{
	"list_servers", "get_server", "list_options", "create_server", "update_server", "delete_server",
	"start_server", "stop_server", "reboot_server", "get_request", "cancel_request",
}

// argumentSeeds are what clients send, and what a hostile one would.
var argumentSeeds = []string{
	`{}`, `[]`, `null`, `{"server":12345}`, `{"server":"web-server-01","wait_seconds":50,"reason":"it hangs"}`, `{"server":"203.0.113.10"}`,
	`{"status":"active","location":"us-west","query":"web","limit":200,"cursor":"NTAuYWJjZGVm"}`, "{\"query\":\"\u202e\u200b\"}",
	`{"server":12346,"name":"web-2","hostname":"a.example.com","backups_enabled":true,"replace":true,"reason":"the user approved"}`,
	`{"server_id":12345,"name":"web-server-01","reason":"old"}`, `{"server_id":"12345","name":"web-server-01","force":true,"confirmed":true}`,
	`{"name":"a","plan_id":1,"os_id":"3","location":"us-west","ssh_key_id":7,"hostname":"a.example.com","backups_enabled":false}`,
	`{"request_id":"req_mine"}`, `{"request_id":"req_mine","wait_seconds":50}`, `{"request_id":"req_theirs"}`,
	`{"server":12345.0}`, `{"server":"1e3"}`, `{"server":-1}`, `{"server":18446744073709551616}`, `{"server":{"$ne":1}}`, `{"server":["12345"]}`,
	`{"server":12345,"server":12346}`, `{"server":"../../account"}`, `{"server":"1?x="}`, `{"server":"web-server-01\u0000"}`, `{"server":"\ud800"}`,
	`{"location":"\u202e\u001b[2J"}`, `{"cursor":"\u202e\n"}`, `{"request_id":"\u202e\u200b"}`, `{"\u202e\u001b[2J":1}`, `{"server":["\u202e"]}`, `{"plan_id":"\u202e"}`,
	"{\"server\":\"\xff\xfe\"}", `{"Server":12345}`, `{"server":12346,"wait_seconds":51}`, `{"` + strings.Repeat("x", 300) + `":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`,
	`{"name":"x;rm -rf /","plan_id":"../1","os_id":1e3,"location":"\u001b[2J"}`, `{"server":"` + strings.Repeat("a\u0301\u0301", 400) + `"}`,
}

// Each tool is called over both transports and in both eras: bit 0 of way is
// the era, and bit 1 the transport.
func FuzzToolArguments(f *testing.F) {
	for n := range toolsByNumber {
		for i, arguments := range argumentSeeds {
			f.Add(uint8(n), uint8(i), []byte(arguments))
		}
	}
	f.Fuzz(func(t *testing.T, n, way uint8, arguments []byte) {
		if !json.Valid(arguments) || bytes.ContainsAny(arguments, "\r\n") {
			return // framing is another target's
		}
		fuzzed(t, func(w *world) {
			w.askAs(me, policy.Reboot, "12347")
			arguments := bytes.ReplaceAll(arguments, []byte("req_mine"), []byte(w.askAs(me, policy.Stop, "12347")))
			arguments = bytes.ReplaceAll(arguments, []byte("req_theirs"), []byte(w.askAs(other, policy.Stop, "12348")))
			name := toolsByNumber[int(n)%len(toolsByNumber)]
			modern, http := way&1 == 0, way&2 == 0
			params := `{"name":"` + name + `","arguments":` + string(arguments)
			if modern {
				params += "," + modernMeta
			}
			call := []byte(`{"jsonrpc":"2.0","id":"call","method":"tools/call","params":` + params + "}}\n")
			switch {
			case !http && modern:
				w.tool(name, w.valid(w.stdio(call)))
			case !http:
				w.tool(name, w.valid(w.stdio(append([]byte(hello), call...))))
			case modern:
				w.tool(name, w.valid(messages(w.post(w.front(), "POST", call, "Mcp-Protocol-Version", mcp.LATEST_PROTOCOL_VERSION, "Mcp-Method", "tools/call", "Mcp-Name", name))))
			default:
				front := w.front()
				w.tool(name, w.valid(messages(w.post(front, "POST", call, "Mcp-Session-Id", w.session(front)))))
			}
		})
	})
}

// session begins one of the older era, without dialogs: nobody reads its
// stream.
func (w *world) session(front http.Handler, headers ...string) string {
	began := w.post(front, "POST", []byte(strings.Replace(hello, `"elicitation":{}`, "", 1)), headers...)
	return began.Header().Get(server.HeaderKeySessionID)
}

var framingSeeds = []string{
	hello, hello + toolCall("1", "get_server", `{"server":12345}`), "{\"jsonrpc\":\n[]\nnull\n42\n{}\n\x00\xff\xfe\n",
	hello + `{"jsonrpc":"2.0","method":"notifications/initialized"}` + "\n" + `{"jsonrpc":"2.0","id":1,"method":"tools/list"}` + "\n",
	hello + `{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"vps://servers/12345"}}` + "\n",
	hello + `{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"incident"},"argument":{"name":"server","value":"we"}}}` + "\n",
	`{"jsonrpc":"2.0","id":[1],"method":"ping"}` + "\n" + `{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}` + "\n" + `{"jsonrpc":"2.0","id":true,"method":"ping"}` + "\n",
	`{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` + modernMeta + `}}` + "\n",
	`{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{` + modernMeta + `}}` + "\n",
	`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"vps://servers/12346",` + modernMeta + `}}` + "\n",
	`{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"incident","arguments":{"server":"x"},` + modernMeta + `}}` + "\n",
	`[{"jsonrpc":"2.0","id":1,"method":"tools/list"},{"jsonrpc":"2.0","id":2,"method":"ping"}]` + "\n", `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}` + "\n",
	hello + toolCall(`"a"`, "reboot_server", `{"server":12345}`) + `{"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"confirm":true}}}` + "\n",
	`{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list","id":2}` + "\n", `{"JSONRPC":"2.0","ID":1,"Method":"ping"}` + "\n",
	`{"jsonrpc":"2.0","id":1,"method":"ping","params":` + strings.Repeat("[", 11000) + strings.Repeat("]", 11000) + "}\n",
	`{"jsonrpc":"2.0","id":1,"method":"ping"` + "\n" + `{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}` + "\n" + `{"jsonrpc":"2.0","id":1e400,"method":"ping"}`,
	"{\"jsonrpc\":\"2.0\",\"id\":\"\xff\\ud800\",\"method\":\"ping\"}\r\n\r\n \t\n", `{"jsonrpc":"2.0","id":null,"method":"tools/call","params":{"name":"start_server","arguments":{"server":12346}}}` + "\n",
	`{"jsonrpc":"2.0","id":3,"method":"logging/setLevel","params":{"level":"debug"}}` + "\n" + `{"jsonrpc":"2.0","id":4,"method":"tasks/list"}` + "\n",
}

func FuzzFraming(f *testing.F) {
	for _, s := range framingSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		if bytes.Contains(input, []byte(`"accept"`)) {
			return // a yes of the client's is a vote, which here may not be
		}
		fuzzed(t, func(w *world) {
			answered := map[string]int{}
			for _, m := range w.valid(w.stdio(input)) {
				if m.Method == "" {
					answered[string(m.ID)]++
				}
			}
			for line := range bytes.Lines(input) {
				if id, ok := idOf(line); ok {
					if answered[id]--; answered[id] < 0 {
						t.Errorf("%s was not answered", line)
					}
				}
			}
		})
	})
}

// idOf is the id of a line that is a request beyond doubt.
func idOf(line []byte) (id string, ok bool) {
	var m struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Method  string          `json:"method"`
	}
	if json.Unmarshal(line, &m) != nil || m.Version != "2.0" || m.Method == "" || bytes.Contains(line, []byte(`"result"`)) || bytes.Contains(line, []byte(`"error"`)) {
		return "", false
	}
	var number float64 // comes back with all its digits
	if json.Unmarshal(m.ID, &number) == nil && string(m.ID) != "null" {
		return string(m.ID), true
	}
	var text string
	if json.Unmarshal(m.ID, &text) != nil || text == "" {
		return "", false
	}
	encoded, err := json.Marshal(text)
	return string(encoded), err == nil
}

func FuzzBodies(f *testing.F) {
	for i, s := range framingSeeds {
		for line := range strings.Lines(s) {
			f.Add(uint8(i), []byte(line))
		}
		f.Add(uint8(i), []byte(s))
	}
	f.Fuzz(func(t *testing.T, way uint8, body []byte) {
		if bytes.Contains(body, []byte(`"accept"`)) {
			return // likewise
		}
		fuzzed(t, func(w *world) {
			front := w.front()
			var headers []string
			switch way % 3 {
			case 0:
				headers = []string{"Mcp-Protocol-Version", mcp.LATEST_PROTOCOL_VERSION, "Mcp-Method", methodOf(body)}
			case 1:
				headers = []string{"Mcp-Session-Id", w.session(front)}
			}
			got := w.post(front, "POST", body, headers...)
			w.valid(messages(got))
			if got.Code >= http.StatusInternalServerError {
				t.Errorf("%d: %s", got.Code, got.Body)
			}
			if got.Code == http.StatusOK && got.Body.Len() == 0 {
				t.Error("neither an answer nor a refusal")
			}
		})
	})
}

func methodOf(body []byte) string {
	var m struct {
		Method string `json:"method"`
	}
	_ = json.Unmarshal(body, &m) // as far as there is one
	return m.Method
}

var listOfTools = `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{` + modernMeta + `}}`

// FuzzHeaders takes those that say who calls, in which era and session, and from
// where.
func FuzzHeaders(f *testing.F) {
	const old, local, both, me = "2025-11-25", "127.0.0.1:8321", "application/json, text/event-stream", "Bearer mine"
	add := func(method, body, session, version, accept, contentType, event, authorization, origin, host string) {
		f.Add(method, []byte(body), session, version, accept, contentType, event, authorization, origin, host)
	}
	add("POST", listOfTools, "", "2026-07-28", both, "application/json", "", me, "", local)
	add("POST", hello, "", "", both, "application/json; charset=utf-8", "", me, "", local)
	add("POST", listOfTools, "mine", old, both, "application/json", "", "bearer  mine", "https://app.example.com", local)
	add("POST", listOfTools, "theirs", old, both, "application/json", "", me, "", local)
	add("GET", "", "mine", old, "text/event-stream", "", "1", me, "", local)
	add("GET", "", "theirs", "", "text/event-stream", "", "-1", me, "", local)
	add("DELETE", "", "../..", "2025-06-18", "", "", "", me, "", local)
	add("DELETE", "", "mine", old, "", "", "", me, "", local)
	add("DELETE", "", "theirs", old, "", "", "", me, "", local)
	add("DELETE", "", "theirs", "2026-07-28", "", "", "", me, "", local)
	add("POST", listOfTools, "", "9999-99-99", "*/*;q=0", "text/plain", "\x00", "Basic eDp5", "null", "evil.example")
	add("POST", listOfTools, "", "\x00", "", "multipart/form-data; boundary", strings.Repeat("9", 400), "Bearer ", "https://evil.example", "127.0.0.1.evil.example")
	add("OPTIONS", "", "", "", "", "", "", "", "https://app.example.com", local)
	add("PUT", listOfTools, strings.Repeat("x", 40_000), "2026-07-28", both, "application/json", "", me, "http://127.0.0.1:8321", "[::1]:8321")
	f.Fuzz(func(t *testing.T, method string, body []byte, session, version, accept, contentType, event, authorization, origin, host string) {
		if bytes.Contains(body, []byte(`"accept"`)) {
			return // likewise
		}
		fuzzed(t, func(w *world) {
			front := w.handler(mcphttp.ByBearer(ofTwo, nil))
			w.t.Cleanup(front.Close)
			theirs := w.session(front, "Authorization", "Bearer theirs")
			session := strings.NewReplacer("mine", w.session(front, "Authorization", "Bearer mine"), "theirs", theirs).Replace(session)
			got := w.post(front, method, body,
				"Mcp-Session-Id", session, "Mcp-Protocol-Version", version, "Accept", accept, "Content-Type", contentType, "Last-Event-Id", event,
				"Authorization", authorization, "Origin", origin, "Host", host, "Mcp-Method", methodOf(body))
			w.valid(messages(got))
			name, _, _ := strings.Cut(host, ":")
			foreign := name != "127.0.0.1" || origin != "" && !strings.EqualFold(origin, "https://app.example.com")
			scheme, token, _ := strings.Cut(authorization, " ")
			unknown := !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(token) != "mine" && strings.TrimSpace(token) != "theirs"
			switch {
			case got.Code >= http.StatusInternalServerError && got.Code != http.StatusNotImplemented:
				t.Errorf("%d: %s", got.Code, got.Body)
			case foreign && got.Code < http.StatusBadRequest:
				t.Errorf("%d to a page or by a name that are not listed", got.Code)
			case unknown && got.Code < http.StatusBadRequest && method != http.MethodOptions:
				t.Errorf("%d to nobody", got.Code)
			}
			if !unknown && strings.TrimSpace(token) == "theirs" {
				return // they may end it
			}
			again := w.post(front, "POST", []byte(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`), "Authorization", "Bearer theirs", "Mcp-Session-Id", theirs)
			if again.Code != http.StatusOK {
				t.Errorf("another's session is gone: %d %s", again.Code, again.Body)
			}
		})
	})
}

// ofTwo knows a token of mine and one of theirs.
func ofTwo(sha256hex string) (caller tools.Caller, ok bool) {
	for token, id := range map[string]policy.Identity{"mine": me, "theirs": other} {
		if sum := sha256.Sum256([]byte(token)); hex.EncodeToString(sum[:]) == sha256hex {
			return tools.Caller{Identity: id}, true
		}
	}
	return tools.Caller{}, false
}
