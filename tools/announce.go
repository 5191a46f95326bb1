package tools

import (
	"context"
	"slices"
	"sync"

	"vpsops/policy/gate"
)

const maxAnnounced = 256 // more than can be open at once

// announcements remembers which requests were announced, and whether that
// reached anybody.
type announcements struct {
	mu   sync.Mutex
	said []announcement // oldest first
}

type announcement struct {
	id      string
	reached bool
}

// once does what reaches somebody for an id that comes for the first time, and
// tells whether it did, now or then. first tells which.
func (a *announcements) once(id string, reach func() bool) (reached, first bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := slices.IndexFunc(a.said, func(s announcement) bool { return s.id == id }); i >= 0 {
		return a.said[i].reached, false
	}
	if len(a.said) == maxAnnounced {
		a.said = slices.Delete(a.said, 0, 1)
	}
	reached = reach()
	a.said = append(a.said, announcement{id, reached})
	return reached, true
}

// announce tells who runs the program of a request that waits for a person, and
// whether the page is before them now.
func (t *toolset) announce(ctx context.Context, v gate.View) (reached bool) {
	if t.Announce == nil {
		return false
	}
	reached, _ = t.announced.once(v.ID, func() bool { return t.Announce(ctx, v) })
	return reached
}
