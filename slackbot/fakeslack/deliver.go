package fakeslack

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"time"
)

type deliveryKind string

const (
	command     deliveryKind = "command"
	interaction deliveryKind = "interaction"
	suggestion  deliveryKind = "suggestion"
	event       deliveryKind = "event"
)

// paths are where HTTP deliveries go, under an endpoint's base.
var paths = map[deliveryKind]string{
	command: "/slack/commands", interaction: "/slack/interactions", suggestion: "/slack/interactions", event: "/slack/events",
}

// Delivered is a delivery that was made, as it went out.
type Delivered struct {
	Kind   string // command, interaction, suggestion or event
	URL    string // "" over Socket Mode
	Header http.Header
	Body   []byte // over Socket Mode the envelope
	At     time.Time
	Took   time.Duration
	Status int    // 200 where it was acknowledged over Socket Mode
	Error  string // OperationTimeout and the like
	Retry  int    // of an event, from 1
}

// Deliveries are all that were made, oldest first.
func (s *Slack) Deliveries() []Delivered {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Delivered(nil), s.state.deliveries...)
}

// Forget empties what only grows: Calls, Deliveries, Acks, and the trigger ids
// and response_urls that are past their time. For long runs.
func (s *Slack) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := &s.state
	st.forgot += len(st.calls)
	st.calls, st.deliveries, st.sockets.acks = nil, nil, nil
	maps.DeleteFunc(st.triggers, func(_ string, t *trigger) bool { return s.now().Sub(t.made) > TriggerLife })
	maps.DeleteFunc(st.responses, func(_ string, r *responseURL) bool { return s.now().Sub(r.made) > ResponseURLLife })
}

// Replay sends the very same request again: signature, time and all. Only an
// HTTP delivery can be replayed.
func (s *Slack) Replay(ctx context.Context, d Delivered) Outcome {
	ctx, cancel := context.WithTimeout(ctx, s.opts.AckWithin)
	defer cancel()
	began := time.Now()
	answer := s.send(ctx, s.endpointOf(d.URL), d.URL, d.Header, d.Body)
	return answer.outcome(time.Since(began))
}

// deliver makes a delivery and waits for its acknowledgement, for as long as
// Slack does.
func (s *Slack) deliver(ctx context.Context, a *attempt) (ack, time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.AckWithin)
	defer cancel()
	began := time.Now()
	var first ack
	var took time.Duration
	for i := range max(a.times, 1) {
		answer := s.deliverOnce(ctx, a)
		if i == 0 {
			first, took = answer, time.Since(began)
		}
	}
	return first, took
}

func (s *Slack) deliverOnce(ctx context.Context, a *attempt) ack {
	s.mu.Lock()
	bySocket := s.state.sockets.any()
	to, ok := s.nextEndpoint()
	s.mu.Unlock()
	switch {
	case bySocket || (!ok && s.socketMode()):
		return s.deliverBySocket(ctx, a)
	case ok:
		return s.deliverByHTTP(ctx, to, a)
	}
	return ack{code: AppNotReachable}
}

// record logs a delivery that was made.
func (s *Slack) record(d Delivered, answer ack) {
	d.Took, d.Status, d.Error = time.Since(d.At), answer.status, answer.code
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.deliveries = append(s.state.deliveries, d)
	s.change()
}

func payloadJSON(a *attempt) json.RawMessage { return encode(a.payload) }
