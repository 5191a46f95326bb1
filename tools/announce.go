package tools

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"vpsops/policy/gate"
)

const maxAnnounced = 256 // more than can be open at once

// announcements remembers which requests were announced, and whether that
// reached anybody.
type announcements struct {
	mu   sync.Mutex
	said []*announcement // oldest first
}

type announcement struct {
	id      string
	reached atomic.Bool
}

// once does what reaches somebody for an id that comes for the first time, and
// tells whether it did, now or then. first tells which. Nobody waits for another's
// reach, which may take as long as a browser or a host likes: until it is done it
// has reached nobody.
func (a *announcements) once(id string, reach func() bool) (reached, first bool) {
	one, first := a.mark(id)
	if first {
		one.reached.Store(reach())
	}
	return one.reached.Load(), first
}

// mark finds what is remembered of an id, or begins to.
func (a *announcements) mark(id string) (one *announcement, first bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := slices.IndexFunc(a.said, func(s *announcement) bool { return s.id == id }); i >= 0 {
		return a.said[i], false
	}
	if len(a.said) == maxAnnounced {
		a.said = slices.Delete(a.said, 0, 1)
	}
	one = &announcement{id: id}
	a.said = append(a.said, one)
	return one, true
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
