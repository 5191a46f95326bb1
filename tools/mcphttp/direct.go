package mcphttp

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/tools"
)

// touchEvery is how often a session's call of a quiet tool goes through the library's
// transport all the same: that ends sessions which it hasn't seen for long.
const touchEvery = time.Minute

// direct answers calls of quiet tools without the library's transport, which decodes
// each message twice more, and has channels and a goroutine ready for what a tool might
// send before its answer. Where something waits to be sent, or anything isn't as usual,
// the message goes the way of all others. The transport answers a session to which
// something was sent once by streams of one event from then on; this doesn't.
func direct(s *sessions, m *server.MCPServer, quiet func(tool string) bool, next messageHandler) messageHandler {
	if quiet == nil {
		return next
	}
	return func(w http.ResponseWriter, r *http.Request, body []byte) {
		tool, revision, ok := tools.CalledTool(body)
		if !ok || !isPlain(r) || !quiet(tool) {
			next(w, r, body)
			return
		}
		ctx := r.Context()
		modern := mcp.IsModernProtocol(revision)
		if modern {
			ok = agrees(r.Header, tool, revision)
		} else if client := s.quietClient(r.Header); client != nil {
			ctx = m.WithContext(ctx, client)
		} else {
			ok = false
		}
		if !ok {
			next(w, r, body)
			return
		}
		answer := m.HandleMessage(ctx, body)
		if answer == nil { // it has no id, and wants none
			w.WriteHeader(http.StatusAccepted)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if modern {
			w.WriteHeader(statusOf(answer))
		}
		writeAnswer(w, answer)
	}
}

// isPlain tells whether a request has nothing unusual.
func isPlain(r *http.Request) bool {
	return r.Method == http.MethodPost && r.Header.Get("Content-Type") == "application/json"
}

// agrees tells whether the headers of a call of the newer era say the same of it as its
// body, as they must (2026-07-28, Streamable HTTP). The server checks that only where
// the transport hands it the headers.
func agrees(h http.Header, tool, revision string) bool {
	return mcp.IsValidProtocolVersion(revision) && h.Get(mcp.HeaderProtocolVersion) == revision &&
		h.Get(mcp.HeaderMethod) == string(mcp.MethodToolsCall) && h.Get(mcp.HeaderName) == tool && h.Get(mcp.HeaderLastEventID) == ""
}

// quietClient returns what the library has of the session that a call of the older era
// is of. It is nil where there is none, the headers would have it refused, something
// waits to be sent to it, or the library's transport is to see this call of the
// session's.
func (s *sessions) quietClient(h http.Header) server.ClientSession {
	if version := h.Get(mcp.HeaderProtocolVersion); version != "" && !mcp.IsValidProtocolVersion(version) || mcp.IsModernProtocol(version) {
		return nil
	}
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.owners[h.Get(server.HeaderKeySessionID)]
	if o == nil || o.client == nil || len(o.client.NotificationChannel()) > 0 {
		return nil
	}
	if now.Sub(o.seen) >= touchEvery {
		o.seen = now
		return nil
	}
	return o.client
}

// statusOf is an answer's status in the newer era, which tells proxies what kind of
// error it is (2026-07-28, Streamable HTTP).
func statusOf(answer mcp.JSONRPCMessage) int {
	e, ok := answer.(mcp.JSONRPCError)
	if !ok {
		return http.StatusOK
	}
	switch e.Error.Code {
	case mcp.METHOD_NOT_FOUND:
		return http.StatusNotFound
	case mcp.PARSE_ERROR, mcp.INVALID_REQUEST, mcp.INVALID_PARAMS,
		mcp.HEADER_MISMATCH, mcp.MISSING_REQUIRED_CLIENT_CAPABILITY, mcp.UNSUPPORTED_PROTOCOL_VERSION:
		return http.StatusBadRequest
	}
	return http.StatusOK
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
