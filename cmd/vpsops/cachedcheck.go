package main

import (
	"context"
	"sync"
	"time"
)

// cachedCheck asks what may take longer than a probe waits. It is asked beside the
// probes, and seldom, as they come often; each is told what it came to last.
type cachedCheck struct {
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

// last is whether asking has come to anything yet, and to what.
func (c *cachedCheck) last(ctx context.Context) (known bool, err error) {
	c.mu.Lock()
	if c.asking == nil && !c.over && c.stale() {
		c.asking = make(chan struct{})
		c.asks.Go(c.once) // it takes longer than the probe that began it, and the next probes are told
	}
	known, err = !c.at.IsZero(), c.err
	asking := c.asking
	c.mu.Unlock()
	if known {
		return true, err
	}
	select {
	case <-asking:
	case <-ctx.Done():
	case <-time.After(firstWait):
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.at.IsZero(), c.err
}

func (c *cachedCheck) stale() bool {
	age := c.age
	if c.err != nil {
		age = c.badAge
	}
	return c.at.IsZero() || time.Since(c.at) > age
}

// once takes as long as it takes: no probe cuts it short, and the end of the server
// does.
func (c *cachedCheck) once() {
	err := c.ask(c.ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err, c.at = err, time.Now()
	close(c.asking)
	c.asking = nil
}

// end returns when nothing is asked any more. The context is over by then.
func (c *cachedCheck) end() {
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	c.asks.Wait()
}
