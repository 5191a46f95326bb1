package tools

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
)

func FuzzFlatMembersAreTheMembers(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"server":12345}`, `{"server":"web-1","wait_seconds":50,"server":null}`, `{"a":true,"b":false,"":""}`,
		`{"a":01}`, `{"a":-1}`, `{"a":1.5}`, `{"a":1e3}`, `{"a":truee}`, `{"a":[1]}`, `{"a":{}}`, `{"a":"\u0041"}`, `{"a":"x}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1}}`,
		`{"a":{"b":[1,"x",{}],"c":[]},"d":[[true]]}`, `{"a":[1,]}`, `{"a":[,1]}`, `{"a":[1}`, `{"a":{"b":1]}`, `{"a":{"b"}}`, `{"a":[1 ]}`, `{"a":[`, `{"a":{`,
		`{"a":` + strings.Repeat("[", maxFlat) + strings.Repeat("]", maxFlat) + `}`,
		`{,"a":1}`, `{"a" :1}`, ` {"a":1}`, `{"a":1} `, `{"a":1`, `[]`, `"a"`, `{`, ``, "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		members, ok := flatMembers(object)
		if !ok {
			return
		}
		if !json.Valid(object) {
			t.Fatalf("%q was taken for JSON", object)
		}
		var want []member
		if err := eachDecoded(object, func(name string, value json.RawMessage) error {
			want = append(want, member{name, value})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(members, want, func(a, b member) bool { return a.name == b.name && string(a.value) == string(b.value) }) {
			t.Errorf("%q is %q, not %q", object, members, want)
		}
	})
}

// What clients send must go the short way, or there were no use in it.
func TestUsualArgumentsAreFlat(t *testing.T) {
	for _, arguments := range []string{`{}`, `{"server":12345}`, `{"server":"web-1","backups_enabled":true,"cursor":null}`, `{"tags":["a",{"b":1}]}`} {
		if _, ok := flatMembers([]byte(arguments)); !ok {
			t.Errorf("%s is not", arguments)
		}
	}
}

func FuzzFlatCallIsTheCall(f *testing.F) {
	const meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`
	for _, text := range []string{
		usualCall, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_server",` + meta + `}}`,
		`{"method":"tools/list"}`, `{"method":"tools/call"}`, `{"method":"tools/call","params":{}}`, `{"method":"tools/call","params":{"name":""}}`,
		`{"method":"tools/call","params":{"name":7}}`, `{"method":7,"params":{"name":"a"}}`, `{"params":{"name":"a"}}`, `{"method":"","params":{"name":"a"}}`,
		`{"method":"tools/call","params":{"name":"a"},"method":"tools/list"}`, `{"method":"tools/call","params":{"name":"a"},"METHOD":"tools/list"}`,
		`{"method":"tools/call","params":{"name":"a"},"params":{}}`, `{"method":"tools/call","params":{"name":"a","NAME":"b"}}`, `{"method":"tools/call","params":{"name":"a","name":"b"}}`,
		`{"method":"tools/call","params":{"name":"a","_meta":7}}`, `{"method":"tools/call","params":{"name":"a","_meta":null}}`, `{"method":"tools/call","params":{"name":"a","_meta":{}}}`,
		`{"method":"tools/call","params":{"name":"a","_meta":{"io.modelcontextprotocol/protocolVersion":7}}}`,
		`{"method":"tools/call","params":{"name":"a","_meta":{"io.modelcontextprotocol/protocolVersion":"1","io.modelcontextprotocol/protocolVersion":"2"}}}`,
		`{"method":"tools/call","params":{"name":"a","_meta":{"io.modelcontextprotocol/PROTOCOLVERSION":"1"}}}`,
		`{"method":"tools/call","params":{"name":"a","_meta":{"progressToken":` + strings.Repeat("9", maxDigits) + `}}}`,
		`{"method":"tools/call","params":{"name":"a","_meta":{"progressToken":` + strings.Repeat("9", maxDigits+1) + `}}}`,
		`{"method":"tools/call","params":{"name":"a"}} `, `{"method":"tools/call","params":{"name":"a"}}x`, `{"method":"tools/call","params":{"name":"\u0061"}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tool, revision, ok := flatCall(text)
		if !ok {
			return
		}
		var m struct {
			Method string `json:"method"`
			Params struct {
				Name string    `json:"name"`
				Meta *mcp.Meta `json:"_meta"`
			} `json:"params"`
		}
		if err := json.Unmarshal([]byte(text), &m); err != nil && tool != "" {
			t.Fatalf("%q was read: %v", text, err)
		}
		if (m.Method == "tools/call") != (tool != "") {
			t.Fatalf("%q calls %q", text, tool)
		}
		if tool != "" && (tool != m.Params.Name || revision != m.Params.Meta.ProtocolVersion()) {
			t.Errorf("%q is of %q and %q", text, tool, revision)
		}
	})
}

const usualCall = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"get_server","arguments":{"server":12345},"_meta":{"progressToken":7}}}`

// What clients send must go the short way, or there were no use in it.
func TestUsualCallIsFlat(t *testing.T) {
	if tool, revision, ok := flatCall(usualCall); tool != "get_server" || revision != "" || !ok {
		t.Errorf("it is %q, %q, %v", tool, revision, ok)
	}
}
