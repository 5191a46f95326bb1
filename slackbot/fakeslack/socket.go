package fakeslack

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// What Socket Mode allows. An acknowledgement as large as MaxAckBytes or larger
// is dropped without a word.
// https://docs.slack.dev/apis/events-api/using-socket-mode
const (
	MaxConnections = 10
	MaxAckBytes    = 20 * 1024
)

// sockets are the Socket Mode connections; Slack.mu guards them.
type sockets struct {
	opened   bool // apps.connections.open was called: the app uses Socket Mode
	disabled bool // DisableSocketMode
	quiet    bool // no pings
	tickets  map[string]bool
	open     []*socket
	turn     int
	waiting  map[string]chan ack // by envelope id
	acks     []Ack
}

func newSockets() sockets {
	return sockets{tickets: map[string]bool{}, waiting: map[string]chan ack{}}
}

func (s sockets) any() bool { return len(s.open) > 0 }

// socket is one connection.
type socket struct {
	id   string
	conn *websocket.Conn
	send sync.Mutex // gorilla takes one writer at a time
	gone chan struct{}
}

func (s *Slack) socketMode() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.sockets.opened
}

func (s *Slack) connectionsOpen(Args) (map[string]any, *apiError) {
	ticket := s.secret("ticket")
	s.state.sockets.tickets[ticket] = true
	s.state.sockets.opened = true
	address := "ws" + strings.TrimPrefix(s.base, "http") + "/link?ticket=" + ticket + "&app_id=" + s.opts.App.ID
	return map[string]any{"url": address}, nil
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// serveSocket is a connection's whole life. A ticket is good once.
func (s *Slack) serveSocket(w http.ResponseWriter, r *http.Request) {
	n := s.enter("link", Args{})
	if f := s.takeFault("link", Args{}); f.before(s, w, r, n) {
		return
	}
	s.mu.Lock()
	ticket := r.URL.Query().Get("ticket")
	good := s.state.sockets.tickets[ticket]
	delete(s.state.sockets.tickets, ticket)
	s.mu.Unlock()
	if !good {
		http.Error(w, "invalid ticket", http.StatusForbidden)
		return
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // it has answered
	}
	defer conn.Close()
	c := &socket{conn: conn, gone: make(chan struct{})}
	if s.admit(c) {
		s.work.Go(func() { s.ping(c) })
		s.read(c)
	}
	s.dismiss(c)
}

// admit greets a connection, or says why not.
func (s *Slack) admit(c *socket) bool {
	s.mu.Lock()
	c.id = s.id("conn")
	why := ""
	switch {
	case s.ctx.Err() != nil, s.state.sockets.disabled:
		why = LinkDisabled
	case len(s.state.sockets.open) >= MaxConnections:
		why = "too_many_websockets"
	default:
		s.state.sockets.open = append(s.state.sockets.open, c)
	}
	n := len(s.state.sockets.open)
	s.mu.Unlock()
	hello := map[string]any{
		"type": "hello", "num_connections": n, "connection_info": map[string]any{"app_id": s.opts.App.ID},
		"debug_info": map[string]any{"host": "applink-fake", "build_number": 1, "approximate_connection_time": 18060},
	}
	if why != "" {
		c.write(disconnect(why))
		return false
	}
	ok := c.write(hello)
	s.mu.Lock()
	s.change()
	s.mu.Unlock()
	return ok
}

func disconnect(reason string) map[string]any {
	return map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "applink-fake"}}
}

func (s *Slack) dismiss(c *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.sockets.open = slices.DeleteFunc(s.state.sockets.open, func(o *socket) bool { return o == c })
	close(c.gone)
	s.change()
}

func (c *socket) write(v any) bool { return c.writeRaw(encode(v)) }

func (c *socket) writeRaw(raw []byte) bool {
	c.send.Lock()
	defer c.send.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(10 * time.Second)) // a broken connection fails the write
	return c.conn.WriteMessage(websocket.TextMessage, raw) == nil
}

// cut ends a connection as a broken network does: without a word.
func (c *socket) cut() {
	conn := c.conn.NetConn()
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset rather than an orderly end
	}
	_ = conn.Close()
}

func (s *Slack) ping(c *socket) {
	ticker := time.NewTicker(s.opts.PingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.mu.Lock()
			quiet := s.state.sockets.quiet
			s.mu.Unlock()
			if !quiet {
				_ = c.conn.WriteControl(websocket.PingMessage, []byte("Ping from applink-fake"), time.Now().Add(time.Second))
			}
		case <-c.gone:
			return
		}
	}
}
