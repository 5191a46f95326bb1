package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// call is an API request as it was received. It outlives the connection, so
// that a slow API can still carry out what its client no longer waits for.
type call struct {
	method string
	path   string // still escaped: %2F never makes a segment
	query  url.Values
	raw    string
	header http.Header
	origin string
	body   []byte
	entry  *Request
}

func newCall(r *http.Request, body []byte) *call {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return &call{
		method: r.Method,
		path:   r.URL.EscapedPath(),
		query:  r.URL.Query(),
		raw:    r.URL.RawQuery,
		header: r.Header.Clone(),
		origin: scheme + "://" + r.Host,
		body:   body,
	}
}

// answer is what the API says to a call.
type answer struct {
	status   int
	header   http.Header
	body     []byte
	executed bool
}

// reply is an answer with a JSON body, compact and with its fields in the
// order of the specification's page.
func reply(status int, v any) answer {
	return answer{status: status, header: http.Header{}, body: encode(v)}
}

// done marks an answer to a write that changed the state.
func done(a answer) answer {
	a.executed = true
	return a
}

func detail(status int, message string) answer {
	return reply(status, struct {
		Detail string `json:"detail"`
	}{message})
}

func notFound() answer { return detail(http.StatusNotFound, "Not found.") }

func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("sandbox: %T cannot be written as JSON: %v", v, err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// execute carries a call out. State and log change under one lock, so the log
// never tells another story than the servers do.
func (s *Sandbox) execute(c *call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.route(c)
	c.entry.Executed = a.executed
	return a
}

// noteStatus records the code that is about to be sent: before it is, so that
// whoever has the answer finds it in the log.
func (s *Sandbox) noteStatus(c *call, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.entry.Status = status
}

func requestID(c *call) string { return fmt.Sprintf("req-%08d", c.entry.Seq) }

// timestamp is a time as Django REST framework writes it: UTC, with six
// decimals or none.
func timestamp(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond()/1000 == 0 {
		return t.Format("2006-01-02T15:04:05Z")
	}
	return t.Format("2006-01-02T15:04:05.000000Z")
}

func bearer(h http.Header) (string, bool) {
	scheme, token, ok := strings.Cut(h.Get("Authorization"), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}
