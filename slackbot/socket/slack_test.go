package socket_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

const (
	appToken = "xapp-1-A0VPSOPS-1-canary"
	app      = "A0VPSOPS"
	team     = "T024BE7LD"
	hello    = `{"type":"hello","num_connections":1,"connection_info":{"app_id":"A0VPSOPS"},"debug_info":{"approximate_connection_time":18060}}`
)

// slackd is Slack's side of Socket Mode, as little of it as a test needs.
type slackd struct {
	t      testing.TB
	net    *pipes
	server *http.Server

	mu     sync.Mutex
	opened []time.Time                            // calls of apps.connections.open
	answer func(http.ResponseWriter) (dealt bool) // instead of an address
	greet  func(*link)                            // instead of hello
	links  chan *link
}

func newSlackd(t testing.TB) *slackd {
	s := &slackd{t: t, net: newPipes(), links: make(chan *link, 4096)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/apps.connections.open", s.open)
	mux.HandleFunc("GET /link", s.link)
	s.server = &http.Server{Handler: mux}
	go func() { _ = s.server.Serve(s.net) }()
	t.Cleanup(func() { _ = s.server.Close() })
	return s
}

func (s *slackd) open(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.opened = append(s.opened, time.Now())
	answer := s.answer
	s.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+appToken {
		s.t.Errorf("apps.connections.open was called with %q", r.Header.Get("Authorization"))
	}
	if answer == nil || !answer(w) {
		fmt.Fprint(w, `{"ok":true,"url":"ws://127.0.0.1/link?ticket=secret"}`)
	}
}

// opens are the calls within d of the first.
func (s *slackd) opens(d time.Duration) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, at := range s.opened {
		if at.Sub(s.opened[0]) <= d {
			n++
		}
	}
	return n
}

func (s *slackd) set(answer func(http.ResponseWriter) bool, greet func(*link)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer, s.greet = answer, greet
}

func (s *slackd) link(w http.ResponseWriter, r *http.Request) {
	ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer ws.Close()
	s.mu.Lock()
	greet := s.greet
	s.mu.Unlock()
	l := &link{t: s.t, ws: ws, acks: make(chan ack, 1024), done: make(chan struct{})}
	defer close(l.done)
	if greet != nil {
		greet(l)
	} else {
		l.write(hello)
	}
	s.links <- l
	l.read()
}

// link is one connection of the client's.
type link struct {
	t    testing.TB
	ws   *websocket.Conn
	acks chan ack
	mu   sync.Mutex
	done chan struct{}
	err  error // why it ended; after done
}

type ack struct {
	ID      string          `json:"envelope_id"`
	Payload json.RawMessage `json:"payload"`
	size    int
}

func (l *link) read() {
	for {
		_, raw, err := l.ws.ReadMessage()
		if err != nil {
			l.err = err
			return
		}
		a := ack{size: len(raw)}
		if err := json.Unmarshal(raw, &a); err != nil {
			l.t.Errorf("acknowledged with %q", raw)
		}
		l.acks <- a
	}
}

func (l *link) write(raw string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.ws.WriteMessage(websocket.TextMessage, []byte(raw)) // the client may have gone
}

// send sends an envelope.
func (l *link) send(kind, id, payload string) {
	l.write(fmt.Sprintf(`{"type":%q,"envelope_id":%q,"accepts_response_payload":true,"payload":%s}`, kind, id, payload))
}

func (l *link) command(id, text string) { l.send("slash_commands", id, command(text)) }

// acked waits for the next acknowledgement.
func (l *link) acked(id, payload string) {
	l.t.Helper()
	select {
	case a := <-l.acks:
		if a.ID != id || string(a.Payload) != payload {
			l.t.Errorf("acknowledged %q with %s, want %q with %s", a.ID, a.Payload, id, payload)
		}
	case <-time.After(time.Minute):
		l.t.Errorf("%s was not acknowledged", id)
	}
}

// silent wants no acknowledgement for a while.
func (l *link) silent() {
	l.t.Helper()
	select {
	case a := <-l.acks:
		l.t.Errorf("acknowledged %q with %s", a.ID, a.Payload)
	case <-time.After(10 * time.Second):
	}
}

// drop cuts the connection without a word.
func (l *link) drop() { _ = l.ws.Close() }

func command(text string) string {
	return fmt.Sprintf(`{"command":"/vps","text":%q,"api_app_id":"A0VPSOPS","team_id":"T024BE7LD","user_id":"U1"}`, text)
}

const (
	button   = `{"type":"block_actions","api_app_id":"A0VPSOPS","team":{"id":"T024BE7LD"},"user":{"id":"U1"}}`
	menu     = `{"type":"block_suggestion","api_app_id":"A0VPSOPS","team":{"id":"T024BE7LD"},"user":{"id":"U1"}}`
	happened = `{"type":"event_callback","api_app_id":"A0VPSOPS","team_id":"T024BE7LD","event_id":"Ev1","event":{"type":"app_home_opened"}}`
)
