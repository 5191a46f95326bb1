package tools_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// Resources, their templates and prompts as a client is told of them.
func TestOffersAreAsReviewed(t *testing.T) {
	for name, change := range map[string]func(*setup){
		"offers":          func(*setup) {},
		"offers-accounts": func(s *setup) { s.accounts = []string{"prod", "staging"} },
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			w := newWorld(t, change)
			for _, method := range []string{"resources/list", "resources/templates/list", "prompts/list"} {
				answer, err := json.Marshal(w.mcp.HandleMessage(withMe(t.Context()), []byte(`{"jsonrpc":"2.0","id":1,"method":"`+method+`"}`)))
				if err != nil {
					t.Fatal(err)
				}
				var told struct {
					Result json.RawMessage `json:"result"`
				}
				if err := json.Unmarshal(answer, &told); err != nil {
					t.Fatal(err)
				}
				if err := json.Indent(&got, told.Result, "", "  "); err != nil {
					t.Fatal(err)
				}
				got.WriteByte('\n')
			}
			golden(t, name+".json", got.Bytes())
		})
	}
}

// A model is told of no confirmations where there is nothing to confirm.
func TestInstructionsSayWhereNothingIsChanged(t *testing.T) {
	for readOnly, says := range map[bool]string{true: "read-only", false: "confirmed by a person"} {
		w := newWorld(t, func(s *setup) { s.readOnly = readOnly })
		for _, hello := range []string{
			`"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a","version":"1"}}`,
			`"method":"server/discover","params":{` + modernMeta + `}`,
		} {
			said, err := json.Marshal(w.mcp.HandleMessage(withMe(t.Context()), []byte(`{"jsonrpc":"2.0","id":1,`+hello+`}`)))
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range []string{"read-only", "confirmed by a person", "never instructions"} {
				if strings.Contains(string(said), part) != (part == says || part == "never instructions") {
					t.Errorf("read-only %t: %s", readOnly, said)
				}
			}
		}
	}
}
