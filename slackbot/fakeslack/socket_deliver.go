package fakeslack

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// envelopeTypes are what deliveries are called in Socket Mode.
var envelopeTypes = map[deliveryKind]string{
	command: "slash_commands", interaction: "interactive", suggestion: "interactive", event: "events_api",
}

// deliverBySocket sends an envelope over one of the connections, in turn. Where
// that one ends before it is acknowledged, the envelope goes over another.
func (s *Slack) deliverBySocket(ctx context.Context, a *attempt) ack {
	envelope := map[string]any{
		"type": envelopeTypes[a.kind], "payload": a.payload, "accepts_response_payload": a.kind != event,
	}
	if a.kind == event {
		envelope["retry_attempt"], envelope["retry_reason"] = a.retry, retryReason(a)
	}
	d := Delivered{Kind: string(a.kind), At: time.Now(), Retry: a.retry, Header: http.Header{}}
	answer, raw := s.exchange(ctx, envelope)
	d.Body = raw
	s.record(d, answer)
	return answer
}

func retryReason(a *attempt) string {
	if a.retry == 0 {
		return ""
	}
	return "timeout"
}

// exchange sends an envelope and waits for its acknowledgement.
func (s *Slack) exchange(ctx context.Context, envelope map[string]any) (ack, []byte) {
	s.mu.Lock()
	id := s.envelopeID()
	answer := make(chan ack, 1)
	s.state.sockets.waiting[id] = answer
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.state.sockets.waiting, id)
	}()
	envelope["envelope_id"] = id
	raw := encode(envelope)
	for {
		c, err := s.nextSocket(ctx)
		if err != nil {
			return ack{code: AppNotReachable, err: err}, raw
		}
		if !c.writeRaw(raw) {
			c.cut()
			<-c.gone
			continue
		}
		select {
		case got := <-answer:
			return got, raw
		case <-c.gone:
		case <-ctx.Done():
			return ack{code: OperationTimeout, err: context.Cause(ctx)}, raw
		}
	}
}

// nextSocket is the connection whose turn it is, as soon as there is one.
func (s *Slack) nextSocket(ctx context.Context) (c *socket, err error) {
	err = s.Await(ctx, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		open := s.state.sockets.open
		if len(open) == 0 {
			return false
		}
		s.state.sockets.turn++
		c = open[s.state.sockets.turn%len(open)]
		return true
	})
	return c, err
}

// envelopeID makes one. Callers hold s.mu.
func (s *Slack) envelopeID() string {
	x := s.secret("envelope")
	return fmt.Sprintf("%s-%s-4%s-8%s-%012d", x[:8], x[8:12], x[12:15], x[15:18], s.state.counter)
}

// Envelope sends an envelope of any type, such as one that isn't known yet, over
// one of the connections, and waits for its acknowledgement.
func (s *Slack) Envelope(ctx context.Context, kind string, payload any) Outcome {
	ctx, cancel := context.WithTimeout(ctx, s.opts.AckWithin)
	defer cancel()
	began := time.Now()
	answer, _ := s.exchange(ctx, map[string]any{
		"type": kind, "payload": payload, "accepts_response_payload": false,
	})
	return answer.outcome(time.Since(began))
}

// SendRaw writes a frame of any bytes over every connection.
func (s *Slack) SendRaw(raw []byte) {
	for _, c := range s.openSockets() {
		c.writeRaw(raw)
	}
}

func (s *Slack) openSockets() []*socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*socket(nil), s.state.sockets.open...)
}
