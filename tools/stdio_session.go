package tools

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

var (
	errHungUp = errors.New("the client is gone")
	errUnread = errors.New("the client reads nothing that it is answered")
)

// stdioSession is the client at the other end of a pair of streams.
type stdioSession struct {
	id            string
	notifications chan mcp.JSONRPCNotification
	initialized   atomic.Bool
	gone          chan struct{}
	hangUp        func()

	mu           sync.Mutex
	info         mcp.Implementation
	capabilities mcp.ClientCapabilities
	version      string
	asked        map[string]chan message // dialogs that wait for the client, by the request's id
	last         int64

	writing  sync.Mutex
	writes   atomic.Int64 // begun and ended ones: odd while one is under way
	out      io.Writer
	writeErr error
	broken   chan struct{} // closed when out can't be written
}

var (
	_ server.SessionWithClientInfo      = (*stdioSession)(nil)
	_ server.SessionWithElicitation     = (*stdioSession)(nil)
	_ server.SessionWithProtocolVersion = (*stdioSession)(nil)
)

func newStdioSession(out io.Writer) *stdioSession {
	s := &stdioSession{
		id: "stdio-" + rand.Text()[:8], out: out,
		notifications: make(chan mcp.JSONRPCNotification, 100),
		gone:          make(chan struct{}), broken: make(chan struct{}),
		asked: make(map[string]chan message),
	}
	s.hangUp = sync.OnceFunc(func() { close(s.gone) })
	return s
}

func (s *stdioSession) SessionID() string                                   { return s.id }
func (s *stdioSession) NotificationChannel() chan<- mcp.JSONRPCNotification { return s.notifications }

func (s *stdioSession) Initialize() { s.initialized.Store(true) }

func (s *stdioSession) Initialized() bool { return s.initialized.Load() }

func (s *stdioSession) GetClientInfo() mcp.Implementation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.info
}

func (s *stdioSession) SetClientInfo(info mcp.Implementation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.info = info
}

func (s *stdioSession) GetClientCapabilities() mcp.ClientCapabilities {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.capabilities
}

func (s *stdioSession) SetClientCapabilities(c mcp.ClientCapabilities) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.capabilities = c
}

func (s *stdioSession) ProtocolVersion() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// SetProtocolVersion is called by the library when the client has initialized.
func (s *stdioSession) SetProtocolVersion(version string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version = version
}

// RequestElicitation shows a dialog in the client, and waits for its answer. Where
// that is of no use any more, the client is told to take the dialog away.
func (s *stdioSession) RequestElicitation(ctx context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	id, reply := s.expect()
	defer s.forget(id)
	s.write(struct {
		JSONRPC string                `json:"jsonrpc"`
		ID      json.RawMessage       `json:"id"`
		Method  mcp.MCPMethod         `json:"method"`
		Params  mcp.ElicitationParams `json:"params"`
	}{mcp.JSONRPC_VERSION, json.RawMessage(id), mcp.MethodElicitationCreate, r.Params})
	select {
	case m := <-reply:
		if m.Result == nil {
			return nil, fmt.Errorf("the client answered with an error: %s", shorten(string(m.Error)))
		}
		var said mcp.ElicitationResult
		if err := json.Unmarshal(m.Result, &said); err != nil {
			return nil, fmt.Errorf("the client's answer: %w", err)
		}
		return &said, nil
	case <-s.gone:
		return nil, errHungUp
	case <-ctx.Done():
		if !isTakenBack(ctx) { // who has taken the call back knows
			s.withdraw(id)
		}
		return nil, ctx.Err()
	}
}

func (s *stdioSession) withdraw(id string) {
	type cancelled struct {
		RequestID json.RawMessage `json:"requestId"`
		Reason    string          `json:"reason"`
	}
	s.write(struct {
		JSONRPC string        `json:"jsonrpc"`
		Method  mcp.MCPMethod `json:"method"`
		Params  cancelled     `json:"params"`
	}{mcp.JSONRPC_VERSION, mcp.MethodNotificationCancelled, cancelled{json.RawMessage(id), "it is decided elsewhere, or over"}})
}

// expect takes an id for a request to the client.
func (s *stdioSession) expect() (id string, reply chan message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	id, reply = strconv.FormatInt(s.last, 10), make(chan message, 1)
	s.asked[id] = reply
	return id, reply
}

func (s *stdioSession) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.asked, id)
}

// answered takes the client's answer to a dialog. One that nobody waits for is
// dropped.
func (s *stdioSession) answered(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if reply, waiting := s.asked[string(m.ID)]; waiting {
		delete(s.asked, string(m.ID))
		reply <- m
	}
}

// forward writes notifications until the connection has ended.
func (s *stdioSession) forward(ended <-chan struct{}) {
	for {
		select {
		case n := <-s.notifications:
			s.write(n)
		case <-ended:
			return
		}
	}
}

// write writes one message on a line of its own.
func (s *stdioSession) write(v any) {
	text, err := json.Marshal(v)
	if err != nil {
		return // only what the library made comes here
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.writeErr != nil {
		return
	}
	s.writes.Add(1)
	_, s.writeErr = s.out.Write(append(text, '\n'))
	s.writes.Add(1)
	if s.writeErr != nil {
		close(s.broken)
		s.hangUp()
	}
}

// stuck returns true once one write has taken as long as last words are given, or
// false when it is over.
func (s *stdioSession) stuck(over <-chan struct{}) bool {
	look := time.NewTicker(lastWords)
	defer look.Stop()
	for {
		before := s.writes.Load()
		select {
		case <-look.C:
			if before%2 == 1 && s.writes.Load() == before {
				return true
			}
		case <-over:
			return false
		}
	}
}

func (s *stdioSession) writeError() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.writeErr
}
