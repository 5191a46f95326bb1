package sandbox

import (
	"fmt"
	"net/http"
	"time"
)

// The log keeps the last 200,000 requests, and of their text the last 32 MiB;
// a body is kept to 16 KiB.
const (
	maxLogged     = 200_000
	maxLoggedText = 32 << 20
	maxLoggedBody = 16 << 10
)

// Request is one request to the API as the log keeps it, and as a line of
// GET /_sandbox/requests shows it.
type Request struct {
	// Seq counts from 1 and goes on over a cleared log.
	Seq    int64     `json:"seq"`
	At     time.Time `json:"at"`
	Method string    `json:"method"`
	// Path is as it was sent, still escaped.
	Path  string `json:"path"`
	Query string `json:"query"`
	// Body is the first 16 KiB; a note at its end says how much was left out.
	Body string `json:"body"`
	// Status is the code really sent: 0 where none was, or not yet.
	Status int `json:"status"`
	// Executed says whether the request changed the state.
	Executed bool `json:"executed"`
}

// requestLog is a bounded list, oldest first.
type requestLog struct {
	seq     int64
	entries []*Request
	text    int
}

func (l *requestLog) add(at time.Time, r *http.Request, body []byte) *Request {
	l.seq++
	e := &Request{
		Seq: l.seq, At: at.UTC(), Method: r.Method,
		Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Body: loggedBody(body),
	}
	l.entries = append(l.entries, e)
	l.text += e.size()
	for len(l.entries) > maxLogged || l.text > maxLoggedText && len(l.entries) > 1 {
		l.text -= l.entries[0].size()
		l.entries[0] = nil
		l.entries = l.entries[1:]
	}
	return e
}

func (e *Request) size() int { return len(e.Path) + len(e.Query) + len(e.Body) }

func loggedBody(body []byte) string {
	if len(body) <= maxLoggedBody {
		return string(body)
	}
	return fmt.Sprintf("%s… (%d bytes more)", body[:maxLoggedBody], len(body)-maxLoggedBody)
}

// Requests is the log so far, oldest first. A request is entered when it is
// received, so one that hangs is there already, with what it has done.
func (s *Sandbox) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, len(s.log.entries))
	for i, e := range s.log.entries {
		out[i] = *e
	}
	return out
}

// ClearRequests forgets the log. Seq goes on.
func (s *Sandbox) ClearRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.entries, s.log.text = nil, 0
}
