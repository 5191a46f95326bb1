package gate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

const (
	eventRead       = "read"
	eventReadDenied = "read-denied"

	readFlush  = 10 * time.Second // how long a read waits to be written
	maxReads   = 10_000           // kinds of read in that time; more are dropped
	flushTime  = 10 * time.Second
	allServers = "" // of a list
)

// readKey is one kind of read: who read what of which account, and whether
// they might.
type readKey struct {
	kind     string
	identity policy.Identity
	person   string
	front    policy.Front
	action   policy.Action
	account  string
	server   string
}

// readLog counts reads and writes them into the trail now and then: nobody
// waits for that, and what cannot be written is dropped.
type readLog struct {
	mu     sync.Mutex
	counts map[readKey]*int
	timer  *time.Timer
	closed bool
}

func (g *Gate) noteRead(k readKey) {
	l := &g.reads
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.counts[k]; n != nil {
		*n++
		return
	}
	if len(l.counts) >= maxReads {
		return
	}
	if l.counts == nil {
		l.counts = make(map[readKey]*int)
	}
	l.counts[k] = new(1)
	if l.timer == nil && !l.closed {
		l.timer = time.AfterFunc(readFlush, func() { g.flushReads(false) })
	}
}

// flushReads writes what was counted, a row for each kind of read.
func (g *Gate) flushReads(last bool) {
	l := &g.reads
	l.mu.Lock()
	counts := l.counts
	l.counts, l.timer, l.closed = nil, nil, l.closed || last
	l.mu.Unlock()
	if len(counts) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	err := g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		for _, e := range g.readEvents(counts) {
			if err := tx.Audit(e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		g.Logger.Warn("reads could not be written into the audit trail", "reads", len(counts), "error", err)
	}
}

func (g *Gate) readEvents(counts map[readKey]*int) []ledger.Event {
	events := make([]ledger.Event, 0, len(counts))
	now := g.Now()
	for k, n := range counts {
		events = append(events, ledger.Event{
			At: now, Kind: k.kind, ServerID: k.server, Account: k.account,
			Person: k.person, Identity: k.identity, Front: k.front, Detail: fmt.Sprintf("%s × %d", k.action, *n),
		})
	}
	slices.SortFunc(events, func(a, b ledger.Event) int {
		return cmp.Or(cmp.Compare(a.Identity.String(), b.Identity.String()), cmp.Compare(a.ServerID, b.ServerID), cmp.Compare(a.Detail, b.Detail))
	})
	return events
}
