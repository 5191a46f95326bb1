package tools_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"vpsops/policy/ledger"
	"vpsops/tools/mcphttp"
)

// The call is answered, as if nobody had answered its dialog; what it asked for waits
// for the page.
func TestADialogEndsWithItsSession(t *testing.T) {
	w := newWorld(t)
	url := w.serveHTTP(mcphttp.Local(me))
	session := ""
	send := func(method, body string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		if session != "" {
			r.Header.Set("Mcp-Session-Id", session)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { answer.Body.Close() })
		return answer
	}
	session = send("POST", `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}},"clientInfo":{"name":"t","version":"1"}}}`).Header.Get("Mcp-Session-Id")
	call := bufio.NewReader(send("POST", strings.TrimSpace(toolCall("7", "reboot_server", `{"server":12345}`))).Body)
	for line := ""; !strings.Contains(line, "elicitation/create"); {
		var err error
		if line, err = call.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	if got := send("DELETE", ""); got.StatusCode != http.StatusOK {
		t.Fatal(got.Status)
	}
	if rest, err := io.ReadAll(call); err != nil || !strings.Contains(string(rest), `"id":7,"result":`) || !strings.Contains(string(rest), `"outcome":"pending"`) {
		t.Errorf("%q, %v", rest, err)
	}
	var open []ledger.Request
	err := w.audit.Read(t.Context(), func(tx ledger.ReadTx) (err error) {
		open, err = tx.Requests(ledger.Filter{States: []ledger.State{ledger.Pending}})
		return err
	})
	if err != nil || len(open) != 1 {
		t.Errorf("%d requests wait, %v", len(open), err)
	}
	w.wantWrites()
}
