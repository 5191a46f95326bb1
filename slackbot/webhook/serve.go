package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"

	"vpsops/slackbot/delivery"
)

// kinds are what arrives where; of an interaction the payload says more.
var kinds = map[string]delivery.Kind{
	CommandsPath:     delivery.Command,
	InteractionsPath: delivery.Interaction,
	EventsPath:       delivery.Event,
}

func (h *webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// From receipt on: a body that trickles in takes from the handler's time.
	ctx, cancel := context.WithTimeout(r.Context(), AckWithin)
	defer cancel()
	defer h.contain(w)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	kind, ok := kinds[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	ack, err := h.take(ctx, w, r, kind)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	h.acknowledge(w, ack)
}

// take is the way of a delivery, from the request to what it is acknowledged
// with. Nothing of a body is read as anything before its signature holds.
func (h *webhook) take(ctx context.Context, w http.ResponseWriter, r *http.Request, kind delivery.Kind) (delivery.Ack, error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return delivery.Ack{}, &refusal{http.StatusMethodNotAllowed, WrongMethod}
	}
	body, mac, err := h.authentic(ctx, w, r)
	if err != nil {
		return delivery.Ack{}, err
	}
	if isProbe(kind, body) {
		return delivery.Ack{}, nil
	}
	d, challenge, err := parse(kind, r.Header.Get("Content-Type"), body)
	switch {
	case err != nil:
		return delivery.Ack{}, err
	case challenge != nil:
		return delivery.Ack{Body: challenge}, nil
	case d.Kind == "": // of no kind that we deal with
		return delivery.Ack{}, nil
	}
	if err := h.Accept.Check(d); err != nil {
		return delivery.Ack{}, foreign(err)
	}
	d.Retry = retryOf(r.Header)
	return h.once(ctx, mac, d)
}

// retryOf is which retry of an event this is; 0 where it is none.
func retryOf(h http.Header) int {
	n, err := strconv.ParseUint(h.Get("X-Slack-Retry-Num"), 10, 8)
	if err != nil {
		return 0
	}
	return int(n)
}

// contain answers 500 where a handler panics. The standard library's own abort
// passes.
func (h *webhook) contain(w http.ResponseWriter) {
	p := recover()
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	h.Logger.Error("a delivery of Slack's panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	http.Error(w, "internal error", http.StatusInternalServerError)
}
