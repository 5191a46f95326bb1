package mcphttp

import (
	"crypto/rand"
	"errors"
	"net/http"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/policy"
	"vpsops/tools"
)

// maxSessions bounds the sessions of the older era; each takes some 20 kB
// until it ends or is idle for long.
const maxSessions = 1000

var errNoSession = errors.New("there is no such session")

// sessions are those of the older era, each its caller's own: whoever learns
// another's session id can neither answer its dialogs nor end it.
type sessions struct {
	mu     sync.Mutex
	owners map[string]policy.Identity
}

func newSessions() *sessions { return &sessions{owners: make(map[string]policy.Identity)} }

// ResolveSessionIdManager returns the sessions as the request's caller may use
// them, or for no request, as the library itself does.
func (s *sessions) ResolveSessionIdManager(r *http.Request) server.SessionIdManager { //nolint:staticcheck // the library's interface names it so
	if r == nil {
		return callersSessions{all: s, internal: true}
	}
	return callersSessions{all: s, caller: tools.CallerFrom(r.Context()).Identity}
}

func (s *sessions) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.owners) >= maxSessions
}

// callersSessions implements the library's session manager for one caller.
type callersSessions struct {
	all      *sessions
	caller   policy.Identity
	internal bool
}

// Generate makes a session of the caller's.
func (c callersSessions) Generate() string {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	id := rand.Text()
	c.all.owners[id] = c.caller
	return id
}

// Validate refuses a session that isn't the caller's as one that isn't there.
func (c callersSessions) Validate(id string) (terminated bool, err error) {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if owner, ok := c.all.owners[id]; !ok || !c.internal && owner != c.caller {
		return false, errNoSession
	}
	return false, nil
}

// Terminate ends a session.
func (c callersSessions) Terminate(id string) (notAllowed bool, err error) {
	if _, err := c.Validate(id); err != nil {
		return false, err
	}
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	delete(c.all.owners, id)
	return false, nil
}

// ownSession refuses a stream or an end of a session that isn't the caller's,
// which the library would not, and new sessions beyond the bound.
func ownSession(s *sessions, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(server.HeaderKeySessionID)
		modern := mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion))
		switch {
		case modern:
		case r.Method == http.MethodGet || r.Method == http.MethodDelete:
			if _, err := s.ResolveSessionIdManager(r).Validate(id); err != nil {
				refuse(w, http.StatusNotFound, "there is no such session; initialize again")
				return
			}
		case id == "" && s.full():
			w.Header().Set("Retry-After", "60")
			refuse(w, http.StatusServiceUnavailable, "too many sessions are open; end some, or come back in a minute")
			return
		}
		next.ServeHTTP(w, r)
	})
}
