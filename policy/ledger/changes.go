package ledger

import "sync"

// maxChanges is how many ids a feed keeps for who does not take them.
const maxChanges = 10_000

// Changes tells which requests are written, by whatever process shares the
// ledger. It is safe for concurrent use.
type Changes struct {
	signal chan struct{}
	mu     sync.Mutex
	ids    map[string]struct{}
	lost   bool
	close  func()
}

// NewChanges returns a feed that tells nothing until it is told: for ledgers.
// onClose, which may be nil, is called when it is closed.
func NewChanges(onClose func()) *Changes {
	return &Changes{signal: make(chan struct{}, 1), ids: make(map[string]struct{}), close: onClose}
}

// C receives when there is something to take.
func (c *Changes) C() <-chan struct{} { return c.signal }

// Take returns the ids of the requests that were written since it was called
// last, in no order; one that was written shortly before may be told once more.
// Where some were missed (the database was out of reach, or too many came at
// once), lost is true: then look at all that matters.
func (c *Changes) Take() (ids []string, lost bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.ids {
		ids = append(ids, id)
	}
	lost = c.lost
	clear(c.ids)
	c.lost = false
	return ids, lost
}

// Close ends the feed. Call it once.
func (c *Changes) Close() {
	if c.close != nil {
		c.close()
	}
}

func (c *Changes) add(ids []string, lost bool) {
	c.mu.Lock()
	for _, id := range ids {
		c.ids[id] = struct{}{}
	}
	if c.lost = c.lost || lost || len(c.ids) > maxChanges; c.lost {
		clear(c.ids)
	}
	some := c.lost || len(c.ids) > 0
	c.mu.Unlock()
	if !some {
		return
	}
	select {
	case c.signal <- struct{}{}:
	default: // a signal is waiting already
	}
}
