package tools_test

import (
	"strings"
	"testing"
)

// Who sends a value of the wrong kind reads which, and not about the types of a program,
// whatever the way.
func TestWhatCannotBeReadIsRefusedInPlainWords(t *testing.T) {
	fuzzed(t, func(w *world) {
		front := w.front()
		for _, c := range []struct{ method, params, says string }{
			{"tools/call", `"name":7`, "tools/call: in params.name stands a number where a string belongs"},
			{"tools/call", `"name":["get_server"]`, "tools/call: in params.name stands a list where a string belongs"},
			{"resources/read", `"uri":true`, "resources/read: in params.uri stands true or false where a string belongs"},
			{"prompts/get", `"name":"incident","arguments":"web"`, "prompts/get: in params.arguments stands a string where an object belongs"},
			{"tools/list", `"cursor":9007199254740993`, "tools/list: in params.cursor stands a number where a string belongs"},
			{"tools/list", `"cursor":"<not base64>"`, "tools/list: params.cursor is none that was given here; leave it out to begin anew"},
		} {
			const id = "9007199254740993" // which the library rounds
			old := []byte(`{"jsonrpc":"2.0","id":` + id + `,"method":"` + c.method + `","params":{` + c.params + "}}\n")
			modern := []byte(`{"jsonrpc":"2.0","id":` + id + `,"method":"` + c.method + `","params":{` + c.params + `,` + modernMeta + "}}\n")
			for way, said := range map[string][]string{
				"stdio, new era": w.stdio(modern),
				"HTTP, new era":  messages(w.post(front, "POST", modern, "Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", c.method)),
				"stdio, old era": w.stdio(append([]byte(hello), old...))[1:],
				"HTTP, old era":  messages(w.post(front, "POST", old, "Mcp-Session-Id", w.session(front))),
			} {
				if way == "HTTP, new era" && c.method != "tools/list" {
					continue // its header, which has the name, is held to the message before
				}
				if got := w.valid(said); len(got) != 1 || string(got[0].ID) != id || got[0].Error == nil || *got[0].Error.Message != c.says {
					t.Errorf("%s, %s {%s}: %q", way, c.method, c.params, said)
				}
			}
		}
		w.wantWrites()
	})
}

func TestParamsThatAreNoObjectAreRefusedInPlainWords(t *testing.T) {
	w := newWorld(t)
	says := string(w.answersTo(hello + `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":"get_server"}` + "\n")["7"])
	if !strings.Contains(says, "tools/call: in params stands a string where an object belongs") {
		t.Error(says)
	}
}

func TestARequestWithoutAMethodIsToldWhatItLacks(t *testing.T) {
	w := newWorld(t)
	for _, message := range []string{`{"jsonrpc":"2.0","id":1}`, `{"jsonrpc":"2.0","id":1,"method":""}`, `{"jsonrpc":"2.0","id":1,"params":{}}`} {
		if said := string(w.answersTo(message + "\n")["1"]); !strings.Contains(said, `"code":-32600`) || !strings.Contains(said, "a request names its method") {
			t.Errorf("%s is answered %s", message, said)
		}
	}
}
