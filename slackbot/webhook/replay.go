package webhook

import (
	"context"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"vpsops/slackbot/delivery"
)

// once hands a delivery on unless its very bytes and timestamp were delivered
// before.
//
// Slack sends a command or an interaction once, so that a second is somebody's
// who has seen the first: it is refused, whatever became of the first. Slack
// sends an event again until it is acknowledged, at once, after one minute and
// after five, and signs it anew each time (else the last would be out of its
// window); the one sent at once may fall within the same second and bear the
// same signature. So an event is remembered only once it was taken, and another
// is then acknowledged without being handed on. With another signature it is
// handed on, and known by its event_id.
func (h *webhook) once(ctx context.Context, mac [sha256.Size]byte, d delivery.Delivery) (delivery.Ack, error) {
	if d.Kind != delivery.Event {
		if !h.replays.add(mac, h.Now()) {
			return delivery.Ack{}, &refusal{http.StatusUnauthorized, Replayed}
		}
		return h.Handler.Handle(ctx, d)
	}
	if h.replays.has(mac, h.Now()) {
		return delivery.Ack{}, nil
	}
	ack, err := h.Handler.Handle(ctx, d)
	if err == nil {
		h.replays.add(mac, h.Now())
	}
	return ack, err
}

// remembered is for how long a MAC is kept at least: a timestamp may be five
// minutes ahead, and its signature is good until five minutes after it.
const remembered = 2 * maxSkew

// maxReplays bounds a generation. Only what Slack signed gets in. Past it the
// oldest are forgotten early: the bot knows deliveries by their content, too,
// and for longer.
const maxReplays = 1 << 16

// replays remembers MACs in two generations; the older is dropped whole.
type replays struct {
	mu         sync.Mutex
	young, old map[[sha256.Size]byte]struct{}
	begun      time.Time // of the young one
}

func newReplays() *replays {
	return &replays{young: map[[sha256.Size]byte]struct{}{}}
}

// add reports whether mac is new.
func (r *replays) add(mac [sha256.Size]byte, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(now)
	if r.knows(mac) {
		return false
	}
	r.young[mac] = struct{}{}
	return true
}

func (r *replays) has(mac [sha256.Size]byte, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(now)
	return r.knows(mac)
}

func (r *replays) knows(mac [sha256.Size]byte) bool {
	_, young := r.young[mac]
	_, old := r.old[mac]
	return young || old
}

// turn begins a new generation when the young one is old enough, or full.
func (r *replays) turn(now time.Time) {
	if now.Sub(r.begun) > remembered || len(r.young) >= maxReplays {
		r.old, r.young, r.begun = r.young, map[[sha256.Size]byte]struct{}{}, now
	}
}
