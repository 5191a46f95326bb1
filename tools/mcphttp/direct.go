package mcphttp

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// touchEvery is how often a session's call of a quiet tool goes through the library's
// transport all the same: that ends sessions which it hasn't seen for long.
const touchEvery = time.Minute

// direct answers a session's calls of quiet tools without the library's transport,
// which decodes each message twice more, and has a goroutine and channels ready for
// what a tool might send before its answer. Where there is something to send, or
// anything isn't as usual, the message goes the way of all others.
func direct(s *sessions, m *server.MCPServer, quiet func(tool string) bool, next messageHandler) messageHandler {
	if quiet == nil {
		return next
	}
	return func(w http.ResponseWriter, r *http.Request, body []byte) {
		var client server.ClientSession
		if isUsual(r) && callsQuiet(body, quiet) {
			client = s.quietClient(r.Header.Get(server.HeaderKeySessionID))
		}
		if client == nil {
			next(w, r, body)
			return
		}
		answer := m.HandleMessage(m.WithContext(r.Context(), client), body)
		if answer == nil { // it has no id, and wants none
			w.WriteHeader(http.StatusAccepted)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		writeAnswer(w, answer)
	}
}

// writeAnswer writes what encoding/json would, but that it doesn't go over a result
// that is JSON already. An error is that the client has gone.
func writeAnswer(w io.Writer, answer mcp.JSONRPCMessage) {
	if response, ok := answer.(mcp.JSONRPCResponse); ok {
		if result, ok := response.Result.(json.Marshaler); ok {
			id, _ := json.Marshal(response.ID) // it was read from JSON
			if text, err := result.MarshalJSON(); err == nil {
				_, _ = w.Write(slices.Concat([]byte(`{"jsonrpc":"2.0","id":`), id, []byte(`,"result":`), text, []byte("}\n")))
				return
			}
		}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// isUsual tells whether a request's headers are those of a message of the older era
// that the library would not refuse.
func isUsual(r *http.Request) bool {
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		return false
	}
	version := r.Header.Get(mcp.HeaderProtocolVersion)
	return version == "" || mcp.IsValidProtocolVersion(version) && !mcp.IsModernProtocol(version)
}

// quietClient returns what the library has of a session that nothing waits to be sent
// to. It is nil where the library's transport is to see this call of the session's.
func (s *sessions) quietClient(id string) server.ClientSession {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.owners[id]
	if o == nil || o.client == nil || len(o.client.NotificationChannel()) > 0 {
		return nil
	}
	if now.Sub(o.seen) >= touchEvery {
		o.seen = now
		return nil
	}
	return o.client
}

// callsQuiet tells whether a message is the older era's call of a quiet tool.
func callsQuiet(body []byte, quiet func(tool string) bool) bool {
	var m struct {
		Method string `json:"method"`
		Params struct {
			Name string    `json:"name"`
			Meta *mcp.Meta `json:"_meta"`
		} `json:"params"`
	}
	return json.Unmarshal(body, &m) == nil && m.Method == string(mcp.MethodToolsCall) &&
		quiet(m.Params.Name) && !mcp.IsModernProtocol(m.Params.Meta.ProtocolVersion())
}
