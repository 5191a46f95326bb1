package tools

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy/ledger"
)

const (
	lookEvery  = 5 * time.Second // between looks at what the ledger says nothing of
	looksAtOne = 20              // resources looked at a time; the rest come next
	lookTime   = 10 * time.Second
)

// watch tells clients of what they subscribed to. While somebody is subscribed
// to a resource it follows the ledger, and looks now and then at the servers,
// which change by other hands too; else it does nothing.
type watch struct {
	t     *toolset
	every time.Duration

	mu          sync.Mutex
	subscribers []*subscriber
	interests   map[resourceKey][]*interest
	stop        context.CancelFunc // of the one that looks; nil where none does
	next        resourceKey        // where the next look begins
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
		go w.run(ctx, w.t.Desk.Changes())
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

// drop ends interests, and the looking with the last.
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

// run looks until ctx ends.
func (w *watch) run(ctx context.Context, feed *ledger.Changes) {
	defer feed.Close()
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-feed.C():
			w.written(ctx, feed)
		case <-tick.C:
			for _, key := range w.due() {
				w.look(ctx, key, true)
			}
		}
	}
}

// due are the next of the resources, in turn.
func (w *watch) due() []resourceKey {
	keys := w.keys(func(resourceKey) bool { return true })
	if len(keys) <= looksAtOne {
		return keys
	}
	at, _ := slices.BinarySearchFunc(keys, w.next, compareKeys)
	keys = append(keys[at:], keys[:at]...)
	w.next = keys[looksAtOne]
	return keys[:looksAtOne]
}

// keys are the resources that somebody is interested in, in order.
func (w *watch) keys(which func(resourceKey) bool) []resourceKey {
	w.mu.Lock()
	defer w.mu.Unlock()
	var keys []resourceKey
	for key := range w.interests {
		if which(key) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, compareKeys)
	return keys
}

func compareKeys(a, b resourceKey) int {
	return strings.Compare(string(a.kind)+"\x00"+a.account+"\x00"+a.id, string(b.kind)+"\x00"+b.account+"\x00"+b.id)
}

// of are the interests in a resource.
func (w *watch) of(key resourceKey) []*interest {
	w.mu.Lock()
	defer w.mu.Unlock()
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
