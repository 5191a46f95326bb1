package socket

import (
	"context"
	"sync"
	"time"

	"vpsops/slackbot/delivery"
)

const (
	// remembered is longer than Slack goes on sending an envelope again.
	remembered = 10 * time.Minute
	// maxSeen bounds a generation. Past it the oldest are forgotten early: the
	// bot knows deliveries by their content, too, and for longer.
	maxSeen = 1024
)

// envelopes remembers what was dealt with in two generations; the older is
// dropped whole.
type envelopes struct {
	mu         sync.Mutex
	young, old map[string]*outcome
	begun      time.Time // of the young one
}

// outcome is how an envelope was dealt with, once done is closed.
type outcome struct {
	done chan struct{}
	ack  delivery.Ack
	err  error
}

func newEnvelopes() *envelopes {
	return &envelopes{young: map[string]*outcome{}, begun: time.Now()}
}

// once deals with an envelope, or returns what became of it when it came
// before. One that wasn't taken is dealt with anew.
func (e *envelopes) once(ctx context.Context, id string, f func() (delivery.Ack, error)) (delivery.Ack, error) {
	o, first := e.begin(id)
	if first {
		o.ack, o.err = f()
		if o.err != nil {
			e.forget(id)
		}
		close(o.done)
		return o.ack, o.err
	}
	select {
	case <-o.done:
		return o.ack, o.err
	case <-ctx.Done():
		return delivery.Ack{}, ctx.Err()
	}
}

func (e *envelopes) begin(id string) (o *outcome, first bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if time.Since(e.begun) > remembered || len(e.young) >= maxSeen {
		e.old, e.young, e.begun = e.young, map[string]*outcome{}, time.Now()
	}
	for _, known := range []map[string]*outcome{e.young, e.old} {
		if o, ok := known[id]; ok {
			return o, false
		}
	}
	o = &outcome{done: make(chan struct{})}
	e.young[id] = o
	return o, true
}

func (e *envelopes) forget(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.young, id)
	delete(e.old, id)
}
