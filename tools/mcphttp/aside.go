package mcphttp

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/tools"
)

const (
	maxAside  = 16       // at a time, of one person's
	asideBody = 64 << 10 // bytes: what ends a call is short
)

// newAside bounds those that come in beside the calls that are open. Their rate has
// been taken already.
func newAside(l Limits) *tools.Limiter {
	return tools.NewLimiter(tools.Limits{
		PersonRate: math.Inf(1), PersonBurst: math.Inf(1), OpenPerPerson: maxAside, PersonOf: l.PersonOf, Now: l.Now,
	})
}

// endsCalls recognises what can end a call that is open: the end of a session, and
// a session's notifications and answers to dialogs. Who has as many calls open as
// there may be could end none otherwise. Whose session it is is checked later on.
func endsCalls(r *http.Request) bool {
	if r.Header.Get(server.HeaderKeySessionID) == "" || mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion)) {
		return false
	}
	if r.Method != http.MethodPost {
		return r.Method == http.MethodDelete
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, asideBody+1))
	if err != nil || len(body) > asideBody {
		return false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var m struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
	}
	if json.Unmarshal(body, &m) != nil {
		return false
	}
	notifies := len(m.ID) == 0 && strings.HasPrefix(m.Method, "notifications/")
	answers := len(m.ID) > 0 && m.Method == ""
	return notifies || answers
}
