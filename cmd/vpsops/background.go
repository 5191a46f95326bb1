package main

import (
	"context"
	"sync"
	"time"
)

// background asks what may take longer than a probe waits. It is asked beside the
// probes, and seldom, as they come often; each is told what it came to last.
type background struct {
	ctx    context.Context // what is asked ends with it
	ask    func(context.Context) error
	age    time.Duration // how long good news holds
	badAge time.Duration // and bad

	asks   sync.WaitGroup
	mu     sync.Mutex
	err    error
	at     time.Time     // when that came; zero before
	asking chan struct{} // closed when the ask under way is over; nil where none is
	over   bool          // nothing more is asked
}

// firstWait is how long a probe waits for the first answer: what hangs holds up none.
const firstWait = 500 * time.Millisecond

// last is what asking came to, and whether it has come to anything yet.
func (b *background) last(ctx context.Context) (err error, known bool) { //nolint:revive // it is what is told, and no failure to tell it
	b.mu.Lock()
	if b.asking == nil && !b.over && b.stale() {
		b.asking = make(chan struct{})
		b.asks.Go(b.once) // it takes longer than the probe that began it, and the next probes are told
	}
	err, known = b.err, !b.at.IsZero()
	asking := b.asking
	b.mu.Unlock()
	if known {
		return err, true
	}
	select {
	case <-asking:
	case <-ctx.Done():
	case <-time.After(firstWait):
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err, !b.at.IsZero()
}

func (b *background) stale() bool {
	age := b.age
	if b.err != nil {
		age = b.badAge
	}
	return b.at.IsZero() || time.Since(b.at) > age
}

// once takes as long as it takes: no probe cuts it short, and the end of the server
// does.
func (b *background) once() {
	err := b.ask(b.ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err, b.at = err, time.Now()
	close(b.asking)
	b.asking = nil
}

// end returns when nothing is asked any more. The context is over by then.
func (b *background) end() {
	b.mu.Lock()
	b.over = true
	b.mu.Unlock()
	b.asks.Wait()
}
