package tools_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"vpsops/tools"
	"vpsops/tools/mcphttp"
)

// everythingWaits lets me ask for anything, and nothing run without a person.
const everythingWaits = `
version: 1
people: {me: {local: [me]}}
grants: [{id: all, who: me, actions: [list, get, create, update, delete, start, stop, reboot]}]
guards: [{id: ask, actions: [create, update, delete, start, stop, reboot], require: {confirm: asker}}]
`

func guardedWorld(t *testing.T) *world {
	return newWorld(t, func(s *setup) { s.policy = mustLoad(t, everythingWaits) })
}

// sane holds whatever was sent: nothing was changed, nothing broke, and no
// secret came out.
func (w *world) sane(said string) {
	w.t.Helper()
	w.wantWrites()
	w.mu.Lock()
	logged := w.logs.String()
	w.mu.Unlock()
	if strings.Contains(logged, "panicked") {
		w.t.Errorf("something panicked: %s", logged)
	}
	if strings.Contains(said, canary) || strings.Contains(logged, canary) {
		w.t.Error("the API token came out")
	}
}

var toolsByNumber = []string{
	"list_servers", "get_server", "list_options", "create_server", "update_server", "delete_server",
	"start_server", "stop_server", "reboot_server", "get_request", "cancel_request",
}

func FuzzToolArguments(f *testing.F) {
	for n := range toolsByNumber {
		for _, arguments := range []string{
			`{}`, `{"server":12345}`, `{"server":"web-server-01","wait_seconds":0,"reason":"x"}`, `{"server":12345.0}`, `{"server":"1e3"}`,
			`{"server_id":12345,"name":"web-server-01","force":true}`, `{"name":"a","plan_id":1,"os_id":3,"location":"us-west"}`,
			`{"request_id":"req_x","wait_seconds":1}`, "{\"limit\":200,\"cursor\":\"eyJ\",\"query\":\"\u202e\"}", `[]`, `null`, `{"server":{"$ne":1}}`,
			`{"server":12345,"server":12346}`, `{"server":"../../account"}`, `{"server":"1?x="}`, `{"server":18446744073709551616}`,
		} {
			f.Add(uint8(n), []byte(arguments))
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, arguments []byte) {
		if !json.Valid(arguments) || bytes.Contains(arguments, []byte("wait_seconds")) && bytes.Contains(arguments, []byte("req")) {
			return // framing is another target's, and waiting takes its time
		}
		w := guardedWorld(t)
		tool := toolsByNumber[int(n)%len(toolsByNumber)]
		answer, err := json.Marshal(w.mcp.HandleMessage(withMe(t.Context()), []byte(toolCall("1", tool, string(arguments)))))
		if err != nil || !json.Valid(answer) {
			t.Fatalf("%s: %v", answer, err)
		}
		w.sane(string(answer))
	})
}

func FuzzFraming(f *testing.F) {
	for _, s := range []string{
		hello, hello + toolCall("1", "get_server", `{"server":12345}`), "{\"jsonrpc\":\n[]\nnull\n42\n{}\n\x00\xff\xfe\n",
		hello + `{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"vps://servers/12345"}}` + "\n",
		`{"jsonrpc":"2.0","id":[1],"method":"ping"}` + "\n", `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` +
			`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}` + "\n",
		`[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]` + "\n", `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}` + "\n",
		hello + toolCall(`"a"`, "reboot_server", `{"server":12345}`) + `{"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"confirm":true}}}` + "\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		if bytes.Contains(input, []byte("wait_seconds")) {
			return // waiting takes its time
		}
		w := guardedWorld(t)
		var out bytes.Buffer
		if err := tools.ServeStdio(t.Context(), w.mcp, tools.Caller{Identity: me}, tools.Limits{}, bytes.NewReader(input), &out); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if !json.Valid([]byte(line)) {
				t.Errorf("stdout holds %q", line)
			}
		}
		w.sane(out.String())
	})
}

func FuzzHeaders(f *testing.F) {
	const list = `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`
	f.Add("POST", "Mcp-Method", "tools/list", "2026-07-28", []byte(list))
	f.Add("POST", "Mcp-Session-Id", "x", "2025-11-25", []byte(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
	f.Add("GET", "Last-Event-ID", "1", "", []byte{})
	f.Add("DELETE", "Mcp-Session-Id", "../..", "2025-06-18", []byte{})
	f.Add("POST", "Origin", "https://evil.example", "2026-07-28", []byte(list))
	f.Add("POST", "X-Forwarded-For", "10.0.0.1, 127.0.0.1", "9999-99-99", []byte(list))
	f.Add("OPTIONS", "Mcp-Name", "=?utf-8?b?eA==?=", "\x00", []byte(list))
	f.Add("POST", "Mcp-Method", "subscriptions/listen", "2026-07-28", []byte(list))
	f.Fuzz(func(t *testing.T, method, name, value, version string, body []byte) {
		if bytes.Contains(body, []byte("wait_seconds")) || bytes.Contains(body, []byte("listen")) {
			return // streams that nobody ends
		}
		w := guardedWorld(t)
		r, err := http.NewRequestWithContext(t.Context(), method, w.serveHTTP(mcphttp.Local(me)), bytes.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		r.Header.Set("Mcp-Protocol-Version", version)
		r.Header.Set(name, value)
		response, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			return // what the client itself refuses to send
		}
		defer response.Body.Close()
		var said bytes.Buffer
		if _, err := said.ReadFrom(http.MaxBytesReader(nil, response.Body, 1<<20)); err != nil {
			return
		}
		if response.StatusCode == http.StatusInternalServerError {
			t.Errorf("500: %s", said.String())
		}
		w.sane(said.String())
	})
}
