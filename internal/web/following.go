package web

import "sync"

// following are the requests whose servers are looked after, each once however
// many look on.
type following struct {
	mu  sync.Mutex
	ids map[string]bool
}

// begin tells whether nobody looks after it yet.
func (f *following) begin(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ids[id] {
		return false
	}
	if f.ids == nil {
		f.ids = make(map[string]bool)
	}
	f.ids[id] = true
	return true
}

func (f *following) end(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.ids, id)
}
