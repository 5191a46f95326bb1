package tools_test

import (
	"encoding/json"
	"fmt"
	"testing"
)

// Clients speak what was the newest revision when they were made. Those before
// the newest begin with a handshake, and are answered in the one that they ask
// for.
func TestEveryRevisionSinceTheFirstIsSpoken(t *testing.T) {
	for _, revision := range []string{"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"} {
		for way, exchange := range map[string]func(w *world, revision string, said ...string) []rpc{
			"stdio": (*world).sayOverStdio, "HTTP": (*world).sayOverHTTP,
		} {
			t.Run(revision+", "+way, func(t *testing.T) {
				t.Parallel()
				answers := map[string]json.RawMessage{}
				for _, m := range exchange(newWorld(t), revision,
					fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":%q,"capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`, revision),
					`{"jsonrpc":"2.0","method":"notifications/initialized"}`,
					`{"jsonrpc":"2.0","id":2,"method":"tools/list"}`,
					`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"get_server","arguments":{"server":"web-server-01"}}}`,
				) {
					answers[string(m.ID)] = m.Result
				}
				var hello struct{ ProtocolVersion string }
				var list struct{ Tools []any }
				var call struct {
					IsError           bool
					StructuredContent struct{ ID int }
				}
				for id, into := range map[string]any{"1": &hello, "2": &list, "3": &call} {
					if err := json.Unmarshal(answers[id], into); err != nil {
						t.Fatalf("%s: %v in %s", id, err, answers[id])
					}
				}
				if hello.ProtocolVersion != revision {
					t.Errorf("it speaks %s", hello.ProtocolVersion)
				}
				if len(list.Tools) != 11 {
					t.Errorf("%d tools", len(list.Tools))
				}
				if call.IsError || call.StructuredContent.ID != 12345 {
					t.Errorf("get_server answers %s", answers["3"])
				}
			})
		}
	}
}

func (w *world) sayOverStdio(_ string, said ...string) []rpc {
	var input string
	for _, message := range said {
		input += message + "\n"
	}
	return w.valid(w.stdio([]byte(input)))
}

// sayOverHTTP says the revision with each message once it is agreed on, as
// clients do since 2025-06-18.
func (w *world) sayOverHTTP(revision string, said ...string) (answers []rpc) {
	front := w.front()
	var headers []string
	for _, message := range said {
		answer := w.post(front, "POST", []byte(message), headers...)
		answers = append(answers, w.valid(messages(answer))...)
		if session := answer.Header().Get("Mcp-Session-Id"); session != "" {
			headers = []string{"Mcp-Session-Id", session}
			if revision >= "2025-06-18" {
				headers = append(headers, "Mcp-Protocol-Version", revision)
			}
		}
	}
	return answers
}
