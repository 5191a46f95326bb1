package fakeslack

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/gorilla/websocket"
)

// Ack is an acknowledgement that came over Socket Mode.
type Ack struct {
	EnvelopeID string
	Connection string
	Bytes      int
	Late       bool // nobody waited for it any more, or ever did
	TooLarge   bool // and so dropped
}

// Acks are the acknowledgements that came over Socket Mode, oldest first.
func (s *Slack) Acks() []Ack {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.state.sockets.acks)
}

// read takes acknowledgements until the connection ends.
func (s *Slack) read(c *socket) {
	for {
		kind, raw, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		if kind == websocket.TextMessage {
			s.acknowledge(c, raw)
		}
	}
}

func (s *Slack) acknowledge(c *socket, raw []byte) {
	var said struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	if json.Unmarshal(raw, &said) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting, ok := s.state.sockets.waiting[said.EnvelopeID]
	a := Ack{EnvelopeID: said.EnvelopeID, Connection: c.id, Bytes: len(raw), Late: !ok, TooLarge: len(raw) >= MaxAckBytes}
	s.state.sockets.acks = append(s.state.sockets.acks, a)
	if ok && !a.TooLarge {
		delete(s.state.sockets.waiting, said.EnvelopeID)
		if string(said.Payload) == "null" || string(said.Payload) == "{}" {
			said.Payload = nil
		}
		waiting <- ack{status: http.StatusOK, json: true, body: said.Payload}
	}
	s.change()
}
