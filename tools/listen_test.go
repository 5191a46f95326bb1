package tools_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"vpsops/tools/mcphttp"
)

// The first message of a subscription's stream says what was subscribed to,
// also where that is nothing (2026-07-28, subscriptions/listen).
func TestSubscriptionToNothingIsAcknowledgedBeforeItsAnswer(t *testing.T) {
	url := newWorld(t).serveHTTP(mcphttp.Local(me))
	for range 50 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(
			`{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"resourcesListChanged":true},`+
				`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		r.Header.Set("Mcp-Protocol-Version", "2026-07-28")
		r.Header.Set("Mcp-Method", "subscriptions/listen")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		acknowledged, answered := strings.Index(string(text), "notifications/subscriptions/acknowledged"), strings.Index(string(text), `"result"`)
		if acknowledged < 0 || answered < acknowledged {
			t.Fatalf("%s", text)
		}
	}
}
