package ledger

import (
	"maps"
	"slices"
	"sync"
)

// watchers wakes those who wait for a request to change.
type watchers struct {
	mu   sync.Mutex
	byID map[string]map[chan struct{}]bool
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

// ids are the requests that somebody waits for.
func (w *watchers) ids() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(w.byID))
}

func (w *watchers) tell(ids []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		for ch := range w.byID[id] {
			select {
			case ch <- struct{}{}:
			default: // a signal is waiting already
			}
		}
	}
}
