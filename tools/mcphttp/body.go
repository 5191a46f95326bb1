package mcphttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/tools"
)

// messageHandler answers a request whose body was read; what has none has an empty one.
type messageHandler func(w http.ResponseWriter, r *http.Request, body []byte)

// bounded reads the body, up to the cap, and drops what the library would obey
// and must not.
func bounded(limit int64, next messageHandler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := readBody(w, r, limit)
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			refuse(w, http.StatusRequestEntityTooLarge, "the body is too large")
			return
		}
		if err != nil {
			refuse(w, http.StatusBadRequest, "the body could not be read")
			return
		}
		if start := bytes.TrimLeft(body, " \t\r\n"); len(start) > 0 && start[0] == '[' {
			refuseMessage(w, tools.NoBatches)
			return
		}
		if tools.LacksID(body) {
			refuseMessage(w, tools.NoID)
			return
		}
		if cancelsOthers(r.Header, body) {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		if lacksSession(r.Header, body) {
			refuse(w, http.StatusBadRequest, noSession)
			return
		}
		next(corrected(w, r, body), r, body)
	})
}

// byLibrary gives a message to the library's transport.
func byLibrary(transport http.Handler) messageHandler {
	return func(w http.ResponseWriter, r *http.Request, body []byte) {
		r.Body = io.NopCloser(bytes.NewReader(body))
		transport.ServeHTTP(w, r)
	}
}

// refuseMessage answers what is no message of the protocol's.
func refuseMessage(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(mcp.NewJSONRPCError(mcp.NewRequestId(nil), mcp.INVALID_REQUEST, text, nil)) // an error is that the client has gone
}

// lacksSession recognises a message of the older era outside a session, which only
// an initialize may be. The library takes it for one of a session that has ended,
// and its client would not know what is missing.
func lacksSession(h http.Header, body []byte) bool {
	if h.Get(server.HeaderKeySessionID) != "" || mcp.IsModernProtocol(h.Get(mcp.HeaderProtocolVersion)) {
		return false
	}
	m, err := decodeMessage(body)
	return err == nil && m.Method != string(mcp.MethodInitialize) && !mcp.IsModernProtocol(m.Params.Meta.ProtocolVersion())
}

// message is what the transport looks at of one.
type message struct {
	Method string `json:"method"`
	Params struct {
		Meta *mcp.Meta `json:"_meta"`
	} `json:"params"`
}

func decodeMessage(body []byte) (m message, err error) {
	err = json.Unmarshal(body, &m)
	return m, err
}

// usualBody is what a body may say it is long, in bytes, to get its memory at once.
const usualBody = 16 << 10

// readBody reads a body of at most limit bytes: more is a [*http.MaxBytesError].
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength >= 0 && r.ContentLength <= min(limit, usualBody) {
		body := make([]byte, r.ContentLength)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
}

// cancelsOthers recognises a cancellation outside a session. In the newer era
// all callers share the library's one nameless session, and anybody could
// cancel another's call by guessing its id; there, closing the connection
// cancels.
func cancelsOthers(h http.Header, body []byte) bool {
	// Most bodies needn't be decoded: without an escape, the word stands there
	// as it is.
	if !bytes.Contains(body, []byte("cancelled")) && !bytes.ContainsRune(body, '\\') {
		return false
	}
	m, _ := decodeMessage(body) // what of it can't be decoded is for the library to refuse
	if m.Method != string(mcp.MethodNotificationCancelled) {
		return false
	}
	modern := mcp.IsModernProtocol(h.Get(mcp.HeaderProtocolVersion)) || mcp.IsModernProtocol(m.Params.Meta.ProtocolVersion())
	return modern || h.Get(server.HeaderKeySessionID) == ""
}
