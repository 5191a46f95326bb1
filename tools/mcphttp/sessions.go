package mcphttp

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/policy"
	"vpsops/tools"
)

// maxSessions bounds the sessions of the older era, of all persons together;
// each takes some 20 kB until it ends or is idle for long.
const maxSessions = 1000

// noSession answers what can only be of a session, and names none (400, as the
// protocol's older revisions have it).
const noSession = "this belongs to a session: initialize, and send the Mcp-Session-Id of its answer with everything after it"

var errNoSession = errors.New("there is no such session")

// sessions are those of the older era, each its caller's own: whoever learns
// another's session id can neither answer its dialogs nor end it.
type sessions struct {
	limits Limits
	mu     sync.Mutex
	owners map[string]*owner
}

// owner is whose a session is, and whom it counts for.
type owner struct {
	identity policy.Identity
	person   string

	open context.Context //nolint:containedctx // until the owner ends it
	end  context.CancelFunc

	client server.ClientSession // what the library has of it; nil before it answers the initialize
	seen   time.Time            // by the library's transport, within [touchEvery]
}

func newSessions(l Limits) *sessions {
	return &sessions{limits: l.withDefaults(), owners: make(map[string]*owner)}
}

// ResolveSessionIdManager returns the sessions as the request's caller may use
// them, or for no request, as the library itself does.
func (s *sessions) ResolveSessionIdManager(r *http.Request) server.SessionIdManager { //nolint:staticcheck // the library's interface names it so
	if r == nil {
		return callersSessions{all: s, internal: true}
	}
	return callersSessions{all: s, caller: tools.CallerFrom(r.Context()).Identity}
}

// begin notes what the library has of a session that it is about to begin.
func (s *sessions) begin(client server.ClientSession) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.owners[client.SessionID()]; o != nil && o.client == nil {
		o.client, o.seen = client, time.Now()
	}
}

// full tells whether all persons together have as many sessions as there may
// be, and whether the caller's person has.
func (s *sessions) full(caller policy.Identity) (all, own bool) {
	person := s.limits.Person(caller)
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, o := range s.owners {
		if o.person == person {
			n++
		}
	}
	return len(s.owners) >= maxSessions, n >= s.limits.SessionsPerPerson
}

// callersSessions implements the library's session manager for one caller.
type callersSessions struct {
	all      *sessions
	caller   policy.Identity
	internal bool
}

// Generate makes a session of the caller's.
func (c callersSessions) Generate() string {
	open, end := context.WithCancel(context.Background())
	id, o := rand.Text(), &owner{identity: c.caller, person: c.all.limits.Person(c.caller), open: open, end: end}
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	c.all.owners[id] = o
	return id
}

// Validate refuses a session that isn't the caller's as one that isn't there.
func (c callersSessions) Validate(id string) (terminated bool, err error) {
	_, err = c.own(id)
	return false, err
}

func (c callersSessions) own(id string) (*owner, error) {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	o, ok := c.all.owners[id]
	if !ok || !c.internal && o.identity != c.caller {
		return nil, errNoSession
	}
	return o, nil
}

// Terminate ends a session, and with it what its calls only wait for ([tools.Waiting]):
// they are answered, and what is being sent goes on. What the library ends is idle, or
// ends with the process, where who waits is answered.
func (c callersSessions) Terminate(id string) (notAllowed bool, err error) {
	if _, err := c.Validate(id); err != nil {
		return false, err
	}
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if !c.internal {
		c.all.owners[id].end()
	}
	delete(c.all.owners, id)
	return false, nil
}

// ownSession refuses what is of a session that isn't the caller's, and new sessions
// beyond the bounds: 429 where they are one person's (RFC 6585, 4), so that nobody
// keeps others out, else 503.
func ownSession(s *sessions, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(server.HeaderKeySessionID)
		modern := mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion))
		switch {
		case modern:
		case id == "" && (r.Method == http.MethodGet || r.Method == http.MethodDelete):
			refuse(w, http.StatusBadRequest, noSession)
			return
		case id != "":
			envelope := tools.EnvelopeFrom(r.Context())
			session, err := callersSessions{all: s, caller: envelope.Caller.Identity}.own(id)
			if err != nil {
				refuse(w, http.StatusNotFound, "there is no such session; initialize again")
				return
			}
			envelope.Session = session.open
			if r.Method == http.MethodGet {
				ctx, left := tools.Waiting(r.Context())
				defer left()
				ctx, end := whileLetIn(ctx)
				defer end()
				r = r.WithContext(ctx)
			}
		default:
			all, own := s.full(tools.CallerFrom(r.Context()).Identity)
			if own {
				w.Header().Set("Retry-After", "60")
				refuse(w, http.StatusTooManyRequests, "too many sessions of one person's are open; end some (DELETE), or come back in a minute")
				return
			}
			if all {
				w.Header().Set("Retry-After", "60")
				refuse(w, http.StatusServiceUnavailable, "too many sessions are open; end some, or come back in a minute")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}
