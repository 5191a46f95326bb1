package tools

import (
	"context"
	"slices"
	"sync"

	"vpsops/policy/gate"
)

const maxAnnounced = 256 // more than can be open at once

// announcements remembers which requests were announced.
type announcements struct {
	mu  sync.Mutex
	ids []string // oldest first
}

// first tells whether an id comes for the first time.
func (a *announcements) first(id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if slices.Contains(a.ids, id) {
		return false
	}
	if len(a.ids) == maxAnnounced {
		a.ids = slices.Delete(a.ids, 0, 1)
	}
	a.ids = append(a.ids, id)
	return true
}

// announce tells who runs the program of a request that waits for a person.
func (t *toolset) announce(ctx context.Context, v gate.View) {
	if t.Announce != nil && t.announced.first(v.ID) {
		t.Announce(ctx, v)
	}
}
