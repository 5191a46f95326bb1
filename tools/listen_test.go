package tools_test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vpsops/tools/mcphttp"
)

// The first message of a subscription's stream says what was subscribed to,
// also where that is nothing (2026-07-28, subscriptions/listen).
func TestSubscriptionToNothingIsAcknowledgedBeforeItsAnswer(t *testing.T) {
	url := newWorld(t).serveHTTP(mcphttp.Local(me))
	for range 50 {
		stream := listenAt(t, url, "resourcesListChanged")
		text, err := io.ReadAll(stream)
		stream.Close()
		if err != nil {
			t.Fatal(err)
		}
		acknowledged, answered := strings.Index(string(text), "notifications/subscriptions/acknowledged"), strings.Index(string(text), `"result"`)
		if acknowledged < 0 || answered < acknowledged {
			t.Fatalf("%s", text)
		}
	}
}

// A listen stream of the newer era would else hold up the end of the HTTP server.
func TestListenStreamEndsWhenTheHandlerIsClosed(t *testing.T) {
	h := newWorld(t).handler(mcphttp.Local(me))
	s := httptest.NewServer(h)
	defer s.Close()
	stream := listenAt(t, s.URL, "toolsListChanged")
	defer stream.Close()
	for lines := bufio.NewReader(stream); ; {
		line, err := lines.ReadString('\n')
		if strings.Contains(line, "notifications/subscriptions/acknowledged") {
			h.Close()
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// listenAt opens a stream for one kind of news.
func listenAt(t *testing.T, url, kind string) io.ReadCloser {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(
		`{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"`+kind+`":true},`+
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
	return response.Body
}
