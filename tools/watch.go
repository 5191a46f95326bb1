package tools

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// watch tells clients of what they subscribed to. While somebody is subscribed
// to a resource, a round looks after them all; else nothing is done.
type watch struct {
	t     *toolset
	every time.Duration

	mu          sync.Mutex
	subscribers []*subscriber
	interests   map[resourceKey][]*interest
	stop        context.CancelFunc // of the round; nil where there is none
}

func newWatch(t *toolset, every time.Duration) *watch {
	if every == 0 {
		every = lookEvery
	}
	return &watch{t: t, every: every, interests: make(map[resourceKey][]*interest)}
}

// enrol takes in a subscriber.
func (w *watch) enrol(s *subscriber) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.subscribers = append(w.subscribers, s)
}

// add takes in what a subscriber is interested in from now on. One who has left
// in the meantime is never heard of again, and stays out.
func (w *watch) add(s *subscriber, interests ...*interest) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Contains(w.subscribers, s) {
		return
	}
	for _, i := range interests {
		if !slices.ContainsFunc(w.interests[i.resourceKey], func(other *interest) bool { return other.by == s && other.uri == i.uri }) {
			w.interests[i.resourceKey] = append(w.interests[i.resourceKey], i)
		}
	}
	if len(w.interests) > 0 && w.stop == nil {
		ctx, cancel := context.WithCancel(context.Background())
		w.stop = cancel
		go (&round{watch: w, busy: make(map[resourceKey]bool)}).run(ctx, w.t.Desk.Changes())
	}
}

func (w *watch) remove(s *subscriber) {
	w.removeWhere(func(other *subscriber) bool { return other == s })
}

func (w *watch) removeWhere(gone func(*subscriber) bool) {
	w.mu.Lock()
	w.subscribers = slices.DeleteFunc(w.subscribers, gone)
	w.mu.Unlock()
	w.drop(func(i *interest) bool { return gone(i.by) })
}

// drop ends interests, and the round with the last.
func (w *watch) drop(gone func(*interest) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, of := range w.interests {
		if w.interests[key] = slices.DeleteFunc(of, gone); len(w.interests[key]) == 0 {
			delete(w.interests, key)
		}
	}
	if len(w.interests) == 0 && w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

func (w *watch) find(is func(*subscriber) bool) *subscriber {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.IndexFunc(w.subscribers, is); i >= 0 {
		return w.subscribers[i]
	}
	return nil
}

// full tells whether a session has as many interests as it may.
func (w *watch) full(session any) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, of := range w.interests {
		for _, i := range of {
			if i.by.session == session && i.by.subscription == nil {
				n++
			}
		}
	}
	return n >= maxInterests
}

// keys are the resources of some kinds that somebody is interested in, in order.
func (w *watch) keys(kinds ...kind) []resourceKey {
	w.mu.Lock()
	defer w.mu.Unlock()
	var keys []resourceKey
	for key := range w.interests {
		if slices.Contains(kinds, key.kind) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, compareKeys)
	return keys
}

func compareKeys(a, b resourceKey) int {
	return strings.Compare(string(a.kind)+"\x00"+a.account+"\x00"+a.id, string(b.kind)+"\x00"+b.account+"\x00"+b.id)
}

// of are the interests in a resource that the round of ctx looks after: none
// where it is over, since the next may have begun.
func (w *watch) of(ctx context.Context, key resourceKey) []*interest {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil { // it ends under the lock
		return nil
	}
	return slices.Clone(w.interests[key])
}

// stands notes what a resource stands for to somebody, and tells them where
// that is news.
func (w *watch) stands(i *interest, now string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i.seen == now || !slices.Contains(w.interests[i.resourceKey], i) {
		return
	}
	i.seen = now
	i.by.tell(mcp.MethodNotificationResourceUpdated, map[string]any{"uri": i.uri})
}

// policyChanged tells those whose lists are others now.
func (w *watch) policyChanged() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.subscribers {
		before := s.offer
		s.offer = w.t.offerTo(s.actor)
		if s.tools && s.offer.tools != before.tools {
			s.tell(mcp.MethodNotificationToolsListChanged, nil)
		}
		if s.prompts && s.offer.prompts != before.prompts {
			s.tell(mcp.MethodNotificationPromptsListChanged, nil)
		}
	}
	for _, i := range w.interests[resourceKey{kind: kindPolicy}] {
		i.by.tell(mcp.MethodNotificationResourceUpdated, map[string]any{"uri": i.uri})
	}
}
