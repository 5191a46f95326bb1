package main

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	noteTime    = 20 * time.Second // of one try: longer than a ledger waits for another's lock
	noteAgain   = 5 * time.Second  // between tries
	noteEndTime = 5 * time.Second  // for what waits when the process ends
)

// policyNotes are what the audit trail is to be told of policies: in order, each
// tried until it is written. A policy is in force before that is written down, so
// nothing waits for the ledger here, and nothing that it didn't take is forgotten.
type policyNotes struct {
	write  func(ctx context.Context, detail string) error
	logger *slog.Logger
	life   context.Context // of the tries
	cancel context.CancelFunc
	ending chan struct{} // closed when each is tried once more and no longer

	mu      sync.Mutex
	waiting []string
	working chan struct{} // closed when nobody works at them any more; nil where nobody does
	ended   bool
	late    bool // the log says that the trail lacks something
}

func newPolicyNotes(logger *slog.Logger, write func(ctx context.Context, detail string) error) *policyNotes {
	n := &policyNotes{write: write, logger: logger, ending: make(chan struct{})}
	n.life, n.cancel = context.WithCancel(context.Background())
	return n
}

// add has the trail told, soon.
func (n *policyNotes) add(detail string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ended {
		n.logger.Error("the audit trail is not told of the policy, since the process ends", "detail", detail)
		return
	}
	n.waiting = append(n.waiting, detail)
	if n.working == nil {
		n.working = make(chan struct{})
		go n.work(n.working)
	}
}

// addNow has the trail told before it returns or, where that fails, soon.
func (n *policyNotes) addNow(detail string) {
	if !n.try(detail) {
		n.add(detail)
	}
}

// end tries once more what waits, and forgets what the ledger doesn't take then.
func (n *policyNotes) end(ctx context.Context) {
	n.mu.Lock()
	working := n.working
	if !n.ended {
		n.ended = true
		close(n.ending)
	}
	n.mu.Unlock()
	if working != nil {
		stop := context.AfterFunc(ctx, n.cancel)
		defer stop()
		<-working
	}
	n.cancel()
}

// work tells the trail until it has been told of all.
func (n *policyNotes) work(done chan<- struct{}) {
	defer close(done)
	for {
		detail, last, some := n.next()
		switch {
		case !some:
			return
		case n.try(detail):
			n.drop()
		case last:
			n.giveUp()
		default:
			n.rest()
		}
	}
}

// next is what the trail is told next. last tells that it is tried for the last time.
func (n *policyNotes) next() (detail string, last, some bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.waiting) == 0 {
		n.working = nil
		return "", false, false
	}
	return n.waiting[0], n.ended, true
}

// drop takes out what the trail was told.
func (n *policyNotes) drop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waiting = slices.Delete(n.waiting, 0, 1)
}

// giveUp forgets all that waits: what comes later in the trail never stands without
// what came before it.
func (n *policyNotes) giveUp() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, detail := range n.waiting {
		n.logger.Error("the audit trail could not be told of the policy, and the process ends", "detail", detail)
	}
	n.waiting = nil
}

// rest waits until it is time for another try.
func (n *policyNotes) rest() {
	again := time.NewTimer(noteAgain)
	defer again.Stop()
	select {
	case <-again.C:
	case <-n.ending:
	}
}

// try tells the trail, and the log when that begins to fail and when it no longer does.
func (n *policyNotes) try(detail string) (written bool) {
	ctx, cancel := context.WithTimeout(n.life, noteTime)
	defer cancel()
	err := n.write(ctx, detail)
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case err != nil && !n.late:
		n.logger.Error("the audit trail could not be told of the policy; it is tried again until it is", "error", err)
	case err == nil && n.late:
		n.logger.Info("the audit trail has been told of the policy")
	}
	n.late = err != nil
	return err == nil
}
