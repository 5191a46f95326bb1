package tools

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"sync"
)

var errTakenBack = errors.New("the client has cancelled the request")

// inFlight are a connection's requests that are under way, for the client to
// take back. The library can't be left to it: it knows of a request only once
// that has begun, and takes the ids 1 and "1" for one.
type inFlight struct {
	mu  sync.Mutex
	all map[*flight]struct{}
}

// flight is one of them. Of a client that gives an id twice, both are taken
// back.
type flight struct {
	id   any
	stop context.CancelCauseFunc
}

func newInFlight() *inFlight { return &inFlight{all: make(map[*flight]struct{})} }

// begin takes a request in, until end is called. Its context ends when the
// client takes it back.
func (l *inFlight) begin(ctx context.Context, id json.RawMessage) (_ context.Context, end func()) {
	ctx, stop := context.WithCancelCause(ctx)
	f := &flight{idOf(id), stop}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all[f] = struct{}{}
	return ctx, func() {
		stop(nil)
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.all, f)
	}
}

// takeBack obeys a notifications/cancelled. One of what isn't running is no
// fault: it may have crossed the answer.
func (l *inFlight) takeBack(text []byte) {
	var m struct {
		Params struct {
			RequestID json.RawMessage `json:"requestId"`
		} `json:"params"`
	}
	if json.Unmarshal(text, &m) != nil {
		return
	}
	id := idOf(m.Params.RequestID)
	l.mu.Lock()
	defer l.mu.Unlock()
	for f := range l.all {
		if id != nil && f.id == id {
			f.stop(errTakenBack)
		}
	}
}

// idOf is a request's id as it compares, however it is written: 7 and 7.0 are
// one, 7 and "7" are two. It is nil for what is no id.
func idOf(raw json.RawMessage) any {
	var id any
	if json.Unmarshal(raw, &id) != nil {
		return nil
	}
	switch number := id.(type) {
	case string:
		return id
	case float64:
		if math.Abs(number) >= 1<<53 { // beyond, it stands for several
			return json.Number(raw)
		}
		return id
	}
	return nil
}

// isTakenBack tells whether the client has taken back the request of ctx: it
// wants no answer then, where one whose connection ends does.
func isTakenBack(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errTakenBack) }
