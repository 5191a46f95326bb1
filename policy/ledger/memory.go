package ledger

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"vpsops/internal/seal"
)

// Bounds of a ledger in memory: beyond them the oldest ended requests, audit
// rows and uses of budgets are forgotten.
const (
	maxRequests = 10_000
	maxEvents   = 100_000
	maxUses     = 100_000
)

// Memory is a ledger that lives and dies with the process. It is what
// [NewMemory] returns.
type Memory struct {
	mu       sync.RWMutex
	requests map[string]Request
	order    []string // ids, oldest first
	votes    map[string][]Vote
	spent    map[string]time.Time
	sessions map[string]Session
	events   []Row
	head     head
	clerk    *clerk
	uses     []Use
	holds    []Hold
	posts    map[postKey]Post
	inbox    map[string]Delivery
	passkeys map[string]Passkey
	watchers watchers
}

// NewMemory returns an empty ledger in memory.
func NewMemory() *Memory {
	return &Memory{
		requests: make(map[string]Request),
		votes:    make(map[string][]Vote),
		spent:    make(map[string]time.Time),
		sessions: make(map[string]Session),
		posts:    make(map[postKey]Post),
		inbox:    make(map[string]Delivery),
		passkeys: make(map[string]Passkey),
		clerk:    newClerk(seal.Key{}, 0, 0),
	}
}

// Write implements [Ledger].
func (m *Memory) Write(ctx context.Context, fn func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	changed, err := m.write(fn)
	if err != nil {
		return err
	}
	m.watchers.tell(changed)
	return nil
}

func (m *Memory) write(fn func(Tx) error) (changed []string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	tx := &memoryTx{memoryView: memoryView{m}, proofs: make(proofs)}
	committed := false
	defer func() {
		if !committed {
			tx.rollback()
		}
	}()
	if err := fn(tx); err != nil {
		return nil, err
	}
	committed = true
	m.forget()
	return tx.changed, nil
}

// Read implements [Ledger].
func (m *Memory) Read(ctx context.Context, fn func(ReadTx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return fn(memoryView{m})
}

// Watch implements [Ledger].
func (m *Memory) Watch(requestID string) (<-chan struct{}, func()) {
	return m.watchers.add(requestID)
}

// Changes implements [Ledger].
func (m *Memory) Changes() *Changes { return m.watchers.feed(nil) }

// Close implements [Ledger].
func (m *Memory) Close() error { return nil }

// forget keeps the bounds.
func (m *Memory) forget() {
	if len(m.events) > maxEvents {
		m.events = slices.Clone(m.events[len(m.events)-maxEvents/2:])
		m.forgetPosts(m.events[0].At)
	}
	if len(m.uses) > maxUses {
		m.uses = slices.Clone(m.uses[len(m.uses)-maxUses/2:])
	}
	if len(m.order) <= maxRequests {
		return
	}
	excess := len(m.order) - maxRequests/2
	m.order = slices.DeleteFunc(m.order, func(id string) bool {
		if excess == 0 || !m.requests[id].State.Final() {
			return false
		}
		excess--
		delete(m.requests, id)
		delete(m.votes, id)
		maps.DeleteFunc(m.posts, func(k postKey, _ Post) bool { return k.request == id })
		return true
	})
}

// forgetPosts forgets messages that are about no request, such as rows of the
// trail that are forgotten.
func (m *Memory) forgetPosts(before time.Time) {
	maps.DeleteFunc(m.posts, func(k postKey, p Post) bool {
		_, kept := m.requests[k.request]
		return !kept && p.Done && p.At.Before(before)
	})
}
