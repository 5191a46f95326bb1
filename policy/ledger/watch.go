package ledger

import "sync"

// watchers wakes those who wait for a request to change, and tells the feeds of
// every one.
type watchers struct {
	mu    sync.Mutex
	byID  map[string]map[chan struct{}]bool
	feeds map[*Changes]bool
}

func (w *watchers) add(id string) (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byID == nil {
		w.byID = make(map[string]map[chan struct{}]bool)
	}
	if w.byID[id] == nil {
		w.byID[id] = make(map[chan struct{}]bool)
	}
	w.byID[id][ch] = true
	return ch, func() { w.remove(id, ch) }
}

func (w *watchers) remove(id string, ch chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.byID[id], ch)
	if len(w.byID[id]) == 0 {
		delete(w.byID, id)
	}
}

// feed adds a feed; closed is told when it ends.
func (w *watchers) feed(closed func()) *Changes {
	var c *Changes
	c = NewChanges(func() {
		w.mu.Lock()
		delete(w.feeds, c)
		w.mu.Unlock()
		if closed != nil {
			closed()
		}
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.feeds == nil {
		w.feeds = make(map[*Changes]bool)
	}
	w.feeds[c] = true
	return c
}

func (w *watchers) tell(ids []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		for ch := range w.byID[id] {
			wake(ch)
		}
	}
	for c := range w.feeds {
		c.add(ids, false)
	}
}

// tellAll wakes everybody: what changed is not known.
func (w *watchers) tellAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, channels := range w.byID {
		for ch := range channels {
			wake(ch)
		}
	}
	for c := range w.feeds {
		c.add(nil, true)
	}
}

func wake(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default: // a signal is waiting already
	}
}
